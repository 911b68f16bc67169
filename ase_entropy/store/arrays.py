"""Large arrays of parts: once in a database, named in its rows and in its ledger."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ase.db import connect
from ase.db.core import Database

from ase_entropy.parts import insert_arrays
from ase_entropy.store.database import is_sql, without_password

__all__ = ['StoredArrays', 'add_arrays', 'restore']

PREFIX = 'array '  # of their names in the table information


class StoredArrays(dict):
    """Arrays by their SHA-256, read from a database when they are asked for.

    Compressed and in base64, they stand in the table ``information`` of an SQL
    database, beside the metadata: these are read by everyone who connects, arrays are
    not. In other databases they are part of the metadata, as ``arrays``.

    Parameters
    ----------
    database : ase.db.core.Database, str or Path, optional
        The database, or its name.
    """

    def __init__(self, database: Database | str | Path | None) -> None:
        super().__init__()
        self.database = database

    def __missing__(self, name: str) -> np.ndarray:
        """Read an array, and keep it.

        Raises
        ------
        ValueError
            It is not there, or damaged.
        """
        if self.database is None:
            raise ValueError(
                f'the array with SHA-256 {name} is only named: expected '
                'database=ase.db.connect(...), where it stands'
            )
        if not isinstance(self.database, Database):
            self.database = connect(self.database)
        where = f"db='{without_password(self.database.filename)}'"
        text = _text(self.database, name)
        if text is None:
            raise ValueError(
                f'{where}: lacks the array with SHA-256 {name} that rows or campaigns '
                'name, expected the database that the harvest wrote ("ase db -i" '
                'copies rows without arrays)'
            )
        try:
            content = zlib.decompress(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError, zlib.error):
            content = b''
        if hashlib.sha256(content).hexdigest() != name:
            raise ValueError(
                f'{where}: its array with SHA-256 {name} is damaged, expected the '
                'database that the harvest wrote'
            )
        self[name] = np.frombuffer(content, '<f8')
        return self[name]


def restore(dct: dict, database: Database | str | Path | None) -> dict:
    """Return a dictionary of a row or of the ledger with all of its arrays.

    Rows name arrays of more than 1000 numbers, such as a `reference_mk`, by their
    SHA-256.

    Parameters
    ----------
    dct : dict
        Such as ``row.data['calculator']``, or the recipe of a campaign.
    database : ase.db.core.Database, str or Path
        Where it is from.

    Raises
    ------
    ValueError
        An array that is not there, or damaged.
    """
    return insert_arrays(dct, StoredArrays(database))


def add_arrays(
    database: Database, arrays: Mapping[str, np.ndarray], metadata: dict | None
) -> dict | None:
    """Add arrays that are not there yet to a database; return its new metadata.

    Parameters
    ----------
    database : ase.db.core.Database
        Within a transaction.
    arrays : dict of arrays
        By their SHA-256.
    metadata : dict, optional
        What the metadata are to be; None if they stay as they are.
    """
    new = {n: x for n, x in arrays.items() if _text(database, n) is None}
    texts = {n: base64.b64encode(zlib.compress(x)).decode() for n, x in new.items()}
    if not is_sql(database):
        metadata = database.metadata if metadata is None else metadata
        return {**metadata, 'arrays': {**metadata.get('arrays', {}), **texts}}
    with database.managed_connection() as connection:
        cursor = connection.cursor()
        for name, text in texts.items():
            cursor.execute(
                'INSERT INTO information VALUES (?, ?)', [PREFIX + name, text]
            )
    return metadata


def _text(database: Database, name: str) -> str | None:
    """Return an array as it is stored, or None."""
    if not is_sql(database):
        arrays: Any = database.metadata.get('arrays')
        return arrays.get(name) if isinstance(arrays, dict) else None
    with database.managed_connection() as connection:
        cursor = connection.cursor()
        query = 'SELECT value FROM information WHERE name=?'
        cursor.execute(query, [PREFIX + name])
        found = cursor.fetchone()
    return found and found[0]
