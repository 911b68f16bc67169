"""Random crystals of all space groups."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.chemistry import Sizes
from ase_entropy.starts.amounts import Amounts, fix_amounts
from ase_entropy.starts.cells import closest_pair, random_cell
from ase_entropy.starts.registry import as_sizes, register
from ase_entropy.starts.symmetry import (
    GROUPS,
    crystal,
    move_to_site,
    primitive_cell,
    symmetric_cell,
)

__all__ = ['RandomCrystal']

GROUPS_TRIED, TRIES, POINTS = 20, 20, 30
REACH = 0.5, 2.5  # of the distance of neighbors
IMAGES = np.array(list(product((-1, 0, 1), repeat=3)))


@register
@dataclass(frozen=True)
class RandomCrystal:
    r"""Random crystals with the symmetry of a space group, all 230 equally probable.

    The lattice is that of a random metric tensor, averaged over the rotations of the
    group. Atoms of each element fill orbits of random points; images of a point that
    come close are merged, which makes special positions. The cell is primitive. Where
    pairs are closer than they may be, all lengths are scaled up, within the range of
    densities. Where a number of atoms finds no place in some tries, another number or
    composition is drawn, and then another group.

    V is invariant under the operations, but equivalent atoms have equal descriptors,
    where S is least: at K > 0 rounding grows until a quench leaves the symmetry, unless
    :class:`ase.constraints.FixSymmetry` holds it. At K = 0 it stays.

    Parameters
    ----------
    elements : sequence of str
        The elements.
    size : tuple of int
        Least and largest number of atoms in the primitive cell.
    density : tuple of float
        Range of the density, in units of that of the atoms' own volumes.
    composition : str or dict
        ``'free'``, a formula whose units are kept, or ranges of fractions: see
        :class:`~ase_entropy.starts.amounts.Amounts`.
    size_power : float
        Probability of n atoms is proportional to n to this power, before some of them
        find no place.
    closest : float
        Least distance of a pair over that of neighbors of its elements.
    sizes : Sizes, optional
        Lengths and volumes of the atoms. By default those of the reference states.

    Raises
    ------
    ValueError
        A bad parameter, a composition that no number of atoms has; when drawn, no room.

    Examples
    --------
    >>> atoms = RandomCrystal(('Al',)).atoms(np.random.default_rng(1))
    >>> atoms.info['start'].startswith('crystal ')
    True
    """

    elements: Sequence[str]
    size: tuple[int, int] = (1, 16)
    density: tuple[float, float] = (0.6, 1.35)
    composition: Any = 'free'
    size_power: float = 0.0
    closest: float = 0.75
    sizes: Sizes | None = field(default=None, metadata={'absent': None})

    def __post_init__(self) -> None:
        fix_amounts(self)
        checks.real('closest', self.closest, above=0.0, most=1.0)

    @cached_property
    def amounts(self) -> Amounts:
        """Numbers of atoms of each element, at random."""
        return Amounts(self.elements, self.size, self.composition, self.size_power)

    def chemical_symbols(self) -> list[str]:
        """Return the elements that may occur."""
        return list(self.elements)

    @property
    def formula(self) -> str:
        """Size and elements, in words."""
        return f'random crystals of {self.amounts}'

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return atoms, others for each state of the generator."""
        checks.generator('rng', rng)
        for _ in range(GROUPS_TRIED):
            group = int(rng.integers(1, GROUPS + 1))
            for _ in range(TRIES):
                atoms = self._fill(group, rng)
                if atoms is not None:
                    atoms.info['start'] = f'crystal {group}'
                    return atoms
        raise ValueError(
            f'density={self.density}, closest={self.closest}: found no crystal of '
            f'{self.amounts}; expected a lower density or shorter distances'
        )

    def _fill(self, group: int, rng: np.random.Generator) -> Atoms | None:
        """Return one crystal of a group, or None where its atoms find no place."""
        sizes = as_sizes(self.sizes, self.elements)
        symbols = self.amounts.symbols(rng)
        density = rng.uniform(*self.density)
        cell_cc = symmetric_cell(group, random_cell(1.0, 0.0, rng))
        atoms = Atoms(cell=primitive_cell(group, cell_cc), pbc=True)
        scale = (sizes.volume(symbols) / density / atoms.cell.volume) ** (1 / 3)
        cell_cc *= scale
        atoms.set_cell(scale * atoms.cell[:])
        least = self.closest * (self.density[0] / density) ** (1 / 3)  # scaled up, then
        for symbol, number in Counter(symbols).items():
            for _ in range(POINTS):
                reach = rng.uniform(*REACH) * sizes.distance(symbol)
                point = move_to_site(group, cell_cc, rng.random(3), reach)
                if point is None:
                    continue
                added = crystal(group, cell_cc, [(symbol, point)])
                if len(added) <= number and _is_apart(added, atoms, sizes, least):
                    atoms += added
                    number -= len(added)
                    if number == 0:
                        break
            else:
                return None
        scale = max(1.0, self.closest / closest_pair(atoms, sizes))
        atoms.set_cell(scale * atoms.cell[:], scale_atoms=True)
        return atoms


def _is_apart(added: Atoms, atoms: Atoms, sizes: Sizes, least: float) -> bool:
    """Return whether an orbit keeps a distance from itself and from all atoms.

    Its atoms are equivalent: the first one speaks for all.
    """
    every, symbol = added + atoms, added.symbols[0]
    vectors_mc = every.positions - every.positions[0]
    images_xc = IMAGES @ atoms.cell[:]
    r_mx = np.linalg.norm(vectors_mc[:, None] + images_xc, axis=2)
    r_mx[0, len(IMAGES) // 2] = np.inf  # itself
    distance_of = {x: sizes.distance(symbol, x) for x in set(every.symbols)}
    distance_m = np.array([distance_of[x] for x in every.symbols])
    return bool((r_mx.min(axis=1) >= least * distance_m).all())
