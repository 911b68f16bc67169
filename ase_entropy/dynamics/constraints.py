"""Constraints under which V can be minimized."""

from typing import Any

import numpy as np
from ase import Atoms
from ase.constraints import FixBondLengths
from ase.constraints.constraint import IndexedConstraint
from ase.geometry import minkowski_reduce

__all__ = ['check_constraints']

EXPECTED = (
    'FixAtoms, FixCartesian, FixedPlane, FixedLine, FixedMode, FixCom, Hookean, '
    'ExternalForce, or bonds of free atoms shorter than half a period'
)


def check_constraints(atoms: Atoms) -> None:
    """Raise ValueError if a quench does not end in a minimum under some constraint.

    A constraint works if it moves atoms as little as a step does, and if its forces
    are the slopes of the energy along what it leaves free. Of those in ASE, some do not
    everywhere: bonds longer than half a period jump from one image to another, and the
    quench goes on without end.

    Raises
    ------
    ValueError
        A constraint of that kind, named with the reason.

    Examples
    --------
    >>> from ase.constraints import FixBondLength
    >>> atoms = Atoms('W2', [(0, 0, 0), (3.5, 0, 0)], cell=(9, 9, 6), pbc=True)
    >>> atoms.set_constraint(FixBondLength(0, 1))
    >>> check_constraints(atoms)
    Traceback (most recent call last):
    ...
    ValueError: constraint FixBondLengths: the bond of atoms 0 and 1, 3.5 Angstrom, is
    longer than half a period, 3; expected FixAtoms, FixCartesian, FixedPlane,
    FixedLine, FixedMode, FixCom, Hookean, ExternalForce, or bonds of free atoms shorter
    than half a period
    """
    for constraint in atoms.constraints:
        name = type(constraint).__name__
        reason = _reason(name, constraint, atoms)
        if reason:
            raise ValueError(f'constraint {name}: {reason}; expected {EXPECTED}')


def _reason(name: str, constraint: Any, atoms: Atoms) -> str | None:
    """Return why V has no minimum under a constraint, or None."""
    if name in ('MirrorForce', 'MirrorTorque'):
        return 'its forces are not the slopes of an energy'
    if name == 'FixInternals' and atoms.pbc.any():
        return 'it leaves out rotations, which are none of a periodic cell'
    if name == 'FixLinearTriatomic' and atoms.pbc.any():
        return 'it wraps atoms into a periodic cell'
    if name == 'FixScaled' and not constraint.mask.all():
        if not np.allclose(atoms.cell.angles(), 90.0):
            return 'its forces are right in a rectangular cell only'
    if isinstance(constraint, FixBondLengths):
        return _reason_of_bonds(constraint, atoms)
    return None


def _reason_of_bonds(constraint: FixBondLengths, atoms: Atoms) -> str | None:
    lengths = constraint.bondlengths
    if lengths is None:
        lengths = constraint.initialize_bond_lengths(atoms)
    cell, _ = minkowski_reduce(atoms.cell, atoms.pbc)
    half = 0.5 * np.linalg.norm(cell[atoms.pbc], axis=1).min(initial=np.inf)
    for (i, j), length in zip(constraint.pairs, lengths, strict=True):
        if not length < half:
            return (
                f'the bond of atoms {i} and {j}, {length:.3g} Angstrom, is longer '
                f'than half a period, {half:.3g}'
            )
    for other in atoms.constraints:  # ASE sees to one after the other
        if isinstance(other, (IndexedConstraint, FixBondLengths)):
            shared = np.intersect1d(constraint.get_indices(), other.get_indices())
            if other is not constraint and len(shared):
                return f'atom {shared[0]} is held by {type(other).__name__}, too'
    return None
