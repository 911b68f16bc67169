"""The sets of a report, all with one descriptor."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ase_entropy.sets.dataset import Dataset, read_dataset
from ase_entropy.sets.sources import file_of, split_query
from ase_entropy.store.database import is_database, without_password

__all__ = ['read_sets']

SILENCE = 5.0  # seconds between two lines while a set is read


def read_sets(
    sources: Sequence[str | Path],
    names: Sequence[str] | None = None,
    descriptor: Any = None,
    report: Callable[[str], None] = print,
) -> list[Dataset]:
    """Read several sets, databases first: their descriptor is that of files, too.

    Parameters
    ----------
    sources : sequence of str or Path
        Databases or files, see :func:`~ase_entropy.sets.read_dataset`; ``@`` and a
        query after a database choose rows.
    names : sequence of str, optional
        Names of the sets; those of the files by default, numbered where they are equal.
    descriptor : Descriptor, optional
        That of all sets; by default that of the rows of the first database, or
        ``Bispectrum(components=6)``.
    report : callable
        Takes lines on the progress.

    Raises
    ------
    ValueError
        More or fewer names than sets, or as :func:`~ase_entropy.sets.read_dataset`.
    """
    split = [split_query(source) for source in sources]
    names = (
        _unique([file_of(path).stem for path, _ in split]) if names is None else names
    )
    if len(names) != len(sources):
        raise ValueError(
            f'names={list(names)}: expected {len(sources)}, one for each set'
        )
    files = [not is_database(path) for path, _ in split]
    found: dict[int, Dataset] = {}
    for s in sorted(range(len(split)), key=files.__getitem__):
        path, query = split[s]
        report(f'reading {without_password(path)}')
        if files[s] and descriptor is None and found:
            descriptor = next(iter(found.values())).descriptor
        progress = _progress(path, report)
        found[s] = read_dataset(
            path, descriptor, query, name=names[s], progress=progress
        )
        report(
            f'{names[s]}: {len(found[s])} configurations, {len(found[s].q_ek)} '
            f'environments, {found[s].q_ek.shape[1]} components'
        )
    return [found[s] for s in range(len(split))]


def _progress(path: Path, report: Callable[[str], None]) -> Callable[[int], None]:
    last = time.monotonic()

    def progress(configurations: int) -> None:
        nonlocal last
        if time.monotonic() - last > SILENCE:
            last = time.monotonic()
            name = without_password(path)
            report(f'reading {name}: {configurations} configurations so far')

    return progress


def _unique(names: list[str]) -> list[str]:
    """Return names, those that are there twice numbered."""
    made: list[str] = []
    for name in names:
        candidate, n = name, 2
        while candidate in made:
            candidate, n = f'{name} ({n})', n + 1
        made.append(candidate)
    return made
