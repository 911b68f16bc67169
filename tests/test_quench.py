"""The quench ends in converged minima, whoever looks on, on any atoms."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.filters import FrechetCellFilter
from ase.io import read
from ase.optimize import BFGSLineSearch
from ase.utils.abc import Optimizable
from cells import SHAPES, paper_cell, random_cell
from estimators import KINDS
from kernels import call
from scipy.optimize import minimize as scipy_minimize
from scipy.optimize import rosen, rosen_der

from ase_entropy import EntropyCalculator, Ladder, MixedClarkeSmith, Quench
from ase_entropy._kernels import bfgs, minimize
from ase_entropy.campaign.recipes import DEFAULT, LITERAL, RECIPES
from ase_entropy.dynamics.compiled_form import has_compiled_form
from ase_entropy.entropy import (
    KozachenkoLeonenkoEntropy,
    NearestNeighborEntropy,
    at_order,
)


def small_cell(seed=1, calc=None):
    atoms = random_cell('triclinic', seed)
    atoms.calc = calc or EntropyCalculator(k_entropy=300.0)
    return atoms


def largest_force(atoms):
    return np.linalg.norm(atoms.get_forces(), axis=1).max()


def exact_v(atoms):
    calc = EntropyCalculator(k_entropy=atoms.calc.k_entropy)
    return calc.get_potential_energy(atoms)


@pytest.mark.parametrize('seed', range(3))
def test_paper_cell_converges(seed):
    atoms = paper_cell(seed)
    atoms.calc = EntropyCalculator()
    before = exact_v(atoms)
    quench = Quench(atoms, logfile=None)
    assert quench.run(fmax=0.05)
    assert largest_force(atoms) < 0.05
    assert exact_v(atoms) < before - 1000.0
    assert atoms.calc.estimator == at_order(NearestNeighborEntropy(), Ladder.orders[-1])
    assert not quench.stuck
    assert quench.nsteps < quench.evaluations < 1.2 * quench.nsteps


@pytest.mark.parametrize('k', [1, 4])
def test_kth_neighbors_converge_on_the_ladder(k):
    atoms = paper_cell(1)
    atoms.calc = EntropyCalculator(estimator=KozachenkoLeonenkoEntropy(k))
    quench = Quench(atoms, logfile=None)
    assert quench.run(fmax=0.05, steps=3000)
    assert largest_force(atoms) < 0.05
    assert atoms.calc.estimator == KozachenkoLeonenkoEntropy(k, order=Ladder.orders[-1])


def test_ladder_leads_lower_than_the_exact_estimator():
    """By the exact V itself, on average over starts."""
    ends = {}
    for orders in ((np.inf,), (2, 24)):
        starts = [paper_cell(seed) for seed in range(4)]
        for atoms in starts:
            atoms.calc = EntropyCalculator()
            Quench(atoms, orders, logfile=None).run(steps=1500)
        ends[orders] = np.mean([exact_v(atoms) for atoms in starts])
    assert ends[(2, 24)] < ends[(np.inf,)] - 200.0


@pytest.mark.parametrize('shape', SHAPES)
def test_every_cell(shape):
    atoms = random_cell(shape, 3)
    atoms.calc = EntropyCalculator(k_entropy=10.0)
    assert Quench(atoms, (2, 12), logfile=None).run(fmax=0.05, steps=3000)
    assert largest_force(atoms) < 0.05


def plain(quench):
    """Take the path of foreign calculators."""
    quench._alone = False
    return quench


@pytest.mark.parametrize('shape', SHAPES)
def test_compiled_quench_is_the_plain_one(shape):
    ends = []
    for path in (plain, lambda quench: quench):
        atoms = random_cell(shape, 2)
        atoms.calc = EntropyCalculator(k_entropy=100.0)
        quench = path(Quench(atoms, (3, 24), logfile=None))
        quench.run(steps=12)
        ends.append((quench.nsteps, quench.evaluations, atoms.get_positions()))
    assert ends[0][:2] == ends[1][:2]
    np.testing.assert_allclose(ends[0][2], ends[1][2], atol=1e-8)


def test_looking_on_changes_nothing(tmp_path):
    """Log, trajectory, observers, irun, several runs: the same path, bit for bit."""
    alone = small_cell()
    quench = Quench(alone, logfile=None)
    assert quench.run()
    log, path = tmp_path / 'quench.log', tmp_path / 'quench.traj'
    logged = small_cell()
    seen = []
    with Quench(logged, logfile=str(log), trajectory=path) as watched:
        watched.attach(lambda: seen.append(watched.nsteps), 7)
        assert watched.run()
    assert seen == list(range(0, watched.nsteps + 1, 7))
    assert len(log.read_text().splitlines()) == watched.nsteps + 2
    images = read(path, ':')
    assert len(images) == watched.nsteps + 1
    np.testing.assert_array_equal(images[-1].positions, alone.positions)
    stepwise, pieces, observed = small_cell(), small_cell(), small_cell()
    yields = list(Quench(stepwise, logfile=None).irun())
    assert yields[-1]
    assert len(yields) == quench.nsteps + 1
    in_pieces = Quench(pieces, logfile=None)
    while not in_pieces.run(steps=11):
        pass
    eyes = Quench(observed, logfile=None)
    calls = []
    eyes.attach(lambda: calls.append(eyes.nsteps), 5)
    eyes.run()
    assert calls == list(range(0, eyes.nsteps + 1, 5))
    for atoms in (logged, stepwise, pieces, observed):
        np.testing.assert_array_equal(atoms.positions, alone.positions)
    for other in (watched, in_pieces, eyes):
        assert (other.nsteps, other.evaluations) == (quench.nsteps, quench.evaluations)


def test_each_rung_starts_where_the_last_one_ended():
    rungs = []
    atoms = small_cell()
    quench = Quench(atoms, (2, 12, 48), logfile=None)
    quench.attach(lambda: rungs.append((quench.rung, atoms.calc.estimator.order)))
    assert quench.run()
    assert sorted(set(rungs)) == [(0, 2), (1, 12), (2, 48)]
    assert rungs == sorted(rungs)


def test_convergence_is_that_of_the_last_rung():
    atoms = small_cell()
    Quench(atoms, (2,), logfile=None).run()
    quench = Quench(atoms, (2, 48), logfile=None)
    assert not quench.run(steps=0)
    assert quench.run()


@pytest.mark.parametrize(
    'kind',
    [
        'order 1',
        'order 6, soft',
        'order 7.5',
        'order 96',
        pytest.param('Silverman', marks=pytest.mark.slow),
    ],
)
def test_smooth_estimators_converge_as_they_are(kind):
    cls, settings = KINDS[kind]
    atoms = small_cell(calc=EntropyCalculator(estimator=cls(**settings), k_entropy=30))
    assert Quench(atoms, (), logfile=None).run(fmax=0.05, steps=3000)
    assert type(atoms.calc.estimator) is cls


def test_exact_estimator_does_not_converge():
    """It gets low, and says that it is not at a minimum."""
    atoms = small_cell()
    before = atoms.get_potential_energy()
    quench = Quench(atoms, (np.inf,), logfile=None)
    assert not quench.run(steps=800)
    assert quench.stuck or quench.nsteps == 800
    assert largest_force(atoms) > 0.05
    assert atoms.get_potential_energy() < before - 100.0


class NoDescriptor:
    """A descriptor that must not be asked."""

    cutoff = 3.0

    def evaluate(self, pairs):
        raise AssertionError('descriptors were computed')


@pytest.mark.parametrize('descriptor', [None, NoDescriptor()])
def test_no_descriptors_without_entropy(descriptor):
    atoms = random_cell('triclinic', 1)
    atoms.calc = EntropyCalculator(descriptor, k_entropy=0.0)
    assert Quench(atoms, logfile=None).run(fmax=0.01)
    assert atoms.get_potential_energy() == pytest.approx(0.0, abs=0.1)
    assert atoms.calc.estimator == NearestNeighborEntropy()


def test_any_calculator_and_any_cell_filter():
    atoms = bulk('Cu', cubic=True, a=3.8) * 2
    atoms.rattle(0.1, seed=1)
    atoms.calc = EMT()
    assert Quench(FrechetCellFilter(atoms), logfile=None).run(fmax=1e-3)
    again = bulk('Cu', cubic=True, a=3.8)
    again.calc = EMT()
    BFGSLineSearch(FrechetCellFilter(again), logfile=None).run(fmax=1e-3)
    energies = [atoms.get_potential_energy() / 32, again.get_potential_energy() / 4]
    assert energies[0] == pytest.approx(energies[1], abs=1e-6)
    np.testing.assert_allclose(atoms.get_stress(), 0.0, atol=1e-4)


def test_fixed_atoms_stay():
    atoms = small_cell()
    atoms.set_constraint(FixAtoms([0, 3]))
    assert has_compiled_form(atoms)
    before = atoms.get_positions()
    assert Quench(atoms, (2, 12), logfile=None).run(fmax=0.05, steps=2000)
    np.testing.assert_array_equal(atoms.positions[[0, 3]], before[[0, 3]])


def test_goes_on_and_begins_anew():
    """A run on converged atoms does nothing; on moved ones it is a new ladder."""
    atoms = small_cell(1)
    quench = Quench(atoms, (2, 24), logfile=None)
    assert quench.run()
    steps, there = quench.nsteps, atoms.get_positions()
    assert quench.run()
    assert quench.nsteps == steps
    np.testing.assert_array_equal(atoms.positions, there)
    rungs = []
    quench.attach(lambda: rungs.append(quench.rung))
    assert quench.run(fmax=1e-4)
    assert set(rungs) == {1}
    assert largest_force(atoms) < 1e-4
    atoms.positions = random_cell('triclinic', 2).positions
    assert quench.run()
    fresh = small_cell(2)
    Quench(fresh, (2, 24), logfile=None).run()
    np.testing.assert_array_equal(atoms.positions, fresh.positions)


def test_changes_after_construction_are_noticed():
    atoms = small_cell(1)
    quench = Quench(atoms, (2,), logfile=None)
    atoms.set_constraint(FixAtoms([0]))
    before = atoms.positions[0].copy()
    assert quench.run(steps=2000)
    np.testing.assert_array_equal(atoms.positions[0], before)
    other = small_cell(1)
    quench = Quench(other, (2,), logfile=None)
    other.calc.set(repulsion=MixedClarkeSmith(('W',)))
    assert quench.run(steps=2000)


def test_a_number_that_is_none_is_no_convergence():
    for place in range(3):
        gradient_nc = np.zeros((3, 3))
        gradient_nc[place, 1] = np.nan
        assert np.isnan(call(minimize._largest, gradient_nc))


class Function(Optimizable):
    """Any function of many variables, as ASE wants it."""

    calc = None

    def __init__(self, x, value, gradient):
        self.x, self.value, self.gradient = np.array(x), value, gradient

    def ndofs(self):
        return len(self.x)

    def get_x(self):
        return self.x.copy()

    def set_x(self, x):
        self.x = np.array(x)

    def get_value(self):
        return self.value(self.x)

    def get_gradient(self):
        return self.gradient(self.x)

    def gradient_norm(self, gradient):
        return np.abs(gradient).max()

    def iterimages(self):
        yield Atoms()


def test_long_curved_valley():
    """More steps than are remembered, to the minimum that scipy finds."""
    start = np.tile([-1.2, 1.0], 60)
    function = Function(start, rosen, rosen_der)
    quench = Quench(function, logfile=None)
    assert quench.run(fmax=1e-6, steps=3000)
    assert quench.nsteps > bfgs.MEMORY
    reference = scipy_minimize(rosen, start, jac=rosen_der, method='L-BFGS-B')
    assert function.get_value() <= reference.fun + 1e-8
    np.testing.assert_allclose(function.x, 1.0, atol=1e-5)


def test_paraboloid():
    """Quadratic, of a hundred curvatures: superlinear, without line searches."""
    curvature = np.linspace(1.0, 500.0, 30)
    function = Function(
        np.full(30, 0.2),
        lambda x: 0.5 * np.sum(curvature * x**2),
        lambda x: curvature * x,
    )
    quench = Quench(function, logfile=None)
    assert quench.run(fmax=1e-9, steps=200)
    assert quench.nsteps <= 80
    assert quench.evaluations <= 1.3 * quench.nsteps


def test_kinks_are_no_place_to_converge():
    function = Function(
        np.array([0.7, -0.3, 1.1]), lambda x: np.abs(x).sum(), lambda x: np.sign(x)
    )
    assert not Quench(function, logfile=None).run(fmax=1e-3, steps=500)
    assert function.get_value() < 1e-3


def test_gets_stuck_where_no_step_leads_down():
    """A gradient that lies: the search ends, says so, and is back where it began."""
    start = np.array([0.7, -0.3, 1.1])
    for run in (lambda q: q.run(1e-3, 500), lambda q: list(q.irun(1e-3, 500))[-1]):
        function = Function(start, lambda x: np.sum(x**2), lambda x: -2 * x)
        quench = Quench(function, logfile=None)
        assert not run(quench)
        assert quench.stuck
        assert quench.nsteps <= 1
        np.testing.assert_array_equal(function.x, start)
        function.gradient = lambda x: 2 * x  # and the truth, after all
        assert quench.run(1e-3, 500)
        assert not quench.stuck


def test_a_wall_is_not_crossed():
    """Not a number beyond x = 1: the search turns back."""
    function = Function(
        np.full(3, 0.5),
        lambda x: -np.log(1 - x).sum() - 3 * x.sum() if (x < 1).all() else np.nan,
        lambda x: 1 / (1 - x) - 3 if (x < 1).all() else np.full(3, np.nan),
    )
    assert Quench(function, logfile=None).run(fmax=1e-8, steps=100)
    np.testing.assert_allclose(function.x, 2 / 3, atol=1e-8)


def test_ladder_has_a_name():
    assert Ladder((2, 12, 48)).name == 'p2-p12-p48'
    assert Ladder((7.5, np.inf)).name == 'p7.5-pinf'
    assert Ladder(()).name == 'as-it-is'


def test_every_recipe_leads_down():
    for name, recipe in RECIPES.items():
        assert bool(recipe.schedule.ramp_steps) == ('anneal' in name)
        assert bool(recipe.ladder) == ('quench' in name)
    assert RECIPES[LITERAL].estimator.order == np.inf
    assert DEFAULT in RECIPES
