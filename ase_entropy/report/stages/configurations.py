"""What is measured of each configuration of a set."""

import itertools
from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers

from ase_entropy.analysis import entropies, radial_mean, radial_terms
from ase_entropy.entropy import NearestNeighborEntropy
from ase_entropy.pairs import shortest_distance
from ase_entropy.report.progress import Progress
from ase_entropy.report.specimens import Specimens
from ase_entropy.report.stages.labels import Labels
from ase_entropy.report.variety import PairMeter, Variety, are_varied
from ase_entropy.sets.blocks import blocks_of, in_order
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.environments import BLOCK
from ase_entropy.sets.selection import are_lonely

__all__ = ['measure_configurations']


def measure_configurations(
    results: Any,
    dataset: Dataset,
    progress: Progress,
    executor: Executor | None = None,
) -> None:
    """Entropies, shortest pairs, and radial distribution."""
    name = dataset.name
    estimator = NearestNeighborEntropy()
    results.entropy[name] = entropies(dataset.q_ek, dataset.first_m, estimator)
    _measure_elements(results, dataset, estimator)
    if single := int(np.sum(np.diff(dataset.first_m) == 1)):
        results.notes.append(
            f'{name}: {single} configurations of a single atom have no entropy'
        )
    shortest: list[float] = []
    meter = PairMeter(tuple(results.elements)) if are_varied(results.sets) else None
    if meter is not None:
        results.variety[name] = Variety.of(dataset, results.elements)

    specimens = results.specimens[name] = Specimens.of(dataset, len(results.sets))
    labels = results.labels[name] = Labels.of(dataset)
    lonely_m = np.logical_or.reduceat(are_lonely(dataset), dataset.first_m[:-1])
    results.lonely[name] = int(np.sum(lonely_m & (np.diff(dataset.first_m) > 1)))

    def periodic() -> Iterator[np.ndarray]:
        configurations = labels.watch(dataset.iter_configurations())
        blocks = blocks_of(specimens.watch(configurations), BLOCK)
        for measured in in_order(partial(_measure_block, meter), blocks, executor):
            for r, terms_xb, own in measured:
                shortest.append(r)
                if own is not None:
                    results.variety[name].add(own)
                if terms_xb is not None:
                    yield terms_xb
            progress.configurations(len(shortest))

    terms = periodic()
    first = next(terms, None)
    if first is None:
        results.notes.append(f'{name}: no periodic configurations, hence no g(r)')
    else:
        own = results.radial[name] = radial_mean(itertools.chain([first], terms))
        if (counted := own.configurations) < len(dataset):
            note = f'{name}: g(r) of its {counted} periodic configurations'
            results.notes.append(note)
    results.shortest[name] = np.array(shortest)


def _measure_block(
    meter: PairMeter | None, several: list[Atoms]
) -> list[tuple[float, np.ndarray | None, tuple | None]]:
    """Return shortest pair, terms of g(r), and density and pairs of configurations."""
    found = []
    for atoms in several:
        r = shortest_distance(atoms)
        own = None if meter is None else meter.measure(atoms, r)
        found.append((r, radial_terms(atoms) if atoms.pbc.all() else None, own))
    return found


def _measure_elements(results: Any, dataset: Dataset, estimator: Any) -> None:
    """Entropies of each element among its own."""
    for symbol in dataset.species if results.told_apart else ():
        own_e = dataset.numbers_e == atomic_numbers[symbol]
        first_m = np.append(0, np.cumsum(own_e))[dataset.first_m]
        several_m = np.diff(first_m) > 0
        entropy_m = np.full(len(dataset), np.nan)
        first_x = np.append(0, first_m[1:][several_m])
        entropy_m[several_m] = entropies(dataset.q_ek[own_e], first_x, estimator)
        results.entropy_of[dataset.name, symbol] = entropy_m
