"""Databases that earlier versions have written are read and continued."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from ase.db import connect

from ase_entropy import EntropyCalculator
from ase_entropy import __version__ as OURS
from ase_entropy.cli import main
from ase_entropy.sets import read_dataset

# ase-entropy harvest --cycles 3 --seed 1 --formula W8 --cell 6 6 6 --shuffle-steps 20
OLD = Path(__file__).with_name('data') / 'version_0_1.json'
OF_V = ('effective_energy', 'max_force', 'k_per_atom')  # came later
COMMAND = 'harvest --seed 1 --formula W8 --cell 6 6 6 --shuffle-steps 20'.split()
COMMAND += '--k-entropy 1000 --isolated allow --margin inf --db'.split()  # as then


@pytest.fixture
def rows():
    return list(connect(OLD).select(sort='cycle'))


def without_the_last_row(path):
    content = json.loads(OLD.read_text())
    del content[str(content['ids'].pop())]
    path.write_text(json.dumps(content))
    return path


def test_rows_are_read_with_their_descriptors(rows):
    dataset = read_dataset(OLD)
    assert (len(dataset), dataset.computed) == (3, 0)
    stored_ek = np.concatenate([row.data['q_nk'] for row in rows])
    assert np.array_equal(dataset.q_ek, stored_ek)
    computed = dataset.with_descriptor(dataset.descriptor)
    assert np.allclose(computed.q_ek, stored_ek, rtol=1e-10, atol=1e-10)


def test_calculators_are_rebuilt(rows):
    for row in rows:
        atoms = row.toatoms()
        atoms.calc = EntropyCalculator.fromdict(row.data['calculator'])
        assert atoms.get_potential_energy() == pytest.approx(row.energy, rel=1e-12)


def test_a_campaign_is_continued_with_the_same_rows(rows, tmp_path, capsys):
    path = without_the_last_row(tmp_path / 'w.json')
    main([*COMMAND, str(path), '--cycles', '3'])
    assert 'W8, seed 1: 1 cycles of' in capsys.readouterr().out
    new_rows, versions = connect(path).select(sort='cycle'), ['0.1.0', '0.1.0', OURS]
    for old, new, version in zip(rows, new_rows, versions, strict=True):
        assert new.unique_id == old.unique_id
        others = {k: x for k, x in new.key_value_pairs.items() if k not in OF_V}
        assert others == old.key_value_pairs | {'version': version}
        assert np.array_equal(new.positions, old.positions)
        assert np.array_equal(new.data['q_nk'], old.data['q_nk'])
        assert new.data['calculator'] == old.data['calculator']
        assert new.data['dynamics'] == old.data['dynamics']
    assert (new.effective_energy, new.max_force) == (old.energy, old.fmax)
    assert np.array_equal(new.data['effective_forces'], old.forces)
    assert np.array_equal(new.data['effective_stress'], old.stress)


def test_a_finished_campaign_is_left_as_it_is(tmp_path, capsys):
    path = tmp_path / 'w.json'
    shutil.copy(OLD, path)
    before = path.read_bytes()
    main([*COMMAND, str(path), '--cycles', '3'])
    assert 'nothing to do' in capsys.readouterr().out
    assert json.loads(path.read_bytes()) == json.loads(before)
