"""``ase-entropy harvest``."""

import argparse

from ase import units

from ase_entropy.checks import real, whole
from ase_entropy.cli import sampling
from ase_entropy.cli.errors import one_sentence
from ase_entropy.dynamics import FRICTION, SHUFFLE_FRICTION
from ase_entropy.schedule import AnnealSchedule


class CLICommand:
    """Harvest configurations of high entropy into an ASE database.

    Every cycle shuffles the atoms hot, without entropy, then ramps the temperature
    down to 0 and K up, and stores where it ended. --cycles counts the rows in all:
    the same command continues an interrupted harvest, and does nothing on a
    finished one.
    """

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options."""
        sampling.add_arguments(parser, 'harvest.db', FRICTION)
        add = parser.add_argument
        add(
            '--shuffle-friction-fs',
            type=float,
            default=SHUFFLE_FRICTION * units.fs,
            metavar='G',
            help='friction during the shuffle in 1/fs (default: %(default)s)',
        )
        add(
            '--cycles',
            type=int,
            default=10,
            metavar='N',
            help='rows that the database shall hold in the end (default: %(default)s)',
        )
        add(
            '--steps',
            type=int,
            default=AnnealSchedule.ramp_steps,
            metavar='N',
            help='time steps of one ramp (default: %(default)s)',
        )
        add(
            '--shuffle-steps',
            type=int,
            default=AnnealSchedule.shuffle_steps,
            metavar='N',
            help='time steps of one shuffle (default: %(default)s)',
        )
        add(
            '--k-entropy',
            type=float,
            default=AnnealSchedule.k_entropy,
            metavar='K',
            help='entropy scaling coefficient at the end, in eV (default: %(default)s)',
        )

    @staticmethod
    @one_sentence
    def run(args: argparse.Namespace) -> None:
        """Run the cycles that are missing."""
        whole('--cycles', args.cycles, least=0)
        whole('--steps', args.steps, least=2)
        whole('--shuffle-steps', args.shuffle_steps, least=0)
        real('--temperature', args.temperature, least=0.0)
        real('--k-entropy', args.k_entropy)
        real('--shuffle-friction-fs', args.shuffle_friction_fs, least=0.0)
        schedule = AnnealSchedule(
            args.temperature, args.k_entropy, args.shuffle_steps, args.steps
        )
        dyn = sampling.make_dynamics(
            args,
            schedule,
            friction=args.friction_fs / units.fs,
            shuffle_friction=args.shuffle_friction_fs / units.fs,
        )
        sampling.fill_database(args, dyn, args.cycles)
