"""Large sets: work in blocks, on several cores, with the same numbers."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.io import read, write

from ase_entropy.analysis import (
    correlation,
    decompositions,
    multiple_correlation,
    surrogate_error,
)
from ase_entropy.descriptors import Bispectrum
from ase_entropy.report import read_sets, study, tables, workers
from ase_entropy.report.figures.comparisons import drawn
from ase_entropy.report.progress import Progress
from ase_entropy.report.workers import Workers, default_workers
from ase_entropy.sets import read_dataset
from ase_entropy.sets.blocks import Ahead, Stack, in_order


def rattled(frames, seed=0):
    """Return crystals of 54 atoms, more and more disturbed; some are not periodic."""
    made, rng = [], np.random.default_rng(seed)
    for m in range(frames):
        atoms = bulk('W', cubic=True) * 3
        atoms.positions += rng.normal(0.0, 0.5 * m / frames, atoms.positions.shape)
        atoms.pbc = m % 7 != 3
        made.append(atoms)
    return made


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp('large') / 'w.xyz'
    write(path, rattled(200))
    return str(path)


@pytest.fixture(scope='module')
def processes():
    with Workers(2) as executor:
        executor.tasks = workers.ALONE  # as if these were done
        yield executor


def numbers_of(path, number, executor):
    lines = []
    sets = read_sets([path], report=lines.append, executor=executor)
    results = study(
        sets,
        rng=np.random.default_rng(1),
        decompositions=20,
        workers=number,
        executor=executor,
        report=lines.append,
    )
    return sets[0].q_ek, [table.csv() for table in tables(results)], results


def test_reports_are_the_same_on_any_number_of_cores(path, processes):
    q_ek, made, alone = numbers_of(path, 1, None)
    others_ek, others, several = numbers_of(path, 2, processes)
    assert processes.processes is not None
    assert len(q_ek) == 200 * 54
    np.testing.assert_array_equal(q_ek, others_ek)
    assert made == others
    for name in ('w',):
        np.testing.assert_array_equal(alone.shortest[name], several.shortest[name])
        for part in ('g_b', 'coordination_b'):
            one, other = (getattr(x.radial[name], part) for x in (alone, several))
            np.testing.assert_array_equal(one, other)
        assert alone.radial[name].configurations == 200 - 29


def test_descriptors_are_those_of_each_frame(path, processes):
    dataset = read_dataset(path, executor=processes, block=300)
    one_by_one = [read_dataset(f'{path}@{m}').q_ek for m in (0, 77, 199)]
    for m, q_nk in zip((0, 77, 199), one_by_one, strict=True):
        np.testing.assert_array_equal(dataset.q_ek[54 * m : 54 * (m + 1)], q_nk)


def test_the_first_error_of_a_file_is_reported(tmp_path, processes):
    frames = rattled(30)
    frames[20].positions[4] = frames[20].positions[3]
    path = tmp_path / 'bad.xyz'
    write(path, frames)
    path.write_text(path.read_text() + '2\nnothing\nW 0 0\n')
    for executor in (None, processes):
        with pytest.raises(ValueError, match='configuration 20: atoms 3 and 4 coinc'):
            read_dataset(path, executor=executor, block=200)
        with pytest.raises(ValueError, match='after configuration 9: expected a file'):
            shorter = tmp_path / 'shorter.xyz'
            write(shorter, frames[:10])
            shorter.write_text(shorter.read_text() + '2\nnothing\nW 0 0\n')
            read_dataset(shorter, executor=executor, block=200)


def test_small_sets_need_no_processes(path):
    with Workers(2) as executor:
        read_dataset(f'{path}@:50', executor=executor)
        assert executor.processes is None
    assert 1 <= default_workers() <= 4
    with pytest.raises(ValueError, match='workers=0: expected'):
        Workers(0)


def test_results_come_in_the_order_of_calls():
    def slow_first(x):
        time.sleep(0.05 if x == 0 else 0.0)
        return x

    taken = []

    def numbers():
        for x in range(40):
            taken.append(x)
            yield x

    with ThreadPoolExecutor(4) as executor:
        found = in_order(slow_first, numbers(), executor)
        assert next(found) == 0
        assert len(taken) < 20  # not all that there are
        assert [*found] == list(range(1, 40))
    ahead = Ahead()
    ahead.add('known')
    ahead.call(str, 1)
    assert [*ahead.ready(), *ahead.rest()] == ['known', '1']


def test_stacked_rows():
    rng, stack = np.random.default_rng(0), Stack()
    parts = [rng.random((rows, 3)) for rows in (4, 1, 7, 0, 30)]
    for part in parts:
        stack.add(part)
    np.testing.assert_array_equal(stack.finish(), np.concatenate(parts))


def test_multiple_correlation_in_blocks(monkeypatch):
    rng = np.random.default_rng(3)
    q_ek = rng.standard_normal((500, 9)) @ rng.standard_normal((9, 9)) + 7.0
    q_ek[:, 8] = 2.0
    whole = multiple_correlation(q_ek, 4)
    monkeypatch.setattr(correlation, 'BLOCK', 99)
    np.testing.assert_allclose(multiple_correlation(q_ek, 4), whole, rtol=1e-12)
    coefficients = [1.0 - r**2 for r in whole[:4]]
    basis_ex = np.column_stack([np.ones(500), q_ek[:, :4]])
    for k, left in enumerate(coefficients, 4):
        _, (square,), *_ = np.linalg.lstsq(basis_ex, q_ek[:, k])
        assert left == pytest.approx(square / (500 * q_ek[:, k].var()), rel=1e-9)


@pytest.mark.parametrize('same', [True, False])
def test_distances_with_and_without_a_look_up(monkeypatch, same):
    rng = np.random.default_rng(4)
    train_ek, test_ek = rng.standard_normal((2, 900, 3))
    sizes = {'training': 100, 'testing': 50, 'decompositions': 30, 'workers': 2}
    found = []
    for searches in (0, np.inf):
        monkeypatch.setattr(decompositions, 'LOOKED_UP', searches)
        sets = (train_ek, None if same else test_ek, train_ek)
        found.append(surrogate_error(*sets, rng=np.random.default_rng(5), **sizes))
    np.testing.assert_array_equal(found[0].distances, found[1].distances)
    assert found[0].mean == found[1].mean


def test_progress_within_a_step(monkeypatch):
    lines = []
    progress = Progress(lines.append, 2)
    progress.begin('one')
    progress.configurations(5)
    assert lines == ['[1/2] one']
    monkeypatch.setattr('ase_entropy.report.progress.SILENCE', -1.0)
    progress.configurations(7)
    assert lines[-1] == '[1/2] one: 7 configurations so far'


AT_ONCE = """
import sys
from ase_entropy.cli import main
from ase_entropy.report import workers
workers.ALONE = 0
if __name__ == '__main__':
    main(sys.argv[1:])
"""


def stop_report(tmp_path, path, stop):
    """Start a report with two workers, stop it, and return how it ended."""
    folder, script = tmp_path / 'report', tmp_path / 'run.py'
    script.write_text(AT_ONCE)
    command = [script, 'report', path, '-o', folder, '--workers', '2', '--twojmax', '8']
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    children = Path(f'/proc/{process.pid}/task/{process.pid}/children')
    while len(started := children.read_text().split()) < 3:  # a tracker, too
        time.sleep(0.01)
    stop(process)
    _, errors = process.communicate(timeout=60)
    deadline = time.monotonic() + 20
    while any(map(is_running, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, started))
    assert [file.name for file in folder.iterdir()] == ['report.log']
    return process.returncode, errors


def test_ctrl_c_leaves_no_process_and_no_file_but_the_log(tmp_path, path):
    def ctrl_c(process):
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does

    code, errors = stop_report(tmp_path, path, ctrl_c)
    assert code == 130
    assert 'Traceback' not in errors


def test_killed_reports_leave_no_process(tmp_path, path):
    code, _ = stop_report(tmp_path, path, subprocess.Popen.kill)
    assert code == -signal.SIGKILL


def is_running(pid):
    try:
        return ') Z ' not in Path(f'/proc/{pid}/stat').read_text()
    except OSError:
        return False


def test_other_descriptors_on_several_cores(path, processes):
    larger = Bispectrum(twojmax=4)
    dataset = read_dataset(f'{path}@:90')
    seen = []
    found = dataset.with_descriptor(larger, executor=processes, progress=seen.append)
    np.testing.assert_array_equal(found.q_ek, dataset.with_descriptor(larger).q_ek)
    assert seen == list(range(1, 91))
    assert len(read(path, ':')) == 200


def test_captions_say_how_many_points_are_drawn():
    few, many = np.zeros(2999), np.zeros(9000)
    assert drawn({'u': few}, 3000) == ''
    said = drawn({'u': few, 'b': many}, 3000)
    assert said == ' Points are drawn of 2250 of the 9000 of b, evenly spaced.'
