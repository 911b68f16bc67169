"""The terms of V: value, forces and virial of each."""

from typing import Any, NamedTuple

import numpy as np
from ase import Atoms

from ase_entropy.pairs import Pairs, forces, virial
from ase_entropy.repulsion.confinement import Confinement

__all__ = ['Term', 'repulsion_term']


class Term(NamedTuple):
    """E_base, E_rep (eV) or S (nats): value, -d/dr (n, 3) and d/d strain (3, 3)."""

    value: float
    minus_slope_nc: np.ndarray
    virial_cc: np.ndarray

    def plus(self, other: tuple, factor: float = 1.0) -> 'Term':
        """Return the sum with another term, times a factor."""
        return Term(*(x + factor * y for x, y in zip(self, other, strict=True)))


def repulsion_term(
    repulsion: Any, wall: Confinement | None, atoms: Atoms, pairs: Pairs
) -> Term:
    """Return E_rep, that of a wall included."""
    if hasattr(repulsion, 'evaluate_pairs'):  # knows the elements
        u_p, du_dr_p = repulsion.evaluate_pairs(pairs)
    else:
        u_p, du_dr_p = repulsion.evaluate(pairs.r_p)
    dE_dr_pc = (du_dr_p / pairs.r_p)[:, None] * pairs.r_pc
    sums = forces(pairs, dE_dr_pc), virial(pairs, dE_dr_pc)
    term = Term(float(u_p.sum()), *sums)
    return term if wall is None else term.plus(wall.evaluate(atoms.positions))
