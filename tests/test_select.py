"""Selection: greedy choices against plain ones, and what must not change them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from ase.io import read, write
from scipy.spatial.distance import cdist

from ase_entropy import Bispectrum
from ase_entropy.chemistry import Sizes
from ase_entropy.cli import main
from ase_entropy.parts import take_arrays
from ase_entropy.plots import plot_gains
from ase_entropy.sets import (
    labels_of,
    read_configurations,
)
from ase_entropy.sets.selection import (
    PER,
    Coverage,
    Environments,
    FarthestPoint,
    KernelDensity,
    LogDet,
    Random,
    closest_pair,
    how_many,
    near_duplicates,
    neighbor_distance,
    read_pool,
    usual_descriptor,
)
from ase_entropy.sets.selection.environments import points_of
from ase_entropy.store.arrays import add_arrays, restore

KINDS = (FarthestPoint, KernelDensity, LogDet)
RULES = [Coverage(), *(kind(per) for kind in KINDS for per in PER)]
BOTH = pytest.mark.parametrize('rule', RULES, ids=str)


def random_pool(configurations, seed, elements=(13, 28), components=5):
    """Configurations of one to six atoms, of unlike elements, around many centers."""
    rng = np.random.default_rng(seed)
    sizes_m = rng.integers(1, 7, configurations)
    axes_kk = rng.normal(size=(components, components))
    centers_ek = rng.normal(size=(configurations, components)).repeat(sizes_m, axis=0)
    q_ek = (centers_ek + 0.5 * rng.normal(size=centers_ek.shape)) @ axes_kk
    numbers_e = rng.choice(elements, len(q_ek))
    return Environments(q_ek + numbers_e[:, None], np.cumsum([0, *sizes_m]), numbers_e)


def standardized(pool):
    """Return the environments of each element in its own standard deviations."""
    x_ek = pool.q_ek.copy()
    for z in np.unique(pool.numbers_e):
        own = pool.numbers_e == z
        x_ek[own] = (x_ek[own] - x_ek[own].mean(axis=0)) / x_ek[own].std(axis=0)
    return x_ek


def own(pool, m):
    return np.arange(pool.first_m[m], pool.first_m[m + 1])


def scatter_gain(pool, x_ek, chosen, ridge):
    """Return F of some configurations, from its definition."""
    e = np.concatenate([np.empty(0, int), *(own(pool, m) for m in chosen)])
    total = 0.0
    for z in np.unique(pool.numbers_e):
        x_nk = x_ek[e[pool.numbers_e[e] == z]]
        scatter_kk = ridge * np.eye(x_ek.shape[1]) + x_nk.T @ x_nk
        total += 0.5 * np.linalg.slogdet(scatter_kk)[1]
    return total


@pytest.mark.parametrize('budget', [{'number': 12}, {'atoms': 25}])
def test_lazy_log_det_is_plain_greedy(budget):
    pool, ridge = random_pool(500, 1), 0.01
    x_ek, chosen = standardized(pool), []
    found = LogDet(ridge=ridge).rank(pool, **budget)
    cost_m = pool.sizes_m if 'atoms' in budget else np.ones(len(pool))
    for m, gain in zip(found.chosen_r, found.gain_r, strict=True):
        before = scatter_gain(pool, x_ek, chosen, ridge)
        others = [i for i in range(len(pool)) if i not in chosen]
        gains = np.array(
            [scatter_gain(pool, x_ek, [*chosen, i], ridge) - before for i in others]
        )
        assert m == others[int((gains / cost_m[others]).argmax())]
        assert gain == pytest.approx(gains[others.index(m)], abs=1e-9)
        chosen.append(m)
    assert len(found) >= 5


def test_farthest_point_is_brute_force():
    pool = random_pool(500, 2)
    x_ek = standardized(pool)
    d_ee = cdist(x_ek, x_ek)
    d_ee[pool.numbers_e[:, None] != pool.numbers_e] = np.inf
    found = FarthestPoint('environment').rank(pool, number=60)
    chosen = found.chosen_r.tolist()
    farthest = np.linalg.norm(x_ek[pool.numbers_e == 13], axis=1).max()  # from the mean
    assert found.gain_r[0] == pytest.approx(farthest, rel=1e-12)
    for place in range(2, 60):
        before = np.concatenate([own(pool, m) for m in chosen[:place]])
        nearest_e = d_ee[:, before].min(axis=1)
        farthest_m = np.maximum.reduceat(nearest_e, pool.first_m[:-1])
        if np.isfinite(farthest_m).all():
            assert chosen[place] == farthest_m.argmax()
            assert found.gain_r[place] == pytest.approx(farthest_m.max(), rel=1e-12)
    assert len(set(chosen)) == 60


@pytest.mark.parametrize('width', [0.3, 2.0])
def test_kernel_density_is_brute_force(width):
    pool = random_pool(300, 2)
    x_ek = standardized(pool)
    kernel_ee = np.exp(-cdist(x_ek, x_ek, 'sqeuclidean') / (2 * width**2))
    kernel_ee[pool.numbers_e[:, None] != pool.numbers_e] = 0.0
    found = KernelDensity('environment', width).rank(pool, number=40)
    chosen = found.chosen_r.tolist()
    for place in range(2, 40):
        before = np.concatenate([own(pool, m) for m in chosen[:place]])
        density_e = kernel_ee[:, before].sum(axis=1)
        rise_e = np.log((density_e + 1) / density_e)
        rise_m = np.add.reduceat(rise_e, pool.first_m[:-1]) / pool.sizes_m
        rise_m[chosen[:place]] = 0.0
        assert chosen[place] == rise_m.argmax()
        assert found.gain_r[place] == pytest.approx(rise_m.max(), rel=1e-9)


def test_narrow_kernels_choose_the_farthest_point():
    pool = random_pool(150, 7)
    kernel = KernelDensity(width=0.01).rank(pool, number=30)
    farthest = FarthestPoint().rank(pool, number=30)
    assert kernel.chosen_r.tolist() == farthest.chosen_r.tolist()


def test_coverage_is_plain_greedy():
    pool = random_pool(200, 12, elements=(74,), components=3)
    x_ek = standardized(pool)
    parts = np.split(x_ek, pool.first_m[1:-1])
    y_mx = np.array([[*x.mean(axis=0), *x.std(axis=0)] for x in parts])
    y_mx = (y_mx - y_mx.mean(axis=0)) / y_mx.std(axis=0)
    d_mm, nearest_m = cdist(y_mx, y_mx), np.linalg.norm(y_mx, axis=1)
    found = Coverage().rank(pool, number=25)
    for m, gain in zip(found.chosen_r, found.gain_r, strict=True):
        gains = nearest_m.mean() - np.minimum(nearest_m, d_mm).mean(axis=1)
        assert m == gains.argmax()
        assert gain == pytest.approx(gains.max(), rel=1e-9)
        nearest_m = np.minimum(nearest_m, d_mm[m])


@BOTH
def test_order_of_the_pool_does_not_matter(rule):
    pool = random_pool(120, 3)
    order_m = np.random.default_rng(4).permutation(len(pool))
    first = rule.rank(pool, number=12)
    again = rule.rank(pool.part(order_m), number=12)
    assert order_m[again.chosen_r].tolist() == first.chosen_r.tolist()
    np.testing.assert_allclose(again.gain_r, first.gain_r, rtol=1e-9)


@BOTH
def test_first_of_more_are_the_choice_of_fewer(rule):
    pool = random_pool(80, 5)
    few, more = (rule.rank(pool, number=n).chosen_r for n in (7, 40))
    assert few.tolist() == more[:7].tolist()
    assert len(set(more.tolist())) == 40


@BOTH
def test_given_counts_as_chosen_and_is_not_chosen_again(rule):
    pool = random_pool(100, 6)
    first = rule.rank(pool, number=20).chosen_r
    given = pool.part(first[:8])
    found = rule.rank(pool, number=12, given=given).chosen_r
    assert found.tolist() == first[8:].tolist()
    every = rule.rank(pool, number=100, given=given).chosen_r
    assert sorted([*every, *first[:8]]) == [*range(100)]


@BOTH
def test_scales_and_shifts_of_components_do_not_matter(rule):
    pool = random_pool(60, 7)
    q_ek = pool.q_ek * [1e-3, 1.0, 5.0, 1e4, -2.0] + [3.0, -1.0, 0.0, 1e3, 7.0]
    other = Environments(q_ek, pool.first_m, pool.numbers_e)
    first, again = (rule.rank(x, number=20).chosen_r for x in (pool, other))
    assert first.tolist() == again.tolist()


def test_one_of_equal_configurations_is_enough():
    pool = Environments(np.ones((9, 3)), range(10), 9 * [74])
    for per in PER:
        found = FarthestPoint(per).rank(pool, number=9)
        assert found.chosen_r.tolist() == [0]
    assert near_duplicates(pool, 0.0).tolist() == 9 * [0]


def test_near_duplicates_are_those_of_all_distances():
    pool = random_pool(300, 8, components=2)
    x_ek, tolerance = standardized(pool), 0.5
    kept, expected = [], []
    for m in range(len(pool)):
        for c in kept:
            d_ee = cdist(x_ek[own(pool, m)], x_ek[own(pool, c)])
            z_e, z_c = pool.numbers_e[own(pool, m)], pool.numbers_e[own(pool, c)]
            d_ee[z_e[:, None] != z_c] = np.inf
            if (d_ee.min(axis=1) <= tolerance).all():
                expected.append(c)
                break
        else:
            kept.append(m)
            expected.append(m)
    found = near_duplicates(pool, tolerance)
    assert found.tolist() == expected
    assert 50 < len(kept) < 290


def test_random_is_a_permutation_of_its_seed():
    pool = random_pool(50, 9)
    first, again, other = (Random(s).rank(pool, number=50).chosen_r for s in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()
    assert sorted(first) == [*range(50)]


def test_atoms_are_chosen_to_half_a_configuration():
    pool = random_pool(200, 10)
    for rule in (*RULES, Random(1)):
        found = rule.rank(pool, atoms=100)
        assert abs(pool.sizes_m[found.chosen_r].sum() - 100) <= 3


def test_how_many_are_enough_does_not_depend_on_what_comes_after():
    gains = np.concatenate([np.linspace(10, 1, 21), np.linspace(1, 0.5, 80)[1:]])
    enough = how_many(gains, 1.0)
    assert gains[enough] < 1.0 <= gains[enough - 1]
    assert how_many(gains[: enough + 1], 1.0) == enough
    assert how_many(gains[:enough], 1.0) is None


BAD = [
    (lambda pool: LogDet('atom').rank(pool, number=1), "per='atom': expected"),
    (lambda pool: LogDet(ridge=0.0), 'ridge=0.0: expected a finite number > 0.0'),
    (lambda pool: Random(-1), 'seed=-1: expected a whole number >= 0'),
    (lambda pool: Random(1).rank(pool, number=0), 'number=0: expected a whole'),
    (lambda pool: Random(1).rank(pool, number=6), 'number=6: expected at most 5'),
    (lambda pool: Random(1).rank(pool, atoms=99), 'atoms=99: expected at most'),
    (lambda pool: Random(1).rank(pool), 'number=None and atoms=None: expected one'),
    (lambda pool: how_many([np.nan], 1.0), 'gain_r has shape .1,., 0 finite: expected'),
    (lambda pool: near_duplicates(pool, -1.0), 'tolerance=-1.0: expected a finite'),
    (lambda pool: Environments([[np.nan]], [0, 1], [1]), '0 of 1 finite: expected'),
    (lambda pool: Environments([[1.0]], [0, 1], [1, 1]), 'numbers_e has shape'),
    (
        lambda pool: LogDet().rank(pool, number=1, given=random_pool(2, 1, (6,))),
        'none of the elements of the pool',
    ),
    (
        lambda pool: LogDet().rank(
            pool, number=1, given=random_pool(2, 1, components=2)
        ),
        'the given set has 2 components, the pool 5: expected the same descriptor',
    ),
]


@pytest.mark.parametrize('call, sentence', BAD)
def test_bad_input(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(random_pool(5, 11))


def labeled_file(path, configurations=12, elements=('Cu', 'Ni')):
    """Write rattled cells with the labels of EMT, and return them."""
    frames = []
    for m in range(configurations):
        rng = np.random.default_rng(m)
        atoms = bulk('Cu', a=3.4 + 0.05 * m, cubic=True)
        atoms.symbols[rng.random(4) < 0.5] = elements[1]
        atoms.rattle(0.05, rng=rng)
        atoms.calc = EMT()
        results = {'energy': atoms.get_potential_energy(), 'forces': atoms.get_forces()}
        atoms.calc = SinglePointCalculator(atoms, **results)
        atoms.info = {'group': f'cell {m}', 'weight': 0.5}
        frames.append(atoms)
    write(path, frames)
    return frames


def select(*args):
    main(['select', *map(str, args), '--workers', '1'])


@pytest.fixture
def pool_file(tmp_path):
    path = tmp_path / 'pool.extxyz'
    return path, labeled_file(path)


@pytest.mark.parametrize(
    'options', [['-n', '5'], ['--atoms', '20', '--by', 'logdet', '--per', PER[0]]]
)
@pytest.mark.parametrize('name', ['chosen.extxyz', 'chosen.db', 'chosen.json'])
def test_command_keeps_labels_and_keys(pool_file, tmp_path, options, name, capsys):
    path, frames = pool_file
    select(path, *options, '-o', tmp_path / name)
    assert f'{name}: 5 configurations, 20 atoms' in capsys.readouterr().out
    chosen = [*read_configurations(tmp_path / name)]
    assert [c.keys['rank'] for c in chosen] == [1, 2, 3, 4, 5]
    gains = [c.keys['gain'] for c in chosen]
    assert sorted(gains[1:], reverse=True) == gains[1:]
    for configuration in chosen:
        file, _, number = configuration.keys['source'].partition(' #')
        same = frames[int(number)]
        assert file == 'pool.extxyz'
        assert configuration.keys['group'] == same.info['group']
        assert configuration.keys['weight'] == 0.5
        np.testing.assert_allclose(
            configuration.atoms.positions, same.positions, atol=1e-7
        )
        for label, value in labels_of(configuration).items():
            np.testing.assert_allclose(value, same.calc.results[label], atol=1e-7)


def test_page_chooses_as_the_command(tmp_path, monkeypatch, capsys):
    """One frame is junk, which neither of them takes."""
    monkeypatch.chdir(tmp_path)
    frames = labeled_file('md.extxyz', 14) * 4
    write('md.extxyz', [*frames, bulk('Cu', a=1.7)])
    select('md.extxyz', '-n', '10', '-o', 'chosen.extxyz')
    *_, gains = capsys.readouterr().out.splitlines()
    page = Path(__file__).parent.parent / 'docs/howto/select.md'
    first, second = page.read_text().split('## From Python')[1].split('```python')[1:]
    names = {}
    for block in (first, second):
        exec(block.partition('```')[0], names)
    sources = [
        [x.info['source'] for x in read(n, ':')]
        for n in ('chosen.extxyz', 'python.extxyz')
    ]
    assert sources[0] == sources[1]
    assert 'md.extxyz #56' not in sources[0]
    assert 'left out: 1 of 57 with a pair' in capsys.readouterr().out
    assert f'{neighbor_distance(names["pool"]):.3g} apart (median)' in gains
    assert len(names['more'])


def test_descriptor_of_pools_is_what_was_measured(pool_file):
    path, _ = pool_file
    usual = Bispectrum.of(Sizes(('Cu', 'Ni')), twojmax=8)
    expected = replace(usual, cutoff=1.2 * usual.cutoff)
    assert usual_descriptor(['Ni', 'Cu']) == read_pool(path).descriptor == expected


def test_options_change_the_descriptor_of_pools(pool_file, tmp_path, capsys):
    path, _ = pool_file
    weights = {'Cu': 1.0, 'Ni': 0.5}
    options = ['--twojmax', '4', '--weights', 'Cu=1,Ni=0.5']
    select(path, '-n', '6', *options, '-o', tmp_path / 'a.db')
    usual = usual_descriptor(['Cu', 'Ni'])
    pool = read_pool(path, replace(usual, twojmax=4, weights=weights))
    gains = [c.keys['gain'] for c in read_configurations(tmp_path / 'a.db')]
    expected = FarthestPoint().rank(pool, number=6).gain_r
    np.testing.assert_allclose(gains, expected, rtol=1e-12)
    with pytest.raises(SystemExit):
        main(['select', '--help'])
    words = ' '.join(capsys.readouterr().out.split())
    assert 'order of the bispectrum, 0 to 8 (default: 8)' in words
    assert 'components to use (default: all)' in words
    assert f'(default: {1.2 * Bispectrum.cutoff:.2f}, of soap and acsf 3.93' in words


def test_frames_with_close_pairs_are_left_out(tmp_path, capsys):
    path = tmp_path / 'w.extxyz'
    write(path, [bulk('W', a=a) for a in (0.8, 1.57, 1.59, 3.0, 3.1)])
    select(path, '-n', '3', '-o', tmp_path / 'a.extxyz')
    printed = capsys.readouterr().out
    line = 'left out: 2 of 5 with a pair closer than 0.5 of the distance of neighbors'
    assert f'{line}; --closest 0 keeps them\n' in printed
    assert 'closest pair of these: W-W 1.38 A, 0.50 of the distance' in printed
    select(path, '-n', '5', '--closest', '0', '-o', tmp_path / 'b.extxyz')
    printed = capsys.readouterr().out
    assert 'left out' not in printed
    assert 'closest pair of these: W-W 0.693 A, 0.25 of the distance' in printed


def test_molecules_of_anions_are_no_close_pairs():
    """Also on a metal, in whose oxide anions are twice as far from each other."""
    atoms = bulk('Pt', cubic=True) * 2 + Atoms('O2', [(0, 0, 9.9), (0, 0, 11.11)])
    atoms.center(vacuum=5.0, axis=2)
    assert closest_pair(atoms).name == 'O-O'
    assert closest_pair(atoms, 0.5) is None
    atoms.positions[-1, 2] -= 0.6
    assert closest_pair(atoms, 0.5) == (
        pytest.approx(0.61 / 1.32),
        pytest.approx(0.61),
        'O-O',
    )


@pytest.mark.parametrize('per', PER)
def test_neighbors_of_a_pool_are_those_of_all_distances(per):
    pool = random_pool(40, 13, elements=(74,))
    points, _ = points_of(pool, None, per)
    owner_e = np.repeat(range(40), points.sizes_m)
    d_ee = cdist(points.q_ek, points.q_ek)
    d_ee[owner_e[:, None] == owner_e] = np.inf
    sample = np.unique(np.linspace(0, len(d_ee) - 1, 100).round().astype(int))
    expected = np.median(d_ee[sample].min(axis=1))
    assert neighbor_distance(pool, per) == pytest.approx(expected)


def test_gains_are_enough_below_the_distance_of_neighbors(tmp_path, capsys):
    """Twice twenty crystals, alike in pairs: about one of each pair is enough."""
    path = tmp_path / 'w.extxyz'
    write(
        path, [bulk('W', a=a + d) for a in np.linspace(2.8, 3.6, 20) for d in (0, 0.02)]
    )
    options = ['-n', '40', '--figure', tmp_path / 'g.png', '-o', tmp_path / 'a.db']
    select(path, *options)
    *_, line = capsys.readouterr().out.splitlines()
    gains = np.array([c.keys['gain'] for c in read_configurations(tmp_path / 'a.db')])
    neighbors = neighbor_distance(read_pool(path))
    small = how_many(gains, neighbors)
    assert 20 <= small < 40
    assert gains[small] < neighbors <= gains[small - 1]
    assert f'gains are below that after {small}' in line
    axes = plot_gains(gains, small, least=neighbors)
    lines = {x.get_label(): x for x in axes.get_lines()}
    assert lines[f'enough: {small}'].get_xdata()[0] == small
    assert lines[f'neighbors: {neighbors:.3g}'].get_ydata()[0] == neighbors
    select(path, '-n', '5', '-o', tmp_path / 'b.db')
    assert 'above that: not enough yet' in capsys.readouterr().out


def test_given_configurations_of_a_file_are_not_chosen(pool_file, tmp_path, capsys):
    path, _ = pool_file
    select(path, '-n', '4', '-o', tmp_path / 'a.extxyz')
    select(path, '-n', '12', '--given', tmp_path / 'a.extxyz', '-o', tmp_path / 'b.db')
    assert 'no more than these of 12' in capsys.readouterr().out
    first, second = (
        {c.keys['source'] for c in read_configurations(tmp_path / name)}
        for name in ('a.extxyz', 'b.db')
    )
    assert (len(first), len(second), first & second) == (4, 8, set())


def test_rows_keep_their_data_also_arrays_that_they_share(tmp_path):
    shared, arrays = np.random.default_rng(1).normal(size=(300, 6)), {}
    data = {'mine': take_arrays({'reference_mk': shared.tolist()}, arrays)}
    assert len(arrays) == 1
    old = connect(tmp_path / 'w.db')
    for a in (3.0, 3.1, 3.2):
        old.write(bulk('W', a=a), key_value_pairs={'kind': 'bcc'}, data=data)
    with old:
        add_arrays(old, arrays, None)
    select(tmp_path / 'w.db', '-n', '2', '-o', tmp_path / 'few.db')
    new = connect(tmp_path / 'few.db')
    for row in new.select():
        same = old.get(unique_id=row.unique_id)
        assert (row.kind, row.source) == ('bcc', f'w.db id {same.id}')
        restored = restore(row.data['mine'], new)
        found = np.array(restored['reference_mk']).reshape(300, 6)
        assert np.array_equal(found, shared)


def test_filters_are_counted(pool_file, tmp_path, capsys):
    path, frames = pool_file
    force = [np.linalg.norm(f.calc.results['forces'], axis=1).max() for f in frames]
    energy = np.array([f.calc.results['energy'] / 4 for f in frames])
    bound = round(np.sort(force)[8:10].mean(), 4)
    select(path, '-n', '2', '--most-force', bound, '-o', tmp_path / 'a.extxyz')
    assert (
        f'left out: 3 of 12 with a force above {bound:g} eV/A'
        in capsys.readouterr().out
    )
    other = tmp_path / 'other.extxyz'
    gas = Atoms('CuNi', [[0, 0, 0], [9, 0, 0]])
    close = bulk('Cu', a=2.0)
    write(other, [gas, close, bulk('Al'), *(bulk('Cu', a=a) for a in (3.5, 3.6, 3.7))])
    options = ['--no-isolated', '--closest', '0.7', '--elements', 'Cu,Ni']
    select(other, '-n', '3', *options, '-o', tmp_path / 'b.extxyz')
    printed = capsys.readouterr().out
    assert 'left out: 1 of 6 with an isolated atom' in printed
    assert 'left out: 1 of 6 with a pair closer than 0.7 of the dist' in printed
    assert 'left out: 1 of 6 with other elements (Al)' in printed
    kinds = np.array([''.join(sorted(set(f.symbols))) for f in frames])
    lowest = [energy[kinds == kind].min() for kind in kinds]
    high = int((energy > np.array(lowest) + 0.1).sum())
    select(path, '-n', '1', '--most-energy', '0.1', '-o', tmp_path / 'c.extxyz')
    assert (
        f'left out: {high} of 12 more than 0.1 eV per atom above'
        in capsys.readouterr().out
    )
    assert 0 < high < 12


def test_labels_to_filter_by_are_named(tmp_path, capsys):
    frames = [bulk('Cu', a=a) for a in (3.5, 3.6, 3.7, 3.8)]
    for n, atoms in enumerate(frames):
        atoms.info.update(low=0.1 * n, high=2.0 * n)
    write(tmp_path / 'cu.extxyz', frames)
    for name, left in (('low', 0), ('high', 3)):
        options = ['--most-energy', '1', '--label-keys', f'energy={name}']
        out = tmp_path / f'{name}.extxyz'
        select(tmp_path / 'cu.extxyz', '-n', '1', *options, '-o', out)
        line = f'left out: {left} of 4 more than 1 eV per atom above the lowest energy'
        assert (line in capsys.readouterr().out) == (left > 0)


def test_near_duplicates_are_told(tmp_path, capsys):
    path, table = tmp_path / 'md.extxyz', tmp_path / 'gone.csv'
    frames = labeled_file(path, 4)
    write(path, [frames[0], *frames, frames[2]])
    options = ['--tolerance', '1e-3', '--duplicates', table, '-n', '4']
    select(path, *options, '-o', tmp_path / 'a.extxyz')
    printed = capsys.readouterr().out
    assert 'near-duplicates: 2 of 6 configurations' in printed
    assert '  md #1 is like md #0\n  md #5 is like md #3\n' in printed
    lines = table.read_text().splitlines()
    assert lines == ['left out,kept', 'md #1,md #0', 'md #5,md #3']


@pytest.fixture
def with_isolated(tmp_path):
    """Crystals, one of them twice; isolated atoms of two elements; dimers."""
    path = tmp_path / 'isolated.extxyz'
    frames = labeled_file(path, 4)
    for atoms in frames:
        atoms.calc = None
    far = [Atoms('Cu2', [(0, 0, 0), (x, 0, 0)]) for x in (2.5, 20.0, 30.0)]
    alone = Atoms('Cu', cell=(9, 9, 9), pbc=True)
    write(path, [*frames, Atoms('Au'), frames[0], *far, alone, Atoms('Au')])
    return path  # isolated: 4, 9, 10; redundant: 5 (as 0) and 8 (as 7)


def places(path):
    """Return the places in its pool of all that was chosen, in order."""
    return [int(a.info['source'].partition('#')[2]) for a in read(path, ':')]


@pytest.mark.parametrize('rule', ['farthest', 'random', 'coverage', 'logdet'])
def test_isolated_atoms_are_always_kept(rule, with_isolated, tmp_path, capsys):
    """Before all others, one of each element first, within the number."""
    options = ['--by', rule, *(['--seed', '1'] if rule == 'random' else [])]
    for number, kept in ((2, [4, 9]), (3, [4, 9, 10]), (6, [4, 9, 10])):
        path = tmp_path / f'{number}.extxyz'
        select(with_isolated, *options, '-n', number, '-o', path)
        found = places(path)
        assert (found[:3], len(found)) == (kept, number)
        assert f'{len(kept)} of them isolated atoms' in capsys.readouterr().out
    given = ['--given', tmp_path / '2.extxyz', '-n', '3']
    select(with_isolated, *options, *given, '-o', tmp_path / 'given.extxyz')
    assert not {4, 9, 10} & set(places(tmp_path / 'given.extxyz'))


def test_isolated_atoms_count_as_atoms_and_are_not_duplicates(with_isolated, tmp_path):
    path = tmp_path / 'a.extxyz'
    select(with_isolated, '-n', '9', '--tolerance', '0.1', '-o', path)
    assert sorted(places(path)) == [0, 1, 2, 3, 4, 6, 7, 9, 10]
    select(with_isolated, '--atoms', '9', '-o', path, '--overwrite')
    atoms = read(path, ':')
    assert [len(a) for a in atoms[:3]] == [1, 1, 1]
    assert 7 <= sum(map(len, atoms)) <= 11


def test_figure_and_folders(pool_file, tmp_path):
    path, _ = pool_file
    select(path, '-n', '6', '--figure', tmp_path / 'g.png', '-o', tmp_path / 'a.xyz')
    assert (tmp_path / 'g.png').read_bytes()[:4] == b'\x89PNG'
    select(path, '-n', '3', '--format', 'poscar', '-o', tmp_path / 'label')
    index = (tmp_path / 'label/index.csv').read_text().splitlines()
    assert [line[:5] for line in index[1:]] == ['00001', '00002', '00003']


WRONG = [
    ([], 'expected -n or --atoms, one of them'),
    (['-n', '1', '--atoms', '4'], 'expected -n or --atoms, one of them'),
    (['-n', '0'], '--number 0: expected a whole number >= 1'),
    (['-n', '13'], '--number 13: expected at most 12, the configurations to choose'),
    (['-n', '1', '--closest', '-1'], '--closest -1.0: expected a finite number >= 0.0'),
    (['-n', '1', '--closest', '9'], 'holds no configurations that stay'),
    (['-n', '1', '--elements', 'Xx'], 'expected different chemical symbols'),
    (['-n', '1', '--by', 'random'], '--by random: expected --seed'),
    (
        ['-n', '1', '--by', 'coverage', '--per', PER[1]],
        'expected --by entropy, farthest or logdet',
    ),
    (['-n', '1', '--seed', '1'], '--seed is for --by random'),
    (['-n', '1', '--duplicates', 'x'], '--duplicates x: expected --tolerance with it'),
    (['-n', '1', '--tolerance', '-1'], '--tolerance=-1.0: expected a finite number'),
    (['-n', '1', '--figure', 'x.txt'], '--figure x.txt: expected .png'),
    (['-n', '1', '--format', 'db'], 'expected a name that ends in .db or .json'),
    (['-n', '1', '--given', 'al.xyz'], 'none of the elements of the pool'),
    (['-n', '12', '--given', 'pool.extxyz'], 'nothing is chosen: expected a pool with'),
]


@pytest.mark.parametrize('options, sentence', WRONG)
def test_bad_options(pool_file, monkeypatch, capsys, options, sentence):
    path, _ = pool_file
    monkeypatch.chdir(path.parent)
    write('al.xyz', bulk('Al'))
    with pytest.raises(SystemExit) as ended:
        select(path.name, *options, '-o', 'chosen.extxyz')
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err.replace('\n', ' ')
    assert not Path('chosen.extxyz').exists()


@pytest.mark.parametrize(
    'atoms, sentence',
    [
        (Atoms('Cu', positions=[[np.nan, 0, 0]]), 'finite'),
        (Atoms(), 'atoms'),
    ],
)
def test_bad_frames(tmp_path, capsys, atoms, sentence):
    path = tmp_path / 'bad.traj'
    write(path, [bulk('Cu'), atoms])
    with pytest.raises(SystemExit) as ended:
        select(path, '-n', '1', '-o', tmp_path / 'chosen.db')
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
