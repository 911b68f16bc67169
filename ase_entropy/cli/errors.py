"""How a command ends when something is wrong."""

import argparse
import functools
import sys
from collections.abc import Callable

from ase.cli.main import CLIError

from ase_entropy.cli.terminal import print_no_more
from ase_entropy.transactions import database_errors

__all__ = ['one_sentence']


def one_sentence(run: Callable) -> Callable:
    """Turn errors of a command into one sentence; ``-T`` shows the traceback instead.

    Bad input exits with 2, a run that cannot go on with 1.
    """

    @functools.wraps(run)
    def wrapped(args: argparse.Namespace) -> None:
        try:
            run(args)
            sys.stdout.flush()
        except KeyboardInterrupt:  # before or after the work that says so itself
            print('interrupted', file=sys.stderr)
            raise SystemExit(130) from None
        except BrokenPipeError:  # as after | head
            print_no_more()
        except (ValueError, *database_errors()) as error:
            if args.traceback:
                raise
            raise CLIError(' '.join(str(error).split())) from error
        except RuntimeError as error:
            if args.traceback:
                raise
            raise SystemExit(f'ase-entropy {args.command}: {error}') from error

    return wrapped
