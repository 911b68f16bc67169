"""Many steps of the anneal in one call: forces, thermostat and ramps, without Python.

``state`` says what is known of the present positions, so that a call goes on where the
last one ended: whether the forces of repulsion and of entropy are up to date, and
whether a step still lacks its forces and its second kick. A base is evaluated by
Python: where its forces are not known, a call returns to ASK for them.
"""

import numpy as np

from ase_entropy._kernels.candidates import list_is_good
from ase_entropy._kernels.evaluate import evaluate, repel_only
from ase_entropy._kernels.jit import inner_kernel, kernel

__all__ = ['ASK', 'DONE', 'REBUILD', 'TOO_CLOSE', 'TOO_FAR', 'TOO_HOT', 'advance']

DONE, REBUILD, TOO_FAR, TOO_HOT, TOO_CLOSE, ASK = range(6)

REPULSION_KNOWN, ENTROPY_KNOWN, HALF_A_STEP = range(3)  # places in `state`


@inner_kernel
def _advance(
    steps, bath, dt, rng, atoms, guard, lists, parts, base, work, forces, state
):
    """Take the steps of :func:`advance`."""
    kT_s, k_s, decay_s = bath
    pos_nc, mom_nc, masses_n = atoms
    longest_move, most_kinetic, floor2 = guard
    f_rep, f_ent, move_nc = forces
    free_n = parts.free_n
    for step in range(steps):
        k, decay = k_s[step], decay_s[step]
        if not state[HALF_A_STEP]:
            if base is not None:
                if not base.known[0]:
                    return step, ASK, 0.0
            entropy_known = k == 0.0 or state[ENTROPY_KNOWN]
            if not (entropy_known and state[REPULSION_KNOWN]) and not list_is_good(
                pos_nc, lists, k != 0.0
            ):
                return step, REBUILD, 0.0
            if not entropy_known:
                evaluate(pos_nc, lists, parts, work, f_rep, f_ent)
                state[REPULSION_KNOWN], state[ENTROPY_KNOWN] = True, True
            elif not state[REPULSION_KNOWN]:
                repel_only(pos_nc, lists, parts, f_rep, work)
                state[REPULSION_KNOWN] = True
            longest = 0.0
            for i in range(len(pos_nc)):
                mass = masses_n[i]
                thermal = np.sqrt((1.0 - decay**2) * mass * kT_s[step])
                for c in range(3):
                    force = f_rep[i, c]
                    if base is not None:
                        force += base.forces_nc[i, c]
                    if k != 0.0:
                        force -= k * f_ent[i, c]
                    force *= free_n[i]
                    p = mom_nc[i, c] + 0.5 * dt * force  # B
                    move = 0.5 * dt * p / mass  # A
                    p = decay * p + thermal * rng.standard_normal()  # O
                    move += 0.5 * dt * p / mass  # A
                    mom_nc[i, c], move_nc[i, c] = free_n[i] * p, free_n[i] * move
                    if not abs(move) <= longest and longest == longest:
                        longest = abs(move)  # and NaN for good
            if not longest < longest_move:
                return step, TOO_FAR, longest
            for i in range(len(pos_nc)):
                for c in range(3):
                    pos_nc[i, c] += move_nc[i, c]
            state[REPULSION_KNOWN], state[ENTROPY_KNOWN] = False, False
            state[HALF_A_STEP] = True
            if base is not None:
                base.known[0] = False
            if not list_is_good(pos_nc, lists, k != 0.0):
                return step, REBUILD, 0.0
        if base is not None:
            if not base.known[0]:
                return step, ASK, 0.0
        if k != 0.0:
            _, _, shortest2 = evaluate(pos_nc, lists, parts, work, f_rep, f_ent)
        else:
            _, shortest2 = repel_only(pos_nc, lists, parts, f_rep, work)
        if shortest2 < floor2:
            return step, TOO_CLOSE, np.sqrt(shortest2)
        state[REPULSION_KNOWN], state[ENTROPY_KNOWN] = True, k != 0.0
        kinetic = 0.0
        for i in range(len(pos_nc)):  # B
            for c in range(3):
                force = f_rep[i, c]
                if base is not None:
                    force += base.forces_nc[i, c]
                if k != 0.0:
                    force -= k * f_ent[i, c]
                mom_nc[i, c] += free_n[i] * 0.5 * dt * force
                kinetic += 0.5 * mom_nc[i, c] ** 2 / masses_n[i]
        state[HALF_A_STEP] = False
        if not kinetic <= most_kinetic:
            return step, TOO_HOT, kinetic
    return steps, DONE, 0.0


@kernel(counts=True)
def advance(
    steps, bath, dt, rng, atoms, guard, lists, parts, base, work, forces, state
):
    """Advance by BAOAB until done, or until something has to be seen to.

    Parameters are plain arrays and tuples of them: `bath` holds temperature (as k_B T),
    K and the decay of momenta for each step; `atoms` positions, momenta and masses;
    `guard` the longest move of an atom in a step, the most kinetic energy, and the
    square of the shortest distance that are physical; `base` is None, or BaseNumbers.

    Returns the number of steps completed, why it returned, and the value that is wrong.
    """
    return _advance(
        steps, bath, dt, rng, atoms, guard, lists, parts, base, work, forces, state
    )
