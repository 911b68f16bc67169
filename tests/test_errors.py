"""Every bad input gets one sentence that names it, and says what would be right."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms, units
from ase.calculators.emt import EMT
from ase.db import connect
from cells import random_cell
from estimators import ALONE

from ase_entropy import (
    Bispectrum,
    ClarkeSmith,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    Ladder,
    LogDetEntropy,
    NearestNeighborEntropy,
    Quench,
    SmoothNearestNeighborEntropy,
    descriptors,
    random_packing,
)
from ase_entropy.cli import main
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import standard_scale, whitening
from ase_entropy.pairs import find_pairs
from ase_entropy.repulsion import MixedClarkeSmith
from ase_entropy.store import database
from ase_entropy.store.database import open_database

RNG = np.random.default_rng(0)


def complaint(function, *args, **kwargs):
    """Return the message of the ValueError that a call must raise."""
    with pytest.raises(ValueError) as caught:
        function(*args, **kwargs)
    message = str(caught.value)
    assert '\n' not in message
    return message


@pytest.mark.parametrize(
    ('part', 'parameters', 'sentence'),
    [
        (Bispectrum, {'cutoff': -1.0}, 'cutoff=-1.0: expected a finite number > 0.0'),
        (Bispectrum, {'cutoff': 0.0}, 'cutoff=0.0: expected a finite number > 0.0'),
        (Bispectrum, {'cutoff': np.nan}, 'cutoff=nan: expected a finite number > 0.0'),
        (
            Bispectrum,
            {'cutoff': 10**400},
            f'cutoff={10**400}: expected a finite number > 0.0',
        ),
        (Bispectrum, {'cutoff': '4'}, "cutoff='4': expected a finite number > 0.0"),
        (
            Bispectrum,
            {'rfac0': 0.0},
            'rfac0=0.0: expected a finite number > 0.0 and <= 1.0',
        ),
        (
            Bispectrum,
            {'rfac0': 1.01},
            'rfac0=1.01: expected a finite number > 0.0 and <= 1.0',
        ),
        (
            Bispectrum,
            {'rmin0': -0.1},
            'rmin0=-0.1: expected a finite number >= 0.0 and < 3.93',
        ),
        (
            Bispectrum,
            {'rmin0': 3.93},
            'rmin0=3.93: expected a finite number >= 0.0 and < 3.93',
        ),
        (
            Bispectrum,
            {'twojmax': -1},
            'twojmax=-1: expected a whole number from 0 to 8',
        ),
        (
            Bispectrum,
            {'twojmax': 2.5},
            'twojmax=2.5: expected a whole number from 0 to 8',
        ),
        (Bispectrum, {'twojmax': 9}, 'twojmax=9: expected a whole number from 0 to 8'),
        (
            Bispectrum,
            {'components': 0},
            'components=0: expected a whole number from 1 to 8',
        ),
        (
            Bispectrum,
            {'components': 9},
            'components=9: expected a whole number from 1 to 8',
        ),
        (
            Bispectrum,
            {'species': ['Xy']},
            "species=['Xy']: expected different chemical symbols",
        ),
        (
            Bispectrum,
            {'species': 74},
            'species=74: expected different chemical symbols',
        ),
        (
            Bispectrum,
            {'species': ['W', 'W']},
            "species=['W', 'W']: expected different chemical symbols",
        ),
        (Bispectrum, {'bnormflag': 'false'}, "bnormflag='false': expected bool"),
        (Bispectrum, {'chemflag': 1}, 'chemflag=1: expected bool'),
        (
            MixedClarkeSmith,
            {'species': ('W', 'Bk')},
            "species='Bk': expected an element with a covalent radius in ASE, such as "
            'Cu',
        ),
        (ClarkeSmith, {'cutoff': -2.0}, 'cutoff=-2.0: expected a finite number > 0.0'),
        (ClarkeSmith, {'r0': 0.0}, 'r0=0.0: expected a finite number > 0.0'),
        (ClarkeSmith, {'m': 8}, 'n=8: expected a finite number > 8'),
        (
            ClarkeSmith,
            {'epsilon': -1.0},
            'epsilon=-1.0: expected a finite number >= 0.0',
        ),
        (
            NearestNeighborEntropy,
            {'softening': -0.1},
            'softening=-0.1: expected a finite number >= 0.0',
        ),
        (
            SmoothNearestNeighborEntropy,
            {'order': 0.5},
            'order=0.5: expected a finite number >= 1.0',
        ),
        (
            SmoothNearestNeighborEntropy,
            {'order': 'inf'},
            "order='inf': expected a finite number >= 1.0",
        ),
        (
            SmoothNearestNeighborEntropy,
            {'softening': -1},
            'softening=-1: expected a finite number >= 0.0',
        ),
        (
            KernelEntropy,
            {'bandwidth': 0.0},
            'bandwidth=0.0: expected a finite number > 0.0',
        ),
        (
            KernelEntropy,
            {'bandwidth': 'scott'},
            "bandwidth='scott': expected 'silverman' or a number > 0",
        ),
        (
            KernelEntropy,
            {'softening': -1},
            'softening=-1: expected a finite number >= 0.0',
        ),
        (
            KozachenkoLeonenkoEntropy,
            {'k': 0},
            'k=0: expected a whole number >= 1',
        ),
        (
            KozachenkoLeonenkoEntropy,
            {'order': 0.5},
            'order=0.5: expected a finite number >= 1.0',
        ),
        (
            KozachenkoLeonenkoEntropy,
            {'softening': -1},
            'softening=-1: expected a finite number >= 0.0',
        ),
        (
            LogDetEntropy,
            {'ridge': -1.0},
            'ridge=-1.0: expected a finite number >= 0.0',
        ),
        (
            NearestNeighborEntropy,
            {'scale_k': (1.0, 0.0)},
            'scale_k=(1.0, 0.0): expected numbers > 0',
        ),
        (
            NearestNeighborEntropy,
            {'scale_k': [[1.0]]},
            'scale_k has shape (1, 1): expected 1 axes of finite numbers',
        ),
        (
            NearestNeighborEntropy,
            {'reference_mk': [[1.0, np.nan]]},
            'reference_mk has shape (1, 2): expected 2 axes of finite numbers',
        ),
        (
            NearestNeighborEntropy,
            {'whitening_kx': np.eye(2), 'scale_k': (1.0, 2.0)},
            'scale_k and whitening_kx are both given: expected one',
        ),
        (
            NearestNeighborEntropy,
            {'whitening_kx': np.eye(2), 'reference_mk': np.ones((5, 3))},
            'reference_mk, scale_k and whitening_kx are for [2, 3] components: '
            'expected one number',
        ),
        (Ladder, {'orders': 3}, 'orders=3: expected a sequence, such as (2, 24)'),
        (
            Ladder,
            {'orders': (3, 'x')},
            "orders='x': expected a finite number >= 1.0",
        ),
        (Ladder, {'orders': (0,)}, 'orders=0: expected a finite number >= 1.0'),
        (Ladder, {'fmax': 0.0}, 'fmax=0.0: expected a finite number > 0.0'),
        (Ladder, {'steps': 0}, 'steps=0: expected a whole number from 1 to 1000000000'),
        (
            AnnealSchedule,
            {'hot_K': -5.0},
            'hot_K=-5.0: expected a finite number >= 0.0',
        ),
        (
            AnnealSchedule,
            {'k_entropy': np.inf},
            'k_entropy=inf: expected a finite number',
        ),
        (
            AnnealSchedule,
            {'ramp_steps': 1},
            'ramp_steps=1: expected at least 2 (or 0 for no ramp)',
        ),
        (
            AnnealSchedule,
            {'shuffle_steps': -1},
            'shuffle_steps=-1: expected a whole number from 0 to 1000000000',
        ),
        (
            EntropyCalculator,
            {'k_entropy': np.nan},
            'k_entropy=nan: expected a finite number',
        ),
    ],
)
def test_parameters(part, parameters, sentence):
    assert complaint(part, **parameters) == sentence


def test_positions_not_finite():
    atoms = random_cell('triclinic', 1)
    atoms.positions[3, 1] = np.nan
    atoms.calc = EntropyCalculator()
    message = complaint(atoms.get_forces)
    assert message.startswith('atoms.positions[3]=[')
    assert message.endswith('expected finite numbers below 10000 Angstrom')


@pytest.mark.parametrize('pbc', [True, False, (True, True, False)])
def test_positions_out_of_this_world(pbc):
    atoms = Atoms('W3', [(0, 0, 0), (2, 0, 0), (0, 0, 1e7)], cell=(5, 5, 5), pbc=pbc)
    message = complaint(find_pairs, atoms, 3.0)
    assert message == (
        'atoms.positions[2]=[0.0, 0.0, 10000000.0]: expected finite numbers below '
        '10000 Angstrom'
    )


@pytest.mark.parametrize('cutoff', [0.0, -1.0, np.nan, np.inf])
def test_cutoff_of_pairs(cutoff):
    message = complaint(find_pairs, random_cell('cluster', 1), cutoff)
    assert message == f'cutoff={cutoff}: expected a finite number > 0.0'


@pytest.mark.parametrize('rng', [None, 1, np.random.RandomState(1)])  # noqa: NPY002
def test_generators(rng):
    assert complaint(random_packing, 'W2', (5, 5, 5), 2.0, rng).startswith('rng=')
    atoms = random_cell('cluster', 1)
    atoms.calc = EntropyCalculator()
    message = complaint(CyclicLangevin, atoms, rng=rng)
    assert message == f'rng={rng!r}: expected numpy.random.default_rng(seed)'


def test_masses():
    atoms = random_cell('two atoms', 1)
    atoms.calc = EntropyCalculator()
    atoms.set_masses([1.0, -1.0])
    message = complaint(CyclicLangevin, atoms, rng=RNG)
    assert message == 'atoms.get_masses()=[1.0, -1.0]: expected masses > 0'


@pytest.mark.parametrize('name', ['descriptor', 'estimator', 'repulsion'])
def test_parts_that_are_none(name):
    message = complaint(EntropyCalculator, **{name: 'x'})
    assert message == f"{name}='x': expected an object with evaluate()"


def test_ladder_that_is_none(tmp_path):
    message = complaint(Harvest, dynamics(), tmp_path / 'w.db', ladder=(3, 24))
    assert message == 'ladder=(3, 24): expected a Ladder, or None'


def test_ladder_for_an_estimator_without_orders(tmp_path):
    dyn = dynamics()
    dyn.atoms.calc.set(estimator=KernelEntropy())
    expected = (
        'order=2 and the estimator is KernelEntropy: expected one of neighbors, '
        'NearestNeighborEntropy, SmoothNearestNeighborEntropy or '
        'KozachenkoLeonenkoEntropy'
    )
    assert complaint(Harvest, dyn, tmp_path / 'w.db', ladder=Ladder((2,))) == expected
    assert complaint(Quench, dyn.atoms, (2, 24), logfile=None) == expected


def test_start_with_atoms_on_top_of_each_other(tmp_path):
    dyn = dynamics()
    dyn.atoms.positions[1] = dyn.atoms.positions[0] + (0.5, 0.0, 0.0)
    message = complaint(Harvest(dyn, tmp_path / 'w.db', report=print).run, 1)
    assert message == (
        'atoms 0.5 Angstrom apart at the start: expected 1.08 or more, for this '
        'repulsion'
    )


@pytest.mark.parametrize('estimator', ALONE.values())
@pytest.mark.parametrize('q_nk', [[1.0, 2.0], np.zeros((0, 3)), np.zeros((3, 0))])
def test_descriptors_that_are_no_matrix(estimator, q_nk):
    message = complaint(estimator().evaluate, np.array(q_nk))
    assert message == (
        f'q_nk has shape {np.shape(q_nk)}: expected (n, k), one atom at least'
    )


@pytest.mark.parametrize('estimator', ALONE.values())
@pytest.mark.parametrize(
    'options',
    [
        {'scale_k': (1.0, 2.0)},
        {'reference_mk': np.ones((9, 2))},
        {'whitening_kx': np.ones((2, 4))},
    ],
    ids=['scale', 'reference', 'whitening'],
)
def test_arrays_for_other_descriptors(estimator, options):
    message = complaint(estimator(**options).evaluate, np.ones((4, 3)))
    assert message == (
        'q_nk has 3 component(s): expected 2, as in reference_mk, scale_k or '
        'whitening_kx'
    )


def test_arrays_for_other_descriptors_on_the_compiled_path():
    atoms = random_cell('cluster', 1)
    atoms.calc = EntropyCalculator(estimator=NearestNeighborEntropy(scale_k=(1.0, 2.0)))
    atoms.calc.set(k_entropy=0.0)
    dyn = CyclicLangevin(atoms, rng=RNG)
    assert complaint(dyn.run, 5).startswith('q_nk has 6 component(s): expected 2')


def test_kth_neighbor_of_too_few():
    estimator = KozachenkoLeonenkoEntropy(k=3)
    expected = 'k=3: expected less than the 3 points'
    assert complaint(estimator.evaluate, np.eye(3)) == expected


def test_directions_without_spread():
    assert complaint(LogDetEntropy(ridge=0.0).evaluate, np.ones((4, 3))) == (
        'ridge=0.0: the descriptors vary in fewer than 3 directions, the entropy is '
        '-inf, expected ridge > 0'
    )


def test_scale_of_what_does_not_vary():
    q_mk = np.column_stack([np.arange(5.0), np.ones(5)])
    assert complaint(standard_scale, q_mk) == 'q_mk: component 1 is the same in all 5'
    assert complaint(whitening, q_mk) == (
        'q_mk: the 2 components depend on each other linearly'
    )
    assert complaint(standard_scale, 'x') == 'q_mk: expected an array of numbers'
    assert complaint(standard_scale, [1.0]).startswith('q_mk has shape (1,), 1 of 1 fi')
    assert complaint(whitening, 'x') == (
        'q_mk has shape (): expected 2 axes of finite numbers'
    )


@pytest.mark.parametrize('pbc', [True, False])
def test_coinciding_positions(pbc):
    atoms = Atoms('W3', [(0, 0, 0), (2, 0, 0), (2, 0, 0)], cell=(5, 5, 5), pbc=pbc)
    message = complaint(EntropyCalculator().get_potential_energy, atoms)
    assert message == 'atoms 1 and 2 coincide: expected distinct positions'


@pytest.mark.parametrize('seed', range(10))
def test_coincidence_up_to_rounding(seed):
    """An atom on the image of another, in a tilted cell without round numbers."""
    rng = np.random.default_rng(seed)
    cell = np.diag((6.1, 7.3, 5.7)) + rng.random((3, 3))
    place = rng.random(3) * 5
    atoms = Atoms('W2', [place, place + (1, -1, 2) @ cell], cell=cell, pbc=True)
    assert 'coincide' in complaint(EntropyCalculator().get_potential_energy, atoms)


def test_the_same_complaint_twice():
    atoms = Atoms('W2', [(0, 0, 0), (0, 0, 0)])
    calc = EntropyCalculator()
    first = complaint(calc.get_potential_energy, atoms)
    assert complaint(calc.get_potential_energy, atoms) == first


def test_dummy_atoms():
    message = complaint(find_pairs, Atoms('WX', [(0, 0, 0), (2, 0, 0)]), 3.0)
    assert message == 'atoms holds the dummy element X: expected real elements'


def test_coincidence_with_an_image():
    atoms = Atoms('W2', [(0, 0, 0), (5, 0, 0)], cell=(5, 5, 5), pbc=True)
    message = complaint(EntropyCalculator().get_potential_energy, atoms)
    assert message == 'atoms 0 and 1 coincide: expected distinct positions'


def test_zero_atoms():
    message = complaint(EntropyCalculator().get_potential_energy, Atoms())
    assert message == 'atoms has no atoms: expected at least one'


@pytest.mark.parametrize(
    ('cell', 'pbc'),
    [
        ((5, 5, 0), True),
        ([[5, 0, 0], [0, 5, 0], [5, 5, 0]], True),
        (None, (False, True, False)),
    ],
)
def test_periodic_without_volume(cell, pbc):
    atoms = Atoms('W2', [(0, 0, 0), (2, 0, 0)], cell=cell, pbc=pbc)
    message = complaint(find_pairs, atoms, 3.0)
    assert message.startswith('atoms.cell=[[')
    assert message.endswith(
        'expected linearly independent cell vectors along periodic directions'
    )


def test_slab_without_third_vector_is_fine():
    atoms = Atoms('W', cell=(2.5, 2.5, 0), pbc=(True, True, False))
    assert len(find_pairs(atoms, 3.0).r_p) == 4


TWINS = 'atom 0 has the descriptors of another'


@pytest.mark.parametrize(
    ('estimator', 'reason'),
    [
        (
            NearestNeighborEntropy(softening=0.0),
            'atom 0 has the descriptors of another',
        ),
        (
            SmoothNearestNeighborEntropy(softening=0.0),
            'atom 0 has the descriptors of another',
        ),
        (
            KozachenkoLeonenkoEntropy(softening=0.0),
            'atom 0 has the descriptors of another',
        ),
        (KernelEntropy(softening=0.0), 'all descriptors are equal'),
    ],
    ids=lambda x: type(x).__name__,
)
def test_equal_descriptors_without_softening(estimator, reason):
    calc = EntropyCalculator(estimator=estimator)
    dimer = Atoms('W2', [(0, 0, 0), (2.5, 0, 0)])
    message = complaint(calc.get_potential_energy, dimer)
    assert message == (
        f'softening=0.0 and {reason}: the entropy is -inf, expected softening > 0'
    )


def test_foreign_species():
    calc = EntropyCalculator(Bispectrum(species=['W']))
    atoms = Atoms('WBe', [(0, 0, 0), (2.5, 0, 0)])
    message = complaint(calc.get_potential_energy, atoms)
    assert message == (
        "species=('W',) and the atoms hold ['Be']: expected these elements only"
    )


def test_unknown_parameter_of_the_calculator():
    message = complaint(EntropyCalculator().set, kentropy=1.0)
    assert message.startswith("parameter 'kentropy': expected one of (")


def test_questions_before_the_first_energy():
    calc = EntropyCalculator()
    for name in ('entropy', 'e_rep', 'q_nk', 'pairs'):
        message = complaint(getattr, calc, name)
        assert message == 'no geometry yet: ask for an energy first'


def test_unknown_part():
    dct = EntropyCalculator().todict()
    dct['descriptor'] = {'name': 'Crystal', 'ball': 1}
    message = complaint(EntropyCalculator.fromdict, dct)
    assert message == f"name='Crystal': expected one of {sorted(descriptors.registry)}"
    dct['descriptor'] = {'name': 'Bispectrum', 'ball': 1}
    message = complaint(EntropyCalculator.fromdict, dct)
    assert message.startswith("Bispectrum has no ['ball']: expected some of ['cutoff'")
    message = complaint(EntropyCalculator.fromdict, {'descriptor': {}})
    assert message.startswith("dct has no ['estimator', 'repulsion', 'k_entropy']")


@pytest.mark.parametrize(
    ('symbols', 'cell', 'min_distance', 'beginning', 'end'),
    [
        ('Xy3', (5, 5, 5), 2.0, "symbols='Xy3'", 'such as W39'),
        ('', (5, 5, 5), 2.0, "symbols=''", 'such as W39'),
        (b'W2', (5, 5, 5), 2.0, "symbols=b'W2'", 'such as W39'),
        ('W2', (5, 5, 0), 2.0, 'cell=(5, 5, 0)', 'that span a volume'),
        ('W2', (5, 5, np.nan), 2.0, 'cell=(5, 5, nan)', 'that span a volume'),
        ('W2', 'abc', 2.0, "cell='abc'", 'that span a volume'),
        ('W2', [1, 2], 2.0, 'cell=[1, 2]', 'that span a volume'),
        ('W2', (5, 5, 5), -2.0, 'min_distance=-2.0', 'expected a finite number > 0.0'),
        ('W2', (5, 5, 5), 5.1, 'min_distance=5.1: found no room', 'a larger cell'),
        ('W200', (9, 9, 9), 2.5, 'min_distance=2.5: found no room', 'a larger cell'),
    ],
)
def test_impossible_packings(symbols, cell, min_distance, beginning, end):
    message = complaint(random_packing, symbols, cell, min_distance, RNG)
    assert message.startswith(beginning)
    assert message.endswith(end)


def dynamics(**kwargs):
    atoms = random_cell('orthorhombic', 1)
    atoms.calc = EntropyCalculator()
    return CyclicLangevin(atoms, rng=np.random.default_rng(0), **kwargs)


def test_dynamics():
    message = complaint(dynamics, timestep=-1.0 * units.fs)
    assert message.startswith('timestep=-')
    message = complaint(dynamics, timestep=0.0)
    assert message == 'timestep=0.0: expected a finite number > 0.0'
    message = complaint(dynamics, friction=-1.0)
    assert message == 'friction=-1.0: expected a finite number >= 0.0'
    assert complaint(dynamics().run_cycles, -1).startswith('cycles=-1')


def test_calculator_without_k():
    atoms = random_cell('cluster', 1)
    atoms.calc = EMT()
    message = complaint(CyclicLangevin, atoms, rng=RNG)
    assert message == (
        'schedule.k_entropy=1000.0 and atoms.calc is EMT, which has no k_entropy: '
        'expected an EntropyCalculator, with base=... for a sum, or k_entropy=0'
    )
    quiet = AnnealSchedule(k_entropy=0.0)
    dyn = CyclicLangevin(atoms, schedule=quiet, rng=RNG)
    message = complaint(Harvest, dyn, 'w.db')
    assert message == (
        'dyn.atoms.calc is EMT: expected an EntropyCalculator itself, as a row can '
        'describe no other energy; EntropyCalculator(base=...) adds one'
    )


def test_row_of_other_atoms(tmp_path):
    harvest = Harvest(dynamics(), tmp_path / 'w.db')
    other = connect(tmp_path / 'other.db')
    row = other.get(other.write(random_cell('cluster', 1)))
    message = complaint(harvest.continue_from, row)
    assert message == (
        'row 1 holds W12 in another cell: expected the atoms of the dynamics'
    )


def test_centers_of_another_number_of_systems():
    atoms = random_cell('cluster', 1)
    message = complaint(Bispectrum().create, [atoms, atoms], centers=[[0]])
    assert message == (
        'centers holds 1 lists for 2 systems: expected one list for each system'
    )


def test_database_in_the_wrong_place(tmp_path):
    assert complaint(open_database, tmp_path / 'w.txt').endswith(
        "w.txt': expected a name that ends in .db or .json, or "
        'postgresql://user@host/name'
    )
    assert complaint(open_database, tmp_path / 'no' / 'w.db').endswith(
        f"the folder '{tmp_path / 'no'}' does not exist"
    )
    for odd in ('a#b.db', 'a?b.db', 'a%41.db', 'ä ö.db'):
        for _ in range(2):
            assert open_database(tmp_path / odd).count() == 0
    (tmp_path / 'folder.db').mkdir()
    assert complaint(open_database, tmp_path / 'folder.db').endswith(
        'is a folder, expected a file'
    )
    assert complaint(open_database, tmp_path / 'w.db', must_exist=True).endswith(
        'there is no such database'
    )


def test_read_only_database(tmp_path, monkeypatch):
    """As SQLite itself says it; permissions do not bind a test that runs as root."""
    open_database(tmp_path / 'w.db')
    plain = sqlite3.connect

    def read_only(path, **kwargs):
        return plain(f'file:{path}?mode=ro', uri=True, **kwargs)

    monkeypatch.setattr(sqlite3, 'connect', read_only)
    message = complaint(database._check_writable, tmp_path / 'w.db')
    assert message.endswith('cannot be written (attempt to write a readonly database)')


@pytest.mark.skipif(sys.platform != 'linux', reason='/proc is read-only on Linux only')
@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_database_in_a_read_only_folder(name):
    message = complaint(open_database, f'/proc/{name}')
    assert message.startswith(f"db='/proc/{name}': cannot be written (")


def test_database_of_other_content(tmp_path):
    text = tmp_path / 'text.db'
    text.write_text('my notes\n' * 100)
    assert "text.db': is not an ASE database" in complaint(open_database, text)
    songs = tmp_path / 'songs.db'
    connection = sqlite3.connect(songs)
    connection.execute('CREATE TABLE songs (title TEXT)')
    connection.commit()
    connection.close()
    (tmp_path / 'binary.json').write_bytes(b'\xff\xfe\x00')
    assert 'is not an ASE' in complaint(open_database, tmp_path / 'binary.json')
    assert complaint(open_database, songs).endswith('is not an ASE database')
    for name, text in (('a.json', '[1]'), ('b.json', '[1, 2'), ('c.json', '')):
        (tmp_path / name).write_text(text)
        assert 'is not an ASE database' in complaint(open_database, tmp_path / name)
    others = tmp_path / 'others.db'
    connect(others).write(Atoms('H2'))
    assert complaint(open_database, others).endswith(
        '1 of its 1 rows are not from ase_entropy; expected a database of its own for '
        'a harvest'
    )
    assert connect(others).count() == 1


@pytest.mark.parametrize('name', ['w.db', 'w.json'])
def test_lock_left_behind(tmp_path, name, monkeypatch):
    monkeypatch.setattr(database, 'LOCK_PATIENCE', 0.2)
    (tmp_path / f'{name}.lock').touch()
    message = complaint(open_database, tmp_path / name)
    assert f"{name}.lock' is in the way" in message
    assert 'delete it' in message


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (['--cutoff', '-3'], '--cutoff=-3.0: expected a finite number > 0.0'),
        (['--cutoff', 'wide'], 'expected a number'),
        (
            ['--components', '99'],
            '--components 99: expected a whole number from 1 to 8',
        ),
        (['--scale', 'Xy'], "element='Xy': expected an element with a covalent radius"),
        (['--scale', '0'], '--scale=0.0: expected a finite number >= 0.01 and'),
        (['--scale', 'Bk'], "element='Bk': expected an element with a covalent radius"),
        (['--weights', 'W'], "'W': expected numbers of elements, such as W=1,Be=0.96"),
        (['--weights', 'W=1,W=2'], "'W=1,W=2': expected numbers of elements, such as"),
        (['--weights', 'Be=1'], '--weights=Be=1 leaves out W: expected a number'),
        (['--descriptor', 'mbtr'], 'invalid choice'),
        (
            ['--descriptor', 'soap', '--radii', 'W=1'],
            '--radii is for --descriptor bispectrum: drop it',
        ),
        (['--descriptor', 'soap', '--n-max', '0'], '--n-max=0: expected a whole'),
        (['--descriptor', 'soap', '--n-max', '999'], '--n-max=999: expected a whole'),
        (['--n-max', '3'], '--n-max is for --descriptor soap: drop it'),
        (['--descriptor', 'acsf', '--l-max', '3'], '--l-max is for --descriptor soap:'),
        (['--descriptor', 'acsf', '--twojmax', '3'], '--twojmax is for --descriptor b'),
        (['--formula', 'Qq3'], "symbols='Qq3': expected a formula of known elements"),
        (
            ['--formula', 'W99999999999'],
            "symbols='W99999999999': expected a formula of",
        ),
        (['--formula', 'W1'], '--formula=W1 is 1 atom: expected two or more'),
        (
            ['--cell', '-6', '6', '6'],
            '--cell (-6.0, 6.0, 6.0): expected three lengths or',
        ),
        (['--formula', ''], "symbols='': expected a formula of known elements"),
        (
            ['--formula', 'W900', '--cell', '9', '9', '9'],
            'min_distance=2.0: found no room for 900 atoms',
        ),
        (
            ['--temperature', '-1'],
            '--temperature=-1.0: expected a finite number >= 0.0',
        ),
        (['--timestep-fs', '0'], '--timestep-fs=0.0: expected a finite number > 0.0'),
        (['--friction-fs', '-1'], '--friction-fs=-1.0: expected'),
        (['--paper', '--steps', '1'], '--steps=1: expected a whole number >= 2'),
        (['--steps', '500'], '--steps is for a ramp: --recipe quench has none'),
        (['--paper', '--orders', '3'], '--orders is for a quench: --recipe anneal has'),
        (['--paper', '--fmax', '1'], '--fmax is for a quench: --recipe anneal has'),
        (['--paper', '--recipe', 'quench'], '--paper is --recipe anneal: drop'),
        (['--recipe', 'melt'], 'invalid choice'),
        (['--orders', '3,x'], "'3,x': expected numbers such as 2,24"),
        (['--orders', '0'], '--orders 0: expected a finite number >= 1.0'),
        (['--fmax', '0'], '--fmax 0.0: expected a finite number > 0.0'),
        (['--scale-from', 'no.db'], '--scale-from no.db: there is no'),
        (['--scale-from', 'empty.db'], 'empty.db has no rows'),
        (['--cycles', '-1'], '--cycles=-1: expected a whole number >= 0'),
        (['--seed', '-1'], '--seed=-1: expected a whole number >= 0'),
        (['--k-entropy', 'nan'], '--k-entropy=nan: expected a finite number'),
        (['--cell', '5', '5', '0'], '--cell (5.0, 5.0, 0.0): expected three lengths'),
        (['--structure', 'missing.xyz'], 'missing.xyz'),
        (
            ['--structure', 'bad.cif'],
            '--structure bad.cif: expected a file that ASE reads',
        ),
        (['--structure', 'one.xyz'], 'holds 1 atom(s): expected two or more'),
        (['--shuffle-friction-fs', '-1'], '--shuffle-friction-fs=-1.0: expected'),
        (
            ['--structure', 'a.xyz', '--formula', 'W2'],
            'drop --formula, --cell, --density',
        ),
        (['--db', 'nowhere/w.db'], "the folder 'nowhere' does not exist"),
        (['--logfile', 'nowhere/log'], 'nowhere/log'),
    ],
)
def test_command_line(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Atoms('W').write('one.xyz')
    (tmp_path / 'bad.cif').write_text('no crystal')
    open_database('empty.db')
    with pytest.raises(SystemExit) as caught:
        main(['harvest', *arguments])
    assert caught.value.code == 2
    (last,) = [x for x in capsys.readouterr().err.splitlines() if 'error: ' in x]
    assert sentence in last


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (['--samples', '-2'], '--samples=-2: expected a whole number >= 0'),
        (['--interval', '0'], '--interval=0: expected a whole number >= 1'),
    ],
)
def test_unbiased_command_line(arguments, sentence, capsys):
    with pytest.raises(SystemExit) as caught:
        main(['unbiased', *arguments])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_run_that_cannot_go_on(capsys, tmp_path):
    """A time step far too long blows up every time: exit code 1, and why.

    Five cycles in a row, each started five times.
    """
    arguments = ['--timestep-fs', '900', '--shuffle-steps', '20']
    with pytest.raises(SystemExit) as caught:
        main(['harvest', *arguments, '--db', str(tmp_path / 'w.db')])
    assert '5 chains failed in a row' in str(caught.value.code)
    assert 'cycle 4 failed 5 times in a row, last at step' in str(caught.value.code)
    printed = capsys.readouterr().out
    assert printed.count('and another seed: step') == 25
    assert printed.count('failed, is given up: cycle') == 5
    main(['info', str(tmp_path / 'w.db')])
    assert 'lost chains: 5 x cycle failed' in capsys.readouterr().out
    assert connect(tmp_path / 'w.db').count() == 0


def test_traceback_on_demand():
    with pytest.raises(ValueError, match='--cutoff=-3.0'):
        main(['-T', 'harvest', '--cutoff', '-3'])


def test_rows_of_another_hand(tmp_path, capsys):
    """They say of which stage they are, and nothing else."""
    path = str(tmp_path / 'w.db')
    connect(path).write(Atoms('W'), stage='biased')
    main(['info', path])
    assert '  settings: none stored' in capsys.readouterr().out
    main(['info', path, '--settings'])
    assert '1 rows:\n    W, no settings stored' in capsys.readouterr().out
    command = ['harvest', '--db', str(tmp_path / 'new.db'), '--scale-from', path]
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2
    assert f'--scale-from {path}: q_mk: component 0 is the same in all 1' in (
        capsys.readouterr().err
    )


TINY = ['harvest', '--formula', 'W8', '--cell', '6', '6', '6', '--seed', '1']
TINY += ['--shuffle-steps', '50', '--cycles', '6', '--db']


@pytest.fixture(scope='module')
def six(tmp_path_factory):
    """Six rows of a campaign."""
    path = tmp_path_factory.mktemp('six') / 'w.db'
    main([*TINY, str(path)])
    return path


def calculator(**changes):
    return lambda data: {'calculator': {**data['calculator'], **changes}}


READS_Q, COUNTS = {'report'}, {'harvest', 'watch'}


@pytest.mark.parametrize('command', ['info', 'export', 'report', 'harvest', 'watch'])
@pytest.mark.parametrize(
    ('keys', 'data', 'refused_by'),
    [
        ({}, lambda data: {'dynamics': {}}, ()),
        ({}, lambda data: {'dynamics': None}, ()),
        ({}, lambda data: {'calculator': 'x'}, ()),
        ({}, lambda data: {'calculator': None}, ()),
        ({}, lambda data: {'start_positions': np.zeros((2, 3))}, ()),
        ({}, lambda data: {'quench': 'x'}, ()),
        ({}, lambda data: {'q_nk': 'x'}, READS_Q),
        ({}, calculator(descriptor='x'), READS_Q),
        ({}, calculator(descriptor={'name': 'Bispectrum', 'cutoff': 'x'}), READS_Q),
        ({'cycle': 'first'}, None, COUNTS),
        ({'cycle': None}, None, COUNTS),
        ({'entropy': 'high'}, None, COUNTS),
        ({'entropy': None}, None, COUNTS),
        ({'attempts': None}, None, COUNTS),
        ({'walker': 'w'}, None, ()),
        ({'k_entropy': 'big'}, None, ()),
        ({'recipe': 5}, None, ()),
        ({'campaign': 77}, None, {'harvest'}),
        ({'cycle': 77}, None, COUNTS),
    ],
)
def test_rows_that_are_damaged(
    command, keys, data, refused_by, six, tmp_path, monkeypatch, capsys
):
    """They are named, or what they lack is left out; never a word of Python's."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(six, 'd.db')
    database = connect('d.db')
    changed = {} if data is None else data(database.get(id=6).data)
    database.update(
        6,
        data={**database.get(id=6).data, **changed},
        delete_keys=[key for key, value in keys.items() if value is None],
        **{key: value for key, value in keys.items() if value is not None},
    )
    before = [row.positions.tobytes() for row in connect('d.db').select()]
    errors = run_on('d.db', command, monkeypatch, capsys)
    assert len(errors) == (command in refused_by)
    assert all('d.db, row 6: ' in error for error in errors)
    after = [row.positions.tobytes() for row in connect('d.db').select('id<=6')]
    assert after == before


def run_on(path, command, monkeypatch, capsys):
    """Run a command on a database; return the error with which it ends, or none."""

    def enough(seconds):
        raise KeyboardInterrupt

    options = {
        'export': ['-o', 'w.xyz'],
        'report': ['-o', 'r', '--decompositions', '1', '--seed', '1'],
    }
    words = [command, path, *options.get(command, [])]
    monkeypatch.setattr('ase_entropy.report.writing.pictures', lambda found: iter(()))
    monkeypatch.setattr('ase_entropy.cli.watch.time', SimpleNamespace(sleep=enough))
    try:
        main([*TINY, path] if command == 'harvest' else words)
    except SystemExit as end:
        if (command, end.code) == ('watch', 130):  # enough
            return []
        last = capsys.readouterr().err.splitlines()[-1]
        assert end.code == 2
        assert last.startswith(f'ase-entropy {command}: error: ')  # else it is a bug
        return [last]
    return []


@pytest.mark.parametrize('command', ['info', 'harvest', 'watch'])
@pytest.mark.parametrize(
    'campaigns', ['x', None, [{}], [{'number': 0}], [{'number': 'x'}]]
)
def test_ledgers_that_are_damaged(
    command, campaigns, six, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    shutil.copy(six, 'd.db')
    connect('d.db').metadata = {'campaigns': campaigns, 'key_descriptions': 'x'}
    (error,) = run_on('d.db', command, monkeypatch, capsys)
    assert 'd.db: its metadata hold campaigns that none has written' in error


def test_metadata_that_are_damaged(six, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copy(six, 'd.db')
    for metadata in ('[1]', '{trash'):
        connection = sqlite3.connect('d.db')
        connection.execute(
            "UPDATE information SET value=? WHERE name='metadata'", [metadata]
        )
        connection.commit()
        connection.close()
        for command in ('info', 'harvest', 'watch'):
            (error,) = run_on('d.db', command, monkeypatch, capsys)
            assert 'd.db: its metadata are damaged, expected another database' in error


@pytest.mark.parametrize('command', ['info', 'harvest', 'watch', 'export', 'report'])
@pytest.mark.parametrize(
    'changes',
    [
        {'ids': 'x'},
        {'ids': [1, 2]},
        {'1': 'x'},
        {'1': {'positions': []}},
        {'nextid': 'x'},
    ],
)
def test_json_that_is_damaged(changes, command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    connect('d.json').write(Atoms('W'), stage='biased')
    content = json.loads(Path('d.json').read_text())
    Path('d.json').write_text(json.dumps({**content, **changes}))
    before = Path('d.json').read_text()
    (error,) = run_on('d.json', command, monkeypatch, capsys)
    assert 'd.json: is not an ASE database' in error
    assert Path('d.json').read_text() == before


@pytest.mark.parametrize('command', ['info', 'report'])
@pytest.mark.parametrize(
    ('column', 'what'),
    [
        ('data', 'row 3: its data are damaged, expected what ASE reads'),
        ('positions', 'a row between 1 and 6 is damaged, expected one that ASE reads'),
    ],
)
def test_bytes_that_are_damaged(
    column, what, command, six, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    shutil.copy(six, 'd.db')
    connection = sqlite3.connect('d.db')
    connection.execute(f'UPDATE systems SET {column}=? WHERE id=3', [b'trash'])
    connection.commit()
    connection.close()
    errors = run_on('d.db', command, monkeypatch, capsys)
    assert len(errors) == (command == 'report')  # info reads the keys
    assert all(what in error for error in errors)


@pytest.mark.parametrize(
    ('options', 'sentence'),
    [
        (['--cutoff', '1e5'], '--cutoff 100000 Angstrom reaches over '),
        (['--workers', str(10**20)], 'expected a whole number from 1 to 1000'),
        (
            ['--workers', '1', '--time-limit', '1e10'],
            '--time-limit 10000000000.0: expect',
        ),
        (['--cycles', str(10**20)], 'expected a whole number from 0 to 10000000'),
        (['--shuffle-steps', str(10**20)], 'expected a whole number from 0 to'),
        (['--logfile', 'w.json'], '--logfile=w.json: is a database or a file of atoms'),
        (['--logfile', 'link'], '--logfile=link: is a database or a file of atoms'),
    ],
)
def test_options_that_would_do_harm(options, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path('link').symlink_to('w.db')
    with pytest.raises(SystemExit) as caught:
        main([*TINY, 'w.db', *options])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err.splitlines()[-1]


def test_no_docstrings():
    done = subprocess.run(
        [sys.executable, '-OO', '-m', 'ase_entropy', 'info', 'w.db'],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == 'ase-entropy: error: expected no PYTHONOPTIMIZE=2 (-OO)\n'


def test_nowhere_to_print(tmp_path):
    """Work goes on, and comes to its end."""
    with open('/dev/full', 'w') as full:
        command = [sys.executable, '-m', 'ase_entropy', *TINY, 'w.db']
        done = subprocess.run(
            [*command, '--logfile', 'log'],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr) == (0, '')
    assert (tmp_path / 'log').read_text().count('\ncycle ') == 6


def test_names_that_the_terminal_cannot_show(tmp_path):
    """They are shown as well as that can be; work goes on."""
    done = subprocess.run(
        [sys.executable, '-m', 'ase_entropy', *TINY, 'wölfram.db', '--logfile', 'ß'],
        cwd=tmp_path,
        env={**os.environ, 'PYTHONIOENCODING': 'ascii'},
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b'')
    assert rb'/w\xf6lfram.db' in done.stdout
    assert 'wölfram.db' in (tmp_path / 'ß').read_text(encoding='utf-8')


def test_a_reader_that_has_enough(tmp_path):
    path = tmp_path / 'w.db'
    for _ in range(3):
        connect(path).write(Atoms('W'), stage='biased')
    code = (
        'import sys; from ase_entropy.cli import main; sys.stdin.read();'
        'main(["info", sys.argv[1]])'
    )
    process = subprocess.Popen(
        [sys.executable, '-c', code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, '')


def test_info_of_nothing(capsys):
    with pytest.raises(SystemExit) as caught:
        main(['info', 'nothing.db'])
    assert caught.value.code == 2
    assert 'there is no such database' in capsys.readouterr().err
