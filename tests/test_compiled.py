"""The compiled path is the plain path, and fast kernels are the slow ones."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms, units
from ase.constraints import FixAtoms, FixCartesian
from ase.db import connect
from cells import SHAPES, paper_cell, random_cell
from estimators import CASES, points
from kernels import call
from numba import njit
from scipy.spatial import cKDTree

from ase_entropy import (
    Bispectrum,
    ClarkeSmith,
    CyclicLangevin,
    EntropyCalculator,
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LogDetEntropy,
    MixedClarkeSmith,
    NearestNeighborEntropy,
    PerElement,
    Quench,
    SmoothNearestNeighborEntropy,
    ZieglerBiersackLittmark,
)
from ase_entropy._kernels import (
    bispectrum,
    bispectrum3,
    bispectrum_any,
    candidates,
    evaluate,
    jit,
    nearest,
    segment,
)
from ase_entropy._kernels.entropy import entropy as compute_entropy
from ase_entropy._kernels.entropy import entropy_of, entropy_work
from ase_entropy._kernels.lanes import LANES, pack
from ase_entropy._kernels.packing import IN_ORDER, most_rows, sort_atoms
from ase_entropy._kernels.reference import IN_BOX, boxes
from ase_entropy._kernels.rotation import sine_cosine
from ase_entropy.cli import main
from ase_entropy.descriptors import wigner
from ase_entropy.dynamics.compiled import SKIN, CompiledSegments
from ase_entropy.dynamics.compiled_form import has_compiled_form
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.pairs import find_pairs
from ase_entropy.repulsion import Confinement

SAME_PATH = 1e-9  # Angstrom, after 200 steps
BESIDE = {
    'reference_mk': 30 + 20 * np.random.default_rng(1).standard_normal((50, 6)),
    'whitening_kx': np.random.default_rng(2).standard_normal((6, 4)),
}
MIXED = AnnealSchedule(shuffle_steps=120, ramp_steps=2000)


def dynamics(atoms, schedule=MIXED, calc=None, **kwargs):
    atoms.calc = calc or EntropyCalculator()
    rng = np.random.default_rng(7)
    return CyclicLangevin(atoms, schedule=schedule, rng=rng, **kwargs)


def run_plainly(dyn, steps):
    for _ in dyn.irun(steps):
        pass


def both_paths(make, steps=200):
    """Run the compiled and the plain path, and return both dynamics."""
    compiled, plain = make(), make()
    assert has_compiled_form(compiled.atoms)
    compiled.run(steps)
    run_plainly(plain, steps)
    return compiled, plain


def assert_same_path(compiled, plain):
    assert compiled.nsteps == plain.nsteps
    assert (compiled.temperature_K, compiled.k_entropy) == (
        plain.temperature_K,
        plain.k_entropy,
    )
    difference = np.abs(compiled.atoms.positions - plain.atoms.positions).max()
    assert 0.0 <= difference < SAME_PATH
    assert compiled.rng.random() == plain.rng.random()  # same use of the stream


def test_paper_cell():
    assert_same_path(*both_paths(lambda: dynamics(paper_cell(1))))


@pytest.mark.parametrize('shape', SHAPES)
def test_every_cell(shape):
    calm = AnnealSchedule(3000.0, 100.0, shuffle_steps=20, ramp_steps=400)

    def make():
        return dynamics(random_cell(shape, 1), calm)

    assert_same_path(*both_paths(make, 60))


@pytest.mark.parametrize(
    'calc',
    [
        EntropyCalculator(Bispectrum(4.5, twojmax=6)),
        EntropyCalculator(Bispectrum(twojmax=2)),
        EntropyCalculator(repulsion=ClarkeSmith(n=9.5, m=3.5, cutoff=5.0)),
        EntropyCalculator(Bispectrum(4, components=6), repulsion=ClarkeSmith(cutoff=3)),
        EntropyCalculator(estimator=NearestNeighborEntropy(softening=0.3)),
        EntropyCalculator(estimator=SmoothNearestNeighborEntropy(order=3)),
        EntropyCalculator(estimator=SmoothNearestNeighborEntropy(order=7.5)),
        EntropyCalculator(estimator=NearestNeighborEntropy(scale_k=range(1, 7))),
        EntropyCalculator(estimator=SmoothNearestNeighborEntropy(**BESIDE)),
        EntropyCalculator(estimator=NearestNeighborEntropy(**BESIDE)),
    ],
    ids=[
        'twojmax 6',
        'twojmax 2',
        'long repulsion',
        'whole cutoffs',
        'soft',
        'order 3',
        'order 7.5',
        'scaled',
        'smooth, whitened, beside a reference',
        'whitened, beside a reference',
    ],
)
def test_every_setting(calc):
    def make():
        again = EntropyCalculator.fromdict(calc.todict())
        return dynamics(paper_cell(2), calc=again)

    assert_same_path(*both_paths(make, 150))


SPECIES = ('W', 'Be', 'Ta')
SEVERAL = {
    'weights': {'weights': {'W': 1.0, 'Be': 0.4, 'Ta': 2.0}},
    'radii': {'radii': {'W': 0.5, 'Be': 0.4, 'Ta': 0.6}},
    'both': {
        'weights': {'W': 1.0, 'Be': 0.4, 'Ta': 2.0},
        'radii': {'W': 0.5, 'Be': 0.35, 'Ta': 0.55},
    },
}
PAIRS = MixedClarkeSmith(SPECIES, {'W-Ta': 2.4, 'Be-Be': 1.9}, {'Be-Ta': 0.5})


def several(shape, options, seed=1):
    """Return atoms of three elements, and a calculator that tells them apart."""
    atoms = random_cell(shape, seed)
    atoms.symbols = [SPECIES[n % 3] for n in range(len(atoms))]
    descriptor = Bispectrum(3.7, 3, 6, species=SPECIES, **SEVERAL[options])
    return atoms, EntropyCalculator(descriptor, repulsion=PAIRS)


@pytest.mark.parametrize(
    ('shape', 'options'),
    [*((shape, 'both') for shape in SHAPES), *(('triclinic', x) for x in SEVERAL)][:-1],
)
def test_several_elements(shape, options):
    calm = AnnealSchedule(3000.0, 100.0, shuffle_steps=20, ramp_steps=400)

    def make():
        atoms, calc = several(shape, options)
        return dynamics(atoms, calm, calc, timestep=0.2 * units.fs)

    assert_same_path(*both_paths(make, 60))


@pytest.mark.parametrize('shape', ['slab', 'wire, tilted', 'cluster'])
def test_walls(shape):
    """Half of the atoms are in the wall from the beginning."""
    calm = AnnealSchedule(3000.0, 100.0, shuffle_steps=20, ramp_steps=400)

    def make():
        atoms = random_cell(shape, 1)
        wall = Confinement.around(atoms, 1.0)
        tight = replace(wall, radius=0.6 * (wall.radius - 1.0), epsilon=0.3)
        return dynamics(atoms, calm, EntropyCalculator(confinement=tight))

    compiled, plain = both_paths(make, 60)
    assert_same_path(compiled, plain)
    assert compiled.atoms.calc.confinement.evaluate(plain.atoms.positions)[0] > 0.1


@pytest.mark.parametrize('shape', ['triclinic', 'slab'])
def test_quench_of_several_elements_within_walls(shape):
    """V and its forces at the end are those of the calculator."""
    atoms, calc = several(shape, 'both')
    atoms.calc = calc
    calc.set(k_entropy=20.0, confinement=Confinement.around(atoms, 0.5))
    assert has_compiled_form(atoms)
    quench = Quench(atoms, (2, 24), logfile=None)
    assert quench.run(fmax=0.02, steps=2000)
    fresh = EntropyCalculator.fromdict(calc.todict())
    assert np.linalg.norm(fresh.get_forces(atoms), axis=1).max() < 0.02


@pytest.mark.parametrize('shape', ['triclinic', 'slab'])
def test_fixed_atoms(shape):
    calm = AnnealSchedule(3000.0, 100.0, shuffle_steps=20, ramp_steps=400)

    def make():
        atoms, calc = several(shape, 'both')
        atoms.set_constraint([FixAtoms([0, 3]), FixAtoms([5])])
        return dynamics(atoms, calm, calc, timestep=0.2 * units.fs)

    compiled, plain = both_paths(make, 60)
    assert_same_path(compiled, plain)
    start = make().atoms.positions
    moved_n = np.abs(compiled.atoms.positions - start).max(axis=1) > 0.0
    assert np.flatnonzero(~moved_n).tolist() == [0, 3, 5]
    assert not compiled.atoms.get_momenta()[[0, 3, 5]].any()


def test_quench_with_fixed_atoms():
    """Converged where the free atoms are at rest; others stay, and are noticed."""
    atoms = paper_cell(1)
    start = atoms.get_positions()
    atoms.calc = EntropyCalculator(k_entropy=78.0)
    atoms.set_constraint(FixAtoms(range(10)))
    quench = Quench(atoms, (2, 24), logfile=None)
    assert quench.run(fmax=0.02, steps=2000)
    np.testing.assert_array_equal(atoms.positions[:10], start[:10])
    fresh = EntropyCalculator.fromdict(atoms.calc.todict())
    free_nc = fresh.get_forces(
        Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=True)
    )
    assert np.linalg.norm(free_nc[10:], axis=1).max() < 0.02
    assert np.linalg.norm(free_nc[:10], axis=1).max() > 1.0
    atoms.set_constraint()
    assert quench.run(fmax=0.02, steps=2000)
    assert (atoms.positions[:10] != start[:10]).any()


ELEMENT_WISE = Bispectrum(3.7, 3, 6, species=SPECIES, chemflag=True, bzeroflag=True)
OTHER_PARTS = {
    'covariance, collisions': EntropyCalculator(
        estimator=LogDetEntropy(1e-3, **BESIDE),
        repulsion=ZieglerBiersackLittmark(),
    ),
    'density of kernels, densities of elements': EntropyCalculator(
        replace(ELEMENT_WISE, bnormflag=True),
        KernelEntropy(),
        MixedClarkeSmith(SPECIES),
    ),
    'second neighbors, beside a reference': EntropyCalculator(
        estimator=KozachenkoLeonenkoEntropy(2, **BESIDE)
    ),
    'smooth third neighbors, beside a reference': EntropyCalculator(
        estimator=KozachenkoLeonenkoEntropy(3, order=6, **BESIDE)
    ),
    'each element among its own': EntropyCalculator(
        replace(ELEMENT_WISE, wselfallflag=True),
        PerElement(SmoothNearestNeighborEntropy(3)),
        ZieglerBiersackLittmark(),
    ),
}


@pytest.mark.parametrize('name', OTHER_PARTS)
def test_other_parts(name):
    calc = OTHER_PARTS[name]
    calm = AnnealSchedule(3000.0, 50.0, shuffle_steps=20, ramp_steps=400)

    def make():
        atoms = paper_cell(2)
        if calc.descriptor.chemflag:
            atoms, _ = several('triclinic', 'both')
        again = EntropyCalculator.fromdict(calc.todict())
        return dynamics(atoms, calm, again, timestep=0.2 * units.fs)

    assert_same_path(*both_paths(make, 60))


def test_quench_of_elements_among_their_own():
    atoms, _ = several('triclinic', 'both')
    atoms.calc = calc = EntropyCalculator(
        ELEMENT_WISE, PerElement(SmoothNearestNeighborEntropy(3)), PAIRS, 20.0
    )
    quench = Quench(atoms, (2, 24), logfile=None)
    assert has_compiled_form(atoms)
    assert quench.run(fmax=0.02, steps=2000)
    fresh = EntropyCalculator.fromdict(calc.todict())
    assert np.linalg.norm(fresh.get_forces(atoms), axis=1).max() < 0.02


COMPILED_TOO = (KernelEntropy, KozachenkoLeonenkoEntropy, LogDetEntropy)


@pytest.mark.parametrize(
    'name',
    [name for name, case in CASES.items() if isinstance(case, COMPILED_TOO)],
)
def test_kernels_of_estimators(name):
    """The kernels, and what numpy and scipy make of the same formulas."""
    estimator, q_nk = CASES[name], points()
    expected, slope_nk = estimator.evaluate(q_nk)
    numbers = estimator.numbers(q_nk.shape[1])
    q_kn, dS_dq_kn = np.ascontiguousarray(q_nk.T), np.full(q_nk.T.shape, np.nan)
    work = entropy_work(*q_kn.shape, numbers)
    found = compute_entropy(q_kn, len(q_nk), numbers, work, dS_dq_kn)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(dS_dq_kn.T, slope_nk, rtol=1e-10, atol=1e-12)


def test_a_single_point_in_kernels():
    """Its images are its neighbors."""
    q_nk = points(1)
    for estimator in (KernelEntropy(), KozachenkoLeonenkoEntropy(), LogDetEntropy()):
        expected = estimator.evaluate(q_nk)[0]
        numbers = estimator.numbers(5)
        dS_dq_kn = np.full((5, 1), np.nan)
        call = numbers, entropy_work(5, 1, numbers), dS_dq_kn
        found = compute_entropy(np.ascontiguousarray(q_nk.T), 1, *call)
        assert found == pytest.approx(expected, rel=1e-12)
        assert not dS_dq_kn.any()


@njit
def entropy_in_order(q_kn, order_n, numbers, work, dS_dq_kn):
    return entropy_of(q_kn, len(order_n), order_n, order_n, numbers, work, dS_dq_kn)


@pytest.mark.parametrize('fixed', [7, 40, 3000])
@pytest.mark.parametrize('spread', [0.0, 1.0])
def test_what_was_around_is_remembered(fixed, spread):
    """Points that walk and jump, in a new order each time, find what a loop finds."""
    rng = np.random.default_rng(fixed)
    reference_mk = spread * rng.standard_normal((fixed, 6)) ** 3
    reference_mk[fixed // 2 :] = reference_mk[: (fixed + 1) // 2]  # each point twice
    numbers = NearestNeighborEntropy(reference_mk=reference_mk).numbers(6)
    q_nk, n = rng.standard_normal((20, 6)), np.arange(20)
    work = entropy_work(6, 20, numbers, again=True)
    dS_dq_kn = np.empty((6, 20))
    for step in range(80):
        q_nk += 0.03 * rng.standard_normal(q_nk.shape)
        q_nk[step % 20] += 3.0 * (step % 7 == 0)
        order_n = rng.permutation(20)
        q_kn = np.ascontiguousarray(q_nk[order_n].T)
        found = entropy_in_order(q_kn, order_n, numbers, work, dS_dq_kn)
        estimator = NearestNeighborEntropy()
        d2_nm = ((q_nk[:, None] - np.concatenate([q_nk, reference_mk])) ** 2).sum(-1)
        d2_nm[n, n] = np.inf
        d2_n = d2_nm.min(axis=1) + estimator.softening**2
        expected = np.log(fixed + 20) + 0.5 * np.log(d2_n).mean()
        assert found == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(work[-1][0], d2_n[order_n], rtol=1e-12)


def test_boxes_hold_all_points():
    point_mx = np.random.default_rng(1).standard_normal((1003, 3))
    found = boxes(point_mx)
    assert sorted(found.point_xm[0]) == sorted(point_mx[:, 0])
    begins = np.arange(0, 1003, IN_BOX)
    lower_xb = np.minimum.reduceat(found.point_xm, begins, axis=1)
    np.testing.assert_array_equal(found.lower_xb, lower_xb)
    volumes = (found.upper_xb - found.lower_xb).prod(axis=0)  # boxes do not overlap
    assert volumes.sum() < np.ptp(point_mx, axis=0).prod()


def test_kernels_are_compiled_once():
    """Whatever the cell, arrays have the types that are compiled already."""
    counts, walls = [], []
    for shape in SHAPES:
        for options in (None, 'both'):
            atoms, calc = several(shape, 'both')
            calc = calc if options else EntropyCalculator()
            calm = AnnealSchedule(10.0, 0.1, 2, 2)
            dyn = dynamics(atoms, calm, calc, timestep=0.01 * units.fs)
            calc.set(confinement=Confinement.around(atoms, 1.0))
            dyn.run(4)
            counts.append(len(segment.advance.signatures))
            walls.append(calc.confinement is None)
    assert set(walls) == {True, False}  # two types
    first = max(walls.index(True), walls.index(False))
    assert counts[first:] == counts[first : first + 1] * len(counts[first:])


def test_another_wall_is_noticed():
    atoms = random_cell('cluster', 1)
    wall = Confinement.around(atoms, 3.0)
    one = dynamics(atoms, calc=EntropyCalculator(confinement=wall))
    one.run(20)
    other = dynamics(atoms.copy(), calc=EntropyCalculator(confinement=wall))
    other.atoms.set_momenta(one.atoms.get_momenta())
    tight = replace(wall, radius=2.0)
    for dyn in (one, other):
        dyn.rng = np.random.default_rng(1)
        dyn.nsteps = 20
        dyn.atoms.calc.set(confinement=tight)
    one.run(1)
    other.run(1)
    difference = np.abs(one.atoms.positions - other.atoms.positions).max()
    assert difference < SAME_PATH


def test_list_is_rebuilt():
    """Hot light atoms travel farther than the skin many times in 200 steps."""

    def make():
        atoms = paper_cell(3)
        atoms.set_masses(np.full(39, 2.0))
        hot = AnnealSchedule(20_000.0, 10.0, shuffle_steps=100, ramp_steps=400)
        return dynamics(atoms, hot, timestep=0.2 * units.fs)

    compiled, plain = both_paths(make)
    moved = np.linalg.norm(compiled.atoms.positions - paper_cell(3).positions, axis=1)
    assert moved.max() > 3.0
    assert_same_path(compiled, plain)


def test_logs_are_identical(tmp_path):
    """Line by line, all digits: the compiled path stops for the log and goes on."""
    logs = [tmp_path / 'compiled.log', tmp_path / 'plain.log']
    with dynamics(paper_cell(4), logfile=str(logs[0]), loginterval=20) as dyn:
        dyn.run(200)
    with dynamics(paper_cell(4), logfile=str(logs[1]), loginterval=20) as dyn:
        run_plainly(dyn, 200)
    assert len(logs[0].read_text().splitlines()) == 12
    assert logs[0].read_text() == logs[1].read_text()


def test_looking_on_changes_nothing():
    alone, watched = dynamics(paper_cell(1)), dynamics(paper_cell(1))
    watched.attach(lambda: None, interval=7)
    once = []
    watched.attach(lambda: once.append(watched.nsteps), interval=-33)
    alone.run(150)
    watched.run(100)
    watched.run(50)
    assert once == [33]
    np.testing.assert_array_equal(alone.atoms.positions, watched.atoms.positions)


def test_moved_atoms_are_noticed():
    """Somebody moves the atoms between two runs: both paths take it from there."""
    compiled, plain = dynamics(paper_cell(5)), dynamics(paper_cell(5))
    compiled.run(30)
    run_plainly(plain, 30)
    for dyn in (compiled, plain):
        dyn.atoms.positions[3] += (0.9, -0.4, 0.2)
        dyn.atoms.set_cell(dyn.atoms.cell * 1.01, scale_atoms=True)
    compiled.run(60)
    run_plainly(plain, 60)
    assert_same_path(compiled, plain)


def test_blow_up_ends_both_paths_at_the_same_step():
    ends = []
    for plainly in (True, False):
        dyn = dynamics(paper_cell(1), timestep=25 * units.fs)
        with pytest.raises(FloatingPointError, match='an atom moves by'):
            run_plainly(dyn, 500) if plainly else dyn.run(500)
        ends.append(dyn.nsteps)
    assert ends[0] == ends[1] > 0


def test_what_has_no_compiled_form():
    atoms = paper_cell(1)
    atoms.calc = EntropyCalculator()
    assert has_compiled_form(atoms)
    atoms.set_constraint(FixAtoms([0]))
    assert has_compiled_form(atoms)
    atoms.set_constraint(FixCartesian([0], (True, False, False)))
    assert not has_compiled_form(atoms)
    atoms.set_constraint()
    atoms.calc = EntropyCalculator(estimator=NearestNeighborEntropy(softening=0.0))
    assert not has_compiled_form(atoms)
    atoms.calc = EntropyCalculator(estimator=LogDetEntropy(ridge=0.0))
    assert not has_compiled_form(atoms)
    for k, enough in ((38, True), (39, False)):
        estimator = KozachenkoLeonenkoEntropy(k)
        atoms.calc = EntropyCalculator(estimator=estimator)
        assert has_compiled_form(atoms) == enough
        atoms.calc = EntropyCalculator(estimator=PerElement(estimator))
        assert has_compiled_form(atoms) == enough
    atoms.symbols[:30] = 'Ta'
    assert not has_compiled_form(atoms)


@pytest.mark.parametrize('drift', [0.0, 37.0])
@pytest.mark.parametrize('shape', SHAPES)
def test_candidates_of_small_cells_are_all_pairs(shape, drift):
    """The kernel's own list against vesin's, also for atoms far outside of the cell."""
    atoms = random_cell(shape, 4)
    rng = np.random.default_rng(1)
    atoms.positions += drift * rng.standard_normal(3)
    moved = drift * rng.standard_normal((len(atoms), 3))
    atoms.positions += np.round(moved @ np.linalg.inv(atoms.cell.complete()[:])) @ (
        atoms.cell.complete()[:] * atoms.pbc[:, None]
    )
    atoms.calc = EntropyCalculator()
    segments = CompiledSegments(atoms)
    segments._notice_changes()
    assert call(candidates.list_is_good, atoms.positions, segments.lists, True)
    first_n, j_p, shift_pc = segments.lists[:3]
    i_p = np.repeat(np.arange(len(atoms)), np.diff(first_n))
    j_p, shift_pc = j_p[: len(i_p)], shift_pc[: len(i_p)]
    r_pc = atoms.positions[j_p] + shift_pc - atoms.positions[i_p]
    pairs = find_pairs(atoms, atoms.calc.cutoff + SKIN)
    found = np.column_stack([i_p, j_p, r_pc.round(6)])
    expected = np.column_stack([pairs.i_p, pairs.j_p, pairs.r_pc.round(6)])
    np.testing.assert_allclose(
        found[np.lexsort(found.T)], expected[np.lexsort(expected.T)], atol=1e-5
    )


def test_room_for_candidates_grows(monkeypatch):
    """A list for which there was no room is made again, with more."""
    make_room = CompiledSegments._make_room
    rooms = []

    def spy(self, count_n):
        rooms.append(self.lists[6])
        make_room(self, count_n)

    monkeypatch.setattr(CompiledSegments, '_make_room', spy)
    atoms = Atoms('W12', cell=(24, 24, 24), pbc=True)
    atoms.positions = 6.0 * np.indices((2, 2, 3)).reshape(3, -1).T
    atoms.calc = EntropyCalculator()
    segments = CompiledSegments(atoms)
    segments._notice_changes()
    atoms_now = atoms.copy()
    atoms_now.positions = 1.7 * np.indices((2, 2, 3)).reshape(3, -1).T
    assert not call(candidates.list_is_good, atoms_now.positions, segments.lists, True)
    segments._build_list(atoms_now.positions)
    assert call(candidates.list_is_good, atoms_now.positions, segments.lists, True)
    assert rooms[1] > rooms[0]


def test_large_cells_take_the_list_of_vesin():
    small = dynamics(paper_cell(6))
    large = dynamics(paper_cell(6).repeat((2, 2, 2)))
    for dyn in (small, large):
        dyn.run(1)
        dyn.segments._notice_changes()
    assert small.segments.lists[6] > 0
    assert large.segments.lists[6] == 0

    def make():
        calm = AnnealSchedule(3000.0, 100.0, shuffle_steps=20, ramp_steps=400)
        return dynamics(paper_cell(6).repeat((2, 2, 2)), calm)

    assert_same_path(*both_paths(make, 40))


def test_cells_larger_than_an_order():
    """V where atoms are ordered a few hundred at a time, and some have no pairs."""
    calc = EntropyCalculator(k_entropy=10.0)
    atoms = paper_cell(6).repeat((3, 3, 2))
    assert len(atoms) > IN_ORDER + LANES
    atoms.rattle(0.05, seed=1)  # no atom has two nearest neighbors
    atoms.positions[3] = atoms.positions[2] + (1.5, 0.0, 0.0)  # the shortest, of them
    atoms.cell[2, 2] += 9.0
    atoms += Atoms('W3', [(2.0, 2.0, 33.0), (9.0, 2.0, 33.0), (9.0, 3.9, 33.4)])
    atoms.calc = calc
    segments = CompiledSegments(atoms)
    segments._notice_changes()
    parts, (f_rep, f_ent, _) = segments.parts, segments.forces
    call_of = atoms.positions, segments.lists, parts, segments.work, f_rep, f_ent
    e_rep, entropy, shortest2 = call(evaluate.evaluate, *call_of)
    assert call(evaluate.repel_only, *call_of[:3], f_rep, segments.work) == (
        pytest.approx((e_rep, shortest2), rel=1e-12)
    )
    expected = atoms.get_forces()
    scale = np.abs(expected).max()
    np.testing.assert_allclose(f_rep - 10.0 * f_ent, expected, atol=1e-9 * scale)
    found = e_rep, entropy, np.sqrt(shortest2)
    known = calc.e_rep, calc.entropy, calc.shortest_distance
    assert found == pytest.approx(known, rel=1e-12)


@pytest.mark.parametrize('atoms', [3, IN_ORDER, 2 * IN_ORDER + 13])
def test_room_for_rows(atoms):
    """Each octet of atoms takes as many rows as its busiest one; fewer pairs, fewer."""
    count_n = np.random.default_rng(atoms).integers(0, 40, atoms)
    order_n, begin = np.empty(atoms, int), np.empty(42, int)
    fewer_n = count_n * np.random.default_rng(1).random(atoms)
    rows = []
    for own_n in (count_n, fewer_n.astype(int)):
        for first in range(0, atoms, IN_ORDER):
            some = first, min(first + IN_ORDER, atoms)
            call(sort_atoms, own_n, some, begin, order_n)
        assert sorted(order_n) == list(range(atoms))
        octets = [order_n[o : o + LANES] for o in range(0, atoms, LANES)]
        rows.append(sum(own_n[octet].max() for octet in octets))
        assert most_rows(own_n) == rows[-1]
    assert rows[0] > rows[1]
    padded = np.sort(count_n).tolist() + [0] * (-atoms % LANES)
    assert rows[0] <= sum(padded[LANES - 1 :: LANES]) + 40 * (atoms // IN_ORDER + 1)


@pytest.mark.parametrize('entropy', [10.0, 0.0])
def test_nothing_is_kept_by_kernels(entropy):
    """They count no references, but where they would never give back what they got."""
    calm = AnnealSchedule(10.0, entropy, shuffle_steps=0, ramp_steps=10**9)
    dyn = dynamics(paper_cell(2), calm)
    dyn.atoms.calc.set(k_entropy=entropy)
    quench = Quench(dyn.atoms, logfile=None)

    def counts():
        arrays = *dyn.segments.lists[:3], *dyn.segments.work[0], *dyn.segments.forces
        return [sys.getrefcount(x) for x in (dyn.rng, *arrays)]

    def turn():
        dyn.run(1)
        quench.run(1e-9, 1)

    turn()
    before = counts()
    for _ in range(20):
        turn()
    after = counts()
    assert max(np.subtract(after, before)) < 5


def test_species_are_checked_on_the_compiled_path_too():
    atoms = paper_cell(1)
    atoms.symbols[0] = 'Be'
    calc = EntropyCalculator(Bispectrum(species=['W'], components=6))
    dyn = dynamics(atoms, calc=calc)
    dyn.nsteps = 1  # no look at step 0, which would find it first
    with pytest.raises(ValueError, match='expected these elements only'):
        dyn.run(10)


@pytest.mark.parametrize('shape', ['triclinic', 'smaller than the cutoff', 'cluster'])
def test_written_out_recursion_is_the_table(shape):
    """``bispectrum3`` against ``bispectrum_any``, density and gradients."""
    pairs = find_pairs(random_cell(shape, 8), 3.93)
    tables = Bispectrum(rmin0=1.7, rfac0=0.9).tables()
    switch, recursion = tables[0], wigner.recursion(3)
    atoms = len(pairs.numbers_n)
    weight_p = np.linspace(0.5, 2.0, len(pairs.r_p))
    cutoff_p = np.linspace(3.0, 3.93, len(pairs.r_p))
    xyzr, octet, _, _ = pack(
        pairs.i_p, pairs.r_p, pairs.r_pc, cutoff_p, weight_p, atoms
    )
    octets = (atoms + LANES - 1) // LANES
    rows = 0, len(octet), 0
    work = bispectrum_any.scratch(recursion)
    densities = [bispectrum.new_density(octets, tables) for _ in range(2)]
    lanes = xyzr, octet, rows, switch
    call(bispectrum3.add_pairs, *lanes, densities[0])
    call(bispectrum_any.add_pairs, *lanes, recursion, work, densities[1])
    np.testing.assert_allclose(densities[0], densities[1], atol=1e-13)
    bar = np.random.default_rng(1).standard_normal(densities[0].shape)
    gradients = [np.empty(rows[1] * 3 * LANES) for _ in range(2)]
    call(bispectrum3.pull_pairs, *lanes, bar, gradients[0])
    call(bispectrum_any.pull_pairs, *lanes, recursion, work, bar, gradients[1])
    scale = np.abs(gradients[1]).max()
    np.testing.assert_allclose(gradients[0], gradients[1], atol=1e-12 * scale)


def test_straight_code_is_what_python_computes():
    """To the last bit, also where r is 0 or below rmin0."""
    rng = np.random.default_rng(3)
    xyzr = rng.uniform(-2.0, 2.0, (6, LANES))
    xyzr[:3, 0] = 0.0
    xyzr[3] = np.sqrt((xyzr[:3] ** 2).sum(axis=0))
    xyzr[4], xyzr[5] = 3.93, 0.7
    pair, bar = xyzr.ravel(), rng.standard_normal(bispectrum3.ELEMENTS * 2 * LANES)

    def rows(pair, bar, density, gradient):
        bispectrum3._add_row(pair, 0.9, 1.7, density)
        bispectrum3._pull_row(pair, 0.9, 1.7, bar, gradient)

    results = []
    for run in (njit(rows), rows):
        density, gradient = np.ones(len(bar)), np.empty(3 * LANES)
        with np.errstate(divide='ignore', invalid='ignore'):
            run(pair, bar, density, gradient)
        results.append((density, gradient))
    assert np.isfinite(results[0][1]).all()
    for compiled, python in zip(*results, strict=True):
        np.testing.assert_array_equal(compiled, python)


HARVEST = ['harvest', '--fmax', '500', '--shuffle-steps', '10', '--seed', '1']
COLD = """
import sys
from ase_entropy._kernels import minimize, segment
from ase_entropy.campaign import warm_up
from ase_entropy.cli import main

warm_up.usable_cores = lambda: 2
main(sys.argv[1:])
for kernel in (segment.advance, minimize.advance):
    print(sum(kernel.stats.cache_hits.values()), 'of', len(kernel.signatures))
"""


@pytest.mark.slow
def test_first_compilation_is_announced_and_changes_nothing(tmp_path):
    """The quench is compiled by another process, from which this one has it."""
    command = [sys.executable, '-c', COLD, *HARVEST, '--db', 'w.db', '--cycles']
    environment = {**os.environ, 'NUMBA_CACHE_DIR': str(tmp_path / 'cache')}
    printed = [
        subprocess.run(
            [*command, cycles],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for cycles in ('1', '2')
    ]
    assert printed[0].count('compiling the kernels') == 1
    assert 'compiling' not in printed[1]
    found = [text.splitlines()[-2:] for text in printed]
    assert found == [['0 of 1', '1 of 1'], ['1 of 1', '1 of 1']]
    main([*HARVEST, '--cycles', '2', '--db', str(tmp_path / 'here.db')])
    ends = [
        [row.positions.tobytes() for row in connect(tmp_path / name).select()]
        for name in ('w.db', 'here.db')
    ]
    assert len(ends[0]) == 2
    assert ends[0] == ends[1]  # to the last bit, whoever compiled what, and when


@pytest.mark.slow
def test_kernels_follow_those_that_they_call(tmp_path):
    """Also in another file, which numba itself does not look at."""
    shutil.copytree(
        Path(jit.__file__).parents[1],
        tmp_path / 'ase_entropy',
        ignore=shutil.ignore_patterns('__pycache__'),
    )
    code = (
        'from ase_entropy import NearestNeighborEntropy\n'
        'print(NearestNeighborEntropy().evaluate([[0.0], [1.0], [3.0]])[0])'
    )

    def printed():
        environment = {**os.environ, 'PYTHONPATH': str(tmp_path)}
        return subprocess.run(
            [sys.executable, '-c', code],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    before = printed()
    called = tmp_path / 'ase_entropy/_kernels/nearest_entropy.py'
    text = called.read_text()
    larger = text.replace('return np.log(everything)', 'return 9 + np.log(everything)')
    assert larger != text
    called.write_text(larger)
    assert float(printed()) == pytest.approx(float(before) + 9)


def test_nowhere_to_keep_what_was_compiled():
    """Package, home and cache read-only: kernels compile anew, and that is said."""
    code = (
        'import numba.core.caching as c; c.CacheImpl._locator_classes = [];'
        'from ase_entropy._kernels import cache, lanes;'
        'print(lanes.count_octets(9), cache.COMPILING)'
    )
    printed = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True
    ).stdout
    assert '2 compiling the kernels of descriptors' in printed
    assert 'half a minute of one core, now and in every worker' in printed
    assert 'set NUMBA_CACHE_DIR to a folder that can be written' in printed


def test_sine_and_cosine():
    for x in np.linspace(-30.0, 30.0, 2001):
        sine, cosine = sine_cosine(x)
        assert abs(sine - np.sin(x)) < 1e-15
        assert abs(cosine - np.cos(x)) < 1e-15


@pytest.mark.parametrize('components', [1, 2, 6])
@pytest.mark.parametrize('points', [2, 17, 400, 3000])
def test_nearest_neighbors_are_those_of_a_tree(points, components, monkeypatch):
    rng = np.random.default_rng(points)
    q_kn = rng.standard_normal((components, points)) ** 3
    q_kn[:, : points // 9] = q_kn[:, points // 9 : 2 * (points // 9)]  # duplicates
    expected_n = cKDTree(q_kn.T).query(q_kn.T, k=2)[0][:, 1]
    monkeypatch.setattr(nearest, 'SWEEP_ABOVE', 0)
    work = nearest.neighbor_work(components, points)
    nearest_n, d2_n = work[:2]
    for compare in ((nearest._compare_all, work), (nearest._sweep, work, work[3])):
        call(compare[0], q_kn, points, *compare[1:])
        assert (nearest_n != np.arange(points)).all()
        np.testing.assert_allclose(np.sqrt(d2_n), expected_n, atol=1e-12)
        links = np.linalg.norm(q_kn - q_kn[:, nearest_n], axis=0)
        np.testing.assert_allclose(links, expected_n, atol=1e-12)


@pytest.mark.parametrize('shape', ['one point', 'line', 'outliers', 'two clouds'])
def test_sweep_where_points_do_not_fill_space(shape):
    rng = np.random.default_rng(4)
    q_kn = rng.standard_normal((6, 500))
    if shape == 'one point':
        q_kn[:] = 0.7
    elif shape == 'line':
        q_kn = np.outer(np.arange(6.0), q_kn[0])
    elif shape == 'outliers':
        q_kn[:, ::50] *= 1e6
    else:
        q_kn[:, ::3] += 1e4
    work = nearest.neighbor_work(6, 500)
    call(nearest._sweep, q_kn, 500, work, work[3])
    nearest_n, d2_n = work[0], work[1]
    expected_n = cKDTree(q_kn.T).query(q_kn.T, k=2)[0][:, 1]
    np.testing.assert_allclose(np.sqrt(d2_n), expected_n, rtol=1e-12)
    links = np.linalg.norm(q_kn - q_kn[:, nearest_n], axis=0)
    np.testing.assert_allclose(links, expected_n, rtol=1e-12)
    assert (nearest_n != np.arange(500)).all()
