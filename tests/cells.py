"""Cells that tests share: every shape that a user may bring."""

import numpy as np
from ase import Atoms

from ase_entropy import random_packing

SHAPES = {
    'orthorhombic': ((8.0, 9.0, 10.0), True, 20),
    'one atom more': ((8.0, 9.0, 10.0), True, 21),
    'one atom less': ((8.0, 9.0, 10.0), True, 19),
    'triclinic': ([[7.0, 0, 0], [1.5, 6.5, 0], [-2.0, 1.0, 8.0]], True, 15),
    'left-handed': ([[0, 7.0, 0], [6.5, 0.5, 0], [0.3, 0.0, 8.0]], True, 14),
    'smaller than the cutoff': ((3.1, 3.3, 9.0), True, 5),
    'two atoms': ([[3.0, 0, 0], [0.4, 3.2, 0], [0.2, -0.5, 3.5]], True, 2),
    'slab': ((7.0, 7.0, 9.0), (True, True, False), 14),
    'wire, tilted': (
        [[7, 0.5, 0], [0, 9, 0.3], [1.0, 0, 3.4]],
        (False, False, True),
        9,
    ),
    'cluster': ((8.0, 8.0, 8.0), False, 12),
}


def random_cell(shape: str, seed: int) -> Atoms:
    """Return atoms of one of the shapes, no two closer than 1.6 Angstrom."""
    cell, pbc, n = SHAPES[shape]
    atoms = random_packing(f'W{n}', cell, 1.6, np.random.default_rng(seed))
    atoms.pbc = pbc
    return atoms


def paper_cell(seed: int) -> Atoms:
    """Return 39 tungsten atoms in the cell of the paper."""
    rng = np.random.default_rng(seed)
    return random_packing('W39', (9.54, 9.54, 14.31), 2.0, rng)
