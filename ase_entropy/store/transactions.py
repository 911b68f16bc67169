"""Transactions: rows are written all together or not at all, by one writer."""

import contextlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.db import connect
from ase.db.core import Database
from filelock import FileLock, Timeout

from ase_entropy.store.arrays import add_arrays
from ase_entropy.store.atomic_files import beside
from ase_entropy.store.database import check_lock, is_server, without_password
from ase_entropy.store.key_descriptions import with_key_descriptions
from ase_entropy.store.prepared import PreparedRow, insert_rows

__all__ = [
    'database_errors',
    'describe_keys',
    'has_writer',
    'is_rewritten',
    'update_keys',
    'writer_lock',
    'write_rows',
]

ADVISORY_LOCK = 0x617365  # any number that only campaigns take in a PostgreSQL database


def database_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that databases raise."""
    psycopg2 = sys.modules.get('psycopg2')
    return (sqlite3.Error, OSError, *([psycopg2.Error] if psycopg2 else []))


def describe_keys(database: Database) -> None:
    """Write the descriptions of keys into the metadata, if they are not there."""
    if database.metadata != with_key_descriptions(database.metadata):
        write_rows(database, [], with_key_descriptions)


def write_rows(
    database: Database,
    ends: Sequence[Any],
    revise: Callable[[dict], dict | None] = lambda metadata: None,
    arrays: Mapping[str, np.ndarray] | None = None,
) -> None:
    """Write ends of cycles, metadata and large arrays, in one transaction.

    A row that is there already (its `unique_id` tells) is left as it is: a writer that
    does not know whether its commit succeeded may write it again.

    Parameters
    ----------
    database : ase.db.core.Database
        What :func:`ase_entropy.store.open_database` returns.
    ends : sequence of CycleEnd
        Finished cycles. Prepared rows are inserted, all others written by ASE.
    revise : callable
        Gets the metadata as they are, returns what replaces them, or None. What it
        raises leaves the database as it is.
    arrays : dict of arrays, optional
        By their SHA-256, beside those of `ends`: see
        :func:`ase_entropy.parts.take_arrays`.

    Raises
    ------
    Exception
        One of :func:`database_errors`: the database is as before.
    """
    if not is_server(database.filename):
        check_lock(Path(database.filename))
        if not Path(database.filename).exists():
            raise FileNotFoundError(f"'{database.filename}' is gone")
    make = _new_file if is_rewritten(database) else _transaction
    with make(database.filename) as target:
        # Read now, whatever was there before. ASE drops metadata that was not read.
        metadata = revise(target.metadata)
        large = dict(arrays or {})
        prepared = [end.row for end in ends if isinstance(end.row, PreparedRow)]
        if prepared:
            insert_rows(target, prepared)
        for end in ends:
            large |= end.arrays
            if isinstance(end.row, PreparedRow):
                continue
            if not target.count(unique_id=end.row.unique_id):
                target.write(end.row, key_value_pairs=end.keys, data=end.data)
        if large:
            metadata = add_arrays(target, large, metadata)
        if metadata is not None:
            target.metadata = metadata


def update_keys(database: Database, keys_of: Mapping[int, dict]) -> None:
    """Add or replace keys of rows of an SQL database, by their ids, in one transaction.

    Raises
    ------
    Exception
        One of :func:`database_errors`: the database is as before.
    """
    with _transaction(database.filename) as target:
        for i, keys in keys_of.items():
            target.update(i, **keys)


def is_rewritten(database: Database) -> bool:
    """Return whether each write replaces the file, which allows only one writer."""
    return str(database.filename).endswith('.json')


@contextlib.contextmanager
def _transaction(name: str) -> Iterator[Database]:
    """Commit at the end, or roll back.

    ASE's own ``with database:`` leaves the connection open when the commit fails, and
    that of ase-db-backends knows no rollback.
    """
    target = connect(name, use_lock_file=False, serial=True)
    target.__enter__()
    connection = target.connection
    try:
        yield target
        connection.commit()
    except BaseException:
        with contextlib.suppress(*database_errors()):  # the first error counts
            getattr(connection, 'con', connection).rollback()
        raise
    finally:
        connection.close()


@contextlib.contextmanager
def _new_file(name: str) -> Iterator[Database]:
    """Write beside the file, and put the new one in its place."""
    with beside(Path(name)) as new:
        shutil.copy(name, new)  # with its permissions
        yield connect(new, type='json', use_lock_file=False, serial=True)
        with open(new, 'rb') as file:
            os.fsync(file.fileno())
        os.replace(new, name)


@contextlib.contextmanager
def writer_lock(database: Database) -> Iterator[None]:
    """Lock a database for one writer; the operating system unlocks it at any death.

    Raises
    ------
    ValueError
        Another campaign holds it.
    """
    name = without_password(database.filename)
    busy = (
        f"db='{name}': another campaign is writing to it; wait for its end, or take "
        'another database'
    )
    if is_server(database.filename):
        import psycopg2

        connection = psycopg2.connect(database.filename)
        try:
            with connection.cursor() as cursor:
                cursor.execute('SELECT pg_try_advisory_lock(%s)', [ADVISORY_LOCK])
                (free,) = cursor.fetchone()
            connection.commit()
            if not free:
                raise ValueError(busy)
            yield
        finally:
            connection.close()
        return
    lock = _file_lock(database)
    try:
        lock.acquire(timeout=1.0)  # longer than has_writer() needs
    except Timeout:
        raise ValueError(busy) from None
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def has_writer(database: Database) -> bool:
    """Return whether a campaign has locked a database; True if that is unknown."""
    if is_server(database.filename):
        import psycopg2

        connection = psycopg2.connect(database.filename)
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                    'AND objid = %s AND database = (SELECT oid FROM pg_database '
                    'WHERE datname = current_database())',
                    [ADVISORY_LOCK],
                )
                (holders,) = cursor.fetchone()
        finally:
            connection.close()
        return holders > 0
    lock = _file_lock(database)
    if not Path(lock.lock_file).exists():
        return False
    try:
        with lock.acquire(timeout=0):
            return False
    except (Timeout, OSError):
        return True


def _file_lock(database: Database) -> FileLock:
    path = Path(f'{database.filename}.writer')
    if path.is_symlink() or (path.exists() and path.stat().st_size > 0):
        raise ValueError(
            f"db='{database.filename}': '{path}' is in the way, expected no file of "
            'this name, which a campaign would take for its lock'
        )
    return FileLock(path)
