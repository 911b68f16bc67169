"""Submits chains to workers and collects their results, whatever fails."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pickle import PicklingError

from ase_entropy.campaign.chains import Chain, ChainResult
from ase_entropy.campaign.executors import InProcess, slots_of
from ase_entropy.campaign.logbook import Logbook
from ase_entropy.campaign.signals import Interrupts

__all__ = ['Driver']

MOST_TRIES = 3  # of one chain
LEAST_IN_FLIGHT = 4  # so that schedulers which wait for work start workers
MOST_IN_A_ROW = 5  # chains that fail before something is wrong with all of them
HEARTBEAT = 0.2  # seconds between two looks at the engine


class Driver:
    """Submits chains to an executor, and passes their results to the logbook.

    Parameters
    ----------
    run_chain : callable
        Takes a chain, returns a ChainResult; can be pickled.
    executor : concurrent.futures.Executor
        Runs the chains: two for each of its slots at a time, or a few more where
        workers come and go. One with `is_alive` is asked whether it still exists.
    logbook : Logbook
        Writes results to the database.
    """

    def __init__(
        self,
        run_chain: Callable[[Chain], ChainResult],
        executor: Executor,
        logbook: Logbook,
    ) -> None:
        self.run_chain, self.executor, self.logbook = run_chain, executor, logbook
        self.waiting: deque[Chain] = deque()
        self.pending: dict[Future, Chain] = {}
        self.tries: dict[Chain, int] = {}
        self.given_up: dict[Chain, str] = {}
        self.failed_in_a_row = 0
        self.last_failure = ''
        self.interrupts = Interrupts()

    def run(self, chains: list[Chain]) -> None:
        """Run all chains; whatever happens, write what has arrived."""
        self.waiting.extend(chains)
        try:
            with self.interrupts:
                self._prepare()
                while self.waiting or self.pending:
                    self._submit()
                    done, _ = wait(self.pending, HEARTBEAT, FIRST_COMPLETED)
                    self._check_engine()
                    self._collect([f for f in self.pending if f in done])
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
            reasons = '; '.join(f'{u}: {why}' for u, why in self.given_up.items())
            by_accident = any(chain in self.tries for chain in self.given_up)
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
        most = max(LEAST_IN_FLIGHT, 2 * self._slots())
        here = isinstance(self.executor, InProcess)
        while self.waiting and len(self.pending) < most:
            chain = self.waiting.popleft()
            try:
                with self.interrupts.immediately(here):
                    future = self.executor.submit(self.run_chain, chain)
            except (AttributeError, TypeError, PicklingError) as error:
                raise ValueError(
                    f'recipe cannot be sent to workers ({error}): expected parts whose '
                    'classes stand at the top of a module'
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
            self.pending[future] = chain
            if here:  # and done
                break

    def _collect(self, done: Iterable[Future]) -> None:
        most = max(MOST_IN_A_ROW, 2 * self._slots() + 1)
        for future in done:
            self._receive(future)
            if self.failed_in_a_row >= most:
                break
        self._write()
        if self.failed_in_a_row >= most:
            raise RuntimeError(
                f'{self.failed_in_a_row} chains failed in a row, last '
                f'{self.last_failure}; {self.logbook.summary()}'
            )

    def _receive(self, future: Future) -> None:
        chain = self.pending.pop(future)
        error = _error_of(future)
        if error is not None:
            reason = ' '.join(f'{type(error).__name__}: {error}'.split())
            tries = self.tries[chain] = self.tries.get(chain, 0) + 1
            self._handle_failure(chain, _kind_of(error), reason, tries < MOST_TRIES)
            return
        result = future.result()
        for line in result.lines:
            self.logbook.report(line)
        self.logbook.take(result.ends)
        if result.failure is None:
            self.failed_in_a_row = 0
        else:  # it would fail again in the same way
            self._handle_failure(chain, 'cycle failed', result.failure, False)

    def _handle_failure(
        self, chain: Chain, kind: str, reason: str, again: bool
    ) -> None:
        verdict = 'is tried again' if again else 'is given up'
        self.logbook.count_failure(kind, f'{chain} failed, {verdict}: {reason}')
        if again:
            self.waiting.append(chain)
        else:
            self.given_up[chain] = reason
        self.failed_in_a_row += 1
        self.last_failure = f'{chain}: {reason}'

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


def _kind_of(error: BaseException) -> str:
    name = type(error).__name__
    if 'Timeout' in name:
        return 'time limit'
    lost = ('ProcessExpired', 'BrokenProcessPool', 'KilledWorker', 'CancelledError')
    return 'worker died' if name in lost else 'error'
