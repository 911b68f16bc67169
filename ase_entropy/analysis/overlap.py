"""Configurations that two sets have in common."""

import numpy as np
from scipy.spatial import cKDTree

from ase_entropy import checks

__all__ = ['count_shared']

EQUAL = 1e-5  # deviations of the components; files round positions to 1e-8 Angstrom


def count_shared(
    q_ek: np.ndarray, first_m: np.ndarray, other_ek: np.ndarray, other_first: np.ndarray
) -> int:
    """Return how many configurations of a set another one holds, too.

    Equal are those with as many environments, and with the same mean and deviation of
    each component: another order of the atoms makes no difference.

    Parameters
    ----------
    q_ek, other_ek : (e, k) float arrays
        Environments of both sets, one configuration after the other.
    first_m, other_first : (m + 1,) int arrays
        Where the configurations begin, and the number of environments.

    Raises
    ------
    ValueError
        Sets that do not fit.

    Examples
    --------
    >>> q_ek = np.array([[0.0], [1.0], [5.0], [6.0]])
    >>> count_shared(q_ek, [0, 2, 4], q_ek[[1, 0]], [0, 2])
    1
    """
    q_ek, other_ek = checks.matrix('q_ek', q_ek), checks.matrix('other_ek', other_ek)
    both_ek = np.concatenate([q_ek, other_ek])
    scale_k = both_ek.std(axis=0)
    still_k = scale_k <= 1e-9 * np.abs(both_ek).max(axis=0)
    scale_k = np.where(still_k, np.inf, scale_k)  # rounding tells nothing apart
    moments_mx = _moments(q_ek / scale_k, first_m)
    distance_m, _ = cKDTree(_moments(other_ek / scale_k, other_first)).query(moments_mx)
    return int(np.sum(distance_m < EQUAL))


def _moments(q_ek: np.ndarray, first_m: np.ndarray) -> np.ndarray:
    """Return size, means and deviations of each configuration, (m, 1 + 2k)."""
    first_m = checks.first_indices(first_m, len(q_ek))
    size_m = np.diff(first_m)
    mean_mk = np.add.reduceat(q_ek, first_m[:-1], axis=0) / size_m[:, None]
    from_mean_ek = q_ek - np.repeat(mean_mk, size_m, axis=0)
    square_mk = np.add.reduceat(from_mean_ek**2, first_m[:-1], axis=0) / size_m[:, None]
    return np.column_stack([size_m, mean_mk, np.sqrt(square_mk)])
