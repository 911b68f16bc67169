"""One of several starts, by weight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.parts import part_to_dict
from ase_entropy.starts.registry import as_start, register

__all__ = ['Mixture', 'drawn', 'weighted']


@register
@dataclass(frozen=True)
class Mixture:
    """Several starts, of which each walker takes one, as probable as its weight.

    Parameters
    ----------
    parts : sequence of (float, start)
        Weights, in any unit, and starts.

    Raises
    ------
    ValueError
        No parts, something else than starts, weights that are negative or all zero.

    Examples
    --------
    >>> from ase_entropy.starts import Prototype, RandomPacking
    >>> start = Mixture(((1, RandomPacking()), (3, Prototype(('W',)))))
    >>> rng = np.random.default_rng(1)
    >>> sum(len(start.atoms(rng)) == 39 for _ in range(20)) < 10
    True
    """

    parts: Sequence[tuple[float, Any]]

    def __post_init__(self) -> None:
        pairs = weighted(self.parts, 'start', partial(as_start, 'start'))
        object.__setattr__(self, 'parts', pairs)

    def todict(self) -> dict:
        """Return weights and starts, JSON-ready."""
        return {
            'parts': [{'weight': w, 'start': part_to_dict(x)} for w, x in self.parts]
        }

    @classmethod
    def fromdict(cls, dct: dict) -> 'Mixture':
        """Rebuild a mixture from :meth:`todict`."""
        return cls([(part['weight'], part['start']) for part in dct['parts']])

    def chemical_symbols(self) -> list[str]:
        """Return the elements that may occur."""
        every = [x for _, start in self.parts for x in start.chemical_symbols()]
        return list(dict.fromkeys(every))

    @property
    def formula(self) -> str:
        """What there is, in words."""
        total = sum(weight for weight, _ in self.parts)
        return ' + '.join(f'{w / total:.0%} {start.formula}' for w, start in self.parts)

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return atoms of one of the starts."""
        return drawn(self.parts, checks.generator('rng', rng)).atoms(rng)


def weighted(
    parts: Any, what: str, checked: Callable[[Any], Any]
) -> tuple[tuple[float, Any], ...]:
    """Return pairs of a weight and what has it, checked.

    Raises
    ------
    ValueError
        No pairs, weights that are negative or all zero; what `checked` refuses.
    """
    pairs = checks.sequence('parts', parts)
    if not pairs or any(len(checks.sequence('parts', x)) != 2 for x in pairs):
        raise ValueError(f'parts={parts!r}: expected pairs of a weight and a {what}')
    pairs = tuple((checks.real('weight', w, least=0.0), checked(x)) for w, x in pairs)
    if sum(weight for weight, _ in pairs) == 0.0:
        raise ValueError('parts: all weights are 0, expected a larger one')
    return pairs


def drawn(parts: Sequence[tuple[float, Any]], rng: np.random.Generator) -> Any:
    """Return one of several, as probable as its weight."""
    weights = np.array([weight for weight, _ in parts])
    return parts[rng.choice(len(parts), p=weights / weights.sum())][1]
