"""A campaign in rounds, each of which knows the set that is there before it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from ase import Atoms
from ase.db.core import Database

from ase_entropy import checks, descriptors
from ase_entropy.entropy import GaussianSummary, LandmarkSummary, SetSummary
from ase_entropy.entropy.summaries import summaries
from ase_entropy.parts import fields_of, part_from_dict, part_to_dict
from ase_entropy.store.ledger import Campaign, finished_cycles
from ase_entropy.store.rows import read_atoms

__all__ = ['Growth', 'Novelty', 'SetSoFar', 'gains_in_words']

LEAST_DEVIATION = 1e-3  # of the largest component


class Novelty(NamedTuple):
    """What a configuration adds to a set, and what it shall add.

    Parameters
    ----------
    summary : SetSummary
        Of the set so far.
    descriptor : Descriptor
        That of its environments.
    least_gain : float or None
        Least gain (nats) that is accepted.
    """

    summary: SetSummary
    descriptor: Any
    least_gain: float | None

    def gain(self, atoms: Atoms) -> float:
        """Return dS/d ln N of the set (nats) if it grows by these atoms."""
        q_nk = _environments(atoms, self.descriptor)
        return self.summary.gain(q_nk, atoms.numbers)[0]


@dataclass(frozen=True)
class Growth:
    """How the cycles of a campaign look at the set that grows.

    Cycles come in rounds. All of a round see the same summary: that of a given set, and
    of all rows of earlier rounds, isolated atoms left out. Rows are so the same for any
    number of workers. A row has its `gain`, dS/d ln N of that set (nats); below
    `least_gain` the cycle is repeated.

    Components are counted in their deviations in the given set, or else in the first
    round, which then has no gains.

    Parameters
    ----------
    descriptor : Descriptor
        That of the summary.
    round_cycles : int
        Cycles of a round.
    least_gain : float, optional
        Least gain (nats); by default all are accepted.
    empty : LandmarkSummary or GaussianSummary
        Kind of the summary; landmarks lost least where it was measured, see
        ``docs/explanation/growth.md``.
    per_configuration : bool
        See :class:`~ase_entropy.entropy.SetSummary`.
    away_from : SetSummary, optional
        That of a given set, see :meth:`from_set`.

    Raises
    ------
    ValueError
        A bad parameter.
    """

    descriptor: Any
    round_cycles: int = 50
    least_gain: float | None = None
    empty: GaussianSummary | LandmarkSummary = LandmarkSummary()
    per_configuration: bool = False
    away_from: SetSummary | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        checks.whole('round_cycles', self.round_cycles, least=1)
        if self.least_gain is not None:
            checks.real('least_gain', self.least_gain)
        checks.instance('empty', self.empty, tuple(summaries.values()))
        checks.instance('away_from', self.away_from, (SetSummary, type(None)))
        SetSummary(self.empty, self.per_configuration)

    def from_set(
        self, configurations: Iterable[Atoms], elements: Iterable[str]
    ) -> 'Growth':
        """Return growth away from a given set.

        Parameters
        ----------
        configurations : iterable of Atoms
            The set. Configurations with other elements are left out.
        elements : iterable of str
            Those of the campaign.

        Raises
        ------
        ValueError
            No configuration that has these elements only.
        """
        known = set(elements)
        configurations = [
            checks.instance('configurations', x, Atoms) for x in configurations
        ]
        every = [x for x in configurations if set(x.symbols) <= known]
        if not every:
            raise ValueError(
                f'expected configurations of {", ".join(sorted(known))} and nothing '
                'else: found none'
            )
        return replace(self, away_from=self.summary(every))

    def summary(
        self, configurations: Iterable[Atoms], so_far: SetSummary | None = None
    ) -> SetSummary:
        """Return the summary of a set that has these configurations as well."""
        every = list(configurations)
        q = [_environments(atoms, self.descriptor) for atoms in every]
        if so_far is None:
            empty = replace(self.empty, scale_k=_deviations(np.concatenate(q)))
            so_far = SetSummary(empty, self.per_configuration)
        for q_nk, atoms in zip(q, every, strict=True):
            so_far = so_far.add(q_nk, atoms.numbers)
        return so_far

    def novelty(self, summary: SetSummary) -> Novelty:
        """Return what the cycles of a round look at."""
        return Novelty(summary, self.descriptor, self.least_gain)

    def todict(self) -> dict:
        """Return all fields, JSON-ready."""
        summary = self.away_from
        return fields_of(replace(self, away_from=None)) | {
            'descriptor': part_to_dict(self.descriptor),
            'empty': part_to_dict(self.empty),
            'away_from': summary and summary.todict(),
        }

    @classmethod
    def fromdict(cls, dct: dict) -> 'Growth':
        """Rebuild what :meth:`todict` described."""
        return cls(
            **dct
            | {
                'descriptor': part_from_dict(dct['descriptor'], descriptors.registry),
                'empty': part_from_dict(dct['empty'], summaries),
                'away_from': dct['away_from'] and SetSummary.fromdict(dct['away_from']),
            }
        )


def gains_in_words(gains: Sequence[float]) -> str:
    """Return the range and the median of gains (nats).

    Examples
    --------
    >>> gains_in_words([12.3, -1.0, 4.56])
    'gains -1 to 12.3, median 4.56 nats'
    >>> gains_in_words([4.56])
    'gain 4.56 nats'
    """
    if len(gains) == 1:
        return f'gain {gains[0]:.3g} nats'
    low, middle, high = np.quantile(gains, [0.0, 0.5, 1.0])
    return f'gains {low:.3g} to {high:.3g}, median {middle:.3g} nats'


class SetSoFar:
    """The set before each round, from the rows of a campaign in order of their cycles.

    Parameters
    ----------
    growth : Growth
        What is looked at.
    database : ase.db.core.Database
        Where the rows are.
    campaign : Campaign
        Its entry in the ledger.
    beside : callable
        Takes the number of a cycle; whether its row is left out.
    """

    def __init__(
        self,
        growth: Growth,
        database: Database,
        campaign: Campaign,
        beside: Callable[[int], bool],
    ) -> None:
        self.growth, self.database, self.campaign = growth, database, campaign
        self.beside = beside
        self.summary, self.cycles = growth.away_from, 0
        self.id_of: dict[int, int] = {}  # of the rows that were seen, by their cycles

    def before(self, cycle: int) -> SetSummary | None:
        """Return the summary of all rows before a cycle; None if there are none."""
        wanted = [n for n in range(self.cycles, cycle) if not self.beside(n)]
        atoms_of = self._read(wanted) if wanted else {}
        for first in range(self.cycles, cycle, self.growth.round_cycles):
            last = first + self.growth.round_cycles
            if every := [atoms_of[n] for n in wanted if first <= n < last]:
                self.summary = self.growth.summary(every, self.summary)
        self.cycles = cycle
        return self.summary

    def _read(self, wanted: list[int]) -> dict[int, Atoms]:
        """Return the atoms of rows by their cycles."""
        after = max(self.id_of.values(), default=0)
        new = finished_cycles(self.database, self.campaign, after)
        self.id_of |= {cycle: row.id for cycle, row in new.items()}
        cycle_of = {self.id_of[n]: n for n in wanted if n in self.id_of}
        rows = read_atoms(self.database, after=min(cycle_of, default=1) - 1)
        found = {cycle_of[i]: atoms for i, atoms in rows if i in cycle_of}
        if gone := [n for n in wanted if n not in found]:
            raise RuntimeError(
                f'cycle {gone[0]} was written and is gone: others have changed the '
                'database; the same command continues'
            )
        return found


def _deviations(q_nk: np.ndarray) -> np.ndarray:
    """Return the standard deviations of components, none of them too small to divide.

    In a crystal they are rounding errors, in units of which no other set has moments.
    """
    largest = np.sqrt((q_nk**2).mean(axis=0)).max()
    return np.maximum(np.std(q_nk, axis=0), LEAST_DEVIATION * largest or 1.0)


def _environments(atoms: Atoms, descriptor: Any) -> np.ndarray:
    """Return the descriptors of atoms, (n, k)."""
    return descriptors.describe(descriptor, atoms)[0]
