"""Entropy from the distances to nearest neighbors, Eqs. (2, 3) of the paper."""

from typing import NamedTuple

import numpy as np

from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.nearest import find_nearest, neighbor_work
from ase_entropy._kernels.reference import MOST, Boxes, around, look_in_boxes

__all__ = ['NearestNumbers', 'entropy', 'work']


class NearestNumbers(NamedTuple):
    """Of a :class:`NearestNeighborEntropy`."""

    softening: float
    weight_kx: np.ndarray | None
    reference: Boxes | None


def work(components: int, points: int, estimator: NearestNumbers, again: bool) -> tuple:
    """Return nearest distances (squares), and work for cell and reference.

    Where the same points come again, what was around them is remembered.
    """
    search = neighbor_work(components, points)
    reference, lists, look = estimator.reference, None, ()
    if reference is not None:
        fixed, n = reference.point_xm.shape[1], reference.lower_xb.shape[1]
        look = np.empty(n), np.empty(MOST), np.empty(fixed, np.int64), np.empty(fixed)
        lists = around(components, points) if again else None
    return search[1], search, lists, look


@inner_kernel
def _coordinate(reference, x_kn, points, k, n):
    """Return a coordinate of a point, or of one of the reference."""
    if reference is None:
        return x_kn[k, n]
    return x_kn[k, n] if n < points else reference.point_xm[k, n - points]


@inner_kernel
def _fixed(reference):
    """Return the number of points in the reference."""
    return 0 if reference is None else reference.point_xm.shape[1]


@inner_kernel
def entropy(x_kn, points, order_n, estimator, work, dS_dx_kn):
    """Look at the nearest neighbor only."""
    softening, _, reference = estimator
    d2_n, search, lists, look = work
    nearest_n = search[0]
    everything = points + _fixed(reference)
    if everything == 1:  # its images are its neighbors, and equal to it
        d2_n[0] = softening**2
        return np.log(softening)
    find_nearest(x_kn, points, search)
    look_in_boxes(reference, lists, x_kn, points, order_n, look, nearest_n, d2_n)
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
