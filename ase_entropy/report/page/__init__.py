"""The page of a report: one HTML file that needs no other."""

from ase_entropy.report.page.html import Drawing, is_page, page
from ase_entropy.report.page.live_map import live_map

__all__ = ['Drawing', 'is_page', 'live_map', 'page']
