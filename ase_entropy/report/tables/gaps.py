"""Tables on what sets lack and what they cover."""

from typing import Any

from ase_entropy.report.tables.table import Table
from ase_entropy.report.verdict import absences, growth_of_set

__all__ = ['absent', 'growth']


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


def growth(results: Any) -> Table:
    """Return what the second half of each set brought."""
    rows = []
    for dataset in results.sets:
        if own := growth_of_set(results, dataset.name):
            rows.append([dataset.name, *own, own.whole / own.half])
    title = (
        'What the second half of each set brought: mean distance of its environments '
        'that are held back for tests to half of the others, and to all; their ratio, '
        'and that of environments that are all alike, 2^(-1/d) with d components.'
    )
    header = ['set', 'configurations', 'half', 'all', 'alike', 'ratio']
    return Table('halves', title, header, rows)
