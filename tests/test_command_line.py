"""The command line as a newcomer meets it: overview, help, errors, lines, JSON."""

import io
import json
import re
import subprocess
import sys
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.db import connect
from ase.io import write

from ase_entropy import AnnealSchedule, Recipe, campaign
from ase_entropy.campaign.engines.progress import EachPercent, Progress
from ase_entropy.cli import main
from ase_entropy.cli.commands import COMMANDS
from ase_entropy.cli.errors import in_words_of_options
from ase_entropy.cli.parser import GROUPS, CommandParser
from ase_entropy.cli.terminal import Terminal
from ase_entropy.starts import RandomPacking

OWN = [name for name in COMMANDS if name != 'help']
HEAVY = {'ase', 'numpy', 'scipy', 'numba'}


def parser_of(name):
    command = import_module(f'ase_entropy.cli.{name}').CLICommand
    return CommandParser.of(f'ase-entropy {name}', command)


def error_of(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    return capsys.readouterr().err.splitlines()


# Overview and help.


def test_overview_needs_no_heavy_imports():
    code = (
        'import sys; from ase_entropy.cli import main; main([]); '
        'print(*sys.modules, file=sys.stderr)'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True
    )
    assert not HEAVY.intersection(done.stderr.split())
    assert all(re.search(rf'^  {name} +\w', done.stdout, re.M) for name in COMMANDS)
    for words in ('harvest --elements Al', 'select', 'report'):
        assert f'\n  ase-entropy {words}' in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 80


@pytest.mark.parametrize('words', [[], ['-h'], ['--help'], ['help'], ['-T']])
def test_ways_to_the_overview(words, capsys):
    try:
        main(words)
    except SystemExit as end:
        assert end.code == 0
    assert capsys.readouterr().out.startswith('usage: ase-entropy ')


@pytest.mark.parametrize('name', OWN)
def test_help_of_a_command(name, capsys, monkeypatch):
    monkeypatch.setenv('COLUMNS', '80')
    with pytest.raises(SystemExit) as caught:
        main([name, '--help'])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(['help', name])
    assert capsys.readouterr().out == text
    assert max(map(len, text.splitlines())) <= 80
    assert f'usage: ase-entropy {name} ' in text
    assert text.count(f'\n  ase-entropy {name} ') == 2  # at the end
    titles = re.findall(r'^(\w[\w ]+):\n', text, re.M)
    assert titles[-1] == 'examples'
    assert titles[:-1] == [title for title in GROUPS if title in titles]
    assert len(titles) > 2


@pytest.mark.parametrize('name', OWN)
def test_examples_are_right(name):
    """Without what they read or write, they are commands that the parser takes."""
    parser = parser_of(name)
    for example in import_module(f'ase_entropy.cli.{name}').CLICommand.examples:
        parser.parse_words(example.split())


def test_defaults_are_named():
    """Each option with a default says it."""
    for name in OWN:
        for action in parser_of(name)._actions:
            if action.default not in (None, False, '{}', '==SUPPRESS=='):
                assert '(default: ' in action.help, (name, action.option_strings)


# Words that are none of ours.


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        ('harvset', 'harvset is no command, did you mean harvest?'),
        ('help reprot', 'reprot is no command, did you mean report?'),
        ('bake', 'bake is no command'),
        ('harvest --cycels 3', '--cycels is no option, did you mean --cycles?'),
        ('export x.db --outptu=y', '--outptu is no option, did you mean --output?'),
        ('--verison', '--verison is no option, did you mean --version?'),
        ('harvest --qqq', '--qqq is no option'),
        ('harvest --cycles x', "--cycles 'x': expected a whole number"),
        ('watch w.db --interval x', "--interval 'x': expected a number"),
        ('harvest more', 'unrecognized arguments: more'),
        ('select x.db -o y.db -n', '-n/--number: expected one argument'),
        ('harvest --s 3', 'ambiguous option: --s could match'),
    ],
)
def test_one_sentence_and_where_to_look(words, sentence, capsys):
    error, hint = error_of(words.split(), capsys)
    _, _, said = error.partition('error: ')
    assert said == sentence or said.startswith(f'{sentence} --')
    known = words.split()[0] if words.split()[0] in OWN else ''
    assert hint == f'{f"ase-entropy {known}".strip()} --help lists the options'


def test_abbreviations_and_values_with_dashes(tmp_path, capsys):
    connect(tmp_path / 'w.db').write(Atoms('W'))
    main(['info', '--js', str(tmp_path / 'w.db')])  # --json
    assert json.loads(capsys.readouterr().out)['kind'] == 'set'
    args = parser_of('harvest').parse_words(['--k-per-atom', '-1', '--scale=--x y'])
    assert (args.k_per_atom, args.scale) == (-1.0, '--x y')


# Messages in words of the command line.

OPTIONS = parser_of('select').option_names() | parser_of('export').option_names()


@pytest.mark.parametrize(
    ('message', 'sentence'),
    [
        ('number=9: expected at most 3', '--number 9: expected at most 3'),
        ("label_keys='q': expected names", '--label-keys q: expected names'),
        ('most_force=-1.0: expected', '--most-force -1.0: expected'),
        (
            'number=None and atoms=None: expected',
            'no --number and no --atoms: expected',
        ),
        ("path='a b.db': there is none", 'a b.db: there is none'),
        ("path='x.db', row 2: damaged", 'x.db, row 2: damaged'),
        ('a new name, or overwrite=True to', 'a new name, or --overwrite to'),
        ("--given x.db: path='x.db': is none", '--given x.db: is none'),
        ('--vacuum: vacuum=3: images', '--vacuum 3: images'),
        ('or append=True (--force-append) for', 'or --force-append for'),
        ('schedule.number=3, numbers=4', 'schedule.number=3, numbers=4'),
        ('--number=3: expected', '--number=3: expected'),
        ('cutoff=-1.0 A of x@atoms=5', '--cutoff -1.0 A of x@atoms=5'),
    ],
)
def test_words_of_the_command_line(message, sentence):
    assert in_words_of_options(message, OPTIONS, ['x@atoms=5']) == sentence


def test_a_bug_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr('ase_entropy.cli.info.command._summary', lambda args: 1 / 0)
    error, hint = error_of(['info', 'w.db'], capsys)
    assert error == 'ase-entropy info: error: ZeroDivisionError: division by zero'
    assert hint.startswith('ase-entropy -T info ')
    with pytest.raises(ZeroDivisionError):
        main(['-T', 'info', 'w.db'])


# The line of a cycle.


def after(cycles, total):
    progress = Progress(total)
    progress.begin()
    for _ in range(cycles):
        progress.add({'entropy': 6.0, 'attempts': 1})
    return progress


@pytest.mark.parametrize('columns', [80, 60])
def test_time_left_is_seen_on_any_terminal(columns, monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(screen, 'isatty', lambda: True, raising=False)
    monkeypatch.setattr(sys, 'stdout', screen)
    size = SimpleNamespace(columns=columns)
    monkeypatch.setattr('shutil.get_terminal_size', lambda: size)
    progress = after(5000, 50_000)
    progress.started -= 5e5  # 52 days are left
    Terminal(None).show('', progress)
    line = screen.getvalue().removeprefix('\r\x1b[K')
    assert len(line) < columns
    assert re.match(r'5000/50000  left 52 days 2 h  mean S 6.000  ', line)
    assert len(str(progress)) < 80


@pytest.mark.parametrize(('total', 'lines'), [(60, 60), (1000, 101)])
def test_a_pipe_gets_a_line_for_each_percent(total, lines, capsys, tmp_path):
    with Terminal(str(tmp_path / 'log')) as terminal:
        for cycle in range(1, total + 1):
            terminal.show(f'cycle {cycle}', after(cycle, total))
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == lines
    assert printed[-1].startswith(f'{total}/{total}  left 0:00:00  mean S 6.000')
    assert len((tmp_path / 'log').read_text().splitlines()) == total


def test_a_line_is_never_longer_than_its_width():
    """Words are left out as a whole: half a number would be another one."""
    progress = after(98_765, 100_000)
    progress.repeated, progress.lost, progress.entropy_sum = 12_345, 678, 1.2e6
    progress.started -= 1e7
    words = str(progress).split('  ')
    assert len(str(progress)) > 80
    assert progress.line(80) == '  '.join(words[:5])
    for width in range(30, 100):
        line = progress.line(width)
        assert len(line) <= width
        assert line.split('  ') == words[: line.count('  ') + 1]
        assert words[1].startswith('left 1 days ')


def test_a_notebook_gets_a_line_for_each_percent(tmp_path):
    """No carriage return, and no line for each of many cycles."""
    lines = []
    show = EachPercent(lines.append)
    for cycle in range(1, 1001):
        show(f'cycle {cycle}', after(cycle, 1000))
    assert len(lines) == 101
    assert lines[-1].startswith('1000/1000  left 0:00:00')
    lines.clear()
    recipe = Recipe(
        RandomPacking('W4', (4, 4, 6)), AnnealSchedule(shuffle_steps=2, ramp_steps=0)
    )
    campaign.run(recipe, 3, tmp_path / 'w.db', seed=1, report=lines.append)
    assert [line.split()[0] for line in lines[-3:]] == ['1/3', '2/3', '3/3']
    assert all(len(line) <= 80 for line in lines[-3:])
    assert '\r' not in ''.join(lines)


# Numbers as JSON.


def test_a_harvest_as_json(tmp_path, capsys):
    path = str(tmp_path / 'w.db')
    words = '--formula W4 --shuffle-steps 5 --cycles 2 --seed 1 --db'
    main(['harvest', *words.split(), path])
    capsys.readouterr()
    main(['info', path, '--json'])
    found = json.loads(capsys.readouterr().out)
    assert (found['set'], found['kind'], found['rows']) == (path, 'harvest', 2)
    (campaign,), (group,) = found['campaigns'], found['groups']
    assert (campaign['seed'], campaign['cycles'], campaign['rows']) == (1, 2, 2)
    assert (group['campaign'], group['stage'], group['rows']) == (0, 'biased', 2)
    entropy_m = [row.entropy for row in connect(path).select()]
    assert group['statistics']['entropy'] == pytest.approx(
        {
            'mean': np.mean(entropy_m),
            'spread': abs(np.subtract(*entropy_m)) / np.sqrt(2),
            'min': min(entropy_m),
            'max': max(entropy_m),
        }
    )
    main(['info', path])
    text = capsys.readouterr().out
    assert f'{group["statistics"]["entropy"]["mean"]:10.4g}' in text


def test_a_set_and_its_entropy_as_json(tmp_path, capsys):
    path = str(tmp_path / 'w.xyz')
    rng = np.random.default_rng(1)
    frames = [
        Atoms('W4', rng.random((4, 3)) * 4, cell=[4, 4, 4], pbc=True) for _ in range(3)
    ]
    write(path, frames)
    main(['info', path, '--json'])
    found = json.loads(capsys.readouterr().out)
    assert (found['kind'], found['set'], found['configurations']) == ('set', path, 3)
    assert found['elements'] == {'W': 12}
    assert found['size'] == {'min': 4, 'median': 4, 'max': 4}
    assert found['volume_per_atom']['median'] == pytest.approx(16)
    assert found['energy_per_atom'] is None
    main(['info', path, '--json', '--entropy', '--against', path, '--workers', '1'])
    found = json.loads(capsys.readouterr().out)
    first, second = found['sets']
    assert first['entropies'] == second['entropies']
    estimate = first['entropies']['all']['log_det']
    assert np.isfinite(estimate['value'])
    assert found['shared'] == 3
    assert found['gains']['all']['distance']['value'] == pytest.approx(0)
