r"""Pairs of atoms, and what follows from an energy of their pair vectors.

An energy that depends on the atoms only through the pair vectors
:math:`\mathbf r_p = \mathbf r_{j_p} - \mathbf r_{i_p}` is fully described by its
pair gradients :math:`\partial E/\partial\mathbf r_p`; forces and virial are sums of
them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from ase import Atoms
from ase.cell import Cell
from ase.geometry import minkowski_reduce
from vesin import NeighborList

from ase_entropy import checks

__all__ = [
    'Pairs',
    'find_pairs',
    'forces',
    'native_arrays',
    'reach',
    'search_cell',
    'search_neighbors',
    'shortest_distance',
    'vesin_neighbor_list',
    'virial',
]


COINCIDENT = 1e-6  # Angstrom
MOST_PAIRS = 1e8  # of 50 bytes each
FARTHEST = 1e4  # Angstrom; beyond it neighbor lists overflow, or take for ever


@dataclass(frozen=True)
class Pairs:
    """Directed pairs: every bond both ways, bonds to own images included.

    Attributes
    ----------
    numbers_n : (n,) int array
        Atomic numbers.
    i_p, j_p : (p,) intp arrays
        First and second atom of each pair.
    r_p : (p,) float array
        Distances (Angstrom).
    r_pc : (p, 3) float array
        Vectors from atom i to atom j (Angstrom).
    """

    numbers_n: np.ndarray
    i_p: np.ndarray
    j_p: np.ndarray
    r_p: np.ndarray
    r_pc: np.ndarray

    def select(self, mask_p: np.ndarray) -> 'Pairs':
        """Return the pairs where a mask, (p,) bool array, is true."""
        return Pairs(
            self.numbers_n,
            self.i_p[mask_p],
            self.j_p[mask_p],
            self.r_p[mask_p],
            self.r_pc[mask_p],
        )


def vesin_neighbor_list(quantities: str, atoms: Atoms, cutoff: float) -> tuple:
    """Find neighbors with vesin on one thread; the signature is ASE's."""
    neighbors = NeighborList(cutoff=cutoff, full_list=True, sorted=True, n_threads=1)
    return neighbors.compute(
        points=np.asarray(atoms.positions, float),
        box=np.asarray(atoms.cell[:], float),
        periodic=atoms.pbc,
        quantities=quantities,
        copy=True,
    )


def find_pairs(
    atoms: Atoms, cutoff: float, neighbor_list: Callable = vesin_neighbor_list
) -> Pairs:
    """Find all directed pairs closer than `cutoff`, all periodic images included.

    Parameters
    ----------
    atoms : Atoms
        Any cell: triclinic, smaller than the cutoff, partly periodic or none.
    cutoff : float
        Largest distance (Angstrom).
    neighbor_list : callable
        ``neighbor_list(quantities, atoms, cutoff)`` as in :mod:`ase.neighborlist`.

    Raises
    ------
    ValueError
        No atoms, dummy atoms, positions that are not finite, too far away or
        coincide, a periodic cell without volume, a cutoff that is not positive, or one
        so long that the pairs would fill the memory.

    Examples
    --------
    >>> from ase.build import bulk
    >>> len(find_pairs(bulk('W', a=3.16), 3.0).r_p)  # bcc: 8 nearest neighbors
    8
    """
    if len(atoms) == 0:
        raise ValueError('atoms has no atoms: expected at least one')
    checks.real('cutoff', cutoff, above=0.0)
    if (atoms.numbers == 0).any():
        raise ValueError('atoms holds the dummy element X: expected real elements')
    cell_cc = np.asarray(atoms.cell[:], float)
    for name, vectors in (('positions', atoms.positions), ('cell', cell_cc)):
        good = np.abs(vectors) < FARTHEST  # false for NaN
        if not good.all():
            bad = int(np.argmin(good.all(axis=1)))
            raise ValueError(
                f'atoms.{name}[{bad}]={vectors[bad].tolist()}: expected finite numbers '
                f'below {FARTHEST:g} Angstrom'
            )
    if _lattice(cell_cc[atoms.pbc].tobytes())[0] < atoms.pbc.sum():
        raise ValueError(
            f'atoms.cell={atoms.cell.tolist()} with pbc={atoms.pbc.tolist()}: '
            'expected linearly independent cell vectors along periodic directions'
        )
    i_p, j_p, r_p, r_pc = search_neighbors(atoms, cutoff, neighbor_list)
    i_p = np.ascontiguousarray(i_p, dtype=np.intp)
    j_p = np.ascontiguousarray(j_p, dtype=np.intp)
    if len(r_p) and r_p.min() < COINCIDENT:
        p = int(np.argmin(r_p))
        raise ValueError(
            f'atoms {i_p[p]} and {j_p[p]} coincide: expected distinct positions'
        )
    return Pairs(
        np.asarray(atoms.numbers, int),
        i_p,
        j_p,
        np.ascontiguousarray(r_p, dtype=float),
        np.ascontiguousarray(r_pc, dtype=float),
    )


def native_arrays(atoms: Atoms) -> Atoms:
    """Give arrays the types that ASE makes them of, in place, and return the atoms.

    Those that a reader has set may be single or big-endian numbers, in which a step
    of a dynamics would be lost.
    """
    kinds = {'numbers': int, 'tags': int}
    for name in {'numbers', 'positions', 'momenta', 'masses', 'tags'} & {*atoms.arrays}:
        kind = kinds.get(name, float)
        atoms.arrays[name] = np.asarray(atoms.arrays[name], kind)
    atoms.cell.array = np.asarray(atoms.cell.array, float)
    return atoms


def search_neighbors(
    atoms: Atoms, cutoff: float, neighbor_list: Callable = vesin_neighbor_list
) -> tuple:
    """Return i, j, distances and vectors, in whatever cell the search is short."""
    cell_cc, change_cc = search_cell(atoms, cutoff)
    if change_cc is not None or len(atoms) ** 2 > MOST_PAIRS:
        _check_density(atoms, cell_cc, cutoff)
    if change_cc is None:
        return neighbor_list('ijdD', atoms, cutoff)
    short = Atoms(atoms.numbers, atoms.positions, cell=cell_cc, pbc=atoms.pbc)
    i_p, j_p, shift_pc = neighbor_list('ijS', short, cutoff)
    r_pc = short.positions[j_p] - short.positions[i_p]
    r_pc += shift_pc @ change_cc @ np.asarray(atoms.cell[:], float)
    return i_p, j_p, np.linalg.norm(r_pc, axis=1), r_pc


def search_cell(atoms: Atoms, cutoff: float) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the cell in which neighbors are looked for, and how it was made.

    That of the atoms, and None; but where it is so small, or so oblique, that the
    cutoff reaches over a great many images, the shortest vectors of the same lattice
    (Minkowski's), and the whole numbers that make them of those of the atoms.
    """
    cell_cc = np.array(atoms.cell[:], float)
    images = _count_images(cell_cc[atoms.pbc], cutoff)
    if images == 1.0 or len(atoms) ** 2 * images <= MOST_PAIRS:
        return cell_cc, None
    cell, change_cc = minkowski_reduce(cell_cc, atoms.pbc)
    return np.array(cell[:]), change_cc


def _count_images(periods: np.ndarray, cutoff: float) -> float:
    """Return over how many images of a cell a cutoff reaches."""
    _, heights = _lattice(periods.tobytes())
    return float(np.prod(2.0 * np.floor(cutoff / heights) + 1.0))


@lru_cache(maxsize=64)  # cells change far more rarely than positions
def _lattice(periods: bytes) -> tuple[int, np.ndarray]:
    """Return the rank and the heights (Angstrom) of a cell of these vectors."""
    vectors = np.frombuffer(periods).reshape(-1, 3)
    with np.errstate(divide='ignore'):  # a vector of no length
        heights = 1.0 / np.linalg.norm(np.linalg.pinv(vectors), axis=0)
    return int(len(vectors) and np.linalg.matrix_rank(vectors)), heights


def _check_density(atoms: Atoms, cell_cc: np.ndarray, cutoff: float) -> None:
    """Raise ValueError if there are too many pairs where the atoms are.

    Counted in boxes about as wide as the cutoff: space without atoms does not count.
    """
    pbc = atoms.pbc
    whole = Cell(cell_cc * pbc[:, None]).complete()
    fractions_nc = whole.scaled_positions(atoms.positions)
    heights_c = whole.volume / whole.areas()
    boxes_c = np.minimum(heights_c / cutoff, 1e4)  # in a cell, or in 1 Angstrom
    boxes_c[pbc] = np.maximum(1.0, np.floor(boxes_c[pbc]))
    fractions_nc[:, pbc] %= 1.0
    _, count_b = np.unique(np.floor(fractions_nc * boxes_c), axis=0, return_counts=True)
    density = np.prod(boxes_c) / whole.volume  # of boxes
    number = np.sum(count_b.astype(float) ** 2) * density * 4 / 3 * np.pi * cutoff**3
    if number > MOST_PAIRS:
        raise ValueError(
            f'cutoff={cutoff:g} Angstrom reaches over about {number:.2g} pairs of '
            f'{len(atoms)} atoms: expected less than {MOST_PAIRS:g} pairs'
        )


def reach(descriptor: Any) -> float:
    """Return how far (Angstrom) pairs have to be found for a descriptor.

    Its `cutoff`, unless its `reach` says otherwise.
    """
    return getattr(descriptor, 'reach', descriptor.cutoff)


def forces(pairs: Pairs, dE_dr_pc: np.ndarray) -> np.ndarray:
    r"""Sum pair gradients to forces.

    .. math:: \mathbf F_n = \sum_{p:\,i_p=n} \frac{\partial E}{\partial\mathbf r_p}
              - \sum_{p:\,j_p=n} \frac{\partial E}{\partial\mathbf r_p}

    Parameters
    ----------
    pairs : Pairs
        The pairs.
    dE_dr_pc : (p, 3) float array
        Pair gradients (eV/Angstrom).

    Returns
    -------
    (n, 3) float array
        Forces (eV/Angstrom); they add up to zero by construction.
    """
    n = len(pairs.numbers_n)
    forces_nc = np.empty((n, 3))
    for c in range(3):
        dE_dr_p = dE_dr_pc[:, c]
        forces_nc[:, c] = np.bincount(pairs.i_p, dE_dr_p, n)
        forces_nc[:, c] -= np.bincount(pairs.j_p, dE_dr_p, n)
    return forces_nc


def virial(pairs: Pairs, dE_dr_pc: np.ndarray) -> np.ndarray:
    r"""Sum pair gradients to the strain derivative of the energy.

    .. math:: \frac{\partial E}{\partial\varepsilon_{cd}}
              = \sum_p r_{pc} \frac{\partial E}{\partial r_{pd}}

    Parameters
    ----------
    pairs : Pairs
        The pairs.
    dE_dr_pc : (p, 3) float array
        Pair gradients (eV/Angstrom).

    Returns
    -------
    (3, 3) float array
        Strain derivative (eV), symmetric for a rotation-invariant energy. The
        stress is this over the volume.
    """
    return pairs.r_pc.T @ dE_dr_pc


def shortest_distance(atoms: Atoms) -> float:
    """Return the shortest distance (Angstrom) of any pair, images included.

    Infinite for a single atom without periodic images.
    """
    if len(atoms) == 1 and not atoms.pbc.any():
        return float('inf')
    cutoff = 3.0
    while True:
        r_p = find_pairs(atoms, cutoff).r_p
        if len(r_p):
            return float(r_p.min())
        cutoff *= 2.0
