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

Places left over hold a pair at its cutoff, of weight 0. Rows are filled up to
whole blocks; the rows added belong to an octet behind the last one, which nobody reads.
"""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel, kernel

__all__ = ['BLOCK_ROWS', 'LANES', 'PAIR', 'clear', 'count_octets', 'pack']

LANES = 8
PAIR = 6 * LANES  # numbers in a row of xyzr
BLOCK_ROWS = 8


@kernel
def count_octets(atoms):
    """Return the number of octets that hold so many atoms."""
    return (atoms + LANES - 1) // LANES


@inner_kernel
def clear(xyzr, first, last, cutoff):
    """Fill rows with pairs at the cutoff."""
    for row in range(first, last):
        at = row * PAIR
        for n in range(LANES):
            xyzr[at + n], xyzr[at + LANES + n] = cutoff, 0.0
            xyzr[at + 2 * LANES + n], xyzr[at + 3 * LANES + n] = 0.0, cutoff
            xyzr[at + 4 * LANES + n], xyzr[at + 5 * LANES + n] = cutoff, 0.0


@kernel
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
    rows = (first_row[octets] + BLOCK_ROWS - 1) // BLOCK_ROWS * BLOCK_ROWS
    octet, xyzr = np.empty(rows, np.int64), np.empty(rows * PAIR)
    for o in range(octets):
        for row in range(first_row[o], first_row[o + 1]):
            octet[row] = o
    for row in range(first_row[octets], rows):
        octet[row] = octets
    clear(xyzr, first_row[0], rows, 1.0)
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
