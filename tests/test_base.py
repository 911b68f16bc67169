"""A base: its energy is a part of V, everywhere."""

import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from ase import units
from ase.build import bulk
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.emt import EMT
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.calculators.lj import LennardJones
from ase.calculators.mixing import SumCalculator
from ase.db import connect
from ase.md.verlet import VelocityVerlet
from bases import EnergyOnly, Failing, Springs, lammps_eam
from test_campaign import contents, silent

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    ClarkeSmith,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    Ladder,
    LinearDescriptor,
    Quench,
    RandomPacking,
    Recipe,
    SmoothNearestNeighborEntropy,
    campaign,
    random_packing,
)
from ase_entropy.calculator import Base, BaseFailed
from ase_entropy.calculator import base as bases_made
from ase_entropy.campaign.cycle import CycleFailed
from ase_entropy.chemistry import Sizes
from ase_entropy.cli import main
from ase_entropy.dynamics.compiled_form import has_compiled_form
from ase_entropy.repulsion import repulsion_of

TOLERANCE = 1e-7  # eV/Angstrom, eV/Angstrom^3
SAME_PATH = 1e-9  # Angstrom, after 200 steps
NONE = ClarkeSmith(epsilon=0.0)
NI_AL = Sizes(('Ni', 'Al'))
BASES = {
    'EMT': EMT,
    'LJ': partial(LennardJones, sigma=2.2, epsilon=0.3, rc=5.0, smooth=True),
    'EAM': lammps_eam,
}
EMT_WORDS = Base('ase.calculators.emt:EMT')
SMALL = Recipe(
    start=RandomPacking.of('Cu8'),
    schedule=AnnealSchedule(2000.0, 16.0, shuffle_steps=60, ramp_steps=0),
    ladder=Ladder(fmax=0.2),
    isolated='allow',
    base=EMT_WORDS,
)
EAM_RECIPE = replace(
    SMALL,
    start=RandomPacking.of('Ni4Al4'),
    descriptor=None,
    repulsion=None,
    base=Base('bases:lammps_eam'),
)
REMEMBERING = replace(SMALL, base=Base('bases:Remembering'))


def packing(symbols='Ni6Al6', seed=3):
    cell = [[5.5, 0, 0], [0.6, 5.8, 0], [-0.4, 0.7, 6.1]]
    return random_packing(symbols, cell, 1.9, np.random.default_rng(seed))


def calculator(base, estimator=None, repulsion=None, **kwargs):
    return EntropyCalculator(
        Bispectrum.of(NI_AL, components=6),
        estimator or SmoothNearestNeighborEntropy(2),
        repulsion or repulsion_of(NI_AL),
        base=base,
        **kwargs,
    )


@pytest.mark.parametrize('name', BASES)
def test_derivatives_of_v(name):
    atoms = packing()
    atoms.calc = calculator(BASES[name](), k_entropy=20.0)
    numerical = calculate_numerical_forces(atoms, eps=1e-5)
    assert np.abs(atoms.get_forces() - numerical).max() < TOLERANCE
    numerical = calculate_numerical_stress(atoms, eps=1e-5)
    assert np.abs(atoms.get_stress() - numerical).max() < TOLERANCE
    alone = packing()
    alone.calc = BASES[name]()
    assert atoms.calc.e_base == pytest.approx(alone.get_potential_energy(), abs=1e-9)


def test_v_is_the_sum_of_its_terms():
    atoms, springs = packing(), Springs()
    atoms.calc = calc = calculator(springs, k_entropy=5.0)
    v = atoms.get_potential_energy()
    assert v == pytest.approx(calc.e_base + calc.e_rep - 5.0 * calc.entropy, abs=1e-12)
    assert calc.e_base == 0.05 * np.sum(atoms.positions**2)
    for k in (7.0, 0.0, -2.0):
        calc.set(k_entropy=k)
        v = atoms.get_potential_energy()
        assert v == pytest.approx(calc.e_base + calc.e_rep - k * calc.entropy)
    assert springs.evaluations == 1


def test_without_repulsion_and_entropy_v_is_the_base():
    atoms, alone = packing(), packing()
    atoms.calc = calculator(EMT(), repulsion=NONE, k_entropy=0.0)
    alone.calc = EMT()
    assert atoms.get_potential_energy() == alone.get_potential_energy()
    assert (atoms.get_forces() == alone.get_forces()).all()
    assert atoms.get_stress() == pytest.approx(alone.get_stress(), abs=1e-12)
    assert EntropyCalculator().base is None
    calc = calculator(None)
    calc.get_potential_energy(packing())
    assert calc.e_base == 0.0


def test_a_base_without_stress():
    atoms = packing()
    atoms.calc = calculator(Springs())
    assert atoms.calc.implemented_properties == ['energy', 'free_energy', 'forces']
    assert np.isfinite(atoms.get_forces()).all()
    with pytest.raises(PropertyNotImplementedError):
        atoms.get_stress()
    atoms.calc.set(base=None)
    assert 'stress' in atoms.calc.implemented_properties
    assert np.isfinite(atoms.get_stress()).all()


# Dynamics and quench.


def dynamics(base, schedule, **kwargs):
    atoms = packing()
    atoms.calc = calculator(base, **kwargs)
    return CyclicLangevin(atoms, schedule=schedule, rng=np.random.default_rng(7))


@pytest.mark.parametrize('make', [Springs, EMT])
def test_compiled_segments_are_the_plain_path(make):
    schedule = AnnealSchedule(2000.0, 30.0, shuffle_steps=100, ramp_steps=400)
    compiled, plain = (dynamics(make(), schedule) for _ in range(2))
    assert has_compiled_form(compiled.atoms)
    for steps in (60, 1, 139):
        compiled.run(steps)
        for _ in plain.irun(steps):
            pass
    difference = compiled.atoms.positions - plain.atoms.positions
    assert np.abs(difference).max() < SAME_PATH
    assert np.ptp(compiled.atoms.positions - packing().positions) > 0.1
    if make is Springs:
        assert compiled.atoms.calc.base.evaluations == 201


def test_a_shuffle_is_molecular_dynamics_of_the_base():
    """Without friction and repulsion it is the Verlet algorithm."""
    schedule = AnnealSchedule(0.0, 0.0, shuffle_steps=200, ramp_steps=0)
    atoms = bulk('Cu', cubic=True) * 2
    atoms.rattle(0.1, seed=1)
    other = atoms.copy()
    other.calc = EMT()
    atoms.calc = EntropyCalculator(repulsion=NONE, base=EMT())
    dyn = CyclicLangevin(
        atoms,
        2 * units.fs,
        schedule,
        friction=0.0,
        shuffle_friction=0.0,
        rng=np.random.default_rng(1),
    )
    dyn.run(100)
    VelocityVerlet(other, 2 * units.fs).run(100)
    assert np.abs(atoms.positions - other.positions).max() < SAME_PATH
    assert np.abs(atoms.get_momenta()).max() > 1.0


@pytest.mark.parametrize('logfile', [None, '/dev/null'])
def test_quench(logfile):
    atoms, springs = packing(), Springs()
    atoms.calc = calculator(springs, k_entropy=20.0)
    quench = Quench(atoms, logfile=logfile)
    assert quench.run(fmax=0.05)
    assert atoms.calc.estimator.order == 24
    assert abs(quench.evaluations - springs.evaluations) <= len(quench.rungs)
    numerical = calculate_numerical_forces(atoms, eps=1e-5)
    assert np.abs(numerical).max() < 0.06


def test_quench_of_parts_that_are_not_compiled():
    atoms = packing()
    atoms.calc = calculator(Springs(), k_entropy=20.0)
    whole = LinearDescriptor.chosen(atoms.calc.descriptor, range(6))
    atoms.calc.set(descriptor=whole)
    assert not has_compiled_form(atoms)
    assert Quench(atoms, logfile=None).run(fmax=0.05)


@pytest.mark.parametrize('how', ['raise', 'nan', 'strong'])
def test_quench_where_the_base_ends(how):
    """A trial step that the base does not take is a step too far."""
    atoms = packing()
    atoms.calc = calculator(Failing(first=4, times=3, how=how), k_entropy=20.0)
    assert Quench(atoms, logfile=None).run(fmax=0.05)
    assert atoms.calc.base.evaluations > 8
    atoms.calc = calculator(Failing(first=0, times=1, how=how), k_entropy=20.0)
    with pytest.raises(FloatingPointError):
        Quench(atoms, logfile=None).run(fmax=0.05)


def test_what_failed_in_a_step_goes_on_from_there():
    schedule = AnnealSchedule(2000.0, 0.0, shuffle_steps=100, ramp_steps=0)
    whole, broken = dynamics(EMT(), schedule), dynamics(Failing(31, 1), schedule)
    whole.run(60)
    with pytest.raises(FloatingPointError, match='base Failing fails on these atoms'):
        broken.run(60)
    assert broken.nsteps == 30
    broken.run(30)
    assert np.abs(broken.atoms.positions - whole.atoms.positions).max() < SAME_PATH


def test_sums_of_calculators():
    atoms = packing()
    atoms.calc = SumCalculator([calculator(None), EMT()])
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match='with base=... for a sum, or k_entropy=0'):
        CyclicLangevin(atoms, rng=rng)
    with pytest.raises(ValueError, match=r'expected EntropyCalculator\(base=...\), or'):
        Quench(atoms, logfile=None)
    assert Quench(atoms, orders=(), logfile=None).orders == ()


# Rows and campaigns.


def run(db, cycles=3, recipe=SMALL, seed=1, **kwargs):
    return campaign.run(recipe, cycles, db, seed=seed, report=silent, **kwargs)


@pytest.fixture(scope='module')
def calm(tmp_path_factory):
    path = tmp_path_factory.mktemp('calm') / 'w.db'
    run(path)
    return path


def test_what_a_row_says(calm):
    for row in connect(calm).select():
        v = row.e_base + row.e_rep - row.k_entropy * row.entropy_model
        assert row.effective_energy == pytest.approx(v, abs=1e-9)
        assert 'energy' not in row
        words = row.data['calculator']
        with pytest.raises(ValueError, match='made by ase.calculators.emt:EMT, which'):
            EntropyCalculator.fromdict(words)
        again = EntropyCalculator.fromdict(words, allow_import=True)
        atoms = row.toatoms()
        atoms.calc = again
        assert again.base == EMT_WORDS
        v = atoms.get_potential_energy()
        assert v == pytest.approx(row.effective_energy, abs=1e-9)
        stress = row.data['effective_stress']
        assert atoms.get_stress() == pytest.approx(stress, abs=1e-9)


def test_any_number_of_workers(tmp_path, calm):
    run(tmp_path / 'w.db', executor=campaign.Processes(2))
    assert contents(tmp_path / 'w.db') == contents(calm)


@pytest.mark.parametrize(
    'recipe', [SMALL, EAM_RECIPE, REMEMBERING], ids=['EMT', 'EAM', 'remembering']
)
def test_rows_do_not_depend_on_what_the_base_saw_before(recipe, tmp_path):
    """One base for all cycles, and a new one for each: the same bits."""
    run(tmp_path / 'one.db', 3, recipe, chain=2)
    bases_made._made.calculators.clear()
    for cycles in (2, 3):
        run(tmp_path / 'many.db', cycles, recipe, chain=2)
        bases_made._made.calculators.clear()
    assert contents(tmp_path / 'many.db') == contents(tmp_path / 'one.db')


def test_a_recipe_keeps_the_words():
    assert 'base' not in Recipe().todict()
    assert SMALL.todict()['base'] == {
        'factory': 'ase.calculators.emt:EMT',
        'arguments': {},
        'most_force': 1000.0,
    }
    with pytest.raises(ValueError, match=r'code of others: expected allow_import=True'):
        Recipe.fromdict(SMALL.todict())
    assert Recipe.fromdict(SMALL.todict(), allow_import=True) == SMALL
    parts = campaign.SetRecipe([(1.0, SMALL)])
    with pytest.raises(ValueError, match=r'expected allow_import=True'):
        campaign.SetRecipe.fromdict(parts.todict())
    again = campaign.SetRecipe.fromdict(parts.todict(), allow_import=True)
    assert again == parts


def harvest(tmp_path, base):
    atoms = SMALL.start.atoms(np.random.default_rng(1))
    atoms.calc = EntropyCalculator(*SMALL_PARTS, base=base)
    rng = np.random.default_rng(2)
    dyn = CyclicLangevin(atoms, schedule=SMALL.schedule, rng=rng)
    lines = []
    made = Harvest(dyn, tmp_path / 'w.db', report=lines.append, ladder=SMALL.ladder)
    return made, lines


SMALL_PARTS = SMALL.descriptor, SMALL.estimator, SMALL.repulsion


def test_harvest_with_a_calculator_made_by_hand(tmp_path):
    made, _ = harvest(tmp_path, EMT())
    made.run(1)
    (row,) = connect(tmp_path / 'w.db').select()
    assert row.e_base != 0.0
    with pytest.raises(ValueError, match=r'made by hand, EMT: expected Base\(...\)'):
        EntropyCalculator.fromdict(row.data['calculator'], allow_import=True)


@pytest.mark.parametrize(
    ('how', 'reason'),
    [
        ('raise', 'base Failing fails on these atoms, RuntimeError: lost atoms'),
        ('nan', 'base Failing has energy 0 eV and a force of nan eV/Angstrom'),
        ('strong', 'a force of 1.73e+06 eV/Angstrom, most_force is 1000'),
    ],
)
def test_a_base_that_fails_in_a_step(how, reason, tmp_path):
    made, lines = harvest(tmp_path, Failing(first=20, times=1, how=how))
    made.run(1)
    (row,) = connect(tmp_path / 'w.db').select()
    assert row.attempts == 2
    assert 'cycle 0 failed, is repeated with half the time step' in lines[0]
    assert reason in lines[0]
    made, _ = harvest(tmp_path, Failing(first=20, times=10**6, how=how))
    with pytest.raises(CycleFailed, match=re.escape(reason)):
        made.run(1)
    assert connect(tmp_path / 'w.db').count() == 1


def test_the_bound_on_forces_is_that_of_the_words():
    atoms = packing()
    atoms.calc = calculator(Base('ase.calculators.emt:EMT', most_force=0.1))
    with pytest.raises(FloatingPointError, match=r'eV/Angstrom, most_force is 0.1'):
        atoms.get_forces()
    largest = np.linalg.norm(EMT().get_forces(atoms), axis=1).max()
    for factor in (0.999, 1.001):
        bound = Base('ase.calculators.emt:EMT', most_force=factor * largest)
        atoms.calc = calculator(bound)
        if factor > 1:
            assert np.isfinite(atoms.get_forces()).all()
            break
        with pytest.raises(FloatingPointError):
            atoms.get_forces()


# Bad input.


@pytest.mark.parametrize(
    ('make', 'sentence'),
    [
        (
            lambda: calculator(3),
            'base=int: is of type int, expected a calculator of ASE',
        ),
        (lambda: calculator(EMT), 'is the class EMT, expected a calculator of ASE'),
        (lambda: calculator(EnergyOnly()), 'base=EnergyOnly: has no forces, expected'),
        (
            lambda: calculator(Base('bases:EnergyOnly')),
            'base=bases:EnergyOnly: has no forces, expected a calculator with both',
        ),
        (
            lambda: calculator(Base('nowhere:EMT')),
            'base=nowhere:EMT: expected the name of a callable in a module that Python '
            'finds, as ase.calculators.emt:EMT is '
            "(ModuleNotFoundError: No module named 'nowhere')",
        ),
        (lambda: calculator(Base('bases:Nothing')), '(AttributeError: module'),
        (
            lambda: calculator(Base('math:pi')),
            'base=math:pi: is of type float, expected',
        ),
        (lambda: calculator(Base('bases:np')), 'base=bases:np: is of type module, exp'),
        (lambda: Base('emt'), 'base=emt: expected module:factory, such as'),
        (lambda: Base(3), 'base=3: expected the words module:factory'),
        (
            lambda: Base('a:b', {'x': EMT}),
            'of base=a:b: expected a dictionary of what JSON has',
        ),
        (lambda: Base('a:b', [1]), 'arguments=[1] of base=a:b: expected a dictionary'),
        (lambda: Base('a:b', most_force=0.0), 'most_force=0.0: expected a finite'),
        (lambda: replace(SMALL, base=EMT()), ': expected Base'),
        (
            lambda: replace(SMALL, base=Base('bases:lammps_eam', {'a': 1})),
            'base=bases:lammps_eam: expected a callable that makes a calculator of',
        ),
    ],
)
def test_bad_bases(make, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        make()


def test_elements_that_a_base_does_not_know(tmp_path):
    sentence = 'NotImplementedError: No EMT-potential for W: expected a base for W8'
    recipe = replace(Recipe(start=RandomPacking.of('W8')), base=EMT_WORDS)
    with pytest.raises(ValueError, match=sentence):
        run(tmp_path / 'w.db', 1, recipe)
    atoms = packing('W6')
    atoms.calc = EntropyCalculator(base=EMT())
    with pytest.raises(BaseFailed, match='base EMT fails on these atoms, NotImpl'):
        atoms.get_potential_energy()
    rng = np.random.default_rng(1)
    made = Harvest(CyclicLangevin(atoms, rng=rng), tmp_path / 'v.db', report=silent)
    with pytest.raises(ValueError, match='for W: expected a base for W6'):
        made.run(1)


class Twisted(Springs):
    """Returns forces of another shape."""

    def calculate(self, *args, **kwargs):
        super().calculate(*args, **kwargs)
        self.results['forces'] = self.results['forces'].T


def test_forces_of_another_shape():
    atoms = packing()
    atoms.calc = calculator(Twisted())
    with pytest.raises(
        BaseFailed, match=r'forces of shape \(3, 12\): expected \(12, 3'
    ):
        atoms.get_forces()


SHORT = ['harvest', '--formula', 'Cu8', '--shuffle-steps', '20', '--db', 'w.db']


def test_command_line(tmp_path, monkeypatch, capsys):
    """A module of the folder, with arguments; and in two workers, killed or not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'mine.py').write_text(
        'from ase.calculators.lj import LennardJones\n'
        'def make(sigma):\n    return LennardJones(sigma=sigma, epsilon=0.2)\n'
    )
    words = ['--base', 'mine:make', '--base-arguments', '{"sigma": 2.2}']
    main([*SHORT, '--cycles', '1', '--seed', '1', *words, '--logfile', 'log'])
    assert '  E_base ' in (tmp_path / 'log').read_text()
    (row,) = connect('w.db').select()
    base = row.data['calculator']['base']
    assert (base['factory'], base['arguments']) == ('mine:make', {'sigma': 2.2})
    main(['info', 'w.db', '--settings'])
    printed = capsys.readouterr().out
    assert 'E_base (eV)' in printed and "base {'factory': 'mine:make'" in printed


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        (['--base', 'nowhere:EMT'], "No module named 'nowhere')"),
        (['--base', 'emt'], '--base emt: expected module:factory'),
        (['--base-arguments', '{}'], '--base-arguments is for --base: drop it'),
        (
            ['--base', 'a:b', '--base-arguments', '{'],
            '--base-arguments {: expected JSON',
        ),
        (['--base', 'ase.calculators.tip3p:TIP3P'], 'fails on these atoms'),
    ],
)
def test_bad_commands(words, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main([*SHORT, *words])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / 'w.db').exists()
