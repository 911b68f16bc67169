"""Names of sets: files, folders and databases, with a choice of frames or rows.

=====================  ==========================================================
``md.extxyz``          all frames of a file that ASE reads, also compressed
``md.extxyz@:100``     some of them, by an index or a slice as in ASE
``w.db@entropy>5``     rows of a database that match a query of :mod:`ase.db`
``w.db@:100``          some of them, in the order in which they are read
``runs/*/OUTCAR``      all files that match a pattern
``JSON``               all files of atoms in a folder and the folders in it
``a.db+b.extxyz@-1``   several of these, one after the other
=====================  ==========================================================
"""

import glob
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ase_entropy.sets.fitsnap_reader import is_fitsnap
from ase_entropy.store.database import is_database
from ase_entropy.store.servers import check_address, is_server, without_password

__all__ = ['LMDB', 'Source', 'file_of', 'is_rows', 'name_of', 'printable', 'sources_of']

SUFFIXES = {'.xyz', '.extxyz', '.traj', '.cif', '.vasp', '.poscar', '.contcar', '.cfg'}
LMDB = '.aselmdb'
SUFFIXES |= {'.db', '.json', LMDB, '.xsf', '.res', '.gen', '.data', '.dump'}
PACKED = {'.gz', '.bz2', '.xz'}
RESULTS = ('vasprun.xml', 'OUTCAR', 'CONTCAR', 'POSCAR')  # of a calculation: the first
INDEX = re.compile(r'-?\d+|(-?\d+)?:(-?\d+)?(:(-?\d+)?)?')
PATTERN = re.compile(r'[*?\[]')


class Source(NamedTuple):
    """A file, or a database, and what is chosen of it.

    Parameters
    ----------
    path : Path or str
        File, or address of a server.
    choice : str, optional
        Index or slice of frames, or query of rows; all by default.
    group : str
        Folder in the folder that was named, as FitSNAP's groups are.
    """

    path: Path | str
    choice: str | None = None
    group: str = ''

    @property
    def has_index(self) -> bool:
        """Whether an index or a slice is chosen, not a query."""
        return bool(INDEX.fullmatch(self.choice or ''))

    @property
    def index(self) -> slice:
        """Which frames of a file, or rows."""
        if self.choice is None:
            return slice(None)
        parts = [int(n) if n else None for n in self.choice.split(':')]
        if len(parts) > 1:
            return slice(*parts)
        return slice(parts[0], parts[0] + 1 if parts[0] != -1 else None)


def sources_of(name: str | Path) -> list[Source]:
    """Return the files and databases that a name stands for, in a fixed order.

    Raises
    ------
    ValueError
        A file that is not there, a pattern without a match, a folder without files of
        atoms, an index that is none.

    Examples
    --------
    >>> sources_of('postgresql://me@host/w@entropy>5')
    [Source(path='postgresql://me@host/w', choice='entropy>5', group='')]
    """
    check_address(name)
    text = str(name)
    if is_server(text):
        return [Source(*_split_address(text))]
    if _is(Path(text).expanduser(), 'is_file'):  # whatever signs its name has
        return [Source(Path(text).expanduser())]
    found: list[Source] = []
    words = text.split('+')
    while words:
        for end in range(1, len(words) + 1):  # a "+" may be part of a name
            part = _one('+'.join(words[:end]))
            if part:
                found += part
                del words[:end]
                break
        else:
            raise ValueError(_missing('+'.join(words) if found else text))
    return found


def _one(text: str) -> list[Source]:
    """Return the sources of a name without "+"; none if nothing is there."""
    for end in (len(text), *(i for i, sign in enumerate(text) if sign == '@')):
        if not text[:end]:
            continue  # not the current folder
        path, choice = Path(text[:end]).expanduser(), text[end + 1 :] or None
        if _is(path, 'is_file'):
            return [_checked(Source(path, choice))]
        if _is(path, 'is_dir'):
            return _in_folder(path, choice)
        if PATTERN.search(text[:end]):
            files = sorted(map(Path, glob.glob(str(path), recursive=True)))
            several = [_checked(Source(f, choice)) for f in files if f.is_file()]
            if several:
                return several
    return []


def _is(path: Path, what: str) -> bool:
    try:
        return getattr(path, what)()
    except OSError:  # too long, as with a query
        return False


def _missing(text: str) -> str:
    path = Path(text.partition('@')[0] or text)
    if PATTERN.search(str(path)):
        return f"path='{path}': no file matches this pattern"
    return f"path='{path}': there is no such file"


def _checked(source: Source) -> Source:
    """Return a source whose choice fits its kind."""
    path, choice, _ = source
    if choice is not None and not is_rows(source) and not INDEX.fullmatch(choice):
        raise ValueError(
            f"path='{path}@{choice}': expected an index or a slice of its frames, such "
            'as @-1 or @:100 (a query is for databases)'
        )
    return source


def is_rows(source: Source) -> bool:
    """Return whether a source is a database, not a file of atoms."""
    known = is_database(source.path) or Path(source.path).suffix == LMDB
    return known and not is_fitsnap(source.path)


def _in_folder(folder: Path, choice: str | None) -> list[Source]:
    """Return the files of atoms in a folder; of a calculation, one file."""
    found: list[Source] = []
    for inner in sorted({folder, *(p for p in folder.rglob('*') if p.is_dir())}):
        files = sorted(f for f in inner.iterdir() if f.is_file() and _holds_atoms(f))
        results = {_unpacked(f).name: f for f in reversed(files)}
        best = next((results[name] for name in RESULTS if name in results), None)
        group = '' if inner == folder else inner.relative_to(folder).as_posix()
        for file in files:
            if _unpacked(file).name not in RESULTS or file == best:
                found.append(_checked(Source(file, choice, group)))
    if not found:
        raise ValueError(
            f"path='{folder}': is a folder without files of atoms, expected some, such "
            'as .extxyz, .json, OUTCAR'
        )
    return found


def _unpacked(file: Path) -> Path:
    return file.with_suffix('') if file.suffix in PACKED else file


def _holds_atoms(file: Path) -> bool:
    plain = _unpacked(file)
    hidden = file.name.startswith('.')
    return not hidden and (plain.name in RESULTS or plain.suffix.lower() in SUFFIXES)


def _split_address(address: str) -> tuple[str, str | None]:
    """Return address and query of a database on a server."""
    plain, has_options, options = address.partition('?')
    if has_options:
        options, _, query = options.partition('@')
        return f'{plain}?{options}', query or None
    folder, _, last = plain.rpartition('/')
    name, _, query = last.partition('@')
    return f'{folder}/{name}', query or None


def file_of(path: Path | str) -> Path:
    """Return the name of a set's file, or of its database on a server.

    Examples
    --------
    >>> file_of('postgresql://me:secret@/w?host=/tmp/run').name
    'w'
    """
    return Path(Path(urlsplit(path).path if is_server(path) else path).name)


def name_of(name: str | Path) -> str:
    """Return a short name for a set: that of its folder, or of its first file.

    Examples
    --------
    >>> name_of('postgresql://me:secret@host/w@entropy>5')
    'w'
    """
    if not is_server(name) and _is(Path(name).expanduser(), 'is_dir'):
        return Path(name).expanduser().resolve().name
    file = file_of(sources_of(name)[0].path)
    return _unpacked(file).stem


def printable(name: str | Path) -> str:
    """Return the name of a set without passwords.

    Examples
    --------
    >>> printable('postgresql://me:secret@host/w@entropy>5')
    'postgresql://me:***@host/w@entropy>5'
    """
    if not is_server(name):
        return str(name)
    path, query = _split_address(str(name))
    return without_password(path) + (f'@{query}' if query else '')
