"""Descriptors of whole atoms, where descriptors of pairs work."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.db import connect
from ase.io import read, write
from cells import SHAPES, random_cell
from whole_atoms import TwoHops

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    Ladder,
    LinearDescriptor,
    Quench,
    RandomPacking,
    Recipe,
    SmoothNearestNeighborEntropy,
    campaign,
)
from ase_entropy.descriptors import describe
from ase_entropy.dynamics.compiled_form import has_compiled_form
from ase_entropy.report import study, tables
from ase_entropy.sets import read_dataset
from ase_entropy.sets.selection import Environments, FarthestPoint
from ase_entropy.testing import check_descriptor

SHORT = AnnealSchedule(k_entropy=1.0, shuffle_steps=20, ramp_steps=60)


@dataclass(frozen=True)
class Whole:
    """A descriptor of pairs, handed on as one of whole atoms."""

    descriptor: Bispectrum = Bispectrum(components=6)

    @property
    def cutoff(self):
        return self.descriptor.cutoff

    @property
    def size(self):
        return self.descriptor.size

    def evaluate_atoms(self, atoms):
        return describe(self.descriptor, atoms)


@pytest.mark.parametrize('shape', SHAPES)
def test_both_kinds_give_the_same_numbers(shape):
    atoms = random_cell(shape, 1)
    ends = []
    for descriptor in (Bispectrum(components=6), Whole()):
        atoms.calc = EntropyCalculator(descriptor, k_entropy=3.0)
        ends.append((atoms.get_potential_energy(), atoms.get_forces()))
        ends[-1] += (atoms.calc.q_nk,)
        if atoms.cell.rank == 3:
            ends[-1] += (atoms.get_stress(),)
    for ours, theirs in zip(*ends, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize('linear', [False, True])
def test_forces_and_stress(linear):
    atoms = random_cell('triclinic', 3)
    descriptor = TwoHops()
    if linear:
        q_nk, _ = describe(descriptor, atoms)
        descriptor = LinearDescriptor.principal(descriptor, q_nk, 2)
    atoms.calc = EntropyCalculator(descriptor, k_entropy=20.0)
    forces_nc, stress = atoms.get_forces(), atoms.get_stress()
    scale = np.abs(forces_nc).max()
    numerical = calculate_numerical_forces(atoms, eps=1e-5)
    np.testing.assert_allclose(forces_nc, numerical, atol=1e-6 * scale)
    numerical = calculate_numerical_stress(atoms, eps=1e-6)
    np.testing.assert_allclose(stress, numerical, atol=1e-6 * np.abs(stress).max())


def test_check_descriptor():
    atoms = random_cell('smaller than the cutoff', 1)
    check_descriptor(TwoHops(), atoms)
    for mistake, sentence in (
        (TwoHops(sign=-1.0), 'pullback along displacements'),
        (TwoHops(strained=0.0), r'pullback along strains \(stress\)'),
    ):
        with pytest.raises(AssertionError, match=sentence):
            check_descriptor(mistake, atoms)
    with pytest.raises(AssertionError, match='pullback returns virial of shape'):
        check_descriptor(Misshapen(), atoms)


class Misshapen(TwoHops):
    def evaluate_atoms(self, atoms):
        q_nk, pullback = super().evaluate_atoms(atoms)
        return q_nk, lambda dE_dq_nk: (pullback(dE_dq_nk)[0], np.zeros(6))


def test_dynamics_quench_and_harvest(tmp_path):
    """On the plain path: there is no compiled form."""
    atoms = random_cell('smaller than the cutoff', 1)
    atoms.calc = EntropyCalculator(TwoHops(), k_entropy=1.0)
    assert not has_compiled_form(atoms)
    with Quench(atoms, orders=(2,), logfile=None) as opt:
        opt.run(fmax=5.0, steps=20)
    dyn = CyclicLangevin(atoms, schedule=SHORT, rng=np.random.default_rng(1))
    path = tmp_path / 'w.db'
    Harvest(dyn, path, ladder=Ladder((2,), steps=20), report=len).run(2)
    for row in connect(path).select():
        estimator = SmoothNearestNeighborEntropy(2)  # of the ladder
        found = EntropyCalculator(TwoHops(), estimator, k_entropy=1.0)
        assert found.get_potential_energy(row.toatoms()) == row.effective_energy
        np.testing.assert_array_equal(found.q_nk, row.data['q_nk'])


def test_campaign_with_two_workers(tmp_path):
    recipe = Recipe(
        start=RandomPacking('W6', (5.0, 5.0, 6.0)),
        descriptor=TwoHops(),
        schedule=SHORT,
        ladder=Ladder((2,), steps=20),
    )
    rows = []
    with campaign.Processes(2) as processes:
        for name, executor in (('one.db', None), ('two.db', processes)):
            path = tmp_path / name
            campaign.run(recipe, 3, path, seed=1, executor=executor, report=len)
            rows.append({row.cycle: row for row in connect(path).select()})
    assert set(rows[0]) == {0, 1, 2}
    for n, row in rows[0].items():
        np.testing.assert_array_equal(row.positions, rows[1][n].positions)
        assert row.entropy == rows[1][n].entropy


def test_datasets_reports_and_selection(tmp_path):
    frames = [
        random_cell(shape, m)
        for m in range(3)
        for shape in ('wire, tilted', 'triclinic')
    ]
    write(tmp_path / 'a.extxyz', frames)
    frames = read(tmp_path / 'a.extxyz', ':')
    dataset = read_dataset(tmp_path / 'a.extxyz', TwoHops())
    q_ek = np.concatenate([TwoHops().evaluate_atoms(atoms)[0] for atoms in frames])
    np.testing.assert_array_equal(dataset.q_ek, q_ek)
    assert tables(
        study([dataset], rng=np.random.default_rng(0), decompositions=3, report=str)
    )
    first_m = np.cumsum([0, *map(len, frames)])
    pool = Environments(dataset.q_ek, first_m, np.full(len(q_ek), 74))
    assert len(set(FarthestPoint().rank(pool, number=3).chosen_r)) == 3


def test_messages_name_the_configuration(tmp_path):
    coincident = Atoms('W2', np.zeros((2, 3)), cell=3 * [5.0], pbc=True)
    write(tmp_path / 'a.extxyz', [random_cell('triclinic', 1), coincident])
    with pytest.raises(ValueError, match=r"a.extxyz', configuration 1: atoms 0 and 1"):
        read_dataset(tmp_path / 'a.extxyz', TwoHops())


def test_rows_remember_name_and_fields():
    dct = EntropyCalculator(TwoHops()).todict()
    assert json.loads(json.dumps(dct))['descriptor']['cutoff'] == 3.0
