"""Cells for programs that know periodic ones only: no atom comes closer to another."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.calculators.emt import EMT
from ase.cluster import Icosahedron
from ase.db import connect
from ase.io import read
from ase.neighborlist import neighbor_list
from test_errors import complaint

from ase_entropy.cli import main
from ase_entropy.sets import fully_periodic, read_configurations
from ase_entropy.sets.periodic import periodic_with_labels


def slab():
    """Return a slab from which an atom has left the cell, and without much vacuum."""
    atoms = fcc111('Al', (2, 2, 3), vacuum=0.2)
    atoms.pbc = (True, True, False)
    atoms.positions[0, 2] -= 6.0
    atoms.positions[-1, 2] += 3.0
    return atoms


def skewed_slab():
    atoms = bulk('W', cubic=True) * (2, 2, 2)
    cell_cc = atoms.cell[:].copy()
    cell_cc[2] = [3.0, -4.0, 5.0]
    atoms.set_cell(cell_cc)
    atoms.pbc = (True, True, False)
    return atoms


def wire():
    atoms = bulk('W', cubic=True) * (1, 1, 3)
    atoms.positions += [-20.0, 7.0, 100.0]
    atoms.pbc = (False, False, True)
    return atoms


def tilted_wire():
    atoms = bulk('W') * (1, 4, 1)
    atoms.pbc = (False, True, False)
    return atoms


def ribbon():
    atoms = Atoms('W4', np.eye(4, 3) * 2.7, cell=[3.0, 0.0, 4.0], pbc=[1, 0, 1])
    return atoms


SHAPES = {
    'slab': slab,
    'skewed slab': skewed_slab,
    'wire': wire,
    'tilted wire': tilted_wire,
    'ribbon': ribbon,
    'cluster': lambda: Icosahedron('Al', 2),
    'cluster in a small box': lambda: Atoms(Icosahedron('Al', 2), cell=[1, 2, 3]),
    'molecule': lambda: molecule('H2O'),
    'plane of a cell': lambda: Atoms(
        'W3', np.eye(3) * 3, cell=[5, 5, 0], pbc=[1, 1, 0]
    ),
    'crystal': lambda: bulk('W'),
    'one atom': lambda: Atoms('W'),
}


def shortest(atoms, reach=6.0):
    """Return the shortest pair by ASE's own neighbor list."""
    return neighbor_list('d', atoms, reach).min(initial=np.inf)


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('vacuum', [8.0, 15.0])
def test_no_atom_comes_closer(shape, vacuum):
    atoms = SHAPES[shape]()
    new = fully_periodic(atoms, vacuum)
    assert new.pbc.all()
    assert new.cell.rank == 3
    assert shortest(new) == pytest.approx(shortest(atoms), abs=1e-9)
    moved_nc = new.positions - atoms.positions
    np.testing.assert_allclose(
        moved_nc, np.tile(moved_nc[0], (len(atoms), 1)), atol=1e-9
    )
    np.testing.assert_allclose(new.cell[atoms.pbc], atoms.cell[atoms.pbc])
    foreign = neighbor_list('d', new, vacuum - 1e-6)
    own = neighbor_list('d', atoms, vacuum - 1e-6)
    np.testing.assert_allclose(np.sort(foreign), np.sort(own), atol=1e-9)


def test_a_cell_with_enough_vacuum_is_kept():
    atoms = fcc111('Al', (2, 2, 3), vacuum=10.0)
    atoms.pbc = (True, True, False)
    np.testing.assert_allclose(fully_periodic(atoms, 12.0).cell, atoms.cell)
    assert fully_periodic(atoms, 25.0).cell[2, 2] > atoms.cell[2, 2]


def test_atoms_are_in_the_middle():
    new = fully_periodic(slab(), 10.0)
    z = new.positions[:, 2]
    assert z.min() == pytest.approx(new.cell[2, 2] - z.max())


def test_images_that_would_be_closer():
    far = Atoms('W2', [(0, 0, 0), (0, 0, 20)])
    message = complaint(fully_periodic, far, 12.0)
    assert message == (
        'vacuum=12.0: images would be closer than the shortest pair, 20 Angstrom, '
        'expected more'
    )
    assert shortest(fully_periodic(far, 21.0), 25.0) == pytest.approx(20.0)


@pytest.mark.parametrize('vacuum', [0.0, -1.0, np.nan, None])
def test_a_vacuum_that_is_none(vacuum):
    assert complaint(fully_periodic, wire(), vacuum).startswith(f'vacuum={vacuum!r}')


def test_periodic_directions_without_a_vector():
    flat = Atoms('W', cell=[3, 3, 0], pbc=[True, False, True])
    message = complaint(fully_periodic, flat)
    assert 'expected a vector along each periodic direction' in message


@pytest.mark.parametrize('shape', sorted(set(SHAPES) - {'one atom'}))
@pytest.mark.parametrize('format', ['poscar', 'fitsnap', 'extxyz'])
def test_exports(shape, format, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    atoms = SHAPES[shape]()
    connect('w.db').write(atoms)
    name = 'set.xyz' if format == 'extxyz' else 'set'
    main(['export', 'w.db', '-o', name, '--format', format, '--vacuum', '9'])
    if format == 'poscar':
        found = read('set/00001/POSCAR')
    else:
        ((found, *_),) = read_configurations(name)
    assert found.pbc.all()
    assert shortest(found) == pytest.approx(shortest(atoms), abs=1e-7)


def test_labels_in_vacuum():
    """As if the slab had been computed in the larger cell, its images far away."""
    atoms = fcc111('Al', (2, 2, 3), vacuum=8.0)
    atoms.rattle(0.1, seed=1)
    atoms.pbc = (True, True, False)
    atoms.calc = EMT()
    atoms.get_stress()
    new = periodic_with_labels(atoms, 30.0)
    labels = new.calc.results
    new.calc = EMT()
    assert new.cell.volume > 1.5 * atoms.cell.volume
    for label in ('energy', 'forces', 'stress'):
        found = new.calc.get_property(label, new)
        np.testing.assert_allclose(labels[label], found, rtol=1e-8, atol=1e-10)
    assert np.abs(labels['stress']).max() > 1e-3
