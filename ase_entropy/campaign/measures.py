"""Quantities of a configuration that its row stores."""

from functools import cache
from importlib import metadata

import numpy as np
from ase import Atoms

from ase_entropy.entropy import NearestNeighborEntropy
from ase_entropy.pairs import reach

__all__ = [
    'check_isolated',
    'effective_results',
    'isolated_atoms',
    'largest_force',
    'measure',
    'version',
]


def measure(atoms: Atoms, max_force: float, min_distance: float) -> dict:
    """Return the key-value pairs that follow from the atoms, and the version.

    `entropy` is that of the paper's estimator on the descriptors as they are, whatever
    estimator the calculator has; `entropy_model` is that of the calculator. `start`
    says what a walker started from, where starts differ.

    Parameters
    ----------
    atoms : Atoms
        Atoms with an EntropyCalculator, whose forces were asked for last.
    max_force, min_distance : float
        Largest force (eV/Angstrom) and shortest distance (Angstrom), as found then.
    """
    calc = atoms.calc
    energy = calc.results['energy']  # to ask the atoms is to compare them all again
    start = atoms.info.get('start')
    return ({'start': start} if isinstance(start, str) else {}) | {
        'effective_energy': float(energy),
        'max_force': max_force,
        'entropy': NearestNeighborEntropy().evaluate(calc.q_nk)[0],
        'entropy_model': calc.entropy,
        'e_rep': calc.e_rep,
        'k_entropy': calc.k_entropy,
        'k_per_atom': calc.k_entropy / len(atoms),
        'min_distance': min_distance,
        'final_temperature_k': _temperature(atoms),
        'version': version(),
    }


def effective_results(atoms: Atoms) -> dict:
    """Return forces and, in a cell with a volume, the stress of V, as a row has them.

    Forces are those before constraints, of atoms whose forces were asked for last.
    """
    results = atoms.calc.results
    return {
        f'effective_{name}': results[name].copy()
        for name in ('forces', 'stress')
        if name in results
    }


def check_isolated(isolated: str) -> str:
    """Return whether isolated atoms are refused, 'refuse' or 'allow'.

    Raises
    ------
    ValueError
        Something else.
    """
    if isolated not in ('refuse', 'allow'):
        raise ValueError(f"isolated={isolated!r}: expected 'refuse' or 'allow'")
    return isolated


def isolated_atoms(atoms: Atoms) -> np.ndarray:
    """Return the numbers of atoms without a neighbor that the descriptor sees."""
    calc = atoms.calc
    atoms.get_potential_energy()
    pairs, descriptor = calc.pairs, calc.descriptor
    if hasattr(descriptor, 'cutoffs'):
        seen_p = pairs.r_p < descriptor.cutoffs(pairs)
    else:
        seen_p = pairs.r_p < reach(descriptor)
    neighbors_n = np.bincount(pairs.i_p[seen_p], minlength=len(atoms))
    return np.flatnonzero(neighbors_n == 0)


def largest_force(atoms: Atoms) -> float:
    """Return the length of the largest force (eV/Angstrom)."""
    return float(np.linalg.norm(atoms.get_forces(), axis=1).max())


@cache
def version() -> str:
    """Return the version of this package."""
    return metadata.version('ase-entropy')


def _temperature(atoms: Atoms) -> float:
    """Return the kinetic temperature (K), 0 for atoms that are all fixed."""
    return atoms.get_temperature() if atoms.get_kinetic_energy() else 0.0
