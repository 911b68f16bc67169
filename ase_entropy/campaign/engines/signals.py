"""Signal handling: Ctrl-C and SIGTERM take effect where they do no harm."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

__all__ = ['Interrupts']


SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Delays Ctrl-C until :meth:`check` is called; a second one acts immediately.

    A KeyboardInterrupt between two arbitrary lines can leave a lock of another thread
    taken for ever, or a transaction half done. Within ``with Interrupts() as ...`` it
    is raised by `check`, or within `immediately`; where a library swallowed it there,
    by the next `check`. SIGTERM is delayed likewise if its handler is Python's for
    Ctrl-C. Where a program has other handlers, or runs this in another thread than the
    main one, nothing is delayed.

    Examples
    --------
    >>> _ = signal.signal(signal.SIGINT, signal.default_int_handler)  # Python's own
    >>> with Interrupts() as interrupts:
    ...     signal.raise_signal(signal.SIGINT)
    ...     try:
    ...         interrupts.check()
    ...     except KeyboardInterrupt:
    ...         print('now')
    now
    """

    def __init__(self) -> None:
        self._noted = False
        self._at_once = False
        self._ours: list[int] = []

    def __enter__(self) -> 'Interrupts':
        if threading.current_thread() is threading.main_thread():
            plain = signal.default_int_handler
            self._ours = [s for s in SIGNALS if signal.getsignal(s) is plain]
        for number in self._ours:
            signal.signal(number, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        for number in self._ours:
            signal.signal(number, signal.default_int_handler)

    def _note(self, number: int, frame: Any) -> None:
        again, self._noted = self._noted, True
        if self._at_once or again:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise the KeyboardInterrupt that was delayed, if there was one."""
        if self._noted:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def immediately(self, wanted: bool = True) -> Iterator[None]:
        """Delay nothing within this context, if `wanted`."""
        self._at_once = wanted
        try:
            if wanted:
                self.check()
            yield
        finally:
            self._at_once = False

    @contextlib.contextmanager
    def delayed(self) -> Iterator[None]:
        """Delay within this context, also inside of :meth:`immediately`."""
        before, self._at_once = self._at_once, False
        try:
            yield
        finally:
            self._at_once = before
        if before:
            self.check()
