"""Farthest points: always what is least like anything chosen so far."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from ase_entropy.sets.blocks import Stack
from ase_entropy.sets.selection.duplicates import not_given
from ase_entropy.sets.selection.environments import Environments, points_of
from ase_entropy.sets.selection.greedy import Budget, Ranking, lazy_greedy, ranked

__all__ = ['FarthestPoint']

BLOCK = 4096  # chosen points compared with one configuration at once


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
        pool, given = Environments.both(pool, given)
        budget = Budget(pool.sizes_m, number, atoms)
        candidates = not_given(pool, given)
        points, given = points_of(pool, given, self.per)
        distances = _Distances(points, given)
        return ranked(_choices(distances, candidates), budget)


def _choices(distances: '_Distances', candidates: list[int]) -> Iterator[tuple]:
    first = []
    for m, gain in distances.first_choices(candidates):
        first.append(m)
        yield m, gain
    others = sorted({*candidates}.difference(first))
    cost_m = np.ones(len(distances.points))
    yield from lazy_greedy(distances.gain, distances.add, others, cost_m)


class _Distances:
    """Distance of each point to the nearest that was chosen, of the same element."""

    def __init__(self, points: Environments, given: Environments | None) -> None:
        self.points = points
        self.elements = np.unique(points.numbers_e).tolist()
        self.chosen = {z: Stack() for z in self.elements}
        self.seen_mz = np.zeros((len(points), len(self.elements)), int)
        self.d2_e = np.full(len(points.q_ek), np.inf)
        if given is not None:
            self._add(given.q_ek, given.numbers_e)

    def first_choices(self, candidates: list[int]) -> Iterator[tuple[int, float]]:
        """Choose a configuration with each element of which there is none."""
        may_m = np.isin(np.arange(len(self.points)), candidates)
        may_e = may_m.repeat(self.points.sizes_m)
        for z in self.elements:
            if self.chosen[z].rows == 0:
                own_e = may_e & (self.points.numbers_e == z)
                size_e = np.where(own_e, (self.points.q_ek**2).sum(axis=1), -1.0)
                e = int(size_e.argmax())
                m = int(np.searchsorted(self.points.first_m, e, side='right')) - 1
                self.add(m)
                yield m, float(np.sqrt(size_e[e]))

    def add(self, m: int) -> None:
        """Count a configuration as chosen."""
        own = self._own(m)
        self._add(self.points.q_ek[own], self.points.numbers_e[own])

    def _add(self, x_nx: np.ndarray, numbers_n: np.ndarray) -> None:
        for z in self.elements:
            if (own_n := numbers_n == z).any():
                self.chosen[z].add(x_nx[own_n])

    def _own(self, m: int) -> slice:
        return slice(*self.points.first_m[m : m + 2])

    def gain(self, m: int) -> float:
        """Return the distance of a configuration, seeing what was chosen since."""
        own = self._own(m)
        x_nx, numbers_n, d2_n = (
            a[own] for a in (self.points.q_ek, self.points.numbers_e, self.d2_e)
        )
        for place, z in enumerate(self.elements):
            begin, end = self.seen_mz[m, place], self.chosen[z].rows
            own_n = numbers_n == z
            if begin == end or not own_n.any():
                continue
            for at in range(begin, end, BLOCK):
                other_cx = self.chosen[z].array[at : min(at + BLOCK, end)]
                d2_nc = cdist(x_nx[own_n], other_cx, 'sqeuclidean')
                d2_n[own_n] = np.minimum(d2_n[own_n], d2_nc.min(axis=1))
            self.seen_mz[m, place] = end
        return float(np.sqrt(d2_n.max()))
