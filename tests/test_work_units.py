"""Work units of several chains: the same rows, and failures as if each came alone."""

import re
import time
from collections import deque
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
from ase.db import connect

from ase_entropy import AnnealSchedule, RandomPacking, Recipe, campaign
from ase_entropy.campaign import Processes
from ase_entropy.campaign.chains import Chain, run_unit
from ase_entropy.campaign.engines import TaskResult, WorkUnit, driver
from ase_entropy.store import campaigns

TINY = Recipe(
    start=RandomPacking('W2', (9, 9, 9)),
    schedule=AnnealSchedule(k_entropy=0.0, shuffle_steps=1, ramp_steps=0),
    ladder=None,
    isolated='allow',
)


class Later(Executor):
    """Runs the oldest unit when it is waited for; keeps the sizes of units."""

    def __init__(self, slots=2, lose=lambda unit: False):
        self.slots, self.lose = slots, lose
        self.calls, self.sizes = deque(), []

    def submit(self, function, unit):
        self.sizes.append(len(unit.tasks))
        self.calls.append((Future(), function, unit))
        return self.calls[-1][0]

    def wait(self, pending, *_):
        future, function, unit = self.calls.popleft()
        if self.lose(unit):
            future.set_exception(BrokenProcessPool('gone'))
        else:
            future.set_result(function(unit))
        return {future}, set(pending) - {future}


def run(path, cycles=60, executor=None, recipe=TINY, chain=1):
    lines = []
    kwargs = {'seed': 1, 'chain': chain, 'executor': executor}
    try:
        campaign.run(recipe, cycles, path, report=lines.append, **kwargs)
    finally:
        executor.lines = lines
    return lines


def rows_of(path):
    """Return what decides of each row."""
    return sorted(
        (row.cycle, row.walker, row.seed, row.unique_id, row.positions.tobytes())
        for row in connect(path).select()
    )


@pytest.fixture(
    scope='module',
    params=[pytest.param(1, marks=pytest.mark.slow), 4],
    ids=['cycles', 'chains of four'],
)
def one_by_one(request, tmp_path_factory):
    """Rows of units of one chain each, and the length of chains."""
    path = tmp_path_factory.mktemp('one') / 'w.db'
    campaign.run(TINY, 60, path, seed=1, chain=request.param, report=len)
    return rows_of(path), request.param


@pytest.mark.parametrize('seconds', [0.0, 100.0])
def test_units_of_any_size(tmp_path, monkeypatch, one_by_one, seconds):
    rows, chain = one_by_one
    executor = Later()
    monkeypatch.setattr(driver, 'wait', executor.wait)
    monkeypatch.setattr(driver, 'UNIT_SECONDS', seconds)
    lines = run(tmp_path / 'w.db', 60, executor, chain=chain)
    assert rows_of(tmp_path / 'w.db') == rows
    assert sum('/60  left ' in line for line in lines) == 60
    assert executor.sizes[:4] == [1, 1, 1, 1]  # nobody knows yet how long they take
    assert (max(executor.sizes) > 1) == (seconds > 0)
    assert executor.sizes[-1] == 1  # the last ones are shared


def test_real_workers(tmp_path, one_by_one):
    rows, chain = one_by_one
    with Processes(2) as executor:
        run(tmp_path / 'w.db', 60, executor, chain=chain)
    assert rows_of(tmp_path / 'w.db') == rows


def unit_of(n, seconds):
    chains = tuple(Chain(i, i, 1) for i in range(n))
    return WorkUnit(chains, tuple([f'{i}'] for i in range(n)), seconds)


def test_a_unit_ends_when_its_time_is_over():
    """At least one chain is run; the others go back."""

    def slow(chain):
        time.sleep(0.02)
        return TaskResult([], [], None)

    done = run_unit(slow, 0, True, unit_of(20, 0.05))
    assert 1 <= len(done.results) < 20
    assert done.seconds >= 0.02 * len(done.results)
    assert len(run_unit(slow, 0, True, unit_of(20, 0.0)).results) == 1


def test_units_that_ran_out_of_time_are_continued(tmp_path, monkeypatch, one_by_one):
    """Chains are much longer than those before: most of them come back."""
    rows, chain = one_by_one
    executor = Later()
    monkeypatch.setattr(driver, 'wait', executor.wait)
    whole = driver.Driver._next_unit

    def hopeful(self, slots):
        self.task_seconds = 1e-9
        return whole(self, slots)._replace(seconds=0.0)

    monkeypatch.setattr(driver.Driver, '_next_unit', hopeful)
    run(tmp_path / 'w.db', 60, executor, chain=chain)
    assert max(executor.sizes) > 2
    assert rows_of(tmp_path / 'w.db') == rows


@pytest.mark.parametrize('times', [1, 100])
def test_a_unit_whose_worker_dies(tmp_path, monkeypatch, times):
    """Each of its chains goes alone then, and only one is given up, after three."""
    deaths = []

    def lose(unit):
        guilty = any(chain.first == 30 for chain in unit.tasks)
        if guilty and len(deaths) < times:
            deaths.append(len(unit.tasks))
            return True
        return False

    executor = Later(lose=lose)
    monkeypatch.setattr(driver, 'wait', executor.wait)
    expected = {1: [], 100: [30]}[times]
    given_up = pytest.raises(RuntimeError, match='given up: cycle 30: ')
    with given_up if expected else nullcontext():
        run(tmp_path / 'w.db', 60, executor)
    cycles = {row.cycle for row in connect(tmp_path / 'w.db').select()}
    assert sorted(set(range(60)) - cycles) == expected
    first, *alone = deaths
    assert first > 1
    assert alone == ([1, 1] if expected else [])
    failed = [line for line in executor.lines if ' failed, ' in line]
    pattern = r'\d+ chains from cycle \d+ to cycle \d+ failed, is tried again, one '
    assert re.match(pattern, failed[0])
    assert len(failed) == len(deaths)
    (entry,) = campaigns(connect(tmp_path / 'w.db'))
    assert entry.failures == {'worker died': len(deaths)}


def test_chains_that_have_failed_go_alone():
    logbook = SimpleNamespace(inputs_of=lambda chain: [])
    own = driver.Driver(None, Later(1), logbook)
    own.task_seconds = 1e-6
    chains = [Chain(i, i, 1) for i in range(100)]
    own.waiting.extend(chains)
    own.tries = {chains[0]: 1, chains[5]: 1}
    units = [own._next_unit(1).tasks for _ in range(4)]
    assert [len(unit) for unit in units] == [1, 4, 1, 47]  # half of those left
    assert sum(units, ()) == tuple(chains[:53])


@dataclass(frozen=True)
class Nervous(RandomPacking):
    """Complains when walker 30 starts."""

    def atoms(self, rng):
        if rng.bit_generator.seed_seq.spawn_key == (30,):
            raise OSError('no coffee')
        return super().atoms(rng)


def test_a_chain_that_raises_within_a_unit(tmp_path, monkeypatch):
    """The others of its unit are not run again."""
    executor = Later()
    monkeypatch.setattr(driver, 'wait', executor.wait)
    for name in ('UNIT_SECONDS', 'MOST_UNIT_SECONDS'):  # of a slow machine, too
        monkeypatch.setattr(driver, name, 100.0)
    recipe = replace(TINY, start=Nervous('W2', (9, 9, 9)))
    with pytest.raises(RuntimeError, match='given up: cycle 30: OSError: no coffee'):
        run(tmp_path / 'w.db', 60, executor, recipe)
    assert connect(tmp_path / 'w.db').count() == 59
    assert sum(executor.sizes) == 62  # three times the one
    failed = [line for line in executor.lines if ' failed, ' in line]
    assert failed == [
        *['cycle 30 failed, is tried again: OSError: no coffee'] * 2,
        'cycle 30 failed, is given up: OSError: no coffee',
    ]


@pytest.mark.parametrize(
    ('slots', 'limit', 'seconds'),
    [(2, None, 0.25), (600, None, 0.6), (9000, None, 1.0), (600, 2.0, 0.1)],
)
def test_how_long_units_shall_take(slots, limit, seconds):
    executor = Later(slots)
    executor.time_limit = limit
    own = driver.Driver(None, executor, None)
    assert own._unit_seconds(slots) == pytest.approx(seconds)
