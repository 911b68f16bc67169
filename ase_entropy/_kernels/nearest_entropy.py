"""Entropy from the distances to nearest neighbors, Eqs. (2, 3) of the paper."""

from typing import NamedTuple

import numpy as np

from ase_entropy._kernels.distances import count, squares
from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.nearest import find_nearest, neighbor_work

__all__ = ['NearestNumbers', 'entropy', 'work']


class NearestNumbers(NamedTuple):
    """Of a :class:`NearestNeighborEntropy`."""

    softening: float
    weight_kx: np.ndarray | None
    reference: np.ndarray | None  # (x, m)


def work(components: int, points: int, estimator: NearestNumbers) -> tuple:
    """Return nearest distances (squares), work for the search, and the reference's."""
    fixed = 0 if estimator.reference is None else estimator.reference.shape[1]
    search = neighbor_work(components, points)
    return search[0][1], search, np.empty(fixed)


@inner_kernel
def _look_in_reference(reference, x_kn, points, d2, nearest_n, d2_n):
    """Note points of the reference that are nearer, numbered from `points`."""
    if reference is None:
        return
    for j in range(points):
        squares(reference, x_kn, j, reference.shape[1], d2)
        for m in range(reference.shape[1]):
            if d2[m] < d2_n[j]:
                nearest_n[j], d2_n[j] = points + m, d2[m]


@inner_kernel
def _coordinate(reference, x_kn, points, k, n):
    """Return a coordinate of a point, or of one of the reference."""
    if reference is None:
        return x_kn[k, n]
    return x_kn[k, n] if n < points else reference[k, n - points]


@inner_kernel
def entropy(x_kn, points, order_n, estimator, work, dS_dx_kn):
    """Look at the nearest neighbor only."""
    softening, _, reference = estimator
    search, sorted_kn = work[1]
    nearest_n, d2_n = search[0], search[1]
    everything = points + count(reference)
    if everything == 1:  # its images are its neighbors, and equal to it
        d2_n[0] = softening**2
        return np.log(softening)
    find_nearest(x_kn, points, search, sorted_kn)
    _look_in_reference(reference, x_kn, points, work[2], nearest_n, d2_n)
    entropy = 0.0
    for j in range(points):
        d2_n[j] += softening**2
        entropy += 0.5 * np.log(d2_n[j]) / points
        weight, nearest = 1.0 / (points * d2_n[j]), nearest_n[j]
        for k in range(x_kn.shape[0]):
            pull = x_kn[k, j] - _coordinate(reference, x_kn, points, k, nearest)
            pull *= weight
            if nearest < points:
                dS_dx_kn[k, nearest] -= pull
            dS_dx_kn[k, j] += pull
    return np.log(everything) + entropy
