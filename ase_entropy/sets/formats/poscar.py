"""Configurations as POSCAR files, to be labeled."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.io import write

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.export import AtomsOf, export_folder, write_each
from ase_entropy.sets.periodic import VACUUM, fully_periodic, right_handed
from ase_entropy.store.escaping import csv_cell

__all__ = ['export_poscar']

OWN = ('folder', 'id', 'formula')  # columns of index.csv


def export_poscar(
    rows: Iterable[Any],
    folder: str | Path,
    *,
    atoms_of: AtomsOf | None = None,
    vacuum: float = VACUUM,
    overwrite: bool = False,
) -> int:
    """Write configurations as folders to be labeled, and their keys as a table.

    ``folder/00001/POSCAR``, ..., and ``folder/index.csv``.

    The number is the ``id`` of the row, or the place in the file; ``index.csv`` holds
    its keys. Cells are periodic there: one that is not gets a vacuum, see
    :func:`~ase_entropy.sets.fully_periodic`. As VASP asks for it, atoms are sorted by
    element, alphabetically, those of one element in the order of the row:
    ``order_n = np.argsort(atoms.symbols, kind='stable')``.

    Parameters
    ----------
    rows : iterable of AtomsRow or Configuration
        Rows of one database, or configurations of one file.
    folder : str or Path
        Name of the folder.
    atoms_of : callable, optional
        From a row to the atoms that are written; by default its own.
    vacuum : float
        Distance (Angstrom) between images along directions that are not periodic.
    overwrite : bool
        Replace a folder that holds exports only. One with any other file in it, such as
        an OUTCAR, is never replaced.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    ValueError
        As in :func:`export_fitsnap`.

    Examples
    --------
    >>> import tempfile
    >>> from ase.db import connect
    >>> from ase.io import read
    >>> folder = Path(tempfile.mkdtemp())
    >>> database = connect(folder / 'w.db')
    >>> database.write(Atoms('WBeW', np.eye(3), cell=(3, 3, 3), pbc=True))
    1
    >>> export_poscar(database.select(), folder / 'label')
    1
    >>> str(read(folder / 'label/00001/POSCAR').symbols)
    'BeW2'
    """
    index = []
    with export_folder(folder, overwrite) as partial:

        def write_one(configuration: Configuration, atoms: Atoms) -> None:
            name = f'{configuration.file_number:05d}'
            (partial / name).mkdir()
            atoms = fully_periodic(atoms, vacuum)
            atoms.cell = right_handed(atoms)
            order_n = np.argsort(atoms.symbols, kind='stable')
            write(partial / name / 'POSCAR', atoms[order_n], format='vasp')
            own = (name, configuration.number, atoms.get_chemical_formula())
            index.append(
                {**_columns(configuration), **dict(zip(OWN, own, strict=True))}
            )

        number = write_each(rows, atoms_of, write_one)
        columns = [*OWN, *dict.fromkeys(key for line in index for key in line)]
        columns = list(dict.fromkeys(columns))
        with open(partial / 'index.csv', 'w', newline='', encoding='utf-8') as file:
            lines = [columns, *([line.get(c) for c in columns] for line in index)]
            csv.writer(file).writerows(map(csv_cell, line) for line in lines)
    return number


def _columns(configuration: Configuration) -> dict[str, Any]:
    """Return the keys of a configuration, those that are columns of ours renamed."""
    keys = configuration.exported_keys.items()
    return {f'key_{k}' if k in OWN else k: value for k, value in keys}
