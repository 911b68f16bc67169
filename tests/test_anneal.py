"""The dynamics: statistics of the bath, the cycle, and ASE's conventions."""

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.harmonic import SpringCalculator
from ase.constraints import FixAtoms
from ase.io import read
from ase.md import VelocityVerlet, thermalize_momenta
from cells import paper_cell, random_cell

from ase_entropy import ClarkeSmith, CyclicLangevin, EntropyCalculator
from ase_entropy.dynamics.motion import FRICTION
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import NearestNeighborEntropy

SHORT = AnnealSchedule(shuffle_steps=4, ramp_steps=6)


def anneal(seed=1, schedule=SHORT, **kwargs):
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    rng = np.random.default_rng(seed)
    return CyclicLangevin(atoms, schedule=schedule, rng=rng, **kwargs)


def test_bath_follows_the_ramp():
    dyn = anneal()
    trace = []
    for _ in dyn.irun(2 * SHORT.cycle_steps):
        trace.append((dyn.temperature_K, dyn.k_entropy, dyn.atoms.calc.k_entropy))
    expected = [SHORT(step) for step in range(SHORT.cycle_steps)] * 2
    assert [row[:2] for row in trace[1:]] == expected
    assert trace[SHORT.cycle_steps] == (0.0, 1000.0, 1000.0)
    assert trace[SHORT.cycle_steps + 1] == (10_000.0, 0.0, 0.0)
    assert all(k == k_calc for _, k, k_calc in trace)


def test_same_seed_same_path():
    first, second, third = anneal(seed=3), anneal(seed=3), anneal(seed=4)
    for dyn in (first, second, third):
        dyn.run_cycles(1)
    np.testing.assert_array_equal(first.atoms.positions, second.atoms.positions)
    np.testing.assert_array_equal(first.atoms.get_momenta(), second.atoms.get_momenta())
    assert not np.allclose(first.atoms.positions, third.atoms.positions)


def test_in_pieces_or_in_one_go():
    whole, pieces = anneal(), anneal()
    whole.run_cycles(3)
    pieces.run(7)
    pieces.run_cycles(1)
    assert pieces.nsteps == SHORT.cycle_steps
    pieces.run_cycles(0)
    pieces.run_cycles(2)
    np.testing.assert_array_equal(whole.atoms.positions, pieces.atoms.positions)


def test_cycle_begins_anew():
    dyn = anneal()
    dyn.run(7)
    dyn.begin_cycle()
    assert (dyn.temperature_K, dyn.k_entropy) == SHORT(0)
    dyn.run_cycles(1)
    assert dyn.nsteps == 7 + SHORT.cycle_steps
    assert (dyn.temperature_K, dyn.k_entropy) == (0.0, 1000.0)


@pytest.mark.parametrize('phase', ['shuffle', 'ramp'])
def test_friction_of_each_phase(phase):
    """Momentum decays by exp(-friction dt) where there is neither force nor heat."""
    frictions = {'shuffle': 0.3 / units.fs, 'ramp': 0.7 / units.fs}
    atoms = Atoms('W2', [(0, 0, 0), (50, 0, 0)])
    atoms.calc = EntropyCalculator()
    atoms.set_momenta(np.ones((2, 3)))
    steps = {'shuffle': (1, 0), 'ramp': (0, 2)}[phase]
    dyn = CyclicLangevin(
        atoms,
        schedule=AnnealSchedule(0.0, 0.0, *steps),
        friction=frictions['ramp'],
        shuffle_friction=frictions['shuffle'],
        rng=np.random.default_rng(0),
    )
    dyn.run(1)
    decay = np.exp(-frictions[phase] * dyn.dt)
    np.testing.assert_allclose(atoms.get_momenta(), decay, rtol=1e-12)


def test_one_force_evaluation_per_step(monkeypatch):
    dyn = anneal(schedule=AnnealSchedule(shuffle_steps=0, ramp_steps=50))
    calls = []
    evaluate = type(dyn.atoms.calc.descriptor).evaluate
    monkeypatch.setattr(
        type(dyn.atoms.calc.descriptor),
        'evaluate',
        lambda self, pairs: calls.append(1) or evaluate(self, pairs),
    )
    for _ in dyn.irun(50):
        pass
    assert 0 < len(calls) <= 51


def test_no_descriptors_while_k_is_zero(monkeypatch):
    dyn = anneal(schedule=AnnealSchedule(shuffle_steps=20, ramp_steps=0))
    calls = []
    monkeypatch.setattr(
        type(dyn.atoms.calc.descriptor), 'evaluate', lambda *args: calls.append(1)
    )
    for _ in dyn.irun(20):
        pass
    assert not calls


def test_equipartition_without_entropy():
    """3/2 kT per atom within 2 %, for the whole cell and along each direction."""
    atoms = paper_cell(1)
    atoms.calc = EntropyCalculator()
    schedule = AnnealSchedule(shuffle_steps=100, ramp_steps=0)
    dyn = CyclicLangevin(
        atoms,
        schedule=schedule,
        shuffle_friction=FRICTION,  # strong: many independent samples
        rng=np.random.default_rng(1),
    )
    dyn.run(500)
    kinetic_c = []
    dyn.attach(
        lambda: kinetic_c.append((atoms.get_momenta() ** 2 / dyn.masses).mean(axis=0)),
        interval=5,
    )
    dyn.run(12_000)
    temperature_c = np.mean(kinetic_c, axis=0) / units.kB
    assert temperature_c.mean() == pytest.approx(10_000.0, rel=0.02)
    np.testing.assert_allclose(temperature_c, 10_000.0, rtol=0.04)


def test_spread_of_a_spring_is_exact_at_large_steps():
    """BAOAB samples <x^2> = kT/k exactly for a harmonic force, whatever dt is."""
    n, k, temperature_K = 400, 5.0, 300.0
    rng = np.random.default_rng(2)
    atoms = Atoms('W' * n, positions=rng.random((n, 3)) * 100)
    atoms.calc = SpringCalculator(atoms.positions.copy(), k)
    home_nc = atoms.positions.copy()
    period = 2 * np.pi * np.sqrt(atoms.get_masses()[0] / k)
    schedule = AnnealSchedule(temperature_K, 0.0, shuffle_steps=10, ramp_steps=0)
    thermalize_momenta(atoms, temperature_K, rng=rng)
    dyn = CyclicLangevin(
        atoms, period / 5, schedule, rng=rng, shuffle_friction=2 / period
    )
    dyn.run(100)
    squares = []
    dyn.attach(lambda: squares.append(((atoms.positions - home_nc) ** 2).mean()), 5)
    dyn.run(2000)
    assert np.mean(squares) == pytest.approx(units.kB * temperature_K / k, rel=0.01)


def test_energy_is_conserved_away_from_kinks():
    """Velocity Verlet: the error is second order in the time step, without drift."""

    def trace(timestep_fs):
        atoms = Atoms('W3', [(0, 0, 0), (2.6, 0.1, 0), (0.5, 3.3, 0.2)])
        atoms.calc = EntropyCalculator(
            estimator=NearestNeighborEntropy(softening=0.01),
            repulsion=ClarkeSmith(epsilon=0.0),  # its force jumps at the cutoff
            k_entropy=0.3,
        )
        thermalize_momenta(atoms, 20.0, rng=np.random.default_rng(3))
        energies, links = [], set()

        def look():
            energies.append(atoms.get_total_energy())
            q_nk = atoms.calc.q_nk
            distance_nn = np.linalg.norm(q_nk[:, None] - q_nk[None], axis=-1)
            links.add(tuple(np.argsort(distance_nn, axis=1)[:, 1]))

        with VelocityVerlet(atoms, timestep_fs * units.fs) as dyn:
            dyn.attach(look)
            dyn.run(round(400 / timestep_fs))
        assert len(links) == 1  # else the force has jumped
        return np.array(energies)

    coarse, fine = trace(2.0), trace(1.0)
    ratio = np.abs(coarse - coarse[0]).max() / np.abs(fine - fine[0]).max()
    assert ratio == pytest.approx(4.0, rel=0.3)
    drift = np.polyfit(np.linspace(0, 1, len(fine)), fine, 1)[0]
    assert abs(drift) < 1e-5


def test_foreign_calculator_is_annealed_too():
    atoms = bulk('Cu', cubic=True).repeat(2)
    atoms.calc = EMT()
    schedule = AnnealSchedule(300.0, 0.0, shuffle_steps=5, ramp_steps=10)
    dyn = CyclicLangevin(atoms, schedule=schedule, rng=np.random.default_rng(0))
    dyn.run_cycles(1)
    assert dyn.temperature_K == 0.0
    assert atoms.get_temperature() > 0.0


def test_fixed_atoms_stay():
    dyn = anneal()
    dyn.atoms.set_constraint(FixAtoms([0, 3]))
    before = dyn.atoms.get_positions()
    dyn.run_cycles(1)
    moved = np.abs(dyn.atoms.positions - before).max(axis=1) > 0
    assert not moved[[0, 3]].any()
    assert moved[[1, 2, 4]].all()


def test_log_and_trajectory(tmp_path):
    log, trajectory = tmp_path / 'md.log', tmp_path / 'md.traj'
    with anneal(logfile=str(log), trajectory=str(trajectory), loginterval=5) as dyn:
        dyn.run_cycles(1)
    header, *lines = log.read_text().splitlines()
    assert header.split() == [
        'step', 'T_bath[K]', 'T[K]', 'K[eV]', 'E_rep[eV]', 'S[nats]', 'V[eV]',
        'fmax[eV/A]',
    ]  # fmt: skip
    rows = np.array([[float(x) for x in line.split()] for line in lines])
    np.testing.assert_array_equal(rows[:, 0], [0, 5, 10])
    np.testing.assert_allclose(
        rows[:, 4] - rows[:, 3] * rows[:, 5], rows[:, 6], atol=0.1
    )
    assert rows[-1, 1] == 0.0
    assert rows[-1, 3] == 1000.0
    images = read(trajectory, ':')
    assert len(images) == 3
    assert images[-1].get_potential_energy() == dyn.atoms.get_potential_energy()
    assert dyn.todict()['schedule']['ramp_steps'] == 6


def test_ramp_to_zero_ends_cold():
    """The paper's cell and the default time step and friction, on a short ramp."""
    atoms = paper_cell(3)
    atoms.calc = EntropyCalculator()
    schedule = AnnealSchedule(shuffle_steps=200, ramp_steps=4000)
    dyn = CyclicLangevin(atoms, schedule=schedule, rng=np.random.default_rng(3))
    dyn.run_cycles(1)
    assert atoms.get_temperature() < 1000.0
    assert atoms.calc.entropy > 4.8
