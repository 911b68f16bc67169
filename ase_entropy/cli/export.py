"""``ase-entropy export``."""

import argparse
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from ase.db.row import AtomsRow

from ase_entropy.checks import real
from ase_entropy.cli.errors import one_sentence
from ase_entropy.cli.terminal import Terminal
from ase_entropy.sets.configurations import AtomsOf, bare_atoms
from ase_entropy.sets.extxyz import export_extxyz
from ase_entropy.sets.fitsnap import export_fitsnap
from ase_entropy.sets.labels import EXAMPLE as LABELS
from ase_entropy.sets.labels import labels_from
from ase_entropy.sets.poscar import export_poscar
from ase_entropy.starts import rescale
from ase_entropy.store.database import open_database, without_password
from ase_entropy.store.rows import EXAMPLE, ordered_ids, rows_of

EXPORTS = {'extxyz': export_extxyz, 'fitsnap': export_fitsnap, 'poscar': export_poscar}
SILENCE = 2.0  # seconds between two lines of progress


class CLICommand:
    """Write rows of a database for other programs.

    One file of extended xyz, a folder of JSON files for FitSNAP, or a folder of POSCAR
    files to be labeled. The energy that a harvest has stored is not that of a material:
    it is not written; --labels takes that of your own calculations.
    """

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options."""
        add = parser.add_argument
        add('db', help='database that harvest or unbiased has written')
        add('-o', '--output', required=True, metavar='NAME', help='file or folder')
        add(
            '--format',
            choices=list(EXPORTS),
            help='extxyz: a file; fitsnap, poscar: a folder (default: extxyz if the '
            'name ends in .extxyz or .xyz)',
        )
        add(
            '--select',
            metavar='QUERY',
            help=f"only rows of this query of ase.db, such as '{EXAMPLE}'",
        )
        add(
            '--labels',
            metavar='FILES',
            help='energies, forces, stress and positions from files that ASE reads, '
            f"one for each row, such as '{LABELS}'",
        )
        add('--element', metavar='X', help='write atoms of this element instead')
        add(
            '--scale',
            type=float,
            metavar='S',
            help='factor for all lengths, with --element (default: ratio of the radii)',
        )
        add('--overwrite', action='store_true', help='replace an earlier export')

    @staticmethod
    @one_sentence
    def run(args: argparse.Namespace) -> None:
        """Write the rows."""
        export, atoms_of = EXPORTS[_format(args)], _atoms_of(args)
        database = open_database(args.db, must_exist=True)
        ids = ordered_ids(database, args.select)
        terminal = Terminal(None)  # prints on also where nobody reads
        rows = _show_progress(rows_of(database, ids, include_data=False), len(ids))
        try:
            number = export(
                rows, args.output, atoms_of=atoms_of, overwrite=args.overwrite
            )
        except KeyboardInterrupt:
            terminal.report(f'interrupted: {args.output} is not written')
            raise SystemExit(130) from None
        name = without_password(args.db)
        terminal.report(f'{args.output}: {number} rows of {name}')


def _format(args: argparse.Namespace) -> str:
    if args.format is None:
        if Path(args.output).suffix not in ('.extxyz', '.xyz'):
            raise ValueError(
                f'-o {args.output}: expected a name that ends in .extxyz or .xyz, or '
                '--format fitsnap or poscar for a folder'
            )
        return 'extxyz'
    return args.format


def _atoms_of(args: argparse.Namespace) -> AtomsOf:
    """Return the function that makes atoms of a row."""
    if args.scale is not None:
        real('--scale', args.scale, least=0.01, most=100.0)
        if args.element is None:
            raise ValueError(f'--scale={args.scale}: expected --element with it')
    if args.labels is None and args.element is None:
        return bare_atoms
    if args.labels is None:
        return lambda row: rescale(bare_atoms(row), args.element, args.scale)
    if args.element is not None:
        raise ValueError('--labels brings atoms of its own: drop --element')
    if args.format == 'poscar':
        raise ValueError('--labels is for extxyz and fitsnap: a POSCAR has none')
    return labels_from(args.labels)


def _show_progress(rows: Iterable[AtomsRow], total: int) -> Iterator[AtomsRow]:
    """Pass rows on, and print the progress from time to time."""
    last, terminal = time.monotonic(), Terminal(None)
    for number, row in enumerate(rows):
        if time.monotonic() - last > SILENCE:
            last = time.monotonic()
            terminal.report(f'{number} of {total} rows')
        yield row
