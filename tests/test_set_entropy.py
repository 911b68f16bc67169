"""Entropy of a set, and what another one adds: closed forms, plain sums, errors."""

import json

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from ase_entropy.analysis import (
    ReferenceScale,
    log_kernel_densities,
    set_entropies,
    set_gains,
)
from ase_entropy.cli import main
from ase_entropy.entropy import (
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LogDetEntropy,
)

ROUNDING = 1e-10
ESTIMATORS = LogDetEntropy, KozachenkoLeonenkoEntropy, KernelEntropy


def as_they_are(components):
    """Return the scale that leaves components as they are."""
    still_k = np.zeros(components, bool)
    return ReferenceScale(np.zeros(components), np.ones(components), still_k)


def random_set(configurations, rng, elements=(13, 28), components=3, shift=0.0):
    """Configurations of unlike sizes, whose environments are like each other."""
    sizes_m = rng.integers(4, 9, configurations)
    q_ek = 0.7 * rng.standard_normal((configurations, components)).repeat(sizes_m, 0)
    q_ek += 0.7 * rng.standard_normal(q_ek.shape)
    numbers_e = rng.choice(elements, len(q_ek))
    q_ek += shift + numbers_e[:, None] / 10
    return q_ek, np.cumsum([0, *sizes_m]), numbers_e


def joined(one, other):
    """Return two sets as one."""
    first_m = np.append(one[1][:-1], one[1][-1] + other[1])
    return (
        np.concatenate([one[0], other[0]]),
        first_m,
        np.concatenate([one[2], other[2]]),
    )


@pytest.fixture
def sets():
    rng = np.random.default_rng(0)
    return [random_set(n, rng, shift=shift) for n, shift in ((60, 0), (20, 1), (9, 3))]


def test_entropies_are_those_of_the_estimators(sets):
    q_ek, first_m, numbers_e = sets[0]
    found = set_entropies(*sets[0])
    scaled_ek = (q_ek - q_ek.mean(axis=0)) / q_ek.std(axis=0)
    assert list(found) == ['all', 'Al', 'Ni']
    total = np.zeros(3)
    for symbol, z in (('Al', 13), ('Ni', 28)):
        own_ek = scaled_ek[numbers_e == z]
        expected = [estimator().evaluate(own_ek)[0] for estimator in ESTIMATORS]
        environments, *estimates = found[symbol]
        assert environments == len(own_ek)
        assert np.allclose([x.value for x in estimates], expected, rtol=0, atol=2e-6)
        total += len(own_ek) / len(q_ek) * np.array(expected)
    estimates = [x.value for x in found['all'][1:]]
    assert np.allclose(estimates, total, rtol=0, atol=2e-6)


def test_a_gaussian_cloud_has_the_entropy_of_a_gaussian():
    rng = np.random.default_rng(1)
    axes_kk = np.array([[1.0, 0.5, 0.0], [0.0, 0.8, -0.3], [0.2, 0.0, 1.5]])
    q_ek = rng.standard_normal((20_000, 3)) @ axes_kk
    exact = 1.5 * np.log(2 * np.pi * np.e) + np.log(np.linalg.det(axes_kk))
    first_m, numbers_e = np.arange(0, 20_001, 20), np.full(20_000, 74)
    found = set_entropies(q_ek, first_m, numbers_e, as_they_are(3))['all']
    bias = 0.03  # of the two others, which see the density through a window
    for estimate, off in zip(found[1:], (0.0, bias, bias), strict=True):
        assert abs(estimate.value - exact) < 4 * estimate.error + off
        assert 0.003 < estimate.error < 0.03  # sqrt(3 / 2 / 20,000) = 0.009


@pytest.mark.parametrize(('points', 'others'), [(1, 2), (70, 500), (300, 1), (129, 0)])
@pytest.mark.parametrize('bandwidth', [0.02, 0.3, 'silverman'])
def test_kernel_densities_are_plain_sums(points, others, bandwidth):
    rng = np.random.default_rng(2)
    x_nk, y_mk = rng.standard_normal((points, 4)), rng.standard_normal((others, 4))
    target_mk = y_mk if others else x_nk
    u_nm = -0.5 * cdist(x_nk, target_mk, 'sqeuclidean')
    if not others:
        np.fill_diagonal(u_nm, -np.inf)
    h = bandwidth
    if h == 'silverman':
        spread = target_mk.var(axis=0).mean()
        h = np.sqrt((4 / 6 / len(target_mk)) ** (2 / 8) * spread + 0.01**2)
    expected_n = logsumexp(u_nm / h**2, axis=1) - np.log(others or points - 1)
    expected_n -= 4 / 2 * np.log(2 * np.pi * h**2)
    found_n = log_kernel_densities(
        x_nk, y_mk if others else None, bandwidth=bandwidth, omitted=1e-13
    )
    assert np.allclose(found_n, expected_n, rtol=1e-12, atol=ROUNDING)


def test_what_is_left_out_of_a_density_is_bounded():
    x_nk = np.random.default_rng(3).standard_normal((3000, 2))
    exact_n = log_kernel_densities(x_nk, bandwidth=0.1, omitted=1e-13)
    short_n = exact_n - log_kernel_densities(x_nk, bandwidth=0.1, omitted=1e-3)
    assert short_n.min() > -ROUNDING
    assert 1e-6 < short_n.max() < 1e-3


def test_entropies_of_quests_follow_from_densities():
    """H counts each environment as its own neighbor, dH has no normalization."""
    rng = np.random.default_rng(4)
    x_nk, y_mk, h = rng.random((200, 5)), rng.random((150, 5)), 0.15
    kernel_nn, kernel_mn = (
        np.exp(-0.5 * cdist(p_pk, x_nk, 'sqeuclidean') / h**2) for p_pk in (x_nk, y_mk)
    )
    entropy = -np.mean(np.log(kernel_nn.mean(axis=1)))
    delta_m = -np.log(kernel_mn.sum(axis=1))
    norm = 5 / 2 * np.log(2 * np.pi * h**2)
    options = {'bandwidth': h, 'omitted': 1e-13}
    log_sum_n = log_kernel_densities(x_nk, **options) + norm + np.log(199)
    found = np.log(200) - np.mean(np.logaddexp(0.0, log_sum_n))
    assert abs(found - entropy) < ROUNDING
    found_m = -log_kernel_densities(y_mk, x_nk, **options) - norm - np.log(200)
    assert np.allclose(found_m, delta_m, rtol=0, atol=ROUNDING)


def test_gains_are_differences_of_entropies(sets):
    a, b, _ = sets
    found = set_gains(a, b)
    scale = ReferenceScale.of(a[0])
    own_ak, own_ek = scale.apply(a[0]), scale.apply(b[0])
    total, count = 0.0, 0
    for symbol, z in (('Al', 13), ('Ni', 28)):
        x_ak, x_ek = own_ak[a[2] == z], own_ek[b[2] == z]
        gain = LogDetEntropy(reference_mk=x_ak).evaluate(x_ek)[0]
        gain -= LogDetEntropy().evaluate(x_ak)[0]
        assert abs(found[symbol].log_det.value - gain) < ROUNDING
        cross = -log_kernel_densities(x_ek, x_ak).mean()
        assert abs(found[symbol].cross_entropy.value - cross) < ROUNDING
        excess = cross - set_entropies(*a, scale)[symbol].kernel.value
        assert abs(found[symbol].excess.value - excess) < ROUNDING
        nearest = cdist(x_ek, x_ak).min(axis=1).mean()
        assert abs(found[symbol].distance.value - nearest) < ROUNDING
        total += (len(x_ak) + len(x_ek)) * gain
        count += len(x_ak) + len(x_ek)
    assert abs(found['all'].log_det.value - total / count) < ROUNDING


def test_gains_add_up(sets):
    a, b, c = sets
    scale = as_they_are(3)
    at_once = set_gains(a, joined(b, c), scale)
    first, then = set_gains(a, b, scale), set_gains(joined(a, b), c, scale)
    for symbol in ('Al', 'Ni'):
        steps = first[symbol].log_det.value + then[symbol].log_det.value
        assert abs(at_once[symbol].log_det.value - steps) < ROUNDING


def test_the_same_adds_nothing_and_something_else_does(sets):
    a, b, c = sets
    same, near, far = (set_gains(a, x)['all'] for x in (a, b, c))
    assert abs(same.log_det.value) < ROUNDING
    assert same.excess.value < 0.0 == same.distance.value  # it is its own neighbor
    assert near.excess.value < far.excess.value
    assert 0.0 < near.log_det.value < far.log_det.value


def test_errors_tell_how_other_sets_differ():
    """The errors are the spread over sets, and with four times as many half of it."""
    rng, several = np.random.default_rng(5), 50
    scale, spread, errors = as_they_are(2), {}, {}
    for configurations in (50, 200):
        values, squares = [], []
        for _ in range(several):
            a, b = (random_set(configurations, rng, components=2) for _ in range(2))
            entropies = set_entropies(*a, scale)
            gain = set_gains(a, b, scale, entropies=entropies)['all']
            estimates = *entropies['all'][1:], gain.log_det, gain.excess
            values.append([x.value for x in estimates])
            squares.append([x.error**2 for x in estimates])
        spread[configurations] = np.std(values, axis=0)
        errors[configurations] = np.sqrt(np.mean(squares, axis=0))
        ratio = errors[configurations] / spread[configurations]
        assert ((ratio > 0.7) & (ratio < 1.4)).all(), ratio
    shrinks = errors[50] / errors[200]
    assert ((shrinks > 1.7) & (shrinks < 2.4)).all(), shrinks


def test_errors_are_those_of_parts_by_hand():
    q_ek = np.random.default_rng(6).standard_normal((40, 2))
    numbers_e = np.full(40, 74)
    found = set_entropies(q_ek, range(0, 41, 10), numbers_e, as_they_are(2))['all']
    s_e = -log_kernel_densities(q_ek)
    expected = s_e.reshape(4, 10).mean(axis=1).std(ddof=1) / 2  # four configurations
    assert abs(found.kernel.error - expected) < ROUNDING
    one = set_entropies(q_ek, [0, 40], numbers_e)['all']
    assert all(np.isfinite(x.value) and np.isnan(x.error) for x in one[1:])


def test_threads_make_no_difference_and_progress_counts_all():
    q_ek, first_m, numbers_e = random_set(2000, np.random.default_rng(7))
    seen = []
    one = set_entropies(q_ek, first_m, numbers_e, progress=seen.append)
    assert set_entropies(q_ek, first_m, numbers_e, workers=3) == one
    assert seen == sorted(seen)
    assert seen[-1] == len(q_ek)
    assert len(seen) > 2


def test_single_environments_and_still_components_are_left_out(sets):
    q_ek, first_m, numbers_e = (x.copy() for x in sets[0])
    numbers_e[0] = 74
    found = set_entropies(q_ek, first_m, numbers_e)
    assert np.isnan(found['W'].kernel.value)
    without = set_entropies(q_ek[1:], np.maximum(first_m - 1, 0), numbers_e[1:], q_ek)
    for one, other in zip(found['all'][1:], without['all'][1:], strict=True):
        assert abs(one.value - other.value) < ROUNDING
    still_ek = np.column_stack([q_ek, np.ones(len(q_ek))])
    assert set_entropies(still_ek, first_m, numbers_e)['Al'] == found['Al']
    assert list(set_gains(sets[1], (q_ek, first_m, numbers_e))) == ['all', 'Al', 'Ni']


@pytest.mark.parametrize(
    ('change', 'sentence'),
    [
        ({'q_ek': np.full((4, 2), np.nan)}, 'not finite|finite'),
        ({'q_ek': np.ones((4, 2))}, 'all environments are equal'),
        ({'q_ek': np.empty((0, 2))}, 'expected'),
        ({'first_m': [0, 3]}, 'first_m'),
        ({'numbers_e': [13, 13]}, 'an atomic number for each'),
        ({'bandwidth': 0.0}, 'bandwidth=0.0: expected a finite number > 0'),
        ({'bandwidth': 'scott'}, 'bandwidth='),
        ({'parts': 1}, 'parts=1: expected'),
    ],
)
def test_bad_input(change, sentence):
    good = {'q_ek': np.arange(8.0).reshape(4, 2) ** 2, 'first_m': [0, 2, 4]}
    good['numbers_e'] = [13, 13, 13, 13]
    set_entropies(**good)
    with pytest.raises(ValueError, match=sentence):
        set_entropies(**(good | change))


def test_bad_densities_and_gains(sets):
    with pytest.raises(ValueError, match='two of them without others'):
        log_kernel_densities([[0.0, 1.0]])
    with pytest.raises(ValueError, match='as many components'):
        log_kernel_densities([[0.0, 1.0]], [[0.0]])
    with pytest.raises(ValueError, match='omitted=0'):
        log_kernel_densities([[0.0], [1.0]], omitted=0.0)
    a, b, _ = sets
    with pytest.raises(ValueError, match='Al, Ni, the other W: expected an element in'):
        set_gains(a, (*b[:2], np.full(len(b[2]), 74)))


def rattled(frames, rng, element='Cu'):
    made = [bulk(element, cubic=True) for _ in range(frames)]
    for atoms in made:
        atoms.positions += rng.normal(0.0, 0.1, atoms.positions.shape)
    return made


@pytest.fixture
def folder(tmp_path, monkeypatch):
    rng = np.random.default_rng(8)
    write(tmp_path / 'a.xyz', rattled(12, rng))
    alloy = rattled(3, rng)
    alloy[0].symbols[0] = 'Ni'
    write(tmp_path / 'b.xyz', alloy)
    write(tmp_path / 'ni.xyz', rattled(2, rng, 'Ni'))
    write(tmp_path / 'one.xyz', bulk('Cu'))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_command(folder, capsys):
    main(['info', 'a.xyz', '--entropy', '--against', 'b.xyz', '--workers', '2'])
    printed, progress = capsys.readouterr()
    assert '[3/4] what b adds' in progress
    assert '[4/4] what a adds' in progress
    blocks = printed.split('\n\n')
    assert 'of 6 components in standard deviations of a;' in blocks[0]
    assert blocks[1].splitlines()[2].split()[:2] == ['Cu', '48']
    assert blocks[2].splitlines()[3].split() == ['Ni', '1', '-', '-', '-']
    assert blocks[3].splitlines()[2].split()[:2] == ['Cu', '11']
    assert '0 of the 3 configurations of b are in a, too' in blocks[3]
    assert '1 environments are left out: a has no environments of Ni' in blocks[3]
    assert blocks[3].startswith('a is there: what b adds to it, in nats; ')
    assert blocks[4].startswith('b is there: what a adds to it, in nats; ')
    assert '0 of the 12 configurations of a are in b, too' in blocks[4]
    main(['info', 'a.xyz@:3', '--entropy', '--against', 'a.xyz@1:6'])
    assert '2 of the 5 configurations of a (2) are in a,' in capsys.readouterr().out
    main(['info', 'a.xyz', '--entropy', '--against', 'one.xyz'])
    printed = capsys.readouterr().out
    assert 'a is there: what one adds' in printed
    assert 'one is there' not in printed  # it has no entropy
    main(['info', 'a.xyz@0', '--entropy', '--bandwidth', '0.5', '--components', '5'])
    printed = capsys.readouterr().out
    assert 'of 5 components' in printed
    assert '±' not in printed


def test_both_ways_lead_to_the_same_set(folder, capsys):
    """The entropy of a set and what the other adds is that of both, either way."""
    main(['info', 'a.xyz', '--entropy', '--against', 'b.xyz', '--json'])
    found = json.loads(capsys.readouterr().out)
    both = [
        own['entropies']['Cu']['log_det']['value']
        + way['gains']['Cu']['log_det']['value']
        for own, way in zip(found['sets'], (found, found['reverse']), strict=True)
    ]
    assert both[0] == pytest.approx(both[1], abs=ROUNDING)
    assert [found['reverse'][key] for key in ('shared', 'left_out')] == [0, 0]
    assert found['left_out'] == 1
    distances = [
        x['gains']['Cu']['distance']['value'] for x in (found, found['reverse'])
    ]
    assert distances[0] != pytest.approx(distances[1])


@pytest.mark.parametrize(
    ('options', 'sentence'),
    [
        (['a.xyz', '--against', 'b.xyz'], '--against is for --entropy: expected both'),
        (['a.xyz', '--twojmax', '4'], 'descriptor is for --entropy: expected both'),
        (['a.xyz', '--entropy', '--set'], 'expected one of them'),
        (['a.xyz', '--settings', '--set'], '--settings is for a summary of a harvest'),
        (['a.xyz', '--settings'], '--settings is for a harvest: a.xyz is none'),
        (['a.xyz', '--entropy', '--bandwidth', '0'], '--bandwidth=0.0: expected'),
        (['a.xyz', '--entropy', '--workers', '0'], '--workers=0: expected'),
        (['none.xyz', '--entropy'], 'none.xyz'),
        (['empty.xyz', '--entropy'], 'empty.xyz'),
        (['nan.xyz', '--entropy'], 'nan.xyz'),
        (['one.xyz', '--entropy'], 'all environments are equal: expected some'),
        (
            ['a.xyz', '--entropy', '--against', 'ni.xyz'],
            'expected an element in common',
        ),
    ],
)
def test_bad_commands(folder, capsys, options, sentence):
    (folder / 'empty.xyz').touch()
    write(folder / 'nan.xyz', Atoms('Cu2', [[0, 0, 0], [np.nan, 0, 2]]))
    write(folder / 'one.xyz', bulk('Cu', cubic=True))
    with pytest.raises(SystemExit) as ended:
        main(['info', *options])
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert sentence in printed.err
    assert 'Traceback' not in printed.err
    assert printed.out == ''
