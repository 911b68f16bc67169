"""The command ``ase-entropy``: parses, converts units, calls the library."""

import os
import sys
from importlib.metadata import version

from ase.cli.main import main as ase_main

__all__ = ['main']

COMMANDS = [
    ('harvest', 'ase_entropy.cli.harvest'),
    ('unbiased', 'ase_entropy.cli.unbiased'),
    ('info', 'ase_entropy.cli.info'),
    ('watch', 'ase_entropy.cli.watch'),
    ('export', 'ase_entropy.cli.export'),
    ('label', 'ase_entropy.cli.label'),
    ('report', 'ase_entropy.cli.report'),
    ('select', 'ase_entropy.cli.select'),
]


def main(args: list[str] | None = None) -> None:
    """Run one of the commands; bad input ends with one sentence and exit code 2."""
    _open_closed_streams()
    if main.__doc__ is None:  # those of the commands are their help
        print('ase-entropy: error: expected no PYTHONOPTIMIZE=2 (-OO)', file=sys.stderr)
        raise SystemExit(2)
    for stream in (sys.stdout, sys.stderr):  # names may not fit into their encoding
        if hasattr(stream, 'reconfigure'):
            stream.reconfigure(errors='backslashreplace')
    ase_main(
        prog='ase-entropy',
        description='Diverse training sets for interatomic potentials, by entropy.',
        version=version('ase-entropy'),
        commands=COMMANDS,
        args=args,
    )


def _open_closed_streams() -> None:
    """Open streams that are closed (``>&-``), before a database gets their number."""
    for name, mode in (('stdin', 'r'), ('stdout', 'w'), ('stderr', 'w')):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode)
            os.set_inheritable(stream.fileno(), True)  # as those of a shell
            setattr(sys, name, stream)
