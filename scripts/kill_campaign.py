"""Kill a campaign again and again, and look whether anything is missing in the end.

Driver, worker or both die by SIGKILL at random: python scripts/kill_campaign.py.
The last line says whether the rows are those of a campaign that nobody disturbed.
Linux; some two minutes.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
from ase.db import connect

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--kills', type=int, default=20)
parser.add_argument('--cycles', type=int, default=200)
parser.add_argument('--seed', type=int, default=1, help='of the moments')
parser.add_argument('--options', default='--workers 2', help='of the harvest')
args = parser.parse_args()

CLOCKS = ('ctime', 'mtime', 'user', 'id')
COMMAND = [sys.executable, '-m', 'ase_entropy', 'harvest', '--seed', '1']
COMMAND += ['--cycles', str(args.cycles), *args.options.split(), '--db']


def contents(path):
    """Return all that a database says of its rows, in the order of the cycles."""
    rows = []
    for row in connect(path).select(sort='cycle'):
        dct = {key: row[key] for key in row if key not in CLOCKS}
        dct['data'] = dict(row.data)
        rows.append(json.dumps(dct, default=lambda x: np.asarray(x).tolist()))
    return rows


def rows_of(path):
    """Return the number of rows, or None; read-only, so that nothing is mended here."""
    try:
        database = sqlite3.connect(f'file:{path}?mode=ro', uri=True)
        with closing(database):
            return database.execute('SELECT count(*) FROM systems').fetchone()[0]
    except sqlite3.Error:  # not there yet, or cut off in a commit
        return None


def workers_of(pid):
    """Return the worker processes that any thread of a driver has started."""
    files = Path(f'/proc/{pid}/task').glob('*/children')
    children = [word for file in files for word in file.read_text().split()]
    found = []
    for child in children:
        with suppress(FileNotFoundError):  # gone in between
            if 'spawn_main' in Path(f'/proc/{child}/cmdline').read_text():
                found.append(int(child))
    return found


def start(path):
    """Start the harvest."""
    nowhere = subprocess.DEVNULL
    return subprocess.Popen([*COMMAND, path], stdout=nowhere, stderr=nowhere)


def kill(process, target):
    """Kill the driver, one of its workers, or both; return whether they ran."""
    workers = workers_of(process.pid) if target != 'driver' else []
    pids = rng.sample(workers, min(1, len(workers)))
    if target != 'worker':
        pids.append(process.pid)
    with suppress(ProcessLookupError):
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return bool(pids)
    return False


rng = random.Random(args.seed)
with tempfile.TemporaryDirectory() as folder:
    calm, killed = f'{folder}/calm.db', f'{folder}/killed.db'
    subprocess.run([*COMMAND, calm], check=True, stdout=subprocess.DEVNULL)
    process, kills = start(killed), 0
    while kills < args.kills and rows_of(killed) != args.cycles:
        if rng.random() < 0.8:  # else a moment before the first row
            rows = rows_of(killed)
            while process.poll() is None and rows_of(killed) == rows:
                time.sleep(0.02)
        time.sleep(rng.uniform(0.0, 0.8))
        target = rng.choice(['driver', 'worker', 'both'])
        if process.poll() is None and kill(process, target):
            kills += 1
            print(f'kill {kills}: {target}, {rows_of(killed)} rows', flush=True)
        if target != 'worker' or process.poll() is not None:  # else it goes on
            process.wait()
            process = start(killed)
    end = process.wait()
    rows, expected = contents(killed), contents(calm)
    same = end == 0 and rows == expected
    print(f'{kills} kills met a running campaign; ', end='')
    print(f'{len(rows)} of {args.cycles} rows, equal to the undisturbed ones: {same}')
    sys.exit(not same or kills < args.kills)
