"""A table: as CSV, as Markdown, and as HTML."""

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy.store.escaping import csv_cell, html_table, html_text, markdown_text

__all__ = ['Table', 'around', 'with_error']


@dataclass(frozen=True)
class Table:
    """Rows of text and numbers under a header.

    Parameters
    ----------
    name : str
        Name of its files.
    title : str
        What it shows, with units.
    header : list of str
        Names of the columns.
    rows : list of lists
        Text, numbers, or None.
    turned : bool
        Whether readers see rows as columns.
    folded : bool
        Whether readers of the page open it to see its rows.
    """

    name: str
    title: str
    header: list[str]
    rows: list[list[Any]]
    turned: bool = False
    folded: bool = False

    def csv(self) -> str:
        """Return the table as comma-separated values, numbers in full."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator='\n')
        writer.writerows([map(csv_cell, row) for row in (self.header, *self.rows)])
        return text.getvalue()

    def markdown(self) -> str:
        """Return the table in Markdown, numbers rounded, errors beside them."""
        header, *rows = [[*map(markdown_text, line)] for line in self._seen()]
        lines = [header, ['---'] * len(header), *rows]
        return ''.join(f'| {" | ".join(line)} |\n' for line in lines)

    def html(self, folded: bool | None = None) -> str:
        """Return the table in HTML, numbers rounded, errors beside them.

        Parameters
        ----------
        folded : bool, optional
            Whether readers open it to see its rows; by default the table says it.
        """
        header, *rows = self._seen()
        title, label = html_text(self.title), html_text(self.name)
        table = (
            f'<div class=wide tabindex=0 role=region aria-label="{label}">'
            f'{html_table(header, rows).rstrip()}</div>\n'
        )
        if self.folded if folded is None else folded:
            summary = f'<summary class=small>{title} ({len(self.rows)})</summary>'
            return f'<details>{summary}\n{table}</details>\n'
        return f'<p class=small>{title}</p>\n{table}'

    def _seen(self) -> list[list[str]]:
        """Return header and rows as text, standard errors joined to their numbers."""
        columns: list[list[str]] = []
        numbers: list = []
        for name, *cells in zip(self.header, *self.rows, strict=True):
            if columns and name == f'error of {columns[-1][0]}':
                joined = zip(numbers, cells, strict=True)
                columns[-1][1:] = [with_error(x, error) for x, error in joined]
            else:
                columns.append([name, *map(_short, cells)])
            numbers = cells
        if self.turned:
            return columns
        return [list(row) for row in zip(*columns, strict=True)]


def with_error(x: float, error: float) -> str:
    """Return a number with its error, both to the first digit of the error.

    Examples
    --------
    >>> with_error(6.12345, 0.023), with_error(6.12345, float('nan'))
    ('6.12 ± 0.02', '6.123')
    """
    if not error > 0.0:  # nan as well
        return _short(x)
    decimals = max(0, -math.floor(math.log10(error)))
    return f'{x:.{decimals}f} ± {error:.{decimals}f}'


def _short(x: Any) -> str:
    if isinstance(x, float):
        return '' if np.isnan(x) else f'{x:.4g}'
    return '' if x is None else str(x)


def around(x: tuple[float, float, float], form: str = '.3g') -> str | None:
    """Return least, median and largest of several numbers as text; None of nan.

    Examples
    --------
    >>> around((1.0, 2.0, 4.0)), around((1.0, 1.0, 1.0))
    ('1 to 4, median 2', '1')
    """
    low, middle, high = (f'{value:{form}}' for value in x)
    if low == 'nan':
        return None
    return low if low == high else f'{low} to {high}, median {middle}'
