"""The command ``ase-entropy``: parses, converts units, calls the library."""

import os
import sys

from ase_entropy.cli.commands import run

__all__ = ['main']


def main(args: list[str] | None = None) -> None:
    """Run one of the commands; bad input ends with one sentence and exit code 2."""
    _open_closed_streams()
    if main.__doc__ is None:  # those of the commands are their help
        print('ase-entropy: error: expected no PYTHONOPTIMIZE=2 (-OO)', file=sys.stderr)
        raise SystemExit(2)
    for stream in (sys.stdout, sys.stderr):  # names may not fit into their encoding
        if hasattr(stream, 'reconfigure'):
            stream.reconfigure(errors='backslashreplace')
    try:
        run(sys.argv[1:] if args is None else list(args))
    except KeyboardInterrupt:  # while a command is imported
        print('interrupted', file=sys.stderr)
        raise SystemExit(130) from None


def _open_closed_streams() -> None:
    """Open streams that are closed (``>&-``), before a database gets their number."""
    for name, mode in (('stdin', 'r'), ('stdout', 'w'), ('stderr', 'w')):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode)
            os.set_inheritable(stream.fileno(), True)  # as those of a shell
            setattr(sys, name, stream)
