"""Energies and forces that a set is labeled with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ase_entropy.analysis import kinds_of_starts
from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.labels import labels_of

__all__ = ['Labels']


@dataclass
class Labels:
    """Labels of a set, once :meth:`watch` has seen its configurations.

    Attributes
    ----------
    kind_m : (m,) str array
        Group of each configuration, or the kind of its start, or ''.
    energy_m : list of m float
        Energy per atom (eV); nan where there is no label.
    force_m : list of m float arrays
        Lengths of the forces on its atoms (eV/Angstrom); empty where there are none.
    names : set of tuples of str
        Labels that configurations have: more than one if not all have the same; None
        for those with several sets of labels, or damaged ones.
    """

    kind_m: np.ndarray
    energy_m: list[float] = field(default_factory=list)
    force_m: list[np.ndarray] = field(default_factory=list)
    names: set[tuple[str, ...] | None] = field(default_factory=set)

    @classmethod
    def of(cls, dataset: Dataset) -> 'Labels':
        """Return those of a set, before its configurations were seen."""
        kind_m = dataset.keys.get('group')
        if kind_m is None and 'start' in dataset.keys:
            kind_m = kinds_of_starts(dataset.keys['start'])
        return cls(np.array([''] * len(dataset) if kind_m is None else kind_m, str))

    def watch(self, configurations: Iterable[Configuration]) -> Iterator[Configuration]:
        """Yield all configurations of the set, and keep their labels."""
        for configuration in configurations:
            try:
                found = labels_of(configuration)
                self.names.add(tuple(sorted(found)))
            except ValueError:
                found = {}
                self.names.add(None)
            atoms = len(configuration.atoms)
            self.energy_m.append(float(found.get('energy', np.nan)) / atoms)
            forces_nc = np.asarray(found.get('forces', np.empty((0, 3))), float)
            self.force_m.append(np.linalg.norm(forces_nc, axis=1))
            yield configuration

    @property
    def are_alike(self) -> bool:
        """Whether all configurations have the same labels, as other programs expect."""
        return None not in self.names and len(self.names) < 2

    @property
    def kinds(self) -> list[str]:
        """Kinds, those with most configurations first."""
        names, counts = np.unique(self.kind_m, return_counts=True)
        return names[np.argsort(-counts, kind='stable')].tolist()

    @property
    def labeled_m(self) -> np.ndarray:
        """Which configurations have an energy or forces, (m,) bool."""
        has_forces_m = np.array([len(force_n) > 0 for force_n in self.force_m], bool)
        return np.isfinite(self.energy_m) | has_forces_m

    def forces(self, chosen_m: np.ndarray | None = None) -> np.ndarray:
        """Return the forces on all atoms of some configurations, or of all."""
        several = self.force_m
        if chosen_m is not None:
            several = [self.force_m[m] for m in np.flatnonzero(chosen_m)]
        return np.concatenate([np.empty(0), *several])
