"""Options of commands that run campaigns, and the campaign itself."""

import argparse
from collections.abc import Callable
from typing import Any

from ase import units

from ase_entropy import NearestNeighborEntropy, campaign
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.checks import real, whole
from ase_entropy.cli import descriptor_options, energy_options, engine_options
from ase_entropy.cli.harvest import start_options
from ase_entropy.cli.parser import CommandParser
from ase_entropy.cli.terminal import Terminal
from ase_entropy.dynamics.motion import TIMESTEP, Motion
from ase_entropy.dynamics.quench import Ladder
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import PerElement
from ase_entropy.repulsion import repulsion_of
from ase_entropy.store.database import check_database

__all__ = ['add_arguments', 'check_outputs', 'fill_database', 'make_recipe']


def add_arguments(
    parser: CommandParser,
    db: str,
    friction: float,
    rows: tuple[str, int],
    shuffle: tuple[str, str],
) -> None:
    """Add the options that harvest and unbiased share.

    Parameters
    ----------
    parser : CommandParser
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
    add = parser.groups['how many'].add_argument
    name, default = rows
    add(
        name,
        dest='rows',
        type=int,
        default=default,
        metavar='N',
        help='rows that the database shall hold in the end (default: %(default)s)',
    )
    add(
        '--seed',
        type=int,
        metavar='N',
        help='seed of all random numbers (default: that of the campaign which is '
        'continued, or a new one, printed)',
    )
    add = parser.groups['cycle'].add_argument
    add(
        '--paper',
        action='store_true',
        help='as in the paper, to the letter: its cell and protocol',
    )
    add(
        '--temperature',
        type=float,
        default=AnnealSchedule.hot_K,
        metavar='T',
        help='hot temperature in K (default: %(default)s)',
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
        '--chain',
        type=int,
        default=1,
        metavar='N',
        help='cycles of a walker, each from the end of the one before, until the next '
        'walker starts anew (default: %(default)s)',
    )
    add = parser.groups['output'].add_argument
    add(
        '--db',
        default=db,
        metavar='FILE',
        help='database: a .db or .json file, or postgresql://user@host/name '
        '(default: %(default)s)',
    )
    add(
        '--force-append',
        action='store_true',
        help='begin a campaign beside others in the database, or continue that with '
        'this recipe and seed (default: refuse others)',
    )
    engine_options.add_arguments(parser, 'chain')


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
    descriptor = descriptor_options.descriptor(args, elements, sizes)
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
        base=energy_options.base(args),
    )


def check_outputs(args: argparse.Namespace) -> None:
    """Raise ValueError if log or database cannot be written; create nothing."""
    names = ('structure', 'lengths_from', 'scale_from', 'away_from')
    sets = [vars(args).get(x) for x in names]
    engine_options.check_separate_logfile(
        args.logfile, args.db, [x for x in sets if x is not None]
    )
    check_database(args.db)


def fill_database(args: argparse.Namespace, recipe: Recipe) -> None:
    """Run the campaign until the database holds all of its rows."""
    check_outputs(args)  # before kernels are compiled for a start
    try:
        with Terminal(args.logfile) as terminal, engine_options.engine(args) as engine:
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
