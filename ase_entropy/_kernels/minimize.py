"""Many steps of the quench in one call."""

import numpy as np

from ase_entropy._kernels import bfgs
from ase_entropy._kernels.candidates import list_is_good
from ase_entropy._kernels.evaluate import evaluate, repel_only
from ase_entropy._kernels.jit import inner_kernel, kernel

__all__ = ['ASK', 'CONVERGED', 'DONE', 'REBUILD', 'STUCK', 'advance']

DONE, REBUILD, CONVERGED, STUCK, ASK = range(5)


@inner_kernel
def _largest(gradient_nc):
    """Return the length of the longest row, NaN if there is one."""
    largest2 = 0.0
    for i in range(len(gradient_nc)):
        length2 = 0.0
        for c in range(3):
            length2 += gradient_nc[i, c] ** 2
        if not length2 <= largest2:
            largest2 = length2
        if length2 != length2:
            return length2
    return np.sqrt(largest2)


@kernel
def advance(steps, k, fmax, point, lists, parts, base, work, forces, state):
    """Minimize V until so many steps are done, or until something has to be seen to.

    ``point`` holds the positions that are evaluated next, if the call returns to
    REBUILD the list or to ASK a base; else they are the end of the last step. They and
    the gradient, the last of ``forces``, are given twice: (n, 3), and the same numbers
    as (3 n,). Returns steps, evaluations (not counting those of a point that a call
    before this one has evaluated), and why it returned.
    """
    pos_nc, x = point
    f_rep, f_ent, gradient_nc, gradient = forces
    free_n = parts.free_n
    done, evaluations = 0, 0
    while True:
        if not list_is_good(pos_nc, lists, k != 0.0):
            return done, evaluations, REBUILD
        if base is not None:
            if not base.known[0]:
                return done, evaluations, ASK
        if k != 0.0:
            e_rep, entropy, _ = evaluate(pos_nc, lists, parts, work, f_rep, f_ent)
            energy = e_rep - k * entropy
            for i in range(len(pos_nc)):
                for c in range(3):
                    gradient_nc[i, c] = free_n[i] * (k * f_ent[i, c] - f_rep[i, c])
        else:
            energy, _ = repel_only(pos_nc, lists, parts, f_rep, work)
            for i in range(len(pos_nc)):
                for c in range(3):
                    gradient_nc[i, c] = -free_n[i] * f_rep[i, c]
        if base is not None:
            base.known[0] = False
            energy += base.energy[0]
            for i in range(len(pos_nc)):
                for c in range(3):
                    gradient_nc[i, c] -= free_n[i] * base.forces_nc[i, c]
        evaluations += not bfgs.is_known(state)
        if bfgs.is_searching(state):
            verdict = bfgs.judge(x, energy, gradient, state)
            if verdict == bfgs.STUCK:
                return done, evaluations, STUCK
            if verdict != bfgs.ACCEPTED:
                continue
            done += 1
        if _largest(gradient_nc) < fmax:
            return done, evaluations, CONVERGED
        if done == steps:
            return done, evaluations, DONE
        bfgs.turn(x, energy, gradient, state)
