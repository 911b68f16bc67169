"""How descriptors and entropies are distributed over sets."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.analysis.scaling import ReferenceScale, in_deviations

__all__ = ['common_edges', 'entropies', 'histograms', 'principal_map']

FEWEST_BINS, MOST_BINS = 8, 120


def entropies(q_ek: np.ndarray, first_m: np.ndarray, estimator: Any) -> np.ndarray:
    """Return the entropy (nats) of each configuration.

    A configuration of a single atom has no entropy of its own: nan.

    Parameters
    ----------
    q_ek : (e, k) float array
        Descriptors of all environments, one configuration after the other.
    first_m : (m + 1,) int array
        Configuration m holds the environments ``first_m[m]`` to ``first_m[m + 1]``.
    estimator : EntropyEstimator
        Any with ``evaluate(q_nk)``, such as ``NearestNeighborEntropy()``.

    Raises
    ------
    ValueError
        Configurations that do not fit, or as the estimator does.

    Examples
    --------
    >>> from ase_entropy import NearestNeighborEntropy
    >>> q_ek = np.array([[0.0], [0.5], [7.0]])
    >>> entropies(q_ek, [0, 2, 3], NearestNeighborEntropy(softening=0.0))
    array([ 0., nan])
    """
    q_ek = checks.matrix('q_ek', q_ek)
    first_m = checks.first_indices(first_m, len(q_ek))
    if not hasattr(estimator, 'evaluate'):
        raise ValueError(f'estimator={estimator!r}: expected an object with evaluate()')
    entropy_m = np.full(len(first_m) - 1, np.nan)
    for m in np.flatnonzero(np.diff(first_m) > 1):
        entropy_m[m] = estimator.evaluate(q_ek[first_m[m] : first_m[m + 1]])[0]
    return entropy_m


def common_edges(
    sets: Sequence[np.ndarray], bins: int | None = None, inside: float = 1.0
) -> np.ndarray:
    r"""Return edges of bins that several sets of numbers share.

    Parameters
    ----------
    sets : sequence of (s,) float arrays
        Numbers; nan are left out.
    bins : int, optional
        Number of bins; by default that of Freedman and Diaconis for the set with the
        finest structure, from 8 to 120 of them.

        .. math:: h = 2\,(x_{3/4} - x_{1/4})\,n^{-1/3}
    inside : float
        Part of each set, counted from its middle, that the bins must hold. Below 1, a
        few far outliers do not squeeze all others into one bin.

    Returns
    -------
    (bins + 1,) float array
        Edges, equally spaced.

    References
    ----------
    .. [1] D. Freedman, P. Diaconis, Z. Wahrscheinlichkeitstheorie 57, 453 (1981).

    Raises
    ------
    ValueError
        Nothing but nan; `bins` or `inside` out of their range.

    Examples
    --------
    >>> common_edges([np.array([0.0, 1.0]), np.array([3.0, 4.0])], bins=4)
    array([0., 1., 2., 3., 4.])
    """
    if bins is not None:
        checks.whole('bins', bins, least=1)
    checks.real('inside', inside, above=0.0, most=1.0)
    outer = (0.5 - 0.5 * inside, 0.5 + 0.5 * inside)
    finite = [_finite(x) for x in checks.sequence('sets', sets)]
    ends = [np.quantile(x, outer) for x in finite if len(x)]
    if not ends:
        raise ValueError('sets hold no finite number: expected one or more')
    low, high = np.min(ends), np.max(ends)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):  # all are equal
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, (bins or _bins_of(finite, high - low)) + 1)


def _bins_of(sets: Sequence[np.ndarray], span: float) -> int:
    """Return the number of bins by the rule of Freedman and Diaconis."""
    widths = [
        2.0 * np.subtract(*np.quantile(x, (0.75, 0.25))) / len(x) ** (1 / 3)
        for x in sets
        if len(x)
    ]
    widths = [width for width in widths if width > 0.0]
    if not widths:
        return FEWEST_BINS
    return int(np.clip(np.ceil(span / min(widths)), FEWEST_BINS, MOST_BINS))


def histograms(sets: Sequence[np.ndarray], edges: np.ndarray) -> list[np.ndarray]:
    """Return the density of several sets of numbers in common bins.

    Numbers outside of the bins count in the norm: a density integrates to the part of
    its set that the bins hold.

    Parameters
    ----------
    sets : sequence of (s,) float arrays
        Numbers; nan are left out.
    edges : (b + 1,) float array
        Edges of the bins, such as those of :func:`common_edges`.

    Returns
    -------
    list of (b,) float arrays
        Densities (inverse unit of the numbers).

    Raises
    ------
    ValueError
        Edges that do not increase.

    Examples
    --------
    >>> histograms([np.array([0.5, 1.5, 1.5, 9.0])], np.array([0.0, 1.0, 2.0]))
    [array([0.25, 0.5 ])]
    """
    edges = checks.array('edges', edges)
    good = edges.ndim == 1 and len(edges) > 1 and np.isfinite(edges).all()
    if not good or not (np.diff(edges) > 0.0).all():
        raise ValueError(
            f'edges={edges}: expected two or more increasing numbers, all finite'
        )
    densities = []
    for x in map(_finite, checks.sequence('sets', sets)):
        counts, _ = np.histogram(x, edges)
        densities.append(counts / (max(1, len(x)) * np.diff(edges)))
    return densities


def _finite(x: Sequence[float]) -> np.ndarray:
    x = checks.array('sets', x)
    if x.ndim != 1:
        raise ValueError(f'sets hold one of shape {x.shape}: expected (s,)')
    return x[np.isfinite(x)]


def principal_map(
    sets: Sequence[np.ndarray], reference_ek: np.ndarray, components: int = 2
) -> tuple[list[np.ndarray], np.ndarray]:
    r"""Project sets on the directions in which a reference varies most.

    Principal components of the standardized reference,

    .. math:: x = \frac{\mathbf q - \langle\mathbf q\rangle}{\sigma}\,V, \qquad
              C V = V \lambda,

    C being its matrix of correlations. Components that are the same in the whole
    reference have no part in these directions.

    Parameters
    ----------
    sets : sequence of (e, k) float arrays
        Descriptors.
    reference_ek : (e, k) float array
        Descriptors of the reference.
    components : int
        Number of directions.

    Returns
    -------
    projections : list of (e, x) float arrays
        The sets; in the reference, direction x has the variance :math:`\lambda_x`.
    share_x : (x,) float array
        Part of the variance of the reference along each direction.

    Raises
    ------
    ValueError
        More directions than components that vary in the reference.

    Examples
    --------
    >>> reference_ek = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]])
    >>> (x_ex,), share_x = principal_map([reference_ek], reference_ek)
    >>> share_x.round(12).tolist(), float(np.ptp(x_ex[:, 1]).round(12))
    ([1.0, 0.0], 0.0)
    """
    reference_ek = checks.matrix('reference_ek', reference_ek)
    scale = ReferenceScale.of(reference_ek)
    checks.whole('components', components, least=1, most=scale.varying)
    standard_ek, *scaled = in_deviations(scale, reference_ek, *sets)
    values_x, vectors_kx = np.linalg.eigh(standard_ek.T @ standard_ek)
    first_kx = vectors_kx[:, ::-1][:, :components]
    sign_x = np.sign(first_kx[np.abs(first_kx).argmax(axis=0), np.arange(components)])
    first_kx = first_kx * sign_x  # the largest weight is positive
    share_x = values_x[::-1][:components] / values_x.sum()
    return [q_ek @ first_kx for q_ek in scaled], share_x
