"""Files are whole or not there, whoever is killed; and what is not ours is left."""

import os
import pickle
import re
import resource
import shlex
import signal
import socket
import subprocess
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.db import connect
from ase.io import write
from numba import config
from test_errors import complaint

from ase_entropy import (
    AnnealSchedule,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    RandomPacking,
)
from ase_entropy._kernels import cache, jit
from ase_entropy.calculator import Base
from ase_entropy.campaign import Recipe, warm_up
from ase_entropy.campaign.warm_up import WarmUp
from ase_entropy.cli import main
from ase_entropy.report import make_folder
from ase_entropy.report.figures.comparisons import Picture
from ase_entropy.report.replay import effort, replay
from ase_entropy.report.stages import replay_cycle
from ase_entropy.sets import (
    export_extxyz,
    export_fitsnap,
    export_poscar,
    read_dataset,
)
from ase_entropy.store import open_database, without_password, write_rows
from ase_entropy.store.transactions import writer_lock

# ----------------------------------------------------------------- compiled kernels


def square(x):
    return x * x


def compile_square():
    """Return the compiled square, of a new kernel, and whether it was in the cache."""
    kernel = jit.kernel(square)
    assert kernel(3.0) == 9.0
    return kernel, bool(kernel.stats.cache_hits)


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """Compile a kernel into a folder of its own; return its files."""
    monkeypatch.setattr(config, 'CACHE_DIR', str(tmp_path))
    assert not compile_square()[1]
    assert compile_square()[1]
    return {path.suffix: path for path in tmp_path.rglob('*') if path.is_file()}


def flipped(content):
    """Return bytes of which one, in the middle of the machine code, is another."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


@pytest.mark.parametrize(
    'damage',
    [
        lambda content: b'',
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: b'no pickle\n' * 100,
        lambda content: bytes(len(content)),
        flipped,
    ],
    ids=['empty', 'last', 'half', 'garbage', 'zeros', 'flipped'],
)
@pytest.mark.parametrize('suffixes', [['.nbi'], ['.nbc'], ['.nbi', '.nbc']])
def test_a_damaged_kernel_is_compiled_again(compiled, suffixes, damage):
    """One byte is enough: machine code with a wrong one would crash, or worse."""
    for suffix in suffixes:
        compiled[suffix].write_bytes(damage(compiled[suffix].read_bytes()))
    assert not compile_square()[1]
    assert compile_square()[1]


@pytest.mark.parametrize('suffix', ['.nbi', '.nbc'])
def test_a_kernel_behind_something_that_is_no_file(compiled, suffix):
    """Then it cannot be kept, but it works."""
    compiled[suffix].unlink()
    compiled[suffix].mkdir()
    assert not compile_square()[1]


def test_what_is_compiled_is_announced_once(compiled):
    lines = []
    announcement = cache.Announcement(lines.append)
    with announcement.watching():
        assert compile_square()[1]
        assert lines == []
        for _ in range(2):
            compiled['.nbc'].write_bytes(b'')
            assert not compile_square()[1]
        assert lines == [cache.COMPILING]
    with announcement.watching():  # of the same run
        compiled['.nbc'].write_bytes(b'')
        assert not compile_square()[1]
    compiled['.nbc'].write_bytes(b'')
    compile_square()
    assert len(lines) == 1


def test_kernels_of_the_same_name_are_told_apart(tmp_path):
    """Two processes, each with arguments of its own, may choose one name at once."""
    files = [jit._CheckedFiles(str(tmp_path), 'kernel', 'stamp') for _ in range(2)]
    files[0].save('int', b'for int')
    files[1]._save_index({})  # as the second one found it, before the first had saved
    files[1].save('float', b'for float')
    assert len([*tmp_path.glob('*.nbc')]) == 1
    files[0]._save_index({'int': 'kernel.1.nbc', 'float': 'kernel.1.nbc'})
    assert files[0].load('float') == b'for float'
    assert files[0].load('int') is None
    files[0].save('int', b'for int')
    assert files[1].load('int') == b'for int'
    assert files[1].load('float') is None


@pytest.mark.parametrize('error', [OSError('no memory'), ValueError('no pipe')])
def test_without_another_process_all_is_compiled_here(monkeypatch, error):
    calls, lines = [], []

    def fail(*args, **kwargs):
        calls.append(kwargs['input'])
        raise error

    monkeypatch.setattr(warm_up.subprocess, 'run', fail)
    monkeypatch.setattr(warm_up, 'usable_cores', lambda: 2)
    schedule = AnnealSchedule(shuffle_steps=1, ramp_steps=0)
    recipe = Recipe(RandomPacking('W4', (6, 6, 6)), schedule)
    compiling = warm_up.WarmUp(recipe, lines.append)
    for _ in range(2):
        compiling.on_start(None)
    compiling.run()
    assert pickle.loads(*calls) == recipe
    assert lines == [cache.COMPILING]


@pytest.mark.parametrize(
    ('cores', 'base'), [(1, None), (2, 'ase.calculators.emt:EMT'), (2, None)]
)
def test_one_core_or_a_base_has_no_other_process(monkeypatch, cores, base):
    """A base may be a program that writes into this folder."""
    calls = []
    monkeypatch.setattr(warm_up, '_compile_quench', calls.append)
    monkeypatch.setattr(warm_up, 'usable_cores', lambda: cores)
    recipe = Recipe(RandomPacking('W4', (6, 6, 6)), base=base and Base(base))
    compiling = warm_up.WarmUp(recipe, lambda line: None)
    compiling.on_start(None)
    if cores == 2 and base is None:
        compiling._other.join()
        assert calls == [recipe]
    else:
        assert compiling._other is None


def test_a_disk_too_full_for_compiled_code(compiled, monkeypatch):
    def full(self, path):
        raise OSError('no space left')

    monkeypatch.setattr(jit.IndexDataCacheFile, '_open_for_write', full)
    compiled['.nbc'].unlink()
    assert not compile_square()[1]


KILLED_WHILE_SAVING = """
import os, sys
from ase_entropy._kernels import jit, lanes
plain, calls = jit.IndexDataCacheFile._open_for_write, []

def killed(self, path):
    calls.append(path)
    if len(calls) < int(sys.argv[1]):
        return plain(self, path)
    with plain(self, path) as file:
        file.write(b'half of it')
        file.flush()
        os.kill(os.getpid(), 9)

jit.IndexDataCacheFile._open_for_write = killed
lanes.count_octets(9)
"""
CALL = """
from ase_entropy._kernels import lanes
lanes.count_octets(9)
print(sum(lanes.count_octets.stats.cache_hits.values()))
"""


@pytest.mark.parametrize('moment', ['1', '2'], ids=['index', 'code'])
def test_killed_while_a_kernel_is_saved(moment, tmp_path):
    environment = {**os.environ, 'NUMBA_CACHE_DIR': str(tmp_path)}
    command = [sys.executable, '-c', KILLED_WHILE_SAVING, moment]
    assert subprocess.run(command, env=environment).returncode == -signal.SIGKILL
    for hits in ('0\n', '1\n'):
        command = [sys.executable, '-c', CALL]
        assert subprocess.check_output(command, env=environment, text=True) == hits


# --------------------------------------------------------------------------- exports

EXPORTS = [(export_extxyz, 'w.xyz'), (export_fitsnap, 'set'), (export_poscar, 'set')]


@pytest.fixture
def rows(tmp_path):
    database = connect(tmp_path / 'w.db')
    for number in range(3):
        atoms = bulk('W', cubic=True)
        atoms.rattle(0.1, seed=number)
        database.write(atoms, stage='biased', cycle=number)
    return database


def place(path, kind):
    """Put something there that is not a file or folder of ours; return its target."""
    target = path.with_name('precious')
    if kind == 'file':
        target.write_text('weeks of work')
    elif kind == 'folder':
        target.mkdir()
        (target / 'notes').write_text('weeks of work')
    elif kind == 'device':
        target = Path('/dev/null')
    if kind == 'pipe':
        os.mkfifo(path)
    elif kind == 'socket':
        socket.socket(socket.AF_UNIX).bind(str(path))
    else:
        path.symlink_to(target)


def contents(folder):
    """Return what there is below a folder, links as links."""
    found = {}
    for path in sorted(folder.rglob('*')):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        link = os.readlink(path) if path.is_symlink() else None
        found[path] = status.st_mode, status.st_ino, content, link
    return found


FOREIGN = ['file', 'folder', 'device', 'nothing', 'pipe', 'socket']


@pytest.mark.parametrize('kind', FOREIGN)
@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_exports_replace_nothing_of_others(export, name, kind, rows, tmp_path):
    """Not even with permission: what a link leads to is not an earlier export."""
    place(tmp_path / name, kind)
    before = contents(tmp_path)
    message = complaint(export, rows.select(), tmp_path / name, overwrite=True)
    what = 'a device, pipe or socket' if kind in ('pipe', 'socket') else 'a link'
    assert message.startswith(f"path='{tmp_path / name}': is {what}, expected ")
    assert contents(tmp_path) == before


@pytest.mark.parametrize('name', ['00009', '00001/OUTCAR', '00009/POSCAR'])
@pytest.mark.parametrize('kind', FOREIGN)
def test_folders_with_something_of_others_stay(kind, name, rows, tmp_path):
    export_poscar(rows.select(), tmp_path / 'set')
    (tmp_path / 'set' / name).parent.mkdir(exist_ok=True)
    place(tmp_path / 'set' / name, kind)
    before = contents(tmp_path)
    message = complaint(export_poscar, rows.select(), tmp_path / 'set', overwrite=True)
    assert 'which no export writes, expected a new name' in message
    assert contents(tmp_path) == before


def test_what_comes_in_during_an_export_stays(rows, tmp_path):
    export_poscar(rows.select(), tmp_path / 'set')

    def slowly():
        yield from rows.select()
        (tmp_path / 'set/00001/OUTCAR').write_text('just finished')
        (tmp_path / 'w.xyz').write_text('mine')

    assert "holds '00001/OUTCAR'" in complaint(
        export_poscar, slowly(), tmp_path / 'set', overwrite=True
    )
    assert (tmp_path / 'set/00001/OUTCAR').read_text() == 'just finished'
    (tmp_path / 'w.xyz').unlink()
    assert 'is there already' in complaint(export_extxyz, slowly(), tmp_path / 'w.xyz')
    assert (tmp_path / 'w.xyz').read_text() == 'mine'


@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_names_that_could_be_temporary_are_the_users(export, name, rows, tmp_path):
    for suffix in ('part', 'old', 'new'):
        (tmp_path / f'.{name}.{os.getpid()}.{suffix}').write_text('mine')
        (tmp_path / f'{name}.{suffix}').write_text('mine')
    before = contents(tmp_path)
    for _ in range(2):
        export(rows.select(), tmp_path / name, overwrite=True)
    after = contents(tmp_path)
    assert {path: after[path] for path in before} == before
    assert all(
        path.is_relative_to(tmp_path / name) for path in set(after) - set(before)
    )


@pytest.mark.parametrize('name', ['.', '../set', 'below/..'])
def test_the_folder_where_one_is(name, rows, tmp_path, monkeypatch):
    (tmp_path / 'set/below').mkdir(parents=True)
    monkeypatch.chdir(tmp_path / 'set')
    message = complaint(export_poscar, rows.select(), name)
    assert 'is there already, expected a new name' in message
    (tmp_path / 'set/below').rmdir()
    assert export_poscar(rows.select(), tmp_path / 'set') == 3
    assert export_poscar(rows.select(limit=1), tmp_path / 'set', overwrite=True) == 1
    assert {p.name for p in (tmp_path / 'set').iterdir()} == {'00001', 'index.csv'}


def test_files_can_be_read_by_others(rows, tmp_path):
    """As the umask has it, not for the owner alone."""
    before = os.umask(0o027)
    try:
        export_extxyz(rows.select(), tmp_path / 'w.xyz')
        export_poscar(rows.select(), tmp_path / 'set')
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert (modes['w.xyz'], modes['set']) == (0o640, 0o750)


def limit(size):
    """Return what makes a disk that is full after so many bytes in a file."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def run(code, *words, **kwargs):
    """Run Python code, or the command; return the process that has ended."""
    command = ['-c', code] if code else ['-m', 'ase_entropy']
    return subprocess.run(
        [sys.executable, *command, *map(str, words)],
        capture_output=True,
        text=True,
        **kwargs,
    )


def test_an_export_on_a_full_disk(rows, tmp_path):
    words = ['export', tmp_path / 'w.db', '-o', tmp_path / 'w.xyz']
    done = run('', *words, preexec_fn=limit(200))
    assert done.returncode == 2
    assert done.stderr.endswith(f"File too large: '{tmp_path / 'w.xyz'}'\n")
    assert [path.name for path in tmp_path.iterdir()] == ['w.db']
    (tmp_path / 'w.xyz').write_text('earlier')
    assert run('', *words, '--overwrite', preexec_fn=limit(200)).returncode == 2
    assert (tmp_path / 'w.xyz').read_text() == 'earlier'


KILLED_IN_AN_EXPORT = """
import os, sys
from ase.db import connect
from ase_entropy import sets

def rows():
    yield from connect(sys.argv[1]).select(limit=2)
    os.kill(os.getpid(), 9)

getattr(sets, sys.argv[2])(rows(), sys.argv[3], overwrite=True)
"""


@pytest.mark.parametrize('earlier', [False, True])
@pytest.mark.parametrize(('export', 'name'), EXPORTS)
def test_an_export_that_is_killed(export, name, earlier, rows, tmp_path):
    path = tmp_path / 'out' / name
    path.parent.mkdir()
    if earlier:
        export(rows.select(limit=1), path)
    before = contents(path.parent)
    done = run(KILLED_IN_AN_EXPORT, tmp_path / 'w.db', export.__name__, path)
    assert done.returncode == -signal.SIGKILL
    left = {p for p in path.parent.iterdir() if p.name.startswith('.ase_entropy-')}
    assert len(left) == 1
    after = contents(path.parent)
    assert {path: after[path] for path in before} == before
    assert {p for p in path.parent.iterdir() if p not in before} == left
    assert export(rows.select(), path, overwrite=True) == 3
    assert set(path.parent.iterdir()) == {path, *left}


# ------------------------------------------------------------------------- databases


def test_files_beside_a_json_database_are_the_users(tmp_path):
    path = tmp_path / 'w.json'
    (tmp_path / 'w.json.new').write_text('mine')
    database = open_database(path)
    write_rows(database, [], lambda metadata: {**metadata, 'title': 'W'})
    assert connect(path).metadata['title'] == 'W'
    assert (tmp_path / 'w.json.new').read_text() == 'mine'
    assert {p.name for p in tmp_path.iterdir()} == {'w.json', 'w.json.new'}


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_a_file_with_the_name_of_the_lock_is_the_users(name, tmp_path):
    database, lock = open_database(tmp_path / name), tmp_path / f'{name}.writer'
    lock.write_text('mine')
    with pytest.raises(ValueError, match='is in the way'):
        with writer_lock(database):
            pass
    assert lock.read_text() == 'mine'
    lock.unlink()
    with writer_lock(database):
        pass


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
@pytest.mark.parametrize('kind', ['device', 'pipe', 'socket'])
def test_databases_are_files(name, kind, tmp_path):
    """To read a pipe would wait for ever."""
    place(tmp_path / name, kind)
    for must_exist in (False, True):
        message = complaint(open_database, tmp_path / name, must_exist=must_exist)
        assert message.startswith("db='")


KILLED_WHILE_REPLACING = """
import os, sys
from ase_entropy.store import atomic_files
from ase_entropy.cli import main

def killed(new, path):
    os.kill(os.getpid(), 9)

atomic_files.os.replace = killed
main(sys.argv[1:])
"""
TINY = ['harvest', '--formula', 'W8', '--cell', '6', '6', '6', '--seed', '1']
TINY += ['--shuffle-steps', '20', '--fmax', '500', '--cycles', '1']


def test_killed_while_a_json_database_is_made(tmp_path):
    path = tmp_path / 'w.json'
    done = run(KILLED_WHILE_REPLACING, *TINY, '--db', path)
    assert done.returncode == -signal.SIGKILL
    assert not path.exists()
    main([*TINY, '--db', str(path)])
    assert connect(path).count() == 1


# --------------------------------------------------------------------------- reports

QUICK = ['--decompositions', '2', '--seed', '1', '-o']


@pytest.fixture
def crystals(tmp_path):
    """A set that is quick to report on, as words of the command."""
    several = [bulk('W', 'sc', a=2.7) * (2, 1, 1) for _ in range(6)]
    for seed, atoms in enumerate(several):
        atoms.rattle(0.2, seed=seed)
    (tmp_path / 'sets').mkdir()
    write(tmp_path / 'sets/u.xyz', several, format='extxyz')
    return ['report', str(tmp_path / 'sets/u.xyz'), *QUICK]


@pytest.fixture
def one_figure(monkeypatch):
    """Draw one figure only: all take most of the time."""
    monkeypatch.setattr('ase_entropy.report.writing.pictures', lambda found: figure())


def figure():
    from ase_entropy import plots

    plain = plots.new_figure()
    yield Picture('map', 'Map', 'a map', plain)


@pytest.mark.parametrize('kind', FOREIGN)
@pytest.mark.parametrize(
    'name', ['index.html', 'figures/map.svg', 'tables/sets.csv', 'report.log']
)
def test_reports_replace_nothing_of_others(
    name, kind, crystals, one_figure, tmp_path, capsys
):
    """Also where an earlier report is, and before anything is computed."""
    folder = tmp_path / 'out'
    main([*crystals, str(folder)])
    (folder / name).unlink()
    place(folder / name, kind)
    before = contents(tmp_path)
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main([*crystals, str(folder)])
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ''
    assert f'{name}' in printed.err
    assert contents(tmp_path) == before


@pytest.mark.parametrize('name', ['figures', 'tables'])
def test_reports_go_into_no_folder_of_others(name, tmp_path):
    (tmp_path / 'out').mkdir()
    place(tmp_path / 'out' / name, 'folder')
    assert 'is a link, expected a folder of its own' in complaint(
        make_folder, tmp_path / 'out'
    )


@pytest.mark.parametrize('name', ['index.html', 'figures/map.png', 'tables/sets.md'])
def test_files_that_no_report_has_written_stay(name, crystals, tmp_path):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text('weeks of work')
    message = complaint(make_folder, tmp_path)
    assert f"holds '{name}', which no report has written" in message
    assert (tmp_path / name).read_text() == 'weeks of work'


def test_a_report_replaces_an_earlier_one(crystals, one_figure, tmp_path, capsys):
    folder = tmp_path / 'out'
    main([*crystals, str(folder)])
    first = {path: path.read_bytes() for path in folder.glob('*/*')}
    for path in first:
        path.write_text('outdated')
    page = (folder / 'index.html').read_text(encoding='utf-8')
    page = page.replace('<meta name=generator content=ase_entropy>\n', '')
    (folder / 'index.html').write_text(page, encoding='utf-8')  # as it was once
    main([*crystals, str(folder)])
    assert {path: path.read_bytes() for path in folder.glob('*/*')} == first
    assert (folder / 'report.log').read_text().count('is ready') == 2
    assert {path.name for path in folder.iterdir()} == {
        *('index.html', 'report.log', 'figures', 'tables')
    }


def test_other_files_in_the_folder_of_a_report_stay(crystals, one_figure, tmp_path):
    folder = tmp_path / 'out'
    for name in ('.write_test', 'figures/.write_test', 'notes'):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text('mine')
    before = contents(folder)
    main([*crystals, str(folder)])
    after = contents(folder)
    assert {path: after[path] for path in before if path.is_file()} == {
        path: before[path] for path in before if path.is_file()
    }


FAILING = [
    (['no.xyz'], 2),  # before anything is read
    (['cut.xyz'], 2),  # after something was read
    (['--cutoff', '-1'], 2),
]


@pytest.mark.parametrize(('words', 'code'), FAILING)
@pytest.mark.parametrize('output', ['out', 'a/b/out'])
def test_a_failed_report_leaves_no_folder(
    output, words, code, crystals, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    Path('cut.xyz').write_text(Path(crystals[1]).read_text()[:-30])
    before = contents(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main([*crystals[:2], *words, *QUICK, output])
    assert caught.value.code == code
    assert contents(tmp_path) == before
    Path(output).mkdir(parents=True)
    with pytest.raises(SystemExit):
        main([*crystals[:2], *words, *QUICK, output])
    assert {path.name for path in Path(output).iterdir()} <= {'report.log'}


def test_a_folder_that_cannot_be_made_leaves_none(tmp_path):
    for folder in (tmp_path, tmp_path / 'a' / 'b'):
        message = complaint(make_folder, folder / ('c' * 300))
        assert 'cannot be written (File name too long)' in message
        assert list(tmp_path.iterdir()) == []


ONE_FIGURE = """
import os, sys
import test_files
from ase_entropy.cli import main
from ase_entropy.report import writing

writing.pictures = lambda found: test_files.figure()
"""


@pytest.mark.slow
def test_a_report_on_a_full_disk(crystals, one_figure, tmp_path):
    """Nothing is cut off; an earlier report stays as it was, all of it."""
    folder = tmp_path / 'out'
    full = {'preexec_fn': limit(4000)}  # bytes: the page does not fit
    code = f'{ONE_FIGURE}\nmain(sys.argv[1:])'
    done = run(code, *crystals, folder, **full)
    assert done.returncode == 2
    assert 'File too large' in done.stderr
    assert not folder.exists()
    main([*crystals, str(folder)])
    before = contents(folder)
    assert run(code, *crystals, folder, **full).returncode == 2
    after = contents(folder)
    assert (folder / 'report.log').read_text().count('is ready') == 1
    for found in (before, after):
        del found[folder / 'report.log']
    assert after == before


PUT_IN_PLACE = """
plain, done = os.replace, []

def third(new, path):
    done.append(path)
    os.kill(os.getpid(), 9) if len(done) == 3 else plain(new, path)

os.replace = third
"""


def files_in(folder):
    """Return the files of a report, without its log and what is hidden."""
    found = [folder / 'index.html', *folder.glob('figures/*'), *folder.glob('tables/*')]
    return {path: path.read_bytes() for path in found if path.exists()}


@pytest.mark.parametrize('earlier', [pytest.param(False, marks=pytest.mark.slow), True])
@pytest.mark.parametrize(
    'killed',
    [
        'writing._svg = lambda figure: os.kill(os.getpid(), 9)',
        'writing.page = lambda *args: os.kill(os.getpid(), 9)',
    ],
    ids=['figures', 'page'],
)
def test_a_report_that_is_killed(killed, earlier, crystals, one_figure, tmp_path):
    """What was there is there, all of it; the next one is as if nothing had been."""
    folder = tmp_path / 'out'
    if earlier:
        main([*crystals, str(folder)])
    before = files_in(folder)
    done = run(f'{ONE_FIGURE}\n{killed}\nmain(sys.argv[1:])', *crystals, folder)
    assert done.returncode == -signal.SIGKILL
    assert files_in(folder) == before
    main([*crystals, str(folder)])
    main([*crystals, str(tmp_path / 'calm')])
    calm = {path.name: content for path, content in files_in(tmp_path / 'calm').items()}
    assert {p.name: content for p, content in files_in(folder).items()} == calm


def test_a_report_that_is_killed_while_it_is_put_in_place(
    crystals, one_figure, tmp_path
):
    """Each file is whole; the page, which needs no other, is the first."""
    folder = tmp_path / 'out'
    code = f'{ONE_FIGURE}\n{PUT_IN_PLACE}\nmain(sys.argv[1:])'
    done = run(code, *crystals, folder)
    assert done.returncode == -signal.SIGKILL
    some = files_in(folder)
    main([*crystals, str(folder)])
    every = files_in(folder)
    assert len(some) == 2
    assert len(every) > 6
    assert folder / 'index.html' in some
    assert {path: every[path] for path in some} == some


# ------------------------------------------------------------------------- passwords


@pytest.mark.parametrize(
    ('address', 'hidden'),
    [
        ('postgresql://me:pa%ss@h/w', 'postgresql://me:***@h/w'),
        ('postgresql://me:p%40ss@h:5432/w', 'postgresql://me:***@h:5432/w'),
        ('postgresql://me:p/a@s?s@h/w', 'postgresql://me:***@h/w'),
        ('postgresql://me:pa\nss@h/w', 'postgresql://me:***@h/w'),
        ('POSTGRESQL://me:pass@h/w', 'POSTGRESQL://me:***@h/w'),
        ('postgresql:/me:pass@h/w', 'postgresql:/me:***@h/w'),
        ('mysql://me:1234@h', 'mysql://me:***@h'),
        ('/home/me/mysql:/me:pass@h/w.db', '/home/me/mysql:/me:***@h/w.db'),
        ('postgresql://me:pass', 'postgresql://me:***'),  # the host was forgotten
        ('postgresql://me:pass/w', 'postgresql://me:***/w'),
        ('postgresql://h/w?password=x&a=1', 'postgresql://h/w?password=***&a=1'),
        ('postgresql://h:5/w?%70assword=p@s', 'postgresql://h:5/w?%70assword=***'),
        ('postgresql://h/w?a=1&PassWd=x', 'postgresql://h/w?a=1&PassWd=***'),
        ('postgresql://h/w?sslpassword=x', 'postgresql://h/w?sslpassword=***'),
        ('host=h password=x.db', 'host=h password=***'),
    ],
)
def test_passwords_are_hidden_in_every_form(address, hidden):
    assert without_password(address) == hidden
    assert without_password(hidden) == hidden


@pytest.mark.parametrize(
    'name',
    [
        'w.db',
        'C:/data/w.db',
        'postgresql://me@h:5432/w',
        'postgresql://[::1]:5432/w?options=a@b',
        'postgresql:///w?host=/tmp/run&user=me',
        'tcp://10.0.0.1:8786',
    ],
)
def test_names_without_a_password_stay(name):
    assert without_password(name) == name


ADDRESSES = [
    'postgresql://me:hush%zz@127.0.0.1:1/w',  # the driver repeats it
    'postgresql://127.0.0.1:1/w?password=hush%zz',
    'postgresql://127.0.0.1:1/w?%70assword=hush%zz',
    'postgresql://127.0.0.1:1/w?%70assword=hush',
    'postgresql://me@127.0.0.1:1/w?passwd=hush',
    'postgresql://me:hush',
    'POSTGRESQL://me:hush@127.0.0.1:1/w',
    'postgresql:/me:hush@127.0.0.1:1/w.db',
    'mysql://me:hush@127.0.0.1',
    'mysql://me:271828@127.0.0.1',
]


@pytest.mark.parametrize('address', ADDRESSES)
@pytest.mark.parametrize(
    'words',
    [
        ['info', '{}'],
        ['watch', '{}'],
        ['export', '{}', '-o', 'w.xyz'],
        ['export', 'w.db', '-o', '{}.xyz'],
        ['harvest', '--db', '{}'],
        ['harvest', '--scale-from', '{}'],
        ['harvest', '--structure', '{}'],
        ['harvest', '--logfile', '{}'],
        ['unbiased', '--db', '{}'],
        ['report', '{}'],
        ['report', '{}@entropy>5', '--names', 'a,b'],
        ['report', 'w.xyz', '--reference', '{}'],
    ],
    ids=' '.join,
)
def test_no_command_prints_a_password(words, address, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write('w.xyz', bulk('W'), format='extxyz')
    connect('w.db').write(bulk('W'), stage='biased')
    with pytest.raises(SystemExit) as caught:
        main([word.format(address) for word in words])
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert not re.search('hush|271828', printed.out + printed.err)


def test_tracebacks_hold_no_password():
    with pytest.raises(ValueError) as caught:
        open_database(ADDRESSES[0])
    assert 'hush' not in ''.join(traceback.format_exception(caught.value))


# ------------------------------------------------------------------- closed streams


def shell(words, redirections, folder):
    """Run the command in a shell that redirects or closes its streams."""
    command = shlex.join([sys.executable, '-m', 'ase_entropy', *map(str, words)])
    return subprocess.run(
        ['bash', '-c', f'{command} {redirections}'],
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize('redirections', ['2>&-', '>&- 2>&-', '<&- >&- 2>&-'])
def test_closed_streams(redirections, crystals, tmp_path):
    """Commands do their work, and end with the code that they would have."""
    unbiased = ['unbiased', *TINY[1:7], '--interval', '20', '--samples', '1']
    every = '<' in redirections
    for words, made in (
        ([*TINY, '--db', 'w.db'], 'w.db'),
        (['export', 'w.db', '-o', 'w.xyz'], 'w.xyz'),
        *every * [([*TINY, '--db', 'v.db', '--workers', '1', '--logfile', 'l'], 'l')],
        *every * [([*unbiased, '--db', 'u.db'], 'u.db')],
        *every * [(['info', 'w.db'], 'w.db')],
        *every * [(['watch', 'w.db'], 'w.db')],
        *every * [([*crystals, 'out'], 'out/index.html')],
    ):
        done = shell(words, redirections, tmp_path)
        assert (done.returncode, done.stderr) == (0, ''), words
        assert (tmp_path / made).exists(), words
    for name in 'wvu' if every else 'w':
        assert connect(tmp_path / f'{name}.db').count() == 1
    for words in (['info', 'no.db'], ['export', 'w.db', '-o', 'w.xyz'], ['fly']):
        assert shell(words, redirections, tmp_path).returncode == 2, words


@pytest.mark.parametrize(
    'reader',
    [
        pytest.param('| true', marks=pytest.mark.slow),
        '| head -1',
        pytest.param('> /dev/full', marks=pytest.mark.slow),
    ],
)
def test_nobody_reads_what_is_printed(reader, rows, crystals, tmp_path):
    """Work goes on, to its end."""
    reader += '; exit ${PIPESTATUS[0]}'
    for words, made in (
        (['export', 'w.db', '-o', 'w.xyz'], 'w.xyz'),
        ([*crystals, 'out'], 'out/index.html'),
    ):
        done = shell(words, reader, tmp_path)
        assert (done.returncode, done.stderr) == (0, '')
        assert (tmp_path / made).exists()


# ------------------------------------------------------------------------ log files


@pytest.mark.parametrize('kind', ['pipe', 'socket', 'link to a pipe'])
def test_logs_are_not_sent_into_pipes(kind, tmp_path, capsys):
    """To open one would wait for its reader."""
    log = tmp_path / 'log'
    if kind == 'link to a pipe':
        place(tmp_path / 'pipe', 'pipe')
        log.symlink_to('pipe')
    else:
        place(log, kind)
    with pytest.raises(SystemExit) as caught:
        main([*TINY, '--db', str(tmp_path / 'w.db'), '--logfile', str(log)])
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith(
        f'--logfile={log}: is a device, pipe or socket, expected a file, a terminal, '
        '/dev/null, /dev/stdout or /dev/stderr\n'
    )
    assert not (tmp_path / 'w.db').exists()


@pytest.mark.parametrize(
    'log',
    [
        pytest.param('/dev/null', marks=pytest.mark.slow),
        'log',
        pytest.param('link', marks=pytest.mark.slow),
        pytest.param('/dev/stdout', marks=pytest.mark.slow),
    ],
)
def test_logs_of_every_other_kind(log, tmp_path):
    (tmp_path / 'link').symlink_to('log')
    done = run('', *TINY, '--db', 'w.db', '--logfile', log, cwd=tmp_path)
    assert done.returncode == 0
    text = (tmp_path / 'log').read_text() if log in ('log', 'link') else done.stdout
    assert ('cycle 0 ' if log != '/dev/null' else '1/1  left 0:00:00') in text


def test_a_terminal_is_a_log(tmp_path):
    ours, theirs = os.openpty()
    name = os.ttyname(theirs)
    main([*TINY, '--db', str(tmp_path / 'w.db'), '--logfile', name])
    assert b'W8, seed 1: 1 cycles' in os.read(ours, 10000)
    os.close(ours)
    os.close(theirs)


# -------------------------------------------------------- what is checked before work


@pytest.fixture
def cold(monkeypatch):
    """Let kernels seem not compiled, and fail where one would be compiled."""

    def compiled(*args, **kwargs):
        raise AssertionError('kernels are compiled')

    monkeypatch.setattr(WarmUp, 'run', compiled)
    monkeypatch.setattr(Recipe, 'check', compiled)
    monkeypatch.setattr('ase_entropy.cli.harvest.command.read_dataset', compiled)


NO_KERNEL_NEEDED = [
    (['--db', 'no/w.db'], "the folder 'no' does not exist"),
    (['--db', 'w.txt'], 'expected a name that ends in .db or .json'),
    (['--db', 'folder.db'], 'is a folder, expected a file'),
    (['--db', 'trash.db'], 'is not an ASE database'),
    (['--db', 'others.db'], '1 of its 1 rows are not from ase_entropy'),
    (['--db', 'done.db', '--seed', '2'], 'done.db: campaign 0 has --seed 1 (now 2)'),
    (['--db', '/proc/w.db'], '/proc/w.db: cannot be written'),
    (['--db', '/proc/w.json'], '/proc/w.json: cannot be written'),
    (['--db', 'postgresql://me@127.0.0.1:1/w'], 'expected the address of a server'),
    (['--logfile', 'no/log'], '--logfile=no/log: cannot be written'),
    (['--logfile', 'pipe'], '--logfile=pipe: is a device, pipe or socket'),
    (['--structure', 'no.xyz'], '--structure no.xyz: '),
    (['--structure', 'close.xyz'], 'atoms 0.5 Angstrom apart at the start'),
    (['--structure', 'same.xyz'], 'atoms 0 and 1 coincide'),
    (['--structure', 'nan.xyz'], 'expected finite numbers'),
    (['--formula', 'W900'], 'found no room for 900 atoms'),
    (['--cutoff', '1e5'], '--cutoff 100000 Angstrom reaches over'),
    (['--orders', '0'], '--orders 0: expected a finite number'),
    (['--workers', '0'], 'expected a whole number'),
]


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A folder of things that are no good for a harvest."""
    monkeypatch.chdir(tmp_path)
    Path('folder.db').mkdir()
    Path('trash.db').write_text('trash')
    os.mkfifo('pipe')
    connect('others.db').write(bulk('W'))
    main([*TINY, '--db', 'done.db'])
    for name, x in (('close', 0.5), ('same', 0.0), ('nan', float('nan'))):
        write(f'{name}.xyz', Atoms('W2', [(0, 0, 0), (x, 0, 0)]), format='extxyz')


def harvest(words):
    """Return a small harvest with other options; a structure brings its atoms."""
    tiny = [*TINY[:1], *TINY[7:]] if '--structure' in words else TINY
    return [*tiny, '--db', 'w.db', *words]


@pytest.mark.parametrize(('words', 'sentence'), NO_KERNEL_NEEDED)
def test_what_is_wrong_is_said_before_kernels_are_compiled(
    words, sentence, places, cold, capsys
):
    before = contents(Path.cwd())
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(harvest(words))
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert 'compiling' not in printed.out
    assert contents(Path.cwd()) == before


@pytest.mark.parametrize(
    ('words', 'sentence'), NO_KERNEL_NEEDED[:5] + NO_KERNEL_NEEDED[6:11]
)
def test_places_are_checked_before_descriptors_of_a_set(
    words, sentence, places, cold, capsys
):
    with pytest.raises(SystemExit) as caught:
        main([*TINY, '--scale-from', 'close.xyz', '--db', 'w.db', *words])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_database_that_another_campaign_writes_is_said_first(places, cold, capsys):
    with writer_lock(open_database('done.db')):
        with pytest.raises(SystemExit):
            main([*TINY, '--db', 'done.db', '--cycles', '2'])
    assert 'another campaign is writing to it' in capsys.readouterr().err


def test_a_finished_campaign_needs_no_kernels(places, cold, capsys):
    main([*TINY, '--db', 'done.db'])
    assert 'nothing to do' in capsys.readouterr().out


def test_good_input_is_compiled_for(places, cold, capsys):
    with pytest.raises(SystemExit):
        main([*TINY, '--db', 'w.db'])
    assert 'AssertionError: kernels are compiled' in capsys.readouterr().err


def test_a_harvest_checks_its_start_before_kernels_are_compiled(tmp_path, monkeypatch):
    atoms = Atoms('W2', [(0, 0, 0), (0.5, 0, 0)], calculator=EntropyCalculator())
    dyn, lines = CyclicLangevin(atoms, rng=np.random.default_rng(1)), []
    harvest = Harvest(dyn, tmp_path / 'w.db', report=lines.append)
    monkeypatch.setattr('ase_entropy.campaign.harvest.check_start', None)
    assert '0.5 Angstrom apart at the start' in complaint(harvest.run, 1)
    assert lines == []


COLD = """
import pathlib, os, sys
from ase_entropy.cli import main
from test_files import NO_KERNEL_NEEDED, TINY, harvest

for words, sentence in NO_KERNEL_NEEDED:
    try:
        main(harvest(words))
    except SystemExit as end:
        assert end.code == 2, words
    else:
        raise AssertionError(words)
main([*TINY, '--db', 'done.db'])
"""


def test_nothing_is_compiled_in_vain(places, tmp_path):
    """With a cache of kernels that is really cold."""
    environment = {**os.environ, 'NUMBA_CACHE_DIR': str(tmp_path / 'cache')}
    done = run(COLD, env=environment)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / 'cache').rglob('*.nbi')) == []


# ---------------------------------------------------------------- replays and signals


@pytest.fixture(scope='module')
def harvested(tmp_path_factory):
    """The row of a cycle, as atoms, keys and data."""
    path = tmp_path_factory.mktemp('harvest') / 'w.db'
    main([*TINY, '--db', str(path)])
    row = connect(path).get(1)
    return row.toatoms(), row.key_value_pairs, row.data


def changed(harvested, path, cycle_keys=(), **changes):
    """Write a row whose settings are others, and return it."""
    atoms, keys, data = harvested
    data = {**data, 'dynamics': {**data['dynamics']}}
    data['dynamics']['schedule'] = {
        **data['dynamics']['schedule'],
        **changes.get('schedule', {}),
    }
    data['quench'] = {**data['quench'], **changes.get('quench', {})}
    database = connect(path)
    number = database.write(atoms, data=data, **{**keys, **dict(cycle_keys)})
    return database.get(number)


def test_the_effort_of_a_replay_is_that_of_its_settings(harvested, tmp_path):
    row = changed(harvested, tmp_path / 'w.db')
    assert 1.0 <= effort(row) / (8 * row.evaluations) < 1.1
    assert effort(changed(harvested, tmp_path / 'w.db', {'evaluations': 10**9})) == 8e9
    hidden = {'evaluations': 1}
    for changes in (
        {'schedule': {'shuffle_steps': 10**9}},
        {'schedule': {'ramp_steps': 10**9}},
        {'quench': {'steps': 10**9}},
        {'quench': {'orders': [2.0] * 10**6}},
    ):
        row = changed(harvested, tmp_path / 'w.db', hidden, **changes)
        assert effort(row) > 8e6, changes


def test_a_quench_is_replayed_no_longer_than_the_row_says(harvested, tmp_path):
    """As the row would have it, it never ends: forces do not become that small."""
    forever = {'steps': 10**9, 'fmax': 1e-300, 'orders': [2.0] * 1000}
    said = {'evaluations': 20 + 30}
    row = changed(harvested, tmp_path / 'w.db', said, quench=forever)
    trace, _ = replay(row)
    assert 20 + 30 <= trace['time'][-1] < 20 + 30 * 20


@pytest.mark.parametrize(
    'changes',
    [
        {'schedule': {'shuffle_steps': 10**9}},
        {'schedule': {'shuffle_steps': 10**9}, 'quench': {'steps': 10**9}},
        {'schedule': {'shuffle_steps': 'many'}},
        {'quench': {'orders': None}},
        {'quench': {'steps': 0.5}},
    ],
)
def test_a_cycle_that_would_never_end_is_not_watched(changes, harvested, tmp_path):
    changed(harvested, tmp_path / 'w.db', {'evaluations': 1}, **changes)
    results = SimpleNamespace(
        sets=[read_dataset(tmp_path / 'w.db')], notes=[], cycle=None
    )
    replay_cycle(results)
    assert results.cycle is None
    assert len(results.notes) == 1


LONG_REPLAY = """
import sys
from ase_entropy.cli import main
from ase_entropy.dynamics.langevin import CyclicLangevin
from ase_entropy.report.stages import comparisons

def said(self, cycles):
    print('it runs', flush=True)
    return plain(self, cycles)

plain, CyclicLangevin.run_cycles = CyclicLangevin.run_cycles, said
comparisons.MOST_EFFORT = 10**12
main(sys.argv[1:])
"""
LONG_STAGE = """
import sys
import numpy as np
from ase_entropy.cli import main
from ase_entropy.cli import report

def long(*args, **kwargs):
    print('it runs', flush=True)
    while True:
        np.linalg.eigh(np.ones((50, 50)))

report.study = long
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    'number', [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM]
)
@pytest.mark.parametrize('code', [LONG_REPLAY, LONG_STAGE], ids=['replay', 'stage'])
def test_a_report_hears_signals_while_it_computes(code, number, harvested, tmp_path):
    """Not at the next line only: that may never come."""
    for cycle in range(3):
        atoms = harvested[0].copy()
        atoms.rattle(0.1, seed=cycle)
        connect(tmp_path / 'u.db').write(atoms, stage='unbiased')
    long = {'shuffle_steps': 10**7}  # some minutes
    changed(harvested, tmp_path / 'w.db', schedule=long)
    words = [tmp_path / 'w.db', '--reference', tmp_path / 'u.db', *QUICK]
    process = subprocess.Popen(
        [sys.executable, '-c', code, 'report', *map(str, words), tmp_path / 'out'],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while process.stdout.readline() != 'it runs\n':
        assert process.poll() is None
    process.send_signal(number)
    try:
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert out == 'interrupted: the same command begins anew\n'
    assert (tmp_path / 'out/report.log').read_text().endswith(out)
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['report.log']
