"""Odd and bad input: one sentence or the right result; the user's files stay."""

import gzip
import hashlib
import json
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.db import connect
from ase.io import write

from ase_entropy.cli import main

HARVEST = '--cycles 1 --seed 1 --shuffle-steps 5 --isolated allow --db new.db'.split()
FITSNAP = ['--format', 'fitsnap', '-o', 'out']
POSCAR = ['--format', 'poscar', '-o', 'out']


@pytest.fixture(scope='module')
def harvested(tmp_path_factory):
    path = tmp_path_factory.mktemp('odd') / 'w.db'
    options = '--formula W8 --cell 6 6 6 --cycles 2 --seed 1 --shuffle-steps 5'.split()
    main(['harvest', *options, '--isolated', 'allow', '--db', str(path)])
    return path.read_bytes()


def rattled(seed, symbol='W', repeat=1):
    atoms = bulk(symbol, cubic=True) * repeat
    atoms.rattle(0.1, seed=seed)
    return atoms


@pytest.fixture
def folder(tmp_path, monkeypatch, harvested):
    """A folder of files as people have them, good and bad."""
    monkeypatch.chdir(tmp_path)
    Path('w.db').write_bytes(harvested)
    frames = [rattled(seed) for seed in range(4)]
    write('md.xyz', frames, format='extxyz')
    write('al.xyz', [rattled(seed, 'Al') for seed in range(3)], format='extxyz')
    write('slab.xyz', fcc111('Al', (2, 2, 3), vacuum=1.0), format='extxyz')
    write('water.xyz', molecule('H2O'), format='extxyz')
    write('mixed.xyz', [rattled(1), rattled(2, 'Al')], format='extxyz')
    text = Path('md.xyz').read_text()
    Path('cut.xyz').write_text(text[:-40])
    Path('empty.xyz').touch()
    frames[0].positions[0, 1] = np.nan
    write('nan.xyz', frames[0], format='extxyz')
    frames[0].positions[0, 1] = 0.0
    Path('nep.xyz').write_text(text.replace('Lattice=', 'lattice='))
    Path('prose.txt').write_text('Once upon a time.\n')
    Path('noise.db').write_bytes(os.urandom(5000))
    Path('empty.db').touch()
    Path('half.db').write_bytes(harvested[: len(harvested) // 2])
    Path('noise.json').write_text('{"a": 1}')
    Path('list.json').write_text('[1, 2]')
    Path('broken.json').write_text('{"ids": [1], "nextid": 2')
    Path('fit.json').write_text(json.dumps({'Dataset': {'Data': [{'Energy': 1}]}}))
    Path('packed.xyz.gz').write_bytes(gzip.compress(text.encode()))
    Path('notpacked.xyz.gz').write_text(text)
    other = connect('other.db')
    other.write(rattled(1))
    os.mkdir('none')
    os.mkdir('several')
    write('several/a.xyz', frames[:2], format='extxyz')
    write('several/b.xyz', frames[2:], format='extxyz')
    write('far.xyz', Atoms('W2', [(0, 0, 0), (0, 0, 30)]), format='extxyz')
    write(
        'flat.xyz', Atoms('W2', [(0, 0, 0), (2, 2, 0)], cell=(4, 4, 0), pbc=(1, 1, 0))
    )
    write('close.xyz', Atoms('W2', [(0, 0, 0), (0, 0, 0.01)], cell=(5, 5, 5), pbc=True))
    labeled = rattled(1)
    labeled.info.update(REF_energy=-1.0, dft_energy=-2.0)
    write('twice.xyz', labeled, format='extxyz')
    return tmp_path


def fingerprint(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in folder.rglob('*')
        if path.is_file()
    }


REFUSED = [
    # files that are none
    ('info no.xyz', 'there is no such file'),
    ('info empty.xyz', 'empty.xyz: '),
    ('info prose.txt', 'prose.txt: '),
    ('info cut.xyz', 'cut.xyz after configuration 2: '),
    ('info noise.db', 'is not an ASE database'),
    ('info half.db', 'half.db: '),
    ('info empty.db', 'empty.db: is an empty file'),
    ('export empty.db -o out.xyz', 'empty.db: is an empty file'),
    ('info noise.json', 'is not an ASE database'),
    ('info list.json', 'is not an ASE database'),
    ('info broken.json', 'is not an ASE database'),
    ('info fit.json', "it has no 'Lattice'"),
    ('info notpacked.xyz.gz', 'notpacked.xyz.gz: '),
    ('info none', 'is a folder without files of atoms'),
    ('info *.cif', 'no file matches this pattern'),
    ('info nep.xyz', "its key 'lattice' is not understood, expected 'Lattice'"),
    ('info md.xyz@a', 'expected an index or a slice'),
    ('info md.xyz+no.xyz', 'no.xyz: there is no such file'),
    ('watch md.xyz', 'expected a name that ends in .db or .json'),
    ('watch other.db', 'not from ase_entropy'),
    # exports
    ('export md.xyz -o out', '-o out: expected a name that ends in .extxyz or .xyz'),
    ('export md.xyz -o md.xyz', 'is there already'),
    ('export nan.xyz -o out.xyz', 'finite'),
    ('export twice.xyz -o out.xyz', "'REF_energy' and 'dft_energy'"),
    ('export w.db@cycle>9 -o out.xyz', 'selects some of the 2 rows'),
    ('export w.db@cycle>>9 -o out.xyz', 'expected a query of ase.db'),
    ('export w.db+md.xyz -o out.xyz --select cycle=0', '--select cycle=0: expected'),
    (['export', 'far.xyz', *POSCAR], '--vacuum 12.0: images would be closer'),
    (['export', 'slab.xyz', *FITSNAP, '--vacuum', '-1'], '--vacuum=-1.0: expected'),
    ('export md.xyz -o out.xyz --label-keys energy=E', "name 'E', which is not there"),
    ('export md.xyz -o out.xyz --element Zz', '--element Zz'),
    ('export water.xyz -o out.xyz --element Cu', 'no --scale and the atoms hold'),
    # reports
    ('report md.xyz no.xyz -o out', 'there is no such file'),
    ('report md.xyz md.xyz -o out', 'is there twice'),
    ('report md.xyz cut.xyz -o out', 'cut.xyz after configuration 2: '),
    ('report md.xyz -o md.xyz', 'md.xyz'),
    ('report md.xyz@9: -o out', 'holds no configurations'),
    # harvests
    ('harvest --structure no.xyz', '--structure no.xyz: '),
    ('harvest --structure prose.txt', '--structure prose.txt: '),
    ('harvest --structure close.xyz', 'Angstrom apart at the start'),
    ('harvest --structure nan.xyz', 'finite'),
    ('harvest --structure md.xyz --density 0.5', 'drop --formula, --cell, --density'),
    ('harvest --formula Xx8', "symbols='Xx8': expected a formula"),
    ('harvest --formula W1', '--formula=W1 is 1 atom'),
    ('harvest --formula W8 --density 0', '--density=0.0: expected'),
    ('harvest --formula W8 --density 5', '--density=5.0: expected'),
    ('harvest --formula W8 --cell 5 5 5 --density 1', '--cell and --density'),
    ('harvest --formula W8 --cell 5 5 x', 'expected a number'),
    ('harvest --formula W8 --lengths Al=3', '--lengths: distances names'),
    ('harvest --formula W8 --lengths W=-3', "distances['W']=-3.0: expected"),
    ('harvest --formula W8 --lengths W', "'W': expected numbers of elements"),
    ('harvest --formula Ni4Al4 --lengths Ni-W=3', '--lengths: distances names'),
    ('harvest --formula Al8 --lengths-from md.xyz', 'has no neighbors of Al'),
    ('harvest --formula W8 --lengths-from no.xyz', '--lengths-from no.xyz: '),
    ('harvest --formula W8 --k-per-atom 1 --k-entropy 9', '--k-entropy and --k-per'),
    ('harvest --formula W8 --k-per-atom nan', '--k-per-atom=nan: expected'),
    ('harvest --formula W8 --margin 0', '--margin=0.0: expected'),
    ('harvest --formula W8 --isolated maybe', "invalid choice: 'maybe'"),
    (
        'harvest --formula W8 --scale-from al.xyz --descriptor soap',
        '--scale-from al.xyz',
    ),
    ('harvest --formula W8 --scale Zz', "element='Zz'"),
    ('harvest --logfile md.xyz --structure md.xyz', '--logfile=md.xyz'),
    ('harvest --structure flat.xyz --logfile w.db', '--logfile=w.db'),
]


@pytest.mark.parametrize(('command', 'sentence'), REFUSED, ids=lambda x: str(x)[:60])
def test_refused_in_one_sentence(command, sentence, folder, capsys):
    words = command.split() if isinstance(command, str) else command
    if words[0] == 'harvest':
        words = [*words, *HARVEST]
    before = fingerprint(folder)
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    errors = capsys.readouterr().err
    assert 'Traceback' not in errors
    (last,) = [line for line in errors.splitlines() if 'error: ' in line]
    assert sentence in last
    after = fingerprint(folder)
    assert {k: after.get(k) for k in before} == before
    assert set(after) - set(before) <= {'new.db'}


ACCEPTED = [
    ('info several', '4 configurations, 8 atoms: 8 W'),
    ('info packed.xyz.gz', '4 configurations'),
    ('info md.xyz@::2', '2 configurations'),
    ('info other.db', '1 configurations'),
    ('info water.xyz', '3 atoms: 2 H, 1 O'),
    ('info md.xyz+al.xyz', '12 Al, 8 W'),
    ('info far.xyz', 'shortest pairs (A), and over the distance of neighbors: -'),
    ('info twice.xyz', 'unclear'),
    (['export', 'slab.xyz', *POSCAR], '1 configurations of slab.xyz'),
    (['export', 'water.xyz', *FITSNAP], '1 configurations of water.xyz'),
    (['export', 'flat.xyz', *POSCAR], '1 configurations of flat.xyz'),
    (['export', 'far.xyz', *POSCAR, '--vacuum', '31'], '1 configurations of far.xyz'),
    ('export mixed.xyz -o out.xyz', '2 configurations of mixed.xyz'),
    ('export mixed.xyz -o out.xyz --element Cu', '2 configurations of mixed.xyz'),
    ('harvest --structure flat.xyz --cycles 1 --margin inf', '1/1  left'),
    ('harvest --formula W8 --lengths-from md.xyz --cell 6 6 6', 'W-W'),
]


@pytest.mark.parametrize(('command', 'line'), ACCEPTED, ids=lambda x: str(x)[:60])
def test_odd_but_right(command, line, folder, capsys):
    words = command.split() if isinstance(command, str) else command
    if words[0] == 'harvest':
        words = [*words, *HARVEST]
    before = fingerprint(folder)
    main(words)
    assert line in capsys.readouterr().out
    after = fingerprint(folder)
    assert {k: after.get(k) for k in before} == before


def test_rows_with_odd_keys(folder, capsys):
    """Numbers as stages, keys that are columns of ours, and text that is code."""
    connection = sqlite3.connect('w.db')
    keys = {'stage': 5, 'recipe': True, 'folder': '=1+1', 'formula2': '\x1b[31mred'}
    connection.execute('UPDATE systems SET key_value_pairs=?', [json.dumps(keys)])
    connection.commit()
    connection.close()
    for options in (FITSNAP, POSCAR[:-1] + ['label'], ['-o', 'out.xyz']):
        main(['export', 'w.db', *options])
    table = Path('label/index.csv').read_text()
    assert '\n00001,1,W8,' in table.replace('\r', '')
    assert '\x1b' not in table + capsys.readouterr().out
    assert (folder / 'out/5_True/00001.json').exists()


def test_many_atoms_of_no_extent(folder):
    """All atoms at one place are refused by every command that computes."""
    write('heap.xyz', Atoms('W9', np.zeros((9, 3)), cell=(5, 5, 5), pbc=True))
    for command in ('report heap.xyz -o out', 'harvest --structure heap.xyz --db h.db'):
        with pytest.raises(SystemExit) as caught:
            main(command.split())
        assert caught.value.code == 2
