"""Configurations that two sets have in common."""

import numpy as np
from scipy.spatial import cKDTree

from ase_entropy import checks

__all__ = ['count_shared']

EQUAL = 1e-5  # deviations of what is compared; files round positions to 1e-8 Angstrom


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
    moments = [
        _moments(checks.table('q_ek', q_ek), first_m),
        _moments(checks.table('other_ek', other_ek), other_first),
    ]
    scale_x = np.concatenate(moments).std(axis=0)
    first_mx, other_mx = (x / np.where(scale_x > 0.0, scale_x, 1.0) for x in moments)
    distance_m, _ = cKDTree(other_mx).query(first_mx)
    return int(np.sum(distance_m < EQUAL))


def _moments(q_ek: np.ndarray, first_m: np.ndarray) -> np.ndarray:
    """Return size, means and deviations of each configuration, (m, 1 + 2k)."""
    first_m = checks.firsts(first_m, len(q_ek))
    size_m = np.diff(first_m)
    mean_mk = np.add.reduceat(q_ek, first_m[:-1], axis=0) / size_m[:, None]
    from_mean_ek = q_ek - np.repeat(mean_mk, size_m, axis=0)
    square_mk = np.add.reduceat(from_mean_ek**2, first_m[:-1], axis=0) / size_m[:, None]
    return np.column_stack([size_m, mean_mk, np.sqrt(square_mk)])
