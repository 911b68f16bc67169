"""The report: numbers, tables and figures of several sets, on one page."""

from ase_entropy.report.reading import read_sets
from ase_entropy.report.study import Study, study
from ase_entropy.report.tables import tables
from ase_entropy.report.tables.table import Table
from ase_entropy.report.writing import make_folder, write_report

__all__ = [
    'Study',
    'Table',
    'make_folder',
    'read_sets',
    'study',
    'tables',
    'write_report',
]
