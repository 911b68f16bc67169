"""How many rows a second the driver writes, and how many workers it keeps busy.

    python scripts/benchmark_driver.py

First 10,000 units of next to no work (two atoms, one step) on two processes. Then
a cluster on one machine: workers that only wait, 0.2 s for a cycle, and return rows of
the default recipe. They live in a process of their own, which sends what workers
would; the driver is that of every campaign: it unpickles, inserts, commits, and logs.
The machine should be idle: its load is printed. Some three minutes.
"""

import argparse
import heapq
import multiprocessing
import os
import pickle
import resource
import tempfile
import threading
import time
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from ase.db.sqlite import SQLite3Database
from ase.io.jsonio import encode

from ase_entropy import AnnealSchedule, RandomPacking, Recipe, campaign
from ase_entropy.campaign import RECIPES, Processes
from ase_entropy.campaign.chains import Chain, run_chain
from ase_entropy.campaign.cycle import CycleEnd, reported
from ase_entropy.campaign.engines import TaskResult, UnitResult
from ase_entropy.store.prepared import PreparedRow, prepare_row

WORKERS = (1, 10, 100, 300, 1000)
CYCLE_SECONDS = 0.2
SECONDS = 24.0  # of which begin and end take one
KEYS_COLUMN = SQLite3Database.columnnames.index('key_value_pairs') - 1  # without id
NUMBERS = 'INSERT INTO number_key_values VALUES (?, ?, ?)'
TINY = Recipe(
    start=RandomPacking('W2', (9, 9, 9)),
    schedule=AnnealSchedule(k_entropy=0.0, shuffle_steps=1, ramp_steps=0),
    ladder=None,
    isolated='allow',
)


class Busy(NamedTuple):
    """What so many workers and the driver did."""

    workers: int
    busy: float  # share of the time of the workers
    rows_per_second: float
    driver: float  # share of a core


def rows_per_second(units=10_000, workers=2, show=lambda progress: None):
    """Return how many rows of next to no work are written in a second."""
    with tempfile.TemporaryDirectory() as folder, Processes(workers) as executor:
        run(TINY, 20 * workers, f'{folder}/first.db', executor)  # they have started
        started = time.perf_counter()
        run(TINY, units, f'{folder}/w.db', executor, show)
        return units / (time.perf_counter() - started)


def busy(workers, seconds=SECONDS):
    """Return the share of their time that so many simulated workers are busy."""
    return measure(workers, seconds).busy


def measure(workers, seconds=SECONDS, cycle_seconds=CYCLE_SECONDS):
    """Let a driver keep simulated workers busy for so many seconds."""
    cycles = max(4, round(workers * seconds / cycle_seconds))
    with tempfile.TemporaryDirectory() as folder:
        with Simulated(workers, cycle_seconds) as executor:
            used, started = time.process_time(), time.perf_counter()
            run(RECIPES['quench'], cycles, f'{folder}/w.db', executor)
            wall = time.perf_counter() - started
            used = time.process_time() - used
            return Busy(workers, executor.busy(), cycles / wall, used / wall)


def run(recipe, cycles, db, executor, show=lambda progress: None):
    """Run a campaign as the command line does, with a log of all cycles."""
    with open(f'{db}.log', 'w') as file:

        def log(line, progress=None):
            print(line, file=file, flush=True)
            if progress is not None:
                show(progress)

        campaign.run(
            recipe, cycles, db, seed=1, executor=executor, report=log, show=log
        )


class Simulated(Executor):
    """Workers that wait as long as their cycles would take, in another process."""

    def __init__(self, workers, cycle_seconds):
        self.slots, self.futures = workers, {}
        context = multiprocessing.get_context('spawn')
        self.pipe, far = context.Pipe()
        self.process = context.Process(
            target=simulate, args=(far, workers, cycle_seconds), daemon=True
        )
        self.process.start()
        far.close()
        self.pipe.recv()  # it has a row to return
        self.share = None
        self.reader = threading.Thread(target=self._receive, daemon=True)
        self.reader.start()

    def submit(self, function, unit):
        """Send a unit, pickled as for real workers."""
        future = Future()
        self.futures[unit.tasks] = future
        self.pipe.send_bytes(pickle.dumps((function, unit)))
        return future

    def _receive(self):
        """Unpickle results, as the threads of real executors do."""
        while True:
            chains, result = pickle.loads(self.pipe.recv_bytes())
            if chains is None:
                self.share = result
                return
            self.futures.pop(chains).set_result(result)

    def busy(self):
        """Return the share of time that workers had work, until none was left."""
        self.pipe.send_bytes(pickle.dumps(None))
        self.reader.join()
        return self.share

    def shutdown(self, wait=True, *, cancel_futures=False):
        """End the process."""
        self.process.kill()
        self.process.join()


def simulate(pipe, workers, cycle_seconds):
    """Be all workers: take units, wait, return rows."""
    rng = np.random.default_rng(1)
    chain = Chain(0, 0, 1)
    (end,) = run_chain(RECIPES['quench'], 1, chain).ends
    end.keys['campaign'] = 0
    end = replace(end, row=prepare_row(end.row, end.keys, end.data))
    pipe.send('ready')
    waiting, running, spans = deque(), [], []
    idle, begin, last = workers, None, None
    while True:
        patience = max(0.0, running[0][0] - time.monotonic()) if running else None
        while pipe.poll(patience):
            patience = 0.0
            content = pickle.loads(pipe.recv_bytes())
            if content is None:
                spent = sum(min(b, last) - min(a, last) for a, b in spans)
                share = spent / (workers * (last - begin))
                pipe.send_bytes(pickle.dumps((None, share)))
                return
            waiting.append(content)
            last = time.monotonic()
            begin = begin or last
        now = time.monotonic()
        while running and running[0][0] <= now:
            pipe.send_bytes(heapq.heappop(running)[-1])
            idle += 1
        while idle and waiting:
            idle -= 1
            now = time.monotonic()
            function, unit = waiting.popleft()
            ends_s = np.cumsum(rng.uniform(0.5, 1.5, len(unit.tasks)) * cycle_seconds)
            count = min(1 + np.sum(ends_s <= unit.seconds), len(ends_s))
            duration = float(ends_s[count - 1])
            result = pickle.dumps(finished(function, unit, count, end, duration))
            heapq.heappush(running, (now + duration, len(spans), result))
            spans.append((now, now + duration))


def finished(function, unit, count, end, seconds):
    """Return what a worker returns for the first chains of a unit."""
    _, number, _ = function.args
    results = []
    for chain, (unique_id,) in zip(unit.tasks[:count], unit.inputs, strict=False):
        keys = {**end.keys, 'cycle': chain.first, 'walker': chain.walker}
        keys['campaign'] = number
        row = renumbered(end.row, keys, unique_id)
        results.append(TaskResult([CycleEnd(row, reported(keys), {}, {})], [], None))
    return unit.tasks, UnitResult(results, seconds)


def renumbered(row, keys, unique_id):
    """Return a prepared row with other numbers, sharing no array."""
    values = [bytes(bytearray(x)) if isinstance(x, bytes) else x for x in row.values]
    values[0], values[KEYS_COLUMN] = unique_id, encode(keys)
    names, _ = row.others[NUMBERS]
    numbers = tuple(float(keys[name]) for name in names)
    others = {**row.others, NUMBERS: (names, numbers)}
    return PreparedRow(unique_id, row.statement, tuple(values), others)


def memory(progress):
    """Print what this process has held at most, five times."""
    if progress.done % max(1, progress.total // 5) == 0:
        mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f'  {progress.done} rows, {mib:.0f} MiB')


def main():
    """Print both measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--units', type=int, default=10_000, help='of next to no work')
    parser.add_argument(
        '--seconds', type=float, default=SECONDS, help='of each cluster'
    )
    parser.add_argument('--workers', type=int, nargs='+', default=WORKERS)
    args = parser.parse_args()
    print(f'load of the machine before: {os.getloadavg()[0]:.2f}')
    used = time.process_time()
    rate = rows_per_second(args.units, show=memory)
    used = 1e3 * (time.process_time() - used) / args.units
    print(f'{args.units} units of next to no work: {rate:.0f} rows/s')
    print(f'{used:.2f} ms of the driver for each')
    print(f'\nworkers that wait, {CYCLE_SECONDS} s for a cycle:\n')
    print('| workers | busy | rows/s | driver (cores) |\n|---|---|---|---|')
    for workers in args.workers:
        found = measure(workers, args.seconds)
        print(
            f'| {workers} | {found.busy:.1%} | {found.rows_per_second:.0f} '
            f'| {found.driver:.2f} |',
            flush=True,
        )


if __name__ == '__main__':
    main()
