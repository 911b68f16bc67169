"""Rows as ASE's SQLite database would write them, made by workers, then only inserted.

To convert a row into what its columns hold takes longer than to insert it. ASE's own
code does it here, into statements that are kept instead of executed; whoever has the
database executes those of many rows together.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import chain, repeat, starmap
from typing import Any, NamedTuple

from ase.db.core import Database
from ase.db.row import AtomsRow
from ase.db.sqlite import VERSION, SQLite3Database

__all__ = ['PreparedRow', 'insert_rows', 'prepare_row', 'takes_prepared_rows']

AT_ONCE = 500  # SQLite may take no more than 999 parameters in a statement


class PreparedRow(NamedTuple):
    """A row, as the statements with which ASE inserts it.

    Parameters
    ----------
    unique_id : str
        As in its column.
    statement, values : str, tuple
        Those that insert it into the table `systems`.
    others : dict
        Columns of values for the statement of each other table, but the last column,
        the id of the row. Most are the same in all rows: a pickle has them once.
    id : int, optional
        The id that it shall have; by default the next one.
    """

    unique_id: str
    statement: str
    values: tuple
    others: dict[str, tuple[tuple, ...]]
    id: int | None = None

    def with_id(self, id: int) -> 'PreparedRow':
        """Return the row with an id of its own, that no other row has."""
        statement = self.statement.replace('(NULL, ', '(?, ', 1)
        return self._replace(statement=statement, values=(id, *self.values), id=id)


class _Recorder(SQLite3Database):
    """ASE's SQLite database, whose statements are kept instead of executed."""

    initialized = True
    version = VERSION

    def __init__(self) -> None:
        super().__init__(filename=None, serial=True)
        self.statement, self.values = '', ()
        self.others: dict[str, tuple[tuple, ...]] = {}

    @contextmanager
    def managed_connection(self, commit_frequency: int = 0) -> Iterator['_Recorder']:
        yield self

    def cursor(self) -> '_Recorder':
        return self

    def execute(self, statement: str, values: Sequence) -> None:
        """Keep the row of the table `systems`; views of arrays cannot be pickled."""
        own = (bytes(x) if isinstance(x, memoryview) else x for x in values)
        self.statement, self.values, self.others = statement, tuple(own), {}

    def executemany(self, statement: str, rows: list[Sequence]) -> None:
        """Keep the rows of another table, if there are any."""
        if rows:
            *columns, _ = zip(*rows, strict=True)
            self.others[statement] = tuple(map(_shared, columns))

    def get_last_id(self, cursor: Any) -> None:
        """Return no id: there is none before the row is in a database."""

    def _get_external_table_names(self, db_con: Any = None) -> list[str]:
        return []


def _shared(column: tuple) -> tuple:
    """Return a column of names as one object, whichever row it is from."""
    return _known_names(column) if isinstance(column[0], str) else column


@lru_cache(maxsize=256)
def _known_names(column: tuple) -> tuple:
    return column


@cache
def _recorder() -> _Recorder:
    return _Recorder()


def takes_prepared_rows(database: Database) -> bool:
    """Return whether prepared rows can be inserted: into SQLite of this ASE's format.

    Examples
    --------
    >>> import tempfile
    >>> from ase.db import connect
    >>> folder = tempfile.mkdtemp()
    >>> [takes_prepared_rows(connect(f'{folder}/w.{x}')) for x in ('db', 'json')]
    [True, False]
    """
    if getattr(database, 'type', None) != SQLite3Database.type:
        return False
    database.metadata  # noqa: B018 (the first question reads the version)
    return database.version == VERSION


def prepare_row(row: AtomsRow, keys: dict, data: dict) -> PreparedRow:
    """Return a row as ``database.write(row, keys, data)`` of ASE would write it.

    Parameters
    ----------
    row : AtomsRow
        Atoms, with the `unique_id` and the `ctime` that the row shall have.
    keys, data : dict
        Key-value pairs and data.

    Raises
    ------
    ValueError
        Keys that ASE refuses.

    Examples
    --------
    >>> from ase import Atoms
    >>> row = AtomsRow(Atoms('W2'))
    >>> row.ctime, row.user = 26.5, 'me'
    >>> prepared = prepare_row(row, {'cycle': 3}, {})
    >>> prepared.others['INSERT INTO number_key_values VALUES (?, ?, ?)']
    (('cycle',), (3.0,))
    """
    recorder = _recorder()
    recorder.write(row, key_value_pairs=keys, data=data)
    return PreparedRow(
        row.unique_id, recorder.statement, recorder.values, recorder.others
    )


def insert_rows(database: SQLite3Database, rows: Sequence[PreparedRow]) -> None:
    """Insert prepared rows that are not there yet, one statement for each table.

    Parameters
    ----------
    database : ase.db.sqlite.SQLite3Database
        Within a transaction: ids follow the last one, in the order of the rows, where
        these have none.
    rows : sequence of PreparedRow
        From :func:`prepare_row`.

    Raises
    ------
    ValueError
        Rows that different versions of ASE have prepared.
    """
    cursor = database.connection.cursor()
    there = _known(cursor, [row.unique_id for row in rows])
    new = list(
        {row.unique_id: row for row in rows if row.unique_id not in there}.values()
    )
    statements = {row.statement for row in new}
    if len(statements) > 1:
        raise ValueError(
            'rows were prepared by different versions of ASE: expected one for all '
            'workers'
        )
    for statement in statements:
        cursor.executemany(statement, [row.values for row in new])
    last = database.get_last_id(cursor)
    tables = defaultdict(list)
    for next_id, row in enumerate(new, last - len(new) + 1):
        i = next_id if row.id is None else row.id
        for statement, columns in row.others.items():
            tables[statement].append((*columns, repeat(i)))
    for statement, inserts in tables.items():
        cursor.executemany(statement, chain.from_iterable(starmap(zip, inserts)))


def _known(cursor: Any, unique_ids: list[str]) -> set[str]:
    """Return which of these ids are in the database."""
    found = set()
    for first in range(0, len(unique_ids), AT_ONCE):
        some = unique_ids[first : first + AT_ONCE]
        marks = ', '.join('?' * len(some))
        cursor.execute(
            f'SELECT unique_id FROM systems WHERE unique_id IN ({marks})', some
        )
        found.update(unique_id for (unique_id,) in cursor.fetchall())
    return found
