"""Prepared rows: a database is the same whether ASE writes rows or we insert them."""

import pickle
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.calculators.emt import EMT
from ase.cluster import Icosahedron
from ase.constraints import FixAtoms, FixedPlane
from ase.db import connect
from ase.db.row import AtomsRow

from ase_entropy import AnnealSchedule, NearestNeighborEntropy, Recipe, campaign
from ase_entropy.campaign.cycle import CycleEnd
from ase_entropy.starts import Structure
from ase_entropy.store import write_rows
from ase_entropy.store.prepared import prepare_row, takes_prepared_rows


def periodic():
    atoms = bulk('NaCl', 'rocksalt', a=5.64, cubic=True)
    atoms.set_momenta(np.random.default_rng(1).normal(size=(len(atoms), 3)))
    atoms.set_tags(range(len(atoms)))
    atoms.set_masses([*[22.0] * 4, *[35.5] * 4])
    return atoms


def slab():
    atoms = surface()
    atoms.set_constraint([*atoms.constraints, FixedPlane([5], (0, 0, 1))])
    atoms.set_initial_charges(np.linspace(-0.1, 0.1, len(atoms)))
    return atoms


def calculated():
    atoms = bulk('Al', cubic=True)
    atoms.rattle(0.05, seed=1)
    atoms.set_constraint(FixAtoms([0]))
    atoms.calc = EMT()
    atoms.get_forces()
    atoms.get_stress()
    return atoms


def magnetic():
    atoms = molecule('O2')
    atoms.set_initial_magnetic_moments([1.0, 1.0])
    return atoms


def surface():
    atoms = fcc111('Cu', (2, 2, 3), vacuum=6.0)
    atoms.set_constraint(FixAtoms([0, 1, 2, 3]))
    return atoms


CONFIGURATIONS = {
    'periodic': periodic,
    'slab': slab,
    'calculated': calculated,
    'cluster': lambda: molecule('CH3CH2OH'),
    'wire': lambda: Atoms('W2', [(0, 0, 0), (0, 0, 2)], cell=(0, 0, 5), pbc=(0, 0, 1)),
    'magnetic': magnetic,
    'no atoms': Atoms,
}
KEYS = {
    'cycle': 3,
    'entropy': 6.25,
    'max_force': np.float64(0.1),
    'walker': np.int64(2),
    'converged': True,
    'refused': np.bool_(False),
    'recipe': 'anneal+quench',
    'nothing': float('nan'),
}
DATA = {
    'q_nk': np.arange(6.0).reshape(2, 3),
    'seen': np.array([True, False]),
    'counts': np.arange(3),
    'calculator': {'name': 'x', 'orders': [2, 24], 'none': None, 'flag': False},
    'text': 'Ångström',
}


def ends():
    """Return rows of all kinds, with keys and data, and with next to none."""
    for number, make in enumerate(CONFIGURATIONS.values()):
        for keys, data in ((KEYS, DATA), ({'cycle': 1}, {})):
            yield end_of(make(), f'{number}-{len(keys)}', keys, data)


def end_of(atoms, unique_id='a', keys=KEYS, data=DATA):
    row = AtomsRow(atoms)
    row.unique_id, row.ctime, row.user = unique_id, 26.5, 'me'
    return CycleEnd(row, dict(keys), data, {})


def prepared(end):
    """Return the same as a worker sends it."""
    row = prepare_row(end.row, end.keys, end.data)
    sent = CycleEnd(row, end.keys, {}, end.arrays)
    return pickle.loads(pickle.dumps(sent))


def dump(path):
    """Return all statements that rebuild a database."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Let all rows be of the same moment."""
    monkeypatch.setattr('ase.db.sqlite.now', lambda: 26.75)


def test_dumps_are_equal(tmp_path):
    """Rows of ASE's own writing before, between and after ours; some are deleted."""
    every = list(ends())
    for name, make in (('ase.db', lambda end: end), ('ours.db', prepared)):
        database = connect(tmp_path / name)
        database.metadata = {'title': 'W'}
        write_rows(database, [make(end) for end in every[:5]])
        database.write(end_of(Atoms('H')).row, where='between')
        write_rows(database, [make(end) for end in every[5:8]])
        database.delete([2, len(database)])
        write_rows(database, [make(end) for end in every[8:]])
    ase, ours = (dump(tmp_path / name) for name in ('ase.db', 'ours.db'))
    assert ase == ours
    tables = Counter(line.split('"')[1] for line in ours if line.startswith('INSERT'))
    assert tables['systems'] == len(every) - 1
    assert tables['species'] > 10
    assert tables['number_key_values'] > 50


STARTS = {
    'periodic': Structure.of(bulk('W', cubic=True) * (2, 2, 2)),
    'slab': Structure.of(surface()),
    'cluster': Structure.of(Icosahedron('Cu', 2)),
}


@pytest.mark.parametrize('name', STARTS)
def test_campaigns_are_equal(tmp_path, monkeypatch, name):
    """In two goes, with a large array beside the rows; hot atoms have momenta."""
    monkeypatch.setattr('ase_entropy.campaign.cycle.now', lambda: 26.5)
    recipe = Recipe(
        start=STARTS[name],
        schedule=AnnealSchedule(k_entropy=0.0, shuffle_steps=5, ramp_steps=0),
        estimator=NearestNeighborEntropy(reference_mk=np.ones((300, 6))),
        ladder=None,
        isolated='allow',
    )
    names = 'ase.db', 'ours.db'
    for path, ours in zip(names, (False, True), strict=True):
        module = sys.modules[campaign.run.__module__]
        monkeypatch.setattr(module, 'takes_prepared_rows', lambda _, ours=ours: ours)
        for cycles in (3, 5):
            campaign.run(recipe, cycles, tmp_path / path, seed=1, report=len)
    ase, ours = (dump(tmp_path / name) for name in names)
    assert ase == ours
    assert sum(line.startswith('INSERT INTO "systems"') for line in ours) == 5


@pytest.mark.parametrize('name', CONFIGURATIONS)
def test_rows_that_ase_reads(tmp_path, name):
    database = connect(tmp_path / 'w.db')
    atoms = CONFIGURATIONS[name]()
    database.metadata = {}
    write_rows(database, [prepared(end_of(atoms))])
    row = database.get(cycle=3, converged=1)
    back = row.toatoms()
    assert back == atoms
    assert [c.todict() for c in back.constraints] == [
        c.todict() for c in atoms.constraints
    ]
    np.testing.assert_array_equal(row.data.q_nk, DATA['q_nk'])
    assert row.data.text == DATA['text']


def test_rows_that_are_there_stay(tmp_path):
    """Also where one comes twice at once."""
    database = connect(tmp_path / 'w.db')
    database.metadata = {}
    one, two, three = [prepared(end) for end in ends()][:3]
    write_rows(database, [one])
    before = dump(tmp_path / 'w.db')
    write_rows(database, [one, one])
    assert dump(tmp_path / 'w.db') == before
    write_rows(database, [two, one, three, two])
    assert [row.unique_id for row in database.select()] == ['0-8', '0-1', '1-8']
    species = [line for line in dump(tmp_path / 'w.db') if '"species"' in line]
    assert [line[-3:] for line in species if 'INSERT' in line] == [
        *['1);', '1);', '2);', '2);', '3);']
    ]


def test_more_rows_than_parameters_of_a_statement(tmp_path):
    database = connect(tmp_path / 'w.db')
    database.metadata = {}
    end = prepared(end_of(slab()))
    assert end.row.values[0] == end.row.unique_id
    many = []
    for i in range(1200):
        values = (f'{i}', *end.row.values[1:])
        row = end.row._replace(unique_id=f'{i}', values=values)
        many.append(replace(end, row=row))
    write_rows(database, many[:700])
    write_rows(database, many)
    assert [row.unique_id for row in database.select()] == [f'{i}' for i in range(1200)]


def test_keys_that_ase_refuses():
    with pytest.raises(ValueError, match='Bad key: energy'):
        prepared(end_of(slab(), keys={'energy': 1.0}))


def test_rows_of_different_versions_of_ase(tmp_path):
    database = connect(tmp_path / 'w.db')
    database.metadata = {}
    before = dump(tmp_path / 'w.db')
    one, two = [prepared(end_of(slab(), name)) for name in 'ab']
    newer = two.row.statement.replace('NULL', 'NULL, 0')
    two = replace(two, row=two.row._replace(statement=newer))
    with pytest.raises(ValueError, match='by different versions of ASE: expected one'):
        write_rows(database, [one, two])
    assert dump(tmp_path / 'w.db') == before


def test_databases_of_another_format(tmp_path):
    """Those of an older ASE are written by ASE, whose code knows them."""
    path = tmp_path / 'w.db'
    connect(path).metadata = {}
    assert takes_prepared_rows(connect(path))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE information SET value='8' WHERE name='version'")
    assert not takes_prepared_rows(connect(path))
