"""``ase-entropy report``."""

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np

from ase_entropy.analysis.surrogate import MOST
from ase_entropy.campaign.engines.signals import Interrupts
from ase_entropy.checks import whole
from ase_entropy.cli import descriptor_options
from ase_entropy.cli.parser import CommandParser
from ase_entropy.cli.terminal import Terminal
from ase_entropy.report import make_folder, read_sets, study, write_report
from ase_entropy.report.workers import MOST_WORKERS, Workers, default_workers
from ase_entropy.report.writing import LOG, missing_folders, remove_empty
from ase_entropy.sets.sources import name_of, printable, sources_of
from ase_entropy.store.database import is_server


class CLICommand:
    """Compare sets of configurations: tables, figures, and a page with all of them.

    A SET is a database, such as harvest and unbiased write, with a query after "@" if
    not all of its rows are meant; any file that ASE reads, with "@:100" for some of its
    frames; a folder; a pattern; or several of these with "+". Distances are in standard
    deviations of the --reference; without one, the first SET is the reference.
    """

    usage = 'SET [SET ...] [options]'
    examples = (
        'al.db md.extxyz --reference md.extxyz -o al_report',
        'al.db@campaign=0 al.db@campaign=1 --names first,second',
    )

    @staticmethod
    def add_arguments(parser: CommandParser) -> None:
        """Add the options."""
        add = parser.groups['what'].add_argument
        add('sets', nargs='+', metavar='SET', help='database, file, folder')
        add(
            '--reference',
            metavar='SET',
            help='set that makes the scale, as a rule an unbiased one (default: the '
            'first SET)',
        )
        add(
            '--names',
            metavar='NAME,NAME,...',
            help='names of the SETs and, after them or not, that of the reference '
            '(default: those of the files)',
        )
        add = parser.groups['how many'].add_argument
        add(
            '--decompositions',
            type=int,
            default=1000,
            metavar='N',
            help='random decompositions into training and test environments (default: '
            '%(default)s)',
        )
        add(
            '--seed',
            type=int,
            default=0,
            metavar='N',
            help='seed of all random numbers: the same sets have the same report '
            '(default: %(default)s)',
        )
        add = parser.groups['engine'].add_argument
        add(
            '--workers',
            type=int,
            metavar='N',
            help='processes for large sets, as many threads; the numbers are the same '
            '(default: the cores there are, up to 4)',
        )
        add = parser.groups['output'].add_argument
        add(
            '-o',
            '--output',
            default='report',
            metavar='DIR',
            help='folder, made if it is not there (default: %(default)s)',
        )
        descriptor_options.add_arguments(
            parser.groups['descriptor'], descriptor_options.ROWS
        )

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        """Read, work out, write."""
        whole('--decompositions', args.decompositions, least=1, most=MOST)
        if args.workers is None:
            args.workers = default_workers()
        whole('--workers', args.workers, least=1, most=MOST_WORKERS)
        whole('--seed', args.seed, least=0)
        sources, names = _sources(args)
        started = time.monotonic()
        with _log(args.output) as log, Interrupts() as interrupts:

            def report(line: str) -> None:
                interrupts.check()  # those that a library has swallowed
                log.report(line)

            try:
                with interrupts.immediately():
                    page = _make(args, sources, names, report, interrupts)
            except KeyboardInterrupt:
                log.report('interrupted: the same command begins anew')
                raise SystemExit(130) from None
            seconds = round(time.monotonic() - started)
            log.report(f'{page} is ready, after {timedelta(seconds=seconds)}')


@contextlib.contextmanager
def _log(output: str) -> Iterator[Terminal]:
    """Make the folder, and a log in it; what was made goes again after an error."""
    folder = Path(output).expanduser()
    made = missing_folders(folder)
    path = make_folder(folder) / LOG
    try:
        with Terminal(str(path)) as terminal:
            yield terminal
    except Exception:
        if made:
            path.unlink(missing_ok=True)
            remove_empty(made)
        raise


def _make(
    args: argparse.Namespace,
    sources: list[str],
    names: list[str] | None,
    report: Callable[[str], None],
    interrupts: Interrupts,
) -> Path:
    descriptor = descriptor_options.descriptor_of_sets(args, sources)
    report(f'report on {", ".join(map(printable, sources))}, seed {args.seed}')
    if args.reference is None:
        report(f'no --reference: it is {printable(sources[0])}, the first set')
    with Workers(args.workers, interrupts.delayed) as executor:
        sets = read_sets(sources, names, descriptor, report, executor)
        results = study(
            sets,
            rng=np.random.default_rng(args.seed),
            decompositions=args.decompositions,
            workers=args.workers,
            executor=executor,
            report=report,
        )
    if args.reference is None:
        results.notes.insert(0, f'No reference was named: it is {sets[0].name}')
    for note in results.notes:
        report(f'note: {note}')
    facts = [f'seed {args.seed}, {args.decompositions} decompositions']
    return write_report(results, args.output, facts=facts, report=report)


def _sources(args: argparse.Namespace) -> tuple[list[str], list[str] | None]:
    """Return all sets, the reference first, and their names."""
    reference = args.sets[0] if args.reference is None else args.reference
    files = [_same(source) for source in args.sets]
    others = [s for s in range(len(files)) if files[s] != _same(reference)]
    inside = len(others) < len(files)
    if len(files) - len(others) > 1:
        raise ValueError(
            f'SET {printable(reference)} is there twice: expected different sets'
        )
    sources = [reference, *(args.sets[s] for s in others)]
    if args.names is None:
        return sources, None
    names = [name.strip() for name in args.names.split(',')]
    known = [*args.sets, *([] if inside else [reference])]
    wanted = len(known)
    if len(names) == len(files) and not inside:
        names.append(name_of(reference))
    if len(names) != wanted or not all(names) or len(set(names)) < wanted:
        raise ValueError(
            f'--names={args.names}: expected {wanted} different names, of '
            f'{", ".join(map(printable, known))}'
        )
    first = files.index(_same(reference)) if inside else len(files)
    return sources, [names[first], *(names[s] for s in others)]


def _same(source: str) -> list:
    """Return what is equal for two names of one set."""
    return [
        (path if is_server(path) else path.resolve(), choice)
        for path, choice, _ in sources_of(source)
    ]
