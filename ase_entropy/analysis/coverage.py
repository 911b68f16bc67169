"""How a set fills descriptor space as it grows."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from ase_entropy import checks
from ase_entropy.analysis.scaling import (
    APART,
    ReferenceScale,
    apart,
    check_numbers,
    in_deviations,
)

__all__ = [
    'NEAR',
    'are_covered',
    'coverage_distances',
    'coverage_entropies',
    'pooled_entropy',
]

NEAR = 0.2  # standard deviations, root mean square over the components


def are_covered(
    train_ek: np.ndarray,
    test_ek: np.ndarray,
    reference_ek: np.ndarray,
    *,
    numbers: Sequence[np.ndarray] | None = None,
    near: float = NEAR,
    workers: int = 1,
) -> np.ndarray:
    r"""Return which environments of a set have one of another set near to them.

    .. math:: \min_{l \in \mathrm{training}}
              \frac1K \sum_k \frac{(q_k - q_{lk})^2}{\sigma_k^2} \le \epsilon^2

    with the standard deviations of the set that is covered, never those of the one that
    covers: a sparse set does not cover more for being sparse.

    Parameters
    ----------
    train_ek : (e, k) float array
        Environments of the set that covers.
    test_ek : (e, k) float array
        Environments to be covered, some of a set or all.
    reference_ek : (e, k) float array
        All environments of the set that is covered. Components that do not vary in it
        are measured as :class:`ReferenceScale` says.
    numbers : three (e,) int arrays, optional
        Elements of the central atoms of all three. With them, environments are compared
        with those of the same element, in deviations of these.
    near : float
        Epsilon, a distance in standard deviations.
    workers : int
        Threads that look for neighbors; the result is the same.

    Returns
    -------
    (e,) bool array
        Of the test environments.

    Raises
    ------
    ValueError
        Sets with different numbers of components, or empty ones.

    Examples
    --------
    >>> reference_ek = np.array([[-1.0], [1.0]])  # deviation 1
    >>> are_covered([[0.1], [5.0]], [[0.0], [0.4]], reference_ek)
    array([ True, False])
    """
    sets = [checks.matrix('q_ek', q_ek) for q_ek in (train_ek, test_ek, reference_ek)]
    if numbers is None:
        numbers = [np.zeros(len(q_ek), int) for q_ek in sets]
    numbers = check_numbers(sets, numbers, 'numbers')
    covered_e = np.zeros(len(sets[1]), bool)
    for z in np.unique(numbers[1]):
        train, test, own = (x[n == z] for x, n in zip(sets, numbers, strict=True))
        if not len(train):
            continue
        scale = ReferenceScale.of(own, train)
        reach = near * np.sqrt(np.isfinite(scale.scale_k).sum())
        distance_e, _ = cKDTree(scale.apply(train)).query(
            scale.apply(test), workers=workers
        )
        covered_e[numbers[1] == z] = distance_e <= reach
    return covered_e


def coverage_distances(
    q_ek: np.ndarray,
    first_m: np.ndarray,
    test_ek: np.ndarray,
    reference_ek: np.ndarray | ReferenceScale,
    counts: Sequence[int],
    *,
    numbers_e: np.ndarray | None = None,
    test_numbers_e: np.ndarray | None = None,
    workers: int = 1,
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
    numbers_e, test_numbers_e : (e,) int arrays, optional
        Elements of the central atoms. With them, environments are compared with those
        of the same element.
    workers : int
        Threads that look for neighbors; the numbers are the same.

    Returns
    -------
    (c,) float array
        Mean distance to the nearest environment of the first ``counts[c]``
        configurations, in deviations of the reference; nan as long as these lack an
        element that the whole set has. Test environments of other elements are left
        out.

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
    numbers = check_numbers(
        (train_ek, test_ek), (numbers_e, test_numbers_e), 'numbers_e and test_numbers_e'
    )
    train_ek, test_ek = map(apart, (train_ek, test_ek), numbers)
    if numbers[0] is not None:
        test_ek = test_ek[np.isin(numbers[1], numbers[0])]
    if len(test_ek) == 0:
        return np.full(len(_checked(counts, first_m)), np.nan)
    distance_e = np.full(len(test_ek), np.inf)
    means, done = [], 0
    for count in _checked(counts, first_m):
        new_ek = train_ek[first_m[done] : first_m[count]]
        np.minimum(
            distance_e,
            cKDTree(new_ek).query(test_ek, workers=workers)[0],
            out=distance_e,
        )
        known = (distance_e < APART / 2).all()
        means.append(distance_e.mean() if known else np.nan)
        done = count
    return np.array(means)


def coverage_entropies(
    q_ek: np.ndarray,
    first_m: np.ndarray,
    reference_ek: np.ndarray | ReferenceScale,
    counts: Sequence[int],
    *,
    numbers_e: np.ndarray | None = None,
    workers: int = 1,
) -> np.ndarray:
    """Return the pooled entropy (nats) of the first configurations of a set.

    Parameters
    ----------
    q_ek, first_m, reference_ek, counts, numbers_e, workers
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
    (numbers_e,) = check_numbers([scaled_ek], [numbers_e], 'numbers_e')
    ends = [first_m[count] for count in _checked(counts, first_m)]
    return np.array(
        [
            pooled_entropy(
                scaled_ek[:end],
                numbers_e=None if numbers_e is None else numbers_e[:end],
                workers=workers,
            )
            for end in ends
        ]
    )


def pooled_entropy(
    q_ek: np.ndarray,
    softening: float = 0.01,
    *,
    numbers_e: np.ndarray | None = None,
    workers: int = 1,
) -> float:
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
    numbers_e : (e,) int array, optional
        Elements of the central atoms. With them, the entropies of the elements, each
        among its own, averaged over all environments, as in ``PerElement``; those that
        are alone of their kind have none.
    workers : int
        Threads that look for neighbors; the numbers are the same.

    Examples
    --------
    >>> pooled_entropy(np.array([[0.0, 0.0], [0.3, 0.4]]), softening=0.0)
    0.0
    """
    checks.real('softening', softening, least=0.0)
    q_ek = checks.matrix('q_ek', q_ek)
    (numbers_e,) = check_numbers([q_ek], [numbers_e], 'numbers_e')
    if numbers_e is not None:
        _, kind_e, count_x = np.unique(
            numbers_e, return_inverse=True, return_counts=True
        )
        several = np.flatnonzero(count_x > 1)
        total = sum(
            count_x[x] * pooled_entropy(q_ek[kind_e == x], softening, workers=workers)
            for x in several
        )
        return float(total / count_x[several].sum()) if len(several) else float('nan')
    if len(q_ek) < 2:
        return float('nan')
    distance_ex, _ = cKDTree(q_ek).query(q_ek, 2, workers=workers)
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
