"""Rules that choose few of many configurations, by name: ours, and other libraries'.

All see the same descriptors. scikit-matter's look at configurations, as points of mean
and spread of their environments, standardized as ours are; QUESTS' at environments,
standardized, or by a descriptor of its own: pip install skmatter quests.
"""

from typing import NamedTuple

import numpy as np

from ase_entropy.sets.selection import (
    Coverage,
    Environments,
    FarthestPoint,
    KernelDensity,
    LogDet,
    Random,
    Ranking,
)
from ase_entropy.sets.selection.environments import points_of
from ase_entropy.sets.selection.rules.greedy import Budget, ranked

__all__ = ['rules_of']

LIBRARIES = ('scikit-matter FPS', 'scikit-matter CUR', 'QUESTS msc')
WIDTH = 1.0  # of QUESTS' kernel, in standard deviations of the pool


class Library(NamedTuple):
    """A rule of another library, with the arguments that ours take."""

    name: str
    seed: int

    def rank(self, pool, *, number=None, atoms=None, given=None) -> Ranking:
        """Return its choice; gains are not a number."""
        if given is not None:
            raise ValueError(f'{self.name}: expected no given set')
        pool = Environments.of(pool)
        budget = Budget(pool.sizes_m, number, atoms)
        per = 'environment' if self.name == 'QUESTS msc' else 'configuration'
        points, _ = points_of(pool, None, per)
        most = len(pool) if number is None else number
        if atoms is not None:  # the smallest ones might be chosen
            most = 1 + int(np.searchsorted(np.cumsum(np.sort(pool.sizes_m)), atoms))
        chosen = _choose(self.name, points, min(most, len(pool)), self.seed)
        return ranked(((int(m), np.nan) for m in chosen), budget)


def _choose(name: str, points: Environments, number: int, seed: int):
    if name == 'QUESTS msc':
        from quests.compression.fps import msc
        from quests.entropy import entropy

        parts = np.split(points.q_ek, points.first_m[1:-1])
        entropies = np.array([entropy(part, h=WIDTH) for part in parts])
        return msc(parts, entropies, number, h=WIDTH)
    from skmatter import sample_selection

    if name == 'scikit-matter FPS':
        rule = sample_selection.FPS(n_to_select=number, initialize=0)
    else:
        rule = sample_selection.CUR(n_to_select=number)
    return rule.fit(points.q_ek).selected_idx_


def rules_of(seed: int, libraries: bool = False) -> dict:
    """Return the rules by their names."""
    rules = {
        'random': Random(seed),
        'coverage': Coverage(),
        **_both('farthest point', FarthestPoint),
        **_both('log-det', LogDet),
        **_both('kernel density', KernelDensity),
    }
    if libraries:
        rules |= {name: Library(name, seed) for name in LIBRARIES}
    return rules


def _both(name: str, kind) -> dict:
    return {f'{name}, per {per}': kind(per) for per in ('configuration', 'environment')}
