"""Servers that tests need."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import ase_entropy

# Other processes take the same package, and what tests pickle.
TESTS, PACKAGE = Path(__file__).parent, Path(ase_entropy.__file__).parent
FOUND = [str(PACKAGE.parent), str(TESTS), os.environ.get('PYTHONPATH')]
os.environ['PYTHONPATH'] = os.pathsep.join(filter(None, FOUND))


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def find_postgres():
    """Return the folder of the server's programs, also where Debian hides it."""
    found = shutil.which('initdb')
    folders = [Path(found).parent] if found else []
    folders += sorted(Path('/usr/lib/postgresql').glob('*/bin'), reverse=True)
    return next((f for f in folders if (f / 'initdb').exists()), None)


@pytest.fixture(scope='session')
def postgres_server():
    """Start a PostgreSQL server on loopback; return the address of its databases."""
    programs = find_postgres()
    if programs is None:
        pytest.skip('PostgreSQL is not installed')
    as_other = []
    folder = Path(tempfile.mkdtemp(prefix='postgres'))
    if os.getuid() == 0:  # the server refuses to run as root
        as_other = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups']
        shutil.chown(folder, 'postgres', pwd.getpwnam('postgres').pw_gid)
    data, port = folder / 'data', free_port()
    options = f'-p {port} -h 127.0.0.1 -k {folder} -F'
    initdb = [programs / 'initdb', '-D', data, '-U', 'tester', '--auth=trust']
    pg_ctl = [programs / 'pg_ctl', '-D', data, '-w', '-l', folder / 'log']
    for command in (initdb, [*pg_ctl, '-o', options, 'start']):
        subprocess.run(
            [*as_other, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL
        )
    yield f'postgresql://tester:secret@127.0.0.1:{port}'
    subprocess.run([*as_other, *pg_ctl, '-m', 'immediate', 'stop'], check=True)
    shutil.rmtree(folder)


@pytest.fixture
def postgres(postgres_server):
    """Return the address of an empty database."""
    import psycopg2

    name = f'w{free_port()}'
    connection = psycopg2.connect(f'{postgres_server}/postgres')
    connection.autocommit = True
    connection.cursor().execute(f'CREATE DATABASE {name}')
    connection.close()
    return f'{postgres_server}/{name}'


@pytest.fixture
def dask_scheduler():
    """Start a dask scheduler and two worker processes; return address and process."""
    pytest.importorskip('distributed')
    address = f'tcp://127.0.0.1:{free_port()}'
    port = address.rsplit(':', 1)[1]
    commands = [['scheduler', '--host', '127.0.0.1', '--port', port]]
    worker = ['worker', address, '--nthreads', '1']
    commands += [[*worker, '--local-directory', tempfile.gettempdir()]] * 2
    environment = {**os.environ, 'OMP_NUM_THREADS': '1'}
    processes = [
        subprocess.Popen(
            [sys.executable, '-m', 'dask', *command, '--no-dashboard'],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]
    yield address, processes[0]
    for process in reversed(processes):
        process.kill()
        process.wait()
