"""How many are enough: where gains have become small."""

from typing import NamedTuple

import numpy as np

from ase_entropy import checks

__all__ = ['Enough', 'how_many']


class Enough(NamedTuple):
    """Numbers of configurations, by what the next one adds.

    Parameters
    ----------
    knee : int or None
        Where gains stop to fall steeply: the farthest below the line from the first
        gain to the last; None if they do not.
    small : int or None
        After so many each adds less than the fraction; None if all add more.
    fraction : float
        Of the highest gain.
    """

    knee: int | None
    small: int | None
    fraction: float


def how_many(gain_r: np.ndarray, fraction: float = 0.1) -> Enough:
    """Return how many configurations of a ranking are enough.

    Parameters
    ----------
    gain_r : (r,) float array
        What each added, in the order of the ranking.
    fraction : float
        A gain is small below so much of the highest one.

    Raises
    ------
    ValueError
        No gains, or some that are not finite: a rule that does not say them.

    References
    ----------
    .. [1] V. Satopaa et al., Int. Conf. Distributed Computing Systems Workshops 2011,
       p. 166.

    Examples
    --------
    >>> how_many([8.0, 4.0, 2.0, 1.0, 0.7, 0.5, 0.4])
    Enough(knee=3, small=4, fraction=0.1)
    """
    gain_r = checks.array('gain_r', gain_r)
    if gain_r.ndim != 1 or not len(gain_r) or not np.isfinite(gain_r).all():
        raise ValueError(
            f'gain_r has shape {gain_r.shape}, {np.isfinite(gain_r).sum()} finite: '
            'expected gains of one configuration or more'
        )
    checks.real('fraction', fraction, above=0.0, below=1.0)
    left_r = np.maximum.accumulate(gain_r[::-1])[::-1]  # the most that is to come
    line_r = np.linspace(left_r[0], left_r[-1], len(left_r))
    below_r = line_r - left_r
    knee = int(below_r.argmax())
    small_r = np.flatnonzero(left_r < fraction * left_r[0])
    return Enough(
        knee + 1 if below_r[knee] > 0.0 else None,
        int(small_r[0]) if len(small_r) else None,
        fraction,
    )
