"""Directed pairs in lanes: the layout that the bispectrum kernels work on.

Eight atoms (an octet) lie side by side, their neighbors one below the other: lane n of
every row of an octet belongs to its n-th atom. Neither the sum over the neighbors of an
atom nor its adjoint then needs a gather or a scatter. All arrays are flat, so that the
compiler sees constant strides:

=========  ============================  ============================================
array      as if of shape                content
=========  ============================  ============================================
xyzr       (rows, 6, 8)                  pair vectors, distances, cutoffs, weights
octet      (rows,)                       the octet that owns a row
density    (octets + 1, elements, 2, 8)  sum of fc U, real and imaginary parts
gradient   (rows, 3, 8)                  dE/d(pair vector)
=========  ============================  ============================================

Places left over hold a pair at its cutoff, of weight 0.
"""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel, kernel
from ase_entropy._kernels.octets import LANES, repeat, store

__all__ = ['LANES', 'PAIR', 'aligned', 'count_octets', 'pack']

PAIR = 6 * LANES  # numbers in a row of xyzr


def aligned(size: int) -> np.ndarray:
    """Return an array of zeros whose octets lie within lines of the cache."""
    array = np.zeros(size + LANES)
    skip = -(array.ctypes.data // 8) % LANES
    return array[skip : skip + size]


@kernel
def count_octets(atoms):
    """Return the number of octets that hold so many atoms."""
    return (atoms + LANES - 1) // LANES


@inner_kernel
def _clear(xyzr, rows):
    """Fill rows with pairs at a cutoff of 1, of weight 0."""
    for at in range(0, rows * PAIR, PAIR):
        for place, number in enumerate((1.0, 0.0, 0.0, 1.0, 1.0, 0.0)):
            store(xyzr, at + place * LANES, repeat(number))


@kernel(counts=True)
def pack(i_p, r_p, r_pc, cutoff_p, weight_p, atoms):
    """Sort pairs into lanes; return xyzr, octet, and the row and lane of each pair."""
    octets, pairs = count_octets(atoms), len(i_p)
    count_n = np.zeros(octets * LANES, np.int64)
    for p in range(pairs):
        count_n[i_p[p]] += 1
    first_row = np.zeros(octets + 1, np.int64)
    for o in range(octets):
        longest = count_n[o * LANES]
        for n in range(o * LANES, (o + 1) * LANES):
            longest = max(longest, count_n[n])
            count_n[n] = 0
        first_row[o + 1] = first_row[o] + longest
    rows = first_row[octets]
    octet, xyzr = np.empty(rows, np.int64), np.empty(rows * PAIR)
    for o in range(octets):
        for row in range(first_row[o], first_row[o + 1]):
            octet[row] = o
    _clear(xyzr, rows)
    row_p, lane_p = np.empty(pairs, np.int64), np.empty(pairs, np.int64)
    for p in range(pairs):
        i = i_p[p]
        row, lane = first_row[i // LANES] + count_n[i], i % LANES
        count_n[i] += 1
        at = row * PAIR + lane
        for c in range(3):
            xyzr[at + c * LANES] = r_pc[p, c]
        xyzr[at + 3 * LANES] = r_p[p]
        xyzr[at + 4 * LANES] = cutoff_p[p]
        xyzr[at + 5 * LANES] = weight_p[p]
        row_p[p], lane_p[p] = row, lane
    return xyzr, octet, row_p, lane_p
