"""Nearest neighbors in descriptor space.

Points are compared in blocks of eight, whose distances from another point are an octet
(see ``lanes.py``). Many points are sorted first, so that those of a block are close
together: blocks are left out where projections on two directions put them too far away.
"""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel, kernel
from ase_entropy._kernels.lanes import aligned, count_octets
from ase_entropy._kernels.octets import (
    LANES,
    any_less,
    choose,
    copies,
    load,
    repeat,
    store,
)

__all__ = ['SWEEP_ABOVE', 'find_nearest', 'neighbor_work']

# Measured, see docs/explanation/performance.md.
SWEEP_ABOVE = 256  # points
STRIP = 2.0  # points in a strip, over the square root of their number
FAR = 1e150  # a coordinate of places left over in the last block
SAMPLE, ROUNDS = 256, 8  # points, and rounds of power iteration, for the directions


def neighbor_work(components: int, points: int) -> tuple:
    """Return nearest_n, d2_n, and what a search and a sweep are worked out in.

    Few points need no sweep; for None in place of it none is compiled.
    """
    blocks = count_octets(points)
    itself = np.zeros(2 * LANES * LANES)  # added to distances within a block, or not
    itself[: LANES * LANES : LANES + 1] = np.inf
    x = aligned(blocks * components * LANES)
    search = np.arange(points), x, aligned(2 * LANES), itself
    sweep = None
    if points > SWEEP_ABOVE:
        sweep = (
            np.zeros((2, points)),
            aligned(blocks * 2 * LANES),
            np.zeros((3, points), np.int64),
            np.zeros(points + 1, np.int64),
            np.zeros((4, blocks)),
            np.zeros((4, blocks)),
            (
                np.zeros((components, components)),
                np.zeros((2, components)),
                np.zeros(components),
            ),
        )
    return np.zeros(points, np.int64), np.zeros(points), search, sweep


@inner_kernel
def _fill_blocks(q_kn, order_n, x):
    """Copy the points, in their order, into blocks, (blocks, components, 8)."""
    components = q_kn.shape[0]
    x[:] = FAR
    for n in range(len(order_n)):
        place = n // LANES * components * LANES + n % LANES
        for k in range(components):
            x[place + k * LANES] = q_kn[k, order_n[n]]


@kernel(inline='always')
def _distances(x, own, other, size):
    """Return the squares of the distances of the points of a block from four others."""
    d2_0 = d2_1 = d2_2 = d2_3 = repeat(0.0)
    for k in range(0, size, LANES):
        q = load(x, own + k)
        r_0, r_1 = q - copies(x, other + k), q - copies(x, other + k + 1)
        r_2, r_3 = q - copies(x, other + k + 2), q - copies(x, other + k + 3)
        d2_0, d2_1 = d2_0 + r_0 * r_0, d2_1 + r_1 * r_1
        d2_2, d2_3 = d2_2 + r_2 * r_2, d2_3 + r_3 * r_3
    return d2_0, d2_1, d2_2, d2_3


@inner_kernel
def _compare(x, components, a, b, itself, best, best_d2):
    """Look for nearer neighbors of the points of block a in block b."""
    size = components * LANES
    place = 0 if a == b else LANES * LANES
    for lane in range(0, LANES, 4):
        number = float(b * LANES + lane)
        for d2 in _distances(x, a * size, b * size + lane, size):
            d2 = d2 + load(itself, place)
            best = choose(d2, best_d2, repeat(number), best)
            best_d2 = choose(d2, best_d2, d2, best_d2)
            place += LANES
            number += 1.0
    return best, best_d2


@inner_kernel
def _keep(a, best, best_d2, order_n, room, nearest_n, d2_n):
    """Write down what was found for the points of block a."""
    store(room, 0, best)
    store(room, LANES, best_d2)
    for n in range(a * LANES, min((a + 1) * LANES, len(order_n))):
        nearest_n[order_n[n]] = order_n[int(room[n % LANES])]
        d2_n[order_n[n]] = room[LANES + n % LANES]


@inner_kernel
def _compare_all(q_kn, points, work):
    """Compare each point with every other."""
    nearest_n, d2_n, (order_n, x, room, itself), _ = work
    for n in range(points):
        order_n[n] = n
    _fill_blocks(q_kn, order_n, x)
    blocks = count_octets(points)
    for a in range(blocks):
        best, best_d2 = repeat(0.0), repeat(np.inf)
        for b in range(blocks):
            best, best_d2 = _compare(x, q_kn.shape[0], a, b, itself, best, best_d2)
        _keep(a, best, best_d2, order_n, room, nearest_n, d2_n)


@inner_kernel
def _fill_covariance(q_kn, points, covariance, mean_k):
    """Fill in the covariance of the points, from some of them."""
    components, step = q_kn.shape[0], max(1, points // SAMPLE)
    covariance[:], mean_k[:] = 0.0, 0.0
    for k in range(components):
        for n in range(0, points, step):
            mean_k[k] += q_kn[k, n] / ((points + step - 1) // step)
        for m in range(k + 1):
            for n in range(0, points, step):
                product = (q_kn[k, n] - mean_k[k]) * (q_kn[m, n] - mean_k[m])
                covariance[k, m] += product
            covariance[m, k] = covariance[k, m]


@inner_kernel
def _fill_directions(covariance, v, w):
    """Fill in about the two directions in which points spread most, (2, k).

    By power iteration. They are at right angles and of length 1, or 0 where points do
    not spread: distances between projections are at most those between the points.
    """
    components = len(covariance)
    v[:] = 1.0
    for axis in range(2):
        for _ in range(ROUNDS):
            along, length = 0.0, 0.0
            for k in range(components):
                w[k] = 0.0
                for m in range(components):
                    w[k] += covariance[k, m] * v[axis, m]
                along += v[0, k] * w[k]
            for k in range(components):
                if axis == 1:
                    w[k] -= along * v[0, k]
                length += w[k] * w[k]
            for k in range(components):
                v[axis, k] = w[k] / np.sqrt(length) if length > 0.0 else 0.0


@inner_kernel
def _project(q_kn, v_k, p):
    for n in range(len(p)):
        p[n] = 0.0
    for k in range(len(v_k)):
        q, weight = q_kn[k], v_k[k]
        for n in range(len(p)):
            p[n] += weight * q[n]


@inner_kernel
def _fill_bins(p, bins, bin_n):
    """Cut the range of p into bins of equal width, and fill the bin of each point."""
    low, high = np.inf, -np.inf
    for n in range(len(p)):
        low, high = min(low, p[n]), max(high, p[n])
    scale = bins / (high - low) if low < high else 0.0
    for n in range(len(p)):
        x = (p[n] - low) * scale
        bin_n[n] = int(x) if 0.0 <= x < bins else bins - 1  # also if it is not a number


@inner_kernel
def _sort(bin_n, order_n, begin, sorted_n):
    """Sort points by their bin; those of the same bin keep their order."""
    begin[:] = 0
    for n in range(len(bin_n)):
        begin[bin_n[n] + 1] += 1
    for b in range(1, len(begin)):
        begin[b] += begin[b - 1]
    for n in order_n:
        sorted_n[begin[bin_n[n]]] = n
        begin[bin_n[n]] += 1


@inner_kernel
def _cut_into_strips(p_xn, strip, order_n, lists, begin):
    """Order the points by strips along p_xn[0], and by p_xn[1] within each."""
    bin_n, by_p_n, strip_n = lists
    points, bins = len(order_n), len(begin) - 1
    for n in range(points):
        order_n[n] = n
    _fill_bins(p_xn[0], bins, bin_n)
    _sort(bin_n, order_n, begin, by_p_n)
    for n in range(points):
        strip_n[by_p_n[n]] = n // strip
    _fill_bins(p_xn[1], bins, bin_n)
    _sort(bin_n, order_n, begin, by_p_n)
    _sort(strip_n, by_p_n, begin, order_n)


@inner_kernel
def _fill_boxes(p_xn, order_n, size, boxes):
    """Fill the ranges of both projections of each `size` points."""
    for axis in range(2):
        low, high = boxes[2 * axis], boxes[2 * axis + 1]
        low[:], high[:] = np.inf, -np.inf
        for n in range(len(order_n)):
            b, own = n // size, p_xn[axis, order_n[n]]
            low[b], high[b] = min(low[b], own), max(high[b], own)


@inner_kernel
def _gap2(x, y, boxes, b):
    """Return the squares of the distances of eight projections from a box."""
    gap2 = zero = repeat(0.0)
    for p, low in ((x, 0), (y, 2)):
        below, above = copies(boxes[low], b) - p, p - copies(boxes[low + 1], b)
        gap = choose(below, above, above, below)
        gap = choose(gap, zero, zero, gap)
        gap2 = gap2 + gap * gap
    return gap2


@inner_kernel
def _search(a, begin, end, blocks, found):
    """Compare block a with those from `begin` that may hold nearer neighbors.

    `found` is what is known of the neighbors of its points: their numbers and the
    squares of their distances.
    """
    x, components, p, boxes, itself = blocks
    best, best_d2 = found
    p_0, p_1 = load(p, 2 * a * LANES), load(p, (2 * a + 1) * LANES)
    for b in range(begin, min(end, boxes.shape[1])):
        if any_less(_gap2(p_0, p_1, boxes, b), best_d2):
            best, best_d2 = _compare(x, components, a, b, itself, best, best_d2)
    return best, best_d2


@inner_kernel
def _sweep(q_kn, points, work, sweep):
    """Look for neighbors in the own strip, from the own block on, and outwards."""
    nearest_n, d2_n, (order_n, x, room, itself), _ = work
    p_xn, p, lists, begin, boxes, strips, (covariance, v, room_k) = sweep
    _fill_covariance(q_kn, points, covariance, room_k)
    _fill_directions(covariance, v, room_k)
    _project(q_kn, v[0], p_xn[0])
    _project(q_kn, v[1], p_xn[1])
    size = max(1, int(STRIP * np.sqrt(points)) // LANES)  # of a strip, in blocks
    _cut_into_strips(p_xn, size * LANES, order_n, lists, begin)
    _fill_blocks(q_kn, order_n, x)
    _fill_blocks(p_xn, order_n, p)
    _fill_boxes(p_xn, order_n, LANES, boxes)
    _fill_boxes(p_xn, order_n, size * LANES, strips)
    count = (boxes.shape[1] + size - 1) // size
    blocks = x, q_kn.shape[0], p, boxes, itself
    for a in range(boxes.shape[1]):
        for lane in range(LANES):  # nothing is nearer to the places left over
            room[lane] = np.inf if a * LANES + lane < points else 0.0
        p_0, p_1 = load(p, 2 * a * LANES), load(p, (2 * a + 1) * LANES)
        own, first = a // size, a // size * size
        found = repeat(0.0), load(room, 0)
        found = _search(a, a, first + size, blocks, found)
        found = _search(a, first, a, blocks, found)
        for i in range(1, count):
            for s in (own - i, own + i):
                if 0 <= s < count and any_less(_gap2(p_0, p_1, strips, s), found[1]):
                    found = _search(a, s * size, (s + 1) * size, blocks, found)
        _keep(a, found[0], found[1], order_n, room, nearest_n, d2_n)


@inner_kernel
def _find(q_kn, points, work, sweep):
    if sweep is None:
        _compare_all(q_kn, points, work)
    elif points <= SWEEP_ABOVE:
        _compare_all(q_kn, points, work)
    else:
        _sweep(q_kn, points, work, sweep)


@inner_kernel
def find_nearest(q_kn, points, work):
    """Find the nearest neighbor of each of the first `points` columns of q_kn."""
    _find(q_kn, points, work, work[3])
