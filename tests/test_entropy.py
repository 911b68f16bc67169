"""Estimators against identities and closed forms."""

import numpy as np
import pytest

from ase_entropy import entropy as estimators
from ase_entropy.entropy import NearestNeighborEntropy

LITERAL = NearestNeighborEntropy(softening=0.0)


def descriptors(n=40, k=6, seed=0):
    return np.random.default_rng(seed).standard_normal((n, k))


@pytest.mark.parametrize('estimator', estimators.registry.values())
def test_shift_changes_nothing(estimator):
    q_nk = descriptors()
    shifted = estimator().evaluate(q_nk + np.arange(6))[0]
    assert shifted == pytest.approx(estimator().evaluate(q_nk)[0], rel=1e-12)


def test_scaling_adds_its_logarithm():
    q_nk = descriptors()
    for c in (0.01, 3.0):
        expected = LITERAL.evaluate(q_nk)[0] + np.log(c)
        assert LITERAL.evaluate(c * q_nk)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize('n', [2, 5, 3000])
def test_points_on_a_line(n):
    """Spacing d: S = ln(n d), for few points and for so many that a tree is used."""
    q_nk = np.column_stack([0.3 * np.arange(n), np.zeros(n)])
    assert LITERAL.evaluate(q_nk)[0] == pytest.approx(np.log(n * 0.3), rel=1e-12)


@pytest.mark.parametrize('n', [7, 1500])
def test_every_pair_by_brute_force(n):
    q_nk = descriptors(n, 3)
    distance_nn = np.linalg.norm(q_nk[:, None] - q_nk[None], axis=-1)
    distance_nn[np.diag_indices(n)] = np.inf
    expected = np.mean(np.log(n * distance_nn.min(axis=1)))
    assert LITERAL.evaluate(q_nk)[0] == pytest.approx(expected, rel=1e-12)


def test_gradients_add_up_to_zero():
    _, dS_dq_nk = NearestNeighborEntropy().evaluate(descriptors())
    np.testing.assert_allclose(dS_dq_nk.sum(axis=0), 0.0, atol=1e-14)


def test_both_ends_of_a_link_feel_it():
    """The outer point has the inner one as neighbor; the inner one another."""
    q_nk = np.array([[0.0], [1.0], [3.0]])
    _, dS_dq_nk = LITERAL.evaluate(q_nk)
    np.testing.assert_allclose(dS_dq_nk[:, 0], [-2 / 3, 2 / 3 - 1 / 6, 1 / 6])


def test_softening_in_quadrature():
    q_nk = np.array([[0.0], [0.03]])
    soft = NearestNeighborEntropy(softening=0.04)
    assert soft.evaluate(q_nk)[0] == pytest.approx(np.log(2 * 0.05))


@pytest.mark.parametrize('n', [3, 1500])
def test_duplicates_have_no_gradient(n):
    q_nk = np.ones((n, 4))
    entropy, dS_dq_nk = NearestNeighborEntropy(softening=0.01).evaluate(q_nk)
    assert entropy == pytest.approx(np.log(n * 0.01))
    np.testing.assert_array_equal(dS_dq_nk, 0.0)
