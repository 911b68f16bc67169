"""Writes results of chains to the database, and reports how far it is."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ase.db.core import Database

from ase_entropy.campaign.chains import Chain
from ase_entropy.campaign.cycle import CycleEnd
from ase_entropy.store.database import without_password
from ase_entropy.store.ledger import Campaign, finished_cycles
from ase_entropy.store.transactions import database_errors, write_rows

__all__ = ['Logbook', 'Progress']

PATIENCE = 60.0  # seconds, for a full disk or a locked database to be seen to
RETRY = 2.0


@dataclass
class Progress:
    """Counts what is finished, and estimates what remains.

    Parameters
    ----------
    total : int
        Cycles that shall be there in the end.
    lost : int
        Chains that died, hung or raised an error; most were run again.

    Examples
    --------
    >>> progress = Progress(4)
    >>> progress.add({'entropy': 6.0, 'attempts': 2})
    >>> str(progress).split('  ')[:2]
    ['1/4', 'mean S 6.000']
    """

    total: int
    lost: int = 0
    done: int = field(init=False, default=0)
    entropy_sum: float = field(init=False, default=0.0)
    repeated: int = field(init=False, default=0)  # failed attempts of finished cycles
    done_before: int = field(init=False, default=0)
    started: float = field(init=False, default_factory=time.monotonic)

    def begin(self) -> None:
        """Start the clock; what was added so far does not count for the rate."""
        self.done_before, self.started = self.done, time.monotonic()

    def add(self, keys: dict) -> None:
        """Count a finished cycle, by its key-value pairs."""
        self.done += 1
        self.entropy_sum += keys['entropy']
        self.repeated += keys['attempts'] - 1

    @property
    def rate(self) -> float:
        """Cycles per second."""
        elapsed = time.monotonic() - self.started
        return (self.done - self.done_before) / max(elapsed, 1e-9)

    def __str__(self) -> str:
        """Return one line for the terminal."""
        missing = max(0, self.total - self.done)
        left = 'unknown'
        if self.rate > 0 or not missing:
            left = str(timedelta(seconds=round(missing / max(self.rate, 1e-9))))
        mean = f'{self.entropy_sum / self.done:.3f}' if self.done else '-'
        return (
            f'{self.done}/{self.total}  mean S {mean}  {self.rate:.3g} cycles/s  '
            f'repeated {self.repeated}  lost {self.lost}  left {left}'
        )


class Logbook:
    """The only writer of the database of a campaign.

    Parameters
    ----------
    database : ase.db.core.Database
        Where rows and ledger go.
    campaign : Campaign
        The entry of the ledger.
    report, show : callable
        As in :func:`ase_entropy.campaign.run`.
    """

    def __init__(
        self,
        database: Database,
        campaign: Campaign,
        report: Callable[[str], None],
        show: Callable[[str, Progress], None] | None,
    ) -> None:
        self.database, self.campaign, self.report = database, campaign, report
        self.show = show or (lambda line, progress: report(line))
        done = finished_cycles(database, campaign)
        self.done = set(done)
        beyond = sum(cycle >= campaign.cycles for cycle in done)  # of an earlier call
        lost = sum(campaign.failures.values())
        self.progress = Progress(campaign.cycles + beyond, lost)
        for row in done.values():
            self.progress.add(row.keys)
        self.progress.begin()
        self.to_write: deque[CycleEnd] = deque()
        self.ledger_changed = True
        self.is_registered = False

    def count_failure(self, kind: str, line: str) -> None:
        """Count and report a failed chain."""
        self.campaign.count_failure(kind)
        self.progress.lost += 1
        self.ledger_changed = True
        self.report(line)

    def note_growth(self, cycles: int, entropy: float) -> None:
        """Note and report S (nats) of the set after so many cycles."""
        known = dict(self.campaign.growth)
        if known.get(cycles) != entropy:
            self.campaign.growth = sorted((known | {cycles: entropy}).items())
            self.ledger_changed = True
        self.report(f'{cycles} cycles: S of the set {entropy:.3f} nats')

    def report_interruption(self) -> None:
        """Report how to continue."""
        self.report(f'interrupted: {self.summary()}; the same command continues')

    def summary(self) -> str:
        """Return how many rows there are, in words."""
        name = without_password(self.database.filename)
        return f'{name} holds {len(self.done)} of {self.progress.total} rows'

    def unique_ids(self, chain: Chain) -> list[str]:
        """Return the unique ids of the rows of a chain."""
        cycles = range(chain.first, chain.first + chain.cycles)
        return list(self.campaign.unique_ids(cycles))

    def take(self, ends: Sequence[CycleEnd]) -> None:
        """Keep finished cycles until they are written."""
        for end in ends:
            cycle = end.keys['cycle']
            if cycle not in self.done:
                self.to_write.append(end)

    def write(
        self,
        patience: float | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Write finished cycles and changes of the ledger in one transaction.

        Parameters
        ----------
        patience : float, optional
            Time (s) to try again where the database cannot be written, a minute by
            default.
        check : callable
            Called while it waits; what it raises ends that.

        Raises
        ------
        RuntimeError
            The database could not be written.
        """
        if self.to_write or self.ledger_changed:
            self._write_with_retries(PATIENCE if patience is None else patience, check)
            self.is_registered = True
        self.ledger_changed = False
        while self.to_write:
            end = self.to_write.popleft()
            self.done.add(end.keys['cycle'])
            self.progress.add(end.keys)
            self.show(f'{end}  ({self.progress})', self.progress)

    def _write_with_retries(self, patience: float, check: Callable[[], None]) -> None:
        deadline = time.monotonic() + patience
        complained = False
        while True:
            try:
                return write_rows(self.database, self.to_write, self._update_ledger)
            except (*database_errors(), ValueError) as error:
                reason = ' '.join(str(error).split())
                if time.monotonic() > deadline:
                    raise RuntimeError(
                        f'the database cannot be written ({reason}); '
                        f'{self.summary()}, the same command computes the last '
                        f'{len(self.to_write)} again'
                    ) from error
                if not complained:
                    self.report(
                        f'the database cannot be written ({reason}): '
                        f'{len(self.to_write)} finished cycles wait, up to '
                        f'{patience:g} s'
                    )
                    complained = True
                check()
                time.sleep(RETRY)
                check()

    def _update_ledger(self, metadata: dict) -> dict | None:
        """Return the metadata with the current campaign, or None if unchanged."""
        entries = metadata.get('campaigns', [])
        number = self.campaign.number
        own = [entry for entry in entries if entry['number'] == number]
        if (self.is_registered or own) and not self.campaign.is_in(own):
            raise ValueError(
                f"'{without_password(self.database.filename)}' is another database "
                f'than before: it has no campaign {number} like this one'
            )
        if not self.ledger_changed:
            return None
        others = [entry for entry in entries if entry['number'] != number]
        entries = sorted([*others, self.campaign.entry()], key=lambda x: x['number'])
        return {**metadata, 'campaigns': entries}
