"""Pairs that are closer than atoms ever are: what a bad pool has most of."""

from functools import cache
from typing import NamedTuple

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols

from ase_entropy.analysis import ElementUnits
from ase_entropy.chemistry import Sizes, has_size, pair_name, size
from ase_entropy.pairs import find_pairs

__all__ = ['NEIGHBORS', 'ClosestPair', 'closest_pair']

NEIGHBORS = 1.5  # distances of neighbors: closest pairs are looked for up to here


class ClosestPair(NamedTuple):
    """The closest pair of a configuration, compared with the sizes of its atoms.

    Parameters
    ----------
    relative : float
        Distance over that of neighbors.
    distance : float
        Distance (Angstrom).
    name : str
        The two elements.
    """

    relative: float
    distance: float
    name: str

    def __str__(self) -> str:
        return (
            f'{self.name} {self.distance:.3g} A, {self.relative:.2f} of the distance '
            'of neighbors'
        )


def closest_pair(atoms: Atoms, most: float = NEIGHBORS) -> ClosestPair | None:
    """Return the closest pair, or None if all are farther than `most`.

    Distances of neighbors are those of :class:`~ase_entropy.chemistry.Sizes`, but two
    anions may be as close as in their molecules: oxygen on a metal is no bad frame.
    Elements without a size have no part in it.

    Parameters
    ----------
    atoms : Atoms
        A configuration.
    most : float
        Largest distance that is looked for, over that of neighbors.

    Examples
    --------
    >>> from ase.build import bulk
    >>> print(closest_pair(bulk('W', a=1.58)))
    W-W 1.37 A, 0.50 of the distance of neighbors
    >>> closest_pair(bulk('W'), most=0.5) is None
    True
    """
    units = _units(tuple(np.unique(atoms.numbers).tolist()))
    longest = np.nanmax(units.distance_zz, initial=0.0)
    if not longest:
        return None
    pairs = find_pairs(atoms, most * longest)
    relative_p = units.relative(pairs)
    near_p = np.flatnonzero(relative_p < most)  # false for nan
    if not len(near_p):
        return None
    p = near_p[relative_p[near_p].argmin()]
    ends = atoms.symbols[pairs.i_p[p]], atoms.symbols[pairs.j_p[p]]
    return ClosestPair(float(relative_p[p]), float(pairs.r_p[p]), pair_name(*ends))


@cache
def _units(numbers: tuple[int, ...]) -> ElementUnits:
    known = [x for x in (chemical_symbols[z] for z in numbers) if has_size(x)]
    if not known:
        return ElementUnits.of_elements(numbers)
    return ElementUnits.of(Sizes(tuple(known), {x: size(x).distance for x in known}))
