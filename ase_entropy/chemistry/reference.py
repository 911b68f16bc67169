"""Elements: their symbols, and the sizes of atoms in their reference states."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from ase.data import (
    atomic_numbers,
    chemical_symbols,
    covalent_radii,
    reference_states,
)

__all__ = [
    'Size',
    'elements',
    'has_size',
    'pair_name',
    'radius',
    'size',
]

CRYSTALS = ('bcc', 'fcc', 'hcp', 'diamond', 'sc', 'bct', 'rhombohedral')
CLOSE_PACKED = 2.0**-0.5  # volume of an atom over its cubed nearest-neighbor distance
COVALENT = 'covalent radius'
LAST = atomic_numbers['Cm']  # of the elements with a covalent radius


def elements(numbers_n: np.ndarray, species: Sequence[str]) -> None:
    """Raise ValueError if atoms are of none of the species; 0 marks a point in space.

    Raises
    ------
    ValueError
        An atomic number of another element.

    Examples
    --------
    >>> elements(np.array([74, 4]), ('W',))
    Traceback (most recent call last):
    ...
    ValueError: species=('W',) and the atoms hold ['Be']: expected these elements only
    """
    known = {0, *(atomic_numbers[symbol] for symbol in species)}
    others = [chemical_symbols[z] for z in sorted(set(numbers_n.tolist()) - known)]
    if others:
        raise ValueError(
            f'species={species!r} and the atoms hold {others}: expected these elements '
            'only'
        )


def radius(name: str, value: str) -> float:
    """Return the covalent radius (Angstrom) of an element.

    Raises
    ------
    ValueError
        Not a chemical symbol, or an element of which ASE knows no radius.

    Examples
    --------
    >>> radius('element', 'Bk')
    Traceback (most recent call last):
    ...
    ValueError: element='Bk': expected an element with a covalent radius in ASE, such as
    Cu
    """
    if not has_size(value):
        raise ValueError(
            f'{name}={value!r}: expected an element with a covalent radius in ASE, '
            'such as Cu'
        )
    return float(covalent_radii[atomic_numbers[value]])


class Size(NamedTuple):
    """Size of the atoms of an element.

    Parameters
    ----------
    distance : float
        Distance of nearest neighbors (Angstrom).
    volume : float
        Volume per atom (Angstrom^3).
    source : str
        Crystal that they are taken from, or 'covalent radius'.
    """

    distance: float
    volume: float
    source: str


@cache
def size(symbol: str) -> Size:
    """Return the size of an element's atoms, in its reference state in ASE.

    For molecules, and elements of which ASE has no complete crystal: twice the covalent
    radius, and the volume of a close packing with that distance.

    Raises
    ------
    ValueError
        Not a chemical symbol, or an element of which ASE knows no radius either.

    Examples
    --------
    >>> round(size('Al').distance, 3), size('Al').source
    (2.864, 'fcc')
    >>> size('O').distance, size('O').source
    (1.32, 'covalent radius')
    """
    twice = 2.0 * radius('element', symbol)
    state = reference_states[atomic_numbers[symbol]]
    if state is None or state['symmetry'] not in CRYSTALS:
        return Size(twice, CLOSE_PACKED * twice**3, COVALENT)
    from ase.build import bulk
    from ase.neighborlist import neighbor_list

    try:
        crystal = bulk(symbol)
    except (ValueError, KeyError, RuntimeError):  # its basis is not known
        return Size(twice, CLOSE_PACKED * twice**3, COVALENT)
    distance = neighbor_list('d', crystal, 3.0 * twice).min()
    volume = float(crystal.cell.volume) / len(crystal)
    return Size(float(distance), volume, state['symmetry'])


def has_size(symbol: str) -> bool:
    """Return whether the size of an element's atoms is known.

    Examples
    --------
    >>> has_size('Cm'), has_size('Bk'), has_size('X')
    (True, False, False)
    """
    return symbol in chemical_symbols[1 : LAST + 1]


def pair_name(first: str, second: str) -> str:
    """Return the name of a pair of elements, in the order of the alphabet.

    Examples
    --------
    >>> pair_name('Ni', 'Al'), pair_name('W', 'W')
    ('Al-Ni', 'W-W')
    """
    return '-'.join(sorted((first, second)))
