"""Options of commands that run campaigns, and the campaign itself."""

import argparse
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from ase import units

from ase_entropy import NearestNeighborEntropy, campaign
from ase_entropy.campaign.executors import Cluster, InProcess
from ase_entropy.campaign.processes import Processes
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.checks import real, whole
from ase_entropy.cli import energy_options, start_options
from ase_entropy.cli.terminal import Terminal, check_logfile
from ase_entropy.dynamics.motion import TIMESTEP, Motion
from ase_entropy.dynamics.quench import Ladder
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import PerElement
from ase_entropy.repulsion import repulsion_of
from ase_entropy.sets.sources import sources_of
from ase_entropy.store.database import check_database, is_database, is_server

__all__ = ['add_arguments', 'check_outputs', 'fill_database', 'make_recipe']


def add_arguments(
    parser: argparse.ArgumentParser,
    db: str,
    friction: float,
    rows: tuple[str, int],
    shuffle: tuple[str, str],
) -> None:
    """Add the options that harvest and unbiased share.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Gets the options.
    db, friction
        Their defaults: a file name, and a friction coefficient (1/ASE time units).
    rows : tuple
        Name and default of the option that says how many rows there shall be.
    shuffle : tuple of str
        Name of the option for the time steps of a shuffle, and what these are.
    """
    start_options.add_arguments(parser)
    energy_options.add_arguments(parser)
    add = parser.add_argument
    name, default = rows
    add(
        name,
        dest='rows',
        type=int,
        default=default,
        metavar='N',
        help='rows that the database shall hold in the end (default: %(default)s)',
    )
    name, what = shuffle
    add(
        name,
        dest='shuffle_steps',
        type=int,
        default=AnnealSchedule.shuffle_steps,
        metavar='N',
        help=f'{what} (default: %(default)s)',
    )
    add(
        '--db',
        default=db,
        metavar='FILE',
        help='database: a .db or .json file, or postgresql://user@host/name '
        '(default: %(default)s)',
    )
    add(
        '--paper',
        action='store_true',
        help='as in the paper, to the letter: its cell and protocol',
    )
    add(
        '--timestep-fs',
        type=float,
        default=TIMESTEP / units.fs,
        metavar='DT',
        help='time step in fs (default: %(default)s)',
    )
    add(
        '--friction-fs',
        type=float,
        default=friction * units.fs,
        metavar='G',
        help='friction in 1/fs (default: %(default)s)',
    )
    add(
        '--temperature',
        type=float,
        default=AnnealSchedule.hot_K,
        metavar='T',
        help='hot temperature in K (default: %(default)s)',
    )
    add(
        '--seed',
        type=int,
        metavar='N',
        help='seed of all random numbers (default: that of the campaign which is '
        'continued, or a new one, printed)',
    )
    add(
        '--chain',
        type=int,
        default=1,
        metavar='N',
        help='cycles of a walker, each from the end of the one before, until the next '
        'walker starts anew (default: %(default)s)',
    )
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
        help='longest time in s that a worker may take for a chain (default: none)',
    )
    add(
        '--force-append',
        action='store_true',
        help='begin a campaign beside others in the database, or continue that with '
        'this recipe and seed (default: refuse others)',
    )
    add('--logfile', metavar='FILE', help='append the progress lines to this file')


def make_recipe(
    args: argparse.Namespace,
    schedule: AnnealSchedule,
    ladder: Ladder | None = None,
    estimator_for: Callable[[Any], Any] = lambda descriptor: NearestNeighborEntropy(),
    isolated: str = 'allow',
    **frictions: float,
) -> Recipe:
    """Return the recipe that the options describe."""
    if args.seed is not None:
        whole('--seed', args.seed, least=0)
    whole('--chain', args.chain, least=1)
    real('--timestep-fs', args.timestep_fs, above=0.0)
    real('--friction-fs', args.friction_fs, least=0.0)
    margin = start_options.margin(args)
    start, elements, sizes = start_options.start(args)
    descriptor = energy_options.descriptor(args, elements, sizes)
    estimator = estimator_for(descriptor)
    return Recipe(
        start,
        schedule,
        ladder,
        descriptor,
        PerElement(estimator) if args.per_element else estimator,
        repulsion_of(sizes),
        Motion(args.timestep_fs * units.fs, **frictions),
        isolated=isolated,
        margin=margin,
        sizes=None if args.paper else sizes,
    )


def check_outputs(args: argparse.Namespace) -> None:
    """Raise ValueError if log or database cannot be written; create nothing."""
    _check_logfile(args)
    check_database(args.db)


def fill_database(args: argparse.Namespace, recipe: Recipe) -> None:
    """Run the campaign until the database holds all of its rows."""
    check_outputs(args)  # before kernels are compiled for a start
    try:
        with Terminal(args.logfile) as terminal, _engine(args) as engine:
            campaign.run(
                recipe,
                args.rows,
                args.db,
                seed=args.seed,
                chain=args.chain,
                executor=engine,
                append=args.force_append,
                report=terminal.report,
                show=terminal.show,
            )
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _check_logfile(args: argparse.Namespace) -> None:
    """Raise ValueError if lines would be appended to a database or to atoms."""
    name = args.logfile
    if name is None:
        return
    names = ('structure', 'lengths_from', 'scale_from', 'away_from')
    sets = [vars(args).get(x) for x in names]
    files = {file for x in sets if x is not None for file in _files_of(x)}
    files.add(Path(args.db).expanduser().resolve())
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


def _engine(args: argparse.Namespace) -> Executor:
    if args.workers is not None and args.scheduler is not None:
        raise ValueError('--workers and --scheduler: expected one of them')
    if args.workers is not None:
        return Processes(args.workers, args.time_limit)
    if args.scheduler is not None:
        return Cluster(args.scheduler, args.time_limit)
    if args.time_limit is not None:
        raise ValueError('--time-limit is for --workers or --scheduler: drop it')
    return InProcess()
