"""``ase-entropy unbiased``."""

import argparse

from ase import units

from ase_entropy.checks import real, whole
from ase_entropy.cli import sampling
from ase_entropy.cli.errors import one_sentence
from ase_entropy.dynamics.langevin import SHUFFLE_FRICTION
from ase_entropy.dynamics.schedule import AnnealSchedule


class CLICommand:
    """Sample the unbiased reference: hot dynamics without entropy (K = 0).

    A snapshot is taken --interval steps after the start of each walker, and, with
    --chain, again after as many. --samples counts the rows in all: the same command
    continues an interrupted run, and does nothing on a finished one.
    """

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options."""
        sampling.add_arguments(parser, 'unbiased.db', SHUFFLE_FRICTION)
        add = parser.add_argument
        add(
            '--samples',
            type=int,
            default=100,
            metavar='N',
            help='rows that the database shall hold in the end (default: %(default)s)',
        )
        add(
            '--interval',
            type=int,
            default=AnnealSchedule.shuffle_steps,
            metavar='N',
            help='time steps before each sample (default: %(default)s)',
        )

    @staticmethod
    @one_sentence
    def run(args: argparse.Namespace) -> None:
        """Run the samples that are missing."""
        whole('--samples', args.samples, least=0)
        real('--temperature', args.temperature, least=0.0)
        whole('--interval', args.interval, least=1)
        schedule = AnnealSchedule(
            hot_K=args.temperature,
            k_entropy=0.0,
            shuffle_steps=args.interval,
            ramp_steps=0,
        )
        friction = args.friction_fs / units.fs
        recipe = sampling.make_recipe(args, schedule, shuffle_friction=friction)
        sampling.fill_database(args, recipe, args.samples)
