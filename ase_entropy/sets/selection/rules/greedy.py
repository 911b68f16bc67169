"""Greedy choices: always the configuration that adds most to those before."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ase_entropy import checks

__all__ = ['Budget', 'Ranking', 'lazy_greedy', 'ranked']


@dataclass(frozen=True)
class Ranking:
    """Configurations in the order of their choice: the first n are the choice of n.

    Attributes
    ----------
    chosen_r : (r,) int array
        Their numbers in the pool.
    gain_r : (r,) float array
        What each added to those before it; nan if the rule does not say.
    """

    chosen_r: np.ndarray
    gain_r: np.ndarray

    def __len__(self) -> int:
        """Return the number of configurations."""
        return len(self.chosen_r)


@dataclass(frozen=True)
class Budget:
    """How much may be chosen: so many configurations, or so many atoms.

    Parameters
    ----------
    sizes_m : (m,) int array
        Atoms of each configuration of the pool.
    number : int, optional
        Configurations.
    atoms : int, optional
        Atoms, to half of the last configuration; its choice ends the ranking.

    Raises
    ------
    ValueError
        Both, or none, of `number` and `atoms`; more than the pool has.
    """

    sizes_m: np.ndarray
    number: int | None = None
    atoms: int | None = None

    def __post_init__(self) -> None:
        if (self.number is None) == (self.atoms is None):
            raise ValueError(
                f'number={self.number} and atoms={self.atoms}: expected one of them'
            )
        there = {'number': len(self.sizes_m), 'atoms': int(self.sizes_m.sum())}
        for name, most in there.items():
            wanted = getattr(self, name)
            if wanted is not None and checks.whole(name, wanted, least=1) > most:
                what = 'configurations' if name == 'number' else 'atoms'
                raise ValueError(
                    f'{name}={wanted}: expected at most {most}, the {what} to choose '
                    'from'
                )

    def allows(self, number: int, atoms: int, size: int) -> bool:
        """Return whether another configuration may be chosen after some."""
        if self.atoms is None:
            return number < self.number
        return atoms + size / 2 <= self.atoms


def ranked(choices: Iterator[tuple[int, float]], budget: Budget) -> Ranking:
    """Return the first of the choices, as far as the budget goes."""
    chosen: list[int] = []
    gains: list[float] = []
    atoms = 0
    for m, gain in choices:
        size = int(budget.sizes_m[m])
        if not budget.allows(len(chosen), atoms, size):
            break
        chosen.append(m)
        gains.append(gain)
        atoms += size
        if not budget.allows(len(chosen), atoms, 0):
            break
    return Ranking(np.array(chosen, int), np.array(gains, float))


def lazy_greedy(
    gain: Callable[[int], float],
    add: Callable[[int], None],
    candidates: list[int],
    cost_m: np.ndarray,
) -> Iterator[tuple[int, float]]:
    """Yield configurations and their gains, the highest gain for its cost first.

    Gains must not grow when others are chosen. An earlier gain is then a bound, and
    only those whose bound is highest are evaluated again: the choices are those of
    evaluating all, each time. Equal gains: the first in the pool. Ends where nothing is
    gained any more.

    Parameters
    ----------
    gain : callable
        Takes the number of a configuration, and returns what it would add.
    add : callable
        Called with the number of each that is chosen.
    candidates : list of int
        Configurations to choose from.
    cost_m : (m,) array
        Costs of all configurations of the pool.

    References
    ----------
    .. [1] M. Minoux, Optimization Techniques, Springer 1978, p. 234.

    Examples
    --------
    >>> [m for m, _ in lazy_greedy([3.0, 8.0].__getitem__, print, [0, 1], [1, 4])]
    0
    1
    [0, 1]
    """
    bounds = [(-np.inf, m, -1) for m in candidates]  # and the choice when worked out
    choice = 0
    while bounds:
        bound, m, when = heapq.heappop(bounds)
        if when < choice:
            heapq.heappush(bounds, (-gain(m) / cost_m[m], m, choice))
            continue
        if bound >= 0.0:
            return
        add(m)
        yield m, -bound * float(cost_m[m])
        choice += 1
