"""Chains of cycles, each from the end of the one before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import count
from typing import NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from ase_entropy.campaign.cycle import (
    CycleEnd,
    CycleFailed,
    reported,
    run_cycle,
)
from ase_entropy.campaign.engines.units import (
    TaskResult,
    UnitResult,
    WorkUnit,
    run_tasks,
)
from ase_entropy.campaign.growth import Novelty
from ase_entropy.campaign.measures import Ending, SmallGain
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.campaign.seeds import start_rng
from ase_entropy.campaign.set_recipe import SetRecipe
from ase_entropy.dynamics import CyclicLangevin
from ase_entropy.store.prepared import prepare_row

__all__ = [
    'Chain',
    'chains_of',
    'run_chain',
    'run_unit',
]

OF_ONE_PART = 20  # failures of a walker, before it takes another part of the recipe


class Chain(NamedTuple):
    """A chain of cycles of one walker."""

    walker: int
    first: int
    cycles: int

    singular, plural = 'chain', 'chains'
    made_by = 'recipe'

    def __str__(self) -> str:
        last = self.first + self.cycles - 1
        return f'cycle {last}' if last == self.first else f'cycles {self.first}-{last}'


def run_chain(
    recipe: Recipe | SetRecipe,
    seed: int,
    chain: Chain,
    novelty: Novelty | None = None,
) -> TaskResult:
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
    novelty : Novelty, optional
        What configurations shall add to the set so far.
    """
    sequence = np.random.SeedSequence(seed)
    ends: list[CycleEnd] = []
    lines: list[str] = []
    with _blas().limit(limits=1):
        rng = start_rng(seed, chain.walker)
        novelty = None if recipe.is_beside(chain.walker) else novelty
        own, failures = recipe.of_walker(chain.walker, rng), count(1)

        def begin(error: Exception | None = None) -> tuple[CyclicLangevin, Ending]:
            nonlocal own
            tired = error is not None and next(failures) % OF_ONE_PART == 0
            if tired or isinstance(error, SmallGain):
                own = recipe.of_walker(chain.walker, rng)
            ending = Ending(own.ladder, own.isolated, own.perturbation, novelty)
            return own.dynamics(rng), ending

        dyn, ending = begin()
        anew = isinstance(recipe, SetRecipe) or not recipe.schedule.cycle_steps
        for cycle in range(chain.first, chain.first + chain.cycles):
            try:
                end = run_cycle(
                    dyn,
                    ending,
                    sequence,
                    chain.walker,
                    cycle,
                    lines.append,
                    begin if anew else None,
                )
            except CycleFailed as error:
                return TaskResult(ends, lines, str(error))
            ends.append(replace(end, arrays={}))  # the driver has those of the recipe
    return TaskResult(ends, lines, None)


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def chains_of(missing: Iterable[int], chain: int) -> list[Chain]:
    """Return the chains of missing cycles, each up to its last missing one."""
    cycles_of: dict[int, int] = {}
    for cycle in missing:
        cycles_of[cycle // chain] = cycle % chain + 1
    return [Chain(walker, walker * chain, n) for walker, n in cycles_of.items()]


def run_unit(
    run_chain: Callable[[Chain], TaskResult],
    campaign: int,
    prepared: bool,
    unit: WorkUnit,
) -> UnitResult:
    """Run the chains of a unit, as many as its time allows, at least one.

    Parameters
    ----------
    run_chain : callable
        Takes a chain, returns a TaskResult with its cycles.
    campaign : int
        Number of the campaign, for the rows.
    prepared : bool
        Whether rows are prepared, so that the database only has to insert them.
    unit : WorkUnit
        The chains; the input of each are the unique ids of its rows.
    """

    def run_one(chain: Chain, unique_ids: Sequence[str]) -> TaskResult:
        result = run_chain(chain)
        ends = [
            _as_row(end, campaign, unique_id, prepared)
            for end, unique_id in zip(result.ends, unique_ids, strict=False)
        ]
        return result._replace(ends=ends)

    return run_tasks(run_one, unit)


def _as_row(end: CycleEnd, campaign: int, unique_id: str, prepared: bool) -> CycleEnd:
    """Return the end of a cycle as a row of a campaign."""
    end.keys['campaign'] = campaign
    end.row.unique_id = unique_id
    if not prepared:
        return end
    row = prepare_row(end.row, end.keys, end.data)
    return replace(end, row=row, keys=reported(end.keys), data={})
