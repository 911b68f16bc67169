"""Work units: tasks that a worker runs one after another, and their results."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from ase_entropy.checks import reason_of

__all__ = [
    'FAILS_AGAIN',
    'End',
    'Task',
    'TaskResult',
    'UnitResult',
    'WorkUnit',
    'kind_of',
    'run_tasks',
]

FAILS_AGAIN = 'cycle failed'  # kind of a failure that would come again in the same way


class Task(Protocol):
    """What a worker does at once: a named tuple, whose text is its name in the log.

    Attributes
    ----------
    singular, plural : str
        What one and several are called.
    made_by : str
        What the user gave to have them done: has to be sent to workers.
    """

    singular: str
    plural: str
    made_by: str


class End(Protocol):
    """What a task has finished, as a row: its text is a line of the log.

    Attributes
    ----------
    number : int
        Its place among all that shall be there.
    keys : dict
        Key-value pairs, at least those that progress counts.
    """

    number: int
    keys: dict


class TaskResult(NamedTuple):
    """Result of a task.

    Parameters
    ----------
    ends : list of End
        What was finished.
    lines : list of str
        For the log.
    failure : str or None
        Why it was not finished.
    kind : str
        Kind of the failure; all others than `FAILS_AGAIN` may be accidents.
    """

    ends: list[Any]
    lines: list[str]
    failure: str | None
    kind: str = FAILS_AGAIN


class WorkUnit(NamedTuple):
    """Tasks that a worker runs one after another.

    Parameters
    ----------
    tasks : tuple of Task
        One or more.
    inputs : tuple
        What the worker needs for each task.
    seconds : float
        After this time (s) no further task is begun.
    """

    tasks: tuple[Task, ...]
    inputs: tuple[Any, ...]
    seconds: float

    def __str__(self) -> str:
        first, last = self.tasks[0], self.tasks[-1]
        if first == last:
            return str(first)
        return f'{len(self.tasks)} {first.plural} from {first} to {last}'


class UnitResult(NamedTuple):
    """Results of the first tasks of a unit, and the time (s) that these took."""

    results: list[TaskResult]
    seconds: float


def run_tasks(run_one: Callable[[Task, Any], TaskResult], unit: WorkUnit) -> UnitResult:
    """Run the tasks of a unit, as many as its time allows, at least one.

    Parameters
    ----------
    run_one : callable
        Takes a task and its input, returns a TaskResult; what it raises is a failure.
    unit : WorkUnit
        The tasks.
    """
    started, results = time.monotonic(), []
    for task, given in zip(unit.tasks, unit.inputs, strict=True):
        try:
            results.append(run_one(task, given))
        except Exception as error:
            results.append(TaskResult([], [], reason_of(error), kind_of(error)))
        if time.monotonic() > started + unit.seconds:
            break
    return UnitResult(results, time.monotonic() - started)


def kind_of(error: BaseException) -> str:
    """Return the kind of a failure, as the ledger counts them."""
    name = type(error).__name__
    if 'Timeout' in name:
        return 'time limit'
    lost = ('ProcessExpired', 'BrokenProcessPool', 'KilledWorker', 'CancelledError')
    return 'worker died' if name in lost else 'error'
