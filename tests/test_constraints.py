"""Constraints: a quench ends in a minimum under them, or they are refused."""

import numpy as np
import pytest
from ase import Atoms
from ase.constraints import (
    ExternalForce,
    FixAtoms,
    FixBondLength,
    FixBondLengths,
    FixCartesian,
    FixCom,
    FixedLine,
    FixedMode,
    FixedPlane,
    FixInternals,
    FixLinearTriatomic,
    FixScaled,
    FixSubsetCom,
    Hookean,
    MirrorForce,
)
from ase.filters import FrechetCellFilter
from ase.geometry import find_mic
from ase.io import write
from scipy.optimize import minimize
from test_errors import complaint

from ase_entropy import (
    AnnealSchedule,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    Ladder,
    Quench,
    Recipe,
    Structure,
    random_packing,
)
from ase_entropy.cli import main
from ase_entropy.dynamics.constraints import EXPECTED, check_constraints
from ase_entropy.pairs import find_pairs

SIDE = 6.0
MODE = np.random.default_rng(3).standard_normal((8, 3))
LINEAR = {
    'FixAtoms': FixAtoms([0, 3]),
    'FixCartesian': FixCartesian([0, 1], mask=(True, False, True)),
    'FixScaled': FixScaled([0, 1], mask=(True, False, True)),
    'FixedPlane': FixedPlane([0, 1], (1, 1, 0)),
    'FixedLine': FixedLine([0, 1], (1, 1, 0)),
    'FixedMode': FixedMode(MODE),
    'FixCom': FixCom(),
    'FixSubsetCom': FixSubsetCom([0, 1, 2]),
    'several': [FixedPlane([0], (1, 1, 0)), FixedPlane([0], (1, -1, 0)), FixAtoms([4])],
}
POTENTIAL = {
    'Hookean': Hookean(0, 1, 5.0, rt=2.0),
    'ExternalForce': ExternalForce(0, 1, 0.3),
}


def cell(seed=1, k_entropy=100.0):
    rng = np.random.default_rng(seed)
    atoms = random_packing('W8', 3 * [SIDE], 2.0, rng)
    atoms.calc = EntropyCalculator(k_entropy=k_entropy)
    return atoms


def nearest(atoms, count):
    """Return the shortest bonds of so many pairs, no atom in two."""
    pairs, bonds, used = find_pairs(atoms, 0.5 * SIDE), [], set()
    for p in np.argsort(pairs.r_p):
        bond = int(pairs.i_p[p]), int(pairs.j_p[p])
        if not used.intersection(bond):
            bonds.append(bond)
            used.update(bond)
    return bonds[:count]


def vectors(atoms, bonds):
    apart_nc = [atoms.positions[i] - atoms.positions[j] for i, j in bonds]
    return find_mic(apart_nc, atoms.cell, atoms.pbc)


def residual(atoms, bonds):
    """Return the largest force after its part along the bonds is taken out."""
    slopes = np.zeros((len(bonds), len(atoms), 3))
    for slope_nc, (i, j), vector in zip(
        slopes, bonds, vectors(atoms, bonds)[0], strict=True
    ):
        slope_nc[i], slope_nc[j] = vector, -vector
    along, _ = np.linalg.qr(slopes.reshape(len(bonds), -1).T)
    force = atoms.get_forces(apply_constraint=False).ravel()
    left_nc = (force - along @ (along.T @ force)).reshape(-1, 3)
    return np.linalg.norm(left_nc, axis=1).max()


@pytest.mark.parametrize('seed', range(2))
@pytest.mark.parametrize('kind', [*LINEAR, *POTENTIAL])
def test_constraints_that_a_quench_knows(kind, seed):
    """It ends where no displacement that they allow leads down."""
    atoms = cell(seed)
    atoms.set_constraint({**LINEAR, **POTENTIAL}[kind])
    quench = Quench(atoms, logfile=None)
    assert quench.run(fmax=0.01, steps=1000)
    assert quench.evaluations < 500
    end_nc, energy = atoms.get_positions(), atoms.get_potential_energy()
    draw = np.random.default_rng(seed)
    for _ in range(20):
        atoms.set_positions(end_nc, apply_constraint=False)
        atoms.set_positions(end_nc + 0.01 * draw.standard_normal(end_nc.shape))
        assert atoms.get_potential_energy() > energy


@pytest.mark.parametrize('masses', ['equal', 'unequal'])
@pytest.mark.parametrize('k_entropy', [100.0, 1000.0])
@pytest.mark.parametrize('seed', range(3))
def test_bonds_that_are_short(seed, k_entropy, masses):
    atoms = cell(seed, k_entropy)
    if masses == 'unequal':
        atoms.set_masses([1.0, 183.8] * 4)
    bonds = nearest(atoms, 2)
    lengths = vectors(atoms, bonds)[1]
    atoms.set_constraint(FixBondLengths(bonds))
    quench = Quench(atoms, logfile=None)
    assert quench.run(fmax=0.05, steps=1000)
    assert quench.evaluations < 500
    np.testing.assert_allclose(vectors(atoms, bonds)[1], lengths, rtol=1e-9)
    assert residual(atoms, bonds) < 0.06


def test_a_rigid_molecule_ends_as_in_coordinates_of_its_own():
    """A dimer on a surface of fixed atoms, against angles and a center in scipy."""
    surface = [(x, y, 0.0) for x in (0, 2.6, 5.2) for y in (0, 2.5, 5.3)]
    atoms = Atoms('W11', [*surface, (2.1, 1.9, 2.2), (3.3, 3.5, 2.9)])
    atoms.calc = EntropyCalculator(k_entropy=20.0)
    length = atoms.get_distance(9, 10)
    start_nc = atoms.get_positions()

    def place(x):
        center, (theta, phi) = x[:3], x[3:]
        axis = [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)]
        half = 0.5 * length * np.array(axis)
        return np.vstack([start_nc[:9], center - half, center + half])

    def value(x):
        return atoms.calc.get_potential_energy(Atoms('W11', place(x)))

    atoms.set_constraint([FixAtoms(range(9)), FixBondLength(9, 10)])
    assert Quench(atoms, logfile=None).run(fmax=1e-3)
    axis = (atoms.positions[10] - atoms.positions[9]) / length
    center = atoms.positions[9:].mean(axis=0)
    here = [*center, np.arccos(axis[2]), np.arctan2(axis[1], axis[0])]
    np.testing.assert_allclose(place(here), atoms.positions, atol=1e-9)
    energy = atoms.get_potential_energy()
    best = minimize(value, here, method='Nelder-Mead', options={'xatol': 1e-6})
    assert energy - 1e-4 < best.fun <= energy


def refused(kind):
    """Return atoms with a constraint under which a quench has no end."""
    atoms = cell()
    bonds = nearest(atoms, 2)
    constraints = {
        'longer than half a period, 3': FixBondLength(0, 1),
        'held by FixAtoms, too': [FixBondLengths(bonds), FixAtoms([bonds[1][0]])],
        'held by FixBondLengths, too': [
            FixBondLength(*bonds[0]),
            FixBondLengths([(bonds[0][0], bonds[1][0])], bondlengths=[2.9]),
        ],
        'none of a periodic cell': FixInternals(bonds=[[None, list(bonds[0])]]),
        'wraps atoms': FixLinearTriatomic([(0, 1, 2)]),
        'not the slopes of an energy': MirrorForce(0, 1),
        'in a rectangular cell only': FixScaled([0], (True, False, False)),
    }
    if 'rectangular' in kind:
        atoms.set_cell(atoms.cell + [[0, 0, 0], [1.5, 0, 0], [0, 0, 0]])
    atoms.set_constraint(constraints[kind])
    return atoms


REFUSED = (
    'longer than half a period, 3',
    'held by FixAtoms, too',
    'held by FixBondLengths, too',
    'none of a periodic cell',
    'wraps atoms',
    'not the slopes of an energy',
    'in a rectangular cell only',
)


@pytest.mark.parametrize('kind', REFUSED)
def test_constraints_that_are_refused(kind, tmp_path):
    """In one sentence, before anything is computed or written."""
    atoms = refused(kind)
    sentences = {complaint(check_constraints, atoms)}
    sentences.add(complaint(Quench(atoms, logfile=None).run))
    sentences.add(complaint(Quench(atoms, logfile=None).irun))
    sentences.add(complaint(Quench(FrechetCellFilter(atoms), logfile=None).run))
    dyn = CyclicLangevin(atoms, rng=np.random.default_rng(1))
    path = tmp_path / 'w.db'
    sentences.add(complaint(Harvest, dyn, path, ladder=Ladder()))
    (sentence,) = sentences
    assert not path.exists()
    assert sentence.startswith('constraint ')
    assert kind in sentence
    assert sentence.endswith(f'; expected {EXPECTED}')
    Harvest(dyn, path)  # without a ladder nothing is quenched


def test_recipes_under_constraints(tmp_path, capsys):
    atoms = refused('longer than half a period, 3')
    recipe = Recipe(start=Structure.of(atoms))
    sentence = complaint(recipe.check, np.random.default_rng(1))
    assert 'longer than half a period' in sentence
    write(tmp_path / 'start.traj', atoms)
    command = ['harvest', '--structure', str(tmp_path / 'start.traj')]
    with pytest.raises(SystemExit) as caught:
        main([*command, '--cycles', '1', '--db', str(tmp_path / 'w.db')])
    assert caught.value.code == 2
    assert capsys.readouterr().err.strip().endswith(sentence)
    assert not (tmp_path / 'w.db').exists()


@pytest.mark.parametrize(
    'constraint',
    [
        FixInternals(bonds=[[None, [0, 1]]]),
        FixLinearTriatomic([(2, 0, 1)]),
        FixBondLengths([(0, 1), (0, 2), (1, 2)]),
    ],
)
def test_molecules_without_periods(constraint):
    places = [(0, 0, 0), (2.4, 0, 0), (-2.5, 0, 0), (0, 2.6, 0), (0.5, 0.3, 2.8)]
    atoms = Atoms('W5', places)
    if isinstance(constraint, FixBondLengths):
        atoms.positions[2] = (0.3, -2.5, 0.4)
    atoms.calc = EntropyCalculator(k_entropy=1.0)
    atoms.set_constraint(constraint)
    assert Quench(atoms, logfile=None).run(fmax=0.01, steps=1000)


def test_a_cycle_of_rigid_molecules(tmp_path):
    atoms = cell()
    bonds = nearest(atoms, 2)
    lengths = vectors(atoms, bonds)[1]
    atoms.set_constraint(FixBondLengths(bonds))
    schedule = AnnealSchedule(k_entropy=100.0, shuffle_steps=100, ramp_steps=0)
    dyn = CyclicLangevin(atoms, schedule=schedule, rng=np.random.default_rng(1))
    harvest = Harvest(dyn, tmp_path / 'w.db', ladder=Ladder(), report=str)
    harvest.run(1)
    (row,) = harvest.database.select()
    assert row.converged
    assert row.evaluations < 500
    np.testing.assert_allclose(vectors(atoms, bonds)[1], lengths, rtol=1e-9)
