"""Figures of the report."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy import plots
from ase_entropy.analysis import common_edges, histograms
from ase_entropy.report.stages import FIRST

__all__ = ['Picture', 'pictures']

INSIDE = 0.998  # of each set in the histograms of components
BINS = 120
PANELS = 8  # components in the overview
LINEAR = 2.0  # deviations, up to which a wide map is linear
SHOWN = 3  # quantities in a plot of autocorrelations


@dataclass(frozen=True)
class Picture:
    """A figure, the name of its files, and what it shows."""

    name: str
    title: str
    caption: str
    figure: Any


def pictures(results: Any) -> Iterator[Picture]:
    """Draw the figures of a study, one after the other.

    Parameters
    ----------
    results : Study
        The numbers.
    """
    yield from _cycle(results)
    yield from _entropies(results)
    yield from _configurations(results)
    yield from _radial(results)
    yield from _components(results)
    yield from _side_by_side(results)
    yield from _distances(results)
    yield from _map(results)
    yield from _coverage(results)
    yield from _correlations(results)
    yield from _autocorrelations(results)


def _cycle(results: Any) -> Iterator[Picture]:
    if results.cycle is not None:
        name, trace, atoms = results.cycle
        axes = plots.plot_cycle(trace, atoms, 'evaluations of V')
        yield Picture(
            'cycle',
            'A cycle',
            f'The cycle that led to {name}, run once more with the settings in its '
            'row: temperature, entropy scaling coefficient K, exact entropy S and '
            'repulsive energy, as executed (Fig. 1 of the paper). A step of the '
            'dynamics is one evaluation; atoms that overlap at the start, as in a '
            'random packing, are hot at first; a quench has no temperature.',
            axes['T'].figure,
        )


def _entropies(results: Any) -> Iterator[Picture]:
    finite = {n: x for n, x in results.entropy.items() if np.isfinite(x).any()}
    if not finite:
        return
    figure = plots.new_figure(10, 4)
    left, right = figure.subplots(1, 2)
    cycles = {d.name: d.keys['cycle'] for d in results.sets if 'cycle' in d.keys}
    plots.plot_entropies(finite, cycles, left)
    most = max(len(entropy_m) for entropy_m in finite.values())
    bins = min(BINS, 20 + round(3.5 * most**0.5))
    edges = common_edges(list(finite.values()), bins)
    densities = dict(zip(finite, histograms(list(finite.values()), edges), strict=True))
    plots.plot_histograms(densities, edges, 'S', 'nats', right)
    yield Picture(
        'entropy',
        'Entropy',
        'Descriptor entropy of each configuration (exact nearest neighbors), against '
        'its cycle, and its distribution.',
        figure,
    )


def _configurations(results: Any) -> Iterator[Picture]:
    figure = plots.new_figure(9, 3.6 * len(results.sets))
    parts = np.atleast_1d(figure.subfigures(len(results.sets), 1))
    for dataset, part in zip(results.sets, parts, strict=True):
        entropy_m = results.entropy[dataset.name]
        order_m = np.argsort(entropy_m, kind='stable')
        order_m = order_m[: max(1, np.isfinite(entropy_m).sum())]
        chosen = order_m[[0, len(order_m) // 2, -1]].tolist()
        labels = {}
        for kind, m in zip(('lowest', 'median', 'highest'), chosen, strict=True):
            labels.setdefault(m, f'{kind} S = {entropy_m[m]:.2f}')
        shown = sorted(labels)
        atoms = dict(zip(shown, dataset.iter_atoms(shown), strict=True))
        titles = [f'{dataset.label(m)}: {labels[m]}' for m in labels]
        plots.plot_configurations([atoms[m] for m in labels], titles, part)
    yield Picture(
        'configurations',
        'Representative configurations',
        'Those with the lowest, the median and the highest entropy (nats) of each set '
        '(Fig. 3 of the paper), with the id of its row, or its place in the file, from '
        '0.',
        figure,
    )


def _radial(results: Any) -> Iterator[Picture]:
    if results.radial:
        axes = plots.plot_radial(results.radial)
        yield Picture(
            'radial',
            'Radial distribution',
            'Radial distribution function, mean over the periodic configurations of '
            'each set, all images counted (Fig. 2 of the paper).',
            axes.figure,
        )


def _components(results: Any) -> Iterator[Picture]:
    names, columns = results.components[:PANELS], []
    for k, name in enumerate(names):
        columns.append((name, {d.name: d.q_ek[:, k] for d in results.sets}))
    rows = -(-len(columns) // 2)
    figure = plots.new_figure(9, 2.7 * rows)
    panels = figure.subplots(rows, 2, squeeze=False).ravel()
    for (name, values), axes in zip(columns, panels, strict=False):
        plots.plot_histograms(*_histograms(values), name, axes=axes)
        if axes is not panels[0]:
            axes.get_legend().remove()
    for axes in panels[len(columns) :]:
        axes.remove()
    yield Picture(
        'components',
        'Components',
        f'Distribution of the first {len(columns)} of {len(results.components)} '
        f'components, the middle {INSIDE:.1%} of each set. Narrow peaks are '
        'environments that are all alike, such as isolated atoms.'
        f'{_doubled(names)}',
        figure,
    )


def _side_by_side(results: Any) -> Iterator[Picture]:
    first = {d.name: d.q_ek[:, 0] for d in results.sets}
    for label, name, values in (
        ('first', results.components[0], first),
        ('eighth', results.eighth_name, results.eighth),
    ):
        if values:
            densities, edges = _histograms(values)
            panels = plots.plot_side_by_side(densities, edges, name)
            yield Picture(
                f'{label}_component',
                f'The {label} component',
                f'Distribution of {name}, side by side, each on a scale of its own. '
                'The paper shows the first component, on which its bias acted, and the '
                f'eighth, on which it did not (Figs. 4 to 7).{_doubled([name])}',
                panels[0].figure,
            )


def _doubled(names: list[str]) -> str:
    return ' Indices of B are doubled.' if names[0].startswith('B(') else ''


def _histograms(values: dict[str, np.ndarray]) -> tuple[dict, np.ndarray]:
    sets = list(values.values())
    edges = common_edges(sets, BINS, INSIDE)
    return dict(zip(values, histograms(sets, edges), strict=True)), edges


def _distances(results: Any) -> Iterator[Picture]:
    if not results.surrogate:
        return
    names = [dataset.name for dataset in results.sets]
    figure = plots.new_figure(8, 3.2 * len(names))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    everything = [error.distances for error in results.surrogate.values()]
    limits = plots.distance_limits(everything)
    for test, axes in zip(names, panels, strict=True):
        distances = {
            f'{train} → {test}': results.surrogate[train, test].distances
            for train in names
            if (train, test) in results.surrogate
        }
        plots.plot_distances(distances, limits, axes=axes)
        if test != names[-1]:
            axes.set_xlabel('')
    yield Picture(
        'distances',
        'Distance to the nearest training environment',
        'A surrogate for the error of a potential, for each training set; one panel '
        f'for each testing set. Deviations are those of {results.reference.name} '
        '(Fig. 8 of the paper). At 0 are environments that a training set holds '
        'exactly, such as isolated atoms.',
        figure,
    )


def _map(results: Any) -> Iterator[Picture]:
    if results.projections:
        axes = plots.plot_map(
            results.projections,
            results.share_x,
            LINEAR,
            axes=plots.new_figure(6.8, 5).add_subplot(),
        )
        yield Picture(
            'map',
            'Map of descriptor space',
            'All sets in the plane of the first two principal components of '
            f'{results.reference.name}. Wide axes are linear up to {LINEAR:g} '
            'deviations from the origin, logarithmic beyond. Dense spots are '
            'environments that are all alike, such as isolated atoms.',
            axes.figure,
        )


def _coverage(results: Any) -> Iterator[Picture]:
    if not results.counts:
        return
    names = list(results.counts)
    figure = plots.new_figure(9, 3.2 * (1 + len(names) // 2))
    panels = figure.subplots(1 + len(names) // 2, 2, squeeze=False).ravel()
    for test, axes in zip(names, panels, strict=False):
        curves = {train: results.distance[train, test] for train in names}
        plots.plot_coverage(results.counts, curves, axes=axes)
        axes.set_title(f'testing on {plots.plain(test)}', fontsize='medium')
        plots.few_ticks(axes)
        axes.get_legend().remove()
    pooled = panels[len(names)]
    plots.plot_coverage(results.counts, results.pooled, 'pooled S (nats)', pooled)
    pooled.set_title('pooled entropy', fontsize='medium')
    low, high = pooled.get_ylim()
    pooled.set_ylim(low, high + 0.2 * (high - low))  # room for the legend
    pooled.legend(frameon=False, fontsize='small', loc='upper left')
    for axes in panels[len(names) + 1 :]:
        axes.remove()
    yield Picture(
        'coverage',
        'Coverage',
        'What more configurations bring. First panels: environments of each set are '
        'held back for tests; their mean distance to the nearest environment in so '
        'many configurations, drawn at random, of each set (in standard deviations of '
        f'{results.reference.name}). Last panel: nearest-neighbor entropy of all '
        'environments in so many configurations together, on components in the same '
        'deviations. Distances fall as the number to the power -1/d, and the entropy '
        'rises by (1 - 1/d) ln n, even where nothing new comes in; d is the number of '
        'components, or fewer if they depend on each other: compare curves at equal '
        'numbers.',
        figure,
    )


def _correlations(results: Any) -> Iterator[Picture]:
    if results.higher:
        width = max(6.4, 0.2 * len(results.higher_names) + 1.5)
        axes = plots.new_figure(width, 4).add_subplot()
        plots.plot_correlations(results.higher, results.higher_names, axes)
        yield Picture(
            'correlations',
            'Multiple correlation',
            f'How well the first {FIRST} components explain each of the others, '
            'linearly: 1 is an exactly linear dependence. The paper finds about 0.7 '
            f'for the bispectrum, on average.{_doubled(results.higher_names)}',
            axes.figure,
        )


def _autocorrelations(results: Any) -> Iterator[Picture]:
    if not results.autocorrelation:
        return
    several = results.autocorrelation
    figure = plots.new_figure(4.5 * len(several), 3.6)
    panels = figure.subplots(1, len(several), squeeze=False)[0]
    names = results.components
    quantities = ['S', *(f'mean {name}' for name in names)][:SHOWN]
    for (name, own), axes in zip(several.items(), panels, strict=True):
        plots.plot_autocorrelation(own, quantities, axes)
        axes.set_title(f'{plots.plain(name)}, {_walkers(own)}', fontsize='medium')
    panels[0].legend(frameon=False, fontsize='small')
    yield Picture(
        'autocorrelation',
        'Are successive configurations independent?',
        'Autocorrelation along walkers; the grey band is that of independent numbers.',
        figure,
    )


def _walkers(own: Any) -> str:
    return f'{own.walkers} walkers' if own.walkers > 1 else '1 walker'
