"""Checks for descriptors of your own."""

from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy.descriptors import describe
from ase_entropy.pairs import find_pairs, reach

__all__ = ['check_descriptor']


STEP = 1e-5  # Angstrom, and strain


def check_descriptor(descriptor: Any, atoms: Atoms, tolerance: float = 1e-5) -> None:
    """Check a descriptor of your own: derivatives, symmetries, cutoff.

    The pullback is the adjoint of the derivatives, for displacements and for all
    strains; rotations, translations and the order of atoms and pairs change nothing;
    pairs beyond the cutoff do not count; nothing jumps where a pair crosses it.

    Parameters
    ----------
    descriptor : Descriptor
        `cutoff`, `size`, and `evaluate(pairs) -> (q_nk, pullback)`, or, for whole
        atoms, `evaluate_atoms(atoms) -> (q_nk, pullback)`.
    atoms : Atoms
        Any, best without symmetry, periodic, and with a cell smaller than the cutoff.
    tolerance : float
        Largest relative error.

    Raises
    ------
    AssertionError
        With a sentence that says which of these does not hold, and by how much.

    Examples
    --------
    >>> from ase_entropy import Bispectrum
    >>> atoms = Atoms('W3', [(0, 0, 0), (2, 1, 0), (0, 2, 1)], cell=(3, 4, 5), pbc=True)
    >>> check_descriptor(Bispectrum(), atoms)
    """
    rng = np.random.default_rng(0)
    q_nk = _values(descriptor, atoms)
    shape = len(atoms), descriptor.size
    if q_nk.shape != shape:
        raise AssertionError(
            f'q_nk has shape {q_nk.shape}, not (atoms, size) = {shape}'
        )
    _check_symmetries(descriptor, atoms, q_nk, rng, tolerance)
    if not hasattr(descriptor, 'evaluate_atoms'):
        _check_pairs(descriptor, atoms, q_nk, rng, tolerance)
    _check_adjoint(descriptor, atoms, rng, tolerance)
    _check_cutoff(descriptor, atoms, q_nk, tolerance)


def _values(descriptor: Any, atoms: Atoms) -> np.ndarray:
    return describe(descriptor, atoms)[0]


def _compare(what, x, y, tolerance, scale=0.0):
    scale = max(np.abs(x).max(), np.abs(y).max(), scale, 1e-12)
    error = np.abs(x - y).max() / scale
    if not error <= tolerance:
        raise AssertionError(
            f'{what}: relative error {error:.2g}, beyond {tolerance:g}'
        )


def _check_symmetries(descriptor, atoms, q_nk, rng, tolerance):
    turned = atoms.copy()
    axis, angle = rng.standard_normal(3), 360 * rng.random()
    turned.rotate(angle, axis, rotate_cell=True)
    _compare('rotation', q_nk, _values(descriptor, turned), tolerance)
    shifted = atoms.copy()
    shifted.translate(rng.standard_normal(3))
    _compare('translation', q_nk, _values(descriptor, shifted), tolerance)
    order_n = rng.permutation(len(atoms))
    _compare(
        'order of the atoms',
        q_nk[order_n],
        _values(descriptor, atoms[order_n]),
        tolerance,
    )


def _check_pairs(descriptor, atoms, q_nk, rng, tolerance):
    pairs = find_pairs(atoms, reach(descriptor))
    mixed = pairs.select(rng.permutation(len(pairs.r_p)))
    _compare('order of the pairs', q_nk, descriptor.evaluate(mixed)[0], tolerance)
    more = find_pairs(atoms, reach(descriptor) + 0.5)
    beyond_nk = descriptor.evaluate(more)[0]
    _compare('pairs beyond the cutoff', q_nk, beyond_nk, tolerance)
    dE_dr_pc = descriptor.evaluate(pairs)[1](np.ones(q_nk.shape))
    if dE_dr_pc.shape != pairs.r_pc.shape:
        raise AssertionError(
            f'pullback returns shape {dE_dr_pc.shape}, not (pairs, 3) = '
            f'{pairs.r_pc.shape}'
        )


def _check_adjoint(descriptor, atoms, rng, tolerance):
    """<g, dq> = <pullback(g), dr> for random g, along displacements and strains."""
    q_nk, pullback = describe(descriptor, atoms)
    g_nk = rng.standard_normal(q_nk.shape)
    forces_nc, virial_cc = pullback(g_nk)
    for name, found, shape in (
        ('forces', forces_nc, (len(atoms), 3)),
        ('virial', virial_cc, (3, 3)),
    ):
        if found.shape != shape:
            raise AssertionError(
                f'pullback returns {name} of shape {found.shape}, not {shape}'
            )
    numerical, v_nc = [], rng.standard_normal((len(atoms), 3))
    for sign in (1, -1):
        moved = atoms.copy()
        moved.positions += sign * STEP * v_nc
        numerical.append(np.sum(g_nk * _values(descriptor, moved)))
    slope = (numerical[0] - numerical[1]) / (2 * STEP)
    analytical = -np.sum(forces_nc * v_nc)
    _compare('pullback along displacements', np.array(analytical), slope, tolerance)
    strain_cc = rng.standard_normal((3, 3))
    strain_cc += strain_cc.T
    numerical = []
    for sign in (1, -1):
        strained = atoms.copy()
        change_cc = np.eye(3) + sign * STEP * strain_cc
        strained.set_cell(atoms.cell[:] @ change_cc)
        strained.positions = atoms.positions @ change_cc
        numerical.append(np.sum(g_nk * _values(descriptor, strained)))
    slope = (numerical[0] - numerical[1]) / (2 * STEP)
    analytical = np.sum(virial_cc * strain_cc)
    _compare('pullback along strains (stress)', np.array(analytical), slope, tolerance)


def _check_cutoff(descriptor, atoms, q_nk, tolerance):
    symbols, edge = [atoms.symbols[0]] * 2, reach(descriptor)
    ends = [
        _values(descriptor, Atoms(symbols, [(0, 0, 0), (edge + step, 0, 0)]))
        for step in (-1e-7, 1e-7)
    ]
    scale = np.abs(q_nk).max()
    _compare('a pair that crosses the cutoff', *ends, tolerance, scale)
