"""Sets of configurations: rows and files to arrays, and what is wrong with them."""

import json
import sqlite3

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from ase.db.row import AtomsRow
from ase.io import write
from cells import SHAPES, random_cell
from test_errors import complaint

import ase_entropy.store.rows
from ase_entropy import Bispectrum, EntropyCalculator, LinearDescriptor
from ase_entropy.pairs import find_pairs, reach, shortest_distance
from ase_entropy.sets.dataset import read_dataset

SMALL = Bispectrum(twojmax=2, components=3)


def frames():
    """Return configurations of every shape, one of them a single atom."""
    cells = [random_cell(shape, seed) for seed, shape in enumerate(SHAPES)]
    return [*cells, Atoms('W'), bulk('W')]


def one_by_one(atoms, descriptor):
    return descriptor.evaluate(find_pairs(atoms, reach(descriptor)))[0]


def write_row(database, atoms, descriptor=SMALL, **keys):
    """Write a row as a harvest does, without the harvest."""
    calculator = EntropyCalculator(descriptor).todict()
    data = {'q_nk': one_by_one(atoms, descriptor), 'calculator': calculator}
    atoms = atoms.copy()
    atoms.calc = SinglePointCalculator(atoms, energy=-1.0)
    database.write(atoms, data=data, **keys)


@pytest.fixture
def rows(tmp_path):
    """A database of three rows, of different sizes."""
    database = connect(tmp_path / 'w.db')
    for cycle, n in enumerate((2, 3, 4)):
        atoms = bulk('W', 'sc', a=2.7) * (n, 1, 1)
        atoms.rattle(0.1, seed=n)
        write_row(database, atoms, cycle=cycle, stage='biased', entropy=float(n))
    return tmp_path / 'w.db'


@pytest.mark.parametrize('block', [1, 17, 10**6])
@pytest.mark.parametrize('suffix', ['xyz', 'traj', 'db', 'json'])
def test_blocks_do_not_matter(tmp_path, block, suffix):
    path, cells = tmp_path / f'all.{suffix}', frames()
    write(path, cells, **({'format': 'extxyz'} if suffix == 'xyz' else {}))
    dataset = read_dataset(path, SMALL, block=block)
    assert len(dataset) == dataset.computed == len(cells)
    np.testing.assert_array_equal(np.diff(dataset.first_m), [len(a) for a in cells])
    expected = np.concatenate([one_by_one(atoms, SMALL) for atoms in cells])
    np.testing.assert_allclose(dataset.q_ek, expected, rtol=1e-6, atol=1e-6)
    for again, atoms in zip(dataset.iter_atoms(), cells, strict=True):
        np.testing.assert_allclose(again.positions, atoms.positions, atol=1e-7)
    (third,) = dataset.iter_atoms([3])
    assert len(third) == len(cells[3])


def test_rows_that_did_not_arrive_in_order(tmp_path):
    """Workers date their rows: by that, rows with later numbers may be older."""
    database = connect(tmp_path / 'w.db')
    cells = [bulk('W', 'sc', a=2.7) * (n, 1, 1) for n in range(1, 301)]  # two queries
    with database:
        for age, atoms in enumerate(cells):
            row = AtomsRow(atoms)
            row.ctime, row.user = 50.0 - age, ''
            database.write(row)
    dataset = read_dataset(tmp_path / 'w.db', SMALL)
    assert np.diff(dataset.first_m).tolist() == [len(atoms) for atoms in cells]
    assert [len(atoms) for atoms in dataset.iter_atoms()] == list(range(1, 301))
    assert [len(atoms) for atoms in dataset.iter_atoms([279, 2])] == [3, 280]
    assert dataset.row(6).natoms == 7


@pytest.mark.parametrize('spread', [1, 10])
def test_the_order_of_a_set_is_not_that_of_its_writers(tmp_path, spread, monkeypatch):
    """By stage, campaign, walker and cycle, also where ids are far from that."""
    monkeypatch.setattr(ase_entropy.store.rows, 'AT_ONCE', 8 // spread + 1)
    wanted = [
        (stage, campaign, walker, 2 * walker + cycle)
        for stage in ('biased', 'unbiased')
        for campaign in (0, 1)
        for walker in (0, 1, 2)
        for cycle in (0, 1)
    ]
    written = np.random.default_rng(spread).permutation(len(wanted))
    database = connect(tmp_path / 'w.db')
    for place in written:
        stage, campaign, walker, cycle = wanted[place]
        atoms = bulk('W', 'sc', a=2.7) * (place + 1, 1, 1)
        keys = {'campaign': campaign, 'walker': walker, 'cycle': cycle}
        write_row(database, atoms, stage=stage, **keys)
    write_row(database, bulk('W'), cycle='hot')  # of somebody else: comes first
    dataset = read_dataset(tmp_path / 'w.db')
    sizes = [1, *range(1, len(wanted) + 1)]
    assert np.diff(dataset.first_m).tolist() == sizes
    assert [len(atoms) for atoms in dataset.iter_atoms()] == sizes
    assert [dataset.row(m).natoms for m in range(len(sizes))] == sizes
    assert dataset.keys['walker'][1:].tolist() == [walker for _, _, walker, _ in wanted]


def test_a_file_name_with_an_at_sign(tmp_path):
    """ASE would take what comes before it for the name."""
    write(tmp_path / 'set', bulk('W'), format='extxyz')
    write(tmp_path / 'set@300K.xyz', [bulk('W') * (2, 1, 1)] * 2)
    dataset = read_dataset(tmp_path / 'set@300K.xyz')
    assert dataset.first_m.tolist() == [0, 2, 4]
    assert [len(atoms) for atoms in dataset.iter_atoms()] == [2, 2]


def test_rows_between_those_chosen_stay_out(rows):
    dataset = read_dataset(rows, select='cycle!=1')
    assert dataset.id_m.tolist() == [1, 3]
    assert np.diff(dataset.first_m).tolist() == [2, 4]
    assert [len(atoms) for atoms in dataset.iter_atoms()] == [2, 4]


def test_the_same_configurations_with_other_descriptors(rows):
    """Rows that were added since do not come in."""
    dataset = read_dataset(rows)
    write_row(connect(rows), bulk('W'), cycle=9, stage='biased')
    larger = Bispectrum(twojmax=3)
    found = dataset.with_descriptor(larger)
    expected = [one_by_one(atoms, larger) for atoms in dataset.iter_atoms()]
    np.testing.assert_allclose(found.q_ek, np.concatenate(expected), rtol=1e-12)
    assert (len(found), found.computed, found.descriptor) == (3, 3, larger)
    del connect(rows)[2]
    assert 'row 2 is not there any more' in complaint(dataset.with_descriptor, larger)
    write(rows.with_name('w.xyz'), frames()[:3])
    dataset = read_dataset(rows.with_name('w.xyz'))
    write(rows.with_name('w.xyz'), frames()[:2])
    assert 'has no frame 2 any more' in complaint(dataset.with_descriptor, larger)


def test_a_server_that_is_none():
    message = complaint(read_dataset, 'postgresql://me:secret@127.0.0.1:1/w')
    assert 'expected the address of a server' in message
    assert 'secret' not in message


@pytest.mark.parametrize('password', ['se@cret', 'se/cret', 'se@/cret'])
def test_passwords_that_are_not_encoded(password):
    message = complaint(read_dataset, f'postgresql://me:{password}@127.0.0.1:1/w')
    assert "its password holds '/' or '@', expected '%2F' or '%40' instead" in message
    assert 'cret' not in message


def test_blocks_know_the_elements_of_neighbors(tmp_path):
    """Neighbors weigh by their element, also of the second configuration of a block."""
    descriptor = Bispectrum(twojmax=2, species=['W', 'Be'], weights={'Be': 0.3})
    cells = [random_cell('triclinic', 1), random_cell('slab', 2), bulk('Be')]
    cells[1].symbols[::2] = 'Be'
    write(tmp_path / 'a.traj', cells)
    expected = np.concatenate([one_by_one(atoms, descriptor) for atoms in cells])
    found = read_dataset(tmp_path / 'a.traj', descriptor)
    np.testing.assert_allclose(found.q_ek, expected, rtol=1e-9, atol=1e-9)


def test_stored_descriptors_are_taken(rows):
    dataset = read_dataset(rows)
    assert dataset.computed == 0
    assert dataset.descriptor == SMALL
    assert read_dataset(rows, SMALL).computed == 0
    other = read_dataset(rows, Bispectrum(twojmax=2))
    assert other.computed == 3
    np.testing.assert_allclose(other.q_ek[:, :3], dataset.q_ek, rtol=1e-12)


def test_stored_descriptors_are_those_of_the_row(rows):
    """What is stored is taken as it is, also where the atoms would say otherwise."""
    database = connect(rows)
    data = database.get(id=2).data
    data['q_nk'] = data['q_nk'] + 1.0
    database.update(2, data=data)
    shift_ek = read_dataset(rows).q_ek - read_dataset(rows, block=1).q_ek
    assert not shift_ek.any()
    computed = read_dataset(rows, Bispectrum(twojmax=2)).q_ek[:, :3]
    shift_ek = read_dataset(rows).q_ek - computed
    np.testing.assert_allclose(shift_ek[2:5], 1.0, atol=1e-10)
    np.testing.assert_allclose(shift_ek[[0, 1, 5, 6, 7, 8]], 0.0, atol=1e-10)


@pytest.mark.parametrize(
    ('q_nk', 'what'),
    [
        (np.ones((2, 3)), 'has shape (2, 3): expected (3, 3)'),
        (np.ones((3, 2)), 'has shape (3, 2): expected (3, 3)'),
        (np.ones(9), 'has shape (9,), 9 of 9 finite: expected (e, k)'),
        (np.full((3, 3), np.nan), 'has shape (3, 3), 0 of 9 finite: expected'),
        ([[1.0], [1.0, 2.0]], 'expected an array of numbers'),
        ('lost', 'expected an array of numbers'),
    ],
)
def test_stored_descriptors_that_are_damaged(rows, q_nk, what):
    """They would shift all configurations that come after, or spoil them."""
    database = connect(rows)
    database.update(2, data={**database.get(2).data, 'q_nk': q_nk})
    for descriptor in (None, SMALL):
        message = complaint(read_dataset, rows, descriptor)
        assert message.startswith(f"path='{rows}', row 2: its stored q_nk")
        assert what in message
    assert len(read_dataset(rows, Bispectrum(components=2))) == 3


def test_keys_and_query(rows):
    connect(rows).update(1, e_rep=2.5)
    dataset = read_dataset(rows)
    assert dataset.keys['cycle'].tolist() == [0, 1, 2]
    assert dataset.keys['stage'].tolist() == 3 * ['biased']
    np.testing.assert_array_equal(dataset.keys['e_rep'], [2.5, np.nan, np.nan])
    assert 'min_distance' not in dataset.keys
    assert dataset.species == ('W',)
    assert dataset.name == 'w'
    chosen = read_dataset(rows, select='entropy>2.5', name='high')
    assert chosen.keys['entropy'].tolist() == [3.0, 4.0]
    assert chosen.first_m.tolist() == [0, 3, 7]
    assert [len(atoms) for atoms in chosen.iter_atoms()] == [3, 4]
    assert chosen.row(1).entropy == 4.0
    assert [len(atoms) for atoms in chosen.iter_atoms([1])] == [4]


def test_rows_whose_atoms_were_moved(rows):
    """Their descriptors and their entropy are those of other atoms."""
    database = connect(rows)
    for row in list(database.select()):
        database.update(row.id, min_distance=shortest_distance(row.toatoms()))
    assert read_dataset(rows).computed == 0
    moved = database.get(id=2).toatoms()
    moved.positions[0] += 0.01
    labeled = moved.copy()
    labeled.calc = SinglePointCalculator(labeled, energy=-1.0)
    for atoms, what in ((moved, 'its energy is gone'), (labeled, '(shortest pair ')):
        database.update(2, atoms=atoms)
        message = complaint(read_dataset, rows)
        assert f"path='{rows}', row 2: its atoms have changed since it was" in message
        assert what in message
    assert len(read_dataset(rows, Bispectrum(components=2))) == 3


def test_rows_that_are_deleted_meanwhile(rows):
    dataset = read_dataset(rows)
    connect(rows).delete([3])
    assert len(list(dataset.iter_atoms([0, 1]))) == 2
    assert "w.db': row 3 is not there any more" in complaint(list, dataset.iter_atoms())


def test_rows_that_are_added_later(rows):
    dataset = read_dataset(rows, select='entropy>2.5')
    write_row(connect(rows), bulk('W'), entropy=5.0)
    connect(rows).delete([1])
    assert [len(atoms) for atoms in dataset.iter_atoms()] == [3, 4]


def test_rows_of_an_older_version(rows):
    """A descriptor that lacks a field of today has its default."""
    database = connect(rows)
    data = database.get(id=3).data
    del data['calculator']['descriptor']['weights']
    database.update(3, data=data)
    assert read_dataset(rows).computed == 0


def test_plain_database(tmp_path):
    connect(tmp_path / 'plain.db').write(bulk('W'))
    dataset = read_dataset(tmp_path / 'plain.db')
    assert dataset.descriptor == EntropyCalculator().descriptor
    assert dataset.computed == 1
    assert dataset.keys == {}


def test_species_in_order(tmp_path):
    write(tmp_path / 'a.xyz', [bulk('W'), bulk('Be')])
    assert read_dataset(tmp_path / 'a.xyz').species == ('Be', 'W')


def test_dscribe_and_mapped(rows):
    from dscribe.descriptors import ACSF

    acsf = ACSF(species=['W'], r_cut=4.0, g2_params=[[1.0, 2.5]])
    first = next(read_dataset(rows).iter_atoms([0]))
    expected = ACSF(
        species=['W'], r_cut=4.0, g2_params=[[1.0, 2.5]], periodic=True
    ).create(first)
    np.testing.assert_allclose(read_dataset(rows, acsf).q_ek[:2], expected, rtol=1e-9)
    mapped = LinearDescriptor(SMALL, np.zeros(3), 2 * np.eye(3))
    twice = read_dataset(rows, mapped)
    np.testing.assert_allclose(twice.q_ek, 2 * read_dataset(rows).q_ek, rtol=1e-12)


def test_different_descriptors_in_one_set(rows):
    keys = {'cycle': 3, 'stage': 'biased'}
    write_row(connect(rows), bulk('W'), Bispectrum(cutoff=4.5), **keys)
    message = complaint(read_dataset, rows)
    assert message.startswith(f"path='{rows}', row 4: another descriptor than in rows ")
    assert 'or descriptor=... to compute it' in message
    assert read_dataset(rows, SMALL).computed == 1


def test_descriptor_of_somebody_else(rows):
    database = connect(rows)
    data = database.get(id=1).data
    data['calculator']['descriptor'] = {'name': 'Crystal'}
    database.update(1, data=data)
    message = complaint(read_dataset, rows)
    assert message.startswith(f"path='{rows}', row 1: cannot rebuild its descriptor")
    assert read_dataset(rows, SMALL).computed == 1


def test_no_such_set(tmp_path, rows):
    missing = tmp_path / 'missing.xyz'
    assert (
        complaint(read_dataset, missing) == f"path='{missing}': there is no such file"
    )
    assert complaint(read_dataset, rows, block=0).startswith('block=0: expected')
    connect(tmp_path / 'empty.db').write(Atoms('W'))
    connect(tmp_path / 'empty.db').delete([1])
    assert complaint(read_dataset, tmp_path / 'empty.db').endswith(
        "empty.db' has no rows: expected one or more"
    )
    (tmp_path / 'empty.xyz').touch()
    assert "empty.xyz'" in complaint(read_dataset, tmp_path / 'empty.xyz')
    (tmp_path / 'empty.traj').touch()
    assert "empty.traj'" in complaint(read_dataset, tmp_path / 'empty.traj')
    (tmp_path / 'folder').mkdir()
    assert 'is a folder without files of atoms' in complaint(
        read_dataset, tmp_path / 'folder'
    )


@pytest.mark.parametrize('name', ['bad.cif', 'bad.xyz', 'bad.txt', 'bad.traj', 'bad'])
def test_unreadable_files(tmp_path, name):
    (tmp_path / name).write_text('3\nno crystal\nhere\n')
    message = complaint(read_dataset, tmp_path / name)
    assert message.startswith(f"path='{tmp_path / name}'")
    assert 'expected' in message


def test_databases_of_other_kinds(tmp_path):
    songs = tmp_path / 'songs.db'
    connection = sqlite3.connect(songs)
    connection.execute('CREATE TABLE songs (title TEXT)')
    connection.commit()
    connection.close()
    assert 'is not an ASE database' in complaint(read_dataset, songs)
    (tmp_path / 'a.json').write_text(json.dumps([1]))
    assert 'is not an ASE database' in complaint(read_dataset, tmp_path / 'a.json')


def test_queries(rows, tmp_path):
    for query in ('entropy>>5', 'id=x'):
        message = complaint(read_dataset, rows, select=query)
        assert message.startswith(f'select={query!r}: expected a query of ase.db')
    assert complaint(read_dataset, rows, select='entropy>9') == (
        "select='entropy>9': expected a query that selects some of the 3 rows of "
        f"'{rows}', it selects none"
    )
    write(tmp_path / 'a.xyz', bulk('W'))
    message = complaint(read_dataset, tmp_path / 'a.xyz', select='id=1')
    assert "a.xyz' is not a database" in message
    dataset = read_dataset(tmp_path / 'a.xyz')
    assert complaint(dataset.row, 0).endswith("a.xyz' has no rows: expected a database")


def test_atoms_without_descriptors(tmp_path):
    path = tmp_path / 'a.xyz'
    write(path, [bulk('W'), bulk('Be')])
    assert complaint(read_dataset, path, Bispectrum(species=['W'])) == (
        f"path='{path}', configuration 1: species=('W',) and the atoms hold ['Be']: "
        'expected these elements only'
    )
    write(path, [bulk('W'), Atoms('W2', [(0, 0, 0), (0, 0, 0)])])
    assert complaint(read_dataset, path) == (
        f"path='{path}', configuration 1: atoms 0 and 1 coincide: expected distinct "
        'positions'
    )
