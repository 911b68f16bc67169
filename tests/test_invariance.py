"""What must not matter, does not."""

import ase.neighborlist
import numpy as np
import pytest
from cells import SHAPES, random_cell
from scipy.spatial.transform import Rotation

from ase_entropy import Bispectrum, EntropyCalculator
from ase_entropy.pairs import find_pairs, shortest_distance

EXACT = 1e-11


def energies(atoms, **kwargs):
    calc = EntropyCalculator(k_entropy=100.0, **kwargs)
    return calc.get_potential_energy(atoms), calc.get_property('forces', atoms)


@pytest.mark.parametrize('shape', SHAPES)
def test_rotation(shape):
    atoms = random_cell(shape, 1)
    turned = atoms.copy()
    matrix = Rotation.from_rotvec([0.3, -1.1, 0.7]).as_matrix()
    turned.set_cell(atoms.cell[:] @ matrix.T)
    turned.positions = atoms.positions @ matrix.T
    energy, forces_nc = energies(atoms)
    turned_energy, turned_forces_nc = energies(turned)
    assert turned_energy == pytest.approx(energy, rel=EXACT)
    scale = np.abs(forces_nc).max()
    np.testing.assert_allclose(
        turned_forces_nc, forces_nc @ matrix.T, rtol=0, atol=1e-10 * scale
    )


def test_mirror_image():
    """All six components of the paper are even: they cannot tell left from right."""
    atoms = random_cell('triclinic', 1)
    mirrored = atoms.copy()
    mirrored.set_cell(atoms.cell[:] * [-1, 1, 1])
    mirrored.positions = atoms.positions * [-1, 1, 1]
    assert energies(mirrored)[0] == pytest.approx(energies(atoms)[0], rel=EXACT)


@pytest.mark.parametrize('shape', SHAPES)
def test_permutation_and_translation(shape):
    atoms = random_cell(shape, 2)
    order = np.random.default_rng(2).permutation(len(atoms))
    moved = atoms[order]
    moved.positions += (1.3, -20.7, 3.1)
    energy, forces_nc = energies(atoms)
    moved_energy, moved_forces_nc = energies(moved)
    assert moved_energy == pytest.approx(energy, rel=EXACT)
    scale = np.abs(forces_nc).max()
    np.testing.assert_allclose(
        moved_forces_nc, forces_nc[order], rtol=0, atol=1e-9 * scale
    )


@pytest.mark.parametrize('shape', ['triclinic', 'smaller than the cutoff', 'two atoms'])
def test_supercell(shape):
    atoms = random_cell(shape, 3)
    double = atoms.repeat((2, 1, 2))
    calc, calc_double = (EntropyCalculator(k_entropy=0.0) for _ in range(2))
    energy = calc.get_potential_energy(atoms)
    assert calc_double.get_potential_energy(double) == pytest.approx(4 * energy)
    np.testing.assert_allclose(calc_double.q_nk, np.tile(calc.q_nk, (4, 1)), rtol=1e-11)
    np.testing.assert_allclose(
        calc_double.get_stress(double), calc.get_stress(atoms), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('cutoff', [3.0, 3.93, 11.0])
def test_neighbor_backends_agree(shape, cutoff):
    atoms = random_cell(shape, 4)
    ours = find_pairs(atoms, cutoff)
    theirs = find_pairs(atoms, cutoff, ase.neighborlist.neighbor_list)
    assert len(ours.r_p) == len(theirs.r_p) > 0
    keys = []
    for pairs in (ours, theirs):
        table = np.column_stack([pairs.i_p, pairs.j_p, pairs.r_pc.round(7)])
        keys.append(table[np.lexsort(table.T)])
    np.testing.assert_allclose(keys[0], keys[1], atol=2e-7)


def test_pairs_are_directed_both_ways():
    pairs = find_pairs(random_cell('two atoms', 1), 8.0)
    there = np.column_stack([pairs.i_p, pairs.j_p, pairs.r_pc.round(7)]) + 0.0
    back = np.column_stack([pairs.j_p, pairs.i_p, -pairs.r_pc.round(7)]) + 0.0
    np.testing.assert_array_equal(there[np.lexsort(there.T)], back[np.lexsort(back.T)])
    assert (pairs.i_p == pairs.j_p).any()
    assert pairs.i_p.dtype == np.intp


def test_shortest_distance_sees_images():
    atoms = random_cell('smaller than the cutoff', 1)[:1]
    assert shortest_distance(atoms) == pytest.approx(3.1)


def test_order_of_pairs_does_not_matter():
    pairs = find_pairs(random_cell('triclinic', 6), 5.0)
    order = np.random.default_rng(0).permutation(len(pairs.r_p))
    shuffled = type(pairs)(
        pairs.numbers_n,
        *(x[order] for x in (pairs.i_p, pairs.j_p, pairs.r_p, pairs.r_pc)),
    )
    descriptor = Bispectrum(twojmax=4)
    q_nk, pullback = descriptor.evaluate(pairs)
    shuffled_nk, shuffled_pullback = descriptor.evaluate(shuffled)
    np.testing.assert_allclose(shuffled_nk, q_nk, rtol=EXACT)
    g_nk = np.random.default_rng(1).standard_normal(q_nk.shape)
    dE_dr_pc = pullback(g_nk)
    np.testing.assert_allclose(
        shuffled_pullback(g_nk), dE_dr_pc[order], atol=1e-10 * np.abs(dE_dr_pc).max()
    )
