"""``ase-entropy export``."""

import argparse
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.db.core import Database
from ase.db.row import AtomsRow
from ase.geometry import find_mic
from ase.io import read

from ase_entropy.checks import real
from ase_entropy.cli.errors import one_sentence
from ase_entropy.configurations import AtomsOf, bare_atoms
from ase_entropy.database import open_database, without_password
from ase_entropy.export import export_extxyz, export_fitsnap, export_poscar
from ase_entropy.structures import rescale

EXPORTS = {'extxyz': export_extxyz, 'fitsnap': export_fitsnap, 'poscar': export_poscar}
EXAMPLE = 'entropy>5,min_distance>1.8'
MOVED = 0.1  # Angstrom, more than files round
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
            "one for each row, such as 'label/{id:05d}/OUTCAR'",
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
        total = _count(database, args)
        rows = _tell(database.select(args.select, include_data=False), total)
        try:
            number = export(
                rows, args.output, atoms_of=atoms_of, overwrite=args.overwrite
            )
        except KeyboardInterrupt:
            print(f'interrupted: {args.output} is not written')
            raise SystemExit(130) from None
        print(f'{args.output}: {number} rows of {without_password(args.db)}')


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
    """Return what makes atoms of a row."""
    if args.scale is not None:
        real('--scale', args.scale, above=0.0)
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
    return lambda row: _labeled(args.labels, row)


def _labeled(pattern: str, row: AtomsRow) -> Atoms:
    try:
        name = pattern.format(id=row.id)
    except (LookupError, ValueError, TypeError, AttributeError):
        name = pattern
    if name == pattern:
        raise ValueError(
            f'--labels {pattern}: expected a place for the id of the row, such as '
            "'label/{id:05d}/OUTCAR'"
        )
    try:
        atoms = read(name)
        atoms.get_potential_energy()
    except Exception as error:  # ASE's readers raise whatever they stumble over
        reason = ' '.join(f'{type(error).__name__}: {error}'.split())
        raise ValueError(
            f'--labels {name}: expected a file with an energy that ASE reads ({reason})'
        ) from error
    if not _is_same(bare_atoms(row), atoms):
        raise ValueError(
            f'--labels {name}: is another configuration, expected that of row {row.id}'
        )
    return atoms


def _is_same(first: Atoms, second: Atoms) -> bool:
    """Tell whether atoms, those of an element in this order, are at the same places.

    But for vectors of the lattice: programs bring atoms back into the cell.
    """
    first, second = (
        atoms[np.argsort(atoms.symbols, kind='stable')] for atoms in (first, second)
    )
    if list(first.symbols) != list(second.symbols):
        return False
    apart_nc = second.positions - first.positions
    _, apart_n = find_mic(apart_nc, first.cell, pbc=first.cell.any(1))
    return bool(apart_n.max() < MOVED)


def _count(database: Database, args: argparse.Namespace) -> int:
    """Return how many rows are selected."""
    try:
        total = database.count(args.select)
    except Exception as error:  # ase.db raises whatever its parser stumbles over
        raise ValueError(
            f"--select '{args.select}': expected a query of ase.db, such as "
            f"'{EXAMPLE}' ({type(error).__name__}: {error})"
        ) from error
    if total > 0:
        return total
    every = database.count()
    if every == 0:
        raise ValueError(f'{without_password(args.db)}: has no rows')
    raise ValueError(
        f"--select '{args.select}': expected a query that selects some of the {every} "
        'rows, it selects none'
    )


def _tell(rows: Iterable[AtomsRow], total: int) -> Iterator[AtomsRow]:
    """Pass rows on, and say from time to time how far they are."""
    last = time.monotonic()
    for number, row in enumerate(rows):
        if time.monotonic() - last > SILENCE:
            last = time.monotonic()
            print(f'{number} of {total} rows', flush=True)
        yield row
