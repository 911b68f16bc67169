"""Distances of groups of configurations to training sets."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy.analysis import nearest_distances
from ase_entropy.sets.dataset import Dataset
from ase_entropy.statistics import nanmean

__all__ = ['Group', 'compare_groups']

MOST = 40  # groups of a set


@dataclass(frozen=True)
class Group:
    """A group of configurations of a set.

    Parameters
    ----------
    dataset, name : str
        Names of the set and of the group.
    configurations, environments : int
        How many.
    entropy : float
        Mean entropy of its configurations (nats), nan if none has one.
    distance : dict of float
        Mean distance of its environments to training environments, by the name of the
        training set, in deviations of the reference; nan if that lacks their elements.
    """

    dataset: str
    name: str
    configurations: int
    environments: int
    entropy: float
    distance: dict[str, float]


def compare_groups(results: Any, rng: np.random.Generator, workers: int = 1) -> None:
    """Measure distances of the groups that sets name, the largest groups first.

    Training environments are drawn once from each set, as many as for the distances
    between sets; those of a group that were drawn do not test their own set.
    """
    training = max((x.training for x in results.surrogate.values()), default=1)
    drawn = {}
    for dataset in results.sets:
        number = len(dataset.q_ek)
        drawn[dataset.name] = rng.choice(number, min(training, number), replace=False)
    for dataset in results.sets:
        group_m = dataset.keys.get('group', np.array([]))
        names, counts = np.unique(group_m, return_counts=True)
        if len(names) < 2:
            continue
        order = np.argsort(-counts, kind='stable')
        if len(names) > MOST:
            results.notes.append(
                f'{dataset.name} has {len(names)} groups: the largest {MOST} are shown'
            )
        for name in names[order[:MOST]]:
            results.groups.append(
                _measure(results, dataset, group_m == name, name, drawn, workers)
            )


def _measure(
    results: Any,
    dataset: Dataset,
    chosen_m: np.ndarray,
    name: str,
    drawn: dict,
    workers: int,
) -> Group:
    chosen_e = np.repeat(chosen_m, np.diff(dataset.first_m))
    distance = {}
    for train in results.sets:
        tested_e = chosen_e.copy()
        if train is dataset:
            tested_e[drawn[train.name]] = False
        if tested_e.any():
            numbers, tested = results.numbers(train), results.numbers(dataset)
            distance_s = nearest_distances(
                train.q_ek[drawn[train.name]],
                dataset.q_ek[tested_e],
                results.scale,
                train_numbers_e=None if numbers is None else numbers[drawn[train.name]],
                test_numbers_e=None if tested is None else tested[tested_e],
                workers=workers,
            )
            distance[train.name] = nanmean(distance_s)
    return Group(
        dataset.name,
        str(name) or 'none',
        int(chosen_m.sum()),
        int(chosen_e.sum()),
        nanmean(results.entropy[dataset.name][chosen_m]),
        distance,
    )
