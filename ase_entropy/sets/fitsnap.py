"""Rows of a harvest as FitSNAP's JSON files."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from ase import Atoms, units
from ase.db.row import AtomsRow
from ase.stress import voigt_6_to_full_3x3_stress

from ase_entropy.sets.configurations import AtomsOf, bare_atoms, right_handed
from ase_entropy.sets.export import export_folder, write_each

__all__ = ['export_fitsnap']

STYLES = {
    'EnergyStyle': 'electronvolt',
    'ForcesStyle': 'electronvoltperangstrom',
    'StressStyle': 'bar',
    'PositionsStyle': 'angstrom',
    'LatticeStyle': 'angstrom',
    'AtomTypeStyle': 'chemicalsymbol',
}


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
    with export_folder(folder, overwrite) as partial:

        def write_one(row: AtomsRow, atoms: Atoms) -> None:
            group = partial / _group(row)
            group.mkdir(exist_ok=True)
            dataset = {'Dataset': {'Data': [_fitsnap(row, atoms)], **STYLES}}
            text = f'# row {row.id}, by ase_entropy\n{json.dumps(dataset)}\n'
            with open(group / f'{row.id:05d}.json', 'x') as file:
                file.write(text)

        return write_each(rows, atoms_of, write_one)


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
