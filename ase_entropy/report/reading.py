"""The sets of a report, all with one descriptor."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from ase_entropy.report.progress import SILENCE
from ase_entropy.sets.dataset import Dataset, read_dataset
from ase_entropy.sets.sources import is_rows, name_of, printable, sources_of

__all__ = ['read_sets']


def read_sets(
    sources: Sequence[str | Path],
    names: Sequence[str] | None = None,
    descriptor: Any = None,
    report: Callable[[str], None] = print,
    executor: Executor | None = None,
) -> list[Dataset]:
    """Read several sets, databases first: their descriptor is that of files, too.

    Parameters
    ----------
    sources : sequence of str or Path
        Databases, files, folders, ..., see :mod:`ase_entropy.sets.sources`.
    names : sequence of str, optional
        Names of the sets; those of the files by default, numbered where they are equal.
    descriptor : Descriptor, optional
        That of all sets; by default that of the rows of the first database, or
        ``Bispectrum(components=6)``.
    report : callable
        Takes lines on the progress.
    executor : concurrent.futures.Executor, optional
        Computes descriptors, see :func:`~ase_entropy.sets.read_dataset`.

    Raises
    ------
    ValueError
        More or fewer names than sets, or as :func:`~ase_entropy.sets.read_dataset`.
    """
    parts = [sources_of(source) for source in sources]
    if names is None:
        names = _unique([name_of(source) for source in sources])
    if len(names) != len(sources):
        raise ValueError(
            f'names={list(names)}: expected {len(sources)}, one for each set'
        )
    files = [not is_rows(first) for first, *_ in parts]
    found: dict[int, Dataset] = {}
    for s in sorted(range(len(parts)), key=files.__getitem__):
        path = sources[s]
        report(f'reading {printable(path)}')
        if files[s] and descriptor is None and found:
            descriptor = next(iter(found.values())).descriptor
        progress = _progress(path, report)
        found[s] = read_dataset(
            path, descriptor, name=names[s], executor=executor, progress=progress
        )
        report(
            f'{names[s]}: {len(found[s])} configurations, {len(found[s].q_ek)} '
            f'environments, {found[s].q_ek.shape[1]} components'
        )
    return [found[s] for s in range(len(parts))]


def _progress(path: str | Path, report: Callable[[str], None]) -> Callable[[int], None]:
    last = time.monotonic()

    def progress(configurations: int) -> None:
        nonlocal last
        if time.monotonic() - last > SILENCE:
            last = time.monotonic()
            report(f'reading {printable(path)}: {configurations} configurations so far')

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
