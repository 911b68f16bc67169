"""What a reader has to know of the sets before the numbers."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ase_entropy import plots
from ase_entropy.analysis import count_shared
from ase_entropy.report.elements import describe_elements
from ase_entropy.sets.dataset import Dataset

__all__ = ['merged', 'note_sets']


def note_sets(results: Any) -> None:
    """Note how sets differ and what they share."""
    _note_styles(results)
    _note_elements(results)
    _note_constant(results)
    _note_sizes(results)
    _note_shared(results)


def merged(notes: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return notes, those that say the same of several sets as one.

    Parameters
    ----------
    notes : sequence of str
        Notes, such as ``'a: no coverage'``.
    names : sequence of str
        Names of sets.

    Examples
    --------
    >>> merged(['a: no map', 'large', 'b: no map'], ['a', 'b'])
    ['a, b: no map', 'large']
    """
    made: dict[str, list[str]] = {}
    for note in notes:
        found = [name for name in names if note.startswith(f'{name}: ')]
        name = max(found, key=len, default='')
        said = note[len(name) + 2 :] if found else note
        made.setdefault(said, []).extend([name] if found else [])
    return [f'{", ".join(own)}: {said}' if own else said for said, own in made.items()]


def _note_styles(results: Any) -> None:
    number = len(results.sets)
    if number > plots.STYLES:
        results.notes.append(
            f'{number} sets: figures show the first {plots.STYLES}, tables all'
        )
    elif number > len(plots.COLORS):
        results.notes.append(
            f'{number} sets: colors come again after {len(plots.COLORS)} of them, with '
            'another line, marker and hatch; the map in the page can hide sets'
        )


def _note_sizes(results: Any) -> None:
    means = {d.name: float(np.mean(np.diff(d.first_m))) for d in results.sets}
    if max(means.values()) > 1.02 * min(means.values()):
        sizes = ', '.join(f'{mean:.3g} in {name}' for name, mean in means.items())
        components = len(results.components)
        results.notes.append(
            f'Configurations differ in their number of atoms ({sizes}, on average): S '
            f'of equally dense ones grows with that, by up to '
            f'{1.0 - 1.0 / components:.2g} ln n'
        )


def _note_shared(results: Any) -> None:
    for one, two in combinations(results.sets, 2):
        shared = count_shared(*map(_arrays, (one, two)))
        if shared:
            results.notes.append(
                f'{shared} of the {len(one)} configurations of {one.name} are in '
                f'{two.name}, too: distances between these sets, and coverage, compare '
                'them with themselves'
            )


def _arrays(dataset: Dataset) -> tuple:
    return dataset.q_ek, dataset.first_m, dataset.numbers_e, dataset.volume_m


def _note_constant(results: Any) -> None:
    """Say which components the reference does not measure."""
    scale, name = results.scale, results.reference.name
    several = len(results.components)
    if scale.pooled_k.any():
        results.notes.append(
            f'{scale.pooled_k.sum()} of {several} components are the same in all '
            f'environments of {name}, but not in other sets: their deviation is that '
            'of all sets together, and so distances depend on which sets are in the '
            'report; the map leaves these components out'
        )
    if nowhere := int(np.isinf(scale.scale_k).sum()):
        results.notes.append(
            f'{nowhere} of {several} components are the same in all sets, and add '
            'nothing to distances'
        )


def _note_elements(results: Any) -> None:
    for dataset in results.sets[1:]:
        if dataset.species != results.reference.species:
            results.notes.append(
                f'{dataset.name} holds {", ".join(dataset.species)}, the reference '
                f'{", ".join(results.reference.species)}: lengths are compared as they '
                'are'
            )
    if len(results.elements) > 1:
        descriptor = results.reference.descriptor
        sentence = describe_elements(descriptor, results.elements, results.told_apart)
        results.notes.append(sentence)
