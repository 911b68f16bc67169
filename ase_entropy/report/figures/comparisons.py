"""Figures that compare sets: distances, coverage, maps, correlations."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ase_entropy import plots
from ase_entropy.report.page import live_map
from ase_entropy.report.stages import FIRST

__all__ = [
    'Picture',
    'draw_autocorrelations',
    'draw_correlations',
    'draw_coverage',
    'draw_distances',
    'draw_map',
    'drawn',
    'is_doubled',
]

LINEAR = 2.0  # deviations, up to which a wide map is linear
ABREAST = 4  # panels beside each other
SHOWN = 3  # quantities in a plot of autocorrelations


@dataclass(frozen=True)
class Picture:
    """A figure, the name of its files, what it shows, and its numbers for a script."""

    name: str
    title: str
    caption: str
    figure: Any
    live: dict | None = None


def is_doubled(names: list[str]) -> str:
    """Return what a caption says of the names of bispectrum components."""
    return ' Indices of B are doubled.' if names[0].startswith('B(') else ''


def draw_distances(results: Any) -> Iterator[Picture]:
    """Draw the distances to the nearest training environments."""
    if not results.surrogate:
        return
    names = [dataset.name for dataset in results.sets]
    labels = [f'{train} → {test} (99% at 0)' for train in names for test in names]
    beside = plots.column_width(labels) * -(-len(names) // plots.ROWS)
    width = 8.0 + (beside if len(names) > plots.INSIDE else 0.0)
    figure = plots.new_figure(width, 3.2 * len(names))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    everything = [error.distances for error in results.surrogate.values()]
    limits = plots.distance_limits(everything)
    for test, axes in zip(names, panels, strict=True):
        distances = {
            f'{train} → {test}': getattr(
                results.surrogate.get((train, test)), 'distances', None
            )
            for train in names
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


def draw_map(results: Any) -> Iterator[Picture]:
    """Draw the map of descriptor space."""
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
            'environments that are all alike, such as isolated atoms.'
            f'{drawn(results.projections, plots.POINTS_OF_MAP)}',
            axes.figure,
            live_map(results, axes),
        )


def drawn(points: dict[str, Any], most: int) -> str:
    """Return how many of the points of each set a figure draws, if not all."""
    parts = [
        f'{len(x[:: plots.step_of(len(x), most)])} of the {len(x)} of {name}'
        for name, x in points.items()
        if plots.step_of(len(x), most) > 1
    ]
    return f' Points are drawn of {", ".join(parts)}, evenly spaced.' if parts else ''


def draw_coverage(results: Any) -> Iterator[Picture]:
    """Draw what more configurations bring."""
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
    if len(names) > plots.INSIDE:
        plots.legend_below(figure, pooled)
    else:
        low, high = pooled.get_ylim()
        pooled.set_ylim(low, high + 0.2 * (high - low))  # room for the legend
        pooled.legend(frameon=False, fontsize='small', loc='upper left')
    for axes in panels[len(names) + 1 :]:
        axes.remove()
    yield Picture(
        'coverage',
        'What more configurations bring',
        'First panels: environments of each set are '
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


def draw_correlations(results: Any) -> Iterator[Picture]:
    """Draw how the first components explain the others."""
    if results.higher:
        width = max(6.4, 0.2 * len(results.higher_names) + 1.5)
        lines = len(results.higher) // 4  # of the legend
        axes = plots.new_figure(width, 4 + 0.18 * max(0, lines - 1)).add_subplot()
        plots.plot_correlations(results.higher, results.higher_names, axes)
        yield Picture(
            'correlations',
            'Multiple correlation',
            f'How well the first {FIRST} components explain each of the others, '
            'linearly: 1 is an exactly linear dependence. The paper finds about 0.7 '
            f'for the bispectrum, on average.{is_doubled(results.higher_names)}',
            axes.figure,
        )


def draw_autocorrelations(results: Any) -> Iterator[Picture]:
    """Draw whether successive configurations of walkers are independent."""
    if not results.autocorrelation:
        return
    several = results.autocorrelation
    columns = min(len(several), ABREAST)
    rows = -(-len(several) // columns)
    figure = plots.new_figure(4.5 * columns, 3.6 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels[len(several) :]:
        axes.remove()
    names = results.components
    quantities = ['S', *(f'mean {name}' for name in names)][:SHOWN]
    for (name, own), axes in zip(several.items(), panels, strict=False):
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
