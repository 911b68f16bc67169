"""What exports of all formats have in common."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db.row import AtomsRow

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.labels import LABELS, labels_of
from ase_entropy.sets.sources import Source
from ase_entropy.store.atomic_files import new_folder

__all__ = ['AtomsOf', 'bare_atoms', 'export_folder', 'labeled', 'write_each']

EXPORTED = re.compile(r'[\w-]+/\d{5,}\.json|\d{5,}/POSCAR|index\.csv')

AtomsOf = Callable[[AtomsRow], Atoms]


def bare_atoms(row: AtomsRow | Configuration) -> Atoms:
    """Return the atoms of a row without any results: numbers, positions, cell.

    Examples
    --------
    >>> atoms = Atoms('W')
    >>> atoms.calc = SinglePointCalculator(atoms, energy=-1000.0)
    >>> row = AtomsRow(atoms)
    >>> row.toatoms().calc is None, bare_atoms(row).calc is None
    (False, True)
    """
    return _bare(row.atoms if isinstance(row, Configuration) else row.toatoms())


def _bare(atoms: Atoms) -> Atoms:
    return Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)


def export_folder(folder: str | Path, overwrite: bool) -> AbstractContextManager[Path]:
    """Return a new folder, which may replace one that holds exports only."""
    return new_folder(folder, EXPORTED.fullmatch, overwrite=overwrite)


def write_each(
    configurations: Iterable[Any],
    atoms_of: AtomsOf | None,
    write_one: Callable[[Configuration, Atoms], None],
) -> int:
    """Write all configurations, one after the other, and return how many.

    Parameters
    ----------
    configurations, atoms_of
        As in :func:`labeled`.
    write_one : callable
        Writes a configuration, given also as atoms with their labels.

    Raises
    ------
    ValueError
        As raised by :func:`labeled`; a number that comes twice.
    """
    number = 0
    for configuration, atoms in labeled(configurations, atoms_of):
        try:
            write_one(configuration, atoms)
        except FileExistsError as error:
            raise ValueError(
                f'rows holds id={configuration.file_number} twice: expected rows of '
                'one database'
            ) from error
        except ValueError as error:
            raise ValueError(f'{configuration.name}: {error}') from error
        number += 1
    return number


def labeled(
    configurations: Iterable[Any], atoms_of: AtomsOf | None = None
) -> Iterator[tuple[Configuration, Atoms]]:
    """Yield each configuration with new atoms that hold their labels and nothing else.

    Parameters
    ----------
    configurations : iterable of AtomsRow or Configuration
        Rows of an ASE database, or what
        :func:`~ase_entropy.sets.reading.read_configurations` yields.
    atoms_of : callable, optional
        From a row to its atoms; if these have a calculator, its energies, forces and
        stress are the labels. By default labels are those that the row or file has,
        see :func:`~ase_entropy.sets.labels.labels_of`.

    Raises
    ------
    ValueError
        No configurations, or something else; another number of atoms; labels that are
        those of V or not finite; some that not all configurations have.

    Examples
    --------
    >>> ((configuration, atoms),) = labeled([AtomsRow(Atoms('W2'))])
    >>> configuration.row.natoms, len(atoms)
    (2, 2)
    """
    first = None
    for item in configurations:
        configuration = _configuration(item)
        if atoms_of is None:
            atoms, labels = configuration.atoms, labels_of(configuration)
        else:
            atoms = _atoms_of_row(configuration, atoms_of)
            labels = {} if atoms.calc is None else _labels(configuration, atoms)
        atoms = _bare(atoms)
        if not (
            np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell[:]).all()
        ):
            raise ValueError(
                f'{configuration.name}: expected finite positions and cell'
            )
        if labels:
            atoms.calc = SinglePointCalculator(atoms, **labels)
        if first is None:
            first = configuration.name, labels.keys()
        elif labels.keys() != first[1]:
            raise ValueError(
                f'{configuration.name} has labels {_in_words(labels)}, {first[0]} '
                f'{_in_words(first[1])}: expected the same of all (ase-entropy label '
                'computes them)'
            )
        yield configuration, atoms
    if first is None:
        raise ValueError('rows holds nothing: expected one row or more')


def _configuration(item: Any) -> Configuration:
    if isinstance(item, Configuration):
        return item
    if not isinstance(item, AtomsRow):
        raise ValueError(f'rows holds {item!r}: expected rows of an ase.db')
    return Configuration(item.toatoms(), item, item.get('id'), Source(''))


def _atoms_of_row(configuration: Configuration, atoms_of: AtomsOf) -> Atoms:
    row = configuration.row
    own = row is not None and configuration.exported is None
    atoms = atoms_of(row if own else configuration)
    if len(atoms) != len(configuration.atoms):
        raise ValueError(
            f'{configuration.name} has {len(configuration.atoms)} atoms, '
            f'atoms_of(row) {len(atoms)}: expected as many'
        )
    return atoms


def _in_words(labels: Iterable[str]) -> str:
    return ', '.join(sorted(labels)) or 'none'


def _labels(configuration: Configuration, atoms: Atoms) -> dict:
    """Return the labels that atoms of `atoms_of` have, none of them of V."""
    name = configuration.name
    if atoms.calc.name == 'entropycalculator':
        raise ValueError(
            f'{name}: atoms_of(row) has the energy of V, which is not that of a '
            'material, expected results of another calculator, or none'
        )
    labels = _finite_labels(name, atoms)
    if _are_of_v(configuration.row, labels):
        raise ValueError(
            f'{name}: atoms_of(row) has the energy {labels["energy"]:g} eV that the '
            'row has of V, which is not that of a material, expected results of '
            'another calculator'
        )
    return labels


def _finite_labels(name: str, atoms: Atoms) -> dict:
    labels = {}
    for label in ('free_energy', *LABELS):
        try:
            labels[label] = atoms.calc.get_property(label, atoms)
        except PropertyNotImplementedError:
            continue
        if not np.isfinite(labels[label]).all():
            raise ValueError(
                f'{name}: {label} of atoms_of(row) is {labels[label]}, expected finite '
                'numbers'
            )
    if 'energy' not in labels:
        raise ValueError(
            f'{name}: the calculator of atoms_of(row) has no energy of these atoms, '
            'expected one (were they changed after it was computed?)'
        )
    return labels


def _are_of_v(row: AtomsRow | None, labels: dict) -> bool:
    """Return whether labels are what a harvested row has of V, also through a file."""
    if row is None or 'stage' not in row:
        return False
    energy = row.get('effective_energy', row.get('energy'))  # in version 0.1
    same = energy and np.isclose(labels['energy'], energy, rtol=1e-6, atol=0.0)
    of_v_nc = _forces_of_v(row) if same else None
    if 'forces' in labels and of_v_nc is not None:
        sizes, others = (
            np.sort(np.linalg.norm(forces_nc, axis=1))  # in any order of the atoms
            for forces_nc in (labels['forces'], of_v_nc)
        )
        same = np.allclose(sizes, others, rtol=1e-3, atol=1e-3)
    return bool(same)


def _forces_of_v(row: AtomsRow) -> np.ndarray | None:
    if 'effective_energy' in row:
        return row.data.get('effective_forces')
    return row.get('forces')
