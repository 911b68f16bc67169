"""Rows of a harvest as extended xyz."""

import functools
import json
from collections.abc import Iterable
from pathlib import Path

from ase import Atoms
from ase.db.row import AtomsRow
from ase.io import write
from ase.io.extxyz import key_val_dict_to_str, key_val_str_to_dict

from ase_entropy.sets.configurations import AtomsOf, bare_atoms, exported_keys
from ase_entropy.sets.export import write_each
from ase_entropy.store.atomic_files import new_file

__all__ = ['export_extxyz']

TAKEN = {'Lattice', 'Properties', 'virial'}  # by extended xyz, not by ase.db


def export_extxyz(
    rows: Iterable[AtomsRow],
    path: str | Path,
    *,
    atoms_of: AtomsOf = bare_atoms,
    overwrite: bool = False,
) -> int:
    """Write rows as one file of extended xyz, their keys in ``atoms.info``.

    Numbers, booleans and strings come back from :func:`ase.io.read` as they were, and
    so does the ``id`` of the row; positions are rounded to 1e-8 Angstrom.

    Parameters
    ----------
    rows : iterable of AtomsRow
        Such as ``ase.db.connect('w.db').select('entropy>5', include_data=False)``.
    path : str or Path
        File name that ends in ``.extxyz`` or ``.xyz``.
    atoms_of : callable
        From a row to the atoms that are written. If these have a calculator, its
        energy, forces and stress (eV, Angstrom) are written as labels.
    overwrite : bool
        Replace a file that is not empty.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    ValueError
        No rows, a path that is in use or cannot be written, results of V, or a key
        that extended xyz takes for something else.

    Examples
    --------
    >>> import tempfile
    >>> from ase.db import connect
    >>> from ase.io import read
    >>> folder = Path(tempfile.mkdtemp())
    >>> database = connect(folder / 'w.db')
    >>> database.write(Atoms('W'), entropy=5.5, converged=True)
    1
    >>> export_extxyz(database.select(), folder / 'w.extxyz')
    1
    >>> read(folder / 'w.extxyz').info == {'id': 1, 'entropy': 5.5, 'converged': True}
    True
    """
    if Path(path).suffix not in ('.extxyz', '.xyz'):
        raise ValueError(f"path='{path}': expected a name that ends in .extxyz or .xyz")
    with new_file(path, overwrite=overwrite) as file:

        def write_one(row: AtomsRow, atoms: Atoms) -> None:
            atoms.info = _extxyz_info(row)
            write(file, atoms, format='extxyz')

        return write_each(rows, atoms_of, write_one)


def _extxyz_info(row: AtomsRow) -> dict:
    keys = {'id': row.id, **exported_keys(row)}
    if taken := sorted(TAKEN.intersection(keys)):
        raise ValueError(
            f'row {row.id}: its key {taken[0]!r} means something else in extended xyz, '
            'expected another name'
        )
    return {
        key: _readable(value) if isinstance(value, str) else value
        for key, value in keys.items()
    }


@functools.lru_cache
def _readable(text: str) -> str:
    """Return what ASE's writer of extxyz must get, for its reader to return `text`."""
    plain, quoted = (
        value.replace('\\', r'\\') for value in (text, f'_JSON {json.dumps(text)}')
    )
    if text.startswith('_JSON') or not text.isprintable():
        return quoted
    line = key_val_dict_to_str({'text': plain, 'next': 1})
    found = key_val_str_to_dict(line).get('text')
    return plain if isinstance(found, str) and found == text else quoted
