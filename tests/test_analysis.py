"""The numbers of the report, against closed forms and against the slow way."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write
from scipy.spatial.distance import cdist
from test_errors import complaint

from ase_entropy import KernelEntropy, NearestNeighborEntropy
from ase_entropy.analysis import (
    autocorrelation,
    common_edges,
    count_shared,
    coverage_distances,
    coverage_entropies,
    decomposition_sizes,
    entropies,
    histograms,
    in_deviations,
    multiple_correlation,
    nearest_distances,
    pooled_entropy,
    principal_map,
    radial_distribution,
    rank_correlation,
    surrogate_error,
)
from ase_entropy.sets.dataset import read_dataset


def rng(seed=0):
    return np.random.default_rng(seed)


def cloud(points, components=3, seed=0):
    return rng(seed).standard_normal((points, components)) * (1.0, 5.0, 0.2)


def lattice(spacing, side=6):
    axis = spacing * np.arange(side)
    return np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(-1, 3)


UNIT = np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]])  # deviation 1 in each component


def brute_force(train_ek, test_ek, reference_ek, sizes, decompositions, seed):
    """Compare every drawn environment with every other; no tree, no scale of ours."""
    draw, same = rng(seed), test_ek is None
    mean_k, scale_k = reference_ek.mean(axis=0), reference_ek.std(axis=0)
    train_ek = (train_ek - mean_k) / scale_k
    test_ek = train_ek if same else (test_ek - mean_k) / scale_k
    found = []
    for _ in range(decompositions):
        if same:
            drawn = draw.choice(len(train_ek), sum(sizes), replace=False)
            train, test = drawn[: sizes[0]], drawn[sizes[0] :]
        else:
            train = draw.choice(len(train_ek), sizes[0], replace=False)
            test = draw.choice(len(test_ek), sizes[1], replace=False)
        found.append(cdist(test_ek[test], train_ek[train]).min(axis=1))
    return np.array(found)


def twins(q_ek):
    """Return a set in which 150 environments are the same, to the last bit."""
    q_ek[200:350] = q_ek[0]
    return q_ek


@pytest.mark.parametrize('same', [True, False])
@pytest.mark.parametrize('sizes', [(300, 100), (10, 40), (1, 1)])
def test_surrogate_error_is_exact(same, sizes):
    """Also where the drawn part is so small that no near neighbor is in it."""
    train_ek, test_ek = twins(cloud(600)), None if same else twins(cloud(500, seed=1))
    reference_ek = cloud(50, seed=2) + 3.0
    distance_ds = brute_force(train_ek, test_ek, reference_ek, sizes, 7, 5)
    found = surrogate_error(
        train_ek,
        test_ek,
        reference_ek,
        rng=rng(5),
        training=sizes[0],
        testing=sizes[1],
        decompositions=7,
    )
    np.testing.assert_allclose(found.distances, distance_ds.ravel(), atol=1e-12)
    for name, value_d in (
        ('mean', distance_ds.mean(axis=1)),
        ('median', np.median(distance_ds, axis=1)),
        ('largest', distance_ds.max(axis=1)),
    ):
        assert getattr(found, name) == pytest.approx(value_d.mean(), abs=1e-12)
        error = value_d.std(ddof=1) / np.sqrt(7)
        assert getattr(found, f'{name}_error') == pytest.approx(error, abs=1e-12)
    assert (found.training, found.testing) == sizes
    assert not found.scaled_down


@pytest.mark.parametrize('spacing', [0.5, 1.0, 2.0])
def test_surrogate_error_on_a_lattice(spacing):
    points_ek = lattice(spacing)
    options = {'rng': rng(), 'decompositions': 5, 'testing': 20}
    offset = points_ek + spacing * np.array([0.5, 0.5, 0.5])
    inner = offset[(offset < 5 * spacing).all(axis=1)]
    found = surrogate_error(points_ek, inner, UNIT, training=216, **options)
    assert found.mean == pytest.approx(spacing * np.sqrt(3) / 2, rel=1e-12)
    assert found.largest == pytest.approx(spacing * np.sqrt(3) / 2, rel=1e-12)
    assert found.mean_error == pytest.approx(0.0, abs=1e-12)
    options['testing'] = 1
    found = surrogate_error(points_ek, None, UNIT, training=215, **options)
    assert found.mean == pytest.approx(spacing, rel=1e-12)


@pytest.mark.parametrize(
    'first_m', [[0, 3, 9], [0, 3, 11], [1, 3, 10], [0, 0, 10], [0, 5.5, 10], [10], 3]
)
def test_configurations_that_do_not_fit(first_m):
    q_ek = cloud(10)
    estimator = NearestNeighborEntropy()
    for function, *arguments in (
        (entropies, q_ek, first_m, estimator),
        (coverage_distances, q_ek, first_m, q_ek, q_ek, [1]),
        (coverage_entropies, q_ek, first_m, q_ek, [1]),
    ):
        with pytest.raises(ValueError, match='first_m=.*increase from 0 to 10'):
            function(*arguments)


def test_numbers_that_are_not_finite():
    good, bad = cloud(20), cloud(20)
    bad[3, 1] = np.nan
    for function, *arguments in (
        (surrogate_error, bad, good, good),
        (surrogate_error, good, bad, good),
        (coverage_distances, bad, [0, 20], good, good, [1]),
        (coverage_entropies, bad, [0, 20], good, [1]),
        (multiple_correlation, bad, 2),
        (pooled_entropy, bad),
        (principal_map, [bad], good),
        (principal_map, [good], bad),
    ):
        options = {'rng': rng()} if function is surrogate_error else {}
        message = complaint(function, *arguments, **options)
        assert 'finite' in message


def test_histograms_of_bad_edges():
    for edges in ([1.0], [1.0, 1.0], [1.0, np.nan], 3.0):
        assert complaint(histograms, [[1.0]], edges).startswith('edges=')


def test_one_configuration_is_not_several():
    message = complaint(radial_distribution, bulk('W'))
    assert message == 'configurations=Atoms: expected several, such as [atoms]'


def test_the_very_same_array_is_divided():
    points_ek = lattice(1.0)
    sizes = {'training': 100, 'testing': 100, 'decompositions': 3}
    found = surrogate_error(points_ek, points_ek, UNIT, rng=rng(), **sizes)
    assert found.distances.min() == pytest.approx(1.0)
    found = surrogate_error(points_ek, points_ek.copy(), UNIT, rng=rng(), **sizes)
    assert found.distances.min() == pytest.approx(0.0)


def test_equal_environments_are_neighbors():
    points_ek = np.repeat(lattice(1.0, side=3), 40, axis=0)
    found = surrogate_error(
        points_ek, None, UNIT, rng=rng(), training=900, testing=100, decompositions=2
    )
    assert found.largest == pytest.approx(0.0, abs=1e-12)


def test_surrogate_error_does_not_know_units():
    sets = cloud(300), cloud(200, seed=1), cloud(100, seed=2)
    options = {'training': 60, 'testing': 30, 'decompositions': 4}
    plain = surrogate_error(*sets, rng=rng(), **options)
    mapped = (q_ek * np.array([10.0, 0.1, 3.0]) - 7.0 for q_ek in sets)
    found = surrogate_error(*mapped, rng=rng(), **options)
    np.testing.assert_allclose(found.distances, plain.distances, rtol=1e-9)


def test_standard_errors_are_the_scatter_of_repeated_runs():
    sets = cloud(400), cloud(300, seed=1), cloud(100, seed=2)
    options = {'training': 60, 'testing': 30}
    runs = [
        surrogate_error(*sets, rng=rng(seed), decompositions=25, **options)
        for seed in range(60)
    ]
    for name in ('mean', 'median', 'largest'):
        scatter = np.std([getattr(run, name) for run in runs], ddof=1)
        told = np.mean([getattr(run, f'{name}_error') for run in runs])
        assert told == pytest.approx(scatter, rel=0.35)


def test_one_decomposition_has_no_standard_error():
    found = surrogate_error(
        cloud(60), None, cloud(60), rng=rng(), training=9, testing=9, decompositions=1
    )
    assert np.isfinite(found.mean)
    assert np.isnan([found.mean_error, found.median_error, found.largest_error]).all()


def test_small_sets_are_scaled_down():
    found = surrogate_error(cloud(450), None, UNIT, rng=rng(), decompositions=2)
    assert (found.training, found.testing, found.scaled_down) == (300, 150, True)
    found = surrogate_error(
        cloud(450), cloud(4500, seed=1), UNIT, rng=rng(), decompositions=2
    )
    assert (found.training, found.testing, found.scaled_down) == (450, 225, True)
    assert decomposition_sizes(9000) == (6000, 3000)
    assert decomposition_sizes(8999) == (5999, 2999)
    assert decomposition_sizes(2) == (1, 1)
    assert decomposition_sizes(3, 1000, 1) == (2, 1)
    assert decomposition_sizes(3, 1, 1000) == (1, 2)
    for train, test, sizes in ((7, 100, (7, 3)), (100, 7, (14, 7)), (1, 9, (1, 1))):
        found = surrogate_error(
            cloud(train), cloud(test, seed=1), UNIT, rng=rng(), decompositions=1
        )
        assert (found.training, found.testing) == sizes
    found = surrogate_error(cloud(2), None, UNIT, rng=rng(), decompositions=1)
    assert (found.training, found.testing) == (1, 1)


def test_surrogate_error_of_bad_input():
    good, options = cloud(20), {'rng': rng(), 'decompositions': 1}
    message = complaint(surrogate_error, good, None, good, rng=3)
    assert message.startswith('rng=3: expected')
    message = complaint(surrogate_error, good, None, good, rng=rng(), decompositions=0)
    assert message.startswith('decompositions=0: expected')
    for sets, name in (
        ((good, good[:, :2]), 'test_ek'),
        ((good[:0], good), 'train_ek'),
        ((good[0], good), 'train_ek'),
    ):
        message = complaint(surrogate_error, *sets, good, **options)
        assert message.startswith(f'{name} has shape (')
        wrong = 'components of the reference' if len(sets[0]) == 20 else 'all finite'
        assert message.endswith(wrong)
    message = complaint(surrogate_error, good[:1], None, good, **options)
    assert message == 'environments=1: expected a whole number >= 2'
    for name in ('training', 'testing'):
        bad = {**options, name: 0}
        for test_ek in (None, cloud(9)):
            message = complaint(surrogate_error, good, test_ek, good, **bad)
            assert message.startswith(f'{name}=0: expected')


def test_nearest_distances():
    sets = cloud(70), cloud(40, seed=1), cloud(30, seed=2)
    scaled = [(q_ek - sets[2].mean(axis=0)) / sets[2].std(axis=0) for q_ek in sets]
    for ours, theirs in zip(in_deviations(sets[2], *sets), scaled, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    expected = cdist(scaled[1], scaled[0]).min(axis=1)
    np.testing.assert_allclose(nearest_distances(*sets), expected, rtol=1e-12)


# ------------------------------------------------------------ radial distribution


BCC = [(3**0.5 / 2, 8), (1.0, 6), (2**0.5, 12), (11**0.5 / 2, 24), (3**0.5, 8)]


@pytest.mark.parametrize('repeat', [(1, 1, 1), (2, 1, 1), (3, 3, 3)])
@pytest.mark.parametrize('cubic', [True, False])
def test_shells_of_bcc(repeat, cubic):
    """In cells smaller than the distances as well."""
    a = 3.16
    found = radial_distribution(
        [bulk('W', a=a, cubic=cubic) * repeat], 2 * a - 0.1, 300
    )
    filled = np.flatnonzero(found.g_b)
    assert len(filled) == len(BCC)
    width = found.edges[1]
    total = 0
    for b, (radius, neighbors) in zip(filled, BCC, strict=True):
        assert found.r_b[b] == pytest.approx(a * radius, abs=width / 2 + 1e-9)
        total += neighbors
        assert found.coordination_b[b] == pytest.approx(total)
        shell = 4 / 3 * np.pi * (found.edges[b + 1] ** 3 - found.edges[b] ** 3)
        density = 2 / a**3
        assert found.g_b[b] == pytest.approx(neighbors / (density * shell))


def test_ideal_gas():
    """1, less the atom itself: an atom of n has n - 1 others; and its own images."""
    side, n = 6.0, 20
    random = rng()
    gas = [
        Atoms(f'W{n}', random.random((n, 3)) * side, cell=3 * [side], pbc=True)
        for _ in range(400)
    ]
    found = radial_distribution(iter(gas), r_max=8.0, bins=16)
    assert found.configurations == 400
    images = np.isin(np.arange(16), np.array([12]))  # the six at 6.0
    np.testing.assert_allclose(found.g_b[~images][2:], 1 - 1 / n, rtol=0.05)
    density = (n - 1) / side**3
    expected = density * 4 / 3 * np.pi * found.edges[1:] ** 3
    expected[12:] += 6
    np.testing.assert_allclose(found.coordination_b[4:], expected[4:], rtol=0.02)


def test_the_mean_is_over_configurations():
    dense, thin = bulk('W', a=3.0), bulk('W', a=3.2) * (3, 1, 1)
    both = radial_distribution([dense, thin])
    apart = [radial_distribution([atoms]) for atoms in (dense, thin)]
    np.testing.assert_allclose(both.g_b, (apart[0].g_b + apart[1].g_b) / 2)


def test_radial_distribution_of_bad_input():
    assert complaint(radial_distribution, []) == (
        'configurations holds none: expected one or more'
    )
    slab = Atoms('W', cell=(3, 3, 9), pbc=(True, True, False))
    assert complaint(radial_distribution, [bulk('W'), slab]) == (
        'configuration 1 has pbc=[True, True, False]: expected three periodic '
        'directions'
    )
    assert complaint(radial_distribution, [], r_max=0.0).startswith('r_max=0.0: exp')
    assert complaint(radial_distribution, [], bins=0).startswith('bins=0: expected')


# ------------------------------------------------------------------- correlations


def test_multiple_correlation_of_known_dependence():
    known = rng().standard_normal((40_000, 3)) @ [[1, 2, 0], [0, 1, 0], [0, 5, 1]] + 7.0
    linear = known @ [1.0, -2.0, 3.0] + 5.0
    noise = rng(1).standard_normal(40_000)
    others = [linear, linear + 2.0 * linear.std() * noise, noise, 0.0 * noise + 3.0]
    r_k = multiple_correlation(np.column_stack([known, *others]), first=3)
    assert r_k[0] == pytest.approx(1.0, abs=1e-12)
    assert r_k[1] == pytest.approx(1 / np.sqrt(5), abs=0.02)
    assert r_k[2] < 0.02
    assert np.isnan(r_k[3])


def test_multiple_correlation_with_one_is_that_of_pearson():
    q_ek = cloud(100)
    q_ek[:, 1] -= 3.0 * q_ek[:, 0]
    r_k = multiple_correlation(q_ek[:, :2], first=1)
    assert r_k[0] == pytest.approx(-np.corrcoef(q_ek[:, :2].T)[0, 1])


def test_multiple_correlation_with_components_that_depend():
    q_ek = cloud(100)
    doubled = np.column_stack([q_ek[:, 0], 2 * q_ek[:, 0], 0 * q_ek[:, 0], q_ek[:, 1]])
    expected = multiple_correlation(q_ek[:, [0, 1]], first=1)
    np.testing.assert_allclose(multiple_correlation(doubled, first=3), expected)


def test_multiple_correlation_of_bad_input():
    for q_ek in (cloud(20), cloud(4)[:, :2], np.zeros(3)):
        message = complaint(multiple_correlation, q_ek, first=3)
        assert message.startswith('q_ek has shape (')
    still = cloud(20)
    still[:, :2] = 5.0
    assert complaint(multiple_correlation, still, first=2) == (
        'q_ek: none of its first 2 components varies, expected one or more'
    )
    assert complaint(multiple_correlation, cloud(20), first=0).startswith(
        'first=0: exp'
    )


def autoregressive(steps, slope, seed):
    """Return x_t = slope x_(t-1) + noise, from its stationary distribution."""
    noise = rng(seed).standard_normal(steps)
    x_t = np.empty(steps)
    x_t[0] = noise[0] / np.sqrt(1 - slope**2)
    for t in range(1, steps):
        x_t[t] = slope * x_t[t - 1] + noise[t]
    return x_t


@pytest.mark.parametrize('slope', [0.0, 0.6, -0.5])
def test_autocorrelation_of_an_autoregressive_process(slope):
    walkers, steps = 5, 4000
    x_m = np.concatenate([autoregressive(steps, slope, w) for w in range(walkers)])
    walker_m, cycle_m = np.divmod(np.arange(walkers * steps), steps)
    order = rng().permutation(len(x_m))
    found = autocorrelation(x_m[order], walker_m[order], cycle_m[order], lags=5)
    spread = np.sqrt((1 + slope**2) / (1 - slope**2))  # Bartlett
    assert found.walkers == walkers
    np.testing.assert_array_equal(found.pairs_l, len(x_m) - walkers * np.arange(6))
    np.testing.assert_allclose(found.noise_l, 1 / np.sqrt(found.pairs_l))
    error_l = np.abs(found.r_l - slope ** np.arange(6.0)) / found.noise_l
    assert error_l.max() < 4 * spread


def test_autocorrelation_of_several_quantities_with_gaps():
    x_mx = np.column_stack([autoregressive(50, 0.9, 1), autoregressive(50, 0.0, 2)])
    cycle_m = np.delete(np.arange(50), [10, 30])
    found = autocorrelation(x_mx[cycle_m], ['a'] * 48, cycle_m.tolist(), lags=2)
    assert found.r_l.shape == (3, 2)
    assert found.pairs_l.tolist() == [48, 45, 44]
    np.testing.assert_allclose(found.r_l[0], 1.0)
    single = autocorrelation(x_mx[cycle_m, 1], ['a'] * 48, cycle_m.tolist(), lags=2)
    np.testing.assert_allclose(found.r_l[:, 1], single.r_l)
    still = np.column_stack([np.full(48, 2.5), x_mx[cycle_m, 1]])
    found = autocorrelation(still, ['a'] * 48, cycle_m.tolist(), lags=2)
    assert np.isnan(found.r_l[:, 0]).all()
    np.testing.assert_allclose(found.r_l[:, 1], single.r_l)
    far = autocorrelation([1.0, 2.0], [0, 0], [4, 5], lags=3)
    assert far.pairs_l.tolist() == [2, 1, 0, 0]
    assert np.isnan(far.r_l[2:]).all()


def test_rank_correlation():
    """Ranks do not know a monotonic map; what is new does not resemble the old."""
    draw = np.random.default_rng(1)
    q_nk = draw.random((200, 3))
    assert rank_correlation([q_nk, q_nk, q_nk]) == pytest.approx(1.0)
    q_mnk = draw.random((30, 100, 3))
    assert abs(rank_correlation(q_mnk)) < 3 / np.sqrt(3 * 29 * 100)
    q_mnk[2::2], q_mnk[3::2] = q_mnk[0], q_mnk[1]
    assert rank_correlation(q_mnk, lag=2) == pytest.approx(1.0)
    assert rank_correlation(np.exp(q_mnk)) == pytest.approx(rank_correlation(q_mnk))
    with pytest.raises(ValueError, match='expected three axes, and more than 30'):
        rank_correlation(q_mnk, lag=30)


def test_autocorrelation_of_bad_input():
    x_m = [1.0, 2.0, 3.0]
    assert complaint(autocorrelation, x_m, [0, 1, 2], [0, 0, 0]).startswith(
        'walker_m: no walker has two cycles in succession'
    )
    assert complaint(autocorrelation, x_m, [0, 0, 0], [0, 1, 1]) == (
        'walker_m and cycle_m: cycle 1 of walker 0 is there twice, expected once'
    )
    assert 'have lengths 3, 2 and 3' in complaint(
        autocorrelation, x_m, [0, 0], [0, 1, 2]
    )
    assert 'finite numbers' in complaint(autocorrelation, [1.0, np.nan], [0, 0], [0, 1])
    assert complaint(autocorrelation, [2.0, 2.0], [0, 0], [0, 1]) == (
        'x_m does not vary: expected different numbers'
    )
    message = complaint(autocorrelation, x_m, [0, 0, 0], [0, 1, 2], lags=0)
    assert message.startswith('lags=0: expected')


# ---------------------------------------------------- distributions and coverage


@pytest.mark.parametrize('estimator', [NearestNeighborEntropy(), KernelEntropy()])
def test_entropies_of_configurations(estimator):
    q_ek = cloud(9)
    found = entropies(q_ek, [0, 4, 5, 9], estimator)
    assert found[0] == estimator.evaluate(q_ek[:4])[0]
    assert np.isnan(found[1])
    assert found[2] == estimator.evaluate(q_ek[5:])[0]


def test_histograms_integrate_to_what_they_hold():
    sets = [rng().standard_normal(5000), 3.0 + rng(1).standard_normal(100)]
    edges = common_edges(sets, bins=50)
    assert edges[0] == min(x.min() for x in sets)
    assert edges[-1] == max(x.max() for x in sets)
    for density_b in histograms([*sets, np.append(sets[0], np.nan)], edges):
        assert np.sum(density_b * np.diff(edges)) == pytest.approx(1.0)
    edges = common_edges(sets, bins=50, inside=0.9)
    for x, density_b in zip(sets, histograms(sets, edges), strict=True):
        inside = np.mean((edges[0] <= x) & (x <= edges[-1]))
        assert inside >= 0.9
        assert np.sum(density_b * np.diff(edges)) == pytest.approx(inside)


def test_edges_of_equal_numbers_and_of_none():
    np.testing.assert_allclose(common_edges([np.full(3, 2.0)], bins=2), [1.5, 2, 2.5])
    message = complaint(common_edges, [np.array([np.nan])])
    assert message == 'sets hold no finite number: expected one or more'
    assert complaint(common_edges, [np.zeros(1)], bins=0).startswith('bins=0: exp')
    assert complaint(common_edges, [np.zeros(1)], inside=0).startswith('inside=0: exp')


def test_principal_map_is_a_rotation():
    """All directions: distances stay; the first: as much variance as one can hold."""
    reference_ek, other_ek = cloud(300) @ np.diag([1, 1, 1]) + 5.0, cloud(20, seed=1)
    reference_ek[:, 1] += 4 * reference_ek[:, 0]
    (all_ek, full_ex), share_x = principal_map(
        [other_ek, reference_ek], reference_ek, 3
    )
    (standard_ek,) = in_deviations(reference_ek, other_ek)
    np.testing.assert_allclose(cdist(all_ek, all_ek), cdist(standard_ek, standard_ek))
    np.testing.assert_allclose(full_ex.var(axis=0), 3 * share_x)
    assert share_x.sum() == pytest.approx(1.0)
    (first,), share = principal_map([reference_ek], reference_ek, 1)
    np.testing.assert_allclose(first[:, 0], full_ex[:, 0])
    for seed in range(20):
        direction = rng(seed).standard_normal(3)
        direction /= np.linalg.norm(direction)
        (standard_ek,) = in_deviations(reference_ek, reference_ek)
        assert (standard_ek @ direction).var() <= 3 * share[0]
    message = complaint(principal_map, [], cloud(9), components=4)
    assert message.startswith('components=4: expected')


def test_pooled_entropy_is_that_of_the_estimator():
    q_ek = cloud(700)
    q_ek[5] = q_ek[6]
    estimator = NearestNeighborEntropy()
    assert pooled_entropy(q_ek) == pytest.approx(estimator.evaluate(q_ek)[0], rel=1e-12)
    stretched = pooled_entropy(7.0 * q_ek[10:], 0.0)
    assert stretched == pytest.approx(pooled_entropy(q_ek[10:], 0.0) + np.log(7.0))
    assert np.isnan(pooled_entropy(q_ek[:1]))
    assert complaint(pooled_entropy, q_ek, -1.0).startswith('softening=-1.0: expected')


def test_coverage_curves():
    q_ek, reference_ek, test_ek = cloud(60), cloud(40, seed=1) + 2.0, cloud(25, seed=2)
    first_m, counts = np.array([0, 1, 10, 30, 45, 60]), [1, 2, 4, 5]
    means = coverage_distances(q_ek, first_m, test_ek, reference_ek, counts)
    pooled = coverage_entropies(q_ek, first_m, reference_ek, counts)
    (scaled_ek,) = in_deviations(reference_ek, q_ek)
    for count, mean, entropy in zip(counts, means, pooled, strict=True):
        part_ek = q_ek[: first_m[count]]
        expected = nearest_distances(part_ek, test_ek, reference_ek).mean()
        assert mean == pytest.approx(expected, rel=1e-12)
        expected = pooled_entropy(scaled_ek[: first_m[count]])
        np.testing.assert_allclose(entropy, expected)
    assert (np.diff(means) <= 0.0).all()
    assert np.isnan(pooled[0])
    for bad in ([], [0, 1], [2, 2], [6]):
        message = complaint(coverage_distances, q_ek, first_m, test_ek, q_ek, bad)
        assert message.startswith(
            f'counts={bad}: expected increasing numbers from 1 to 5'
        )
        message = complaint(coverage_entropies, q_ek, first_m, q_ek, bad)
        assert message.startswith(f'counts={bad}: expected increasing numbers')


def whole(q_ek, first_m, numbers=74, volume=99.0):
    """Return a set of one element in equal cells, as `count_shared` takes it."""
    counts = len(q_ek), len(first_m) - 1
    return q_ek, first_m, np.full(counts[0], numbers), np.full(counts[1], volume)


def test_shared_configurations():
    q_ek = cloud(40)
    first_m = np.array([0, 3, 10, 20, 40])
    own = whole(q_ek, first_m)
    again_ek = np.concatenate([q_ek[3:10][::-1], q_ek[20:40] + 1e-9, q_ek[:2]])
    again = whole(again_ek, [0, 7, 27, 29])
    assert count_shared(own, again) == 2
    assert count_shared(again, own) == 2
    assert count_shared(own, own) == 4
    assert count_shared(own, whole(q_ek + 1e-3, first_m)) == 0
    large, noisy = (np.column_stack([q_ek, np.full(40, 1e9 + x)]) for x in (0, 1e-4))
    assert count_shared(whole(large, first_m), whole(noisy, first_m)) == 4
    own_ek = q_ek[3:10]
    wider_ek = own_ek.mean(axis=0) + 1.1 * (own_ek - own_ek.mean(axis=0))
    for other_ek in (wider_ek, np.concatenate([own_ek, own_ek])):
        n = len(other_ek)
        both = whole(np.concatenate([other_ek, q_ek[:3]]), [0, n, n + 3])
        assert count_shared(whole(own_ek, [0, 7]), both) == 0
        assert count_shared(whole(q_ek[:3], [0, 3]), both) == 1


def test_elements_and_cells_that_sets_share():
    """As many of each element, in environments like those, in a cell as large."""
    q_ek, first_m = cloud(40), [0, 10, 40]
    own = whole(q_ek, first_m)
    assert count_shared(own, whole(q_ek, first_m, numbers=42)) == 0
    assert count_shared(own, whole(q_ek, first_m, volume=99.1)) == 0
    assert count_shared(own, whole(q_ek, first_m, volume=99.0 + 1e-7)) == 2
    mixed_e, other_e = (np.where(np.arange(40) % 2 == x, 42, 74) for x in (0, 1))
    mixed = q_ek, first_m, mixed_e, own[3]
    assert count_shared(mixed, mixed) == 2
    assert count_shared(mixed, (q_ek, first_m, other_e, own[3])) == 0
    order = np.concatenate([rng().permutation(10), 10 + rng(1).permutation(30)])
    assert count_shared(mixed, (q_ek[order], first_m, mixed_e[order], own[3])) == 2
    assert count_shared(mixed, (q_ek[order], first_m, mixed_e, own[3])) == 0


def test_shared_configurations_of_bad_input():
    own = whole(cloud(40), [0, 10, 40])
    for bad in (own[:2], [], 'abcd', None):
        assert complaint(count_shared, own, bad).startswith('other')
    assert complaint(count_shared, (*own[:2], own[2][1:], own[3]), own) == (
        'one: numbers_e and volume_m have shapes (39,) and (2,), expected (40,) and '
        '(2,)'
    )


def test_crystals_that_two_sets_share(tmp_path):
    """Within a crystal, components differ by rounding only."""
    crystals = [bulk('W', a=a, cubic=True) * 2 for a in np.linspace(2.9, 3.4, 8)]
    write(tmp_path / 'a.traj', crystals)
    copies = [atoms[::-1] for atoms in crystals[:5]]
    for atoms in copies:
        atoms.rotate(37.0, (1, 2, 3), rotate_cell=True)
    write(tmp_path / 'b.xyz', [*copies, bulk('W', a=2.8)], format='extxyz')
    assert shared(tmp_path / 'a.traj', tmp_path / 'b.xyz') == 5
    assert shared(tmp_path / 'b.xyz', tmp_path / 'a.traj') == 5


def shared(*paths):
    """Return how many configurations of one file another one holds."""
    sets = map(read_dataset, paths)
    return count_shared(*((d.q_ek, d.first_m, d.numbers_e, d.volume_m) for d in sets))


def test_exchanged_elements_are_not_shared(tmp_path):
    """Atoms of another element in the same places; not so atoms in another order."""
    frames = [bulk('InP', 'zincblende', a=5.9, cubic=True) for _ in range(12)]
    for seed, atoms in enumerate(frames):
        atoms.rattle(0.1, seed=seed)
    write(tmp_path / 'inp.xyz', frames)
    write(tmp_path / 'order.xyz', [atoms[::-1] for atoms in frames[::-1]])
    for atoms in frames:
        atoms.numbers = 15 + 49 - atoms.numbers
    write(tmp_path / 'exchanged.xyz', frames)
    assert shared(tmp_path / 'inp.xyz', tmp_path / 'exchanged.xyz') == 0
    assert shared(tmp_path / 'inp.xyz', tmp_path / 'order.xyz') == 12


CLOUD = np.random.default_rng(3).random((40, 6))
CALLS = {
    autocorrelation: {'x_m': CLOUD[:9, 0], 'walker_m': [0] * 9, 'cycle_m': range(9)},
    common_edges: {'sets': [CLOUD[:, 0]]},
    coverage_distances: {
        'q_ek': CLOUD,
        'first_m': range(0, 41, 4),
        'test_ek': CLOUD,
        'reference_ek': CLOUD,
        'counts': [1, 2],
    },
    entropies: {
        'q_ek': CLOUD,
        'first_m': range(0, 41, 4),
        'estimator': NearestNeighborEntropy(),
    },
    histograms: {'sets': [CLOUD[:, 0]], 'edges': [0.0, 1.0]},
    nearest_distances: {'train_ek': CLOUD, 'test_ek': CLOUD, 'reference_ek': CLOUD},
    radial_distribution: {'configurations': [bulk('W')]},
    rank_correlation: {'q_mnk': CLOUD.reshape(4, 10, 6)},
}


@pytest.mark.parametrize('bad', [None, 'x', 3, [None], float('nan'), {'a': 1}])
@pytest.mark.parametrize(
    ('function', 'name'), [(call, name) for call in CALLS for name in CALLS[call]]
)
def test_arguments_of_the_wrong_kind(function, name, bad):
    """They are named."""
    function(**CALLS[function])
    assert name in complaint(function, **{**CALLS[function], name: bad})
