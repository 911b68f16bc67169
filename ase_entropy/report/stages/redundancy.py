"""What could be left out of each set: how many configurations carry the most."""

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy.report.progress import Progress
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.selection import (
    Environments,
    FarthestPoint,
    how_many,
    is_isolated,
    neighbor_distance,
    redundant,
    usual_descriptor,
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
        Configurations that were compared, isolated atoms included.
    isolated : int
        Isolated atoms, which are not ranked, and never redundant.
    first : list of str
        Places of the ranking, such as ``#7`` or ``id 7``.
    gain_r : (r,) float array
        Distance of each to those before (standard deviations).
    neighbors : float
        Distance of neighbors in the set (standard deviations; median).
    enough : int or None
        After how many of them gains are below that.
    duplicates : list of three str
        Places of configurations that may go, with their formulas, and of those that are
        like them.
    """

    looked_at: int
    isolated: int
    first: list[str]
    gain_r: np.ndarray
    neighbors: float
    enough: int | None
    duplicates: list[tuple[str, str, str]]


def measure_redundancy(
    results: Any,
    dataset: Dataset,
    progress: Progress,
    executor: Executor | None = None,
) -> None:
    """Rank the configurations of a set, and look for near-duplicates among them.

    As ``ase-entropy select`` does: with its descriptor, and without isolated atoms.
    """
    name, number = dataset.name, len(dataset)
    if number < FEWEST:
        results.notes.append(
            f'{name}: fewer than {FEWEST} configurations, nothing to leave out'
        )
        return
    try:
        dataset = dataset.with_descriptor(
            usual_descriptor(dataset.species),
            executor=executor,
            progress=progress.configurations,
        )
    except ValueError as error:
        results.notes.append(f'{name}: cannot tell what could be left out ({error})')
        return
    seen_m = np.arange(number)[:: -(-number // MOST)]
    if len(seen_m) < number:
        results.notes.append(
            f'{name}: of its {number} configurations, {len(seen_m)} were looked at for '
            'what could be left out, evenly spaced'
        )
    pool = Environments.of(dataset).part(seen_m)
    isolated_m = is_isolated(dataset)[seen_m]
    others_m = seen_m[~isolated_m]
    if not len(others_m):
        results.notes.append(f'{name}: isolated atoms only, nothing to leave out')
        return
    others = pool.part(np.flatnonzero(~isolated_m))
    ranking = FarthestPoint().rank(others, number=min(RANKED, len(others)))
    if not len(ranking) or not ranking.gain_r.max() > 0.0:
        results.notes.append(f'{name}: all configurations are alike')
        return
    neighbors = neighbor_distance(others)
    kept_m = seen_m[redundant(pool, isolated_m, TOLERANCE)]
    gone = seen_m != kept_m
    results.redundancy[name] = Redundancy(
        len(seen_m),
        int(isolated_m.sum()),
        [_place(dataset, m) for m in others_m[ranking.chosen_r].tolist()],
        ranking.gain_r,
        neighbors,
        how_many(ranking.gain_r, neighbors),
        [
            (_place(dataset, m), _formula(dataset, m), _place(dataset, kept))
            for m, kept in zip(
                seen_m[gone].tolist(), kept_m[gone].tolist(), strict=True
            )
        ],
    )


def _formula(dataset: Dataset, configuration: int) -> str:
    own = slice(*dataset.first_m[configuration : configuration + 2])
    return Atoms(dataset.numbers_e[own]).get_chemical_formula()


def _place(dataset: Dataset, configuration: int) -> str:
    """Return the label of a configuration without the name of its set."""
    return dataset.label(configuration).removeprefix(dataset.name).lstrip(', ')
