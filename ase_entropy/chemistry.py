"""Elements: symbols and radii, with one clear sentence for bad ones."""

from collections.abc import Sequence

import numpy as np
from ase.data import atomic_numbers, chemical_symbols, covalent_radii, missing

__all__ = ['elements', 'radius', 'symbols']


def symbols(name: str, value: Sequence[str]) -> tuple[str, ...]:
    """Return `value` as a tuple of chemical symbols.

    Raises
    ------
    ValueError
        Not symbols, none, or one twice.

    Examples
    --------
    >>> symbols('species', ['W', 'W'])
    Traceback (most recent call last):
    ...
    ValueError: species=['W', 'W']: expected different chemical symbols
    """
    listed = [value] if isinstance(value, str) else value
    good = (
        isinstance(listed, list | tuple)
        and 0 < len(listed) == len(set(listed))
        and set(listed) <= set(chemical_symbols[1:])
    )
    if not good:
        raise ValueError(f'{name}={value!r}: expected different chemical symbols')
    return tuple(listed)


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
    known = value in chemical_symbols[1:]
    if not known or covalent_radii[atomic_numbers[value]] == missing:
        raise ValueError(
            f'{name}={value!r}: expected an element with a covalent radius in ASE, '
            'such as Cu'
        )
    return float(covalent_radii[atomic_numbers[value]])
