"""One clear sentence for every bad parameter."""

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
from ase.data import atomic_numbers, chemical_symbols, covalent_radii, missing

__all__ = [
    'elements',
    'firsts',
    'generator',
    'instance',
    'radius',
    'real',
    'symbols',
    'table',
    'whole',
]


def real(
    name: str,
    value: float,
    *,
    above: float | None = None,
    least: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """Return `value` as a float, or say which finite number it should have been.

    Raises
    ------
    ValueError
        Not a finite real number, or outside the bounds.

    Examples
    --------
    >>> real('cutoff', -1.0, above=0.0)
    Traceback (most recent call last):
    ...
    ValueError: cutoff=-1.0: expected a finite number > 0.0
    """
    bounds = [
        f'{sign} {bound}'
        for sign, bound in (('>', above), ('>=', least), ('<=', most), ('<', below))
        if bound is not None
    ]
    good = (
        isinstance(value, numbers.Real)
        and not isinstance(value, bool)
        and _is_finite(value)
        and (above is None or value > above)
        and (least is None or value >= least)
        and (most is None or value <= most)
        and (below is None or value < below)
    )
    if not good:
        expected = ' '.join(['a finite number', ' and '.join(bounds)]).strip()
        raise ValueError(f'{name}={value!r}: expected {expected}')
    return float(value)


def _is_finite(value: numbers.Real) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an int that no float can hold
        return False


def whole(name: str, value: int, *, least: int, most: int | None = None) -> int:
    """Return `value` as an int, or say which whole number it should have been.

    Raises
    ------
    ValueError
        Not a whole number, or outside the bounds.

    Examples
    --------
    >>> whole('twojmax', 2.5, least=0, most=8)
    Traceback (most recent call last):
    ...
    ValueError: twojmax=2.5: expected a whole number from 0 to 8
    """
    good = (
        isinstance(value, numbers.Integral)
        and not isinstance(value, bool)
        and value >= least
        and (most is None or value <= most)
    )
    if not good:
        bounds = f'>= {least}' if most is None else f'from {least} to {most}'
        raise ValueError(f'{name}={value!r}: expected a whole number {bounds}')
    return int(value)


def firsts(first_m: Sequence[int], environments: int) -> np.ndarray:
    """Return the places at which configurations begin, or say what they should be.

    Raises
    ------
    ValueError
        Not increasing from 0 to the number of environments.

    Examples
    --------
    >>> firsts([0, 2, 2], environments=3)
    Traceback (most recent call last):
    ...
    ValueError: first_m=[0 2 2]: expected whole numbers that increase from 0 to 3
    """
    first_m = np.asarray(first_m)
    good = (
        first_m.ndim == 1
        and len(first_m) > 1
        and np.issubdtype(first_m.dtype, np.integer)
        and first_m[0] == 0
        and first_m[-1] == environments
        and (np.diff(first_m) > 0).all()
    )
    if not good:
        raise ValueError(
            f'first_m={first_m}: expected whole numbers that increase from 0 to '
            f'{environments}'
        )
    return first_m


def table(name: str, value: Any) -> np.ndarray:
    """Return descriptors of environments as an array, or say what it should be.

    Raises
    ------
    ValueError
        Not of shape (e, k), empty, or with numbers that are not finite.

    Examples
    --------
    >>> table('q_ek', [[1.0, float('nan')]])
    Traceback (most recent call last):
    ...
    ValueError: q_ek has shape (1, 2), 1 of 2 finite: expected (e, k), e >= 1, k >= 1,
    all finite
    """
    try:
        q_ek = np.asarray(value, float)
    except (TypeError, ValueError):
        raise ValueError(f'{name}: expected an array of numbers') from None
    finite = int(np.isfinite(q_ek).sum())
    if q_ek.ndim != 2 or q_ek.size == 0 or finite < q_ek.size:
        raise ValueError(
            f'{name} has shape {q_ek.shape}, {finite} of {q_ek.size} finite: expected '
            '(e, k), e >= 1, k >= 1, all finite'
        )
    return q_ek


def symbols(name: str, value: Sequence[str]) -> tuple[str, ...]:
    """Return `value` as a tuple, or say that chemical symbols were expected.

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


def radius(name: str, value: str) -> float:
    """Return the covalent radius (Angstrom) of an element, or say what was expected.

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


def elements(numbers_n: np.ndarray, species: Sequence[str]) -> None:
    """Say which atoms are of none of the species; 0 marks a point in space.

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


def generator(name: str, value: np.random.Generator) -> np.random.Generator:
    """Return `value`, or say that a random generator was expected.

    Raises
    ------
    ValueError
        Not a ``numpy.random.Generator``.

    Examples
    --------
    >>> generator('rng', 42)
    Traceback (most recent call last):
    ...
    ValueError: rng=42: expected numpy.random.default_rng(seed)
    """
    if not isinstance(value, np.random.Generator):
        raise ValueError(f'{name}={value!r}: expected numpy.random.default_rng(seed)')
    return value


def instance(name: str, value: Any, kind: type | tuple[type, ...]) -> Any:
    """Return `value`, or say of which class it should have been.

    Raises
    ------
    ValueError
        Of another class.

    Examples
    --------
    >>> instance('chain', '3', (int, type(None)))
    Traceback (most recent call last):
    ...
    ValueError: chain='3': expected int or None
    """
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        names = ['None' if k is type(None) else k.__name__ for k in kinds]
        raise ValueError(f'{name}={value!r}: expected {" or ".join(names)}')
    return value
