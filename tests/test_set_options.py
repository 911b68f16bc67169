"""Options for sets on the command line: bad ones, and odd ones that are right."""

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.db import connect
from ase.io import read, write

from ase_entropy.cli import main

QUICK = ['--shuffle-steps', '5', '--fmax', '500', '--seed', '1', '--db', 'x.db']


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with sets, in which commands run."""
    monkeypatch.chdir(tmp_path)
    write('al.xyz', [bulk('Al', cubic=True)] * 2)
    write('cu.xyz', bulk('Cu'))
    (tmp_path / 'empty.xyz').touch()
    (tmp_path / 'folder').mkdir()
    return tmp_path


def harvest(*words):
    """Run ``ase-entropy harvest``."""
    main(['harvest', *words, *QUICK])


SHARES = 'expected shares of all configurations, 1 or less together'


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        ('--density 0', '--density=0.0: expected a finite number > 0.0 and <= 2.0'),
        ('--density nan', '--density=nan: expected a finite number > 0.0'),
        ('--density 1-0.5', '--density=(1.0, 0.5): expected two numbers, the smaller'),
        ('--density 0.5-', "--density: '0.5-': expected a number, or two"),
        ('--density 0.5-1-2', "--density: '0.5-1-2': expected a number"),
        ('--atoms 0', '--atoms=0.0: expected a finite number >= 1 and <= 1000'),
        ('--atoms 2000', '--atoms=2000.0: expected a finite number >= 1 and <= 1000'),
        ('--atoms -3', '--atoms=-3.0: expected a finite number >= 1'),
        ('--composition Ni=0.8-1,Al=0.8-1', 'no 2 to 40 atoms of Ni, Al have it'),
        ('--composition Ni30Al31', 'no 2 to 40 atoms of Ni, Al have it'),
        ('--composition Cu=0.5', '--composition {'),
        ('--composition TiO', '--composition TiO: expected a formula'),
        ('--composition nonsense', "--composition: symbols='nonsense': expected a"),
        ('--composition Ni=nan', "--composition: composition['Ni']=nan: expected a"),
        ('--composition Ni=0.5,Ni=0.7', 'expected each element once'),
        ('--composition NiAl6 --prototypes 0.2', '--composition NiAl6: expected that'),
        ('--crystals -0.1', '--crystals=-0.1: expected a finite number >= 0.0'),
        ('--prototypes 1.1', '--prototypes=1.1: expected a finite number >= 0.0 and'),
        ('--surfaces nan', '--surfaces=nan: expected a finite number >= 0.0'),
        ('--crystals 0.6 --prototypes 0.6', SHARES),
        (
            '--surfaces 0.6',
            f'--crystals 0.1, --prototypes 0.4, --surfaces 0.6: {SHARES}',
        ),
        ('--isolated-atoms maybe', "invalid choice: 'maybe'"),
        ('--away-from none.xyz', '--away-from none.xyz: there is no'),
        ('--away-from x.db', '--away-from x.db: there is no such file'),
        ('--away-from empty.xyz', '--away-from empty.xyz: '),
        ('--away-from folder', 'folder: is a folder without files of atoms'),
        ('--away-from cu.xyz', '--away-from cu.xyz: expected configurations of Al, Ni'),
        ('--away-from al.xyz --logfile al.xyz', '--logfile=al.xyz: is a database or a'),
        ('--away-from al.xyz --round 0', '--round=0: expected a whole number >= 1'),
        ('--least-gain nan', '--least-gain=nan: expected a finite number'),
        ('--least-gain inf', '--least-gain=inf: expected a finite number'),
        ('--least-gain 0 --chain 2', 'drop --chain'),
        ('--round 5', '--round is for --away-from or --least-gain: drop it'),
        ('--chain 2', 'whose cycles begin anew'),
        ('--elements Ni,Ni', "--elements=['Ni', 'Ni']: expected different chemical"),
        ('--elements al', '--elements al: did you mean Al?'),
        ('--elements Aluminium', '--elements Aluminium: did you mean Al?'),
        ('--elements NiAl', '--elements NiAl: did you mean Ni,Al?'),
        ('--elements Ni-Al', '--elements Ni-Al: did you mean Ni,Al?'),
        ('--elements Ni,al,Ni3Al', '--elements Ni,al,Ni3Al: did you mean Ni,Al?'),
        ('--elements steel', "--elements=['steel']: expected different chemical"),
        (
            '--density 2.7',
            '--density=2.7: expected a finite number > 0.0 and <= 2.0; it is relative '
            'to the density of the elements by themselves: 1 is that of their crystals',
        ),
        ('--elements Bk', "element='Bk': expected an element with a covalent radius"),
    ],
)
def test_bad_options(words, sentence, folder, capsys):
    before = {path: path.stat().st_size for path in folder.iterdir()}
    with pytest.raises(SystemExit) as caught:
        harvest('--elements', 'Ni,Al', *words.split())
    assert caught.value.code == 2
    output = capsys.readouterr()
    assert sentence in output.err
    assert 'compiling' not in output.out
    assert {path: path.stat().st_size for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    'option',
    ['crystals 0.1', 'prototypes 0.1', 'surfaces 0.1', 'isolated-atoms no'],
)
def test_options_of_elements_only(option, folder, capsys):
    name, value = option.split()
    with pytest.raises(SystemExit) as caught:
        harvest(f'--{name}', value)
    assert caught.value.code == 2
    assert f'--{name} is for --elements: drop it' in capsys.readouterr().err


@pytest.mark.parametrize(
    'words',
    [
        '--density 1.6-1.8 --crystals 0',  # denser than what surfaces are cut from
        '--density 0.1-1',  # looser than prototypes may be
        '--atoms 1 --surfaces 0.5',
        '--away-from al.xyz --least-gain 0 --round 2',  # without any deviations
    ],
)
def test_odd_but_right(words, folder):
    harvest('--elements', 'Al', '--cycles', '6', *words.split())
    assert connect('x.db').count() == 6
    assert len(read('al.xyz', ':')) == 2


def test_another_set_is_refused(folder, capsys):
    """Each difference is named; the same command continues."""
    words = ['--elements', 'Al', '--atoms', '2-4', '--cycles']
    rounds = ['--away-from', 'al.xyz', '--round', '2']
    harvest(*words, '2', *rounds)
    for changed, sentence in (
        (['--crystals', '0.2'], 'parts.1.weight=0.1 (now 0.2)'),
        (['--isolated-atoms', 'no'], 'once=...'),
        (['--density', '0.6-1'], 'density=[0.5, 1.35] (now [0.6, 1.0])'),
        (['--round', '3'], 'growth.round_cycles=2 (now 3)'),
        (['--least-gain', '1'], 'growth.least_gain=not set (now 1.0)'),
        (['--away-from', 'x.db'], '--away-from x.db: is the database that is written'),
        (['--away-from', 'x.db@id<3'], 'growth.away_from.'),
    ):
        with pytest.raises(SystemExit) as caught:
            harvest(*words, '4', *rounds, *changed)
        assert caught.value.code == 2
        assert sentence in capsys.readouterr().err
    assert connect('x.db').count() == 2
    harvest(*words, '4', *rounds)
    harvest(*words, '2', '--away-from', 'x.db@campaign=0', '--force-append')
    assert connect('x.db').count() == 6


@pytest.mark.parametrize(
    ('words', 'said'),
    [([], 1), (['--paper'], 0), (['--scale', 'Cu'], 0), (['--formula', 'W4'], 0)],
)
def test_tungsten_by_default_is_said(words, said, folder, capsys):
    main(['harvest', '--cycles', '0', '--seed', '1', '--db', 'x.db', *words])
    lines = capsys.readouterr().out.splitlines()
    sentence = (
        'W39, tungsten as in the paper: --elements Al makes a set of another element'
    )
    assert lines.count(sentence) == said


def test_isolated_atoms_of_another_set_are_not_made_again(folder, capsys):
    """Of all sets that are named; said in the first line, and by info."""
    write('ni.xyz', Atoms('Ni', cell=[15] * 3, pbc=True))
    write('o.xyz', [Atoms('O'), bulk('Ni')])
    words = ['--elements', 'Ni,Al', '--atoms', '2-4', '--cycles', '10']
    harvest(*words, '--away-from', 'al.xyz+o.xyz+ni.xyz')
    lines = capsys.readouterr().out.splitlines()
    assert (
        '--away-from al.xyz+o.xyz+ni.xyz: has isolated atoms of Ni, which are not made '
        'again'
    ) in lines[:2]
    starts = {row.cycle: row.start for row in connect('x.db').select()}
    assert [starts[4], starts[9]] == ['isolated Al', 'dimer Ni-Ni']
    first, second = (
        '  isolated atoms of Al and dimers of Ni, Al: 2 of 25, one every 5 cycles',
        'the other 23 with more cycles, all with 125',
    )
    assert f'{first}; {second}' in lines
    main(['info', 'x.db'])
    assert f'{first}\n    {second}\n' in capsys.readouterr().out


def test_loose_prototypes_have_neighbors(folder):
    only = '--crystals 0 --surfaces 0 --prototypes 1 --isolated-atoms no'.split()
    harvest('--elements', 'W', '--density', '0.2', '--cycles', '5', *only)
    shortest = [row.min_distance for row in connect('x.db').select()]
    assert len(shortest) == 5
    assert np.max(shortest) < 4.74  # the cutoff


@pytest.mark.parametrize(
    ('words', 'odd'),
    [
        ('--lengths Al=0.286', 'Al-Al 0.286 A (usual: 2.86 A); lengths'),
        ('--lengths Ni-Al=6', 'Al-Ni 6 A (usual: 2.68 A)'),
        ('--scale 2.1', 'Al-Al 6.01 A (usual: 2.86 A), Al-Ni 5.62 A'),
    ],
)
def test_odd_lengths_are_warned_of(words, odd, folder, capsys):
    """Nanometers, for instance; twice or half the usual length is nearly reached."""
    harvest('--elements', 'Ni,Al', '--cycles', '0', *words.split())
    (line,) = [x for x in capsys.readouterr().out.splitlines() if 'warning' in x]
    assert f'odd distances of neighbors: {odd}' in line
    assert 'lengths are in Angstrom' in line
    Path('x.db').unlink()
    harvest('--elements', 'Ni,Al', '--cycles', '0', '--lengths', 'Al=5.7,Ni=1.25')
    assert 'warning' not in capsys.readouterr().out


@pytest.mark.parametrize('words', ['--paper', '--recipe anneal'])
def test_no_rounds_in_the_protocol_of_the_paper(words, folder, capsys):
    with pytest.raises(SystemExit) as caught:
        main(['harvest', *words.split(), '--least-gain', '0', '--db', 'x.db'])
    assert caught.value.code == 2
    assert 'drop --paper' in capsys.readouterr().err


def test_rounds_of_one_formula(folder):
    """A growing set is not only one of elements."""
    words = '--formula Al4 --least-gain -20 --round 2 --cycles 4 --seed 1'
    harvest(*words.split())
    rows = {row.cycle: row for row in connect('x.db').select()}
    assert {row.formula for row in rows.values()} == {'Al4'}
    assert [cycle for cycle, row in rows.items() if 'gain' in row] == [2, 3]
