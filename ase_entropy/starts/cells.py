"""Cells of random shape, and how close atoms are in them."""

import numpy as np
from ase import Atoms
from ase.cell import Cell

from ase_entropy.analysis import ElementUnits
from ase_entropy.chemistry import Sizes
from ase_entropy.pairs import find_pairs

__all__ = ['closest_pair', 'heights', 'random_cell']

STRETCH = 0.5  # of the logarithm of a length
SKEW = 30.0  # degrees, from a right angle
SHAPES = 20  # that are tried, each nearer to a cube


def random_cell(volume: float, thinnest: float, rng: np.random.Generator) -> np.ndarray:
    """Return a cell of random lengths and angles, (3, 3) (Angstrom).

    Logarithms of the lengths are uniform, over a factor of e at most, and angles are,
    from 60 to 120 degrees. A cell that is too thin is drawn again, each time nearer to
    a cube; only a cube is returned whatever its thickness.

    Parameters
    ----------
    volume : float
        Its volume (Angstrom^3).
    thinnest : float
        Least distance (Angstrom) of two opposite faces. No two images of an atom are
        closer.
    rng : numpy.random.Generator
        Source of randomness.

    Examples
    --------
    >>> cell = random_cell(100.0, 3.0, np.random.default_rng(1))
    >>> round(float(np.linalg.det(cell)), 9), bool(heights(cell).min() >= 3.0)
    (100.0, True)
    """
    for spread in np.linspace(1.0, 0.0, SHAPES):
        lengths = np.exp(spread * rng.uniform(-STRETCH, STRETCH, 3))
        angles = 90.0 + spread * rng.uniform(-SKEW, SKEW, 3)
        cosines = np.cos(np.radians(angles))
        if 1.0 + 2.0 * cosines.prod() - (cosines**2).sum() < 0.1:  # squared volume
            continue
        cell_cc = Cell.fromcellpar([*lengths, *angles])[:]
        cell_cc *= (volume / np.linalg.det(cell_cc)) ** (1 / 3)
        if heights(cell_cc).min() >= thinnest:
            break
    return cell_cc


def heights(cell_cc: np.ndarray) -> np.ndarray:
    """Return the distances (Angstrom) of opposite faces of a cell, (3,)."""
    return 1.0 / np.linalg.norm(np.linalg.inv(cell_cc), axis=0)


def closest_pair(atoms: Atoms, sizes: Sizes) -> float:
    """Return the least distance of a pair, over that of neighbors of its elements.

    Parameters
    ----------
    atoms : Atoms
        Any.
    sizes : Sizes
        Lengths of their elements.

    Returns
    -------
    float
        At most 1, also for atoms that are farther apart.

    Examples
    --------
    >>> from ase.build import bulk
    >>> round(closest_pair(bulk('Al', a=3.6), Sizes(('Al',))), 3)
    0.889
    """
    own, present = ElementUnits.of(sizes), np.unique(atoms.numbers)
    pairs = find_pairs(atoms, own.distance_zz[np.ix_(present, present)].max())
    return float(min(1.0, own.relative(pairs).min(initial=1.0)))
