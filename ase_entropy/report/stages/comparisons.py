"""Comparisons of sets, and of the components of each."""

import dataclasses
from concurrent.futures import Executor
from typing import Any

import numpy as np

from ase_entropy.analysis import (
    autocorrelation,
    decomposition_sizes,
    multiple_correlation,
    principal_map,
    surrogate_error,
)
from ase_entropy.analysis.decompositions import TESTING, TRAINING
from ase_entropy.descriptors import Bispectrum
from ase_entropy.report.progress import Progress
from ase_entropy.report.replay import effort, replay
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.environments import component_names

__all__ = [
    'FIRST',
    'autocorrelate',
    'correlate_higher',
    'measure_distances',
    'project_sets',
    'replay_cycle',
]

FIRST = 6  # components that explain the others
HIGHEST = 8  # twojmax of the components to be explained
EIGHTH = 7  # the component that Figs. 5 and 7 show
SEVERAL = 3  # environments; smaller sets do not set the numbers of others
LAGS = 10
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError, FloatingPointError)
TRIED = 50  # rows, for one that has a course
MOST_EFFORT = 5_000_000  # atoms times evaluations of V, half a minute


def measure_distances(
    results: Any, decompositions: int, rngs: list, progress: Progress, workers: int = 1
) -> None:
    """Distances for every pair of sets; the same numbers of environments for all.

    Only sets of one or two environments are trained and tested with what they have, and
    do not scale down the others.
    """
    training, testing = _note_numbers(results)
    pairs = [(train, test) for train in results.sets for test in results.sets]
    for (train, test), rng in zip(pairs, rngs, strict=True):
        progress.begin(f'distances, trained on {train.name}, tested on {test.name}')
        if test is train and len(train.q_ek) < 2:
            continue
        results.surrogate[train.name, test.name] = surrogate_error(
            train.q_ek,
            None if test is train else test.q_ek,
            results.scale,
            rng=rng,
            training=min(training, len(train.q_ek)),
            testing=min(testing, len(test.q_ek)),
            decompositions=decompositions,
            train_numbers_e=results.numbers(train),
            test_numbers_e=results.numbers(test),
            workers=workers,
        )
        alone = results.surrogate[train.name, test.name].alone
        if alone > 0.0:
            results.notes.append(
                f'{alone:.2g} of the test environments of {test.name} are of elements '
                f'that the training environments drawn of {train.name} lack: they are '
                'left out of the distances'
            )


def _note_numbers(results: Any) -> tuple[int, int]:
    """Return how many environments are trained and tested on, and say so."""
    number = {dataset.name: len(dataset.q_ek) for dataset in results.sets}
    several = [name for name in number if number[name] >= SEVERAL]
    smallest = min(several or [max(number, key=number.get)], key=number.get)
    sizes = decomposition_sizes(max(2, number[smallest]))
    if sizes != (TRAINING, TESTING):
        results.notes.append(
            f'{smallest} has {number[smallest]} environments, fewer than '
            f'{TRAINING + TESTING}: distances are those to {sizes[0]} training '
            f'environments, tested on {sizes[1]}, in all sets. They are larger than '
            f'those to {TRAINING}.'
        )
    for name in number:
        if number[name] == 1:
            results.notes.append(
                f'{name} is a single environment: it is not tested on itself'
            )
        elif number[name] < SEVERAL and name != smallest:
            results.notes.append(
                f'{name} has {number[name]} environments: it is trained and tested '
                'with as many'
            )
    return sizes


def correlate_higher(
    results: Any,
    dataset: Dataset,
    progress: Progress,
    executor: Executor | None = None,
) -> None:
    """Multiple correlation of components beyond the first."""
    descriptor = dataset.descriptor
    if isinstance(descriptor, Bispectrum) and descriptor.densities == 1:
        twojmax = max(HIGHEST, descriptor.twojmax)
        descriptor = dataclasses.replace(descriptor, twojmax=twojmax, components=None)
    names = component_names(descriptor)
    if len(names) <= FIRST:
        results.notes.append(f'{dataset.name}: no components beyond the first {FIRST}')
        return
    if descriptor is not dataset.descriptor:
        dataset = dataset.with_descriptor(
            descriptor, executor=executor, progress=progress.configurations
        )
    results.higher_names = names[FIRST:]
    if len(names) > EIGHTH:
        results.eighth_name = names[EIGHTH]
        results.eighth[dataset.name] = dataset.q_ek[:, EIGHTH].copy()
    try:
        results.higher[dataset.name] = multiple_correlation(dataset.q_ek, FIRST)
    except ValueError as error:
        results.notes.append(f'{dataset.name}: no multiple correlation ({error})')


def autocorrelate(results: Any, dataset: Dataset) -> None:
    """Autocorrelation of the entropy and of mean components along the walkers.

    Of what is left after the mean of each stage and campaign: two recipes in one set
    are no memory.
    """
    keys, name = dataset.keys, dataset.name
    if not {'walker', 'cycle'} <= set(keys):
        results.notes.append(f'{name}: no walkers and cycles, hence no autocorrelation')
        return
    mean_mk = np.add.reduceat(dataset.q_ek, dataset.first_m[:-1], axis=0)
    mean_mk /= np.diff(dataset.first_m)[:, None]
    x_mx = np.column_stack([results.entropy[name], mean_mk])
    known = np.isfinite(x_mx[:, 0] + keys['walker'] + keys['cycle'])
    if not known.any():
        results.notes.append(f'{name}: no entropies, hence no autocorrelation')
        return
    groups = [keys[k][known] for k in ('stage', 'campaign') if k in keys]
    group_m = _joined([known[known], *groups])
    walker_m = _joined([group_m, keys['walker'][known]])
    x_mx = x_mx[known]
    for group in set(group_m):
        own = np.array(group_m) == group
        mean_x = x_mx[own].mean(axis=0)
        x_mx[own] -= mean_x
        still_x = np.abs(x_mx[own]).max(axis=0) <= 1e-10 * np.abs(mean_x)
        x_mx[np.ix_(own, still_x)] = 0.0  # what is left is rounding
    cycle_m = keys['cycle'][known].astype(int).tolist()
    if len(set(walker_m)) == len(walker_m):
        results.notes.append(
            f'{name}: every cycle has a walker of its own (none with --chain), hence '
            'no autocorrelation'
        )
        return
    lags = max(1, min(LAGS, len(x_mx) // 4))
    try:
        results.autocorrelation[name] = autocorrelation(x_mx, walker_m, cycle_m, lags)
    except ValueError as error:
        results.notes.append(f'{name}: no autocorrelation ({error})')


def _joined(columns: list) -> list[str]:
    """Return one word for each row of columns."""
    return [' '.join(map(str, row)) for row in zip(*columns, strict=True)]


def replay_cycle(results: Any) -> None:
    """Run a cycle of the first harvest once more, and record its course."""
    for dataset in results.sets:
        harvested = np.flatnonzero(dataset.keys.get('stage', np.array([])) == 'biased')
        if len(harvested) == 0:
            continue
        for m in harvested[::-1][:TRIED].tolist():  # of a chain, not the first
            row = dataset.row(m)
            if row.get('steps', 1):
                break  # others are quenched only, or as they were
        else:
            continue
        try:
            if effort(row) > MOST_EFFORT:
                results.notes.append(
                    f'{dataset.name}: cycles take too long to watch one'
                )
                continue
            results.cycle = (dataset.label(m), *replay(row, dataset.source(m).path))
        except UNREADABLE as error:
            results.notes.append(
                f'cannot watch the cycle of {dataset.label(m)} ({error})'
            )
        else:
            return


def project_sets(results: Any) -> None:
    """Principal directions of the reference, and all sets along them."""
    if len(results.components) < 2:
        results.notes.append('a single component, hence no map')
        return
    if (varying := results.scale.varying) < 2:
        results.notes.append(
            f'{results.reference.name} varies in {varying} components, hence no map'
        )
        return
    sets_ek = [dataset.q_ek for dataset in results.sets]
    projections, results.share_x = principal_map(sets_ek, results.reference.q_ek)
    names = [dataset.name for dataset in results.sets]
    results.projections = dict(zip(names, projections, strict=True))
