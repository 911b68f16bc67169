"""How a command ends when something is wrong."""

import argparse
import contextlib
import functools
import signal
import sys
import threading
from collections.abc import Callable, Iterator

from ase.cli.main import CLIError

from ase_entropy.cli.terminal import discard_output
from ase_entropy.store.escaping import visible
from ase_entropy.store.servers import without_passwords_of
from ase_entropy.store.transactions import database_errors

__all__ = ['one_sentence']


def one_sentence(run: Callable) -> Callable:
    """Turn errors of a command into one sentence; ``-T`` shows the traceback instead.

    Bad input exits with 2, a run that cannot go on with 1, Ctrl-C and SIGTERM with 130.
    """

    @functools.wraps(run)
    def wrapped(args: argparse.Namespace) -> None:
        try:
            with _terminable():
                run(args)
            sys.stdout.flush()
        except KeyboardInterrupt:  # before or after the work that says so itself
            print('interrupted', file=sys.stderr)
            raise SystemExit(130) from None
        except BrokenPipeError:  # as after | head
            discard_output()
        except (ValueError, *database_errors()) as error:
            if args.traceback:
                raise
            raise CLIError(_sentence(error, args)) from error
        except RuntimeError as error:
            if args.traceback:
                raise
            sentence = _sentence(error, args)
            raise SystemExit(f'ase-entropy {args.command}: {sentence}') from error

    return wrapped


def _sentence(error: Exception, args: argparse.Namespace) -> str:
    """Return an error as one line for the terminal, without passwords."""
    text = ' '.join(str(error).split())
    for value in vars(args).values():
        for word in value if isinstance(value, list) else [value]:
            text = without_passwords_of(str(word), text)
    return visible(text)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Take SIGTERM, which queues send before they kill, for Ctrl-C.

    Also where Ctrl-C is ignored, as in a script that starts this with ``&``.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
