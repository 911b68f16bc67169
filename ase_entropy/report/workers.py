"""Processes for large sets."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ase_entropy import checks
from ase_entropy.campaign.engines.executors import InProcess
from ase_entropy.campaign.engines.processes import MOST_WORKERS, Processes, usable_cores

__all__ = ['MOST_WORKERS', 'Workers', 'default_workers']

ALONE = 12  # tasks of a second or so together, before processes pay
FRIENDLY = 4  # cores taken without being asked for


def default_workers() -> int:
    """Return the number of cores that this process may use, up to four."""
    return min(FRIENDLY, usable_cores())


class Workers(Executor):
    """Processes that start when there is enough to do; before that, this one works.

    Parameters
    ----------
    workers : int
        Number of processes; with one, there are no others than this.
    guard : callable, optional
        Returns a context for what Ctrl-C may not interrupt, as it takes locks.

    Raises
    ------
    ValueError
        A number that is not positive.

    Examples
    --------
    >>> with Workers(2) as executor:
    ...     executor.submit(abs, -1).result(), executor.processes
    (1, None)
    """

    def __init__(
        self,
        workers: int,
        guard: Callable[[], AbstractContextManager] = nullcontext,
    ) -> None:
        self.slots = checks.whole('workers', workers, least=1, most=MOST_WORKERS)
        self.guard, self.processes = guard, None
        self.tasks = 0

    def submit(self, function: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Schedule a call."""
        self.tasks += 1
        if self.slots == 1 or self.tasks <= ALONE:
            return InProcess().submit(function, *args, **kwargs)
        with self.guard():
            if self.processes is None:
                self.processes = Processes(self.slots)
            future = self.processes.submit(function, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        if self.processes is not None:
            self.processes.shutdown(wait, cancel_futures=cancel_futures)

    def __exit__(self, exc_type: Any, *error: object) -> None:
        self.shutdown(cancel_futures=exc_type is not None)
