"""Figures of the report."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from ase_entropy import plots
from ase_entropy.analysis import common_edges, histograms
from ase_entropy.report.figures.comparisons import (
    Picture,
    draw_autocorrelations,
    draw_correlations,
    draw_coverage,
    draw_distances,
    draw_map,
    drawn,
    is_doubled,
)
from ase_entropy.report.figures.labels import draw_labels
from ase_entropy.report.figures.redundancy import draw_redundancy
from ase_entropy.report.figures.variety import (
    draw_growth,
    draw_pairs,
    draw_sizes,
    draw_variety,
)

__all__ = ['pictures']

INSIDE = 0.998  # of each set in the histograms of components
PANELS = 8  # components in the overview
BY_NAME = ('entropy', 'radial', 'eighth', 'higher', 'autocorrelation', 'counts')
BY_NAME += ('pooled', 'projections', 'variety', 'redundancy', 'labels')


def pictures(results: Any) -> Iterator[Picture]:
    """Draw the figures of a study, one after the other.

    Parameters
    ----------
    results : Study
        The numbers.
    """
    results = _first(results, plots.STYLES)
    yield from draw_map(results)
    yield from draw_coverage(results)
    yield from draw_distances(results)
    yield from draw_variety(results)
    yield from draw_sizes(results)
    yield from draw_pairs(results)
    yield from draw_labels(results)
    yield from draw_redundancy(results)
    yield from _configurations(results)
    yield from _entropies(results)
    yield from draw_growth(results)
    yield from _radial(results)
    yield from _components(results)
    yield from _side_by_side(results)
    yield from draw_correlations(results)
    yield from draw_autocorrelations(results)
    yield from _cycle(results)


def _first(results: Any, most: int) -> Any:
    """Return the results of the first sets, with those by the names of sets."""
    names = {dataset.name for dataset in results.sets[:most]}
    chosen = {
        field: {name: x for name, x in getattr(results, field).items() if name in names}
        for field in BY_NAME
    }
    return dataclasses.replace(results, sets=results.sets[:most], **chosen)


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
    lines = -(-len(finite) // 4)  # of the legend
    figure = plots.new_figure(10, 4 + 0.18 * max(0, lines - 2))
    left, right = figure.subplots(1, 2)
    plots.plot_entropies(finite, _cycles(results), left)
    edges = common_edges(list(finite.values()))
    densities = dict(zip(finite, histograms(list(finite.values()), edges), strict=True))
    plots.plot_histograms(densities, edges, 'S', 'nats', right)
    if len(finite) > plots.INSIDE:
        right.get_legend().remove()  # that on the left has all
    yield Picture(
        'entropy',
        'Entropy',
        'Descriptor entropy of each configuration (exact nearest neighbors), against '
        'its cycle, and its distribution.'
        f'{drawn(finite, plots.POINTS_OF_CURVE)}',
        figure,
    )


def _cycles(results: Any) -> dict[str, np.ndarray]:
    """Return the cycles of sets; not where several rows have the same."""
    known = {d.name: d.keys['cycle'] for d in results.sets if 'cycle' in d.keys}
    return {name: x for name, x in known.items() if len(np.unique(x)) == len(x)}


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
    if len(results.sets) > plots.INSIDE:
        plots.legend_below(figure, panels[0])
    yield Picture(
        'components',
        'Components',
        f'Distribution of the first {len(columns)} of {len(results.components)} '
        f'components, the middle {INSIDE:.1%} of each set. Narrow peaks are '
        'environments that are all alike, such as isolated atoms.'
        f'{is_doubled(names)}',
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
                f'eighth, on which it did not (Figs. 4 to 7).{is_doubled([name])}',
                panels[0].figure,
            )


def _histograms(values: dict[str, np.ndarray]) -> tuple[dict, np.ndarray]:
    sets = list(values.values())
    edges = common_edges(sets, inside=INSIDE)
    return dict(zip(values, histograms(sets, edges), strict=True)), edges
