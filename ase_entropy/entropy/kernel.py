"""Entropy from a Gaussian kernel density."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import logsumexp

from ase_entropy import checks
from ase_entropy._kernels.kernel_density import KernelNumbers
from ase_entropy.entropy.leaves import sum_near
from ase_entropy.entropy.space import Space, fix_space

__all__ = ['KernelEntropy', 'silverman']

BLOCK = 2_000_000  # differences held at once
EXACT = 10_000_000  # pairs, a second; above, those too far to matter are left out
OMITTED = 1e-5  # of the sum at each point, at most


@dataclass(frozen=True)
class KernelEntropy:
    r"""Differential entropy from a Gaussian kernel density, leaving one out.

    .. math::

        S = -\frac1n \sum_j \ln \frac{1}{N-1} \sum_{l \ne j}
            \frac{\exp(-|\mathbf q_j - \mathbf q_l|^2 / 2h^2)}{(2\pi h^2)^{k/2}}

    over the n atoms of the cell; N counts the cell and the reference. The bandwidth h
    is a number, or Silverman's, from the spread of all N points,

    .. math::

        h^2 = \Big(\frac{4}{(k+2) N}\Big)^{2/(k+4)} \sigma^2 + \epsilon^2, \qquad
        \sigma^2 = \frac{1}{Nk} \sum_l |\mathbf q_l - \bar{\mathbf q}|^2

    and then moves with them; the gradient knows. Smooth everywhere. Sees the density on
    the scale of h, not single pairs: use it to spread environments evenly, not to keep
    two of them apart. One sigma serves all components: whiten unlike ones.

    A number far below the distances is no density any more: S then grows with the
    square of the distances to the nearest points, and a quench runs away.

    Equal descriptors do not pull at each other, and count as density at distance 0; so
    do the images of a single atom.

    Up to 10 million pairs, n N, all are summed. Beyond, what is too far to matter is
    left out, leaf by leaf of a tree: of the sum at each point less than 1e-5 of it, so
    that

    .. math:: 0 \le S_\mathrm{cut} - S \le 10^{-5}

    and the gradient is as exact, as far as its terms do not cancel. The narrower the
    kernels, the more is left out: with many independent components, Silverman's are so
    wide that nearly all pairs matter.

    Parameters
    ----------
    bandwidth : float or 'silverman'
        h (units of the distance).
    softening : float
        Epsilon, added to Silverman's bandwidth in quadrature: S stays finite where all
        environments are equal.
    reference_mk, scale_k, whitening_kx
        As in :class:`NearestNeighborEntropy`.

    Raises
    ------
    ValueError
        Bandwidth not positive; negative softening; arrays that do not fit; no spread
        and no softening.

    References
    ----------
    .. [1] B. W. Silverman, Density Estimation (Chapman and Hall, 1986), Eq. (4.14).
    .. [2] P. Hall, S. C. Morton, Ann. Inst. Stat. Math. 45, 69 (1993).

    Examples
    --------
    >>> q_nk = np.random.default_rng(0).standard_normal((2000, 1))
    >>> entropy, dS_dq_nk = KernelEntropy().evaluate(q_nk)
    >>> exact = 0.5 * np.log(2 * np.pi * np.e)
    >>> round(exact, 2), round(entropy, 2)
    (np.float64(1.42), 1.42)
    """

    bandwidth: float | str = 'silverman'
    softening: float = 0.01
    reference_mk: Any = field(default=None, repr=False)
    scale_k: Any = None
    whitening_kx: Any = None

    def __post_init__(self) -> None:
        if not isinstance(self.bandwidth, str):
            checks.real('bandwidth', self.bandwidth, above=0.0)
        elif self.bandwidth != 'silverman':
            raise ValueError(
                f"bandwidth={self.bandwidth!r}: expected 'silverman' or a number > 0"
            )
        checks.real('softening', self.softening, least=0.0)
        fix_space(self)

    @cached_property
    def space(self) -> Space:
        """Where distances are taken."""
        return Space(self)

    def evaluate(self, q_nk: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the entropy and its gradient, as :class:`NearestNeighborEntropy`."""
        x_nx, x_lx = self.space.points(q_nk)
        n, k = x_nx.shape
        h2, dh2_dx_nx = self._square_bandwidth(x_lx, n)
        if h2 == 0.0:
            raise ValueError(
                f'softening={self.softening!r} and all descriptors are equal: the '
                'entropy is -inf, expected softening > 0'
            )
        log_norm = 0.5 * k * np.log(2 * np.pi * h2)
        if len(x_lx) == 1:  # its images are its neighbors, and equal to it
            return float(log_norm), np.zeros_like(q_nk, float)
        if n * len(x_lx) > EXACT:
            mean_log, dS_dh2, dS_dx_nx = sum_near(x_nx, x_lx[n:], h2, OMITTED)
            entropy = np.log(len(x_lx) - 1) + log_norm - mean_log
            return float(entropy), self.space.pull(dS_dx_nx + dS_dh2 * dh2_dx_nx)
        log_others = np.log(len(x_lx) - 1)
        entropy, dS_dh2, dS_dx_lx = 0.0, 0.0, np.zeros_like(x_lx)
        rows = max(1, BLOCK // x_lx.size)
        for begin in range(0, n, rows):
            own = np.arange(begin, min(n, begin + rows))
            difference_jlx = x_lx[own][:, None] - x_lx
            u_jl = np.einsum('jlx,jlx->jl', difference_jlx, difference_jlx) / h2
            u_jl[own - begin, own] = np.inf
            log_sum_j = logsumexp(-0.5 * u_jl, axis=1)
            entropy += np.sum(log_others + log_norm - log_sum_j) / n
            weight_jl = np.exp(-0.5 * u_jl - log_sum_j[:, None]) / n
            u_jl[own - begin, own] = 0.0
            dS_dh2 += 0.5 * (k * len(own) / n - np.sum(weight_jl * u_jl)) / h2
            pull_jlx = weight_jl[:, :, None] * difference_jlx / h2
            dS_dx_lx[own] += pull_jlx.sum(axis=1)
            dS_dx_lx -= pull_jlx.sum(axis=0)
        return float(entropy), self.space.pull(dS_dx_lx[:n] + dS_dh2 * dh2_dx_nx)

    def numbers(self, components: int) -> KernelNumbers:
        """Return what the compiled kernels take, for so many components."""
        self.space.check(components)
        bandwidth = 0.0 if self.bandwidth == 'silverman' else float(self.bandwidth)
        of = self.space.linear_map, self.space.reference_xm
        return KernelNumbers(bandwidth, float(self.softening), *of)

    def _square_bandwidth(self, x_lx: np.ndarray, n: int) -> tuple[float, np.ndarray]:
        """Return h^2 and its derivative with respect to the n points of the cell."""
        if self.bandwidth != 'silverman':
            return self.bandwidth**2, np.zeros((n, x_lx.shape[1]))
        h2, dh2_dx_lx = silverman(x_lx, self.softening)
        return h2, dh2_dx_lx[:n]


def silverman(x_lx: np.ndarray, softening: float) -> tuple[float, np.ndarray]:
    """Return the square of Silverman's bandwidth of points, and its derivative.

    Examples
    --------
    >>> h2, _ = silverman(np.array([[-1.0], [1.0]]), softening=0.0)
    >>> bool(np.isclose(h2, (4 / 6) ** 0.4))
    True
    """
    points, k = x_lx.shape
    factor = (4 / ((k + 2) * points)) ** (2 / (k + 4))
    from_mean_lx = x_lx - x_lx.mean(axis=0)
    h2 = factor * np.mean(from_mean_lx**2) + softening**2
    return h2, 2 * factor / (points * k) * from_mean_lx
