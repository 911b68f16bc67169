"""How elements enter the numbers of a report."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy.descriptors import describe
from ase_entropy.pairs import reach

__all__ = ['describe_elements']

NEAR, FAR = 0.15, 0.2  # of the cutoff, within that of the smallest atoms


def describe_elements(descriptor: Any, species: Sequence[str], told_apart: bool) -> str:
    """Return one sentence on how elements enter the numbers.

    The descriptor is tried out: on an atom of each element with neighbors of two.

    Examples
    --------
    >>> from ase_entropy.descriptors import Bispectrum
    >>> describe_elements(Bispectrum(), ('P', 'In'), True)
    'P, In: the descriptor counts neighbors of all elements alike, and does not know the
    element of the central atom; distances, coverage and groups compare environments
    with those of the same central element'
    """
    pairs = list(combinations(species, 2))
    neighbors = _in_words([p for p in pairs if _tells_neighbors(descriptor, *p)], pairs)
    center = [p for p in pairs if _differ(descriptor, (p[0], *p), (p[1], *p))]
    knows = {0: 'does not know', len(pairs): 'knows'}.get(len(center), 'partly knows')
    compared = (
        'distances, coverage and groups compare environments with those of the same '
        'central element'
        if told_apart
        else 'some sets have no element in common, so that environments of different '
        'central elements are compared with each other'
    )
    return (
        f'{", ".join(species)}: the descriptor {neighbors}, and {knows} the element of '
        f'the central atom; {compared}'
    )


def _in_words(told: list[tuple], pairs: list[tuple]) -> str:
    """Return which elements of neighbors are told from each other."""
    if not told:
        return 'counts neighbors of all elements alike'
    alike = ', '.join(f'{a} and {b}' for a, b in pairs if (a, b) not in told)
    but = f', but not {alike},' if alike else ''
    return f'tells elements of neighbors{but} apart'


def _tells_neighbors(descriptor: Any, a: str, b: str) -> bool:
    return any(_differ(descriptor, (c, a, b), (c, b, a)) for c in (a, b))


def _differ(descriptor: Any, one: tuple, other: tuple) -> bool:
    """Return whether the first atom of three has other components."""
    r = reach(descriptor)
    places = np.array([(0, 0, 0), (NEAR * r, 0, 0), (0.1 * r, FAR * r, 0)])
    q_xk = [
        describe(descriptor, Atoms(symbols, places))[0][0] for symbols in (one, other)
    ]
    return not np.allclose(*q_xk, rtol=1e-9, atol=1e-12)
