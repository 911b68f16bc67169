"""Selection: greedy choices against plain ones, and what must not change them."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from ase_entropy.selection import (
    PER,
    Environments,
    FarthestPoint,
    LogDet,
    Random,
    how_many,
    near_duplicates,
)

RULES = [kind(per) for kind in (FarthestPoint, LogDet) for per in PER]
BOTH = pytest.mark.parametrize('rule', RULES, ids=str)


def random_pool(configurations, seed, elements=(13, 28), components=5):
    """Configurations of one to six atoms, of unlike elements, around many centers."""
    rng = np.random.default_rng(seed)
    sizes_m = rng.integers(1, 7, configurations)
    axes_kk = rng.normal(size=(components, components))
    centers_ek = rng.normal(size=(configurations, components)).repeat(sizes_m, axis=0)
    q_ek = (centers_ek + 0.5 * rng.normal(size=centers_ek.shape)) @ axes_kk
    numbers_e = rng.choice(elements, len(q_ek))
    return Environments(q_ek + numbers_e[:, None], np.cumsum([0, *sizes_m]), numbers_e)


def standardized(pool):
    """Return the environments of each element in its own standard deviations."""
    x_ek = pool.q_ek.copy()
    for z in np.unique(pool.numbers_e):
        own = pool.numbers_e == z
        x_ek[own] = (x_ek[own] - x_ek[own].mean(axis=0)) / x_ek[own].std(axis=0)
    return x_ek


def own(pool, m):
    return np.arange(pool.first_m[m], pool.first_m[m + 1])


def scatter_gain(pool, x_ek, chosen, ridge):
    """Return F of some configurations, from its definition."""
    e = np.concatenate([np.empty(0, int), *(own(pool, m) for m in chosen)])
    total = 0.0
    for z in np.unique(pool.numbers_e):
        x_nk = x_ek[e[pool.numbers_e[e] == z]]
        scatter_kk = ridge * np.eye(x_ek.shape[1]) + x_nk.T @ x_nk
        total += 0.5 * np.linalg.slogdet(scatter_kk)[1]
    return total


@pytest.mark.parametrize('budget', [{'number': 12}, {'atoms': 25}])
def test_lazy_log_det_is_plain_greedy(budget):
    pool, ridge = random_pool(500, 1), 0.01
    x_ek, chosen = standardized(pool), []
    found = LogDet(ridge=ridge).rank(pool, **budget)
    cost_m = pool.sizes_m if 'atoms' in budget else np.ones(len(pool))
    for m, gain in zip(found.chosen_r, found.gain_r, strict=True):
        before = scatter_gain(pool, x_ek, chosen, ridge)
        others = [i for i in range(len(pool)) if i not in chosen]
        gains = np.array(
            [scatter_gain(pool, x_ek, [*chosen, i], ridge) - before for i in others]
        )
        assert m == others[int((gains / cost_m[others]).argmax())]
        assert gain == pytest.approx(gains[others.index(m)], abs=1e-9)
        chosen.append(m)
    assert len(found) >= 5


def test_farthest_point_is_brute_force():
    pool = random_pool(500, 2)
    x_ek = standardized(pool)
    d_ee = cdist(x_ek, x_ek)
    d_ee[pool.numbers_e[:, None] != pool.numbers_e] = np.inf
    found = FarthestPoint('environment').rank(pool, number=60)
    chosen = found.chosen_r.tolist()
    for place in range(2, 60):
        before = np.concatenate([own(pool, m) for m in chosen[:place]])
        nearest_e = d_ee[:, before].min(axis=1)
        farthest_m = np.maximum.reduceat(nearest_e, pool.first_m[:-1])
        if np.isfinite(farthest_m).all():
            assert chosen[place] == farthest_m.argmax()
            assert found.gain_r[place] == pytest.approx(farthest_m.max(), rel=1e-12)
    assert len(set(chosen)) == 60


@BOTH
def test_order_of_the_pool_does_not_matter(rule):
    pool = random_pool(120, 3)
    order_m = np.random.default_rng(4).permutation(len(pool))
    first = rule.rank(pool, number=30)
    again = rule.rank(pool.part(order_m), number=30)
    assert order_m[again.chosen_r].tolist() == first.chosen_r.tolist()
    np.testing.assert_allclose(again.gain_r, first.gain_r, rtol=1e-9)


@BOTH
def test_first_of_more_are_the_choice_of_fewer(rule):
    pool = random_pool(80, 5)
    few, more = (rule.rank(pool, number=n).chosen_r for n in (7, 40))
    assert few.tolist() == more[:7].tolist()
    assert len(set(more.tolist())) == 40


@BOTH
def test_given_counts_as_chosen_and_is_not_chosen_again(rule):
    pool = random_pool(100, 6)
    first = rule.rank(pool, number=20).chosen_r
    given = pool.part(first[:8])
    found = rule.rank(pool, number=12, given=given).chosen_r
    assert found.tolist() == first[8:].tolist()
    every = rule.rank(pool, number=100, given=given).chosen_r
    assert sorted([*every, *first[:8]]) == [*range(100)]


@BOTH
def test_scales_and_shifts_of_components_do_not_matter(rule):
    pool = random_pool(60, 7)
    q_ek = pool.q_ek * [1e-3, 1.0, 5.0, 1e4, -2.0] + [3.0, -1.0, 0.0, 1e3, 7.0]
    other = Environments(q_ek, pool.first_m, pool.numbers_e)
    first, again = (rule.rank(x, number=20).chosen_r for x in (pool, other))
    assert first.tolist() == again.tolist()


def test_one_of_equal_configurations_is_enough():
    pool = Environments(np.ones((9, 3)), range(10), 9 * [74])
    for per in PER:
        found = FarthestPoint(per).rank(pool, number=9)
        assert found.chosen_r.tolist() == [0]
    assert near_duplicates(pool, 0.0).tolist() == 9 * [0]


def test_near_duplicates_are_those_of_all_distances():
    pool = random_pool(300, 8, components=2)
    x_ek, tolerance = standardized(pool), 0.5
    kept, expected = [], []
    for m in range(len(pool)):
        for c in kept:
            d_ee = cdist(x_ek[own(pool, m)], x_ek[own(pool, c)])
            z_e, z_c = pool.numbers_e[own(pool, m)], pool.numbers_e[own(pool, c)]
            d_ee[z_e[:, None] != z_c] = np.inf
            if (d_ee.min(axis=1) <= tolerance).all():
                expected.append(c)
                break
        else:
            kept.append(m)
            expected.append(m)
    found = near_duplicates(pool, tolerance)
    assert found.tolist() == expected
    assert 50 < len(kept) < 290


def test_random_is_a_permutation_of_its_seed():
    pool = random_pool(50, 9)
    first, again, other = (Random(s).rank(pool, number=50).chosen_r for s in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()
    assert sorted(first) == [*range(50)]


def test_atoms_are_chosen_to_half_a_configuration():
    pool = random_pool(200, 10)
    for rule in (*RULES, Random(1)):
        found = rule.rank(pool, atoms=100)
        assert abs(pool.sizes_m[found.chosen_r].sum() - 100) <= 3


def test_gains_that_fall_in_two_lines_have_their_knee_where_these_meet():
    gains = np.concatenate([np.linspace(10, 1, 21), np.linspace(1, 0.5, 80)[1:]])
    found = how_many(gains, fraction=0.09)
    assert found.knee == 21
    assert gains[found.small] < 0.9 <= gains[found.small - 1]


BAD = [
    (lambda pool: LogDet('atom').rank(pool, number=1), "per='atom': expected"),
    (lambda pool: LogDet(ridge=0.0), 'ridge=0.0: expected a finite number > 0.0'),
    (lambda pool: Random(-1), 'seed=-1: expected a whole number >= 0'),
    (lambda pool: Random(1).rank(pool, number=0), 'number=0: expected a whole'),
    (lambda pool: Random(1).rank(pool, number=6), 'number=6: expected at most 5'),
    (lambda pool: Random(1).rank(pool, atoms=99), 'atoms=99: expected at most'),
    (lambda pool: Random(1).rank(pool), 'number=None and atoms=None: expected one'),
    (lambda pool: how_many([np.nan]), 'gain_r has shape .1,., 0 finite: expected'),
    (lambda pool: near_duplicates(pool, -1.0), 'tolerance=-1.0: expected a finite'),
    (lambda pool: Environments([[np.nan]], [0, 1], [1]), '0 of 1 finite: expected'),
    (lambda pool: Environments([[1.0]], [0, 1], [1, 1]), 'numbers_e has shape'),
    (
        lambda pool: LogDet().rank(pool, number=1, given=random_pool(2, 1, (6,))),
        'none of the elements of the pool',
    ),
    (
        lambda pool: LogDet().rank(
            pool, number=1, given=random_pool(2, 1, components=2)
        ),
        'the given set has 2 components, the pool 5: expected the same descriptor',
    ),
]


@pytest.mark.parametrize('call, sentence', BAD)
def test_bad_input(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(random_pool(5, 11))
