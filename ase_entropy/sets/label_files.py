"""Energies, forces and stress of your own calculations, for the rows they belong to."""

import numpy as np
from ase import Atoms
from ase.db.row import AtomsRow
from ase.geometry import find_mic
from ase.io import read

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.export import AtomsOf, bare_atoms

__all__ = ['labels_from']

EXAMPLE = 'label/{id:05d}/OUTCAR'
MOVED = 0.01  # Angstrom, more than files round


def labels_from(pattern: str) -> AtomsOf:
    """Return a function that reads the labeled atoms of a row from a file.

    Positions and cell are those of the file, as the labels belong to them. They must be
    those of the row, to 0.01 Angstrom and but for vectors of the lattice: programs
    bring atoms back into the cell, and take other vectors of the same lattice. Slabs,
    wires and clusters may be shifted as a whole.

    Parameters
    ----------
    pattern : str
        Name of the files, with a place for the id of the row, such as
        ``'label/{id:05d}/OUTCAR'``.

    Returns
    -------
    callable
        The `atoms_of` of exports. It raises ValueError for a file without an energy
        that ASE reads, and for one with another configuration than that of the row.

    Raises
    ------
    ValueError
        No place for the id.

    Examples
    --------
    >>> labels_from('OUTCAR')
    Traceback (most recent call last):
    ...
    ValueError: labels='OUTCAR': expected a place for the id of the row, such as
    'label/{id:05d}/OUTCAR'
    """
    try:
        good = pattern.format(id=1) != pattern.format(id=2)
    except (LookupError, ValueError, TypeError, AttributeError):
        good = False
    if not good:
        raise ValueError(
            f"labels='{pattern}': expected a place for the id of the row, such as "
            f"'{EXAMPLE}'"
        )
    return lambda row: _labeled(pattern, row)


def _labeled(pattern: str, row: AtomsRow | Configuration) -> Atoms:
    number = row.file_number if isinstance(row, Configuration) else row.id
    name = pattern.format(id=number)
    try:
        atoms = read(name)
        atoms.get_potential_energy()
    except Exception as error:  # ASE's readers raise errors of any kind
        reason = ' '.join(f'{type(error).__name__}: {error}'.split())
        raise ValueError(
            f"labels='{name}': expected a file with an energy that ASE reads ({reason})"
        ) from error
    if difference := _difference(bare_atoms(row), atoms):
        raise ValueError(
            f"labels='{name}': is another configuration, expected that of row "
            f'{number} ({difference})'
        )
    return atoms


def _difference(wanted: Atoms, found: Atoms) -> str:
    """Return in what two configurations differ, or an empty text."""
    wanted, found = (
        atoms[np.argsort(atoms.symbols, kind='stable')] for atoms in (wanted, found)
    )
    if list(wanted.symbols) != list(found.symbols):
        return f'{found.symbols} for {wanted.symbols}'
    if (wanted.pbc & ~found.pbc).any():
        return f'pbc={found.pbc.tolist()} for {wanted.pbc.tolist()}'
    vectors, others = (atoms.cell[wanted.pbc] for atoms in (wanted, found))
    if not _is_same_lattice(vectors, others):
        return f'cell={found.cell[:].tolist()} for {wanted.cell[:].tolist()}'
    apart_nc = found.positions - wanted.positions
    if not wanted.pbc.all():  # exports center such atoms
        apart_nc -= apart_nc[0].copy()
    _, apart_n = find_mic(apart_nc, found.cell, found.pbc & found.cell.any(1))
    if apart_n.max() > MOVED:
        return f'atoms up to {apart_n.max():.3g} Angstrom elsewhere'
    return ''


def _is_same_lattice(first: np.ndarray, second: np.ndarray) -> bool:
    """Return whether both sets of vectors are whole multiples of each other."""
    multiples = np.rint(second @ np.linalg.pinv(first))
    return bool(
        np.isclose(abs(np.linalg.det(multiples)), 1.0)
        and np.abs(multiples @ first - second).max(initial=0.0) < MOVED
    )
