"""``ase-entropy unbiased``."""

import argparse

from ase import units

from ase_entropy.checks import real, whole
from ase_entropy.cli.harvest import campaign_options
from ase_entropy.cli.parser import CommandParser
from ase_entropy.dynamics.motion import SHUFFLE_FRICTION
from ase_entropy.dynamics.schedule import AnnealSchedule


class CLICommand:
    """Sample the unbiased reference: hot dynamics without entropy (K = 0).

    A snapshot is taken --interval steps after the start of each walker, and, with
    --chain, again after as many. --samples counts the rows in all: the same command
    continues an interrupted run, and does nothing on a finished one.
    """

    usage = '[options]'
    examples = (
        '--elements Al --samples 1000 --db md.db',
        '--structure slab.xyz --temperature 1500 --samples 100',
    )

    @staticmethod
    def add_arguments(parser: CommandParser) -> None:
        """Add the options."""
        campaign_options.add_arguments(
            parser,
            'unbiased.db',
            SHUFFLE_FRICTION,
            rows=('--samples', 100),
            shuffle=('--interval', 'time steps before each sample'),
        )

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        """Run the samples that are missing."""
        whole('--samples', args.rows, least=0)
        real('--temperature', args.temperature, least=0.0)
        whole('--interval', args.shuffle_steps, least=1)
        schedule = AnnealSchedule(
            hot_K=args.temperature,
            k_entropy=0.0,
            shuffle_steps=args.shuffle_steps,
            ramp_steps=0,
        )
        friction = args.friction_fs / units.fs
        recipe = campaign_options.make_recipe(args, schedule, shuffle_friction=friction)
        campaign_options.fill_database(args, recipe)
