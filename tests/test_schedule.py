"""The bath at both ends of every phase."""

import numpy as np
import pytest

from ase_entropy.dynamics.schedule import AnnealSchedule


def test_both_ends_exactly():
    schedule = AnnealSchedule(9000.0, 700.0, shuffle_steps=7, ramp_steps=30)
    assert schedule.cycle_steps == 37
    assert schedule(0) == schedule(6) == (9000.0, 0.0)
    assert schedule(7) == (9000.0, 0.0)
    assert schedule(36) == (0.0, 700.0)


def test_ramps_are_linear():
    schedule = AnnealSchedule(10_000.0, 1000.0, shuffle_steps=0, ramp_steps=11)
    table = np.array([schedule(step) for step in range(11)])
    np.testing.assert_allclose(table[:, 0], np.linspace(10_000.0, 0.0, 11))
    np.testing.assert_allclose(table[:, 1], np.linspace(0.0, 1000.0, 11))


def test_without_ramp_nothing_changes():
    schedule = AnnealSchedule(5000.0, shuffle_steps=3, ramp_steps=0)
    assert {schedule(step) for step in range(3)} == {(5000.0, 0.0)}


@pytest.mark.parametrize('ramp_steps', [2, 3, 997])
def test_last_step_is_cold_whatever_the_length(ramp_steps):
    schedule = AnnealSchedule(shuffle_steps=5, ramp_steps=ramp_steps)
    assert schedule(schedule.cycle_steps - 1) == (0.0, 1000.0)
