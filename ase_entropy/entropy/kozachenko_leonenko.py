"""Entropy after Kozachenko and Leonenko."""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import digamma, gammaln

from ase_entropy import checks
from ase_entropy._kernels.kozachenko_leonenko import KozachenkoLeonenkoNumbers
from ase_entropy._kernels.smooth_kth import SmoothKthNumbers
from ase_entropy.entropy.compiled import evaluate_compiled
from ase_entropy.entropy.space import Space, fix_space

__all__ = ['KozachenkoLeonenkoEntropy', 'entropy_constant']


@dataclass(frozen=True)
class KozachenkoLeonenkoEntropy:
    r"""Differential entropy from distances to the k-th nearest neighbor.

    .. math::

        S = \psi(N) - \psi(k) + \ln V_d + \frac{d}{n} \sum_j
            \ln \sqrt{|\mathbf q_j - \mathbf q_{j,k}|^2 + \epsilon^2}, \qquad
        V_d = \frac{\pi^{d/2}}{\Gamma(d/2 + 1)}

    over the n atoms of the cell, in d dimensions; the k-th neighbor of j is looked for
    among N points, the cell and the reference. With all its constants it estimates the
    entropy of the distribution that the points are drawn from, without bias where the
    density varies little within the distance to the neighbor. For k = 1 it is d times
    the paper's S, and a constant. A larger k varies less and sees coarser; its kinks
    are those of the k-th neighbor.

    At a finite order p it is smooth, as :class:`SmoothNearestNeighborEntropy` is, and a
    quench converges: the k-th distance of j is then

    .. math::

        d_{j,k} = \Big[\frac{e_{k-1}(\mathbf x)}{e_k(\mathbf x)}\Big]^{1/p}, \qquad
        x_l = \big(|\mathbf q_j - \mathbf q_l|^2 + \epsilon^2\big)^{-p/2}

    with e_k the k-th elementary symmetric sum of all :math:`x_l`, each of whose terms
    is the product of k of them; for k = 1 a power mean.

    Equal descriptors count as epsilon apart and do not pull at each other; so do the
    images of a single atom.

    Parameters
    ----------
    k : int
        Which neighbor.
    softening : float
        Epsilon (units of the distance), added in quadrature to every distance.
    reference_mk, scale_k, whitening_kx
        As in :class:`NearestNeighborEntropy`.
    order : float
        Order p, from 1 to inf.

    Raises
    ------
    ValueError
        k not positive, or not below the number of points; order below 1; negative
        softening; arrays that do not fit; equal descriptors without softening.

    References
    ----------
    .. [1] L. F. Kozachenko, N. N. Leonenko, Probl. Inf. Transm. 23, 95 (1987).
    .. [2] A. Kraskov, H. Stoegbauer, P. Grassberger, Phys. Rev. E 69, 066138 (2004),
       Eq. (20).

    Examples
    --------
    Points drawn from the unit square, whose entropy is 0:

    >>> q_nk = np.random.default_rng(0).random((5000, 2))
    >>> entropy, dS_dq_nk = KozachenkoLeonenkoEntropy(softening=0.0).evaluate(q_nk)
    >>> abs(entropy) < 0.05
    True
    """

    k: int = 1
    softening: float = 0.01
    reference_mk: Any = field(default=None, repr=False)
    scale_k: Any = None
    whitening_kx: Any = None
    order: float = field(default=math.inf, metadata={'absent': math.inf})

    def __post_init__(self) -> None:
        checks.whole('k', self.k, least=1)
        if self.order != math.inf:
            checks.real('order', self.order, least=1.0)
        checks.real('softening', self.softening, least=0.0)
        fix_space(self)

    @cached_property
    def space(self) -> Space:
        """Where distances are taken."""
        return Space(self)

    def evaluate(self, q_nk: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the entropy and its gradient, as :class:`NearestNeighborEntropy`."""
        x_nx, x_lx = self.space.points(q_nk)
        (n, d), points = x_nx.shape, len(x_lx)
        if self.k >= points > 1 or self.k > points:
            raise ValueError(f'k={self.k}: expected less than the {points} points')
        if self.order != math.inf:
            return evaluate_compiled(self, q_nk)
        if points == 1:  # its images are its neighbors, and equal to it
            d2_n, neighbor_n = np.array([self.softening**2]), np.array([0])
        else:
            distance_nk, neighbor_nk = cKDTree(x_lx).query(x_nx, [self.k + 1])
            d2_n = distance_nk[:, 0] ** 2 + self.softening**2
            neighbor_n = neighbor_nk[:, 0]
        if d2_n.min() == 0.0:
            raise ValueError(
                f'softening={self.softening!r} and atom {d2_n.argmin()} has the '
                'descriptors of another: the entropy is -inf, expected softening > 0'
            )
        entropy = entropy_constant(points, self.k, d)
        entropy += 0.5 * d * np.log(d2_n).mean()
        pull_nx = d / n * (x_nx - x_lx[neighbor_n]) / d2_n[:, None]
        dS_dx_lx = np.zeros_like(x_lx)
        dS_dx_lx[:n] = pull_nx
        np.subtract.at(dS_dx_lx, neighbor_n, pull_nx)
        return float(entropy), self.space.pull(dS_dx_lx[:n])

    def numbers(self, components: int) -> KozachenkoLeonenkoNumbers | SmoothKthNumbers:
        """Return what the compiled kernels take, for so many components."""
        self.space.check(components)
        of = float(self.softening), self.space.linear_map, self.space.reference_xm
        if self.order == math.inf:
            return KozachenkoLeonenkoNumbers(int(self.k), *of)
        return SmoothKthNumbers(int(self.k), float(self.order), *of)


def entropy_constant(points: int, k: int, d: int) -> float:
    """Return what is added to d times the mean logarithm of the distances.

    Examples
    --------
    >>> bool(np.isclose(entropy_constant(2, 1, 1), 1 + np.log(2)))
    True
    """
    log_volume = 0.5 * d * np.log(np.pi) - gammaln(0.5 * d + 1)
    return digamma(points) - digamma(k) + log_volume
