"""Read rows of a database, in an order that does not depend on the workers."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from ase import Atoms
from ase.db.core import Database
from ase.db.row import AtomsRow

from ase_entropy.store.database import is_sql, without_password

__all__ = [
    'RowKeys',
    'geometry_hash',
    'keys_of',
    'ordered_ids',
    'read_atoms',
    'read_keys',
    'rows_of',
]

AT_ONCE = 256  # rows; ASE holds all that a query finds
EXAMPLE = 'entropy>5,min_distance>1.8'
ORDER = ('campaign', 'walker', 'cycle')
# Columns behind the data are not touched where a row has no forces: its data are large.
QUERY = (
    'SELECT id, unique_id, CAST(key_value_pairs AS TEXT), '
    'CASE WHEN forces IS NULL THEN NULL ELSE fmax END FROM systems WHERE id>? '
    'ORDER BY id'
)
GEOMETRY = (
    'SELECT id, numbers, positions, cell, pbc FROM systems WHERE id>? ORDER BY id '
    f'LIMIT {AT_ONCE}'
)
PERIODIC = np.array([1, 2, 4])  # bits of ASE


class RowKeys(NamedTuple):
    """What a row says without its atoms and data."""

    id: int
    unique_id: str
    keys: dict


def read_keys(database: Database, after: int = 0) -> Iterator[RowKeys]:
    """Yield the keys of all rows, in the order of their ids.

    SQL databases are asked for their text, which takes a hundredth of the time that
    ASE needs to make rows of it.

    Parameters
    ----------
    database : ase.db.core.Database
        What :func:`ase.db.connect` returns.
    after : int
        Only rows with larger ids.
    """
    if not is_sql(database):
        for row in database.select(f'id>{after}', include_data=False):
            yield RowKeys(row.id, row.unique_id, keys_of(row))
        return
    with database.managed_connection() as connection:
        cursor = connection.cursor()
        cursor.execute(QUERY, [after])
        found = cursor.fetchall()
    for i, unique_id, text, fmax in found:
        try:
            keys = json.loads(text, object_hook=_special_number)
        except ValueError as error:
            raise ValueError(
                f"db='{without_password(database.filename)}', row {i}: its keys are "
                f'damaged, expected JSON ({error})'
            ) from error
        yield RowKeys(i, unique_id, _with_max_force(keys, fmax))


def read_atoms(database: Database, after: int = 0) -> Iterator[tuple[int, Atoms]]:
    """Yield id and atoms of all rows, without results, in the order of their ids.

    As fast as :func:`read_keys`: SQL databases are asked for the geometry only.

    Parameters
    ----------
    database : ase.db.core.Database
        What :func:`ase.db.connect` returns.
    after : int
        Only rows with larger ids.
    """
    if not is_sql(database):
        for row in database.select(f'id>{after}', include_data=False):
            yield row.id, Atoms(row.numbers, row.positions, cell=row.cell, pbc=row.pbc)
        return
    found: list = [(after,)]
    while found:
        with database.managed_connection() as connection:
            cursor = connection.cursor()
            cursor.execute(GEOMETRY, [found[-1][0]])
            found = cursor.fetchall()
        for i, numbers, positions, cell, pbc in found:
            yield (
                i,
                Atoms(
                    database.deblob(numbers, np.int32),
                    database.deblob(positions, shape=(-1, 3)),
                    cell=database.deblob(cell, shape=(3, 3)),
                    pbc=(pbc & PERIODIC).astype(bool),
                ),
            )


def keys_of(row: AtomsRow) -> dict:
    """Return the key-value pairs of a row, `max_force` also of version 0.1."""
    return _with_max_force(row.key_value_pairs, row.get('fmax'))


def _with_max_force(keys: dict, fmax: float | None) -> dict:
    """Add the largest force of a row that has it in ASE's column only."""
    return keys if fmax is None else {'max_force': fmax, **keys}


def _special_number(dct: dict) -> Any:
    """Return nan or inf as a server stores it."""
    return float(dct['__special_number__']) if '__special_number__' in dct else dct


def geometry_hash(row: Any) -> str:
    """Return the SHA-256 of numbers, positions, cell and periodicity, as hex digits.

    Parameters
    ----------
    row : Atoms or AtomsRow
        Whose geometry it is.

    Examples
    --------
    >>> from ase import Atoms
    >>> pair = Atoms('W2', [(0, 0, 0), (2.5, 0, 0)])
    >>> before = geometry_hash(pair)
    >>> pair.positions[1, 0] += 1e-12
    >>> geometry_hash(pair) == before
    False
    """
    digest = hashlib.sha256()
    arrays = (row.numbers, '<i8'), (row.positions, '<f8'), (row.cell[:], '<f8')
    for value, kind in (*arrays, (row.pbc, 'u1')):
        array = np.array(value, kind) + np.zeros((), kind)  # servers lose the sign of 0
        digest.update(array.tobytes())
    return digest.hexdigest()


def ordered_ids(database: Database, select: str | None = None) -> list[int]:
    """Return the ids of rows: by stage, campaign, walker and cycle, then by id.

    Ids follow from the order in which workers finished; this order does not.

    Parameters
    ----------
    database : ase.db.core.Database
        What :func:`ase.db.connect` returns.
    select : str, optional
        Query of :mod:`ase.db` that chooses rows, such as ``'entropy>5'``.

    Raises
    ------
    ValueError
        A query that is none, or that selects nothing; a database without rows.

    Examples
    --------
    >>> import tempfile
    >>> from ase import Atoms
    >>> from ase.db import connect
    >>> database = connect(tempfile.mkdtemp() + '/w.db')
    >>> for cycle in (2, 0, 1):
    ...     _ = database.write(Atoms('W'), campaign=0, walker=cycle, cycle=cycle)
    >>> ordered_ids(database)
    [2, 3, 1]
    """
    try:
        found = [_place(*row) for row in _chosen(database, select)]
    except Exception as error:  # whatever ASE and the database raise
        reason = ' '.join(f'{type(error).__name__}: {error}'.split())
        name = without_password(database.filename)
        expected = f"select='{select}': expected a query of ase.db, such as '{EXAMPLE}'"
        if select is None:
            expected = f"db='{name}': expected a database that ASE reads"
        raise ValueError(f'{expected} ({reason})') from error
    if found:
        return [place[-1] for place in sorted(found)]
    name, every = without_password(database.filename), database.count()
    if every == 0:
        raise ValueError(f"db='{name}' has no rows: expected one or more")
    raise ValueError(
        f"select='{select}': expected a query that selects some of the {every} rows of "
        f"'{name}', it selects none"
    )


def _chosen(database: Database, select: str | None) -> Iterator[RowKeys]:
    """Yield the keys of the rows that a query chooses."""
    if select is None:
        yield from read_keys(database)
        return
    columns = ['id', 'unique_id', 'key_value_pairs']
    for row in database.select(select, columns=columns, include_data=False):
        yield RowKeys(row.id, row.unique_id, row.key_value_pairs)


def _place(i: int, unique_id: str, keys: dict) -> tuple:
    numbers = [keys.get(key) for key in ORDER]
    known = [x if isinstance(x, (int, float)) else -1 for x in numbers]
    return str(keys.get('stage', '')), *known, i


def rows_of(
    database: Database, ids: Sequence[int], **kwargs: Any
) -> Iterator[AtomsRow]:
    """Yield rows by their ids, with only some of them in memory.

    Parameters
    ----------
    database : ase.db.core.Database
        What :func:`ase.db.connect` returns.
    ids : sequence of int
        Their ids.
    **kwargs
        As ``include_data=False`` of ``database.select``.

    Raises
    ------
    ValueError
        A row that is damaged, or not there any more.
    """
    waiting = iter(ids)
    while some := list(islice(waiting, AT_ONCE)):
        known = _read(database, some, kwargs)
        if gone := [i for i in some if i not in known]:
            raise ValueError(
                f"db='{without_password(database.filename)}': row {gone[0]} is not "
                'there any more, expected that nobody deletes rows meanwhile'
            )
        yield from (known[i] for i in some)


def _read(database: Database, ids: Sequence[int], kwargs: dict) -> dict:
    low, high = min(ids), max(ids)
    try:
        if high - low < 2 * AT_ONCE:
            near = f'id>={low},id<={high}'
            return {row.id: row for row in database.select(near, **kwargs)}
        return {row.id: row for i in ids for row in database.select(id=i, **kwargs)}
    except Exception as error:  # whatever ASE raises
        raise ValueError(
            f"db='{without_password(database.filename)}': a row between {low} and "
            f'{high} is damaged, expected one that ASE reads ({error})'
        ) from error
