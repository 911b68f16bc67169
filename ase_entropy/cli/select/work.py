"""What ``ase-entropy select`` does: reads, chooses, writes, and counts."""

import argparse
import csv
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ase_entropy import Bispectrum
from ase_entropy.campaign.engines.signals import Interrupts
from ase_entropy.chemistry import Sizes
from ase_entropy.cli import descriptor_options
from ase_entropy.plots import plot_gains
from ase_entropy.report.workers import Workers
from ase_entropy.sets import selection
from ase_entropy.sets.dataset import Dataset, read_dataset
from ase_entropy.sets.reading import read_species
from ase_entropy.sets.selection import Filters, Ranking
from ase_entropy.sets.sources import printable
from ase_entropy.store.atomic_files import new_file, new_path

__all__ = ['DESCRIPTOR', 'PER_OF', 'select']

TWOJMAX, FARTHER = 8, 1.2  # all 55 components, over 1.2 of the usual cutoff
DESCRIPTOR = f'the bispectrum, twojmax {TWOJMAX}, {FARTHER:g} of the usual cutoff'
SILENCE = 2.0  # seconds between two lines of progress
SHOWN = 10  # near-duplicates
PER_OF = {
    'coverage': None,
    'entropy': 'configuration',
    'farthest': 'configuration',
    'logdet': 'environment',
    'random': None,
}
UNITS = {
    'coverage': 'mean distance (standard deviations)',
    'entropy': 'entropy (nats)',
    'farthest': 'distance (standard deviations)',
    'logdet': 'information (nats)',
}


def select(
    args: argparse.Namespace,
    rule: Any,
    filters: Filters,
    write: Callable,
    report: Callable[[str], None],
    interrupts: Interrupts,
) -> None:
    """Choose configurations as the options say, and write them.

    Parameters
    ----------
    args : argparse.Namespace
        The options, checked.
    rule, filters : FarthestPoint, LogDet or Random; Filters
        What they stand for.
    write : callable
        An export.
    report : callable
        Takes a line.
    interrupts : Interrupts
        Guards the start of processes.

    Raises
    ------
    ValueError
        Sets that cannot be read; nothing that can be chosen.
    """
    names = ['+'.join(args.pools), *([args.given] if args.given else [])]
    descriptor = _descriptor(args, names)
    with Workers(args.workers, interrupts.delayed) as executor:

        def read(name: str, descriptor: Any, keep: Callable | None = None) -> Dataset:
            progress = _progress(printable(name), report)
            options = {'executor': executor, 'progress': progress, 'keep': keep}
            return read_dataset(name, descriptor, **options)

        dataset = read(names[0], descriptor, filters.keep)
        given = read(args.given, dataset.descriptor) if args.given else None
    report(f'{len(dataset)} configurations, {len(dataset.q_ek)} environments')
    stay_m = np.flatnonzero(filters.low_enough(len(dataset)))
    for line in filters.lines():
        report(line)
    pool = selection.Environments.of(dataset)
    if args.tolerance is not None:
        kept_for = selection.near_duplicates(pool.part(stay_m), args.tolerance)
        _report_duplicates(args, dataset, stay_m, stay_m[kept_for], report)
        stay_m = stay_m[np.unique(kept_for)]
    found = rule.rank(
        pool.part(stay_m), number=args.number, atoms=args.atoms, given=given
    )
    ranking = Ranking(stay_m[found.chosen_r], found.gain_r)
    if not len(ranking):
        raise ValueError('nothing is chosen: expected a pool with more than is given')
    write(
        selection.read_ranked(dataset, ranking), args.output, overwrite=args.overwrite
    )
    atoms = int(pool.sizes_m[ranking.chosen_r].sum())
    report(f'{args.output}: {len(ranking)} configurations, {atoms} atoms')
    if args.number is not None and len(ranking) < args.number:
        report(f'no more than these of {args.number}: all others are equal to some')
    if args.by != 'random':
        _report_gains(args, ranking, pool.sizes_m, report)


def _descriptor(args: argparse.Namespace, names: list[str]) -> Any:
    """Return the descriptor of the options; by default one that sees more than usual.

    What a choice is worth was measured with it, see docs/explanation/selection.md.
    """
    if descriptor_options.is_chosen(args):
        return descriptor_options.descriptor_of_sets(args, names)
    elements = sorted({symbol for name in names for symbol in read_species(name)})
    usual = Bispectrum.of(Sizes(tuple(elements)), twojmax=TWOJMAX)
    return replace(usual, cutoff=FARTHER * usual.cutoff)


def _progress(name: str, report: Callable[[str], None]) -> Callable[[int], None]:
    last = time.monotonic()

    def progress(configurations: int) -> None:
        nonlocal last
        if time.monotonic() - last > SILENCE:
            last = time.monotonic()
            report(f'reading {name}: {configurations} configurations so far')

    return progress


def _report_duplicates(
    args: argparse.Namespace,
    dataset: Dataset,
    stay_m: np.ndarray,
    kept_m: np.ndarray,
    report: Callable[[str], None],
) -> None:
    """Print how many configurations go for others, and the first of them."""
    pairs = [
        (dataset.label(m), dataset.label(kept))
        for m, kept in zip(stay_m.tolist(), kept_m.tolist(), strict=True)
        if m != kept
    ]
    report(f'near-duplicates: {len(pairs)} of {len(stay_m)} configurations')
    for gone, kept in pairs[:SHOWN]:
        report(f'  {gone} is like {kept}')
    if len(pairs) > SHOWN:
        report(f'  and {len(pairs) - SHOWN} more (--duplicates FILE has all)')
    if args.duplicates is not None:
        with new_file(args.duplicates, overwrite=args.overwrite) as file:
            csv.writer(file).writerows([('left out', 'kept'), *pairs])


def _report_gains(
    args: argparse.Namespace,
    ranking: Ranking,
    sizes_m: np.ndarray,
    report: Callable[[str], None],
) -> None:
    """Print how many are enough, and draw it."""
    gain_r, label = ranking.gain_r, UNITS[args.by]
    if args.by == 'logdet' and args.atoms is not None:
        gain_r, label = gain_r / sizes_m[ranking.chosen_r], f'{label} per atom'
    knee, small, fraction = selection.how_many(gain_r)
    report(
        f'gain, {label}: {gain_r[0]:.3g} of the first, {gain_r[-1]:.3g} of the last; '
        f'knee after {knee or "-"}; less than {fraction:.0%} of the highest '
        + ('nowhere yet' if small is None else f'from {small + 1} on')
    )
    if args.figure is not None:
        axes = plot_gains(gain_r, knee, small, label)
        with new_path(args.figure, overwrite=args.overwrite) as partial:
            axes.figure.savefig(partial, format=Path(args.figure).suffix[1:])
