"""All numbers of the report."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import Executor
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from ase_entropy import checks
from ase_entropy.analysis import (
    Autocorrelation,
    RadialDistribution,
    ReferenceScale,
    SurrogateError,
)
from ase_entropy.report.groups import Group, compare_groups
from ase_entropy.report.notes import note_sets
from ase_entropy.report.page.notebook import study_html
from ase_entropy.report.progress import Progress
from ase_entropy.report.specimens import Specimens
from ase_entropy.report.stages import (
    Covered,
    Halves,
    Labels,
    Redundancy,
    autocorrelate,
    correlate_higher,
    measure_configurations,
    measure_coverage,
    measure_covered,
    measure_distances,
    measure_redundancy,
    project_sets,
    replay_cycle,
)
from ase_entropy.report.variety import Variety
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.environments import component_names, descriptor_text

__all__ = ['Study', 'study']


@dataclasses.dataclass
class Study:
    """Results for several sets; the first one is the reference.

    Attributes
    ----------
    sets : list of Dataset
        The sets.
    notes : list of str
        Notes for the reader: sets scaled down, figures left out.
    entropy : dict of (m,) float arrays
        Entropy (nats) of each configuration, by the name of the set.
    shortest : dict of (m,) float arrays
        Shortest pair (Angstrom) of each configuration.
    entropy_of : dict of (m,) float arrays
        Entropy (nats) of the atoms of an element among their own in each configuration,
        by the name of the set and the symbol, where elements are told apart.
    surrogate : dict of SurrogateError
        By names of training and testing set.
    radial : dict of RadialDistribution
        Of the sets that have periodic configurations.
    higher_names, higher, eighth
        Components beyond the first six: names, multiple correlations by the name of the
        set, and the values of the eighth component of all.
    autocorrelation : dict of Autocorrelation
        Of the entropy, and of the mean of each component in a configuration.
    counts, distance, pooled
        Coverage: numbers of configurations by the name of the set; mean distances by
        the names of training and testing set; pooled entropies.
    covered : dict of Covered
        Share of environments, by the names of the set that covers and of the other; of
        its own kind where both are the same.
    halves : dict of Halves
        What half of a set covers of its own kind, and the whole set, by its name.
    labels : dict of Labels
        Energies and forces, by the name of the set.
    lonely : dict of int
        Configurations of several atoms one of which has no neighbor, by the name.
    variety : dict of Variety
        How configurations differ, by the name of the set, unless all are alike.
    redundancy : dict of Redundancy
        What could be left out, by the name of the set.
    groups : list of Group
        Distances of groups of configurations, where sets name some.
    projections, share_x
        Map of all sets.
    specimens : dict of Specimens
        Configurations that can be looked at in the map, by the name of the set.
    cycle : tuple, optional
        What it led to, trace and atoms of a cycle that was run once more.
    """

    sets: list[Dataset]
    notes: list[str] = dataclasses.field(default_factory=list)
    entropy: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    shortest: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    entropy_of: dict[tuple[str, str], np.ndarray] = dataclasses.field(
        default_factory=dict
    )
    surrogate: dict[tuple[str, str], SurrogateError] = dataclasses.field(
        default_factory=dict
    )
    radial: dict[str, RadialDistribution] = dataclasses.field(default_factory=dict)
    higher_names: list[str] = dataclasses.field(default_factory=list)
    higher: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    eighth_name: str = ''
    eighth: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    autocorrelation: dict[str, Autocorrelation] = dataclasses.field(
        default_factory=dict
    )
    counts: dict[str, list[int]] = dataclasses.field(default_factory=dict)
    distance: dict[tuple[str, str], np.ndarray] = dataclasses.field(
        default_factory=dict
    )
    pooled: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    covered: dict[tuple[str, str], Covered] = dataclasses.field(default_factory=dict)
    halves: dict[str, Halves] = dataclasses.field(default_factory=dict)
    labels: dict[str, Labels] = dataclasses.field(default_factory=dict)
    lonely: dict[str, int] = dataclasses.field(default_factory=dict)
    variety: dict[str, Variety] = dataclasses.field(default_factory=dict)
    redundancy: dict[str, Redundancy] = dataclasses.field(default_factory=dict)
    groups: list[Group] = dataclasses.field(default_factory=list)
    projections: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    share_x: Any = None
    specimens: dict[str, Specimens] = dataclasses.field(default_factory=dict)
    cycle: tuple | None = None

    _repr_html_ = study_html  # in notebooks

    @property
    def reference(self) -> Dataset:
        """The set that makes the scale."""
        return self.sets[0]

    @cached_property
    def scale(self) -> ReferenceScale:
        """Deviations of the reference, and what it makes of constant components."""
        return ReferenceScale.of(*(dataset.q_ek for dataset in self.sets))

    @cached_property
    def elements(self) -> list[str]:
        """Chemical symbols in all sets."""
        numbers = np.unique(np.concatenate([d.numbers_e for d in self.sets]))
        return [chemical_symbols[z] for z in numbers]

    @cached_property
    def told_apart(self) -> bool:
        """Whether environments are compared with those of the same element.

        Always, but where some sets have no element in common.
        """
        pairs = combinations([set(dataset.species) for dataset in self.sets], 2)
        return len(self.elements) > 1 and all(one & two for one, two in pairs)

    def numbers(self, dataset: Dataset) -> np.ndarray | None:
        """Return the elements of a set where they are told apart."""
        return dataset.numbers_e if self.told_apart else None

    @property
    def components(self) -> list[str]:
        """Names of the components of all sets."""
        return component_names(self.reference.descriptor)


def study(
    sets: list[Dataset],
    *,
    rng: np.random.Generator,
    decompositions: int = 1000,
    workers: int = 1,
    executor: Executor | None = None,
    report: Callable[[str], None] = print,
) -> Study:
    """Compute all numbers of the report.

    Parameters
    ----------
    sets : list of Dataset
        The sets; the first one is the reference, in whose deviations distances are.
    rng : numpy.random.Generator
        Draws environments and decompositions.
    decompositions : int
        Random decompositions behind each distance.
    workers : int
        Threads that look for nearest neighbors; the numbers are the same.
    executor : concurrent.futures.Executor, optional
        Runs what is done for each configuration, such as a pool of processes; by
        default this process does. The numbers are the same.
    report : callable
        Takes lines on the progress.

    Raises
    ------
    ValueError
        Sets with different descriptors or equal names, or with descriptors that are
        not finite.
    """
    checks.generator('rng', rng)
    checks.whole('decompositions', decompositions, least=1)
    checks.whole('workers', workers, least=1)
    _check_sets(sets)
    results = Study(list(sets))
    note_sets(results)
    progress = Progress(report, 5 * len(sets) + len(sets) ** 2 + 4)
    for dataset in sets:
        progress.begin(f'entropies and radial distribution of {dataset.name}')
        measure_configurations(results, dataset, progress, executor)
    rngs = rng.spawn(len(sets) ** 2)
    measure_distances(results, decompositions, rngs, progress, workers)
    for dataset in sets:
        progress.begin(f'higher components of {dataset.name}')
        correlate_higher(results, dataset, progress, executor)
    for dataset in sets:
        progress.begin(f'autocorrelation of {dataset.name}')
        autocorrelate(results, dataset)
    measure_coverage(results, rng, progress, workers)
    progress.begin('what sets cover of each other')
    measure_covered(results, *rng.spawn(1), workers)
    for dataset in sets:
        progress.begin(f'what could be left out of {dataset.name}')
        measure_redundancy(results, dataset, progress, executor)
    progress.begin('groups')
    compare_groups(results, rng, workers)
    progress.begin('a cycle, once more')
    replay_cycle(results)
    progress.begin('map')
    project_sets(results)
    return results


def _check_sets(sets: list[Dataset]) -> None:
    if not sets:
        raise ValueError('sets holds none: expected one or more')
    names = [dataset.name for dataset in sets]
    if len(set(names)) < len(names):
        raise ValueError(f'names={names}: expected different names')
    if any(name.startswith('error of ') for name in names):
        raise ValueError(f"names={names}: expected none that begins with 'error of '")
    for dataset in sets:
        if descriptor_text(dataset.descriptor) != descriptor_text(sets[0].descriptor):
            raise ValueError(
                f'{sets[0].name} and {dataset.name} have different descriptors, '
                'expected one for all: descriptor=... (--descriptor and, for all '
                'that differs, --cutoff, --components, --weights, ...) computes it '
                f'({descriptor_text(sets[0].descriptor)}; '
                f'{descriptor_text(dataset.descriptor)})'
            )
        checks.matrix(f'{dataset.name}: q_ek', dataset.q_ek)
