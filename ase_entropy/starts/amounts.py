"""How many atoms of which element: numbers and compositions at random."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from ase.formula import Formula

from ase_entropy import checks
from ase_entropy.starts.packing import MOST_DENSITY, symbols_of
from ase_entropy.starts.registry import as_sizes

__all__ = [
    'MOST_ATOMS',
    'Amounts',
    'check_range',
    'fix_amounts',
    'fixed_composition',
]

MOST_ATOMS = 1000  # of one cell
ROUNDING = 1e-9


def check_range(
    name: str, value: Sequence[float], **bounds: float
) -> tuple[float, float]:
    """Return a range (low, high) of numbers if it is one.

    Raises
    ------
    ValueError
        Not two numbers, outside the bounds (see :func:`ase_entropy.checks.real`), or
        the first larger than the second.

    Examples
    --------
    >>> check_range('density', (1.0, 0.5), above=0.0)
    Traceback (most recent call last):
    ...
    ValueError: density=(1.0, 0.5): expected two numbers, the smaller first
    """
    good = isinstance(value, (tuple, list)) and len(value) == 2
    if good:
        low, high = (checks.real(name, x, **bounds) for x in value)
    if not (good and low <= high):
        raise ValueError(f'{name}={value!r}: expected two numbers, the smaller first')
    return low, high


@dataclass(frozen=True)
class Amounts:
    r"""Numbers of atoms of some elements, at random.

    The number n of all atoms comes first, with the probability
    :math:`p(n) \propto n^\alpha`; then, of all compositions of n atoms that are
    allowed, each is as probable as any other.

    Parameters
    ----------
    elements : sequence of str
        The elements.
    size : tuple of int
        Least and largest number of atoms.
    composition : str or dict
        ``'free'``; a formula such as ``'TiO2'``, whose units are kept; or the range of
        the fraction of some elements, such as ``{'Al': (0.2, 0.5)}``.
    size_power : float
        Exponent alpha: 0 for sizes that are equally probable, negative for more small
        cells.

    Raises
    ------
    ValueError
        Bad ranges, other elements, or a composition that no number of atoms has.

    Examples
    --------
    >>> amounts = Amounts(('Ti', 'O'), (2, 8), 'TiO2')
    >>> sorted(set(amounts.symbols(np.random.default_rng(1))))
    ['O', 'Ti']
    """

    elements: Sequence[str]
    size: tuple[int, int]
    composition: Any = 'free'
    size_power: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, 'elements', checks.symbols('elements', self.elements))
        low, high = check_range('size', self.size, least=1, most=MOST_ATOMS)
        whole = tuple(checks.whole('size', n, least=1) for n in self.size)
        object.__setattr__(self, 'size', whole)
        checks.real('size_power', self.size_power, least=-10.0, most=10.0)
        if not self.possible_sizes:
            raise ValueError(
                f'composition={self.composition!r}: no {low:g} to {high:g} atoms of '
                f'{", ".join(self.elements)} have it; expected another, or more atoms'
            )

    @cached_property
    def possible_sizes(self) -> list[int]:
        """Numbers of atoms that have a composition that is allowed."""
        low, high = self.size
        if self._unit:
            return [n for n in range(low, high + 1) if n % len(self._unit) == 0]
        return [n for n in range(low, high + 1) if _has_counts(*self._bounds(n), n)]

    @cached_property
    def _unit(self) -> list[str] | None:
        """Symbols of one formula unit, if units are kept."""
        if not isinstance(self.composition, str) or self.composition == 'free':
            return None
        whole = ''.join(symbols_of(self.composition))  # or an error
        unit = symbols_of(str(Formula(whole).reduce()[0]))
        if set(unit) != set(self.elements):
            raise ValueError(
                f'composition={self.composition!r}: expected a formula of '
                f'{", ".join(self.elements)}'
            )
        return unit

    @cached_property
    def _ranges(self) -> np.ndarray:
        """Least and largest fraction of each element, (2, e)."""
        given = {} if self.composition == 'free' else self.composition
        if not isinstance(given, dict) or not set(given) <= set(self.elements):
            raise ValueError(
                f"composition={self.composition!r}: expected 'free', a formula, or "
                f'ranges of fractions of {", ".join(self.elements)}'
            )
        ranges = [
            check_range(
                f'composition[{x!r}]', given.get(x, (0, 1)), least=0.0, most=1.0
            )
            for x in self.elements
        ]
        return np.array(ranges).T

    def _bounds(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and largest number of atoms of each element, (e,)."""
        low_e, high_e = self._ranges * n
        return (
            np.ceil(low_e - ROUNDING).astype(int),
            np.floor(high_e + ROUNDING).astype(int),
        )

    def allow(self, symbols: Sequence[str]) -> bool:
        """Return whether atoms have a composition that is allowed, in any number."""
        count_e = np.array([list(symbols).count(x) for x in self.elements])
        if self._unit:
            unit_e = np.array([self._unit.count(x) for x in self.elements])
            return bool((count_e * unit_e.sum() == unit_e * count_e.sum()).all())
        low_e, high_e = self._bounds(len(symbols))
        return bool(((low_e <= count_e) & (count_e <= high_e)).all())

    def symbols(self, rng: np.random.Generator) -> list[str]:
        """Return the symbols of all atoms, in the order of the elements."""
        checks.generator('rng', rng)
        weights = np.array(self.possible_sizes, float) ** self.size_power
        n = int(rng.choice(self.possible_sizes, p=weights / weights.sum()))
        if self._unit:
            count_of = {x: self._unit.count(x) for x in self.elements}
            units = n // len(self._unit)
            return [x for x in self.elements for _ in range(units * count_of[x])]
        counts = _draw_counts(*self._bounds(n), n, rng)
        pairs = zip(self.elements, counts, strict=True)
        return [x for x, count in pairs for _ in range(count)]

    def __str__(self) -> str:
        """Return sizes and elements in words, for the log."""
        low, high = self.size
        number = f'{low}' if low == high else f'{low} to {high}'
        what = self.composition if self._unit else ', '.join(self.elements)
        return f'{number} atoms of {what}'


def fix_amounts(start: Any) -> None:
    """Check elements, size, density, composition and sizes of a frozen start.

    Raises
    ------
    ValueError
        One of them is bad.
    """
    amounts = Amounts(start.elements, start.size, start.composition, start.size_power)
    density = check_range('density', start.density, above=0.0, most=MOST_DENSITY)
    fixed = {
        'elements': amounts.elements,
        'size': amounts.size,
        'density': density,
        'composition': fixed_composition(start.composition),
        'sizes': start.sizes and as_sizes(start.sizes, amounts.elements),
    }
    for name, value in fixed.items():
        object.__setattr__(start, name, value)


def fixed_composition(composition: Any) -> Any:
    """Return a composition, with ranges as tuples, which compare after JSON."""
    if not isinstance(composition, dict):
        return composition
    return {x: tuple(map(float, y)) for x, y in composition.items()}


def _has_counts(low_e: np.ndarray, high_e: np.ndarray, n: int) -> bool:
    return bool((low_e <= high_e).all() and low_e.sum() <= n <= high_e.sum())


def _draw_counts(
    low_e: np.ndarray, high_e: np.ndarray, n: int, rng: np.random.Generator
) -> list[int]:
    """Return whole numbers within bounds that add up to n, all such equally probable.

    The number of ways in which the elements from e on make m atoms is known by
    recursion; each number is drawn in proportion to the ways that it leaves.
    """
    ways = [np.eye(1, n + 1)[0]]  # no element makes 0 atoms, in one way
    for low, high in zip(low_e[::-1], high_e[::-1], strict=True):
        ways.insert(0, np.convolve(np.arange(high + 1) >= low, ways[0])[: n + 1])
    counts, rest = [], n
    for low, high, after in zip(low_e, high_e, ways[1:], strict=True):
        possible = np.arange(low, min(high, rest) + 1)
        weights = after[rest - possible]
        counts.append(int(rng.choice(possible, p=weights / weights.sum())))
        rest -= counts[-1]
    return counts
