"""Sets of several recipes: parts, perturbations, isolated atoms, rounds."""

import json
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.db import connect

from ase_entropy import Recipe, campaign
from ase_entropy.campaign.chains import Chain, run_chain
from ase_entropy.campaign.engines.processes import Processes
from ase_entropy.campaign.growth import Growth
from ase_entropy.campaign.recipes import SHARES, general
from ase_entropy.campaign.set_recipe import EVERY, SetRecipe
from ase_entropy.chemistry import Sizes
from ase_entropy.cli import main
from ase_entropy.descriptors import Bispectrum
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import GaussianSummary, LandmarkSummary, LogDetEntropy
from ase_entropy.pairs import find_pairs
from ase_entropy.report.replay import effort, replay
from ase_entropy.starts import (
    Isolated,
    Perturbation,
    Prototype,
    VariedPacking,
)
from ase_entropy.starts.amounts import Amounts
from ase_entropy.starts.cells import closest_pair

AL = Sizes(('Al',))
SHORT = AnnealSchedule(k_per_atom=2.0, shuffle_steps=30, ramp_steps=0)
PACKINGS = Recipe(VariedPacking(('Al',), (2, 6), (0.7, 1.2)), SHORT)
SET = general(PACKINGS)
GROWTH = Growth(
    Bispectrum.of(AL, components=6),
    round_cycles=4,
    least_gain=-2.0,
    empty=GaussianSummary(),
)
GROWING = replace(SET, growth=GROWTH)


def quiet(line):
    pass


def rows_of(path):
    return {row.cycle: row for row in connect(path).select()}


def environments(atoms, descriptor=GROWTH.descriptor):
    return descriptor.evaluate(find_pairs(atoms, descriptor.cutoff))[0]


@pytest.fixture(scope='module')
def grown(tmp_path_factory):
    """Return a set of four rounds, made in this process."""
    path = tmp_path_factory.mktemp('grown') / 'al.db'
    lines = []
    campaign.run(
        *(GROWING, 16, path),
        seed=3,
        report=lines.append,
        show=lambda line, progress: lines.append(line),
    )
    return path, lines


def test_shares():
    rng, walkers = np.random.default_rng(1), range(2000)
    starts = [SET.of_walker(n, rng).start.__class__.__name__ for n in walkers]
    many = sum(SET.is_beside(n) for n in walkers)
    assert starts.count('Isolated') == many == len(Isolated(('Al',)))
    for name, share in (
        ('RandomCrystal', SHARES['crystals']),
        ('Prototype', SHARES['prototypes']),
        ('Cut', SHARES['surfaces']),
    ):
        assert starts.count(name) / 2000 == pytest.approx(share, abs=0.03)


def test_isolated_atoms_come_once():
    isolated = Isolated(('Al',))
    rng = np.random.default_rng(1)
    made = [
        SET.of_walker(n, rng).start.atoms(rng)
        for n in range(EVERY * (len(isolated) + 3))
        if SET.is_beside(n)
    ]
    assert len(made) == len(isolated)
    for number, atoms in enumerate(made):
        assert atoms == isolated.configuration(number)
        assert not atoms.pbc.any()
    distances = [atoms.get_distance(0, 1) for atoms in made[1:]]
    assert distances == pytest.approx(
        np.array(isolated.distances) * AL.distance('Al'), abs=1e-12
    )


def test_one_dimer_of_each_pair_before_a_second_of_any():
    """A short set of an alloy has all pairs; in the end all distances of all pairs."""
    isolated = Isolated(('Ni', 'Al', 'Cr'))
    every = [isolated.configuration(n) for n in range(len(isolated))]
    names = [atoms.info['start'] for atoms in every]
    assert names[:3] == ['isolated Ni', 'isolated Al', 'isolated Cr']
    pairs = names[3:9]
    assert len(set(pairs)) == 6
    assert names[3:] == pairs * len(isolated.distances)
    assert sorted(set(isolated.distances)) == sorted(isolated.distances)
    own = Sizes(isolated.elements)
    found = [x.get_distance(0, 1) / own.distance(*x.symbols) for x in every[3:]]
    assert found == pytest.approx(np.repeat(isolated.distances, 6))


def test_isolated_atoms_that_another_set_has():
    isolated = Isolated(('Ni', 'Al'), without=['Ni'])
    every = [isolated.configuration(n).info['start'] for n in range(len(isolated))]
    assert 'isolated Ni' not in every
    assert every[:2] == ['isolated Al', 'dimer Ni-Ni']
    assert len(every) == len(Isolated(('Ni', 'Al'))) - 1
    assert isolated.formula == 'isolated atoms of Al and dimers of Ni, Al'
    assert 'without' not in json.dumps(general(['Al']).todict())  # ids of rows


def test_most_packings_of_an_alloy_are_mixed():
    packing, rng = VariedPacking(('Ni', 'Al')), np.random.default_rng(1)
    mixed = [len(set(packing.amounts.symbols(rng))) > 1 for _ in range(300)]
    assert np.mean(mixed) > 0.75


def test_contents_are_those_of_the_set():
    """Numbers of the first lines are those that come, within their spread."""
    recipe, cycles = general(['Ni', 'Al']), 1000
    kinds = ['VariedPacking', 'RandomCrystal', 'Prototype', 'Cut', 'Cut']
    *parts, alone = recipe.contents(cycles)
    said = Counter()
    for kind, words in zip(kinds, parts, strict=True):
        said[kind] += int(words.split()[1])
    rng = np.random.default_rng(1)
    made = Counter(type(recipe.of_walker(n, rng).start).__name__ for n in range(cycles))
    assert alone.endswith(': all 26, one every 5 cycles')
    assert made.pop('Isolated') == 26
    assert sum(said.values()) == pytest.approx(cycles - 26, abs=2)
    for kind, number in said.items():
        assert made[kind] == pytest.approx(number, abs=4 * np.sqrt(number))


@pytest.mark.parametrize('cycles', [0, 4, 5, 40, 129, 130, 1000])
def test_how_many_configurations_that_come_once_are_made(cycles):
    recipe = general(['Ni', 'Al'])
    made = sum(recipe.is_beside(n) for n in range(cycles))
    words = recipe.contents(cycles)[-1].split(': ')[1]
    assert words.startswith('all 26,' if made == 26 else f'{made} of 26,')
    assert (f'the other {26 - made} with' in words) == (made < 26)
    assert sum(recipe.is_beside(n) for n in range(130)) == 26


def test_parts_without_an_option():
    assert general(['Ni', 'Al']) == general(Recipe(VariedPacking(('Ni', 'Al'))))
    assert general(PACKINGS, isolated_atoms=False).once is None
    alone = general(PACKINGS, crystals=0.0, prototypes=0.0, surfaces=0.0)
    assert [weight for weight, _ in alone.parts] == [1.0]
    oxide = replace(
        PACKINGS, start=VariedPacking(('Ti', 'O'), (3, 9), (0.7, 1.2), 'TiO2')
    )
    oxide = replace(oxide, descriptor=None, repulsion=None)
    parts = general(oxide).parts
    names = [type(part.start).__name__ for _, part in parts]
    assert names == ['VariedPacking', 'RandomCrystal', 'Prototype']  # cuts keep no TiO2
    assert set(parts[2][1].start.names) == {'C1', 'C4', 'C15', 'C32'}
    odd = replace(oxide.start, composition='Ti3O5', size=(8, 16))
    parts = general(replace(oxide, start=odd)).parts
    assert [type(part.start).__name__ for _, part in parts] == [
        'VariedPacking',
        'RandomCrystal',
    ]


@pytest.mark.parametrize(
    ('shares', 'sentence'),
    [
        ({'crystals': -0.1}, 'crystals=-0.1: expected a finite number >= 0.0'),
        ({'surfaces': 1.1}, 'surfaces=1.1: expected a finite number'),
        ({'crystals': 0.6, 'prototypes': 0.6}, 'expected shares of all configurations'),
    ],
)
def test_bad_shares(shares, sentence):
    with pytest.raises(ValueError, match=sentence):
        general(PACKINGS, **shares)


@pytest.mark.parametrize(
    ('make', 'sentence'),
    [
        (lambda: SetRecipe([]), 'expected pairs of a weight and a recipe'),
        (lambda: SetRecipe([(1.0,)]), 'expected pairs of a weight and a recipe'),
        (lambda: SetRecipe([(0.0, PACKINGS)]), 'all weights are 0'),
        (lambda: SetRecipe([(1.0, None)]), 'recipe=None'),
        (lambda: SetRecipe([(1.0, PACKINGS)], PACKINGS), 'once.start='),
        (lambda: SetRecipe([(1.0, PACKINGS)], growth=3), 'growth=3'),
        (
            lambda: SetRecipe([(1.0, PACKINGS), (1.0, Recipe())]),
            'different descriptors',
        ),
        (lambda: general(Recipe()), 'packings.start='),
        (lambda: general('x'), "packings='x': expected Recipe or list"),
        (lambda: general(['Al', 'Xx']), 'Xx'),
        (lambda: general(PACKINGS, isolated_atoms=3), 'isolated_atoms=3'),
        (lambda: GROWTH.from_set(bulk('Al'), ['Al']), 'configurations=Atom'),
        (
            lambda: Prototype(('Al',), composition={'Al': 0.4}),
            "composition\\['Al'\\]=0",
        ),
        (lambda: Perturbation().apply('Al', np.random.default_rng()), "atoms='Al'"),
        (lambda: replace(GROWTH, round_cycles=0), 'round_cycles=0'),
        (lambda: replace(GROWTH, least_gain=np.nan), 'least_gain=nan'),
        (lambda: Perturbation(strain=-1), 'strain=-1'),
        (lambda: Perturbation(rattle=(0.2, 0.1)), 'rattle='),
        (lambda: Perturbation(stretch=(0.0, 1.0)), 'stretch=0.0'),
        (lambda: Perturbation(share=2), 'share=2'),
        (lambda: Isolated(('Al',), distances=(0.1,)), 'distances=0.1'),
        (lambda: Isolated(('Al',), number=9), 'number=9'),
        (lambda: Isolated(('Al',), without=('W',)), 'expected some of Al'),
        (lambda: Isolated(('Al',), (), without=('Al',)), 'leave nothing'),
    ],
)
def test_errors(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_through_json():
    away = GROWTH.from_set([bulk('Al', cubic=True), bulk('Al', 'bcc', 3.2)], ['Al'])
    recipe = replace(GROWING, growth=away)
    there = json.loads(json.dumps(recipe.todict()))
    assert SetRecipe.fromdict(there) == recipe
    assert SetRecipe.fromdict(json.loads(json.dumps(SET.todict()))) == SET


def test_perturbation_does_what_it_says():
    sizes = Sizes(('Al',))
    rng = np.random.default_rng(1)
    start = bulk('Al', cubic=True).repeat(4)
    for _ in range(3):
        atoms = start.copy()
        perturbation = Perturbation(0.02, (0.05, 0.15), (0.9, 1.1), closest=0.5)
        done = perturbation.apply(atoms, rng)
        assert atoms.get_volume() / start.get_volume() == pytest.approx(done['stretch'])
        map_cc = np.linalg.solve(start.cell[:], atoms.cell[:])
        assert map_cc == pytest.approx(map_cc.T, abs=1e-12)  # no rotation
        values = np.log(np.linalg.eigvalsh(map_cc)) - np.log(done['stretch']) / 3
        assert np.linalg.norm(values) == pytest.approx(done['strain'])
        moved = atoms.positions - start.positions @ map_cc
        assert moved.std() == pytest.approx(done['rattle'], rel=0.1)
        assert 0.05 <= done['rattle'] <= 0.15
    strong = Perturbation(0.1, (1.0, 1.0), closest=0.8)
    for _ in range(5):
        atoms = start.copy()
        strong.apply(atoms, rng)
        assert closest_pair(atoms, sizes) >= 0.8


@pytest.mark.parametrize(('before', 'least'), [(0.77, 0.75), (0.7, 0.95 * 0.7)])
def test_no_perturbed_pair_is_too_close(before, least):
    rng = np.random.default_rng(1)
    sizes = Sizes(('Al',))
    distance = before * sizes.distance('Al')
    close = []
    for _ in range(50):
        atoms = Atoms('Al2', [(0, 0, 0), (0, 0, distance)], cell=[9, 9, 9])
        Perturbation(0.0, (0.1, 0.3)).apply(atoms, rng)
        close.append(closest_pair(atoms, sizes))
    assert least <= min(close) < before


def test_a_perturbation_of_ones_own():
    own = Perturbation(0.01)
    recipe = general(Recipe(start=VariedPacking(('Al',)), perturbation=own))
    assert recipe.parts[0][1].perturbation == own
    assert recipe.parts[-1][1].perturbation == own  # clusters
    assert recipe.parts[1][1].perturbation != own  # crystals
    assert recipe.once.perturbation is None


@pytest.mark.parametrize('size', [(37, 37), (100, 150), (4, 8)])
def test_crystals_are_small_in_sets_of_large_cells(size):
    recipe = general(Recipe(start=VariedPacking(('Ni', 'Al'), size=size)))
    crystals, prototypes = (part.start for _, part in recipe.parts[1:3])
    assert crystals.size == (1, min(size[1], 16))
    assert prototypes.most == crystals.size[1]


def test_no_crystals_of_a_composition_that_few_atoms_do_not_have():
    packings = Recipe(start=VariedPacking(('Ni', 'Al'), (61, 61), (0.5, 1), 'Ni30Al31'))
    ((share, only),) = general(packings).parts
    assert share == 1.0
    assert only.start == packings.start
    with pytest.raises(ValueError, match='no 1 to 16 atoms of Ni, Al have it'):
        general(packings, crystals=0.1)


def test_surfaces_of_open_crystals_are_cut_from_dense_packings():
    packings = Recipe(start=VariedPacking(('Si',)))
    slabs = general(packings, surfaces=0.1).parts[-2][1].start
    assert slabs.start.density == pytest.approx((0.7 / 0.65, 1.35))


def test_perturbation_of_a_share_and_of_clusters():
    rng = np.random.default_rng(1)
    cluster = Atoms('Al2', [(0, 0, 0), (0, 0, 2.9)], cell=[9, 9, 9])
    assert set(Perturbation(0.1, (0.1, 0.1)).apply(cluster.copy(), rng)) == {'rattle'}
    perturbed = [
        bool(Perturbation(share=0.3).apply(cluster.copy(), rng)) for _ in range(500)
    ]
    assert np.mean(perturbed) == pytest.approx(0.3, abs=0.06)
    atoms = cluster.copy()
    assert Perturbation(share=0.0).apply(atoms, rng) == {}
    assert atoms == cluster


def test_supercells_and_compositions_of_prototypes():
    rng = np.random.default_rng(1)
    start = Prototype(('Al',), ['fcc'], most=8)
    sizes = {len(start.atoms(rng)) for _ in range(100)}
    assert sizes == {1, 2, 3, 4, 6, 8}
    start = Prototype(('Al',), ['diamond'], most=8)
    assert {len(start.atoms(rng)) for _ in range(60)} == {2, 4, 6, 8}
    salt = Prototype(('Ni', 'Al'), composition={'Al': (0.7, 0.8)})
    for _ in range(20):
        atoms = salt.atoms(rng)
        assert atoms.symbols.count('Al') == 0.75 * len(atoms)
    with pytest.raises(ValueError, match="composition='Ti3O5': expected that of"):
        Prototype(('Ti', 'O'), composition='Ti3O5')


@pytest.mark.parametrize(
    ('composition', 'symbols', 'allowed'),
    [
        ('free', 'Al', True),
        ('NiAl', 'NiAl', True),
        ('Ni2Al2', 'NiAlNiAlNiAl', True),
        ('NiAl', 'Ni2Al', False),
        ({'Al': (0.2, 0.5)}, 'Ni3Al', True),
        ({'Al': (0.3, 0.5)}, 'Ni3Al', False),
    ],
)
def test_what_is_allowed(composition, symbols, allowed):
    amounts = Amounts(('Ni', 'Al'), (1, 20), composition)
    assert amounts.allow(list(Atoms(symbols).symbols)) is allowed


def test_rows_say_what_was_done(grown):
    rows = rows_of(grown[0])
    kinds = {row.start.split()[0] for row in rows.values()}
    assert kinds >= {'packing', 'prototype', 'isolated'}
    for row in rows.values():
        if row.start.startswith(('prototype', 'crystal')):
            assert row.strain > 0 and row.rattle >= 0
            assert row.steps == 0
        if row.start.startswith('prototype'):
            assert (row.recipe, row.k_entropy) == ('start', 0.0)
        assert row.stage == 'biased'


def test_a_perturbed_row_is_replayed(grown):
    path, _ = grown
    rows = [row for row in rows_of(path).values() if row.get('rattle') and row.steps]
    assert rows
    for row in rows[:2]:
        trace, atoms = replay(row, path)
        assert effort(row) > 0
        assert len(trace['entropy']) > 0
        assert atoms.positions == pytest.approx(row.positions, abs=1e-9)


def test_same_rows_by_workers_and_after_a_stop(grown, tmp_path):
    path, _ = grown
    with Processes(2) as executor:
        campaign.run(
            GROWING, 16, tmp_path / 'two.db', seed=3, executor=executor, report=quiet
        )
    for cycles in (3, 6, 11, 16):  # within rounds
        campaign.run(GROWING, cycles, tmp_path / 'parts.db', seed=3, report=quiet)
    here = rows_of(path)
    for name in ('two.db', 'parts.db'):
        there = rows_of(tmp_path / name)
        assert set(there) == set(here) == set(range(16))
        for cycle, row in here.items():
            other = there[cycle]
            assert row.unique_id == other.unique_id
            assert np.array_equal(row.positions, other.positions)
            assert np.array_equal(row.cell, other.cell)
            own = {k: v for k, v in row.key_value_pairs.items()}
            assert own == other.key_value_pairs


def test_rounds_of_one_cycle_are_a_plain_loop(tmp_path):
    growth = replace(GROWTH, round_cycles=1)
    recipe = replace(SET, growth=growth)
    campaign.run(recipe, 8, tmp_path / 'al.db', seed=1, report=quiet)
    rows = rows_of(tmp_path / 'al.db')
    summary = None
    for cycle in range(8):
        novelty = summary and growth.novelty(summary)
        (end,) = run_chain(recipe, 1, Chain(cycle, cycle, 1), novelty).ends
        row = rows[cycle]
        assert np.array_equal(row.positions, end.row.positions)
        assert row.get('gain') == end.keys.get('gain')
        if not recipe.is_beside(cycle):
            summary = growth.summary([row.toatoms()], summary)


def test_gains_and_the_entropy_of_the_set(grown):
    """The log-det of all rows by themselves, in the deviations of the first round."""
    path, lines = grown
    rows = rows_of(path)
    inside = {n: environments(rows[n].toatoms()) for n in rows if not SET.is_beside(n)}
    first = np.concatenate([q for n, q in inside.items() if n < 4])
    scale = first.std(axis=0)
    estimator = LogDetEntropy(scale_k=scale)

    def entropy(before, *more):
        q = [x for n, x in sorted(inside.items()) if n < before]
        return estimator.evaluate(np.concatenate([*q, *more]))[0]

    for n, q_nk in inside.items():
        begun = 4 * (n // 4)
        if begun == 0:
            assert 'gain' not in rows[n]
            continue
        points = sum(len(x) for m, x in inside.items() if m < begun)
        factor = (points + len(q_nk)) / len(q_nk)
        gain = factor * (entropy(begun, q_nk) - entropy(begun))
        assert rows[n].gain == pytest.approx(gain, rel=1e-8)
        assert rows[n].gain >= GROWTH.least_gain
    said = [line for line in lines if 'S of the set' in line]
    assert [line.split(';')[0] for line in said] == [
        f'{n} cycles: S of the set {entropy(n):.3f} nats' for n in (4, 8, 12, 16)
    ]
    for last, line in zip((4, 8, 12, 16), said, strict=True):
        gains = [rows[n].get('gain') for n in range(last - 4, last)]
        of_round = [gain for gain in gains if gain is not None]
        found = [float(x) for x in re.findall(r'-?\d[\d.]*', line)[2:]] or [0.0]
        low, high, middle = 3 * found if len(found) == 1 else found
        known = of_round or [0.0]  # the first round has none to compare with
        assert low == pytest.approx(min(known), rel=6e-3)
        assert middle == pytest.approx(np.median(known), rel=6e-3)
        assert high == pytest.approx(max(known), rel=6e-3)
    shown = {line.split()[1]: line for line in lines if '  S ' in line}
    for n, row in rows.items():
        gain = f'  gain {row.gain:.2f}  ' if 'gain' in row else ''
        assert gain in shown[str(n)]
        assert ('gain' in shown[str(n)]) == ('gain' in row)
    (entry,) = connect(path).metadata['campaigns']
    assert [n for n, _ in entry['growth']] == [4, 8, 12, 16]
    assert entry['growth'][-1][1] == pytest.approx(entropy(16), rel=1e-9)
    for n in rows:
        if SET.is_beside(n):
            assert 'gain' not in rows[n]


def test_info_says_what_matters_in_short(grown, capsys):
    """Rattled rows are not meant to converge; settings are a few lines."""
    path, _ = grown
    rows = list(rows_of(path).values())
    main(['info', str(path)])
    printed = capsys.readouterr().out
    own = [x for x in rows if x.orders != 'none' and 'rattle' not in x]
    assert 0 < len(own) < len(rows)
    converged = sum(x.converged for x in own)
    words = f'{len(own)} rows, of which {converged} converged'
    assert f'quenched, not perturbed afterwards: {words}\n' in printed
    assert 'T at end' not in printed
    gains = [x.gain for x in rows if 'gain' in x]
    (line,) = re.findall(r'  gain .nats. .*', printed)
    assert [float(line.split()[i]) for i in (2, 4, 5)] == pytest.approx(
        [np.mean(gains), min(gains), max(gains)], rel=1e-3
    )
    settings = printed[printed.index('  settings: ') :]
    assert len(settings.splitlines()) <= 4
    assert 'recipe quench and start' in settings and '{' not in settings
    main(['info', str(path), '--settings'])
    assert "'name': 'VariedPacking'" in capsys.readouterr().out
    main(['info', str(path), '--json'])
    (campaign_,) = json.loads(capsys.readouterr().out)['campaigns']
    assert campaign_['recipe']['parts'][0]['recipe']['start']['elements'] == ['Al']


def test_groups_are_called_alike_by_info_and_export(grown, tmp_path, capsys):
    path, _ = grown
    main(['export', str(path), '-o', str(tmp_path / 'al.xyz')])
    capsys.readouterr()
    groups = []
    for name in (path, tmp_path / 'al.xyz'):
        main(['info', str(name), '--set', '--json'])
        groups.append(json.loads(capsys.readouterr().out)['groups'])
    assert groups[0] == groups[1]
    assert {'packing', 'IsolatedAtom', 'dimer'} <= groups[0].keys()


def test_cycles_that_add_too_little_are_counted(grown):
    path, lines = grown
    small = [line for line in lines if 'too small a gain' in line]
    assert small
    for line in small:
        cycle, times = int(line.split()[1]), int(line.split()[3])
        assert rows_of(path)[cycle].attempts > times
        found = [float(x) for x in re.findall(r'-?\d[\d.]*', line)[2:]]
        low, high, median = found if times > 1 else 3 * found
        assert low <= median <= high <= GROWTH.least_gain


def test_a_gain_that_no_cycle_reaches(tmp_path):
    away = GROWTH.from_set(
        [bulk('Al'), bulk('Al', 'bcc', 3.2), bulk('Al', 'sc', 2.8)], ['Al']
    )
    recipe = replace(SET, growth=replace(away, least_gain=1e9), once=None)
    with pytest.raises(
        RuntimeError,
        match=r'in a row \(gains .* to .*, median .* nats\), last at .*below 1e.09; '
        'expected a smaller least_gain',
    ):
        campaign.run(recipe, 2, tmp_path / 'al.db', seed=1, report=quiet)
    assert len(connect(tmp_path / 'al.db')) == 0


def test_a_set_to_be_away_from():
    fcc = [bulk('Al', a=a) for a in np.linspace(3.9, 4.2, 7)]
    growth = GROWTH.from_set(fcc, ['Al'])
    scale = np.concatenate([environments(atoms) for atoms in fcc]).std(axis=0)
    assert growth.away_from.empty.scale_k == pytest.approx(np.where(scale, scale, 1.0))
    novelty = growth.novelty(growth.away_from)
    assert novelty.gain(bulk('Al', a=4.05)) < 0 < novelty.gain(bulk('Al', 'bcc', 3.2))
    mixed = GROWTH.from_set([*fcc, bulk('W')], ['Al'])
    assert mixed == growth  # tungsten says nothing on aluminium
    with pytest.raises(ValueError, match='configurations of Al and nothing else'):
        GROWTH.from_set([bulk('W')], ['Al'])


def test_chains_begin_anew(tmp_path):
    with pytest.raises(ValueError, match='chain=2: expected 1 for a recipe'):
        campaign.run(SET, 2, tmp_path / 'al.db', seed=1, chain=2, report=quiet)
    steps = SetRecipe([(1.0, PACKINGS)], growth=GROWTH)
    with pytest.raises(ValueError, match='chain=2: expected 1 for a recipe with'):
        campaign.run(steps, 2, tmp_path / 'al.db', seed=1, chain=2, report=quiet)
    assert list(tmp_path.iterdir()) == []


def test_a_row_that_is_gone_is_made_again(grown, tmp_path):
    path = tmp_path / 'al.db'
    path.write_bytes(grown[0].read_bytes())
    before = rows_of(path)
    connect(path).delete([before[1].id, before[9].id])
    campaign.run(GROWING, 16, path, report=quiet)
    after = rows_of(path)
    for cycle, row in before.items():
        assert np.array_equal(after[cycle].positions, row.positions)
        assert after[cycle].get('gain') == row.get('gain')


def test_landmarks_of_the_set(tmp_path):
    """Gains of rows are those of the landmarks of all rows before."""
    growth = Growth(GROWTH.descriptor, round_cycles=6)
    recipe = replace(SET, growth=growth)
    campaign.run(recipe, 12, tmp_path / 'al.db', seed=1, report=quiet)
    rows = rows_of(tmp_path / 'al.db')
    inside = {n: environments(rows[n].toatoms()) for n in rows if not SET.is_beside(n)}
    before = [q for n, q in sorted(inside.items()) if n < 6]
    scale = np.concatenate(before).std(axis=0)
    landmarks = LandmarkSummary(scale_k=scale)
    for q_nk in before:
        landmarks = landmarks.add(q_nk)
    for n, q_nk in inside.items():
        if n >= 6:
            assert rows[n].gain == pytest.approx(landmarks.gain(q_nk)[0], rel=1e-9)
