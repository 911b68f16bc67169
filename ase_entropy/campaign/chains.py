"""Chains of cycles, each from the end of the one before."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from ase_entropy.campaign.cycle import CycleEnd, CycleFailed, run_cycle
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.campaign.seeds import start_rng
from ase_entropy.dynamics import Quench

__all__ = ['CYCLE_FAILED', 'Chain', 'ChainResult', 'run_chain', 'chains_of', 'warm_up']

CYCLE_FAILED = 'cycle failed'  # and would fail again in the same way


class Chain(NamedTuple):
    """A chain of cycles of one walker."""

    walker: int
    first: int
    cycles: int

    def __str__(self) -> str:
        last = self.first + self.cycles - 1
        return f'cycle {last}' if last == self.first else f'cycles {self.first}-{last}'


class ChainResult(NamedTuple):
    """Result of a chain.

    Parameters
    ----------
    ends : list of CycleEnd
        Finished cycles.
    lines : list of str
        For the log.
    failure : str or None
        Why it was not finished.
    kind : str
        Kind of the failure; all others than that of a cycle may be accidents.
    """

    ends: list[CycleEnd]
    lines: list[str]
    failure: str | None
    kind: str = CYCLE_FAILED


def run_chain(recipe: Recipe, seed: int, chain: Chain) -> ChainResult:
    """Run the chain of one walker, from its start on.

    The result follows from the arguments alone, on any worker.

    Parameters
    ----------
    recipe : Recipe
        How configurations are made.
    seed : int
        Seed of the campaign.
    chain : Chain
        Number of the walker, of its first cycle, and of cycles.
    """
    sequence = np.random.SeedSequence(seed)
    ends: list[CycleEnd] = []
    lines: list[str] = []
    with _blas().limit(limits=1):
        dyn = recipe.dynamics(start_rng(seed, chain.walker))
        for cycle in range(chain.first, chain.first + chain.cycles):
            try:
                end = run_cycle(
                    dyn,
                    recipe.ladder,
                    sequence,
                    chain.walker,
                    cycle,
                    lines.append,
                    recipe.isolated,
                )
            except CycleFailed as error:
                return ChainResult(ends, lines, str(error))
            ends.append(replace(end, arrays={}))  # the driver has those of the recipe
    return ChainResult(ends, lines, None)


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def chains_of(missing: Iterable[int], chain: int) -> list[Chain]:
    """Return the chains of missing cycles, each up to its last missing one."""
    cycles_of: dict[int, int] = {}
    for cycle in missing:
        cycles_of[cycle // chain] = cycle % chain + 1
    return [Chain(walker, walker * chain, n) for walker, n in cycles_of.items()]


def warm_up(recipe: Recipe) -> None:
    """Compile the kernels that a recipe needs, with a few steps of it."""
    schedule = replace(
        recipe.schedule,
        shuffle_steps=min(recipe.schedule.shuffle_steps, 2),
        ramp_steps=min(recipe.schedule.ramp_steps, 2),
    )
    dyn = replace(recipe, schedule=schedule).dynamics(start_rng(0, 0))
    with suppress(FloatingPointError):
        dyn.run(schedule.cycle_steps)
        if recipe.ladder:
            with Quench(dyn.atoms, recipe.ladder.orders, logfile=None) as quench:
                quench.run(recipe.ladder.fmax, steps=2)
