"""Single atoms and dimers, which trainers want beside a set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, product

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.chemistry import Sizes
from ase_entropy.starts.registry import as_sizes, register

__all__ = ['Isolated']

VACUUM = 8.0  # Angstrom, to each side
# Sets may end early: first near the minimum of most dimers, then closer, then farther.
DISTANCES = (0.85, 0.75, 1.2, 1.7, 0.95, 1.4, 2.1, 1.05)


@register
@dataclass(frozen=True)
class Isolated:
    """Atoms alone, one of each element, and dimers of all pairs of elements.

    In a box that is not periodic. There are so many of them as `len` tells, in a fixed
    order: single atoms, then one dimer of each pair of elements, at the first distance,
    then one of each at the second.

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
    without : sequence of str
        Elements whose single atoms are left out, as another set has them.

    Raises
    ------
    ValueError
        A bad parameter.

    Examples
    --------
    >>> start = Isolated(('Ni', 'Al'), distances=(1.0, 1.5))
    >>> len(start), [start.configuration(n).info['start'] for n in (0, 2, 3, 5)]
    (8, ['isolated Ni', 'dimer Ni-Ni', 'dimer Ni-Al', 'dimer Ni-Ni'])
    """

    elements: Sequence[str]
    distances: Sequence[float] = DISTANCES
    number: int | None = None
    sizes: Sizes | None = field(default=None, metadata={'absent': None})
    without: Sequence[str] = field(default=(), metadata={'absent': ()})

    def __post_init__(self) -> None:
        elements = checks.symbols('elements', self.elements)
        distances = checks.sequence('distances', self.distances)
        fixed = {
            'elements': elements,
            'distances': tuple(
                checks.real('distances', x, least=0.5, most=10.0) for x in distances
            ),
            'sizes': self.sizes and as_sizes(self.sizes, elements),
            'without': tuple(checks.sequence('without', self.without)),
        }
        for name, value in fixed.items():
            object.__setattr__(self, name, value)
        if not set(self.without) <= set(elements):
            raise ValueError(
                f'without={self.without}: expected some of {", ".join(elements)}'
            )
        if not len(self):
            raise ValueError(
                'without, distances: leave nothing, expected an atom or a dimer'
            )
        if self.number is not None:
            checks.whole('number', self.number, least=0, most=len(self) - 1)

    @property
    def _alone(self) -> list[str]:
        return [x for x in self.elements if x not in self.without]

    @property
    def _dimers(self) -> list[tuple[float, tuple[str, str]]]:
        pairs = combinations_with_replacement(self.elements, 2)
        return list(product(self.distances, pairs))

    def __len__(self) -> int:
        n = len(self.elements)
        return len(self._alone) + n * (n + 1) // 2 * len(self.distances)

    def chemical_symbols(self) -> list[str]:
        """Return the elements."""
        return list(self.elements)

    @property
    def formula(self) -> str:
        """What there is, in words."""
        atoms = f'isolated atoms of {", ".join(self._alone)}' if self._alone else ''
        dimers = f'dimers of {", ".join(self.elements)}' if self.distances else ''
        if atoms and dimers and not self.without:
            return f'isolated atoms and {dimers}'
        return ' and '.join(filter(None, (atoms, dimers)))

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return one of the configurations: that which was chosen, or any."""
        checks.generator('rng', rng)
        number = self.number
        return self.configuration(rng.integers(len(self)) if number is None else number)

    def configuration(self, number: int) -> Atoms:
        """Return a configuration by its number."""
        number = int(checks.whole('number', number, least=0, most=len(self) - 1))
        if number < len(self._alone):
            symbol = self._alone[number]
            atoms = Atoms(symbol, info={'start': f'isolated {symbol}'})
        else:
            reduced, (first, second) = self._dimers[number - len(self._alone)]
            sizes = as_sizes(self.sizes, self.elements)
            distance = reduced * sizes.distance(first, second)
            atoms = Atoms([first, second], [(0, 0, 0), (0, 0, distance)])
            atoms.info['start'] = f'dimer {first}-{second}'
        box = 2 * VACUUM + np.ptp(atoms.positions, axis=0).max()
        atoms.set_cell([box] * 3)
        atoms.center()
        return atoms
