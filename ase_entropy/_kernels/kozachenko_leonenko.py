"""Entropy from the distances to the k-th nearest neighbors."""

from math import lgamma
from typing import NamedTuple

import numpy as np

from ase_entropy._kernels.distances import count, squares, squares_to_reference
from ase_entropy._kernels.jit import inner_kernel

__all__ = ['KozachenkoLeonenkoNumbers', 'constant', 'entropy', 'select', 'work']


class KozachenkoLeonenkoNumbers(NamedTuple):
    """Of a :class:`KozachenkoLeonenkoEntropy`."""

    k: int
    softening: float
    weight_kx: np.ndarray | None
    reference: np.ndarray | None  # (x, m)


def work(
    components: int, points: int, estimator: KozachenkoLeonenkoNumbers, again: bool
) -> tuple:
    """Return an array for the squares of the distances to all points."""
    fixed = 0 if estimator.reference is None else estimator.reference.shape[1]
    return (np.empty(points + fixed),)


@inner_kernel
def _digamma(n):
    """Return psi of a whole number, by recurrence and Stirling's series."""
    total, x = 0.0, float(n)
    while x < 30.0:
        total -= 1.0 / x
        x += 1.0
    y = 1.0 / (x * x)
    series = y * (1.0 / 12.0 - y * (1.0 / 120.0 - y * (1.0 / 252.0 - y / 240.0)))
    return total + np.log(x) - 0.5 / x - series


@inner_kernel
def constant(points, k, d):
    """Return what is added to d times the mean logarithm of the k-th distances."""
    log_volume = 0.5 * d * np.log(np.pi) - lgamma(0.5 * d + 1.0)
    return _digamma(points) - _digamma(k) + log_volume


@inner_kernel
def select(d2, size, k):
    """Return the place of the k-th smallest number; those before it become inf."""
    best = 0
    for place in range(k):
        best = 0
        for n in range(size):
            if d2[n] < d2[best]:
                best = n
        if place < k - 1:
            d2[best] = np.inf
    return best


@inner_kernel
def _pull_from(reference, x_kn, j, nearest, points, factor, dS_dx_kn):
    """Add the pull between a point and its neighbor, which may be of the reference."""
    for k in range(x_kn.shape[0]):
        if nearest < points:
            pull = factor * (x_kn[k, j] - x_kn[k, nearest])
            dS_dx_kn[k, nearest] -= pull
            dS_dx_kn[k, j] += pull
        elif reference is not None:
            dS_dx_kn[k, j] += factor * (x_kn[k, j] - reference[k, nearest - points])


@inner_kernel
def entropy(x_kn, points, order_n, estimator, work, dS_dx_kn):
    """Look at the k-th neighbor only."""
    rank, softening, _, reference = estimator
    d2 = work[0]
    d, size = x_kn.shape[0], points + count(reference)
    if size == 1:  # its images are its neighbors, and equal to it
        return constant(size, rank, d) + d * np.log(softening)
    total = 0.0
    for j in range(points):
        squares(x_kn, x_kn, j, points, d2)
        squares_to_reference(reference, x_kn, j, d2[points:])
        d2[j] = np.inf
        nearest = select(d2, size, rank)
        distance2 = d2[nearest] + softening**2
        total += np.log(distance2)
        factor = d / (points * distance2)
        _pull_from(reference, x_kn, j, nearest, points, factor, dS_dx_kn)
    return constant(size, rank, d) + 0.5 * d * total / points
