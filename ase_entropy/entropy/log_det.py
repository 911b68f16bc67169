"""Entropy of a Gaussian with the covariance of the descriptors."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.entropy.space import Space, fix_space

__all__ = ['LogDetEntropy']


@dataclass(frozen=True)
class LogDetEntropy:
    r"""Entropy of the Gaussian that has the covariance of the descriptors.

    .. math::

        S = \frac k2 \ln(2\pi e) + \frac12 \ln\det(\mathbf C + \lambda \mathbf 1),
        \qquad \mathbf C = \frac1N \sum_l (\mathbf q_l - \bar{\mathbf q})
        (\mathbf q_l - \bar{\mathbf q})^T

    over the N points of the cell and the reference. Its maximum is the D-optimal design
    of a linear model in q. Smooth, and cheap for many atoms; sees the spread only, not
    whether environments repeat: use it for linear models, or to start a quench.

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
        x_nx, x_lx = self.space.points(q_nk)
        n, k = x_nx.shape
        from_mean_lx = x_lx - x_lx.mean(axis=0)
        covariance_xx = from_mean_lx.T @ from_mean_lx / len(x_lx)
        covariance_xx[np.diag_indices(k)] += self.ridge
        values_x, vectors_xx = np.linalg.eigh(covariance_xx)
        if values_x[0] <= 1e-14 * values_x[-1]:
            raise ValueError(
                f'ridge={self.ridge!r}: the descriptors vary in fewer than {k} '
                'directions, the entropy is -inf, expected ridge > 0'
            )
        entropy = 0.5 * (k * np.log(2 * np.pi * np.e) + np.log(values_x).sum())
        inverse_xx = (vectors_xx / values_x) @ vectors_xx.T
        return float(entropy), self.space.pull(
            from_mean_lx[:n] @ inverse_xx / len(x_lx)
        )
