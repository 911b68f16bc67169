"""Chains of cycles, each from the end of the one before."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from typing import NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from ase_entropy.campaign.cycle import CycleEnd, CycleFailed, run_cycle
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.campaign.seeds import start_rng
from ase_entropy.campaign.set_recipe import SetRecipe
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


def run_chain(recipe: Recipe | SetRecipe, seed: int, chain: Chain) -> ChainResult:
    """Run the chain of one walker, from its start on.

    The result follows from the arguments alone, on any worker.

    Parameters
    ----------
    recipe : Recipe or SetRecipe
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
        rng = start_rng(seed, chain.walker)
        own = recipe.of_walker(chain.walker, rng)
        dyn = own.dynamics(rng)
        anew = own is not recipe or not own.schedule.cycle_steps
        for cycle in range(chain.first, chain.first + chain.cycles):
            try:
                end = run_cycle(
                    dyn,
                    own.ladder,
                    sequence,
                    chain.walker,
                    cycle,
                    lines.append,
                    own.isolated,
                    own.perturbation,
                    partial(own.dynamics, rng) if anew else None,
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


def warm_up(recipe: Recipe | SetRecipe) -> None:
    """Compile the kernels that a recipe needs, with a few steps of it."""
    for part in recipe.recipes:
        _warm_up(part)


def _warm_up(recipe: Recipe) -> None:
    schedule = replace(
        recipe.schedule,
        shuffle_steps=min(recipe.schedule.shuffle_steps, 2),
        ramp_steps=min(recipe.schedule.ramp_steps, 2),
    )
    dyn = replace(recipe, schedule=schedule).dynamics(start_rng(0, 0))
    with suppress(FloatingPointError):
        dyn.run_cycles(1)
        if recipe.ladder:
            dyn.atoms.calc.set(k_entropy=dyn.schedule.k_entropy)
            with Quench(dyn.atoms, recipe.ladder.orders, logfile=None) as quench:
                quench.run(recipe.ladder.fmax, steps=2)
