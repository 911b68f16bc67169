"""Crystals that the test families begin with, of any volume, and what is done to them.

atoms = strained(at_volume(elementary('W')['A15'], 0.9), strain_cc)
"""

import math

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal

__all__ = ['at_volume', 'elementary', 'ordered', 'strained']

CORNER, CENTER, FACE = (0, 0, 0), (1 / 2, 1 / 2, 1 / 2), (0, 1 / 2, 1 / 2)
QUARTER = (1 / 4, 1 / 4, 1 / 4)


def elementary(element: str) -> dict[str, Atoms]:
    """Return common crystals of an element, of any volume."""
    a15 = cubic([element] * 2, [CORNER, (1 / 4, 0, 1 / 2)], 223, 5)
    return {
        'bcc': bulk(element, 'bcc', a=3.0, cubic=True),
        'fcc': bulk(element, 'fcc', a=4.0, cubic=True),
        'hcp': bulk(element, 'hcp', a=3.0, c=3.0 * math.sqrt(8 / 3)),
        'sc': bulk(element, 'sc', a=2.5),
        'diamond': bulk(element, 'diamond', a=5.0, cubic=True),
        'A15': a15,
    }


def ordered(A: str, B: str) -> dict[str, Atoms]:
    """Return ordered crystals of two elements, of any volume."""
    found = {
        'B2': cubic([A, B], [CORNER, CENTER], 221, 3),
        'B1': cubic([A, B], [CORNER, CENTER], 225, 5),
        'L1_0': cubic([A, B], [CORNER, CENTER], 123, 2.7, 2.7 * math.sqrt(2)),
    }
    for X, Y in ((A, B), (B, A)):
        found[f'L1_2 {X}{Y}3'] = cubic([X, Y], [CORNER, FACE], 221, 4)
        sites = [CORNER, CENTER, QUARTER]
        found[f'D0_3 {X}{Y}3'] = cubic([X, Y, Y], sites, 225, 6)
    return found


def cubic(symbols, sites, group: int, a: float, c: float | None = None) -> Atoms:
    """Return a crystal with a cell a, a, c (A)."""
    cell = [a, a, c or a, 90, 90, 90]
    return crystal(symbols, sites, spacegroup=group, cellpar=cell)


def at_volume(atoms: Atoms, volume: float) -> Atoms:
    """Return the atoms with their volume multiplied."""
    atoms = atoms.copy()
    atoms.set_cell(volume ** (1 / 3) * atoms.cell[:], scale_atoms=True)
    return atoms


def strained(atoms: Atoms, strain) -> Atoms:
    """Return the atoms under a strain, (3, 3)."""
    atoms = atoms.copy()
    atoms.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
    return atoms
