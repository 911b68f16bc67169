r"""Entropy of all environments of a set, and what another set adds to it.

Environments of an element are compared with each other only; the entropy of all is the
mean over the environments, of the entropies of their elements,

.. math:: S = \sum_z \frac{N_z}{N} S_z

Each entropy is a mean over environments, S = <s>, of minus the logarithm of the density
where each of them is. Statistical errors follow from the same numbers: consecutive
configurations make a part, and the error is the standard deviation of the means of s in
the parts, over the square root of their number. For the Gaussian, s is half of the
squared Mahalanobis distance, and a constant.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from ase_entropy._kernels.log_det import Moments
from ase_entropy.analysis.kernel_density import (
    after,
    check_bandwidth,
    log_kernel_densities,
)
from ase_entropy.analysis.parts import PARTS, Estimate, Parts
from ase_entropy.analysis.scaling import ReferenceScale
from ase_entropy.entropy import KozachenkoLeonenkoEntropy, LogDetEntropy
from ase_entropy.entropy.kozachenko_leonenko import entropy_constant
from ase_entropy.entropy.log_det import gaussian_entropy, merge

__all__ = ['Gaussian', 'SetEntropy', 'set_entropies']


class SetEntropy(NamedTuple):
    """Entropies (nats) of a number of environments."""

    environments: int
    log_det: Estimate
    kozachenko_leonenko: Estimate
    kernel: Estimate


def set_entropies(
    q_ek: np.ndarray,
    first_m: np.ndarray,
    numbers_e: np.ndarray,
    reference_ek: np.ndarray | ReferenceScale | None = None,
    *,
    bandwidth: float | str = 'silverman',
    parts: int = PARTS,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> dict[str, SetEntropy]:
    """Return the entropies of a set by three estimators, of all and of each element.

    They are those of :class:`~ase_entropy.entropy.LogDetEntropy`,
    :class:`~ase_entropy.entropy.KozachenkoLeonenkoEntropy` (k = 1) and
    :class:`~ase_entropy.entropy.KernelEntropy`, of components in deviations. The first
    sees the spread only, the second single pairs, the third the density on the scale of
    the bandwidth. For one Gaussian cloud all three agree; clusters and repeated
    environments lower the others, not the first.

    Parameters
    ----------
    q_ek : (e, k) float array
        Descriptors of all environments.
    first_m : (m + 1,) int array
        Configuration m holds the environments ``first_m[m]`` to ``first_m[m + 1]``.
    numbers_e : (e,) int array
        Atomic numbers of the central atoms.
    reference_ek : (e, k) float array or ReferenceScale, optional
        Components are counted in their deviations there; by default in the set.
        Components that vary nowhere are left out.
    bandwidth : float or 'silverman'
        Of the kernels (deviations), see :class:`~ase_entropy.entropy.KernelEntropy`.
    parts : int
        Parts of consecutive configurations, for the errors; fewer if the set has fewer
        configurations, and no errors if it has one.
    workers : int
        Threads; the numbers are the same.
    progress : callable, optional
        Takes the number of environments that are done.

    Returns
    -------
    dict of SetEntropy
        By ``'all'`` and chemical symbols. An element with a single environment has no
        entropies (nan), and is not in that of all.

    Raises
    ------
    ValueError
        Arrays that do not fit; numbers that are not finite; nothing that varies.

    Examples
    --------
    >>> q_ek = np.random.default_rng(0).standard_normal((4000, 3))
    >>> found = set_entropies(q_ek, range(0, 4001, 40), np.full(4000, 74))['all']
    >>> exact = float(1.5 * np.log(2 * np.pi * np.e))
    >>> [abs(x.value - exact) < 0.1 and x.error < 0.05 for x in found[1:]]
    [True, True, True]
    """
    reference_ek = q_ek if reference_ek is None else reference_ek
    own = Parts.of(q_ek, first_m, numbers_e, reference_ek, parts)
    check_bandwidth(bandwidth)
    s_xe = np.stack(3 * [own.nothing()])
    done = 0
    for z in own.elements:
        own_e = own.numbers_e == z
        if own_e.sum() > 1:
            x_nk = own.x_ek[own_e]
            counted = after(done, progress)
            s_xe[0, own_e] = Gaussian.of(x_nk).terms(x_nk)
            s_xe[1, own_e] = _nearest_terms(x_nk, workers)
            s_xe[2, own_e] = -log_kernel_densities(
                x_nk, bandwidth=bandwidth, workers=workers, progress=counted
            )
        done += int(own_e.sum())
    return {
        name: SetEntropy(
            int(own_e.sum()), *map(own.estimate, np.where(own_e, s_xe, np.nan))
        )
        for name, own_e in own.kinds()
    }


class Gaussian(NamedTuple):
    """The Gaussian that has the covariance of points, with the ridge of LogDetEntropy.

    Parameters
    ----------
    moments : Moments
        Count, mean and scatter of the points.
    entropy : float
        Its entropy (nats).
    inverse_kk : (k, k) float array
        Inverse of the covariance.
    """

    moments: Moments
    entropy: float
    inverse_kk: np.ndarray

    @classmethod
    def of(cls, x_nk: np.ndarray, others: Moments | None = None) -> 'Gaussian':
        """Return that of points and others."""
        moments = merge(x_nk, others)
        return cls(moments, *gaussian_entropy(moments, LogDetEntropy.ridge))

    def terms(self, x_nk: np.ndarray) -> np.ndarray:
        """Return numbers whose mean over all of the points is the entropy, (n,)."""
        from_mean_nk = x_nk - self.moments.mean_x
        square_n = np.einsum('nk,nk->n', from_mean_nk @ self.inverse_kk, from_mean_nk)
        covariance_kk = self.moments.scatter_xx / self.moments.count
        mean_square = np.sum(covariance_kk * self.inverse_kk)
        return self.entropy + 0.5 * (square_n - mean_square)


def _nearest_terms(x_nk: np.ndarray, workers: int) -> np.ndarray:
    """Return numbers whose mean is the entropy by Kozachenko and Leonenko, (n,)."""
    n, k = x_nk.shape
    softening = KozachenkoLeonenkoEntropy.softening
    distance_nx, _ = cKDTree(x_nk).query(x_nk, [2], workers=workers)
    log_n = 0.5 * np.log(distance_nx[:, 0] ** 2 + softening**2)
    return entropy_constant(n, 1, k) + k * log_n
