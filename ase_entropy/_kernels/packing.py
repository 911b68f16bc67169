"""Pairs of the descriptor into lanes (see ``lanes.py``), at given positions."""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.lanes import LANES, PAIR, count_octets

__all__ = ['most_rows', 'pack_atoms', 'pack_pairs', 'sort_atoms']

IN_ORDER = 512  # atoms (full octets) with candidates that fit into the second cache


def most_rows(count_n: np.ndarray) -> int:
    """Return the rows that atoms take with so many pairs each, or fewer."""
    rows = 0
    for part in np.split(count_n, range(IN_ORDER, len(count_n), IN_ORDER)):
        octets = np.arange(0, len(part), LANES)
        rows += int(np.maximum.reduceat(np.sort(part), octets).sum())
    return rows


@inner_kernel
def sort_atoms(count_n, some, begin, order_n):
    """Order some atoms by their number of pairs; equal ones keep their order.

    ``begin`` is room to count in, longer than the largest number by two.
    """
    first, last = some
    largest = 0
    for i in range(first, last):
        largest = max(largest, count_n[i])
    for count in range(largest + 2):
        begin[count] = 0
    begin[0] = first
    for i in range(first, last):
        begin[count_n[i] + 1] += 1
    for count in range(1, largest + 2):
        begin[count] += begin[count - 1]
    for i in range(first, last):
        order_n[begin[count_n[i]]] = i
        begin[count_n[i]] += 1


@inner_kernel
def pack_atoms(kind_n, order_n, own_kd, self_v):
    """Put the atoms themselves into the densities that they have part in."""
    densities = own_kd.shape[1]
    for v in range(len(self_v)):
        self_v[v] = 0.0
    for n in range(len(order_n)):
        first = n // LANES * densities * LANES + n % LANES
        for d in range(densities):
            self_v[first + d * LANES] = own_kd[kind_n[order_n[n]], d]


@inner_kernel
def pack_pairs(pos_nc, lists, place, xyzr, octet, j_s):
    """Put the pairs of some atoms into lanes, from a row on; return where they end.

    Lanes take the atoms in order of their number of pairs, so that the atoms of an
    octet have about as many, and few places are left over. Neighbors of each density
    stand in octets of their own, behind each other. ``place`` is (first atom and where
    they end, row, cutoffs and weights, kinds, pairs of each atom, atoms in order, room
    for a number of each lane); kinds are (kind of each atom, density of each kind,
    densities).
    """
    some, base, seen, kinds, count_n, order_n, row_l = place
    cutoff_kk, largest, weight_k = seen
    kind_n, density_k, densities = kinds
    first_n, j_p, shift_pc, near_p = lists[0], lists[1], lists[2], lists[7]
    first, atoms = some
    for host in range(first // LANES * densities, count_octets(atoms) * densities):
        o, density = host // densities, host % densities
        last = base
        for lane in range(LANES):
            row = base
            if o * LANES + lane < atoms:
                i = order_n[o * LANES + lane]
                for near in range(first_n[i], first_n[i] + count_n[i]):
                    p = near_p[near]
                    j = j_p[p]
                    if density_k[kind_n[j]] != density:
                        continue
                    x = pos_nc[j, 0] + shift_pc[p, 0] - pos_nc[i, 0]
                    y = pos_nc[j, 1] + shift_pc[p, 1] - pos_nc[i, 1]
                    z = pos_nc[j, 2] + shift_pc[p, 2] - pos_nc[i, 2]
                    at = row * PAIR + lane
                    xyzr[at], xyzr[at + LANES], xyzr[at + 2 * LANES] = x, y, z
                    xyzr[at + 3 * LANES] = np.sqrt(x * x + y * y + z * z)
                    xyzr[at + 4 * LANES] = cutoff_kk[kind_n[i], kind_n[j]]
                    xyzr[at + 5 * LANES] = weight_k[kind_n[j]]
                    j_s[row * LANES + lane] = j
                    row += 1
            row_l[lane] = row
            last = max(last, row)
        for lane in range(LANES):
            for empty in range(row_l[lane], last):
                at = empty * PAIR + lane
                xyzr[at], xyzr[at + LANES] = largest, 0.0
                xyzr[at + 2 * LANES], xyzr[at + 3 * LANES] = 0.0, largest
                xyzr[at + 4 * LANES], xyzr[at + 5 * LANES] = largest, 0.0
                j_s[empty * LANES + lane] = -1
        for row in range(base, last):
            octet[row] = host
        base = last
    return base
