"""What sets lack that others have, as numbers: tables and sentences take them here."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from ase.data import atomic_numbers

from ase_entropy.analysis import kinds_of_starts
from ase_entropy.report.variety import PairMeter
from ase_entropy.sets.dataset import Dataset

__all__ = ['Absence', 'absences', 'absent_kinds']

SLACK = 0.02  # relative, before a density or a closest pair is beyond those of a set
SHARE = 0.01  # of the configurations of the other sets; fewer are not named


class Absence(NamedTuple):
    """Something that a set lacks and others have.

    Attributes
    ----------
    dataset, quantity, what : str
        Name of the set, what is missing of it: ``'atoms', 'more than 24'``.
    configurations : int
        Configurations of the other sets that have it.
    others : tuple of str
        Names of these sets.
    """

    dataset: str
    quantity: str
    what: str
    configurations: int
    others: tuple[str, ...]


def absent_kinds(results: Any, dataset: Dataset) -> list[str]:
    """Return what training sets have, as a rule, and this one has not."""
    own = results.variety.get(dataset.name)
    if own is None:
        return ['cells of other sizes and densities']
    open_m = np.isnan(own.density_m)
    kinds = {
        'isolated atoms': open_m & (own.atoms_m == 1),
        'dimers': open_m & (own.atoms_m == 2),
        'slabs or clusters': open_m & (own.atoms_m > 2),
        'cells of other sizes': own.atoms_m != own.atoms_m[0],
    }
    return [kind for kind, has_m in kinds.items() if not has_m.any()]


def absences(results: Any) -> list[Absence]:
    """Return what each set lacks that others have, what most of them have first."""
    made = []
    for dataset in results.sets:
        others = [other for other in results.sets if other is not dataset]
        total = sum(map(len, others))
        found: dict[tuple[str, str], dict[str, int]] = {}
        for other in others:
            for quantity, what, number in _lacks(results, dataset, other):
                if number:
                    found.setdefault((quantity, what), {})[other.name] = number
        own = [
            Absence(dataset.name, *key, sum(by_set.values()), tuple(by_set))
            for key, by_set in found.items()
            if sum(by_set.values()) >= SHARE * total
        ]
        made += sorted(own, key=lambda absence: -absence.configurations)
    return made


def _lacks(
    results: Any, dataset: Dataset, other: Dataset
) -> Iterator[tuple[str, str, int]]:
    """Yield what a set lacks, and how many configurations of another have it."""
    for symbol in sorted(set(other.species) - set(dataset.species)):
        yield 'element', symbol, _configurations_with(other, symbol)
    for quantity, kinds in (('start', _starts), ('group', _groups)):
        own, others = kinds(dataset), kinds(other)
        if any(own):  # or it does not say
            for kind in sorted(set(others) - set(own) - {''}):
                yield quantity, kind, others.count(kind)
    if {dataset.name, other.name} <= set(results.variety):
        own, others = results.variety[dataset.name], results.variety[other.name]
        yield from _beyond('atoms', own.atoms_m, others.atoms_m, '{:d}', 0.0)
        yield from _beyond('density', own.density_m, others.density_m, '{:.2f}')
        closer = _beyond('closest pair', own.closest_m, others.closest_m, '{:.2f}')
        yield from (beyond for beyond in closer if beyond[1].startswith('below'))
        yield from _pairs(results, dataset, other)


def _configurations_with(dataset: Dataset, symbol: str) -> int:
    has_e = dataset.numbers_e == atomic_numbers[symbol]
    return int(np.logical_or.reduceat(has_e, dataset.first_m[:-1]).sum())


def _starts(dataset: Dataset) -> list[str]:
    return kinds_of_starts(dataset.keys.get('start', []))


def _groups(dataset: Dataset) -> list[str]:
    return [str(name) for name in dataset.keys.get('group', [])]


def _beyond(
    quantity: str, own_m: Any, other_m: Any, form: str, slack: float = SLACK
) -> Iterator[tuple[str, str, int]]:
    """Yield how many numbers are below or above all of a set."""
    own_m, other_m = (np.asarray(x) for x in (own_m, other_m))
    finite_m = own_m[np.isfinite(own_m)]
    if len(finite_m):
        low, high = finite_m.min(), finite_m.max()
        below = int(np.sum(other_m < low * (1.0 - slack)))
        above = int(np.sum((other_m > high * (1.0 + slack)) & np.isfinite(other_m)))
        yield quantity, f'below {form.format(low)}', below
        yield quantity, f'above {form.format(high)}', above


def _pairs(
    results: Any, dataset: Dataset, other: Dataset
) -> Iterator[tuple[str, str, int]]:
    """Yield kinds of pairs of the elements of a set that never meet in it."""
    own, others = results.variety[dataset.name], results.variety[other.name]
    fraction_mx = others.fraction_mx
    for kind, name in enumerate(PairMeter(tuple(results.elements)).distances):
        symbols = name.split('-')
        if set(symbols) <= set(dataset.species) and not own.counts_kb[kind].any():
            if others.counts_kb[kind].any():
                places = [results.elements.index(symbol) for symbol in symbols]
                both_m = (fraction_mx[:, places] > 0.0).all(axis=1)
                yield 'pair', name, int(both_m.sum())
