"""Work units: what a worker gets at once, and what it returns."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from ase_entropy.campaign.chains import Chain, ChainResult
from ase_entropy.campaign.cycle import REPORTED, CycleEnd
from ase_entropy.store.prepared import prepare_row

__all__ = ['UnitResult', 'WorkUnit', 'kind_of', 'reason_of', 'run_unit']


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
