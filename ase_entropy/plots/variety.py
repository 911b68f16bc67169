"""Sets of many sizes and kinds: entropies, distances of pairs, energies."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ase_entropy.plots.style import (
    INSIDE,
    add_legend,
    legend_below,
    new_axes,
    new_figure,
    plain,
    step_of,
    styled,
)

__all__ = [
    'POINTS_OF_SIZES',
    'plot_energies',
    'plot_growth',
    'plot_pairs',
    'plot_sizes',
]

POINTS_OF_SIZES = 3000
MOST_SIZES = 16  # medians are of each number of atoms, or of so many ranges
MIDDLE = 1 / 6, 1 / 2, 5 / 6


def plot_sizes(
    sizes: Mapping[str, np.ndarray],
    entropies: Mapping[str, np.ndarray],
    slope: float | None = None,
    axes: Any = None,
) -> Any:
    """Draw entropies against numbers of atoms, and their medians and spreads.

    Parameters
    ----------
    sizes : dict of (m,) int arrays
        Numbers of atoms, by the name of the set.
    entropies : dict of (m,) float arrays
        Entropies (nats); nan are left out.
    slope : float, optional
        Draw a line that rises by so much times ln n.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `sizes`, or not by their names.
    """
    from matplotlib.ticker import LogLocator, NullFormatter

    sets = styled('sizes', sizes)
    axes = new_axes(axes)
    for name, atoms_m, own in sets:
        entropy_m = entropies[name]
        shown = slice(None, None, step_of(len(atoms_m), POINTS_OF_SIZES))
        look = {'color': own.color, 'mfc': 'none'}
        axes.plot(
            atoms_m[shown],
            entropy_m[shown],
            own.marker,
            ms=3,
            mew=0.5,
            alpha=0.35,
            rasterized=len(atoms_m) > 500,
            **look,
        )
        middle, median, spread = _medians(atoms_m, entropy_m)
        look |= {'marker': own.marker, 'ls': own.line, 'label': plain(name)}
        axes.errorbar(middle, median, spread, capsize=2, ms=6, lw=1.5, **look)
    if slope is not None:
        _draw_slope(axes, sizes, entropies, slope)
    axes.set_xscale('log')
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter('{x:g}')
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel('number of atoms n')
    axes.set_ylabel('S (nats)')
    add_legend(axes, loc='lower right')
    return axes


def _medians(atoms_m: np.ndarray, entropy_m: np.ndarray) -> tuple:
    """Return numbers of atoms, in ranges if many, medians, and the middle two thirds.

    Both the latter as distances from the median, (2, s).
    """
    known = np.isfinite(entropy_m)
    atoms_m, entropy_m = atoms_m[known], entropy_m[known]
    several, range_m = np.unique(atoms_m, return_inverse=True)
    if len(several) > MOST_SIZES:
        edges = np.geomspace(several[0], several[-1] + 1, MOST_SIZES + 1)
        range_m = np.searchsorted(edges, atoms_m, side='right')
    chosen = [range_m == s for s in np.unique(range_m)]
    middle = [np.exp(np.log(atoms_m[own]).mean()) for own in chosen]
    parts = [np.quantile(entropy_m[own], MIDDLE) for own in chosen]
    low, median, high = np.transpose(parts)
    return middle, median, np.array([median - low, high - median])


def _draw_slope(axes: Any, sizes: Mapping, entropies: Mapping, slope: float) -> None:
    """Draw a line through the middle of all points."""
    x_m = np.log(np.concatenate([*sizes.values()]))
    x_m[~np.isfinite(np.concatenate([*entropies.values()]))] = np.nan
    ends = np.array([np.nanmin(x_m), np.nanmax(x_m)])
    level = np.nanmedian(np.concatenate([*entropies.values()]) - slope * x_m)
    axes.plot(
        np.exp(ends),
        level + slope * ends,
        color='0.5',
        ls='--',
        lw=1,
        zorder=0,
        label=f'{slope:.2g} ln n + const.',
    )


def plot_growth(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]], axes: Any = None
) -> Any:
    """Draw the entropies of sets as they grow.

    Parameters
    ----------
    curves : dict of pairs of (x,) arrays
        Numbers of configurations, and entropies (nats), by the name of the set: see
        :func:`~ase_entropy.analysis.growth_of_entropy`.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `curves`, or not by their names.
    """
    sets = styled('curves', curves)
    axes = new_axes(axes)
    for name, (counts_x, entropy_x), own in sets:
        look = {'color': own.color, 'ls': own.line, 'marker': own.marker}
        axes.plot(counts_x, entropy_x, ms=4, lw=1.5, label=plain(name), **look)
    axes.set_xscale('log')
    axes.set_xlabel('configurations')
    axes.set_ylabel('S of the set (nats)')
    add_legend(axes, loc='lower right')
    return axes


def plot_pairs(
    densities: Mapping[str, Mapping[str, np.ndarray]],
    distances: Mapping[str, float],
    edges: Sequence[float],
    figure: Any = None,
) -> list:
    """Draw the distribution of the distances of each kind of pair, one panel each.

    Parameters
    ----------
    densities : dict of dict of (b,) float arrays
        Densities (1/Angstrom) by the name of the set, then by that of the pair.
    distances : dict of float
        Distances of neighbors (Angstrom) by the name of the pair: a dashed line.
    edges : (b + 1,) sequence of float
        Edges of the bins, over the distance of neighbors.
    figure : matplotlib Figure, optional
        Where to draw; a new figure by default.

    Returns
    -------
    list of matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `densities`, or not by their names.
    """
    sets = styled('densities', densities)
    columns = min(3, len(distances))
    rows = -(-len(distances) // columns)
    if figure is None:
        figure = new_figure(max(4.8, 3.2 * columns), max(3.4, 2.6 * rows))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels[len(distances) :]:
        axes.remove()
    panels = panels[: len(distances)]
    for (pair, distance), axes in zip(distances.items(), panels, strict=True):
        for name, density, own in sets:
            if pair in density:
                r = np.asarray(edges) * distance
                look = {'color': own.color, 'ls': own.line, 'label': plain(name)}
                axes.stairs(density[pair], r, lw=1.5, **look)
        axes.axvline(distance, color='0.5', ls='--', lw=1, zorder=0)
        axes.set_title(pair.replace('-', '–'), fontsize='medium')
        axes.set_xlim(0.0, edges[-1] * distance)
        axes.set_ylim(bottom=0.0)
        axes.set_xlabel('distance (Å)')
    for axes in panels[::columns]:
        axes.set_ylabel('density (1/Å)')
    add_legend(panels[0], loc='upper left', fontsize='small')
    if len(sets) > INSIDE:
        legend_below(figure, panels[0])
    return list(panels)


def plot_energies(
    energies: Mapping[str, Mapping[str, np.ndarray]], axes: Any = None
) -> Any:
    """Draw energies of each kind of configurations, a line of points for each kind.

    Parameters
    ----------
    energies : dict of dict of (m,) float arrays
        Energies per atom (eV) by the name of the set, then by the kind.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `energies`, or not by their names.
    """
    sets = styled('energies', energies)
    axes = new_axes(axes)
    kinds = [*dict.fromkeys(kind for _, found, _ in sets for kind in found)]
    for s, (name, found, own) in enumerate(sets):
        label = plain(name)
        for kind, energy_m in found.items():
            shown = energy_m[:: step_of(len(energy_m), POINTS_OF_SIZES)]
            line = kinds.index(kind) + 0.6 * ((s + 0.5) / len(sets) - 0.5)
            look = {'color': own.color, 'mfc': 'none', 'alpha': 0.6, 'label': label}
            axes.plot(shown, np.full(len(shown), line), own.marker, ms=4, **look)
            label = None
    axes.set_yticks(range(len(kinds)), [plain(kind) for kind in kinds])
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.set_xlabel('energy (eV/atom)')
    return axes
