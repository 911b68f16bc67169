"""dscribe's descriptors in our calculator, and ours in dscribe's code."""

import json
import pickle

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.db import connect
from cells import SHAPES, random_cell
from dscribe.descriptors import ACSF, MBTR, SOAP
from dscribe.kernels import AverageKernel

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    CyclicLangevin,
    DscribeDescriptor,
    EntropyCalculator,
    Harvest,
    Ladder,
)
from ase_entropy.descriptors import dscribe as adapter
from ase_entropy.descriptors.dscribe_face import DscribeFace
from ase_entropy.pairs import find_pairs
from ase_entropy.testing import check_descriptor


def poly(r0):
    return {'function': 'poly', 'r0': r0, 'c': 1, 'm': 1}


DESCRIPTORS = {
    'SOAP 4, 3': SOAP(
        species=['W'], r_cut=4.0, n_max=4, l_max=3, sigma=0.5, weighting=poly(4.0)
    ),
    'SOAP 2, 5': SOAP(
        species=['W'], r_cut=3.0, n_max=2, l_max=5, sigma=0.4, weighting=poly(3.0)
    ),
    'SOAP, polynomial': SOAP(
        species=['W'],
        r_cut=4.0,
        n_max=3,
        l_max=2,
        rbf='polynomial',
        weighting=poly(4.0),
        periodic=True,
    ),
    'ACSF': ACSF(
        species=['W'],
        r_cut=4.0,
        g2_params=[[1, 2], [0.5, 2.5]],
        g3_params=[1.0],
        g4_params=[[0.1, 1, 1], [0.1, 2, -1]],
        g5_params=[[0.1, 2, -1]],
        periodic=True,
    ),
}


def periodic(descriptor):
    """Return dscribe's own, set to respect periodic boundaries."""
    dct = DscribeDescriptor(descriptor).todict()
    return type(descriptor)(**(dct['parameters'] | {'periodic': True}))


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('name', DESCRIPTORS)
def test_values_are_those_of_dscribe(name, shape):
    """In any cell, images and atoms beyond the cutoff included."""
    atoms, descriptor = random_cell(shape, 1), DscribeDescriptor(DESCRIPTORS[name])
    q_nk, _ = descriptor.evaluate(find_pairs(atoms, descriptor.cutoff + 0.5))
    np.testing.assert_allclose(
        q_nk, periodic(DESCRIPTORS[name]).create(atoms), atol=1e-12 * np.abs(q_nk).max()
    )


@pytest.mark.parametrize('shape', ['triclinic', 'smaller than the cutoff', 'cluster'])
@pytest.mark.parametrize('name', DESCRIPTORS)
def test_forces_and_stress(name, shape):
    atoms = random_cell(shape, 2)
    atoms.calc = EntropyCalculator(DESCRIPTORS[name], k_entropy=100.0)
    numerical = calculate_numerical_forces(atoms, eps=1e-5)
    scale = np.abs(numerical).max()
    np.testing.assert_allclose(atoms.get_forces(), numerical, atol=1e-6 * scale)
    if atoms.pbc.all():
        numerical = calculate_numerical_stress(atoms, eps=1e-5)
        scale = np.abs(numerical).max()
        np.testing.assert_allclose(atoms.get_stress(), numerical, atol=1e-6 * scale)


@pytest.mark.parametrize('name', DESCRIPTORS)
def test_derivatives_are_those_of_dscribe(name):
    """Pullbacks of single components against dscribe's own differences, attached."""
    atoms, descriptor = (
        random_cell('triclinic', 3),
        DscribeDescriptor(DESCRIPTORS[name]),
    )
    reference, _ = periodic(DESCRIPTORS[name]).derivatives(
        atoms, attach=True, method='numerical'
    )
    pairs = find_pairs(atoms, descriptor.cutoff)
    q_nk, pullback = descriptor.evaluate(pairs)
    g_nk = np.random.default_rng(1).standard_normal(q_nk.shape)
    dE_dr_pc = pullback(g_nk)
    slope_nc = np.zeros((len(atoms), 3))
    np.add.at(slope_nc, pairs.j_p, dE_dr_pc)
    np.subtract.at(slope_nc, pairs.i_p, dE_dr_pc)
    expected_nc = np.einsum('ik,iack->ac', g_nk, reference)
    scale = np.abs(expected_nc).max()
    np.testing.assert_allclose(slope_nc, expected_nc, atol=1e-6 * scale)


@pytest.mark.parametrize('name', DESCRIPTORS)
def test_passes_the_checks_for_descriptors(name):
    atoms = random_cell('smaller than the cutoff', 4)
    check_descriptor(DscribeDescriptor(DESCRIPTORS[name]), atoms)


def test_several_elements():
    soap = SOAP(species=['W', 'Be'], r_cut=4.0, n_max=3, l_max=2, weighting=poly(4.0))
    atoms = random_cell('triclinic', 5)
    atoms.symbols[::3] = 'Be'
    descriptor = DscribeDescriptor(soap)
    q_nk, _ = descriptor.evaluate(find_pairs(atoms, descriptor.cutoff))
    np.testing.assert_allclose(
        q_nk, periodic(soap).create(atoms), atol=1e-12 * np.abs(q_nk).max()
    )
    check_descriptor(descriptor, atoms)


def test_islands_in_many_blocks(monkeypatch):
    atoms, descriptor = random_cell('slab', 1), DscribeDescriptor(DESCRIPTORS['ACSF'])
    pairs = find_pairs(atoms, descriptor.cutoff)
    ends = []
    for block in (50, 10_000):
        monkeypatch.setattr(adapter, 'BLOCK', block)
        q_nk, pullback = descriptor.evaluate(pairs)
        ends.append((q_nk, pullback(np.ones_like(q_nk))))
    np.testing.assert_allclose(ends[0][0], ends[1][0], atol=1e-13)
    np.testing.assert_allclose(ends[0][1], ends[1][1], atol=1e-9)


FEW = {
    'ACSF, g2': ACSF(species=['W'], r_cut=4.0, g2_params=[[1.0, 2.5]]),
    'ACSF, g1': ACSF(species=['W'], r_cut=4.0),
}


@pytest.mark.parametrize('name', [*DESCRIPTORS, *FEW])
def test_rebuilt_from_json(name):
    atoms = random_cell('cluster', 1)
    calc = EntropyCalculator({**DESCRIPTORS, **FEW}[name])
    again = EntropyCalculator.fromdict(json.loads(json.dumps(calc.todict())))
    assert again.get_potential_energy(atoms) == calc.get_potential_energy(atoms.copy())


def test_harvest_with_soap(tmp_path):
    atoms = random_cell('smaller than the cutoff', 1)
    atoms.calc = EntropyCalculator(DESCRIPTORS['SOAP 4, 3'], k_entropy=1.0)
    schedule = AnnealSchedule(k_entropy=1.0, shuffle_steps=50, ramp_steps=150)
    dyn = CyclicLangevin(atoms, schedule=schedule, rng=np.random.default_rng(1))
    ladder = Ladder((2,), steps=20)
    Harvest(dyn, tmp_path / 's.db', ladder=ladder, report=lambda line: None).run(1)
    (row,) = connect(tmp_path / 's.db').select()
    again = EntropyCalculator.fromdict(row.data['calculator'])
    energy = again.get_potential_energy(row.toatoms())
    assert energy == pytest.approx(row.effective_energy)


def complaint(function, *args, **kwargs):
    with pytest.raises(ValueError) as caught:
        function(*args, **kwargs)
    return str(caught.value)


def test_bad_descriptors():
    mbtr = MBTR(
        species=['W'],
        geometry={'function': 'inverse_distance'},
        grid={'min': 0, 'max': 1, 'n': 10, 'sigma': 0.1},
        weighting={'function': 'exp', 'scale': 0.5, 'threshold': 1e-3},
        normalization='l2',
    )
    assert complaint(EntropyCalculator, mbtr) == (
        'descriptor=MBTR describes the whole system: expected a local one, such as '
        'SOAP or ACSF'
    )
    sparse = SOAP(species=['W'], r_cut=4.0, n_max=2, l_max=2, sparse=True)
    assert complaint(DscribeDescriptor, sparse) == (
        'descriptor=SOAP has sparse=True: expected sparse=False'
    )
    average = SOAP(species=['W'], r_cut=4.0, n_max=2, l_max=2, average='inner')
    assert complaint(DscribeDescriptor, average) == (
        "descriptor=SOAP has average='inner': expected average='off', for a row for "
        'each atom'
    )
    assert complaint(DscribeDescriptor, 'SOAP') == (
        'descriptor=str: expected one of dscribe, such as SOAP'
    )
    assert complaint(DscribeDescriptor, DESCRIPTORS['ACSF'], 0.0) == (
        'cutoff=0.0: expected a finite number > 0.0'
    )
    face = DscribeFace(Bispectrum())
    face.__class__.__module__ = 'dscribe.fake'
    try:
        message = complaint(DscribeDescriptor, face)
    finally:
        face.__class__.__module__ = 'ase_entropy.descriptors.dscribe_face'
    assert message == (
        'cutoff=None and descriptor=DscribeFace does not say its own: expected a '
        'distance in Angstrom'
    )
    calc = EntropyCalculator(DESCRIPTORS['ACSF'])
    atoms = Atoms('WBe', [(0, 0, 0), (2.5, 0, 0)])
    assert complaint(calc.get_potential_energy, atoms).endswith(
        "and the atoms hold ['Be']: expected these elements only"
    )


def test_atoms_without_neighbors():
    """The descriptor of a lone atom, whatever dscribe says it is."""
    descriptor = DscribeDescriptor(DESCRIPTORS['SOAP 4, 3'])
    atoms = Atoms('W2', [(0, 0, 0), (30, 0, 0)])
    q_nk, pullback = descriptor.evaluate(find_pairs(atoms, descriptor.cutoff))
    np.testing.assert_array_equal(q_nk[0], q_nk[1])
    assert pullback(np.ones_like(q_nk)).shape == (0, 3)


def test_ours_in_kernels_of_dscribe():
    systems = [random_cell('triclinic', seed) for seed in range(3)]
    features = [
        q_nk / np.linalg.norm(q_nk, axis=1)[:, None]
        for q_nk in (Bispectrum(components=6).create(systems, n_jobs=2))
    ]
    kernel = AverageKernel(metric='linear').create(features)
    assert kernel.shape == (3, 3)
    np.testing.assert_allclose(np.diag(kernel), 1.0)
    by_hand = np.mean(features[0] @ features[1].T)
    norms = [np.mean(x @ x.T) for x in features[:2]]
    assert kernel[0, 1] == pytest.approx(by_hand / np.sqrt(np.prod(norms)))


def test_ours_sparse_and_pickled():
    atoms, descriptor = random_cell('triclinic', 1), Bispectrum(components=6)
    sparse = DscribeFace(descriptor, sparse=True).create(atoms)
    np.testing.assert_array_equal(sparse.todense(), descriptor.create(atoms))
    for thing in (descriptor, DscribeFace(descriptor)):
        again = pickle.loads(pickle.dumps(thing))
        np.testing.assert_array_equal(again.create(atoms), descriptor.create(atoms))
