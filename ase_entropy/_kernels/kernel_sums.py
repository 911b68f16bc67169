"""Sums of Gaussian kernels over many points, without those too far to matter."""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel, kernel

__all__ = ['LEAF', 'kernel_gradient', 'log_kernel_sums']

LEAF = 64  # points in a leaf, side by side
SIX = 6  # components at once


@inner_kernel
def _exp(v_l, e_l):
    """Set e = exp(v) for v <= 0, to 1e-13 of it; below -60 it is 0.

    The twelfth order of exp(v / 128), squared seven times: in lanes, unlike np.exp.
    """
    for lane in range(LEAF):
        v = v_l[lane]
        y = (v if v > -60.0 else -60.0) * (1.0 / 128.0)
        p = 1 / 479001600 * y + 1 / 39916800
        p = p * y + 1 / 3628800
        p = p * y + 1 / 362880
        p = p * y + 1 / 40320
        p = p * y + 1 / 5040
        p = p * y + 1 / 720
        p = p * y + 1 / 120
        p = p * y + 1 / 24
        p = p * y + 1 / 6
        p = p * y + 0.5
        p = p * y + 1.0
        p = p * y + 1.0
        p = p * p
        p = p * p
        p = p * p
        p = p * p
        p = p * p
        p = p * p
        p = p * p
        e_l[lane] = p if v > -60.0 else 0.0


@inner_kernel
def _box_distances(low_kb, high_kb, a, d2_b):
    """Set the squares of the distances from a box to all boxes."""
    d2_b[:] = 0.0
    for k in range(len(low_kb)):
        low, high, own_low, own_high = (
            low_kb[k],
            high_kb[k],
            low_kb[k, a],
            high_kb[k, a],
        )
        for b in range(len(d2_b)):
            gap = low[b] - own_high
            other = own_low - high[b]
            gap = gap if gap > other else other
            gap = gap if gap > 0.0 else 0.0
            d2_b[b] += gap * gap


@inner_kernel
def _gap(x, low, high):
    """Return the square of the distance from a number to an interval."""
    gap, other = low - x, x - high
    gap = gap if gap > other else other
    gap = gap if gap > 0.0 else 0.0
    return gap * gap


@inner_kernel
def _point_distances(x_kl, low_k, high_k, d2_l):
    """Set the squares of the distances from the points of a leaf to a box."""
    d2_l[:] = 0.0
    for k in range(0, len(x_kl), 3):
        x0, x1, x2 = x_kl[k], x_kl[k + 1], x_kl[k + 2]
        low0, low1, low2 = low_k[k], low_k[k + 1], low_k[k + 2]
        high0, high1, high2 = high_k[k], high_k[k + 1], high_k[k + 2]
        for lane in range(LEAF):
            d2_l[lane] += (
                _gap(x0[lane], low0, high0)
                + _gap(x1[lane], low1, high1)
                + _gap(x2[lane], low2, high2)
            )


@inner_kernel
def _least(u_l):
    least = u_l[0]
    for lane in range(1, LEAF):
        least = u_l[lane] if u_l[lane] < least else least
    return least


@inner_kernel
def _sum(e_l):
    """Return the sum over the lanes, which are used up."""
    for lane in range(LEAF // 2):
        e_l[lane] += e_l[lane + LEAF // 2]
    for lane in range(LEAF // 4):
        e_l[lane] += e_l[lane + LEAF // 4]
    total = 0.0
    for lane in range(LEAF // 4):
        total += e_l[lane]
    return total


@inner_kernel
def _exponents(own_k, x_kl, inverse, limit, u_l):
    """Set u = d^2 / 2h^2 from a point to those of a leaf.

    Return the least one, or one above the limit as soon as it is known to be.
    """
    u_l[:] = 0.0
    least = 0.0
    for k in range(0, len(own_k), SIX):
        x0, x1, x2 = x_kl[k], x_kl[k + 1], x_kl[k + 2]
        x3, x4, x5 = x_kl[k + 3], x_kl[k + 4], x_kl[k + 5]
        own0, own1, own2 = own_k[k], own_k[k + 1], own_k[k + 2]
        own3, own4, own5 = own_k[k + 3], own_k[k + 4], own_k[k + 5]
        for lane in range(LEAF):
            d0, d1, d2 = x0[lane] - own0, x1[lane] - own1, x2[lane] - own2
            d3, d4, d5 = x3[lane] - own3, x4[lane] - own4, x5[lane] - own5
            d2 = d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3 + d4 * d4 + d5 * d5
            u_l[lane] += inverse * d2
        least = _least(u_l)
        if least > limit:
            break
    return least


@kernel(counts=True, nogil=True)
def log_kernel_sums(
    x_bkl, count_b, low_kb, high_kb, begin, end, first, h2, tail, log_bl
):
    """Set the logarithms of the sums of exp(-d^2 / 2h^2), for points of some leaves.

    The points are those of the leaves from `begin` to `end`, and the sums go over the
    leaves from `first` on, but for the point itself. Leaves come with growing distance.
    What is left out of a sum is, for each point, less than exp(-tail) of what the sum
    holds already.
    """
    inverse = 0.5 / h2
    d2_b = np.empty(len(x_bkl))
    d2_l, u_l, e_l = np.empty(LEAF), np.empty(LEAF), np.empty(LEAF)
    shift_j, sum_j, limit_j = np.empty(LEAF), np.empty(LEAF), np.empty(LEAF)
    low_bk, high_bk = low_kb.T.copy(), high_kb.T.copy()
    for a in range(begin, end):
        own_jk = x_bkl[a].T.copy()
        _box_distances(low_kb, high_kb, a, d2_b)
        d2_b[a] = -1.0  # comes first
        shift_j[:], sum_j[:], limit_j[:] = np.inf, 0.0, np.inf
        farthest = np.inf
        for b in np.argsort(d2_b):
            if d2_b[b] * inverse > farthest:
                break
            if b < first:
                continue
            _point_distances(x_bkl[a], low_bk[b], high_bk[b], d2_l)
            for j in range(count_b[a]):
                limit = limit_j[j]
                if d2_l[j] * inverse > limit:
                    continue
                least = _exponents(own_jk[j], x_bkl[b], inverse, limit, u_l)
                if a == b:
                    u_l[j] = np.inf  # not itself
                    least = _least(u_l)
                if least > limit or least == np.inf:
                    continue
                if least < shift_j[j]:
                    sum_j[j] *= np.exp(least - shift_j[j])
                    shift_j[j] = least
                shift = shift_j[j]
                for lane in range(LEAF):
                    u_l[lane] = shift - u_l[lane]
                _exp(u_l, e_l)
                sum_j[j] += _sum(e_l)
                limit_j[j] = tail + shift - np.log(sum_j[j])
            farthest = limit_j[: count_b[a]].max()
        for j in range(count_b[a]):
            log_bl[a, j] = np.log(sum_j[j]) - shift_j[j]


@inner_kernel
def _weights(log, log_l, times, u_l, e_l, f_l, w_l):
    """Set w = exp(-u) over the sum at a point and over those at others, `times` it.

    Return the sum of w u, without `times`.
    """
    for lane in range(LEAF):
        e_l[lane] = -u_l[lane] - log
    _exp(e_l, w_l)
    for lane in range(LEAF):
        e_l[lane] = -u_l[lane] - log_l[lane]
    _exp(e_l, f_l)
    for lane in range(LEAF):
        w = w_l[lane] + f_l[lane]
        e_l[lane] = w * (u_l[lane] if w > 0.0 else 0.0)  # not inf
        w_l[lane] = times * w
    return _sum(e_l)


@inner_kernel
def _pull(own_k, x_kl, w_l, own_g_kl, g_kl):
    """Add w (x_l - x) to the points of a leaf, and subtract it from a point."""
    for k in range(len(own_k)):
        x, g, own_g, own = x_kl[k], g_kl[k], own_g_kl[k], own_k[k]
        for lane in range(LEAF):
            pull = w_l[lane] * (x[lane] - own)
            g[lane] += pull
            own_g[lane] -= pull


@kernel(counts=True)
def kernel_gradient(x_bkl, count_b, low_kb, high_kb, leaves, h2, tail, log_bl, g_bkl):
    """Set the sums of (w_jl + w_lj) (x_j - x_l), and return that of w_jl u_jl.

    The weights are w_jl = exp(-u_jl) over the sum at j, u = d^2 / 2h^2. Points that are
    in no sum have the logarithm inf, hence no weight of their own.
    """
    inverse = 0.5 / h2
    limit_b = np.zeros(len(x_bkl))
    for b in range(leaves):
        limit_b[b] = tail - log_bl[b, : count_b[b]].min()
    d2_b = np.empty(len(x_bkl))
    d2_l, u_l = np.empty(LEAF), np.empty(LEAF)
    e_l, f_l, w_l = np.empty(LEAF), np.empty(LEAF), np.empty(LEAF)
    low_bk, high_bk = low_kb.T.copy(), high_kb.T.copy()
    own_g_jkl = np.empty((LEAF, *x_bkl.shape[1:]))
    total = 0.0
    g_bkl[:] = 0.0
    for a in range(leaves):
        own_jk = x_bkl[a].T.copy()
        own_g_jkl[:] = 0.0
        _box_distances(low_kb, high_kb, a, d2_b)
        for b in range(a, len(x_bkl)):
            if d2_b[b] * inverse > max(limit_b[a], limit_b[b]):
                continue
            _point_distances(x_bkl[a], low_bk[b], high_bk[b], d2_l)
            for j in range(count_b[a]):
                limit = max(tail - log_bl[a, j], limit_b[b])
                if d2_l[j] * inverse > limit:
                    continue
                own_k, half = own_jk[j], 1.0
                if _exponents(own_k, x_bkl[b], inverse, limit, u_l) > limit:
                    continue
                if a == b:
                    u_l[j], half = np.inf, 0.5  # not itself, and others both ways
                log = log_bl[a, j]
                total += half * _weights(log, log_bl[b], half, u_l, e_l, f_l, w_l)
                _pull(own_k, x_bkl[b], w_l, own_g_jkl[j], g_bkl[b])
        for j in range(count_b[a]):
            for k in range(x_bkl.shape[1]):
                g_bkl[a, k, j] += own_g_jkl[j, k].sum()
    return total
