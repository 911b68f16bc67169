"""Child processes that may die or hang."""

import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import resource_tracker
from typing import Any

from ase_entropy import checks

__all__ = ['Processes', 'checked_limit', 'usable_cores']

MOST_WORKERS = 1000  # of one machine
LONGEST = 1e9  # seconds; timers take little more
MOST_DEATHS = 5  # of processes that never took a task


class Processes(Executor):
    """Child processes; one that dies or hangs loses only its own task.

    :class:`concurrent.futures.ProcessPoolExecutor` works for campaigns too, but gives
    up for good when a process dies. Each process has a pool of its own, which is
    replaced when it dies: processes of one pool share locks, and one that is killed
    while it holds them blocks the others.

    Parameters
    ----------
    workers : int
        Number of processes, each single-threaded.
    time_limit : float, optional
        Longest time (s) that a task may take. After that its process is killed, and a
        TimeoutError set.

    Raises
    ------
    ValueError
        A number or a limit that is not positive.

    Examples
    --------
    >>> with Processes(1) as executor:
    ...     executor.submit(abs, -1).result()
    1
    """

    def __init__(self, workers: int, time_limit: float | None = None) -> None:
        self.slots = checks.whole('workers', workers, least=1, most=MOST_WORKERS)
        self.time_limit = checked_limit(time_limit)
        self._lock = threading.RLock()
        self._waiting: deque[tuple[Future, bytes]] = deque()
        self._running: set[Future] = set()
        self._closed = False
        self._deaths = 0
        self._ending: list[threading.Thread] = []
        self._idle: list[Any] = []
        self._pools: set[Any] = set()
        try:
            for _ in range(workers):
                self._pools.add(_new_pool())
        except BaseException:
            self.shutdown(cancel_futures=True)
            raise
        self._idle = list(self._pools)

    def __exit__(self, exc_type: Any, *error: object) -> None:
        self.shutdown(cancel_futures=exc_type is not None)

    def submit(self, function: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Schedule a call."""
        call = pickle.dumps((function, args, kwargs))
        if self._deaths >= MOST_DEATHS:
            raise RuntimeError(
                'worker processes do not start: expected a script that begins its work '
                "under if __name__ == '__main__'"
            )
        future: Future = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError('the executor was shut down')
            self._waiting.append((future, call))
            self._feed()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for what was submitted, or kill it."""
        if wait and not cancel_futures:
            self._wait()
        with self._lock:
            self._closed = True
            while self._waiting:
                self._waiting.popleft()[0].cancel()
            for pool in self._pools:
                self._end(pool)
            self._pools.clear()
        for thread in self._ending:
            thread.join()

    def _wait(self) -> None:
        while True:
            with self._lock:
                left = {*self._running, *(future for future, _ in self._waiting)}
            if not left:
                return
            wait(left)

    def _feed(self) -> None:
        """Give tasks to idle processes."""
        while self._idle and self._waiting and not self._closed:
            future, call = self._waiting.popleft()
            if not (future.running() or future.set_running_or_notify_cancel()):
                continue
            pool = self._idle.pop()
            try:
                pool, task = self._schedule(pool, call)
            except Exception as error:  # no process can be started
                self._idle.append(pool)
                future.set_exception(error)
                continue
            self._running.add(future)
            task.add_done_callback(partial(self._finish, pool, future, call))

    def _schedule(self, pool: Any, call: bytes) -> tuple[Any, Future]:
        """Give a call to a pool, or to the one that replaces it."""
        try:
            return pool, pool.schedule(_call, args=[call], timeout=self.time_limit)
        except RuntimeError:  # its process died with nothing to do
            pool = self._replace(pool)
            return pool, pool.schedule(_call, args=[call], timeout=self.time_limit)

    def _finish(self, pool: Any, future: Future, call: bytes, task: Future) -> None:
        """Pass on what a task has returned, and give its process the next.

        A task that no process took is given to another.
        """
        from pebble import ProcessExpired

        error = CancelledError() if task.cancelled() else task.exception()
        untouched = isinstance(error, BrokenProcessPool)
        with self._lock:
            self._deaths = self._deaths + 1 if untouched else 0
            again = untouched and self._deaths < MOST_DEATHS and not self._closed
            if again:
                self._waiting.appendleft((future, call))
            if isinstance(error, (ProcessExpired, BrokenProcessPool)):
                with suppress(Exception):  # the next task tries again, or says why not
                    pool = self._replace(pool)
            if not self._closed:
                self._idle.append(pool)
            self._running.discard(future)
            self._feed()
        if again:
            return
        if error is None:
            future.set_result(task.result())
        else:
            future.set_exception(error)

    def _replace(self, pool: Any) -> Any:
        """Return a new pool in the place of one whose process has died."""
        if self._closed:
            return pool
        if pool in self._pools:  # else no other could be started for it so far
            self._pools.remove(pool)
            self._end(pool)
        pool = _new_pool()
        self._pools.add(pool)
        return pool

    def _end(self, pool: Any) -> None:
        """End a pool from a thread of its own: its own threads may not wait for it."""
        pool.stop()
        self._ending = [thread for thread in self._ending if thread.is_alive()]
        self._ending.append(threading.Thread(target=pool.join, daemon=True))
        self._ending[-1].start()


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def checked_limit(time_limit: float | None) -> float | None:
    """Return a time limit (s), or None.

    Raises
    ------
    ValueError
        A limit that is not positive.
    """
    if time_limit is None:
        return None
    return checks.real('time_limit', time_limit, above=0.0, most=LONGEST)


def _new_pool() -> Any:
    """Return a pool of one process, which is starting."""
    from pebble import ProcessPool

    pool = ProcessPool(
        max_workers=1,
        initializer=_end_with_driver,
        context=multiprocessing.get_context('spawn'),
    )
    # Ctrl-C is for the driver: threads and processes inherit that it is blocked.
    resource_tracker.ensure_running()  # would unblock it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        pool.active  # noqa: B018 (starts its threads)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pool


def _call(call: bytes) -> Any:
    """Call a pickled function; errors of unpickling are those of the call."""
    function, args, kwargs = pickle.loads(call)
    return function(*args, **kwargs)


def _end_with_driver() -> None:
    """End this process when the driver ends, whatever the task does."""
    driver = multiprocessing.parent_process()

    def follow() -> None:
        driver.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
