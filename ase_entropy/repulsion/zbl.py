"""Repulsion of nuclei, for collisions."""

from dataclasses import dataclass

import numpy as np

from ase_entropy import checks
from ase_entropy.pairs import Pairs
from ase_entropy.repulsion.clarke_smith import CUTOFF

__all__ = ['ZieglerBiersackLittmark']

COULOMB = 14.399645  # e^2 / (4 pi epsilon_0) in eV Angstrom


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

    cutoff: float = CUTOFF

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
        of_p = self.numbers_of(z_p, other_p)
        u_p, du_dr_p = self.unshifted(pairs.r_p, *of_p)
        u_end_p, du_dr_end_p = self.unshifted(np.float64(self.cutoff), *of_p)
        u_p -= u_end_p + (pairs.r_p - self.cutoff) * du_dr_end_p
        near_p = pairs.r_p < self.cutoff
        return np.where(near_p, u_p, 0.0), np.where(near_p, du_dr_p - du_dr_end_p, 0.0)

    def numbers_of(
        self, z: np.ndarray, other: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return half of the charges' product (eV Angstrom), and a (Angstrom)."""
        return 0.5 * COULOMB * z * other, 0.4685 / (z**0.23 + other**0.23)

    def unshifted(
        self, r: np.ndarray, charge: np.ndarray, a: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return half of the energy of a bond (eV) and its derivative, not cut off."""
        phi = sum(c * np.exp(-d * r / a) for c, d in self.COEFFICIENTS)
        slope = sum(-c * d / a * np.exp(-d * r / a) for c, d in self.COEFFICIENTS)
        return charge * phi / r, charge * (slope / r - phi / r**2)
