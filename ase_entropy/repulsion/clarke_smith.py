"""Clarke-Smith repulsion of atoms of one kind."""

from dataclasses import dataclass

import numpy as np

from ase_entropy import checks
from ase_entropy.chemistry import Sizes

__all__ = ['CUTOFF', 'FLOOR', 'R0', 'ClarkeSmith', 'clarke_smith']

FLOOR = 0.4  # of r0: no pair of a sane cell is closer
R0, CUTOFF = 2.7, 2.71  # Angstrom, of tungsten


def clarke_smith(r, r0, epsilon, n, m):
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
    cutoff: float = CUTOFF

    def __post_init__(self) -> None:
        checks.real('epsilon', self.epsilon, least=0.0)
        checks.real('r0', self.r0, above=0.0)
        checks.real('m', self.m, above=0.0)
        checks.real('n', self.n, above=self.m)
        checks.real('cutoff', self.cutoff, above=0.0)

    @classmethod
    def of(cls, element: str | Sizes) -> 'ClarkeSmith':
        """Return the repulsion of an element: its r0 to its atoms as 2.7 A to tungsten.

        Parameters
        ----------
        element : str or Sizes
            The element, or its sizes if they are not those of the reference state.

        Examples
        --------
        >>> round(ClarkeSmith.of('Al').r0, 3), ClarkeSmith.of('W') == ClarkeSmith()
        (2.825, True)
        """
        sizes = Sizes.of(element)
        if len(sizes.species) > 1:
            raise ValueError(
                f'sizes of {", ".join(sizes.species)}: expected one element, or '
                'MixedClarkeSmith.of(sizes)'
            )
        (symbol,) = sizes.species
        scale = sizes.scale(symbol, symbol)
        return cls(r0=scale * R0, cutoff=scale * CUTOFF)

    @property
    def floor(self) -> float:
        """Distance (Angstrom) below which a pair is not physical any more."""
        return FLOOR * self.r0 if self.epsilon else 0.0

    def numbers_of(self, first: int, second: int) -> tuple[float, float, float]:
        """Return r0 (A), epsilon (eV) and cutoff (A) of two atomic numbers."""
        return float(self.r0), float(self.epsilon), float(self.cutoff)

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
        return clarke_smith(r, self.r0, self.epsilon, self.n, self.m)
