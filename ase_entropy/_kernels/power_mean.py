"""Entropy from a power mean over the distances to all others."""

from typing import NamedTuple

import numpy as np

from ase_entropy._kernels.distances import (
    add_up,
    count,
    least,
    pull_all,
    squares,
    squares_to_reference,
)
from ase_entropy._kernels.jit import inner_kernel

__all__ = ['PowerMeanNumbers', 'entropy', 'raise_to', 'work']


class PowerMeanNumbers(NamedTuple):
    """Of a :class:`SmoothNearestNeighborEntropy` of finite order."""

    order: float
    softening: float
    weight_kx: np.ndarray | None
    reference: np.ndarray | None  # (x, m)


def work(
    components: int, points: int, estimator: PowerMeanNumbers, again: bool
) -> tuple:
    """Return nearest distances (squares), and arrays for numbers of all points."""
    fixed = 0 if estimator.reference is None else estimator.reference.shape[1]
    return np.zeros(points), np.empty((3, points + fixed))


@inner_kernel
def raise_to(ratio, size, power, result):
    """Raise numbers from 0 to 1 to half of a power, by squaring if that is whole."""
    if power != np.floor(power) or power > 1e6:
        for n in range(size):
            result[n] = ratio[n] ** (0.5 * power)
        return
    whole = int(power)
    for n in range(size):
        result[n] = 1.0
    if whole % 2:
        for n in range(size):
            result[n] = np.sqrt(ratio[n])
    left = whole // 2
    while left:
        if left % 2:
            for n in range(size):
                result[n] *= ratio[n]
        for n in range(size):
            ratio[n] *= ratio[n]
        left //= 2


@inner_kernel
def entropy(x_kn, points, order_n, estimator, work, dS_dx_kn):
    """Weigh all neighbors of a point by a power of their distance."""
    order, softening, _, reference = estimator
    d2_n = work[0]
    d2, ratio, weight = work[1][0], work[1][1], work[1][2]
    size = points + count(reference)
    if size == 1:  # its images are its neighbors, and equal to it
        d2_n[0] = softening**2
        return np.log(softening)
    entropy = 0.0
    for j in range(points):
        squares(x_kn, x_kn, j, points, d2)
        squares_to_reference(reference, x_kn, j, d2[points:])
        d2[j] = np.inf
        nearest = least(d2, size) + softening**2
        d2_n[j] = nearest
        for n in range(size):
            d2[n] += softening**2
            ratio[n] = nearest / d2[n]
        raise_to(ratio, size, order, weight)
        total = add_up(weight, size)
        entropy += (0.5 * np.log(nearest) - np.log(total) / order) / points
        for n in range(size):
            weight[n] /= d2[n] * (total * points)
        pull_all(x_kn, points, reference, j, weight, dS_dx_kn)
    return np.log(size) + entropy
