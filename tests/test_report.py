"""The report: files, numbers, page, and what is wrong with what it is given."""

import argparse
import base64
import contextlib
import csv
import dataclasses
import io
import re
import signal
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import chromium
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.db import connect
from ase.io import write
from matplotlib.axes import Axes
from test_errors import complaint

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    Ladder,
    NearestNeighborEntropy,
    SmoothNearestNeighborEntropy,
    plots,
    random_packing,
)
from ase_entropy.analysis import (
    autocorrelation,
    entropies,
    multiple_correlation,
    radial_distribution,
)
from ase_entropy.cli import descriptor_options, main
from ase_entropy.cli.parser import CommandParser
from ase_entropy.cli.report import CLICommand
from ase_entropy.plots import plot_distances, plot_histograms, plot_map, plot_radial
from ase_entropy.plots.style import Style, plain
from ase_entropy.report import (
    Study,
    make_folder,
    read_sets,
    study,
    write_report,
)
from ase_entropy.report.figures import pictures
from ase_entropy.report.groups import compare_groups
from ase_entropy.report.replay import replay
from ase_entropy.report.stages import autocorrelate
from ase_entropy.report.tables.table import Table
from ase_entropy.sets.dataset import Dataset, read_dataset
from ase_entropy.sets.sources import Source, sources_of

FIGURES = {
    'autocorrelation',
    'components',
    'configurations',
    'correlations',
    'coverage',
    'cycle',
    'distances',
    'eighth_component',
    'entropy',
    'first_component',
    'map',
    'redundancy',
    'pairs',
    'radial',
    'growth',
    'sizes',
    'variety',
}
TABLES = {'autocorrelation', 'correlations', 'distances', 'groups', 'pairs', 'ratios'}
TABLES |= {'absent', 'coverage', 'halves', 'redundancy', 'sets', 'sizes'}


GROUPS = ('dense', 'dense', 'bcc', 'bcc', 'bcc', 'bcc', 'cluster')


def harvest(path, cycles, schedule, ladder=None, seed=1, order=None):
    rng = np.random.default_rng(seed)
    atoms = random_packing('W10', (6.5, 6.5, 7.0), min_distance=2.0, rng=rng)
    estimator = None if order is None else SmoothNearestNeighborEntropy(order)
    atoms.calc = EntropyCalculator(estimator=estimator)
    dyn = CyclicLangevin(atoms, schedule=schedule, rng=rng)
    Harvest(dyn, path, ladder=ladder, report=str).run(cycles)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Three small sets: unbiased, biased, and a file of crystals and a cluster."""
    folder = tmp_path_factory.mktemp('sets')
    hot = AnnealSchedule(k_entropy=0.0, shuffle_steps=100, ramp_steps=0)
    harvest(folder / 'u.db', 12, hot, seed=2)
    ramp = AnnealSchedule(k_entropy=100.0, shuffle_steps=50, ramp_steps=0)
    harvest(folder / 'b.db', 9, ramp, Ladder(steps=40))
    crystals = [bulk('W', a=a, cubic=True) for a in np.linspace(3.0, 3.4, 6)]
    for seed, atoms in enumerate(crystals):
        atoms.rattle(0.05, seed=seed)
    cluster = Atoms('W3', [(0, 0, 0), (2.5, 0, 0), (0, 2.7, 0)])
    for atoms, group in zip([*crystals, cluster], GROUPS, strict=True):
        atoms.info['config_type'] = group
    write(folder / 'h.xyz', [*crystals, cluster, bulk('W')], format='extxyz')
    return folder


@pytest.fixture(scope='module')
def reported(folder):
    """The folder of a report on all three."""
    output = folder / 'report'
    call(folder, 'b.db', 'h.xyz', '--reference', 'u.db', '-o', output)
    return output


def call(folder, *arguments, seed=1):
    """Run the command on files of a folder."""
    words = [
        str(folder / word) if (folder / str(word)).is_file() else str(word)
        for word in arguments
    ]
    main(['report', *words, '--seed', str(seed), '--decompositions', '20'])


@pytest.fixture
def quick(monkeypatch):
    """Leave the figures out: they take most of the time."""
    monkeypatch.setattr('ase_entropy.report.writing.pictures', lambda found: iter(()))


def rows(output, name):
    """Return a table as a list of dicts."""
    with open(output / 'tables' / f'{name}.csv', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def sets_of(folder, *names):
    return read_sets([folder / name for name in names], report=str)


def small_study(sets):
    return study(sets, rng=np.random.default_rng(0), decompositions=3, report=str)


# ---------------------------------------------------------------- files and numbers


def test_all_files_are_there(reported):
    for suffix, magic in (('png', b'\x89PNG'), ('svg', b'<?xml')):
        found = {path.stem: path for path in reported.glob(f'figures/*.{suffix}')}
        assert set(found) == FIGURES
        for path in found.values():
            assert path.read_bytes().startswith(magic)
    for suffix in ('csv', 'md'):
        assert {path.stem for path in reported.glob(f'tables/*.{suffix}')} == TABLES
    log = (reported / 'report.log').read_text()
    assert re.search(r'^\[7/28\] distances, trained on b, .*, left 0:', log, re.M)
    assert 'index.html is ready' in log


def test_the_log_is_what_is_printed(folder, capsys, tmp_path, quick):
    call(folder, 'u.db', '-o', tmp_path)
    assert capsys.readouterr().out == (tmp_path / 'report.log').read_text()


def test_summary_of_the_sets(folder, reported):
    u, b, h = rows(reported, 'sets')
    for told, path in ((u, 'u.db'), (b, 'b.db')):
        found = list(connect(folder / path).select())
        entropy = [row.entropy for row in found]
        assert float(told['S (nats)']) == pytest.approx(np.mean(entropy))
        assert float(told['spread of S']) == pytest.approx(np.std(entropy, ddof=1))
        assert float(told['lowest S']) == pytest.approx(min(entropy))
        assert float(told['highest S']) == pytest.approx(max(entropy))
        assert float(told['E_rep (eV)']) == pytest.approx(
            np.mean([r.e_rep for r in found])
        )
        shortest = [row.min_distance for row in found]
        assert float(told['shortest pair (Å)']) == pytest.approx(min(shortest))
        assert float(told['mean shortest pair (Å)']) == pytest.approx(np.mean(shortest))
        assert int(told['configurations']) == len(found)
        assert int(told['environments']) == 10 * len(found)
    assert (u['K (eV)'], b['K (eV)']) == ('0', '100')
    assert (u['recipe'], b['recipe']) == ('shuffle', 'quench')
    assert (h['atoms'], h['E_rep (eV)'], h['K (eV)']) == ('1 to 3', '', '')
    assert int(h['environments']) == 6 * 2 + 3 + 1


def test_distances_and_ratios(reported):
    distances = rows(reported, 'distances')
    pairs = [(row['training'], row['testing']) for row in distances]
    assert pairs == [(a, b) for a in 'ubh' for b in 'ubh']
    mean = {
        pair: float(row['mean']) for pair, row in zip(pairs, distances, strict=True)
    }
    for row in distances:
        assert 0.0 < float(row['median']) <= float(row['max'])
        assert float(row['mean']) < float(row['max'])
        assert int(row['training environments']) == 16 * 6000 // 9000
        assert int(row['test environments']) == 16 * 3000 // 9000
        assert float(row['error of mean']) > 0.0
    assert mean['u', 'h'] > mean['h', 'h']
    ratios = rows(reported, 'ratios')
    assert len(ratios) == 6
    for row in ratios:
        a, b = row['A'], row['B']
        assert float(row['A→B / A→A']) == pytest.approx(mean[a, b] / mean[a, a])
        assert float(row['B→A / A→B']) == pytest.approx(mean[b, a] / mean[a, b])


def test_groups_are_those_of_the_file(reported):
    found = rows(reported, 'groups')
    groups = {(row['set'], row['group'], row['configurations']) for row in found}
    expected = {('bcc', '4'), ('dense', '2'), ('cluster', '1'), ('none', '1')}
    assert groups == {('h', *group) for group in expected}
    assert [int(row['environments']) for row in found][:2] == [8, 4]  # largest first
    assert {row['group']: row['S (nats)'] for row in found}['none'] == 'nan'


@pytest.mark.parametrize('training', [12, 5])
def test_distances_of_groups(training):
    """Against all distances, one by one; no environment tests itself."""
    rng = np.random.default_rng(training)
    sets = [grouped(name, rng.normal(size=(12, 2))) for name in 'ab']
    entropy = {name: np.arange(4.0) for name in 'ab'}
    used = {('a', 'a'): SimpleNamespace(training=training)}
    found = Study(sets, entropy=entropy, surrogate=used)
    compare_groups(found, np.random.default_rng(1))
    draw = np.random.default_rng(1)
    drawn = {name: draw.choice(12, training, replace=False) for name in 'ab'}
    assert [(group.dataset, group.name) for group in found.groups] == [
        (name, group) for name in 'ab' for group in ('even', 'odd')
    ]
    for group in found.groups:
        even = group.name == 'even'
        members = [e for e in range(12) if (e // 3 % 2 == 0) == even]
        (test,) = (d for d in sets if d.name == group.dataset)
        expected = {}
        for train in sets:
            own = set(drawn[train.name]) if train is test else set()
            tested = [e for e in members if e not in own]
            if tested:
                shifts = test.q_ek[tested][:, None] - train.q_ek[drawn[train.name]]
                apart = np.linalg.norm(shifts / sets[0].q_ek.std(axis=0), axis=2)
                expected[train.name] = apart.min(axis=1).mean()
        assert group.distance == pytest.approx(expected)
        assert len(expected) == 2 - (training == 12)
        assert (group.configurations, group.environments) == (2, 6)
        assert group.entropy == (1.0 if even else 2.0)


def grouped(name, q_ek):
    """Return a set of four configurations of three atoms, in two groups."""
    keys = {'group': np.array(['even', 'odd', 'even', 'odd'])}
    return Dataset(
        name,
        name,
        None,
        q_ek,
        np.arange(0, 13, 3),
        np.full(12, 74),
        np.full(4, 99.0),
        keys,
    )


def test_numbers_of_a_study(folder):
    u, b = sets_of(folder, 'u.db', 'b.db')
    found = small_study([u, b])
    for name in 'ub':  # an environment is not compared with itself
        assert found.surrogate[name, name].distances.min() > 1e-9
        all_ek = read_dataset(folder / f'{name}.db', Bispectrum(twojmax=8)).q_ek
        np.testing.assert_allclose(found.eighth[name], all_ek[:, 7])
        expected = multiple_correlation(all_ek)
        np.testing.assert_allclose(found.higher[name], expected)
    for (train, _), means in found.distance.items():
        assert (np.diff(means) <= 0.0).all()
        assert len(means) == len(found.counts[train])
    for name in 'ub':  # those tested on are held back
        assert found.distance[name, name][-1] > 0.5 * found.surrogate[name, name].mean
    ends = {name: (counts[0], counts[-1]) for name, counts in found.counts.items()}
    assert ends == {'u': (1, 10), 'b': (1, 7)}
    assert (np.diff(found.pooled['u']) > 0.0).mean() > 0.7
    np.testing.assert_allclose(found.projections['u'].mean(axis=0), 0.0, atol=1e-9)


def test_means_of_configurations_of_different_sizes(tmp_path):
    database = connect(tmp_path / 'w.db')
    for cycle, n in enumerate([2, 5, 3, 7, 4]):
        atoms = bulk('W', 'sc', a=2.7) * (n, 1, 1)
        atoms.rattle(0.2, seed=cycle)
        database.write(atoms, walker=3, cycle=cycle)
    (dataset,) = read_sets([tmp_path / 'w.db'], report=str)
    parts = np.split(dataset.q_ek, dataset.first_m[1:-1])
    mean_mk = np.array([part.mean(axis=0) for part in parts])
    expected = autocorrelation(mean_mk, 5 * [0], range(5), lags=1)
    found = small_study([dataset]).autocorrelation['w']
    np.testing.assert_allclose(found.r_l[:, 1:], expected.r_l)


def test_two_campaigns_are_no_memory(tmp_path):
    """Walkers of one campaign are unlike those of another, not like themselves."""
    database = connect(tmp_path / 'w.db')
    for number, (campaign, cycle) in enumerate(np.ndindex(2, 60)):
        atoms = bulk('W', 'sc', a=2.5 + 0.3 * campaign) * (4, 1, 1)
        atoms.rattle(0.02, seed=number)
        keys = {'stage': 'biased', 'campaign': campaign, 'walker': 0, 'cycle': cycle}
        database.write(atoms, **keys)
    found = small_study(read_sets([tmp_path / 'w.db'], report=str))
    own = found.autocorrelation['w']
    assert own.walkers == 2
    assert (np.abs(own.r_l[1:]) < 4.0 * own.noise_l[1:, None]).all()


def test_what_an_earlier_report_has_left_is_named(folder, tmp_path, quick, capsys):
    output = tmp_path / 'report'
    call(folder, 'b.db', '--reference', 'u.db', '-o', output)
    assert 'not of this report' not in capsys.readouterr().out
    (output / 'figures' / 'earlier.png').touch()
    call(folder, 'b.db', '--reference', 'u.db', '-o', output)
    assert 'note: not of this report: figures/earlier.png' in capsys.readouterr().out


def test_sets_of_different_sizes_are_named(folder):
    found = small_study(sets_of(folder, 'u.db', 'b.db'))
    assert not any('number of atoms' in note for note in found.notes)
    found = small_study(sets_of(folder, 'u.db', 'h.xyz'))
    (note,) = [note for note in found.notes if 'number of atoms' in note]
    assert note.endswith('grows with that, by up to 0.83 ln n')


def test_cycles_of_walkers_of_their_own(folder):
    (dataset,) = sets_of(folder, 'b.db')
    walker_m = np.arange(len(dataset))
    dataset = dataclasses.replace(dataset, keys={**dataset.keys, 'walker': walker_m})
    found = small_study([dataset])
    assert found.autocorrelation == {}
    assert any('none with --chain' in note for note in found.notes)


def test_names_for_each_set(folder):
    with pytest.raises(
        ValueError, match=r"names=\['a'\]: expected 2, one for each set"
    ):
        read_sets([folder / 'u.db', folder / 'b.db'], ['a'])


def test_correlations_and_autocorrelation(reported):
    correlations = rows(reported, 'correlations')
    assert [row['component'] for row in correlations[:3]] == [
        'mean',
        'B(2,2,4)',
        'B(3,0,3)',
    ]
    assert len(correlations) == 1 + 55 - 6
    for name in 'ubh':
        values = [float(row[name]) for row in correlations]
        assert values[0] == pytest.approx(np.mean(values[1:]))
        assert min(values) > 0.0
        assert max(values) <= 1.0
    table = rows(reported, 'autocorrelation')
    assert [row['set'] for row in table] == 8 * ['u'] + 8 * ['b']
    assert table[1]['quantity'] == 'mean B(0,0,0)'
    for noise, cycles in ((table[7], 12), (table[15], 9)):
        assert noise['quantity'] == 'noise'
        for lag in (1, 2):
            expected = 1 / np.sqrt(cycles - lag)
            assert float(noise[f'lag {lag}']) == pytest.approx(expected)


def test_same_seed_same_tables(folder, reported, tmp_path, quick):
    for name, seed in (('again', 1), ('other', 2)):
        arguments = ['b.db', 'h.xyz', '--reference', 'u.db', '-o', tmp_path / name]
        call(folder, *arguments, seed=seed)
    for table in TABLES:
        first = (reported / f'tables/{table}.csv').read_bytes()
        assert (tmp_path / f'again/tables/{table}.csv').read_bytes() == first
    first = (reported / 'tables/distances.csv').read_bytes()
    assert (tmp_path / 'other/tables/distances.csv').read_bytes() != first


def test_a_cycle_is_that_of_its_row(folder):
    row = connect(folder / 'b.db').get(id=9)
    trace, atoms = replay(row)
    np.testing.assert_allclose(atoms.positions, row.positions, atol=1e-9)
    assert trace['entropy'][-1] == pytest.approx(row.entropy)
    assert trace['e_rep'][-1] == pytest.approx(row.e_rep)
    assert trace['time'][-1] == row.evaluations
    assert (np.diff(trace['time']) >= 0).all()
    hot = np.isfinite(trace['bath_K'])
    assert trace['time'][hot].tolist() == list(range(51))
    assert set(trace['bath_K'][hot]) == {10000.0}
    assert set(trace['k_entropy'][~hot]) == {100.0}


def test_a_ramp_as_executed(tmp_path):
    ramp = AnnealSchedule(k_entropy=50.0, shuffle_steps=20, ramp_steps=101)
    harvest(tmp_path / 'a.db', 1, ramp)
    row = connect(tmp_path / 'a.db').get(id=1)
    trace, atoms = replay(row)
    np.testing.assert_allclose(atoms.positions, row.positions, atol=1e-9)
    assert trace['time'].tolist() == list(range(122))
    assert trace['k_entropy'][-1] == 50.0
    assert trace['bath_K'][-1] == 0.0
    np.testing.assert_allclose(np.diff(trace['k_entropy'][-50:]), 0.5)


# -------------------------------------------------------------------------- the page


class Page(HTMLParser):
    """Collects images, links and text."""

    def __init__(self, text):
        super().__init__()
        self.images, self.loaded, self.ids, self.words = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.images += [attributes] if tag == 'img' else []
        targets = [attributes[k] for k in ('src', 'href') if k in attributes]
        self.loaded += [target for target in targets if target[0] != '#']
        self.ids += [attributes['id']] if 'id' in attributes else []

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_needs_nothing_else(reported):
    text = (reported / 'index.html').read_text(encoding='utf-8')
    page = Page(text)
    assert {i.removeprefix('figure-') for i in page.ids if 'figure-' in i} == FIGURES
    assert {i.removeprefix('table-') for i in page.ids if 'table-' in i} == TABLES
    assert len(page.images) == len(FIGURES)
    for image in page.images:
        assert len(image['alt']) > 20
        svg = base64.b64decode(image['src'].removeprefix('data:image/svg+xml;base64,'))
        assert ET.fromstring(svg).tag == '{http://www.w3.org/2000/svg}svg'
        assert b'href="http' not in svg
    assert all(target.startswith('data:') for target in page.loaded)
    assert '@import' not in text
    assert 'url(' not in text
    assert "default-src 'none'" in text


def test_names_are_text(folder, tmp_path, quick):
    call(folder, 'u.db', '--names', '<b>&"|', '-o', tmp_path)
    text = (tmp_path / 'index.html').read_text(encoding='utf-8')
    assert '<b>' not in text
    assert '<b>&"|' in ''.join(Page(text).words)
    assert '&lt;b&gt;&amp;"\\|' in (tmp_path / 'tables/sets.md').read_text()


@pytest.mark.parametrize(
    'name', ['_hidden', '5$ and 6$', pytest.param('$', marks=pytest.mark.slow)]
)
def test_names_are_text_in_figures(folder, name):
    """Matplotlib would leave the first out of legends, and take the second for math."""
    paths = [folder / 'u.db', folder / 'b.db']
    sets = read_sets(paths, ['u', name], report=str)
    for picture in pictures(small_study(sets)):
        picture.figure.savefig(io.BytesIO(), format='svg')  # parses formulas
        shown = [text for axes in axes_of(picture.figure) for text in words_of(axes)]
        if picture.name != 'cycle':
            assert any(plain(name) in text for text in shown), picture.name


def axes_of(figure):
    parts = figure.subfigs or [figure]
    return [axes for part in parts for axes in part.axes]


def words_of(axes):
    legend = axes.get_legend()
    texts = [] if legend is None else [text.get_text() for text in legend.get_texts()]
    return [*texts, axes.get_title()]


@pytest.mark.skipif(chromium.PROGRAM is None, reason='no Chromium on this machine')
def test_the_page_opens_in_a_browser(reported, tmp_path):
    """No error on its console, every figure drawn, and something to see."""
    from matplotlib.image import imread

    page = (reported / 'index.html').resolve()
    options = ['--window-size=1000,3000', f'--screenshot={tmp_path / "shot.png"}']
    _, log = chromium.run(tmp_path, *options, page.as_uri())
    assert 'CONSOLE' not in log
    seen = imread(tmp_path / 'shot.png')
    assert seen.shape[:2] == (3000, 1000)
    dark_rows = (seen[..., :3].min(axis=(1, 2)) < 0.5).mean()
    assert dark_rows > 0.4
    widths = (
        '<script>onload = () => document.body.innerHTML = "widths:" + '
        '[...document.images].map(i => i.complete && i.naturalWidth).join(" ")</script>'
    )
    copy = tmp_path / 'copy.html'
    copy.write_text(page.read_text(encoding='utf-8') + widths, encoding='utf-8')
    dom, log = chromium.run(tmp_path, '--dump-dom', copy.as_uri())
    assert 'CONSOLE' not in log
    found = re.search(r'widths:([\d ]+)', dom)[1].split()
    assert len(found) == len(FIGURES)
    assert min(map(int, found)) > 100


@pytest.mark.skipif(chromium.PROGRAM is None, reason='no Chromium on this machine')
def test_the_browser_would_tell(tmp_path):
    page = tmp_path / 'bad.html'
    page.write_text('<script>nothing.there()</script>')
    _, log = chromium.run(tmp_path, '--dump-dom', page.as_uri())
    assert 'CONSOLE' in log


def test_table_for_readers():
    header = ['name', 'x', 'error of x']
    cells = [
        ['a', 1.23456, 0.0321],
        ['b|c', np.nan, np.nan],
        ['d', 0.210578, 7.99e-5],
        ['e', 117.3, 2.2],
        ['f', 1.5, 0.0],
    ]
    table = Table('t', 'A <title>', header, cells)
    assert table.markdown().splitlines()[2:] == [
        '| a | 1.23 ± 0.03 |',
        '| b\\|c |  |',
        '| d | 0.21058 ± 0.00008 |',
        '| e | 117 ± 2 |',
        '| f | 1.5 |',
    ]
    assert table.csv().splitlines()[1:3] == ['a,1.23456,0.0321', 'b|c,nan,nan']
    assert 'A &lt;title&gt;' in table.html()
    turned = Table('t', '', ['name', 'x'], [['a', 1], ['b', 2]], turned=True)
    assert turned.markdown().splitlines() == [
        '| name | a | b |',
        3 * '| --- ' + '|',
        '| x | 1 | 2 |',
    ]


# ------------------------------------------------------------------------- figures


B = [f'$B_{{{indices}}}$' for indices in '0,0,0 1,0,1 1,1,2 2,0,2 2,1,3 2,2,2'.split()]
DISTANCE = 'mean distance (deviations)'
LABELS = {
    'cycle': (
        ['evaluations of V'],
        ['T (1000 K)', 'K (eV)', 'S (nats)', '$E_{rep}$ (eV)'],
    ),
    'entropy': (
        ['cycle, or place in the set', 'S (nats)'],
        ['S (nats)', 'density (1/nats)'],
    ),
    'redundancy': (
        3 * ['configurations'],
        3 * ['distance (standard deviations)'],
    ),
    'sizes': (['number of atoms n'], ['S (nats)']),
    'growth': (['configurations'], ['S of the set (nats)']),
    'variety': (
        ['number of atoms', "density / elements' own"],
        ['probability density'],
    ),
    'pairs': (['distance (Å)'], ['density (1/Å)']),
    'configurations': ([], []),
    'radial': (['r (Å)'], ['g(r)']),
    'components': (B, 6 * ['density']),
    'first_component': (3 * B[:1], ['density']),
    'eighth_component': (3 * ['$B_{3,0,3}$'], ['density']),
    'distances': (
        ['distance to the nearest training environment (deviations)'],
        3 * ['density per decade'],
    ),
    'map': (
        ['first direction (deviations), SHARE of the variance'],
        ['second direction (deviations), SHARE'],
    ),
    'coverage': (
        4 * ['training configurations'],
        [*(3 * [DISTANCE]), 'pooled S (nats)'],
    ),
    'correlations': (['component'], ['multiple correlation R']),
    'autocorrelation': (2 * ['lag (cycles)'], 2 * ['autocorrelation']),
}


def test_every_axis_says_what_it_is(folder):
    found = small_study(sets_of(folder, 'u.db', 'b.db', 'h.xyz'))
    labels = {}
    for picture in pictures(found):
        shown = [axes for axes in picture.figure.get_axes() if axes.axison]
        assert all(axes.has_data() for axes in shown)
        labels[picture.name] = tuple(
            [re.sub(r'\d+%', 'SHARE', label) for label in map(get, shown) if label]
            for get in (Axes.get_xlabel, Axes.get_ylabel)
        )
    assert labels == LABELS


def test_sets_differ_in_grey():
    for attribute in ('color', 'line', 'marker', 'hatch'):
        assert len({getattr(Style(s), attribute) for s in range(8)}) == 8
    assert vars(Style(plots.STYLES)) == vars(Style(0))


def test_crystals_do_not_squeeze_others(tmp_path):
    crystal = radial_distribution([bulk('W')], bins=400)
    rattled = bulk('W', cubic=True) * 3
    rattled.rattle(0.4, seed=0)
    axes = plot_radial({'crystal': crystal, 'rattled': radial_distribution([rattled])})
    assert axes.get_ylim()[1] < 0.5 * crystal.g_b.max()
    assert axes.get_xlabel() == 'r (Å)'


def test_axes_of_wide_maps_are_not_linear():
    rng = np.random.default_rng(0)
    narrow, wide = rng.standard_normal((50, 2)), 100 * rng.standard_normal((50, 2))
    assert plot_map({'a': narrow}, [0.6, 0.4]).get_xscale() == 'linear'
    axes = plot_map({'a': narrow, 'b': wide}, [0.6, 0.4])
    assert axes.get_xscale() == axes.get_yscale() == 'asinh'


def test_zero_distances_are_said():
    axes = plot_distances({'a → a': np.array([0.0, 0.1, 0.2, 1.0])})
    assert axes.get_legend_handles_labels()[1] == ['a → a (25% at 0)']
    empty = plot_distances({'a → a': np.zeros(3)})
    assert empty.get_legend_handles_labels()[1] == ['a → a (100% at 0)']


@pytest.mark.parametrize('sets', [1, 4, 5, 8])
def test_legends_above_are_within_the_figure(sets):
    figure = plots.new_figure(10, 4)
    left, _ = figure.subplots(1, 2)
    values = {f'set {s}': np.array([0.0, 1.0 * s]) for s in range(sets)}
    legend = plots.plot_entropies(values, axes=left).get_legend()
    figure.draw_without_rendering()
    assert len(legend.get_texts()) == sets
    ends = legend.get_window_extent(), left.get_window_extent()
    assert ends[0].y1 <= figure.bbox.y1
    assert ends[0].y0 >= ends[1].y1 - 1.0


def test_every_column_of_histograms_has_numbers():
    five = {f'set {s}': np.ones(2) for s in range(5)}
    panels = plots.plot_side_by_side(five, np.arange(3.0), 'q')
    panels[0].figure.draw_without_rendering()
    shown = [any(t.get_visible() for t in p.get_xticklabels()) for p in panels]
    assert shown == [False, False, True, True, True]


@pytest.mark.parametrize('nothing', [None, {}, 'a', [np.arange(3.0)]])
@pytest.mark.parametrize(
    ('plot', 'others'),
    [
        (plots.plot_radial, []),
        (plots.plot_entropies, []),
        (plots.plot_correlations, [['B']]),
        (plots.plot_histograms, [[0.0, 1.0], 'q']),
        (plots.plot_side_by_side, [[0.0, 1.0], 'q']),
        (plots.plot_distances, []),
        (plots.plot_map, [[0.6, 0.4]]),
    ],
)
def test_plots_of_nothing(plot, others, nothing):
    message = complaint(plot, nothing, *others)
    assert message.endswith('expected a dict, by the names of one set or more')
    message = complaint(plots.plot_coverage, {'a': [1]}, nothing)
    assert message.startswith('values=')


def test_histograms_show_densities():
    axes = plot_histograms({'a': np.array([1.0, 3.0])}, np.arange(3.0), 'S', 'nats')
    assert (axes.get_xlabel(), axes.get_ylabel()) == ('S (nats)', 'density (1/nats)')
    np.testing.assert_array_equal(axes.patches[0].get_data().values, [1.0, 3.0])


# ------------------------------------------------------- odd sets, and what is said


def test_reference_by_default(folder, tmp_path, capsys, quick):
    call(folder, 'u.db', 'b.db', '-o', tmp_path)
    printed = capsys.readouterr().out
    assert f'no --reference: it is {folder / "u.db"}, the first set' in printed
    assert 'No reference was named: it is u' in (tmp_path / 'index.html').read_text()
    assert [row['set'] for row in rows(tmp_path, 'sets')] == ['u', 'b']


def test_the_same_sets_have_the_same_report():
    parser = CommandParser.of('report', CLICommand)
    assert parser.parse_words(['u.db']).seed == 0


@pytest.mark.parametrize(
    ('arguments', 'names'),
    [
        (['b.db', 'u.db', '--reference', 'u.db'], ['u', 'b']),
        (['b.db', 'u.db', '--reference', 'u.db', '--names', 'B,U'], ['U', 'B']),
        (['b.db', '--reference', 'u.db', '--names', 'B,U'], ['U', 'B']),
        (['b.db', '--reference', 'u.db', '--names', 'B'], ['u', 'B']),
        (['b.db', 'u.db', '--names', 'B,U'], ['B', 'U']),
    ],
)
def test_names_and_order(folder, tmp_path, arguments, names, quick):
    call(folder, *arguments, '-o', tmp_path)
    assert [row['set'] for row in rows(tmp_path, 'sets')] == names


def test_rows_can_be_chosen(folder, tmp_path, quick):
    call(folder, 'u.db', f'{folder / "b.db"}@cycle<4', '-o', tmp_path)
    assert [row['configurations'] for row in rows(tmp_path, 'sets')] == ['12', '4']
    odd = tmp_path / 'a@b.xyz'
    write(odd, bulk('W'), format='extxyz')
    assert sources_of(odd) == [Source(odd)]


def test_sets_of_the_same_name(folder, tmp_path):
    write(tmp_path / 'u.xyz', list(read_dataset(folder / 'u.db').iter_atoms()))
    sets = read_sets([folder / 'u.db', tmp_path / 'u.xyz'], report=str)
    assert [dataset.name for dataset in sets] == ['u', 'u (2)']


def test_files_have_the_descriptor_of_the_rows(folder, tmp_path):
    database = connect(tmp_path / 'w.db')
    wide = EntropyCalculator(Bispectrum(cutoff=4.5, components=4)).todict()
    for atoms in read_dataset(folder / 'u.db').iter_atoms():
        database.write(atoms, data={'calculator': wide})
    sets = read_sets([folder / 'h.xyz', tmp_path / 'w.db'], report=str)
    assert [dataset.name for dataset in sets] == ['h', 'w']
    assert {dataset.descriptor for dataset in sets} == {Bispectrum(4.5, components=4)}


def test_sets_with_different_descriptors(folder, tmp_path, quick):
    sets = sets_of(folder, 'u.db', 'b.db')
    sets[1] = read_dataset(folder / 'b.db', Bispectrum(components=5))
    message = complaint(small_study, sets)
    assert message.startswith(
        'u and b have different descriptors, expected one for all'
    )
    call(folder, 'u.db', 'b.db', '--components', '5', '-o', tmp_path)
    assert '"components": 5' in (tmp_path / 'index.html').read_text().replace(
        '&quot;', '"'
    )


def test_descriptor_of_dscribe(folder, tmp_path, quick):
    call(folder, 'u.db', 'b.db', '--descriptor', 'acsf', '-o', tmp_path)
    quantities = {row['quantity'] for row in rows(tmp_path, 'autocorrelation')}
    assert 'mean q(1)' in quantities
    components = [row['component'] for row in rows(tmp_path, 'correlations')]
    assert components == ['mean', 'q(7)', 'q(8)']


def test_different_elements(folder, tmp_path):
    write(tmp_path / 'be.xyz', bulk('Be'), format='extxyz')
    found = small_study(read_sets([folder / 'u.db', tmp_path / 'be.xyz'], report=str))
    assert found.notes[0].startswith('be holds Be, the reference W: lengths are')
    message = complaint(read_dataset, tmp_path / 'be.xyz', Bispectrum(species=['W']))
    assert "the atoms hold ['Be']: expected these elements only" in message


def test_one_configuration(folder, tmp_path):
    """A report on next to nothing: what cannot be drawn is left out, and said."""
    write(tmp_path / 'one.xyz', bulk('W', cubic=True), format='extxyz')
    call(folder, 'u.db', tmp_path / 'one.xyz', '-o', tmp_path / 'r')
    text = (tmp_path / 'r/index.html').read_text()
    for note in (
        'u has 120 environments, fewer than 9000: distances are those to 80 training',
        'one has 2 environments: it is trained and tested with as many',
        'one: no walkers and cycles, hence no autocorrelation',
        'one: fewer than 5 configurations, no coverage',
        'one: no multiple correlation (q_ek has shape (2, 55)',
    ):
        assert note in text
    alone, _ = sets_of(folder, 'u.db', 'b.db')
    found = small_study([alone])
    assert list(found.surrogate) == [('u', 'u')]
    assert found.cycle is None


@pytest.mark.slow
def test_atoms_of_their_own(folder, tmp_path):
    path = tmp_path / 'alone.xyz'
    write(
        path, [Atoms('W'), Atoms('W'), bulk('W'), Atoms('W2', [(0, 0, 0), (3, 0, 0)])]
    )
    found = small_study(read_sets([folder / 'u.db', path], report=str))
    assert 'alone: 3 configurations of a single atom have no entropy' in found.notes
    assert 'alone: g(r) of its 1 periodic configurations' in found.notes
    write_report(found, tmp_path / 'r', report=str)
    write(path, [Atoms('W'), Atoms('W')])
    found = small_study(read_sets([folder / 'u.db', path], report=str))
    assert 'alone: no periodic configurations, hence no g(r)' in found.notes
    write_report(found, tmp_path / 'r', report=str)
    u, alone = rows(tmp_path / 'r', 'sets')
    assert (alone['S (nats)'], alone['shortest pair (Å)']) == ('nan', '')


def test_a_component_of_its_own(folder, tmp_path):
    call(folder, 'u.db', 'b.db', '--twojmax', '0', '--components', '1', '-o', tmp_path)
    assert 'a single component, hence no map' in (tmp_path / 'index.html').read_text()


def test_cycles_that_cannot_be_watched(folder, tmp_path):
    database = connect(tmp_path / 'b.db')
    for row in connect(folder / 'b.db').select():
        data = {k: v for k, v in row.data.items() if k != 'dynamics'}
        database.write(row.toatoms(), **row.key_value_pairs, data=data)
    found = small_study(read_sets([folder / 'u.db', tmp_path / 'b.db'], report=str))
    assert found.cycle is None
    assert "cannot watch the cycle of b id 9 ('dynamics')" in found.notes
    database.update(9, evaluations=10**9)
    found = small_study(read_sets([folder / 'u.db', tmp_path / 'b.db'], report=str))
    assert 'b: cycles take too long to watch one' in found.notes


def test_studies_of_nothing(folder):
    assert complaint(small_study, []) == 'sets holds none: expected one or more'
    u, b, h = sets_of(folder, 'u.db', 'b.db', 'h.xyz')
    assert complaint(small_study, [u, u]).startswith("names=['u', 'u']: expected diff")
    assert complaint(study, [u], rng=1).startswith('rng=1: expected')
    message = complaint(study, [u], rng=np.random.default_rng(0), decompositions=0)
    assert message.startswith('decompositions=0: expected')


def test_folders_that_cannot_be_written(tmp_path):
    (tmp_path / 'file').touch()
    for name in ('file', 'file/below'):
        message = complaint(make_folder, tmp_path / name)
        assert message.startswith(f"folder='{tmp_path / name}': cannot be written (")
        assert message.endswith('expected the name of a folder')


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (['missing.db'], 'missing.db: there is no such file'),
        (['u.db', '--reference', 'no.db'], 'no.db: there is no such file'),
        (['u.db@entropy>99'], "select='entropy>99': expected a query that selects "),
        (['u.db@entropy>>5'], "select='entropy>>5': expected a query of ase.db"),
        (['h.xyz@entropy>5'], 'a query is for databases'),
        (['u.db', 'u.db'], 'is there twice: expected different sets'),
        (['bad.cif'], 'bad.cif: expected a file that ASE reads'),
        (['empty.xyz'], 'empty.xyz'),
        (['u.db', 'b.db', '--names', 'a'], '--names=a: expected 2 different names'),
        (['u.db', 'b.db', '--names', 'a,a'], '--names=a,a: expected 2 different names'),
        (['b.db', '--reference', 'u.db', '--names', 'a,b,c'], 'of b.db, u.db'),
        (['u.db', '-o', 'h.xyz'], 'h.xyz: cannot be written ('),
        (['u.db', '--decompositions', '0'], '--decompositions=0: expected a whole'),
        (['u.db', '--seed', '-1'], '--seed=-1: expected a whole number >= 0'),
        (['u.db', '--cutoff', '-1'], '--cutoff=-1.0: expected a finite number > 0.0'),
        (['u.db', '--weights', 'Be=2'], "weights names ['Be']: expected some of"),
        (['u.db', '--components', '99'], '--components 99: expected a whole number'),
        (['u.db', '--descriptor', 'mbtr'], 'invalid choice'),
        ([], 'the following arguments are required: SET'),
    ],
)
def test_command_line(folder, arguments, sentence, capsys, tmp_path, monkeypatch):
    for name in ('u.db', 'b.db', 'h.xyz'):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / 'bad.cif').write_text('no crystal')
    (tmp_path / 'empty.xyz').touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(['report', *arguments])
    assert caught.value.code == 2
    (last,) = [x for x in capsys.readouterr().err.splitlines() if 'error: ' in x]
    assert sentence in last


SECRET = 'postgresql://me:secret@127.0.0.1:1/w'


@pytest.mark.parametrize(
    'words',
    [
        ['report', SECRET, SECRET],
        ['report', SECRET, '--names', 'a,b,c'],
        ['report', f'{SECRET}@entropy>5'],
        ['harvest', '--scale-from', SECRET],
        ['harvest', '--db', SECRET],
        ['info', SECRET],
    ],
)
def test_passwords_are_not_printed(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(words)
    printed = capsys.readouterr()
    assert caught.value.code == 2
    assert 'me:***@127.0.0.1:1/w' in printed.err
    assert 'secret' not in printed.out + printed.err


def test_interrupted(folder, tmp_path, monkeypatch, capsys):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr('ase_entropy.cli.report.study', interrupt)
    with pytest.raises(SystemExit) as caught:
        call(folder, 'u.db', '-o', tmp_path)
    assert caught.value.code == 130
    assert 'interrupted: the same command begins anew' in capsys.readouterr().out


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_interrupts_that_a_library_swallows(number, folder, tmp_path, monkeypatch):
    """They count all the same, before the next line."""

    def swallow(found):
        with contextlib.suppress(BaseException):
            signal.raise_signal(number)
        yield from pictures(found)

    monkeypatch.setattr('ase_entropy.report.writing.pictures', swallow)
    with pytest.raises(SystemExit) as caught:
        call(folder, 'u.db', '-o', tmp_path)
    assert caught.value.code == 130
    assert not (tmp_path / 'index.html').exists()
    assert 'interrupted' in (tmp_path / 'report.log').read_text()


def test_configurations_that_two_sets_share(folder, tmp_path, quick, capsys):
    """Also where they went through a file, and are in another order."""
    rows = list(connect(folder / 'b.db').select())
    write(tmp_path / 'copy.xyz', [row.toatoms()[::-1] for row in rows[::-2]])
    copy = str(tmp_path / 'copy.xyz')
    call(folder, 'b.db', copy, '--reference', 'u.db', '-o', tmp_path / 'r')
    printed = capsys.readouterr().out
    assert '5 of the 9 configurations of b are in copy, too: distances' in printed
    assert printed.count('configurations of b are') == 1


def test_options_change_the_descriptor_of_the_rows(tmp_path, quick, capsys):
    """Weights, radii and cutoff stay, where nothing is said of them."""
    path = str(tmp_path / 'w.db')
    options = ['--formula', 'W4Be2', '--cell', '5', '5', '6', '--cutoff', '3.5']
    options += ['--weights', 'W=1,Be=0.5', '--samples', '6', '--interval', '20']
    main(['unbiased', *options, '--seed', '1', '--db', path])
    whole, radii = read_dataset(path), {'Be': 0.4, 'W': 0.5}
    for words, change in (
        (['--components', '3'], {'components': 3}),
        (['--cutoff', '4'], {'cutoff': 4.0}),
        (['--radii', 'W=0.5,Be=0.4'], {'radii': radii, 'species': ('Be', 'W')}),
    ):
        expected = dataclasses.replace(whole.descriptor, **change)
        sources = _known([path], words)
        assert sources == expected
    call(tmp_path, 'w.db', '--components', '6', '-o', tmp_path / 'r')
    (own,) = rows(tmp_path / 'r', 'sets')
    entropy_m = entropies(whole.q_ek, whole.first_m, NearestNeighborEntropy())
    assert float(own['S (nats)']) == pytest.approx(entropy_m.mean())


def _known(sources, words):
    """Return the descriptor that `report` takes."""
    parser = argparse.ArgumentParser()
    descriptor_options.add_arguments(parser)
    return descriptor_options.descriptor_of_sets(parser.parse_args(words), sources)


def test_options_for_rows_with_a_descriptor_of_dscribe(rows_of_soap, capsys):
    for words in (['--components', '3'], ['--cutoff', '4'], ['--n-max', '2']):
        assert complaint(_known, [rows_of_soap], words) == (
            '--descriptor is missing, and rows have a DscribeDescriptor: expected it '
            'with all other options of the descriptor'
        )
    found = _known([rows_of_soap], ['--descriptor', 'bispectrum'])
    assert found == Bispectrum(components=6)


@pytest.fixture
def rows_of_soap(tmp_path):
    """A database of one row."""
    options = ['--formula', 'W4', '--cell', '5', '5', '5', '--samples', '1']
    options += ['--interval', '5', '--descriptor', 'soap', '--n-max', '2']
    main(['unbiased', *options, '--seed', '1', '--db', str(tmp_path / 'soap.db')])
    return str(tmp_path / 'soap.db')


@pytest.mark.parametrize('key', ['group', 'config_type'])
@pytest.mark.parametrize('values', [(1, 2), ('a', 'b')])
def test_groups_of_rows(key, values, folder, tmp_path, quick):
    """As those of files, whether they are numbers or words."""
    database = connect(tmp_path / 'g.db')
    for n in range(8):
        atoms = bulk('W', cubic=True)
        atoms.rattle(0.1, seed=n)
        database.write(atoms, **{key: values[n % 2]})
    call(folder, tmp_path / 'g.db', '--reference', 'u.db', '-o', tmp_path / 'r')
    found = [
        (row['group'], row['configurations']) for row in rows(tmp_path / 'r', 'groups')
    ]
    assert found == [(str(value), '4') for value in values]


def test_sources(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ('w.db', 'a@b.db', 'x@y'):
        Path(name).touch() if '.' in name else Path(name).mkdir()
    Path('x@y/w.db').touch()
    long = ','.join(['cycle>=0'] * 50)
    for name in ('w.db', 'a@b.db', 'x@y/w.db', 'missing.db'):
        for query in (None, 'entropy>5', 'user=a/b', long):
            source = name if query is None else f'{name}@{query}'
            if name == 'missing.db':
                assert 'there is no such file' in complaint(sources_of, source)
            else:
                assert sources_of(source) == [Source(Path(name), query)]


def test_help_of_the_report(capsys):
    with pytest.raises(SystemExit):
        main(['report', '--help'])
    printed = ' '.join(capsys.readouterr().out.split())
    assert printed.count('(default: that of the rows, or the bispectrum') == 4


def test_autocorrelation_beside_a_component_that_does_not_vary():
    """Rounding errors of a constant are no measurement."""
    rng = np.random.default_rng(1)
    q_ek = np.column_stack([rng.random(40), 2.5 + 1e-13 * rng.standard_normal(40)])
    keys = {'walker': np.zeros(20), 'cycle': np.arange(20.0)}
    dataset = Dataset(
        'a',
        'a.db',
        None,
        q_ek,
        np.arange(0, 41, 2),
        np.full(40, 74),
        np.full(20, 99.0),
        keys,
    )
    found = Study([dataset], entropy={'a': rng.random(20)})
    autocorrelate(found, dataset)
    r_lx = found.autocorrelation['a'].r_l
    assert np.isfinite(r_lx[:, :2]).all()
    assert np.isnan(r_lx[:, 2]).all()


def test_names_that_tables_would_take_for_errors(folder):
    sets = read_sets(
        [folder / 'u.db', folder / 'b.db'], ['u', 'error of u'], report=str
    )
    message = complaint(study, sets, rng=np.random.default_rng(1))
    assert message.endswith("expected none that begins with 'error of '")


def test_a_set_on_a_server(tmp_path, postgres, capsys):
    """The tables of a set on a server are those of the same set in a file."""
    path = str(tmp_path / 'w.db')
    small = ['--formula', 'W8', '--cell', '6', '6', '6', '--seed', '1']
    for db in (path, postgres):
        main(['unbiased', *small, '--samples', '6', '--interval', '20', '--db', db])
    for name, source in (('file', path), ('server', f'{postgres}@entropy>-99')):
        options = ['--seed', '1', '--names', 'w', '-o', str(tmp_path / name)]
        main(['report', source, *options, '--decompositions', '5'])
    one, two = (
        (tmp_path / name / 'tables' / 'distances.csv').read_text()
        for name in ('file', 'server')
    )
    assert one == two
    printed = capsys.readouterr().out
    assert 'secret' not in printed
    hidden = postgres.replace('secret', '***')
    assert f'report on {hidden}@entropy>-99, seed 1' in printed
    assert 'secret' not in repr(read_dataset(postgres))
