"""What more configurations of each set bring."""

from typing import Any

import numpy as np

from ase_entropy.analysis import coverage_distances, coverage_entropies
from ase_entropy.report.progress import Progress
from ase_entropy.sets.dataset import Dataset

__all__ = ['measure_coverage']

HELD_BACK = 0.2  # of the configurations, to test coverage on
LEAST = 5  # configurations for a coverage curve
TESTED = 2000  # environments that coverage is tested on


def measure_coverage(
    results: Any, rng: np.random.Generator, progress: Progress, workers: int = 1
) -> None:
    """How distances and pooled entropy change with the number of configurations."""
    shuffled = {}
    for dataset in results.sets:
        order_m = rng.permutation(len(dataset))
        if len(dataset) >= LEAST:
            shuffled[dataset.name] = _Shuffled(dataset, order_m)
        else:
            results.notes.append(
                f'{dataset.name}: fewer than {LEAST} configurations, no coverage'
            )
    scale = results.scale
    tested = {name: own.tested(rng) for name, own in shuffled.items()}
    told_apart = results.told_apart
    for name in (dataset.name for dataset in results.sets):
        progress.begin(f'coverage by {name}')
        if name not in shuffled:
            continue
        own = shuffled[name]
        counts = np.unique(np.geomspace(1, own.drawn, 13).round().astype(int)).tolist()
        results.counts[name] = counts
        end = own.first_m[own.drawn]  # what comes after is held back for tests
        grown = own.q_ek[:end], own.first_m[: own.drawn + 1]
        numbers_e = own.numbers_e[:end] if told_apart else None
        for test, (test_ek, test_numbers_e) in tested.items():
            results.distance[name, test] = coverage_distances(
                *grown,
                test_ek,
                scale,
                counts,
                numbers_e=numbers_e,
                test_numbers_e=test_numbers_e if told_apart else None,
                workers=workers,
            )
            if np.isnan(results.distance[name, test]).all():
                results.notes.append(
                    f'{test} has none of the elements of {name} in what is held back '
                    'for tests, hence no coverage'
                )
        results.pooled[name] = coverage_entropies(
            *grown, scale, counts, numbers_e=numbers_e, workers=workers
        )


class _Shuffled:
    """A set in a random order, the last of its configurations held back for tests."""

    def __init__(self, dataset: Dataset, order_m: np.ndarray) -> None:
        first_m = dataset.first_m
        parts = [np.arange(*first_m[m : m + 2]) for m in order_m]
        self.first_m = np.cumsum([0, *(len(part) for part in parts)])
        order_e = np.concatenate(parts)
        self.q_ek = dataset.q_ek[order_e]
        self.numbers_e = dataset.numbers_e[order_e]
        self.drawn = len(dataset) - max(1, round(HELD_BACK * len(dataset)))

    def tested(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return some of the environments that are held back, and their elements."""
        held_ek = self.q_ek[self.first_m[self.drawn] :]
        chosen = self.first_m[self.drawn] + rng.permutation(len(held_ek))[:TESTED]
        return self.q_ek[chosen], self.numbers_e[chosen]
