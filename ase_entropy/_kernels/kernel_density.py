"""Entropy from a Gaussian kernel density, leaving one out."""

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

__all__ = ['KernelNumbers', 'entropy', 'work']

FARTHEST = 80.0  # beyond the nearest, in h^2: exp(-80 / 2) of its term, 4e-18


class KernelNumbers(NamedTuple):
    """Of a :class:`KernelEntropy`; Silverman's bandwidth if that is 0."""

    bandwidth: float
    softening: float
    weight_kx: np.ndarray | None
    reference: np.ndarray | None  # (x, m)


def work(components: int, points: int, estimator: KernelNumbers, again: bool) -> tuple:
    """Return arrays for the mean of the points, and for numbers of all points."""
    fixed = 0 if estimator.reference is None else estimator.reference.shape[1]
    return np.empty(components), np.empty((2, points + fixed))


@inner_kernel
def _sum_and_squares(reference_xm, k, mean):
    """Return sum and square deviation of one component of the reference."""
    total, square = 0.0, 0.0
    if reference_xm is None:
        return total, square
    for m in range(reference_xm.shape[1]):
        total += reference_xm[k, m]
        square += (reference_xm[k, m] - mean) ** 2
    return total, square


@inner_kernel
def _silverman(x_kn, points, estimator, mean_x):
    """Return h^2, and its slope over the distance of a point from the mean."""
    if estimator.bandwidth > 0.0:
        return estimator.bandwidth**2, 0.0
    reference = estimator.reference
    components, everything = len(mean_x), points + count(reference)
    square = 0.0
    for k in range(components):
        total = _sum_and_squares(reference, k, 0.0)[0]
        for n in range(points):
            total += x_kn[k, n]
        mean_x[k] = total / everything
        square += _sum_and_squares(reference, k, mean_x[k])[1]
        for n in range(points):
            square += (x_kn[k, n] - mean_x[k]) ** 2
    factor = (4.0 / ((components + 2) * everything)) ** (2.0 / (components + 4))
    size = everything * components
    return factor * square / size + estimator.softening**2, 2.0 * factor / size


@inner_kernel
def entropy(x_kn, points, order_n, estimator, work, dS_dx_kn):
    """Weigh all others by the kernel."""
    mean_x, (u, weight) = work
    reference = estimator.reference
    components, size = len(mean_x), points + count(reference)
    h2, dh2 = _silverman(x_kn, points, estimator, mean_x)
    log_norm = 0.5 * components * np.log(2.0 * np.pi * h2)
    if size == 1:  # its images are its neighbors, and equal to it
        return log_norm
    entropy, dS_dh2 = 0.0, 0.0
    for j in range(points):
        squares(x_kn, x_kn, j, points, u)
        squares_to_reference(reference, x_kn, j, u[points:])
        u[j] = np.inf
        nearest = least(u, size)
        mean_u = 0.0
        for n in range(size):
            over = (u[n] - nearest) / h2
            weight[n] = np.exp(-0.5 * over) if over < FARTHEST else 0.0
            if weight[n] > 0.0:
                mean_u += weight[n] * u[n] / h2
        total = add_up(weight, size)
        entropy += (0.5 * nearest / h2 - np.log(total)) / points
        dS_dh2 += 0.5 * (components - mean_u / total) / (points * h2)
        for n in range(size):
            weight[n] /= total * points * h2
        pull_all(x_kn, points, reference, j, weight, dS_dx_kn)
    if dh2 > 0.0:
        for k in range(components):
            for n in range(points):
                dS_dx_kn[k, n] += dS_dh2 * dh2 * (x_kn[k, n] - mean_x[k])
    return np.log(size - 1.0) + log_norm + entropy
