"""Gaussian kernel densities of environments, of many at many."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.entropy import KernelEntropy
from ase_entropy.entropy.kernel import silverman
from ase_entropy.entropy.leaves import log_sums

__all__ = ['after', 'check_bandwidth', 'log_kernel_densities']

OMITTED = 1e-6  # of the density at each environment, at most


def log_kernel_densities(
    x_nk: np.ndarray,
    others_mk: np.ndarray | None = None,
    *,
    bandwidth: float | str = 'silverman',
    omitted: float = OMITTED,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> np.ndarray:
    r"""Return the logarithm of a Gaussian kernel density at each point, (n,).

    .. math::

        \ln \rho_j = \ln \frac1m \sum_l
        \frac{\exp(-|\mathbf x_j - \mathbf y_l|^2 / 2h^2)}{(2\pi h^2)^{k/2}}

    over m other points l, or, without others, over the points themselves but for j.

    Parameters
    ----------
    x_nk : (n, k) float array
        Where the density is wanted.
    others_mk : (m, k) float array, optional
        The points that make the density.
    bandwidth : float or 'silverman'
        h; by default Silverman's, of the points that make the density.
    omitted : float
        Part of the density that may be left out, as too far to matter.
    workers, progress
        As in :func:`~ase_entropy.analysis.set_entropies`.

    Raises
    ------
    ValueError
        Arrays that do not fit; numbers that are not finite; a bandwidth that is not
        positive; a single point without others.

    Examples
    --------
    Two points, one apart, and kernels of unit width:

    >>> log_density_n = log_kernel_densities([[0.0], [1.0]], bandwidth=1.0)
    >>> bool(np.allclose(log_density_n, -0.5 - 0.5 * np.log(2 * np.pi)))
    True
    """
    check_bandwidth(bandwidth)
    x_nk = checks.matrix('x_nk', x_nk)
    others = x_nk if others_mk is None else checks.matrix('others_mk', others_mk)
    (n, k), m = x_nk.shape, len(others) - (others_mk is None)
    if m == 0 or others.shape[1] != k:
        raise ValueError(
            f'x_nk and others_mk have shapes {x_nk.shape} and {others.shape}: expected '
            'points with as many components, and two of them without others'
        )
    h2 = (
        silverman(others, KernelEntropy.softening)[0]
        if bandwidth == 'silverman'
        else bandwidth**2
    )

    def fraction(part: float) -> None:
        progress(round(part * n))

    log_sum_n = log_sums(
        x_nk,
        others_mk if others_mk is None else others,
        h2,
        checks.real('omitted', omitted, above=0.0, below=1.0),
        workers=workers,
        progress=None if progress is None else fraction,
    )
    return log_sum_n - np.log(m) - 0.5 * k * np.log(2 * np.pi * h2)


def check_bandwidth(bandwidth: Any) -> None:
    """Raise ValueError for what is neither a positive number nor Silverman's."""
    if bandwidth != 'silverman':
        checks.real('bandwidth', bandwidth, above=0.0)


def after(
    done: int, progress: Callable[[int], None] | None
) -> Callable[[int], None] | None:
    """Return a progress that counts on from what is done, if one is wanted."""
    return None if progress is None else lambda number: progress(done + number)
