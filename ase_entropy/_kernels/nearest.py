"""Nearest neighbors in descriptor space."""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel

__all__ = ['SWEEP_ABOVE', 'find_nearest', 'neighbor_work']

SWEEP_ABOVE = 256  # points; measured, see docs/explanation/performance.md
STRIP = 4.0  # points in a strip, over the square root of their number
CHUNK = 16  # points compared at once


def neighbor_work(components: int, points: int) -> tuple:
    """Return (nearest_n, d2_n, d2), and room for a sorted copy of the points.

    Few points need none; for None in place of it no sweep is compiled.
    """
    sorted_kn = np.empty((components, points)) if points > SWEEP_ABOVE else None
    arrays = np.zeros(points, np.int64), np.zeros(points), np.empty(max(points, CHUNK))
    return arrays, sorted_kn


@inner_kernel
def _compare_all(q_kn, points, work):
    """Compare each point with every other."""
    nearest_n, d2_n, d2 = work
    for j in range(points):
        for n in range(points):
            d2[n] = 0.0
        for k in range(q_kn.shape[0]):
            q, own = q_kn[k], q_kn[k, j]
            for n in range(points):
                d2[n] += (q[n] - own) * (q[n] - own)
        d2[j] = np.inf
        best = 0
        for n in range(points):
            if d2[n] < d2[best]:
                best = n
        nearest_n[j], d2_n[j] = best, d2[best]


@inner_kernel
def _principal_projections(q_kn, points):
    """Project the points on the two directions in which they spread most, (2, n).

    Distances between projections are never larger than those between the points.
    """
    components = q_kn.shape[0]
    mean_k = np.empty(components)
    for k in range(components):
        mean_k[k] = q_kn[k, :points].mean()
    covariance = np.zeros((components, components))
    for k in range(components):
        for m in range(k + 1):
            total = 0.0
            for n in range(points):
                total += (q_kn[k, n] - mean_k[k]) * (q_kn[m, n] - mean_k[m])
            covariance[k, m] = covariance[m, k] = total
    _, vectors = np.linalg.eigh(covariance)
    p = np.zeros((2, points))
    for axis in range(min(2, components)):
        for k in range(components):
            weight = vectors[k, components - 1 - axis]
            for n in range(points):
                p[axis, n] += weight * (q_kn[k, n] - mean_k[k])
    return p


@inner_kernel
def _compare_chunk(sorted_kn, a, begin, size, d2):
    """Return the place of the point nearest to point a in a chunk, and its d2."""
    for n in range(size):
        d2[n] = 0.0
    for k in range(sorted_kn.shape[0]):
        q, own = sorted_kn[k, begin : begin + size], sorted_kn[k, a]
        for n in range(size):
            d2[n] += (q[n] - own) * (q[n] - own)
    best = 0
    for n in range(size):
        if d2[n] < d2[best]:
            best = n
    return begin + best, d2[best]


@inner_kernel
def _scan(sorted_kn, p, a, begin, end, gap2, best, best_d2, d2):
    """Look in a strip, begin <= n < end, from the p[1] of point a outwards."""
    if begin <= a < end:
        low, high = a - 1, a + 1  # next to look at, downwards and upwards
    else:
        high = begin + np.searchsorted(p[1, begin:end], p[1, a])
        low = high - 1
    while high < end and gap2 + (p[1, high] - p[1, a]) ** 2 < best_d2:
        size = min(CHUNK, end - high)
        n, found = _compare_chunk(sorted_kn, a, high, size, d2)
        if found < best_d2:
            best, best_d2 = n, found
        high += size
    while low >= begin and gap2 + (p[1, low] - p[1, a]) ** 2 < best_d2:
        size = min(CHUNK, low + 1 - begin)
        n, found = _compare_chunk(sorted_kn, a, low + 1 - size, size, d2)
        if found < best_d2:
            best, best_d2 = n, found
        low -= size
    return best, best_d2


@inner_kernel
def _sweep(q_kn, points, work, sorted_kn):
    """Cut the points into strips along one principal axis, sorted along the second.

    Each point looks in its own strip, then in those to both sides, until the
    projections alone are farther than the best neighbor found.
    """
    nearest_n, d2_n, d2 = work
    p = _principal_projections(q_kn, points)
    order = np.argsort(p[0])
    strip = max(CHUNK, int(STRIP * np.sqrt(points)))
    strips = (points + strip - 1) // strip
    ends = np.empty((strips, 2))  # of p[0] in each strip
    for s in range(strips):
        members = order[s * strip : (s + 1) * strip]
        ends[s, 0], ends[s, 1] = p[0, members[0]], p[0, members[-1]]
        order[s * strip : (s + 1) * strip] = members[np.argsort(p[1][members])]
    p = p[:, order]
    for k in range(q_kn.shape[0]):
        for n in range(points):
            sorted_kn[k, n] = q_kn[k, order[n]]
    for a in range(points):
        own, best, best_d2 = a // strip, 0, np.inf
        for s in range(own, strips):
            gap2 = max(0.0, ends[s, 0] - p[0, a]) ** 2
            if gap2 >= best_d2:
                break
            begin, end = s * strip, min(points, (s + 1) * strip)
            best, best_d2 = _scan(sorted_kn, p, a, begin, end, gap2, best, best_d2, d2)
        for s in range(own - 1, -1, -1):
            gap2 = max(0.0, p[0, a] - ends[s, 1]) ** 2
            if gap2 >= best_d2:
                break
            begin, end = s * strip, min(points, (s + 1) * strip)
            best, best_d2 = _scan(sorted_kn, p, a, begin, end, gap2, best, best_d2, d2)
        nearest_n[order[a]], d2_n[order[a]] = order[best], best_d2


@inner_kernel
def find_nearest(q_kn, points, work, sorted_kn):
    """Find the nearest neighbor of each of the first `points` columns of q_kn."""
    if sorted_kn is None:
        _compare_all(q_kn, points, work)
    elif points <= SWEEP_ABOVE:
        _compare_all(q_kn, points, work)
    else:
        _sweep(q_kn, points, work, sorted_kn)
