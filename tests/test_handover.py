"""How-to pages that hand a set on, up to and beyond the border of this package."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from ase.cli.main import main as ase
from ase.db import connect
from ase.io import read

from ase_entropy.cli import main

HOWTO = Path(__file__).parent.parent / 'docs/howto'
PROGRAMS = {  # what trains, and the modules that it needs
    'train_mace': ('mace',),
    'train_fitsnap': ('fitsnap3lib',),
    'train_ace': ('pyace', 'tensorpotential'),
}
NAMES = (*PROGRAMS, 'label_on_slurm')
OWN = {'ase-entropy': main, 'ase': lambda words: ase(args=words)}
ENVIRONMENT = {**os.environ, 'OMP_NUM_THREADS': '1'}


def follow(name, *, programs, cycles=None):
    """Write the files of a page into this folder, and do what it says in its order."""
    page = (HOWTO / f'{name}.md').read_text()
    for kind, block in re.findall(r'^```(sh|text)\n(.*?)^```', page, re.M | re.S):
        if kind == 'text':
            Path(block.split()[1]).write_text(block)
            continue
        for command in block.replace('\\\n', ' ').splitlines():
            program, *words = shlex.split(command)
            if program in OWN:
                if cycles and '--cycles' in words:
                    words[words.index('--cycles') + 1] = str(cycles)
                OWN[program](words)
            elif programs:
                subprocess.run([program, *words], env=ENVIRONMENT, check=True)


@pytest.fixture(scope='module')
def computed(tmp_path_factory):
    """Sets and labels, the same on all pages; the fifth cycle is an isolated atom."""
    folder = tmp_path_factory.mktemp('handover')
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        follow('train_mace', programs=False, cycles=5)
    return folder


@pytest.fixture(params=NAMES)
def followed(request, computed, tmp_path, monkeypatch, capsys):
    """Return the name of a page; its files are in this folder."""
    monkeypatch.chdir(tmp_path)
    for database in computed.glob('*.db'):
        shutil.copy(database, tmp_path)
    follow(request.param, programs=False, cycles=5)
    return request.param, capsys.readouterr().out


def test_files_for_others(followed):
    """What each program needs stands in the files, and numbers of pages are right."""
    name, printed = followed
    row = connect('cu.db').get('start=isolated Cu')
    alone = connect('labeled.db').get(row.id).energy
    for script in Path().glob('*.py'):
        compile(script.read_text(), script, 'exec')
    if name == 'train_mace':
        frames = read('train.extxyz', ':')
        assert len(frames) == 5 and 'REF_forces' in frames[0].arrays
        (atom,) = (x for x in frames if x.info['config_type'] == 'IsolatedAtom')
        assert atom.info['REF_energy'] == alone
        assert len(read('test.extxyz', ':')) == 5
    elif name == 'train_fitsnap':
        assert f'{alone:.3f}' in printed
        settings = configparser.ConfigParser()
        settings.optionxform = str
        settings.read('cu.in')
        assert float(settings['ESHIFT']['Cu']) == -alone
        groups = {path.name for path in Path('JSON').iterdir()}
        assert groups <= settings['GROUPS'].keys() and 'IsolatedAtom' in groups
    elif name == 'train_ace':
        assert f'{alone:.3f}' in printed
        assert all(x.pbc.all() and x.calc for x in read('train.extxyz', ':'))
        for path in ('input.yaml', 'grace.yaml'):
            assert f'reference_energy: {{Cu: {alone:g}}}' in Path(path).read_text()
    else:
        assert [x.calc for x in read('todo.extxyz', ':')] == [None] * 5
        page = (HOWTO / f'{name}.md').read_text()
        (system,) = re.findall(r'^```json\n(.*?)^```', page, re.M | re.S)
        names = json.loads(system)['systems']
        assert f"sys_name='{next(iter(names))}'" in Path('label_wfl.py').read_text()


@pytest.mark.slow
@pytest.mark.parametrize('name', PROGRAMS)
def test_training(name, tmp_path, monkeypatch):
    """To the end, with the python that is found first: where it has the programs."""
    imports = f'import {", ".join(PROGRAMS[name])}'
    python = shutil.which('python')
    if python is None or subprocess.run([python, '-c', imports]).returncode:
        pytest.skip(f'the python of this shell fails at "{imports}"')
    monkeypatch.chdir(tmp_path)
    follow(name, programs=True)
