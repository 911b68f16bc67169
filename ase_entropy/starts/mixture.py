"""One of several starts, by weight."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.parts import part_to_dict
from ase_entropy.starts.registry import as_start, register

__all__ = ['Mixture']


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
        parts = checks.sequence('parts', self.parts)
        if not parts or any(len(checks.sequence('parts', x)) != 2 for x in parts):
            raise ValueError(
                f'parts={self.parts!r}: expected pairs of a weight and a start'
            )
        pairs = tuple(
            (checks.real('weight', weight, least=0.0), as_start('start', start))
            for weight, start in parts
        )
        if sum(weight for weight, _ in pairs) == 0.0:
            raise ValueError('parts: all weights are 0, expected a larger one')
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
        weights = np.array([weight for weight, _ in self.parts])
        number = checks.generator('rng', rng).choice(
            len(self.parts), p=weights / weights.sum()
        )
        return self.parts[number][1].atoms(rng)
