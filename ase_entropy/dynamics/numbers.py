"""Parts of the energy, and constraints, as the numbers that kernels take."""

import numpy as np
from ase import Atoms

from ase_entropy.descriptors import Bispectrum, elements
from ase_entropy.repulsion import ClarkeSmith, Confinement, MixedClarkeSmith
from ase_entropy.repulsion.clarke_smith import clarke_smith

__all__ = ['free_atoms', 'pair_numbers', 'repulsion_numbers', 'wall_numbers']


def free_atoms(atoms: Atoms) -> np.ndarray:
    """Return 1 for atoms that may move, and 0 for others, (n,)."""
    free_n = np.ones(len(atoms))
    for constraint in atoms.constraints:
        free_n[constraint.get_indices()] = 0.0
    return free_n


def pair_numbers(
    descriptor: Bispectrum, number_k: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the cutoffs of each two atomic numbers, (k, k), and weights, (k,)."""
    species = descriptor.species
    radius_k = elements.of_atoms(descriptor.radii, 0.5, species, number_k)
    weight_k = elements.of_atoms(descriptor.weights, 1.0, species, number_k)
    return descriptor.cutoff * (radius_k[:, None] + radius_k), weight_k


def repulsion_numbers(
    repulsion: ClarkeSmith | MixedClarkeSmith, number_k: np.ndarray
) -> tuple:
    """Return what the kernels need to know: arrays (k, k) for each two kinds."""
    n, m = repulsion.n, repulsion.m
    shape = len(number_k), len(number_k)
    scale_kk, r0_kk, cutoff_kk, at_cutoff_kk = (np.empty(shape) for _ in range(4))
    for a, b in np.ndindex(shape):
        r0, epsilon, cutoff = repulsion.numbers_of(number_k[a], number_k[b])
        scale_kk[a, b], r0_kk[a, b] = epsilon * n * m / (n - m), r0
        cutoff_kk[a, b] = cutoff
        at_cutoff_kk[a, b] = clarke_smith(cutoff, r0, epsilon, n, m)[0]
    powers = [int(x) if x == int(x) else float(x) for x in (n, m)]
    return scale_kk, r0_kk, *powers, cutoff_kk, at_cutoff_kk


def wall_numbers(wall: Confinement | None) -> tuple:
    """Return what the kernels need to know: an infinite radius if there is no wall."""
    if wall is None:
        return np.zeros(3), np.zeros((3, 3)), np.inf, 1.0, 0.0
    normals_xc = np.array(wall.normals_xc)
    projector_cc = normals_xc.T @ normals_xc
    numbers = float(wall.radius), float(wall.width), float(wall.epsilon)
    return np.array(wall.center, float), projector_cc, *numbers
