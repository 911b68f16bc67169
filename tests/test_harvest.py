"""Rows of the database: complete, reproducible, never lost, never wrong."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from ase import Atoms, units
from ase.constraints import FixAtoms
from ase.db import connect
from ase.md import thermalize_momenta
from cells import paper_cell, random_cell
from test_errors import complaint

from ase_entropy import (
    Bispectrum,
    ClarkeSmith,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    KernelEntropy,
    Ladder,
    NearestNeighborEntropy,
    Quench,
    Recipe,
    SmoothNearestNeighborEntropy,
)
from ase_entropy.campaign import SetRecipe
from ase_entropy.cli import main
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.pairs import shortest_distance
from ase_entropy.starts import Isolated
from ase_entropy.store.database import open_database
from ase_entropy.store.transactions import writer_lock

SHORT = AnnealSchedule(shuffle_steps=10, ramp_steps=20)
SHUFFLE = AnnealSchedule(shuffle_steps=10, ramp_steps=0)
CLOCKS = ('ctime', 'mtime', 'unique_id', 'user')


def silent(line):
    pass


def harvest(path, cycles, seed=1, schedule=SHORT, report=silent, calc=None, **kwargs):
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = calc or EntropyCalculator()
    rng = np.random.default_rng(seed)
    dyn = CyclicLangevin(atoms, schedule=schedule, rng=rng)
    result = Harvest(dyn, path, report=report, **kwargs)
    result.run(cycles)
    return result


def contents(path):
    """Return all that a database says, but for ids and times, as comparable text."""
    rows = []
    for row in connect(path).select():
        dct = {key: row[key] for key in row if key not in (*CLOCKS, 'id')}
        dct['data'] = dict(row.data)
        rows.append(json.dumps(dct, default=lambda x: np.asarray(x).tolist()))
    return rows


def test_a_row_says_everything(tmp_path):
    dyn = harvest(tmp_path / 'w.db', 1).dyn
    (row,) = connect(tmp_path / 'w.db').select()
    calc = dyn.atoms.calc
    assert row.stage == 'biased'
    assert (row.cycle, row.walker, row.attempts, row.steps) == (0, 0, 1, 30)
    assert row.entropy == row.entropy_model == calc.entropy
    assert (row.recipe, row.orders, row.evaluations) == ('anneal', 'none', 30)
    assert row.e_rep == calc.e_rep
    assert row.k_entropy == 1000.0
    assert row.temperature_k == 10_000.0
    assert row.min_distance == shortest_distance(dyn.atoms)
    assert row.effective_energy == row.e_rep - row.k_entropy * row.entropy
    assert row.max_force == np.linalg.norm(dyn.atoms.get_forces(), axis=1).max()
    assert row.converged == 0
    np.testing.assert_array_equal(row.data['effective_stress'], dyn.atoms.get_stress())
    np.testing.assert_array_equal(row.data['q_nk'], calc.q_nk)
    database = connect(tmp_path / 'w.db')
    assert 'entropy' in database.metadata['key_descriptions']
    assert 'entropy' in database.metadata['default_columns']
    undescribed = set(row.key_value_pairs) - set(database.metadata['key_descriptions'])
    assert not undescribed


def test_a_quenched_row_says_how(tmp_path):
    """The energy is that of the last rung; `entropy` is exact, of plain descriptors."""
    start = NearestNeighborEntropy(scale_k=(9.0, 5, 5, 5, 5, 5))
    calc = EntropyCalculator(estimator=start)
    dyn = harvest(
        tmp_path / 'w.db', 2, schedule=SHUFFLE, calc=calc, ladder=Ladder((3, 24))
    ).dyn
    assert dyn.atoms.calc.estimator == start
    for row in connect(tmp_path / 'w.db').select():
        assert (row.stage, row.recipe, row.orders) == ('biased', 'quench', 'p3-p24')
        assert row.converged
        assert row.max_force < 0.05
        assert row.k_entropy == 1000.0
        assert row.final_temperature_k == 0.0
        assert row.evaluations > row.steps == 10
        assert row.effective_energy == row.e_rep - 1000.0 * row.entropy_model
        exact = NearestNeighborEntropy().evaluate(row.data['q_nk'])[0]
        assert row.entropy == exact
        assert row.entropy > row.entropy_model
        described = connect(tmp_path / 'w.db').metadata['key_descriptions']
        assert not set(row.key_value_pairs) - set(described)
        rebuilt = EntropyCalculator.fromdict(row.data['calculator'])
        assert rebuilt.estimator.order == 24
        assert rebuilt.get_potential_energy(row.toatoms()) == row.effective_energy
        assert row.data['quench'] == {'orders': [3, 24], 'fmax': 0.05, 'steps': 5000}


@pytest.mark.parametrize(
    ('schedule', 'estimator', 'orders'),
    [
        (SHUFFLE, NearestNeighborEntropy(), (2, np.inf)),
        (SHORT, SmoothNearestNeighborEntropy(3), (2, 24)),
        (SHUFFLE, KernelEntropy(), ()),
    ],
)
def test_quenched_cycle_is_repeated_from_its_row(tmp_path, schedule, estimator, orders):
    calc = EntropyCalculator(estimator=estimator, k_entropy=1.0)
    ladder = Ladder(orders, steps=60)
    harvest(tmp_path / 'w.db', 2, schedule=schedule, calc=calc, ladder=ladder)
    _, row = connect(tmp_path / 'w.db').select()
    settings = row.data['dynamics']
    dct = {**row.data['calculator'], 'estimator': settings['estimator']}
    atoms = row.toatoms()
    atoms.positions = row.data['start_positions']
    atoms.calc = EntropyCalculator.fromdict(json.loads(json.dumps(dct)))
    rng = np.random.default_rng(row.seed)
    thermalize_momenta(atoms, row.temperature_k, rng=rng)
    dyn = CyclicLangevin(
        atoms, schedule=AnnealSchedule(**settings['schedule']), rng=rng
    )
    dyn.run_cycles(1)
    atoms.calc.set(k_entropy=row.k_entropy)
    ladder = Ladder(**json.loads(json.dumps(row.data['quench'])))
    quench = Quench(atoms, ladder.orders, None)
    quench.run(steps=ladder.steps)
    np.testing.assert_array_equal(atoms.positions, row.positions)
    assert row.evaluations == row.steps + quench.evaluations


def test_a_quench_that_runs_out_of_steps_has_its_last_rung_in_the_row(tmp_path):
    ladder = Ladder((2, 24), steps=3)
    harvest(tmp_path / 'w.db', 1, schedule=SHUFFLE, ladder=ladder)
    (row,) = connect(tmp_path / 'w.db').select()
    assert not row.converged
    assert row.data['calculator']['estimator']['order'] == 24
    rebuilt = EntropyCalculator.fromdict(row.data['calculator'])
    assert rebuilt.get_potential_energy(row.toatoms()) == row.effective_energy


def test_rows_do_not_depend_on_who_looks_on(tmp_path):
    harvest(tmp_path / 'alone.db', 2, ladder=Ladder())
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    dyn = CyclicLangevin(
        atoms,
        schedule=SHORT,
        rng=np.random.default_rng(1),
        trajectory=tmp_path / 'w.traj',
    )
    Harvest(dyn, tmp_path / 'watched.db', report=silent, ladder=Ladder()).run(2)
    assert contents(tmp_path / 'watched.db') == contents(tmp_path / 'alone.db')


def test_calculator_is_rebuilt_from_a_row(tmp_path):
    harvest(tmp_path / 'w.db', 1)
    (row,) = connect(tmp_path / 'w.db').select()
    atoms = row.toatoms()
    atoms.calc = EntropyCalculator.fromdict(row.data['calculator'])
    assert atoms.get_potential_energy() == row.effective_energy
    np.testing.assert_array_equal(atoms.get_forces(), row.data['effective_forces'])
    np.testing.assert_array_equal(atoms.get_stress(), row.data['effective_stress'])


def test_cycle_is_repeated_from_a_row(tmp_path):
    """Start positions, seed and dynamics of the second row give its end again."""
    harvest(tmp_path / 'w.db', 2)
    _, row = connect(tmp_path / 'w.db').select()
    atoms = row.toatoms()
    atoms.positions = row.data['start_positions']
    atoms.calc = EntropyCalculator.fromdict(row.data['calculator'])
    rng = np.random.default_rng(row.seed)
    thermalize_momenta(atoms, row.temperature_k, rng=rng)
    settings = row.data['dynamics']
    dyn = CyclicLangevin(
        atoms,
        settings['timestep'],
        AnnealSchedule(**settings['schedule']),
        settings['friction'],
        shuffle_friction=settings['shuffle_friction'],
        rng=rng,
    )
    dyn.run_cycles(1)
    np.testing.assert_array_equal(atoms.positions, row.positions)


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_same_seed_same_rows(tmp_path, name):
    for folder in ('one', 'two', 'three'):
        (tmp_path / folder).mkdir()
    harvest(tmp_path / 'one' / name, 3)
    harvest(tmp_path / 'two' / name, 3)
    harvest(tmp_path / 'three' / name, 3, seed=2)
    assert contents(tmp_path / 'one' / name) == contents(tmp_path / 'two' / name)
    assert contents(tmp_path / 'one' / name) != contents(tmp_path / 'three' / name)


def test_two_harvests_of_one_dynamics_share_the_seed(tmp_path):
    first = harvest(tmp_path / 'one.db', 1)
    second = Harvest(first.dyn, tmp_path / 'two.db', report=silent)
    assert second.cycle_seed(0) == first.cycle_seed(0)
    second.run(1)
    assert second.cycle_seed(1) == first.cycle_seed(1) != first.cycle_seed(0)


def test_every_cycle_is_whole_whatever_came_before(tmp_path):
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    dyn = CyclicLangevin(atoms, schedule=SHORT, rng=np.random.default_rng(1))
    dyn.run(7)
    Harvest(dyn, tmp_path / 'w.db', report=silent).run(1)
    assert dyn.nsteps == 7 + SHORT.cycle_steps
    (row,) = connect(tmp_path / 'w.db').select()
    assert row.k_entropy == 1000.0


def test_library_continues_from_a_row(tmp_path):
    """Two cycles in one go, or the second from the row of the first."""
    harvest(tmp_path / 'whole.db', 2)
    broken = harvest(tmp_path / 'broken.db', 1).database
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    dyn = CyclicLangevin(atoms, schedule=SHORT, rng=np.random.default_rng(1))
    again = Harvest(dyn, tmp_path / 'broken.db', report=silent)
    again.continue_from(broken.get(1))
    again.run(1)
    assert contents(tmp_path / 'broken.db') == contents(tmp_path / 'whole.db')


def test_a_cycle_that_ends_unphysically_is_not_written(tmp_path):
    """Far too long a time step: atoms end on top of each other, or boiling."""
    lines = []
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    dyn = CyclicLangevin(
        atoms, 200 * units.fs, SHORT, friction=0.0, rng=np.random.default_rng(1)
    )
    result = Harvest(dyn, tmp_path / 'w.db', report=lines.append)
    with pytest.raises(RuntimeError, match='failed 5 times in a row'):
        result.run(1)
    assert len([line for line in lines if 'failed' in line]) == 5
    assert connect(tmp_path / 'w.db').count() == 0


def test_second_writer_is_noticed(tmp_path):
    """Both start at the same cycle; the slower one stops instead of doubling rows."""
    path = tmp_path / 'w.db'
    slow = harvest(path, 0)
    slow.report = lambda line: None
    slow.next_cycle = lambda: 0
    harvest(path, 1)
    with pytest.raises(RuntimeError, match='cycle 0 is in the database already'):
        slow.run(1)
    assert connect(path).count() == 1


def test_all_atoms_fixed(tmp_path):
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    atoms.set_constraint(FixAtoms(range(len(atoms))))
    dyn = CyclicLangevin(atoms, schedule=SHORT, rng=np.random.default_rng(1))
    Harvest(dyn, tmp_path / 'w.db', report=silent).run(1)
    (row,) = connect(tmp_path / 'w.db').select()
    assert row.final_temperature_k == 0.0


def test_numpy_scalars_as_settings(tmp_path):
    schedule = AnnealSchedule(np.float32(500), 10, np.int64(3), np.int32(4))
    harvest(tmp_path / 'w.db', 1, schedule=schedule)
    (row,) = connect(tmp_path / 'w.db').select()
    assert row.data['dynamics']['schedule']['ramp_steps'] == 4
    calc = EntropyCalculator(Bispectrum(np.float32(3.5), twojmax=np.int64(2)))
    again = EntropyCalculator.fromdict(json.loads(json.dumps(calc.todict())))
    assert again.descriptor == calc.descriptor


def test_an_observers_error_is_not_a_failed_cycle(tmp_path):
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    dyn = CyclicLangevin(atoms, schedule=SHORT, rng=np.random.default_rng(1))

    def complain():
        raise ValueError('observer')

    dyn.attach(complain, interval=5)
    with pytest.raises(ValueError, match='observer'):
        Harvest(dyn, tmp_path / 'w.db', report=silent).run(1)


def test_cycle_numbers_continue(tmp_path):
    for cycles in (2, 1, 0, 2):
        harvest(tmp_path / 'w.db', cycles)
    rows = list(connect(tmp_path / 'w.db').select())
    assert [row.cycle for row in rows] == [0, 1, 2, 3, 4]
    assert len({row.seed for row in rows}) == 5


def test_walkers_and_stages_count_on_their_own(tmp_path):
    path = tmp_path / 'w.db'
    harvest(path, 2)
    harvest(path, 1, walker=3)
    constant = AnnealSchedule(k_entropy=0.0, shuffle_steps=10, ramp_steps=0)
    harvest(path, 1, schedule=constant)
    rows = [(row.stage, row.walker, row.cycle) for row in connect(path).select()]
    assert rows == [
        ('biased', 0, 0),
        ('biased', 0, 1),
        ('biased', 3, 0),
        ('unbiased', 0, 0),
    ]


def test_quench_comes_after_the_ramp(tmp_path):
    plain, quenched = tmp_path / 'plain.db', tmp_path / 'quenched.db'
    harvest(plain, 1)
    harvest(quenched, 1, ladder=Ladder())
    rows = [next(connect(path).select()) for path in (plain, quenched)]
    assert rows[1].effective_energy < rows[0].effective_energy
    assert rows[0].seed == rows[1].seed
    assert rows[1].recipe == 'anneal+quench'


def test_converged_when_the_forces_vanish(tmp_path):
    """At K = 0 the repulsion relaxes to nothing."""
    schedule = AnnealSchedule(k_entropy=0.0, shuffle_steps=2, ramp_steps=5)
    harvest(tmp_path / 'w.db', 1, schedule=schedule, ladder=Ladder(fmax=0.05))
    (row,) = connect(tmp_path / 'w.db').select()
    assert row.converged == 1
    assert row.max_force <= 0.05


class Failing:
    """A repulsion that spoils the forces once, at a given evaluation, or ever after."""

    cutoff, floor = ClarkeSmith().cutoff, ClarkeSmith().floor

    def __init__(self, at, always=False):
        self.evaluations, self.at, self.always = 0, at, always

    def evaluate(self, r_p):
        self.evaluations += 1
        u_p, du_dr_p = ClarkeSmith().evaluate(r_p)
        late = self.always and self.evaluations > self.at
        spoiled = np.nan if self.evaluations == self.at or late else 0.0
        return u_p, du_dr_p + spoiled


def run_failing(path, repulsion, cycles):
    lines = []
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator(repulsion=repulsion)
    dyn = CyclicLangevin(atoms, schedule=SHORT, rng=np.random.default_rng(1))
    result = Harvest(dyn, path, report=lines.append)
    result.run(cycles)
    return lines


def test_failed_cycle_is_counted_logged_and_repeated(tmp_path):
    lines = run_failing(tmp_path / 'w.db', Failing(at=45), 3)
    rows = list(connect(tmp_path / 'w.db').select())
    assert [row.cycle for row in rows] == [0, 1, 2]
    assert sum(row.attempts for row in rows) == 4
    (failure,) = [line for line in lines if 'failed' in line]
    assert 'is repeated with half the time step and another seed' in failure
    assert 'step 13: the kinetic energy is nan eV' in failure
    for row in rows:
        assert np.isfinite(row.positions).all()
        assert np.isfinite(row.effective_energy)
        timestep = row.data['dynamics']['timestep']
        assert timestep == pytest.approx(0.5 * units.fs / 2 ** (row.attempts - 1))
        assert row.seed == run_seed(row.cycle, row.attempts - 1)


def run_seed(cycle, attempt):
    """Return the seed that a cycle has by its numbers alone."""
    sequence = np.random.SeedSequence(1, spawn_key=(0, cycle, attempt))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(11))


def test_failed_quench_is_a_failed_cycle(tmp_path):
    """Forces that are not finite at the end, once."""
    lines = []
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator(repulsion=Failing(at=12 + 4))
    dyn = CyclicLangevin(atoms, schedule=SHUFFLE, rng=np.random.default_rng(1))
    result = Harvest(
        dyn, tmp_path / 'w.db', ladder=Ladder((2,), steps=3), report=lines.append
    )
    result.run(1)
    assert dyn.dt == pytest.approx(0.5 * units.fs)
    (row,) = connect(tmp_path / 'w.db').select()
    assert np.isfinite(row.max_force)
    assert row.attempts == 1 + len([line for line in lines if 'failed' in line])


@pytest.mark.parametrize('compiled', [True, False])
def test_atoms_too_close_end_the_cycle(compiled):
    """Two atoms that run into each other, through a repulsion that cannot stop them."""
    atoms = Atoms('W2', [(0, 0, 0), (2.0, 0, 0)])
    weak = ClarkeSmith(epsilon=1e-6)
    atoms.calc = EntropyCalculator(repulsion=weak, k_entropy=0.0)
    atoms.set_velocities([(0.01 / units.fs, 0, 0), (-0.01 / units.fs, 0, 0)])
    dyn = CyclicLangevin(
        atoms, schedule=SHUFFLE, shuffle_friction=0.0, rng=np.random.default_rng(1)
    )
    reason = r'two atoms are 1\.08 Angstrom apart|two atoms are 1\.07 Angstrom apart'
    with pytest.raises(FloatingPointError, match=reason):
        dyn.run(500) if compiled else list(dyn.irun(500))
    assert 90 <= dyn.nsteps <= 94  # 0.92 Angstrom at 0.01 a step


def test_too_hot_ends_the_cycle():
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    dyn = CyclicLangevin(atoms, schedule=SHUFFLE, rng=np.random.default_rng(1))
    thermalize_momenta(atoms, 5e6, rng=np.random.default_rng(1))
    atoms.set_masses(1e6 * atoms.get_masses())
    atoms.set_momenta(1e3 * atoms.get_momenta())
    with pytest.raises(FloatingPointError, match='the kinetic energy is'):
        dyn.run(5)


def test_a_cycle_that_always_fails_stops_the_harvest(tmp_path):
    message = 'failed 5 times in a row, last at step .* moves by nan'
    with pytest.raises(RuntimeError, match=message):
        run_failing(tmp_path / 'w.db', Failing(at=5, always=True), 1)
    assert connect(tmp_path / 'w.db').count() == 0


COMMAND = [
    *('harvest', '--formula', 'W12', '--cell', '6', '6', '8', '--seed', '5'),
    *('--shuffle-steps', '30000', '--cycles', '6', '--db'),
]


@pytest.mark.parametrize(
    'options',
    [
        [],
        ['--paper', '--steps', '500'],
        ['--recipe', 'anneal+quench', '--steps', '100', '--orders', '3,inf'],
    ],
    ids=['default', 'paper', 'both'],
)
def test_command_line_resumes_as_if_never_stopped(tmp_path, capsys, options):
    one, two = str(tmp_path / 'one.db'), str(tmp_path / 'two.db')
    short = [*options, '--shuffle-steps', '1000']
    main([*COMMAND, one, *short])
    main([*COMMAND, two, *short, '--cycles', '2'])
    main([*COMMAND, two, *short])
    assert contents(one) == contents(two)
    assert 'note: ' not in capsys.readouterr().out
    before = contents(two)
    main([*COMMAND, two, *short])
    assert 'nothing to do' in capsys.readouterr().out
    assert contents(two) == before


@pytest.mark.slow
def test_killed_at_any_moment_loses_the_cycle_under_way_only(tmp_path):
    calm, killed = str(tmp_path / 'calm.db'), str(tmp_path / 'killed.db')
    command = [sys.executable, '-m', 'ase_entropy', *COMMAND, killed]
    endless = [*command, '--cycles', '1000']  # sure to be under way still
    for lines, delay in ((1, 0.0), (1, 0.03), (2, 0.01), (2, 0.02), (1, 0.04)):
        process = subprocess.Popen(endless, stdout=subprocess.PIPE, text=True)
        for _ in range(lines):
            assert process.stdout.readline()
        time.sleep(delay)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    more = ['--cycles', str(connect(killed).count() + 1)]
    subprocess.run([*command, *more], check=True, capture_output=True)
    main([*COMMAND, calm, *more])
    assert contents(killed) == contents(calm)


def test_short_names_say_what_they_are_and_where_they_stand(tmp_path):
    recipe = Recipe(schedule=AnnealSchedule(k_entropy=50.0, shuffle_steps=3))
    parts = 'RandomPacking, Bispectrum, NearestNeighborEntropy, ClarkeSmith'
    assert repr(recipe) == f'Recipe(anneal+quench: {parts})'
    alone = Recipe(start=Isolated(('W',)), schedule=recipe.schedule)
    both = SetRecipe([(3, recipe), (1, recipe)], once=alone)
    assert repr(both) == f'SetRecipe(75% {recipe}, 25% {recipe}, once {alone})'
    dyn = recipe.dynamics(np.random.default_rng(1))
    names = parts.removeprefix('RandomPacking, ')
    assert repr(dyn.atoms.calc) == f'EntropyCalculator({names}, k_entropy=0)'
    harvest = Harvest(dyn, tmp_path / 'w.db')
    dyn.run(2)
    assert repr(dyn) == 'CyclicLangevin(W39, step 2, 1e+04 K, K = 0 eV)'
    assert repr(harvest) == f"Harvest('{tmp_path}/w.db', biased, walker 0, {dyn})"
    quench = Quench(dyn.atoms, logfile=None)
    assert repr(quench) == 'Quench(order 1 of (2, 24), step 0)'


def test_unbiased_command(tmp_path, capsys):
    path = str(tmp_path / 'u.db')
    main(
        [
            'unbiased',
            '--paper',
            '--samples',
            '20',
            '--interval',
            '400',
            '--seed',
            '2',
            '--db',
            path,
        ]
    )
    rows = list(connect(path).select())
    assert len(rows) == 20
    assert {row.stage for row in rows} == {'unbiased'}
    assert {row.k_entropy for row in rows} == {0.0}
    assert 3.0 < np.mean([row.entropy for row in rows]) < 3.4
    main(['info', path, '--settings'])
    printed = capsys.readouterr().out
    assert 'unbiased, campaign 0: 20 rows' in printed
    assert "'cutoff': 3.93" in printed


def test_a_json_file_has_one_writer(tmp_path):
    """It is replaced as a whole; two would lose each other's rows. SQLite is not."""
    for name in ('w.json', 'w.db'):
        path = tmp_path / name
        waiting = harvest(path, 1)
        with writer_lock(open_database(path)):
            if name == 'w.db':
                assert waiting.run(1) == 1
            else:
                assert 'another campaign is writing to it' in complaint(waiting.run, 1)
        assert waiting.run(1) == 1
        assert connect(path).count() == 2 + (name == 'w.db')


def test_scale_from_an_unbiased_set(tmp_path):
    unbiased, scaled = str(tmp_path / 'u.db'), str(tmp_path / 'w.db')
    small = ['--formula', 'W12', '--cell', '6', '6', '8', '--seed', '5']
    main(['unbiased', *small, '--samples', '8', '--interval', '50', '--db', unbiased])
    q_nk = np.concatenate([row.data['q_nk'] for row in connect(unbiased).select()])
    main([*COMMAND, scaled, '--scale-from', unbiased, '--cycles', '1'])
    (row,) = connect(scaled).select()
    estimator = EntropyCalculator.fromdict(row.data['calculator']).estimator
    np.testing.assert_array_equal(estimator.scale_k, q_nk.std(axis=0))
    assert row.entropy == NearestNeighborEntropy().evaluate(row.data['q_nk'])[0]
    options = ['--scale-from', f'{unbiased}@cycle<3', '--cycles', '1', '--force-append']
    main([*COMMAND, scaled, *options])
    row = connect(scaled).get(campaign=1)
    estimator = EntropyCalculator.fromdict(row.data['calculator']).estimator
    rows = connect(unbiased).select('cycle<3')
    q_nk = np.concatenate([row.data['q_nk'] for row in rows])
    np.testing.assert_array_equal(estimator.scale_k, q_nk.std(axis=0))


def test_recipes_of_the_command_line(tmp_path):
    for name, options in (
        ('quench', []),
        ('anneal', ['--paper', '--steps', '20']),
        ('anneal+quench', ['--recipe', 'anneal+quench', '--steps', '20']),
    ):
        path = str(tmp_path / f'{name}.db')
        short = ['--cycles', '2', '--shuffle-steps', '200']
        main([*COMMAND, path, *short, *options])
        rows = list(connect(path).select())
        assert [row.recipe for row in rows] == [name, name]
        assert all(row.converged == ('quench' in name) for row in rows)
        order = rows[0].data['dynamics']['estimator'].get('order', 'exact')
        assert order == (2 if name == 'anneal+quench' else 'exact')


def test_interrupt_says_how_to_go_on(tmp_path):
    path = str(tmp_path / 'w.db')
    command = [sys.executable, '-m', 'ase_entropy', *COMMAND, path]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        # Tests that run in the background hand down a signal that is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(3):  # lengths, recipe, the first cycle
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate()
    assert process.returncode == 130
    rows = connect(path).count()
    assert f'interrupted: {path} holds {rows} of 6 rows' in printed
    assert 'the same command continues' in printed


def test_structure_file(tmp_path):
    start = paper_cell(1)[:12]
    start.write(tmp_path / 'start.xyz')
    path = str(tmp_path / 'w.db')
    short = ['--shuffle-steps', '5', '--cycles', '1', '--seed', '1']
    short += ['--isolated', 'allow']  # a third of the atoms of a cell
    main(['harvest', '--structure', str(tmp_path / 'start.xyz'), '--db', path, *short])
    (row,) = connect(path).select()
    np.testing.assert_allclose(row.data['start_positions'], start.positions, atol=1e-7)
    np.testing.assert_allclose(row.cell, start.cell[:])


def test_a_log_file_holds_every_row_a_pipe_the_state(tmp_path, capsys):
    log = tmp_path / 'harvest.log'
    main([*COMMAND, str(tmp_path / 'w.db'), '--logfile', str(log)])
    printed = capsys.readouterr().out.splitlines()
    logged = log.read_text().splitlines()
    for n, (line, row) in enumerate(zip(printed[-6:], logged[-6:], strict=True), 1):
        assert line.startswith(f'{n}/6  left 0:00:0')
        assert row.startswith(f'cycle {n - 1}  S ')
        assert row.endswith(f'  ({line})')
    assert printed[:-6] == logged[:-6]


def test_ase_queries(tmp_path):
    path = str(tmp_path / 'w.db')
    harvest(path, 3)
    table = subprocess.run(
        [sys.executable, '-m', 'ase', 'db', path, 'entropy>0']
        + ['-c', 'id,formula,entropy,e_rep,min_distance', '-s', 'entropy-'],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    entropies = [float(line.split('|')[2]) for line in table.splitlines()[1:4]]
    assert entropies == sorted(entropies, reverse=True)
    shown = subprocess.run(
        [sys.executable, '-m', 'ase', 'gui', '-t', path],
        capture_output=True,
        text=True,
    )
    assert shown.returncode == 0, shown.stderr
