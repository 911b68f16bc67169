"""What a notebook shows of sets and studies: short tables of text."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write

from ase_entropy import AnnealSchedule, Recipe, campaign
from ase_entropy.report import Study
from ase_entropy.sets import read_dataset
from ase_entropy.sets.dataset import Dataset
from ase_entropy.starts import RandomPacking

BAD = '<script>alert(1)</script> & \x1b[31m"'


def cells_of(html):
    """Return the rows of the table in a piece of HTML, which has to be complete."""
    tree = ElementTree.fromstring(f'<div>{re.sub(" scope=[a-z]+", "", html)}</div>')
    return [[''.join(cell.itertext()) for cell in row] for row in tree.iter('tr')]


@pytest.fixture(scope='module')
def crystals(tmp_path_factory):
    """Rock salt of one and two formula units, and a molecule without a cell."""
    path = tmp_path_factory.mktemp('sets') / 'crystals.extxyz'
    salt = bulk('NaCl', 'rocksalt', a=4.0)  # 8 Angstrom^3 for an atom
    sets = [salt, salt * (2, 1, 1), Atoms('NaCl', [[0, 0, 0], [0, 0, 2.4]])]
    for atoms, group in zip(sets, ('small', BAD, 'small'), strict=True):
        atoms.info['group'] = group
    write(path, sets)
    return read_dataset(path, name='crystals')


def test_a_set(crystals):
    assert cells_of(crystals._repr_html_()) == [
        ['set', 'crystals'],
        ['configurations', '3'],
        ['atoms', '8, 2 to 4, median 2 in each'],
        ['elements', 'Na 4, Cl 4'],
        ['volume of the cell per atom (Å³)', '8'],
        ['groups', 'small 2, <script>alert(1)</script> & \\x1b[31m" 1'],
        ['descriptor', 'Bispectrum, 6 components'],
    ]


def test_a_harvest(tmp_path):
    recipe = Recipe(
        RandomPacking('W4', (4, 4, 6)), AnnealSchedule(shuffle_steps=2, ramp_steps=0)
    )
    campaign.run(recipe, 3, tmp_path / 'w.db', seed=1, report=len)
    dataset = read_dataset(tmp_path / 'w.db')
    (tmp_path / 'w.db').unlink()  # what is in memory is enough
    shown = dict(cells_of(dataset._repr_html_()))
    low, median, high = np.quantile(dataset.keys['entropy'], [0.0, 0.5, 1.0])
    assert shown['S (nats)'] == f'{low:.4g} to {high:.4g}, median {median:.4g}'
    assert shown['volume of the cell per atom (Å³)'] == '24'
    assert {'shortest pair (Å)', 'E_rep (eV)', 'descriptor'} <= set(shown)
    assert 'E_base (eV)' not in shown


def test_names_are_text(crystals):
    named = Dataset(**(vars(crystals) | {'name': BAD}))
    for html in (named._repr_html_(), Study([named], [BAD])._repr_html_()):
        assert '<script' not in html
        assert '\x1b' not in html
        assert '&lt;script&gt;' in html


def test_a_study(crystals):
    other = Dataset(**(vars(crystals) | {'name': 'other'}))
    notes = [f'note {n}' for n in range(7)]
    results = Study([crystals, other], notes)
    results.entropy['crystals'] = np.array([1.0, 3.0, np.nan])
    results.shortest['crystals'] = np.array([2.0, 2.0, 2.4])
    html = results._repr_html_()
    header, *rows = cells_of(html)
    found = ['3', '8', '2 to 4, median 2', 'Na, Cl']
    assert header[-2:] == ['shortest pair (Å)', 'S (nats)']
    assert rows == [
        ['crystals', *found, '2 to 2.4, median 2', '1 to 3, median 2'],
        ['other', *found, '', ''],
    ]
    items = re.findall('<li>(.*)</li>', html)
    assert items[:-1] == [*notes[:5], '2 more notes']
    assert 'write_report' in items[-1]


def test_colors_are_those_of_the_page(crystals):
    """Dark pages stay dark: nothing but tags and text."""
    html = crystals._repr_html_() + Study([crystals])._repr_html_()
    assert not re.search('style|color|class', html)
