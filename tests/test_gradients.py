"""Forces and stress are the derivatives of the energy; pullbacks are adjoints."""

import numpy as np
import pytest
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from cells import SHAPES, random_cell

from ase_entropy import (
    Bispectrum,
    ClarkeSmith,
    EntropyCalculator,
    MixedClarkeSmith,
    ZieglerBiersackLittmark,
)
from ase_entropy import entropy as estimators
from ase_entropy import repulsion as repulsions
from ase_entropy.pairs import find_pairs, forces

TOLERANCE = 1e-6
STEP = 1e-5

DESCRIPTORS = {
    'eight components': Bispectrum(),
    'six components': Bispectrum(components=6),
    'twojmax 8': Bispectrum(twojmax=8),
    'inner cutoff': Bispectrum(cutoff=3.3, twojmax=4, rfac0=0.8, rmin0=0.7),
}

ALONE = sorted(set(estimators.registry) - {'PerElement'})  # that is in test_elements
# A ridge that is not small against what a difference of positions changes.
ESTIMATORS = {
    **{name: estimators.registry[name]() for name in ALONE},
    'LogDetEntropy': estimators.LogDetEntropy(ridge=1.0),
}


def relative(x, y):
    return np.abs(x - y).max() / np.abs(y).max()


def assert_exact_derivatives(atoms):
    forces_nc = atoms.get_forces()
    numerical = calculate_numerical_forces(atoms, eps=STEP)
    assert relative(forces_nc, numerical) < TOLERANCE
    assert np.abs(forces_nc.sum(axis=0)).max() < 1e-9 * np.abs(forces_nc).max()


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('shape', SHAPES)
def test_forces_of_v(shape, seed):
    atoms = random_cell(shape, seed)
    atoms.calc = EntropyCalculator(k_entropy=300.0)
    assert_exact_derivatives(atoms)


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('shape', [s for s, (_, pbc, _) in SHAPES.items() if pbc])
def test_six_stress_components_of_v(shape, seed):
    atoms = random_cell(shape, seed)
    atoms.calc = EntropyCalculator(k_entropy=300.0)
    numerical = calculate_numerical_stress(atoms, eps=STEP)
    assert numerical.shape == (6,)
    assert relative(atoms.get_stress(), numerical) < TOLERANCE


@pytest.mark.parametrize('estimator', ESTIMATORS.values(), ids=ESTIMATORS)
@pytest.mark.parametrize('name', DESCRIPTORS)
def test_every_descriptor_with_every_estimator(name, estimator):
    atoms = random_cell('triclinic', 7)
    atoms.calc = EntropyCalculator(DESCRIPTORS[name], estimator, k_entropy=100.0)
    assert_exact_derivatives(atoms)
    numerical = calculate_numerical_stress(atoms, eps=STEP)
    assert relative(atoms.get_stress(), numerical) < TOLERANCE


def test_literal_estimator():
    atoms = random_cell('orthorhombic', 3)
    literal = estimators.NearestNeighborEntropy(softening=0.0)
    atoms.calc = EntropyCalculator(estimator=literal)
    assert_exact_derivatives(atoms)


REPULSIONS = {
    'ClarkeSmith': ClarkeSmith(cutoff=7.0),
    'MixedClarkeSmith': MixedClarkeSmith(('W',), reach=2.6),
    'ZieglerBiersackLittmark': ZieglerBiersackLittmark(cutoff=7.0),
}


@pytest.mark.parametrize('name', repulsions.registry)
def test_forces_of_repulsion_alone(name):
    atoms = random_cell('smaller than the cutoff', 1)
    atoms.calc = EntropyCalculator(repulsion=REPULSIONS[name], k_entropy=0.0)
    assert_exact_derivatives(atoms)
    numerical = calculate_numerical_stress(atoms, eps=STEP)
    assert relative(atoms.get_stress(), numerical) < TOLERANCE


def test_several_elements_count_alike():
    atoms = random_cell('triclinic', 2)
    plain = EntropyCalculator().get_potential_energy(atoms)
    atoms.symbols[:7] = 'Be'
    atoms.calc = EntropyCalculator()
    assert atoms.get_potential_energy() == plain
    assert_exact_derivatives(atoms)


@pytest.mark.parametrize('shape', ['triclinic', 'smaller than the cutoff', 'cluster'])
@pytest.mark.parametrize('name', DESCRIPTORS)
def test_pullback_is_adjoint_of_jacobian(name, shape):
    """<g, dq/dr v> = <pullback(g), v> for random g and v."""
    rng = np.random.default_rng(5)
    descriptor, atoms = DESCRIPTORS[name], random_cell(shape, 5)
    pairs = find_pairs(atoms, descriptor.cutoff)
    q_nk, pullback = descriptor.evaluate(pairs)
    g_nk = rng.standard_normal(q_nk.shape)
    v_nc = rng.standard_normal((len(atoms), 3))
    ends = []
    for sign in (1, -1):
        moved = atoms.copy()
        moved.positions += sign * STEP * v_nc
        ends.append(descriptor.evaluate(find_pairs(moved, descriptor.cutoff))[0])
    forward = np.sum(g_nk * (ends[0] - ends[1])) / (2 * STEP)
    backward = -np.sum(forces(pairs, pullback(g_nk)) * v_nc)
    assert backward == pytest.approx(forward, rel=TOLERANCE)
