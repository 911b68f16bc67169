"""Writes results of tasks to the database, and reports how far it is."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from ase.db.core import Database

from ase_entropy.campaign.engines.progress import EachPercent, Progress
from ase_entropy.campaign.engines.units import End, Task
from ase_entropy.store.database import without_password
from ase_entropy.store.transactions import database_errors, write_rows

__all__ = ['Logbook']

PATIENCE = 60.0  # seconds, for a full disk or a locked database to be seen to
RETRY = 2.0


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
