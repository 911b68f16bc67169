"""Campaigns: the same rows whoever computes them, nothing lost, nothing silent."""

import gc
import json
import multiprocessing
import os
import re
import resource
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections import deque
from concurrent.futures import (
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.constraints import FixAtoms
from ase.db import connect
from pebble import ProcessExpired
from pebble.pool.channel import WorkerChannel
from threadpoolctl import threadpool_info

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    CyclicLangevin,
    Harvest,
    Ladder,
    __version__,
    campaign,
)
from ase_entropy.campaign import chains
from ase_entropy.campaign.chains import Chain, run_chain, run_unit
from ase_entropy.campaign.cycle import CycleEnd, CycleFailed
from ase_entropy.campaign.engines import driver, logbook, processes
from ase_entropy.campaign.engines.executors import Cluster, slots_of
from ase_entropy.campaign.engines.processes import Processes
from ase_entropy.campaign.engines.signals import Interrupts
from ase_entropy.campaign.engines.units import TaskResult
from ase_entropy.campaign.recipe import Motion, Recipe
from ase_entropy.campaign.recipes import RECIPES
from ase_entropy.campaign.warm_up import WarmUp
from ase_entropy.cli import main, watch
from ase_entropy.starts import RandomPacking, Structure
from ase_entropy.store import transactions
from ase_entropy.store.database import _check_rows, open_database, without_password
from ase_entropy.store.ledger import NAMESPACE, campaigns
from ase_entropy.store.transactions import has_writer, write_rows, writer_lock

SMALL = Recipe(
    start=RandomPacking('W8', (6, 6, 6)),
    schedule=AnnealSchedule(shuffle_steps=200, ramp_steps=0),
)
CLOCKS = ('ctime', 'mtime', 'user', 'id')


def silent(line):
    pass


def contents(db):
    """Return all that a database says of its rows, in the order of the cycles."""
    rows = []
    for row in connect(db).select():
        dct = {key: row[key] for key in row if key not in CLOCKS}
        dct['data'] = dict(row.data)
        text = json.dumps(dct, default=lambda x: np.asarray(x).tolist(), sort_keys=True)
        rows.append((row.campaign, row.cycle, text))
    return sorted(rows)


def run(db, cycles=6, recipe=SMALL, report=silent, **kwargs):
    kwargs = {'seed': 1, **kwargs}
    return campaign.run(recipe, cycles, db, report=report, **kwargs)


@pytest.fixture(scope='module')
def calm(tmp_path_factory):
    """Six rows, computed without any trouble."""
    path = tmp_path_factory.mktemp('calm') / 'w.db'
    run(path)
    return contents(path)


def test_postgres(tmp_path, postgres, calm, capsys):
    """A hundred rows, half at first; then ASE's own query."""
    quick = Recipe(
        start=SMALL.start,
        schedule=AnnealSchedule(k_entropy=0.0, shuffle_steps=5, ramp_steps=0),
        ladder=None,
    )
    assert run(postgres, 50, quick) == 50
    assert run(postgres, 100, quick) == 50
    assert run(postgres) == 6
    biased = [row for row in contents(postgres) if '"biased"' in row[2]]
    assert [without_campaign(row) for row in biased] == [
        without_campaign(row) for row in calm
    ]
    query = [postgres, 'stage=unbiased,entropy<9', '-c', 'id,entropy', '-s', 'entropy']
    table = subprocess.run(
        [sys.executable, '-m', 'ase', 'db', *query, '--limit', '200'],
        capture_output=True,
        text=True,
    )
    assert table.returncode == 0, table.stderr
    assert 'Rows: 100' in table.stdout
    main(['info', postgres])
    printed = capsys.readouterr().out
    assert 'campaign 0 (unbiased): 100 of 100 rows, seed 1' in printed
    main(['export', postgres, '-o', str(tmp_path / 'w.extxyz'), '--select', 'cycle<3'])
    printed += capsys.readouterr().out
    assert 'w.extxyz: 6 configurations of postgresql://tester:***@' in printed
    assert 'secret' not in printed


def without_campaign(row):
    """Return a row of `contents` without the number of its campaign."""
    dct = json.loads(row[2])
    del dct['campaign']
    return dct


def test_two_drivers_on_one_server(postgres):
    database = open_database(postgres)
    assert not has_writer(database)
    with writer_lock(database):
        assert has_writer(database)
        with pytest.raises(ValueError, match='another campaign is writing to it'):
            run(postgres)
    assert not has_writer(database)


def test_server_that_is_none():
    with pytest.raises(ValueError, match='expected the address of a server') as caught:
        open_database('postgresql://me:secret@127.0.0.1:1/w')
    assert 'secret' not in str(caught.value)
    assert '\n' not in str(caught.value)


# The same rows, whoever computes them.


@pytest.mark.parametrize(
    'workers',
    [
        pytest.param(1, marks=pytest.mark.slow),
        2,
        pytest.param(4, marks=pytest.mark.slow),
    ],
)
def test_any_number_of_workers(tmp_path, calm, workers):
    with Processes(workers) as executor:
        run(tmp_path / 'w.db', executor=executor)
    assert contents(tmp_path / 'w.db') == calm


def test_executor_of_the_standard_library(tmp_path, calm):
    with ProcessPoolExecutor(2, mp_context=get_context('spawn')) as executor:
        run(tmp_path / 'w.db', executor=executor)
    assert contents(tmp_path / 'w.db') == calm


def test_in_five_goes(tmp_path, calm):
    for cycles in (1, 2, 4, 5, 6):
        run(tmp_path / 'w.db', cycles)
    assert contents(tmp_path / 'w.db') == calm
    assert run(tmp_path / 'w.db') == 0


def test_json(tmp_path, calm):
    run(tmp_path / 'w.json', 4)
    run(tmp_path / 'w.json')
    assert contents(tmp_path / 'w.json') == calm
    assert open_database(tmp_path / 'w.json').metadata['campaigns'][0]['cycles'] == 6


@pytest.mark.parametrize('cut', [1, 2, 3, 5])
def test_chains_in_two_goes(tmp_path, cut):
    """A chain that was cut goes on from where it was."""
    run(tmp_path / 'whole.db', chain=3)
    run(tmp_path / 'cut.db', cut, chain=3)
    assert connect(tmp_path / 'cut.db').count() == cut
    lines = []
    run(tmp_path / 'cut.db', chain=3, report=lines.append)
    assert lines[-1].startswith('6/6  ')
    rows = contents(tmp_path / 'whole.db')
    assert contents(tmp_path / 'cut.db') == rows
    walkers = [json.loads(text)['walker'] for _, _, text in rows]
    assert walkers == [0, 0, 0, 1, 1, 1]


def test_a_chain_goes_on_from_the_end_of_the_cycle_before(tmp_path):
    run(tmp_path / 'w.db', chain=3)
    rows = list(connect(tmp_path / 'w.db').select(sort='cycle'))
    for row, after in zip(rows, rows[1:], strict=False):
        same = np.array_equal(row.positions, after.data['start_positions'])
        assert same == (row.walker == after.walker)


def test_a_campaign_is_a_harvest(tmp_path):
    """A chain has the rows of a Harvest from the same start, with the same seeds."""
    run(tmp_path / 'campaign.db', 3, chain=3)
    rng = np.random.default_rng(np.random.SeedSequence(1, spawn_key=(0,)))
    atoms = SMALL.atoms(rng)
    dyn = CyclicLangevin(atoms, schedule=SMALL.schedule, rng=np.random.default_rng(1))
    Harvest(dyn, tmp_path / 'harvest.db', ladder=SMALL.ladder, report=silent).run(3)
    one, two = (
        list(connect(tmp_path / name).select())
        for name in ('campaign.db', 'harvest.db')
    )
    for row, other in zip(one, two, strict=True):
        np.testing.assert_array_equal(row.positions, other.positions)
        assert (row.seed, row.entropy) == (other.seed, other.entropy)


def test_seeds_and_starts_differ(tmp_path):
    run(tmp_path / 'w.db')
    rows = list(connect(tmp_path / 'w.db').select())
    assert len({row.seed for row in rows}) == 6
    starts = {row.data['start_positions'].tobytes() for row in rows}
    assert len(starts) == 6
    run(tmp_path / 'other.db', seed=2)
    others = {row.seed for row in connect(tmp_path / 'other.db').select()}
    assert not others & {row.seed for row in rows}


def test_blas_has_one_thread_within_a_unit(monkeypatch):
    seen = []

    def look(*args):
        seen.extend(threadpool_info())
        return CycleEnd(None, {}, {}, {})

    monkeypatch.setattr(chains, 'run_cycle', look)
    run_chain(SMALL, 1, Chain(0, 0, 1))
    assert seen
    assert {pool['num_threads'] for pool in seen} == {1}


# Which campaign goes on.


def test_another_recipe_is_refused_with_the_difference(tmp_path):
    path = tmp_path / 'w.db'
    run(path, 2)
    other = replace(SMALL, schedule=AnnealSchedule(k_entropy=500.0, ramp_steps=0))
    with pytest.raises(ValueError) as caught:
        run(path, 2, other)
    message = str(caught.value)
    assert 'campaign 0 has schedule.k_entropy=1000.0 (now 500.0)' in message
    assert 'schedule.shuffle_steps=200 (now 2000): expected the same' in message
    with pytest.raises(ValueError, match=r'seed=1 \(now 2\)'):
        run(path, 2, seed=2)
    with pytest.raises(ValueError, match=r'chain=1 \(now 2\)'):
        run(path, 2, chain=2)
    assert connect(path).count() == 2


def test_campaigns_beside_each_other(tmp_path):
    path = tmp_path / 'w.db'
    other = replace(SMALL, schedule=AnnealSchedule(500.0, 10.0, 50, 0))
    run(path, 2)
    run(path, 2, other, append=True)
    assert run(path, 3, other, append=True) == 1  # continues its own
    assert run(path, 3) == 1
    numbers = [row.campaign for row in connect(path).select()]
    assert sorted(numbers) == [0, 0, 0, 1, 1, 1]
    assert [c.cycles for c in campaigns(connect(path))] == [3, 3]
    unbiased = replace(SMALL, ladder=None)
    run(path, 1, unbiased)  # another stage is no rival
    assert campaigns(connect(path))[2].stage == 'unbiased'


def test_two_seeds_beside_each_other(tmp_path):
    run(tmp_path / 'w.db', 2)
    run(tmp_path / 'w.db', 2, seed=2, append=True)
    run(tmp_path / 'w.db', 2, chain=2, append=True)
    assert connect(tmp_path / 'w.db').count() == 6


def test_fewer_cycles_are_noted(tmp_path, monkeypatch):
    """What is wanted now stands in the ledger, for those who watch; all rows stay."""
    path = tmp_path / 'w.db'
    run(path, 3)
    assert run(path, 2) == 0
    assert campaigns(connect(path))[0].cycles == 3
    monkeypatch.setattr(chains, 'run_cycle', stopped)
    monkeypatch.setattr(WarmUp, 'run', silent)
    with pytest.raises(KeyboardInterrupt):
        run(path, 9)
    assert campaigns(connect(path))[0].cycles == 9
    assert run(path, 1) == 0
    assert campaigns(connect(path))[0].cycles == 3


def test_rows_beyond_those_asked_for(tmp_path, capsys):
    """Some are missing among the first, others are there already after them."""
    path = tmp_path / 'w.db'
    run(path, 7)
    connect(path).delete([row.id for row in connect(path).select('cycle>2,cycle<5')])
    lines = []
    assert run(path, 5, report=lines.append) == 2
    assert [line.split()[0] for line in lines[-2:]] == ['6/7', '7/7']
    main(['info', str(path)])
    assert 'campaign 0 (biased): 7 of 7 rows' in capsys.readouterr().out


def test_a_new_campaign_takes_a_number_that_no_row_has(tmp_path):
    path, other = tmp_path / 'w.db', tmp_path / 'other.db'
    run(path, 1)
    run(other, 1, seed=2)
    row = connect(other).get(1)
    keys = {**row.key_value_pairs, 'campaign': 1}
    connect(path).write(row, key_value_pairs=keys, data=row.data)
    assert run(path, 1, seed=3, append=True) == 1
    assert [entry.number for entry in campaigns(connect(path))] == [0, 2]


def stopped(*args):
    raise KeyboardInterrupt


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_rows_of_another_campaign_under_the_number_of_this(name, tmp_path, capsys):
    """As when databases were merged: they are not taken for cycles that are done."""
    path, other = tmp_path / name, tmp_path / 'other.db'
    run(path, 2)
    run(other, 4, seed=2)
    database = connect(path)
    database.metadata  # noqa: B018 (else ASE drops those of JSON)
    for row in connect(other).select('id>2'):
        database.write(row, key_value_pairs=row.key_value_pairs, data=row.data)
    with pytest.raises(ValueError, match='row 3: campaign=0 and cycle=2, expected'):
        run(path, 4)
    with pytest.raises(SystemExit) as caught:
        main(['watch', str(path)])
    assert caught.value.code == 2
    for i in (3, 4):
        database.update(i, campaign=99)
    assert run(path, 4) == 2
    assert len({row.unique_id for row in connect(path).select(campaign=0)}) == 4


def test_the_last_of_two_seeds_is_continued(tmp_path):
    path = tmp_path / 'w.db'
    run(path, 1)
    run(path, 1, seed=2, append=True)
    lines = []
    assert run(path, 1, seed=None, append=True, report=lines.append) == 0
    assert lines[-1].endswith('1 biased rows of campaign 1, seed 2: nothing to do')
    assert run(path, 2, seed=None) == 1
    assert connect(path).count(campaign=1) == 2


class Foreign:
    """An estimator that nobody can tell from another."""

    def evaluate(self, q_nk):
        return 0.0, np.zeros_like(q_nk)


def test_a_part_without_a_description(tmp_path):
    recipe = replace(SMALL, estimator=Foreign(), ladder=Ladder(()))
    with pytest.raises(ValueError, match='recipe.estimator is a Foreign: expected a'):
        run(tmp_path / 'w.db', 1, recipe)


def test_structures_differ_where_they_do(tmp_path):
    atoms = SMALL.start.atoms(np.random.default_rng(3))
    run(tmp_path / 'w.db', 1, replace(SMALL, start=Structure.of(atoms)))
    atoms.positions[0, 0] += 0.25
    with pytest.raises(ValueError) as caught:
        run(tmp_path / 'w.db', 1, replace(SMALL, start=Structure.of(atoms)))
    there, here = re.search(
        r'start.text=(.*) \(now (.*?)\)', str(caught.value)
    ).groups()
    assert there != here


def test_rows_of_no_campaign(tmp_path):
    dyn = SMALL.dynamics(np.random.default_rng(1))
    path = tmp_path / 'w.db'
    Harvest(dyn, path, ladder=SMALL.ladder, report=silent).run(1)
    with pytest.raises(ValueError, match='its 1 biased rows are from no campaign'):
        run(path)
    assert run(path, append=True) == 6
    assert connect(path).count() == 7


def test_seed_is_taken_from_the_campaign(tmp_path):
    lines = []
    run(tmp_path / 'w.db', 1, seed=None)
    run(tmp_path / 'w.db', 2, seed=None, report=lines.append)
    (entry,) = campaigns(connect(tmp_path / 'w.db'))
    assert f'seed {entry.seed}: 1 cycles' in lines[0]


def test_another_version_is_noted(tmp_path):
    run(tmp_path / 'w.db', 1)
    database = open_database(tmp_path / 'w.db')
    metadata = database.metadata
    metadata['campaigns'][0]['version'] = '0.0.1'
    database.metadata = metadata
    lines = []
    run(tmp_path / 'w.db', 2, report=lines.append)
    assert f'note: begun by version 0.0.1, this is {__version__}' in lines


def test_numpy_numbers(tmp_path, calm):
    run(tmp_path / 'w.db', np.int64(6), seed=np.int32(1), chain=np.int64(1))
    assert contents(tmp_path / 'w.db') == calm


def test_rows_know_each_other_in_any_database(tmp_path):
    """The identity of a row says what it was made from, not when."""
    ids = []
    for name in ('one.db', 'two.db'):
        run(tmp_path / name, 2)
        ids.append([row.unique_id for row in connect(tmp_path / name).select()])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


# Failures.


@dataclass(frozen=True)
class Saboteur(RandomPacking):
    """Does harm in a worker when the walker of that number starts."""

    harm: str = 'none'
    folder: str = ''
    walker: int = 2
    always: bool = False

    def atoms(self, rng):
        (walker,) = rng.bit_generator.seed_seq.spawn_key or (None,)
        flag = Path(self.folder) / f'done-{self.harm}'
        if walker == self.walker and (self.always or not flag.exists()):
            flag.touch()
            HARMS[self.harm]()
        return super().atoms(rng)


def complain():
    raise OSError('no coffee\nleft')


HARMS = {
    'dies': lambda: os.kill(os.getpid(), signal.SIGKILL),
    'hangs': lambda: time.sleep(1000),
    'stops': lambda: os.kill(os.getpid(), signal.SIGSTOP),
    'raises': complain,
}


def sabotage(folder, harm, executor=None, **kwargs):
    """Run six cycles, one of which is sabotaged; return lines and ends."""
    lines = []
    start = Saboteur('W8', (6, 6, 6), harm=harm, folder=str(folder), **kwargs)
    recipe = replace(SMALL, start=start)
    try:
        run(folder / 'w.db', recipe=recipe, executor=executor, report=lines.append)
    finally:
        rows = connect(folder / 'w.db').select(sort='cycle')
        ends = {row.cycle: row.positions.tobytes() for row in rows}
    return lines, ends


def ends_of(calm):
    return {
        cycle: np.array(json.loads(text)['positions']).tobytes()
        for _, cycle, text in calm
    }


@pytest.mark.parametrize(
    ('harm', 'kind'),
    [
        ('dies', 'worker died'),
        pytest.param('hangs', 'time limit', marks=pytest.mark.slow),
        pytest.param('stops', 'time limit', marks=pytest.mark.slow),
    ],
)
def test_a_worker_that_dies_or_hangs(tmp_path, calm, harm, kind, capsys):
    with Processes(2, time_limit=5.0) as executor:
        lines, ends = sabotage(tmp_path, harm, executor)
    assert ends == ends_of(calm)
    (line,) = [line for line in lines if 'failed' in line]
    assert line.startswith('cycle 2 failed, is tried again: ')
    main(['info', str(tmp_path / 'w.db')])
    assert f'lost chains: 1 x {kind}' in capsys.readouterr().out


def test_an_exception_within_a_unit(tmp_path, calm):
    lines, ends = sabotage(tmp_path, 'raises')
    assert ends == ends_of(calm)
    line = 'cycle 2 failed, is tried again: OSError: no coffee left'
    assert line in lines
    (entry,) = campaigns(connect(tmp_path / 'w.db'))
    assert entry.failures == {'error': 1}


def test_a_unit_that_always_fails_stops_no_other(tmp_path):
    with pytest.raises(RuntimeError) as caught:
        sabotage(tmp_path, 'raises', always=True)
    message = str(caught.value)
    assert 'holds 5 of 6 rows; given up: cycle 2: OSError: no coffee left' in message
    assert message.endswith('; the same command tries again')
    (entry,) = campaigns(connect(tmp_path / 'w.db'))
    assert entry.failures == {'error': 3}


class Refusing(Executor):
    """Fails all chains, or takes none."""

    slots = 1

    def __init__(self, takes=True):
        self.takes = takes

    def submit(self, function, *args):
        if not self.takes:
            raise BrokenProcessPool('all dead')
        future = Future()
        future.set_exception(MemoryError('out of memory'))
        return future


class OneAfterTheOther(Executor):
    """Finishes the oldest unit whenever it is waited for; counts those in flight."""

    slots = 3

    def __init__(self):
        self.calls, self.counts = deque(), []

    def submit(self, function, unit):
        self.calls.append((Future(), function, unit))
        return self.calls[-1][0]

    def wait(self, pending, *_):
        self.counts.append(len(self.calls))
        future, function, unit = self.calls.popleft()
        future.set_result(function(unit))
        return {future}, set(pending) - {future}


def test_chains_in_flight_are_bounded(tmp_path, calm, monkeypatch):
    executor = OneAfterTheOther()
    monkeypatch.setattr(driver, 'wait', executor.wait)
    run(tmp_path / 'w.db', cycles=10, executor=executor)
    assert executor.counts == [6, 6, 6, 6, 6, 5, 4, 3, 2, 1]  # two for each slot
    rows = contents(tmp_path / 'w.db')
    assert len(rows) == 10
    assert rows[:6] == calm


def test_when_all_fail_the_campaign_stops(tmp_path):
    with pytest.raises(RuntimeError, match='5 chains failed in a row, last cycle 4'):
        run(tmp_path / 'w.db', executor=Refusing())
    (entry,) = campaigns(connect(tmp_path / 'w.db'))
    assert entry.failures == {'error': 5}


class Every(Executor):
    """Fails some chains, and runs the others here."""

    slots = 1

    def __init__(self, fails, slots=1):
        self.fails, self.slots = fails, slots

    def submit(self, function, unit):
        future = Future()
        if any([self.fails(chain.first) for chain in unit.tasks]):
            future.set_exception(MemoryError('out of memory'))
        else:
            future.set_result(function(unit))
        return future


def test_failures_are_in_a_row_only_without_success_between(tmp_path):
    with pytest.raises(RuntimeError, match='holds 10 of 12 rows; given up: cycle 1: '):
        run(tmp_path / 'w.db', 12, executor=Every(lambda cycle: cycle in (1, 8)))


def lock_and_die():
    """Die while holding what the processes of a pool share."""
    for found in gc.get_objects():
        if isinstance(found, WorkerChannel):
            found.mutex.acquire()
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_dies_with_locks_does_not_stop_others():
    begin = time.monotonic()
    with Processes(2) as executor:
        first = executor.submit(lock_and_die)
        others = [executor.submit(abs, -n) for n in range(6)]
        assert [future.result(30) for future in others] == list(range(6))
        with pytest.raises(ProcessExpired):
            first.result(30)
        assert executor.submit(abs, -7).result(30) == 7
    assert time.monotonic() - begin < 40.0  # the locks' patience is a minute


@pytest.mark.slow
def test_workers_that_die_with_nothing_to_do():
    with Processes(2) as executor:
        pids = {executor.submit(os.getpid).result(30) for _ in range(10)}
        for _ in range(3):
            for child in multiprocessing.active_children():
                child.kill()
            assert executor.submit(abs, -7).result(30) == 7
        assert executor.submit(os.getpid).result(30) not in pids


def test_workers_that_cannot_be_started(monkeypatch):
    """Futures end with the reason; the executor goes on when it can again."""
    with Processes(1) as executor:
        first = executor.submit(abs, -1)
        assert first.result(30) == 1
        new_pool = processes._new_pool

        def fail():
            raise OSError(12, 'Cannot allocate memory')

        monkeypatch.setattr(processes, '_new_pool', fail)
        with pytest.raises(ProcessExpired):
            executor.submit(lock_and_die).result(30)
        with pytest.raises(OSError, match='Cannot allocate memory'):
            executor.submit(abs, -2).result(30)
        monkeypatch.setattr(processes, '_new_pool', new_pool)
        assert executor.submit(abs, -3).result(30) == 3


def test_replaced_workers_do_not_hear_ctrl_c():
    with Processes(1) as executor:
        executor.submit(abs, -1).result(30)
        for child in multiprocessing.active_children():
            child.kill()
        assert signal.SIGINT in executor.submit(blocked_signals).result(30)


def blocked_signals():
    return signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_many_workers_may_fail_at_once(tmp_path, calm):
    """A node with six workers dies: more than five in a row, and all is well."""
    left = list(range(6))
    executor = Every(lambda cycle: cycle in left and not left.remove(cycle), slots=6)
    run(tmp_path / 'w.db', executor=executor)
    assert contents(tmp_path / 'w.db') == calm


def test_what_was_given_up_does_not_stand_in_the_way(tmp_path):
    """Five cycles that always fail: first comes what was never tried."""
    executor = Every(lambda cycle: cycle in (1, 3, 5, 7, 9))
    for cycles, rows in ((12, 7), (20, 15)):
        with pytest.raises(RuntimeError, match=f'holds {rows} of {cycles} rows'):
            run(tmp_path / 'w.db', cycles, executor=executor)
    assert connect(tmp_path / 'w.db').count() == 15


def test_an_executor_that_is_broken(tmp_path):
    message = 'the executor takes no more work .*all dead.* holds 0 of 6 rows'
    with pytest.raises(RuntimeError, match=message):
        run(tmp_path / 'w.db', executor=Refusing(takes=False))


def test_an_executor_with_futures_of_its_own(tmp_path):
    """Such as a client of dask, which is none."""
    foreign = SimpleNamespace(submit=lambda function, unit: 'later')
    with pytest.raises(
        ValueError, match=r'its submit\(\) returns str, expected a conc'
    ):
        run(tmp_path / 'w.db', executor=foreign)


def test_a_cycle_that_fails_leaves_the_chain_before_it(tmp_path, monkeypatch):
    """What a chain had finished is kept; the rest is given up."""
    whole = chains.run_cycle

    def fail_late(dyn, ladder, sequence, walker, cycle, report, *others):
        if cycle == 4:
            report('cycle 4 failed, is repeated')
            raise CycleFailed('cycle 4 failed 5 times in a row')
        return whole(dyn, ladder, sequence, walker, cycle, report, *others)

    monkeypatch.setattr(chains, 'run_cycle', fail_late)
    lines = []
    expected = 'given up: cycles 3-5: cycle 4 failed 5 times in a row$'
    with pytest.raises(RuntimeError, match=expected):
        run(tmp_path / 'w.db', chain=3, report=lines.append)
    assert [row.cycle for row in connect(tmp_path / 'w.db').select()] == [0, 1, 2, 3]
    assert 'cycle 4 failed, is repeated' in lines


def test_failed_chains_leave_what_they_had_when_all_stops(tmp_path):
    """Units that fail for good at their second cycle, all back at once."""

    class All(Executor):
        slots = 3

        def submit(self, function, unit):
            def run_first(chain):
                ends = run_chain(SMALL, 1, chain._replace(cycles=1)).ends
                return TaskResult(ends, [], 'failed 5 times in a row')

            future = Future()
            future.set_result(run_unit(run_first, 0, True, unit))
            return future

    with pytest.raises(RuntimeError, match='7 chains failed in a row'):
        run(tmp_path / 'w.db', 24, chain=2, executor=All())
    assert connect(tmp_path / 'w.db').count() == 12  # of the 12 that were in flight


def test_repeated_cycles_are_reported_from_workers(tmp_path):
    """A time step near the limit: attempts fail, cycles end well."""
    lines, shown = [], []
    recipe = replace(SMALL, motion=Motion(timestep=20.0))
    with Processes(2) as executor:
        run(
            tmp_path / 'w.db',
            recipe=recipe,
            executor=executor,
            report=lines.append,
            show=lambda line, progress: shown.append(str(progress)),
        )
    rows = list(connect(tmp_path / 'w.db').select())
    repeated = sum(row.attempts - 1 for row in rows)
    assert repeated > 0
    again = 'is repeated with half the time step and another seed'
    assert sum(again in line for line in lines) == repeated
    assert f'repeated {repeated}  lost 0' in shown[-1]


# The database cannot be written.


def test_a_full_disk_that_is_emptied(tmp_path, calm, monkeypatch):
    monkeypatch.setattr(logbook, 'RETRY', 0.01)
    write, calls = logbook.write_rows, []

    def sometimes(database, ends, revise):
        calls.append(len(ends))
        if 3 <= len(calls) < 6:
            raise sqlite3.OperationalError('database or disk is full')
        write(database, ends, revise)

    monkeypatch.setattr(logbook, 'write_rows', sometimes)
    lines = []
    run(tmp_path / 'w.db', report=lines.append)
    assert contents(tmp_path / 'w.db') == calm
    (line,) = [line for line in lines if 'cannot be written' in line]
    assert '(database or disk is full): 1 finished cycles wait, up to 60 s' in line


def test_ctrl_c_while_the_database_cannot_be_written(tmp_path, monkeypatch):
    def never(database, ends, revise):
        if ends:
            if not calls:
                signal.raise_signal(signal.SIGINT)
            calls.append(ends)
            raise sqlite3.OperationalError('database or disk is full')
        transactions.write_rows(database, ends, revise)

    monkeypatch.setattr(logbook, 'write_rows', never)
    monkeypatch.setattr(logbook, 'PATIENCE', 5.0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    calls, lines = [], []
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / 'w.db', report=lines.append)
    assert len(calls) == 2  # at once, and at the end
    assert 'computes the last 1 again' in lines[-2]
    assert 'interrupted: ' in lines[-1]
    assert 'holds 0 of 6 rows; the same command continues' in lines[-1]


def test_a_disk_that_stays_full(tmp_path, calm):
    """A file may not grow beyond a limit: what fits is whole, and the rest resumed."""
    code = (
        'import sys; from ase_entropy.campaign.engines import logbook; '
        'from ase_entropy.cli import main; '
        'logbook.PATIENCE = 0.5; logbook.RETRY = 0.1; main(sys.argv[1:])'
    )
    path = str(tmp_path / 'w.db')
    run(path, 1)
    limit = os.path.getsize(path) + 3 * 4096  # bytes: room for two rows or so
    done = subprocess.run(
        [sys.executable, '-c', code, *COMMAND, path],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 1
    assert done.stderr.count('\n') == 1
    message = r'the database cannot be written \(.*\); .* holds (\d+) of 6 rows'
    (rows,) = re.findall(message, done.stderr)
    assert 1 < connect(path).count() == int(rows) < 6
    main([*COMMAND, path])
    assert contents(path) == calm


def test_a_database_that_somebody_locks_for_a_while(tmp_path, calm):
    path = tmp_path / 'w.db'
    run(path, 2)
    holder = sqlite3.connect(path, check_same_thread=False)
    holder.execute('BEGIN IMMEDIATE')
    threading.Timer(1.5, holder.rollback).start()
    run(path)
    assert contents(path) == calm


def test_a_row_is_the_same_whether_its_recipe_has_whole_numbers(tmp_path):
    for path, k_entropy in ((tmp_path / 'a.db', 100), (tmp_path / 'b.db', 100.0)):
        run(path, 1, replace(SMALL, schedule=AnnealSchedule(3000, k_entropy, 20, 0)))
    one, two = (connect(tmp_path / name).get(cycle=0) for name in ('a.db', 'b.db'))
    assert one.unique_id == two.unique_id


def test_unique_ids_of_rows(tmp_path):
    """Of recipe, seed, chain and cycle, as JSON: rows of before are known again."""
    run(tmp_path / 'w.db', 2, chain=2, seed=5)
    (entry,) = connect(tmp_path / 'w.db').metadata['campaigns']
    recipe = json.dumps(entry['recipe'], sort_keys=True)
    recipe = re.sub(r'(?<=[ \[])(-?\d+)(?=[,}\]])', r'\1.0', recipe)
    for row in connect(tmp_path / 'w.db').select():
        text = f'[{recipe}, 5, 2, {row.cycle}]'
        assert row.unique_id == uuid.uuid5(NAMESPACE, text).hex


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_what_a_user_wrote_into_the_metadata_stays(tmp_path, name):
    path = tmp_path / name
    run(path, 2)
    database = connect(path)
    texts = {**database.metadata['key_descriptions'], 'mine': ['My', 'own', 'eV']}
    changed = {'title': 'Tungsten', 'note': 'x', 'key_descriptions': texts}
    database.metadata = {**database.metadata, **changed}
    run(path, 3)
    metadata = connect(path).metadata
    assert {key: metadata[key] for key in changed} == changed
    assert len(metadata['campaigns']) == 1


def test_a_json_file_is_whole_whenever_a_driver_is_killed(tmp_path, monkeypatch):
    path = tmp_path / 'w.json'
    run(path, 2)
    metadata = connect(path).metadata
    connect(path).metadata = {**metadata, 'key_descriptions': {}}
    before = path.read_bytes()

    def killed(database, *args):
        Path(database.filename).write_text('{"1"')
        raise KeyboardInterrupt

    monkeypatch.setattr('ase.db.jsondb.JSONDatabase._write_json', killed)
    with pytest.raises(KeyboardInterrupt):
        run(path, 3)
    assert path.read_bytes() == before


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_a_database_behind_a_link(tmp_path, calm, name):
    """One database under two names: one lock, and the link stays one."""
    (tmp_path / 'real').mkdir()
    path, link = tmp_path / 'real' / name, tmp_path / name
    run(path, 2)
    path.chmod(0o664)
    link.symlink_to(path)
    with writer_lock(open_database(path)):
        with pytest.raises(ValueError, match='another campaign is writing to it'):
            run(link)
    run(link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o664
    assert contents(path) == calm


def test_two_drivers_on_one_file(tmp_path, capsys):
    path = str(tmp_path / 'w.db')
    with writer_lock(open_database(path)):
        with pytest.raises(SystemExit) as caught:
            main([*COMMAND, path])
    assert caught.value.code == 2
    assert 'another campaign is writing to it' in capsys.readouterr().err
    assert not (tmp_path / 'w.db.writer').exists()
    main([*COMMAND, path])


def test_a_row_that_is_there_is_not_written_twice(tmp_path, calm):
    """A commit that was interrupted after it was done: said again, done once."""
    path = tmp_path / 'w.db'
    run(path, 2)
    database, result = open_database(path), run_chain(SMALL, 1, Chain(1, 1, 1))
    (entry,) = campaigns(database)
    (end,) = result.ends
    end.keys['campaign'], end.row.unique_id = 0, entry.unique_id(1)
    write_rows(database, [end])
    assert connect(path).count() == 2
    assert [without_campaign(row) for row in contents(path)] == [
        without_campaign(row) for row in calm[:2]
    ]


def test_ctrl_c_writes_what_has_arrived(tmp_path, monkeypatch):
    """Two chains are back and not looked at when it comes; both are in the database."""
    executor = Held()
    monkeypatch.setattr(driver, 'wait', executor.finish_two_and_interrupt)
    lines = []
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / 'w.db', executor=executor, report=lines.append)
    assert [row.cycle for row in connect(tmp_path / 'w.db').select()] == [0, 1]
    assert 'holds 2 of 6 rows; the same command continues' in lines[-1]
    assert [future.cancelled() for future in executor.futures] == [False] * 2 + [
        True
    ] * 2


class Held(Executor):
    """Keeps chains until it is told to run them."""

    slots = 2

    def __init__(self):
        self.futures, self.calls = [], []

    def submit(self, *call):
        self.calls.append(call)
        self.futures.append(Future())
        return self.futures[-1]

    def finish_two_and_interrupt(self, *args):
        for future, (function, unit) in zip(self.futures[:2], self.calls, strict=False):
            future.set_result(function(unit))
        raise KeyboardInterrupt


def test_a_database_that_is_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(logbook, 'PATIENCE', 0.1)
    monkeypatch.setattr(logbook, 'RETRY', 0.05)
    path = tmp_path / 'w.db'

    def delete(line):
        if line.startswith('3/6 '):
            path.unlink()

    with pytest.raises(RuntimeError, match="w.db' is gone"):
        run(path, report=delete)
    assert not path.exists()


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
@pytest.mark.parametrize('other', ['empty', 'of another campaign'])
def test_a_database_that_is_replaced(tmp_path, calm, name, other, monkeypatch):
    """No row gets into a stranger's file; put back, the database gets all of them."""
    monkeypatch.setattr(logbook, 'PATIENCE', 0.1)
    monkeypatch.setattr(logbook, 'RETRY', 0.05)
    path, aside, strange = (tmp_path / f'{prefix}{name}' for prefix in ('', 'a', 's'))
    open_database(strange)
    if other == 'of another campaign':
        run(strange, 2, seed=2)
    before = contents(strange)

    def replace_it(line):
        if line.startswith('3/6 '):
            path.rename(aside)
            strange.rename(path)

    with pytest.raises(RuntimeError, match='is another database than before'):
        run(path, report=replace_it)
    assert contents(path) == before
    aside.rename(path)
    assert run(path) == 3
    assert contents(path) == calm


def test_a_database_that_is_replaced_for_a_while(tmp_path, calm, monkeypatch):
    monkeypatch.setattr(logbook, 'RETRY', 0.01)
    path, strange, lines = tmp_path / 'w.db', tmp_path / 's.db', []
    run(strange, 1, seed=2)
    ours = []

    def swap(line):
        lines.append(line)
        if line.startswith('3/6 '):
            ours.append(path.read_bytes())
            path.write_bytes(strange.read_bytes())
        elif 'is another database than before' in line:
            path.write_bytes(ours[0])

    run(path, report=swap)
    assert contents(path) == calm
    assert sum('is another database than before' in line for line in lines) == 1


def test_rows_that_others_delete_meanwhile(tmp_path, calm):
    """The campaign does not say that it is complete; the next call makes it so."""
    path = tmp_path / 'w.db'

    def delete(line):
        if line.startswith('4/6 '):
            connect(path).delete([1, 2])

    with pytest.raises(RuntimeError, match='lacks 2 of 6 rows that were written'):
        run(path, report=delete)
    assert run(path) == 2
    assert contents(path) == calm


def test_json_that_cannot_be_replaced_is_as_before(tmp_path, monkeypatch):
    path = tmp_path / 'w.json'
    run(path, 1)
    before = path.read_text()

    def refuse(*args):
        raise OSError('disk full')

    monkeypatch.setattr(transactions.os, 'replace', refuse)
    with pytest.raises(OSError, match='disk full'):
        write_rows(open_database(path), run_chain(SMALL, 1, Chain(1, 1, 1)).ends)
    assert path.read_text() == before
    assert [p.name for p in tmp_path.iterdir() if 'new' in p.name] == []


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_opening_does_not_disturb_a_writer(tmp_path, name):
    """Rows come in between two questions; the ledger of the writer is left alone."""
    path = tmp_path / name
    lines = []

    def look(line):
        lines.append(line)
        open_database(path)
        open_database(path, must_exist=True)

    run(path, report=look)
    assert campaigns(open_database(path))[0].cycles == 6
    database = open_database(path)
    counts = iter([3, 5])  # two rows were written in between
    database.count = lambda *args: next(counts)
    _check_rows(database)


def test_passwords_are_hidden():
    hidden = 'postgresql://me:***@host/w'
    assert without_password('postgresql://me:se@cret@host/w') == hidden
    assert without_password('postgresql://h/w?password=x&a=1').endswith('=***&a=1')


def test_server_that_restarts(postgres_server, postgres, calm, monkeypatch):
    """Its connections are lost; what has arrived waits, and is written."""
    import psycopg2

    monkeypatch.setattr(logbook, 'RETRY', 0.1)
    write, calls = logbook.write_rows, []

    def through_a_restart(database, ends, revise):
        calls.append(ends)
        if len(calls) in (3, 4):
            connection = psycopg2.connect(f'{postgres_server}/postgres')
            with connection.cursor() as cursor:
                cursor.execute(
                    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity '
                    'WHERE pid <> pg_backend_pid() AND datname = %s',
                    [postgres.rsplit('/', 1)[1]],
                )
            connection.close()
            raise psycopg2.OperationalError('server closed the connection')
        write(database, ends, revise)

    monkeypatch.setattr(logbook, 'write_rows', through_a_restart)
    lines = []
    run(postgres, report=lines.append)
    assert contents(postgres) == calm
    assert sum('cannot be written' in line for line in lines) == 1


def test_a_log_file_on_a_full_disk(tmp_path, capsys):
    main([*COMMAND, str(tmp_path / 'w.db'), '--logfile', '/dev/full'])
    assert connect(tmp_path / 'w.db').count() == 6
    printed = capsys.readouterr().out
    assert printed.count('--logfile /dev/full ends here: ') == 1
    assert printed.count('/6  left 0:00:0') == 6


def test_nobody_reads_on(tmp_path):
    """A pipe that is closed early: the work goes on."""
    path = tmp_path / 'w.db'
    command = shlex.join([sys.executable, '-m', 'ase_entropy', *COMMAND, str(path)])
    done = subprocess.run(
        ['bash', '-o', 'pipefail', '-c', f'{command} | head -1'],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, '')
    assert connect(path).count() == 6


def test_a_transaction_is_all_or_nothing(tmp_path):
    for name in ('w.db', 'w.json'):
        run(tmp_path / name, 1)
        database = open_database(tmp_path / name)
        before = contents(tmp_path / name)
        good, bad = (run_chain(SMALL, 1, Chain(w, w, 1)).ends[0] for w in (1, 2))
        bad.keys['energy'] = 1.0  # a name that ASE refuses
        with pytest.raises(ValueError, match='Bad key'):
            write_rows(database, [good, bad])
        assert contents(tmp_path / name) == before
        write_rows(database, [good])
        assert connect(tmp_path / name).count() == 2


# Killed and interrupted.

COMMAND = [
    *('harvest', '--formula', 'W8', '--cell', '6', '6', '6', '--seed', '1'),
    *('--shuffle-steps', '200', '--cycles', '6', '--k-entropy', '1000', '--db'),
]
LONG = ['--shuffle-steps', '20000', '--cycles', '12']
ENDLESS = ['--cycles', '1000']  # sure to be under way still when it is stopped


def start(path, *options, ctrl_c=signal.SIG_DFL):
    return subprocess.Popen(
        [sys.executable, '-m', 'ase_entropy', *COMMAND, path, *LONG, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, ctrl_c),
        start_new_session=True,
    )


def children_of(pid):
    """Return the processes that a process has started."""
    text = Path(f'/proc/{pid}/task/{pid}/children').read_text()
    return [int(word) for word in text.split()]


@pytest.mark.parametrize(
    'victims',
    [
        pytest.param('driver', marks=pytest.mark.slow),
        pytest.param('worker', marks=pytest.mark.slow),
        'both',
    ],
)
def test_killed_campaigns(tmp_path, victims):
    """Whoever is killed, the last resume has all rows, once, as if undisturbed."""
    calm, killed = str(tmp_path / 'calm.db'), str(tmp_path / 'killed.db')
    for cycles in ('12', '20'):
        process = start(killed, '--workers', '2', '--cycles', cycles)
        for _ in range(2):  # how it begins, and a cycle
            process.stdout.readline()
        workers = children_of(process.pid)
        marked = {'driver': [], 'worker': workers[-1:], 'both': workers}[victims]
        if victims != 'worker':
            marked = [process.pid, *marked]
        assert marked
        assert process.poll() is None
        for pid in marked:
            os.kill(pid, signal.SIGKILL)
        process.communicate()
        wait_for_the_end_of(workers)
    for path in (killed, calm):
        main([*COMMAND, path, *LONG, '--cycles', '20'])
    assert contents(killed) == contents(calm)


def leave_half_a_commit(path):
    """Die with some pages of a transaction in the file, and its journal beside it."""
    code = (
        'import os, sqlite3, sys;'
        'c = sqlite3.connect(sys.argv[1], isolation_level=None);'
        'c.execute("PRAGMA cache_size=1"); c.execute("BEGIN");'
        'c.execute("UPDATE systems SET data=data||zeroblob(9000)"); os._exit(9)'
    )
    done = subprocess.run([sys.executable, '-c', code, path])
    assert done.returncode == 9
    assert Path(f'{path}-journal').stat().st_size > 0


@pytest.mark.parametrize(
    'first',
    [
        'harvest',
        'info',
        'watch',
        'export',
        pytest.param('report', marks=pytest.mark.slow),
    ],
)
def test_killed_in_the_middle_of_a_commit(tmp_path, calm, first, capsys):
    """Whichever command comes next, the rows before are there."""
    path = str(tmp_path / 'w.db')
    run(path, 6 if first == 'watch' else 4)
    leave_half_a_commit(path)
    options = {
        'export': ['-o', str(tmp_path / 'w.xyz')],
        'report': ['-o', str(tmp_path / 'r'), '--decompositions', '1', '--seed', '1'],
    }
    if first != 'harvest':
        main([first, path, *options.get(first, [])])
    main([*COMMAND, path])
    assert contents(path) == calm


def test_a_worker_that_hangs_does_not_outlive_its_driver(tmp_path):
    code = (
        'import sys; sys.path.insert(0, sys.argv[1]); import test_campaign as t;'
        'from pathlib import Path;'
        'e = t.Processes(1); t.sabotage(Path(sys.argv[2]), "hangs", e, walker=0)'
    )
    here, flag = str(Path(__file__).parent), tmp_path / 'done-hangs'
    process = subprocess.Popen([sys.executable, '-c', code, here, str(tmp_path)])
    while not flag.exists():
        time.sleep(0.05)
    workers = children_of(process.pid)
    process.kill()
    process.wait()
    wait_for_the_end_of(workers)


def wait_for_the_end_of(pids):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(map(is_running, pids)):
        time.sleep(0.05)
    assert not any(map(is_running, pids))


def is_running(pid):
    return Path(f'/proc/{pid}').exists()


@pytest.mark.parametrize(
    'name', [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_interrupted_with_workers(tmp_path, name):
    path = str(tmp_path / 'w.db')
    process = start(path, '--workers', '2', *ENDLESS)
    printed = ''.join(process.stdout.readline() for _ in range(3))  # the last: a cycle
    os.killpg(process.pid, name)  # as a terminal does: the workers hear it too
    rest, errors = process.communicate()
    assert process.returncode == 130
    assert 'Traceback' not in errors
    rows = connect(path).count()
    assert f'holds {rows} of 1000 rows; the same command continues' in printed + rest


@pytest.mark.parametrize(
    'workers', [[], pytest.param(['--workers', '2'], marks=pytest.mark.slow)]
)
def test_in_the_background_of_a_script(tmp_path, workers):
    """There Ctrl-C is ignored; SIGTERM is not."""
    path = str(tmp_path / 'w.db')
    process = start(path, *workers, *ENDLESS, ctrl_c=signal.SIG_IGN)
    printed = process.stdout.readline() + process.stdout.readline()
    process.send_signal(signal.SIGINT)
    printed += process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    rest, errors = process.communicate()
    assert process.returncode == 130
    assert 'Traceback' not in errors
    rows = connect(path).count()
    assert rows > 0
    assert f'holds {rows} of 1000 rows; the same command continues' in printed + rest


def test_ctrl_c_that_gets_lost_within_a_unit(tmp_path, monkeypatch):
    """Python drops exceptions in some callbacks; the driver remembers this one."""

    def lose(*args, **kwargs):
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return run_chain(*args, **kwargs)

    monkeypatch.setattr(sys.modules[campaign.run.__module__], 'run_chain', lose)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    lines = []
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / 'w.db', report=lines.append)
    assert connect(tmp_path / 'w.db').count() == 1
    assert 'holds 1 of 6 rows; the same command continues' in lines[-1]


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_signals_are_held_back_until_asked(number):
    """And raise only once somebody asks, or at once where that does no harm."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(number)  # nothing happens
            with pytest.raises(KeyboardInterrupt):
                interrupts.check()
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


# On a dask scheduler.


def test_dask(tmp_path, calm, dask_scheduler):
    """Through the command line, and through the executor of a client of one's own."""
    from distributed import Client

    address, _ = dask_scheduler
    main([*COMMAND, str(tmp_path / 'w.db'), '--scheduler', address])
    assert contents(tmp_path / 'w.db') == calm
    with Client(address, set_as_default=False) as client:
        run(tmp_path / 'other.db', executor=client.get_executor())
    assert contents(tmp_path / 'other.db') == calm


@pytest.mark.slow
@pytest.mark.parametrize('harm', ['dies', 'hangs'])
def test_dask_worker_that_dies_or_hangs(tmp_path, calm, dask_scheduler, harm):
    """The scheduler gives its unit to another one."""
    with Cluster(dask_scheduler[0], time_limit=5.0) as executor:
        _, ends = sabotage(tmp_path, harm, executor)
    assert ends == ends_of(calm)


def test_dask_scheduler_that_disappears(tmp_path, dask_scheduler):
    address, scheduler = dask_scheduler
    path = str(tmp_path / 'w.db')
    process = start(path, '--scheduler', address, *ENDLESS)
    for _ in range(4):
        process.stdout.readline()
    scheduler.kill()
    _, errors = process.communicate()
    assert process.returncode == 1
    rows = connect(path).count()
    assert 0 < rows < 1000
    assert errors == (
        f"ase-entropy harvest: the scheduler at '{address}' is gone; {path} holds "
        f'{rows} of 1000 rows, the same command continues\n'
    )


def test_dask_scheduler_without_workers(tmp_path, calm):
    from distributed import LocalCluster

    lines = []
    with LocalCluster(n_workers=0, dashboard_address=None) as cluster:

        def report(line):
            lines.append(line)
            if 'waiting for some' in line:
                cluster.scale(1)

        with Cluster(cluster.scheduler_address) as executor:
            run(tmp_path / 'w.db', report=report, executor=executor)
    assert 'the scheduler has no workers yet: waiting for some' in lines
    assert contents(tmp_path / 'w.db') == calm


# Watching.


def test_watch_and_info_while_it_runs(tmp_path, capsys):
    path = str(tmp_path / 'w.db')
    process = start(path)
    for _ in range(3):  # lengths, recipe, the first cycle
        process.stdout.readline()
    main(['info', path])
    assert 'of 12 rows' in capsys.readouterr().out
    main(['watch', path, '--interval', '0.05'])
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1].startswith('12/12  left 0:00:00')
    assert 'nobody' not in printed
    process.communicate()
    assert process.returncode == 0


def test_a_campaign_that_is_gone_while_it_is_watched(tmp_path, monkeypatch, capsys):
    path = tmp_path / 'w.db'
    run(path, 1)
    database = open_database(path)
    campaign_0 = database.metadata['campaigns'][0] | {'cycles': 2}
    database.metadata = database.metadata | {'campaigns': [campaign_0]}

    def replace_it(seconds):
        database.metadata = database.metadata | {'campaigns': []}

    monkeypatch.setattr(watch.time, 'sleep', replace_it)
    with pytest.raises(SystemExit) as caught:
        main(['watch', str(path)])
    assert caught.value.code == 2
    assert 'campaign 0 is not there any more' in capsys.readouterr().err


def test_a_campaign_that_nobody_runs_is_watched(tmp_path, monkeypatch, capsys):
    """It is said once, also where the killed one has left its lock file behind."""
    path = str(tmp_path / 'w.db')
    process = start(path, *ENDLESS)
    for _ in range(3):  # lengths, recipe, the first cycle
        process.stdout.readline()
    looks = []

    def wait(seconds):
        looks.append(capsys.readouterr().out)
        if len(looks) == 1:
            process.kill()
            process.communicate()
        if len(looks) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(watch.time, 'sleep', wait)
    with pytest.raises(SystemExit) as caught:
        main(['watch', path])
    assert caught.value.code == 130  # it has not seen the end
    assert Path(f'{path}.writer').exists()
    assert ['nobody is writing it now' in printed for printed in looks] == [
        *(False, True, False, False)
    ]


def test_nothing_to_watch(tmp_path, capsys):
    open_database(tmp_path / 'w.db')
    with pytest.raises(SystemExit) as caught:
        main(['watch', str(tmp_path / 'w.db')])
    assert caught.value.code == 2
    assert 'no campaign has written it' in capsys.readouterr().err


def test_one_line_on_a_terminal_is_refreshed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, 'isatty', lambda: True, raising=False)
    log = tmp_path / 'w.log'
    main([*COMMAND, str(tmp_path / 'w.db'), '--logfile', str(log)])
    printed = capsys.readouterr().out
    assert printed.count('\r\x1b[K') == 6
    assert '\r\x1b[K6/6  left 0:00:00  mean S ' in printed
    assert log.read_text().count('\ncycle ') == 6


# Bad input.


@pytest.mark.parametrize(
    ('change', 'sentence'),
    [
        ({'recipe': 'quench'}, "recipe='quench': expected Recipe"),
        ({'cycles': -1}, 'cycles=-1: expected a whole number from 0 to'),
        ({'cycles': 2.5}, 'cycles=2.5: expected a whole number from 0 to'),
        ({'chain': 0}, 'chain=0: expected a whole number >= 1'),
        ({'seed': -1}, 'seed=-1: expected a whole number >= 0'),
        ({'executor': 4}, 'executor=4: expected a concurrent.futures one'),
        (
            {'executor': Processes},
            "processes.Processes'>: expected a concurrent.futures",
        ),
    ],
)
def test_bad_campaigns(tmp_path, change, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        run(tmp_path / 'w.db', **change)
    assert not (tmp_path / 'w.db').exists()


@pytest.mark.parametrize(
    ('change', 'sentence'),
    [
        ({'start': {'name': 'Nowhere'}}, "name='Nowhere': expected one of"),
        ({'start': 3}, "recipe['start']=3: expected dict"),
        ({'start': {'name': 'RandomPacking', 'n': 3}}, "RandomPacking has no ['n']"),
        (
            {'start': {'name': 'RandomPacking', 'symbols': 'Xy3'}},
            "symbols='Xy3': expected a formula",
        ),
        ({'start': {'name': 'Structure'}}, 'Structure cannot be made of []: expected'),
        (
            {'descriptor': {'name': 'DscribeDescriptor'}},
            'DscribeDescriptor cannot be made of []: expected',
        ),
        (
            {'start': {'name': 'Structure', 'text': 'W2'}},
            "text='W2': expected what Structure.of(atoms) makes",
        ),
        ({'schedule': {'hot_K': -1.0}}, 'hot_K=-1.0: expected a finite number >= 0'),
        ({'schedule': {'cold_K': 1.0}}, "AnnealSchedule has no ['cold_K']"),
        ({'schedule': None}, 'schedule=None: expected AnnealSchedule'),
        ({'ladder': {'orders': [0.5]}}, 'orders=0.5: expected a finite number >= 1'),
        ({'ladder': {'rungs': 2}}, "Ladder has no ['rungs']"),
        ({'descriptor': {'name': 'ACE'}}, "name='ACE': expected one of"),
        (
            {'descriptor': {'name': 'Bispectrum', 'cutoff': 0.0}},
            'cutoff=0.0: expected a finite number > 0',
        ),
        ({'estimator': {'name': 'KernelEntropy'}}, 'KernelEntropy'),
        (
            {'repulsion': {'name': 'ClarkeSmith', 'n': 2}},
            'n=2: expected a finite number > 4',
        ),
        ({'motion': {'timestep': 0.0}}, 'timestep=0.0: expected a finite number > 0'),
        ({'motion': {'friction': -1.0}}, 'friction=-1.0: expected a finite number >='),
        ({'speed': 'high'}, "recipe has no ['speed']: expected some of ['start'"),
    ],
)
def test_bad_recipes(change, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        Recipe.fromdict({**SMALL.todict(), **change})


@pytest.mark.parametrize(
    ('recipe', 'sentence'),
    [
        (replace(SMALL, start=RandomPacking('W80', (6, 6, 6))), 'found no room'),
        (
            replace(SMALL, start=Structure.of(Atoms('W2', [(0, 0, 0), (0.9, 0, 0)]))),
            'Angstrom apart at the start',
        ),
        (
            replace(SMALL, descriptor=Bispectrum(species=('Be',), weights={'Be': 1.0})),
            "species=('Be',) and the atoms hold ['W']",
        ),
    ],
)
def test_recipes_that_make_no_walker(tmp_path, recipe, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        run(tmp_path / 'w.db', recipe=recipe, seed=3)
    assert not (tmp_path / 'w.db').exists()


@pytest.mark.parametrize('recipe', RECIPES.values(), ids=list(RECIPES))
def test_recipes_survive_json(recipe):
    assert Recipe.fromdict(json.loads(json.dumps(recipe.todict()))) == recipe


def test_a_structure_is_a_start(tmp_path):
    atoms = SMALL.start.atoms(np.random.default_rng(3))
    atoms.set_constraint(FixAtoms([0]))
    atoms.info['note'] = 'not of interest'
    recipe = replace(SMALL, start=Structure.of(atoms))
    run(tmp_path / 'w.db', 2, recipe)
    for row in connect(tmp_path / 'w.db').select():
        np.testing.assert_array_equal(row.data['start_positions'], atoms.positions)
        np.testing.assert_array_equal(row.positions[0], atoms.positions[0])
    again = Recipe.fromdict(json.loads(json.dumps(recipe.todict())))
    assert again == recipe


@pytest.mark.parametrize(
    ('options', 'sentence'),
    [
        (['--workers', '0'], '--workers 0: expected a whole number from 1 to 1000'),
        (['--workers', '2', '--scheduler', 'tcp://x:1'], 'expected one of them'),
        (['--time-limit', '5'], '--time-limit is for --workers or --scheduler'),
        (['--workers', '1', '--time-limit', '0'], '--time-limit 0.0: expected a'),
        (['--chain', '0'], '--chain=0: expected a whole number >= 1'),
        (['--scheduler', 'nowhere'], '--scheduler nowhere: expected the address'),
        (['--logfile', '/no/where.log'], '--logfile=/no/where.log: cannot be written'),
        (['--db', 'postgresql://127.0.0.1:1/w'], 'expected the address of a server'),
    ],
)
def test_bad_options(options, sentence, capsys, tmp_path):
    with pytest.raises(SystemExit) as caught:
        main([*COMMAND, str(tmp_path / 'w.db'), *options])
    assert caught.value.code == 2
    printed = capsys.readouterr().err
    assert sentence in printed
    assert 'Traceback' not in printed


def test_a_part_that_cannot_be_sent(tmp_path):
    @dataclass(frozen=True)
    class Mine(RandomPacking):
        pass

    recipe = replace(SMALL, start=Mine('W8', (6, 6, 6)))
    with Processes(1) as executor:
        with pytest.raises(ValueError, match='recipe cannot be sent to workers'):
            run(tmp_path / 'w.db', recipe=recipe, executor=executor)
    run(tmp_path / 'w.db', recipe=recipe)


def test_a_part_that_workers_cannot_load(tmp_path):
    """Defined where a worker never comes: the unit fails, with the reason."""
    code = (
        'from dataclasses import dataclass, replace\n'
        'from ase_entropy import RandomPacking, Recipe, campaign\n'
        'from ase_entropy.campaign.engines.processes import Processes\n'
        'if __name__ == "__main__":\n'
        '    @dataclass(frozen=True)\n'
        '    class Mine(RandomPacking):\n'
        '        pass\n'
        '    with Processes(1) as executor:\n'
        '        recipe = Recipe(start=Mine("W8", (6, 6, 6)))\n'
        '        campaign.run(recipe, 9, "w.db", seed=1, executor=executor)\n'
    )
    (tmp_path / 'mine.py').write_text(code)
    done = subprocess.run(
        [sys.executable, 'mine.py'], cwd=tmp_path, capture_output=True, text=True
    )
    assert "failed, is tried again: AttributeError: Can't get attribute" in done.stdout
    assert '5 chains failed in a row' in done.stderr


@pytest.mark.parametrize(
    ('executor', 'slots'),
    [
        (ThreadPoolExecutor(3), 3),
        (SimpleNamespace(max_workers=5), 5),
        (SimpleNamespace(num_workers=4), 4),
        (SimpleNamespace(), os.cpu_count()),
    ],
)
def test_slots_of_foreign_executors(executor, slots):
    assert slots_of(executor) == slots


def test_packages_that_are_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, 'distributed', None)
    with pytest.raises(ValueError, match=r"pip install 'dask\[distributed\]'"):
        Cluster('tcp://127.0.0.1:1')
    monkeypatch.setitem(sys.modules, 'psycopg2', None)
    with pytest.raises(ValueError, match='pip install ase-db-backends'):
        open_database('postgresql://127.0.0.1/w')
