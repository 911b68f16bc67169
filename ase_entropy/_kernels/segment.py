"""Many steps of the anneal in one call: forces, thermostat and ramps, without Python.

Force arrays are (n, 3). ``state`` says what is known of the present positions, so that
a call goes on where the last one ended: whether the forces of repulsion and of entropy
are up to date, and whether a step still lacks its forces and its second kick.
"""

import numpy as np
from numba import njit

from ase_entropy._kernels.bispectrum import backward, forward
from ase_entropy._kernels.lanes import BLOCK_ROWS, LANES, clear, count_octets
from ase_entropy._kernels.nearest import nearest_neighbor_entropy

__all__ = ['BLOWN_UP', 'DONE', 'REBUILD', 'advance']

DONE, REBUILD, BLOWN_UP = range(3)

REPULSION_KNOWN, ENTROPY_KNOWN, HALF_A_STEP = range(3)  # places in `state`


@njit(cache=True, error_model='numpy')
def _slope(r2, repulsion):
    """Return du/dr over r of a bond, which counts twice."""
    scale, r0, n_power, m_power, cutoff = repulsion
    if r2 >= cutoff * cutoff:
        return 0.0
    ratio = r0 / np.sqrt(r2)
    return 2.0 * scale * (ratio**m_power - ratio**n_power) / r2


@njit(cache=True, error_model='numpy')
def _repel(pos_nc, neighbors, parts, f_rep, count_n):
    """Sum the repulsion over the candidates, and count the pairs of the descriptor."""
    first_n, j_p, shift_pc = neighbors
    repulsion, cutoff = parts[0], parts[1][0][0][0]
    for i in range(len(pos_nc)):
        f_x, f_y, f_z, count = 0.0, 0.0, 0.0, 0
        for p in range(first_n[i], first_n[i + 1]):
            x = pos_nc[j_p[p], 0] + shift_pc[p, 0] - pos_nc[i, 0]
            y = pos_nc[j_p[p], 1] + shift_pc[p, 1] - pos_nc[i, 1]
            z = pos_nc[j_p[p], 2] + shift_pc[p, 2] - pos_nc[i, 2]
            r2 = x * x + y * y + z * z
            count += r2 < cutoff * cutoff
            slope = _slope(r2, repulsion)
            f_x += slope * x
            f_y += slope * y
            f_z += slope * z
        f_rep[i, 0], f_rep[i, 1], f_rep[i, 2] = f_x, f_y, f_z
        count_n[i] = count


@njit(cache=True, error_model='numpy')
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


@njit(cache=True, error_model='numpy')
def _pack(pos_nc, neighbors, cutoff, count_n, order_n, xyzr, octet, j_s):
    """Put the pairs of the descriptor into lanes; return the number of rows.

    Lanes take the atoms in order of their number of pairs, so that the atoms of an
    octet have about as many, and few places are left over.
    """
    first_n, j_p, shift_pc = neighbors
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
                    if r2 < cutoff * cutoff:
                        at = row * 4 * LANES + lane
                        xyzr[at], xyzr[at + LANES] = x, y
                        xyzr[at + 2 * LANES] = z
                        xyzr[at + 3 * LANES] = np.sqrt(r2)
                        j_s[row * LANES + lane] = j
                        row += 1
            for empty in range(row, base + longest):
                at = empty * 4 * LANES + lane
                xyzr[at], xyzr[at + LANES] = cutoff, 0.0
                xyzr[at + 2 * LANES], xyzr[at + 3 * LANES] = 0.0, cutoff
                j_s[empty * LANES + lane] = -1
        octet[base : base + longest] = o
        base += longest
    rows = (base + BLOCK_ROWS - 1) // BLOCK_ROWS * BLOCK_ROWS
    clear(xyzr, base, rows, cutoff)
    octet[base:rows] = octets
    j_s[base * LANES : rows * LANES] = -1
    return rows


@njit(cache=True, error_model='numpy')
def _evaluate(pos_nc, neighbors, parts, lanes, work, f_rep, f_ent):
    """Compute the repulsion, and the forces that the entropy has as an energy."""
    (tables, self_n), softening = parts[1], parts[2]
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
    cutoff = tables[0][0]
    _repel(pos_nc, neighbors, parts, f_rep, count_n)
    _sort(count_n, begin, order_n)
    rows = _pack(pos_nc, neighbors, cutoff, count_n, order_n, xyzr, octet, j_s)
    forward(xyzr, octet, rows, lanes, self_n, tables, work[1], density, q_kn)
    nearest_neighbor_entropy(q_kn, atoms, softening, work[2], dS_dq_kn)
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


@njit(cache=True, error_model='numpy')
def _moved_too_far(pos_nc, list_pos_nc, skin):
    """Say whether a pair may have come closer than the list knows."""
    for i in range(len(pos_nc)):
        d2 = 0.0
        for c in range(3):
            d2 += (pos_nc[i, c] - list_pos_nc[i, c]) ** 2
        if d2 > 0.25 * skin * skin:
            return True
    return False


@njit(cache=True, error_model='numpy')
def advance(
    steps, bath, dt, rng, atoms, neighbors, skin, parts, lanes, work, forces, state
):
    """Advance by BAOAB until done, or until something has to be seen to.

    Parameters are plain arrays and tuples of them: `bath` holds temperature (as k_B T),
    K and the decay of momenta for each step; `atoms` positions, momenta, masses, the
    positions of the neighbor list, and the longest move allowed; `parts` the numbers of
    repulsion, descriptor and estimator.

    Returns the number of steps completed, why it returned, and the longest move.
    """
    kT_s, k_s, decay_s = bath
    pos_nc, mom_nc, masses_n, list_pos_nc, longest_move = atoms
    f_rep, f_ent, move_nc = forces
    for step in range(steps):
        k, decay = k_s[step], decay_s[step]
        if not state[HALF_A_STEP]:
            if k != 0.0 and not state[ENTROPY_KNOWN]:
                _evaluate(pos_nc, neighbors, parts, lanes, work, f_rep, f_ent)
                state[REPULSION_KNOWN], state[ENTROPY_KNOWN] = True, True
            elif not state[REPULSION_KNOWN]:
                _repel(pos_nc, neighbors, parts, f_rep, work[0][0])
                state[REPULSION_KNOWN] = True
            longest = 0.0
            for i in range(len(pos_nc)):
                mass = masses_n[i]
                thermal = np.sqrt((1.0 - decay**2) * mass * kT_s[step])
                for c in range(3):
                    force = f_rep[i, c]
                    if k != 0.0:
                        force -= k * f_ent[i, c]
                    p = mom_nc[i, c] + 0.5 * dt * force  # B
                    move = 0.5 * dt * p / mass  # A
                    p = decay * p + thermal * rng.standard_normal()  # O
                    move += 0.5 * dt * p / mass  # A
                    mom_nc[i, c], move_nc[i, c] = p, move
                    if not abs(move) <= longest:
                        longest = abs(move)
            if not longest < longest_move:
                return step, BLOWN_UP, longest
            pos_nc += move_nc
            state[REPULSION_KNOWN], state[ENTROPY_KNOWN] = False, False
            state[HALF_A_STEP] = True
            if _moved_too_far(pos_nc, list_pos_nc, skin):
                return step, REBUILD, longest
        if k != 0.0:
            _evaluate(pos_nc, neighbors, parts, lanes, work, f_rep, f_ent)
        else:
            _repel(pos_nc, neighbors, parts, f_rep, work[0][0])
        state[REPULSION_KNOWN], state[ENTROPY_KNOWN] = True, k != 0.0
        for i in range(len(pos_nc)):  # B
            for c in range(3):
                force = f_rep[i, c]
                if k != 0.0:
                    force -= k * f_ent[i, c]
                mom_nc[i, c] += 0.5 * dt * force
        state[HALF_A_STEP] = False
    return steps, DONE, 0.0
