"""The verdict: is a set good, what should be done, and what else there is to know."""

from typing import Any, NamedTuple

import numpy as np

from ase_entropy.analysis import NEAR
from ase_entropy.pairs import reach
from ase_entropy.report.verdict.advice import (
    DENSE,
    Advice,
    advise,
    best_of,
    is_sparse,
    leave_duplicates_out,
    many,
)
from ase_entropy.report.verdict.defects import are_overlapping
from ase_entropy.report.verdict.gaps import Absence, absences, absent_kinds
from ase_entropy.sets.dataset import Dataset

__all__ = ['Verdict', 'verdict']

NAMED = 3  # sets, or things that are absent, in a sentence


class Verdict(NamedTuple):
    """What a report says in short.

    Attributes
    ----------
    there, judgment : str
        What the sets hold, and whether the best of them is good: a sentence each.
    advice : Advice
        What to do, and the command for it.
    others : list of Advice
        What else there is to know, by weight.
    """

    there: str
    judgment: str
    advice: Advice
    others: list[Advice]

    def lines(self) -> list[str]:
        """Return all of it for a terminal."""
        both = [self.advice, *self.others]
        found = [line for own in both for line in (own.sentence, own.command) if line]
        return [self.there, self.judgment, *found]


def verdict(results: Any) -> Verdict:
    """Return what a study says in short, by the numbers of its tables.

    Parameters
    ----------
    results : Study
        The numbers.
    """
    best = best_of(results)
    advice, judgment = advise(results, best), _judgment(results, best)
    others = [*_warnings(results), *_coverage(results, best), *_absent(results)]
    if any('covers' in text for text in (judgment, *others)):
        others.append(
            'An environment is covered by a set that has one within '
            f'{NEAR:g} standard deviations of it'
        )
    others = [Advice(_sentence(own)) for own in others]
    for dataset in results.sets:
        if found := leave_duplicates_out(results, dataset):
            others.append(found._replace(sentence=_sentence(found.sentence)))
    advice = advice._replace(sentence=f'Advice: {advice.sentence}.')
    return Verdict(_there(results), _sentence(judgment), advice, others)


def _sentence(text: str) -> str:
    """Return a text that ends with a full stop; names of sets stay as they are."""
    return f'{text}.'


def _there(results: Any) -> str:
    named = [
        f'{d.name} holds {many(len(d), "configuration")} with '
        f'{many(len(d.q_ek), "environment")} of {", ".join(d.species)}'
        for d in results.sets[:NAMED]
    ]
    rest = results.sets[NAMED:]
    if rest:
        both = sum(map(len, rest)), sum(len(d.q_ek) for d in rest)
        named.append(
            f'{many(len(rest), "other set")} hold {many(both[0], "configuration")} '
            f'with {many(both[1], "environment")}'
        )
    return f'{"; ".join(named)}.'


def _judgment(results: Any, best: Dataset) -> str:
    """Return whether the best set is good, by itself and beside the others."""
    name, parts = best.name, []
    bad = int(are_overlapping(results, best).sum())
    if bad:
        parts.append(f'{name} should not be trained with as it is: atoms overlap')
    else:
        parts.append(_density(results, best))
    onto = _onto(results, best)
    if len(onto) == 1:
        ((other, share),) = onto.items()
        parts.append(f'it covers {share} of {other}')
    elif onto:
        mean = np.mean([share.share for share in onto.values()])
        parts.append(f'it covers {mean:.0%} of the others, on average')
    return '; '.join(parts)


def _onto(results: Any, best: Dataset) -> dict:
    return {b: x for (a, b), x in results.covered.items() if a == best.name != b}


def _density(results: Any, best: Dataset) -> str:
    """Return whether a set is dense, and narrow or not."""
    name, own = best.name, results.halves.get(best.name)
    if own is None:
        return f'{name} has too few configurations to be judged by itself'
    covered = (
        f'of new configurations, made as its own were, it covers {own.whole} of the '
        'environments'
    )
    if is_sparse(own.whole):
        return f'{name} is sparse: {covered}, less than {DENSE:.0%}'
    absent = absent_kinds(results, best)
    if absent:
        return f'{name} is dense, but narrow, without {", ".join(absent)}: {covered}'
    return f'{name} is dense: {covered}, and more of the same would add little'


def _warnings(results: Any) -> list[str]:
    """Return what is wrong with configurations."""
    found = []
    for dataset in results.sets:
        if bad := int(are_overlapping(results, dataset).sum()):
            found.append(
                f'Warning: in {many(bad, "configuration")} of {dataset.name} atoms '
                'overlap, closer than half of the distance of neighbors: energies '
                'and forces of these are useless, or not what a run meets'
            )
    for dataset in results.sets:
        if lonely := results.lonely.get(dataset.name):
            found.append(
                f'Warning: in {many(lonely, "configuration")} of {dataset.name} an '
                f'atom has no neighbor within {reach(dataset.descriptor):.3g} Å: '
                'descriptors see it as an isolated atom'
            )
    return found


def _coverage(results: Any, best: Dataset) -> list[str]:
    """Return what other sets cover of the best one."""
    back = {a: x for (a, b), x in results.covered.items() if b == best.name != a}
    if not back:
        return []
    most = max(back, key=lambda name: back[name].share)
    less = ', no other set more' if len(back) > 1 else ''
    return [f'{most} covers {back[most]} of {best.name}{less}']


def _absent(results: Any) -> list[str]:
    """Return what sets lack that others have; a single one, where it goes."""
    if len(results.sets) == 1:
        return _ranges(results)
    found = sorted(absences(results), key=lambda a: -a.configurations)
    parts = [f'{own.dataset} has no {_words(own)}' for own in found[:NAMED]]
    if len(found) > NAMED:
        parts.append(f'the table "absent" has {len(found) - NAMED} more')
    return ['; '.join(parts)] if parts else []


def _words(absence: Absence) -> str:
    noun = {'atoms': 'number of atoms'}.get(absence.quantity, absence.quantity)
    others = ', '.join(absence.others)
    if len(absence.others) > NAMED:
        others = f'{len(absence.others)} other sets'
    number = many(absence.configurations, 'configuration')
    return f'{noun} {absence.what} ({number} of {others})'


def _ranges(results: Any) -> list[str]:
    """Return where numbers of atoms, densities and closest pairs go."""
    (dataset,) = results.sets
    own = results.variety.get(dataset.name)
    if own is None:
        atoms = int(np.diff(dataset.first_m)[0])
        return [f'All configurations have {many(atoms, "atom")} and the same volume']
    parts = [
        _between('Numbers of atoms', own.atoms_m, 'd'),
        _between("densities, in units of the elements' own,", own.density_m, '.2f'),
        _between(
            'closest pairs, over the distance of neighbors,', own.closest_m, '.2f'
        ),
    ]
    return ['; '.join(filter(None, parts))]


def _between(what: str, x_m: Any, form: str) -> str:
    finite = np.asarray(x_m)[np.isfinite(x_m)]
    if not len(finite):
        return ''
    low, high = f'{finite.min():{form}}', f'{finite.max():{form}}'
    return f'{what} are {low}' if low == high else f'{what} go from {low} to {high}'
