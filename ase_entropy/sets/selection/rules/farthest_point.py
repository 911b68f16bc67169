"""Farthest points: always what is least like anything chosen so far."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy.sets.selection.rules.comparison import rank_by_comparison
from ase_entropy.sets.selection.rules.greedy import Ranking

__all__ = ['FarthestPoint']


@dataclass(frozen=True)
class FarthestPoint:
    r"""Choose what is farthest from all that was chosen.

    .. math:: g_m = \max_{e \in m}\, \min_{c \in C}\, |\mathbf x_e - \mathbf x_c|

    over environments e of a configuration and environments c, of the same element, that
    are chosen or given. Distances are in standard deviations of the pool. After n
    choices no environment of the pool is farther than the last gain from one of the
    chosen ones: the pool is covered evenly, whatever its density. As distances only
    shrink, few are worked out again at a choice (see :func:`lazy_greedy`).

    The first of an element is its environment that is farthest from the mean of the
    pool.

    Parameters
    ----------
    per : str
        ``'configuration'``: one point for each, mean and spread of its environments.
        ``'environment'``: a configuration is as far as its farthest environment.

    References
    ----------
    .. [1] T. F. Gonzalez, Theor. Comput. Sci. 38, 293 (1985).

    Examples
    --------
    >>> from ase_entropy.sets.selection import Environments
    >>> pool = Environments([[0.0], [1.0], [2.0], [9.0]], range(5), 4 * [74])
    >>> FarthestPoint(per='environment').rank(pool, number=3).chosen_r
    array([3, 0, 2])
    """

    per: str = 'configuration'

    def rank(
        self,
        pool: Any,
        *,
        number: int | None = None,
        atoms: int | None = None,
        given: Any = None,
    ) -> Ranking:
        """Return the choice; gains are distances in standard deviations.

        Parameters
        ----------
        pool : Dataset or Environments
            What is chosen from.
        number, atoms : int, optional
            How many configurations, or atoms: one of the two.
        given : Dataset or Environments, optional
            What is there already: it counts as chosen, and is not chosen again.

        Raises
        ------
        ValueError
            A budget of nothing or of more than there is; a given set with another
            descriptor, or with none of the elements.
        """
        return rank_by_comparison(
            pool, given, self.per, number, atoms, _nearest, _farthest
        )


def _nearest(d2_n: np.ndarray, d2_nc: np.ndarray) -> np.ndarray:
    return np.minimum(d2_n, d2_nc.min(axis=1))


def _farthest(d2_n: np.ndarray) -> float:
    return float(np.sqrt(d2_n.max()))
