"""Entropy of a Gaussian with the covariance of the points."""

from typing import NamedTuple

import numpy as np

from ase_entropy._kernels.jit import inner_kernel

__all__ = ['LogDetNumbers', 'Moments', 'entropy', 'work']


class Moments(NamedTuple):
    """What a set of points adds to a covariance, however many they are."""

    count: int
    mean_x: np.ndarray
    scatter_xx: np.ndarray  # sum of (x - mean) (x - mean)^T


class LogDetNumbers(NamedTuple):
    """Of a :class:`LogDetEntropy`."""

    ridge: float
    weight_kx: np.ndarray | None
    reference: Moments | None


def work(components: int, points: int, estimator: LogDetNumbers, again: bool) -> tuple:
    """Return arrays for the mean, the covariance, and the points from the mean."""
    mean_x, factor_xx = np.empty(components), np.empty((components, components))
    return mean_x, factor_xx, np.empty((components, points))


@inner_kernel
def _begin(reference, points, mean_x, scatter_xx):
    """Turn the mean of the points into that of all; begin with the reference's scatter.

    Returns the number of all points.
    """
    components = len(mean_x)
    if reference is None:
        for k in range(components):
            for m in range(components):
                scatter_xx[k, m] = 0.0
        return points
    fixed, fixed_mean_x, fixed_scatter_xx = reference
    everything = points + fixed
    for k in range(components):
        mean_x[k] = (points * mean_x[k] + fixed * fixed_mean_x[k]) / everything
    for k in range(components):
        for m in range(components):
            between = fixed_mean_x[k] - mean_x[k], fixed_mean_x[m] - mean_x[m]
            scatter_xx[k, m] = fixed_scatter_xx[k, m] + fixed * between[0] * between[1]
    return everything


@inner_kernel
def _factorize(covariance_xx):
    """Put the Cholesky factor into the lower triangle; return log det."""
    log_det = 0.0
    for k in range(len(covariance_xx)):
        for m in range(k + 1):
            total = covariance_xx[k, m]
            for c in range(m):
                total -= covariance_xx[k, c] * covariance_xx[m, c]
            if m < k:
                covariance_xx[k, m] = total / covariance_xx[m, m]
            else:
                covariance_xx[k, k] = np.sqrt(total)
                log_det += np.log(total)
    return log_det


@inner_kernel
def _solve(factor_xx, x_kn, points):
    """Divide the points by the covariance, all at once."""
    components = len(factor_xx)
    for k in range(components):
        for m in range(k):
            for n in range(points):
                x_kn[k, n] -= factor_xx[k, m] * x_kn[m, n]
        for n in range(points):
            x_kn[k, n] /= factor_xx[k, k]
    for k in range(components - 1, -1, -1):
        for m in range(k + 1, components):
            for n in range(points):
                x_kn[k, n] -= factor_xx[m, k] * x_kn[m, n]
        for n in range(points):
            x_kn[k, n] /= factor_xx[k, k]


@inner_kernel
def entropy(x_kn, points, order_n, estimator, work, dS_dx_kn):
    """Sum the scatter of the points and of the reference, and its logarithm."""
    mean_x, factor_xx, from_mean_kn = work
    components = len(mean_x)
    for k in range(components):
        total = 0.0
        for n in range(points):
            total += x_kn[k, n]
        mean_x[k] = total / points
    everything = _begin(estimator.reference, points, mean_x, factor_xx)
    for k in range(components):
        for n in range(points):
            from_mean_kn[k, n] = x_kn[k, n] - mean_x[k]
    for k in range(components):
        for m in range(k + 1):
            total = 0.0
            for n in range(points):
                total += from_mean_kn[k, n] * from_mean_kn[m, n]
            factor_xx[k, m] = (factor_xx[k, m] + total) / everything
        factor_xx[k, k] += estimator.ridge
    log_det = _factorize(factor_xx)
    _solve(factor_xx, from_mean_kn, points)
    for k in range(components):
        for n in range(points):
            dS_dx_kn[k, n] = from_mean_kn[k, n] / everything
    return 0.5 * (components * np.log(2.0 * np.pi * np.e) + log_det)
