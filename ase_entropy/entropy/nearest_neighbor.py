"""Entropy from distances to nearest neighbors: exact, as in the paper, and smooth."""

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy._kernels.nearest_entropy import NearestNumbers
from ase_entropy._kernels.power_mean import PowerMeanNumbers
from ase_entropy.entropy.compiled import evaluate_compiled
from ase_entropy.entropy.space import Space, fix_space

__all__ = ['NearestNeighborEntropy', 'SmoothNearestNeighborEntropy', 'at_order']


@dataclass(frozen=True)
class NearestNeighborEntropy:
    r"""Descriptor entropy from nearest-neighbor distances.

    .. math::

        S = \frac1n \sum_j \ln(N\,\Delta q_j), \qquad
        \Delta q_j = \min_{l \ne j} \sqrt{|\mathbf q_j - \mathbf q_l|^2 + \epsilon^2}

    over the n atoms of the cell; neighbors l are looked for among N points, which are
    the atoms of the cell and the reference, if there is one.

    Both ends of a nearest-neighbor link feel the gradient: atom j through its own
    term, and atom l through every j whose nearest neighbor it is. Where the nearest
    neighbor changes the gradient jumps, and maxima of S lie on such kinks: the
    dynamics visits them, a quench does not converge to a vanishing force. Use
    :class:`SmoothNearestNeighborEntropy` where it shall.

    Equal descriptors count as epsilon apart and do not pull at each other. A single
    atom has its own images as neighbors: S = ln(epsilon).

    Parameters
    ----------
    softening : float
        Epsilon (units of the distance), added in quadrature to every distance. Keeps S
        and its gradient finite where two environments coincide; 0 is the literal
        formula of the paper, with a pole there.
    reference_mk : (m, k) array, optional
        Descriptors of an existing data set, to differ from as well.
    scale_k : (k,) array, optional
        Distances are those of q / scale. See :func:`standard_scale`.
    whitening_kx : (k, x) array, optional
        Distances are those of q W. See :func:`whitening`.

    Raises
    ------
    ValueError
        Negative softening; arrays that do not fit; equal descriptors without softening.

    References
    ----------
    .. [1] M. Karabin, D. Perez, J. Chem. Phys. 153, 094110 (2020), Eqs. (2, 3).

    Examples
    --------
    Two atoms at distance d: S = ln(2 d).

    >>> q_nk = np.array([[0.0, 0.0], [0.3, 0.4]])
    >>> entropy, dS_dq_nk = NearestNeighborEntropy(softening=0.0).evaluate(q_nk)
    >>> float(np.exp(entropy))
    1.0
    >>> dS_dq_nk
    array([[-1.2, -1.6],
           [ 1.2,  1.6]])
    """

    softening: float = 0.01
    reference_mk: Any = field(default=None, repr=False)
    scale_k: Any = None
    whitening_kx: Any = None

    order = math.inf

    def __post_init__(self) -> None:
        checks.real('softening', self.softening, least=0.0)
        fix_space(self)

    @cached_property
    def space(self) -> Space:
        """Where distances are taken."""
        return Space(self)

    def evaluate(self, q_nk: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the entropy of a set of descriptors and its gradient.

        Parameters
        ----------
        q_nk : (n, k) float array
            Descriptors of the n atoms.

        Returns
        -------
        entropy : float
            S (nats).
        dS_dq_nk : (n, k) float array
            Gradient (nats per descriptor unit).
        """
        return evaluate_compiled(self, q_nk)

    def numbers(self, components: int) -> NearestNumbers | PowerMeanNumbers:
        """Return what the compiled kernels take, for so many components."""
        return _numbers(self, components)


@dataclass(frozen=True)
class SmoothNearestNeighborEntropy:
    r"""Nearest-neighbor entropy with a power mean for the minimum.

    .. math::

        S_p = \frac1n \sum_j \Big[ \ln N - \frac1p \ln \sum_{l \ne j} d_{jl}^{-p} \Big],
        \qquad d_{jl} = \sqrt{|\mathbf q_j - \mathbf q_l|^2 + \epsilon^2}

    Smooth, and bounded by the exact estimator: :math:`S_p \le S \le S_p + \ln(N-1)/p`.
    The higher the order p, the sharper; an order of inf *is* the exact estimator.
    A quench converges. Low orders look beyond the nearest neighbor, and lead to higher
    maxima of the exact S: quench at a low order first, then sharpen.

    Parameters
    ----------
    order : float
        Order p of the mean, from 1 to inf.
    softening, reference_mk, scale_k, whitening_kx
        As in :class:`NearestNeighborEntropy`.

    Raises
    ------
    ValueError
        Order below 1; negative softening; arrays that do not fit; equal descriptors
        without softening.

    Examples
    --------
    Three points on a line: the one in the middle has two neighbors at distance 1, which
    the mean of order 2 takes for one at distance 1/sqrt(2).

    >>> q_nk = np.array([[-1.0], [0.0], [1.0]])
    >>> estimator = SmoothNearestNeighborEntropy(order=2, softening=0.0)
    >>> entropy, dS_dq_nk = estimator.evaluate(q_nk)
    >>> bool(np.isclose(entropy, np.log(3) - np.log(1.25 * 1.25 * 2) / 6))
    True
    """

    order: float = 6
    softening: float = 0.01
    reference_mk: Any = field(default=None, repr=False)
    scale_k: Any = None
    whitening_kx: Any = None

    def __post_init__(self) -> None:
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
        return evaluate_compiled(self, q_nk)

    def numbers(self, components: int) -> NearestNumbers | PowerMeanNumbers:
        """Return what the compiled kernels take, for so many components."""
        return _numbers(self, components)


def at_order(estimator: Any, order: float) -> Any:
    """Return an estimator of neighbors at another order, all else equal.

    Raises
    ------
    ValueError
        An estimator of another kind.

    Examples
    --------
    >>> sharp = at_order(NearestNeighborEntropy(softening=0.02), 24)
    >>> sharp.order, sharp.softening
    (24, 0.02)
    """
    if hasattr(estimator, 'estimator'):  # of each element among its own
        return replace(estimator, estimator=at_order(estimator.estimator, order))
    if not hasattr(estimator, 'order'):
        raise ValueError(
            f'order={order!r} and the estimator is {type(estimator).__name__}: '
            'expected one of neighbors, NearestNeighborEntropy, '
            'SmoothNearestNeighborEntropy or KozachenkoLeonenkoEntropy'
        )
    if isinstance(estimator, NearestNeighborEntropy):
        return SmoothNearestNeighborEntropy(
            order,
            estimator.softening,
            estimator.reference_mk,
            estimator.scale_k,
            estimator.whitening_kx,
        )
    return replace(estimator, order=order)


def _numbers(estimator: Any, components: int) -> NearestNumbers | PowerMeanNumbers:
    space = estimator.space
    space.check(components)
    order, softening = float(estimator.order), float(estimator.softening)
    if order == math.inf:
        return NearestNumbers(softening, space.linear_map, space.boxes)
    return PowerMeanNumbers(order, softening, space.linear_map, space.reference_xm)
