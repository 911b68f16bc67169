"""Correlations: of components with each other, of minima with those before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from ase_entropy import checks

__all__ = [
    'Autocorrelation',
    'autocorrelation',
    'multiple_correlation',
    'rank_correlation',
]

BLOCK = 100_000  # environments worked on at once


def multiple_correlation(q_ek: np.ndarray, first: int = 6) -> np.ndarray:
    r"""Return how well the first components explain each of the others, linearly.

    .. math:: R_k = \sqrt{1 - \frac{\sum_e (q_{ek} - \hat q_{ek})^2}
                                   {\sum_e (q_{ek} - \langle q_k\rangle)^2}}

    where the estimate is the least-squares fit of component k by a constant and the
    `first` components. 1 is an exactly linear dependence, 0 none; nan a component that
    does not vary. In the paper, about 0.7 on average.

    Parameters
    ----------
    q_ek : (e, k) float array
        Descriptors of e environments.
    first : int
        Number of explaining components.

    Returns
    -------
    (k - first,) float array
        R of each further component.

    Raises
    ------
    ValueError
        No further component, not more environments than numbers to fit, first
        components none of which varies, or numbers that are not finite.

    Examples
    --------
    >>> q_ek = np.random.default_rng(0).random((50, 2))
    >>> sum_ek = q_ek.sum(axis=1, keepdims=True)
    >>> multiple_correlation(np.hstack([q_ek, sum_ek]), first=2).round(9)
    array([1.])
    """
    q_ek = checks.matrix('q_ek', q_ek)
    checks.whole('first', first, least=1)
    if q_ek.shape[1] <= first or len(q_ek) <= first + 1:
        raise ValueError(
            f'q_ek has shape {q_ek.shape}: expected more than {first + 1} environments '
            f'and more than {first} components'
        )
    mean_k = q_ek.mean(axis=0)
    blocks = [slice(e, e + BLOCK) for e in range(0, len(q_ek), BLOCK)]
    spread_k = np.sqrt(sum(np.sum((q_ek[e] - mean_k) ** 2, axis=0) for e in blocks))
    norm_k = np.sqrt(sum(np.sum(q_ek[e] ** 2, axis=0) for e in blocks))
    still_k = spread_k <= 1e-10 * norm_k
    if still_k[:first].all():
        raise ValueError(
            f'q_ek: none of its first {first} components varies, expected one or more'
        )
    scale_k = np.where(still_k, np.inf, spread_k)
    known_ek = (q_ek[:, :first] - mean_k[:first]) / scale_k[:first]
    basis_ex, values_x, _ = np.linalg.svd(known_ek, full_matrices=False)
    basis_ex = basis_ex[:, values_x > 1e-10 * max(values_x.max(), 1e-300)]

    def others(e: slice) -> np.ndarray:
        return (q_ek[e, first:] - mean_k[first:]) / scale_k[first:]

    product_xk = sum(basis_ex[e].T @ others(e) for e in blocks)
    residual_k = sum(
        np.sum((others(e) - basis_ex[e] @ product_xk) ** 2, axis=0) for e in blocks
    )
    r_k = np.sqrt(np.clip(1.0 - residual_k, 0.0, 1.0))
    r_k[still_k[first:]] = np.nan
    return r_k


def rank_correlation(q_mnk: np.ndarray, lag: int = 1) -> float:
    """Return the rank correlation of an atom's descriptors with those `lag` rows later.

    Correlation of the ranks of each component among all environments, mean over the
    components: 1 where nothing has changed, 0 within about 1/sqrt(m n) where nothing
    is remembered.

    Parameters
    ----------
    q_mnk : (m, n, k) array
        Descriptors of the same n atoms in successive configurations.
    lag : int
        Rows between the two that are compared.

    Raises
    ------
    ValueError
        Not so many configurations, a component that does not vary, or numbers that are
        not finite.

    Examples
    --------
    >>> q_nk = np.random.default_rng(0).random((5, 2))
    >>> round(rank_correlation([q_nk, q_nk, q_nk]), 9)
    1.0
    """
    q_mnk = checks.array('q_mnk', q_mnk)
    checks.whole('lag', lag, least=1)
    if q_mnk.ndim != 3 or len(q_mnk) <= lag or not np.isfinite(q_mnk).all():
        raise ValueError(
            f'q_mnk has shape {q_mnk.shape}: expected three axes, and more than {lag} '
            'configurations, all finite'
        )
    ranks_mnk = rankdata(q_mnk.reshape(-1, q_mnk.shape[2]), axis=0).reshape(q_mnk.shape)
    spread_k = ranks_mnk.std((0, 1))
    if not (spread_k > 0.0).all():
        raise ValueError('q_mnk has a component that does not vary: expected none')
    z_mnk = (ranks_mnk - ranks_mnk.mean((0, 1))) / spread_k
    return float((z_mnk[lag:] * z_mnk[:-lag]).mean())


@dataclass(frozen=True)
class Autocorrelation:
    r"""Correlation of a quantity with itself, some cycles later.

    Attributes
    ----------
    lag_l : (l,) int array
        Distances in cycles, from 0.
    r_l : (l,) or (l, x) float array
        Coefficients, 1 at lag 0; nan where no two cycles are so far apart, and for a
        quantity that does not vary.
    pairs_l : (l,) int array
        Pairs of cycles behind each.
    noise_l : (l,) float array
        Standard deviation of the coefficient of independent numbers,
        :math:`1/\sqrt{N}` with the number of pairs.
    walkers : int
        Chains with two cycles in succession.
    """

    lag_l: np.ndarray
    r_l: np.ndarray
    pairs_l: np.ndarray
    noise_l: np.ndarray
    walkers: int


def autocorrelation(
    x_m: np.ndarray,
    walker_m: Sequence,
    cycle_m: Sequence[int],
    lags: int = 10,
) -> Autocorrelation:
    r"""Correlate successive minima of walkers, to see if they are independent.

    .. math:: r_l = \frac{\langle (x_c - \bar x)(x_{c+l} - \bar x) \rangle}
                         {\langle (x_c - \bar x)^2 \rangle}

    over all pairs of cycles of one walker that are l apart, with mean and variance of
    all cycles. Independent numbers give r within about 2 of `noise_l` around 0.

    Parameters
    ----------
    x_m : (m,) or (m, x) float array
        One quantity or several of each configuration; no nan.
    walker_m : (m,) sequence
        Chain that a configuration belongs to: each cycle starts from the end of the
        one before.
    cycle_m : (m,) sequence of int
        Number of the cycle along its chain, in any order; gaps are left out.
    lags : int
        Largest distance in cycles.

    Raises
    ------
    ValueError
        Arrays of different lengths, nan, a cycle of a walker that is there twice, no
        quantity that varies, or no walker with two cycles in succession.

    Examples
    --------
    >>> found = autocorrelation([1.0, -1.0, 1.0, -1.0], [0, 0, 0, 0], range(4), lags=2)
    >>> found.r_l, found.pairs_l
    (array([ 1., -1.,  1.]), array([4, 3, 2]))
    """
    x_m = checks.array('x_m', x_m)
    x_mx = x_m.reshape(len(x_m) if x_m.ndim else 1, -1)
    walker_m, cycle_m = (
        checks.sequence(name, value)
        for name, value in (('walker_m', walker_m), ('cycle_m', cycle_m))
    )
    checks.whole('lags', lags, least=1)
    if not len(x_mx) == len(walker_m) == len(cycle_m) or not np.isfinite(x_mx).all():
        raise ValueError(
            f'x_m, walker_m and cycle_m have lengths {len(x_mx)}, {len(walker_m)} and '
            f'{len(cycle_m)}: expected one, and finite numbers'
        )
    pairs = _pairs_of_cycles(walker_m, cycle_m, lags)
    from_mean_mx = x_mx - x_mx.mean(axis=0)
    variance_x = np.mean(from_mean_mx**2, axis=0)
    still_x = variance_x <= 1e-24 * np.mean(x_mx**2, axis=0)
    if still_x.all():
        raise ValueError('x_m does not vary: expected different numbers')
    variance_x[still_x] = np.nan
    r_lx = np.full((lags + 1, x_mx.shape[1]), np.nan)
    for lag, both in enumerate(pairs):
        if both:
            early, late = np.transpose(both)
            products_x = np.mean(from_mean_mx[early] * from_mean_mx[late], axis=0)
            r_lx[lag] = products_x / variance_x
    pairs_l = np.array([len(both) for both in pairs])
    return Autocorrelation(
        np.arange(lags + 1),
        r_lx if np.ndim(x_m) == 2 else r_lx[:, 0],
        pairs_l,
        1.0 / np.sqrt(np.where(pairs_l > 0, pairs_l, np.nan)),
        len({walker_m[m] for m, _ in pairs[1]}),
    )


def _pairs_of_cycles(walker_m: Sequence, cycle_m: Sequence, lags: int) -> list[list]:
    """Return, for each lag, pairs of places in cycles of a walker so far apart."""
    place = {}
    for m, chain in enumerate(zip(walker_m, cycle_m, strict=True)):
        if place.setdefault(chain, m) != m:
            raise ValueError(
                f'walker_m and cycle_m: cycle {chain[1]} of walker {chain[0]} is there '
                'twice, expected once'
            )
    pairs = [
        [(m, place[w, c + lag]) for (w, c), m in place.items() if (w, c + lag) in place]
        for lag in range(lags + 1)
    ]
    if not pairs[1]:
        raise ValueError(
            'walker_m: no walker has two cycles in succession, expected one or more'
        )
    return pairs
