"""Options that say who runs the work, and where its log goes."""

import argparse
from collections.abc import Iterable
from concurrent.futures import Executor
from pathlib import Path

from ase_entropy.campaign.engines import Cluster, InProcess, Processes
from ase_entropy.cli.parser import CommandParser
from ase_entropy.cli.terminal import check_logfile
from ase_entropy.sets.sources import sources_of
from ase_entropy.store.database import is_database, is_server

__all__ = ['add_arguments', 'check_separate_logfile', 'engine']


def add_arguments(parser: CommandParser, task: str) -> None:
    """Add the options; `task` is what the time limit is for."""
    add = parser.groups['engine'].add_argument
    add(
        '--workers',
        type=int,
        metavar='N',
        help='run in so many processes of this machine (default: in this one)',
    )
    add(
        '--scheduler',
        metavar='URL',
        help='run on the workers of a dask scheduler, such as tcp://10.0.0.1:8786',
    )
    add(
        '--time-limit',
        type=float,
        metavar='S',
        help=f'longest time in s that a worker may take for a {task} (default: none)',
    )
    parser.groups['output'].add_argument(
        '--logfile', metavar='FILE', help='append the progress lines to this file'
    )


def engine(args: argparse.Namespace) -> Executor:
    """Return the executor that the options name."""
    if args.workers is not None and args.scheduler is not None:
        raise ValueError('--workers and --scheduler: expected one of them')
    if args.workers is not None:
        return Processes(args.workers, args.time_limit)
    if args.scheduler is not None:
        return Cluster(args.scheduler, args.time_limit)
    if args.time_limit is not None:
        raise ValueError('--time-limit is for --workers or --scheduler: drop it')
    return InProcess()


def check_separate_logfile(name: str | None, db: str, sets: Iterable[str]) -> None:
    """Raise ValueError if lines would be appended to a database or to atoms."""
    if name is None:
        return
    files = {file for x in sets for file in _files_of(x)}
    files.add(Path(db).expanduser().resolve())
    if is_database(name) or Path(name).resolve() in files:
        raise ValueError(
            f'--logfile={name}: is a database or a file of atoms, expected a file of '
            'its own, such as harvest.log'
        )
    check_logfile(name)


def _files_of(name: str) -> list[Path]:
    """Return the files of a set."""
    try:
        sources = sources_of(name)
    except ValueError:  # which is said later
        return []
    return [Path(s.path).resolve() for s in sources if not is_server(s.path)]
