"""Options of ``ase-entropy select``."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ase_entropy.campaign.engines.signals import Interrupts
from ase_entropy.checks import real, whole
from ase_entropy.cli import descriptor_options
from ase_entropy.cli.export import EXPORTS
from ase_entropy.cli.parser import CommandParser
from ase_entropy.cli.select.work import DEFAULTS, PER_OF, select
from ase_entropy.cli.terminal import Terminal
from ase_entropy.report.workers import MOST_WORKERS, default_workers
from ase_entropy.sets import selection
from ase_entropy.sets.formats.database import export_database
from ase_entropy.sets.labels import parse_label_keys
from ase_entropy.sets.selection import PER, Filters

SUFFIXES = {'.extxyz': 'extxyz', '.xyz': 'extxyz', '.db': 'db', '.json': 'db'}
FORMATS: dict[str, Callable] = {**EXPORTS, 'db': export_database}
KINDS = {
    'entropy': selection.KernelDensity,
    'farthest': selection.FarthestPoint,
    'logdet': selection.LogDet,
}


class CLICommand:
    """Choose few of many configurations: which to compute, and how many are enough.

    A POOL is a database, file, folder, ...; "@" and a query or an index choose some.
    What is chosen is written in the order of its choice, with its labels and keys, and
    with rank, gain and source besides: the first k of n are the choice of k.
    """

    usage = 'POOL [POOL ...] -n N -o NAME [options]'
    examples = (
        'al.db -n 100 -o chosen.extxyz',
        'md.extxyz al.db --atoms 5000 --given labeled.db -o next.db',
    )

    @staticmethod
    def add_arguments(parser: CommandParser) -> None:
        """Add the options."""
        add = parser.groups['what'].add_argument
        add('pools', nargs='+', metavar='POOL', help='what is chosen from')
        add(
            '--given',
            metavar='SET',
            help='what is there already: counts as chosen, and is not chosen again',
        )
        add = parser.groups['how many'].add_argument
        add('-n', '--number', type=int, metavar='N', help='configurations to choose')
        add(
            '--atoms',
            type=int,
            metavar='N',
            help='atoms to choose, instead of -n: the cost of labels grows with them',
        )
        add = parser.groups['rule'].add_argument
        add(
            '--by',
            choices=list(PER_OF),
            default='farthest',
            help='coverage: the pool is near to what is chosen, on average; entropy: '
            'what is least likely by the density of it; farthest: what is farthest '
            'from it; logdet: information (default: %(default)s)',
        )
        add(
            '--per',
            choices=PER,
            help='for entropy, farthest and logdet: compare configurations, or '
            'environments (default: environment for logdet, else configuration)',
        )
        add('--seed', type=int, metavar='N', help='of --by random')
        add = parser.groups['what is left out'].add_argument
        add(
            '--closest',
            type=float,
            metavar='X',
            default=Filters.closest,
            help='pairs closer than X distances of neighbors; 0 for none (default: '
            '%(default)s)',
        )
        add('--most-force', type=float, metavar='F', help='labels above F eV/Angstrom')
        add(
            '--most-energy',
            type=float,
            metavar='E',
            help='labels of more than E eV per atom above the lowest one of the same '
            'elements',
        )
        add(
            '--label-keys',
            metavar='KEYS',
            help='names of these labels, such as "energy=E0,forces=F0" (default: '
            'energy, REF_energy, dft_energy, ...)',
        )
        add('--elements', metavar='X,Y', help='configurations with any other element')
        add(
            '--no-isolated',
            action='store_true',
            help='configurations with an atom that has no neighbor',
        )
        add(
            '--tolerance',
            type=float,
            metavar='T',
            help='near-duplicates: all environments within T standard deviations of '
            'some of one that stays',
        )
        add('--duplicates', metavar='FILE', help='table of them, .csv')
        descriptor_options.add_arguments(parser.groups['descriptor'], DEFAULTS)
        parser.groups['engine'].add_argument(
            '--workers',
            type=int,
            metavar='N',
            help='processes that compute descriptors; the numbers are the same '
            '(default: the cores there are, up to 4)',
        )
        add = parser.groups['output'].add_argument
        add(
            '-o',
            '--output',
            required=True,
            metavar='NAME',
            help='.extxyz, .xyz, .db, .json, or a folder with --format',
        )
        add('--format', choices=list(FORMATS), help='(default: by the name)')
        add('--overwrite', action='store_true', help='replace an earlier file')
        add('--figure', metavar='FILE', help='draw gains against numbers, .png or .pdf')

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        """Read, choose, write."""
        rule, write = _rule(args), _writer(args)
        filters = _filters(args)
        terminal = Terminal(None)
        with Interrupts() as interrupts:

            def report(line: str) -> None:
                interrupts.check()  # those that a library has swallowed
                terminal.report(line)

            try:
                with interrupts.immediately():
                    select(args, rule, filters, write, report, interrupts)
            except KeyboardInterrupt:
                terminal.report(f'interrupted: {args.output} is not written')
                raise SystemExit(130) from None


def _rule(args: argparse.Namespace) -> Any:
    """Return the rule that the options name, once they are checked."""
    if (args.number is None) == (args.atoms is None):
        raise ValueError('expected -n or --atoms, one of them: how much to choose')
    for name in ('number', 'atoms'):
        if (value := getattr(args, name)) is not None:
            whole(name, value, least=1)
    if args.workers is None:
        args.workers = default_workers()
    whole('--workers', args.workers, least=1, most=MOST_WORKERS)
    if args.tolerance is not None:
        real('--tolerance', args.tolerance, least=0.0)
    elif args.duplicates is not None:
        raise ValueError(
            f'--duplicates {args.duplicates}: expected --tolerance with it'
        )
    if args.by == 'random':
        if args.seed is None or args.per or args.figure:
            raise ValueError('--by random: expected --seed, no --per and no --figure')
        return selection.Random(whole('--seed', args.seed, least=0))
    if args.seed is not None:
        raise ValueError(f'--seed is for --by random: --by {args.by} draws nothing')
    if args.by == 'coverage':
        if args.per == 'environment':
            raise ValueError(
                '--per environment: expected --by entropy, farthest or logdet'
            )
        return selection.Coverage()
    return KINDS[args.by](per=args.per or PER_OF[args.by])


def _writer(args: argparse.Namespace) -> Callable:
    """Return the export of the format that is asked for."""
    kind = args.format or SUFFIXES.get(Path(args.output).suffix)
    if kind is None:
        raise ValueError(
            f'-o {args.output}: expected a name that ends in {", ".join(SUFFIXES)}, or '
            '--format fitsnap or poscar for a folder'
        )
    for path in (args.output, args.figure, args.duplicates):
        if path is not None and Path(path).exists() and not args.overwrite:
            raise ValueError(
                f'{path} is there already: expected a new name, or --overwrite'
            )
    if args.figure and Path(args.figure).suffix not in ('.png', '.pdf', '.svg'):
        raise ValueError(f'--figure {args.figure}: expected .png, .pdf or .svg')
    return FORMATS[kind]


def _filters(args: argparse.Namespace) -> Filters:
    elements = None if args.elements is None else args.elements.split(',')
    keys = None if args.label_keys is None else parse_label_keys(args.label_keys)
    return Filters(
        closest=args.closest,
        most_force=args.most_force,
        most_energy=args.most_energy,
        elements=elements,
        no_isolated=args.no_isolated,
        label_keys=keys,
    )
