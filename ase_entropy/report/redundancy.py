"""What could be left out of each set: how many configurations carry the most."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy.report.progress import Progress
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.selection import (
    Enough,
    Environments,
    FarthestPoint,
    how_many,
    near_duplicates,
)

__all__ = ['TOLERANCE', 'Redundancy', 'measure_redundancy']

MOST = 20_000  # configurations that are looked at
RANKED = 1000  # of these, by farthest points
TOLERANCE = 0.1  # standard deviations: near-duplicates
FEWEST = 5  # configurations


@dataclass(frozen=True)
class Redundancy:
    """A ranking of a set by farthest points, and its near-duplicates.

    Attributes
    ----------
    looked_at : int
        Configurations that were compared.
    first : list of str
        Places of the ranking, such as ``#7`` or ``id 7``.
    gain_r : (r,) float array
        Distance of each to those before (standard deviations).
    enough : Enough
        Where these have become small.
    duplicates : list of pairs of str
        Places of configurations that may go, and of those that are like them.
    """

    looked_at: int
    first: list[str]
    gain_r: np.ndarray
    enough: Enough
    duplicates: list[tuple[str, str]]


def measure_redundancy(results: Any, dataset: Dataset, progress: Progress) -> None:
    """Rank the configurations of a set, and look for near-duplicates among them."""
    name, number = dataset.name, len(dataset)
    if number < FEWEST:
        results.notes.append(
            f'{name}: fewer than {FEWEST} configurations, nothing to leave out'
        )
        return
    seen_m = np.arange(number)[:: -(-number // MOST)]
    if len(seen_m) < number:
        results.notes.append(
            f'{name}: of its {number} configurations, {len(seen_m)} were looked at for '
            'what could be left out, evenly spaced'
        )
    pool = Environments.of(dataset).part(seen_m)
    ranking = FarthestPoint().rank(pool, number=min(RANKED, len(pool)))
    if not len(ranking) or not ranking.gain_r.max() > 0.0:
        results.notes.append(f'{name}: all configurations are alike')
        return
    progress.configurations(len(seen_m))
    kept_m = seen_m[near_duplicates(pool, TOLERANCE)]
    results.redundancy[name] = Redundancy(
        len(seen_m),
        [_place(dataset, m) for m in seen_m[ranking.chosen_r].tolist()],
        ranking.gain_r,
        how_many(ranking.gain_r),
        [
            (_place(dataset, m), _place(dataset, kept))
            for m, kept in zip(seen_m.tolist(), kept_m.tolist(), strict=True)
            if m != kept
        ],
    )


def _place(dataset: Dataset, configuration: int) -> str:
    """Return the label of a configuration without the name of its set."""
    return dataset.label(configuration).removeprefix(dataset.name).lstrip(', ')
