"""Pairs in cells of any shape, size and kind of numbers."""

import ase.neighborlist
import numpy as np
import pytest
from ase import Atoms
from cells import SHAPES, random_cell
from test_errors import complaint

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    CyclicLangevin,
    EntropyCalculator,
    Quench,
    RandomPacking,
    Structure,
    pairs,
    random_packing,
)
from ase_entropy.analysis import radial_distribution
from ase_entropy.pairs import find_pairs, search_cell, shortest_distance
from ase_entropy.sets.environments import DescriptorCollector

CUTOFF = 3.93
SHEARS = {
    'a little': [[1, 0, 0], [1, 1, 0], [0, -1, 1]],
    'along the first': [[1, 0, 0], [40, 1, 0], [-27, 0, 1]],
    'along all': [[1, 30, -7], [0, 1, 12], [0, 0, 1]],
    'far': [[1, 0, 0], [-45, 1, 0], [0, 0, 1]],
    'twice': [[1, 0, 0], [1000, 1, 0], [0, 1000, 1]],
}


def sheared(atoms, shear):
    """Return the same atoms in another cell of the same lattice."""
    change_cc = np.array(SHEARS[shear])
    mixed = ~atoms.pbc[:, None] | ~atoms.pbc  # periodic vectors among themselves
    change_cc = np.where(mixed, np.eye(3, dtype=int), change_cc)
    other = atoms.copy()
    other.set_cell(change_cc @ atoms.cell[:])
    return other


def table(found):
    """Return pairs in an order of their own."""
    rows = np.column_stack([found.i_p, found.j_p, found.r_pc.round(6) + 0.0])
    return rows[np.lexsort(rows.T)]


def sparse(n=6000, seed=0):
    """Return atoms in a wide and flat cell."""
    draw = np.random.default_rng(seed)
    cell = np.array([200.0, 200.0, 3.6])
    return Atoms(f'W{n}', draw.random((n, 3)) * cell, cell=cell, pbc=True)


@pytest.fixture
def easily_reduced(monkeypatch):
    """Take the path of cells with many images for all that have some."""
    monkeypatch.setattr(pairs, 'MOST_PAIRS', 1.0)
    monkeypatch.setattr(pairs, '_check_density', lambda *arguments: None)


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('shear', SHEARS)
@pytest.mark.parametrize('cutoff', [CUTOFF, 8.0])
def test_any_cell_of_a_lattice_has_the_same_pairs(shape, shear, cutoff, easily_reduced):
    """The reference is ASE's search, in the cell before it was sheared."""
    atoms = random_cell(shape, 4)
    other = sheared(atoms, shear)
    theirs = find_pairs(atoms, cutoff, ase.neighborlist.neighbor_list)
    ours = find_pairs(other, cutoff)
    np.testing.assert_allclose(table(ours), table(theirs), atol=2e-6)
    assert (np.diff(ours.i_p) >= 0).all()
    apart_pc = ours.r_pc - (atoms.positions[ours.j_p] - atoms.positions[ours.i_p])
    shift_pc = apart_pc @ np.linalg.inv(other.cell.complete()[:])
    np.testing.assert_allclose(shift_pc, shift_pc.round(), atol=1e-8)
    np.testing.assert_allclose(ours.r_p, np.linalg.norm(ours.r_pc, axis=1), rtol=1e-14)


@pytest.mark.parametrize('shape', ['triclinic', 'two atoms', 'slab', 'wire, tilted'])
def test_the_search_is_that_of_ase_in_sheared_cells(shape):
    """Cells that need no reduction, and the same atoms, by ASE in the very cell."""
    atoms = sheared(random_cell(shape, 5), 'a little')
    theirs = find_pairs(atoms, CUTOFF, ase.neighborlist.neighbor_list)
    np.testing.assert_allclose(
        table(find_pairs(atoms, CUTOFF)), table(theirs), atol=2e-6
    )


def test_a_wide_and_flat_cell():
    atoms = sparse()
    found = find_pairs(atoms, CUTOFF)
    theirs = find_pairs(atoms, CUTOFF, ase.neighborlist.neighbor_list)
    np.testing.assert_allclose(table(found), table(theirs), atol=2e-6)
    others = 5999 / atoms.cell.volume * 4 / 3 * np.pi * CUTOFF**3
    own_images = 2  # above and below
    assert len(found.r_p) == pytest.approx(6000 * (others + own_images), rel=0.02)


@pytest.mark.parametrize('pbc', [True, (True, False, True), (False, True, True)])
@pytest.mark.parametrize('shear', ['a little', 'along the first', 'far'])
def test_a_wide_and_flat_cell_that_is_skewed(pbc, shear):
    atoms = sparse(2500)
    atoms.pbc = pbc
    other = sheared(atoms, shear)
    np.testing.assert_allclose(
        table(find_pairs(other, CUTOFF)), table(find_pairs(atoms, CUTOFF)), atol=2e-6
    )


def test_cells_that_are_searched_as_they_are():
    """Their pairs, and so their rows, are those of before, to the last bit."""
    for shape in SHAPES:
        atoms = random_cell(shape, 4)
        cell_cc, change_cc = search_cell(atoms, 8.0)
        assert change_cc is None
        np.testing.assert_array_equal(cell_cc, atoms.cell[:])
    large = sparse(20_000)
    large.set_cell([[200, 0, 0], [190, 200, 0], [0, 0, 40]])
    assert search_cell(large, CUTOFF)[1] is None


@pytest.mark.parametrize('pbc', [True, (True, True, False), False])
def test_empty_space_does_not_thin_the_atoms(pbc):
    """Pairs are estimated where the atoms are, not in the mean of the cell."""
    atoms = random_packing('W2000', (33, 33, 33), 2.0, np.random.default_rng(1))
    atoms.set_cell(3 * [3000.0])
    atoms.pbc = pbc
    message = complaint(find_pairs, atoms * (3, 3, 3), 9000.0)
    assert re_number(message) > 5e8
    assert len(find_pairs(atoms, 9.0).r_p) > 100_000


def re_number(message):
    """Return how many pairs a message is about."""
    return float(message.split('about ')[1].split()[0])


@pytest.mark.parametrize(
    ('atoms', 'cutoff'),
    [
        (random_cell('two atoms', 1), 2000.0),
        (random_cell('slab', 1), 3000.0),
        (random_cell('wire, tilted', 1), 9e8),
        (sheared(random_cell('two atoms', 1), 'along all'), 2000.0),
        (sparse(40_000), 60.0),
        (random_cell('cluster', 1).repeat((12, 12, 12)), 500.0),
    ],
)
def test_more_pairs_than_a_memory_holds(atoms, cutoff):
    message = complaint(find_pairs, atoms, cutoff)
    assert message.startswith(f'cutoff={cutoff:g} Angstrom reaches over about ')
    assert message.endswith(
        f'pairs of {len(atoms)} atoms: expected less than 1e+08 pairs'
    )


@pytest.mark.parametrize(
    ('atoms', 'cutoff'),
    [
        (random_cell('two atoms', 1), 40.0),
        (random_cell('slab', 1), 60.0),
        (random_cell('orthorhombic', 1), 30.0),
        (random_cell('cluster', 1), 3.0),
        (sparse(), 12.0),
        (random_packing('W300', (18, 18, 18), 2.0, np.random.default_rng(1)), 4.0),
    ],
)
def test_the_estimate_is_about_the_number_of_pairs(atoms, cutoff, monkeypatch):
    found = len(find_pairs(atoms, cutoff).r_p)
    monkeypatch.setattr(pairs, 'MOST_PAIRS', 0.0)
    told = re_number(complaint(find_pairs, atoms, cutoff))
    assert found / 3 < told < 5 * found


def test_skewed_cells_are_annealed_and_quenched():
    """Compiled steps search in the short cell as well, and find the same."""
    ends = []
    for shear in (None, 'twice'):
        draw = np.random.default_rng(1)
        atoms = random_packing('W12', (6.1, 6.3, 6.5), 2.0, draw)
        atoms = atoms if shear is None else sheared(atoms, shear)
        atoms.calc = EntropyCalculator(k_entropy=100.0)
        assert (search_cell(atoms, 5.0)[1] is None) == (shear is None)
        schedule = AnnealSchedule(shuffle_steps=10, ramp_steps=5)
        CyclicLangevin(
            atoms, schedule=schedule, rng=np.random.default_rng(1)
        ).run_cycles(1)
        Quench(atoms, logfile=None).run(steps=5)
        ends.append(atoms.positions)
    np.testing.assert_allclose(ends[1], ends[0], atol=1e-6)


def test_shortest_distance_and_shells_in_skewed_cells():
    atoms = random_cell('two atoms', 1)
    atoms.set_cell(1.001 * atoms.cell[:])  # shells are not at the edges of bins
    other = sheared(atoms, 'along all')
    assert shortest_distance(other) == pytest.approx(shortest_distance(atoms))
    both = [radial_distribution([x]).coordination_b for x in (atoms, other)]
    np.testing.assert_allclose(*both)


# ------------------------------------------------------------- numbers of any kind


KINDS = ['<f4', '>f4', '>f8', '<f2', '>i8', '<i4']


def in_kind(atoms, kind):
    """Return atoms whose positions, cell and numbers are of another kind."""
    other = atoms.copy()
    other.arrays['positions'] = atoms.positions.astype(kind)
    other.cell.array = atoms.cell[:].astype(kind)
    other.arrays['numbers'] = atoms.numbers.astype(kind.replace('f', 'i'))
    return other


def rounded():
    """Return atoms whose positions and cell are whole numbers, which all kinds hold."""
    draw = np.random.default_rng(1)
    places = np.stack(np.meshgrid(*3 * [2 * np.arange(3)]), axis=-1).reshape(-1, 3)
    places = draw.permutation(places)[:12] + 0.0
    return Atoms('W12', places, cell=[[6, 0, 0], [1, 7, 0], [0, 1, 8]], pbc=True)


@pytest.mark.parametrize('kind', KINDS)
def test_pairs_of_any_kind_of_numbers(kind):
    atoms = rounded()
    found, expected = (find_pairs(x, 5.0) for x in (in_kind(atoms, kind), atoms))
    for name in ('numbers_n', 'i_p', 'j_p', 'r_p', 'r_pc'):
        ours, theirs = getattr(found, name), getattr(expected, name)
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
        assert ours.dtype.isnative


@pytest.mark.parametrize('kind', KINDS)
def test_energies_and_dynamics_of_any_kind_of_numbers(kind):
    ends = []
    for atoms in (rounded(), in_kind(rounded(), kind)):
        atoms.calc = EntropyCalculator(k_entropy=10.0)
        energy = atoms.get_potential_energy()
        schedule = AnnealSchedule(k_entropy=10.0, shuffle_steps=5, ramp_steps=5)
        rng = np.random.default_rng(1)
        CyclicLangevin(atoms, schedule=schedule, rng=rng).run_cycles(1)
        Quench(atoms, logfile=None).run(steps=5)
        assert atoms.positions.dtype == float
        ends.append((energy, atoms.positions))
    assert ends[0][0] == ends[1][0]
    np.testing.assert_array_equal(ends[0][1], ends[1][1])


@pytest.mark.parametrize('kind', KINDS)
def test_starts_and_sets_of_any_kind_of_numbers(kind):
    assert Structure.of(in_kind(rounded(), kind)) == Structure.of(rounded())
    cell = np.array([6, 7, 8]).astype(kind)
    assert RandomPacking('W8', cell) == RandomPacking('W8', (6.0, 7.0, 8.0))
    assert type(RandomPacking('W8', cell, np.float32(2)).min_distance) is float
    made = random_packing('W8', cell, 2.0, np.random.default_rng(1))
    expected = random_packing('W8', (6, 7, 8), 2.0, np.random.default_rng(1))
    np.testing.assert_array_equal(made.positions, expected.positions)
    sets = [DescriptorCollector('a', Bispectrum(components=4), 9) for _ in range(2)]
    for collector, atoms in zip(
        sets, (rounded(), in_kind(rounded(), kind)), strict=True
    ):
        collector.add_atoms(atoms)
    np.testing.assert_array_equal(sets[1].finish(), sets[0].finish())
    assert sets[1].numbers[0].dtype.isnative
