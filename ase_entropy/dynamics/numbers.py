"""Parts of the energy, and constraints, as the numbers that kernels take."""

from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy._kernels.evaluate import DescriptorNumbers
from ase_entropy._kernels.repel import (
    ClarkeSmithNumbers,
    ScreenedNumbers,
    WallNumbers,
)
from ase_entropy.descriptors import Bispectrum, elements
from ase_entropy.entropy import PerElement
from ase_entropy.repulsion import (
    ClarkeSmith,
    Confinement,
    MixedClarkeSmith,
    ZieglerBiersackLittmark,
)
from ase_entropy.repulsion.clarke_smith import clarke_smith

__all__ = [
    'descriptor_numbers',
    'estimator_numbers',
    'free_atoms',
    'pair_numbers',
    'repulsion_numbers',
    'wall_numbers',
]


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


def descriptor_numbers(
    descriptor: Bispectrum, number_k: np.ndarray
) -> DescriptorNumbers:
    """Return what the kernels need to know of each kind."""
    kinds, densities = len(number_k), descriptor.densities
    density_k = np.zeros(kinds, np.intp)
    if descriptor.chemflag:
        density_k = elements.kinds(number_k, descriptor.species)
    own_kd = elements.own_shares(
        number_k > 0, density_k, densities, descriptor.wselfallflag
    )
    zero_kq = descriptor.lone_atoms(number_k) if descriptor.bzeroflag else None
    return DescriptorNumbers(descriptor.tables(), density_k, own_kd, zero_kq)


def estimator_numbers(estimator: Any, components: int, kinds: int) -> tuple:
    """Return what the kernels need to know."""
    if isinstance(estimator, PerElement):
        return estimator.numbers(components, kinds)
    return estimator.numbers(components)


def repulsion_numbers(
    repulsion: ClarkeSmith | MixedClarkeSmith | ZieglerBiersackLittmark,
    number_k: np.ndarray,
) -> ClarkeSmithNumbers | ScreenedNumbers:
    """Return what the kernels need to know: arrays (k, k) for each two kinds."""
    if isinstance(repulsion, ZieglerBiersackLittmark):
        charge_kk, a_kk = repulsion.numbers_of(number_k[:, None], number_k)
        end = np.float64(repulsion.cutoff)
        at_cutoff_kk, slope_kk = repulsion.unshifted(end, charge_kk, a_kk)
        c_s, d_s = np.array(repulsion.COEFFICIENTS).T.copy()
        ends = float(end), at_cutoff_kk, slope_kk
        return ScreenedNumbers(charge_kk, a_kk, c_s, d_s, *ends)
    n, m = repulsion.n, repulsion.m
    shape = len(number_k), len(number_k)
    scale_kk, r0_kk, cutoff_kk, at_cutoff_kk = (np.empty(shape) for _ in range(4))
    for a, b in np.ndindex(shape):
        r0, epsilon, cutoff = repulsion.numbers_of(number_k[a], number_k[b])
        scale_kk[a, b], r0_kk[a, b] = epsilon * n * m / (n - m), r0
        cutoff_kk[a, b] = cutoff
        at_cutoff_kk[a, b] = clarke_smith(cutoff, r0, epsilon, n, m)[0]
    powers = [int(x) if x == int(x) else float(x) for x in (n, m)]
    return ClarkeSmithNumbers(scale_kk, r0_kk, *powers, cutoff_kk, at_cutoff_kk)


def wall_numbers(wall: Confinement | None) -> WallNumbers:
    """Return what the kernels need to know; a wall at infinity, if there is none.

    Kernels are compiled for their types: once, with and without walls.
    """
    if wall is None:
        return WallNumbers(np.zeros(3), np.zeros((3, 3)), np.inf, 1.0, 0.0)
    normals_xc = np.array(wall.normals_xc)
    projector_cc = normals_xc.T @ normals_xc
    numbers = float(wall.radius), float(wall.width), float(wall.epsilon)
    return WallNumbers(np.array(wall.center, float), projector_cc, *numbers)
