"""Configurations as FitSNAP's JSON files."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ase import Atoms, units
from ase.stress import voigt_6_to_full_3x3_stress

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.export import AtomsOf, export_folder, write_each
from ase_entropy.sets.periodic import VACUUM, periodic_with_labels, right_handed

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
    rows: Iterable[Any],
    folder: str | Path,
    *,
    atoms_of: AtomsOf | None = None,
    vacuum: float = VACUUM,
    overwrite: bool = False,
) -> int:
    r"""Write configurations as FitSNAP's folder of JSON: ``folder/group/00001.json``.

    The group is the kind of the start, such as ``packing``, or stage and recipe, such
    as ``biased_quench``, or the group that a file names, with other signs than letters
    and digits as ``_``; the number is the ``id`` of the row, or the place in the file.
    Cells are periodic there: one that is not gets a vacuum, see
    :func:`~ase_entropy.sets.fully_periodic`. The stress is that of LAMMPS, in bar, with
    pressure positive:

    .. math:: \sigma_\mathrm{FitSNAP} = -\frac{V}{V'} \sigma_\mathrm{ASE}

    with the volumes V of the cell and V' of the one with vacuum.

    ``Energy``, ``Forces`` and ``Stress`` are null where there are no labels. FitSNAP
    stops at a null; it would fit to a zero.

    Parameters
    ----------
    rows : iterable of AtomsRow or Configuration
        Rows of one database, or configurations of one file.
    folder : str or Path
        The ``dataPath`` of FitSNAP.
    atoms_of : callable, optional
        From a row to the atoms that are written, with the calculator that labels them.
        By default with the labels that rows or files have.
    vacuum : float
        Distance (Angstrom) between images along directions that are not periodic.
    overwrite : bool
        Replace a folder that holds exports only.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    ValueError
        As in :func:`export_extxyz`; a vacuum that is too thin; an ``id`` that comes
        twice.

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

        def write_one(configuration: Configuration, atoms: Atoms) -> None:
            group = partial / configuration.file_group
            group.mkdir(exist_ok=True)
            dataset = {'Dataset': {'Data': [_entry(atoms, vacuum)], **STYLES}}
            text = f'# {configuration.name}, by ase_entropy\n{json.dumps(dataset)}\n'
            with open(group / f'{configuration.file_number:05d}.json', 'x') as file:
                file.write(text)

        return write_each(rows, atoms_of, write_one)


def _entry(atoms: Atoms, vacuum: float) -> dict[str, Any]:
    atoms = periodic_with_labels(atoms, vacuum)
    labels = atoms.calc.results if atoms.calc else {}
    forces_nc, stress = labels.get('forces'), labels.get('stress')
    if stress is not None:
        stress = -voigt_6_to_full_3x3_stress(stress) / units.bar
    return {
        'Positions': atoms.positions.tolist(),
        'Lattice': right_handed(atoms).tolist(),
        'AtomTypes': list(atoms.symbols),
        'NumAtoms': len(atoms),
        'Energy': float(labels['energy']) if 'energy' in labels else None,
        'Forces': None if forces_nc is None else forces_nc.tolist(),
        'Stress': None if stress is None else stress.tolist(),
    }
