"""Tables of the report."""

from typing import Any

import numpy as np
from ase.data import atomic_numbers

from ase_entropy.analysis import (
    GroupNumbers,
    count_space_groups,
    describe_groups,
    kinds_of_starts,
    ranges_of_sizes,
)
from ase_entropy.report.stages import FIRST
from ase_entropy.report.tables.gaps import absent, coverage, halves
from ase_entropy.report.tables.labels import labels
from ase_entropy.report.tables.redundancy import duplicates, redundancy
from ase_entropy.report.tables.table import Table, around
from ase_entropy.report.variety import PairMeter, differ
from ase_entropy.sets.sources import file_of
from ase_entropy.statistics import nanmean

__all__ = ['tables']

OF_GROUPS = ['configurations', 'S (nats)', 'density', 'closest pair']
OF_CRYSTALS = 'space groups'
OF_PAIRS = ['neighbors at (Å)', 'shortest (Å)', 'shortest / neighbors', 'pairs']
PAIRS = (
    'Kinds of pairs: distance of neighbors in the reference states of the elements, '
    'shortest distance, and number of pairs up to twice the distance of neighbors.'
)


def tables(results: Any) -> list[Table]:
    """Return the tables of a study.

    Parameters
    ----------
    results : Study
        The numbers.
    """
    made = [_sets(results), _distances(results)]
    gaps = coverage(results), absent(results), halves(results), _ratios(results)
    made += [table for table in (*gaps, labels(results)) if table.rows]
    made += [_elements(results)] if results.entropy_of else []
    made += [table for table in _kinds(results) if table.rows]
    made += [_groups(results)] if results.groups else []
    made += [_correlations(results)] if results.higher else []
    made += [_autocorrelations(results)] if results.autocorrelation else []
    if results.redundancy:
        made += [redundancy(results)]
        made += [gone] if (gone := duplicates(results)).rows else []
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
        [
            a,
            b,
            _over(mean[a, b], mean.get((a, a), 0)),
            _over(mean[b, a], mean[a, b]),
        ]
        for a in names
        for b in names
        if a != b
    ]
    title = (
        'Ratios of mean distances. First: how much worse a potential trained on A does '
        'on B than on its own kind. Second: how much better one trained on B does on A '
        'than the other way round.'
    )
    header = ['A', 'B', 'A→B / A→A', 'B→A / A→B']
    return Table('ratios', title, header, rows)


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


def _kinds(results: Any) -> list[Table]:
    """Return numbers of configurations by start and size, and of kinds of pairs."""
    starts, sizes, pairs = [], [], []
    distances = PairMeter(tuple(results.elements)).distances
    for name, own in results.variety.items():
        numbers = own.atoms_m, own.density_m, own.closest_m, results.entropy[name]
        (dataset,) = (d for d in results.sets if d.name == name)
        kind_m = kinds_of_starts(dataset.keys.get('start', []))
        if kind_m:
            for group in describe_groups(kind_m, *numbers):
                own_m = dataset.keys['start'][np.array(kind_m) == group.name]
                named = count_space_groups(own_m) or None
                starts.append(
                    [name, group.name, around(group.atoms), *_group(group), named]
                )
        if differ(own.atoms_m):
            groups = describe_groups(ranges_of_sizes(own.atoms_m), *numbers)
            groups.sort(key=lambda group: group.atoms)
            sizes += [[name, group.name, *_group(group)] for group in groups]
        kinds = zip(distances.items(), own.counts_kb, own.shortest_k, strict=True)
        for (pair, r), counts_b, shortest in kinds:
            if total := int(counts_b.sum()) // 2:
                pairs.append([name, pair, r, shortest, shortest / r, total])
    units = (
        "Density of fully periodic cells in units of that of the elements' own "
        'volumes; closest pair: distance over that of neighbors of its elements.'
    )
    return [
        Table(
            'starts',
            f'Starts. {units}',
            ['set', 'start', 'atoms', *OF_GROUPS, OF_CRYSTALS],
            starts,
        ),
        Table('sizes', f'Sizes. {units}', ['set', 'atoms', *OF_GROUPS], sizes),
        Table('pairs', PAIRS, ['set', 'pair', *OF_PAIRS], pairs),
    ]


def _group(own: GroupNumbers) -> list:
    ranges = around(own.density), around(own.closest)
    return [own.configurations, own.entropy, *ranges]


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
