"""Three sentences on sets: what there is, what is missing, what to do."""

import shlex
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ase_entropy.report.redundancy import TOLERANCE
from ase_entropy.report.verdict.gaps import Absence, absences, covered, growth_of_set
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.sources import printable
from ase_entropy.statistics import nanmean

__all__ = ['Verdict', 'verdict']

NAMED = 3  # sets, or things that are absent, in a sentence
UNCOVERED = 0.05  # of another set: above it, some of that set should be added


class Verdict(NamedTuple):
    """What a report says in short.

    Attributes
    ----------
    there, missing, todo : str
        A sentence each.
    commands : list of str
        What does it.
    """

    there: str
    missing: str
    todo: str
    commands: list[str]


def verdict(results: Any) -> Verdict:
    """Return what a study says in short, by the numbers of its tables.

    Parameters
    ----------
    results : Study
        The numbers.
    """
    farthest = _farthest(results)
    todo, commands = [], []
    for advise in (_add_others, _add_new, _drop_duplicates, _choose_few):
        if found := advise(results, farthest):
            todo.append(found[0])
            commands.append(found[1])
    sentence = '; '.join(todo) or f'nothing has to be done about {farthest.name}'
    return Verdict(
        _there(results), _missing(results, farthest), f'{_capital(sentence)}.', commands
    )


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _there(results: Any) -> str:
    named = [
        f'{d.name} holds {_many(len(d), "configuration")} with '
        f'{_many(len(d.q_ek), "environment")} of {", ".join(d.species)}'
        for d in results.sets[:NAMED]
    ]
    rest = results.sets[NAMED:]
    if rest:
        both = sum(map(len, rest)), sum(len(d.q_ek) for d in rest)
        named.append(
            f'{_many(len(rest), "other set")} hold {_many(both[0], "configuration")} '
            f'with {_many(both[1], "environment")}'
        )
    return f'{"; ".join(named)}.'


def _many(number: int, noun: str) -> str:
    return f'{number:,} {noun}{"" if number == 1 else "s"}'


def _farthest(results: Any) -> Dataset:
    """Return the set that covers most of the others, on average."""
    means = [
        nanmean([*_shares(results, dataset.name, onto=True).values()])
        for dataset in results.sets
    ]
    return results.sets[int(np.argmax(np.nan_to_num(means)))]


def _shares(results: Any, name: str, onto: bool) -> dict[str, float]:
    """Return what a set covers of others (`onto`), or others of it, as far as known."""
    others = [d.name for d in results.sets if d.name != name]
    pairs = {other: (name, other) if onto else (other, name) for other in others}
    found = {other: covered(results, *pair) for other, pair in pairs.items()}
    return {other: share for other, share in found.items() if np.isfinite(share)}


def _missing(results: Any, farthest: Dataset) -> str:
    """Return which set reaches farthest, and what others lack."""
    if len(results.sets) == 1:
        return _alone(results)
    name, parts = farthest.name, []
    onto = _shares(results, name, onto=True)
    if any(onto.values()):
        what = next(iter(onto)) if len(onto) == 1 else 'the others, on average'
        share = nanmean([*onto.values()])
        parts.append(f'{name} reaches farthest: it covers {share:.0%} of {what}')
    elif onto:
        parts.append('No set covers anything of another')
    back = _shares(results, name, onto=False)
    if any(onto.values()) and back:
        most = max(back, key=back.get)
        less = ', no other more' if len(back) > 1 else ''
        parts.append(f'{most} covers {back[most]:.0%} of {name}{less}')
    found = absences(results)
    for absence in sorted(found, key=lambda a: -a.configurations)[:NAMED]:
        parts.append(f'{absence.dataset} has no {_words(absence)}')
    if len(found) > NAMED:
        parts.append(f'{len(found) - NAMED} more are in the table of what is absent')
    sentence = '; '.join(parts) or 'Which set reaches farthest cannot be told'
    return f'{sentence}.'


def _words(absence: Absence) -> str:
    noun = {'atoms': 'number of atoms'}.get(absence.quantity, absence.quantity)
    others = ', '.join(absence.others)
    if len(absence.others) > NAMED:
        others = f'{len(absence.others)} other sets'
    number = _many(absence.configurations, 'configuration')
    return f'{noun} {absence.what} ({number} of {others})'


def _alone(results: Any) -> str:
    """Return what a single set lacks, which nothing is compared with."""
    (dataset,) = results.sets
    own = results.variety.get(dataset.name)
    if own is None:
        atoms = int(np.diff(dataset.first_m)[0])
        return (
            f'All configurations have {_many(atoms, "atom")} and the same volume: '
            'other sizes and densities are missing.'
        )
    absent = _absent_kinds(results, dataset)
    none = [f'there are no {", no ".join(absent)}'] if absent else []
    closest = 'closest pairs, over the distance of neighbors,'
    parts = [
        *none,
        _between('numbers of atoms', own.atoms_m, 'd'),
        _between("densities, in units of the elements' own,", own.density_m, '.2f'),
        _between(closest, own.closest_m, '.2f'),
    ]
    return f'{_capital("; ".join(filter(None, parts)))}.'


def _absent_kinds(results: Any, dataset: Dataset) -> list[str]:
    """Return what training sets have, as a rule, and this one has not."""
    own = results.variety.get(dataset.name)
    if own is None:
        return ['other sizes', 'other densities']
    open_m = np.isnan(own.density_m)
    kinds = {
        'isolated atoms': open_m & (own.atoms_m == 1),
        'dimers': open_m & (own.atoms_m == 2),
        'slabs or clusters': open_m & (own.atoms_m > 2),
        'other sizes': own.atoms_m != own.atoms_m[0],
    }
    return [kind for kind, has_m in kinds.items() if not has_m.any()]


def _between(what: str, x_m: Sequence[float], form: str) -> str:
    finite = np.asarray(x_m)[np.isfinite(x_m)]
    if not len(finite):
        return ''
    low, high = f'{finite.min():{form}}', f'{finite.max():{form}}'
    return f'{what} are {low}' if low == high else f'{what} go from {low} to {high}'


def _add_others(results: Any, dataset: Dataset) -> tuple[str, str] | None:
    """Advise to add what another set has and this one does not cover."""
    shares = _shares(results, dataset.name, onto=True)
    lacking = {
        d.name: (1.0 - shares[d.name]) * len(d)
        for d in results.sets
        if 1.0 - shares.get(d.name, 1.0) > UNCOVERED
    }
    if not lacking:
        return None
    most = max(lacking, key=lacking.get)
    (other,) = (d for d in results.sets if d.name == most)
    number = max(1, round(lacking[most]))
    return (
        f'add {_many(number, "configuration")} of {most} to {dataset.name}, '
        f'which covers {shares[most]:.0%} of it',
        f'ase-entropy select {_path(other)} --given {_path(dataset)} -n {number} '
        '-o more.extxyz',
    )


def _add_new(results: Any, dataset: Dataset) -> tuple[str, str] | None:
    """Advise to add new configurations: as many again, or as many as carry the most.

    As many again where the last half brought much, and as many as carry the most of a
    single set that lacks kinds of configurations.
    """
    growth, name = growth_of_set(results, dataset.name), dataset.name
    redundancy = results.redundancy.get(name)
    knee = redundancy.enough.knee if redundancy else None
    absent = _absent_kinds(results, dataset) if len(results.sets) == 1 else []
    if growth is not None and growth.adds:
        number, fell = len(dataset), 1.0 - growth.whole / growth.half
        why = (
            f'whose second half still lowered distances by {fell:.0%} '
            f'({1.0 - growth.alike:.0%} come by numbers alone)'
        )
    elif absent and knee:
        number, why = knee, f'among them {", ".join(absent)}'
    else:
        return None
    return (
        f'add {_many(number, "configuration")} away from {name}, {why}',
        f'ase-entropy harvest --elements {",".join(dataset.species)} --cycles {number} '
        f'--away-from {_path(dataset)} --db more.db',
    )


def _drop_duplicates(results: Any, dataset: Dataset) -> tuple[str, str] | None:
    """Advise to leave near-duplicates out."""
    own = results.redundancy.get(dataset.name)
    if own is None or not own.duplicates:
        return None
    gone = len(own.duplicates)
    verb = 'near-duplicate' if gone == 1 else 'near-duplicates'
    return (
        f'{gone:,} {verb} of {dataset.name} could go',
        f'ase-entropy select {_path(dataset)} -n {own.looked_at - gone} '
        f'--tolerance {TOLERANCE:g} -o without.extxyz',
    )


def _choose_few(results: Any, dataset: Dataset) -> tuple[str, str] | None:
    """Advise what to compute first."""
    own = results.redundancy.get(dataset.name)
    if own is None or own.enough.knee is None or own.enough.knee >= own.looked_at:
        return None
    return (
        f'the {own.enough.knee:,} of {dataset.name} that are farthest from each other '
        'carry the most',
        f'ase-entropy select {_path(dataset)} -n {own.enough.knee} -o few.extxyz',
    )


def _path(dataset: Dataset) -> str:
    return shlex.quote(printable(dataset.path))
