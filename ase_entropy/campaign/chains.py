"""Chains of cycles, each from the end of the one before, and units of several."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import count
from typing import NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from ase_entropy.campaign.cycle import (
    REPORTED,
    CycleEnd,
    CycleFailed,
    run_cycle,
    start_rng,
)
from ase_entropy.campaign.growth import Novelty
from ase_entropy.campaign.measures import Ending, SmallGain
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.campaign.set_recipe import SetRecipe
from ase_entropy.dynamics import CyclicLangevin, Quench
from ase_entropy.store.prepared import prepare_row

__all__ = [
    'CYCLE_FAILED',
    'Chain',
    'ChainResult',
    'UnitResult',
    'WorkUnit',
    'chains_of',
    'kind_of',
    'reason_of',
    'run_chain',
    'run_unit',
    'warm_up',
]

OF_ONE_PART = 20  # failures of a walker, before it takes another part of the recipe
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


def run_chain(
    recipe: Recipe | SetRecipe,
    seed: int,
    chain: Chain,
    novelty: Novelty | None = None,
) -> ChainResult:
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


class WorkUnit(NamedTuple):
    """Chains that a worker runs one after another.

    Parameters
    ----------
    chains : tuple of Chain
        One or more.
    unique_ids : tuple of lists
        Those of the rows of each chain.
    seconds : float
        After this time (s) no further chain is begun.
    """

    chains: tuple[Chain, ...]
    unique_ids: tuple[Sequence[str], ...]
    seconds: float

    def __str__(self) -> str:
        first, last = self.chains[0], self.chains[-1]
        if first == last:
            return str(first)
        return f'{len(self.chains)} chains from {first} to {last}'


class UnitResult(NamedTuple):
    """Results of the first chains of a unit, and the time (s) that these took."""

    results: list[ChainResult]
    seconds: float


def run_unit(
    run_chain: Callable[[Chain], ChainResult],
    campaign: int,
    prepared: bool,
    unit: WorkUnit,
) -> UnitResult:
    """Run the chains of a unit, as many as its time allows, at least one.

    Parameters
    ----------
    run_chain : callable
        Takes a chain, returns a ChainResult.
    campaign : int
        Number of the campaign, for the rows.
    prepared : bool
        Whether rows are prepared, so that the database only has to insert them.
    unit : WorkUnit
        The chains.
    """
    started, results = time.monotonic(), []
    for chain, unique_ids in zip(unit.chains, unit.unique_ids, strict=True):
        try:
            result = run_chain(chain)
            ends = [
                _as_row(end, campaign, unique_id, prepared)
                for end, unique_id in zip(result.ends, unique_ids, strict=False)
            ]
            results.append(result._replace(ends=ends))
        except Exception as error:
            results.append(ChainResult([], [], reason_of(error), kind_of(error)))
        if time.monotonic() > started + unit.seconds:
            break
    return UnitResult(results, time.monotonic() - started)


def _as_row(end: CycleEnd, campaign: int, unique_id: str, prepared: bool) -> CycleEnd:
    """Return the end of a cycle as a row of a campaign."""
    end.keys['campaign'] = campaign
    end.row.unique_id = unique_id
    if not prepared:
        return end
    row = prepare_row(end.row, end.keys, end.data)
    return replace(end, row=row, keys={key: end.keys[key] for key in REPORTED}, data={})


def kind_of(error: BaseException) -> str:
    """Return the kind of a failure, as the ledger counts them."""
    name = type(error).__name__
    if 'Timeout' in name:
        return 'time limit'
    lost = ('ProcessExpired', 'BrokenProcessPool', 'KilledWorker', 'CancelledError')
    return 'worker died' if name in lost else 'error'


def reason_of(error: BaseException) -> str:
    """Return an exception as one line."""
    return ' '.join(f'{type(error).__name__}: {error}'.split())
