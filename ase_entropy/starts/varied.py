"""Random packings of many sizes, densities, shapes and compositions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from ase import Atoms
from ase.parallel import DummyMPI

from ase_entropy.calculator import EntropyCalculator
from ase_entropy.chemistry import Sizes
from ase_entropy.descriptors import Bispectrum
from ase_entropy.dynamics import Quench
from ase_entropy.repulsion import repulsion_of
from ase_entropy.starts.amounts import Amounts, fix_amounts
from ase_entropy.starts.cells import closest_pair, random_cell
from ase_entropy.starts.packing import random_packing
from ase_entropy.starts.registry import as_sizes, register

__all__ = ['VariedPacking']

DRAWN = 0.5  # of the distance of neighbors: how close atoms are drawn
CLOSEST = 0.7  # of it: how close they may be in the end, if they are as dense as bulk
THINNEST = 0.8  # of it: distance of opposite faces
FMAX, STEPS = 0.5, 40  # eV/Angstrom: where the repulsion counts as relaxed
TRIES = 50


@register
@dataclass(frozen=True)
class VariedPacking:
    """Random packings that differ in size, density, shape and composition.

    Each is one draw of a number of atoms, a composition, a density, lengths and angles
    of the cell, and positions. Atoms are drawn at half the distance of neighbors at
    least; then their repulsion is relaxed for some steps, which takes milliseconds
    where a random packing with the final distance takes seconds, or finds no room.

    Parameters
    ----------
    elements : sequence of str
        The elements.
    size : tuple of int
        Least and largest number of atoms.
    density : tuple of float
        Range of the density, uniform, in units of that of the atoms' own volumes.
    composition : str or dict
        ``'free'``, a formula whose units are kept, or ranges of fractions: see
        :class:`~ase_entropy.starts.amounts.Amounts`.
    size_power : float
        Probability of n atoms is proportional to n to this power; negative for more
        small cells.
    sizes : Sizes, optional
        Lengths and volumes of the atoms. By default those of the reference states.

    Raises
    ------
    ValueError
        A bad parameter, a composition that no number of atoms has; when drawn, no room.

    Examples
    --------
    >>> start = VariedPacking(('Ni', 'Al'), size=(4, 10))
    >>> rng = np.random.default_rng(1)
    >>> all(4 <= len(start.atoms(rng)) <= 10 for _ in range(3))
    True
    """

    elements: Sequence[str]
    size: tuple[int, int] = (2, 40)
    density: tuple[float, float] = (0.5, 1.35)
    composition: Any = 'free'
    size_power: float = 0.0
    sizes: Sizes | None = field(default=None, metadata={'absent': None})

    def __post_init__(self) -> None:
        fix_amounts(self)

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
        return f'packings of {self.amounts}'

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return atoms, others for each state of the generator."""
        sizes = as_sizes(self.sizes, self.elements)
        for _ in range(TRIES):
            symbols = self.amounts.symbols(rng)
            density = rng.uniform(*self.density)
            closer = max(1.0, density) ** (-1 / 3)
            longest = max(sizes.distance(x) for x in set(symbols))
            volume = sizes.volume(symbols) / density
            cell_cc = random_cell(volume, THINNEST * closer * longest, rng)
            drawn = {pair: DRAWN * d for pair, d in sizes.pairs().items()}
            try:
                atoms = random_packing(symbols, cell_cc, drawn, rng)
            except ValueError:  # no room: too thin for its own images
                continue
            relax(atoms, sizes)
            if closest_pair(atoms, sizes) >= CLOSEST * closer:
                atoms.info['start'] = 'packing'
                return atoms
        raise ValueError(
            f'density={self.density}: found no room for {self.amounts}; expected a '
            'lower density'
        )


def relax(atoms: Atoms, sizes: Sizes) -> None:
    """Push atoms apart in place: some steps down the repulsion of these sizes."""
    if len(atoms) == 1:
        return
    atoms.calc = EntropyCalculator(
        Bispectrum.of(sizes), repulsion=repulsion_of(sizes), k_entropy=0.0
    )
    with Quench(atoms, (), logfile=None, comm=DummyMPI()) as quench:
        quench.run(FMAX, STEPS)
    atoms.calc = None
