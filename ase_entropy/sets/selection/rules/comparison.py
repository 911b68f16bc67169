"""Comparison of configurations with those that were chosen, as far as it is needed."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from ase_entropy.sets.blocks import Stack
from ase_entropy.sets.selection.duplicates import not_given
from ase_entropy.sets.selection.environments import Environments, points_of
from ase_entropy.sets.selection.rules.greedy import Budget, Ranking, lazy_greedy, ranked

__all__ = ['Comparison', 'rank_by_comparison']

BLOCK = 4096  # chosen points compared with one configuration at once


def rank_by_comparison(
    pool: Any,
    given: Any,
    per: str,
    number: int | None,
    atoms: int | None,
    update: Callable[[np.ndarray, np.ndarray], np.ndarray],
    gain: Callable[[np.ndarray], float],
) -> Ranking:
    """Return what gains most beside all that was chosen, see :class:`Comparison`."""
    pool, given = Environments.both(pool, given)
    budget = Budget(pool.sizes_m, number, atoms)
    candidates = not_given(pool, given)
    comparison = Comparison(*points_of(pool, given, per), update, gain)
    return ranked(comparison.choices(candidates), budget)


class Comparison:
    """A number for each point, which shrinks with each point chosen of its element.

    Parameters
    ----------
    points : Environments
        Of the pool.
    given : Environments or None
        Points that count as chosen from the beginning.
    update : callable
        Takes the numbers so far, (n,), infinite in the beginning, and the squares of
        the distances to points chosen since, (n, c); returns the numbers, (n,).
    gain : callable
        Takes the numbers of a configuration; returns what it would add.
    """

    def __init__(
        self,
        points: Environments,
        given: Environments | None,
        update: Callable[[np.ndarray, np.ndarray], np.ndarray],
        gain: Callable[[np.ndarray], float],
    ) -> None:
        self.points, self.update, self.gain = points, update, gain
        self.elements = np.unique(points.numbers_e).tolist()
        self.chosen = {z: Stack() for z in self.elements}
        self.seen_mz = np.zeros((len(points), len(self.elements)), int)
        self.value_e = np.full(len(points.q_ek), np.inf)
        if given is not None:
            self._add(given.q_ek, given.numbers_e)

    def choices(self, candidates: list[int]) -> Iterator[tuple[int, float]]:
        """Yield configurations and their gains, the highest first.

        Before these comes, of each element of which there is none, the configuration
        with the environment that is farthest from the mean of the pool; its gain is
        that of this environment if the mean were chosen.
        """
        first = []
        for m, gain in self._first_choices(candidates):
            first.append(m)
            yield m, gain
        others = sorted({*candidates}.difference(first))
        cost_m = np.ones(len(self.points))
        yield from lazy_greedy(self._gain, self.add, others, cost_m)

    def _first_choices(self, candidates: list[int]) -> Iterator[tuple[int, float]]:
        may_m = np.isin(np.arange(len(self.points)), candidates)
        may_e = may_m.repeat(self.points.sizes_m)
        for z in self.elements:
            if self.chosen[z].rows == 0:
                own_e = may_e & (self.points.numbers_e == z)
                size_e = np.where(own_e, (self.points.q_ek**2).sum(axis=1), -1.0)
                e = int(size_e.argmax())
                m = int(np.searchsorted(self.points.first_m, e, side='right')) - 1
                self.add(m)
                value_n = self.update(np.array([np.inf]), size_e[e : e + 1, None])
                yield m, self.gain(value_n)

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

    def _gain(self, m: int) -> float:
        """Return the gain of a configuration, seeing what was chosen since."""
        own = self._own(m)
        x_nx, numbers_n, value_n = (
            a[own] for a in (self.points.q_ek, self.points.numbers_e, self.value_e)
        )
        for place, z in enumerate(self.elements):
            begin, end = self.seen_mz[m, place], self.chosen[z].rows
            own_n = numbers_n == z
            if begin == end or not own_n.any():
                continue
            for at in range(begin, end, BLOCK):
                other_cx = self.chosen[z].array[at : min(at + BLOCK, end)]
                d2_nc = cdist(x_nx[own_n], other_cx, 'sqeuclidean')
                value_n[own_n] = self.update(value_n[own_n], d2_nc)
            self.seen_mz[m, place] = end
        return self.gain(value_n)
