"""``ase-entropy label``."""

import argparse
import os

from ase_entropy.calculator.factory import EXAMPLE
from ase_entropy.campaign.labeling import Factory
from ase_entropy.campaign.labeling.label import check_output, label
from ase_entropy.cli import engine_options
from ase_entropy.cli.parser import CommandParser, json_dictionary
from ase_entropy.cli.terminal import Terminal
from ase_entropy.sets.reading import nothing_in, read_configurations
from ase_entropy.sets.selection import Bounds


class CLICommand:
    """Compute energy, forces and stress of a set with any calculator of ASE.

    Rows of the database keep all keys and data of the set, in its order; ids are places
    in the set, from 1. The same command continues after any interruption, tries again
    what has failed, and does nothing when all is there. With --workers or --scheduler
    many cores share the work; the rows are the same.
    """

    usage = 'SET --calculator MODULE:NAME -o NAME [options]'
    examples = (
        'al.db --calculator ase.calculators.emt:EMT -o labeled.db',
        'al.db --calculator mycode:make --workers 4 -o labeled.db',
    )

    @staticmethod
    def add_arguments(parser: CommandParser) -> None:
        """Add the options."""
        add = parser.groups['what'].add_argument
        add(
            'set',
            metavar='SET',
            help='database, file, folder, or several with "+"; "@" and a query or an '
            'index choose some',
        )
        add(
            '--calculator',
            required=True,
            metavar='MODULE:NAME',
            help='a callable that makes the calculator, once for each worker, such as '
            f'{EXAMPLE}; modules are found in this folder, too',
        )
        add(
            '--arguments',
            default='{}',
            metavar='JSON',
            help='its keyword arguments, such as \'{"xc": "PBE"}\'',
        )
        parser.groups['output'].add_argument(
            '-o',
            '--output',
            required=True,
            metavar='NAME',
            help='database to write or to continue: a .db file',
        )
        add = parser.groups['labels'].add_argument
        add(
            '--most-force',
            type=float,
            metavar='F',
            help="give rows with a force above F eV/Angstrom the key left_out='force'; "
            "those within all bounds get left_out='no'",
        )
        add(
            '--most-energy',
            type=float,
            metavar='E',
            help='give rows of more than E eV per atom above the lowest one of the '
            "same elements the key left_out='energy'; isolated atoms are never left "
            'out, dimers are counted from their atoms',
        )
        engine_options.add_arguments(parser, 'configuration')

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        """Label what has no labels yet."""
        bounds = Bounds(args.most_force, args.most_energy)
        factory = Factory(
            args.calculator, json_dictionary('--arguments', args.arguments), os.getcwd()
        )
        engine_options.check_separate_logfile(args.logfile, args.output, [args.set])
        check_output(args.output, ())
        every = list(read_configurations(args.set))
        if not every:
            raise nothing_in(args.set)
        try:
            with (
                Terminal(args.logfile) as terminal,
                engine_options.engine(args) as engine,
            ):
                label(
                    every,
                    factory,
                    args.output,
                    bounds=bounds,
                    executor=engine,
                    report=terminal.report,
                    show=terminal.show,
                )
        except KeyboardInterrupt:
            raise SystemExit(130) from None
