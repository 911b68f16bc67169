"""How many are enough: where gains have become small."""

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from ase_entropy import checks
from ase_entropy.sets.selection.environments import Environments, points_of

__all__ = ['how_many', 'neighbor_distance']

SAMPLE = 100  # points whose neighbors are looked for
BLOCK = 4096  # points that are compared with these at once


def how_many(gain_r: np.ndarray, least: float) -> int | None:
    """Return after how many configurations of a ranking each adds little.

    It does not depend on how many are ranked after these.

    Parameters
    ----------
    gain_r : (r,) float array
        What each added, in the order of the ranking.
    least : float
        Gains are small below this, such as the :func:`neighbor_distance` of the pool.

    Returns
    -------
    int or None
        None if all add more.

    Raises
    ------
    ValueError
        No gains, or some that are not finite: a rule that does not say them.

    Examples
    --------
    >>> how_many([8.0, 4.0, 2.0, 1.0], least=3.0), how_many([8.0, 4.0], least=3.0)
    (2, None)
    """
    gain_r = checks.array('gain_r', gain_r)
    if gain_r.ndim != 1 or not len(gain_r) or not np.isfinite(gain_r).all():
        raise ValueError(
            f'gain_r has shape {gain_r.shape}, {np.isfinite(gain_r).sum()} finite: '
            'expected gains of one configuration or more'
        )
    left_r = np.maximum.accumulate(gain_r[::-1])[::-1]  # the most that is to come
    small_r = np.flatnonzero(left_r < least)
    return int(small_r[0]) if len(small_r) else None


def neighbor_distance(pool: Any, per: str = 'configuration') -> float:
    """Return how far neighbors in a pool usually are from each other.

    The median, over a sample of the pool, of the distance to the nearest point of
    another configuration. Beside it gains of :class:`FarthestPoint` are large or small:
    below it, all that is not chosen is nearer to something chosen than one
    configuration of the pool is to another.

    Parameters
    ----------
    pool : Dataset or Environments
        Two configurations or more.
    per : str
        ``'configuration'`` or ``'environment'``, as for the rule.

    Returns
    -------
    float
        In standard deviations of the pool; nan without neighbors.

    Examples
    --------
    >>> pool = Environments([[0.0], [1.0], [2.0], [9.0]], range(5), 4 * [74])
    >>> round(neighbor_distance(pool, 'environment') * float(pool.q_ek.std()), 9)
    1.0
    """
    points, _ = points_of(Environments.of(pool), None, per)
    owner_e = np.arange(len(points)).repeat(points.sizes_m)
    sample = np.unique(np.linspace(0, len(owner_e) - 1, SAMPLE).round().astype(int))
    nearest_s = np.full(len(sample), np.inf)
    for begin in range(0, len(owner_e), BLOCK):
        part = slice(begin, begin + BLOCK)
        d_se = cdist(points.q_ek[sample], points.q_ek[part])
        not_se = owner_e[sample, None] == owner_e[part]
        not_se |= points.numbers_e[sample, None] != points.numbers_e[part]
        d_se[not_se] = np.inf
        np.minimum(nearest_s, d_se.min(axis=1), out=nearest_s)
    nearest_s = nearest_s[np.isfinite(nearest_s)]
    return float(np.median(nearest_s)) if len(nearest_s) else float('nan')
