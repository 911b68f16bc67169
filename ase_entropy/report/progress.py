"""Progress of a report, and an estimate of the time left."""

import time
from collections.abc import Callable
from datetime import timedelta

__all__ = ['SILENCE', 'Progress']

SILENCE = 5.0  # seconds between two lines of one step


class Progress:
    """Lines such as ``[3/20] radial distribution of u, left 0:00:21``.

    Parameters
    ----------
    report : callable
        Takes a line.
    steps : int
        Number of steps to come.
    """

    def __init__(self, report: Callable[[str], None], steps: int) -> None:
        self.report, self.steps, self.done = report, steps, 0
        self.started = self.last = time.monotonic()
        self.step = ''

    def begin(self, what: str) -> None:
        """Report the step that begins now, and the time left."""
        left = ''
        elapsed = time.monotonic() - self.started
        if self.done:
            seconds = elapsed / self.done * (self.steps - self.done)
            left = f', left {timedelta(seconds=round(seconds))}'
        self.done += 1
        self.last = time.monotonic()
        self.step = f'[{self.done}/{self.steps}] {what}'
        self.report(f'{self.step}{left}')

    def configurations(self, number: int) -> None:
        """Report how many configurations this step has done, every few seconds."""
        self._count(number, 'configurations')

    def environments(self, number: int) -> None:
        """Report how many environments this step has done, every few seconds."""
        self._count(number, 'environments')

    def _count(self, number: int, what: str) -> None:
        if time.monotonic() - self.last > SILENCE:
            self.last = time.monotonic()
            self.report(f'{self.step}: {number} {what} so far')
