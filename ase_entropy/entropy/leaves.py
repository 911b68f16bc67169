"""Sums of Gaussian kernels over near points, found in the leaves of a tree."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from ase_entropy._kernels.kernel_sums import (
    LEAF,
    SIX,
    kernel_gradient,
    log_kernel_sums,
)
from ase_entropy._kernels.reference import halves

__all__ = ['Leaves', 'log_sums', 'sum_near']

FAR = 1e100  # coordinates of a place without a point
TASK = 64  # leaves of one call of a thread


def sum_near(
    x_nx: np.ndarray, reference_mx: np.ndarray, h2: float, omitted: float
) -> tuple[float, float, np.ndarray]:
    r"""Return mean and derivatives of the logarithms of sums of Gaussian kernels.

    .. math:: L = \frac1n \sum_j \ln \sum_{l \ne j}
              \exp(-|\mathbf x_j - \mathbf x_l|^2 / 2h^2)

    Parameters
    ----------
    x_nx : (n, x) float array
        The points j.
    reference_mx : (m, x) float array
        Further points l.
    h2 : float
        Square of the bandwidth h.
    omitted : float
        Part of each sum that may be left out: L is too small by no more than this.

    Returns
    -------
    mean_log : float
        L.
    dS_dh2 : float
        Derivative of :math:`\frac x2 \ln h^2 - L`, an entropy.
    dS_dx_nx : (n, x) float array
        Derivative of -L.
    """
    n, k = x_nx.shape
    leaves, own, turned_xx = _turned(x_nx, reference_mx)
    tail = np.log((n + len(reference_mx)) / omitted)
    log_bl = np.full((len(leaves.count_b), LEAF), np.inf)
    boxes = leaves[:4]
    log_kernel_sums(*boxes, 0, own, 0, h2, tail, log_bl)
    g_bkl = np.empty_like(leaves.x_bkl)
    product = kernel_gradient(*boxes, own, h2, tail, log_bl, g_bkl)
    pull_nx = leaves.values(g_bkl)[:n, :k] @ turned_xx.T
    return (
        float(leaves.values(log_bl)[:n].mean()),
        (0.5 * k - product / n) / h2,
        pull_nx / (n * h2),
    )


def log_sums(
    x_nx: np.ndarray,
    others_mx: np.ndarray | None,
    h2: float,
    omitted: float,
    *,
    workers: int = 1,
    progress: Callable[[float], None] | None = None,
) -> np.ndarray:
    r"""Return the logarithm of the sum of Gaussian kernels at each point, (n,).

    .. math:: L_j = \ln \sum_l \exp(-|\mathbf x_j - \mathbf y_l|^2 / 2h^2)

    over other points l; if there are none, over the points themselves, without j.

    Parameters
    ----------
    x_nx : (n, x) float array
        The points j.
    others_mx : (m, x) float array or None
        The points l.
    h2, omitted
        As in :func:`sum_near`.
    workers : int
        Threads; the numbers are the same.
    progress : callable, optional
        Takes the fraction that is done, again and again.
    """
    others_mx = np.empty((0, x_nx.shape[1])) if others_mx is None else others_mx
    leaves, own, _ = _turned(x_nx, others_mx)
    first = own if len(others_mx) else 0
    tail = np.log((len(others_mx) or len(x_nx)) / omitted)
    log_bl = np.empty((len(leaves.count_b), LEAF))

    def work(begin: int) -> int:
        end = min(begin + TASK, own)
        log_kernel_sums(*leaves[:4], begin, end, first, h2, tail, log_bl)
        return end

    with ThreadPoolExecutor(workers) as executor:
        for end in executor.map(work, range(0, own, TASK)):
            if progress is not None:
                progress(end / own)
    return leaves.values(log_bl)[: len(x_nx)]


def _turned(
    x_nx: np.ndarray, others_mx: np.ndarray
) -> tuple['Leaves', int, np.ndarray]:
    """Return leaves of both sets of points, how many are of the first, and the axes.

    The longest axis comes first: far points show early.
    """
    mean_x = x_nx.mean(axis=0)
    from_mean_nx = x_nx - mean_x
    _, turned_xx = np.linalg.eigh(from_mean_nx.T @ from_mean_nx)
    turned_xx = turned_xx[:, ::-1]
    both = (from_mean_nx, others_mx - mean_x if len(others_mx) else others_mx)
    leaves = Leaves.of(*(x @ turned_xx for x in both if len(x)))
    own = 1 + np.searchsorted(np.cumsum(leaves.count_b), len(x_nx))
    return leaves, int(own), turned_xx


class Leaves(NamedTuple):
    """Points, sorted into boxes by halving the longest side of each again and again.

    Parameters
    ----------
    x_bkl : (b, k, l) float array
        Points of each leaf; `FAR` where it has fewer.
    count_b : (b,) int array
        Number of points of each leaf.
    low_kb, high_kb : (k, b) float arrays
        Corners of its box.
    order_n : (n,) int array
        Which point is where, one leaf after the other.
    """

    x_bkl: np.ndarray
    count_b: np.ndarray
    low_kb: np.ndarray
    high_kb: np.ndarray
    order_n: np.ndarray

    @classmethod
    def of(cls, *sets: np.ndarray) -> 'Leaves':
        """Sort the points of several sets, (n, k), each into leaves of its own."""
        parts, begin = [], 0
        for x_nk in sets:
            parts += [begin + part for part in halves(x_nk, LEAF)]
            begin += len(x_nk)
        x_nk = np.concatenate(sets)
        x_nk = np.pad(x_nk, ((0, 0), (0, -x_nk.shape[1] % SIX)))
        x_bkl = np.full((len(parts), x_nk.shape[1], LEAF), FAR)
        for x_kl, part in zip(x_bkl, parts, strict=True):
            x_kl[:, : len(part)] = x_nk[part].T
        ends = [(x_nk[part].min(axis=0), x_nk[part].max(axis=0)) for part in parts]
        low_kb, high_kb = np.ascontiguousarray(np.transpose(ends, (1, 2, 0)))
        count_b = np.array([len(part) for part in parts])
        return cls(x_bkl, count_b, low_kb, high_kb, np.concatenate(parts))

    def values(self, a_bl: np.ndarray) -> np.ndarray:
        """Return a quantity of the points, (b, ..., l), in their order, (n, ...)."""
        lane_l = np.arange(LEAF)
        sorted_n = np.moveaxis(a_bl, -1, 1)[lane_l < self.count_b[:, None]]
        values_n = np.empty_like(sorted_n)
        values_n[self.order_n] = sorted_n
        return values_n
