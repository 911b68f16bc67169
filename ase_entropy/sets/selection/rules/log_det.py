"""Information: always what adds most to the determinant of the scatter."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.sets.selection.duplicates import not_given
from ase_entropy.sets.selection.environments import Environments, points_of
from ase_entropy.sets.selection.rules.greedy import Budget, Ranking, lazy_greedy, ranked

__all__ = ['LogDet']


@dataclass(frozen=True)
class LogDet:
    r"""Choose what adds most to the log-determinant of the scatter.

    .. math:: F(C) = \frac12 \sum_z \ln\det\Big(\lambda \mathbf 1
              + \sum_{c \in C_z} \mathbf x_c \mathbf x_c^T\Big),
              \qquad g_m = F(C \cup m) - F(C)

    over environments of each element z. This is D-optimal design: F is, but for a
    constant, the information (nats) that a linear model of the components with a prior
    1/lambda gets from the chosen environments, and up to the logarithm of their number
    it is the entropy of a Gaussian. The center is the mean of the pool and stays there:
    with the mean of what was chosen, gains might grow, and the lazy search would not be
    exact.

    Parameters
    ----------
    per : str
        ``'environment'``, or ``'configuration'``: one point for each, mean and spread
        of its environments.
    ridge : float
        Lambda, in variances of the pool.

    References
    ----------
    .. [1] M. C. Shewry, H. P. Wynn, J. Appl. Stat. 14, 165 (1987).

    Examples
    --------
    The second axis comes second, though the first has longer vectors:

    >>> q_ek = [[9.0, 0.0], [-9.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.0, 0.0]]
    >>> pool = Environments(q_ek, range(6), 5 * [74])
    >>> LogDet(per='environment').rank(pool, number=2).chosen_r
    array([0, 2])
    """

    per: str = 'environment'
    ridge: float = 0.01

    def __post_init__(self) -> None:
        checks.real('ridge', self.ridge, above=0.0)

    def rank(
        self,
        pool: Any,
        *,
        number: int | None = None,
        atoms: int | None = None,
        given: Any = None,
    ) -> Ranking:
        """Return the choice; gains are in nats.

        With `atoms`, the highest gain for each atom comes first: the cost of labels
        grows with atoms.

        Parameters and errors are those of :meth:`FarthestPoint.rank`.
        """
        pool, given = Environments.both(pool, given)
        budget = Budget(pool.sizes_m, number, atoms)
        candidates = not_given(pool, given)
        points, given = points_of(pool, given, self.per)
        scatter = _Scatter(points, given, self.ridge)
        cost_m = np.ones(len(pool)) if atoms is None else pool.sizes_m
        choices = lazy_greedy(scatter.gain, scatter.add, candidates, cost_m)
        return ranked(choices, budget)


class _Scatter:
    """Scatter of what was chosen, for each element."""

    def __init__(
        self, points: Environments, given: Environments | None, ridge: float
    ) -> None:
        self.points = points
        axes = points.q_ek.shape[1]
        elements = np.unique(points.numbers_e).tolist()
        self.scatter = {z: ridge * np.eye(axes) for z in elements}
        self.root: dict[int, np.ndarray] = {}  # R with R R^T the inverse of it
        for z in elements:
            self._add(z, np.empty((0, axes)))
            if given is not None:
                self._add(z, given.q_ek[given.numbers_e == z])

    def _add(self, z: int, x_nx: np.ndarray) -> None:
        self.scatter[z] += x_nx.T @ x_nx
        self.root[z] = np.linalg.inv(np.linalg.cholesky(self.scatter[z])).T

    def _parts(self, m: int) -> list[tuple[int, np.ndarray]]:
        own = slice(*self.points.first_m[m : m + 2])
        x_nx, numbers_n = self.points.q_ek[own], self.points.numbers_e[own]
        if len(self.scatter) == 1:
            return [(next(iter(self.scatter)), x_nx)]
        return [(z, x_nx[numbers_n == z]) for z in np.unique(numbers_n).tolist()]

    def add(self, m: int) -> None:
        """Count a configuration as chosen."""
        for z, x_nx in self._parts(m):
            self._add(z, x_nx)

    def gain(self, m: int) -> float:
        """Return what a configuration would add (nats)."""
        gain = 0.0
        for z, x_nx in self._parts(m):
            y_nx = x_nx @ self.root[z]
            n, axes = y_nx.shape
            gram = y_nx @ y_nx.T if n < axes else y_nx.T @ y_nx
            gram[np.diag_indices(len(gram))] += 1.0
            gain += float(np.log(np.diag(np.linalg.cholesky(gram))).sum())
        return gain
