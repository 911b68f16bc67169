"""Configurations as extended xyz."""

import functools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.io import write
from ase.io.extxyz import key_val_dict_to_str, key_val_str_to_dict
from ase.stress import voigt_6_to_full_3x3_stress

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.export import AtomsOf, write_each
from ase_entropy.sets.labels import is_label
from ase_entropy.sets.periodic import periodic_with_labels
from ase_entropy.store.atomic_files import new_file

__all__ = ['export_extxyz']

TAKEN = {'Lattice', 'Properties', 'virial'}  # by extended xyz, not by ase.db


def export_extxyz(
    rows: Iterable[Any],
    path: str | Path,
    *,
    atoms_of: AtomsOf | None = None,
    prefix: str = '',
    vacuum: float | None = None,
    overwrite: bool = False,
) -> int:
    """Write configurations as one file of extended xyz, keys in ``atoms.info``.

    Numbers, booleans and strings come back from :func:`ase.io.read` as they were, and
    so does the ``id`` of a row; positions are rounded to 1e-8 Angstrom. Rows of a set
    get a ``config_type``, by which trainers weigh them: the kind of their start, and
    IsolatedAtom for single atoms, by which MACE knows these.

    Parameters
    ----------
    rows : iterable of AtomsRow or Configuration
        Such as ``ase.db.connect('w.db').select('entropy>5', include_data=False)``, or
        :func:`~ase_entropy.sets.read_configurations`.
    path : str or Path
        File name that ends in ``.extxyz`` or ``.xyz``.
    atoms_of : callable, optional
        From a row to the atoms that are written. If these have a calculator, its
        energy, forces and stress (eV, Angstrom) are written as labels. By default the
        labels that rows or files have.
    prefix : str
        Put before ``energy``, ``forces`` and ``stress``: ``'REF_'`` for MACE. Where
        atoms are not periodic in three directions, MACE makes the cell larger, and a
        stress means something else: these get its key ``config_stress_weight``, 0.
    vacuum : float, optional
        Write cells that are periodic in all directions, with this distance (Angstrom)
        between images, see :func:`~ase_entropy.sets.fully_periodic`: for programs that
        know no others. By default atoms are written as they are.
    overwrite : bool
        Replace a file that is not empty.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    ValueError
        No rows, a path that is in use or cannot be written, results of V, a key that
        extended xyz takes for something else, or a vacuum that is too thin.

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

        def write_one(configuration: Configuration, atoms: Atoms) -> None:
            if vacuum is not None:
                atoms = periodic_with_labels(atoms, vacuum)
            atoms.info = _info(configuration)
            if prefix:
                _move_labels(atoms, prefix)
                if not atoms.pbc.all():  # MACE has another volume there
                    atoms.info.setdefault('config_stress_weight', 0.0)
            write(file, atoms, format='extxyz')

        return write_each(rows, atoms_of, write_one)


def _info(configuration: Configuration) -> dict[str, Any]:
    if configuration.row is None:
        keys = {k: v for k, v in configuration.keys.items() if not is_label(k)}
    else:
        keys = {'id': configuration.number, **configuration.exported_keys}
        if kind := configuration.kind:
            keys.setdefault('config_type', kind)
    if taken := sorted(TAKEN.intersection(keys)):
        raise ValueError(
            f'its key {taken[0]!r} means something else in extended xyz, expected '
            'another name'
        )
    return {
        key: _readable(value) if isinstance(value, str) else value
        for key, value in keys.items()
    }


def _move_labels(atoms: Atoms, prefix: str) -> None:
    """Let the labels be called as a trainer expects them."""
    labels = atoms.calc.results if atoms.calc else {}
    atoms.calc = None
    for name, value in labels.items():
        if name == 'forces':
            atoms.set_array(f'{prefix}forces', value)
        elif name == 'stress':
            stress_cc = voigt_6_to_full_3x3_stress(value)
            atoms.info[f'{prefix}stress'] = stress_cc.ravel()
        else:
            atoms.info[f'{prefix}{name}'] = value


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
