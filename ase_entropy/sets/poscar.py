"""Rows of a harvest as POSCAR files, to be labeled."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.db.row import AtomsRow
from ase.io import write

from ase_entropy.sets.configurations import AtomsOf, bare_atoms, right_handed
from ase_entropy.sets.export import export_folder, write_each
from ase_entropy.store.escaping import csv_cell

__all__ = ['export_poscar']


def export_poscar(
    rows: Iterable[AtomsRow],
    folder: str | Path,
    *,
    atoms_of: AtomsOf = bare_atoms,
    overwrite: bool = False,
) -> int:
    """Write rows as folders for labeling: ``folder/00001/POSCAR`` and ``index.csv``.

    The number is the ``id`` of the row; ``index.csv`` holds its keys. As VASP asks for
    it, atoms are sorted by element, alphabetically, those of one element in the order
    of the row: ``order_n = np.argsort(atoms.symbols, kind='stable')``.

    Parameters
    ----------
    rows : iterable of AtomsRow
        Rows of one database.
    folder : str or Path
        Name of the folder.
    atoms_of : callable
        From a row to the atoms that are written.
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

        def write_one(row: AtomsRow, atoms: Atoms) -> None:
            name = f'{row.id:05d}'
            (partial / name).mkdir()
            atoms.cell = right_handed(row, atoms)
            order_n = np.argsort(atoms.symbols, kind='stable')
            write(partial / name / 'POSCAR', atoms[order_n], format='vasp')
            formula = atoms.get_chemical_formula()
            keys = row.key_value_pairs
            index.append({'folder': name, 'id': row.id, 'formula': formula, **keys})

        number = write_each(rows, atoms_of, write_one)
        columns = list(dict.fromkeys(key for line in index for key in line))
        with open(partial / 'index.csv', 'w', newline='', encoding='utf-8') as file:
            lines = [columns, *([line.get(c) for c in columns] for line in index)]
            csv.writer(file).writerows(map(csv_cell, line) for line in lines)
    return number
