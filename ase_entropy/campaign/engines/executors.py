"""Executors of a campaign that need no processes of ours: this one, a cluster."""

import faulthandler
import logging
import math
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from ase_entropy.campaign.engines.processes import checked_limit

__all__ = ['Cluster', 'InProcess', 'slots_of']

PATIENCE = 10.0  # seconds, for a scheduler to answer
RECOUNT = 2.0  # seconds between two counts of its workers

_TIMER = threading.Lock()  # a process has one


def slots_of(executor: Any) -> int:
    """Return how many tasks an executor runs at once, as far as is known.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> slots_of(ThreadPoolExecutor(3))
    3
    """
    client = getattr(executor, '_client', None)
    if hasattr(client, 'scheduler_info') and not hasattr(executor, 'slots'):  # dask
        workers = client.scheduler_info(n_workers=-1).get('workers', {})
        return sum(worker['nthreads'] for worker in workers.values())
    for name in ('slots', '_max_workers', 'max_workers', 'num_workers'):
        slots = getattr(executor, name, None)
        if isinstance(slots, int):
            return slots
    return os.cpu_count() or 1


class InProcess(Executor):
    """Run each task in this process, when it is submitted."""

    slots = 1

    def submit(self, function: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Return a future that is done."""
        future: Future = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Cluster(Executor):
    """Workers of a dask scheduler.

    The scheduler itself repeats a task whose worker has died, three times as a rule,
    and then gives it back with an error.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    time_limit : float, optional
        Longest time (s) that a task may take. After that its worker process ends; its
        nanny starts another. Needs workers of one thread.

    Raises
    ------
    ValueError
        No scheduler answers there, or dask.distributed is not installed.
    """

    def __init__(self, address: str, time_limit: float | None = None) -> None:
        self.address, self.time_limit = address, checked_limit(time_limit)
        try:
            from distributed import Client
            from distributed.comm import parse_host_port
        except ImportError as error:
            raise ValueError(
                f"scheduler='{address}': needs a package more: pip install "
                f"'dask[distributed]' ({error})"
            ) from error
        try:
            parse_host_port(address)
            self._client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise ValueError(
                f"scheduler='{address}': expected the address of a dask scheduler, "
                f'such as tcp://10.0.0.1:8786 ({error})'
            ) from error
        # A scheduler that goes away is reported by us, not in tracebacks.
        for name in ('distributed', 'distributed.client', 'tornado.application'):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._executor = self._client.get_executor(pure=False)
        self._slots, self._counted = 0, -math.inf

    @property
    def slots(self) -> int:
        """Number of threads that all workers have now, or had a moment ago."""
        if time.monotonic() > self._counted + RECOUNT:
            self._slots = slots_of(self._executor)
            self._counted = time.monotonic()
        return self._slots

    def __str__(self) -> str:
        return f"the scheduler at '{self.address}'"

    @property
    def is_alive(self) -> bool:
        """Whether the scheduler is there."""
        return self._client.status == 'running'

    def submit(self, function: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Schedule a call."""
        return self._executor.submit(
            _run_limited, self.time_limit, function, *args, **kwargs
        )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Disconnect from the scheduler; tasks that are still queued are dropped."""
        self._client.close(timeout=PATIENCE)


def _run_limited(
    time_limit: float | None, function: Callable, *args: Any, **kwargs: Any
) -> Any:
    """Call a function; end the process if it takes too long, whatever it does."""
    if time_limit is None:
        return function(*args, **kwargs)
    if not _TIMER.acquire(blocking=False):
        raise ValueError(
            f'time_limit={time_limit:g}: expected workers of one thread (--nthreads 1)'
        )
    try:
        with open(os.devnull, 'w') as nowhere:
            faulthandler.dump_traceback_later(time_limit, exit=True, file=nowhere)
            return function(*args, **kwargs)
    finally:
        faulthandler.cancel_dump_traceback_later()
        _TIMER.release()
