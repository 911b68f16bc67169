"""Bounds of labels: what a trainer should not see."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.analysis import ElementUnits
from ase_entropy.pairs import find_pairs

__all__ = ['Bounds', 'EnergyPerAtom', 'count_alone', 'energy_per_atom']

FAR = 2.0  # distances of neighbors: an atom that has no other within is isolated
UNKNOWN = 3.0  # Angstrom, for elements without a size


class EnergyPerAtom(NamedTuple):
    """Energy per atom (eV) of a configuration, and what it compares with.

    Parameters
    ----------
    elements : frozenset of str
        Its elements.
    energy : float
        Energy per atom (eV).
    alone : int
        1 for an isolated atom, 2 for a dimer, 0 for everything else.
    """

    elements: frozenset[str]
    energy: float
    alone: int = 0


def energy_per_atom(atoms: Atoms, energy: float) -> EnergyPerAtom:
    """Return the energy per atom of a configuration of this energy (eV)."""
    elements = frozenset(atoms.symbols)
    return EnergyPerAtom(elements, float(energy) / len(atoms), count_alone(atoms))


def count_alone(atoms: Atoms) -> int:
    """Return 1 for an isolated atom, 2 for a dimer, and 0 for everything else.

    In a periodic box they are those without images within two distances of neighbors.

    Examples
    --------
    >>> from ase.build import bulk
    >>> [count_alone(x) for x in (Atoms('W'), bulk('W'), bulk('W', a=9.0))]
    [1, 0, 1]
    """
    n = len(atoms)
    if n > 2:
        return 0
    own_zz = ElementUnits.of_elements(atoms.numbers).distance_zz
    own = np.nan_to_num(own_zz[np.ix_(atoms.numbers, atoms.numbers)], nan=UNKNOWN)
    pairs = find_pairs(atoms, FAR * own.max())
    return n if len(pairs.r_p) <= n * (n - 1) else 0  # no images in reach


@dataclass(frozen=True)
class Bounds:
    """Bounds of forces and energies.

    Parameters
    ----------
    most_force : float, optional
        Largest force of an atom (eV/Angstrom).
    most_energy : float, optional
        Largest energy per atom (eV) above the lowest of the configurations with the
        same elements and with forces within their bound. Isolated atoms have no bound:
        they lie the whole cohesive energy above. Dimers, of which that is nearly as
        true, are counted from their atoms by themselves, or from the lowest dimer of
        the same elements where the set lacks one of these atoms.

    Raises
    ------
    ValueError
        A bound that is not positive.

    Examples
    --------
    >>> from ase.calculators.singlepoint import SinglePointCalculator
    >>> from ase.build import bulk
    >>> every = []
    >>> for energy, force in ((0.0, 1.0), (5.0, 1.0), (-9.0, 50.0)):
    ...     atoms = bulk('W')
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
        lowest: dict[tuple, float] = {}
        for elements, energy, alone in energies:
            kind = elements, alone
            lowest[kind] = min(energy, lowest.get(kind, np.inf))
        for elements in {x for x, _, alone in energies if alone == 2}:
            atoms = [lowest.get((frozenset([x]), 1), np.inf) for x in elements]
            if np.isfinite(atoms).all():
                lowest[elements, 2] = float(np.mean(atoms))
        high = [a != 1 and e > lowest[x, a] + most for x, e, a in energies]
        return np.array(high, bool)

    def lines(self, marks: Sequence[str]) -> list[str]:
        """Return in words how many configurations are beyond each bound."""
        count, lines = Counter(marks), []
        if self.most_force is not None:
            lines.append(
                f'{count["force"]} with a force above {self.most_force:g} eV/A'
            )
        if self.most_energy is not None:
            lines.append(
                f'{count["energy"]} more than {self.most_energy:g} eV per atom above '
                'the lowest of the same elements (isolated atoms are kept, dimers '
                'counted from their atoms)'
            )
        return [*lines, f'{count["no"]} within all bounds']

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
