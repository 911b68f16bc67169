"""What a report says in short, what sets lack, and the map in its page."""

import json
import re
import shlex
from html.parser import HTMLParser
from types import SimpleNamespace

import chromium
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from ase.io import read, write
from scipy.spatial.distance import cdist

from ase_entropy.analysis import are_covered, common_edges
from ase_entropy.cli import main
from ase_entropy.plots.style import Style
from ase_entropy.report import read_sets, specimens, study, tables, write_report
from ase_entropy.report.figures.comparisons import draw_map
from ase_entropy.report.figures.labels import draw_labels
from ase_entropy.report.specimens import Specimens
from ase_entropy.report.stages import Covered, Halves
from ase_entropy.report.verdict import (
    Absence,
    absent_kinds,
    advice,
    sentences,
    verdict,
)

BAD = '</script><b>'  # as the name of a set


def frames(number, symbols=('Ni',), cells=(2, 1, 1), stretch=0.0, seed=0):
    """Return rattled fcc crystals with an energy of -1 eV an atom."""
    rng, made = np.random.default_rng(seed), []
    for _ in range(number):
        atoms = bulk('Ni', a=3.52 * (1 + stretch * rng.random()), cubic=True) * cells
        atoms.symbols = [symbols[n % len(symbols)] for n in range(len(atoms))]
        atoms.positions += 0.1 * rng.standard_normal(atoms.positions.shape)
        atoms.calc = SinglePointCalculator(atoms, energy=-1.0 * len(atoms))
        made.append(atoms)
    return made


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Crystals in cells of one size, twice the first of them, and wider ones."""
    folder = tmp_path_factory.mktemp('sets')
    narrow = frames(9, cells=(1, 1, 1))
    write(folder / 'narrow.xyz', [*narrow, narrow[0]], format='extxyz')
    wide = frames(8, stretch=0.3, seed=1)
    wide += [Atoms('Ni'), *frames(3, ('Ni', 'Al'), seed=2)]
    write(folder / 'wide.xyz', wide, format='extxyz')
    return folder


def studied(folder, *names, **kwargs):
    sets = read_sets([folder / name for name in names], report=str, **kwargs)
    rng = np.random.default_rng(0)
    return study(sets, rng=rng, decompositions=3, report=str)


@pytest.fixture(scope='module')
def both(folder):
    return studied(folder, 'narrow.xyz', 'wide.xyz', names=['narrow', BAD])


@pytest.fixture(scope='module')
def page(both, folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('ase_entropy.report.writing.pictures', draw_map)
        return write_report(both, folder / 'report', report=str)


def rows_of(results, name):
    (table,) = (table for table in tables(results) if table.name == name)
    return [dict(zip(table.header, row, strict=True)) for row in table.rows]


# ------------------------------------------------------------------ what is missing


def test_what_a_set_covers():
    """By all distances, in deviations of the covered set, for each element."""
    rng = np.random.default_rng(0)
    x_ek = [rng.normal(size=(n, 3)) * (1.0, 5.0, 0.1) for n in (40, 60)]
    z_e = [rng.choice([13, 28], len(x)) for x in x_ek]
    found_e = are_covered(
        x_ek[0], x_ek[1], x_ek[1], numbers=(z_e[0], z_e[1], z_e[1]), near=0.4
    )
    for z in (13, 28):
        train, test = (x[n == z] for x, n in zip(x_ek, z_e, strict=True))
        d_ee = cdist(test / test.std(axis=0), train / test.std(axis=0))
        expected = d_ee.min(axis=1) <= 0.4 * np.sqrt(3)
        assert 0 < expected.sum() < len(expected)
        np.testing.assert_array_equal(found_e[z_e[1] == z], expected)
    z_e[0][:] = 13
    lacking_e = are_covered(*x_ek, x_ek[1], numbers=(z_e[0], z_e[1], z_e[1]))
    assert not lacking_e[z_e[1] == 28].any()


def test_sparse_sets_do_not_cover_more():
    """Neither far points nor a few of many, whatever their own distances."""
    rng = np.random.default_rng(1)
    many_ek = rng.normal(size=(2000, 6))
    far_ek = 30.0 + 20.0 * rng.normal(size=(100, 6))
    assert not are_covered(far_ek, many_ek, many_ek).any()
    assert are_covered(many_ek[:200], many_ek, many_ek).mean() < 0.3
    same_ek = rng.normal(size=(2000, 6))
    assert are_covered(same_ek, many_ek, many_ek).mean() < 0.8
    assert not are_covered(many_ek, far_ek, far_ek).any()


def test_a_component_that_the_covered_set_does_not_vary():
    crystal_ek = np.ones((5, 2))
    near_ek, far_ek = crystal_ek + [0.0, 1e-13], crystal_ek + [0.0, 1.0]
    assert are_covered(near_ek, crystal_ek, crystal_ek).all()
    assert not are_covered(far_ek, crystal_ek, crystal_ek).any()


def test_coverage_of_a_study(both):
    """Of the other set by arrays; of its own, half covers less than the whole."""
    narrow, wide = both.sets
    covered_e = are_covered(
        wide.q_ek,
        narrow.q_ek,
        narrow.q_ek,
        numbers=(wide.numbers_e, narrow.numbers_e, narrow.numbers_e),
    )
    found = both.covered[BAD, 'narrow']
    assert found.share == pytest.approx(covered_e.mean())
    assert found.error == pytest.approx(
        np.std(covered_e.reshape(8, 5).mean(axis=1), ddof=1) / np.sqrt(8)
    )
    shown = {(r['set'], r['covers of']): r['share'] for r in rows_of(both, 'coverage')}
    assert shown == {pair: own.share for pair, own in both.covered.items()}
    assert both.covered['narrow', 'narrow'] == both.halves['narrow'].whole
    for own in both.halves.values():
        assert own.half.share <= own.whole.share < 1.0
        assert own.whole.error > 0.0
    assert both.halves['narrow'].configurations == 8


def test_what_sets_lack(both):
    found = {
        (row['set'], row['lacks'], row['which']): row['configurations']
        for row in rows_of(both, 'absent')
    }
    assert found['narrow', 'element', 'Al'] == 3
    assert found['narrow', 'atoms', 'below 4'] == 1  # the isolated atom
    assert found['narrow', 'atoms', 'above 4'] == 11
    assert found['narrow', 'density', 'above 1.00'] == 3  # Al, as dense as Ni
    assert found['narrow', 'density', 'below 1.00'] > 3
    assert not any(key[0] != 'narrow' and key[1] == 'atoms' for key in found)


def test_the_verdict_says_what_the_tables_say(both):
    said = verdict(both)
    assert said.there.startswith('narrow holds 10 configurations with 40 environments')
    best = max(
        (row for row in rows_of(both, 'coverage') if row['set'] != row['covers of']),
        key=lambda row: row['share'],
    )
    name, own = best['set'], both.halves[best['set']].whole
    assert said.judgment.startswith(f'{name} is sparse: of new configurations,')
    assert f' it covers {own} of the environments, less than 90%' in said.judgment
    assert f'; it covers {Covered(best["share"], best["error of share"])} of' in (
        said.judgment
    )
    absent = next(x.sentence for x in said.others if 'narrow has no' in x.sentence)
    assert 'narrow has no number of atoms above 4 (11 conf' in absent
    more = len(rows_of(both, 'absent')) - 3
    assert absent.endswith(f'; the table "absent" has {more} more.')
    assert said.advice.sentence.startswith('Advice: add ')
    assert said.lines()[:3] == [said.there, said.judgment, said.advice.sentence]


def fake(monkeypatch, names='abc', overlapping=(), **kwargs):
    """Return a study of sets that hold nothing but names, and no absences."""
    monkeypatch.setattr(sentences, 'absences', lambda _: [])
    for module in (sentences, advice):
        monkeypatch.setattr(module, 'absent_kinds', lambda *_: [])
        monkeypatch.setattr(
            module,
            'are_overlapping',
            lambda _, d: np.full(10, d.name in overlapping),
        )
    sets = [Named(name) for name in names]
    empty = dict.fromkeys(('covered', 'halves', 'redundancy', 'lonely', 'variety'), {})
    labels = {name: SimpleNamespace(are_alike=True) for name in names}
    return SimpleNamespace(**{'sets': sets, 'labels': labels, **empty, **kwargs})


class Named(SimpleNamespace):
    def __init__(self, name):
        super().__init__(
            name=name,
            path=f'{name} b.db',
            species=('Ni',),
            q_ek=[0] * 10,
            first_m=np.arange(11),
        )

    def __len__(self):
        return 10


def test_sets_far_from_each_other(monkeypatch):
    """Averages over the others decide."""
    share = {'ab': 0.0, 'ac': 0.5, 'ba': 0.2, 'bc': 0.0, 'ca': 0.1, 'cb': 0.3}
    covered = {tuple(pair): Covered(x, 0.01) for pair, x in share.items()}
    found = fake(monkeypatch, covered=covered)
    assert advice.best_of(found).name == 'a'
    said = verdict(found)
    assert said.judgment.endswith('; it covers 25% of the others, on average.')
    assert said.others[0].sentence == 'b covers 20 ± 1% of a, no other set more.'
    assert said.advice.sentence.startswith('Advice: add 10 configurations of b to a,')
    several = [Absence('b', 'atoms', 'above 4', 9, tuple('acde'))]
    monkeypatch.setattr(sentences, 'absences', lambda _: several)
    named = 'b has no number of atoms above 4 (9 configurations of 4 other sets).'
    assert verdict(found).others[1].sentence == named


def test_overlapping_atoms_come_last(monkeypatch):
    """A set that covers all is not the best, and is not added to others."""
    covered = {('a', 'b'): Covered(1.0, 0.0), ('b', 'a'): Covered(0.0, 0.0)}
    found = fake(monkeypatch, 'ab', overlapping='a', covered=covered)
    assert advice.best_of(found).name == 'b'
    said = verdict(found)
    assert (
        said.advice.sentence == 'Advice: nothing has to be added to b: train with it.'
    )
    assert said.others[0].sentence.startswith(
        'Warning: in 10 configurations of a atoms'
    )
    found = fake(monkeypatch, 'a', overlapping='a')
    assert verdict(found).judgment.startswith('a should not be trained with as it is')
    assert 'make another set' in verdict(found).advice.sentence


@pytest.mark.parametrize(
    ('share', 'scatter', 'word'),
    [(0.8, 0.05, 'sparse'), (0.88, 0.05, 'dense'), (0.95, 0.0, 'dense')],
)
def test_advice_is_given_beyond_the_scatter_only(share, scatter, word, monkeypatch):
    own = Covered(share, scatter)
    halves = {'a': Halves(8, Covered(0.5, 0.1), own)}
    said = verdict(fake(monkeypatch, 'a', halves=halves))
    assert said.judgment.startswith(f'a is {word}: of new conf')
    assert f'it covers {own} of' in said.judgment
    more = said.advice.sentence.startswith('Advice: add 10 configurations, made so')
    assert more is (word == 'sparse')
    between = {('a', 'b'): Covered(share, scatter), ('b', 'a'): Covered(0.0, 0.0)}
    said = verdict(fake(monkeypatch, 'ab', covered=between))
    assert ('of b to a' in said.advice.sentence) is (scatter == 0.0 and share < 0.9)


def test_kinds_that_a_set_lacks(folder):
    found = studied(folder, 'wide.xyz')
    (dataset,) = found.sets
    absent = ['dimers', 'slabs or clusters']
    assert absent_kinds(found, dataset) == absent
    said = verdict(found)
    (ranges,) = (x.sentence for x in said.others if x.sentence.startswith('Numbers'))
    assert 'go from 1 to 8; densities' in ranges
    found.halves['wide'] = Halves(8, Covered(0.9, 0.0), Covered(1.0, 0.0))
    said = verdict(found)
    assert 'wide is dense, but narrow, without dimers, slabs or clus' in said.judgment
    assert f'--cycles {advice.NEW} --away-from ' in said.advice.command


def test_atoms_that_overlap_or_are_alone(tmp_path):
    """Dimers in vacuum may be short; an isolated atom is no atom without neighbors."""
    frames_ = frames(6, stretch=0.1)
    frames_[2].positions[1] = frames_[2].positions[0] + (0.0, 0.0, 1.0)
    short, far = (Atoms('Ni2', [(0, 0, 0), (x, 0, 0)]) for x in (1.0, 20.0))
    write(tmp_path / 'ni.xyz', [*frames_, short, far, Atoms('Ni')], format='extxyz')
    found = studied(tmp_path, 'ni.xyz')
    assert found.lonely == {'ni': 1}
    said = verdict(found)
    assert said.judgment == ('ni should not be trained with as it is: atoms overlap.')
    assert said.advice.sentence.startswith('Advice: leave the 1 configuration with')
    lonely = [x.sentence for x in said.others if 'no neighbor within' in x.sentence]
    assert len(lonely) == 1
    same = frames(6)
    same[2].positions[1] = same[2].positions[0] + (0.0, 0.0, 1.0)
    write(tmp_path / 'same.xyz', same, format='extxyz')  # cells of one size
    found = studied(tmp_path, 'same.xyz')
    assert not found.variety
    assert verdict(found).others[0].sentence.startswith('Warning: in 1 configuration')


def test_commands_run(folder, tmp_path, monkeypatch, capsys):
    """As they are printed, in a folder where their names are taken."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(advice, 'NEW', 2)
    for name, own in (("it's wide.xyz", 'wide.xyz'), ('narrow.xyz', 'narrow.xyz')):
        (tmp_path / name).write_bytes((folder / own).read_bytes())
    taken = ('more.db', 'added.db', 'without.extxyz', 'apart.extxyz')
    for name in taken:
        (tmp_path / name).touch()
    short = frames(6, stretch=0.1)
    short[2].positions[1] = short[2].positions[0] + (0.0, 0.0, 1.0)
    write('short.xyz', short, format='extxyz')

    def said(*names):
        sets = read_sets(names, report=str)
        rng = np.random.default_rng(0)
        return verdict(study(sets, rng=rng, decompositions=2, report=str))

    def run(command):
        program, *words = shlex.split(command)
        assert program == 'ase-entropy'
        main(words)
        return words

    wide = "it's wide.xyz"
    two = said(wide, 'narrow.xyz')
    assert run(two.advice.command)[-1] == 'added2.db'
    (drop,) = (x.command for x in two.others if x.command)
    run(drop)
    assert 'near-duplicates: 1 of 10 configurations' in capsys.readouterr().out
    kept = sorted(
        int(a.info['source'].split('#')[1]) for a in read('without2.extxyz', ':')
    )
    assert kept == list(range(9))  # the last was the first again
    run(said('short.xyz').advice.command)
    assert len(read('apart2.extxyz', ':')) == 5
    write('both.xyz', [*short, short[0]], format='extxyz')
    (drop,) = (x.command for x in said('both.xyz').others if x.command)
    run(drop)
    assert len(read('without3.extxyz', ':')) == 6  # overlapping ones are not its matter
    monkeypatch.setattr(advice, 'UNCOVERED', 1.0)
    monkeypatch.setattr(advice, 'DENSE', 0.0)
    words = run(said(wide, 'narrow.xyz').advice.command)
    assert words[words.index('--away-from') + 1] == f'{wide}+narrow.xyz'
    assert words[words.index('--db') + 1] == 'more2.db'
    assert connect('more2.db').count() == 2
    assert all((tmp_path / name).stat().st_size == 0 for name in taken)


# ----------------------------------------------------------------- what can be seen


def test_bins_of_the_data():
    """Freedman and Diaconis: 2 x 0.5 / 1000^(1/3) = 0.1; the finest set decides."""
    even = np.linspace(0.0, 1.0, 1000)
    assert len(common_edges([even])) in (11, 12)  # to rounding
    assert len(common_edges([even, even[::8]])) == len(common_edges([even]))
    assert len(common_edges([even, 1e-6 * even])) == 121
    assert len(common_edges([np.zeros(3)])) == 9


def test_configurations_that_are_kept(both, monkeypatch):
    """Evenly spaced, few enough, wrapped, with their own environments."""
    narrow, wide = both.sets
    own = both.specimens['narrow']
    assert own.chosen_m.tolist() == list(own.found) == list(range(10))
    assert own.chosen_e.tolist() == list(range(40))
    for specimen, atoms in zip(own.found.values(), narrow.iter_atoms(), strict=True):
        assert specimen.energy == pytest.approx(-1.0)
        assert specimen.atoms.calc is None
        atoms.wrap()
        np.testing.assert_allclose(specimen.atoms.positions, atoms.positions)
    assert both.specimens[BAD].found[8].energy is None
    monkeypatch.setattr(specimens, 'POINTS', 6)
    few = Specimens.of(wide, 2)
    assert few.chosen_m.tolist() == [0, 6, 11]
    assert len(few.chosen_e) == 3
    monkeypatch.setattr(specimens, 'ATOMS', 16)
    assert len(Specimens.of(wide, 1).chosen_m) == 2


def test_energies_of_v_are_not_shown(tmp_path):
    (atoms,) = frames(1)
    for path, keys in (('v', {'stage': 'biased'}), ('dft', {})):
        connect(tmp_path / f'{path}.db').write(atoms, **keys)
        (dataset,) = read_sets([tmp_path / f'{path}.db'], report=str)
        own = Specimens.of(dataset, 1)
        assert len(list(own.watch(dataset.iter_configurations()))) == 1
        assert (own.found[0].energy is None) == (path == 'v')


def test_energies_and_forces_of_labels(tmp_path):
    """Of each kind, and of all; and none for what is not labeled."""
    made = frames(4, stretch=0.1)
    for m, atoms in enumerate(made):
        forces = np.zeros((8, 3))
        forces[:, 1] = m
        energy = 8.0 * m
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces)
        atoms.info['config_type'] = 'odd' if m % 2 else 'even'
    made[3].calc = None
    write(tmp_path / 'ni.xyz', made, format='extxyz')
    found = studied(tmp_path, 'ni.xyz')
    rows = {row['kind']: row for row in rows_of(found, 'labels')}
    assert [*rows] == ['all', 'even', 'odd']
    assert [row['labeled'] for row in rows.values()] == [3, 2, 1]
    assert rows['all']['energy (eV/atom)'] == '0 to 2, median 1'
    assert rows['all']['mean |F| (eV/Å)'] == pytest.approx(1.0)
    assert rows['even']['rms |F| (eV/Å)'] == pytest.approx(2.0**0.5)
    assert rows['odd']['largest |F| (eV/Å)'] == pytest.approx(1.0)
    (picture,) = draw_labels(found)
    left, right = picture.figure.axes
    assert [line.get_xdata().tolist() for line in left.lines] == [[0, 2], [1]]
    assert right.get_xlabel() == '|F| (eV/Å)'
    for atoms in made:
        atoms.calc = None
    write(tmp_path / 'ni.xyz', made, format='extxyz')
    found = studied(tmp_path, 'ni.xyz')
    assert not [*draw_labels(found)]
    assert 'labels' not in {table.name for table in tables(found)}


def test_points_are_those_of_the_figure(both):
    (picture,) = draw_map(both)
    (axes,) = picture.figure.axes
    x_px = axes.transAxes.transform([point[:2] for point in picture.live['points']])
    expected = np.concatenate(
        [
            axes.transData.transform(both.projections[d.name][own.chosen_e])
            for d in both.sets
            for own in [both.specimens[d.name]]
        ]
    )
    np.testing.assert_allclose(x_px, expected, atol=0.1)
    assert picture.live['sets'] == [
        [name, Style(s).color, Style(s).marker]
        for s, name in enumerate(['narrow', BAD])
    ]
    first = picture.live['specimens'][0]
    assert first['said'][:3] == ['narrow #0', 'Ni4', '4 atoms']
    assert first['said'][3] == f'S = {both.entropy["narrow"][0]:.3f} nats'
    assert first['said'][4] == 'E = -1.0000 eV/atom'
    atom = [point[2:] for point in picture.live['points']]
    assert atom[:5] == [[0, 0], [0, 1], [0, 2], [0, 3], [1, 0]]


class Outline(HTMLParser):
    """Collects headings, links, ids, images and cells of headers."""

    def __init__(self, text):
        super().__init__()
        self.levels, self.links, self.ids, self.loads = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        own = dict(attrs)
        self.levels += [int(tag[1])] if re.fullmatch(r'h\d', tag) else []
        self.links += [own['href']] if tag == 'a' else []
        self.ids += [own['id']] if 'id' in own else []
        self.loads += [own['src']] if 'src' in own else []
        assert tag != 'img' or len(own['alt']) > 20
        assert tag != 'th' or own['scope'] in ('row', 'col')
        assert tag != 'canvas' or len(own['aria-label']) > 20


def test_outline_of_the_page(page):
    text = page.read_text(encoding='utf-8')
    outline = Outline(text)
    assert outline.levels[:2] == [1, 2]
    assert (np.diff(outline.levels) <= 1).all()
    assert outline.levels.count(1) == 1
    assert len(set(outline.ids)) == len(outline.ids)
    assert {link.removeprefix('#') for link in outline.links} <= set(outline.ids)
    figures = [
        f'#{own}' for own in outline.ids if own.startswith(('figure-', 'table-'))
    ]
    assert set(figures) <= set(outline.links)
    assert all(source.startswith('data:') for source in outline.loads)
    assert text.index('<section id=verdict>') < text.index('<nav')
    headings = re.findall('<h2[^>]*>(.*?)</h2>', text)
    assert headings == [
        'Verdict',
        'Map',
        'What it covers',
        'Sizes, densities, compositions, pairs',
        'Energies and forces',
        'Redundancy',
        'More figures, those of the paper among them',
        'How to read it',
        'How it was made',
    ]
    assert '<b>' not in text
    numbers = re.search(r'id=live-map-numbers>(.*?)</script>', text)[1]
    assert json.loads(numbers)['sets'][1][0] == BAD


def test_long_tables_are_folded(page):
    text = page.read_text(encoding='utf-8')
    for name, folded in (('correlations', True), ('distances', False)):
        section = re.search(f'<section id=table-{name}>.*?</section>', text, re.S)[0]
        assert ('<details>' in section) is folded


EVENTS = """<script>
onload = () => {
  const plane = document.querySelector('.plane'), data = JSON.parse(
    document.getElementById('live-map-numbers').textContent);
  const box = plane.getBoundingClientRect(), [u, v] = data.points[POINT];
  const at = {clientX: box.left + 44 + u * (plane.clientWidth - 52) + 0.5,
    clientY: box.top + 8 + (1 - v) * (plane.clientHeight - 46) + 0.5};
  const said = () => document.querySelector('.said').textContent;
  plane.dispatchEvent(new PointerEvent('pointermove', at));
  const pointed = said();
  plane.dispatchEvent(new MouseEvent('click', at));
  plane.dispatchEvent(new PointerEvent('pointermove', {clientX: box.right - 30,
    clientY: box.bottom - 60}));
  const kept = said() === pointed;
  plane.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
  const canvas = document.querySelector('.drawing');
  const {width, height} = canvas;
  const pixels = canvas.getContext('2d').getImageData(0, 0, width, height);
  const colored = pixels.data.filter((x, i) => i % 4 < 3 && x < 200).length;
  document.title = JSON.stringify([pointed, kept, said() !== pointed, colored > 1000,
    getComputedStyle(document.querySelector('figure.live > .wide')).display,
    document.documentElement.scrollWidth <= innerWidth]);
};
</script>"""


@pytest.mark.skipif(chromium.PROGRAM is None, reason='no Chromium on this machine')
def test_pointing_at_the_map(both, page, tmp_path):
    """Far from the others, so that no other point is nearer."""
    (picture,) = draw_map(both)
    x_pc = np.array([point[:2] for point in picture.live['points']])
    apart = np.linalg.norm(x_pc[:, None] - x_pc, axis=2) + 9.0 * np.eye(len(x_pc))
    point = int(apart.min(axis=1).argmax())
    copy = tmp_path / 'copy.html'
    text = page.read_text(encoding='utf-8') + EVENTS.replace('[POINT]', f'[{point}]')
    copy.write_text(text, encoding='utf-8')
    dom, log = chromium.run(tmp_path, '--dump-dom', copy.as_uri())
    assert 'CONSOLE' not in log
    found = re.search('<title>(.*?)</title>', dom)[1].replace('&lt;', '<')
    pointed, *rest = json.loads(found.replace('&gt;', '>'))
    _, _, number, atom = picture.live['points'][point]
    own = picture.live['specimens'][number]
    assert pointed.startswith(' · '.join(own['said']))
    assert f'environment of atom {atom} ' in pointed
    assert rest == [True, True, True, 'none', True]
