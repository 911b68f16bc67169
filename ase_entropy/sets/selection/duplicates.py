"""Near-duplicates: configurations that are like one that is kept."""

from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from ase_entropy import checks
from ase_entropy.sets.selection.environments import Environments, points_of

__all__ = ['near_duplicates', 'not_given']

SAME = 1e-4  # standard deviations: positions may have been rounded in a file


def near_duplicates(pool: Any, tolerance: float) -> np.ndarray:
    """Return for each configuration the one that is kept for it, (m,).

    A configuration goes if one that is kept has, for each of its environments, one of
    the same element within the tolerance. The first of several is kept, so that no two
    are alike among those that are.

    Parameters
    ----------
    pool : Dataset or Environments
        The configurations.
    tolerance : float
        Distance in standard deviations of the pool, as in :class:`FarthestPoint`.

    Raises
    ------
    ValueError
        A tolerance that is negative.

    Examples
    --------
    >>> pool = Environments([[0.0], [5.0], [0.01], [9.0]], range(5), 4 * [74])
    >>> near_duplicates(pool, 0.1)
    array([0, 1, 0, 3])
    """
    checks.real('tolerance', tolerance, least=0.0)
    points, _ = points_of(Environments.of(pool), None, 'environment')
    probes = _probes(points)
    numbers_m = points.numbers_e[probes]
    trees = {}
    for z in np.unique(numbers_m).tolist():
        own_m = np.flatnonzero(numbers_m == z)
        trees[z] = own_m, cKDTree(points.q_ek[probes[own_m]])
    kept_for_m = np.full(len(points), -1)
    for m in range(len(points)):
        if kept_for_m[m] >= 0:
            continue
        kept_for_m[m] = m
        own = _by_element(points, m)
        for z, x_nx in own.items():
            if z not in trees:
                continue
            own_m, tree = trees[z]
            near = set().union(*tree.query_ball_point(x_nx, tolerance))
            for other in own_m[sorted(near)].tolist():
                if kept_for_m[other] >= 0:
                    continue
                if _is_like(_by_element(points, other), own, tolerance):
                    kept_for_m[other] = m
    return kept_for_m


def not_given(pool: Environments, given: Environments | None) -> list[int]:
    """Return the configurations of a pool that are not among the given ones.

    Examples
    --------
    >>> pool = Environments([[0.0], [5.0], [9.0]], range(4), 3 * [74])
    >>> not_given(pool, pool.part([1]))
    [0, 2]
    """
    if given is None:
        return list(range(len(pool)))
    both = Environments(
        np.concatenate([given.q_ek, pool.q_ek]),
        np.concatenate([given.first_m[:-1], given.first_m[-1] + pool.first_m]),
        np.concatenate([given.numbers_e, pool.numbers_e]),
    )
    kept_for_m = near_duplicates(both, SAME)[len(given) :]
    return np.flatnonzero(kept_for_m >= len(given)).tolist()


def _by_element(points: Environments, m: int) -> dict[int, np.ndarray]:
    own = slice(*points.first_m[m : m + 2])
    x_nx, numbers_n = points.q_ek[own], points.numbers_e[own]
    return {z: x_nx[numbers_n == z] for z in np.unique(numbers_n).tolist()}


def _probes(points: Environments) -> np.ndarray:
    """Return the least usual environment of each configuration, which has few alike."""
    ends = zip(points.first_m[:-1], points.first_m[1:], strict=True)
    return np.array([a + (points.q_ek[a:b] ** 2).sum(axis=1).argmax() for a, b in ends])


def _is_like(other: dict, kept: dict, tolerance: float) -> bool:
    """Return whether all environments of one configuration are near some of another."""
    return all(
        z in kept and bool((cdist(x_nx, kept[z]).min(axis=1) <= tolerance).all())
        for z, x_nx in other.items()
    )
