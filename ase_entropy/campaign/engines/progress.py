"""How far something long is, and what remains."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

__all__ = ['EachPercent', 'Progress']

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
