"""Exports: other programs read back what the rows say, and never V."""

import csv
import json
import signal
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from ase.db.row import AtomsRow
from ase.geometry import get_distances
from ase.io import read, write
from cells import SHAPES, random_cell

import ase_entropy.cli.export as command
from ase_entropy import EntropyCalculator, rescale
from ase_entropy.cli import main
from ase_entropy.pairs import shortest_distance
from ase_entropy.sets.export import bare_atoms
from ase_entropy.sets.formats.extxyz import export_extxyz
from ase_entropy.sets.formats.fitsnap import export_fitsnap
from ase_entropy.sets.formats.poscar import export_poscar
from ase_entropy.sets.label_files import labels_from
from ase_entropy.sets.reading import read_configurations

UNLABELED = f'none of them labeled ({command.LABEL})'
EXPORTS = [
    (export_extxyz, 'set.extxyz'),
    (export_fitsnap, 'set'),
    (export_poscar, 'set'),
]
KEYS = {
    'stage': 'biased',
    'recipe': 'anneal+quench',
    'orders': 'p2-p24',
    'converged': True,
    'seed': 2**62 + 1,
    'entropy': 6.1279660727234,
    'tiny': -1e-300,
    'version': '0.1.0',
}


def alloy(seed):
    """Return atoms of two elements, mixed, in a tilted cell, out of it in part."""
    rng = np.random.default_rng(seed)
    atoms = bulk('Cu', cubic=True).repeat((2, 1, 1))
    atoms.symbols[[1, 4, 5]] = 'Au'
    atoms.set_cell(atoms.cell[:] + rng.normal(scale=0.2, size=(3, 3)), scale_atoms=True)
    atoms.rattle(0.1, rng=rng)
    atoms.positions[::3] += 2 * atoms.cell[0] - atoms.cell[2]
    return atoms


def files(place):
    return [place, *place.rglob('*')]


def with_v(atoms):
    atoms.calc = EntropyCalculator()
    atoms.get_stress()
    return atoms


@pytest.fixture
def database(tmp_path):
    """A database like a harvest: rows with the energy, forces and stress of V."""
    database = connect(tmp_path / 'w.db')
    for shape in SHAPES:
        database.write(with_v(random_cell(shape, 1)), **KEYS, shape=shape)
    for seed in (1, 2):
        keys = {**KEYS, 'stage': 'unbiased', 'recipe': 'shuffle', 'converged': False}
        database.write(alloy(seed), **keys, shape='alloy', data={'q_nk': np.eye(3)})
    return database


def labeled(row):
    atoms = bare_atoms(row)
    atoms.calc = EMT()
    return atoms


def same_lattice(first, second):
    """Tell whether each set of vectors consists of whole multiples of the other."""
    steps = np.array(first) @ np.linalg.inv(second)
    whole = np.allclose(steps, steps.round(), atol=1e-9)
    return whole and np.isclose(abs(np.linalg.det(steps)), 1.0)


def check_written(atoms, row, order_n):
    """Check that periodic atoms are those of a row, at the same distances."""
    expected_nc = row.positions[order_n]
    if row.pbc.all():
        assert same_lattice(atoms.cell, row.cell)
        np.testing.assert_allclose(atoms.positions, expected_nc, rtol=0, atol=1e-12)
    apart_nc = atoms.positions - expected_nc
    np.testing.assert_allclose(apart_nc, apart_nc[:1].repeat(row.natoms, 0), atol=1e-9)
    periodic = Atoms(atoms, pbc=True)
    shortest = shortest_distance(periodic)
    assert shortest == pytest.approx(shortest_distance(row.toatoms()), abs=1e-9)


def read_fitsnap(path):
    """Return the one configuration of a file, as FitSNAP's documentation describes it.

    A first line of comment; one data set, of one configuration; units by name.
    """
    comment, content = path.read_text().split('\n', 1)
    assert not comment.startswith('{')
    (dataset,) = json.loads(content, parse_constant=None).values()
    (configuration,) = dataset.pop('Data')
    assert dataset == {
        'EnergyStyle': 'electronvolt',
        'ForcesStyle': 'electronvoltperangstrom',
        'StressStyle': 'bar',
        'PositionsStyle': 'angstrom',
        'LatticeStyle': 'angstrom',
        'AtomTypeStyle': 'chemicalsymbol',
    }
    return configuration


def complaint(function, *args, **kwargs):
    """Return the message of the ValueError that a call must raise."""
    with pytest.raises(ValueError) as caught:
        function(*args, **kwargs)
    message = str(caught.value)
    assert '\n' not in message
    return message


# Extended xyz


def test_extxyz_round_trip(database, tmp_path):
    path = tmp_path / 'w.extxyz'
    assert export_extxyz(database.select(), path) == len(SHAPES) + 2
    frames = read(path, ':')
    for atoms, row in zip(frames, database.select(), strict=True):
        assert atoms.info == {'id': row.id, **row.key_value_pairs}
        assert type(atoms.info['converged']) is bool
        assert atoms.symbols.get_chemical_formula() == row.formula
        assert (atoms.numbers == row.numbers).all()
        assert (atoms.pbc == row.pbc).all()
        np.testing.assert_array_equal(atoms.cell, row.cell)
        np.testing.assert_allclose(atoms.positions, row.positions, rtol=0, atol=6e-9)


def test_v_is_not_exported(database, tmp_path):
    """The first rows have it, so this is not for want of results."""
    assert next(database.select()).toatoms().get_potential_energy() < 0
    export_extxyz(database.select(), tmp_path / 'w.extxyz')
    for atoms in read(tmp_path / 'w.extxyz', ':'):
        assert atoms.calc is None
        assert set(atoms.arrays) == {'numbers', 'positions'}
    export_fitsnap(database.select(), tmp_path / 'JSON')
    for path in (tmp_path / 'JSON').glob('*/*'):
        configuration = read_fitsnap(path)
        labels = [configuration[name] for name in ('Energy', 'Forces', 'Stress')]
        assert labels == [None, None, None]


@pytest.mark.parametrize(
    'text',
    [
        'T',
        'a b',
        '1 2 3',
        'T F',
        'a"b',
        '"',
        "it's",
        'x=y',
        'back\\slash',
        'ends\\',
        'two\nlines',
        'two\nlines "and\\more"',
        'Ångström',
        '{1 2}',
        '[1',
        '_JSON {',
        '',
        ' ',
    ],
)
def test_strings_survive_extxyz(text, tmp_path):
    database = connect(tmp_path / 'w.db')
    database.write(Atoms('W2'), before=1, note=text, behind=2.5)
    export_extxyz(database.select(), tmp_path / 'w.xyz')
    info = read(tmp_path / 'w.xyz').info
    assert info == {'id': 1, 'before': 1, 'note': text, 'behind': 2.5}
    assert type(info['note']) is str


def test_numbers_and_booleans_are_kept_apart(tmp_path):
    """1, 1.0 and True are equal, but not the same."""
    database = connect(tmp_path / 'w.db')
    database.write(Atoms('W'), flag=True, count=1, length=1.0, off=False, none=0)
    export_extxyz(database.select(), tmp_path / 'w.xyz')
    info = read(tmp_path / 'w.xyz').info
    kinds = {key: np.asarray(info[key]).dtype.kind for key in info if key != 'id'}
    expected = {'flag': 'b', 'count': 'i', 'length': 'f', 'off': 'b', 'none': 'i'}
    assert kinds == expected


def test_labels_in_extxyz(database, tmp_path):
    alloys = list(database.select(shape='alloy'))
    export_extxyz(alloys, tmp_path / 'cu.xyz', atoms_of=labeled)
    for atoms, row in zip(read(tmp_path / 'cu.xyz', ':'), alloys, strict=True):
        expected = labeled(row)
        assert np.isclose(
            atoms.get_potential_energy(), expected.get_potential_energy(), atol=1e-7
        )
        np.testing.assert_allclose(
            atoms.get_forces(), expected.get_forces(), rtol=0, atol=1e-7
        )
        np.testing.assert_allclose(
            atoms.get_stress(), expected.get_stress(), rtol=0, atol=1e-9
        )


# FitSNAP


def test_fitsnap_without_labels(database, tmp_path):
    folder = tmp_path / 'JSON'
    assert export_fitsnap(database.select(), folder) == database.count()
    for row in database.select():
        group = 'biased_anneal_quench' if row.shape != 'alloy' else 'unbiased_shuffle'
        file = read_fitsnap(folder / group / f'{row.id:05d}.json')
        assert file['NumAtoms'] == row.natoms
        assert file['AtomTypes'] == row.symbols
        assert np.linalg.det(file['Lattice']) > 0
        written = Atoms(file['AtomTypes'], file['Positions'], cell=file['Lattice'])
        check_written(written, row, np.arange(row.natoms))
    assert len(list(folder.rglob('*.json'))) == database.count()


@pytest.mark.parametrize(
    ('keys', 'group'),
    [
        ({'stage': 'biased', 'recipe': 'anneal+quench'}, 'biased_anneal_quench'),
        ({'stage': 'unbiased'}, 'unbiased'),
        ({'stage': '../a b', 'recipe': 'x-y'}, '___a_b_x-y'),
        ({}, 'rows'),
    ],
)
def test_groups_of_fitsnap(keys, group, tmp_path):
    database = connect(tmp_path / 'w.db')
    database.write(bulk('W'), **keys)
    export_fitsnap(database.select(), tmp_path / 'JSON')
    assert [path.name for path in (tmp_path / 'JSON').iterdir()] == [group]


def test_fitsnap_labels_belong_to_its_atoms(database, tmp_path):
    """The labels are those of the configuration in the file, recomputed from it."""
    rows = list(database.select(shape='alloy'))
    export_fitsnap(rows, tmp_path / 'JSON', atoms_of=labeled)
    files = sorted((tmp_path / 'JSON').rglob('*.json'))
    assert len(files) == 2
    for path in files:
        file = read_fitsnap(path)
        atoms = Atoms(
            file['AtomTypes'],
            file['Positions'],
            cell=file['Lattice'],
            pbc=True,
            calculator=EMT(),
        )
        assert np.isclose(file['Energy'], atoms.get_potential_energy())
        np.testing.assert_allclose(file['Forces'], atoms.get_forces(), atol=1e-10)
        stress = atoms.get_stress(voigt=False)
        assert np.abs(stress).min() > 1e-5
        np.testing.assert_allclose(file['Stress'], -stress / units.bar, atol=1e-4)


def test_fitsnap_stress_is_a_pressure_in_bar(tmp_path):
    """-dE/dV of compressed copper, by finite differences; a bar is 1e5 J/m^3."""

    def crystal(a):
        atoms = bulk('Cu', a=a)
        atoms.calc = EMT()
        return atoms

    a, step = 3.4, 1e-4
    larger, smaller = crystal(a + step), crystal(a - step)
    pressure = -(larger.get_potential_energy() - smaller.get_potential_energy()) / (
        larger.get_volume() - smaller.get_volume()
    )
    row = AtomsRow(crystal(a))
    row.id = 1
    export_fitsnap([row], tmp_path / 'JSON', atoms_of=labeled)
    (path,) = (tmp_path / 'JSON').rglob('*.json')
    diagonal = np.diag(read_fitsnap(path)['Stress'])
    assert pressure > 0
    np.testing.assert_allclose(diagonal, pressure * 1.602176634e-19 * 1e30 / 1e5, 1e-5)


def test_labels_that_are_incomplete(database, tmp_path):
    def energy_only(row):
        atoms = bare_atoms(row)
        atoms.calc = SinglePointCalculator(atoms, energy=np.float32(-2.5))
        return atoms

    export_fitsnap([database[1]], tmp_path / 'JSON', atoms_of=energy_only)
    file = read_fitsnap(tmp_path / 'JSON/biased_anneal_quench/00001.json')
    assert (file['Energy'], file['Forces'], file['Stress']) == (-2.5, None, None)


def test_labels_that_only_some_rows_have(database, tmp_path):
    def mixed(row):
        atoms = bare_atoms(row)
        if row.id == 1:
            atoms.calc = SinglePointCalculator(
                atoms, energy=-2.5, forces=0 * atoms.positions
            )
        elif row.id == 2:
            atoms.calc = SinglePointCalculator(atoms, energy=-2.5)
        return atoms

    for ids, sentence in (
        ([1, 2], 'row 2 has labels energy, row 1 energy, forces: expected the same'),
        ([3, 2], 'row 2 has labels energy, row 3 none: expected the same of all'),
    ):
        rows = [database[i] for i in ids]
        message = complaint(export_extxyz, rows, tmp_path / 'w.xyz', atoms_of=mixed)
        assert sentence in message


@pytest.mark.parametrize('key', ['Lattice', 'Properties', 'virial'])
def test_keys_that_extxyz_takes_for_something_else(key, tmp_path):
    database = connect(tmp_path / 'w.db')
    database.write(Atoms('W'), **{key: 1})
    message = complaint(export_extxyz, database.select(), tmp_path / 'w.xyz')
    assert message == (
        f"row 1: its key '{key}' means something else in extended xyz, expected "
        'another name'
    )


def test_fitsnap_reads_it(database, tmp_path):
    """With FitSNAP's own scraper, where that is installed (pip install fitsnap3)."""
    scrapers = pytest.importorskip('fitsnap3lib.scrapers.json_scraper')
    folder = tmp_path / 'JSON'
    rows = {f'{row.id:05d}.json': row for row in database.select(shape='alloy')}
    export_fitsnap(rows.values(), folder, atoms_of=labeled)
    kinds = {
        'Stress': 'pressure',
        'Lattice': 'length',
        'Energy': 'energy',
        'Positions': 'length',
        'Forces': 'force',
    }
    scraper = scrapers.Json(
        'JSON',
        SimpleNamespace(single_print=print),
        SimpleNamespace(
            sections={
                'SCRAPER': SimpleNamespace(
                    properties={
                        name: [kind, 'Metal', 'Metal'] for name, kind in kinds.items()
                    }
                ),
                'REFERENCE': SimpleNamespace(units='metal'),
                'PATH': SimpleNamespace(datapath=str(folder), dataPath=str(folder)),
                'CALCULATOR': SimpleNamespace(
                    force=True, stress=True, per_atom_scalar=False
                ),
                'ESHIFT': SimpleNamespace(),
                'GROUPS': SimpleNamespace(boltz=0, smartweights=0),
            }
        ),
    )
    scraper.group_table = {'unbiased_shuffle': {'eweight': 1.0}}
    scraper.configs = [str(path) for path in folder.rglob('*.json')]
    scraper.test_bool = [0, 0]
    data = scraper.scrape_configs()
    assert len(data) == 2
    for found in data:
        row = rows[found['File']]
        expected, rotation = labeled(row), found['Rotation']
        assert found['Group'] == 'unbiased_shuffle'
        assert found['AtomTypes'] == row.symbols
        assert np.isclose(found['Energy'], expected.get_potential_energy())
        np.testing.assert_allclose(
            found['Forces'] @ rotation, expected.get_forces(), atol=1e-10
        )
        np.testing.assert_allclose(
            rotation.T @ found['Stress'] @ rotation,
            -expected.get_stress(voigt=False) / units.bar,
            atol=1e-4,
        )
        distances = [
            get_distances(positions, cell=cell, pbc=True)[1]
            for positions, cell in (
                (row.positions, row.cell),
                (found['Positions'], found['Lattice'].T),
            )
        ]
        np.testing.assert_allclose(*distances, atol=1e-10)


# POSCAR


def test_poscar_round_trip(database, tmp_path):
    folder = tmp_path / 'label'
    assert export_poscar(database.select(), folder) == database.count()
    for row in database.select():
        atoms = read(folder / f'{row.id:05d}/POSCAR')
        order_n = np.argsort(row.symbols, kind='stable')
        assert list(atoms.symbols) == sorted(row.symbols)
        assert list(atoms.symbols) == [row.symbols[n] for n in order_n]
        assert atoms.cell.handedness == 1
        check_written(atoms, row, order_n)
    assert len(list(folder.iterdir())) == database.count() + 1


def test_right_handed_cells_are_as_they_were(database, tmp_path):
    export_poscar(database.select(), tmp_path / 'label')
    rows = [row for row in database.select() if row.pbc.all()]
    right = [row for row in rows if row.shape != 'left-handed']
    assert len(right) == len(rows) - 1
    for row in right:
        cell = read(tmp_path / f'label/{row.id:05d}/POSCAR').cell
        np.testing.assert_allclose(cell, row.cell, rtol=0, atol=1e-12)


def test_index_of_the_poscars(database, tmp_path):
    export_poscar(database.select('shape=alloy'), tmp_path / 'label')
    export_poscar([database[1], *database.select('shape=alloy')], tmp_path / 'more')
    with open(tmp_path / 'more/index.csv', newline='') as file:
        lines = list(csv.DictReader(file))
    rows = [database[1], *database.select('shape=alloy')]
    for line, row in zip(lines, rows, strict=True):
        assert line['folder'] == f'{row.id:05d}'
        assert line.pop('folder') in {p.name for p in (tmp_path / 'more').iterdir()}
        assert line.pop('formula') == row.formula
        expected = {'id': row.id, **row.key_value_pairs}
        assert line == {key: str(value) for key, value in expected.items()}


def test_keys_that_only_some_rows_have(tmp_path):
    database = connect(tmp_path / 'w.db')
    cell = np.diag((3, 3, 3))
    for keys in ({'first': 1}, {'second': 2}):
        database.write(Atoms('W', cell=cell, pbc=True), **keys)
    export_poscar(database.select(), tmp_path / 'label')
    with open(tmp_path / 'label/index.csv', newline='') as file:
        lines = list(csv.DictReader(file))
    assert [line['first'] for line in lines] == ['1', '']
    assert [line['second'] for line in lines] == ['', '2']


# All of them


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_rows_pass_one_by_one(export, name, database, tmp_path):
    """While a row is made, those before the last are gone: memory does not grow."""
    alive = []

    def stream():
        for number in range(20):
            row = database[1]
            row.id = number
            alive.append(weakref.ref(row))
            yield row
            del row
            assert sum(ref() is not None for ref in alive) <= 1
            assert not (tmp_path / name).exists()

    assert export(stream(), tmp_path / name) == 20
    assert (tmp_path / name).exists()


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
@pytest.mark.parametrize('reason', [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_export_leaves_nothing(export, name, reason, database, tmp_path):
    def broken():
        yield database[1]
        raise reason

    before = set(tmp_path.rglob('*'))
    with pytest.raises(reason):
        export(broken(), tmp_path / name)
    assert set(tmp_path.rglob('*')) == before

    export([database[2]], tmp_path / name)
    before = {p: p.is_file() and p.read_bytes() for p in tmp_path.rglob('*')}
    with pytest.raises(reason):
        export(broken(), tmp_path / name, overwrite=True)
    after = {p: p.is_file() and p.read_bytes() for p in tmp_path.rglob('*')}
    assert after == before


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_nothing_is_overwritten_by_accident(export, name, database, tmp_path):
    path = tmp_path / name
    export([database[1]], path)
    assert complaint(export, [database[2]], path) == (
        f"path='{path}': is there already, expected a new name, or overwrite=True "
        '(--overwrite)'
    )
    export([database[2]], path, overwrite=True)
    export([database[2]], tmp_path / f'again.{name}')
    new, again = (
        {p.relative_to(place): p.is_file() and p.read_bytes() for p in files(place)}
        for place in (path, tmp_path / f'again.{name}')
    )
    assert new == again
    assert {p.name for p in tmp_path.iterdir()} == {'w.db', name, f'again.{name}'}


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_places_that_are_there_but_empty(export, name, database, tmp_path):
    path = tmp_path / name
    path.mkdir() if name == 'set' else path.touch()
    assert export([database[1]], path) == 1


@pytest.mark.parametrize('export', [export_fitsnap, export_poscar])
@pytest.mark.parametrize('name', ['00001/OUTCAR', 'notes.txt', 'a/b/00001.json'])
def test_files_of_others_are_never_replaced(export, name, database, tmp_path):
    folder = tmp_path / 'set'
    export_poscar([database[1]], folder)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text('weeks of work')
    assert complaint(export, [database[2]], folder, overwrite=True) == (
        f"path='{folder}': holds '{name}', which no export writes, expected a new name "
        '(or delete the folder yourself)'
    )
    assert (folder / name).read_text() == 'weeks of work'
    assert (folder / '00001/POSCAR').exists()


def test_a_folder_that_cannot_be_put_in_place(database, tmp_path, monkeypatch):
    """What was there stays there."""
    export_poscar([database[1]], tmp_path / 'set')
    plain = Path.rename

    def full(self, target):
        if self.suffix == '.part':
            raise OSError('no space left')
        return plain(self, target)

    monkeypatch.setattr(Path, 'rename', full)
    with pytest.raises(OSError, match='no space'):
        export_poscar([database[2]], tmp_path / 'set', overwrite=True)
    assert (tmp_path / 'set/00001/POSCAR').exists()
    assert {p.name for p in tmp_path.iterdir()} == {'w.db', 'set'}


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_places_that_are_not_there(export, name, database, tmp_path):
    path = tmp_path / 'nowhere' / name
    assert complaint(export, [database[1]], path) == (
        f"path='{path}': the folder '{path.parent}' does not exist, expected one that "
        'does'
    )


@pytest.mark.skipif(sys.platform != 'linux', reason='/proc is read-only on Linux only')
@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_places_that_cannot_be_written(export, name, database):
    message = complaint(export, [database[1]], f'/proc/{name}')
    assert message.startswith(f"path='/proc/{name}': cannot be written (")


def test_names_of_the_wrong_kind(database, tmp_path):
    (tmp_path / 'set.xyz').mkdir()
    message = complaint(export_extxyz, [database[1]], tmp_path / 'set.xyz')
    assert message.endswith("set.xyz': is a folder, expected a file name")
    message = complaint(export_extxyz, [database[1]], tmp_path / 'set.dat')
    assert message.endswith("set.dat': expected a name that ends in .extxyz or .xyz")
    for export in (export_fitsnap, export_poscar):
        message = complaint(export, [database[1]], tmp_path / 'w.db')
        assert message.endswith("w.db': is a file, expected the name of a folder")


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_rows_that_are_none(export, name, database, tmp_path):
    path = tmp_path / name
    expected = 'rows holds nothing: expected one row or more'
    assert complaint(export, [], path) == expected
    expected = "rows holds 'w': expected rows of an ase.db"
    assert complaint(export, 'w.db', path) == expected
    assert not path.exists()


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_atoms_that_do_not_belong_to_the_row(export, name, database, tmp_path):
    def more(row):
        return bare_atoms(row) + Atoms('W')

    assert complaint(export, [database[1]], tmp_path / name, atoms_of=more) == (
        'row 1 has 20 atoms, atoms_of(row) 21: expected as many'
    )


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
@pytest.mark.parametrize(
    'atoms_of', [AtomsRow.toatoms, lambda row: with_v(bare_atoms(row))]
)
def test_labels_that_are_those_of_v(atoms_of, export, name, database, tmp_path):
    assert complaint(export, [database[1]], tmp_path / name, atoms_of=atoms_of) == (
        'row 1: atoms_of(row) has the energy of V, which is not that of a material, '
        'expected results of another calculator, or none'
    )


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_labels_that_are_not_finite(export, name, database, tmp_path):
    def failed(row):
        atoms = bare_atoms(row)
        atoms.calc = SinglePointCalculator(atoms, energy=np.nan)
        return atoms

    assert complaint(export, [database[1]], tmp_path / name, atoms_of=failed) == (
        'row 1: energy of atoms_of(row) is nan, expected finite numbers'
    )


@pytest.mark.parametrize('export', [export_fitsnap, export_poscar])
@pytest.mark.parametrize(
    'cell', [None, (5, 5, 0), [[5, 0, 0], [0, 5, 0], [5, 5, 0]]], ids=str
)
def test_cells_without_volume(export, cell, tmp_path):
    row = AtomsRow(Atoms('W', cell=cell, pbc=True))
    row.id = 7
    message = complaint(export, [row], tmp_path / 'set')
    assert message == (
        f'row 7: cell={row.cell.tolist()}: expected three vectors that span a volume'
    )


@pytest.mark.parametrize('export', [export_fitsnap, export_poscar])
def test_rows_of_two_databases(export, database, tmp_path):
    assert complaint(export, [database[3], database[3]], tmp_path / 'set') == (
        'rows holds id=3 twice: expected rows of one database'
    )


# Command line


@pytest.fixture
def harvest(tmp_path, monkeypatch):
    """A small harvest of copper as w.db in the working directory."""
    monkeypatch.chdir(tmp_path)
    database = connect('w.db')
    for number in range(3):
        atoms = bulk('Cu', cubic=True)
        atoms.rattle(0.1, seed=number)
        database.write(
            with_v(atoms), stage='biased', recipe='quench', entropy=4.5 + number
        )
    return database


def test_export_of_all_formats(harvest, capsys):
    main(['export', 'w.db', '-o', 'w.xyz', '--select', 'entropy>5'])
    main(['export', 'w.db', '-o', 'JSON', '--format', 'fitsnap'])
    main(['export', 'w.db', '-o', 'label', '--format', 'poscar'])
    assert [atoms.info['id'] for atoms in read('w.xyz', ':')] == [2, 3]
    assert len(list(Path('JSON/biased_quench').iterdir())) == 3
    assert Path('label/00003/POSCAR').exists()
    assert capsys.readouterr().out.splitlines() == [
        f'w.xyz: 2 configurations of w.db, {UNLABELED}',
        f'JSON: 3 configurations of w.db, {UNLABELED}',
        'label: 3 configurations of w.db',  # POSCAR has none
    ]


def test_labels_are_not_missed_where_there_are_some(harvest, tmp_path, capsys):
    """All, none by another element, and a mixture, which is refused."""
    atoms = harvest.get_atoms(1)
    atoms.calc = SinglePointCalculator(atoms, energy=-3.0)
    write('dft.xyz', [atoms, atoms])
    main(['export', 'dft.xyz', '-o', 'a.xyz'])
    assert capsys.readouterr().out == 'a.xyz: 2 configurations of dft.xyz\n'
    main(['export', 'dft.xyz', '-o', 'w.xyz', '--element', 'W'])
    printed = capsys.readouterr().out
    assert printed == f'w.xyz: 2 configurations of dft.xyz, {UNLABELED}\n'
    with pytest.raises(SystemExit):
        main(['export', 'dft.xyz+w.xyz', '-o', 'b.xyz'])
    assert 'the same of all (ase-entropy label computes' in capsys.readouterr().err
    assert not Path('b.xyz').exists()


def test_overwrite_of_the_command_line(harvest):
    main(['export', 'w.db', '-o', 'w.xyz', '--select', 'id=1'])
    main(['export', 'w.db', '-o', 'w.xyz', '--select', 'id=2', '--overwrite'])
    assert [atoms.info['id'] for atoms in read('w.xyz', ':')] == [2]


@pytest.mark.parametrize(('options', 'scale'), [([], None), (['--scale', '1.2'], 1.2)])
def test_another_element(harvest, options, scale):
    main(['export', 'w.db', '-o', 'w.xyz', '--element', 'W', *options])
    for atoms, row in zip(read('w.xyz', ':'), harvest.select(), strict=True):
        expected = rescale(row.toatoms(), 'W', scale)
        assert atoms.get_chemical_formula() == 'W4'
        np.testing.assert_allclose(atoms.cell, expected.cell)
        np.testing.assert_allclose(atoms.positions, expected.positions, atol=6e-9)


def test_from_poscars_over_labels_to_fitsnap(harvest):
    """The round that a user makes, with EMT in the place of VASP."""
    harvest.write(with_v(alloy(5)), stage='biased', recipe='quench')
    main(['export', 'w.db', '-o', 'label', '--format', 'poscar'])
    energies = {}
    for path in Path('label').glob('*/POSCAR'):
        atoms = read(path)
        atoms.wrap()  # as VASP does
        atoms.calc = EMT()
        energies[path.parent.name] = atoms.get_potential_energy()
        atoms.get_stress()
        atoms.write(path.parent / 'result.xyz')
    labels = ['--labels', 'label/{id:05d}/result.xyz']
    main(['export', 'w.db', '-o', 'JSON', '--format', 'fitsnap', *labels])
    files = list(Path('JSON').rglob('*.json'))
    assert len(files) == len(set(energies.values())) == 4
    for path in files:
        file = read_fitsnap(path)
        assert np.isclose(file['Energy'], energies[path.stem])
        assert np.shape(file['Forces']) == (file['NumAtoms'], 3)
        assert np.shape(file['Stress']) == (3, 3)


def swap(atoms):
    atoms.positions[[0, 1]] = atoms.positions[[1, 0]]


def unbox(atoms):
    atoms.cell, atoms.pbc = None, False


@pytest.mark.parametrize(
    ('change', 'difference'),
    [
        (lambda atoms: atoms.rattle(0.1), 'atoms up to 0.'),
        (lambda atoms: atoms.set_chemical_symbols('Cu3Au'), 'AuCu3 for Cu4'),
        (swap, 'atoms up to 2.'),
        (lambda atoms: atoms.set_cell(atoms.cell * 1.01), 'cell=[[3.6461'),
        (lambda atoms: atoms.set_cell(atoms.cell * [1, 1, 2]), 'cell=[[3.61, 0'),
        (lambda atoms: atoms.set_cell(atoms.cell[[0, 1, 1]]), 'cell=[[3.61, 0'),
        (unbox, 'pbc=[False, False, False] for [True, True, True]'),
        (lambda atoms: atoms.set_pbc((1, 1, 0)), 'pbc=[True, True, False] for [True'),
    ],
)
def test_labels_of_another_configuration(change, difference, harvest, capsys):
    atoms = labeled(harvest[1])
    change(atoms)
    atoms.calc = SinglePointCalculator(atoms, energy=1.0, forces=atoms.positions)
    atoms.write('label-1.xyz')
    labels = ['--select', 'id=1', '--labels', 'label-{id}.xyz']
    with pytest.raises(SystemExit) as caught:
        main(['export', 'w.db', '-o', 'JSON', '--format', 'fitsnap', *labels])
    assert caught.value.code == 2
    sentence = capsys.readouterr().err.splitlines()[-1]
    assert (
        '--labels label-1.xyz: is another configuration, expected that of row 1 ('
    ) in sentence
    assert f'({difference}' in sentence


def test_labels_with_other_vectors_of_the_same_lattice(harvest, tmp_path):
    """Programs wrap atoms, turn cells around, and choose reduced vectors."""
    atoms = labeled(harvest[1])
    energy = atoms.get_potential_energy()
    atoms.set_cell([[0, 0, -1], [1, 0, 0], [0, -1, 0]] @ atoms.cell)
    atoms.set_cell([[1, 0, 0], [2, 1, 0], [0, -1, 1]] @ atoms.cell)
    atoms.wrap()
    assert np.isclose(atoms.get_potential_energy(), energy)
    atoms.write('label-1.xyz')
    (found,) = exported(harvest, tmp_path)
    np.testing.assert_allclose(found.cell, atoms.cell)
    assert np.isclose(found.get_potential_energy(), energy)


@pytest.mark.parametrize('cell', [(0, 0, 0), (9, 9, 9), (9, 9, 0)])
@pytest.mark.parametrize('boxed', [False, True])
def test_labels_of_clusters(cell, boxed, tmp_path, monkeypatch):
    """A cluster may be labeled alone, or in a box that is repeated."""
    monkeypatch.chdir(tmp_path)
    database = connect('w.db')
    atoms = Atoms('Cu3', [[0, 0, 0], [0, 0, 2.5], [0, 2, 1]], cell=cell)
    atoms.calc = EntropyCalculator()
    atoms.get_forces()
    database.write(atoms, stage='biased')
    atoms = labeled(database[1])
    if boxed:
        atoms.set_cell((10, 11, 12))
        atoms.pbc = True
        atoms.translate((-1, -1, 0))
        atoms.wrap()
        atoms.translate((1, 1, 0))
    atoms.get_potential_energy()
    atoms.write('label-1.xyz')
    (found,) = exported(database, tmp_path)
    assert found.calc.results['energy'] == atoms.get_potential_energy()
    assert found.pbc.all() == boxed


def test_labels_of_a_slab_with_more_vacuum(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    database = connect('w.db')
    atoms = bulk('Cu', cubic=True)
    atoms.pbc = (True, True, False)
    database.write(with_v(atoms), stage='biased')
    atoms = labeled(database[1])
    atoms.set_cell(atoms.cell * [[1], [1], [5]])
    atoms.pbc = True
    atoms.get_potential_energy()
    atoms.write('label-1.xyz')
    (found,) = exported(database, tmp_path)
    assert found.cell[2, 2] == pytest.approx(18.05)


def exported(database, folder):
    """Return what an export with the labels in the folder writes, for row 1."""
    rows = database.select('id=1')
    export_extxyz(rows, folder / 'w.xyz', atoms_of=labels_from('label-{id}.xyz'))
    return read(folder / 'w.xyz', ':')


@pytest.mark.parametrize('by_element', [False, True])
def test_labels_that_are_those_of_v_from_a_file(by_element, harvest, capsys):
    """As who writes rows into files, and takes these for labels, would have them."""
    atoms = harvest.get_atoms(1)
    if by_element:
        atoms = atoms[::-1]
        atoms.calc = SinglePointCalculator(
            atoms, energy=harvest[1].energy, forces=harvest[1].forces[::-1]
        )
        harvest.update(1, atoms=atoms)
    atoms.write('label-1.xyz')
    labels = ['--select', 'id=1', '--labels', 'label-{id}.xyz']
    with pytest.raises(SystemExit) as caught:
        main(['export', 'w.db', '-o', 'w.xyz', *labels])
    assert caught.value.code == 2
    assert 'which is not that of a material' in capsys.readouterr().err
    assert not Path('w.xyz').exists()


def test_labels_of_atoms_that_were_changed(harvest, tmp_path):
    """ASE forgets their energy; so would the export."""

    def moved(row):
        atoms = labeled(row)
        atoms.calc = SinglePointCalculator(atoms, energy=1.0)
        atoms.positions += 1e-9
        return atoms

    message = complaint(
        export_extxyz, harvest.select('id=1'), tmp_path / 'w.xyz', atoms_of=moved
    )
    assert message.startswith('row 1: the calculator of atoms_of(row) has no energy')


def test_labels_with_the_energy_of_v_by_chance(harvest, tmp_path):
    atoms = labeled(harvest[1])
    forces_nc = atoms.get_forces()
    atoms.calc = SinglePointCalculator(
        atoms, energy=harvest[1].energy, forces=forces_nc
    )
    atoms.write('label-1.xyz')
    (found,) = exported(harvest, tmp_path)
    np.testing.assert_allclose(found.get_forces(), forces_nc, atol=1e-8)


def test_progress(harvest, capsys, monkeypatch):
    monkeypatch.setattr(command, 'SILENCE', -1.0)
    main(['export', 'w.db', '-o', 'w.xyz'])
    assert capsys.readouterr().out.splitlines() == [
        '0 configurations so far',
        '1 configurations so far',
        '2 configurations so far',
        f'w.xyz: 3 configurations of w.db, {UNLABELED}',
    ]


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_interrupt_of_the_command_line(number, harvest, capsys, monkeypatch):
    def interrupted(rows):
        yield harvest[1]
        signal.raise_signal(number)

    monkeypatch.setattr(command, '_show_progress', interrupted)
    with pytest.raises(SystemExit) as caught:
        main(['export', 'w.db', '-o', 'w.xyz'])
    assert caught.value.code == 130
    assert capsys.readouterr().out == 'interrupted: w.xyz is not written\n'
    assert {path.name for path in Path().iterdir()} == {'w.db'}


NAME = ['-o', 'w.xyz']
FITSNAP = ['-o', 'JSON', '--format', 'fitsnap']


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (['no.db', *NAME], 'no.db: there is no such file'),
        (['one.xyz', *NAME, '--select', 'id=1'], '--select id=1: expected a database'),
        (['empty.db', *NAME], 'empty.db has no rows: expected one or more'),
        (['w.db'], 'the following arguments are required: -o/--output'),
        (['w.db', *NAME, '--format', 'cif'], "invalid choice: 'cif'"),
        (
            ['w.db', '-o', 'JSON'],
            '-o JSON: expected a name that ends in .extxyz or .xyz, or --format '
            'fitsnap or poscar for a folder',
        ),
        (
            ['w.db', *NAME, '--select', 'entropy>5>6'],
            '--select entropy>5>6: expected a query of ase.db, such as '
            "'entropy>5,min_distance>1.8' (ValueError: ",
        ),
        (
            ['w.db', *NAME, '--select', 'age<x'],
            '--select age<x: expected a query of ase.db, such as ',
        ),
        (
            ['w.db', *NAME, '--select', 'entropi>5'],
            '--select entropi>5: expected a query that selects some of the 3 rows of ',
        ),
        (
            ['w.db', '-o', 'one.xyz'],
            'one.xyz: is there already, expected a new name, or --overwrite',
        ),
        (['w.db', '-o', 'no/w.xyz'], "no/w.xyz: the folder 'no' does not exist"),
        (
            ['w.db', *NAME, '--scale', '0.8'],
            '--scale=0.8: expected --element with it',
        ),
        (
            ['w.db', *NAME, '--element', 'W', '--scale', '0'],
            '--scale=0.0: expected a finite number >= 0.01 and <= 100.0',
        ),
        (
            ['w.db', *NAME, '--element', 'W', '--scale', '1e308'],
            '--scale=1e+308: expected a finite number >= 0.01 and <= 100.0',
        ),
        (
            ['w.db', *NAME, '--element', 'Bk'],
            '--element Bk: expected an element with a covalent radius in ASE, such as',
        ),
        (
            ['w.db', *NAME, '--element', 'Xy'],
            '--element Xy: expected a chemical symbol, such as Cu',
        ),
        (
            ['w.db', *NAME, '--element', 'W', '--labels', 'a{id}'],
            '--labels and --element: expected one of them',
        ),
        (
            ['w.db', '-o', 'p', '--format', 'poscar', '--labels', 'a{id}'],
            '--labels is for extxyz and fitsnap: a POSCAR has none',
        ),
        (
            ['w.db', *FITSNAP, '--labels', 'OUTCAR'],
            '--labels OUTCAR: expected a place for the id of the row, such as '
            "'label/{id:05d}/OUTCAR'",
        ),
        (
            ['w.db', *FITSNAP, '--labels', '{name}/OUTCAR'],
            '--labels {name}/OUTCAR: expected a place for the id of the row',
        ),
        (
            ['w.db', *FITSNAP, '--labels', '{id[0]}/OUTCAR'],
            '--labels {id[0]}/OUTCAR: expected a place for the id of the row',
        ),
        (
            ['w.db', *FITSNAP, '--labels', '{id}/OUTCAR'],
            '--labels 1/OUTCAR: expected a file with an energy that ASE reads '
            '(FileNotFoundError: ',
        ),
        (
            ['w.db', *FITSNAP, '--labels', 'bare-{id}.xyz'],
            '--labels bare-1.xyz: expected a file with an energy that ASE reads '
            '(RuntimeError: ',
        ),
    ],
)
def test_command_line(arguments, sentence, harvest, capsys):
    connect('empty.db').metadata = {'title': 'empty'}
    bulk('Cu').write('one.xyz')
    bulk('Cu', cubic=True).write('bare-1.xyz')
    with pytest.raises(SystemExit) as caught:
        main(['export', *arguments])
    assert caught.value.code == 2
    (last,) = [x for x in capsys.readouterr().err.splitlines() if 'error: ' in x]
    assert sentence in last
    assert not Path('w.xyz').exists()
    assert not Path('JSON').exists()


def test_rows_of_a_set_have_a_config_type(tmp_path):
    database = connect(tmp_path / 'al.db')
    for start in ('isolated Al', 'packing', 'prototype beta-Sn', None):
        database.write(bulk('Al'), **({'start': start} if start else {}))
    database.write(bulk('Al'), start='slab', config_type='mine')
    export_extxyz(database.select(), tmp_path / 'al.extxyz')
    found = [a.info.get('config_type') for a in read(tmp_path / 'al.extxyz', ':')]
    assert found == ['IsolatedAtom', 'packing', 'prototype', None, 'mine']
    groups = ['IsolatedAtom', 'packing', 'prototype', 'rows', 'slab']
    rows = read_configurations(tmp_path / 'al.db')
    assert [row.file_group for row in rows] == groups


def test_groups_of_a_set_in_fitsnap(tmp_path):
    """Kinds of start are more than how they were annealed; others keep their groups."""
    database = connect(tmp_path / 'al.db')
    for start in ({'start': 'sphere of packing'}, {'start': 'isolated Al'}, {}):
        database.write(bulk('Al'), stage='biased', recipe='quench', **start)
    export_fitsnap(database.select(), tmp_path / 'JSON')
    groups = {path.name for path in (tmp_path / 'JSON').iterdir()}
    assert groups == {'sphere', 'IsolatedAtom', 'biased_quench'}


@pytest.mark.parametrize('prefix, weight', [('REF_', 0.0), ('', None)])
def test_mace_learns_no_stress_of_slabs(prefix, weight, tmp_path):
    """Its volume of a cell that is not periodic is another one."""
    database = connect(tmp_path / 'cu.db')
    for pbc in (True, (True, True, False), False):
        atoms = bulk('Cu', cubic=True)
        atoms.pbc, atoms.calc = pbc, EMT()
        atoms.get_stress()
        database.write(atoms)
    database.write(atoms, config_stress_weight=0.5)
    export_extxyz(database.select(), tmp_path / 'cu.extxyz', prefix=prefix)
    frames = read(tmp_path / 'cu.extxyz', ':')
    found = [atoms.info.get('config_stress_weight') for atoms in frames]
    assert found == [None, weight, weight, 0.5]
    assert all(('REF_stress' in atoms.info) == bool(prefix) for atoms in frames)
