"""Features of CHGNet, SevenNet and MACE as descriptors."""

import argparse
import json
from dataclasses import replace

import numpy as np
import pytest
from ase.db import connect
from ase.io import write
from cells import random_cell
from test_torch import check_energy, complaint

from ase_entropy import (
    AnnealSchedule,
    EntropyCalculator,
    Ladder,
    LinearDescriptor,
    RandomPacking,
    Recipe,
    campaign,
)
from ase_entropy.cli import descriptor_options, main
from ase_entropy.descriptors import MACE, CHGNet, SevenNet, describe
from ase_entropy.sets import read_dataset
from ase_entropy.testing import check_descriptor

torch = pytest.importorskip('torch')
pytestmark = pytest.mark.filterwarnings('ignore')
NAMES = ['CHGNet', 'SevenNet', 'MACE']
PACKAGES = {'CHGNet': 'chgnet', 'SevenNet': 'sevenn', 'MACE': 'mace'}


@pytest.fixture(scope='module')
def mace_file(tmp_path_factory):
    """Return the file of a small model of tungsten and oxygen, with random weights."""
    pytest.importorskip('mace')
    from e3nn import o3
    from mace import modules

    torch.manual_seed(0)
    block = modules.interaction_classes['RealAgnosticResidualInteractionBlock']
    model = modules.ScaleShiftMACE(
        r_max=4.0,
        num_bessel=4,
        num_polynomial_cutoff=5,
        max_ell=2,
        interaction_cls=block,
        interaction_cls_first=block,
        num_interactions=2,
        num_elements=2,
        hidden_irreps=o3.Irreps('8x0e+8x1o'),
        MLP_irreps=o3.Irreps('4x0e'),
        atomic_energies=np.zeros(2),
        avg_num_neighbors=20.0,
        atomic_numbers=[8, 74],
        correlation=2,
        gate=torch.nn.functional.silu,
        atomic_inter_scale=1.0,
        atomic_inter_shift=0.0,
    )
    path = tmp_path_factory.mktemp('mace') / 'small.model'
    torch.save(model, path)
    return path


@pytest.fixture(params=NAMES)
def network(request):
    pytest.importorskip(PACKAGES[request.param])
    if request.param == 'MACE':
        return MACE(request.getfixturevalue('mace_file'))
    return {'CHGNet': CHGNet, 'SevenNet': SevenNet}[request.param]()


def two_elements(shape='triclinic'):
    atoms = random_cell(shape, 1)
    atoms.symbols[::3] = 'O'
    return atoms


def test_check_descriptor(network):
    check_descriptor(network, two_elements('smaller than the cutoff'))


def test_layers(network):
    """Each has other numbers, and derivatives of its own."""
    atoms, other = two_elements('two atoms'), replace(network, layer=2)
    check_descriptor(other, atoms)
    assert not np.allclose(describe(network, atoms)[0], describe(other, atoms)[0])


def test_single_precision(network):
    """Forces and stress of V within 1e-3 of its slopes, in double precision 1e-6."""
    atoms = two_elements()
    q_nk, _ = describe(network, atoms)
    chosen = np.argsort(q_nk.std(axis=0))[-9:]  # at most some are constant
    exact = LinearDescriptor.chosen(network, chosen)
    check_energy(exact, exact, atoms, 1e-6)
    single = LinearDescriptor.chosen(replace(network, dtype='float32'), chosen)
    check_energy(single, exact, atoms, 1e-3)


@pytest.mark.parametrize('shape', ['triclinic', 'left-handed', 'two atoms'])
def test_features_are_those_of_chgnet(shape):
    """The graph of bonds and angles is theirs, also between images and outside."""
    model = pytest.importorskip('chgnet.model')
    from pymatgen.io.ase import AseAtomsAdaptor

    atoms = two_elements(shape)
    network = model.CHGNet.load(use_device='cpu', verbose=False)
    found = network.predict_structure(
        AseAtomsAdaptor.get_structure(atoms), task='e', return_atom_feas=True
    )
    q_nk, _ = describe(CHGNet(), atoms)
    np.testing.assert_allclose(q_nk, found['atom_fea'], atol=3e-5, rtol=0)
    atoms.positions += atoms.cell[0] * np.arange(len(atoms))[:, None]
    outside_nk, _ = describe(CHGNet(), atoms)
    np.testing.assert_allclose(outside_nk, q_nk, atol=1e-10, rtol=0)


def test_energy_of_sevennet_follows_from_the_features():
    calculator = pytest.importorskip('sevenn.calculator')
    atoms = two_elements()
    theirs = calculator.SevenNetCalculator('7net-0', device='cpu')
    last = list(theirs.model._modules.values())
    q_nk, _ = describe(SevenNet(), atoms)
    data = {'x': torch.tensor(q_nk, dtype=torch.float32)}
    kinds = [theirs.type_map[z] for z in atoms.numbers]
    data |= {'atom_type': torch.tensor(kinds), 'batch': torch.zeros(len(atoms)).long()}
    for module in last[-5:-2]:  # to hidden, to energy, scale
        data = module(data)
    energy = float(data['atomic_energy'].sum())
    assert energy == pytest.approx(theirs.get_potential_energy(atoms), rel=1e-5)


@pytest.mark.parametrize('layer', [1, 2])
def test_features_are_those_of_mace(mace_file, layer):
    from mace.calculators import MACECalculator

    atoms = two_elements()
    theirs = MACECalculator(mace_file, device='cpu', default_dtype='float64')
    found = theirs.get_descriptors(atoms)
    descriptor = MACE(mace_file, layer)
    q_nk, _ = describe(descriptor, atoms)
    assert descriptor.size == 8
    ours = found[:, 8 * (layer - 1) :][:, :8]
    np.testing.assert_allclose(q_nk, ours, atol=1e-12 * np.abs(ours).max(), rtol=0)


def recipe_of(network):
    return Recipe(
        start=RandomPacking('W4', (4.5, 4.5, 5.0)),
        descriptor=network,
        schedule=AnnealSchedule(k_entropy=1.0, shuffle_steps=5, ramp_steps=10),
        ladder=Ladder((2,), steps=3),
    )


def test_rows_rebuild_the_descriptor(network, tmp_path):
    recipe = recipe_of(network)
    assert Recipe.fromdict(json.loads(json.dumps(recipe.todict()))) == recipe
    campaign.run(recipe, 1, tmp_path / 'w.db', seed=1, report=len)
    (row,) = connect(tmp_path / 'w.db').select()
    again = EntropyCalculator.fromdict(row.data['calculator'])
    energy = again.get_potential_energy(row.toatoms())
    assert energy == pytest.approx(row.effective_energy, rel=1e-9)


def test_same_rows_for_any_number_of_workers(tmp_path):
    pytest.importorskip('chgnet')
    rows = []
    with campaign.Processes(2) as processes:
        for name, executor in (('one.db', None), ('two.db', processes)):
            path, recipe = tmp_path / name, recipe_of(CHGNet())
            campaign.run(recipe, 2, path, seed=1, executor=executor, report=len)
            rows.append({row.cycle: row for row in connect(path).select()})
    assert set(rows[0]) == {0, 1}
    for n, row in rows[0].items():
        np.testing.assert_array_equal(row.positions, rows[1][n].positions)
        np.testing.assert_array_equal(row.data['q_nk'], rows[1][n].data['q_nk'])


def test_report_and_selection(tmp_path, monkeypatch):
    pytest.importorskip('chgnet')
    monkeypatch.chdir(tmp_path)
    write('a.extxyz', [random_cell('two atoms', seed) for seed in range(8)])
    options = ['--descriptor', 'chgnet', '--layer', '2', '--workers', '1']
    main(args=['report', 'a.extxyz', '-o', 'page', '--decompositions', '3', *options])
    main(args=['select', 'a.extxyz', '-n', '3', '-o', 'few.extxyz', *options])
    assert 'CHGNet' in (tmp_path / 'page/index.html').read_text()
    assert read_dataset('few.extxyz', CHGNet(layer=2)).q_ek.shape == (6, 64)


def test_named_by_options(network):
    words = ['--descriptor', type(network).__name__.lower()]
    if isinstance(network, MACE):
        words += ['--model', network.file]
    parser = argparse.ArgumentParser()
    descriptor_options.add_arguments(parser)
    args = parser.parse_args([*words, '--layer', '2', '--device', 'cpu'])
    assert descriptor_options.descriptor(args, ['W']) == replace(network, layer=2)


@pytest.mark.parametrize(
    'options, sentence',
    [
        (['--descriptor', 'mace'], '--descriptor mace needs --model: expected a file'),
        (['--descriptor', 'chgnet', '--cutoff', '4'], '--cutoff is for --descriptor'),
        (
            ['--descriptor', 'chgnet', '--model', 'x'],
            '--model is for --descriptor mace',
        ),
        (['--layer', '3'], '--layer is for --descriptor chgnet or mace or sevennet'),
        (
            ['--descriptor', 'chgnet', '--layer', '9'],
            '--layer 9: expected a whole number',
        ),
    ],
)
def test_options(options, sentence, tmp_path, capsys):
    write(tmp_path / 'a.extxyz', random_cell('two atoms', 1))
    with pytest.raises(SystemExit) as caught:
        main(args=['report', str(tmp_path / 'a.extxyz'), *options])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err


def test_unknown_elements(network):
    atoms = random_cell('two atoms', 1)
    atoms.symbols[0] = 'Og'
    assert complaint(network.evaluate_atoms, atoms) == (
        f'{type(network).__name__} does not know Og: expected its elements only'
    )


def test_another_model_in_the_file(mace_file):
    message = complaint(MACE, mace_file, sha256='0')
    assert message == (
        f"file='{mace_file}' has changed: expected the model with sha256 0"
    )


def test_weights_that_do_not_exist():
    message = complaint(CHGNet, weights='9')
    assert message == "weights='9': expected '0.3.0', 'r2scan' or '0.2.0'"
