"""Labels by any of their names, in any of their units, with the right sign."""

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.fd import calculate_numerical_stress
from ase.db import connect
from ase.io import read, write
from ase.stress import voigt_6_to_full_3x3_stress
from test_errors import complaint

from ase_entropy.cli import main
from ase_entropy.sets import labels_of, read_configurations
from ase_entropy.sets.labels import parse_label_keys, relabeled

ENERGY, PAIRS = -7.25, ('xx', 'yy', 'zz', 'yz', 'xz', 'xy')


def copper(seed=1, squeeze=0.97):
    """Return sheared copper under pressure: six different components of stress."""
    atoms = bulk('Cu', cubic=True)
    shear = np.array([[1.0, 0.03, -0.01], [0.0, 1.01, 0.02], [0.0, 0.0, 0.99]])
    atoms.set_cell(squeeze * atoms.cell[:] @ shear, scale_atoms=True)
    atoms.rattle(0.05, seed=seed)
    return atoms


@pytest.fixture(scope='module')
def truth():
    """Energy, forces, and stress as the derivative of the energy by strain."""
    atoms = copper()
    atoms.calc = EMT()
    stress = calculate_numerical_stress(atoms, eps=1e-5)
    assert np.isclose(stress, atoms.get_stress(), rtol=1e-5, atol=1e-7).all()
    assert len({round(x, 3) for x in stress}) == 6
    assert (stress[:3] < 0).all()  # compressed
    return {
        'energy': atoms.get_potential_energy(),
        'forces': atoms.get_forces(),
        'stress': atoms.get_stress(),
    }


def frame_with(tmp_path, info=(), arrays=()):
    """Return a frame that went through a file of extended xyz."""
    atoms = copper()
    atoms.info.update(info)
    for name, value in dict(arrays).items():
        atoms.set_array(name, value)
    write(tmp_path / 'a.xyz', atoms, format='extxyz')
    (frame,) = read_configurations(tmp_path / 'a.xyz')
    return frame


def check(labels, truth, names=('energy', 'forces', 'stress')):
    assert set(labels) == set(names)
    for name in names:
        np.testing.assert_allclose(labels[name], truth[name], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize('prefix', ['REF_', 'ref_', 'dft_', 'DFT_', 'Ref_', 'vasp_'])
@pytest.mark.parametrize('form', ['stress', 'virial', 'virials'])
@pytest.mark.parametrize('forces', ['forces', 'force'])
def test_known_names(prefix, form, forces, truth, tmp_path):
    stress_cc = voigt_6_to_full_3x3_stress(truth['stress'])
    tensor_cc = -stress_cc * copper().get_volume() if 'virial' in form else stress_cc
    info = {f'{prefix}energy': truth['energy'], f'{prefix}{form}': tensor_cc.ravel()}
    frame = frame_with(tmp_path, info, {f'{prefix}{forces}': truth['forces']})
    check(labels_of(frame), truth)


@pytest.mark.parametrize('form', ['stress', 'virial'])
def test_plain_names_of_a_file(form, truth, tmp_path):
    """As GAP and NEP write them: a virial of nine numbers, compression positive."""
    stress_cc = voigt_6_to_full_3x3_stress(truth['stress'])
    tensor_cc = -stress_cc * copper().get_volume() if form == 'virial' else stress_cc
    atoms = copper()
    lattice = ' '.join(map(str, atoms.cell[:].ravel()))
    numbers = ' '.join(map(str, tensor_cc.ravel()))
    lines = [
        '4',
        f'Lattice="{lattice}" Properties=species:S:1:pos:R:3:forces:R:3 '
        f'energy={truth["energy"]} {form}="{numbers}" pbc="T T T"',
    ]
    for x_c, f_c in zip(atoms.positions, truth['forces'], strict=True):
        lines.append(f'Cu {" ".join(map(str, x_c))} {" ".join(map(str, f_c))}')
    (tmp_path / 'gap.xyz').write_text('\n'.join(lines) + '\n')
    (frame,) = read_configurations(tmp_path / 'gap.xyz')
    check(labels_of(frame), truth)


def in_order(stress, order):
    return [stress[PAIRS.index(pair)] for pair in order.split()]


@pytest.mark.parametrize(
    ('unit', 'factor', 'order'),
    [
        ('', 1.0, 'xx yy zz yz xz xy'),
        (':eV/A^3', 1.0, 'xx yy zz yz xz xy'),
        (':GPa', 1 / units.GPa, 'xx yy zz yz xz xy'),
        (':kB', -10 / units.GPa, 'xx yy zz xy yz xz'),
        (':kB:voigt', -10 / units.GPa, 'xx yy zz yz xz xy'),
        (':kB:lammps', -10 / units.GPa, 'xx yy zz xy xz yz'),
        (':bar', -1e4 / units.GPa, 'xx yy zz xy xz yz'),
        (':bar:voigt', -1e4 / units.GPa, 'xx yy zz yz xz xy'),
    ],
)
def test_units_of_stress(unit, factor, order, truth, tmp_path):
    info = {'S0': factor * np.array(in_order(truth['stress'], order))}
    frame = frame_with(tmp_path, {**info, 'E0': ENERGY})
    labels = labels_of(frame, parse_label_keys(f'energy=E0,stress=S0{unit}'))
    check(labels, {**truth, 'energy': ENERGY}, ('energy', 'stress'))


def test_only_the_labels_that_were_named(truth, tmp_path):
    info = {'energy_a': 1.0, 'energy_b': 2.0, 'REF_energy': 3.0}
    frame = frame_with(tmp_path, info, {'f': truth['forces']})
    labels = labels_of(frame, parse_label_keys('energy=energy_b, forces=f'))
    check(labels, {**truth, 'energy': 2.0}, ('energy', 'forces'))
    again = relabeled(frame, parse_label_keys('energy=energy_b,forces=f'))
    assert set(again.atoms.info) == {'energy_a'}
    check(labels_of(again), {**truth, 'energy': 2.0}, ('energy', 'forces'))


@pytest.mark.parametrize(
    ('info', 'arrays', 'sentence'),
    [
        ({'REF_energy': 1.0, 'dft_energy': 2.0}, {}, "'REF_energy' and 'dft_energy'"),
        ({'REF_energy': 1.0, 'virial': np.eye(3)}, {}, "'REF_energy' and 'virial'"),
        ({'REF_virial': np.eye(3), 'dft_virial': np.eye(3)}, {}, "and 'dft_virial'"),
        ({'REF_energy': np.nan}, {}, 'energy=nan: expected finite numbers'),
        ({'REF_energy': 1.0, 'REF_stress': [1.0, 2.0]}, {}, 'stress has shape (2,)'),
        (
            {'REF_energy': 1.0},
            {'REF_forces': np.ones((4, 2))},
            'expected finite numbers of shape (4, 3)',
        ),
        (
            {'REF_energy': 1.0},
            {'REF_forces': np.ones((4, 3)), 'REF_force': np.ones((4, 3))},
            "'REF_forces' and 'REF_force'",
        ),
    ],
)
def test_labels_that_are_unclear(info, arrays, sentence, tmp_path):
    message = complaint(labels_of, frame_with(tmp_path, info, arrays))
    assert message.startswith('a.xyz #0: ')
    assert sentence in message


def test_a_virial_without_volume(tmp_path):
    atoms = Atoms('W', info={'REF_energy': 1.0, 'REF_virial': np.ones(9)})
    write(tmp_path / 'a.xyz', atoms)
    (frame,) = read_configurations(tmp_path / 'a.xyz')
    assert 'a virial and a cell without volume' in complaint(labels_of, frame)


@pytest.mark.parametrize(
    ('text', 'sentence'),
    [
        ('energy', "label_keys='energy': expected names of energy, forces, stress"),
        ('energy=', "label_keys='energy=': expected names"),
        ('charge=q', "label_keys='charge=q': expected names"),
        ('stress=s:psi', 'expected a unit for stress only, one of eV/A^3, GPa, kB'),
        ('energy=e:GPa', 'expected a unit for stress only'),
        ('stress=s:kB:xyz', 'expected an order of voigt, vasp, lammps'),
    ],
)
def test_label_keys_that_are_none(text, sentence):
    assert sentence in complaint(parse_label_keys, text)


def test_a_name_that_is_not_there(tmp_path):
    frame = frame_with(tmp_path, {'E': 1.0})
    message = complaint(labels_of, frame, parse_label_keys('energy=E0'))
    assert "label_keys name 'E0', which is not there: expected one of E" in message


def test_numbers_that_are_no_labels(tmp_path):
    info = {'formation_energy': -1.0, 'energy_per_atom': 2.0, 'max_force': 3.0}
    assert labels_of(frame_with(tmp_path, info)) == {}


# From file to file


@pytest.fixture
def folder(truth, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stress_cc = voigt_6_to_full_3x3_stress(truth['stress'])
    info = {
        'REF_energy': truth['energy'],
        'REF_virial': (-stress_cc * copper().get_volume()).ravel(),
        'config_type': 'hot',
    }
    frame_with(tmp_path, info, {'REF_forces': truth['forces']})
    return tmp_path


def test_from_virials_to_fitsnap(folder, truth):
    main(['export', 'a.xyz', '-o', 'JSON', '--format', 'fitsnap'])
    (frame,) = read_configurations('JSON')
    assert frame.group == 'hot'
    check(labels_of(frame), truth)


@pytest.mark.parametrize(('options', 'prefix'), [([], ''), (['--keys', 'DFT'], 'DFT_')])
def test_names_that_trainers_expect(options, prefix, folder, truth):
    main(['export', 'a.xyz', '-o', 'b.extxyz', *options])
    text = (folder / 'b.extxyz').read_text().splitlines()[1]
    for name in ('energy', 'stress'):
        assert f' {prefix}{name}=' in text
    assert f':{prefix}forces:R:3' in text
    assert 'REF_' not in text
    assert 'virial' not in text
    (frame,) = read_configurations('b.extxyz')
    check(labels_of(frame), truth)
    assert frame.group == 'hot'


def test_label_keys_of_the_command_line(folder, truth):
    keys = 'energy=REF_energy,forces=REF_forces,virial=REF_virial'
    main(['export', 'a.xyz', '-o', 'c.extxyz', '--label-keys', keys])
    atoms = read('c.extxyz')
    assert atoms.get_potential_energy() == pytest.approx(truth['energy'])
    np.testing.assert_allclose(atoms.get_stress(), truth['stress'], rtol=1e-6)


def test_rows_keep_their_own_results(folder, truth):
    atoms = copper()
    atoms.calc = EMT()
    atoms.get_stress()
    connect('emt.db').write(atoms, energy_of_something=5.0)
    (frame,) = read_configurations('emt.db')
    check(labels_of(frame), truth)


@pytest.mark.parametrize(
    ('options', 'sentence'),
    [
        (['--label-keys', 'energy=E'], "label_keys name 'E', which is not there"),
        (['--label-keys', 'energy'], '--label-keys energy: expected names'),
        (['--keys', 'a b'], '--keys a b: expected a word, such as REF'),
        (['--vacuum', '0'], '--vacuum=0.0: expected'),
        (['--label-keys', 'energy=E', '--labels', '{id}'], 'expected one of them'),
    ],
)
def test_options_that_do_not_fit(options, sentence, folder, capsys):
    with pytest.raises(SystemExit) as caught:
        main(['export', 'a.xyz', '-o', 'd.extxyz', *options])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err
    assert not (folder / 'd.extxyz').exists()


def open_cells():
    """Return a slab and a cluster of different atoms, none of them centered."""
    rng = np.random.default_rng(1)
    places = np.array([(0, 0, 0), (2.2, 0.3, 0.2), (0.1, 2.4, 0.4), (1.0, 1.1, 2.1)])
    slab = Atoms('Cu4', places, cell=[6, 6, 6], pbc=(True, True, False))
    cluster = Atoms('Cu4', places + rng.normal(0, 0.05, (4, 3)) + 20.0)
    return {'slab': slab, 'cluster': cluster}


@pytest.mark.parametrize('shape', ['slab', 'cluster'])
def test_labels_of_slabs_and_clusters_come_back(shape, tmp_path, monkeypatch):
    """POSCAR, a calculation, labels: as docs/howto/export.md has it."""
    monkeypatch.chdir(tmp_path)
    connect('w.db').write(open_cells()[shape], group=shape)
    main(['export', 'w.db', '-o', 'label', '--format', 'poscar'])
    atoms = read('label/00001/POSCAR')
    atoms.calc = EMT()
    atoms.get_stress()
    write('label/00001/out.extxyz', atoms)
    labels = ['--labels', 'label/{id:05d}/out.extxyz']
    main(['export', 'w.db', '-o', 'w.extxyz', *labels])
    assert read('w.extxyz').get_potential_energy() == pytest.approx(
        atoms.get_potential_energy()
    )
    atoms.positions[0] += 0.1  # not as a whole
    write('label/00001/out.extxyz', atoms)
    with pytest.raises(SystemExit):
        main(['export', 'w.db', '-o', 'other.extxyz', *labels])


def test_virials_of_enlarged_cells(tmp_path):
    """FitSNAP multiplies the stress by the volume of the cell that it gets."""
    atoms = open_cells()['slab']
    atoms.calc = EMT()
    atoms.get_forces()
    stress = atoms.get_stress()
    write(tmp_path / 'slab.extxyz', atoms)
    main(
        ['export', str(tmp_path / 'slab.extxyz'), '-o', str(tmp_path / 'JSON')]
        + ['--format', 'fitsnap']
    )
    (path,) = (tmp_path / 'JSON').rglob('*.json')
    (frame,) = read_configurations(path)
    volume = frame.atoms.get_volume()
    assert volume > 2.0 * atoms.get_volume()
    found = labels_of(frame)['stress'] * volume
    np.testing.assert_allclose(found, stress * atoms.get_volume(), atol=1e-7)


def test_labels_for_frames_of_a_file(tmp_path, monkeypatch, capsys):
    """A frame has no row: its place is its number, also in what is said."""
    monkeypatch.chdir(tmp_path)
    write('set.extxyz', [copper(1), copper(2)])
    other = copper(3)
    other.calc = EMT()
    other.get_potential_energy()
    write('0.extxyz', other)
    with pytest.raises(SystemExit):
        main(['export', 'set.extxyz', '-o', 'o.extxyz', '--labels', '{id}.extxyz'])
    assert 'expected that of row 0 (atoms up to' in capsys.readouterr().err


def test_labels_for_rows_of_several_databases(tmp_path, monkeypatch):
    """Numbers of files go on from database to database, in both directions."""
    monkeypatch.chdir(tmp_path)
    frames = [copper(seed) for seed in range(3)]
    for name, chosen in (('a.db', frames[:2]), ('b.db', frames[2:])):
        for atoms in chosen:
            connect(name).write(atoms)
    main(['export', 'a.db+b.db', '-o', 'label', '--format', 'poscar'])
    for number, atoms in enumerate(frames):
        labelled = read(f'label/{number:05d}/POSCAR')
        np.testing.assert_allclose(labelled.positions, atoms.positions, atol=1e-8)
        labelled.calc = EMT()
        labelled.get_potential_energy()
        write(f'label/{number:05d}/out.extxyz', labelled)
    labels = ['--labels', 'label/{id:05d}/out.extxyz']
    main(['export', 'a.db+b.db', '-o', 'all.extxyz', *labels])
    energies = [atoms.get_potential_energy() for atoms in read('all.extxyz', ':')]
    for found, atoms in zip(energies, frames, strict=True):
        atoms.calc = EMT()
        assert found == pytest.approx(atoms.get_potential_energy(), abs=1e-5)
