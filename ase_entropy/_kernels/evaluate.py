"""V and its forces at given positions.

``lists`` are those of :mod:`ase_entropy._kernels.candidates`, up to date. ``parts``
holds the numbers of repulsion, descriptor, estimator and wall, the kind of each atom,
and 1 or 0 for atoms that are free or fixed. Pairs have numbers for each two kinds, in
arrays (kinds, kinds). Force arrays are (n, 3), of all atoms; those of the entropy are
of S as an energy.
"""

import numpy as np

from ase_entropy._kernels.bispectrum import backward, forward
from ase_entropy._kernels.jit import kernel
from ase_entropy._kernels.lanes import (
    LANES,
    PAIR,
    count_octets,
)
from ase_entropy._kernels.neighbor_entropy import neighbor_entropy

__all__ = ['evaluate', 'repel']


@kernel
def _bond(r2, repulsion, a, b):
    """Return u of one direction of a bond, and du/dr over r of both."""
    scale_kk, r0_kk, n_power, m_power, cutoff_kk, at_cutoff_kk = repulsion
    scale, r0 = scale_kk[a, b], r0_kk[a, b]
    cutoff, at_cutoff = cutoff_kk[a, b], at_cutoff_kk[a, b]
    if r2 >= cutoff * cutoff:
        return 0.0, 0.0
    ratio = r0 / np.sqrt(r2)
    steep, soft = ratio**n_power, ratio**m_power
    energy = scale * (steep / n_power - soft / m_power) - at_cutoff
    return energy, 2.0 * scale * (soft - steep) / r2


@kernel
def _confine(pos_nc, wall, f_rep):
    """Add the forces of the wall, and return its energy."""
    center_c, projector_cc, radius, width, epsilon = wall
    energy = 0.0
    for i in range(len(pos_nc)):
        u2 = 0.0
        for c in range(3):
            u = 0.0
            for d in range(3):
                u += projector_cc[c, d] * (pos_nc[i, d] - center_c[d])
            u2 += u * u
        if u2 <= radius * radius:
            continue
        distance = np.sqrt(u2)
        depth = (distance - radius) / width
        energy += epsilon * depth**3
        slope = 3.0 * epsilon * depth**2 / (width * distance)
        for c in range(3):
            for d in range(3):
                u = projector_cc[c, d] * (pos_nc[i, d] - center_c[d])
                f_rep[i, c] -= slope * u
    return energy


@kernel
def repel(pos_nc, lists, parts, f_rep, count_n):
    """Sum the repulsion over the candidates, and count the pairs of the descriptor.

    The wall is part of the repulsion. Returns E_rep and the square of the shortest
    distance.
    """
    first_n, j_p, shift_pc = lists[0], lists[1], lists[2]
    repulsion, cutoff_kk, wall, kind_n = parts[0], parts[1][2], parts[3], parts[4]
    energy, shortest2 = 0.0, np.inf
    for i in range(len(pos_nc)):
        f_x, f_y, f_z, count, a = 0.0, 0.0, 0.0, 0, kind_n[i]
        for p in range(first_n[i], first_n[i + 1]):
            x = pos_nc[j_p[p], 0] + shift_pc[p, 0] - pos_nc[i, 0]
            y = pos_nc[j_p[p], 1] + shift_pc[p, 1] - pos_nc[i, 1]
            z = pos_nc[j_p[p], 2] + shift_pc[p, 2] - pos_nc[i, 2]
            r2 = x * x + y * y + z * z
            b = kind_n[j_p[p]]
            count += r2 < cutoff_kk[a, b] * cutoff_kk[a, b]
            shortest2 = min(shortest2, r2)
            u, slope = _bond(r2, repulsion, a, b)
            energy += u
            f_x += slope * x
            f_y += slope * y
            f_z += slope * z
        f_rep[i, 0], f_rep[i, 1], f_rep[i, 2] = f_x, f_y, f_z
        count_n[i] = count
    if wall[2] < np.inf:
        energy += _confine(pos_nc, wall, f_rep)
    return energy, shortest2


@kernel
def _sort(count_n, begin, order_n):
    """Order the atoms by their number of pairs; equal ones keep their order.

    ``begin`` is room to count in, longer than the largest number by two.
    """
    begin[:] = 0
    for i in range(len(count_n)):
        begin[count_n[i] + 1] += 1
    for count in range(1, len(begin)):
        begin[count] += begin[count - 1]
    for i in range(len(count_n)):
        order_n[begin[count_n[i]]] = i
        begin[count_n[i]] += 1


@kernel
def _pack(pos_nc, lists, seen, kind_n, count_n, order_n, xyzr, octet, j_s):
    """Put the pairs of the descriptor into lanes; return the number of rows.

    Lanes take the atoms in order of their number of pairs, so that the atoms of an
    octet have about as many, and few places are left over. ``seen`` is the cutoff of
    each two kinds, the largest, and the weight of each kind.
    """
    cutoff_kk, largest, weight_k = seen
    first_n, j_p, shift_pc = lists[0], lists[1], lists[2]
    atoms = len(pos_nc)
    octets = count_octets(atoms)
    base = 0
    for o in range(octets):
        last = min((o + 1) * LANES, atoms) - 1
        longest = count_n[order_n[last]]
        for lane in range(LANES):
            row = base
            if o * LANES + lane < atoms:
                i = order_n[o * LANES + lane]
                for p in range(first_n[i], first_n[i + 1]):
                    j = j_p[p]
                    x = pos_nc[j, 0] + shift_pc[p, 0] - pos_nc[i, 0]
                    y = pos_nc[j, 1] + shift_pc[p, 1] - pos_nc[i, 1]
                    z = pos_nc[j, 2] + shift_pc[p, 2] - pos_nc[i, 2]
                    r2 = x * x + y * y + z * z
                    cutoff = cutoff_kk[kind_n[i], kind_n[j]]
                    if r2 < cutoff * cutoff:
                        at = row * PAIR + lane
                        xyzr[at], xyzr[at + LANES] = x, y
                        xyzr[at + 2 * LANES] = z
                        xyzr[at + 3 * LANES] = np.sqrt(r2)
                        xyzr[at + 4 * LANES] = cutoff
                        xyzr[at + 5 * LANES] = weight_k[kind_n[j]]
                        j_s[row * LANES + lane] = j
                        row += 1
            for empty in range(row, base + longest):
                at = empty * PAIR + lane
                xyzr[at], xyzr[at + LANES] = largest, 0.0
                xyzr[at + 2 * LANES], xyzr[at + 3 * LANES] = 0.0, largest
                xyzr[at + 4 * LANES], xyzr[at + 5 * LANES] = largest, 0.0
                j_s[empty * LANES + lane] = -1
        octet[base : base + longest] = o
        base += longest
    return base


@kernel
def evaluate(pos_nc, lists, parts, lanes, work, f_rep, f_ent):
    """Compute the forces; return E_rep, S, and the square of the shortest distance."""
    tables, self_n = parts[1][0], parts[1][1]
    seen, estimator, kind_n = parts[1][2:], parts[2], parts[4]
    (
        count_n,
        begin,
        order_n,
        xyzr,
        octet,
        j_s,
        density,
        density_bar,
        gradient,
        q_kn,
        dS_dq_kn,
    ) = work[0]
    atoms = len(pos_nc)
    e_rep, shortest2 = repel(pos_nc, lists, parts, f_rep, count_n)
    _sort(count_n, begin, order_n)
    rows = _pack(pos_nc, lists, seen, kind_n, count_n, order_n, xyzr, octet, j_s)
    forward(xyzr, octet, rows, lanes, self_n, tables, work[1], density, q_kn)
    entropy = neighbor_entropy(q_kn, atoms, estimator, work[2], dS_dq_kn)
    backward(
        xyzr,
        octet,
        rows,
        lanes,
        dS_dq_kn,
        tables,
        work[1],
        density,
        density_bar,
        gradient,
    )
    f_ent[:] = 0.0
    for row in range(rows):
        for lane in range(LANES):
            j = j_s[row * LANES + lane]
            if j >= 0:
                i = order_n[octet[row] * LANES + lane]
                for c in range(3):
                    g = gradient[(row * 3 + c) * LANES + lane]
                    f_ent[i, c] += g
                    f_ent[j, c] -= g
    return e_rep, entropy, shortest2
