"""``ase-entropy export``."""

import argparse
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from ase_entropy.checks import real
from ase_entropy.cli.parser import CommandParser
from ase_entropy.cli.terminal import Terminal
from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.export import AtomsOf, bare_atoms
from ase_entropy.sets.formats.extxyz import export_extxyz
from ase_entropy.sets.formats.fitsnap import export_fitsnap
from ase_entropy.sets.formats.poscar import export_poscar
from ase_entropy.sets.label_files import EXAMPLE as LABEL_FILES
from ase_entropy.sets.label_files import labels_from
from ase_entropy.sets.labels import labels_of, parse_label_keys, relabeled
from ase_entropy.sets.periodic import VACUUM
from ase_entropy.sets.reading import nothing_in, read_source
from ase_entropy.sets.sources import is_rows, printable, sources_of
from ase_entropy.starts import rescale
from ase_entropy.store.rows import EXAMPLE

EXPORTS = {'extxyz': export_extxyz, 'fitsnap': export_fitsnap, 'poscar': export_poscar}
LABEL = 'ase-entropy label computes energies and forces'
SILENCE = 2.0  # seconds between two lines of progress


class CLICommand:
    """Write configurations for other programs.

    One file of extended xyz, a folder of JSON files for FitSNAP, or a folder of POSCAR
    files to be labeled. The energy V of a harvest is not that of a material: it is
    never written. Energies, forces and stress that a file has are kept; --labels takes
    those of your own calculations.
    """

    usage = 'SET -o NAME [options]'
    examples = ('al.db -o al.extxyz', 'al.db --format poscar -o to_label --vacuum 12')

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
            '--select',
            metavar='QUERY',
            help=f"only rows of this query of ase.db, such as '{EXAMPLE}'",
        )
        add = parser.groups['labels'].add_argument
        add(
            '--labels',
            metavar='FILES',
            help='energies, forces, stress and positions from files that ASE reads, '
            f"one for each row, such as '{LABEL_FILES}'",
        )
        add(
            '--label-keys',
            metavar='KEYS',
            help='names of the labels in the file, such as '
            '"energy=E0,forces=F0,stress=S0:kB"; units of stress: eV/A^3, GPa (tension '
            'positive), kB (as VASP), bar (as LAMMPS) (default: energy, REF_energy, '
            'dft_energy, ...)',
        )
        add(
            '--keys',
            metavar='PREFIX',
            help='write labels to extxyz as PREFIX_energy, PREFIX_forces, '
            'PREFIX_stress, such as REF for MACE (default: energy, forces, stress)',
        )
        add = parser.groups['size and shape'].add_argument
        add(
            '--vacuum',
            type=float,
            metavar='R',
            help='make all cells periodic: distance in Angstrom between images along '
            f'the other directions (default: {VACUUM:g} for fitsnap and poscar; extxyz '
            'keeps cells as they are)',
        )
        add('--element', metavar='X', help='write atoms of this element instead')
        add(
            '--scale',
            type=float,
            metavar='S',
            help='factor for all lengths, with --element (default: ratio of the '
            'distances of neighbors)',
        )
        add = parser.groups['output'].add_argument
        add('-o', '--output', required=True, metavar='NAME', help='file or folder')
        add(
            '--format',
            choices=list(EXPORTS),
            help='extxyz: a file; fitsnap, poscar: a folder (default: extxyz if the '
            'name ends in .extxyz or .xyz)',
        )
        add('--overwrite', action='store_true', help='replace an earlier export')

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        """Write the configurations."""
        format, atoms_of = _format(args), _atoms_of(args)
        options = _options(args, format)
        terminal = Terminal(None)  # prints on also where nobody reads
        chosen = _read(args)
        try:
            first = next(chosen, None)  # all have the same labels, or are refused
            if first is None:
                raise nothing_in(args.set)
            number = EXPORTS[format](
                _show_progress(chain([first], chosen)),
                args.output,
                atoms_of=atoms_of,
                overwrite=args.overwrite,
                **options,
            )
        except KeyboardInterrupt:
            terminal.report(f'interrupted: {args.output} is not written')
            raise SystemExit(130) from None
        name = printable(args.set)
        labeled = format == 'poscar' or _is_labeled(args, first)
        terminal.report(
            f'{args.output}: {number} configurations of {name}'
            + ('' if labeled else f', none of them labeled ({LABEL})')
        )


def _is_labeled(args: argparse.Namespace, first: Configuration) -> bool:
    """Return whether configurations are written with labels."""
    if args.element is not None:
        return False
    return args.labels is not None or bool(labels_of(first))


def _read(args: argparse.Namespace) -> Iterator[Configuration]:
    """Yield all configurations; those of several sources are numbered on."""
    sources = sources_of(args.set)
    if args.select is not None:
        if not all(is_rows(source) and source.choice is None for source in sources):
            raise ValueError(
                f'--select {args.select}: expected a database, without a query after '
                f'"@", {printable(args.set)} is none'
            )
        sources = [source._replace(choice=args.select) for source in sources]
    keys = None if args.label_keys is None else parse_label_keys(args.label_keys)
    number = 0
    for source in sources:
        for configuration in read_source(source):
            if keys is not None:
                configuration = relabeled(configuration, keys)
            if len(sources) > 1:
                configuration = configuration._replace(exported=number)
            number += 1
            yield configuration


def _options(args: argparse.Namespace, format: str) -> dict[str, Any]:
    """Return the options that only some formats have."""
    options: dict[str, Any] = {}
    if args.vacuum is not None:
        options['vacuum'] = real('--vacuum', args.vacuum, above=0.0)
    if args.keys is not None:
        if format != 'extxyz':
            raise ValueError(f'--keys is for extxyz: {format} has names of its own')
        if not args.keys.isidentifier():
            raise ValueError(f'--keys {args.keys}: expected a word, such as REF')
        options['prefix'] = f'{args.keys}_'
    return options


def _format(args: argparse.Namespace) -> str:
    if args.format is None:
        if Path(args.output).suffix not in ('.extxyz', '.xyz'):
            raise ValueError(
                f'-o {args.output}: expected a name that ends in .extxyz or .xyz, or '
                '--format fitsnap or poscar for a folder'
            )
        return 'extxyz'
    return args.format


def _atoms_of(args: argparse.Namespace) -> AtomsOf | None:
    """Return the function that makes atoms of a row or frame; None for its own."""
    if args.scale is not None:
        real('--scale', args.scale, least=0.01, most=100.0)
        if args.element is None:
            raise ValueError(f'--scale={args.scale}: expected --element with it')
    given = [
        x for x in ('labels', 'label_keys', 'element') if vars(args)[x] is not None
    ]
    if len(given) > 1:
        names = ' and '.join(f'--{name.replace("_", "-")}' for name in given)
        raise ValueError(f'{names}: expected one of them')
    if args.element is not None:
        return lambda item: rescale(bare_atoms(item), args.element, args.scale)
    if args.labels is not None:
        if args.format == 'poscar':
            raise ValueError('--labels is for extxyz and fitsnap: a POSCAR has none')
        return labels_from(args.labels)
    return None


def _show_progress(configurations: Iterable[Configuration]) -> Iterator[Configuration]:
    """Pass configurations on, and print the progress from time to time."""
    last, terminal = time.monotonic(), Terminal(None)
    for number, configuration in enumerate(configurations):
        if time.monotonic() - last > SILENCE:
            last = time.monotonic()
            terminal.report(f'{number} configurations so far')
        yield configuration
