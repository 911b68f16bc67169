"""Rows of a harvest for other programs: extended xyz, FitSNAP, POSCAR."""

import contextlib
import csv
import functools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.db.row import AtomsRow
from ase.io import write
from ase.io.extxyz import key_val_dict_to_str, key_val_str_to_dict
from ase.stress import voigt_6_to_full_3x3_stress

from ase_entropy.sets.configurations import (
    AtomsOf,
    bare_atoms,
    configurations,
    right_handed,
)
from ase_entropy.store.atomic_files import new_file, new_folder

__all__ = ['bare_atoms', 'export_extxyz', 'export_fitsnap', 'export_poscar']

OURS = re.compile(r'[\w-]+/\d{5,}\.json|\d{5,}/POSCAR|index\.csv')
TAKEN = {'Lattice', 'Properties', 'virial'}  # by extended xyz, not by ase.db
STYLES = {
    'EnergyStyle': 'electronvolt',
    'ForcesStyle': 'electronvoltperangstrom',
    'StressStyle': 'bar',
    'PositionsStyle': 'angstrom',
    'LatticeStyle': 'angstrom',
    'AtomTypeStyle': 'chemicalsymbol',
}


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
        number = 0
        for row, atoms in configurations(rows, atoms_of):
            keys = {'id': row.id, **row.key_value_pairs}
            if taken := sorted(TAKEN.intersection(keys)):
                raise ValueError(
                    f'row {row.id}: its key {taken[0]!r} means something else in '
                    'extended xyz, expected another name'
                )
            atoms.info = {
                key: _readable(value) if isinstance(value, str) else value
                for key, value in keys.items()
            }
            write(file, atoms, format='extxyz')
            number += 1
    return number


def export_fitsnap(
    rows: Iterable[AtomsRow],
    folder: str | Path,
    *,
    atoms_of: AtomsOf = bare_atoms,
    overwrite: bool = False,
) -> int:
    r"""Write rows as FitSNAP's folder of JSON files: ``folder/group/00001.json``.

    The group is stage and recipe, such as ``biased_quench``, with other signs than
    letters and digits as ``_``; the number is the ``id`` of the row. The
    stress is that of LAMMPS, in bar, with pressure positive:

    .. math:: \sigma_\mathrm{FitSNAP} = -\sigma_\mathrm{ASE}

    ``Energy``, ``Forces`` and ``Stress`` are null where there are no labels. FitSNAP
    stops at a null; it would fit to a zero.

    Parameters
    ----------
    rows : iterable of AtomsRow
        Rows of one database.
    folder : str or Path
        The ``dataPath`` of FitSNAP.
    atoms_of : callable
        From a row to the atoms that are written, with the calculator that labels them.
    overwrite : bool
        Replace a folder that holds exports only.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    ValueError
        As in :func:`export_extxyz`; a cell without volume; an ``id`` that comes twice.

    References
    ----------
    A. Rohskopf et al., J. Open Source Softw. 8, 5118 (2023).

    Examples
    --------
    >>> import tempfile
    >>> from ase.db import connect
    >>> folder = Path(tempfile.mkdtemp())
    >>> database = connect(folder / 'w.db')
    >>> atoms = Atoms('W', cell=(3, 3, 3), pbc=True)
    >>> database.write(atoms, stage='biased', recipe='quench')
    1
    >>> export_fitsnap(database.select(), folder / 'JSON')
    1
    >>> text = (folder / 'JSON/biased_quench/00001.json').read_text()
    >>> json.loads(text.splitlines()[1])['Dataset']['Data'][0]['AtomTypes']
    ['W']
    """
    with new_folder(folder, OURS.fullmatch, overwrite=overwrite) as partial:
        number = 0
        for row, atoms in configurations(rows, atoms_of):
            group = partial / _group(row)
            group.mkdir(exist_ok=True)
            dataset = {'Dataset': {'Data': [_fitsnap(row, atoms)], **STYLES}}
            text = f'# row {row.id}, by ase_entropy\n{json.dumps(dataset)}\n'
            with _once(row), open(group / f'{row.id:05d}.json', 'x') as file:
                file.write(text)
            number += 1
    return number


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
    with new_folder(folder, OURS.fullmatch, overwrite=overwrite) as partial:
        for row, atoms in configurations(rows, atoms_of):
            name = f'{row.id:05d}'
            with _once(row):
                (partial / name).mkdir()
            atoms.cell = right_handed(row, atoms)
            order_n = np.argsort(atoms.symbols, kind='stable')
            write(partial / name / 'POSCAR', atoms[order_n], format='vasp')
            formula = atoms.get_chemical_formula()
            keys = row.key_value_pairs
            index.append({'folder': name, 'id': row.id, 'formula': formula, **keys})
        columns = list(dict.fromkeys(key for line in index for key in line))
        with open(partial / 'index.csv', 'w', newline='', encoding='utf-8') as file:
            table = csv.DictWriter(file, columns)
            table.writeheader()
            table.writerows(index)
    return len(index)


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


def _group(row: AtomsRow) -> str:
    names = [row[key] for key in ('stage', 'recipe') if key in row]
    return re.sub(r'[^\w-]', '_', '_'.join(names) or 'rows')


def _fitsnap(row: AtomsRow, atoms: Atoms) -> dict:
    labels = atoms.calc.results if atoms.calc else {}
    forces_nc, stress = labels.get('forces'), labels.get('stress')
    if stress is not None:
        stress = -voigt_6_to_full_3x3_stress(stress) / units.bar
    return {
        'Positions': atoms.positions.tolist(),
        'Lattice': right_handed(row, atoms).tolist(),
        'AtomTypes': list(atoms.symbols),
        'NumAtoms': len(atoms),
        'Energy': float(labels['energy']) if 'energy' in labels else None,
        'Forces': None if forces_nc is None else forces_nc.tolist(),
        'Stress': None if stress is None else stress.tolist(),
    }


@contextlib.contextmanager
def _once(row: AtomsRow) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise ValueError(
            f'rows holds id={row.id} twice: expected rows of one database'
        ) from error
