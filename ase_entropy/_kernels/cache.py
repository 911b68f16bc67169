"""Says that kernels are compiled, when they are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core import event

from ase_entropy._kernels.jit import IS_CACHED

__all__ = ['COMPILING', 'announced']

COMPILING = 'compiling the kernels: ' + (
    'once for this installation, up to a minute'
    if IS_CACHED
    else 'up to a minute, now and in every worker (to compile once only, set '
    'NUMBA_CACHE_DIR to a folder that can be written)'
)


class _Announcement(event.Listener):
    """Reports the first kernel that is compiled, before it is."""

    def __init__(self, report: Callable) -> None:
        self.report: Callable | None = report

    def on_start(self, event: event.Event) -> None:
        report, self.report = self.report, None
        if report is not None:
            report(COMPILING)

    def on_end(self, event: event.Event) -> None:
        pass


@contextmanager
def announced(report: Callable) -> Iterator[None]:
    """Report once, within the block, that there was something to compile.

    Kernels are compiled for the parts that an energy has, when they are needed first.
    """
    with event.install_listener('numba:compile', _Announcement(report)):
        yield
