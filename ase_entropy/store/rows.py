"""Read rows of a database, in an order that does not depend on the workers."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from ase.db.core import Database
from ase.db.row import AtomsRow

from ase_entropy.store.database import without_password

__all__ = ['ordered_ids', 'rows_of']

AT_ONCE = 256  # rows; ASE holds all that a query finds
EXAMPLE = 'entropy>5,min_distance>1.8'
ORDER = ('campaign', 'walker', 'cycle')


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
    columns = ['id', 'key_value_pairs']
    try:
        found = list(database.select(select, columns=columns, include_data=False))
    except Exception as error:  # whatever ASE and the database raise
        reason = ' '.join(f'{type(error).__name__}: {error}'.split())
        name = without_password(database.filename)
        expected = f"select='{select}': expected a query of ase.db, such as '{EXAMPLE}'"
        if select is None:
            expected = f"db='{name}': expected a database that ASE reads"
        raise ValueError(f'{expected} ({reason})') from error
    if found:
        return [row.id for row in sorted(found, key=_place)]
    name, every = without_password(database.filename), database.count()
    if every == 0:
        raise ValueError(f"db='{name}' has no rows: expected one or more")
    raise ValueError(
        f"select='{select}': expected a query that selects some of the {every} rows of "
        f"'{name}', it selects none"
    )


def _place(row: AtomsRow) -> tuple:
    numbers = [row.get(key) for key in ORDER]
    known = [x if isinstance(x, (int, float)) else -1 for x in numbers]
    return str(row.get('stage', '')), *known, row.id


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
