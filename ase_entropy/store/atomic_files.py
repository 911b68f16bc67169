"""Atomic writes: a file or folder appears complete under its name, or not at all."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

__all__ = ['new_file', 'new_folder']


@contextlib.contextmanager
def new_file(path: str | Path, *, overwrite: bool = False) -> Iterator[TextIO]:
    """Open a text file that appears under its name when the ``with`` block succeeds.

    Until then it has a hidden name beside it; after an error it is gone.

    Parameters
    ----------
    path : str or Path
        File name.
    overwrite : bool
        Replace a file that is not empty.

    Raises
    ------
    ValueError
        A folder, a file that is not empty, or a place that cannot be written.

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
    path = _target(path)
    if path.is_dir():
        raise ValueError(f"path='{path}': is a folder, expected a file name")
    if path.exists() and path.stat().st_size > 0:
        _check_permission(path, overwrite)
    partial = _beside(path, 'part')
    with _writing(path):
        file = open(partial, 'w', encoding='utf-8')
    try:
        with file:
            yield file
        os.replace(partial, path.resolve())
    finally:
        partial.unlink(missing_ok=True)


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
        A file, a folder that is not empty or holds other files, or a place that cannot
        be written.

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
    if path.exists() and not path.is_dir():
        raise ValueError(f"path='{path}': is a file, expected the name of a folder")
    if path.exists() and any(path.iterdir()):
        _check_permission(path, overwrite)
        _check_foreign(path, is_ours)
    partial = _beside(path, 'part')
    with _writing(path):
        partial.mkdir()
    try:
        yield partial
        _replace_folder(path.resolve(), partial)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _replace_folder(path: Path, new: Path) -> None:
    if not path.exists():
        new.rename(path)
        return
    old = _beside(path, 'old')
    path.rename(old)
    try:
        new.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old)


def _target(path: str | Path) -> Path:
    path = Path(path).expanduser()
    if not path.resolve().parent.is_dir():
        raise ValueError(
            f"path='{path}': the folder '{path.parent}' does not exist, expected one "
            'that does'
        )
    return path


def _beside(path: Path, what: str) -> Path:
    path = path.resolve()
    return path.with_name(f'.{path.name}.{os.getpid()}.{what}')


def _check_permission(path: Path, overwrite: bool) -> None:
    if not overwrite:
        raise ValueError(
            f"path='{path}': is there already, expected a new name, or overwrite=True "
            '(--overwrite)'
        )


def _check_foreign(path: Path, is_ours: Callable[[str], bool]) -> None:
    for file in sorted(path.rglob('*')):
        name = file.relative_to(path).as_posix()
        if not file.is_dir() and not is_ours(name):
            raise ValueError(
                f"path='{path}': holds '{name}', which no export writes, expected a "
                'new name (or delete the folder yourself)'
            )


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ValueError(f"path='{path}': cannot be written ({error})") from error
