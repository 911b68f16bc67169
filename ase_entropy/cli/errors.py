"""How a command ends when something is wrong."""

import argparse
import functools
import sqlite3
from collections.abc import Callable

from ase.cli.main import CLIError

__all__ = ['one_sentence']


def one_sentence(run: Callable) -> Callable:
    """Turn errors of a command into one sentence; ``-T`` shows the traceback instead.

    Bad input exits with 2, a run that cannot go on with 1.
    """

    @functools.wraps(run)
    def wrapped(args: argparse.Namespace) -> None:
        try:
            run(args)
        except (ValueError, OSError, sqlite3.Error) as error:
            if args.traceback:
                raise
            raise CLIError(str(error)) from error
        except RuntimeError as error:
            if args.traceback:
                raise
            raise SystemExit(f'ase-entropy {args.command}: {error}') from error

    return wrapped
