"""Databases on servers: their addresses, and the passwords in them."""

import re
from pathlib import Path
from urllib.parse import unquote

from ase.db import connect
from ase.db.core import Database

__all__ = [
    'check_address',
    'is_server',
    'open_server',
    'without_password',
    'without_passwords_of',
]

ADDRESS = re.compile(r'[A-Za-z][\w+.-]+:/')  # not that of a disk, such as C:/
# Also where an address is wrong, or was taken for a file name: scheme:/user:password.
USER_PASSWORD = re.compile(r'(?s)(:/+[^:/@[]*:)(.*(?=@)|(?!\d*(?:/|$))[^/]+)')
OPTION = re.compile('([?&])([^=&]*)=([^&]*)')


def is_server(name: str | Path) -> bool:
    """Return whether a database is on a server, not in a file."""
    return str(name).startswith(('postgresql://', 'postgres://'))


def check_address(name: str | Path) -> None:
    """Check that a name is no address of a server that we do not know.

    Raises
    ------
    ValueError
        It is, such as ``mysql://``, or ``postgresql:/`` with a single slash.
    """
    if ADDRESS.match(str(name)) and not (is_server(name) or Path(name).exists()):
        raise ValueError(
            f"db='{without_password(name)}': expected postgresql://user@host/name, or "
            'the name of a file'
        )


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
        reason = without_passwords_of(address, ' '.join(str(error).split()))
        raise ValueError(
            f"db='{name}': expected the address of a server with a database for this "
            f'user ({reason})'
        ) from None  # it may repeat the password
    return database


def without_password(name: str | Path) -> str:
    """Return the name of a database without its password.

    Examples
    --------
    >>> without_password('postgresql://me:secret@host/w')
    'postgresql://me:***@host/w'
    """
    hidden = USER_PASSWORD.sub(r'\1***', OPTION.sub(_without_value, str(name)))
    return re.sub('password=[^&]*', 'password=***', hidden)


def _without_value(option: re.Match) -> str:
    is_secret = 'pass' in unquote(option[2]).lower()
    return f'{option[1]}{option[2]}=***' if is_secret else option[0]


def _password(address: str) -> str:
    """Return the password in an address, the longest possible one if unclear."""
    found = USER_PASSWORD.search(address.partition('?')[0])
    return found[2] if found else ''


def without_passwords_of(address: str, text: str) -> str:
    """Return a text, such as a message of the driver, without those of an address."""
    found = [found[2] for found in USER_PASSWORD.finditer(address)]
    found += [x[3] for x in OPTION.finditer(address) if _without_value(x) != x[0]]
    for password in filter(None, found):
        for word in (password, unquote(password)):
            text = re.sub(rf'(?<!\w){re.escape(word)}(?!\w)', '***', text)
    return text
