"""Tables on what could be left out."""

from typing import Any

import numpy as np

from ase_entropy.report.redundancy import TOLERANCE
from ase_entropy.report.tables.table import Table

__all__ = ['duplicates', 'redundancy']

FIRST = 5  # of a ranking, by name


def redundancy(results: Any) -> Table:
    """Return how many configurations of each set carry the most."""
    rows = [
        [
            name,
            own.looked_at,
            own.enough.knee,
            own.enough.small,
            _after(own.gain_r, own.enough.knee),
            len(own.gain_r),
            len(own.duplicates),
            ', '.join(own.first[:FIRST]),
        ]
        for name, own in results.redundancy.items()
    ]
    title = (
        'What could be left out. Configurations are chosen one after the other, always '
        'the one that is farthest from all before; the knee is where what they add '
        'stops to fall steeply, small where it falls below a tenth of the highest; '
        'none is farther than the distance after the knee from one of those before. '
        f'Near-duplicates have all environments within {TOLERANCE:g} of some of one '
        'that stays. Distances are in standard deviations of the set.'
    )
    header = ['set', 'configurations', 'knee', 'small', 'distance after the knee']
    header += ['ranked', 'near-duplicates', f'the first {FIRST}']
    return Table('redundancy', title, header, rows, turned=True)


def _after(gain_r: np.ndarray, knee: int | None) -> float | None:
    """Return what the configuration after the knee adds."""
    return float(gain_r[knee]) if knee is not None and knee < len(gain_r) else None


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
    return Table('duplicates', title, ['set', 'left out', 'like'], rows, folded=True)
