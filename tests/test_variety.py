"""Sets of many sizes, densities and starts: numbers, tables and figures."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.db import connect

from ase_entropy import Recipe, campaign
from ase_entropy.analysis import (
    ElementUnits,
    describe_groups,
    kinds_of_starts,
    ranges_of_sizes,
)
from ase_entropy.chemistry import Sizes, size
from ase_entropy.cli import main
from ase_entropy.dynamics import AnnealSchedule
from ase_entropy.pairs import shortest_distance
from ase_entropy.starts import Mixture, Prototype, RandomCrystal, VariedPacking

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
    main(['info', str(varied)])
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
