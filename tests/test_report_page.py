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
from ase.io import write

from ase_entropy.analysis import common_edges
from ase_entropy.cli import main
from ase_entropy.plots.style import Style
from ase_entropy.report import read_sets, specimens, study, tables, write_report
from ase_entropy.report.figures.comparisons import draw_map
from ase_entropy.report.specimens import Specimens
from ase_entropy.report.verdict import (
    Absence,
    covered,
    growth_of_set,
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
    """Distances of 1 to 100: 95 are within those of the set's own, less the others."""
    own = SimpleNamespace(distances=np.arange(1.0, 102.0), alone=0.0)
    other = SimpleNamespace(distances=np.arange(47.0, 147.0), alone=0.5)
    found = SimpleNamespace(surrogate={('a', 'a'): own, ('a', 'b'): other})
    assert covered(found, 'a', 'b') == pytest.approx(0.5 * 0.5)
    assert covered(found, 'a', 'a') == pytest.approx(96 / 101)
    assert np.isnan(covered(found, 'b', 'a'))


@pytest.mark.parametrize(('power', 'adds'), [(1 / 3, True), (1 / 12, False)])
def test_what_the_second_half_brought(power, adds):
    counts = [1, 3, 10, 80]
    found = SimpleNamespace(
        counts={'a': counts},
        distance={('a', 'a'): np.array(counts, float) ** -power},
        components=6 * ['B'],
    )
    own = growth_of_set(found, 'a')
    assert own.whole / own.half == pytest.approx(2.0**-power)
    assert own.alike == pytest.approx(2 ** (-1 / 6))
    assert own.adds is adds
    assert growth_of_set(found, 'b') is None


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


def test_three_sentences_by_the_numbers_of_the_tables(both):
    said = verdict(both)
    assert said.there.startswith('narrow holds 10 configurations with 40 environments')
    shares = {
        (row['A'], row['B']): row['A covers of B'] for row in rows_of(both, 'ratios')
    }
    best = max(shares, key=shares.get)
    assert (
        f'{best[0]} reaches farthest: it covers {shares[best]:.0%} of' in said.missing
    )
    assert 'narrow has no number of atoms above 4 (11 conf' in said.missing
    more = len(rows_of(both, 'absent')) - 3
    assert f'; {more} more are in the table of what is absent.' in said.missing
    assert said.todo[0].isupper()


def test_sets_far_from_each_other(monkeypatch):
    """Averages over the others decide; a share that is not known does not count."""
    share = {('a', 'b'): 0.0, ('a', 'c'): 0.5, ('b', 'a'): 0.2, ('c', 'a'): 0.1}
    monkeypatch.setattr(
        sentences, 'covered', lambda _, *pair: share.get(pair, float('nan'))
    )
    monkeypatch.setattr(sentences, 'absences', lambda _: [])
    a, b, c = (SimpleNamespace(name=name) for name in 'abc')
    found = SimpleNamespace(sets=[c, b, a])
    assert sentences._farthest(found) is a
    assert sentences._missing(found, a) == (
        'a reaches farthest: it covers 25% of the others, on average; '
        'b covers 20% of a, no other more.'
    )
    several = [Absence('b', 'atoms', 'above 4', 9, tuple('acde'))]
    monkeypatch.setattr(sentences, 'absences', lambda _: several)
    named = 'b has no number of atoms above 4 (9 configurations of 4 other sets).'
    assert sentences._missing(found, a).endswith(named)
    several.clear()
    share.update(dict.fromkeys(share, 0.0))
    assert sentences._missing(found, a) == 'No set covers anything of another.'


def test_one_set_without_kinds(folder):
    """As many more as carry the most, where the second half brought little."""
    found = studied(folder, 'wide.xyz')
    said = verdict(found)
    assert said.missing.startswith('There are no dimers, no slabs or clusters; ')
    assert '; numbers of atoms go from 1 to 8; densities' in said.missing
    counts, steady = [1, 10], np.ones(2)
    found.counts['wide'], found.distance['wide', 'wide'] = counts, steady
    knee = found.redundancy['wide'].enough.knee
    (command,) = (line for line in verdict(found).commands if 'harvest' in line)
    assert f'--elements Al,Ni --cycles {knee} --away-from ' in command
    found.distance['wide', 'wide'] = np.array([1.0, 0.1])
    assert f'Add {len(found.sets[0])} configurations away' in verdict(found).todo


def test_advice_on_one_set(folder, monkeypatch, capsys):
    """Its near-duplicate could go; the command that says so runs."""
    monkeypatch.chdir(folder)
    found = studied(folder, 'narrow.xyz')
    said = verdict(found)
    assert said.missing.startswith('All configurations have 4 atoms and the same ')
    assert '1 near-duplicate of narrow could go' in said.todo
    (command,) = (line for line in said.commands if '--tolerance' in line)
    words = shlex.split(command)
    assert words[:2] == ['ase-entropy', 'select']
    assert words[words.index('-n') + 1] == '9'
    main([*words[1:], '--components', '6'])
    assert len(list(read_sets(['without.extxyz'], report=str)[0].iter_atoms())) == 9


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
