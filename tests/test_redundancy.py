"""What a report says could be left out of a set."""

import numpy as np
import pytest
from ase.build import bulk
from ase.io import write

from ase_entropy.report import read_sets, study, tables
from ase_entropy.report.figures.redundancy import draw_redundancy
from ase_entropy.report.stages import redundancy
from ase_entropy.sets.selection import (
    FarthestPoint,
    how_many,
    neighbor_distance,
    usual_descriptor,
)

DUPLICATES = {10: 2, 11: 5, 12: 2}  # left out, like


@pytest.fixture(scope='module')
def paths(tmp_path_factory):
    """Ten crystals, three of them again, turned or moved; and four others."""
    folder, rng, frames = (
        tmp_path_factory.mktemp('left_out'),
        np.random.default_rng(0),
        [],
    )
    for m in range(10):
        atoms = bulk('W', cubic=True) * 2
        atoms.positions += rng.normal(0.0, 0.05 * (1 + m), atoms.positions.shape)
        frames.append(atoms)
    for like in DUPLICATES.values():
        again = frames[like].copy()
        again.rotate(35.0, (1, 2, 3), rotate_cell=True)
        again.positions += 0.7
        frames.append(again)
    write(folder / 'w.xyz', frames)
    write(folder / 'few.xyz', frames[:4])
    return [str(folder / name) for name in ('w.xyz', 'few.xyz')]


def quiet(line):
    pass


def studied(paths):
    sets = read_sets(paths, report=quiet)
    rng = np.random.default_rng(1)
    return study(sets, rng=rng, decompositions=2, report=quiet)


def test_what_could_be_left_out(paths):
    results = studied(paths)
    own = results.redundancy['w']
    expected = [(f'#{gone}', 'W16', f'#{like}') for gone, like in DUPLICATES.items()]
    assert own.duplicates == expected
    pool = results.sets[0].with_descriptor(usual_descriptor(['W']))
    ranking = FarthestPoint().rank(pool, number=13)
    assert own.first == [f'#{m}' for m in ranking.chosen_r]
    assert len(own.first) in (10, 11, 12, 13)
    assert own.enough == how_many(ranking.gain_r, neighbor_distance(pool))
    (note,) = (note for note in results.notes if 'leave out' in note)
    assert note.startswith('few: fewer than 5 configurations')
    named = {table.name: table for table in tables(results)}
    row = dict(zip(named['redundancy'].header, *named['redundancy'].rows, strict=True))
    assert (row['configurations'], row['near-duplicates']) == (13, 3)
    assert row['enough'] == own.enough
    assert row['the first 5'] == ', '.join(own.first[:5])
    gone = named['duplicates']
    assert gone.rows == [['w', *pair] for pair in expected]
    assert '<details><summary' in gone.html()
    assert '(3)</summary>' in gone.html()
    assert '<details>' not in named['redundancy'].html()
    (picture,) = draw_redundancy(results)
    (axes,) = picture.figure.axes
    assert np.array_equal(axes.lines[0].get_ydata(), own.gain_r)


def test_large_sets_are_looked_at_in_part(paths, monkeypatch):
    monkeypatch.setattr(redundancy, 'MOST', 7)
    monkeypatch.setattr(redundancy, 'RANKED', 3)
    results = studied(paths[:1])
    own = results.redundancy['w']
    assert (own.looked_at, len(own.gain_r)) == (7, 3)
    assert own.duplicates == [('#10', 'W16', '#2'), ('#12', 'W16', '#2')]
    (note,) = (note for note in results.notes if 'evenly spaced' in note)
    assert note.startswith('w: of its 13 configurations, 7 were looked at')


def test_nothing_to_rank_where_all_are_alike(tmp_path):
    write(tmp_path / 'w.xyz', 6 * [bulk('W', cubic=True)])
    write(tmp_path / 'other.xyz', bulk('W', cubic=True, a=3.3).repeat(2))
    results = studied([str(tmp_path / name) for name in ('other.xyz', 'w.xyz')])
    assert 'w' not in results.redundancy
    assert 'w: all configurations are alike' in results.notes
    assert not {'redundancy', 'duplicates'} & {t.name for t in tables(results)}
