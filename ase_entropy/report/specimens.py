"""Configurations that a reader of the page can look at: some of each set."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from ase import Atoms

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.labels import labels_of

__all__ = ['Specimen', 'Specimens']

POINTS = 3000  # environments of all sets
ATOMS = 30_000  # that are drawn, of all sets
LARGEST = 2000  # atoms; larger configurations are not drawn


@dataclass(frozen=True)
class Specimen:
    """A configuration as it is drawn.

    Attributes
    ----------
    atoms : Atoms
        Wrapped into the cell, without results.
    energy : float or None
        Its label per atom (eV), never that of V.
    """

    atoms: Atoms
    energy: float | None

    @classmethod
    def of(cls, configuration: Configuration) -> 'Specimen':
        """Return that of a configuration."""
        original = configuration.atoms
        atoms = Atoms(
            original.numbers, original.positions, cell=original.cell, pbc=original.pbc
        )
        if atoms.pbc.any():
            atoms.wrap()
        try:
            energy = labels_of(configuration).get('energy')
        except ValueError:  # several sets of labels, or damaged ones
            energy = None
        return cls(atoms, None if energy is None else float(energy) / len(atoms))


@dataclass
class Specimens:
    """Some configurations of a set, evenly spaced.

    Attributes
    ----------
    chosen_m : (s,) int array
        Numbers of the configurations.
    chosen_e : (p,) int array
        Numbers of some of their environments, evenly spaced.
    found : dict of Specimen
        By the number of the configuration, once :meth:`watch` has seen it.
    """

    chosen_m: np.ndarray
    chosen_e: np.ndarray
    found: dict[int, Specimen] = field(default_factory=dict)

    @classmethod
    def of(cls, dataset: Dataset, sets: int) -> 'Specimens':
        """Choose configurations of one of so many sets."""
        sizes = np.diff(dataset.first_m)
        points = max(1, POINTS // sets)
        room = round(ATOMS / sets / np.minimum(sizes, LARGEST).mean())
        number = min(len(dataset), points, max(1, room))
        chosen_m = np.linspace(0, len(dataset) - 1, number).round().astype(int)
        parts = [np.arange(*dataset.first_m[m : m + 2]) for m in chosen_m]
        own_e = np.concatenate(parts)
        places = np.linspace(0, len(own_e) - 1, min(points, len(own_e)))
        return cls(chosen_m, own_e[places.round().astype(int)])

    def watch(self, configurations: Iterable[Configuration]) -> Iterator[Atoms]:
        """Yield the atoms of all configurations of the set, and keep those chosen."""
        wanted = set(self.chosen_m.tolist())
        for m, configuration in enumerate(configurations):
            if m in wanted:
                self.found[m] = Specimen.of(configuration)
            yield configuration.atoms
