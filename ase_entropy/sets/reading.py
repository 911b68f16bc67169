"""Read configurations, one after the other, from databases and files of any kind."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.data import chemical_symbols
from ase.db import connect
from ase.db.core import Database
from ase.io import iread
from ase.io.formats import open_with_compression

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.fitsnap_reader import is_fitsnap, read_fitsnap
from ase_entropy.sets.sources import (
    LMDB,
    PACKED,
    Source,
    is_rows,
    printable,
    sources_of,
)
from ase_entropy.store.database import (
    check_filled,
    check_format,
    is_server,
    open_server,
)
from ase_entropy.store.rows import ordered_ids, rows_of

__all__ = [
    'nothing_in',
    'open_source',
    'read_chosen',
    'read_configurations',
    'read_source',
    'read_species',
]

UNDERSTOOD = {'lattice': 'Lattice', 'properties': 'Properties'}  # extended xyz


def read_configurations(name: str | Path) -> Iterator[Configuration]:
    """Yield all configurations of a set, see :mod:`ase_entropy.sets.sources`.

    Rows of a database come in the order of their stages, campaigns, walkers and cycles.

    Raises
    ------
    ValueError
        A set that is not there or cannot be read; which file, row or frame.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from ase.io import write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(folder + '/a.xyz', [bulk('W') * (n, 1, 1) for n in (1, 2, 3)])
    ...     write(folder + '/b.xyz', bulk('Mo'))
    ...     for atoms, *_ in read_configurations(f'{folder}/a.xyz@1:+{folder}/b.xyz'):
    ...         print(atoms.symbols)
    W2
    W3
    Mo
    """
    for source in sources_of(name):
        yield from read_source(source)


def read_source(source: Source) -> Iterator[Configuration]:
    """Yield the configurations of one file or database."""
    yield from _rows(source) if is_rows(source) else _frames(source)


def read_chosen(
    source: Source, numbers: Sequence[int], **kwargs: Any
) -> Iterator[Configuration]:
    """Yield some configurations of a file or database, as :func:`read_source` does.

    Parameters
    ----------
    source : Source
        File or database.
    numbers : sequence of int
        Ids of rows, in the order in which these are to come, or places in the file.
    **kwargs
        For rows, such as ``include_data=False``.

    Raises
    ------
    ValueError
        As :func:`read_configurations`; configurations that are not there any more.
    """
    if is_rows(source):
        for row in rows_of(open_source(source), numbers, **kwargs):
            yield Configuration(row.toatoms(), row, row.id, source)
        return
    missing = set(numbers)
    for configuration in read_source(source) if missing else ():
        if configuration.number in missing:
            missing.remove(configuration.number)
            yield configuration
            if not missing:
                return
    if missing:
        raise ValueError(
            f"path='{source.path}' has no frame {min(missing)} any more: expected the "
            'file as it was read before'
        )


def read_species(name: str | Path) -> list[str]:
    """Return the chemical symbols of a set, in the order of the periodic table.

    Raises
    ------
    ValueError
        As :func:`read_configurations`; a set without configurations.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> path = tempfile.mkdtemp() + '/a.xyz'
    >>> bulk('NaCl', 'rocksalt', a=5.64).write(path)
    >>> read_species(path)
    ['Na', 'Cl']
    """
    numbers: set[int] = set()
    for configuration in read_configurations(name):
        numbers.update(configuration.atoms.numbers.tolist())
    if not numbers:
        raise nothing_in(name)
    return [chemical_symbols[z] for z in sorted(numbers)]


def nothing_in(name: str | Path, which: str = '') -> ValueError:
    """Return the error of a set without configurations, or without some of a kind."""
    return ValueError(
        f"path='{printable(name)}' holds no configurations{which}: expected one or more"
    )


def open_source(source: Source) -> Database:
    """Return the database of a source, to be read only."""
    if is_server(source.path):
        return open_server(str(source.path))
    if Path(source.path).suffix == LMDB:
        return _open_lmdb(source.path)
    check_filled(source.path)
    check_format(source.path)
    return connect(source.path, use_lock_file=False)


def _open_lmdb(path: Path) -> Database:
    try:
        from ase_db_backends.aselmdb import LMDBDatabase
    except ImportError as error:
        raise ValueError(
            f"path='{path}': needs a package more: pip install ase-db-backends "
            f'({error})'
        ) from error
    try:
        return LMDBDatabase(path, readonly=True, use_lock_file=False)
    except Exception as error:  # of lmdb, which may be missing
        raise ValueError(
            f"path='{path}': expected a database that ASE reads ({error})"
        ) from error


def _rows(source: Source) -> Iterator[Configuration]:
    database = open_source(source)
    for row in rows_of(database, _chosen_ids(database, source)):
        yield Configuration(row.toatoms(), row, row.id, source)


def _chosen_ids(database: Database, source: Source) -> list[int]:
    if not source.has_index:
        return ordered_ids(database, source.choice)
    every = ordered_ids(database)
    if found := every[source.index]:
        return found
    raise ValueError(
        f"path='{printable(str(source.path))}@{source.choice}': chooses none of its "
        f'{len(every)} rows'
    )


def _frames(source: Source) -> Iterator[Configuration]:
    number = -1
    try:
        for number, atoms in _chosen(source):
            _check_frame(atoms)
            yield Configuration(atoms, None, number, source)
        if _unpacked_name(source.path).startswith('OUTCAR'):
            _check_outcar(source.path)
    except Exception as error:  # ASE's readers raise errors of any kind
        reason = ' '.join(f'{type(error).__name__}: {error}'.split())
        after = f' after configuration {number}' if number >= 0 else ''
        raise ValueError(
            f"path='{source.path}'{after}: expected a file that ASE reads ({reason})"
        ) from error


def _chosen(source: Source) -> Iterator[tuple[int, Atoms]]:
    """Yield the frames that the source chooses, with their places in the file."""
    if is_fitsnap(source.path):
        frames = enumerate(read_fitsnap(source.path))
    else:
        frames = enumerate(iread(source.path, ':', do_not_split_by_at_sign=True))
    index = source.index
    if any(x is not None and x < 0 for x in (index.start, index.stop, index.step)):
        return iter(list(frames)[index])  # counted from the end
    return islice(frames, index.start, index.stop, index.step)


def _check_frame(atoms: Atoms) -> None:
    """Raise ValueError for keys of extended xyz that ASE does not understand."""
    for key in atoms.info:
        right = UNDERSTOOD.get(key.lower())
        if right is not None:
            raise ValueError(f'its key {key!r} is not understood, expected {right!r}')


def _check_outcar(path: Path) -> None:
    """Raise ValueError if runs of different numbers of atoms were concatenated.

    ASE takes the number of atoms of the first run for all.
    """
    with open_with_compression(str(path), 'r') as file:
        sizes = {line.split('NIONS =')[1].strip() for line in file if 'NIONS =' in line}
    if len(sizes) > 1:
        raise ValueError(
            f'it holds runs of {", ".join(sorted(sizes))} atoms, of which ASE takes '
            'the first number for all, expected one run in a file'
        )


def _unpacked_name(path: Path) -> str:
    return path.stem if path.suffix in PACKED else path.name
