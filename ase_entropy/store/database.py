"""Open ASE databases of harvested rows, with checks and key descriptions."""

import json
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from ase.db import connect
from ase.db.core import Database

from ase_entropy.store.atomic_files import new_file
from ase_entropy.store.servers import (
    check_address,
    is_server,
    open_server,
    without_password,
)

__all__ = [
    'check_database',
    'check_filled',
    'check_format',
    'check_lock',
    'check_metadata',
    'is_database',
    'is_server',
    'is_sql',
    'open_database',
    'open_server',
    'without_password',
]

LOCK_PATIENCE = 5.0  # seconds
FILES = ('.db', '.json')


def open_database(
    name: str | Path,
    *,
    must_exist: bool = False,
    serial: bool = False,
    foreign: bool = False,
) -> Database:
    """Open or create a database of harvested rows.

    An SQLite file ``.db``, a PostgreSQL server ``postgresql://user@host/name``, or a
    ``.json`` file for small sets. All are written in transactions: a killed writer
    leaves no lock and no half row behind.

    A symbolic link stays one, and its target is the database: it is continued, and
    nothing is put in its place, as an export or a report would be.

    Parameters
    ----------
    name : str or Path
        File name or address.
    must_exist : bool
        Do not create the file.
    serial : bool
        As in ``ase.db.connect``: this process is alone, also where MPI is loaded.
    foreign : bool
        Rows of other programs are welcome.

    Raises
    ------
    ValueError
        The folder is missing or read-only, the file is of another kind or holds rows
        of other programs, a lock file was left behind, a server does not answer.
    """
    if is_server(name):
        database = open_server(str(name), serial)
    else:
        database = _open_file(Path(name).expanduser(), must_exist, serial)
    check_metadata(database)
    if not foreign:
        _check_rows(database)
    return database


def is_sql(database: Database) -> bool:
    """Return whether a database understands the SQL of ASE's own tables."""
    return getattr(database, 'type', None) in ('db', 'postgresql')


def _open_file(path: Path, must_exist: bool, serial: bool) -> Database:
    path = _checked_path(path)
    if must_exist and not path.exists():
        raise ValueError(f"db='{path}': there is no such database")
    check_lock(path)
    if path.exists():
        check_format(path)
    if must_exist:
        check_filled(path)
    else:
        _check_writable(path)
    return connect(path, use_lock_file=False, serial=serial)


def _checked_path(path: Path) -> Path:
    """Return the file that a database is in, or will be."""
    check_address(path)
    if path.is_symlink():  # it stays one; lock and new files are beside its target
        path = path.resolve()
    if path.suffix not in FILES:
        raise ValueError(
            f"db='{path}': expected a name that ends in .db or .json, or "
            'postgresql://user@host/name'
        )
    if not path.parent.is_dir():
        raise ValueError(f"db='{path}': the folder '{path.parent}' does not exist")
    if path.is_dir():
        raise ValueError(f"db='{path}': is a folder, expected a file")
    if path.exists() and not path.is_file():
        raise ValueError(f"db='{path}': is a device, pipe or socket, expected a file")
    return path


def check_database(name: str | Path, *, foreign: bool = False) -> None:
    """Check that a database can be opened or created, but create nothing.

    Raises
    ------
    ValueError
        As in :func:`open_database`.
    """
    if is_server(name) or Path(name).expanduser().exists():
        open_database(name, serial=True, foreign=foreign)
        return
    path = _checked_path(Path(name).expanduser())
    check_lock(path)
    _check_folder(path)


def check_lock(path: Path) -> None:
    """Wait for another program of ASE to remove its lock file.

    Raises
    ------
    ValueError
        It is still there.
    """
    lock = Path(f'{path}.lock')
    deadline = time.monotonic() + LOCK_PATIENCE
    while lock.exists():
        if time.monotonic() > deadline:
            raise ValueError(
                f"db='{path}': '{lock}' is in the way; expected no other program to "
                'write (if none does, a killed one left the lock behind: delete it)'
            )
        time.sleep(0.1)


def is_database(name: str | Path) -> bool:
    """Return whether a name is that of a database, not of another file of atoms."""
    return is_server(name) or Path(name).suffix in FILES


def check_filled(path: Path) -> None:
    """Raise ValueError for an empty file: ASE would write its tables into it."""
    if not path.stat().st_size:
        raise ValueError(f"db='{path}': is an empty file, expected a database")


def check_format(path: Path) -> None:
    """Raise ValueError if a file is not an ASE database.

    Raises
    ------
    ValueError
        It is something else, or cannot be read.
    """
    message = f"db='{path}': is not an ASE database"
    try:
        if path.suffix == '.json':
            if not _holds_rows(json.loads(path.read_text())):
                raise ValueError(message)
            return
        # Not read-only: SQLite has to roll back what a killed writer left half done.
        connection = sqlite3.connect(f'{path.resolve().as_uri()}?mode=rw', uri=True)
        try:
            tables = connection.execute('SELECT name FROM sqlite_master').fetchall()
        finally:
            connection.close()
        if tables and ('systems',) not in tables:
            raise ValueError(message)
    except sqlite3.OperationalError as error:
        raise ValueError(f"db='{path}': cannot be read ({error})") from error
    except (sqlite3.DatabaseError, json.JSONDecodeError, UnicodeError) as error:
        raise ValueError(f'{message} ({error})') from error


def _holds_rows(content: Any) -> bool:
    """Return whether JSON is what ASE writes, as far as opening it needs."""
    good = (
        isinstance(content, dict)
        and isinstance(content.get('ids'), list)
        and isinstance(content.get('nextid'), int)
    )
    return good and all(
        isinstance(row := content.get(str(i)), dict)
        and {'numbers', 'positions'} <= set(row)
        for i in content['ids']
    )


def _check_folder(path: Path) -> None:
    """Raise ValueError where no file can be made beside a database."""
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise ValueError(f"db='{path}': cannot be written ({error})") from error


def _check_writable(path: Path) -> None:
    _check_folder(path)
    try:
        if path.suffix == '.json':
            if not path.exists():
                with new_file(path) as file:
                    file.write('{"ids": [],\n"nextid": 1}\n')
            with open(path, 'a'):
                return
        connection = sqlite3.connect(path, timeout=LOCK_PATIENCE)
        try:
            connection.execute('BEGIN IMMEDIATE')
            (version,) = connection.execute('PRAGMA user_version').fetchone()
            connection.execute(f'PRAGMA user_version = {version}')  # a write
            connection.rollback()
        finally:
            connection.close()
    except (sqlite3.OperationalError, OSError) as error:
        raise ValueError(f"db='{path}': cannot be written ({error})") from error


def check_metadata(database: Database) -> None:
    """Raise ValueError if the metadata of a database cannot be read."""
    try:
        good = isinstance(database.metadata, dict)
    except ValueError:  # no JSON
        good = False
    if not good:
        raise ValueError(
            f"db='{without_password(database.filename)}': its metadata are damaged, "
            'expected another database'
        )


def _check_rows(database: Database) -> None:
    rows = database.count()
    ours = database.count('stage')  # after all: some may have come in between
    if rows > ours:
        raise ValueError(
            f"db='{without_password(database.filename)}': {rows - ours} of its {rows} "
            'rows are not from ase_entropy; expected a database of its own for a '
            'harvest'
        )
