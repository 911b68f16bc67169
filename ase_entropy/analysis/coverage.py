"""How a set fills descriptor space as it grows."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from ase_entropy import checks
from ase_entropy.analysis.scaling import ReferenceScale, in_deviations

__all__ = ['coverage_distances', 'coverage_entropies', 'pooled_entropy']


def coverage_distances(
    q_ek: np.ndarray,
    first_m: np.ndarray,
    test_ek: np.ndarray,
    reference_ek: np.ndarray | ReferenceScale,
    counts: Sequence[int],
) -> np.ndarray:
    """Return the mean distance of a test set to the first configurations of a set.

    Parameters
    ----------
    q_ek : (e, k) float array
        Environments of the set that grows, one configuration after the other.
    first_m : (m + 1,) int array
        Configuration m holds the environments ``first_m[m]`` to ``first_m[m + 1]``.
    test_ek : (e, k) float array
        Test environments; hold some configurations back to test a set on itself.
    reference_ek : (e, k) float array or ReferenceScale
        Environments whose mean and deviation make the scale, or these.
    counts : sequence of int
        Numbers of configurations, increasing.

    Returns
    -------
    (c,) float array
        Mean distance to the nearest environment of the first ``counts[c]``
        configurations, in deviations of the reference.

    Raises
    ------
    ValueError
        Counts that do not increase or exceed the set; sets that do not fit.

    Examples
    --------
    >>> q_ek = np.array([[0.0], [4.0], [2.0]])
    >>> coverage_distances(q_ek, [0, 1, 2, 3], [[3.0]], [[-1.0], [1.0]], [1, 2, 3])
    array([3., 1., 1.])
    """
    names = 'q_ek', 'test_ek'
    train_ek, test_ek = in_deviations(reference_ek, q_ek, test_ek, names=names)
    first_m = checks.first_indices(first_m, len(train_ek))
    distance_e = np.full(len(test_ek), np.inf)
    means, done = [], 0
    for count in _checked(counts, first_m):
        new_ek = train_ek[first_m[done] : first_m[count]]
        np.minimum(distance_e, cKDTree(new_ek).query(test_ek)[0], out=distance_e)
        means.append(distance_e.mean())
        done = count
    return np.array(means)


def coverage_entropies(
    q_ek: np.ndarray,
    first_m: np.ndarray,
    reference_ek: np.ndarray | ReferenceScale,
    counts: Sequence[int],
) -> np.ndarray:
    """Return the pooled entropy (nats) of the first configurations of a set.

    Parameters
    ----------
    q_ek, first_m, reference_ek, counts
        As in :func:`coverage_distances`.

    Returns
    -------
    (c,) float array
        :func:`pooled_entropy` of the first ``counts[c]`` configurations, on components
        in deviations of the reference; nan for a single environment.

    Raises
    ------
    ValueError
        As :func:`coverage_distances`.
    """
    (scaled_ek,) = in_deviations(reference_ek, q_ek)
    first_m = checks.first_indices(first_m, len(scaled_ek))
    return np.array(
        [
            pooled_entropy(scaled_ek[: first_m[count]])
            for count in _checked(counts, first_m)
        ]
    )


def pooled_entropy(q_ek: np.ndarray, softening: float = 0.01) -> float:
    r"""Return the nearest-neighbor entropy of many environments, of any configuration.

    .. math:: S = \frac1e \sum_j \ln\big(e \sqrt{\Delta q_j^2 + \epsilon^2}\big)

    the same as ``NearestNeighborEntropy(softening)``, without its gradient and fast for
    large sets; nan for a single environment.

    Parameters
    ----------
    q_ek : (e, k) float array
        Descriptors, scaled or not.
    softening : float
        Epsilon (units of the distance).

    Examples
    --------
    >>> pooled_entropy(np.array([[0.0, 0.0], [0.3, 0.4]]), softening=0.0)
    0.0
    """
    checks.real('softening', softening, least=0.0)
    q_ek = checks.matrix('q_ek', q_ek)
    if len(q_ek) < 2:
        return float('nan')
    distance_ex, _ = cKDTree(q_ek).query(q_ek, 2)
    with np.errstate(divide='ignore'):
        return float(
            np.mean(np.log(len(q_ek) * np.hypot(distance_ex[:, 1], softening)))
        )


def _checked(counts: Sequence[int], first_m: np.ndarray) -> Sequence[int]:
    counts = checks.sequence('counts', counts)
    counts = [checks.whole('counts', count, least=0) for count in counts]
    good = bool(counts) and all(a < b for a, b in pairwise([0, *counts]))
    if not good or counts[-1] > len(first_m) - 1:
        raise ValueError(
            f'counts={counts}: expected increasing numbers from 1 to '
            f'{len(first_m) - 1}, the configurations of the set'
        )
    return counts
