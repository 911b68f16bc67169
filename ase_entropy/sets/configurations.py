"""From rows of a database to atoms for other programs, with labels or without."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from ase import Atoms
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db.row import AtomsRow

__all__ = ['AtomsOf', 'bare_atoms', 'configurations', 'exported_keys', 'right_handed']

LABELS = ('energy', 'free_energy', 'forces', 'stress')

OF_V = ('effective_energy', 'max_force')  # keys

AtomsOf = Callable[[AtomsRow], Atoms]


def bare_atoms(row: AtomsRow) -> Atoms:
    """Return the atoms of a row without any results: numbers, positions, cell.

    The energy, forces and stress that a harvest of version 0.1 has stored in a row are
    those of V = E_rep - K S. They are not those of a material, and no potential must be
    trained on them.

    Examples
    --------
    >>> atoms = Atoms('W')
    >>> atoms.calc = SinglePointCalculator(atoms, energy=-1000.0)
    >>> row = AtomsRow(atoms)
    >>> row.toatoms().calc is None, bare_atoms(row).calc is None
    (False, True)
    """
    return Atoms(row.numbers, row.positions, cell=row.cell, pbc=row.pbc)


def exported_keys(row: AtomsRow) -> dict:
    """Return the keys of a row that are exported: not what it has of V.

    Programs that make training sets may take any key that ends in "energy" for one.
    """
    return {k: x for k, x in row.key_value_pairs.items() if k not in OF_V}


def configurations(
    rows: Iterable[AtomsRow], atoms_of: AtomsOf
) -> Iterator[tuple[AtomsRow, Atoms]]:
    """Yield each row with new atoms that hold their labels and nothing else.

    Parameters
    ----------
    rows : iterable of AtomsRow
        Rows of an ASE database.
    atoms_of : callable
        From a row to its atoms; if these have a calculator, its energies, forces and
        stress are the labels.

    Raises
    ------
    ValueError
        No rows, or something else; another number of atoms; labels that are those of V
        or not finite; some that not all rows have.

    Examples
    --------
    >>> ((row, atoms),) = configurations([AtomsRow(Atoms('W2'))], bare_atoms)
    >>> row.natoms, len(atoms)
    (2, 2)
    """
    row, first = None, None
    for row in rows:
        if not isinstance(row, AtomsRow):
            raise ValueError(f'rows holds {row!r}: expected rows of an ase.db')
        given = atoms_of(row)
        if len(given) != row.natoms:
            raise ValueError(
                f'row {row.id} has {row.natoms} atoms, atoms_of(row) {len(given)}: '
                'expected as many'
            )
        atoms = Atoms(given.numbers, given.positions, cell=given.cell, pbc=given.pbc)
        labels = {} if given.calc is None else _labels(row, given)
        if labels:
            atoms.calc = SinglePointCalculator(atoms, **labels)
        if first is None:
            first = row.get('id'), labels.keys()
        elif labels.keys() != first[1]:
            raise ValueError(
                f'row {row.id} has labels {_in_words(labels)}, row {first[0]} '
                f'{_in_words(first[1])}: expected the same of all'
            )
        yield row, atoms
    if row is None:
        raise ValueError('rows holds nothing: expected one row or more')


def _in_words(labels: Iterable[str]) -> str:
    return ', '.join(sorted(labels)) or 'none'


def _labels(row: AtomsRow, atoms: Atoms) -> dict:
    if atoms.calc.name == 'entropycalculator':
        raise ValueError(
            f'row {row.id}: atoms_of(row) has the energy of V, which is not that of a '
            'material, expected results of another calculator, or none'
        )
    labels = _finite_labels(row, atoms)
    if _are_of_v(row, labels):
        raise ValueError(
            f'row {row.id}: atoms_of(row) has the energy {labels["energy"]:g} eV that '
            'the row has of V, which is not that of a material, expected results of '
            'another calculator'
        )
    return labels


def _finite_labels(row: AtomsRow, atoms: Atoms) -> dict:
    labels = {}
    for name in LABELS:
        try:
            labels[name] = atoms.calc.get_property(name, atoms)
        except PropertyNotImplementedError:
            continue
        if not np.isfinite(labels[name]).all():
            raise ValueError(
                f'row {row.id}: {name} of atoms_of(row) is {labels[name]}, expected '
                'finite numbers'
            )
    if 'energy' not in labels:
        raise ValueError(
            f'row {row.id}: the calculator of atoms_of(row) has no energy of these '
            'atoms, expected one (were they changed after it was computed?)'
        )
    return labels


def _are_of_v(row: AtomsRow, labels: dict) -> bool:
    """Return whether labels are what a harvested row has of V, also through a file."""
    energy = row.get('effective_energy', row.get('energy'))  # in version 0.1
    if 'stage' not in row or not energy or 'energy' not in labels:
        return False
    same = np.isclose(labels['energy'], energy, rtol=1e-6, atol=0.0)
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


def right_handed(row: AtomsRow, atoms: Atoms) -> np.ndarray:
    """Return three vectors that form a right-handed system and span the same lattice.

    FitSNAP and VASP refuse left-handed ones: these are turned around, all three.

    Raises
    ------
    ValueError
        A cell without volume.

    Examples
    --------
    >>> left = Atoms('W', cell=[[0, 2, 0], [2, 0, 0], [0, 0, 2]], pbc=True)
    >>> right_handed(AtomsRow(left), left).tolist()
    [[-0.0, -2.0, -0.0], [-2.0, -0.0, -0.0], [-0.0, -0.0, -2.0]]
    """
    if np.linalg.matrix_rank(atoms.cell[:]) < 3:
        raise ValueError(
            f'row {row.id}: cell={atoms.cell.tolist()}, expected three vectors that '
            'span a volume'
        )
    return atoms.cell.handedness * atoms.cell[:]
