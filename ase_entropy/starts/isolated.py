"""Single atoms and dimers, which trainers want beside a set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.chemistry import Sizes
from ase_entropy.starts.registry import as_sizes, register

__all__ = ['Isolated']

VACUUM = 8.0  # Angstrom, to each side
DISTANCES = (0.75, 0.85, 0.95, 1.05, 1.2, 1.4, 1.7, 2.1)


@register
@dataclass(frozen=True)
class Isolated:
    """Atoms alone, one of each element, and dimers of all pairs of elements.

    In a box that is not periodic. There are so many of them as `len` tells, in a fixed
    order: single atoms, then the dimers of one pair after the other.

    Parameters
    ----------
    elements : sequence of str
        The elements.
    distances : sequence of float
        Those of the dimers, in units of that of neighbors; empty for no dimers.
    number : int, optional
        The only one that shall be there. By default each walker draws one.
    sizes : Sizes, optional
        Lengths of the atoms. By default those of the reference states.

    Raises
    ------
    ValueError
        A bad parameter.

    Examples
    --------
    >>> start = Isolated(('Ni', 'Al'), distances=(1.0, 1.5))
    >>> len(start), [start.configuration(n).info['start'] for n in (0, 2, 4)]
    (8, ['isolated Ni', 'dimer Ni-Ni', 'dimer Ni-Al'])
    """

    elements: Sequence[str]
    distances: Sequence[float] = DISTANCES
    number: int | None = None
    sizes: Sizes | None = field(default=None, metadata={'absent': None})

    def __post_init__(self) -> None:
        elements = checks.symbols('elements', self.elements)
        distances = checks.sequence('distances', self.distances)
        fixed = {
            'elements': elements,
            'distances': tuple(
                checks.real('distances', x, least=0.5, most=10.0) for x in distances
            ),
            'sizes': self.sizes and as_sizes(self.sizes, elements),
        }
        for name, value in fixed.items():
            object.__setattr__(self, name, value)
        if self.number is not None:
            checks.whole('number', self.number, least=0, most=len(self) - 1)

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        return list(combinations_with_replacement(self.elements, 2))

    def __len__(self) -> int:
        return len(self.elements) + len(self._pairs) * len(self.distances)

    def chemical_symbols(self) -> list[str]:
        """Return the elements."""
        return list(self.elements)

    @property
    def formula(self) -> str:
        """What there is, in words."""
        return f'isolated atoms and dimers of {", ".join(self.elements)}'

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return one of the configurations: that which was chosen, or any."""
        checks.generator('rng', rng)
        number = self.number
        return self.configuration(rng.integers(len(self)) if number is None else number)

    def configuration(self, number: int) -> Atoms:
        """Return a configuration by its number."""
        number = int(checks.whole('number', number, least=0, most=len(self) - 1))
        if number < len(self.elements):
            symbol = self.elements[number]
            atoms = Atoms(symbol, info={'start': f'isolated {symbol}'})
        else:
            pair, which = divmod(number - len(self.elements), len(self.distances))
            first, second = self._pairs[pair]
            sizes = as_sizes(self.sizes, self.elements)
            distance = self.distances[which] * sizes.distance(first, second)
            atoms = Atoms([first, second], [(0, 0, 0), (0, 0, distance)])
            atoms.info['start'] = f'dimer {first}-{second}'
        box = 2 * VACUUM + np.ptp(atoms.positions, axis=0).max()
        atoms.set_cell([box] * 3)
        atoms.center()
        return atoms
