"""Figures of sets that differ in size, density, composition and elements."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ase_entropy import plots
from ase_entropy.analysis import common_edges, growth_of_entropy, histograms
from ase_entropy.report.figures.comparisons import Picture, drawn
from ase_entropy.report.variety import REACH, PairMeter, differ

__all__ = ['draw_growth', 'draw_pairs', 'draw_sizes', 'draw_variety']

MOST = 8  # elements
WIDEST = 40  # bins of numbers of atoms


def draw_variety(results: Any) -> Iterator[Picture]:
    """Draw how numbers of atoms, densities and compositions are distributed."""
    columns = [*_columns(results)]
    if not columns:
        return
    abreast = 2 if len(columns) in (2, 4) else min(3, len(columns))
    rows = -(-len(columns) // abreast)
    figure = plots.new_figure(1.2 + 3.2 * abreast, 2.9 * rows)
    panels = figure.subplots(rows, abreast, squeeze=False).ravel()
    for axes in panels[len(columns) :]:
        axes.remove()
    for (label, values, edges), axes in zip(columns, panels, strict=False):
        found = histograms([*values.values()], edges)
        densities = dict(zip(values, found, strict=True))
        plots.plot_histograms(densities, edges, label, axes=axes)
        axes.set_ylabel('probability density' if axes in panels[::abreast] else '')
        if axes is not panels[0]:
            axes.get_legend().remove()
    if len(results.variety) > plots.INSIDE:
        plots.legend_below(figure, panels[0])
    yield Picture(
        'variety',
        'Sizes, densities and compositions',
        'How configurations of each set are distributed: numbers of atoms; densities '
        "of fully periodic cells, in units of that of the elements' own volumes; "
        'fractions of the elements. What is the same in all configurations is left '
        'out.',
        figure,
    )


def _columns(results: Any) -> Iterator[tuple[str, dict, np.ndarray]]:
    """Yield label, values and edges of what differs within a set."""
    several = results.variety
    sizes = {name: own.atoms_m for name, own in several.items()}
    if _differ(sizes):
        yield 'number of atoms', sizes, _edges_of_sizes(sizes)
    densities = {
        name: np.array(own.density_m)
        for name, own in several.items()
        if np.isfinite(own.density_m).any()
    }
    if _differ(densities):
        edges = common_edges([*densities.values()])
        yield "density / elements' own", densities, edges
    elements = results.elements
    shown = elements[:1] if len(elements) == 2 else elements[:MOST]
    for x, element in enumerate(shown):
        fractions = {name: own.fraction_mx[:, x] for name, own in several.items()}
        if _differ(fractions):
            rest = f', the rest {elements[1]}' if len(elements) == 2 else ''
            edges = common_edges([*fractions.values()])
            yield f'fraction of {element}{rest}', fractions, edges


def _differ(values: dict) -> bool:
    return bool(values) and differ(np.concatenate([*values.values()]))


def _edges_of_sizes(sizes: dict) -> np.ndarray:
    """Return edges between whole numbers."""
    low = min(atoms_m.min() for atoms_m in sizes.values())
    high = max(atoms_m.max() for atoms_m in sizes.values())
    bins = len(common_edges([*sizes.values()])) - 1
    step = -(-(high - low + 1) // min(WIDEST, bins))
    return np.arange(low, high + step + 1, step) - 0.5


def draw_sizes(results: Any) -> Iterator[Picture]:
    """Draw entropies against numbers of atoms."""
    sizes = {
        name: own.atoms_m
        for name, own in results.variety.items()
        if np.isfinite(results.entropy[name]).any()
    }
    finite = {name: np.isfinite(results.entropy[name]) for name in sizes}
    if not any(differ(sizes[name][finite[name]]) for name in sizes):
        return
    entropies = {name: results.entropy[name] for name in sizes}
    slope = 1.0 - 1.0 / len(results.components)
    axes = plots.plot_sizes(sizes, entropies, slope)
    yield Picture(
        'sizes',
        'Entropies of sizes',
        'Entropy of each configuration against its number of atoms n, on a logarithmic '
        'axis (points), with the median and the middle two thirds of each n, or of '
        'ranges of n (lines). Dashed: growth of the entropy of equally dense '
        'environments in as many independent dimensions as there are components. '
        'Compare sets at equal n.'
        f'{drawn(sizes, plots.POINTS_OF_SIZES)}',
        axes.figure,
    )


def draw_growth(results: Any) -> Iterator[Picture]:
    """Draw the entropies of sets as they grow."""
    if not results.variety:
        return
    curves = {
        d.name: growth_of_entropy(d.q_ek, d.first_m, d.numbers_e, results.scale)
        for d in results.sets
    }
    yield Picture(
        'growth',
        'Entropy of the growing set',
        'Entropy of all environments of the first configurations of each set together, '
        'more and more of them: that of a Gaussian with their covariance, for each '
        f'element, in deviations of {results.reference.name}. Where it is flat, '
        'further configurations are like those before; it sees the spread, not gaps.',
        plots.plot_growth(curves).figure,
    )


def draw_pairs(results: Any) -> Iterator[Picture]:
    """Draw the distances of each kind of pair."""
    meter = PairMeter(tuple(results.elements))
    widths = np.diff(meter.edges)
    densities: dict[str, dict] = {name: {} for name in results.variety}
    for name, own in results.variety.items():
        for kind, (pair, distance) in enumerate(meter.distances.items()):
            if total := own.counts_kb[kind].sum():
                density_b = own.counts_kb[kind] / (total * widths * distance)
                densities[name][pair] = density_b
    met = {pair for found in densities.values() for pair in found}
    distances = {pair: r for pair, r in meter.distances.items() if pair in met}
    if distances:
        axes, *_ = plots.plot_pairs(densities, distances, meter.edges)
        yield Picture(
            'pairs',
            'Distances of pairs',
            'How distances are distributed for each kind of pair, all images counted, '
            f'up to {REACH:g} times the distance of neighbors (dashed: that in the '
            'reference states of the elements; for unlike atoms the mean of both). '
            'How far a set goes to the left of that line is how much of the repulsive '
            'wall a potential learns from it.',
            axes.figure,
        )
