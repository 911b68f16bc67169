"""Submits work units to workers and collects their results, whatever fails."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pickle import PicklingError

from ase_entropy.campaign.engines.executors import InProcess, slots_of
from ase_entropy.campaign.engines.logbook import Logbook
from ase_entropy.campaign.engines.signals import Interrupts
from ase_entropy.campaign.engines.trial import Trial
from ase_entropy.campaign.engines.units import (
    FAILS_AGAIN,
    Task,
    TaskResult,
    UnitResult,
    WorkUnit,
    kind_of,
)
from ase_entropy.checks import reason_of

__all__ = ['Driver']

MOST_TRIES = 3  # of one task
SHOWN = 2  # reasons in an error
LEAST_IN_FLIGHT = 4  # so that schedulers which wait for work start workers
MOST_IN_A_ROW = 5  # units that fail before something is wrong with all of them
HEARTBEAT = 0.2  # seconds between two looks at the engine
UNIT_SECONDS = 0.25  # of a work unit: what is lost where a process is killed
MOST_UNIT_SECONDS = 1.0
UNITS_PER_SECOND = 1000  # of all workers: the driver has time for more, but not much
SHARE_OF_LIMIT = 0.05  # of the time limit, which is that of one task


class Driver:
    """Submits tasks to an executor, and passes their results to the logbook.

    Short tasks are sent several at a time: as many as the last ones let expect in a
    quarter of a second, more with hundreds of workers.

    Parameters
    ----------
    run_unit : callable
        Takes a work unit, returns a UnitResult; can be pickled.
    executor : concurrent.futures.Executor
        Runs the units: two for each of its slots at a time, or a few more where
        workers come and go. One with `is_alive` is asked whether it still exists.
    logbook : Logbook
        Writes results to the database.
    most_in_a_row : float
        After so many failures, or more where many run at once, something is wrong with
        all tasks, and the driver stops.
    trial : Trial, optional
        Stops it when none of the first tasks works.
    """

    def __init__(
        self,
        run_unit: Callable[[WorkUnit], UnitResult],
        executor: Executor,
        logbook: Logbook,
        most_in_a_row: float = MOST_IN_A_ROW,
        trial: Trial | None = None,
    ) -> None:
        self.most_in_a_row, self.trial = most_in_a_row, trial
        self.run_unit, self.executor, self.logbook = run_unit, executor, logbook
        self.here = isinstance(executor, InProcess)
        self.waiting: deque[Task] = deque()
        self.pending: dict[Future, WorkUnit] = {}
        self.tries: dict[Task, int] = {}
        self.given_up: dict[Task, str] = {}
        self.task_seconds = float('inf')  # of the last tasks that came back
        self.failed_in_a_row = 0
        self.last_failure = self.plural = ''
        self.interrupts = Interrupts()

    def run(self, tasks: list[Task]) -> None:
        """Run all tasks; whatever happens, write what has arrived."""
        self.waiting.extend(tasks)
        try:
            with self.interrupts:
                self._prepare()
                while self.waiting or self.pending:
                    self._submit()
                    done, _ = wait(self.pending, HEARTBEAT, FIRST_COMPLETED)
                    self._check_engine()
                    self._collect([f for f in self.pending if f in done])
                    self._check_trial()
                    self.interrupts.check()
        except BaseException as error:
            for future in self.pending:
                future.cancel()
            for future in list(self.pending):
                if future.done() and _error_of(future) is None:
                    self._receive(future)
            self._write_at_the_end(error)
            raise
        if self.given_up:
            reasons = [f'{u}: {why}' for u, why in self.given_up.items()]
            if len(reasons) > SHOWN:
                reasons[SHOWN:] = [f'and {len(reasons) - SHOWN} more, see the log']
            reasons = '; '.join(reasons)
            by_accident = any(task in self.tries for task in self.given_up)
            advice = '; the same command tries again' if by_accident else ''
            raise RuntimeError(f'{self.logbook.summary()}; given up: {reasons}{advice}')

    def _write_at_the_end(self, error: BaseException) -> None:
        if not isinstance(error, KeyboardInterrupt):
            self.logbook.write(patience=0.0)
            return
        try:
            self.logbook.write(patience=0.0)
        except RuntimeError as lost:
            self.logbook.report(str(lost))
        self.logbook.report_interruption()

    def _prepare(self) -> None:
        self._write()  # the campaign is in the ledger before its first row
        self.logbook.progress.begin()
        if self._slots() == 0:
            self.logbook.report('the scheduler has no workers yet: waiting for some')

    def _write(self) -> None:
        self.logbook.write(check=self.interrupts.check)

    def _slots(self) -> int:
        return slots_of(self.executor)

    def _submit(self) -> None:
        slots = self._slots()
        most = max(LEAST_IN_FLIGHT, 2 * slots)
        if self.trial and self.trial.has_failed:
            return  # what is under way may still work
        while self.waiting and len(self.pending) < most:
            unit = self._next_unit(max(1, slots))
            try:
                with self.interrupts.immediately(self.here):
                    future = self.executor.submit(self.run_unit, unit)
            except (AttributeError, TypeError, PicklingError) as error:
                raise ValueError(
                    f'{unit.tasks[0].made_by} cannot be sent to workers ({error}): '
                    'expected classes and functions that stand at the top of a module'
                ) from error
            except RuntimeError as error:  # BrokenExecutor is one
                raise RuntimeError(
                    f'the executor takes no more work ({error}); '
                    f'{self.logbook.summary()}, the same call continues'
                ) from error
            if not isinstance(future, Future):
                raise ValueError(
                    f'executor={self.executor!r}: its submit() returns '
                    f'{type(future).__name__}, expected a concurrent.futures.Future '
                    '(a dask client has get_executor())'
                )
            self.pending[future] = unit
            if self.here:  # and done
                break

    def _next_unit(self, slots: int) -> WorkUnit:
        """Take tasks that are expected to last as long as a unit shall.

        One that has failed with its worker goes alone, so that the next failure is
        certainly its own; so does one that this process runs, and each of a trial. The
        last tasks are shared by all workers.
        """
        seconds = self._unit_seconds(slots)
        most = min(seconds / self.task_seconds, len(self.waiting) / (2 * slots))
        tasks = [self.waiting.popleft()]
        on_trial = self.trial is not None and not self.trial.is_over
        alone = self.here or on_trial or tasks[0] in self.tries
        while len(tasks) + 1 <= most and not (alone or self.waiting[0] in self.tries):
            tasks.append(self.waiting.popleft())
        inputs = (self.logbook.inputs_of(task) for task in tasks)
        return WorkUnit(tuple(tasks), tuple(inputs), seconds)

    def _unit_seconds(self, slots: int) -> float:
        """Return the time (s) that a unit shall take."""
        seconds = min(MOST_UNIT_SECONDS, max(UNIT_SECONDS, slots / UNITS_PER_SECOND))
        limit = getattr(self.executor, 'time_limit', None)
        return seconds if limit is None else min(seconds, SHARE_OF_LIMIT * limit)

    def _collect(self, done: Iterable[Future]) -> None:
        most = max(self.most_in_a_row, 2 * self._slots() + 1)
        for future in done:
            self._receive(future)
            if self.failed_in_a_row >= most:
                break
        if not self.here and self.failed_in_a_row < most:
            self._submit()  # now: workers do not wait for the disk
        self._write()
        if self.failed_in_a_row >= most:
            raise RuntimeError(
                f'{self.failed_in_a_row} {self.plural} failed in a row, '
                f'last {self.last_failure}; {self.logbook.summary()}'
            )

    def _receive(self, future: Future) -> None:
        """Take what a unit returned; what it had no time for comes next."""
        unit = self.pending.pop(future)
        error = _error_of(future)
        if error is not None:
            self._handle_failure(unit, kind_of(error), reason_of(error))
            return
        done = future.result()
        self.task_seconds = done.seconds / len(done.results)
        self.waiting.extendleft(reversed(unit.tasks[len(done.results) :]))
        for task, result in zip(unit.tasks, done.results, strict=False):
            self._take(task, result)

    def _take(self, task: Task, result: TaskResult) -> None:
        for line in result.lines:
            self.logbook.report(line)
        self.logbook.take(result.ends)
        if result.failure is None:
            self.failed_in_a_row = 0
            if self.trial:
                self.trial.add_success()
        else:
            unit = WorkUnit((task,), (), 0.0)
            self._handle_failure(unit, result.kind, result.failure)

    def _handle_failure(self, unit: WorkUnit, kind: str, reason: str) -> None:
        """Let the tasks of a unit be tried again, each by itself, or give one up."""
        again = kind != FAILS_AGAIN
        for task in unit.tasks if again else ():
            self.tries[task] = self.tries.get(task, 0) + 1
            again = self.tries[task] < MOST_TRIES
        verdict = 'is given up'
        if again:
            verdict = 'is tried again'
            if len(unit.tasks) > 1:
                verdict += f', one {unit.tasks[0].singular} after the other'
            self.waiting.extend(unit.tasks)
        else:
            self.given_up.update(dict.fromkeys(unit.tasks, reason))
        if self.trial and len(unit.tasks) == 1:
            self.trial.add_failure(unit.tasks[0], reason, self.waiting)
        self.logbook.count_failure(kind, f'{unit} failed, {verdict}: {reason}')
        self.failed_in_a_row += 1
        self.last_failure = f'{unit}: {reason}'
        self.plural = unit.tasks[0].plural

    def _check_trial(self) -> None:
        if self.trial and self.trial.has_failed and not self.pending:
            raise RuntimeError(
                f'nothing works: {len(self.trial.failed)} {self.plural} failed alike, '
                f'the first and some from all parts, last {self.last_failure}; '
                f'{self.logbook.summary()}, the same command tries again'
            )

    def _check_engine(self) -> None:
        if not getattr(self.executor, 'is_alive', True):
            raise RuntimeError(
                f'{self.executor} is gone; {self.logbook.summary()}, the same command '
                'continues'
            )


def _error_of(future: Future) -> BaseException | None:
    try:
        return future.exception()
    except BaseException as error:  # CancelledError, when a scheduler dies
        if isinstance(error, KeyboardInterrupt):
            raise
        return error
