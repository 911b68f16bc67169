"""Twenty thousand rows: commands read what they need of them, and no more."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from ase.db import connect
from ase.db.row import AtomsRow
from ase.db.sqlite import SQLite3Database

from ase_entropy.cli import main
from ase_entropy.store import campaigns, ordered_ids

ROWS = 20_000
COMMAND = ['harvest', '--formula', 'W8', '--cell', '6', '6', '6', '--seed', '1']
COMMAND += ['--shuffle-steps', '20', '--db']
OWN = {'id': '?', 'unique_id': '?', 'key_value_pairs': '?'}
COPY = ', '.join(OWN.get(name, name) for name in SQLite3Database.columnnames)
TABLES = {  # how the other tables of ASE repeat the first row
    'keys': 'key',
    'species': 'Z, n',
    'text_key_values': 'key, value',
    'number_key_values': "key, CASE WHEN key='cycle' OR key='walker' "
    'THEN systems.id - 1 ELSE value END',
}


@pytest.fixture(scope='module')
def twenty_thousand(tmp_path_factory):
    """A finished campaign: copies of a row, with the numbers and ids of their cycles.

    In the order of workers that do not finish in turn.
    """
    path = tmp_path_factory.mktemp('large') / 'w.db'
    main([*COMMAND, str(path), '--cycles', '1'])
    database = connect(path)
    (campaign,) = campaigns(database)
    cycles = [cycle ^ 3 for cycle in range(4, ROWS)]
    numbers = zip(range(5, ROWS + 1), cycles, campaign.unique_ids(cycles), strict=True)
    main([*COMMAND, str(path), '--cycles', '4'])
    keys = database.get(id=1).key_value_pairs
    copies = [
        (i, unique_id, json.dumps({**keys, 'cycle': cycle, 'walker': cycle}))
        for i, cycle, unique_id in numbers
    ]
    entry = {**database.metadata['campaigns'][0], 'cycles': ROWS}
    connect(path).metadata = {**connect(path).metadata, 'campaigns': [entry]}
    with closing(sqlite3.connect(path)) as connection, connection:
        query = f'INSERT INTO systems SELECT {COPY} FROM systems WHERE id=1'
        connection.executemany(query, copies)
        for table, columns in TABLES.items():
            connection.execute(
                f'INSERT INTO {table} SELECT {columns}, systems.id FROM {table}, '
                f'systems WHERE {table}.id=1 AND systems.id>4'
            )
    return path


@pytest.fixture
def large(twenty_thousand, tmp_path, monkeypatch):
    """A copy of it; what is asked of it, and how many rows ASE makes."""
    shutil.copy(twenty_thousand, tmp_path / 'w.db')
    watched = SimpleNamespace(path=str(tmp_path / 'w.db'), made=0, statements=[])
    make, plain = AtomsRow.__init__, sqlite3.connect

    def counted(self, *args):
        watched.made += 1
        make(self, *args)

    def traced(*args, **kwargs):
        connection = plain(*args, **kwargs)
        connection.set_trace_callback(watched.statements.append)
        return connection

    monkeypatch.setattr(AtomsRow, '__init__', counted)
    monkeypatch.setattr(sqlite3, 'connect', traced)
    return watched


def readings(watched):
    """Return how many statements read the keys of all rows; none reads the data."""
    reading = [text for text in watched.statements if text.startswith('SELECT')]
    everything = re.compile(r'systems\.data|systems\.\*|SELECT \*')
    assert [text for text in reading if everything.search(text)] == []
    return sum('key_value_pairs' in text for text in reading)


def test_info(large, capsys):
    main(['info', large.path])
    printed = capsys.readouterr().out
    assert f'campaign 0 (biased): {ROWS} of {ROWS} rows, seed 1' in printed
    assert f'biased, campaign 0: {ROWS} rows' in printed
    assert printed.count('\n') < 40
    assert (large.made, readings(large)) == (0, 1)


def test_watch(large, capsys):
    main(['watch', large.path])
    assert f'{ROWS}/{ROWS}  left 0:00:00  mean S ' in capsys.readouterr().out
    assert (large.made, readings(large)) == (0, 1)


def test_two_more_cycles(large, capsys):
    """Rows are made of those two, and not of any that is there."""
    main([*COMMAND, large.path, '--cycles', str(ROWS + 2)])
    printed = capsys.readouterr().out
    assert f'{ROWS + 2}/{ROWS + 2}  left 0:00:00  mean S' in printed
    assert large.made == 2
    assert readings(large) == 3  # which are done, which are not, and if all are there
    assert connect(large.path).count() == ROWS + 2


def test_a_finished_campaign(large, capsys):
    main([*COMMAND, large.path, '--cycles', str(ROWS)])
    assert 'nothing to do' in capsys.readouterr().out
    assert (large.made, readings(large)) == (0, 1)


def test_the_order_of_rows(large):
    ids = ordered_ids(connect(large.path))
    assert large.made == 0
    assert ids[:4] == [1, 2, 3, 4]
    assert ids[4:] == [5 + (i ^ 3) for i in range(ROWS - 4)]
    assert ordered_ids(connect(large.path), 'cycle>3,cycle<8') == [8, 7, 6, 5]
    assert large.made == 4
