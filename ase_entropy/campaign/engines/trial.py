"""The first tasks of a job: whether any of them works at all."""

from collections import deque

from ase_entropy.campaign.engines.units import Task

__all__ = ['Trial']

FIRST = 5  # tasks that fail before others are tried
SPREAD = 5  # of these, from all parts of the job


class Trial:
    """Ends a job of which nothing works, before all of it was tried.

    When five tasks have failed with errors of one type, and none has worked, five from
    all parts of the job come next; when these have failed in the same way, too, nothing
    more is sent. One that works, or another error, ends the trial; jobs of fewer than
    ten tasks are tried to their end.
    """

    def __init__(self) -> None:
        self.kind, self.is_over = '', False
        self.failed: set[Task] = set()
        self.spread: list[Task] = []

    @property
    def has_failed(self) -> bool:
        """Whether nothing works, so that no more should be tried."""
        enough = len(self.failed) >= FIRST + SPREAD and self.failed.issuperset(
            self.spread
        )
        return enough and not self.is_over

    def add_success(self) -> None:
        """Note that a task worked."""
        self.is_over = True

    def add_failure(self, task: Task, reason: str, waiting: deque[Task]) -> None:
        """Note that a task failed; others may come to the front of what is to do."""
        kind = reason.partition(':')[0]
        self.is_over |= self.kind not in ('', kind)
        self.kind = kind
        self.failed.add(task)
        if len(self.failed) == FIRST and not (self.spread or self.is_over):
            untried = [x for x in waiting if x not in self.failed]
            step = max(1, len(untried) // SPREAD)
            self.spread = untried[::-step][:SPREAD]
            for other in self.spread:
                waiting.remove(other)
            waiting.extendleft(reversed(self.spread))
