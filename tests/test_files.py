"""Files are whole or not there, whoever is killed; and what is not ours is left."""

import os
import signal
import subprocess
import sys

import pytest
from numba import config

from ase_entropy._kernels import cache, jit

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
    kernel, found = compile_square()
    assert not found
    assert kernel._cache.is_whole()
    assert compile_square()[1]


@pytest.mark.parametrize('suffix', ['.nbi', '.nbc'])
def test_a_kernel_behind_something_that_is_no_file(compiled, suffix):
    """Then it cannot be kept, but it works."""
    compiled[suffix].unlink()
    compiled[suffix].mkdir()
    assert not compile_square()[1]


def test_a_damaged_cache_is_compiled_with_an_announcement(compiled, monkeypatch):
    kernel, _ = compile_square()
    for outer in (cache.segment, cache.minimize):
        monkeypatch.setattr(outer, 'advance', kernel)
    assert cache.is_compiled()
    compiled['.nbc'].write_bytes(b'')
    assert not cache.is_compiled()
    compile_square()
    assert cache.is_compiled()
    compiled['.nbi'].unlink()
    assert not cache.is_compiled()


def test_a_disk_too_full_for_compiled_code(compiled, monkeypatch):
    def full(self, path):
        raise OSError('no space left')

    monkeypatch.setattr(jit.IndexDataCacheFile, '_open_for_write', full)
    compiled['.nbc'].unlink()
    assert not compile_square()[1]


KILLED_WHILE_SAVING = """
import os, sys
from ase_entropy._kernels import jit, nearest
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
nearest.neighbor_work(2, 3)
"""
CALL = """
from ase_entropy._kernels import nearest
nearest.neighbor_work(2, 3)
print(sum(nearest.neighbor_work.stats.cache_hits.values()))
"""


@pytest.mark.parametrize('moment', ['1', '2'], ids=['index', 'code'])
def test_killed_while_a_kernel_is_saved(moment, tmp_path):
    environment = {**os.environ, 'NUMBA_CACHE_DIR': str(tmp_path)}
    command = [sys.executable, '-c', KILLED_WHILE_SAVING, moment]
    assert subprocess.run(command, env=environment).returncode == -signal.SIGKILL
    for hits in ('0\n', '1\n'):
        command = [sys.executable, '-c', CALL]
        assert subprocess.check_output(command, env=environment, text=True) == hits
