"""Clarke-Smith repulsion of several elements."""

from dataclasses import dataclass

import numpy as np
from ase.data import atomic_numbers, chemical_symbols

from ase_entropy import checks, chemistry
from ase_entropy.chemistry import Sizes
from ase_entropy.pairs import Pairs
from ase_entropy.repulsion.clarke_smith import CUTOFF, FLOOR, R0, clarke_smith

__all__ = ['MixedClarkeSmith']

REACH = CUTOFF / R0


@dataclass(frozen=True)
class MixedClarkeSmith:
    r"""Clarke-Smith repulsion with a distance and a strength for each pair of elements.

    :class:`ClarkeSmith` with an r0 for each pair, which is to the distance of neighbors
    as 2.7 Angstrom to that in tungsten: see :class:`~ase_entropy.chemistry.Sizes`. Each
    pair is cut off and shifted at ``reach`` times its own r0.

    Parameters
    ----------
    species : sequence of str
        The elements that the atoms may have.
    r0, epsilon : dict, optional
        Distance (Angstrom) and strength (eV) of some pairs, by names such as 'W-Be'.
        By default the sizes in the reference states decide, and 1 eV.
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
    >>> repulsion = MixedClarkeSmith(('W', 'Be'), {'Be-Be': 2.1})
    >>> repulsion.distance('Be', 'Be'), round(repulsion.distance('W', 'Be'), 3)
    (2.1, 2.449)
    """

    species: tuple[str, ...]
    r0: dict[str, float] | None = None
    epsilon: dict[str, float] | None = None
    n: float = 8
    m: float = 4
    reach: float = REACH

    def __post_init__(self) -> None:
        if isinstance(self.species, Sizes):
            raise ValueError(
                'species is Sizes: expected symbols, or MixedClarkeSmith.of(sizes)'
            )
        species = checks.symbols('species', self.species)
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
        for symbol in species:
            chemistry.radius('species', symbol)  # or an error
        object.__setattr__(self, 'r0', _r0_of(Sizes(species)) | _sorted(self.r0))
        checks.real('m', self.m, above=0.0)
        checks.real('n', self.n, above=self.m)
        checks.real('reach', self.reach, above=0.0)

    @classmethod
    def of(cls, sizes: Sizes) -> 'MixedClarkeSmith':
        """Return the repulsion of atoms of these sizes."""
        sizes = Sizes.of(sizes)
        return cls(sizes.species, _r0_of(sizes))

    @classmethod
    def fromdict(cls, dct: dict) -> 'MixedClarkeSmith':
        """Rebuild a repulsion from JSON.

        Where version 0.1 left distances open, they were those of the covalent radii.
        """
        species = checks.symbols('species', dct['species'])
        radii = {x: 2.0 * chemistry.radius('species', x) for x in (*species, 'W')}
        covalent = Sizes(species, {x: radii[x] for x in species})
        scale = Sizes(('W',)).distance('W') / radii['W']
        r0 = {pair: scale * r0 for pair, r0 in _r0_of(covalent).items()}
        return cls(**{**dct, 'r0': r0 | _sorted(dct.get('r0'))})

    def distance(self, first: str, second: str) -> float:
        """Return r0 (Angstrom) of two elements."""
        return self.r0[chemistry.pair_name(first, second)]

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
        u_p, du_dr_p = clarke_smith(pairs.r_p, r0_p, *rest)
        u_p -= clarke_smith(self.reach * r0_p, r0_p, *rest)[0]
        near_p = pairs.r_p < self.reach * r0_p
        return np.where(near_p, u_p, 0.0), np.where(near_p, du_dr_p, 0.0)

    def numbers_of(self, first: int, second: int) -> tuple[float, float, float]:
        """Return r0 (A), epsilon (eV) and cutoff (A) of two atomic numbers.

        Raises
        ------
        ValueError
            Another element than the species.
        """
        chemistry.elements(np.array([first, second]), self.species)
        names = [chemical_symbols[z] for z in (first, second)]
        r0 = self.distance(*names)
        given = _sorted(self.epsilon)
        epsilon = given.get(chemistry.pair_name(*names), 1.0)
        return r0, float(epsilon), self.reach * r0

    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """Return r0 and epsilon of all pairs of species, (k, k)."""
        known = [atomic_numbers[symbol] for symbol in self.species]
        numbers_kkx = np.array([[self.numbers_of(a, b) for b in known] for a in known])
        return numbers_kkx[..., 0], numbers_kkx[..., 1]


def _r0_of(sizes: Sizes) -> dict[str, float]:
    """Return r0 (Angstrom) of all pairs."""
    return {pair: R0 * sizes.scale(*pair.split('-')) for pair in sizes.pairs()}


def _sorted(given: dict | None) -> dict[str, float]:
    """Return numbers of pairs by their names in the order of the alphabet."""
    pairs = (given or {}).items()
    return {chemistry.pair_name(*pair.split('-')): value for pair, value in pairs}
