"""Names of sets: a file or a database, with a query."""

from pathlib import Path
from urllib.parse import urlsplit

from ase_entropy.store.servers import check_address, is_server, without_password

__all__ = ['file_of', 'printable', 'split_query']


def split_query(source: str | Path) -> tuple[Path | str, str | None]:
    """Return file and query of a source such as ``w.db@entropy>5``, as ASE writes it.

    Examples
    --------
    >>> split_query('w.db@entropy>5')[1]
    'entropy>5'
    >>> split_query('postgresql://me@host/w@entropy>5')
    ('postgresql://me@host/w', 'entropy>5')
    """
    check_address(source)
    if is_server(source):
        address, has_options, options = str(source).partition('?')
        if has_options:
            options, _, query = options.partition('@')
            return f'{address}?{options}', query or None
        folder, _, last = address.rpartition('/')
        name, _, query = last.partition('@')
        return f'{folder}/{name}', query or None
    text = str(source)
    for end in (len(text), *(i for i, sign in enumerate(text) if sign == '@')):
        if _is_file(path := Path(text[:end]).expanduser()):
            return path, text[end + 1 :] or None
    path = Path(source).expanduser()  # none is there
    name, _, query = path.name.partition('@')
    return path.with_name(name) if query else path, query or None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # too long, as with a query
        return False


def file_of(path: Path | str) -> Path:
    """Return the name of a set's file, or of its database on a server.

    Examples
    --------
    >>> file_of('postgresql://me:secret@/w?host=/tmp/run').name
    'w'
    """
    return Path(Path(urlsplit(path).path if is_server(path) else path).name)


def printable(source: str | Path) -> str:
    """Return a source without its password.

    Examples
    --------
    >>> printable('postgresql://me:secret@host/w@entropy>5')
    'postgresql://me:***@host/w@entropy>5'
    """
    path, query = split_query(source)
    return without_password(path) + (f'@{query}' if query else '')
