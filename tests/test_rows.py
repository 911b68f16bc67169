"""What rows say of V, of their atoms and of large arrays, in every kind of database."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.db import connect
from ase.io import read
from cells import random_cell
from test_errors import complaint

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    Ladder,
    LinearDescriptor,
    NearestNeighborEntropy,
    RandomPacking,
    Recipe,
    campaign,
)
from ase_entropy.cli import main
from ase_entropy.report.replay import replay
from ase_entropy.sets import bare_atoms, export_extxyz, export_poscar, read_dataset
from ase_entropy.store import campaigns, restore
from ase_entropy.store.ledger import NAMESPACE, finished_cycles
from ase_entropy.store.rows import geometry_hash, read_atoms, read_keys

OLD = Path(__file__).with_name('data') / 'version_0_1.json'
SMALL = ['--formula', 'W8', '--cell', '6', '6', '6', '--shuffle-steps', '20']
SMALL += ['--k-entropy', '1000', '--isolated', 'allow', '--margin', 'inf']
SHORT = AnnealSchedule(shuffle_steps=20, ramp_steps=0)
RESULTS = ('energy', 'free_energy', 'forces', 'stress', 'calculator', 'fmax', 'smax')


def silent(line):
    pass


def harvest(path, cycles, calc=None, constraint=None, atoms=None):
    atoms = atoms or random_cell('orthorhombic', 1)
    atoms.calc = calc or EntropyCalculator()
    atoms.set_constraint(constraint)
    dyn = CyclicLangevin(atoms, schedule=SHORT, rng=np.random.default_rng(1))
    Harvest(dyn, path, ladder=Ladder(steps=20), report=silent).run(cycles)


@pytest.fixture(params=['w.db', 'w.json', 'server'])
def db(request, tmp_path):
    """Name of a database that is not there yet, of each kind."""
    if request.param == 'server':
        return request.getfixturevalue('postgres')
    return str(tmp_path / request.param)


@pytest.fixture(scope='module')
def three(tmp_path_factory):
    """Three rows of a campaign."""
    path = tmp_path_factory.mktemp('three') / 'w.db'
    main(['harvest', *SMALL, '--cycles', '3', '--seed', '1', '--db', str(path)])
    return path


@pytest.fixture
def rows(three, tmp_path, monkeypatch):
    """A copy of them as w.db in the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(three, 'w.db')
    return connect('w.db')


# V is no label.


def test_no_result_of_a_calculator_is_in_a_row(db):
    main(['harvest', *SMALL, '--cycles', '2', '--seed', '1', '--db', db])
    for row in connect(db).select():
        assert [name for name in RESULTS if row.get(name) is not None] == []
        assert row.toatoms().calc is None
        assert row.converged == (row.max_force < 0.05)
        rebuilt = EntropyCalculator.fromdict(row.data['calculator'], connect(db))
        atoms = row.toatoms()
        assert row.effective_energy == rebuilt.get_potential_energy(atoms)
        forces_nc = rebuilt.get_forces(atoms)
        np.testing.assert_array_equal(row.data['effective_forces'], forces_nc)
        stress = rebuilt.get_stress(atoms)
        np.testing.assert_array_equal(row.data['effective_stress'], stress)


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_converters_of_ase_write_no_energy(name, three, tmp_path):
    path = tmp_path / name
    shutil.copy(three, tmp_path / 'w.db')
    if name == 'w.json':
        main(['harvest', *SMALL, '--cycles', '3', '--seed', '1', '--db', str(path)])
    command = [sys.executable, '-m', 'ase', 'convert', path, tmp_path / 'w.extxyz']
    subprocess.run(command, check=True)
    text = (tmp_path / 'w.extxyz').read_text()
    assert not re.search('energy|forces|stress', text)
    assert len(read(tmp_path / 'w.extxyz', ':')) == 3
    assert [atoms.calc for atoms in read(path, ':')] == [None] * 3


def test_a_cluster_has_no_stress(tmp_path):
    atoms = random_cell('orthorhombic', 1)
    atoms.set_cell(None)
    atoms.pbc = False
    harvest(tmp_path / 'w.db', 1, atoms=atoms)
    (row,) = connect(tmp_path / 'w.db').select()
    assert 'effective_stress' not in row.data
    assert row.data['effective_forces'].shape == (row.natoms, 3)


def test_forces_of_atoms_that_are_held(tmp_path):
    """The largest force is that on the others; the forces are those of V."""
    harvest(tmp_path / 'w.db', 1, constraint=FixAtoms([0, 1, 2]))
    (row,) = connect(tmp_path / 'w.db').select()
    (constraint,) = row.constraints
    assert constraint.index.tolist() == [0, 1, 2]
    size_n = np.linalg.norm(row.data['effective_forces'], axis=1)
    assert size_n[:3].min() > 0.0
    assert row.max_force == size_n[3:].max()


def test_queries_and_columns_of_v(rows):
    query = ['w.db', 'entropy>0,effective_energy<0', '-s', 'effective_energy']
    columns = ['-c', 'id,effective_energy,max_force']
    table = subprocess.run(
        [sys.executable, '-m', 'ase', 'db', *query, *columns],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    energies = [float(line.split('|')[1]) for line in table[1:4]]
    assert energies == sorted(energies)
    assert rows.count('effective_energy<-1e9') == 0
    metadata = rows.metadata
    assert metadata['default_columns'][-2:] == ['effective_energy', 'max_force']
    descriptions = metadata['key_descriptions']
    assert descriptions['effective_energy'][0] == 'V'
    for key in ('effective_energy', 'max_force'):
        assert 'not' in descriptions[key][1]
        assert 'of a material' in descriptions[key][1]


def test_info_says_that_v_is_no_label(rows, capsys):
    main(['info', 'w.db'])
    (line,) = re.findall(r'V \(eV\) +(\S+)', capsys.readouterr().out)
    mean = np.mean([row.effective_energy for row in rows.select()])
    assert float(line) == pytest.approx(mean, rel=1e-3)


def test_exports_leave_v_out(rows, tmp_path):
    """Also the key: some programs take what ends in "energy" for a label."""
    assert rows.get(1).effective_energy < 0.0
    export_extxyz(rows.select(), 'w.extxyz')
    export_poscar(rows.select(), 'label')
    for text in (Path('w.extxyz').read_text(), Path('label/index.csv').read_text()):
        assert 'entropy_model' in text
        assert not re.search('effective|force', text)


def test_labels_that_are_those_of_v(rows, capsys):
    """From a file; not those that have the same energy only."""
    for row in rows.select():
        atoms, forces_nc = row.toatoms(), row.data['effective_forces']
        energy = row.effective_energy
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces_nc)
        atoms.write(f'of_v-{row.id}.xyz')
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=-2 * forces_nc)
        atoms.write(f'other-{row.id}.xyz')
    export = ['export', 'w.db', '-o', 'w.xyz', '--labels']
    with pytest.raises(SystemExit) as caught:
        main([*export, 'of_v-{id}.xyz'])
    assert caught.value.code == 2
    assert 'which is not that of a material' in capsys.readouterr().err
    main([*export, 'other-{id}.xyz'])
    assert read('w.xyz', 0).get_potential_energy() == rows.get(1).effective_energy


def test_labels_that_are_those_of_v_in_another_order(rows):
    def turned(row):
        atoms, forces_nc = row.toatoms()[::-1], row.data['effective_forces'][::-1]
        energy = row.effective_energy
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces_nc)
        return atoms

    message = complaint(export_extxyz, rows.select(), 'w.xyz', atoms_of=turned)
    assert 'which is not that of a material' in message


def test_labels_in_the_columns_of_ase_are_labels(rows):
    """A row may be given the energy of a material: it is exported, if asked for."""
    atoms = rows.get(1).toatoms()
    atoms.symbols[:] = 'Cu'
    atoms.calc = EMT()
    energy = atoms.get_potential_energy()
    labeled = rows.get(1).toatoms()
    labeled.calc = SinglePointCalculator(labeled, energy=energy)
    rows.update(1, atoms=labeled)
    row = rows.get(1)
    assert read_dataset('w.db').computed == 0  # the atoms are as before
    export_extxyz([row], 'w.extxyz', atoms_of=lambda row: row.toatoms())
    assert read('w.extxyz').get_potential_energy() == pytest.approx(energy)


# Rows of version 0.1.


@pytest.fixture
def mixed(tmp_path, monkeypatch):
    """A database with two rows of version 0.1 and two of this one."""
    monkeypatch.chdir(tmp_path)
    content = json.loads(OLD.read_text())
    del content[str(content['ids'].pop())]
    Path('w.json').write_text(json.dumps(content))
    main(['harvest', *SMALL, '--cycles', '4', '--seed', '1', '--db', 'w.json'])
    return 'w.json'


def test_old_rows_and_new_ones_in_one_database(mixed, capsys):
    olds, news = (list(connect(mixed).select(q)) for q in ('id<3', 'id>2'))
    assert [row.get('energy') is None for row in (*olds, *news)] == [False] * 2 + [
        True
    ] * 2
    dataset = read_dataset(mixed)
    assert dataset.computed == 0
    assert 'fmax' not in dataset.keys
    forces = [row.fmax for row in olds] + [row.max_force for row in news]
    assert dataset.keys['max_force'].tolist() == forces
    main(['info', mixed])
    printed = capsys.readouterr().out
    assert float(re.search(r'max force \(eV/A\) +\S+ +\S+ +(\S+)', printed)[1]) == (
        pytest.approx(min(forces), rel=1e-3)
    )
    main(['export', mixed, '-o', 'w.xyz'])
    text = Path('w.xyz').read_text()
    assert 'entropy_model' in text
    assert not re.search('energy|force', text)
    main(['watch', mixed])
    assert '4/4  left 0:00:00' in capsys.readouterr().out
    found = connect(mixed).metadata
    assert found['default_columns'][-2:] == ['effective_energy', 'max_force']
    assert 'effective_energy' in found['key_descriptions']


def test_cycles_of_old_rows_and_of_new_ones_are_repeated(mixed):
    for row in connect(mixed).select():
        _, atoms = replay(row, mixed)
        np.testing.assert_allclose(atoms.positions, row.positions, atol=1e-6)


def test_report_on_old_rows_and_new_ones(mixed, monkeypatch):
    monkeypatch.setattr('ase_entropy.report.writing.pictures', lambda found: iter(()))
    main(['report', mixed, '-o', 'r', '--decompositions', '1', '--seed', '1'])
    text = Path('r/report.log').read_text()
    assert 'w: 4 configurations, 32 environments, 6 components' in text
    assert 'cannot watch the cycle' not in text


def test_columns_that_a_user_has_chosen_stay(rows):
    metadata = rows.metadata
    rows.metadata = {**metadata, 'default_columns': ['id', 'energy']}
    main(['harvest', *SMALL, '--cycles', '4', '--seed', '1', '--db', 'w.db'])
    assert connect('w.db').metadata['default_columns'] == ['id', 'energy']


# Atoms that were moved.


@pytest.mark.parametrize('constraint', [None, FixAtoms([0])])
def test_moved_atoms_are_noticed(constraint, rows):
    """Whichever atom, however little, with labels or without: not so before."""
    assert read_dataset('w.db').computed == 0
    for atom in range(8):
        moved = rows.get(2).toatoms()
        moved.positions[atom, 2] += 1e-9
        moved.set_constraint(constraint)
        moved.calc = SinglePointCalculator(moved, energy=-1.0)
        shutil.copy('w.db', 'moved.db')
        connect('moved.db').update(2, atoms=moved)
        message = complaint(read_dataset, 'moved.db')
        assert "path='moved.db', row 2: its atoms have changed since it was" in message
        assert "their hash is not its data['geometry']" in message
    assert len(read_dataset('moved.db', Bispectrum(components=2))) == 3


@pytest.mark.parametrize(
    'change',
    [
        lambda atoms: atoms.set_cell(atoms.cell[:] * (1 + 1e-9)),
        lambda atoms: atoms.set_pbc((True, True, False)),
        lambda atoms: atoms.symbols.__setitem__(3, 'Be'),
    ],
    ids=['cell', 'pbc', 'element'],
)
def test_other_changes_of_atoms_are_noticed(change, rows):
    atoms = rows.get(2).toatoms()
    change(atoms)
    rows.update(2, atoms=atoms)
    assert 'its atoms have changed since' in complaint(read_dataset, 'w.db')


def test_the_hash_of_a_geometry_survives_all_databases(db):
    """Bits of positions, and zeros that are negative."""
    atoms = random_cell('triclinic', 3)
    atoms.positions[0] = -0.0, 1 / 3, 1e-300
    atoms.cell[0, 1] = -0.0
    written = geometry_hash(atoms)
    connect(db).write(atoms, stage='biased')
    assert geometry_hash(connect(db).get(1)) == written
    assert geometry_hash(connect(db).get(1).toatoms()) == written


# Calculators that rows cannot describe.


class Tilted(EntropyCalculator):
    """Adds an energy of its own."""

    def calculate(self, *args, **kwargs):
        super().calculate(*args, **kwargs)
        self.results['energy'] += 100.0


def test_a_subclass_of_the_calculator_is_refused(tmp_path):
    sentence = 'dyn.atoms.calc is Tilted: expected an EntropyCalculator itself, as a '
    message = complaint(harvest, tmp_path / 'w.db', 1, calc=Tilted())
    assert message.startswith(sentence)
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    dyn = CyclicLangevin(atoms, schedule=SHORT, rng=np.random.default_rng(1))
    late = Harvest(dyn, tmp_path / 'w.db', report=silent)
    atoms.calc = Tilted()
    assert complaint(late.run, 1).startswith(sentence)
    sequence = np.random.SeedSequence(1)
    message = complaint(campaign.run_cycle, dyn, None, sequence, 0, 0, silent)
    assert message.startswith(sentence)
    assert connect(tmp_path / 'w.db').count() == 0


# Weights and radii on the command line.


@pytest.mark.parametrize('option', ['weights', 'radii'])
def test_every_element_has_its_number(option, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    binary = ['--formula', 'In4P4', '--cell', '7', '7', '7', '--shuffle-steps', '20']
    sentence = f'--{option}=In=0.5 leaves out P: expected a number for each of '
    with pytest.raises(SystemExit) as caught:
        main(['harvest', *binary, f'--{option}', 'In=0.5', '--db', 'w.db'])
    assert caught.value.code == 2
    assert f'{sentence}In, P' in capsys.readouterr().err
    assert not Path('w.db').exists()
    whole = [f'--{option}', 'In=0.5,P=0.4', '--cycles', '1', '--seed', '1']
    main(['harvest', *binary, *whole, '--db', 'w.db'])
    own = getattr(read_dataset('w.db').descriptor, option)
    assert dict(own) == {'In': 0.5, 'P': 0.4}
    for more in ([], ['--descriptor', 'bispectrum']):
        with pytest.raises(SystemExit) as caught:
            main(['report', 'w.db', f'--{option}', 'In=0.5', *more, '-o', 'r'])
        assert caught.value.code == 2
        assert f'{sentence}P, In' in capsys.readouterr().err


# Large arrays.


REFERENCE_MK = np.random.default_rng(7).normal(scale=20.0, size=(400, 6))
AWAY = Recipe(
    start=RandomPacking('W8', (6.0, 6.0, 6.0)),
    schedule=SHORT,
    estimator=NearestNeighborEntropy(reference_mk=REFERENCE_MK),
)


def run(db, cycles, recipe=AWAY, seed=1, **kwargs):
    return campaign.run(recipe, cycles, db, seed=seed, report=silent, **kwargs)


def arrays_in(db):
    """Return the names of all arrays in a database."""
    database = connect(db)
    if str(db).endswith('.json'):
        return list(database.metadata.get('arrays', {}))
    with database.managed_connection() as connection:
        cursor = connection.cursor()
        cursor.execute('SELECT name FROM information WHERE name LIKE ?', ['array %'])
        return [name.removeprefix('array ') for (name,) in cursor.fetchall()]


def test_a_large_reference_stands_once(db):
    """Rows and ledger name it; calculator, recipe and cycle are rebuilt as ever."""
    assert run(db, 3) == 3
    assert run(db, 4) == 1
    (name,) = arrays_in(db)
    database = connect(db)
    short = {'sha256': name, 'shape': [400, 6]}
    for row in database.select():
        for part in ('calculator', 'dynamics'):
            assert row.data[part]['estimator']['reference_mk'] == short
        assert len(json.dumps(row.data['calculator'])) < 2000
        rebuilt = EntropyCalculator.fromdict(row.data['calculator'], database)
        assert rebuilt.estimator.reference_mk == AWAY.estimator.reference_mk
        assert rebuilt.get_potential_energy(row.toatoms()) == row.effective_energy
    (entry,) = database.metadata['campaigns']
    assert entry['recipe']['estimator']['reference_mk'] == short
    assert Recipe.fromdict(entry['recipe'], database) == AWAY
    assert restore(entry['recipe'], db) == AWAY.todict()
    trace, atoms = replay(row, database)
    np.testing.assert_array_equal(atoms.positions, row.positions)
    assert trace['time'][-1] == row.evaluations


def test_unique_ids_are_those_of_the_whole_recipe(tmp_path):
    """As in version 0.1, whose rows are known again."""
    run(tmp_path / 'w.db', 2)
    text = json.dumps(AWAY.todict(), sort_keys=True)
    text = re.sub(r'(?<=[ \[])(-?\d+)(?=[,}\]])', r'\1.0', text)
    for row in connect(tmp_path / 'w.db').select():
        own = uuid.uuid5(NAMESPACE, f'[{text}, 1, 1, {row.cycle}]').hex
        assert row.unique_id == own


def test_a_campaign_of_version_0_1_with_a_large_reference(tmp_path):
    """Its ledger and rows hold the numbers: it is continued, rows are rebuilt."""
    path = tmp_path / 'w.db'
    run(path, 2)
    run(tmp_path / 'calm.db', 3)
    database = connect(path)
    metadata, rows = database.metadata, list(database.select())
    whole = restore(metadata['campaigns'], database)
    for row in rows:
        data = {**row.data, **restore({'calculator': row.data['calculator']}, database)}
        database.update(row.id, data=data)
    for entry in whole:
        entry['recipe'] = restore(entry['recipe'], database)
    database.metadata = {**metadata, 'campaigns': whole}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM information WHERE name LIKE 'array %'")
    (campaign_0,) = campaigns(connect(path))
    assert sorted(finished_cycles(connect(path), campaign_0)) == [0, 1]
    first = connect(path).get(1)
    rebuilt = EntropyCalculator.fromdict(first.data['calculator'])
    assert rebuilt.get_potential_energy(first.toatoms()) == first.effective_energy
    assert run(path, 3) == 1
    found, calm = (
        {row.unique_id: row.positions.tolist() for row in connect(name).select()}
        for name in (path, tmp_path / 'calm.db')
    )
    assert found == calm
    assert len(arrays_in(path)) == 1


def test_another_reference_is_another_campaign(tmp_path):
    run(tmp_path / 'w.db', 1)
    other = NearestNeighborEntropy(reference_mk=REFERENCE_MK + 1.0)
    message = complaint(run, tmp_path / 'w.db', 1, replace(AWAY, estimator=other))
    assert 'campaign 0 has estimator.reference_mk.sha256=' in message
    assert len(message) < 500
    run(tmp_path / 'w.db', 1, replace(AWAY, estimator=other), append=True)
    assert len(arrays_in(tmp_path / 'w.db')) == 2


def test_a_harvest_keeps_its_arrays(db):
    calc = EntropyCalculator(estimator=AWAY.estimator)
    harvest(db, 2, calc)
    assert len(arrays_in(db)) == 1
    for row in connect(db).select():
        rebuilt = EntropyCalculator.fromdict(row.data['calculator'], db)
        assert rebuilt.get_potential_energy(row.toatoms()) == row.effective_energy


def test_arrays_are_not_touched_at_each_row(tmp_path, monkeypatch):
    """A driver writes them when it begins; it reads none."""
    statements = []
    plain = sqlite3.connect

    def traced(*args, **kwargs):
        connection = plain(*args, **kwargs)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(sqlite3, 'connect', traced)
    run(tmp_path / 'w.db', 5)
    touching = [text for text in statements if 'array ' in text]
    assert len([text for text in touching if text.startswith('INSERT')]) == 1
    assert len(touching) == 2  # it is looked for, and written
    assert len(connect(tmp_path / 'w.db').metadata['campaigns']) == 1
    assert len(json.dumps(connect(tmp_path / 'w.db').metadata)) < 6000


def test_arrays_that_are_gone_come_back_with_the_campaign(tmp_path):
    path = tmp_path / 'w.db'
    run(path, 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM information WHERE name LIKE 'array %'")
    assert run(path, 2) == 1
    assert len(arrays_in(path)) == 1


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_rows_that_were_merged_without_their_arrays(name, tmp_path, capsys):
    path = str(tmp_path / name)
    run(tmp_path / 'a.db', 1)
    command = [sys.executable, '-m', 'ase', 'db', tmp_path / 'a.db', '-i', path]
    subprocess.run(command, check=True)
    (row,) = connect(path).select()
    (lost,) = arrays_in(tmp_path / 'a.db')
    message = complaint(EntropyCalculator.fromdict, row.data['calculator'], path)
    assert message == (
        f"db='{path}': lacks the array with SHA-256 {lost} that rows or campaigns "
        'name, expected the database that the harvest wrote ("ase db -i" copies rows '
        'without arrays)'
    )
    message = complaint(EntropyCalculator.fromdict, row.data['calculator'])
    assert message == (
        f'the array with SHA-256 {lost} is only named: expected '
        'database=ase.db.connect(...), where it stands'
    )
    assert read_dataset(path).computed == 0
    main(['info', path, '--settings'])
    assert "'reference_mk': '400 x 6 numbers'" in capsys.readouterr().out


def test_an_array_that_is_damaged(tmp_path):
    path = tmp_path / 'w.db'
    run(path, 1)
    for text in ('no base64!', 'AAAA', ''):
        with closing(sqlite3.connect(path)) as connection, connection:
            update = "UPDATE information SET value=? WHERE name LIKE 'array %'"
            connection.execute(update, [text])
        (row,) = connect(path).select()
        message = complaint(EntropyCalculator.fromdict, row.data['calculator'], path)
        assert re.search(r'its array with SHA-256 \w+ is damaged, expected', message)


def test_a_large_map_of_descriptors(tmp_path):
    """A set with it is read; a part without its array says so."""
    rng = np.random.default_rng(3)
    inner = Bispectrum(twojmax=8)
    wide = LinearDescriptor(inner, np.zeros(55), rng.normal(size=(55, 20)))
    calc = EntropyCalculator(wide, k_entropy=0.01)
    harvest(tmp_path / 'w.db', 2, calc)
    dataset = read_dataset(tmp_path / 'w.db')
    assert dataset.computed == 0
    np.testing.assert_array_equal(dataset.descriptor.matrix_kx, wide.matrix_kx)
    assert read_dataset(tmp_path / 'w.db', wide).computed == 0
    assert read_dataset(tmp_path / 'w.db', dataset.descriptor).computed == 0
    other = LinearDescriptor(inner, np.zeros(55), 2 * wide.matrix_kx)
    assert read_dataset(tmp_path / 'w.db', other).computed == 2
    with closing(sqlite3.connect(tmp_path / 'w.db')) as connection, connection:
        connection.execute("DELETE FROM information WHERE name LIKE 'array %'")
    message = complaint(read_dataset, tmp_path / 'w.db')
    assert 'row 1: cannot rebuild its descriptor, expected descriptor=... (db=' in (
        message
    )
    assert 'lacks the array with SHA-256' in message
    assert read_dataset(tmp_path / 'w.db', wide).computed == 0


def test_a_part_with_an_array_that_is_only_named():
    dct = {
        'name': 'NearestNeighborEntropy',
        'reference_mk': {'sha256': 'a', 'shape': 1},
    }
    from ase_entropy.entropy import registry
    from ase_entropy.parts import part_from_dict

    message = complaint(part_from_dict, dct, registry)
    assert message.startswith(
        "reference_mk={'sha256': 'a', 'shape': 1}: names an array"
    )


# What info says.


def test_info_on_rows_of_many_settings(tmp_path, capsys):
    """Two hundred of a Harvest, each of its own: the first five, and how many more."""
    path = tmp_path / 'w.db'
    harvest(path, 1)
    database = connect(path)
    row = database.get(1)
    with database:
        for cycle in range(1, 200):
            keys = {**row.key_value_pairs, 'cycle': cycle, 'k_entropy': 500.0 + cycle}
            row.unique_id = uuid.uuid4().hex
            database.write(row, key_value_pairs=keys, data=row.data)
    main(['info', str(path), '--settings'])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 95
    assert max(map(len, lines[2:])) < 80
    assert f'{path}: 200 rows' in lines
    assert 'biased: 200 rows' in lines
    assert lines.count('  settings of 1 rows:') == 5
    assert lines[-1] == '  other settings that are not shown: 195'


def test_info_on_rows_of_one_harvest(tmp_path, capsys):
    harvest(tmp_path / 'w.db', 3)
    main(['info', str(tmp_path / 'w.db'), '--settings'])
    printed = capsys.readouterr().out
    assert 'biased: 3 rows' in printed
    assert '  settings of 3 rows with the same keys, as row 1 has them:' in printed
    for text in (
        "descriptor {'name': 'Bispectrum'",
        'recipe quench',
        'time step 0.5 fs',
    ):
        assert printed.count(text) == 1


def test_info_on_many_campaigns(rows, capsys):
    """The last five; and the settings of each from the ledger, once."""
    metadata = rows.metadata
    (entry,) = metadata['campaigns']
    more = [{**entry, 'number': number} for number in range(1, 8)]
    rows.metadata = {**metadata, 'campaigns': [entry, *more]}
    for number in range(1, 8):
        row = rows.get(1)
        row.unique_id = uuid.uuid4().hex
        keys = {**row.key_value_pairs, 'campaign': number}
        rows.write(row, key_value_pairs=keys, data=row.data)
    main(['info', 'w.db', '--settings'])
    printed = capsys.readouterr().out
    assert 'w.db: 10 rows\nearlier campaigns that are not shown: 3\n' in printed
    assert 'rows of earlier campaigns that are not shown: 5\n' in printed
    for number in range(8):
        shown = number >= 3
        assert (f'campaign {number} (biased): 1 of 3 rows' in printed) == shown
        assert (f'biased, campaign {number}: 1 rows' in printed) == shown
    assert printed.count("repulsion {'name': 'ClarkeSmith'") == 5


def test_info_on_rows_that_another_version_has_continued(rows, capsys):
    """Settings are those of the rows, for each version."""
    rows.update(3, version='9.9.9')
    main(['info', 'w.db', '--settings'])
    printed = capsys.readouterr().out
    assert '  settings of 2 rows with the same keys, as row 1 has them:' in printed
    assert '  settings of 1 rows:\n    W8, version 9.9.9\n' in printed


def test_info_on_a_start_from_atoms(tmp_path, capsys):
    random_cell('orthorhombic', 1).write(tmp_path / 'w.xyz')
    path = str(tmp_path / 'w.db')
    options = ['--structure', str(tmp_path / 'w.xyz'), '--shuffle-steps', '5']
    main(['harvest', *options, '--cycles', '1', '--seed', '1', '--db', path])
    capsys.readouterr()
    main(['info', path, '--settings'])
    printed = capsys.readouterr().out
    assert "start {'name': 'Structure', 'formula': 'W20'}" in printed
    assert max(map(len, printed.splitlines())) < 400


# Keys, read without making rows.


def test_atoms_are_those_that_ase_reads(db):
    database = connect(db)
    for pbc in (True, False, (True, False, True)):
        atoms = Atoms('WAl', [(0, 0, 0), (0.1, 2.5, 1.0)], cell=(4, 5, 6), pbc=pbc)
        database.write(atoms)
    found = dict(read_atoms(database))
    assert found == {row.id: row.toatoms() for row in database.select()}
    assert len(found) == 3


def test_keys_are_those_that_ase_reads(db):
    database = connect(db)
    values = {
        'entropy': 5.5,
        'cycle': 3,
        'converged': np.bool_(True),
        'seed': 2**52 + 1,
    }
    values |= {'stage': 'biased', 'note': 'a "b" \\ ü'}
    database.write(Atoms('W'), **values)
    database.write(Atoms('W2', [(0, 0, 0), (3, 0, 0)]))
    odd = Atoms('W')
    odd.calc = SinglePointCalculator(odd, energy=1.0, forces=[[0.0, 3.0, 4.0]])
    database.write(odd, stage='unbiased', lost=np.nan, far=np.inf)
    database.write(odd, max_force=1.5)
    found = list(read_keys(database))
    wanted = list(database.select())
    assert [row.id for row in found] == [row.id for row in wanted] == [1, 2, 3, 4]
    assert [x.unique_id for x in found] == [x.unique_id for x in wanted]
    assert found[0].keys == wanted[0].key_value_pairs == {**values, 'converged': True}
    assert type(found[0].keys['converged']) is bool
    assert found[1].keys == {}
    assert found[2].keys.pop('max_force') == 5.0  # as rows of version 0.1 have it
    assert np.isnan(found[2].keys.pop('lost'))
    assert found[2].keys == {'stage': 'unbiased', 'far': np.inf}
    assert found[3].keys == {'max_force': 1.5}
    assert [row.id for row in read_keys(database, after=2)] == [3, 4]


def test_keys_that_are_damaged(rows, capsys):
    with closing(sqlite3.connect('w.db')) as connection, connection:
        connection.execute("UPDATE systems SET key_value_pairs='{x' WHERE id=2")
    for command in ('info', 'watch'):
        with pytest.raises(SystemExit) as caught:
            main([command, 'w.db'])
        assert caught.value.code == 2
        assert 'w.db' in (printed := capsys.readouterr().err)
        assert 'row 2: its keys are damaged, expected JSON (' in printed


def test_bare_atoms_have_no_results(rows):
    assert bare_atoms(rows.get(1)).calc is None
