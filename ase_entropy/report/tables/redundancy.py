"""Tables on what could be left out."""

from typing import Any

from ase_entropy.report.stages.redundancy import TOLERANCE
from ase_entropy.report.tables.table import Table

__all__ = ['duplicates', 'redundancy']

FIRST = 5  # of a ranking, by name


def redundancy(results: Any) -> Table:
    """Return how many configurations of each set carry the most."""
    rows = [
        [
            name,
            own.looked_at,
            own.isolated,
            own.neighbors,
            own.enough,
            len(own.gain_r),
            len(own.duplicates),
            ', '.join(own.first[:FIRST]),
        ]
        for name, own in results.redundancy.items()
    ]
    title = (
        'What could be left out, as ase-entropy select sees it (by its descriptor). '
        'Configurations are chosen one after the other, always the farthest one '
        'from all before; after "enough" of them all others are nearer to one of these '
        'than "neighbors": the distance from a configuration of the set to the nearest '
        'other one (median). Near-duplicates have all environments within '
        f'{TOLERANCE:g} of some of one that stays. Isolated atoms are neither ranked '
        'nor left out. Distances are in standard deviations of the set.'
    )
    header = ['set', 'configurations', 'isolated atoms', 'neighbors', 'enough']
    header += ['ranked', 'near-duplicates']
    header += [f'the first {FIRST}']
    return Table('redundancy', title, header, rows, turned=True)


def duplicates(results: Any) -> Table:
    """Return all near-duplicates, and what each is like."""
    rows = [
        [name, *pair]
        for name, own in results.redundancy.items()
        for pair in own.duplicates
    ]
    title = (
        'Near-duplicates: configurations that could be left out, and what they are like'
    )
    return Table(
        'duplicates', title, ['set', 'left out', 'formula', 'like'], rows, folded=True
    )
