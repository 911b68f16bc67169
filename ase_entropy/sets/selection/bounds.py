"""Bounds of labels: what a trainer should not see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from ase import Atoms

from ase_entropy import checks

__all__ = ['Bounds', 'EnergyPerAtom', 'energy_per_atom']


class EnergyPerAtom(NamedTuple):
    """Energy per atom (eV) of a configuration, and its elements."""

    elements: frozenset[str]
    energy: float


def energy_per_atom(atoms: Atoms, energy: float) -> EnergyPerAtom:
    """Return the energy per atom of a configuration of this energy (eV)."""
    return EnergyPerAtom(frozenset(atoms.symbols), float(energy) / len(atoms))


@dataclass(frozen=True)
class Bounds:
    """Bounds of forces and energies.

    Parameters
    ----------
    most_force : float, optional
        Largest force of an atom (eV/Angstrom).
    most_energy : float, optional
        Largest energy per atom (eV) above the lowest of the configurations with the
        same elements and with forces within their bound.

    Raises
    ------
    ValueError
        A bound that is not positive.

    Examples
    --------
    >>> from ase.calculators.singlepoint import SinglePointCalculator
    >>> every = []
    >>> for energy, force in ((0.0, 1.0), (5.0, 1.0), (-9.0, 50.0)):
    ...     atoms = Atoms('W')
    ...     labels = {'energy': energy, 'forces': [(force, 0, 0)]}
    ...     atoms.calc = SinglePointCalculator(atoms, **labels)
    ...     every.append(atoms)
    >>> Bounds(most_force=30.0, most_energy=4.0).marks(every)
    ['no', 'energy', 'force']
    """

    most_force: float | None = None
    most_energy: float | None = None

    def __post_init__(self) -> None:
        for name in ('most_force', 'most_energy'):
            if getattr(self, name) is not None:
                checks.real(name, getattr(self, name), above=0.0)

    def __bool__(self) -> bool:
        return self.most_force is not None or self.most_energy is not None

    def is_strong(self, forces_nc: np.ndarray) -> bool:
        """Return whether a force (eV/Angstrom) is above its bound."""
        most = np.inf if self.most_force is None else self.most_force
        return bool(np.linalg.norm(forces_nc, axis=1).max() > most)

    def are_high(self, energies: Sequence[EnergyPerAtom]) -> np.ndarray:
        """Return which energies are too far above the lowest of the same elements."""
        most = np.inf if self.most_energy is None else self.most_energy
        lowest: dict[frozenset[str], float] = {}
        for elements, energy in energies:
            lowest[elements] = min(energy, lowest.get(elements, np.inf))
        return np.array([e > lowest[x] + most for x, e in energies], bool)

    def marks(self, labeled: Iterable[Atoms]) -> list[str]:
        """Return for each configuration why it should be left out, or 'no'.

        Parameters
        ----------
        labeled : iterable of Atoms
            With calculators that have energy and forces.
        """
        found: list[str] = []
        energies: list[EnergyPerAtom] = []
        for atoms in labeled:
            strong = self.is_strong(atoms.get_forces(apply_constraint=False))
            found.append('force' if strong else 'no')
            if not strong:
                energies.append(energy_per_atom(atoms, atoms.get_potential_energy()))
        places = [i for i, mark in enumerate(found) if mark == 'no']
        for i, high in zip(places, self.are_high(energies), strict=True):
            if high:
                found[i] = 'energy'
        return found
