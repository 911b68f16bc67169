"""Figures of the report, drawn one after the other."""

from ase_entropy.report.figures.comparisons import Picture
from ase_entropy.report.figures.overview import pictures

__all__ = ['Picture', 'pictures']
