"""Tables of the report: as CSV, as Markdown, and as HTML."""

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase.data import atomic_numbers

from ase_entropy.report.stages import FIRST
from ase_entropy.sets.sources import file_of
from ase_entropy.statistics import nanmean
from ase_entropy.store.escaping import csv_cell, html_text, markdown_text

__all__ = ['Table', 'tables']


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
    """

    name: str
    title: str
    header: list[str]
    rows: list[list[Any]]
    turned: bool = False

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

    def html(self) -> str:
        """Return the table in HTML, numbers rounded, errors beside them."""
        header, *rows = self._seen()
        head = ''.join(f'<th>{html_text(name)}</th>' for name in header)
        body = ''
        for row in rows:
            cells = ''.join(f'<td>{html_text(cell)}</td>' for cell in row)
            body += f'<tr>{cells}</tr>\n'
        return (
            f'<p class=small>{html_text(self.title)}</p>\n'
            f'<div class=wide><table>\n<thead><tr>{head}</tr></thead>\n'
            f'<tbody>\n{body}</tbody></table></div>\n'
        )

    def _seen(self) -> list[list[str]]:
        """Return header and rows as text, standard errors joined to their numbers."""
        columns: list[list[str]] = []
        numbers: list = []
        for name, *cells in zip(self.header, *self.rows, strict=True):
            if columns and name == f'error of {columns[-1][0]}':
                joined = zip(numbers, cells, strict=True)
                columns[-1][1:] = [_with_error(x, error) for x, error in joined]
            else:
                columns.append([name, *map(_short, cells)])
            numbers = cells
        if self.turned:
            return columns
        return [list(row) for row in zip(*columns, strict=True)]


def _with_error(x: float, error: float) -> str:
    """Return a number with its error, both to the first digit of the error."""
    if not error > 0.0:  # nan as well
        return _short(x)
    decimals = max(0, -math.floor(math.log10(error)))
    return f'{x:.{decimals}f} ± {error:.{decimals}f}'


def _short(x: Any) -> str:
    if isinstance(x, float):
        return '' if np.isnan(x) else f'{x:.4g}'
    return '' if x is None else str(x)


def tables(results: Any) -> list[Table]:
    """Return the tables of a study.

    Parameters
    ----------
    results : Study
        The numbers.
    """
    made = [_sets(results), _distances(results), _ratios(results)]
    made += [_elements(results)] if results.entropy_of else []
    made += [_groups(results)] if results.groups else []
    made += [_correlations(results)] if results.higher else []
    made += [_autocorrelations(results)] if results.autocorrelation else []
    return made


def _sets(results: Any) -> Table:
    header = ['set', 'file', 'elements', 'configurations', 'environments', 'atoms']
    header += ['S (nats)', 'spread of S', 'lowest S', 'highest S', 'E_rep (eV)']
    header += ['shortest pair (Å)', 'mean shortest pair (Å)', 'K (eV)', 'recipe']
    rows = []
    for dataset in results.sets:
        sizes = np.diff(dataset.first_m)
        entropy_m = results.entropy[dataset.name]
        entropy_m = entropy_m[np.isfinite(entropy_m)]
        shortest_m = results.shortest[dataset.name]
        shortest_m = shortest_m[np.isfinite(shortest_m)]
        keys = dataset.keys
        several = entropy_m if len(entropy_m) else np.array([np.nan])
        rows.append(
            [
                dataset.name,
                ', '.join(file_of(s.path).name for s in dataset.sources[:3]),
                ' '.join(dataset.species),
                len(dataset),
                len(dataset.q_ek),
                _range(sizes),
                float(several.mean()),
                float(several.std(ddof=1)) if len(several) > 1 else None,
                float(several.min()),
                float(several.max()),
                nanmean(keys['e_rep']) if 'e_rep' in keys else None,
                float(shortest_m.min()) if len(shortest_m) else None,
                float(shortest_m.mean()) if len(shortest_m) else None,
                _range(keys['k_entropy']) if 'k_entropy' in keys else None,
                ', '.join(sorted({*keys.get('recipe', [])} - {''})) or None,
            ]
        )
    title = 'Sets. S is the exact nearest-neighbor entropy of each configuration.'
    return Table('sets', title, header, rows, turned=True)


def _range(x: np.ndarray) -> str:
    low, high = np.nanmin(x), np.nanmax(x)
    return f'{low:g}' if low == high else f'{low:g} to {high:g}'


def _distances(results: Any) -> Table:
    header = ['training', 'testing']
    for statistic in ('mean', 'median', 'max'):
        header += [statistic, f'error of {statistic}']
    header += ['training environments', 'test environments', 'decompositions']
    rows = [
        [
            train,
            test,
            error.mean,
            error.mean_error,
            error.median,
            error.median_error,
            error.largest,
            error.largest_error,
            error.training,
            error.testing,
            error.decompositions,
        ]
        for (train, test), error in results.surrogate.items()
    ]
    title = (
        'Distance to the nearest training environment, in standard deviations of '
        f'{results.reference.name}; standard errors over the decompositions '
        '(Tables I and II of the paper).'
    )
    return Table('distances', title, header, rows)


def _ratios(results: Any) -> Table:
    mean = {pair: error.mean for pair, error in results.surrogate.items()}
    names = [dataset.name for dataset in results.sets]
    rows = [
        [a, b, _over(mean[a, b], mean.get((a, a), 0)), _over(mean[b, a], mean[a, b])]
        for a in names
        for b in names
        if a != b
    ]
    title = (
        'Ratios of mean distances. First: how much worse a potential trained on A does '
        'on B than on its own kind. Second: how much better one trained on B does on A '
        'than the other way round.'
    )
    return Table('ratios', title, ['A', 'B', 'A→B / A→A', 'B→A / A→B'], rows)


def _over(a: float, b: float) -> float | None:
    return a / b if b > 0.0 else None


def _elements(results: Any) -> Table:
    names = [dataset.name for dataset in results.sets]
    rows = []
    for dataset in results.sets:
        for symbol in dataset.species:
            z = atomic_numbers[symbol]
            by_element = [
                results.surrogate[train, dataset.name].by_element.get(z, (None,))[0]
                if (train, dataset.name) in results.surrogate
                else None
                for train in names
            ]
            rows.append(
                [
                    dataset.name,
                    symbol,
                    int(np.sum(dataset.numbers_e == z)),
                    nanmean(results.entropy_of[dataset.name, symbol]),
                    *by_element,
                ]
            )
    title = (
        'Elements: S of the atoms of each element among their own, and their mean '
        'distance to the nearest of the training environments of the same element in '
        'each set (last columns), in standard deviations of '
        f'{results.reference.name}.'
    )
    header = ['set', 'element', 'environments', 'S (nats)', *names]
    return Table('elements', title, header, rows)


def _groups(results: Any) -> Table:
    names = [dataset.name for dataset in results.sets]
    header = ['set', 'group', 'configurations', 'environments', 'S (nats)', *names]
    rows = [
        [
            group.dataset,
            group.name,
            group.configurations,
            group.environments,
            group.entropy,
            *(group.distance.get(name) for name in names),
        ]
        for group in results.groups
    ]
    title = (
        'Groups of configurations: mean distance to the nearest of the training '
        'environments drawn from each set (last columns), in standard deviations of '
        f'{results.reference.name}. As many are drawn as for the other distances.'
    )
    return Table('groups', title, header, rows)


def _correlations(results: Any) -> Table:
    rows = [
        [component, *(float(r_k[k]) for r_k in results.higher.values())]
        for k, component in enumerate(results.higher_names)
    ]
    means = [nanmean(r_k) for r_k in results.higher.values()]
    title = f'Multiple correlation coefficient of components on the first {FIRST}.'
    return Table(
        'correlations', title, ['component', *results.higher], [['mean', *means], *rows]
    )


def _autocorrelations(results: Any) -> Table:
    most = max(len(own.lag_l) for own in results.autocorrelation.values()) - 1
    quantities = ['S', *(f'mean {name}' for name in results.components)]
    rows = []
    for name, own in results.autocorrelation.items():
        columns = [*own.r_l[1:].T, own.noise_l[1:]]
        for quantity, column in zip([*quantities, 'noise'], columns, strict=True):
            lags = [None if np.isnan(x) else float(x) for x in column]
            lags += [None] * (most - len(lags))
            rows.append([name, quantity, own.walkers, *lags])
    header = ['set', 'quantity', 'walkers']
    header += [f'lag {lag}' for lag in range(1, most + 1)]
    title = (
        'Autocorrelation between successive configurations of a walker, of S and of '
        'the mean of each component; noise is 1/√N, the deviation of r for independent '
        'ones, with N pairs of them.'
    )
    return Table('autocorrelation', title, header, rows)
