"""Pair repulsion: the excluded volume around every atom."""

from dataclasses import dataclass

import numpy as np
from ase.data import atomic_numbers

from ase_entropy import checks, chemistry
from ase_entropy.pairs import Pairs

__all__ = ['ClarkeSmith', 'MixedClarkeSmith', 'ZieglerBiersackLittmark', 'registry']

FLOOR = 0.4  # of r0: no pair of a sane cell is closer
R0 = 2.7  # Angstrom, of tungsten
REACH = 2.71 / 2.7  # cutoff over r0
COULOMB = 14.399645  # e^2 / (4 pi epsilon_0) in eV Angstrom


def _clarke_smith(r, r0, epsilon, n, m):
    """Return energy and derivative as if there were no cutoff."""
    scale = epsilon / (n - m)
    steep, soft = (r0 / r) ** n, (r0 / r) ** m
    return scale * (m * steep - n * soft), scale * n * m * (soft - steep) / r


@dataclass(frozen=True)
class ClarkeSmith:
    r"""Clarke-Smith n-m repulsion, cut off and shifted to zero there.

    .. math::

        u(r) = \frac{E_0}{n - m} \left[ m \left(\frac{r_0}{r}\right)^n
               - n \left(\frac{r_0}{r}\right)^m \right] - u_\mathrm{raw}(r_c)

    The energy is the literal double sum of Eq. (4): over all i and all j, so that
    every bond counts twice, and an atom's own periodic images count too.

    With the default cutoff, just beyond the minimum at r0, only the repulsive
    branch is left; a cutoff far beyond r0 would add the attractive one. All elements
    count alike: see :class:`MixedClarkeSmith` for several.

    Parameters
    ----------
    epsilon : float
        Energy scale E_0 (eV).
    r0 : float
        Position of the minimum (Angstrom).
    n, m : float
        Exponents, n > m.
    cutoff : float
        Distance where u is cut off (Angstrom).

    Raises
    ------
    ValueError
        Negative epsilon; another parameter not positive; n not larger than m.

    References
    ----------
    .. [1] M. Karabin, D. Perez, J. Chem. Phys. 153, 094110 (2020), Eq. (4).
    .. [2] J. H. R. Clarke, W. Smith, J. Chem. Phys. 84, 2290 (1986).

    Examples
    --------
    >>> u_p, du_dr_p = ClarkeSmith(cutoff=10.0).evaluate(np.array([2.7, 11.0]))
    >>> np.round(u_p, 4)  # -epsilon at r0, less the value at the cutoff
    array([-0.9894,  0.    ])
    """

    epsilon: float = 1.0
    r0: float = R0
    n: float = 8
    m: float = 4
    cutoff: float = 2.71

    def __post_init__(self) -> None:
        checks.real('epsilon', self.epsilon, least=0.0)
        checks.real('r0', self.r0, above=0.0)
        checks.real('m', self.m, above=0.0)
        checks.real('n', self.n, above=self.m)
        checks.real('cutoff', self.cutoff, above=0.0)

    @property
    def floor(self) -> float:
        """Distance (Angstrom) below which a pair is not physical any more."""
        return FLOOR * self.r0 if self.epsilon else 0.0

    def evaluate(self, r_p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the energy of each directed pair and its derivative.

        Parameters
        ----------
        r_p : (p,) float array
            Distances (Angstrom).

        Returns
        -------
        u_p, du_dr_p : (p,) float arrays
            Energies (eV) and derivatives (eV/Angstrom); zero from the cutoff on.
        """
        near_p = r_p < self.cutoff
        u_p = np.zeros_like(r_p)
        du_dr_p = np.zeros_like(r_p)
        u, du_dr = self.raw(r_p[near_p])
        u_p[near_p] = u - self.raw(self.cutoff)[0]
        du_dr_p[near_p] = du_dr
        return u_p, du_dr_p

    def raw(self, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return energy and derivative as if there were no cutoff."""
        return _clarke_smith(r, self.r0, self.epsilon, self.n, self.m)


@dataclass(frozen=True)
class MixedClarkeSmith:
    r"""Clarke-Smith repulsion with a distance and a strength for each pair of elements.

    :class:`ClarkeSmith` with :math:`r_0^{ij} = s\,(R_i + R_j)`, R the covalent radii of
    ASE and s such that two tungsten atoms have 2.7 Angstrom; each pair is cut off and
    shifted at ``reach`` times its own r0.

    Parameters
    ----------
    species : sequence of str
        The elements that the atoms may have.
    r0, epsilon : dict, optional
        Distance (Angstrom) and strength (eV) of some pairs, by names such as 'W-Be'.
        By default the radii decide, and 1 eV.
    n, m : float
        Exponents, n > m.
    reach : float
        Cutoff over r0.

    Raises
    ------
    ValueError
        Unknown elements, pairs of others, numbers out of range; atoms of another
        element.

    Examples
    --------
    >>> round(MixedClarkeSmith(('W', 'Be')).distance('W', 'Be'), 9)
    2.15
    """

    species: tuple[str, ...]
    r0: dict[str, float] | None = None
    epsilon: dict[str, float] | None = None
    n: float = 8
    m: float = 4
    reach: float = REACH

    def __post_init__(self) -> None:
        species = chemistry.symbols('species', self.species)
        object.__setattr__(self, 'species', species)
        for name in ('r0', 'epsilon'):
            for pair, value in (getattr(self, name) or {}).items():
                if not set(pair.split('-')) <= set(species) or pair.count('-') != 1:
                    raise ValueError(
                        f'{name} names {pair!r}: expected pairs of species, such as '
                        f"'{species[0]}-{species[-1]}'"
                    )
                other = '-'.join(reversed(pair.split('-')))
                if other != pair and other in getattr(self, name):
                    raise ValueError(
                        f'{name} names {pair!r} and {other!r}: expected one'
                    )
                checks.real(f'{name}[{pair!r}]', value, above=0.0)
        self._table()  # all distances are known
        checks.real('m', self.m, above=0.0)
        checks.real('n', self.n, above=self.m)
        checks.real('reach', self.reach, above=0.0)

    def distance(self, first: str, second: str) -> float:
        """Return r0 (Angstrom) of two elements."""
        given = self._of_pair(self.r0, first, second)
        if given is not None:
            return given
        scale = R0 / (2.0 * chemistry.radius('species', 'W'))
        return scale * sum(chemistry.radius('species', x) for x in (first, second))

    @property
    def cutoff(self) -> float:
        """Largest distance (Angstrom) at which two atoms repel each other."""
        return self.reach * self._table()[0].max()

    @property
    def floor(self) -> float:
        """Distance (Angstrom) below which no pair is physical any more."""
        return FLOOR * self._table()[0].min()

    def evaluate_pairs(self, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
        """Return the energy of each directed pair (eV) and its derivative, (p,)."""
        chemistry.elements(pairs.numbers_n, self.species)
        r0_kk, epsilon_kk = self._table()
        kinds = {atomic_numbers[symbol]: k for k, symbol in enumerate(self.species)}
        kind_n = np.array([kinds[z] for z in pairs.numbers_n.tolist()], np.intp)
        both = kind_n[pairs.i_p], kind_n[pairs.j_p]
        r0_p, epsilon_p = r0_kk[both], epsilon_kk[both]
        rest = epsilon_p, self.n, self.m
        u_p, du_dr_p = _clarke_smith(pairs.r_p, r0_p, *rest)
        u_p -= _clarke_smith(self.reach * r0_p, r0_p, *rest)[0]
        near_p = pairs.r_p < self.reach * r0_p
        return np.where(near_p, u_p, 0.0), np.where(near_p, du_dr_p, 0.0)

    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """Return r0 and epsilon of all pairs of species, (k, k)."""
        r0_kk = [[self.distance(a, b) for b in self.species] for a in self.species]
        epsilon_kk = [
            [self._of_pair(self.epsilon, a, b) or 1.0 for b in self.species]
            for a in self.species
        ]
        return np.array(r0_kk), np.array(epsilon_kk)

    @staticmethod
    def _of_pair(given: dict | None, first: str, second: str) -> float | None:
        given = given or {}
        return given.get(f'{first}-{second}', given.get(f'{second}-{first}'))


@dataclass(frozen=True)
class ZieglerBiersackLittmark:
    r"""Screened nuclear repulsion of Ziegler, Biersack and Littmark.

    .. math::

        u(r) = \frac{Z_i Z_j e^2}{4\pi\epsilon_0 r} \phi(r/a), \qquad
        a = \frac{0.46850}{Z_i^{0.23} + Z_j^{0.23}}, \qquad
        \phi(x) = \sum_k c_k e^{-d_k x}

    shifted in energy and in force to zero at the cutoff; half of it for each of the two
    directions of a bond. Steeper than :class:`ClarkeSmith`, and of the right size, at
    very short distances; soft at 2 Angstrom. Use it where the training set shall hold
    collisions, with a K to match.

    Parameters
    ----------
    cutoff : float
        Distance where u is cut off (Angstrom).

    References
    ----------
    .. [1] J. F. Ziegler, J. P. Biersack, U. Littmark, The Stopping and Range of Ions
       in Matter (Pergamon, 1985).

    Examples
    --------
    >>> from ase import Atoms
    >>> from ase_entropy.pairs import find_pairs
    >>> pairs = find_pairs(Atoms('W2', [(0, 0, 0), (1, 0, 0)]), 2.71)
    >>> u_p, du_dr_p = ZieglerBiersackLittmark().evaluate_pairs(pairs)
    >>> bool(400 < u_p.sum() < 900)  # eV
    True
    """

    cutoff: float = 2.71

    COEFFICIENTS = ((0.18175, 3.1998), (0.50986, 0.94229), (0.28022, 0.4029))
    COEFFICIENTS += ((0.02817, 0.20162),)

    def __post_init__(self) -> None:
        checks.real('cutoff', self.cutoff, above=0.0)

    @property
    def floor(self) -> float:
        """Distance (Angstrom) below which no pair is physical any more."""
        return 0.1 * self.cutoff

    def evaluate_pairs(self, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
        """Return the energy of each directed pair (eV) and its derivative, (p,)."""
        z_p, other_p = pairs.numbers_n[pairs.i_p], pairs.numbers_n[pairs.j_p]
        u_p, du_dr_p = self._raw(pairs.r_p, z_p, other_p)
        u_end_p, du_dr_end_p = self._raw(np.float64(self.cutoff), z_p, other_p)
        u_p -= u_end_p + (pairs.r_p - self.cutoff) * du_dr_end_p
        near_p = pairs.r_p < self.cutoff
        return np.where(near_p, u_p, 0.0), np.where(near_p, du_dr_p - du_dr_end_p, 0.0)

    def _raw(self, r, z, other):
        """Return half of the energy of a bond and its derivative."""
        a = 0.4685 / (z**0.23 + other**0.23)
        charge = 0.5 * COULOMB * z * other
        phi = sum(c * np.exp(-d * r / a) for c, d in self.COEFFICIENTS)
        slope = sum(-c * d / a * np.exp(-d * r / a) for c, d in self.COEFFICIENTS)
        return charge * phi / r, charge * (slope / r - phi / r**2)


registry = {
    cls.__name__: cls
    for cls in (ClarkeSmith, MixedClarkeSmith, ZieglerBiersackLittmark)
}
