"""Summaries of a set of environments, and what others would add to its entropy."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy.spatial.distance import cdist

from ase_entropy import checks
from ase_entropy._kernels.log_det import Moments
from ase_entropy.entropy.log_det import gaussian_entropy, merge
from ase_entropy.entropy.nearest_neighbor import NearestNeighborEntropy
from ase_entropy.entropy.space import Space, fix_space
from ase_entropy.statistics import fixed

__all__ = ['GaussianSummary', 'LandmarkSummary', 'summaries']


class _Summary:
    """What both summaries share: environments as points of a fixed space."""

    whitening_kx: ClassVar[None] = None

    @cached_property
    def space(self) -> Space:
        """Where distances are taken."""
        return Space(self)

    def _points(self, q_nk: np.ndarray) -> np.ndarray:
        x_nx, _ = self.space.points(q_nk)
        if self.count and x_nx.shape[1] != self.components:
            raise ValueError(
                f'q_nk has {x_nx.shape[1]} component(s): expected {self.components}, '
                'as the environments so far'
            )
        return x_nx

    def _check(self, *arrays: tuple | None) -> None:
        """Freeze the scale, and check that the rest is of one set, or of none."""
        fix_space(self)
        checks.whole('count', self.count, least=0)
        if any((self.count > 0) != (array is not None) for array in arrays):
            raise ValueError(
                f'count={self.count!r} beside {sum(a is not None for a in arrays)} of '
                f'{len(arrays)} array(s): expected all, or none and count=0'
            )


@dataclass(frozen=True)
class GaussianSummary(_Summary):
    r"""Count, mean and scatter of environments, for the entropy of a Gaussian.

    .. math::

        S = \frac k2 \ln(2\pi e) + \frac12 \ln\det(\mathbf C + \lambda \mathbf 1),
        \qquad g = \frac{N + n}{n} \big[S(A \cup B) - S(A)\big]

    for n environments B beside the N of the set A. In a large set g is half of the mean
    squared Mahalanobis distance of B from the mean of A, less k/2: far from the mean it
    may be anything, and near it -k/2.

    Parameters
    ----------
    scale_k : (k,) array, optional
        Components are counted in these units, which stay the same while the set grows.
    ridge : float
        Lambda, in the same units squared. S is finite by it while the environments are
        fewer than the components, or equal.
    count, mean_k, scatter_kk
        Of the environments so far, in units of the scale; see :meth:`add`.

    Raises
    ------
    ValueError
        Negative ridge; arrays that do not fit; a covariance without a logarithm.

    Examples
    --------
    A third point between two others:

    >>> summary = GaussianSummary(ridge=0.0).add([[-1.0], [1.0]])
    >>> gain, dgain_dq_nk = summary.gain([[0.0]])
    >>> bool(np.isclose(gain, 3 * 0.5 * np.log(2 / 3)))
    True
    >>> dgain_dq_nk.tolist()
    [[0.0]]
    """

    scale_k: Any = None
    ridge: float = 1e-4
    count: int = 0
    mean_k: Any = field(default=None, repr=False)
    scatter_kk: Any = field(default=None, repr=False)

    reference_mk: ClassVar[None] = None

    def __post_init__(self) -> None:
        checks.real('ridge', self.ridge, least=0.0)
        mean_k = fixed('mean_k', self.mean_k, 1)
        scatter_kk = fixed('scatter_kk', self.scatter_kk, 2)
        self._check(mean_k, scatter_kk)
        if self.count and np.shape(scatter_kk) != 2 * np.shape(mean_k):
            raise ValueError(
                f'scatter_kk has shape {np.shape(scatter_kk)}: expected '
                f'{2 * np.shape(mean_k)}, as mean_k'
            )
        object.__setattr__(self, 'mean_k', mean_k)
        object.__setattr__(self, 'scatter_kk', scatter_kk)

    @property
    def components(self) -> int:
        """Number of components of the environments so far."""
        return len(self.mean_k)

    @cached_property
    def moments(self) -> Moments | None:
        """Count, mean and scatter as arrays; None if there are no environments."""
        if self.count == 0:
            return None
        return Moments(self.count, np.array(self.mean_k), np.array(self.scatter_kk))

    @cached_property
    def entropy(self) -> float:
        """S (nats); of a set without environments, nan."""
        if self.count == 0:
            return float('nan')
        return gaussian_entropy(self.moments, self.ridge)[0]

    def add(self, q_mk: np.ndarray) -> 'GaussianSummary':
        """Return the summary of a set that has these environments as well."""
        count, mean_k, scatter_kk = merge(self._points(q_mk), self.moments)
        return replace(self, count=count, mean_k=mean_k, scatter_kk=scatter_kk)

    def gain(self, q_nk: np.ndarray) -> tuple[float, np.ndarray]:
        """Return dS/d ln N if the set grows by these environments, and its gradient.

        Parameters
        ----------
        q_nk : (n, k) float array
            Descriptors of the environments.

        Returns
        -------
        gain : float
            g (nats); of a set without environments, inf: anything is new to it.
        dgain_dq_nk : (n, k) float array
            Gradient (nats per descriptor unit); zero there.
        """
        x_nx = self._points(q_nk)
        if self.count == 0:
            return np.inf, np.zeros_like(x_nx)
        both = merge(x_nx, self.moments)
        entropy, inverse_xx = gaussian_entropy(both, self.ridge)
        pull_nx = (x_nx - both.mean_x) @ inverse_xx / len(x_nx)
        gain = both.count / len(x_nx) * (entropy - self.entropy)
        return gain, self.space.pull(pull_nx)


@dataclass(frozen=True)
class LandmarkSummary(_Summary):
    r"""Some environments of a set, to which distances are taken.

    .. math::

        g = k\,\big[\langle \ln d(\mathbf q_j)\rangle_j
        - \langle \ln d_l\rangle_l\big]

    with d the distance to the nearest landmark: for environments j of all, for
    landmarks l from the others. Landmarks that are drawn at random have the density of
    the set: more environments like these gain nothing on average. It sees gaps where
    :class:`GaussianSummary` sees the spread only.

    Parameters
    ----------
    scale_k : (k,) array, optional
        As in :class:`GaussianSummary`.
    softening : float
        Added in quadrature to every distance.
    most : int
        Landmarks to keep, drawn at random from all environments, each as likely.
    count : int
        Environments so far.
    reference_mk : (m, k) array, optional
        The landmarks; an estimator with them as its `reference_mk` is driven away from
        the set.

    Raises
    ------
    ValueError
        Softening that is not positive; arrays that do not fit.

    References
    ----------
    .. [1] J. S. Vitter, ACM Trans. Math. Softw. 11, 37 (1985), algorithm R.

    Examples
    --------
    Landmarks at distance 1, and an environment at distance 2 from the nearer one:

    >>> summary = LandmarkSummary(softening=1e-9).add([[0.0], [1.0]])
    >>> gain, dgain_dq_nk = summary.gain([[3.0]])
    >>> bool(np.isclose(gain, np.log(2)))
    True
    >>> dgain_dq_nk.tolist()
    [[0.5]]
    """

    scale_k: Any = None
    softening: float = 0.01
    most: int = 800
    count: int = 0
    reference_mk: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        checks.real('softening', self.softening, above=0.0)
        checks.whole('most', self.most, least=1)
        self._check(self.reference_mk)

    @property
    def components(self) -> int:
        """Number of components of the environments so far."""
        return len(self.reference_mk[0])

    @cached_property
    def entropy(self) -> float:
        """S (nats) of the landmarks, see :class:`NearestNeighborEntropy`, or nan."""
        if self.count == 0:
            return float('nan')
        estimator = NearestNeighborEntropy(self.softening, scale_k=self.scale_k)
        return estimator.evaluate(np.array(self.reference_mk))[0]

    def add(self, q_mk: np.ndarray) -> 'LandmarkSummary':
        """Return the summary of a set that has these environments as well."""
        self._points(q_mk)
        landmarks, count = list(self.reference_mk or ()), self.count
        stream = np.random.Generator(np.random.PCG64(0).advance(count))
        for q_k, uniform in zip(q_mk, stream.random(len(q_mk)), strict=True):
            count += 1
            place = int(uniform * count)  # the same, whatever is added at once
            if len(landmarks) < self.most:
                landmarks.append(q_k)
            elif place < self.most:
                landmarks[place] = q_k
        return replace(self, count=count, reference_mk=landmarks)

    def gain(self, q_nk: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the gain and its gradient, as :meth:`GaussianSummary.gain`."""
        x_nx = self._points(q_nk)
        if self.count == 0:
            return np.inf, np.zeros_like(x_nx)
        landmarks_mx = self.space.reference_mx
        nearest_n = cdist(x_nx, landmarks_mx).argmin(axis=1)
        r_nx = x_nx - landmarks_mx[nearest_n]
        d2_n = (r_nx**2).sum(axis=1) + self.softening**2
        own = self.entropy - np.log(len(landmarks_mx))  # mean of ln d_l
        n, k = x_nx.shape
        gain = k * (0.5 * np.log(d2_n).mean() - own)
        return float(gain), self.space.pull(k * r_nx / (n * d2_n[:, None]))


summaries = {cls.__name__: cls for cls in (GaussianSummary, LandmarkSummary)}
