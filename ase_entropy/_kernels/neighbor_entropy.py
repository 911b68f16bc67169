"""Entropy from nearest neighbors, exact or as a power mean over all neighbors.

``estimator`` is (order, softening, weight_kx, reference_xm): the order of the mean, inf
for the exact minimum; the softening; a linear map of the descriptors, empty for none;
and the fixed points among which neighbors are looked for too.
"""

import numpy as np

from ase_entropy._kernels.jit import kernel
from ase_entropy._kernels.nearest import find_nearest, neighbor_work

__all__ = ['entropy_work', 'neighbor_entropy']


@kernel
def entropy_work(components, points, estimator):
    """Return the arrays that :func:`neighbor_entropy` is worked out in."""
    _, _, weight_kx, reference_xm = estimator
    x = weight_kx.shape[1] if weight_kx.size else components
    everything = points + reference_xm.shape[1]
    return (
        neighbor_work(x, points),
        np.empty((x, points)),
        np.empty((x, points)),
        np.empty((3, everything)),
    )


@kernel(inline='always')
def _squares(x_kn, own_kn, j, size, d2):
    """Fill d2 with the squares of the distances from point j of own_kn to x_kn."""
    for n in range(size):
        d2[n] = 0.0
    for k in range(x_kn.shape[0]):
        x, own = x_kn[k], own_kn[k, j]
        for n in range(size):
            d2[n] += (x[n] - own) * (x[n] - own)


@kernel
def _sum(a, size):
    """Add up in four chains, which do not wait for each other."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    fours = size - size % 4
    for n in range(0, fours, 4):
        s0 += a[n]
        s1 += a[n + 1]
        s2 += a[n + 2]
        s3 += a[n + 3]
    for n in range(fours, size):
        s0 += a[n]
    return (s0 + s1) + (s2 + s3)


@kernel
def _sum_pulls(own, x, weight, size):
    """Add up the pulls of all points on one, in four chains."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    fours = size - size % 4
    for n in range(0, fours, 4):
        s0 += (own - x[n]) * weight[n]
        s1 += (own - x[n + 1]) * weight[n + 1]
        s2 += (own - x[n + 2]) * weight[n + 2]
        s3 += (own - x[n + 3]) * weight[n + 3]
    for n in range(fours, size):
        s0 += (own - x[n]) * weight[n]
    return (s0 + s1) + (s2 + s3)


@kernel
def _least(a, size):
    """Return the smallest number, by four chains."""
    s0, s1, s2, s3 = np.inf, np.inf, np.inf, np.inf
    fours = size - size % 4
    for n in range(0, fours, 4):
        s0 = min(s0, a[n])
        s1 = min(s1, a[n + 1])
        s2 = min(s2, a[n + 2])
        s3 = min(s3, a[n + 3])
    for n in range(fours, size):
        s0 = min(s0, a[n])
    return min(min(s0, s1), min(s2, s3))


@kernel
def _raise(ratio, size, power, result):
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


@kernel
def _pull_to_reference(x_kn, j, reference_xm, weight, dS_dx_kn):
    for k in range(x_kn.shape[0]):
        y = reference_xm[k]
        dS_dx_kn[k, j] += _sum_pulls(x_kn[k, j], y, weight, len(y))


@kernel
def _power_mean(x_kn, points, estimator, work, dS_dx_kn):
    """Weigh all neighbors of a point by a power of their distance."""
    order, softening, _, reference_xm = estimator
    d2_n = work[0][1]
    d2, ratio, weight = work[3][0], work[3][1], work[3][2]
    fixed = reference_xm.shape[1]
    size = points + fixed
    entropy = 0.0
    for j in range(points):
        _squares(x_kn, x_kn, j, points, d2)
        if fixed:
            _squares(reference_xm, x_kn, j, fixed, d2[points:])
        d2[j] = np.inf
        nearest = _least(d2, size) + softening**2
        d2_n[j] = nearest
        for n in range(size):
            d2[n] += softening**2
            ratio[n] = nearest / d2[n]
        _raise(ratio, size, order, weight)
        total = _sum(weight, size)
        entropy += (0.5 * np.log(nearest) - np.log(total) / order) / points
        for n in range(size):
            weight[n] /= d2[n] * (total * points)
        for k in range(x_kn.shape[0]):
            x, dS_dx, own = x_kn[k], dS_dx_kn[k], x_kn[k, j]
            dS_dx[j] += _sum_pulls(own, x, weight, points)
            for n in range(points):
                dS_dx[n] -= (own - x[n]) * weight[n]
        if fixed:
            _pull_to_reference(x_kn, j, reference_xm, weight[points:], dS_dx_kn)
    return entropy


@kernel
def _nearest_only(x_kn, points, estimator, work, dS_dx_kn):
    """Look at the nearest neighbor only, Eqs. (2, 3)."""
    _, softening, _, reference_xm = estimator
    nearest_n, d2_n = work[0][0], work[0][1]
    d2 = work[3][0]
    fixed = reference_xm.shape[1]
    find_nearest(x_kn, points, work[0])
    for j in range(points):
        _squares(reference_xm, x_kn, j, fixed, d2)
        for m in range(fixed):
            if d2[m] < d2_n[j]:
                nearest_n[j], d2_n[j] = points + m, d2[m]
    entropy = 0.0
    for j in range(points):
        d2_n[j] += softening**2
        entropy += 0.5 * np.log(d2_n[j]) / points
        weight, nearest = 1.0 / (points * d2_n[j]), nearest_n[j]
        for k in range(x_kn.shape[0]):
            if nearest < points:
                pull = (x_kn[k, j] - x_kn[k, nearest]) * weight
                dS_dx_kn[k, nearest] -= pull
            else:
                pull = (x_kn[k, j] - reference_xm[k, nearest - points]) * weight
            dS_dx_kn[k, j] += pull
    return entropy


@kernel
def _evaluate(x_kn, points, estimator, work, dS_dx_kn):
    order, softening, _, reference_xm = estimator
    everything = points + reference_xm.shape[1]
    dS_dx_kn[:] = 0.0
    if everything == 1:  # its images are its neighbors, and equal to it
        work[0][1][0] = softening**2
        return np.log(softening)
    if order == np.inf:
        entropy = _nearest_only(x_kn, points, estimator, work, dS_dx_kn)
    else:
        entropy = _power_mean(x_kn, points, estimator, work, dS_dx_kn)
    return np.log(everything) + entropy


@kernel
def neighbor_entropy(q_kn, points, estimator, work, dS_dq_kn):
    """Return S of the first `points` columns of q_kn, and fill its gradient.

    ``work[0][1]`` then holds the squares of the softened nearest distances.
    """
    weight_kx = estimator[2]
    if weight_kx.size == 0:
        return _evaluate(q_kn, points, estimator, work, dS_dq_kn)
    x_kn, dS_dx_kn = work[1], work[2]
    x_kn[:] = 0.0
    for x in range(weight_kx.shape[1]):
        for k in range(weight_kx.shape[0]):
            for n in range(points):
                x_kn[x, n] += weight_kx[k, x] * q_kn[k, n]
    entropy = _evaluate(x_kn, points, estimator, work, dS_dx_kn)
    dS_dq_kn[:] = 0.0
    for x in range(weight_kx.shape[1]):
        for k in range(weight_kx.shape[0]):
            for n in range(points):
                dS_dq_kn[k, n] += weight_kx[k, x] * dS_dx_kn[x, n]
    return entropy
