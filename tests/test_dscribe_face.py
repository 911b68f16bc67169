"""Bispectrum and dscribe's SOAP answer alike: one test for both."""

import numpy as np
import pytest
from ase import Atoms
from cells import random_cell
from dscribe.descriptors import SOAP

from ase_entropy import Bispectrum

STEP = 1e-4

DESCRIPTORS = {
    'SOAP': SOAP(species=['W'], r_cut=4.0, n_max=2, l_max=2, periodic=True),
    'Bispectrum': Bispectrum(cutoff=4.0),
}


@pytest.fixture(params=DESCRIPTORS)
def descriptor(request):
    return DESCRIPTORS[request.param]


@pytest.fixture(scope='module')
def atoms():
    return random_cell('triclinic', 1)


def test_number_of_features(descriptor, atoms):
    features = descriptor.get_number_of_features()
    assert descriptor.create(atoms).shape == (len(atoms), features)


def test_centers(descriptor, atoms):
    everything = descriptor.create(atoms)
    some = descriptor.create(atoms, centers=[4, 2])
    np.testing.assert_allclose(some, everything[[4, 2]], rtol=1e-10)
    points = descriptor.create(atoms, centers=atoms.positions[[4, 2]])
    np.testing.assert_allclose(points, some, rtol=1e-9)
    whole = descriptor.create(atoms, centers=[[1, 2, 3]])  # a point, not three atoms
    assert whole.shape == (1, descriptor.get_number_of_features())
    between = descriptor.create(atoms, centers=[[0.1, 0.2, 0.3]])
    assert between.shape == (1, descriptor.get_number_of_features())


@pytest.mark.parametrize('n_jobs', [1, 2])
def test_lists_of_systems(descriptor, atoms, n_jobs):
    other = random_cell('triclinic', 2)
    both = descriptor.create([atoms, other], n_jobs=n_jobs)
    assert both.shape == (2, len(atoms), descriptor.get_number_of_features())
    np.testing.assert_allclose(both[1], descriptor.create(other), rtol=1e-10)
    unequal = descriptor.create([atoms, other[:9]], n_jobs=n_jobs)
    assert isinstance(unequal, list)
    assert [len(q_nk) for q_nk in unequal] == [len(atoms), 9]
    picked = descriptor.create([atoms, other], centers=[[0], [3]], n_jobs=n_jobs)
    np.testing.assert_allclose(picked[1, 0], both[1, 3], rtol=1e-10)


def test_shapes_of_derivatives(descriptor, atoms):
    n, k = len(atoms), descriptor.get_number_of_features()
    d, q_nk = descriptor.derivatives(atoms, attach=True)
    assert d.shape == (n, n, 3, k)
    np.testing.assert_allclose(q_nk, descriptor.create(atoms), rtol=1e-10)
    only = descriptor.derivatives(atoms, include=[3, 1], return_descriptor=False)
    assert only.shape == (n, 2, 3, k)
    rest = descriptor.derivatives(atoms, exclude=[0, 2], return_descriptor=False)
    assert rest.shape == (n, n - 2, 3, k)
    one, one_q = descriptor.derivatives(atoms, centers=[0, 1])
    assert one.shape == (2, n, 3, k)
    assert one_q.shape == (2, k)


def test_include_and_exclude_pick_atoms(descriptor, atoms):
    full = descriptor.derivatives(atoms, return_descriptor=False, attach=True)
    picked = descriptor.derivatives(
        atoms, include=[5, 0], return_descriptor=False, attach=True
    )
    np.testing.assert_allclose(picked, full[:, [5, 0]], rtol=1e-10, atol=1e-12)
    rest = descriptor.derivatives(
        atoms, exclude=[0], return_descriptor=False, attach=True
    )
    np.testing.assert_allclose(rest, full[:, 1:], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize('n_jobs', [1, 2])
def test_derivatives_of_lists(descriptor, atoms, n_jobs):
    other = random_cell('triclinic', 2)
    d, q = descriptor.derivatives([atoms, other], include=[1], n_jobs=n_jobs)
    n, k = len(atoms), descriptor.get_number_of_features()
    assert d.shape == (2, n, 1, 3, k)
    assert q.shape == (2, n, k)
    single = descriptor.derivatives(other, include=[1], return_descriptor=False)
    np.testing.assert_allclose(d[1], single, rtol=1e-10, atol=1e-12)
    unequal, _ = descriptor.derivatives([atoms, other[:9]], n_jobs=n_jobs)
    assert [x.shape[:2] for x in unequal] == [(n, n), (9, 9)]


@pytest.mark.parametrize('attach', [True, False])
def test_derivatives_are_derivatives(descriptor, atoms, attach):
    """With `attach` the centers move with their atoms, without they stay behind."""
    d = descriptor.derivatives(atoms, return_descriptor=False, attach=attach)
    centers = None if attach else atoms.positions.copy()
    for n, c in ((0, 0), (6, 1), (14, 2)):
        ends = []
        for sign in (1, -1):
            moved = atoms.copy()
            moved.positions[n, c] += sign * STEP
            ends.append(descriptor.create(moved, centers=centers))
        expected = (ends[0] - ends[1]) / (2 * STEP)
        np.testing.assert_allclose(
            d[:, n, c], expected, rtol=0, atol=1e-5 * np.abs(expected).max()
        )


def test_both_include_and_exclude_are_refused(descriptor, atoms):
    with pytest.raises(ValueError, match='either'):
        descriptor.derivatives(atoms, include=[0], exclude=[1])


def test_unknown_method_is_refused(descriptor, atoms):
    with pytest.raises(ValueError, match='method'):
        descriptor.derivatives(atoms, method='magic')


def test_numerical_method_agrees():
    """Dscribe's own finite differences of our values, atom by atom."""
    atoms = random_cell('two atoms', 3)
    descriptor = DESCRIPTORS['Bispectrum']
    exact, numerical = (
        descriptor.derivatives(
            atoms, method=method, attach=True, return_descriptor=False
        )
        for method in ('analytical', 'numerical')
    )
    np.testing.assert_allclose(
        exact, numerical, rtol=0, atol=1e-6 * np.abs(numerical).max()
    )


@pytest.mark.parametrize(
    'descriptor',
    [SOAP(species=['W'], r_cut=4.0, n_max=2, l_max=2), DESCRIPTORS['Bispectrum']],
    ids=DESCRIPTORS,
)
def test_cluster_without_cell(descriptor):
    trimer = Atoms('W3', [(0, 0, 0), (2.5, 0, 0), (0, 2.6, 0)])
    q_nk = descriptor.create(trimer)
    assert q_nk.shape == (3, descriptor.get_number_of_features())
    d = descriptor.derivatives(trimer, attach=True, return_descriptor=False)
    np.testing.assert_allclose(d.sum(axis=1), 0.0, atol=1e-7 * np.abs(d).max())
