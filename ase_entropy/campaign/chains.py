"""What a worker does at once: one walker's chain of cycles."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from ase_entropy.campaign.cycle import CycleEnd, CycleFailed, run_cycle
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.starts import RandomPacking

__all__ = ['Unit', 'UnitResult', 'run_unit', 'start_rng', 'units_of', 'warm_up']


class Unit(NamedTuple):
    """A chain of cycles: what is sent to a worker at once."""

    walker: int
    first: int
    cycles: int

    def __str__(self) -> str:
        last = self.first + self.cycles - 1
        return f'cycle {last}' if last == self.first else f'cycles {self.first}-{last}'


class UnitResult(NamedTuple):
    """What comes back: cycles that ended, lines to report, why there are no more."""

    ends: list[CycleEnd]
    lines: list[str]
    failure: str | None


def run_unit(recipe: Recipe, seed: int, unit: Unit) -> UnitResult:
    """Run the chain of one walker, from its start on.

    The result follows from the arguments alone, on any worker.

    Parameters
    ----------
    recipe : Recipe
        How.
    seed : int
        Seed of the campaign.
    unit : Unit
        Number of the walker, of its first cycle, and of cycles.
    """
    sequence = np.random.SeedSequence(seed)
    ends: list[CycleEnd] = []
    lines: list[str] = []
    with _blas().limit(limits=1):
        dyn = recipe.dynamics(start_rng(seed, unit.walker))
        for cycle in range(unit.first, unit.first + unit.cycles):
            try:
                end = run_cycle(
                    dyn, recipe.ladder, sequence, unit.walker, cycle, lines.append
                )
            except CycleFailed as error:
                return UnitResult(ends, lines, str(error))
            ends.append(end)
    return UnitResult(ends, lines, None)


def start_rng(seed: int, walker: int) -> np.random.Generator:
    """Return the generator that a walker's start comes from."""
    sequence = np.random.SeedSequence(seed, spawn_key=(walker,))
    return np.random.default_rng(sequence)


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def units_of(missing: Iterable[int], chain: int) -> list[Unit]:
    """Return chains, each from its start to the last of its cycles that is missing."""
    cycles_of: dict[int, int] = {}
    for cycle in missing:
        cycles_of[cycle // chain] = cycle % chain + 1
    return [Unit(walker, walker * chain, n) for walker, n in cycles_of.items()]


def warm_up() -> None:
    """Compile the kernels, with a cycle of a few atoms."""
    recipe = Recipe(
        start=RandomPacking('W8', (6.0, 6.0, 6.0)),
        schedule=AnnealSchedule(shuffle_steps=2, ramp_steps=2),
    )
    run_unit(recipe, 0, Unit(0, 0, 1))
