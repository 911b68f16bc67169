"""Estimators against identities, closed forms and second implementations."""

import itertools
import math

import numpy as np
import pytest
from estimators import ALONE, CASES, KINDS, OPTIONS, REFERENCE, SCALE, WHITENING, points
from scipy.spatial.distance import cdist, pdist
from scipy.special import digamma, gammaln, i0e
from scipy.stats import multivariate_normal

from ase_entropy.entropy import (
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LogDetEntropy,
    NearestNeighborEntropy,
    SmoothNearestNeighborEntropy,
    at_order,
    standard_scale,
    whitening,
)

LITERAL = NearestNeighborEntropy(softening=0.0)
ORDERS = (1, 2, 3, 3.5, 6, 24, 96, 1000, math.inf)
STEP = 1e-5


def descriptors(n=40, k=6, seed=0):
    return np.random.default_rng(seed).standard_normal((n, k))


def smooth(order, **options):
    return SmoothNearestNeighborEntropy(order, softening=0.0, **options)


def differences(q_nk, options):
    """Return the distances from each point to all others, the reference included."""
    scale_k = np.array(options.get('scale_k', 1.0))
    weight_kx = options.get('whitening_kx', np.eye(q_nk.shape[1]))
    others_lk = np.concatenate([q_nk, options.get('reference_mk', q_nk[:0])])
    d_nl = cdist(q_nk / scale_k @ weight_kx, others_lk / scale_k @ weight_kx)
    return np.array([np.delete(d_l, j) for j, d_l in enumerate(d_nl)])


@pytest.mark.parametrize('case', CASES)
def test_gradient(case):
    q_nk = points()
    v_nk = points(seed=1)
    _, dS_dq_nk = CASES[case].evaluate(q_nk)
    entropies = [
        CASES[case].evaluate(q_nk + s * STEP * v_nk)[0] for s in (-2, -1, 1, 2)
    ]
    slope = np.dot([1, -8, 8, -1], entropies) / (12 * STEP)  # of fourth order
    assert np.sum(dS_dq_nk * v_nk) == pytest.approx(slope, rel=1e-7)


@pytest.mark.parametrize('kind', KINDS)
def test_shift_changes_nothing(kind):
    cls, settings = KINDS[kind]
    q_nk, shift_k = points(), np.arange(5.0)
    for reference_mk in (None, REFERENCE):
        moved_mk = None if reference_mk is None else reference_mk + shift_k
        here = cls(**settings, reference_mk=reference_mk).evaluate(q_nk)[0]
        there = cls(**settings, reference_mk=moved_mk).evaluate(q_nk + shift_k)[0]
        assert there == pytest.approx(here, rel=1e-10)


@pytest.mark.parametrize('kind', KINDS)
def test_gradients_add_up_to_zero(kind):
    cls, settings = KINDS[kind]
    _, dS_dq_nk = cls(**settings).evaluate(points())
    np.testing.assert_allclose(dS_dq_nk.sum(axis=0), 0.0, atol=1e-13)


@pytest.mark.parametrize('case', CASES)
def test_order_of_the_atoms_changes_nothing(case):
    q_nk = points()
    order_n = np.random.default_rng(3).permutation(len(q_nk))
    entropy, dS_dq_nk = CASES[case].evaluate(q_nk)
    again, dS_dq_again_nk = CASES[case].evaluate(q_nk[order_n])
    assert again == pytest.approx(entropy, rel=1e-12)
    np.testing.assert_allclose(dS_dq_again_nk, dS_dq_nk[order_n], atol=1e-12)


@pytest.mark.parametrize('c', [0.01, 3.0])
@pytest.mark.parametrize(
    ('estimator', 'times'),
    [
        *((smooth(order), 1) for order in ORDERS),
        (LITERAL, 1),
        (KozachenkoLeonenkoEntropy(softening=0.0), 5),
        (KozachenkoLeonenkoEntropy(k=4, softening=0.0), 5),
        (KozachenkoLeonenkoEntropy(k=4, softening=0.0, order=6), 5),
        (KernelEntropy(softening=0.0), 5),
        (LogDetEntropy(ridge=0.0), 5),
    ],
    ids=repr,
)
def test_scaling_adds_its_logarithm(estimator, times, c):
    q_nk = points()
    expected = estimator.evaluate(q_nk)[0] + times * np.log(c)
    assert estimator.evaluate(c * q_nk)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize('n', [2, 5, 3000])
def test_points_on_a_line(n):
    """Spacing d: S = ln(n d), for few points and for so many that strips are used."""
    q_nk = np.column_stack([0.3 * np.arange(n), np.zeros(n)])
    assert LITERAL.evaluate(q_nk)[0] == pytest.approx(np.log(n * 0.3), rel=1e-12)


@pytest.mark.parametrize('order', ORDERS)
def test_simplex(order):
    """All distances equal: every power mean is ln(n d) - ln(n - 1) / p."""
    n, d = 6, 0.7
    q_nk = d / np.sqrt(2) * np.eye(n)
    expected = np.log(n * d) - np.log(n - 1) / order
    assert smooth(order).evaluate(q_nk)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize('order', ORDERS)
@pytest.mark.parametrize('n', [2, 13, 300])
def test_bounds_of_the_power_mean(n, order):
    """S_p <= S <= S_p + ln(n - 1) / p."""
    q_nk = points(n)
    exact, below = LITERAL.evaluate(q_nk)[0], smooth(order).evaluate(q_nk)[0]
    assert below <= exact + 1e-12
    assert exact <= below + np.log(n - 1) / order + 1e-12


def test_power_mean_rises_with_its_order():
    entropies = [smooth(order).evaluate(points())[0] for order in ORDERS]
    assert entropies == sorted(entropies)


def test_infinite_order_is_the_exact_estimator():
    q_nk = points()
    infinite, exact = smooth(math.inf).evaluate(q_nk), LITERAL.evaluate(q_nk)
    assert infinite[0] == exact[0]
    np.testing.assert_array_equal(infinite[1], exact[1])


@pytest.mark.parametrize('option', OPTIONS)
@pytest.mark.parametrize('order', ORDERS)
@pytest.mark.parametrize('n', [2, 7, 40, 400])
def test_power_mean_by_brute_force(n, order, option):
    """As it is written, with logarithms of sums in extended precision."""
    q_nk = points(n)
    d_nl = differences(q_nk, OPTIONS[option]).astype(np.longdouble)
    d_nl /= (nearest_n1 := d_nl.min(axis=1, keepdims=True))
    means_n = np.log(nearest_n1[:, 0])
    if order < math.inf:
        means_n -= np.log((d_nl**-order).sum(axis=1)) / order
    expected = float(np.log(d_nl.shape[1] + 1) + means_n.mean())
    entropy = smooth(order, **OPTIONS[option]).evaluate(q_nk)[0]
    assert entropy == pytest.approx(expected, abs=1e-12)


def test_sharp_orders_do_not_overflow():
    """Distances over sixty orders of magnitude, at order 1000."""
    q_nk = np.array([[0.0], [1e-30], [1.0], [1e30]])
    entropy, dS_dq_nk = smooth(1000).evaluate(q_nk)
    expected = np.log(4) + np.log(1e-30 * 1e-30 * 1.0 * 1e30) / 4
    assert entropy == pytest.approx(expected, abs=1e-2)
    assert np.isfinite(dS_dq_nk).all()


def test_both_ends_of_a_link_feel_it():
    """The outer point has the inner one as neighbor; the inner one another."""
    q_nk = np.array([[0.0], [1.0], [3.0]])
    _, dS_dq_nk = LITERAL.evaluate(q_nk)
    np.testing.assert_allclose(dS_dq_nk[:, 0], [-2 / 3, 2 / 3 - 1 / 6, 1 / 6])


def test_softening_in_quadrature():
    q_nk = np.array([[0.0], [0.03]])
    soft = NearestNeighborEntropy(softening=0.04)
    assert soft.evaluate(q_nk)[0] == pytest.approx(np.log(2 * 0.05))


def test_kozachenko_leonenko_is_the_papers_estimator_with_constants():
    q_nk = points()
    n, d = q_nk.shape
    log_ball = 0.5 * d * np.log(np.pi) - gammaln(0.5 * d + 1)
    constants = digamma(n) - digamma(1) + log_ball - d * np.log(n)
    expected = d * LITERAL.evaluate(q_nk)[0] + constants
    entropy = KozachenkoLeonenkoEntropy(softening=0.0).evaluate(q_nk)[0]
    assert entropy == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize('option', OPTIONS)
@pytest.mark.parametrize('k', [1, 2, 5])
def test_kth_neighbor_by_brute_force(k, option):
    q_nk, options = points(), OPTIONS[option]
    d_nl = np.sort(differences(q_nk, options), axis=1)
    dimensions = np.shape(options.get('whitening_kx', np.eye(5)))[1]
    log_ball = 0.5 * dimensions * np.log(np.pi) - gammaln(0.5 * dimensions + 1)
    expected = digamma(d_nl.shape[1] + 1) - digamma(k) + log_ball
    expected += dimensions * np.log(d_nl[:, k - 1]).mean()
    estimator = KozachenkoLeonenkoEntropy(k, softening=0.0, **options)
    assert estimator.evaluate(q_nk)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize('option', OPTIONS)
@pytest.mark.parametrize(('k', 'order'), [(1, 6), (2, 1), (2, 24), (3, 5.5), (4, 12)])
def test_smooth_kth_neighbor_by_symmetric_sums(k, order, option):
    q_nk, options = points(9), OPTIONS[option]
    d_nl = differences(q_nk, options)
    constant = KozachenkoLeonenkoEntropy(k, softening=0.0, **options).evaluate(q_nk)[0]
    dimensions = np.shape(options.get('whitening_kx', np.eye(5)))[1]
    constant -= dimensions * np.log(np.sort(d_nl, axis=1)[:, k - 1]).mean()

    def symmetric_sum(x_l, k):
        return sum(np.prod(some) for some in itertools.combinations(x_l, k))

    log_d_n = []
    for x_l in d_nl**-order:
        ratio = symmetric_sum(x_l, k) / symmetric_sum(x_l, k - 1)
        log_d_n.append(-np.log(ratio) / order)
    estimator = KozachenkoLeonenkoEntropy(k, softening=0.0, order=order, **options)
    expected = constant + dimensions * np.mean(log_d_n)
    assert estimator.evaluate(q_nk)[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize('k', [1, 2, 5])
def test_smooth_kth_neighbor_of_high_order_is_the_kth_neighbor(k):
    q_nk = points()
    sharp = KozachenkoLeonenkoEntropy(k, order=3000.0).evaluate(q_nk)
    exact = KozachenkoLeonenkoEntropy(k).evaluate(q_nk)
    assert sharp[0] == pytest.approx(exact[0], abs=0.01)
    np.testing.assert_allclose(sharp[1], exact[1], atol=0.02)


@pytest.mark.parametrize('bandwidth', [0.4, 'silverman'])
def test_kernel_density_leaving_one_out(bandwidth):
    """Against scipy's normal density, point by point."""
    q_nk = points()
    n, k = q_nk.shape
    h2 = 0.16
    if bandwidth == 'silverman':
        h2 = (4 / ((k + 2) * n)) ** (2 / (k + 4)) * q_nk.var(axis=0).mean()
    density_n = []
    for j, own_k in enumerate(q_nk):
        others = [multivariate_normal(q_k, h2) for q_k in np.delete(q_nk, j, 0)]
        density_n.append(np.mean([other.pdf(own_k) for other in others]))
    entropy = KernelEntropy(bandwidth, softening=0.0).evaluate(q_nk)[0]
    assert entropy == pytest.approx(-np.log(density_n).mean(), rel=1e-12)


def test_kernel_density_in_blocks(monkeypatch):
    whole = KernelEntropy().evaluate(points())
    monkeypatch.setattr('ase_entropy.entropy.kernel.BLOCK', 1000)
    blocks = KernelEntropy().evaluate(points())
    assert blocks[0] == pytest.approx(whole[0], rel=1e-12)
    np.testing.assert_allclose(blocks[1], whole[1], atol=1e-14)


@pytest.mark.parametrize('omitted', [1e-5, 0.1])
@pytest.mark.parametrize(
    'n, m, k, bandwidth',
    [
        (700, 0, 6, 'silverman'),
        (300, 400, 5, 'silverman'),
        (500, 0, 13, 0.2),
        (400, 0, 1, 0.01),
        (9, 500, 7, 0.003),
    ],
)
def test_kernel_density_without_far_points(monkeypatch, n, m, k, bandwidth, omitted):
    rng = np.random.default_rng(n)
    q_nk, reference_mk = rng.standard_normal((n, k)) ** 3, rng.standard_normal((m, k))
    q_nk[3] = q_nk[1]
    reference_mk = reference_mk if m else None
    estimator = KernelEntropy(bandwidth, reference_mk=reference_mk)
    exact, dexact_dq_nk = estimator.evaluate(q_nk)
    monkeypatch.setattr('ase_entropy.entropy.kernel.EXACT', 0)
    monkeypatch.setattr('ase_entropy.entropy.kernel.OMITTED', omitted)
    entropy, dS_dq_nk = estimator.evaluate(q_nk)
    rounding = 1e-12 * abs(exact)
    assert -rounding <= entropy - exact <= omitted + rounding
    error = np.abs(dS_dq_nk - dexact_dq_nk).max()
    assert error <= omitted * np.abs(dexact_dq_nk).max()


def test_kernel_density_of_many_points_looks_at_near_ones(monkeypatch):
    q_nk = np.random.default_rng(0).standard_normal((4000, 2))
    large = KernelEntropy(0.1).evaluate(q_nk)[0]
    monkeypatch.setattr('ase_entropy.entropy.kernel.EXACT', np.inf)
    exact = KernelEntropy(0.1).evaluate(q_nk)[0]
    assert 0.0 < large - exact < 1e-5


def test_covariance_by_numpy():
    q_nk = points()
    covariance_kk = np.cov(q_nk.T, bias=True) + 0.3 * np.eye(5)
    expected = 0.5 * np.linalg.slogdet(2 * np.pi * np.e * covariance_kk)[1]
    assert LogDetEntropy(ridge=0.3).evaluate(q_nk)[0] == pytest.approx(expected)


SIGMA = 1.7
WIDTH = 2.5
GAUSSIAN = {
    'nearest neighbor': KozachenkoLeonenkoEntropy(softening=0.0),
    'fourth neighbor': KozachenkoLeonenkoEntropy(k=4, softening=0.0),
    'Silverman': KernelEntropy(softening=0.0),
    'covariance': LogDetEntropy(ridge=0.0),
}


def assert_entropy(estimator, draw, exact, sets=20):
    """Compare one estimate from 2000 points with the exact entropy, in its spread."""
    entropies = [estimator.evaluate(draw(seed))[0] for seed in range(sets)]
    error = np.std(entropies, ddof=1)
    assert abs(np.mean(entropies) - exact) <= 3 * error
    assert abs(entropies[0] - exact) <= 3 * error
    assert error < 0.2


@pytest.mark.parametrize('dimensions', [1, 2, 3])
@pytest.mark.parametrize('name', GAUSSIAN)
def test_entropy_of_a_gaussian(name, dimensions):
    exact = 0.5 * dimensions * np.log(2 * np.pi * np.e * SIGMA**2)
    assert_entropy(
        GAUSSIAN[name], lambda seed: SIGMA * descriptors(2000, dimensions, seed), exact
    )


@pytest.mark.parametrize('dimensions', [1, 2])
@pytest.mark.parametrize('name', ['nearest neighbor', 'fourth neighbor'])
def test_entropy_of_a_uniform_box(name, dimensions):
    exact = dimensions * np.log(WIDTH)

    def draw(seed):
        return WIDTH * np.random.default_rng(seed).random((2000, dimensions))

    assert_entropy(GAUSSIAN[name], draw, exact)


def test_kernel_density_of_a_uniform_ring():
    """A uniform density without edges: a ring, and what a Gaussian makes of it."""

    def draw(seed):
        angle_n = 2 * np.pi * np.random.default_rng(seed).random(2000)
        return np.column_stack([np.cos(angle_n), np.sin(angle_n)])

    def density(h):
        return i0e(1 / h**2) / (2 * np.pi * h**2)

    h, n = 0.2, 2000
    square = density(h / np.sqrt(2)) / (4 * np.pi * h**2)  # mean square of the kernel
    bias = (square / density(h) ** 2 - 1) / (2 * (n - 1))  # of a logarithm
    exact = -np.log(density(h)) + bias
    assert_entropy(KernelEntropy(bandwidth=h), draw, exact)


ALL_EQUAL = {
    'NearestNeighborEntropy': lambda n, k: np.log(n * 0.01),
    'SmoothNearestNeighborEntropy': lambda n, k: (
        np.log(n * 0.01) - np.log(max(1, n - 1)) / 6
    ),
    'KernelEntropy': lambda n, k: 0.5 * k * np.log(2 * np.pi * 0.01**2),
    'KozachenkoLeonenkoEntropy': lambda n, k: (
        digamma(n)
        - digamma(1)
        + 0.5 * k * np.log(np.pi)
        - gammaln(0.5 * k + 1)
        + k * np.log(0.01)
    ),
    'LogDetEntropy': lambda n, k: 0.5 * k * np.log(2 * np.pi * np.e * 1e-4),
}


@pytest.mark.parametrize('n', [1, 2, 3, 600])
@pytest.mark.parametrize('name', ALONE)
def test_equal_descriptors_and_single_atoms(name, n):
    """As if epsilon apart; a single atom has its images. No gradient."""
    entropy, dS_dq_nk = ALONE[name]().evaluate(np.full((n, 4), 3.7))
    assert entropy == pytest.approx(ALL_EQUAL[name](n, 4), rel=1e-9)
    np.testing.assert_allclose(dS_dq_nk, np.zeros((n, 4)), atol=1e-9)


@pytest.mark.parametrize('name', ALONE)
def test_a_pair_of_duplicates_among_others(name):
    q_nk = points()
    q_nk[4] = q_nk[17]
    entropy, dS_dq_nk = ALONE[name]().evaluate(q_nk)
    assert np.isfinite(entropy)
    assert np.isfinite(dS_dq_nk).all()


@pytest.mark.parametrize(
    'name', ['SmoothNearestNeighborEntropy', 'KernelEntropy', 'LogDetEntropy']
)
def test_duplicates_feel_the_same_where_there_are_no_kinks(name):
    q_nk = points()
    q_nk[4] = q_nk[17]
    _, dS_dq_nk = ALONE[name]().evaluate(q_nk)
    np.testing.assert_allclose(dS_dq_nk[4], dS_dq_nk[17], atol=1e-12)


ADDITIVE = [
    LITERAL,
    NearestNeighborEntropy(softening=0.3),
    *(smooth(order) for order in (1, 6, 7.5)),
    KernelEntropy(bandwidth=0.4),
    KozachenkoLeonenkoEntropy(k=2),
    KozachenkoLeonenkoEntropy(k=2, order=6),
]


def beside(estimator, reference_mk):
    settings = {**vars(estimator), 'reference_mk': reference_mk}
    settings.pop('space', None)
    return type(estimator)(**settings)


@pytest.mark.parametrize('estimator', ADDITIVE, ids=repr)
@pytest.mark.parametrize('n', [2, 11, 29])
def test_two_sets_beside_each_other_are_one(estimator, n):
    """n S(A beside B) + m S(B beside A) = (n + m) S(A and B), and so the gradients."""
    q_nk = points(40)
    whole, dS_dq_nk = estimator.evaluate(q_nk)
    first, dS_first_nk = beside(estimator, q_nk[n:]).evaluate(q_nk[:n])
    second, dS_second_nk = beside(estimator, q_nk[:n]).evaluate(q_nk[n:])
    m = 40 - n
    assert n * first + m * second == pytest.approx(40 * whole, rel=1e-12)
    own_nk = np.concatenate([n * dS_first_nk, m * dS_second_nk]).sum()
    assert np.isfinite(own_nk)


def test_covariance_with_a_reference_is_that_of_both():
    q_nk = points(40)
    whole, dS_dq_nk = LogDetEntropy().evaluate(q_nk)
    part, dS_part_nk = LogDetEntropy(reference_mk=q_nk[12:]).evaluate(q_nk[:12])
    assert part == pytest.approx(whole, rel=1e-12)
    np.testing.assert_allclose(dS_part_nk, dS_dq_nk[:12], rtol=1e-10)


def test_cell_moves_away_from_the_reference():
    """Two points on a line, and a fixed one on the left: the left one is pushed on."""
    alone = NearestNeighborEntropy().evaluate(np.array([[0.0], [1.0]]))[1]
    fixed = NearestNeighborEntropy(reference_mk=[[-0.5]])
    beside_it = fixed.evaluate(np.array([[0.0], [1.0]]))[1]
    assert alone[0, 0] < 0.0 < beside_it[0, 0]


@pytest.mark.parametrize('kind', KINDS)
def test_scale_and_whitening_are_maps_of_the_descriptors(kind):
    cls, settings = KINDS[kind]
    q_nk = points()
    plain, dS_dx_nk = cls(**settings).evaluate(q_nk / np.array(SCALE))
    scaled, dS_dq_nk = cls(**settings, scale_k=SCALE).evaluate(q_nk)
    assert scaled == pytest.approx(plain, rel=1e-12)
    np.testing.assert_allclose(dS_dq_nk, dS_dx_nk / np.array(SCALE), rtol=1e-9)
    plain = cls(**settings).evaluate(q_nk @ WHITENING)[0]
    white = cls(**settings, whitening_kx=WHITENING).evaluate(q_nk)[0]
    assert white == pytest.approx(plain, rel=1e-10)


def test_whitened_entropy_does_not_know_the_units():
    """Any linear mixture of the components gives the same distances."""
    q_nk = points()
    mixed_nk = q_nk @ np.random.default_rng(5).standard_normal((5, 5))
    entropies = [
        NearestNeighborEntropy(whitening_kx=whitening(x)).evaluate(x)[0]
        for x in (q_nk, mixed_nk)
    ]
    assert entropies[0] == pytest.approx(entropies[1], rel=1e-9)
    white_nk = mixed_nk @ whitening(mixed_nk)
    np.testing.assert_allclose(np.cov(white_nk.T, bias=True), np.eye(5), atol=1e-10)
    assert pdist(white_nk).min() > 0


def test_standard_scale_makes_components_alike():
    q_nk = points() * (1, 10, 100, 1000, 0.01)
    np.testing.assert_allclose((q_nk / standard_scale(q_nk)).std(axis=0), 1.0)


def test_at_order_keeps_everything_else():
    start = NearestNeighborEntropy(0.02, REFERENCE, SCALE)
    sharp = at_order(start, 24)
    assert (sharp.order, sharp.softening, sharp.scale_k) == (24, 0.02, SCALE)
    assert sharp.reference_mk == start.reference_mk
    assert at_order(sharp, math.inf).evaluate(points())[0] == pytest.approx(
        start.evaluate(points())[0]
    )
