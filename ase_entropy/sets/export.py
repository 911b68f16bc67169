"""What exports of all formats have in common."""

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from ase import Atoms
from ase.db.row import AtomsRow

from ase_entropy.sets.configurations import AtomsOf, configurations
from ase_entropy.store.atomic_files import new_folder

__all__ = ['export_folder', 'write_each']

EXPORTED = re.compile(r'[\w-]+/\d{5,}\.json|\d{5,}/POSCAR|index\.csv')


def export_folder(folder: str | Path, overwrite: bool) -> AbstractContextManager[Path]:
    """Return a new folder, which may replace one that holds exports only."""
    return new_folder(folder, EXPORTED.fullmatch, overwrite=overwrite)


def write_each(
    rows: Iterable[AtomsRow],
    atoms_of: AtomsOf,
    write_one: Callable[[AtomsRow, Atoms], None],
) -> int:
    """Write all configurations, one after the other, and return how many.

    Parameters
    ----------
    rows, atoms_of
        As in :func:`ase_entropy.sets.configurations.configurations`.
    write_one : callable
        Writes a row and its atoms.

    Raises
    ------
    ValueError
        As raised by `configurations`; an ``id`` that comes twice.
    """
    number = 0
    for row, atoms in configurations(rows, atoms_of):
        try:
            write_one(row, atoms)
        except FileExistsError as error:
            raise ValueError(
                f'rows holds id={row.id} twice: expected rows of one database'
            ) from error
        number += 1
    return number
