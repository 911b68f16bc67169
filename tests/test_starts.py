"""Starts: what they draw is what they say, again and again, through JSON too."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.build import bulk, fcc111
from ase.constraints import FixSymmetry
from ase.db import connect
from ase.io import write

from ase_entropy import (
    AnnealSchedule,
    EntropyCalculator,
    Quench,
    Recipe,
    campaign,
)
from ase_entropy.chemistry import Sizes
from ase_entropy.cli import main
from ase_entropy.pairs import shortest_distance
from ase_entropy.parts import LARGE, part_from_dict, part_to_dict
from ase_entropy.repulsion import Confinement, repulsion_of
from ase_entropy.starts import (
    Cut,
    Given,
    Isolated,
    Mixture,
    Prototype,
    RandomCrystal,
    RandomPacking,
    Structure,
    VariedPacking,
    registry,
)
from ase_entropy.starts.amounts import Amounts
from ase_entropy.starts.cells import closest_pair, heights, random_cell
from ase_entropy.starts.prototypes import PROTOTYPES
from ase_entropy.starts.symmetry import GROUPS, operations, orbit, symmetric_cell

ALLOY = 'Ni', 'Al'
SET = [bulk('Al', cubic=True), bulk('Ni'), fcc111('Al', (1, 1, 3), vacuum=5.0)]
STARTS = {
    'RandomPacking': RandomPacking('W8', (6.0, 6.0, 6.0)),
    'Structure': Structure.of(bulk('W', cubic=True)),
    'VariedPacking': VariedPacking(
        ALLOY, (2, 8), composition={'Al': (0.2, 0.8)}, sizes=Sizes(ALLOY, {'Al': 2.8})
    ),
    'RandomCrystal': RandomCrystal(ALLOY, (2, 6), composition='NiAl'),
    'Isolated': Isolated(ALLOY),
    'Prototype': Prototype(ALLOY),
    'Given': Given.of(SET),
    'Cut': Cut(VariedPacking(('Al',)), 'sphere', (4, 8)),
    'Mixture': Mixture([(1, Given.of(SET)), (2.5, Cut(Prototype(ALLOY), size=(4, 9)))]),
}


def same_atoms(a: Atoms, b: Atoms) -> bool:
    return a == b and a.info == b.info


def symmetry(atoms, symprec=1e-4):
    """Return number of the group, and its rotations in Cartesian coordinates."""
    cell = atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers
    found = spglib.get_symmetry_dataset(cell, symprec=symprec)
    vectors = atoms.cell[:].T
    return found.number, vectors @ found.rotations @ np.linalg.inv(vectors)


def asymmetry(before, atoms):
    """Return how far (A) atoms are from where operations of before bring others."""
    cell = before.cell[:], before.get_scaled_positions(), before.numbers
    found = spglib.get_symmetry(cell, symprec=1e-5)
    x_nc, farthest = atoms.cell.scaled_positions(atoms.positions), 0.0
    for rotation, shift in zip(*list(found.values())[:2], strict=True):
        apart = (x_nc @ rotation.T + shift)[:, None] - x_nc
        r_nn = np.linalg.norm((apart - np.round(apart)) @ atoms.cell[:], axis=2)
        farthest = max(farthest, r_nn.min(axis=1).max())
    return farthest


@pytest.mark.parametrize('name', registry)
def test_same_generator_same_atoms(name):
    start = STARTS[name]
    drawn = [start.atoms(np.random.default_rng(7)) for _ in range(2)]
    assert same_atoms(*drawn)
    assert set(drawn[0].symbols) <= set(start.chemical_symbols())
    assert isinstance(start.formula, str)
    assert drawn[0].calc is None


@pytest.mark.parametrize('name', registry)
def test_through_json(name):
    start = STARTS[name]
    text = json.dumps(part_to_dict(start))
    again = part_from_dict(json.loads(text), registry)
    assert again == start
    assert json.dumps(part_to_dict(again)) == text
    rng = np.random.default_rng
    assert same_atoms(again.atoms(rng(3)), start.atoms(rng(3)))


# Numbers of atoms and compositions


def test_all_compositions_are_equally_probable():
    amounts, rng = Amounts(('Al', 'Ni', 'W'), (3, 3)), np.random.default_rng(1)
    drawn = [tuple(amounts.symbols(rng)) for _ in range(4000)]
    kinds, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(kinds) == 10  # of (3 + 2 over 2)
    assert np.abs(counts - 400).max() < 5 * 400**0.5


def test_ranges_units_and_weights():
    rng = np.random.default_rng(1)
    ranged = Amounts(ALLOY, (5, 12), {'Al': (0.2, 0.4)})
    fractions = [np.mean(np.array(ranged.symbols(rng)) == 'Al') for _ in range(300)]
    assert min(fractions) == 0.2
    assert max(fractions) == 0.4
    units = Amounts(('Ti', 'O'), (2, 10), 'Ti2O4')
    assert units.possible_sizes == [3, 6, 9]
    symbols = units.symbols(rng)
    assert symbols.count('O') == 2 * symbols.count('Ti')
    small = Amounts(('Al',), (1, 2), size_power=-1.0)
    sizes = [len(small.symbols(rng)) for _ in range(3000)]
    assert abs(sizes.count(1) - 2000) < 5 * (3000 * 2 / 9) ** 0.5


# Varied packings


def test_random_cells():
    rng = np.random.default_rng(1)
    cells = [random_cell(30.0, 2.4, rng) for _ in range(100)]
    assert np.linalg.det(cells) == pytest.approx(30.0)
    assert min(heights(cell).min() for cell in cells) >= 2.4
    assert np.ptp([np.linalg.norm(cell[0]) for cell in cells]) > 1.0


@pytest.mark.parametrize('elements', [('Al',), ALLOY, ('Na', 'Cl'), ('Cs', 'Be')])
@pytest.mark.parametrize('density', [0.3, 1.0, 1.6])
def test_packings_of_any_density(elements, density):
    sizes, rng = Sizes(elements), np.random.default_rng(4)
    start = VariedPacking(elements, density=(density, density))
    for _ in range(5):
        atoms = start.atoms(rng)
        assert 2 <= len(atoms) <= 40
        volume = sizes.volume(list(atoms.symbols)) / density
        assert atoms.cell.volume == pytest.approx(volume)
        assert closest_pair(atoms, sizes) >= 0.7 * max(1.0, density) ** (-1 / 3)
        assert shortest_distance(atoms) > repulsion_of(sizes).floor
        assert atoms.info == {'start': 'packing'}


# Space groups


@pytest.mark.parametrize('group', range(1, GROUPS + 1, 3))
def test_lattices_and_orbits_have_the_operations(group):
    rng = np.random.default_rng(group)
    cell_cc = symmetric_cell(group, random_cell(50.0, 0.0, rng))
    rotations, _ = operations(group)
    vectors = cell_cc.T
    cartesian = vectors @ rotations @ np.linalg.inv(vectors)
    assert np.allclose(cartesian @ cartesian.transpose(0, 2, 1), np.eye(3))
    assert len(orbit(group, rng.random(3))) == len(rotations)


def test_crystals_have_the_group_that_was_drawn():
    sizes, rng = Sizes(ALLOY), np.random.default_rng(2)
    start = RandomCrystal(ALLOY)
    drawn, found = set(), set()
    for _ in range(40):
        atoms = start.atoms(rng)
        group = int(atoms.info['start'].removeprefix('crystal '))
        number, cartesian = symmetry(atoms)
        points = np.unique(operations(group)[0], axis=0)
        traces = np.sort(np.trace(points, axis1=1, axis2=2))
        assert len(cartesian) % len(points) == 0  # order of a subgroup
        for trace in np.unique(traces):
            own = np.trace(cartesian, axis1=1, axis2=2).round().astype(int)
            assert (own == trace).sum() >= (traces == trace).sum()
        assert number >= group or len(cartesian) > len(points)
        assert closest_pair(atoms, sizes) >= 0.75 - 1e-9
        density = sizes.volume(list(atoms.symbols)) / atoms.cell.volume
        assert 0.6 - 1e-9 <= density <= 1.35
        assert 1 <= len(atoms) <= 16
        drawn.add(group)
        found.add(number)
    assert len(drawn) > 30
    assert len(found) > 20


def quenched(k_entropy, held):
    """Yield crystals before and after the ladder of the default recipe."""
    rng, recipe = np.random.default_rng(5), Recipe(start=RandomCrystal(ALLOY, (2, 10)))
    for _ in range(8):
        atoms = recipe.atoms(rng)
        before = atoms.copy()
        atoms.calc.set(k_entropy=k_entropy * len(atoms))
        if held:
            rigid = FixSymmetry(atoms, 1e-5, adjust_cell=False)
            atoms.set_constraint(rigid)
        quench = Quench(atoms, recipe.ladder.orders, logfile=None)
        assert quench.run(recipe.ladder.fmax, recipe.ladder.steps)
        yield before, atoms


@pytest.mark.parametrize('k_entropy, held', [(0.0, False), (2.0, True)])
def test_a_quench_keeps_the_symmetry(k_entropy, held):
    moved = []
    for before, after in quenched(k_entropy, held):
        assert asymmetry(before, after) < 1e-5
        after.set_constraint()
        number, cartesian = symmetry(after, 1e-3)
        assert len(cartesian) % len(symmetry(before)[1]) == 0
        assert number > 0
        moved.append(np.abs(after.positions - before.positions).max())
    assert max(moved) > 0.05


def test_a_quench_at_positive_k_leaves_the_symmetry():
    apart = [asymmetry(before, after) for before, after in quenched(2.0, False)]
    assert max(apart) > 0.1


def test_the_entropy_is_least_where_atoms_are_equivalent():
    """Why symmetry has to be held at K > 0: any deviation lowers V."""
    atoms = bulk('W', cubic=True)
    atoms.calc = EntropyCalculator(k_entropy=10.0)
    symmetric = atoms.get_potential_energy()
    assert np.abs(atoms.get_forces()).max() < 1e-9
    entropy = atoms.calc.entropy
    atoms = bulk('W', cubic=True) * (2, 1, 1)
    atoms.calc = EntropyCalculator(k_entropy=20.0)
    assert atoms.get_potential_energy() > 2 * symmetric - 20.0  # N = 4, not 2
    assert atoms.calc.entropy == pytest.approx(entropy + np.log(2.0))
    rest = atoms.get_potential_energy()
    atoms.positions[0, 0] += 0.02
    assert atoms.get_potential_energy() < rest - 0.1


# Prototypes


# Group, largest coordination, distance over the cube root of the volume per atom.
NEIGHBORS = {
    'bcc': (229, 8, (3 / 4) ** 0.5 * 2 ** (1 / 3)),
    'fcc': (225, 12, 2 ** (1 / 6)),
    'hcp': (194, 12, 2 ** (1 / 6)),
    'dhcp': (194, 12, 2 ** (1 / 6)),
    'sc': (221, 6, 1.0),
    'diamond': (227, 4, (3 / 16) ** 0.5 * 8 ** (1 / 3)),
    'A15': (223, 2, 0.5 * 8 ** (1 / 3)),
    'beta-Sn': (141, 4, None),
    'omega': (191, 3, None),
    'B1': (225, 6, 1.0),
    'B2': (221, 8, (3 / 4) ** 0.5 * 2 ** (1 / 3)),
    'B3': (216, 4, (3 / 16) ** 0.5 * 8 ** (1 / 3)),
    'B4': (186, 4, (3 / 16) ** 0.5 * 8 ** (1 / 3)),
    'B8_1': (194, 6, None),
    'L1_0': (123, 12, 2 ** (1 / 6)),
    'L1_2': (221, 12, 2 ** (1 / 6)),
    'D0_3': (225, 8, (3 / 4) ** 0.5 * 2 ** (1 / 3)),
    'A3B-A15': (223, 2, 0.5 * 8 ** (1 / 3)),
    'C1': (225, 8, (3 / 16) ** 0.5 * 12 ** (1 / 3)),
    'C4': (136, 6, None),
    'C15': (227, 6, 8**-0.5 * 24 ** (1 / 3)),
    'C32': (191, 3, None),
    'perovskite': (221, 6, 0.5 * 5 ** (1 / 3)),
    'half-Heusler': (216, 8, (3 / 16) ** 0.5 * 12 ** (1 / 3)),
    'full-Heusler': (225, 8, (3 / 4) ** 0.5 * 2 ** (1 / 3)),
}


@pytest.mark.parametrize('name', PROTOTYPES)
def test_prototypes(name):
    group, coordination, distance = NEIGHBORS[name]
    equal = Sizes(('W', 'Mo', 'Nb'), dict.fromkeys(('W', 'Mo', 'Nb'), 1.0))
    volumes = dict.fromkeys(equal.species, 1.0)
    equal = replace(equal, volumes=volumes)
    start = Prototype(equal.species, [name], (1.0, 1.0), closest=0.1, sizes=equal)
    atoms = start.atoms(np.random.default_rng(1))
    assert symmetry(atoms)[0] == group
    assert atoms.cell.volume == pytest.approx(len(atoms))
    shortest = shortest_distance(atoms)
    if distance is None:
        distance = shortest
    assert shortest == pytest.approx(distance)
    many = atoms * (5, 5, 5)
    places = many.positions[:, None] - many.positions[62 * len(atoms) :][: len(atoms)]
    near_n = (np.linalg.norm(places, axis=2) < 1.03 * shortest).sum(axis=0) - 1
    assert near_n.max() == coordination
    assert atoms.info == {'start': f'prototype {name}'}


def test_prototypes_fit_the_number_of_elements():
    assert len(Prototype(('Al',)).names) == 9
    assert len(Prototype(('Al', 'Ni')).names) == len(PROTOTYPES) - 3
    sizes, rng = Sizes(ALLOY), np.random.default_rng(1)
    drawn = [Prototype(ALLOY).atoms(rng) for _ in range(300)]
    assert {atoms.info['start'][10:] for atoms in drawn} == set(Prototype(ALLOY).names)
    layered = [atoms for atoms in drawn if atoms.info['start'] == 'prototype L1_2']
    assert len({str(atoms.symbols) for atoms in layered}) == 2  # AlNi3 and Al3Ni
    assert min(closest_pair(atoms, sizes) for atoms in drawn) >= 0.7 - 1e-9


# Given, cut, and mixed


def test_given(tmp_path):
    write(tmp_path / 'set.extxyz', SET)
    read = Given.read(tmp_path / 'set.extxyz')
    rng = np.random.default_rng(1)
    drawn = [read.atoms(rng) for _ in range(30)]
    for atoms in drawn:
        own = SET[int(atoms.info['start'].removeprefix('given '))]
        assert (atoms.numbers == own.numbers).all()
        assert np.allclose(atoms.positions, own.positions)
        assert np.allclose(atoms.cell, own.cell)
        assert (atoms.pbc == own.pbc).all()
    assert {atoms.info['start'] for atoms in drawn} == {f'given {m}' for m in range(3)}


def test_slabs():
    rng = np.random.default_rng(1)
    start = Cut(Prototype(('Al',), ['fcc'], (1.0, 1.0)), size=(6, 12), vacuum=5.0)
    slabs = [start.atoms(rng) for _ in range(30)]
    areas = []
    for atoms in slabs:
        assert 1 <= len(atoms) <= 12
        assert atoms.pbc.tolist() == [True, True, False]
        assert np.allclose(atoms.cell[2, :2], 0.0)
        z_n = atoms.positions[:, 2]
        assert z_n.min() == pytest.approx(5.0)
        assert atoms.cell[2, 2] - z_n.max() == pytest.approx(5.0)
        assert shortest_distance(atoms) == pytest.approx(2.864, abs=0.001)
        areas.append(round(abs(np.linalg.det(atoms.cell[:2, :2])), 6))
    assert len(set(areas)) > 3  # surfaces of several kinds
    assert Confinement.around(slabs[0]).normals_xc == ((0.0, 0.0, 1.0),)


def test_large_cells_are_cut_along_a_vector():
    whole = VariedPacking(('Al',), (30, 30))
    atoms = Cut(whole, 'slab', (4, 8)).atoms(np.random.default_rng(1))
    assert len(atoms) == 30
    assert atoms.info == {'start': 'slab of packing'}


def test_spheres():
    rng = np.random.default_rng(1)
    start = Cut(Structure.of(bulk('Al')), 'sphere', (13, 13))
    for _ in range(10):
        atoms = start.atoms(rng)
        assert len(atoms) == 13
        assert not atoms.pbc.any()
        assert shortest_distance(atoms) == pytest.approx(2.864, abs=0.001)
        extent = np.ptp(atoms.positions, axis=0).max()
        assert extent < 2 * 2.864 * 1.5  # a sphere, not a needle
        assert atoms.cell.lengths() == pytest.approx(
            np.ptp(atoms.positions, axis=0) + 12.0
        )


def test_mixture_by_weight():
    parts = [(1, Prototype(('W',), ['bcc'])), (3, Prototype(('W',), ['fcc']))]
    rng = np.random.default_rng(1)
    drawn = [Mixture(parts).atoms(rng).info['start'] for _ in range(200)]
    assert abs(drawn.count('prototype fcc') - 150) < 5 * 37.5**0.5


# Campaigns


def test_the_same_rows_for_any_number_of_workers(tmp_path):
    """Walkers with other atoms, and arrays of a large set that stand once."""
    many = Given.of(SET * 80)
    start = Mixture(
        [
            (3, VariedPacking(ALLOY, (2, 8))),
            (2, RandomCrystal(ALLOY, (1, 6))),
            (2, Cut(Prototype(ALLOY), 'sphere', (4, 8))),
            (1, many),
        ]
    )
    recipe = Recipe(
        start=start, schedule=AnnealSchedule(shuffle_steps=20, ramp_steps=0)
    )
    recipe = replace(recipe, isolated='allow')
    found = []
    for name, executor in (('a', None), ('b', campaign.Processes(2))):
        path = tmp_path / f'{name}.db'
        campaign.run(
            recipe, 8, path, seed=3, executor=executor, report=lambda line: None
        )
        database = connect(path)
        rows = sorted(database.select(), key=lambda row: row.cycle)
        found.append([(row.unique_id, row.start, row.data['geometry']) for row in rows])
    assert found[0] == found[1]
    assert len({row.natoms for row in rows}) > 2
    assert len({start.split()[0] for _, start, _ in found[0]}) > 2
    entry = database.metadata['campaigns'][0]['recipe']
    assert many.positions_nc.size > LARGE
    named = entry['start']['parts'][3]['start']['positions_nc']
    assert set(named) == {'sha256', 'shape'}
    again = Recipe.fromdict(json.loads(json.dumps(entry)), database)
    assert again.start == start
    assert again.todict() == recipe.todict()


# Errors


@pytest.mark.parametrize(
    'make, message',
    [
        (lambda: VariedPacking(('Xx',)), 'expected different chemical symbols'),
        (lambda: VariedPacking(('Al',), (0, 3)), 'size=0: expected a finite number >='),
        (lambda: VariedPacking(('Al',), (5, 3)), 'size=.5, 3.: expected two numbers'),
        (lambda: VariedPacking(('Al',), 7), 'size=7: expected two numbers'),
        (lambda: VariedPacking(('Al',), (2.5, 3)), 'size=2.5: expected a whole number'),
        (lambda: VariedPacking(('Al',), density=(0.0, 1)), 'density=0.0: expected'),
        (lambda: VariedPacking(('Al',), density=(1, 5)), 'density=5: expected'),
        (lambda: RandomCrystal(('Al',), composition='Al2O3'), 'a formula of Al'),
        (
            lambda: RandomCrystal(('Al',), composition='?'),
            'expected a formula of known',
        ),
        (lambda: RandomCrystal(ALLOY, composition={'W': (0, 1)}), "'free', a formula"),
        (lambda: RandomCrystal(ALLOY, composition={'Al': (0, 2)}), 'expected a finite'),
        (lambda: RandomCrystal(ALLOY, (1, 1), composition='NiAl'), 'no 1 to 1 atoms'),
        (
            lambda: VariedPacking(ALLOY, composition={'Al': (0, 0.2), 'Ni': (0, 0.2)}),
            'expected another, or more atoms',
        ),
        (lambda: RandomCrystal(ALLOY, closest=0.0), 'closest=0.0: expected'),
        (lambda: VariedPacking(ALLOY, size_power='x'), "size_power='x': expected"),
        (lambda: VariedPacking(ALLOY, sizes=Sizes(('Al',))), r"expected \['Ni'\], too"),
        (lambda: Prototype(('Al',), ['B1']), "which Al make with composition='free'"),
        (lambda: Prototype(('Al',), volume=(0, 1)), 'volume=0: expected'),
        (lambda: Given.of([]), 'configurations: expected one or more'),
        (lambda: Given([1], [0, 0], [1], np.eye(3), [1, 1, 1]), 'positions_nc has'),
        (lambda: Given([1], [0, 0, 0], [2], np.eye(3), [1] * 3), 'fit together'),
        (lambda: Given([1], [0, 0, np.nan], [1], np.eye(3), [1] * 3), 'finite'),
        (lambda: Cut(3), 'start=3: expected'),
        (lambda: Cut(RandomPacking(), 'cube'), "shape='cube': expected one of"),
        (lambda: Cut(RandomPacking(), vacuum=0), 'vacuum=0: expected'),
        (lambda: Mixture([]), 'expected pairs of a weight and a start'),
        (lambda: Mixture([(0, RandomPacking())]), 'all weights are 0'),
        (lambda: Mixture([(-1, RandomPacking())]), 'weight=-1: expected'),
        (
            lambda: Cut(Structure.of(SET[2])).atoms(np.random.default_rng(1)),
            'expected periodic ones, to be cut',
        ),
        (
            lambda: RandomCrystal(
                ('Al',), (1, 2), density=(1.9, 1.9), closest=1.0
            ).atoms(np.random.default_rng(1)),
            'found no crystal of 1 to 2 atoms of Al',
        ),
        (
            lambda: VariedPacking(('Al',), (8, 9), density=(2.0, 2.0)).atoms(3),
            'rng=3: expected',
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_without_spglib(monkeypatch):
    monkeypatch.setitem(sys.modules, 'spglib', None)
    operations.cache_clear()
    with pytest.raises(ValueError, match='need a package more: pip install spglib'):
        Prototype(('Al',), ['fcc']).atoms(np.random.default_rng(1))


VARIED = ['harvest', '--elements', 'Ni,Al', '--shuffle-steps', '20', '--fmax', '500']


def test_elements_on_the_command_line(tmp_path, capsys):
    db = str(tmp_path / 'w.db')
    words = ['--atoms', '3-9', '--density', '0.9-1.1', '--composition', 'Al=0.5-1']
    only = ['--crystals', '0', '--prototypes', '0', '--isolated-atoms', 'no']
    main([*VARIED, *words, *only, '--cycles', '6', '--seed', '1', '--db', db])
    rows = list(connect(db).select())
    sizes = Sizes(('Ni', 'Al'))
    assert len({row.formula for row in rows}) > 3
    for row in rows:
        assert 3 <= row.natoms <= 9
        assert row.symbols.count('Al') >= row.natoms / 2
        assert 0.9 < sizes.volume(row.symbols) / row.volume < 1.1
        assert row.start == 'packing'
    main(['info', db, '--settings'])
    assert "'name': 'VariedPacking'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        (['--atoms', '1-0'], '--atoms=0.0: expected a finite number >= 1'),
        (['--atoms', '5-4'], '--atoms=(5.0, 4.0): expected two numbers, the smaller'),
        (['--atoms', '2.5'], '--atoms=(2.5, 2.5): expected whole numbers'),
        (['--density', '5'], '--density=5.0: expected a finite number > 0.0 and <= 2'),
        (['--density', '0-1'], '--density=0.0: expected a finite number > 0.0'),
        (['--composition', 'Cu'], '--composition Cu: expected a formula of Ni, Al'),
        (['--composition', 'Al=2-3'], "composition['Al']=2.0: expected a finite"),
        (['--elements', 'Xx'], "--elements=['Xx']: expected different chemical"),
        (['--formula', 'W8'], '--elements and --formula: drop one of them'),
        (['--margin', '1'], '--elements and --margin: drop one of them'),
        (['--paper'], '--paper, or --recipe anneal, is for one cell: drop it'),
        (['--recipe', 'anneal'], '--paper, or --recipe anneal, is for one cell: drop'),
        (['--scale', 'Cu'], '--scale Cu and --elements: drop one, or give a number'),
    ],
)
def test_bad_options(words, sentence, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        main([*VARIED[:3], *words, '--db', str(tmp_path / 'w.db')])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        (['--atoms', '4'], '--atoms is for --elements: drop it'),
        (['--composition', 'W'], '--composition is for --elements: drop it'),
        (['--density', '0.5-0.7'], '--density=0.5-0.7: ranges are for --elements'),
    ],
)
def test_options_of_elements_only(words, sentence, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        main(['harvest', *words, '--db', str(tmp_path / 'w.db')])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err
