"""Progress of a campaign, and an estimate of the time left."""

import time
from dataclasses import dataclass, field
from datetime import timedelta

__all__ = ['Progress']


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
