"""Scales and maps that a set of descriptors defines."""

from typing import Any

import numpy as np

from ase_entropy import checks

__all__ = ['ROUNDING', 'fixed', 'standard_scale', 'whitening']

ROUNDING = 1e-12  # of the numbers themselves; what varies less does not


def fixed(name: str, value: Any, axes: int) -> tuple | None:
    """Return an array as nested tuples, which compare, hash and become JSON."""
    if value is None:
        return None
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    if array.ndim != axes or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(
            f'{name} has shape {np.shape(array)}: expected {axes} axes of finite '
            'numbers'
        )
    if axes == 1:
        return tuple(array.tolist())
    return tuple(tuple(row) for row in array.tolist())


def standard_scale(q_mk: np.ndarray) -> np.ndarray:
    """Return the standard deviation of each component, for `scale_k`.

    Taken from an unbiased set, it makes all components weigh alike, as in the tables of
    the paper.

    Parameters
    ----------
    q_mk : (m, k) array
        Descriptors of m atoms.

    Raises
    ------
    ValueError
        A component that does not vary.

    Examples
    --------
    >>> standard_scale([[0.0, 5.0], [2.0, 15.0]])
    array([1., 5.])
    """
    q_mk = checks.matrix('q_mk', q_mk)
    scale_k = q_mk.std(axis=0)
    still = np.flatnonzero(scale_k <= ROUNDING * np.abs(q_mk).max(axis=0))
    if len(still):
        raise ValueError(f'q_mk: component {still[0]} is the same in all {len(q_mk)}')
    return scale_k


def whitening(q_mk: np.ndarray) -> np.ndarray:
    r"""Return the matrix W that makes components independent, for `whitening_kx`.

    With the covariance C of the set, :math:`W = C^{-1/2}`, symmetric: distances are
    then those of Mahalanobis.

    Parameters
    ----------
    q_mk : (m, k) array
        Descriptors of m atoms.

    Raises
    ------
    ValueError
        Components that depend on each other linearly.

    Examples
    --------
    >>> q_mk = np.random.default_rng(0).standard_normal((99, 2)) @ [[1, 2], [0, 1]]
    >>> bool(np.allclose(np.cov((q_mk @ whitening(q_mk)).T, bias=True), np.eye(2)))
    True
    """
    q_mk = np.array(fixed('q_mk', q_mk, 2))
    covariance_kk = np.atleast_2d(np.cov(q_mk.T, bias=True))
    values_x, vectors_kx = np.linalg.eigh(covariance_kk)
    if values_x[0] <= 1e-12 * values_x[-1]:
        raise ValueError(
            f'q_mk: the {q_mk.shape[1]} components depend on each other linearly'
        )
    return (vectors_kx / np.sqrt(values_x)) @ vectors_kx.T


def nanmean(x: np.ndarray) -> float:
    """Return the mean of what is not nan; nan if nothing is.

    Examples
    --------
    >>> nanmean(np.array([0.5, np.nan, 1.0]))
    0.75
    """
    known = np.asarray(x)[np.isfinite(x)]
    return float(known.mean()) if len(known) else float('nan')
