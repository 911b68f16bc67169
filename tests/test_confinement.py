"""Walls around slabs, wires and clusters; atoms without neighbors."""

import json
from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.cluster import Icosahedron
from ase.db import connect
from ase.io import read, write
from cells import SHAPES, random_cell
from test_errors import complaint

from ase_entropy import (
    AnnealSchedule,
    EntropyCalculator,
    Ladder,
    Recipe,
    campaign,
)
from ase_entropy.cli import main
from ase_entropy.dynamics.compiled_form import has_compiled_form
from ase_entropy.pairs import shortest_distance
from ase_entropy.repulsion import Confinement
from ase_entropy.starts import RandomPacking, Structure

OPEN = [name for name in SHAPES if name in ('slab', 'wire, tilted', 'cluster')]
RNG = np.random.default_rng
QUICK = AnnealSchedule(k_per_atom=2.0, shuffle_steps=200, ramp_steps=0)


def tight(atoms):
    """Return a wall that half of the atoms have passed already."""
    wall = Confinement.around(atoms, 1.0)
    return Confinement(wall.center, wall.normals_xc, 0.5 * (wall.radius - 1.0))


@pytest.mark.parametrize('shape', OPEN)
def test_forces_of_a_wall(shape):
    """Against finite differences, of the wall alone."""
    atoms = random_cell(shape, 1)
    wall = tight(atoms)
    energy, forces_nc, virial_cc = wall.evaluate(atoms.positions)
    assert energy > 10.0
    numerical_nc, eps = np.zeros((len(atoms), 3)), 1e-5
    for n, c in np.ndindex(numerical_nc.shape):
        ends = []
        for sign in (1, -1):
            moved = atoms.positions.copy()
            moved[n, c] += sign * eps
            ends.append(wall.evaluate(moved)[0])
        numerical_nc[n, c] = (ends[1] - ends[0]) / (2 * eps)
    scale = np.abs(forces_nc).max()
    np.testing.assert_allclose(forces_nc, numerical_nc, atol=1e-7 * scale)
    numerical_cc = np.zeros((3, 3))
    for a, b in np.ndindex(3, 3):
        ends = []
        for sign in (1, -1):
            strain = np.zeros((3, 3))
            strain[a, b] += 0.5 * sign * eps
            strain[b, a] += 0.5 * sign * eps
            ends.append(wall.evaluate(atoms.positions @ (np.eye(3) + strain))[0])
        numerical_cc[a, b] = (ends[0] - ends[1]) / (2 * eps)
    scale = np.abs(virial_cc).max()
    np.testing.assert_allclose(virial_cc, numerical_cc, atol=1e-7 * scale)


@pytest.mark.parametrize('shape', OPEN)
def test_a_wall_in_the_calculator(shape):
    """V = E_rep - K S with the wall in E_rep; its stress, too."""
    atoms = random_cell(shape, 2)
    atoms.calc = EntropyCalculator(k_entropy=10.0)
    without = atoms.get_potential_energy()
    atoms.calc.set(confinement=tight(atoms))
    wall = atoms.calc.confinement.evaluate(atoms.positions)[0]
    assert atoms.get_potential_energy() == pytest.approx(without + wall, rel=1e-12)
    numerical = calculate_numerical_forces(atoms, eps=1e-5)
    scale = np.abs(numerical).max()
    np.testing.assert_allclose(atoms.get_forces(), numerical, atol=1e-7 * scale)
    numerical = calculate_numerical_stress(atoms, eps=1e-5, force_consistent=False)
    scale = np.abs(numerical).max()
    np.testing.assert_allclose(atoms.get_stress(), numerical, atol=1e-6 * scale)
    assert has_compiled_form(atoms)


def test_shapes_of_walls():
    """Planes for a slab, a cylinder for a wire, a sphere for a cluster."""
    places = np.array([(0, 0, 0), (3, 4, 12), (0, 0, 6)])
    cases = {
        (True, True, True): None,
        (True, True, False): (1, 6.0),
        (False, False, True): (2, 2.5),
        (False, False, False): (3, 6.5),
    }
    for pbc, expected in cases.items():
        atoms = Atoms('W3', places, cell=[9, 9, 14], pbc=pbc)
        wall = Confinement.around(atoms, 1.0)
        if expected is None:
            assert wall is None
            continue
        normals, distance = expected
        assert len(wall.normals_xc) == normals
        assert wall.radius == pytest.approx(distance + 1.0)
        assert wall.evaluate(places)[0] == 0.0
    assert Confinement.around(atoms, np.inf) is None


def test_a_tilted_slab_is_confined_along_its_normal():
    """The third vector of a slab need not be perpendicular to it."""
    atoms = Atoms('W2', [(0, 0, 0), (1, 2, 4)], cell=[[5, 0, 0], [1, 5, 0], [2, 3, 9]])
    atoms.pbc = True, True, False
    (normal_c,) = Confinement.around(atoms).normals_xc
    np.testing.assert_allclose(np.abs(normal_c), (0, 0, 1), atol=1e-12)
    atoms.cell[2] = 0.0  # as ASE has it for slabs without vacuum
    (normal_c,) = Confinement.around(atoms).normals_xc
    np.testing.assert_allclose(np.abs(normal_c), (0, 0, 1), atol=1e-12)


def test_an_atom_in_the_wall():
    """The energy is epsilon at a depth of the width, and grows as the cube."""
    wall = Confinement((0, 0, 0), [(0, 0, 1)], radius=2.0, width=0.5, epsilon=3.0)
    for depth, energy in ((0.0, 0.0), (0.5, 3.0), (1.0, 24.0)):
        for sign in (1, -1):
            found, forces_nc, _ = wall.evaluate(np.array([[7, 8, sign * (2 + depth)]]))
            assert found == pytest.approx(energy)
            assert forces_nc[0, :2].tolist() == [0.0, 0.0]
            assert forces_nc[0, 2] * sign == pytest.approx(-18.0 * depth**2 / 0.25)


@pytest.mark.parametrize(
    ('change', 'sentence'),
    [
        ({'radius': 0.0}, 'radius=0.0: expected a finite number > 0.0'),
        ({'width': -1.0}, 'width=-1.0: expected a finite number > 0.0'),
        ({'epsilon': np.nan}, 'epsilon=nan: expected a finite number > 0.0'),
        ({'normals_xc': [(0, 0, 2)]}, 'expected a point and one to three orthonormal'),
        ({'normals_xc': [(1, 0)]}, 'expected a point and one to three orthonormal'),
        ({'center': (0, 0)}, 'expected a point and one to three orthonormal vectors'),
    ],
)
def test_walls_that_are_none(change, sentence):
    good = {'center': (0, 0, 0), 'normals_xc': [(0, 0, 1)], 'radius': 2.0}
    assert sentence in complaint(Confinement, **{**good, **change})


def test_margins_that_are_none():
    atoms = Atoms('W2', [(0, 0, 0), (0, 0, 2.5)])
    for margin in (0.0, -1.0, np.nan):
        assert 'margin=' in complaint(Confinement.around, atoms, margin)
        assert 'margin=' in complaint(Recipe, margin=margin)
    atoms.pbc = True
    atoms.pbc[0] = False
    assert 'a vector along each periodic direction' in complaint(
        Confinement.around, atoms
    )
    assert "confinement='wall': expected" in complaint(
        EntropyCalculator, confinement='wall'
    )


def test_calculators_with_walls_come_back():
    atoms = random_cell('wire, tilted', 1)
    atoms.calc = EntropyCalculator(k_entropy=10.0, confinement=tight(atoms))
    text = json.dumps(atoms.calc.todict())
    again = EntropyCalculator.fromdict(json.loads(text))
    assert again.confinement == atoms.calc.confinement
    assert again.get_potential_energy(atoms) == atoms.get_potential_energy()
    assert 'confinement' not in EntropyCalculator().todict()


def starts():
    slab = fcc111('Cu', (3, 3, 3), vacuum=6.0)
    slab.pbc = True, True, False
    wire = bulk('Cu', 'fcc', a=3.6, cubic=True) * (1, 1, 4)
    wire.pbc = False, False, True
    cluster = Icosahedron('Cu', 2)  # of 13 atoms
    cluster.pbc = False
    return {'slab': slab, 'wire': wire, 'cluster': cluster}


@pytest.mark.parametrize('shape', ['slab', 'wire', 'cluster'])
def test_no_atom_leaves(shape, tmp_path):
    """From the command line: two cycles each, and what is exported of them."""
    atoms = starts()[shape]
    write(tmp_path / 'start.xyz', atoms, format='extxyz')
    path = tmp_path / 'w.db'
    options = ['--structure', str(tmp_path / 'start.xyz'), '--shuffle-steps', '300']
    main(['harvest', *options, '--cycles', '2', '--seed', '1', '--db', str(path)])
    wall = Confinement.around(atoms, 1.0)
    rows = list(connect(path).select())
    assert len(rows) == 2
    for row in rows:
        end = row.toatoms()
        assert end.pbc.tolist() == atoms.pbc.tolist()
        reach = EntropyCalculator.fromdict(row.data['calculator']).descriptor.reach
        distances = end.get_all_distances(mic=True) + 99.0 * np.eye(len(end))
        assert (distances.min(axis=1) < reach).all()
        radius = row.data['calculator']['confinement']['radius']
        assert radius == pytest.approx(wall.radius, abs=1e-7)
        u_nx = (end.positions - wall.center) @ np.array(wall.normals_xc).T
        assert np.linalg.norm(u_nx, axis=1).max() < wall.radius + 1.0
    export = [
        'export',
        str(path),
        '-o',
        str(tmp_path / 'poscars'),
        '--format',
        'poscar',
    ]
    main(export)
    for row in rows:
        written = read(tmp_path / f'poscars/{row.id:05d}/POSCAR')
        assert written.pbc.all()
        assert shortest_distance(written) == pytest.approx(row.min_distance, abs=1e-6)


def test_without_a_wall_nothing_is_confined(tmp_path):
    write(tmp_path / 'start.xyz', starts()['cluster'], format='extxyz')
    options = ['--structure', str(tmp_path / 'start.xyz'), '--shuffle-steps', '20']
    options += ['--margin', 'inf', '--isolated', 'allow', '--seed', '1']
    main(['harvest', *options, '--cycles', '1', '--db', str(tmp_path / 'w.db')])
    (row,) = connect(tmp_path / 'w.db').select()
    assert 'confinement' not in row.data['calculator']


LONELY = Recipe(
    start=Structure.of(
        Atoms('W3', [(1, 1, 1), (3.5, 1, 1), (10, 10, 10)], cell=3 * [20], pbc=True)
    ),
    schedule=AnnealSchedule(0.0, k_entropy=0.0, shuffle_steps=1, ramp_steps=0),
    ladder=None,
)


def test_isolated_atoms_are_refused(tmp_path):
    """Whatever the seed, one of three atoms has no neighbor: counted, and said."""
    lines = []
    with pytest.raises(RuntimeError, match='1 of 3 atoms have no neighbor'):
        campaign.run(LONELY, 1, tmp_path / 'w.db', seed=1, report=lines.append)
    assert connect(tmp_path / 'w.db').count() == 0
    text = ' '.join(lines)
    assert 'cycle 0 ended 50 times with atoms that have no neighbor' in text


def test_isolated_atoms_are_allowed(tmp_path):
    recipe = replace(LONELY, isolated='allow')
    campaign.run(recipe, 1, tmp_path / 'w.db', seed=1, report=lambda line: None)
    (row,) = connect(tmp_path / 'w.db').select()
    assert row.attempts == 1


def test_cycles_with_isolated_atoms_are_repeated(tmp_path):
    """Some seeds leave an atom alone: no row has one, and attempts count them."""
    start = RandomPacking('W6', (6.0, 6.0, 11.0), 2.0)
    recipe = Recipe(start=start, schedule=QUICK, ladder=Ladder((2, 24), steps=50))
    lines = []
    campaign.run(recipe, 6, tmp_path / 'w.db', seed=1, report=lines.append)
    rows = list(connect(tmp_path / 'w.db').select())
    assert sum(row.attempts for row in rows) > 6
    repeated = sum('times with atoms that have no neighbor' in line for line in lines)
    assert repeated == sum(row.attempts > 1 for row in rows)
    for row in rows:
        assert row.data['dynamics']['timestep'] == recipe.motion.timestep
        distances = row.toatoms().get_all_distances(mic=True) + 99.0 * np.eye(6)
        assert (distances.min(axis=1) < 3.93).all()


def test_isolated_is_one_of_two():
    assert "isolated='no': expected 'refuse' or 'allow'" in complaint(
        Recipe, isolated='no'
    )
