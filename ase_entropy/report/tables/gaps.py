"""Tables on what sets lack and what they cover."""

from typing import Any

from ase_entropy.analysis import NEAR
from ase_entropy.report.tables.table import Table
from ase_entropy.report.verdict import absences

__all__ = ['absent', 'coverage', 'halves']

SHARES = (
    'An environment is covered by a set that has one of the same element within '
    f'{NEAR:g} standard deviations of it (root mean square over the components), in '
    'deviations of the set that is covered'
)


def absent(results: Any) -> Table:
    """Return what each set lacks that others have."""
    title = (
        'What sets lack: elements, starts, groups and pairs that others have; numbers '
        'of atoms, densities and closest pairs beyond all of their own (in units of '
        'those of the elements), in 1% or more of the configurations of the others.'
    )
    header = ['set', 'lacks', 'which', 'configurations', 'of']
    rows = [[*own, ', '.join(others)] for *own, others in absences(results)]
    return Table('absent', title, header, rows)


def coverage(results: Any) -> Table:
    """Return what sets cover of each other, and of their own kind."""
    names = [dataset.name for dataset in results.sets]
    rows = [
        [a, b, *results.covered[a, b]]
        for a in names
        for b in names
        if (a, b) in results.covered
    ]
    title = (
        f'What sets cover of each other: shares of the environments. {SHARES}. Of '
        'itself: a fifth of the configurations is held back for tests, mean and '
        'scatter over several such splits.'
    )
    return Table(
        'coverage', title, ['set', 'covers of', 'share', 'error of share'], rows
    )


def halves(results: Any) -> Table:
    """Return what half of each set covers of its kind, and the whole set."""
    rows = [
        [name, own.configurations, *own.half, *own.whole]
        for name, own in results.halves.items()
    ]
    title = (
        'Would more of the same help? What half of a set, and all of it, cover of '
        'configurations of its own that are held back; mean and scatter over several '
        f'splits. {SHARES}.'
    )
    header = ['set', 'configurations', 'half', 'error of half', 'all', 'error of all']
    return Table('halves', title, header, rows)
