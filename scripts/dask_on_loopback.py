"""A cluster of one's own: a scheduler, two worker processes, and a harvest on them.

On a real cluster the first two commands run elsewhere, and nothing else changes:
python scripts/dask_on_loopback.py. Needs the extra `dask`.
"""

import argparse
import os
import socket
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--cycles', type=int, default=20)
parser.add_argument('--db', default='cluster.db')
args = parser.parse_args()

with socket.socket() as s:  # a free port
    s.bind(('127.0.0.1', 0))
    port = str(s.getsockname()[1])
address = f'tcp://127.0.0.1:{port}'
DASK = [sys.executable, '-m', 'dask']
one_thread = {**os.environ, 'OMP_NUM_THREADS': '1'}


def start(*command):
    """Start a program of dask, without its log."""
    quiet = [*DASK, *command, '--no-dashboard']
    return subprocess.Popen(quiet, env=one_thread, stderr=subprocess.DEVNULL)


servers = [start('scheduler', '--host', '127.0.0.1', '--port', port)]
servers += [start('worker', address, '--nthreads', '1') for _ in range(2)]
try:
    harvest = [sys.executable, '-m', 'ase_entropy', 'harvest', '--scheduler', address]
    harvest += ['--cycles', str(args.cycles), '--seed', '1', '--db', args.db]
    code = subprocess.run(harvest).returncode
finally:
    for server in reversed(servers):
        server.terminate()
        server.wait()
sys.exit(code)
