"""Checks of parameters: one clear sentence for every bad one."""

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols

__all__ = [
    'array',
    'first_indices',
    'generator',
    'lattice',
    'instance',
    'real',
    'reason_of',
    'sequence',
    'symbols',
    'matrix',
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
    """Return `value` as a float if it is a finite number within bounds.

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


def lattice(atoms: Atoms) -> np.ndarray:
    """Return the vectors (Angstrom) along which atoms are periodic, (d, 3).

    Raises
    ------
    ValueError
        Vectors that are zero, or not independent.

    Examples
    --------
    >>> lattice(Atoms('W', cell=(3, 4, 0), pbc=(False, True, False)))
    array([[0., 4., 0.]])
    """
    vectors_xc = atoms.cell[:][atoms.pbc]
    good = np.isfinite(vectors_xc).all()
    if good and len(vectors_xc):  # for none, NumPy before 2.3 has no rank
        good = np.linalg.matrix_rank(vectors_xc) == len(vectors_xc)
    if not good:
        raise ValueError(
            f'cell={atoms.cell.tolist()} with pbc={atoms.pbc.tolist()}: expected a '
            'vector along each periodic direction'
        )
    return vectors_xc


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


def whole(name: str, value: int, *, least: int, most: int | None = None) -> int:
    """Return `value` as an int if it is a whole number within bounds.

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


def first_indices(first_m: Sequence[int], environments: int) -> np.ndarray:
    """Return the places at which configurations begin if they are valid.

    Raises
    ------
    ValueError
        Not increasing from 0 to the number of environments.

    Examples
    --------
    >>> first_indices([0, 2, 2], environments=3)
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


def array(name: str, value: Any) -> np.ndarray:
    """Return `value` as an array of floats if it holds numbers.

    Raises
    ------
    ValueError
        Something else than numbers, or rows of different lengths.

    Examples
    --------
    >>> array('x_m', 'high')
    Traceback (most recent call last):
    ...
    ValueError: x_m: expected an array of numbers
    """
    try:
        return np.asarray(value, float)
    except (TypeError, ValueError):
        raise ValueError(f'{name}: expected an array of numbers') from None


def sequence(name: str, value: Any) -> list:
    """Return what `value` holds, one after the other, if it is a sequence.

    Raises
    ------
    ValueError
        Nothing that can be gone through, or a text.

    Examples
    --------
    >>> sequence('counts', 3)
    Traceback (most recent call last):
    ...
    ValueError: counts=3: expected several, such as a list
    """
    if isinstance(value, str) or not np.iterable(value):
        raise ValueError(f'{name}={value!r}: expected several, such as a list')
    return list(value)


def matrix(name: str, value: Any) -> np.ndarray:
    """Return descriptors of environments as an array if it is valid.

    Raises
    ------
    ValueError
        Not of shape (e, k), empty, or with numbers that are not finite.

    Examples
    --------
    >>> matrix('q_ek', [[1.0, float('nan')]])
    Traceback (most recent call last):
    ...
    ValueError: q_ek has shape (1, 2), 1 of 2 finite: expected (e, k), e >= 1, k >= 1,
    all finite
    """
    q_ek = array(name, value)
    finite = int(np.isfinite(q_ek).sum())
    if q_ek.ndim != 2 or q_ek.size == 0 or finite < q_ek.size:
        raise ValueError(
            f'{name} has shape {q_ek.shape}, {finite} of {q_ek.size} finite: expected '
            '(e, k), e >= 1, k >= 1, all finite'
        )
    return q_ek


def generator(name: str, value: np.random.Generator) -> np.random.Generator:
    """Return `value` if it is a random generator.

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
    """Return `value` if it is of the class expected.

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


def reason_of(error: BaseException) -> str:
    """Return an exception as one line."""
    return ' '.join(f'{type(error).__name__}: {error}'.split())
