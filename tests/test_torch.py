"""Descriptors written in torch, differentiated by it."""

import gc
import json
import pickle
import sys
from dataclasses import replace

import numpy as np
import pytest
from ase.neighborlist import neighbor_list
from cells import SHAPES, random_cell
from whole_atoms import TwoHops

from ase_entropy import (
    EntropyCalculator,
    LinearDescriptor,
    LogDetEntropy,
    TorchDescriptor,
)
from ase_entropy.descriptors import MACE, CHGNet, describe
from ase_entropy.testing import check_descriptor

torch = pytest.importorskip('torch')
CUTOFF = 3.0
SMOOTH = LogDetEntropy(ridge=0.01)  # nearest neighbors have kinks


def two_hops(positions_nc, cell_cc, numbers_n):
    """As in whole_atoms.py, without its derivatives; neighbors of ASE."""
    from ase import Atoms

    cell = cell_cc.detach().numpy()
    atoms = Atoms(
        numbers_n.numpy(),
        positions_nc.detach().numpy(),
        cell=cell,
        pbc=cell.any(axis=1),
    )
    i_p, j_p, shift_pc = (torch.tensor(x) for x in neighbor_list('ijS', atoms, CUTOFF))
    r_pc = positions_nc[j_p] - positions_nc[i_p] + shift_pc.to(cell_cc) @ cell_cc
    f_p = 0.5 * (1 + torch.cos(torch.pi * r_pc.norm(dim=1) / CUTOFF))
    zeros_n = torch.zeros(len(numbers_n)).to(f_p)
    rho_n = zeros_n.index_add(0, i_p, f_p)
    return torch.stack([rho_n, zeros_n.index_add(0, i_p, f_p * rho_n[j_p])], dim=1)


OURS = TorchDescriptor(two_hops, CUTOFF, 2)


@pytest.mark.parametrize('dtype, tolerance', [('float64', 1e-12), ('float32', 2e-5)])
@pytest.mark.parametrize('shape', SHAPES)
def test_derivatives_are_those_by_hand(shape, dtype, tolerance):
    atoms = random_cell(shape, 1)
    ends = []
    for descriptor in (replace(OURS, dtype=dtype), TwoHops(CUTOFF)):
        q_nk, pullback = describe(descriptor, atoms)
        g_nk = np.random.default_rng(0).standard_normal(q_nk.shape)
        ends.append((q_nk, *pullback(g_nk), *pullback(g_nk[::-1])))  # twice
    for ours, theirs in zip(*ends, strict=True):
        assert ours.dtype == float
        scale = np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, atol=tolerance * scale, rtol=0)


@pytest.mark.parametrize('shape', ['smaller than the cutoff', 'slab', 'cluster'])
def test_check_descriptor(shape):
    check_descriptor(OURS, random_cell(shape, 1))


@pytest.mark.parametrize('dtype, tolerance', [('float64', 1e-6), ('float32', 1e-3)])
def test_forces_and_stress_belong_to_the_energy(dtype, tolerance):
    atoms = random_cell('triclinic', 3)
    q_nk, _ = describe(OURS, atoms)
    descriptor = LinearDescriptor.standardized(replace(OURS, dtype=dtype), q_nk)
    exact = LinearDescriptor.standardized(OURS, q_nk)
    check_energy(descriptor, exact, atoms, tolerance)


def check_energy(descriptor, exact, atoms, tolerance):
    """Compare forces and stress with differences of V, in double precision."""
    atoms.calc = EntropyCalculator(descriptor, SMOOTH, k_entropy=50.0)
    forces_nc, stress_cc = atoms.get_forces(), atoms.get_stress(voigt=False)
    rng = np.random.default_rng(2)
    moves_nc = rng.standard_normal(forces_nc.shape)
    strain_cc = rng.standard_normal((3, 3))
    strain_cc += strain_cc.T

    def slope(moves_nc, strain_cc, h=1e-5):
        energy = {}
        for x in (-2, -1, 1, 2):
            moved, change_cc = atoms.copy(), np.eye(3) + x * h * strain_cc
            moved.set_cell(atoms.cell @ change_cc)
            moved.positions = (atoms.positions + x * h * moves_nc) @ change_cc
            calc = EntropyCalculator(exact, SMOOTH, k_entropy=50.0)
            energy[x] = calc.get_potential_energy(moved)
        return (8 * (energy[1] - energy[-1]) - (energy[2] - energy[-2])) / (12 * h)

    none_nc, none_cc = np.zeros_like(moves_nc), np.zeros((3, 3))
    slopes = slope(moves_nc, none_cc), slope(none_nc, strain_cc)
    assert -np.sum(forces_nc * moves_nc) == pytest.approx(slopes[0], rel=tolerance)
    virial = atoms.get_volume() * np.sum(stress_cc * strain_cc)
    assert virial == pytest.approx(slopes[1], rel=tolerance)


def test_no_graph_is_kept():
    atoms = random_cell('triclinic', 3)
    atoms.calc = EntropyCalculator(OURS, k_entropy=50.0)
    atoms.get_forces()
    gc.collect()
    tensors = [x for x in gc.get_objects() if isinstance(x, torch.Tensor)]
    assert not any(x.grad_fn is not None for x in tensors)


def test_threads_are_left_as_they_were():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        q_nk, pullback = describe(OURS, random_cell('triclinic', 3))
        pullback(q_nk)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_name_and_pickle():
    assert repr(replace(OURS, dtype='float32')) == (
        'TorchDescriptor(two_hops, cutoff=3, size=2, float32 on cpu)'
    )
    assert pickle.loads(pickle.dumps(OURS)) == OURS


def complaint(function, *args, **kwargs):
    with pytest.raises(ValueError) as caught:
        function(*args, **kwargs)
    return str(caught.value)


def constant(positions_nc, cell_cc, numbers_n):
    return torch.ones(len(numbers_n), 2)


def as_array(positions_nc, cell_cc, numbers_n):
    return positions_nc.detach().numpy()


def test_rows_do_not_hold_functions():
    dct = json.loads(json.dumps(EntropyCalculator(OURS).todict()))
    assert dct['descriptor']['function'] == 'two_hops'
    assert complaint(EntropyCalculator.fromdict, dct) == (
        'TorchDescriptor of two_hops: rows hold the name of a function, not its code, '
        'expected a TorchDescriptor made by you'
    )


@pytest.mark.parametrize(
    'fields, sentence',
    [
        ({'function': 3}, 'function=3: expected a function'),
        ({'cutoff': 0.0}, 'cutoff=0.0: expected a finite number > 0.0'),
        ({'size': 0}, 'size=0: expected a whole number >= 1'),
        ({'dtype': 'half'}, "dtype='half': expected one of ('float32', 'float64')"),
        ({'device': 'moon'}, "device='moon': expected a device of this machine, such"),
    ],
)
def test_bad_parameters(fields, sentence):
    assert complaint(lambda: replace(OURS, **fields)).startswith(sentence)


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is cuda')
def test_no_cuda():
    message = complaint(CHGNet, device='cuda')
    assert message.startswith("device='cuda': expected a device of this machine, such")


@pytest.mark.parametrize(
    'descriptor, sentence',
    [
        (
            replace(OURS, size=3),
            'function=two_hops returns shape (15, 2): expected (atoms, size) = (15, 3)',
        ),
        (
            replace(OURS, function=constant),
            'function=constant has no gradient: expected operations of torch from '
            'positions to components, without detach() or numpy',
        ),
        (
            replace(OURS, function=as_array),
            'function=as_array returns ndarray: expected a tensor of torch',
        ),
    ],
)
def test_bad_functions(descriptor, sentence):
    assert complaint(describe, descriptor, random_cell('triclinic', 1)) == sentence


def test_missing_packages(monkeypatch):
    monkeypatch.setitem(sys.modules, 'torch', None)
    assert complaint(CHGNet) == (
        'the package torch is missing: expected it after pip install torch'
    )


def test_file_that_is_no_model(tmp_path):
    pytest.importorskip('mace')
    path = tmp_path / 'a.model'
    assert complaint(MACE, path) == (
        f"file='{path}': expected a model of MACE (No such file or directory)"
    )
    path.write_text('no model')
    assert complaint(MACE, path).startswith(
        f"file='{path}' holds no model of MACE: expected one that MACE has saved ("
    )
