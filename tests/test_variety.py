"""Sets of many sizes, densities and starts: numbers, tables and figures."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.db import connect
from ase.io import write

from ase_entropy import Recipe, campaign
from ase_entropy.analysis import (
    ElementUnits,
    describe_groups,
    growth_of_entropy,
    kinds_of_starts,
    ranges_of_sizes,
)
from ase_entropy.chemistry import Sizes, size
from ase_entropy.cli import main
from ase_entropy.dynamics import AnnealSchedule
from ase_entropy.entropy import LogDetEntropy
from ase_entropy.pairs import find_pairs, shortest_distance
from ase_entropy.plots import plot_pairs, plot_sizes
from ase_entropy.report import read_sets, study, tables
from ase_entropy.report.figures import pictures
from ase_entropy.report.variety import PairMeter
from ase_entropy.sets import read_dataset
from ase_entropy.starts import (
    Mixture,
    Prototype,
    RandomCrystal,
    RandomPacking,
    VariedPacking,
)

NI, AL = size('Ni'), size('Al')
OWN = ElementUnits.of(Sizes(('Ni', 'Al')))


def b2(a):
    """NiAl: atoms at the corners and centers of cubes."""
    return bulk('NiAl', 'cesiumchloride', a=a)


def closest(atoms, own=OWN):
    return own.closest(atoms, shortest_distance(atoms))


# ---------------------------------------------------------------- densities, distances


@pytest.mark.parametrize('strain', [0.9, 1.0, 1.2])
def test_a_crystal_in_units_of_its_own(strain):
    atoms = bulk('Al', a=strain * AL.distance * 2**0.5) * (1, 2, 3)
    assert OWN.density(atoms) == pytest.approx(strain**-3)
    assert closest(atoms) == pytest.approx(strain)


def test_a_compound_in_units_of_its_elements():
    atoms = b2(2.88)
    assert OWN.density(atoms) == pytest.approx((NI.volume + AL.volume) / 2.88**3)
    nearest = 2.88 * 0.75**0.5
    assert closest(atoms) == pytest.approx(
        nearest / (0.5 * (NI.distance + AL.distance))
    )


def test_the_closest_pair_is_not_the_shortest():
    """Two Al at 2.52 Angstrom are closer for their size than two Ni at 2.49."""
    atoms = Atoms('Ni2Al2', [(0, 0, 0), (2.49, 0, 0), (0, 50, 0), (0, 52.52, 0)])
    assert shortest_distance(atoms) == pytest.approx(2.49)
    assert closest(atoms) == pytest.approx(2.52 / AL.distance)
    assert closest(atoms[:2]) == pytest.approx(2.49 / NI.distance)


def test_given_sizes_are_the_units():
    own = ElementUnits.of(Sizes(('Ni', 'Al'), {'Ni-Al': 2.494}, {'Ni': 10, 'Al': 14}))
    assert closest(b2(2.88), own) == pytest.approx(1.0, abs=1e-3)
    assert own.density(b2(2.0)) == pytest.approx(3.0)


def test_what_has_no_density_or_no_pair():
    slab = fcc111('Al', (1, 1, 3), vacuum=5.0)
    assert np.isnan(OWN.density(slab))
    assert closest(slab) == pytest.approx(1.0)
    assert closest(Atoms('Al')) == np.inf
    assert closest(Atoms('Bk2', [(0, 0, 0), (0, 0, 3.0)])) == np.inf
    atoms = Atoms('Al2Bk', [(0, 0, 0), (0, 0, 3.0), (0, 2.0, 0)])
    assert closest(atoms) == pytest.approx(3.0 / AL.distance)


def test_numbers_of_groups():
    kinds = kinds_of_starts(['crystal 2', 'packing', 'crystal 225', 'crystal 2', ''])
    density_m, closest_m = [1.0, 0.7, np.nan, 0.4, 9], [0.8, 0.9, 1.0, np.inf, 9]
    entropy_m = [2.0, 5.0, np.nan, 4.0, 9]
    crystal, packing = describe_groups(
        kinds, [2, 9, 5, 1, 9], density_m, closest_m, entropy_m
    )
    assert (crystal.name, crystal.configurations, crystal.atoms) == (
        'crystal',
        3,
        (1, 2, 5),
    )
    assert crystal.density == pytest.approx((0.4, 0.7, 1.0))
    assert crystal.closest == pytest.approx((0.8, 0.9, 1.0))
    assert crystal.entropy == pytest.approx(3.0)
    assert packing.density == (0.7, 0.7, 0.7)
    with pytest.raises(ValueError, match=r'shapes \(5,\) and \(4,\): expected one'):
        describe_groups(kinds, [1] * 4, density_m, closest_m, entropy_m)


def test_ranges_hold_about_as_many_each():
    atoms_m = np.random.default_rng(1).integers(2, 41, 1000)
    names = np.array(ranges_of_sizes(atoms_m))
    found, counts = np.unique(names, return_counts=True)
    assert len(found) == 5
    assert counts.min() > 150
    for name in found:
        low, high = map(int, name.split('-'))
        assert ((atoms_m >= low) & (atoms_m <= high) == (names == name)).all()
    many = ranges_of_sizes([2] * 90 + [*range(3, 13)])
    assert many[:90] == ['2'] * 90


# ---------------------------------------------------------------- the command info


@pytest.fixture(scope='module')
def varied(tmp_path_factory):
    """A campaign of packings, crystals and prototypes of Ni and Al."""
    path = tmp_path_factory.mktemp('varied') / 'w.db'
    elements = ('Ni', 'Al')
    packing, crystal = VariedPacking(elements, (4, 9)), RandomCrystal(elements, (1, 6))
    start = Mixture([(2, packing), (1, crystal), (1, Prototype(elements))])
    schedule = AnnealSchedule(shuffle_steps=5, ramp_steps=0, k_per_atom=2.0)
    recipe = Recipe(start, schedule, ladder=None)
    campaign.run(recipe, 16, path, seed=1, report=str)
    return path


def test_info_on_varied_starts(varied, capsys, monkeypatch):
    made = SimpleNamespace(rows=0)
    rows = list(connect(varied).select())
    monkeypatch.setattr('ase.db.row.AtomsRow.toatoms', made)  # nobody asks for it
    main(['info', str(varied), '--settings'])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines[1:])) < 80
    for kind in ('packing', 'crystal', 'prototype'):
        own = [row for row in rows if row.start.startswith(kind)]
        density = [OWN.volume_z[row.numbers].sum() / row.volume for row in own]
        sizes = [row.natoms for row in own]
        entropy = [row.entropy for row in own if row.natoms > 1]
        (line,) = [line for line in lines if line.startswith(f'  {kind} ')]
        number, *found, mean = map(float, line.split()[1:])
        assert number == len(own)
        assert found[:3:2] == [min(sizes), max(sizes)]
        expected = min(density), np.median(density), max(density)
        assert found[3:6] == pytest.approx(expected, abs=0.006)
        assert mean == pytest.approx(np.mean(entropy), abs=0.006)
    groups = {row.start.split()[1] for row in rows if row.start.startswith('crystal')}
    assert f'  space groups of crystals: {len(groups)} of 230' in lines
    text = '\n'.join(lines)
    assert text.count('settings of the campaign') == 1
    assert re.search(r"\n +50% \{'name': 'VariedPacking'", text)


def test_info_on_equal_starts(tmp_path, capsys):
    words = ['--formula', 'W4', '--shuffle-steps', '5', '--cycles', '2', '--seed', '1']
    main(['harvest', *words, '--db', str(tmp_path / 'w.db')])
    capsys.readouterr()
    main(['info', str(tmp_path / 'w.db')])
    assert 'closest pair' not in capsys.readouterr().out


# ---------------------------------------------------------------- the report


def made(*paths):
    """Return a study of sets, its tables and its figures, by their names."""
    sets = read_sets(paths, report=str)
    rng = np.random.default_rng(0)
    found = study(sets, rng=rng, decompositions=3, report=str)
    figures = {picture.name: picture.figure for picture in pictures(found)}
    return found, {table.name: table for table in tables(found)}, figures


def range_in(text):
    """Return least, median and largest of '1 to 9, median 4', or of '5'."""
    low, *others = map(float, re.findall(r'[\d.]+', text))
    high, middle = others or (low, low)
    return [low, middle, high]


def test_shells_of_a_compound():
    """Al-Ni: 8 at sqrt(3)/2 a, 24 at sqrt(11)/2 a; like: 6 at a, 12 at sqrt(2) a."""
    a, meter = 2.88, PairMeter(('Al', 'Ni'))
    _, _, counts_kb, shortest_k = meter.measure(b2(a), a * 0.75**0.5)
    shells = {0.75**0.5: 8, 1.0: 6, 2**0.5: 12, 2.75**0.5: 24, 3**0.5: 8}
    mixed = (0.75**0.5, 2.75**0.5)
    for kind, (pair, distance) in enumerate(meter.distances.items()):
        wanted = np.zeros(counts_kb.shape[1], int)
        for r, number in shells.items():
            own = (r in mixed) == (pair == 'Al-Ni')
            place = np.searchsorted(meter.edges, a * r / distance) - 1
            if own and place < len(wanted):
                wanted[place] += 2 * number if pair == 'Al-Ni' else number
        assert counts_kb[kind].tolist() == wanted.tolist(), pair
        nearest = 0.75**0.5 if pair == 'Al-Ni' else 1.0
        assert shortest_k[kind] == pytest.approx(nearest * a)


def test_a_report_on_varied_starts(varied):
    found, several, figures = made(varied)
    assert {'starts', 'sizes', 'pairs'} <= set(several)
    assert {'variety', 'sizes', 'growth', 'pairs'} <= set(figures)
    rows = list(connect(varied).select())
    columns = several['starts'].header
    for cells in several['starts'].rows:
        told = dict(zip(columns, cells, strict=True))
        own = [row for row in rows if row.start.split()[0] == told['start']]
        density = [OWN.volume_z[row.numbers].sum() / row.volume for row in own]
        for name, x in (('density', density), ('atoms', [row.natoms for row in own])):
            expected = np.quantile(x, [0.0, 0.5, 1.0])
            assert range_in(told[name]) == pytest.approx(expected, rel=6e-3)
        entropy = [row.entropy for row in own if row.natoms > 1]
        assert told['S (nats)'] == pytest.approx(np.mean(entropy))
        crystals = {row.start.split()[1] for row in own if told['start'] == 'crystal'}
        assert told['space groups'] == (len(crystals) or None)
    assert sum(cells[2] for cells in several['sizes'].rows) == len(rows)
    for _, pair, _, shortest, relative, _ in several['pairs'].rows:
        a, b = pair.split('-')
        closest = []
        for row in rows:
            pairs = find_pairs(row.toatoms(), 6.0)
            names = np.array(row.symbols)
            own = (names[pairs.i_p] == a) & (names[pairs.j_p] == b)
            closest.append(pairs.r_p[own].min(initial=np.inf))
        assert shortest == pytest.approx(min(closest))
        assert relative == pytest.approx(
            min(closest) / Sizes(('Al', 'Ni')).distance(a, b)
        )
    (own,) = found.variety.values()
    fractions = [row.symbols.count('Al') / row.natoms for row in rows]
    assert own.fraction_mx[:, 0] == pytest.approx(fractions)
    assert own.fraction_mx.sum(axis=1) == pytest.approx(1.0)


def test_info_and_report_have_the_same_numbers(varied, capsys):
    main(['info', str(varied)])
    lines = capsys.readouterr().out.splitlines()
    _, several, _ = made(varied)
    for _, kind, _, number, mean, density, close, _ in several['starts'].rows:
        (line,) = [line for line in lines if line.startswith(f'  {kind} ')]
        rows, *numbers, entropy = map(float, line.split()[1:])
        assert (rows, entropy) == (number, pytest.approx(mean, abs=0.006))
        for text, told in ((density, numbers[3:6]), (close, numbers[6:9])):
            assert told == pytest.approx(range_in(text), abs=0.011)


def test_nothing_is_said_of_configurations_that_are_alike(tmp_path):
    rng, start = np.random.default_rng(1), RandomPacking('W6', (5.5, 5.5, 5.5))
    write(tmp_path / 'w.xyz', [start.atoms(rng) for _ in range(6)])
    found, several, figures = made(tmp_path / 'w.xyz')
    assert found.variety == {}
    assert not {'starts', 'sizes', 'pairs'} & set(several)
    assert not {'variety', 'sizes', 'growth', 'pairs'} & set(figures)


def test_what_does_not_differ_is_left_out(tmp_path):
    """Of cells of NiAl that differ in volume: density and pairs only."""
    several = [b2(a) * (2, 1, 1) for a in np.linspace(2.7, 3.1, 6)]
    for seed, atoms in enumerate(several):
        atoms.rattle(0.1, seed=seed)
        atoms.info['start'] = 'prototype B2'
    write(tmp_path / 'w.xyz', several)
    _, tables_of, figures = made(tmp_path / 'w.xyz')
    labels = [axes.get_xlabel() for axes in figures['variety'].axes]
    assert labels == ["density / elements' own"]
    assert 'sizes' not in {**tables_of, **figures}
    assert [axes.get_title() for axes in figures['pairs'].axes] == [
        'Al–Al',
        'Al–Ni',
        'Ni–Ni',
    ]
    assert tables_of['starts'].rows[0][1:3] == ['prototype', '4']


def test_four_elements_have_a_panel_each(tmp_path):
    rng, four = np.random.default_rng(1), ('Ni', 'Al', 'Ti', 'Co')
    start = VariedPacking(four, (6, 9))
    write(tmp_path / 'w.xyz', [start.atoms(rng) for _ in range(8)])
    _, _, figures = made(tmp_path / 'w.xyz')
    labels = [axes.get_xlabel() for axes in figures['variety'].axes]
    assert labels[2:] == [f'fraction of {x}' for x in ('Al', 'Ti', 'Co', 'Ni')]
    assert len(figures['pairs'].axes) == 10


@pytest.mark.parametrize(
    ('cycle', 'x'), [([3, 1, 2], [3, 1, 2]), ([0, 0, 0], [0, 1, 2])]
)
def test_entropies_of_walkers_with_one_cycle_each(cycle, x, tmp_path):
    """They are not all drawn above cycle 0."""
    database = connect(tmp_path / 'w.db')
    rng, start = np.random.default_rng(1), RandomPacking('W4', (5.0, 5.0, 5.0))
    for walker, number in enumerate(cycle):
        atoms = start.atoms(rng)
        database.write(atoms, stage='biased', walker=walker, cycle=number)
    _, _, figures = made(tmp_path / 'w.db')
    points = figures['entropy'].axes[0].lines[0]
    assert points.get_xdata().tolist() == x


def test_plots_of_sizes_and_pairs():
    sizes, entropies = np.array([2, 2, 8, 8, 8]), np.array([1.0, 3, 5, np.nan, 6])
    axes = plot_sizes({'one': sizes}, {'one': entropies}, slope=1.5)
    (medians,) = axes.containers
    assert medians[0].get_xdata() == pytest.approx([2, 8])
    assert medians[0].get_ydata() == pytest.approx([2.0, 5.5])
    guide = axes.lines[-1]
    rise = np.diff(guide.get_ydata()) / np.diff(np.log(guide.get_xdata()))
    assert rise == pytest.approx(1.5)
    density = {'Al-Ni': np.array([0.1, 0.3])}
    (axes,) = plot_pairs({'one': density}, {'Al-Ni': 2.5}, [0.0, 1.0, 2.0])
    assert axes.patches[0].get_data().edges == pytest.approx([0.0, 2.5, 5.0])
    assert axes.lines[0].get_xdata() == [2.5, 2.5]
    for plot, nothing in (
        (plot_sizes, ({}, {})),
        (plot_pairs, ({}, {'W-W': 1}, [0, 1])),
    ):
        with pytest.raises(ValueError, match='={}: expected a dict, by the names of'):
            plot(*nothing)


def test_starts_of_files(tmp_path):
    atoms = b2(2.9)
    atoms.info['start'] = 'prototype B2'
    write(tmp_path / 'w.xyz', [atoms, b2(3.0)])
    assert read_dataset(tmp_path / 'w.xyz').keys['start'].tolist() == [
        'prototype B2',
        '',
    ]


def test_entropy_of_a_growing_set():
    """The last point is the entropy of all, the first that of one configuration."""
    rng = np.random.default_rng(1)
    q_ek = rng.normal(size=(60, 3)) * [1.0, 2.0, 3.0]
    numbers_e = np.tile([28, 13, 13], 20)
    counts_x, entropy_x = growth_of_entropy(q_ek, np.arange(0, 61, 3), numbers_e, q_ek)
    assert counts_x[0] == 1 and counts_x[-1] == 20 and (np.diff(counts_x) > 0).all()
    scale_k = q_ek.std(axis=0)
    own = [
        LogDetEntropy(scale_k=scale_k).evaluate(q_ek[numbers_e == z])[0]
        for z in (28, 13)
    ]
    assert entropy_x[-1] == pytest.approx(own[0] / 3 + 2 * own[1] / 3)
    first = LogDetEntropy(scale_k=scale_k).evaluate(q_ek[1:3])[0]
    alone = LogDetEntropy(scale_k=scale_k).evaluate(q_ek[:1])[0]
    assert entropy_x[0] == pytest.approx(alone / 3 + 2 * first / 3)


def test_sets_that_differ_from_each_other_only(tmp_path):
    """Each has one size and one density; together they have two."""
    for name, a, n in (('few', 3.2, 1), ('many', 3.0, 2)):
        frames = [bulk('W', a=a, cubic=True) * (n, 1, 1) for _ in range(3)]
        for seed, atoms in enumerate(frames):
            atoms.rattle(0.1, seed=seed)
        write(tmp_path / f'{name}.xyz', frames, format='extxyz')
    found, _, figures = made(tmp_path / 'few.xyz', tmp_path / 'many.xyz')
    assert set(found.variety) == {'few', 'many'}
    labels = [axes.get_xlabel() for axes in figures['variety'].axes]
    assert labels == ['number of atoms', "density / elements' own"]
    assert 'pairs' in figures
