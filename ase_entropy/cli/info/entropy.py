"""``ase-entropy info --entropy``: its options, and what it prints."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy.analysis import (
    Estimate,
    ReferenceScale,
    count_shared,
    set_entropies,
    set_gains,
)
from ase_entropy.analysis.parts import PARTS
from ase_entropy.campaign.engines.signals import Interrupts
from ase_entropy.checks import real, whole
from ase_entropy.cli import descriptor_options
from ase_entropy.cli.parser import CommandParser
from ase_entropy.report import read_sets
from ase_entropy.report.progress import Progress
from ase_entropy.report.tables.table import with_error
from ase_entropy.report.workers import MOST_WORKERS, Workers, default_workers
from ase_entropy.sets.dataset import Dataset
from ase_entropy.store.escaping import visible

__all__ = ['EntropySummary', 'add_entropy', 'refuse_unused']

ENTROPIES = ('log-det', 'Kozachenko-Leonenko', 'kernel density')
GAINS = ('log-det gain', 'cross entropy', 'excess', 'distance')


def add_entropy(parser: CommandParser) -> None:
    """Add the options."""
    add = parser.groups['entropy'].add_argument
    add(
        '--entropy',
        action='store_true',
        help='instead: the entropy of all environments, and of those of each element, '
        'by three estimators',
    )
    add(
        '--against',
        metavar='B',
        help='a set: what would B add to SET, and what would SET add to B?',
    )
    add(
        '--bandwidth',
        type=float,
        metavar='H',
        help="of the kernels, in standard deviations of SET (default: Silverman's)",
    )
    add(
        '--workers',
        type=int,
        metavar='N',
        help='processes that compute descriptors, and threads; the numbers are the '
        'same (default: the cores there are, up to 4)',
    )
    descriptor_options.add_arguments(
        parser.groups['descriptor'], descriptor_options.ROWS
    )


def refuse_unused(args: argparse.Namespace) -> None:
    """Raise ValueError for an option that would have no effect."""
    if args.entropy and args.as_set:
        raise ValueError('--set and --entropy: expected one of them')
    if args.entropy:
        return
    given = [
        f'--{name}'
        for name in ('against', 'bandwidth', 'workers')
        if getattr(args, name) is not None
    ]
    if descriptor_options.is_chosen(args):
        given.append('an option of the descriptor')
    if given:
        raise ValueError(f'{given[0]} is for --entropy: expected both')


@dataclass
class Addition:
    """What one set adds to another one.

    Attributes
    ----------
    there, new : Dataset
        The set that is there, and that which is added.
    gains : dict
        Of all environments and of those of each element.
    """

    there: Dataset
    new: Dataset
    gains: dict

    @property
    def shared(self) -> int:
        """Configurations of the new set that the other one has, too."""
        return count_shared(
            *(
                (*_arrays(d)[:2], d.numbers_e, d.volume_m)
                for d in (self.new, self.there)
            )
        )

    @property
    def left_out(self) -> int:
        """Environments of the new set that have none to compare with."""
        return len(self.new.q_ek) - self.gains['all'].environments

    def todict(self) -> dict[str, Any]:
        """Return all numbers, by names that stay."""
        return {
            'gains': _numbers(self.gains),
            'shared': self.shared,
            'left_out': self.left_out,
        }

    def lines(self) -> list[str]:
        """Return a sentence, a table, and what both sets share."""
        there, new = self.there.name, self.new.name
        lines = [
            '',
            f'{there} is there: what {new} adds to it, in nats; distance to the '
            f'nearest environment of {there}',
            *_table(GAINS, self.gains),
            f'  {self.shared} of the {len(self.new)} configurations of {new} are in '
            f'{there}, too',
        ]
        if self.left_out:
            others = ', '.join(x for x in self.new.species if x not in self.gains)
            lines.append(
                f'  {self.left_out} environments are left out: {there} has no '
                f'environments of {others} to compare with, or one'
            )
        return lines


@dataclass
class EntropySummary:
    """Entropies of a set and, with another one, of that and what each would add.

    Attributes
    ----------
    sets : list of Dataset
        One or two.
    varying : int
        Components that vary.
    found : list of dict
        Entropies of each set, of all environments and of those of each element.
    additions : list of Addition
        What the second set adds to the first, and the other way around.
    """

    sets: list[Dataset]
    varying: int
    found: list[dict]
    additions: list[Addition]

    @classmethod
    def of(cls, args: argparse.Namespace) -> 'EntropySummary':
        """Compute what the options ask for.

        Raises
        ------
        ValueError
            Options out of bounds; sets that cannot be read or compared.
        """
        if args.workers is None:
            args.workers = default_workers()
        whole('--workers', args.workers, least=1, most=MOST_WORKERS)
        if args.bandwidth is not None:
            real('--bandwidth', args.bandwidth, above=0.0)
        names = [args.set, *([] if args.against is None else [args.against])]
        with Interrupts() as interrupts, interrupts.immediately():
            descriptor = descriptor_options.descriptor_of_sets(args, names)
            with Workers(args.workers, interrupts.delayed) as executor:
                sets = read_sets(names, None, descriptor, _report, executor)
            scale = ReferenceScale.of(*(dataset.q_ek for dataset in sets))
            ways = _ways(sets)
            progress = Progress(_report, len(sets) + len(ways))
            options = {
                'bandwidth': args.bandwidth or 'silverman',
                'workers': args.workers,
                'progress': progress.environments,
            }
            found, additions = [], []
            for dataset in sets:
                progress.begin(f'entropy of {dataset.name}')
                found.append(set_entropies(*_arrays(dataset), scale, **options))
            for there, new in ways:
                progress.begin(f'what {new.name} adds')
                arrays = _arrays(there), _arrays(new)
                own = {'entropies': found[there is not sets[0]], **options}
                gains = set_gains(*arrays, scale, **own)
                additions.append(Addition(there, new, gains))
        varying = int(np.isfinite(scale.scale_k).sum())
        return cls(sets, varying, found, additions)

    def todict(self) -> dict[str, Any]:
        """Return all numbers, by names that stay."""
        dct = {
            'kind': 'entropy',
            'components': self.varying,
            'sets': [
                {
                    'set': dataset.name,
                    'configurations': len(dataset),
                    'entropies': _numbers(entropies),
                }
                for dataset, entropies in zip(self.sets, self.found, strict=True)
            ],
        }
        if self.additions:
            forth, *back = self.additions
            dct |= forth.todict() | {'reverse': back[0].todict() if back else None}
        return dct

    def lines(self) -> list[str]:
        """Return a table of each set, and of the gains."""
        lines = [
            f'entropy in nats, of {self.varying} components in standard deviations of '
            f'{self.sets[0].name};',
            f'errors: standard deviation over {PARTS} parts of consecutive '
            f'configurations, over the root of {PARTS}',
        ]
        for dataset, entropies in zip(self.sets, self.found, strict=True):
            lines += [
                '',
                f'{dataset.name}: {len(dataset)} configurations',
                *_table(ENTROPIES, entropies),
            ]
        return lines + [line for x in self.additions for line in x.lines()]


def _ways(sets: Sequence[Dataset]) -> list[tuple[Dataset, Dataset]]:
    """Return which sets are added to which: the second to the first, and back.

    Not back to one with single environments, which has no entropy.
    """
    if len(sets) < 2:
        return []
    one, other = sets
    known = [(other.numbers_e == z).sum() > 1 for z in np.unique(one.numbers_e)]
    return [(one, other), (other, one)] if any(known) else [(one, other)]


def _report(line: str) -> None:
    print(visible(line), file=sys.stderr, flush=True)


def _arrays(dataset: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return dataset.q_ek, dataset.first_m, dataset.numbers_e


def _numbers(rows: dict[str, Any]) -> dict[str, dict]:
    """Return estimates by the names of their fields, with their errors."""
    return {
        name: {
            key: x._asdict() if isinstance(x, Estimate) else x
            for key, x in row._asdict().items()
        }
        for name, row in rows.items()
    }


def _table(header: Sequence[str], rows: dict[str, tuple]) -> list[str]:
    """Return aligned lines: names, numbers of environments, estimates."""
    cells = [['', 'environments', *header]]
    if len(rows) == 2:  # a single element is all
        rows = {name: row for name, row in rows.items() if name != 'all'}
    for name, (environments, *estimates) in rows.items():
        cells.append([name, str(environments), *map(_text, estimates)])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        '  ' + '  '.join([row[0].ljust(widths[0]), *_right(row[1:], widths[1:])])
        for row in cells
    ]


def _right(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]


def _text(estimate: Estimate) -> str:
    return '-' if np.isnan(estimate.value) else with_error(*estimate)
