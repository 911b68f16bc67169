"""Entropy: always what is least likely by a kernel density of the chosen ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.sets.selection.rules.comparison import rank_by_comparison
from ase_entropy.sets.selection.rules.greedy import Ranking

__all__ = ['KernelDensity']


@dataclass(frozen=True)
class KernelDensity:
    r"""Choose what is least likely by the density of what was chosen.

    .. math:: g_m = \frac{1}{n_m} \sum_{e \in m}
              \ln\frac{\rho(\mathbf x_e) + 1}{\rho(\mathbf x_e)}, \qquad
              \rho(\mathbf x) = \sum_{c \in C}
              \exp\Big(-\frac{|\mathbf x - \mathbf x_c|^2}{2 h^2}\Big)

    over environments e of a configuration and environments c, of the same element, that
    are chosen or given: what the choice of an environment adds to the logarithm of the
    density there, the sum of which over a set is its entropy. Far from all chosen ones
    it is d²/2h², the square of the distance to the nearest; where many are near it goes
    to 1/rho, so that two points count more than one: a wide kernel sees crowds, a
    narrow one only the nearest. Densities only grow, so that the lazy search is exact.

    The first of an element is its environment that is farthest from the mean of the
    pool.

    Parameters
    ----------
    per : str
        ``'configuration'``: one point for each, mean and spread of its environments;
        or ``'environment'``.
    width : float
        h, in standard deviations of the pool.

    References
    ----------
    .. [1] D. Schwalbe-Koda et al., Nat. Commun. 16, 4014 (2025).

    Examples
    --------
    Both ends, then the middle:

    >>> from ase_entropy.sets.selection import Environments
    >>> pool = Environments([[0.0], [0.2], [4.0], [9.0]], range(5), 4 * [74])
    >>> KernelDensity(per='environment', width=0.5).rank(pool, number=3).chosen_r
    array([3, 0, 2])
    """

    per: str = 'configuration'
    width: float = 1.0

    def __post_init__(self) -> None:
        checks.real('width', self.width, above=0.0)

    def rank(
        self,
        pool: Any,
        *,
        number: int | None = None,
        atoms: int | None = None,
        given: Any = None,
    ) -> Ranking:
        """Return the choice; gains are in nats for each environment.

        Parameters and errors are those of :meth:`FarthestPoint.rank`.
        """
        return rank_by_comparison(
            pool, given, self.per, number, atoms, self._rarity, _rise
        )

    def _rarity(self, rarity_n: np.ndarray, d2_nc: np.ndarray) -> np.ndarray:
        """Return -ln(rho), from that before and squares of distances since."""
        exponent_nc = d2_nc * (-0.5 / self.width**2)
        most_n = np.maximum(exponent_nc.max(axis=1), -rarity_n)
        exponent_nc -= most_n[:, None]
        sum_n = np.exp(exponent_nc).sum(axis=1) + np.exp(-rarity_n - most_n)
        return -most_n - np.log(sum_n)


def _rise(rarity_n: np.ndarray) -> float:
    return float(np.logaddexp(0.0, rarity_n).mean())
