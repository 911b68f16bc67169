"""Right lengths for every element: sizes, what follows from them, and the options."""

import json
import re
import warnings

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.db import connect
from ase.io import write
from ase.neighborlist import neighbor_list
from cells import paper_cell
from test_errors import complaint

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    ClarkeSmith,
    EntropyCalculator,
    MixedClarkeSmith,
    RandomPacking,
    Recipe,
    Structure,
    random_packing,
    rescale,
)
from ase_entropy.campaign.recipes import RECIPES
from ase_entropy.chemistry import Sizes, size
from ase_entropy.cli import main
from ase_entropy.pairs import find_pairs
from ase_entropy.repulsion import repulsion_of
from ase_entropy.sets import sizes_from
from ase_entropy.starts.packing import paper_density, usual_density
from ase_entropy.store.ledger import campaigns

RNG = np.random.default_rng
QUICK = ['--shuffle-steps', '300', '--seed', '1', '--db']


def harvest(tmp_path, *options, cycles=1):
    """Harvest from the command line; return the rows."""
    path = tmp_path / 'w.db'
    main(['harvest', *options, '--cycles', str(cycles), *QUICK, str(path)])
    return list(connect(path).select())


def refused(*options, capsys):
    """Return the sentence with which a harvest ends."""
    with pytest.raises(SystemExit) as caught:
        main(['harvest', *options, '--cycles', '1', *QUICK, 'never.db'])
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()[-1:]
    return line


@pytest.mark.parametrize(
    ('symbol', 'distance', 'volume'),
    [  # measured lattice constants, in the crystals' own geometry
        ('W', 3.165 * 3**0.5 / 2, 3.165**3 / 2),
        ('Al', 4.05 / 2**0.5, 4.05**3 / 4),
        ('Si', 5.43 * 3**0.5 / 4, 5.43**3 / 8),
        ('Mg', 3.20, 23.24),
        ('Fe', 2.87 * 3**0.5 / 2, 2.87**3 / 2),
    ],
)
def test_sizes_are_those_of_the_crystals(symbol, distance, volume):
    found = size(symbol)
    assert found.distance == pytest.approx(distance, rel=5e-3)
    assert found.volume == pytest.approx(volume, rel=1e-2)


def test_every_element_with_a_radius_has_a_size():
    from ase.data import atomic_numbers, chemical_symbols

    last = atomic_numbers['Cm']
    for number, symbol in enumerate(chemical_symbols[1:], start=1):
        if number > last:
            assert symbol in complaint(size, symbol)
            continue
        found = size(symbol)
        assert 0.5 < found.distance < 6.0
        assert 0.3 < found.volume / found.distance**3 < 2.0  # none is a gas


def test_unlike_atoms_touch():
    sizes = Sizes(('Ni', 'Al'))
    mean = 0.5 * (size('Ni').distance + size('Al').distance)
    assert sizes.distance('Ni', 'Al') == sizes.distance('Al', 'Ni') == mean
    assert sizes.distance('Ni') == size('Ni').distance
    given = Sizes(('Ni', 'Al'), {'Al': 3.0})
    assert given.distance('Ni', 'Al') == 0.5 * (size('Ni').distance + 3.0)
    ratio = (3.0 / size('Al').distance) ** 3
    assert given.volume(['Al']) == pytest.approx(ratio * size('Al').volume)
    assert given.volume(['Ni', 'Ni']) == pytest.approx(2 * size('Ni').volume)


# Distances (Angstrom) of neighbors, and volumes (Angstrom^3) of a formula, in crystals.
COMPOUNDS = [
    ('NaCl', {'Cl-Na': 2.82, 'Cl-Cl': 3.99}, 44.9),
    ('MgO', {'Mg-O': 2.11, 'O-O': 2.98}, 18.7),
    ('SiO2', {'O-Si': 1.61, 'O-O': 2.62}, 37.7),
    ('TiO2', {'O-Ti': 1.95, 'O-O': 2.52}, 31.2),
    ('Al2O3', {'Al-O': 1.86, 'O-O': 2.52}, 42.5),
    ('CaF2', {'Ca-F': 2.36, 'F-F': 2.73}, 40.8),
    ('MoS2', {'Mo-S': 2.41, 'S-S': 3.16}, 53.0),
    ('TiH2', {'H-Ti': 1.92, 'H-H': 2.22}, 22.0),
    ('CaCO3', {'C-O': 1.28, 'O-O': 2.22, 'Ca-O': 2.36}, 61.3),
]


@pytest.mark.parametrize(('formula', 'distances', 'volume'), COMPOUNDS)
def test_anions_are_not_molecules(formula, distances, volume):
    symbols = Atoms(formula).get_chemical_symbols()
    sizes = Sizes(tuple(dict.fromkeys(symbols)))
    for pair, distance in distances.items():
        assert 0.9 < sizes.distance(*pair.split('-')) / distance < 1.35
    assert 0.6 < sizes.volume(symbols) / volume < 1.65


def test_who_is_an_anion():
    apart = Sizes(('Na', 'Cl', 'O', 'H', 'S'))
    assert apart.distance('Cl') == 2**0.5 * apart.distance('Cl', 'S')
    assert apart.distance('O') == 2**0.5 * apart.distance('O', 'S')
    mean = 0.5 * (apart.distance('O') + apart.distance('Cl'))
    assert apart.distance('O', 'Cl') == mean
    for symbol in 'HS':  # share electrons with oxygen
        assert apart.distance(symbol) == size(symbol).distance
    assert Sizes(('Na', 'S')).distance('S') > 3.0 > size('S').distance
    for species in (('H', 'O'), ('C', 'O'), ('S', 'O'), ('Cl',), ('O', 'Ar')):
        sizes = Sizes(species)  # no metal
        for symbol in species:
            assert sizes.distance(symbol) == size(symbol).distance
    metals = Sizes(('Ni', 'Al', 'Si', 'C'))
    assert metals.volume(['Ni', 'C']) == metals.volume(['Ni']) + metals.volume(['C'])


def test_lengths_of_elements_are_for_all_pairs_and_those_of_pairs_for_one():
    usual = Sizes(('Na', 'Cl'))
    pair = usual.changed({'Cl-Cl': 3.0})
    assert (pair.distance('Cl'), pair.distance('Na', 'Cl')) == (
        3.0,
        usual.distance('Na', 'Cl'),
    )
    assert pair.volume(['Cl']) == usual.volume(['Cl'])
    element = pair.changed({'Cl': 3.0})
    assert element.distance('Cl') == 3.0
    assert element.distance('Na', 'Cl') == 0.5 * (size('Na').distance + 3.0)
    assert element.volume(['Cl']) > usual.volume(['Cl'])
    for one in ('Ni', 'Ni-Ni'):  # the same, where there is one element
        given = Sizes(('Ni',), {one: 3.0})
        assert given.distance('Ni') == 3.0
        assert given.volume(['Ni']) > Sizes(('Ni',)).volume(['Ni'])


@pytest.mark.parametrize('factor', [0.5, 3.0])
def test_all_lengths_are_multiplied(factor):
    usual = Sizes(('Na', 'Cl', 'O'), {'Cl-O': 3.3})
    scaled = usual.changed({}, factor)
    for name, distance in usual.pairs().items():
        assert scaled.distance(*name.split('-')) == pytest.approx(factor * distance)
    for symbols in (['Na'], ['Na', 'Cl'], ['Na', 'Na', 'O']):
        expected = factor**3 * usual.volume(symbols)
        assert scaled.volume(symbols) == pytest.approx(expected)


@pytest.mark.parametrize('formula', ['Na8Cl8', 'Si5O10'])
def test_salts_and_oxides_have_no_molecules(tmp_path, formula):
    rows = harvest(tmp_path, '--formula', formula, cycles=2)
    sizes = Sizes(tuple(dict.fromkeys(rows[0].symbols)))
    for row in rows:
        i, j, d = neighbor_list('ijd', row.toatoms(), 4.0)
        names = np.array(row.symbols)
        for pair, distance in sizes.pairs().items():
            a, b = pair.split('-')
            both = (names[i] == a) & (names[j] == b)
            assert d[both].min(initial=9.0) > 0.75 * distance


def test_all_lengths_are_in_the_ratio_of_tungsten():
    for symbol in ('Al', 'Na', 'C'):
        scale = size(symbol).distance / size('W').distance
        repulsion = ClarkeSmith.of(symbol)
        assert repulsion.r0 == pytest.approx(2.7 * scale)
        assert repulsion.cutoff == pytest.approx(scale * ClarkeSmith().cutoff)
        assert Bispectrum.of(symbol).cutoff == pytest.approx(3.93 * scale)
        packing = RandomPacking.of(f'{symbol}39')
        assert packing.min_distance == pytest.approx(2.0 * scale)
    assert ClarkeSmith.of('W') == ClarkeSmith()
    assert Bispectrum.of('W') == Bispectrum()
    assert RandomPacking.of('W39') == RandomPacking()


def test_pairs_of_elements_have_their_own_lengths():
    sizes = Sizes(('Ni', 'Al'), {'Ni-Al': 2.5})
    mixed = repulsion_of(sizes)
    bispectrum = Bispectrum.of(sizes)
    packing = RandomPacking.of('Ni4Al4', sizes)
    assert type(mixed) is MixedClarkeSmith
    for a, b in (('Ni', 'Ni'), ('Al', 'Al'), ('Ni', 'Al')):
        scale = sizes.scale(a, b)
        assert mixed.distance(a, b) == pytest.approx(2.7 * scale)
        name = '-'.join(sorted((a, b)))
        assert packing.min_distance[name] == pytest.approx(2.0 * scale)
    pairs = find_pairs(Atoms('NiAl', [(0, 0, 0), (2, 0, 0)]), 9.0)
    radii = bispectrum.radii
    expected = bispectrum.cutoff * (radii['Ni'] + radii['Al'])
    np.testing.assert_allclose(bispectrum.cutoffs(pairs), expected)
    alone = 2 * bispectrum.cutoff * radii['Ni']
    assert alone == pytest.approx(Bispectrum.of('Ni').cutoff)


def test_r0_of_a_pair_can_be_set():
    own = MixedClarkeSmith(('W', 'Be'), {'Be-W': 2.1})
    assert own.distance('W', 'Be') == 2.1
    assert own.distance('W', 'W') == pytest.approx(2.7)


def test_rows_of_version_0_1_keep_their_radii():
    """There, r0 of a pair without one came from covalent radii."""
    from ase.data import atomic_numbers, covalent_radii

    old = {'name': 'MixedClarkeSmith', 'species': ['W', 'Be'], 'r0': {'Be-Be': 2.0}}
    old.pop('name')
    found = MixedClarkeSmith.fromdict(old)
    radius = {x: covalent_radii[atomic_numbers[x]] for x in ('W', 'Be')}
    expected = 2.7 * (radius['W'] + radius['Be']) / (2 * radius['W'])
    assert found.distance('W', 'Be') == pytest.approx(expected, rel=1e-12)
    assert found.distance('Be', 'Be') == 2.0


def test_a_packing_keeps_its_composition_in_a_random_order():
    least = {'Al-Al': 2.4, 'Al-Ni': 2.0, 'Ni-Ni': 1.6}
    orders = set()
    for seed in range(6):
        atoms = random_packing('Ni6Al4', (8, 8, 8), least, RNG(seed))
        assert atoms.symbols.count('Ni') == 6
        orders.add(str(atoms.symbols))
        i, j, d = neighbor_list('ijd', atoms, 4.0)
        names = np.array(atoms.get_chemical_symbols())
        for pair, shortest in least.items():
            a, b = pair.split('-')
            own = d[(names[i] == a) & (names[j] == b)]
            assert own.min(initial=9.0) >= shortest
    assert len(orders) > 4
    assert "min_distance has no ['Al-Ni', 'Ni-Ni']: expected all pairs" in complaint(
        random_packing, 'NiAl', (8, 8, 8), {'Al-Al': 2.0}, RNG(1)
    )


def test_the_density_is_that_of_the_elements():
    for density in (0.5, 1.1):
        packing = RandomPacking.of('Ni10Al30', density=density)
        volume = 10 * size('Ni').volume + 30 * size('Al').volume
        assert np.prod(packing.cell) == pytest.approx(volume / density)
        a, b, c = packing.cell
        assert a == b == pytest.approx(c / 1.5)  # the shape of the paper's cell
    assert paper_density() == pytest.approx(
        39 * 3.165**3 / 2 / (9.54**2 * 14.31), rel=5e-3
    )


def test_open_crystals_are_packed_as_close_as_others():
    """Diamond fills half the space that bcc does, and its own density is low."""
    for symbol, expected in (('W', 0.65), ('Al', 0.65), ('Si', 1.0), ('C', 1.0)):
        found = usual_density([symbol])
        assert found == pytest.approx(expected, abs=0.02)


def test_k_per_atom():
    schedule = AnnealSchedule(k_per_atom=2.0)
    assert schedule.k_entropy is None
    assert schedule.of(39).k_entropy == 78.0
    assert schedule.of(39)(schedule.cycle_steps - 1) == (0.0, 78.0)
    assert AnnealSchedule().of(7) == AnnealSchedule()
    assert AnnealSchedule().k_entropy == 1000.0
    sentence = 'k_entropy=1.0 and k_per_atom=2.0: expected one of them'
    assert sentence in complaint(AnnealSchedule, k_entropy=1.0, k_per_atom=2.0)
    assert 'k_per_atom=nan: expected' in complaint(AnnealSchedule, k_per_atom=np.nan)
    again = Recipe.fromdict(json.loads(json.dumps(Recipe().todict())))
    assert again == Recipe()
    assert again.schedule.k_per_atom == 2.0


def test_k_grows_with_the_atoms():
    for formula in ('W4', 'W8'):
        recipe = Recipe(start=RandomPacking.of(formula, density=0.5))
        atoms = recipe.atoms(RNG(1))
        assert atoms.calc.k_entropy == 2.0 * len(atoms)
        assert recipe.dynamics(RNG(1)).schedule.k_entropy == 2.0 * len(atoms)


def test_the_protocol_of_the_paper_is_as_it_was():
    """Whatever the defaults of our own recipe are: numbers of the paper, and ours."""
    paper = RECIPES['anneal']
    assert paper.schedule == AnnealSchedule(10_000.0, 1000.0, 2000, 12_000)
    assert paper.start == RandomPacking('W39', (9.54, 9.54, 14.31), 2.0)
    assert paper.isolated == 'allow'
    assert paper.margin == np.inf
    assert paper.repulsion == ClarkeSmith()
    assert paper.descriptor == Bispectrum(3.93, 3, 6)
    written = paper.todict()
    for name in ('isolated', 'margin', 'sizes'):  # so that old campaigns continue
        assert name not in written
    assert 'k_per_atom' not in written['schedule']


def test_rows_at_scale_are_as_diverse():
    """Entropy is a matter of descriptors: rescaled rows of W are rows of Cu."""
    for seed in range(3):
        tungsten = paper_cell(seed)
        copper = rescale(tungsten, 'Cu')
        entropies = []
        for atoms, symbol in ((tungsten, 'W'), (copper, 'Cu')):
            descriptor = Bispectrum.of(symbol, components=6)
            atoms.calc = EntropyCalculator(descriptor, repulsion=ClarkeSmith.of(symbol))
            energy = atoms.get_potential_energy()
            entropies.append((atoms.calc.entropy, energy))
        np.testing.assert_allclose(entropies[1], entropies[0], rtol=1e-12)


@pytest.mark.parametrize('formula', ['Al16', 'Cu16', 'Ni8Al8', 'Na8Cl8', 'Si16'])
def test_shortest_pairs_from_the_formula_alone(formula, tmp_path):
    """Pairs of each kind are between 0.75 and 1 of the distance of neighbors."""
    rows = harvest(tmp_path, '--formula', formula, cycles=3)
    sizes = Sizes(tuple(dict.fromkeys(rows[0].symbols)))
    shortest = dict.fromkeys(sizes.pairs(), np.inf)
    for row in rows:
        i, j, d = neighbor_list('ijd', row.toatoms(), 5.0)
        names = np.array(row.symbols)
        for pair in shortest:
            a, b = pair.split('-')
            own = d[(names[i] == a) & (names[j] == b)]
            shortest[pair] = min(shortest[pair], own.min(initial=np.inf))
    for pair, distance in sizes.pairs().items():
        assert 0.75 < shortest[pair] / distance < 1.0, pair


def test_energies_of_a_real_potential(tmp_path):
    """Half of the cells are within 1 eV per atom of the ground state."""
    rows = harvest(tmp_path, '--formula', 'Cu39', cycles=4)
    crystal = bulk('Cu')
    crystal.calc = EMT()
    above = []
    for row in rows:
        atoms = row.toatoms()
        atoms.calc = EMT()
        energy = atoms.get_potential_energy() / len(atoms)
        above.append(energy - crystal.get_potential_energy())
    assert 0.1 < np.median(above) < 1.0


def test_the_first_line_says_what_was_taken(tmp_path, capsys):
    harvest(tmp_path, '--formula', 'Ni8Al8')
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith('Ni, Al: neighbors at Al-Al 2.86 (fcc), Al-Ni 2.68, Ni-Ni')
    assert 'volumes Ni 10.9, Al 16.6 A^3' in first
    assert second.startswith('Al8Ni8, seed ')
    assert 'quench p2-p24 at K 2 eV per atom into ' in second
    main(['info', str(tmp_path / 'w.db')])
    assert 'sizes: neighbors at Al-Al 2.86 (fcc)' in capsys.readouterr().out
    (campaign,) = campaigns(connect(tmp_path / 'w.db'))
    assert campaign.sizes.startswith('neighbors at Al-Al 2.86')


def test_lengths_of_the_command_line(tmp_path, capsys):
    options = ['--formula', 'Ni4Al4', '--lengths', 'Al=2.9,Ni-Al=2.5']
    (row,) = harvest(tmp_path, *options)
    first = capsys.readouterr().out.splitlines()[0]
    assert 'Al-Al 2.9 (given), Al-Ni 2.5 (given), Ni-Ni 2.49 (fcc)' in first
    r0 = row.data['calculator']['repulsion']['r0']
    assert r0['Al-Ni'] == pytest.approx(2.7 * 2.5 / size('W').distance)
    assert r0['Al-Al'] == pytest.approx(2.7 * 2.9 / size('W').distance)


@pytest.fixture
def alloys(tmp_path):
    """Rattled crystals of Ni-Al, whose pairs are shorter than in the elements."""
    frames = []
    for seed in range(4):
        atoms = bulk('NiAl', 'cesiumchloride', a=2.7) * 3
        atoms.rattle(0.05, seed=seed)
        frames.append(atoms)
    write(tmp_path / 'alloys.xyz', frames, format='extxyz')
    return tmp_path / 'alloys.xyz', frames


def test_sizes_from_a_set(alloys):
    path, frames = alloys
    sizes = sizes_from(path, ['Ni', 'Al'])
    nearest = []
    for atoms in frames:
        i, j, d = neighbor_list('ijd', atoms, 3.5)
        names = np.array(atoms.get_chemical_symbols())
        for a, b in (('Ni', 'Al'), ('Al', 'Ni')):
            for n in np.flatnonzero(names == a):
                nearest.append(d[(i == n) & (names[j] == b)].min())
    assert sizes.distance('Ni', 'Al') == pytest.approx(np.quantile(nearest, 0.05))
    assert min(nearest) < sizes.distance('Ni', 'Al') < 2.34
    assert sizes.volume(['Ni', 'Al']) == pytest.approx(2.7**3)
    ratio = sizes.volume(['Ni']) / sizes.volume(['Al'])  # of a single composition
    assert ratio == pytest.approx(size('Ni').volume / size('Al').volume)
    assert str(sizes).count('alloys') >= 1
    assert (
        'has no neighbors of W within 4.1 Angstrom: expected a set with'
        in complaint(sizes_from, path, ['Ni', 'W'])
    )


def test_volumes_from_compositions(tmp_path):
    frames = [bulk('Ni', a=3.6) * 2, bulk('Al', a=4.2) * 2]
    write(tmp_path / 'both.xyz', frames, format='extxyz')
    sizes = sizes_from(tmp_path / 'both.xyz', ['Ni', 'Al'])
    assert sizes.volume(['Ni']) == pytest.approx(3.6**3 / 4)
    assert sizes.volume(['Al']) == pytest.approx(4.2**3 / 4)


def test_lengths_from_a_set(alloys, tmp_path, capsys):
    path, frames = alloys
    options = ['--formula', 'Ni8Al8', '--lengths-from', str(path)]
    rows = harvest(tmp_path, *options, cycles=3)
    first = capsys.readouterr().out.splitlines()[0]
    assert f'({path.name.split(".")[0]}' in first
    shortest = min(neighbor_list('d', atoms, 3.5).min() for atoms in frames)
    for row in rows:
        i, j, d = neighbor_list('ijd', row.toatoms(), 3.5)
        names = np.array(row.symbols)
        assert d[names[i] != names[j]].min() > 0.9 * shortest


@pytest.mark.parametrize(
    ('options', 'sentence'),
    [
        (['--formula', 'Xx4'], "symbols='Xx4': expected a formula of known elements"),
        (['--formula', 'Bk4'], "element='Bk': expected an element with a covalent"),
        (
            ['--formula', 'Ni4', '--lengths', 'Al=2.8'],
            "--lengths: distances names 'Al': expected one of Ni, Ni-Ni",
        ),
        (
            ['--formula', 'Ni4', '--lengths', 'Ni=-2.8'],
            "--lengths: distances['Ni']=-2.8: expected a finite number > 0.0",
        ),
        (
            ['--k-entropy', '10', '--k-per-atom', '2'],
            '--k-entropy and --k-per-atom: expected one of them',
        ),
        (
            ['--density', '3'],
            '--density=3.0: expected a finite number > 0.0 and <= 2.0',
        ),
        (
            ['--density', '0.5', '--cell', '9', '9', '9'],
            '--cell and --density: expected one of them',
        ),
        (
            ['--structure', 'nial.xyz', '--density', '0.5'],
            '--structure brings atoms and cell: drop --formula, --cell, --density',
        ),
        (['--margin', '2'], '--margin is for a --structure that is not periodic: drop'),
        (
            ['--structure', 'nial.xyz', '--margin', '2'],
            '--margin is for a --structure that is not periodic: drop it',
        ),
        (
            ['--structure', 'wire.xyz', '--margin', '-1'],
            '--margin=-1.0: expected a finite number > 0.0',
        ),
        (
            ['--formula', 'W16', '--scale', 'Cu'],
            '--scale Cu and --formula: the elements are those of the formula, drop',
        ),
        (
            ['--structure', 'nial.xyz', '--scale', 'Cu'],
            '--scale Cu and --structure: the elements are those of the structure',
        ),
        (
            ['--formula', 'NiAl', '--lengths', 'Al-Ni=2,Ni-Al=3'],
            'has Al-Ni twice: expected one name of each pair',
        ),
        (
            [
                '--lengths-from',
                'nial.xyz@:',
                '--formula',
                'Ni4',
                '--logfile',
                'nial.xyz',
            ],
            '--logfile=nial.xyz: is a database or a file of atoms, expected a file of',
        ),
        (
            ['--structure', 'nial.xyz@-1', '--logfile', 'nial.xyz'],
            '--logfile=nial.xyz: is a database or a file of atoms, expected a file of',
        ),
        (
            ['--formula', 'W8', '--lengths-from', 'nial.xyz'],
            '--lengths-from nial.xyz: nial.xyz has no neighbors of W within 4.1 Ang',
        ),
        (
            ['--lengths-from', 'nothing.xyz'],
            '--lengths-from nothing.xyz: there is no such file',
        ),
    ],
)
def test_bad_options(options, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write('nial.xyz', bulk('NiAl', 'cesiumchloride', a=2.9) * 2)
    write('wire.xyz', Atoms('W3', [(0, 0, 2.5 * n) for n in range(3)]))
    assert sentence in refused(*options, capsys=capsys)
    assert not (tmp_path / 'never.db').exists()


@pytest.mark.parametrize(
    ('function', 'arguments', 'sentence'),
    [
        (Sizes, (('W',), {'Be': 2.0}), "distances names 'Be': expected one of W, W-W"),
        (Sizes, (('W',), {'W': 0.0}), "distances['W']=0.0: expected a finite number"),
        (Sizes, (('W',), None, {'W': -1}), "volumes['W']=-1: expected a finite number"),
        (Sizes, (('W', 'W'),), 'expected different chemical symbols'),
        (ClarkeSmith.of, ('Xx',), "element='Xx': expected a chemical symbol"),
        (Bispectrum.of, ('NaCl',), "or sizes of several elements, Sizes(('Na', 'Cl'))"),
        (Bispectrum.of, (['W', 'Be'],), "of several elements, Sizes(('W', 'Be'))"),
        (MixedClarkeSmith.of, ('SiC',), "of several elements, Sizes(('Si', 'C'))"),
        (MixedClarkeSmith, (Sizes(('W', 'Be')),), 'or MixedClarkeSmith.of(sizes)'),
        (ClarkeSmith.of, (Sizes(('W', 'Be')),), 'one element, or MixedClarkeSmith.of('),
        (rescale, (Atoms('W'), 'Xx'), "element='Xx': expected a chemical symbol"),
        (
            RandomPacking.of,
            ('W4', None, -1.0),
            'density=-1.0: expected a finite number',
        ),
    ],
)
def test_bad_sizes(function, arguments, sentence):
    assert sentence in complaint(function, *arguments)


def first_energy(atoms, **parts):
    """Return the warnings of a calculator's first energies."""
    atoms.calc = EntropyCalculator(k_entropy=0.0, **parts)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        for _ in range(2):
            atoms.rattle(0.01)
            atoms.get_potential_energy()
    return [str(x.message) for x in caught if x.category is UserWarning]


def test_lengths_of_tungsten_for_other_atoms_are_warned_of():
    salt, sizes = bulk('NaCl', 'rocksalt', a=5.64), Sizes(('Na', 'Cl'))
    (message,) = first_energy(salt)
    assert '(descriptor, repulsion) have the lengths of tungsten' in message
    assert 'not those of Na (3.66), Cl (2.04)' in message
    right = re.search('descriptor=(.*), repulsion=(.*)', message)
    descriptor, repulsion = map(eval, right.groups())
    assert descriptor == Bispectrum.of(sizes, components=6)
    assert repulsion == MixedClarkeSmith.of(sizes)
    (message,) = first_energy(salt, descriptor=descriptor)
    assert '(repulsion) have' in message
    assert 'descriptor' not in message
    assert first_energy(salt, descriptor=descriptor, repulsion=ClarkeSmith()) == []
    assert len(first_energy(bulk('C'))) == 1
    calc = EntropyCalculator(k_entropy=0.0)
    calc.set(descriptor=descriptor)
    with pytest.warns(UserWarning, match=r'EntropyCalculator \(repulsion\) have'):
        calc.get_potential_energy(salt)


@pytest.mark.parametrize('formula', ['W7Be', 'Cu', 'Al', 'Si', 'Fe'])
def test_the_paper_and_its_like_are_not_warned_of(formula):
    positions = 2.5 * np.arange(24).reshape(8, 3)
    symbols = Atoms(formula).symbols
    assert first_energy(Atoms(symbols, positions[: len(symbols)])) == []


def test_weights_alone_keep_the_radii(tmp_path):
    options = ['--formula', 'W4Be4', '--weights', 'W=1,Be=0.9']
    (row,) = harvest(tmp_path, *options)
    found = row.data['calculator']['descriptor']
    assert found['weights'] == {'W': 1.0, 'Be': 0.9}
    assert found['radii'] == Bispectrum.of(Sizes(('W', 'Be'))).radii


def test_a_schedule_per_atom_needs_their_number():
    schedule = AnnealSchedule(k_per_atom=2.0)
    assert 'k_per_atom=2.0: expected a number of atoms first' in complaint(schedule, 0)


def test_cells_with_vacuum_have_no_volume(tmp_path):
    """Slabs and isolated atoms in periodic cells say nothing on densities."""
    crystal = bulk('W', a=3.2, cubic=True) * 2
    slab = crystal.copy()
    slab.center(vacuum=10.0, axis=2)
    alone = Atoms('W', cell=[20.0, 20.0, 20.0], pbc=True)
    for frames, expected in (
        ([crystal, slab, alone, slab], 3.2**3 / 2),
        ([slab, alone], size('W').volume),
    ):
        write(tmp_path / 'w.xyz', frames, format='extxyz')
        found = sizes_from(tmp_path / 'w.xyz', ['W']).volume(['W'])
        assert found == pytest.approx(expected)


def test_lengths_from_a_single_small_cell(tmp_path):
    atoms = bulk('NaCl', 'rocksalt', a=5.64, cubic=True)
    write(tmp_path / 'salt.xyz', atoms, format='extxyz')
    sizes = sizes_from(tmp_path / 'salt.xyz', ['Na', 'Cl'])
    assert sizes.distance('Na', 'Cl') == pytest.approx(2.82)
    assert (
        sizes.distance('Cl') == sizes.distance('Na') == pytest.approx(3.988, abs=0.01)
    )
    atoms *= 3
    atoms.symbols[:] = 'Na'
    atoms.symbols[0] = 'Cl'  # six neighbors of a single atom
    write(tmp_path / 'one.xyz', atoms, format='extxyz')
    sizes = sizes_from(tmp_path / 'one.xyz', ['Na', 'Cl'])
    assert sizes.distance('Na', 'Cl') == pytest.approx(2.82)
    assert sizes.distance('Cl') == pytest.approx(2**0.5 * 2.82)


def test_volumes_do_not_follow_short_distances(tmp_path):
    """Of a set without cells of the elements alone, or of hot ones."""
    frames = [bulk('W', cubic=True) * 2 for _ in range(3)]
    for seed, atoms in enumerate(frames):
        atoms.rattle(0.15, seed=seed)
    write(tmp_path / 'hot.xyz', frames, format='extxyz')
    found = sizes_from(tmp_path / 'hot.xyz', ['W'])
    assert found.distance('W') < 0.95 * size('W').distance
    assert found.volume(['W']) == pytest.approx(size('W').volume, rel=0.01)
    (row,) = harvest(
        tmp_path, '--formula', 'W8', '--lengths-from', str(tmp_path / 'hot.xyz')
    )
    density = 8 * found.volume(['W']) / row.toatoms().get_volume()
    assert density == pytest.approx(0.65)
    for atoms in frames:
        atoms.symbols[0] = 'Be'
    write(tmp_path / 'mixed.xyz', frames, format='extxyz')
    found = sizes_from(tmp_path / 'mixed.xyz', ['W'])
    assert found.volume(['W']) == size('W').volume


def test_lengths_of_a_recipe_follow_its_start():
    for start in (RandomPacking.of('Cu8'), Structure.of(bulk('Cu') * 2)):
        recipe = Recipe(start=start)
        assert recipe.repulsion == ClarkeSmith.of('Cu')
        assert recipe.descriptor == Bispectrum.of('Cu', components=6)
    sizes = Sizes(('Ni', 'Al'), {'Ni-Al': 2.5})
    recipe = Recipe(start=RandomPacking.of('Ni4Al4', sizes), sizes=sizes)
    assert recipe.repulsion == repulsion_of(sizes)
    assert recipe.descriptor == Bispectrum.of(sizes, components=6)
    assert Recipe.fromdict(recipe.todict()) == recipe
    own = Recipe(start=RandomPacking.of('Cu8'), repulsion=ClarkeSmith())
    assert own.repulsion == ClarkeSmith()
    assert 'sizes are those of Cu: expected the elements of the start, W' in complaint(
        Recipe, sizes=Sizes(('Cu',))
    )


def test_a_start_that_cannot_move(tmp_path, capsys):
    atoms = bulk('W', cubic=True) * 2
    atoms.set_constraint(FixAtoms(range(len(atoms))))
    write(tmp_path / 'fixed.traj', atoms)
    line = refused('--structure', str(tmp_path / 'fixed.traj'), capsys=capsys)
    assert 'start: its constraints leave no atom free, expected some' in line


def test_other_margins_are_named(tmp_path, capsys):
    write(tmp_path / 'c.xyz', Atoms('W3', [(0, 0, 2.6 * n) for n in range(3)]))
    options = ['--structure', str(tmp_path / 'c.xyz')]
    harvest(tmp_path, *options)
    with pytest.raises(SystemExit):
        harvest(tmp_path, *options, '--isolated', 'allow', cycles=2)
    assert '--isolated refuse (now not set)' in capsys.readouterr().err
