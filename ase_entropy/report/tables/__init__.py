"""Tables of the report, as CSV, Markdown and HTML."""

from ase_entropy.report.tables.comparisons import tables
from ase_entropy.report.tables.table import Table

__all__ = ['Table', 'tables']
