"""Slabs and clusters, cut from other starts."""

from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import surface

from ase_entropy import checks
from ase_entropy.starts.amounts import MOST_ATOMS, check_range
from ase_entropy.starts.registry import as_start, register

__all__ = ['Cut']

SHAPES = ('slab', 'sphere')
LARGEST_INDEX = 2  # of Miller


@register
@dataclass(frozen=True)
class Cut:
    """Slabs and clusters, cut from periodic starts.

    A slab has a random surface: Miller indices up to 2, taken in the cell of the start,
    at a random height. It has as many cells of the start, one above the other, as the
    number of atoms that is drawn allows; a cell that has more atoms by itself is cut
    along one of its vectors. A cluster is the atoms that are nearest to a random point.
    Directions across surfaces are not periodic, and a wall keeps the atoms together:
    see :class:`~ase_entropy.repulsion.confinement.Confinement`.

    Parameters
    ----------
    start : start
        What is cut: a packing, crystals, a mixture, ...
    shape : {'slab', 'sphere'}
        Two surfaces, or one around a cluster.
    size : tuple of int
        Least and largest number of atoms.
    vacuum : float
        Distance (Angstrom) from the outermost atoms to the end of the cell.

    Raises
    ------
    ValueError
        A bad parameter; when drawn, a start that is not periodic.

    Examples
    --------
    >>> from ase_entropy.starts import Prototype
    >>> start = Cut(Prototype(('Al',), ['fcc']), 'slab', size=(4, 10))
    >>> atoms = start.atoms(np.random.default_rng(1))
    >>> atoms.info['start'], atoms.pbc.tolist(), 1 <= len(atoms) <= 10
    ('slab of prototype fcc', [True, True, False], True)
    """

    start: Any
    shape: str = 'slab'
    size: tuple[int, int] = (4, 40)
    vacuum: float = 6.0

    def __post_init__(self) -> None:
        object.__setattr__(self, 'start', as_start('start', self.start))
        if self.shape not in SHAPES:
            raise ValueError(f'shape={self.shape!r}: expected one of {SHAPES}')
        check_range('size', self.size, least=1, most=MOST_ATOMS)
        whole = tuple(checks.whole('size', n, least=1) for n in self.size)
        object.__setattr__(self, 'size', whole)
        checks.real('vacuum', self.vacuum, above=0.0, most=1000.0)

    def chemical_symbols(self) -> list[str]:
        """Return the elements that may occur."""
        return self.start.chemical_symbols()

    @property
    def formula(self) -> str:
        """What there is, in words."""
        return f'{self.shape}s of {self.start.formula}'

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return atoms, others for each state of the generator."""
        whole = self.start.atoms(rng)
        if not whole.pbc.all():
            raise ValueError(
                f'start has pbc={whole.pbc.tolist()}: expected periodic ones, to be cut'
            )
        number = int(rng.integers(self.size[0], self.size[1] + 1))
        name = whole.info.get('start', whole.get_chemical_formula())
        make = _slab if self.shape == 'slab' else _cluster
        atoms = make(Atoms(whole), number, rng)
        atoms.center(self.vacuum, axis=np.flatnonzero(~atoms.pbc).tolist())
        atoms.info = {'start': f'{self.shape} of {name}'}
        return atoms


def _slab(whole: Atoms, number: int, rng: np.random.Generator) -> Atoms:
    """Return a slab of so many atoms at most, or of one cell if that has more."""
    whole.positions += rng.random(3) @ whole.cell[:]  # surfaces at any height
    layers = number // len(whole)
    indices = rng.integers(-LARGEST_INDEX, LARGEST_INDEX + 1, 3)
    divisor = gcd(*indices.tolist())
    if layers == 0 or divisor == 0:
        indices, divisor = np.eye(3, dtype=int)[rng.integers(3)], 1
    slab = surface(whole, (indices // divisor).tolist(), max(1, layers))
    slab.pbc = True, True, False
    return slab


def _cluster(whole: Atoms, number: int, rng: np.random.Generator) -> Atoms:
    """Return the atoms that are nearest to a random point."""
    center_c = rng.random(3) @ whole.cell[:]
    heights_c = whole.cell.volume / whole.cell.areas()
    radius = (3 / (4 * np.pi) * whole.cell.volume * number / len(whole)) ** (1 / 3)
    radius += np.linalg.norm(whole.cell[:].sum(axis=0))  # surely enough
    images_c = np.ceil(radius / heights_c).astype(int)
    many = whole * tuple(2 * images_c + 1)
    r_n = np.linalg.norm(many.positions - center_c - images_c @ whole.cell[:], axis=1)
    cluster = many[np.sort(np.argsort(r_n, kind='stable')[:number])]
    cluster.pbc = False
    cluster.cell = np.eye(3)
    return cluster
