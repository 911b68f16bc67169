"""Atomic writes: a file or folder appears complete under its name, or not at all.

Until then it is in a hidden folder beside its place, ``.ase_entropy-`` and what
:mod:`tempfile` makes unique; after SIGKILL that stays, and harms nobody. Only regular
files and folders are replaced: behind a link, a device or a pipe there is something
that belongs to others.
"""

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

__all__ = ['beside', 'check_kind', 'new_file', 'new_files', 'new_folder', 'new_path']

PREFIX = '.ase_entropy-'
FILE, FOLDER = 'a file', 'a folder'
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def new_file(path: str | Path, *, overwrite: bool = False) -> Iterator[TextIO]:
    """Open a text file that appears under its name when the ``with`` block succeeds.

    After an error, all is as before.

    Parameters
    ----------
    path : str or Path
        File name.
    overwrite : bool
        Replace a file that is not empty.

    Raises
    ------
    ValueError
        A folder, a link, a device, a file that is not empty, or a place that cannot be
        written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), 'w.txt')
    >>> with new_file(path) as file:
    ...     _ = file.write('tungsten')
    ...     path.exists()
    False
    >>> path.read_text()
    'tungsten'
    """
    with new_path(path, overwrite=overwrite) as partial:
        with open(partial, 'w', encoding='utf-8') as file:
            yield file


@contextlib.contextmanager
def new_path(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield the name of a file to be written; it appears as `path` in the end.

    Parameters and errors are those of :func:`new_file`.
    """
    path = _target(path)

    def check() -> None:
        if check_kind(path, FILE, 'a file name') and path.stat().st_size > 0:
            _check_permission(path, overwrite)

    check()
    with _naming(path), beside(path) as partial:
        yield partial
        check()
        _replace(partial, path)


@contextlib.contextmanager
def new_folder(
    path: str | Path, is_ours: Callable[[str], bool], *, overwrite: bool = False
) -> Iterator[Path]:
    """Make a folder that appears under its name when the ``with`` block succeeds.

    Parameters
    ----------
    path : str or Path
        Name of the folder.
    is_ours : callable
        Says of a file in it, by its path from the folder, whether it may be replaced.
    overwrite : bool
        Replace a folder that is not empty, if all files in it may be replaced.

    Raises
    ------
    ValueError
        A file, a link, a folder that is not empty or holds other files, or a place that
        cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), 'set')
    >>> with new_folder(path, str.isdigit) as folder:
    ...     (folder / '1').touch()
    >>> (path / '1').exists()
    True
    """
    path = _target(path)

    def check() -> None:
        if check_kind(path, FOLDER, 'the name of a folder') and any(path.iterdir()):
            _check_permission(path, overwrite)
            _check_foreign(path, is_ours)

    check()
    with _naming(path), beside(path) as partial:
        partial.mkdir()
        yield partial
        check()  # others may have put something there meanwhile
        _replace_folder(path, partial)


@contextlib.contextmanager
def new_files(folder: Path) -> Iterator[Path]:
    """Make a folder whose files all go into `folder` when the ``with`` block succeeds.

    Those at the top first. Regular files of the same names are replaced.

    Parameters
    ----------
    folder : Path
        A folder that is there.

    Raises
    ------
    ValueError
        A link, a device or a folder in the place of a file.
    """
    with _naming(folder), _hidden(folder, folder) as partial:
        yield partial
        found = sorted(partial.rglob('*'), key=lambda path: (len(path.parts), path))
        folders = [folder / p.relative_to(partial) for p in found if p.is_dir()]
        files = [(p, folder / p.relative_to(partial)) for p in found if p.is_file()]
        for path in folders:
            check_kind(path, FOLDER, 'a folder of its own')
        for _, path in files:
            check_kind(path, FILE, 'a file of its own')
        for path in folders:
            path.mkdir(exist_ok=True)
        for new, path in files:
            _replace(new, path)


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Yield a free name in a hidden folder beside `path`, which is gone in the end.

    Raises
    ------
    ValueError
        The place cannot be written.
    """
    with _hidden(path.parent, path) as folder:
        yield folder / 'new.part'


@contextlib.contextmanager
def _hidden(parent: Path, path: Path) -> Iterator[Path]:
    try:
        hidden = tempfile.TemporaryDirectory(
            prefix=PREFIX, dir=parent.absolute(), ignore_cleanup_errors=True
        )
    except OSError as error:
        raise ValueError(f"path='{path}': cannot be written ({error})") from error
    with hidden as folder:
        yield Path(folder)


def check_kind(path: Path, kind: str, expected: str) -> bool:
    """Return whether something is there; raise ValueError if it is not of this kind.

    Examples
    --------
    >>> check_kind(Path('/dev/null'), FILE, 'a file name')
    Traceback (most recent call last):
    ...
    ValueError: path='/dev/null': is a device, pipe or socket, expected a file name
    """
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ValueError(f"path='{path}': cannot be written ({error})") from error
    found = 'a device, pipe or socket'
    for name, is_kind in (
        ('a link', stat.S_ISLNK),
        (FILE, stat.S_ISREG),
        (FOLDER, stat.S_ISDIR),
    ):
        found = name if is_kind(mode) else found
    if found != kind:
        raise ValueError(f"path='{path}': is {found}, expected {expected}")
    return True


def _replace(new: Path, path: Path) -> None:
    """Put a file in its place, once the disk has it."""
    with open(new, 'r+b') as file:
        os.fsync(file.fileno())
    os.replace(new, path)


def _replace_folder(path: Path, new: Path) -> None:
    if not path.exists():
        new.rename(path)
        return
    old = new.with_name('old')  # goes with the hidden folder
    path.rename(old)
    try:
        new.rename(path)
    except OSError:
        old.rename(path)
        raise


def _target(path: str | Path) -> Path:
    path = Path(path).expanduser()
    if path.name in ('', '..'):  # nothing can be beside these
        path = path.resolve()
    if not path.parent.is_dir():
        raise ValueError(
            f"path='{path}': the folder '{path.parent}' does not exist, expected one "
            'that does'
        )
    return path


def _check_permission(path: Path, overwrite: bool) -> None:
    if not overwrite:
        raise ValueError(
            f"path='{path}': is there already, expected a new name, or overwrite=True "
            '(--overwrite)'
        )


def _check_foreign(path: Path, is_ours: Callable[[str], bool]) -> None:
    for file in sorted(path.rglob('*')):
        name, mode = file.relative_to(path).as_posix(), file.lstat().st_mode
        ours = stat.S_ISREG(mode) and is_ours(name)
        if not (ours or stat.S_ISDIR(mode)):
            raise ValueError(
                f"path='{path}': holds '{name}', which no export writes, expected a "
                'new name (or delete the folder yourself)'
            )


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let "No space left on device" name the file: it names none by itself."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL and error.filename is None:
            error.filename = str(path)
        raise
