"""What is released: archives hold what they should, and the wheel can be installed."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path

import numpy as np
import pytest

import ase_entropy

ROOT = Path(__file__).parent.parent
NAME = f'ase_entropy-{ase_entropy.__version__}'
RELEASED = (
    '.ci',
    'ase_entropy',
    'docs',
    'scripts',
    'tests',
    'MANIFEST.in',
    'README.md',
)
RELEASED += ('CHANGELOG.md', 'CITATION.cff', 'CONTRIBUTING.md', 'LICENSE')
RELEASED += ('pyproject.toml', 'ruff.toml', 'setup.cfg')
LEFT_OUT = ('__pycache__', '.*cache', '_build', '*.nb[ci]')  # of what runs leave behind


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    """Return a copy of what is released, for building leaves files behind."""
    folder = tmp_path_factory.mktemp('source')
    ignored = shutil.ignore_patterns(*LEFT_OUT)
    for name in RELEASED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope='module')
def archives(source, tmp_path_factory):
    """Build the source archive, and the wheel from it; return their folder."""
    pytest.importorskip('build')
    pytest.importorskip('setuptools', '77')
    folder = tmp_path_factory.mktemp('archives')
    before = files_of(source)
    command = ['-m', 'build', '--no-isolation', '--outdir', folder, source]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    wheel, archive = sorted(folder.iterdir())
    assert (wheel.name, archive.name) == (f'{NAME}-py3-none-any.whl', f'{NAME}.tar.gz')
    with tarfile.open(archive) as file:
        names = {member.name for member in file if member.isfile()}
    assert {f'{NAME}/{name}' for name in before} <= names
    return folder


@pytest.fixture(scope='module')
def wheel(archives):
    """Return the contents of the wheel, by their names."""
    with zipfile.ZipFile(archives / f'{NAME}-py3-none-any.whl') as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope='module')
def metadata(wheel):
    """Return what an index of packages shows."""
    return message_from_bytes(wheel[f'{NAME}.dist-info/METADATA'])


def files_of(folder):
    paths = (path for path in folder.rglob('*') if path.is_file())
    return {path.relative_to(folder).as_posix() for path in paths}


def test_the_wheel_holds_the_package_and_nothing_else(wheel, source):
    package = {f'ase_entropy/{name}' for name in files_of(source / 'ase_entropy')}
    assert 'ase_entropy/report/page/live_map.js' in package
    about = {name for name in wheel if name.startswith(f'{NAME}.dist-info/')}
    assert set(wheel) - about == package
    assert f'{NAME}.dist-info/licenses/LICENSE' in about


def test_metadata(metadata):
    assert metadata['Version'] == ase_entropy.__version__
    assert metadata['Requires-Python'] == '>=3.10'
    assert metadata['License-Expression'] == 'MIT'
    assert metadata.get_all('Project-URL') == [
        'Paper, https://arxiv.org/abs/2002.07876'
    ]
    extras = ['test', 'bench', 'dask', 'postgres', 'torch', 'docs']
    assert metadata.get_all('Provides-Extra') == extras
    classifiers = metadata.get_all('Classifier')
    python = 'Programming Language :: Python :: 3'
    assert [x for x in classifiers if x.startswith(f'{python}.')] == [
        f'{python}.{minor}' for minor in range(10, 15)
    ]


def test_what_is_imported_is_required(metadata, source):
    needed = [x for x in metadata.get_all('Requires-Dist') if 'extra ==' not in x]
    imported = set()
    for path in (source / 'ase_entropy').rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split('.')[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split('.')[0])
    elsewhere = {'ase_entropy', 'llvmlite'}  # numba brings the latter
    extras = {'ase_db_backends', 'distributed', 'psycopg2'}
    found = imported - elsewhere - extras - set(sys.stdlib_module_names)
    assert found == {re.match('[a-z]+', x)[0] for x in needed}


def test_the_description_is_markdown(metadata):
    markdown_it = pytest.importorskip('markdown_it')
    assert metadata['Description-Content-Type'] == 'text/markdown'
    text = metadata.get_payload(decode=True).decode()
    assert text.strip() == (ROOT / 'README.md').read_text(encoding='utf-8').strip()
    page = markdown_it.MarkdownIt().render(text)
    assert page.startswith('<h1>ase_entropy</h1>')
    assert page.count('<pre><code class="language-sh">') == 2
    assert page.count('<li>') > 10
    assert '```' not in page
    assert '](' not in page.partition('<pre>')[0]


def test_entry_point(wheel):
    points = configparser.ConfigParser()
    points.read_string(wheel[f'{NAME}.dist-info/entry_points.txt'].decode())
    assert dict(points['console_scripts']) == {'ase-entropy': 'ase_entropy.cli:main'}


def test_the_wheel_can_be_installed(archives, tmp_path):
    """Into an environment that finds dependencies where this one has them."""
    home = tmp_path / 'environment'
    venv.create(home)
    python = home / 'bin/python' if os.name == 'posix' else home / 'Scripts/python.exe'
    pip = [sys.executable, '-m', 'pip', '--python', python, 'install', '-q']
    wheel = archives / f'{NAME}-py3-none-any.whl'
    alone = (
        '--no-index',
        '--no-deps',
        '--ignore-installed',
    )  # if PYTHONPATH has it, too
    subprocess.run([*pip, *alone, wheel], check=True)

    def printed(*command):
        return subprocess.run(
            command, cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.split()

    folder, version = printed(
        python,
        '-Ic',
        f'import sys; sys.path.append({str(Path(np.__file__).parents[1])!r})\n'
        'import ase_entropy; from ase_entropy import *; EntropyCalculator()\n'
        'print(ase_entropy.__path__[0], ase_entropy.__version__)',
    )
    assert Path(folder).is_relative_to(home)
    assert version == ase_entropy.__version__
    code = 'from ase_entropy.cli import main; main()'
    assert printed(python, '-Ic', code, '--version') == [f'ase-entropy-{version}']
    assert printed(python, '-Ic', code)[:1] == ['usage:']
