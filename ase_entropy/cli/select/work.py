"""What ``ase-entropy select`` does: reads, chooses, writes, and counts."""

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ase_entropy.campaign.engines.signals import Interrupts
from ase_entropy.cli import descriptor_options
from ase_entropy.descriptors import Bispectrum
from ase_entropy.plots import plot_gains
from ase_entropy.report.workers import Workers
from ase_entropy.sets import selection
from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.dataset import Dataset, read_dataset
from ase_entropy.sets.reading import read_species
from ase_entropy.sets.selection import ClosestPair, Environments, Filters, Ranking
from ase_entropy.sets.selection.pool import FARTHER, TWOJMAX
from ase_entropy.sets.sources import printable
from ase_entropy.store.atomic_files import new_file, new_path

__all__ = ['DEFAULTS', 'PER_OF', 'select']

DEFAULTS = {  # of the descriptor, in the help
    'cutoff': f'{FARTHER * Bispectrum.cutoff:.2f}, of soap and acsf '
    f'{Bispectrum.cutoff}, scaled',
    'twojmax': str(TWOJMAX),
    'components': 'all',
}
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

        def options(name: str) -> dict[str, Any]:
            progress = _progress(printable(name), report)
            return {'executor': executor, 'progress': progress}

        try:
            dataset = selection.read_pool(
                names[0], descriptor, filters=filters, **options(names[0])
            )
        finally:
            for line in filters.lines():
                kept = '; --closest 0 keeps them' if filters.too_close in line else ''
                report(line + kept)
        given = None
        if args.given:
            given = read_dataset(args.given, descriptor, **options(args.given))
    report(f'{len(dataset)} configurations, {len(dataset.q_ek)} environments')
    pool = selection.Environments.of(dataset)
    isolated_m = selection.is_isolated(dataset)
    stay_m = np.arange(len(pool))
    if args.tolerance is not None:
        kept_for_m = selection.redundant(pool, isolated_m, args.tolerance)
        _report_duplicates(args, dataset, kept_for_m, report)
        stay_m = np.unique(kept_for_m)
    found = selection.rank_around_isolated(
        rule,
        pool.part(stay_m),
        isolated_m[stay_m],
        number=args.number,
        atoms=args.atoms,
        given=given,
    )
    ranking = Ranking(stay_m[found.chosen_r], found.gain_r)
    if not len(ranking):
        raise ValueError('nothing is chosen: expected a pool with more than is given')
    chosen = selection.read_ranked(dataset, ranking)
    write(chosen, args.output, overwrite=args.overwrite)
    atoms = int(pool.sizes_m[ranking.chosen_r].sum())
    report(f'{args.output}: {len(ranking)} configurations, {atoms} atoms')
    if closest := _closest_of(chosen):
        report(f'closest pair of these: {closest}')
    if kept := int(isolated_m[ranking.chosen_r].sum()):
        report(f'{kept} of them isolated atoms, which are always kept')
    if args.number is not None and len(ranking) < args.number:
        report(f'no more than these of {args.number}: all others are equal to some')
    if args.by != 'random':
        _report_gains(args, ranking, pool, report)


def _descriptor(args: argparse.Namespace, names: list[str]) -> Any:
    """Return the usual descriptor of selection, changed as the options say."""
    if args.descriptor not in (None, 'bispectrum'):
        return descriptor_options.descriptor_of_sets(args, names)
    elements = {symbol for name in names for symbol in read_species(name)}
    usual = selection.usual_descriptor(elements)
    return descriptor_options.updated_descriptor(args, usual, sorted(elements))


def _closest_of(chosen: list[Configuration]) -> ClosestPair | None:
    """Return the closest pair of all."""
    found = (selection.closest_pair(x.atoms) for x in chosen)
    return min((pair for pair in found if pair), default=None)


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
    kept_for_m: np.ndarray,
    report: Callable[[str], None],
) -> None:
    """Print how many configurations go for others, and the first of them."""
    pairs = [
        (dataset.label(m), dataset.label(kept))
        for m, kept in enumerate(kept_for_m.tolist())
        if m != kept
    ]
    report(f'near-duplicates: {len(pairs)} of {len(dataset)} configurations')
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
    pool: Environments,
    report: Callable[[str], None],
) -> None:
    """Print whether so many are enough, and draw it."""
    known_r = np.isfinite(ranking.gain_r)  # not of isolated atoms
    if not known_r.any():
        return
    gain_r, label, neighbors = ranking.gain_r[known_r], UNITS[args.by], None
    if args.by == 'logdet' and args.atoms is not None:
        gain_r = gain_r / pool.sizes_m[ranking.chosen_r][known_r]
        label = f'{label} per atom'
    line = f'gain, {label}: {gain_r.max():.3g} at most, {gain_r[-1]:.3g} of the last; '
    enough = None
    if args.by == 'farthest':
        neighbors = selection.neighbor_distance(pool, args.per or PER_OF[args.by])
        enough = selection.how_many(gain_r, neighbors)
        line += (
            f'neighbors in the pool are {neighbors:.3g} apart (median), gains are '
            + (f'below that after {enough}' if enough else 'above that: not enough yet')
        )
    else:
        line += '--by farthest says how many are enough'
    report(line)
    if args.figure is not None:
        axes = plot_gains(gain_r, enough, label, least=neighbors)
        with new_path(args.figure, overwrite=args.overwrite) as partial:
            axes.figure.savefig(partial, format=Path(args.figure).suffix[1:])
