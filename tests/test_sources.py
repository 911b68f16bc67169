"""Sets from anywhere: files, folders, patterns, databases, several of them."""

import gzip
import json
import os

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.db import connect
from ase.io import read, write
from test_errors import complaint

from ase_entropy.cli import main
from ase_entropy.sets import (
    export_fitsnap,
    labels_of,
    read_configurations,
    read_dataset,
)
from ase_entropy.sets.fitsnap_reader import read_fitsnap
from ase_entropy.sets.sources import Source, name_of, sources_of


def crystals(count, symbol='W'):
    """Return cells of 2, 3, ... atoms: their sizes tell them apart."""
    return [bulk(symbol) * (n, 1, 1) for n in range(2, 2 + count)]


def sizes(name):
    return [len(frame.atoms) for frame in read_configurations(name)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write('md.xyz', crystals(6))
    write('one.cif', bulk('Mo') * (8, 1, 1))
    with open('md.xyz', 'rb') as plain, gzip.open('packed.xyz.gz', 'wb') as packed:
        packed.write(plain.read())
    for path in ('w.db', 'l.aselmdb'):
        database = connect(path)
        for n, atoms in enumerate(crystals(4)):
            database.write(atoms, cycle=n, group='ab'[n % 2])
        del database
    os.mkdir('runs')
    for n in (1, 2):
        os.mkdir(f'runs/{n}')
        write(f'runs/{n}/POSCAR', bulk('W') * (n, 1, 1), format='vasp')
        write(f'runs/{n}/CONTCAR', bulk('W') * (n + 10, 1, 1), format='vasp')
    return tmp_path


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('md.xyz', [2, 3, 4, 5, 6, 7]),
        ('md.xyz@:2', [2, 3]),
        ('md.xyz@1:6:2', [3, 5, 7]),
        ('md.xyz@-1', [7]),
        ('md.xyz@0', [2]),
        ('md.xyz@-3:-1', [5, 6]),
        ('md.xyz@::-1', [7, 6, 5, 4, 3, 2]),
        ('packed.xyz.gz', [2, 3, 4, 5, 6, 7]),
        ('packed.xyz.gz@-2:', [6, 7]),
        ('w.db', [2, 3, 4, 5]),
        ('w.db@cycle>1', [4, 5]),
        ('w.db@group=b', [3, 5]),
        ('l.aselmdb', [2, 3, 4, 5]),
        ('l.aselmdb@group=a', [2, 4]),
        ('md.xyz@:1+w.db@cycle=3+one.cif', [2, 5, 8]),
        ('runs', [11, 12]),
        ('runs/*/POSCAR', [1, 2]),
        ('runs/**/CONTCAR+runs/1/POSCAR', [11, 12, 1]),
    ],
)
def test_names_of_sets(name, expected, folder):
    assert sizes(name) == expected


def test_numbers_are_places_in_the_file(folder):
    assert [f.number for f in read_configurations('md.xyz@-2:')] == [4, 5]
    assert [f.number for f in read_configurations('md.xyz@::-2')] == [5, 3, 1]
    assert [f.name for f in read_configurations('w.db@cycle>2')] == ['w.db id 4']
    assert [f.name for f in read_configurations('md.xyz@1')] == ['md.xyz #1']


def test_signs_in_names(folder):
    for name in ('a+b.xyz', 'a@1.xyz', 'c[1].xyz', '-1.xyz'):
        write(folder / name, bulk('W'), format='extxyz')
        assert sizes(folder / name) == [1]
    assert sizes('a+b.xyz+md.xyz@0') == [1, 2]


def test_groups_of_folders(folder):
    groups = [frame.group for frame in read_configurations('runs')]
    assert groups == ['1', '2']
    assert [f.group for f in read_configurations('w.db@cycle<2')] == ['a', 'b']
    assert name_of('runs') == 'runs'
    assert name_of('packed.xyz.gz@:2') == 'packed'


@pytest.mark.parametrize(
    ('name', 'sentence'),
    [
        ('no.xyz', "path='no.xyz': there is no such file"),
        ('no.xyz@:3', "path='no.xyz': there is no such file"),
        ('md.xyz+no.xyz', "path='no.xyz': there is no such file"),
        ('*.out', "path='*.out': no file matches this pattern"),
        ('md.xyz@cycle>3', "path='md.xyz@cycle>3': expected an index or a slice"),
        ('md.xyz@1:2:3:4', 'expected an index or a slice of its frames'),
        ('empty', "path='empty': is a folder without files of atoms"),
        ('md.xyz@9', "path='md.xyz@9' holds no configurations"),
    ],
)
def test_names_that_stand_for_nothing(name, sentence, folder):
    os.mkdir('empty')
    assert sentence in complaint(read_dataset, name)


def test_a_dataset_of_several_files(folder):
    dataset = read_dataset('md.xyz@1:3+w.db@cycle=3+one.cif')
    assert dataset.species == ('Mo', 'W')
    assert np.diff(dataset.first_m).tolist() == [3, 4, 5, 8]
    assert [len(atoms) for atoms in dataset.iter_atoms()] == [3, 4, 5, 8]
    assert [len(atoms) for atoms in dataset.iter_atoms([3, 1])] == [4, 8]
    assert dataset.row(2).cycle == 3
    assert 'has no rows' in complaint(dataset.row, 0)
    assert dataset.label(1) == 'md, md.xyz #2'
    assert dataset.label(2) == 'md, w.db id 4'
    again = dataset.with_descriptor(dataset.descriptor)
    np.testing.assert_allclose(again.q_ek, dataset.q_ek, rtol=1e-12)


def test_queries_of_several_databases(folder):
    assert len(read_dataset('w.db+l.aselmdb', select='cycle=1')) == 2
    message = complaint(read_dataset, 'w.db@cycle=1', select='cycle=1')
    assert 'without a query of its own' in message
    assert 'is not a database' in complaint(read_dataset, 'md.xyz', select='cycle=1')


def test_sources_do_not_change(folder):
    before = sorted(path.name for path in folder.iterdir())
    sizes('l.aselmdb+w.db+md.xyz')
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize('key', ['lattice', 'LATTICE', 'properties'])
def test_keys_of_extxyz_that_are_not_understood(key, folder):
    text = f'1\n{key}="3 0 0 0 3 0 0 0 3" energy=-1\nW 0 0 0\n'
    (folder / 'nep.xyz').write_text(text)
    right = key.capitalize()
    message = complaint(read_dataset, 'nep.xyz')
    assert f"key '{key}' is not understood, expected '{right}'" in message


def test_slices_of_rows_are_in_the_order_of_reading(folder):
    """By stage, campaign and cycle, whatever ids they have."""
    database = connect('s.db')
    for cycle in (4, 2, 0, 3, 1):
        database.write(Atoms('W'), stage='biased', campaign=0, cycle=cycle)

    def cycles(choice):
        return [x.keys['cycle'] for x in read_configurations(f's.db@{choice}')]

    for choice in (slice(2), slice(1, 4), slice(-2, None), slice(None, None, 2)):
        parts = choice.start, choice.stop, choice.step
        text = ':'.join('' if x is None else str(x) for x in parts)
        assert cycles(text) == [0, 1, 2, 3, 4][choice]
    assert cycles('-1') == [4]
    assert cycles('1') == [1]
    assert cycles('id=1') == [4]
    assert cycles('cycle<2') == [0, 1]
    message = complaint(cycles, '7:')
    assert message == "path='s.db@7:': chooses none of its 5 rows"


def test_a_truncated_frame_is_named(folder):
    text = (folder / 'md.xyz').read_text().splitlines()
    (folder / 'cut.xyz').write_text('\n'.join(text[:-2]))
    message = complaint(read_dataset, 'cut.xyz')
    assert message.startswith("path='cut.xyz'")
    assert '5' in message


OUTCAR = """ vasp.6.3.2
   number of dos      NEDOS =    301   number of ions     NIONS = {ions:6d}
"""


def test_concatenated_runs_of_different_sizes(folder, monkeypatch):
    """ASE takes the number of atoms of the first run for all."""
    frames = [bulk('W'), bulk('W')]
    monkeypatch.setattr('ase_entropy.sets.reading.iread', lambda *a, **k: iter(frames))
    for name, several in (('OUTCAR', (216, 217)), ('OUTCAR.good', (216, 216))):
        (folder / name).write_text(''.join(OUTCAR.format(ions=n) for n in several))
    assert 'runs of 216, 217 atoms' in complaint(read_dataset, 'OUTCAR')
    assert len(read_dataset('OUTCAR.good')) == 2


# FitSNAP


def labeled(seed):
    atoms = bulk('Cu', cubic=True)
    atoms.rattle(0.1, seed=seed)
    atoms.set_cell(atoms.cell[:] + 0.1 * np.tri(3), scale_atoms=True)
    atoms.calc = EMT()
    atoms.get_stress()
    return atoms


def test_our_own_fitsnap_files_come_back(folder):
    database = connect('cu.db')
    for seed in range(3):
        database.write(labeled(seed), config_type='hot')
    export_fitsnap(read_configurations('cu.db'), 'JSON')
    frames = list(read_configurations('JSON'))
    assert [frame.group for frame in frames] == ['hot'] * 3
    for frame, row in zip(frames, database.select(), strict=True):
        np.testing.assert_allclose(frame.atoms.positions, row.positions, atol=1e-12)
        np.testing.assert_allclose(frame.atoms.cell, row.cell, atol=1e-12)
        labels = labels_of(frame)
        assert labels['energy'] == pytest.approx(row.energy, abs=1e-12)
        np.testing.assert_allclose(labels['forces'], row.forces, atol=1e-12)
        np.testing.assert_allclose(labels['stress'], row.stress, atol=1e-12)


def entry(**changes):
    data = {
        'Positions': [[0, 0, 0], [1.5, 1.5, 1.5]],
        'Lattice': [[3, 0, 0], [0, 3, 0], [0, 0, 3]],
        'AtomTypes': ['W', 'W'],
        'NumAtoms': 2,
        'Energy': -3.0,
        'Forces': [[0, 0, 1], [0, 0, -1]],
        'Stress': [[1e4, 0, 0], [0, 1e4, 0], [0, 0, 1e4]],
    }
    data = {k: v for k, v in {**data, **changes}.items() if v is not None}
    return {'Dataset': {'Data': [data], 'PositionsStyle': 'angstrom'}}


@pytest.mark.parametrize('comment', ['', '# made by hand\n', 'no JSON yet\n'])
def test_fitsnap_with_and_without_a_comment(comment, folder):
    (folder / 'a.json').write_text(comment + json.dumps(entry()))
    (frame,) = read_configurations('a.json')
    assert str(frame.atoms.symbols) == 'W2'
    assert frame.atoms.pbc.all()
    stress = labels_of(frame)['stress']
    np.testing.assert_allclose(stress[:3], -1e4 * units.bar)  # compression


@pytest.mark.parametrize(
    ('changes', 'distance'),
    [
        ({}, 1.5),
        ({'Scale': 2.0}, 3.0),
        ({'PositionsStyle': 'bohr'}, 1.5 * units.Bohr),
        ({'Coordinates': 'Direct', 'Positions': [[0, 0, 0], [0.5, 0.5, 0.5]]}, 1.5),
        (
            {
                'Scale': 2.0,
                'PositionsStyle': 'fractional',
                'Positions': [[0, 0, 0], [0.5, 0.5, 0.5]],
            },
            3.0,
        ),
    ],
)
def test_lengths_of_fitsnap(changes, distance, folder):
    (folder / 'a.json').write_text(json.dumps(entry(**changes)))
    (atoms,) = read_fitsnap(folder / 'a.json')
    np.testing.assert_allclose(atoms.positions[1], distance)


@pytest.mark.parametrize(
    ('changes', 'sentence'),
    [
        ({'Positions': None}, "it has no 'Positions'"),
        ({'AtomTypes': [1, 1]}, 'AtomTypes=[1, 1]: expected chemical symbols'),
        ({'NumAtoms': 3}, 'NumAtoms=3 and 2 AtomTypes: expected as many'),
        ({'StressStyle': 'psi'}, "StressStyle='psi': expected one of"),
        ({'Forces': [[0, 0, 1]]}, 'Forces has shape (1, 3): expected (2, 3)'),
        ({'Lattice': [3, 3, 3]}, 'Lattice has shape (3,): expected (3, 3)'),
    ],
)
def test_damaged_files_of_fitsnap(changes, sentence, folder):
    (folder / 'a.json').write_text(json.dumps(entry(**changes)))
    message = complaint(read_dataset, 'a.json')
    assert message.startswith("path='a.json'")
    assert sentence in message


# Commands


def test_the_start_is_the_frame_that_was_named(folder, capsys):
    command = ['harvest', '--cycles', '0', '--seed', '1', '--db', 'h.db']
    main([*command, '--structure', 'md.xyz'])
    assert 'md.xyz: the last of 6, md.xyz #5' in capsys.readouterr().out
    main([*command, '--structure', 'md.xyz@1', '--db', 'g.db'])
    assert 'the last of' not in capsys.readouterr().out
    campaigns = [connect(name).metadata['campaigns'] for name in ('h.db', 'g.db')]
    sizes = [json.loads(c[0]['recipe']['start']['text'])['numbers'] for c in campaigns]
    assert [x['__ndarray__'][0] for x in sizes] == [[7], [3]]


def test_export_of_files(folder):
    main(['export', 'md.xyz@:2+w.db@cycle=0', '-o', 'all.extxyz'])
    assert [len(atoms) for atoms in read('all.extxyz', ':')] == [2, 3, 2]
    main(['export', 'md.xyz', '-o', 'label', '--format', 'poscar'])
    assert len(read('label/00005/POSCAR')) == 7
    main(['export', 'runs', '-o', 'JSON', '--format', 'fitsnap'])
    assert sorted(p.name for p in (folder / 'JSON').iterdir()) == ['1', '2']


def test_info_of_frames_is_kept(folder):
    atoms = Atoms('W', info={'config_type': 'bcc', 'note': 'a b', 'x': [1.0, 2.0]})
    write('in.extxyz', atoms)
    main(['export', 'in.extxyz', '-o', 'out.extxyz'])
    info = read('out.extxyz').info
    assert (info['config_type'], info['note']) == ('bcc', 'a b')
    assert info['x'].tolist() == [1.0, 2.0]


def test_scale_from_several_files(folder):
    write('a.xyz', [bulk('W', cubic=True) * 2 for _ in range(2)])
    for seed, name in ((1, 'a.xyz'), (2, 'b.xyz')):
        atoms = bulk('W', cubic=True) * 2
        atoms.rattle(0.3, seed=seed)
        write(name, atoms)
    options = '--formula W4 --cell 5 5 5 --shuffle-steps 5 --cycles 1 --seed 1'.split()
    main(['harvest', *options, '--scale-from', 'a.xyz+b.xyz', '--db', 's.db'])
    (row,) = connect('s.db').select()
    scale_k = row.data['calculator']['estimator']['scale_k']
    expected = read_dataset('a.xyz+b.xyz').q_ek.std(axis=0)
    np.testing.assert_allclose(scale_k, expected)


def test_one_source():
    assert Source('w.xyz', '3').index == slice(3, 4)
    assert Source('w.xyz', '-1').index == slice(-1, None)
    assert Source('w.xyz', '1::2').index == slice(1, None, 2)
    assert sources_of('postgresql://me@/w') == [Source('postgresql://me@/w')]


@pytest.mark.parametrize('name', ['md.xyz+', '@0', '', '+md.xyz', 'md.xyz++md.xyz'])
def test_an_empty_name_is_no_folder(folder, name):
    assert 'there is no such file' in complaint(sources_of, name)


def test_a_query_for_json_of_fitsnap(folder):
    write('small.extxyz', bulk('W'))
    export_fitsnap(read_configurations('small.extxyz'), 'JSON')
    (path,) = (folder / 'JSON').rglob('*.json')
    assert 'expected an index or a slice of its frames' in complaint(
        sources_of, f'{path}@entropy>5'
    )


def test_info_of_several_sets(folder, capsys):
    for name in ('w.db+md.xyz', '*.db', 'w.db@cycle<2+w.db@cycle>2'):
        main(['info', name])
        assert 'atoms: ' in capsys.readouterr().out
    for name, sentence in (
        ('md.xyz@9:', 'holds no configurations: expected one or more'),
        ('no.db', 'there is no such'),
        ('no.db+no.xyz', 'there is no such'),
    ):
        with pytest.raises(SystemExit):
            main(['info', name])
        assert sentence in capsys.readouterr().err


def test_info_of_atoms_without_a_size(folder, capsys):
    write('x.xyz', [Atoms('XW2', [(0, 0, 0), (0, 0, 3), (0, 2.5, 3)]), Atoms('X')])
    connect('z.db').write(Atoms('W2', [(0, 0, 0), (0, 0, 2.5)], pbc=True))
    with pytest.raises(SystemExit):  # no distances without vectors
        main(['info', 'z.db'])
    assert 'z.db id 1: ' in capsys.readouterr().err
    write('bk.xyz', Atoms('Bk2', [(0, 0, 0), (0, 0, 3)]))
    main(['info', 'x.xyz'])
    assert 'W-W 2.500' in capsys.readouterr().out
    main(['info', 'bk.xyz'])
    assert '1 configurations, 2 atoms: 2 Bk' in capsys.readouterr().out
