"""Work on the configurations of a set block by block, here or in other processes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice
from typing import Any

import numpy as np
from ase import Atoms

__all__ = ['Ahead', 'Stack', 'blocks_of', 'in_order', 'without_results']

WAITING = 8  # calls that may wait for their turn; executors run some of them at once
GROWTH = 1.25


class Ahead:
    """Results in the order of their calls, while an executor works ahead.

    Parameters
    ----------
    executor : concurrent.futures.Executor, optional
        Runs the calls; by default each runs when it is made.

    Examples
    --------
    >>> ahead = Ahead()
    >>> ahead.call(abs, -1)
    >>> list(ahead.rest())
    [1]
    """

    def __init__(self, executor: Executor | None = None) -> None:
        self.executor = executor
        self.waiting: deque[Callable[[], Any]] = deque()
        self.most = WAITING + 2 * getattr(executor, 'slots', 0)

    def call(self, function: Callable, *args: Any) -> None:
        """Call a function, now or soon."""
        if self.executor is None:
            self.add(function(*args))
        else:
            self.waiting.append(self.executor.submit(function, *args).result)

    def add(self, result: Any) -> None:
        """Add a result that is known."""
        self.waiting.append(lambda: result)

    def ready(self) -> Iterator[Any]:
        """Yield the first results, if too many calls are waiting."""
        while len(self.waiting) > self.most:
            yield self.waiting.popleft()()

    def rest(self) -> Iterator[Any]:
        """Yield all other results."""
        while self.waiting:
            yield self.waiting.popleft()()


class Stack:
    """Rows of an array, added in parts; in memory only once."""

    def __init__(self) -> None:
        self.rows, self.array = 0, np.empty((0, 0))

    def add(self, part: np.ndarray) -> None:
        """Add rows."""
        end = self.rows + len(part)
        if end > len(self.array):
            if self.rows == 0:
                self.array = np.empty(part.shape)
            else:
                most = max(end, int(GROWTH * len(self.array)))
                self.array.resize((most, part.shape[1]), refcheck=False)
        self.array[self.rows : end] = part
        self.rows = end

    def finish(self) -> np.ndarray:
        """Return all rows."""
        self.array.resize((self.rows, self.array.shape[1]), refcheck=False)
        return self.array


def in_order(
    function: Callable, items: Iterable, executor: Executor | None = None
) -> Iterator[Any]:
    """Yield what a function makes of each item, in their order.

    Parameters
    ----------
    function : callable
        Takes an item; for other processes, one that can be pickled.
    items : iterable
        What it is called with; only some of them are taken ahead.
    executor : concurrent.futures.Executor, optional
        Runs the calls; by default they run here.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as executor:
    ...     list(in_order(abs, [-1, 2, -3], executor))
    [1, 2, 3]
    """
    ahead = Ahead(executor)
    for item in items:
        ahead.call(function, item)
        yield from ahead.ready()
    yield from ahead.rest()


def blocks_of(configurations: Iterable[Atoms], block: int) -> Iterator[list[Atoms]]:
    """Yield configurations in lists of `block` atoms or more, without their results.

    Examples
    --------
    >>> [len(part) for part in blocks_of([Atoms('W2')] * 5, 3)]
    [2, 2, 1]
    """
    frames = map(without_results, configurations)
    while part := list(islice(frames, 1)):
        atoms = len(part[0])
        while atoms < block and (more := next(frames, None)) is not None:
            part.append(more)
            atoms += len(more)
        yield part


def without_results(atoms: Atoms) -> Atoms:
    """Return atoms with what a descriptor sees of them, quick to send."""
    return Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
