"""Entropy from smooth distances to the k-th nearest neighbors.

The k-th largest of numbers x is, in the limit of a large power, the ratio of the
elementary symmetric sums e_k / e_(k-1) of x^power. These ratios r_i follow from each
other as numbers are added, without products that overflow:
r_i <- (r_i + x) r_(i-1) / (r_(i-1) + x), and r_1 <- r_1 + x.
"""

from typing import NamedTuple

import numpy as np

from ase_entropy._kernels.distances import (
    count,
    pull_all,
    squares,
    squares_to_reference,
)
from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.kozachenko_leonenko import constant, select
from ase_entropy._kernels.power_mean import raise_to

__all__ = ['SmoothKthNumbers', 'entropy', 'work']

NOTHING = 1e-17  # over the k-th largest: adds nothing to any ratio
LARGEST = 1e150  # over the k-th largest; its square is a number


class SmoothKthNumbers(NamedTuple):
    """Of a :class:`KozachenkoLeonenkoEntropy` of finite order."""

    k: int
    order: float
    softening: float
    weight_kx: np.ndarray | None
    reference: np.ndarray | None  # (x, m)


def work(
    components: int, points: int, estimator: SmoothKthNumbers, again: bool
) -> tuple:
    """Return k-th distances (squares), numbers of all points, and all ratios."""
    fixed = 0 if estimator.reference is None else estimator.reference.shape[1]
    size = points + fixed
    ratios = np.zeros((size + 1, estimator.k))
    return np.zeros(points), np.empty((3, size)), np.zeros(size, np.int64), ratios


@inner_kernel
def _add(x, size, ratio, added):
    """Fill a row of ratios for each number added; return how many there are."""
    rows, k = 0, ratio.shape[1]
    for n in range(size):
        if x[n] < NOTHING:
            continue
        old, new = ratio[rows], ratio[rows + 1]
        new[0] = old[0] + x[n]
        for i in range(1, k):
            new[i] = (old[i] + x[n]) * (old[i - 1] / (old[i - 1] + x[n]))
        added[rows] = n
        rows += 1
    return rows


@inner_kernel
def _differentiate(x, size, ratio, added, rows, slope):
    """Fill the slopes of the last ratio, which overwrites the rows with their own."""
    k = ratio.shape[1]
    for n in range(size):
        slope[n] = 0.0
    own = ratio[rows]
    for i in range(k):
        own[i] = 1.0 if i == k - 1 else 0.0
    for row in range(rows - 1, -1, -1):
        old, new = ratio[row], ratio[row + 1]  # values, and slopes of what came of them
        number, total, below = x[added[row]], new[0], 0.0
        for i in range(k - 1, 0, -1):
            over = 1.0 / (old[i - 1] + number)
            share, above = old[i - 1] * over, below
            total += new[i] * share * ((old[i - 1] - old[i]) * over)
            below = new[i] * ((old[i] + number) * over) * (number * over)
            old[i] = new[i] * share + above
        old[0] = new[0] + below
        slope[added[row]] = total


@inner_kernel
def entropy(x_kn, points, order_n, estimator, work, dS_dx_kn):
    """Weigh all neighbors of a point by what they add to its k-th distance."""
    rank, order, softening, _, reference = estimator
    d2_n, (d2, x, weight), added, ratio = work
    d, size = x_kn.shape[0], points + count(reference)
    if size == 1:  # its images are its neighbors, and equal to it
        d2_n[0] = softening**2
        return constant(size, rank, d) + d * np.log(softening)
    total = 0.0
    for j in range(points):
        squares(x_kn, x_kn, j, points, d2)
        squares_to_reference(reference, x_kn, j, d2[points:])
        d2[j] = np.inf
        for n in range(size):
            d2[n] += softening**2
            x[n] = d2[n]
        scale = d2[select(x, size, rank)]
        d2_n[j] = scale
        for n in range(size):
            x[n] = scale / d2[n]
        raise_to(x, size, order, weight)
        for n in range(size):
            x[n] = min(weight[n], LARGEST)
        for i in range(rank):
            ratio[0, i] = 0.0
        rows = _add(x, size, ratio, added)
        last = ratio[rows, rank - 1]
        total += 0.5 * np.log(scale) - np.log(last) / order
        _differentiate(x, size, ratio, added, rows, weight)
        for n in range(size):
            slope = weight[n] * x[n] / d2[n] if x[n] < LARGEST else 0.0
            weight[n] = slope * d / (last * points)
        pull_all(x_kn, points, reference, j, weight, dS_dx_kn)
    return constant(size, rank, d) + d * total / points
