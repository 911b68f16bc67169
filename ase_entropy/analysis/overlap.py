"""Configurations that two sets have in common."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from ase_entropy import checks

__all__ = ['count_shared']

EQUAL = 1e-5  # deviations of the components; files round positions to 1e-8 Angstrom


def count_shared(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> int:
    """Return how many configurations of a set another one holds, too.

    Equal are those with cells of the same volume, as many atoms of each element, and
    the same mean and deviation of each component among them. Another order of the
    atoms, another place and another orientation make no difference.

    Parameters
    ----------
    one, other : tuples of (q_ek, first_m, numbers_e, volume_m)
        Environments of a set, one configuration after the other; where configurations
        begin, and the number of environments; the atomic number of each environment;
        the volume of each cell (Angstrom^3), 0 where there is none.

    Raises
    ------
    ValueError
        Arrays that do not fit.

    Examples
    --------
    >>> q_ek = np.array([[0.0], [1.0], [5.0], [6.0]])
    >>> one = q_ek, [0, 2, 4], [74, 74, 74, 74], [30.0, 30.0]
    >>> count_shared(one, (q_ek[[1, 0]], [0, 2], [74, 74], [30.0]))
    1
    >>> count_shared(one, (q_ek[[1, 0]], [0, 2], [74, 4], [30.0]))
    0
    """
    one, other = _checked('one', one), _checked('other', other)
    both_ek = np.concatenate([one[0], other[0]])
    scale_k = both_ek.std(axis=0)
    still_k = scale_k <= 1e-9 * np.abs(both_ek).max(axis=0)
    scale_k = np.where(still_k, np.inf, scale_k)  # rounding tells nothing apart
    elements = np.union1d(one[2], other[2])
    own_mx, other_mx = (_features(x, scale_k, elements) for x in (one, other))
    distance_m, _ = cKDTree(other_mx).query(own_mx, distance_upper_bound=EQUAL)
    return int(np.isfinite(distance_m).sum())


def _checked(name: str, arrays: Sequence[np.ndarray]) -> tuple:
    """Return environments, places, atomic numbers and volumes that fit each other."""
    if len(checks.sequence(name, arrays)) != 4:
        raise ValueError(
            f'{name} holds {len(arrays)} arrays: expected q_ek, first_m, numbers_e and '
            'volume_m'
        )
    q_ek = checks.matrix(f'{name}: q_ek', arrays[0])
    first_m = checks.first_indices(arrays[1], len(q_ek))
    numbers_e, volume_m = np.asarray(arrays[2]), checks.array('volume_m', arrays[3])
    shapes = numbers_e.shape, volume_m.shape
    expected = (len(q_ek),), (len(first_m) - 1,)
    if shapes != expected:
        raise ValueError(
            f'{name}: numbers_e and volume_m have shapes {shapes[0]} and {shapes[1]}, '
            f'expected {expected[0]} and {expected[1]}'
        )
    return q_ek, first_m, numbers_e, volume_m


def _features(arrays: tuple, scale_k: np.ndarray, elements: np.ndarray) -> np.ndarray:
    """Return volumes, and numbers, means and deviations for each element, (m, x)."""
    q_ek, first_m, numbers_e, volume_m = arrays
    features = [np.log(np.maximum(volume_m, 1e-300))[:, None]]
    for element in elements:
        own_e = (numbers_e == element)[:, None]
        count_m = np.add.reduceat(own_e, first_m[:-1], axis=0, dtype=float)
        some_m = np.maximum(count_m, 1.0)
        q_own_ek = own_e * (q_ek / scale_k)
        mean_mk = np.add.reduceat(q_own_ek, first_m[:-1], axis=0) / some_m
        apart_ek = own_e * (q_own_ek - np.repeat(mean_mk, np.diff(first_m), axis=0))
        square_mk = np.add.reduceat(apart_ek**2, first_m[:-1], axis=0) / some_m
        features += [count_m, mean_mk, np.sqrt(square_mk)]
    return np.hstack(features)
