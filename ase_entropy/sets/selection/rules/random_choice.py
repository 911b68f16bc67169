"""The baseline: any configuration, each as likely."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.sets.selection.duplicates import not_given
from ase_entropy.sets.selection.environments import Environments
from ase_entropy.sets.selection.rules.greedy import Budget, Ranking, ranked

__all__ = ['Random']


@dataclass(frozen=True)
class Random:
    """Choose at random, what every other rule should be compared with.

    Parameters
    ----------
    seed : int
        Of the random order; there is no default.

    Examples
    --------
    >>> pool = Environments(np.zeros((9, 1)), range(10), 9 * [74])
    >>> few, more = (Random(seed=1).rank(pool, number=n).chosen_r for n in (3, 6))
    >>> bool((few == more[:3]).all())
    True
    """

    seed: int

    def __post_init__(self) -> None:
        checks.whole('seed', self.seed, least=0)

    def rank(
        self,
        pool: Any,
        *,
        number: int | None = None,
        atoms: int | None = None,
        given: Any = None,
    ) -> Ranking:
        """Return the choice, as the other rules do; gains are nan.

        What is `given` is not chosen again, and has no other part in it.
        """
        pool, given = Environments.both(pool, given)
        budget = Budget(pool.sizes_m, number, atoms)
        candidates = not_given(pool, given)
        order_m = np.random.default_rng(self.seed).permutation(candidates)
        return ranked(((int(m), np.nan) for m in order_m), budget)
