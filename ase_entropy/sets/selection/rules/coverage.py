"""Coverage: always what brings the pool nearest to the chosen ones, on average."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from ase_entropy._kernels.distances import squares
from ase_entropy.sets.selection.duplicates import not_given
from ase_entropy.sets.selection.environments import Environments, points_of
from ase_entropy.sets.selection.rules.greedy import Budget, Ranking, lazy_greedy, ranked

__all__ = ['Coverage']

BLOCK = 500  # given configurations that are compared at once


@dataclass(frozen=True)
class Coverage:
    r"""Choose what shortens the mean distance of the pool to the chosen ones most.

    .. math:: g_m = \frac1M \sum_i \big[ d_i(C) - d_i(C \cup m) \big],
              \qquad d_i(C) = \min_{c \in C} |\mathbf x_i - \mathbf x_c|

    over all M configurations i of the pool, each a point as in :class:`FarthestPoint`
    per configuration; the mean of the pool counts as chosen from the beginning. Where
    the pool is dense more are chosen, and none for being far from all others. Gains
    only shrink, so that the lazy search is exact. Two lonely neighbors gain the same,
    and rounding decides which of them is chosen. Each gain needs M distances: up to
    some 20,000 configurations.

    References
    ----------
    .. [1] L. Kaufman, P. J. Rousseeuw, Finding Groups in Data, Wiley 1990, ch. 2.

    Examples
    --------
    The lonely end of the pool, and the middle of the others, which are more:

    >>> pool = Environments([[0.0], [1.0], [2.0], [8.0], [9.0]], range(6), 5 * [74])
    >>> Coverage().rank(pool, number=2).chosen_r
    array([3, 1])
    """

    def rank(
        self,
        pool: Any,
        *,
        number: int | None = None,
        atoms: int | None = None,
        given: Any = None,
    ) -> Ranking:
        """Return the choice; gains are in standard deviations.

        Parameters and errors are those of :meth:`FarthestPoint.rank`.
        """
        pool, given = Environments.both(pool, given)
        budget = Budget(pool.sizes_m, number, atoms)
        candidates = not_given(pool, given)
        points, given = points_of(pool, given, 'configuration')
        x_mx = points.q_ek
        d_m = np.linalg.norm(x_mx, axis=1)
        if given is not None:
            for begin in range(0, len(given), BLOCK):
                other_cx = given.q_ek[begin : begin + BLOCK]
                np.minimum(d_m, cdist(x_mx, other_cx).min(axis=1), out=d_m)
        x_xm, d2_m = np.ascontiguousarray(x_mx.T), np.empty(len(x_mx))

        def distances(m: int) -> np.ndarray:
            squares(x_xm, x_xm, m, len(d2_m), d2_m)
            return np.sqrt(d2_m)

        def gain(m: int) -> float:
            return float(np.maximum(d_m - distances(m), 0.0).mean())

        def add(m: int) -> None:
            np.minimum(d_m, distances(m), out=d_m)

        choices = lazy_greedy(gain, add, candidates, np.ones(len(pool)))
        return ranked(choices, budget)
