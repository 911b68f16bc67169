"""Open ASE databases of harvested rows, with checks and key descriptions."""

import json
import re
import sqlite3
import time
from pathlib import Path
from typing import Any

from ase.db import connect
from ase.db.core import Database

__all__ = [
    'check_format',
    'check_lock',
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
    name: str | Path, *, must_exist: bool = False, serial: bool = False
) -> Database:
    """Open or create a database of harvested rows.

    An SQLite file ``.db``, a PostgreSQL server ``postgresql://user@host/name``, or a
    ``.json`` file for small sets. All are written in transactions: a killed writer
    leaves no lock and no half row behind.

    Parameters
    ----------
    name : str or Path
        File name or address.
    must_exist : bool
        Do not create the file.
    serial : bool
        As in ``ase.db.connect``: this process is alone, also where MPI is loaded.

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
    _check_metadata(database)
    _check_rows(database)
    return database


def is_server(name: str | Path) -> bool:
    """Return whether a database is on a server, not in a file."""
    return str(name).startswith(('postgresql://', 'postgres://'))


def is_sql(database: Database) -> bool:
    """Return whether a database understands the SQL of ASE's own tables."""
    return getattr(database, 'type', None) in ('db', 'postgresql')


def without_password(name: str | Path) -> str:
    """Return the name of a database without its password.

    Examples
    --------
    >>> without_password('postgresql://me:secret@host/w')
    'postgresql://me:***@host/w'
    """
    hidden = re.sub(r'(://[^:/@]*:).*@', r'\1***@', str(name))
    return re.sub('password=[^&]*', 'password=***', hidden)


def _password(address: str) -> str:
    """Return the password in an address, the longest possible one if unclear."""
    found = re.search('://[^:/@]*:(.*)@', address.partition('?')[0])
    return found[1] if found else ''


def open_server(address: str, serial: bool = False) -> Database:
    """Open a database on a server, whatever rows it holds.

    Raises
    ------
    ValueError
        The package for it is missing, it does not answer, or its password is not
        encoded.
    """
    name = without_password(address)
    if re.search('[/@]', _password(address)):
        raise ValueError(
            f"db='{name}': its password holds '/' or '@', expected '%2F' or '%40' "
            'instead'
        )
    try:
        import psycopg2

        database = connect(address, use_lock_file=False, serial=serial)
    except ImportError as error:
        raise ValueError(
            f"db='{name}': needs a package more: pip install ase-db-backends ({error})"
        ) from error
    try:
        database.metadata  # noqa: B018 (the first question connects)
    except (psycopg2.Error, AssertionError) as error:
        reason = ' '.join(str(error).split())
        raise ValueError(
            f"db='{name}': expected the address of a server with a database for this "
            f'user ({reason})'
        ) from error
    return database


def _open_file(path: Path, must_exist: bool, serial: bool) -> Database:
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
    if must_exist and not path.exists():
        raise ValueError(f"db='{path}': there is no such database")
    check_lock(path)
    if path.exists():
        check_format(path)
    if not must_exist:
        _check_writable(path)
    return connect(path, use_lock_file=False, serial=serial)


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


def _check_writable(path: Path) -> None:
    try:
        if path.suffix == '.json':
            if not path.exists():
                path.write_text('{"ids": [],\n"nextid": 1}\n')
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


def _check_metadata(database: Database) -> None:
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
