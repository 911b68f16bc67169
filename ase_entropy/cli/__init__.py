"""The command ``ase-entropy``: parses, converts units, calls the library."""

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
    ('report', 'ase_entropy.cli.report'),
]


def main(args: list[str] | None = None) -> None:
    """Run one of the commands; bad input ends with one sentence and exit code 2."""
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
