"""Distances from one point to many, and sums over them, in four chains."""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel, kernel

__all__ = [
    'add_up',
    'count',
    'least',
    'pull_all',
    'squares',
    'squares_to_reference',
]


@inner_kernel
def count(reference_xm):
    """Return the number of points in a reference."""
    return 0 if reference_xm is None else reference_xm.shape[1]


@kernel(inline='always')
def squares(x_kn, own_kn, j, size, d2):
    """Fill d2 with the squares of the distances from point j of own_kn to x_kn."""
    for n in range(size):
        d2[n] = 0.0
    for k in range(x_kn.shape[0]):
        x, own = x_kn[k], own_kn[k, j]
        for n in range(size):
            d2[n] += (x[n] - own) * (x[n] - own)


@inner_kernel
def add_up(a, size):
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


@inner_kernel
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


@inner_kernel
def least(a, size):
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


@inner_kernel
def squares_to_reference(reference_xm, x_kn, j, d2):
    """Fill d2 with the squares of the distances to the reference, if there is one."""
    if reference_xm is None:
        return
    squares(reference_xm, x_kn, j, reference_xm.shape[1], d2)


@inner_kernel
def pull_all(x_kn, points, reference_xm, j, weight, dS_dx_kn):
    """Add the pulls of all others on point j, and of point j on those of the cell."""
    for k in range(x_kn.shape[0]):
        x, dS_dx, own = x_kn[k], dS_dx_kn[k], x_kn[k, j]
        dS_dx[j] += _sum_pulls(own, x, weight, points)
        for n in range(points):
            dS_dx[n] -= (own - x[n]) * weight[n]
        if reference_xm is not None:
            y = reference_xm[k]
            dS_dx[j] += _sum_pulls(own, y, weight[points:], len(y))
