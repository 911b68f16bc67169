"""Configurations whose answer is known exactly."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from estimators import ALONE

from ase_entropy import Bispectrum, ClarkeSmith, EntropyCalculator
from ase_entropy import entropy as estimators
from ase_entropy.descriptors import wigner
from ase_entropy.pairs import find_pairs

TWOJMAX = 8


def dimer(distance):
    return Atoms('W2', [(0, 0, 0), np.array([2, -1, 2]) / 3 * distance])


def test_isolated_atom():
    """U is the identity: B_{j1 j2 j} = (j + 1) sum of squared couplings."""
    (q_k,) = Bispectrum(twojmax=TWOJMAX).create(Atoms('W'))
    for (_, _, j), q in zip(wigner.triples(TWOJMAX), q_k, strict=True):
        assert q == pytest.approx(j + 1)


@pytest.mark.parametrize('distance', [1.1, 2.7, 3.9])
def test_dimer_in_closed_form(distance):
    """The character of a rotation gives B_{j 0 j} of a pair.

    U = 1 + fc U(theta), so that |U|^2 = (j + 1)(1 + fc^2) + 2 fc chi_j(theta) with
    chi_j(theta) = sin((j + 1) theta) / sin(theta).
    """
    cutoff, rfac0 = 4.0, 0.9
    descriptor = Bispectrum(cutoff=cutoff, twojmax=TWOJMAX, rfac0=rfac0)
    q_nk = descriptor.evaluate(find_pairs(dimer(distance), cutoff))[0]
    theta = rfac0 * np.pi * distance / cutoff
    fc = 0.5 * (1 + np.cos(np.pi * distance / cutoff))
    for j in range(TWOJMAX + 1):
        character = np.sin((j + 1) * theta) / np.sin(theta)
        expected = (1 + fc) * ((j + 1) * (1 + fc**2) + 2 * fc * character)
        k = wigner.triples(TWOJMAX).index((j, 0, j))
        np.testing.assert_allclose(q_nk[:, k], expected, rtol=1e-12)


def test_first_component_counts_neighbors():
    """B_000 = (1 + sum of fc)^3."""
    atoms = bulk('W', a=3.16, cubic=True)
    pairs = find_pairs(atoms, 5.0)
    fc_p = 0.5 * (1 + np.cos(np.pi * pairs.r_p / 5.0))
    expected_n = (1 + np.bincount(pairs.i_p, fc_p)) ** 3
    q_nk = Bispectrum(cutoff=5.0).evaluate(pairs)[0]
    np.testing.assert_allclose(q_nk[:, 0], expected_n, rtol=1e-12)


def test_clebsch_gordan_are_orthonormal():
    for j1, j2 in ((1, 1), (3, 2), (5, 4), (8, 8)):
        for j in range(abs(j1 - j2), j1 + j2 + 1, 2):
            for m in range(j + 1):
                shift = m + (j1 + j2 - j) // 2
                square = sum(
                    wigner.clebsch_gordan(j1, m1, j2, shift - m1, j) ** 2
                    for m1 in range(j1 + 1)
                    if 0 <= shift - m1 <= j2
                )
                assert square == pytest.approx(1.0)


SYMMETRIC = {
    'bcc 16': bulk('W', a=3.16).repeat((2, 2, 4)),
    'bcc 54': bulk('W', a=3.16, cubic=True).repeat(3),
    'dimer': Atoms('W2', [(0, 0, 0), (2.5, 0, 0)]),
    'far atoms': Atoms('W2', [(0, 0, 0), (50.0, 0, 0)]),
    'two atoms in a cell': Atoms(
        'W2', [(0.1, 0.2, 0.3), (1.7, 1.5, 1.9)], cell=(3.2, 3.3, 3.4), pbc=True
    ),
    'one atom in a cell': bulk('W', a=3.16),
    'one atom alone': Atoms('W'),
}
ESTIMATORS = list(ALONE.values())


@pytest.mark.parametrize('name', SYMMETRIC)
def test_entropy_of_equal_environments(name):
    """That of n points eps apart."""
    atoms = SYMMETRIC[name].copy()
    atoms.calc = EntropyCalculator()
    atoms.get_potential_energy()
    expected = np.log(len(atoms) * atoms.calc.estimator.softening)
    assert atoms.calc.entropy == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize('estimator', ESTIMATORS)
@pytest.mark.parametrize('name', SYMMETRIC)
def test_equal_environments_feel_no_entropy(name, estimator):
    """Forces and stress are those of the repulsion, and of finite differences."""
    atoms = SYMMETRIC[name].copy()
    atoms.calc = EntropyCalculator(estimator=estimator(), k_entropy=1000.0)
    bare = atoms.copy()
    bare.calc = EntropyCalculator(k_entropy=0.0)
    assert np.isfinite(atoms.get_potential_energy())
    forces_nc = atoms.get_forces()
    np.testing.assert_allclose(forces_nc, bare.get_forces(), atol=1e-5)
    few = range(min(2, len(atoms)))
    numerical = calculate_numerical_forces(atoms, eps=1e-6, iatoms=few)
    np.testing.assert_allclose(forces_nc[: len(few)], numerical, atol=2e-3)
    if atoms.cell.rank == 3:
        np.testing.assert_allclose(atoms.get_stress(), bare.get_stress(), atol=1e-6)


@pytest.mark.parametrize('estimator', ESTIMATORS)
@pytest.mark.parametrize('cell', [(3.2, 3.3, 3.4), (2.9, 2.9, 6.1)])
def test_two_atoms_and_a_third_one(cell, estimator):
    """The smallest cell with unequal environments: forces and stress are exact."""
    places = [(0.1, 0.2, 0.3), (1.7, 1.5, 1.9), (0.3, 1.8, 0.4)]
    options = {'ridge': 1.0} if estimator is estimators.LogDetEntropy else {}
    atoms = Atoms('W3', places, cell=cell, pbc=True)
    atoms.calc = EntropyCalculator(estimator=estimator(**options), k_entropy=100.0)
    numerical = calculate_numerical_forces(atoms, eps=1e-5)
    scale = np.abs(numerical).max()
    np.testing.assert_allclose(atoms.get_forces(), numerical, atol=1e-6 * scale)
    numerical = calculate_numerical_stress(atoms, eps=1e-5)
    scale = np.abs(numerical).max()
    np.testing.assert_allclose(atoms.get_stress(), numerical, atol=1e-6 * scale)


def test_dimer_feels_the_literal_double_sum():
    r = 2.5
    atoms = dimer(r)
    atoms.calc = EntropyCalculator(k_entropy=0.0)
    u = (4 * (2.7 / r) ** 8 - 8 * (2.7 / r) ** 4) / 4
    at_cutoff = (4 * (2.7 / 2.71) ** 8 - 8 * (2.7 / 2.71) ** 4) / 4
    assert atoms.get_potential_energy() == pytest.approx(2 * (u - at_cutoff), rel=1e-12)


def test_own_images_repel():
    atoms = Atoms('W', cell=(2.5, 2.5, 2.5), pbc=True)
    atoms.calc = EntropyCalculator(k_entropy=0.0)
    u_p, _ = ClarkeSmith().evaluate(np.array([2.5]))
    assert atoms.get_potential_energy() == pytest.approx(6 * u_p[0])


def test_repulsion_has_its_minimum_at_r0():
    far = ClarkeSmith(epsilon=0.7, r0=2.2, n=9, m=3, cutoff=50.0)
    u_p, du_dr_p = far.evaluate(np.array([2.2]))
    assert u_p[0] == pytest.approx(-0.7, rel=1e-3)
    assert du_dr_p[0] == pytest.approx(0.0, abs=1e-12)


def just_across(edge):
    """Return energies and forces with a pair just below and just above a distance."""
    calcs = []
    for distance in (edge - 1e-7, edge + 1e-7):
        atoms = dimer(distance) + Atoms('W', [(0.3, 2.9, -0.4)])
        atoms.calc = EntropyCalculator(k_entropy=1.0)
        atoms.get_forces()
        calcs.append(atoms.calc)
    energies = [calc.results['energy'] for calc in calcs]
    return energies, [calc.results['forces'] for calc in calcs]


def test_nothing_jumps_at_the_cutoff_of_the_descriptor():
    energies, forces = just_across(3.93)
    assert energies[0] == pytest.approx(energies[1], abs=1e-6)
    np.testing.assert_allclose(forces[0], forces[1], atol=1e-5)


def test_shifted_repulsion_has_a_kink_at_its_cutoff():
    """Shifted, not smoothed, as in the paper: u is continuous, u' ends at u'(2.71)."""
    energies, forces = just_across(2.71)
    assert energies[0] == pytest.approx(energies[1], abs=1e-6)
    slope = 8 * ((2.7 / 2.71) ** 4 - (2.7 / 2.71) ** 8) / 2.71
    jump = 2 * slope * np.array([2, -1, 2]) / 3
    np.testing.assert_allclose(forces[0][0] - forces[1][0], jump, atol=1e-4)


def test_nothing_jumps_at_the_inner_radius():
    descriptor = Bispectrum(twojmax=5, rmin0=2.0)
    near, far = (
        descriptor.evaluate(find_pairs(dimer(2.0 + step), 3.93))[0]
        for step in (-1e-8, 1e-8)
    )
    np.testing.assert_allclose(near, far, rtol=1e-6)


def test_no_neighbor_at_all():
    atoms = Atoms('W3', [(0, 0, 0), (40, 0, 0), (0, 40, 0)])
    atoms.calc = EntropyCalculator()
    assert np.isfinite(atoms.get_potential_energy())
    np.testing.assert_array_equal(atoms.get_forces(), np.zeros((3, 3)))
    np.testing.assert_array_equal(atoms.calc.q_nk[0], atoms.calc.q_nk[2])
