"""Nearest neighbors among many fixed points.

The points are sorted into boxes of :data:`IN_BOX`, by halves along the direction in
which they spread most. Points that move a little from call to call keep a list of what
was around them: as long as neither they have moved too far nor the nearest is too far
away for the list, nothing else can be nearer.
"""

from typing import NamedTuple

import numpy as np

from ase_entropy._kernels.jit import inner_kernel

__all__ = ['Around', 'Boxes', 'around', 'boxes', 'halves', 'look_in_boxes']

IN_BOX = 32
MOST, LEAST = 96, 16  # points in a list
ROOM = 2**24  # numbers in all lists together
SAFE = 1.0 - 1e-12  # for rounding of distances


class Boxes(NamedTuple):
    """Fixed points, sorted, and the corners of their boxes."""

    point_xm: np.ndarray
    lower_xb: np.ndarray
    upper_xb: np.ndarray


class Around(NamedTuple):
    """What was around each moving point, where it was, and how far that reaches."""

    place_nm: np.ndarray
    point_nxm: np.ndarray
    count_n: np.ndarray
    origin_xn: np.ndarray
    radius_n: np.ndarray


def halves(point_mx: np.ndarray, most: int) -> list[np.ndarray]:
    """Return the places of points that are close together, `most` each but the last.

    Points are halved along the direction in which they spread most, again and again.
    """
    waiting, parts = [np.arange(len(point_mx))], []
    while waiting:
        part = waiting.pop()
        if len(part) <= most:
            parts.append(part)
            continue
        widest = np.ptp(point_mx[part], axis=0).argmax()
        half = -(-len(part) // (2 * most)) * most  # full parts
        order = np.argpartition(point_mx[part, widest], half)
        waiting += [part[order[half:]], part[order[:half]]]
    return parts


def boxes(point_mx: np.ndarray) -> Boxes:
    """Sort points, (m, x), into boxes."""
    members = [point_mx[part] for part in halves(point_mx, IN_BOX)]
    return Boxes(
        np.ascontiguousarray(np.concatenate(members).T),
        np.array([part.min(axis=0) for part in members]).T.copy(),
        np.array([part.max(axis=0) for part in members]).T.copy(),
    )


def around(components: int, points: int) -> Around:
    """Return lists that know nothing yet, for so many moving points."""
    most = max(LEAST, min(MOST, ROOM // (components * points)))
    return Around(
        np.zeros((points, most), np.int64),
        np.zeros((points, components, most)),
        np.zeros(points, np.int64),
        np.zeros((components, points)),
        np.zeros(points),
    )


@inner_kernel
def _squares_to_boxes(boxes, x_kn, j, d2_b):
    """Fill in the squares of the distances to the boxes; never above a point's."""
    for b in range(len(d2_b)):
        d2_b[b] = 0.0
    for k in range(x_kn.shape[0]):
        own, lower, upper = x_kn[k, j], boxes.lower_xb[k], boxes.upper_xb[k]
        for b in range(len(d2_b)):
            gap = max(max(lower[b] - own, own - upper[b]), 0.0)
            d2_b[b] += gap * gap


@inner_kernel
def _squares_in_box(boxes, b, x_kn, j, d2):
    """Fill in the squares of the distances to the points in a box; return how many."""
    begin = b * IN_BOX
    size = min(IN_BOX, boxes.point_xm.shape[1] - begin)
    for n in range(size):
        d2[n] = 0.0
    for k in range(x_kn.shape[0]):
        own = x_kn[k, j]
        for n in range(size):
            apart = boxes.point_xm[k, begin + n] - own
            d2[n] += apart * apart
    return size


@inner_kernel
def _collect(boxes, x_kn, j, radius2, work):
    """List the points within a radius, and their distances; return how many."""
    d2_b, d2, place_f, d2_f = work
    found = 0
    for b in range(len(d2_b)):
        if d2_b[b] < radius2:
            size = _squares_in_box(boxes, b, x_kn, j, d2)
            for n in range(size):
                if d2[n] < radius2:
                    place_f[found], d2_f[found] = b * IN_BOX + n, d2[n]
                    found += 1
    return found


@inner_kernel
def _count(d2_f, found, radius2):
    """Return how many are within a radius."""
    count = 0
    for f in range(found):
        count += d2_f[f] < radius2
    return count


@inner_kernel
def _look_around(boxes, around, x_kn, j, n, work):
    """Make the list of point n anew, which is column j; return its nearest, and d2."""
    place_nm, point_nxm, count_n, origin_xn, radius_n = around
    d2_b, _, place_f, d2_f = work
    most = place_nm.shape[1]
    _squares_to_boxes(boxes, x_kn, j, d2_b)
    radius2 = radius_n[n] ** 2 if radius_n[n] > 0.0 else np.inf
    found = _collect(boxes, x_kn, j, radius2, work)
    while found < LEAST and radius2 < np.inf:
        radius2 *= 4.0
        found = _collect(boxes, x_kn, j, radius2, work)
    best = 0
    for f in range(found):
        if d2_f[f] < d2_f[best]:
            best = f
    if found > most and radius2 == np.inf:
        radius2 = 0.0
        for f in range(found):
            radius2 = max(radius2, d2_f[f])
    while _count(d2_f, found, radius2) > most:
        radius2 *= 0.8
    count = 0
    for f in range(found):
        if d2_f[f] < radius2:
            place_nm[n, count] = place_f[f]
            for k in range(x_kn.shape[0]):
                point_nxm[n, k, count] = boxes.point_xm[k, place_f[f]]
            count += 1
    count_n[n], radius_n[n] = count, np.sqrt(radius2)
    for k in range(x_kn.shape[0]):
        origin_xn[k, n] = x_kn[k, j]
    return place_f[best], d2_f[best]


@inner_kernel
def _look_in_list(around, x_kn, j, n, d2):
    """Return the nearest point in the list of point n, and its d2."""
    place_nm, point_nxm, count_n, _, _ = around
    count = count_n[n]
    for m in range(count):
        d2[m] = 0.0
    for k in range(x_kn.shape[0]):
        own, point = x_kn[k, j], point_nxm[n, k]
        for m in range(count):
            d2[m] += (point[m] - own) * (point[m] - own)
    best, best_d2 = 0, np.inf
    for m in range(count):
        if d2[m] < best_d2:
            best, best_d2 = place_nm[n, m], d2[m]
    return best, best_d2


@inner_kernel
def _search(boxes, x_kn, j, best_d2, work):
    """Return the nearest point, if it is nearer than known ones, and its d2."""
    d2_b, d2, _, _ = work
    _squares_to_boxes(boxes, x_kn, j, d2_b)
    first = 0
    for b in range(len(d2_b)):
        if d2_b[b] < d2_b[first]:
            first = b
    best = -1
    for turn in range(-1, len(d2_b)):
        b = first if turn < 0 else turn
        if d2_b[b] < best_d2:
            size = _squares_in_box(boxes, b, x_kn, j, d2)
            for n in range(size):
                if d2[n] < best_d2:
                    best, best_d2 = b * IN_BOX + n, d2[n]
    return best, best_d2


@inner_kernel
def _nearest(boxes, around, x_kn, j, n, best_d2, work):
    """Return the nearest fixed point of point n, or one that is not nearer; and d2."""
    if around is None:
        return _search(boxes, x_kn, j, best_d2, work)
    best, d2 = _look_in_list(around, x_kn, j, n, work[1])
    moved2 = 0.0
    for k in range(x_kn.shape[0]):
        moved2 += (x_kn[k, j] - around.origin_xn[k, n]) ** 2
    reach = np.sqrt(min(d2, best_d2)) + np.sqrt(moved2)
    if reach < SAFE * around.radius_n[n]:
        return best, d2
    return _look_around(boxes, around, x_kn, j, n, work)


@inner_kernel
def look_in_boxes(boxes, around, x_kn, points, order_n, work, nearest_n, d2_n):
    """Note fixed points that are nearer than the known ones, numbered from `points`.

    Column j of x_kn is the moving point order_n[j]. Without boxes nothing is done;
    without lists the boxes are searched each time.
    """
    if boxes is None:
        return
    for j in range(points):
        m, d2 = _nearest(boxes, around, x_kn, j, order_n[j], d2_n[j], work)
        if d2 < d2_n[j]:
            nearest_n[j], d2_n[j] = points + m, d2
