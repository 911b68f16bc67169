"""What should be done about a set, and the command that does it."""

import math
import os
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ase_entropy.report.stages import Covered
from ase_entropy.report.stages.redundancy import TOLERANCE
from ase_entropy.report.verdict.defects import CLOSE, are_overlapping
from ase_entropy.report.verdict.gaps import absent_kinds
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.sources import printable
from ase_entropy.statistics import nanmean

__all__ = [
    'DENSE',
    'Advice',
    'advise',
    'best_of',
    'is_sparse',
    'leave_duplicates_out',
    'many',
]

DENSE = 0.9  # of its own kind that a set covers: more of the same adds little
UNCOVERED = 0.1  # of another set: above it, some of that set should be added
NEW = 40  # configurations of kinds that are missing, at least


class Advice(NamedTuple):
    """A sentence, and a command that does what it says; or none."""

    sentence: str
    command: str = ''


def advise(results: Any, best: Dataset) -> Advice:
    """Return what should be done about a set, the first of what applies."""
    for one in (_leave_overlapping_out, _add_others, _add_more, _add_kinds):
        if found := one(results, best):
            return found
    return Advice(f'nothing has to be added to {best.name}: train with it')


def best_of(results: Any) -> Dataset:
    """Return the set that covers most of the others, on average.

    Sets in which atoms overlap come last.
    """

    def worth(dataset: Dataset) -> tuple[bool, float]:
        shares = [
            x.share
            for (a, b), x in results.covered.items()
            if a == dataset.name and b != a
        ]
        mean = nanmean(np.array(shares)) if shares else 0.0
        return not are_overlapping(results, dataset).any(), mean

    return max(results.sets, key=worth)


def is_sparse(own: Covered) -> bool:
    """Return whether more of the same would help, beyond the scatter."""
    return own.share + own.error < DENSE


def many(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> many(1, 'set'), many(2000, 'set')
    ('1 set', '2,000 sets')
    """
    return f'{number:,} {noun}{"" if number == 1 else "s"}'


def leave_duplicates_out(results: Any, dataset: Dataset) -> Advice | None:
    """Return what is redundant, as ``ase-entropy select --tolerance`` finds it."""
    own = results.redundancy.get(dataset.name)
    if own is None or not own.duplicates:
        return None
    gone = len(own.duplicates)
    formulas = ', '.join(sorted({formula for _, formula, _ in own.duplicates})[:4])
    sentence = (
        f'{many(gone, "near-duplicate")} in {dataset.name} could be left out '
        f'({formulas}; table "duplicates")'
    )
    if own.looked_at < len(dataset):
        return Advice(sentence)
    return Advice(
        sentence,
        f'ase-entropy select {_path(dataset)} -n {own.looked_at - gone} '
        f'--tolerance {TOLERANCE:g} --closest 0 '
        f'-o {_output(results, dataset, "without")}',
    )


def _leave_overlapping_out(results: Any, best: Dataset) -> Advice | None:
    bad = int(are_overlapping(results, best).sum())
    if not bad:
        return None
    if bad == len(best):
        return Advice(
            f'make another set: atoms overlap in all configurations of {best.name}',
            _harvest(best, NEW, ''),
        )
    return Advice(
        f'leave the {many(bad, "configuration")} with overlapping atoms out of '
        f'{best.name}',
        f'ase-entropy select {_path(best)} -n {len(best) - bad} --closest {CLOSE:g} '
        f'-o {_output(results, best, "apart")}',
    )


def _add_others(results: Any, best: Dataset) -> Advice | None:
    """Advise to add what another set has and this one does not cover."""
    lacking = {}
    for other in results.sets:
        found = results.covered.get((best.name, other.name))
        shared = set(best.species) & set(other.species)
        if other is best or not shared or are_overlapping(results, other).any():
            continue
        error = found.error if math.isfinite(found.error) else 0.0
        if 1.0 - found.share - 2.0 * error > UNCOVERED:
            lacking[other.name] = other, (1.0 - found.share) * len(other)
    if not lacking:
        return None
    other, number = max(lacking.values(), key=lambda found: found[1])
    number = max(1, round(number))
    own = results.redundancy.get(other.name)
    if own is not None and own.enough is not None:
        number = min(number, own.enough)
    return Advice(
        f'add {many(number, "configuration")} of {other.name} to {best.name}, those '
        'that are farthest from it',
        f'ase-entropy select {_path(other)} --given {_path(best)} -n {number} '
        f'-o {_output(results, other, "added")}',
    )


def _add_more(results: Any, best: Dataset) -> Advice | None:
    """Advise to make the set twice as large, where it is sparse."""
    own = results.halves.get(best.name)
    if own is None or not is_sparse(own.whole):
        return None
    number = len(best)
    return Advice(
        f'add {many(number, "configuration")}, made so that they are unlike those '
        f'that are there{_among(absent_kinds(results, best))}',
        _harvest(best, number, _all(results)),
    )


def _add_kinds(results: Any, best: Dataset) -> Advice | None:
    """Advise to add what training sets have, as a rule, and this one has not."""
    absent = absent_kinds(results, best)
    if not absent:
        return None
    number = max(NEW, len(best) // 10)
    return Advice(
        f'add {many(number, "configuration")} of other kinds{_among(absent)}',
        _harvest(best, number, _all(results)),
    )


def _among(absent: list[str]) -> str:
    return f', among them {", ".join(absent)}' if absent else ''


def _harvest(best: Dataset, number: int, away: str) -> str:
    away = f' --away-from {away}' if away else ''
    return (
        f'ase-entropy harvest --elements {",".join(best.species)} --cycles {number}'
        f'{away} --db {_free("more", ".db")}'
    )


def _all(results: Any) -> str:
    """Return all sets of the report, for a shell."""
    return shlex.quote('+'.join(printable(d.path) for d in results.sets))


def _path(dataset: Dataset) -> str:
    return shlex.quote(printable(dataset.path))


def _output(results: Any, dataset: Dataset, stem: str) -> str:
    """Return the name of a file for part of a set; rows may have unlike labels."""
    return _free(stem, '.extxyz' if results.labels[dataset.name].are_alike else '.db')


def _free(stem: str, suffix: str) -> str:
    """Return a name that no file has in this folder, nor a set of the report."""
    name, number = f'{stem}{suffix}', 2
    while os.path.lexists(Path(name)):
        name, number = f'{stem}{number}{suffix}', number + 1
    return name
