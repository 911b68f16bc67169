"""What sets cover of each other, and what more configurations of each bring."""

from typing import Any, NamedTuple

import numpy as np

from ase_entropy.analysis import (
    are_covered,
    coverage_distances,
    coverage_entropies,
)
from ase_entropy.report.progress import Progress
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.selection import Environments

__all__ = ['Covered', 'Halves', 'measure_coverage', 'measure_covered']

HELD_BACK = 0.2  # of the configurations, to test coverage on
LEAST = 5  # configurations for a coverage curve
TESTED = 2000  # environments that coverage is tested on
SPLITS = 8  # of a set, into what is held back and the rest; parts for an error


class Covered(NamedTuple):
    """Share of environments that a set covers, and its statistical error.

    Parameters
    ----------
    share, error : float
        Of other sets: the standard error by parts of the set covered. Of its own
        environments that are held back: the scatter over the splits.
    """

    share: float
    error: float

    def __str__(self) -> str:
        """Return both in percent."""
        if not np.isfinite(self.error):
            return f'{self.share:.0%}'
        digits = 1 if 0.0 < self.error < 0.01 else 0
        share, error = 100.0 * self.share, 100.0 * self.error
        return f'{share:.{digits}f} ± {error:.{digits}f}%'


class Halves(NamedTuple):
    """What a set covers of configurations of its own kind that it does not hold.

    Parameters
    ----------
    configurations : int
        Of the set, less those held back for tests.
    half, whole : Covered
        What half of these cover, and all.
    """

    configurations: int
    half: Covered
    whole: Covered


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


def measure_covered(results: Any, rng: np.random.Generator, workers: int = 1) -> None:
    """Measure what each set covers of the others, and of its own kind."""
    for dataset in results.sets:
        if len(dataset) >= LEAST:
            own = results.halves[dataset.name] = _halves(results, dataset, rng, workers)
            results.covered[dataset.name, dataset.name] = own.whole
        for test in results.sets:
            if test is not dataset:
                places = np.linspace(0, len(test.q_ek) - 1, min(TESTED, len(test.q_ek)))
                covered_e = _covered(
                    results, dataset, test, places.round().astype(int), test, workers
                )
                results.covered[dataset.name, test.name] = _with_error(covered_e)


def _halves(
    results: Any, dataset: Dataset, rng: np.random.Generator, workers: int
) -> Halves:
    """Return what a set covers of a fifth of it that is held back, and half of it."""
    every = Environments.of(dataset)
    drawn = len(dataset) - max(1, round(HELD_BACK * len(dataset)))
    shares = []
    for _ in range(SPLITS):
        order_m = rng.permutation(len(dataset))
        held = every.part(np.sort(order_m[drawn:]))
        tested = rng.permutation(len(held.q_ek))[:TESTED]
        parts = [every.part(np.sort(order_m[:n])) for n in (drawn // 2, drawn)]
        shares.append(
            [_covered(results, p, held, tested, dataset, workers).mean() for p in parts]
        )
    means, errors = np.mean(shares, axis=0), np.std(shares, axis=0, ddof=1)
    half, whole = (Covered(*map(float, x)) for x in zip(means, errors, strict=True))
    return Halves(drawn, half, whole)


def _covered(
    results: Any, train: Any, test: Any, tested: np.ndarray, scale: Any, workers: int
) -> np.ndarray:
    """Return which of some environments are covered, (e,) bool."""
    numbers = None
    if results.told_apart:
        numbers = train.numbers_e, test.numbers_e[tested], scale.numbers_e
    return are_covered(
        train.q_ek, test.q_ek[tested], scale.q_ek, numbers=numbers, workers=workers
    )


def _with_error(covered_e: np.ndarray) -> Covered:
    parts = [part.mean() for part in np.array_split(covered_e, SPLITS) if len(part)]
    several = len(parts) > 1
    error = np.std(parts, ddof=1) / np.sqrt(len(parts)) if several else np.nan
    return Covered(float(covered_e.mean()), float(error))


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
