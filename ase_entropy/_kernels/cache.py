"""Says that kernels are compiled, when they are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core import event

from ase_entropy._kernels.jit import IS_CACHED

__all__ = ['COMPILING', 'Announcement']

TIME = 'about half a minute of one core'
COMPILING = 'compiling the kernels of descriptors and dynamics, ' + (
    f'once for this installation: {TIME}, longer where it is busy'
    if IS_CACHED
    else f'{TIME}, now and in every worker (to compile once only, set '
    'NUMBA_CACHE_DIR to a folder that can be written)'
)


class Announcement(event.Listener):
    """Reports the first kernel that is compiled, before it is; and no other.

    Kernels are compiled for the parts that an energy has, when they are needed first.
    """

    def __init__(self, report: Callable) -> None:
        self.report: Callable | None = report

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch within the block, of which there may be several."""
        with event.install_listener('numba:compile', self):
            yield

    def on_start(self, event: event.Event) -> None:
        report, self.report = self.report, None
        if report is not None:
            report(COMPILING)

    def on_end(self, event: event.Event) -> None:
        pass
