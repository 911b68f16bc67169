"""Writes results of tasks to the database, and reports how far it is."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from ase.db.core import Database

from ase_entropy.campaign.engines.units import End, Task
from ase_entropy.store.database import without_password
from ase_entropy.store.transactions import database_errors, write_rows

__all__ = ['EachPercent', 'Logbook', 'Progress']

PATIENCE = 60.0  # seconds, for a full disk or a locked database to be seen to
RETRY = 2.0
WIDTH = 80  # columns, of files and notebooks


@dataclass
class Progress:
    """Counts what is finished, and estimates what remains.

    Parameters
    ----------
    total : int
        Rows that shall be there in the end.
    lost : int
        Tasks that died, hung or raised an error; most were run again.
    unit : str
        What a row is; cycles have a mean entropy and failed attempts besides.

    Examples
    --------
    >>> progress = Progress(4)
    >>> progress.add({'entropy': 6.0, 'attempts': 2})
    >>> str(progress).split('  ')[::2]
    ['1/4', 'mean S 6.000', 'repeated 1']
    """

    total: int
    lost: int = 0
    unit: str = 'cycles'
    done: int = field(init=False, default=0)
    entropy_sum: float = field(init=False, default=0.0)
    repeated: int = field(init=False, default=0)  # failed attempts of finished cycles
    gains: list[float] = field(init=False, default_factory=list)  # of this round, nats
    done_before: int = field(init=False, default=0)
    started: float = field(init=False, default_factory=time.monotonic)

    def begin(self) -> None:
        """Start the clock; what was added so far does not count for the rate."""
        self.done_before, self.started = self.done, time.monotonic()

    def add(self, keys: dict) -> None:
        """Count a finished row, by its key-value pairs."""
        self.done += 1
        if self.unit == 'cycles':
            self.entropy_sum += keys['entropy']
            self.repeated += keys['attempts'] - 1
            if 'gain' in keys:
                self.gains.append(keys['gain'])

    @property
    def rate(self) -> float:
        """Rows per second."""
        elapsed = time.monotonic() - self.started
        return (self.done - self.done_before) / max(elapsed, 1e-9)

    def __str__(self) -> str:
        """Return the state in one line."""
        return '  '.join(self._words())

    def line(self, width: int) -> str:
        """Return as much of the state as there is room for, the last words first to go.

        Examples
        --------
        >>> progress = Progress(2)
        >>> progress.add({'entropy': 6.0, 'attempts': 1})
        >>> progress.line(20)
        '1/2  left 0:00:00'
        """
        words = self._words()
        while len(words) > 1 and len('  '.join(words)) > width:
            words.pop()
        return '  '.join(words)[:width]

    def _words(self) -> list[str]:
        missing = max(0, self.total - self.done)
        left = 'unknown'
        if self.rate > 0 or not missing:
            time_left = timedelta(seconds=round(missing / max(self.rate, 1e-9)))
            left = str(time_left)
            if time_left.days:
                left = f'{time_left.days} days {time_left.seconds // 3600} h'
        mean = f'{self.entropy_sum / self.done:.3f}' if self.done else '-'
        of_cycles = self.unit == 'cycles'
        return [
            f'{self.done}/{self.total}',
            f'left {left}',
            *([f'mean S {mean}'] if of_cycles else []),
            f'{self.rate:.3g} {self.unit}/s',
            *([f'repeated {self.repeated}'] if of_cycles else []),
            f'{"lost" if of_cycles else "failed"} {self.lost}',
        ]


class EachPercent:
    """Report the state of all rows whenever another percent of them is done.

    Parameters
    ----------
    report : callable
        Takes a line of at most `WIDTH` columns.

    Examples
    --------
    >>> show, progress = EachPercent(print), Progress(1000, unit='rows')
    >>> for n in range(20):
    ...     progress.add({})
    ...     progress.started -= 1.0
    ...     show(f'row {n}', progress)
    1/1000  left 0:16:39  1 rows/s  failed 0
    10/1000  left 0:16:30  1 rows/s  failed 0
    20/1000  left 0:16:20  1 rows/s  failed 0
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report, self.percent = report, -1

    def __call__(self, line: str, progress: Progress) -> None:
        """Take a finished row: its own line, which is not reported, and the state."""
        percent = 100 * progress.done // max(progress.total, 1)
        if percent != self.percent:
            self.report(progress.line(WIDTH))
        self.percent = percent


class Job(Protocol):
    """An entry of a ledger: all that is asked for, and what became of it.

    Attributes
    ----------
    ledger : str
        Key of the metadata that has the entries.
    number : int
        Tells entries apart.
    """

    ledger: str
    number: int

    def entry(self) -> dict:
        """Return the entry, as JSON has it."""

    def is_in(self, entries: list[dict]) -> bool:
        """Return whether one of these entries is that of this job."""

    def inputs_of(self, task: Task) -> Any:
        """Return what a worker needs for a task."""

    def row_of(self, end: Any) -> End:
        """Return what a worker has returned, as a row."""

    def count_failure(self, kind: str) -> None:
        """Count a failed task."""


class Logbook:
    """The only writer of a database, as long as a job is under way.

    Parameters
    ----------
    database : ase.db.core.Database
        Where rows and ledger go.
    job : Campaign or Labeling
        The entry of the ledger.
    done : iterable of int
        Numbers of the rows that are there.
    progress : Progress
        Has counted these.
    report, show : callable
        As in :func:`ase_entropy.campaign.run`.
    """

    def __init__(
        self,
        database: Database,
        job: Job,
        done: Iterable[int],
        progress: Progress,
        report: Callable[[str], None],
        show: Callable[[str, Progress], None] | None,
    ) -> None:
        self.database, self.job, self.report = database, job, report
        self.show = show or EachPercent(report)
        self.done, self.progress = set(done), progress
        self.progress.begin()
        self.to_write: deque[End] = deque()
        self.ledger_changed = True
        self.is_registered = False

    def count_failure(self, kind: str, line: str) -> None:
        """Count and report a failed task."""
        self.job.count_failure(kind)
        self.progress.lost += 1
        self.ledger_changed = True
        self.report(line)

    def report_interruption(self) -> None:
        """Report how to continue."""
        self.report(f'interrupted: {self.summary()}; the same command continues')

    def summary(self) -> str:
        """Return how many rows there are, in words."""
        name = without_password(self.database.filename)
        return f'{name} holds {len(self.done)} of {self.progress.total} rows'

    def inputs_of(self, task: Task) -> Any:
        """Return what a worker needs for a task."""
        return self.job.inputs_of(task)

    def take(self, ends: Sequence[Any]) -> None:
        """Keep what is finished until it is written."""
        new = [end for end in ends if end.number not in self.done]
        self.to_write.extend(map(self.job.row_of, new))

    def write(
        self,
        patience: float | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Write what is finished and changes of the ledger in one transaction.

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
            self.done.add(end.number)
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
                    waiting = f'{len(self.to_write)} finished {self.progress.unit}'
                    self.report(
                        f'the database cannot be written ({reason}): {waiting} wait, '
                        f'up to {patience:g} s'
                    )
                    complained = True
                check()
                time.sleep(RETRY)
                check()

    def _update_ledger(self, metadata: dict) -> dict | None:
        """Return the metadata with the current entry, or None if unchanged."""
        entries = metadata.get(self.job.ledger, [])
        number = self.job.number
        own = [entry for entry in entries if entry['number'] == number]
        if (self.is_registered or own) and not self.job.is_in(own):
            raise ValueError(
                f"'{without_password(self.database.filename)}' is another database "
                f'than before: it has no entry {number} of {self.job.ledger} like this'
            )
        if not self.ledger_changed:
            return None
        others = [entry for entry in entries if entry['number'] != number]
        entries = sorted([*others, self.job.entry()], key=lambda x: x['number'])
        return {**metadata, self.job.ledger: entries}
