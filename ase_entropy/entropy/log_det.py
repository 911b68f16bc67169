"""Entropy of a Gaussian with the covariance of the descriptors."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy._kernels.log_det import LogDetNumbers, Moments
from ase_entropy.entropy.space import Space, fix_space

__all__ = ['LogDetEntropy']


@dataclass(frozen=True)
class LogDetEntropy:
    r"""Entropy of the Gaussian that has the covariance of the descriptors.

    .. math::

        S = \frac k2 \ln(2\pi e) + \frac12 \ln\det(\mathbf C + \lambda \mathbf 1),
        \qquad \mathbf C = \frac1N \sum_l (\mathbf q_l - \bar{\mathbf q})
        (\mathbf q_l - \bar{\mathbf q})^T

    over the N points of the cell and the reference, of which count, mean and scatter
    are all that it needs: a large one costs no more than a small one. Its maximum is
    the D-optimal design of a linear model in q. Smooth, and cheap for many atoms; sees
    the spread only, not whether environments repeat: use it for linear models, or to
    start a quench.

    Where all descriptors are equal, or there is a single atom, C = 0: S is finite by
    the ridge, and the gradient zero.

    Parameters
    ----------
    ridge : float
        Lambda (square of the unit of the distance).
    reference_mk, scale_k, whitening_kx
        As in :class:`NearestNeighborEntropy`.

    Raises
    ------
    ValueError
        Negative ridge; arrays that do not fit; a covariance without a logarithm.

    References
    ----------
    .. [1] T. M. Cover, J. A. Thomas, Elements of Information Theory (Wiley, 2006),
       Theorem 8.4.1.

    Examples
    --------
    >>> q_nk = np.array([[-1.0], [1.0]])
    >>> entropy, dS_dq_nk = LogDetEntropy(ridge=0.0).evaluate(q_nk)
    >>> bool(np.isclose(entropy, 0.5 * np.log(2 * np.pi * np.e)))
    True
    >>> dS_dq_nk.tolist()
    [[-0.5], [0.5]]
    """

    ridge: float = 1e-4
    reference_mk: Any = field(default=None, repr=False)
    scale_k: Any = None
    whitening_kx: Any = None

    def __post_init__(self) -> None:
        checks.real('ridge', self.ridge, least=0.0)
        fix_space(self)

    @cached_property
    def space(self) -> Space:
        """Where distances are taken."""
        return Space(self)

    def evaluate(self, q_nk: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the entropy and its gradient, as :class:`NearestNeighborEntropy`."""
        x_nx, _ = self.space.points(q_nk)
        moments = merge(x_nx, self.moments)
        entropy, inverse_xx = gaussian_entropy(moments, self.ridge)
        pull_nx = (x_nx - moments.mean_x) @ inverse_xx / moments.count
        return entropy, self.space.pull(pull_nx)

    @cached_property
    def moments(self) -> Moments | None:
        """Count, mean and scatter of the reference: all that S knows of it."""
        reference_mx = self.space.reference_mx
        if len(reference_mx) == 0:
            return None
        mean_x = reference_mx.mean(axis=0)
        from_mean_mx = reference_mx - mean_x
        return Moments(len(reference_mx), mean_x, from_mean_mx.T @ from_mean_mx)

    def numbers(self, components: int) -> LogDetNumbers:
        """Return what the compiled kernels take, for so many components."""
        self.space.check(components)
        return LogDetNumbers(float(self.ridge), self.space.linear_map, self.moments)


def merge(x_nx: np.ndarray, fixed: Moments | None) -> Moments:
    """Return count, mean and scatter of points and others, by those of the others.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub, R. J. LeVeque, Am. Stat. 37, 242 (1983), Eq. (2.1).
    """
    fixed, fixed_mean_x, fixed_scatter_xx = fixed or Moments(0, 0.0, 0.0)
    count = len(x_nx) + fixed
    mean_x = (x_nx.sum(axis=0) + fixed * fixed_mean_x) / count
    from_mean_nx = x_nx - mean_x
    scatter_xx = from_mean_nx.T @ from_mean_nx + fixed_scatter_xx
    scatter_xx += fixed * np.multiply.outer(*[fixed_mean_x - mean_x] * 2)
    return Moments(count, mean_x, scatter_xx)


def gaussian_entropy(moments: Moments, ridge: float) -> tuple[float, np.ndarray]:
    """Return the entropy (nats), and the inverse of covariance and ridge, (x, x)."""
    covariance_xx = moments.scatter_xx / moments.count
    k = len(covariance_xx)
    covariance_xx[np.diag_indices(k)] += ridge
    values_x, vectors_xx = np.linalg.eigh(covariance_xx)
    if values_x[0] <= 1e-14 * values_x[-1]:
        raise ValueError(
            f'ridge={ridge!r}: the descriptors vary in fewer than {k} '
            'directions, the entropy is -inf, expected ridge > 0'
        )
    entropy = 0.5 * (k * np.log(2 * np.pi * np.e) + np.log(values_x).sum())
    return float(entropy), (vectors_xx / values_x) @ vectors_xx.T
