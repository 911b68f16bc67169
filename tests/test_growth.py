"""What configurations add to the entropy of a growing set."""

import json

import numpy as np
import pytest

from ase_entropy.entropy import (
    GaussianSummary,
    LandmarkSummary,
    LogDetEntropy,
    NearestNeighborEntropy,
    SetSummary,
)
from ase_entropy.parts import part_from_dict, part_to_dict

K = 5
SCALE = (0.5, 2.0, 1.3, 0.7, 3.0)
GAUSSIAN, LANDMARKS = GaussianSummary(SCALE), LandmarkSummary(SCALE, most=40)
SUMMARIES = {
    'Gaussian': SetSummary(GAUSSIAN),
    'Gaussian, configurations': SetSummary(GAUSSIAN, per_configuration=True),
    'landmarks': SetSummary(LANDMARKS),
    'landmarks, configurations': SetSummary(LANDMARKS, per_configuration=True),
}
every_summary = pytest.mark.parametrize('empty', SUMMARIES.values(), ids=SUMMARIES)


def configurations(count, seed=0, elements=(13, 28)):
    """Return descriptors and atomic numbers of random configurations."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(3, 9, size=count)
    mixing = rng.standard_normal((K, K)) * SCALE
    return [
        (3.0 + rng.standard_normal((n, K)) @ mixing, np.resize(elements, n))
        for n in sizes
    ]


def grown(summary, members):
    """Return a summary that has these configurations, and the gains on the way."""
    gains = []
    for member in members:
        gains.append(summary.gain(*member)[0])
        summary = summary.add(*member)
    return summary, gains


def points(members, number, per_configuration):
    """Return all points of an element, by rows."""
    parts = [q_nk[numbers_n == number] for q_nk, numbers_n in members]
    if per_configuration:
        parts = [part.mean(axis=0, keepdims=True) for part in parts]
    return np.concatenate(parts)


@pytest.mark.parametrize('per_configuration', [False, True])
def test_moments_are_enough(per_configuration):
    members = configurations(200)
    summary, _ = grown(SetSummary(GAUSSIAN, per_configuration), members)
    by_rows = LogDetEntropy(GAUSSIAN.ridge, scale_k=SCALE)
    counts, entropies = [], []
    for number, own in summary.elements:
        rows = points(members, number, per_configuration)
        counts.append(len(rows))
        entropies.append(by_rows.evaluate(rows)[0])
        assert own.count == len(rows)
        assert own.entropy == pytest.approx(entropies[-1], rel=1e-12)
    whole = np.dot(counts, entropies) / np.sum(counts)
    assert summary.entropy == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize('ridge', [1e-4, 0.5])
def test_gains_add_up_to_the_entropy(ridge):
    first, *others = configurations(100, elements=(13,))
    start = summary = GaussianSummary(SCALE, ridge).add(first[0])
    total = start.entropy
    for q_nk, _ in others:
        gain, n = summary.gain(q_nk)[0], len(q_nk)
        total += gain * n / (summary.count + n)
        summary = summary.add(q_nk)
    assert total == pytest.approx(summary.entropy, rel=1e-11)


def test_large_set_gains_by_the_distance_of_mahalanobis():
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((200_000, K)) @ rng.standard_normal((K, K))
    summary = GaussianSummary(ridge=0.0).add(rows)
    q_nk = 2.0 * rng.standard_normal((7, K))
    from_mean = q_nk - rows.mean(axis=0)
    inverse = np.linalg.inv(np.cov(rows.T, bias=True))
    squares = np.einsum('nk,kl,nl->n', from_mean, inverse, from_mean)
    expected = 0.5 * squares.mean() - K / 2
    assert summary.gain(q_nk)[0] == pytest.approx(expected, rel=1e-3)
    # all of the set once more changes nothing, and once more and wider by dS = k da/a
    assert summary.gain(rows)[0] == pytest.approx(0.0, abs=1e-9)
    wider = rows.mean(axis=0) + 1.001 * (rows - rows.mean(axis=0))
    assert summary.gain(wider)[0] == pytest.approx(1e-3 * K, rel=1e-2)


def test_gain_of_landmarks_is_known_exactly():
    lattice = np.stack(np.meshgrid(range(9), range(9)), -1).reshape(-1, 2) * 2.0
    summary = LandmarkSummary(scale_k=(2.0, 2.0), softening=1e-9).add(lattice)
    assert summary.gain([[3.0, 2.0]])[0] == pytest.approx(2 * np.log(0.5))
    assert summary.gain([[20.0, 2.0]])[0] == pytest.approx(2 * np.log(2.0))
    assert summary.entropy == pytest.approx(np.log(81))


def test_more_of_the_same_gains_nothing():
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((4000, 3))
    others = rng.standard_normal((4000, 3))
    for empty in (GaussianSummary(), LandmarkSummary(most=1000)):
        summary = empty.add(rows)
        assert abs(summary.gain(others)[0]) < 0.1
        assert summary.gain(3.0 * others)[0] > 1.0
        assert summary.gain(0.3 * others)[0] < -0.4


@every_summary
def test_gradient_by_finite_differences(empty):
    members = configurations(30)
    summary, _ = grown(empty, members[:-1])
    q_nk, numbers_n = members[-1]
    _, dgain_dq_nk = summary.gain(q_nk, numbers_n)
    numerical, h = np.empty_like(q_nk), 1e-4
    for place in np.ndindex(*q_nk.shape):
        values = []
        for step in (-2, -1, 1, 2):
            moved = q_nk.copy()
            moved[place] += step * h
            values.append(summary.gain(moved, numbers_n)[0])
        numerical[place] = np.dot(values, (1, -8, 8, -1)) / (12 * h)
    error = np.abs(numerical - dgain_dq_nk).max() / np.abs(dgain_dq_nk).max()
    assert error < 1e-7


def test_landmarks_are_a_fair_choice_whatever_is_added_at_once():
    rows = np.arange(4000.0)[:, None]
    empty = LandmarkSummary(most=500)
    at_once, in_parts = empty.add(rows), empty
    for part in np.array_split(rows, 37):
        in_parts = in_parts.add(part)
    assert in_parts == at_once
    kept = np.array(at_once.reference_mk)
    assert len(kept) == len(np.unique(kept)) == 500
    deviation = 4000 / np.sqrt(12 * 500)
    assert abs(kept.mean() - rows.mean()) < 3 * deviation
    estimator = NearestNeighborEntropy(reference_mk=at_once.reference_mk)
    near, far = ([[q], [q + 0.5]] for q in (kept[0, 0], 1e5))
    assert estimator.evaluate(near)[0] < estimator.evaluate(far)[0]


@every_summary
def test_summaries_survive_json(empty):
    summary, gains = grown(empty, configurations(30))
    assert np.isinf(gains[0]) and np.isfinite(gains[1:]).all()
    again = SetSummary.fromdict(json.loads(json.dumps(summary.todict())))
    assert again == summary and hash(again) == hash(summary)
    member = configurations(1, seed=5)[0]
    np.testing.assert_array_equal(again.gain(*member)[1], summary.gain(*member)[1])
    assert SetSummary.fromdict(empty.todict()) == empty
    own = summary.elements[0][1]
    known = {type(own).__name__: type(own)}
    assert part_from_dict(json.loads(json.dumps(part_to_dict(own))), known) == own


@every_summary
def test_empty_single_and_equal(empty):
    q_k = np.ones(K)
    gain, dgain_dq_nk = empty.gain([q_k, q_k], [13, 13])
    assert gain == np.inf and not dgain_dq_nk.any() and np.isnan(empty.entropy)
    single = empty.add([q_k], [13])
    assert np.isfinite(single.entropy)
    gain, dgain_dq_nk = single.gain([q_k, q_k], [13, 13])
    assert gain == pytest.approx(0.0, abs=1e-9) and not dgain_dq_nk.any()
    assert 0.0 < single.gain([q_k + 1.0], [13])[0] < np.inf
    assert single.gain([q_k, q_k], [13, 28])[0] == np.inf  # no nickel there yet


def test_errors():
    pair = [[0.0, 1.0], [1.0, 1.0]]
    summary = SetSummary().add(pair, [13, 13])
    with pytest.raises(ValueError, match=r'ridge=0.0.*-inf, expected ridge > 0'):
        GaussianSummary(ridge=0.0).add(pair).entropy  # noqa: B018
    with pytest.raises(ValueError, match=r'q_nk has 3 component.*expected 2'):
        summary.gain([[0.0, 1.0, 2.0]], [13])
    with pytest.raises(ValueError, match=r'numbers_n has shape \(2,\): expected \(1,'):
        summary.gain([[0.0, 1.0]], [13, 13])
    with pytest.raises(ValueError, match=r'q_nk has shape \(0,\).*expected \(e, k\)'):
        summary.add([], [])
    with pytest.raises(ValueError, match=r'q_nk.* 1 of 2 finite'):
        summary.add([[0.0, np.nan]], [13])
    with pytest.raises(ValueError, match=r'count=2 beside 0 of 2 array'):
        GaussianSummary(count=2)
    with pytest.raises(ValueError, match=r'scatter_kk has shape \(1, 1\).*\(2, 2\)'):
        GaussianSummary(count=1, mean_k=[0.0, 1.0], scatter_kk=[[1.0]])
    with pytest.raises(ValueError, match=r'softening=0.0'):
        LandmarkSummary(softening=0.0)
    with pytest.raises(ValueError, match=r'empty=.*GaussianSummary or Landmark'):
        SetSummary('Gaussian')
