"""Distributions: of components, entropies and distances; maps of descriptor space."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ase_entropy.plots.style import (
    INSIDE,
    add_legend,
    new_axes,
    new_figure,
    plain,
    step_of,
    styled,
    symbol,
)

__all__ = [
    'POINTS_OF_MAP',
    'distance_limits',
    'plot_distances',
    'plot_histograms',
    'plot_map',
    'plot_side_by_side',
]

POINTS_OF_MAP = 3000  # of each set in a map
TICKS = (-1000, -300, -100, -30, -10, -3, 0, 3, 10, 30, 100, 300, 1000)
MOST_COLUMNS = 4  # of panels beside each other
ZERO = 1e-6  # deviations; below it environments are equal


def plot_histograms(
    densities: Mapping[str, np.ndarray],
    edges: np.ndarray,
    xlabel: str,
    unit: str = '',
    axes: Any = None,
) -> Any:
    """Draw histograms of several sets over each other.

    Parameters
    ----------
    densities : dict of (b,) float arrays
        Densities in the bins, by the name of the set.
    edges : (b + 1,) float array
        Edges of the bins, common to all.
    xlabel : str
        What is counted; the name of a component, as ``'B(1,0,1)'``, becomes a formula.
    unit : str
        Its unit; none by default.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `densities`, or not by their names.
    """
    sets = styled('densities', densities)
    axes = new_axes(axes)
    for name, density_b, own in sets:
        _draw_bars(axes, density_b, edges, own, name)
    axes.set_xlabel(symbol(xlabel) + (f' ({unit})' if unit else ''))
    axes.set_ylabel(f'density (1/{unit})' if unit else 'density')
    axes.set_ylim(bottom=0.0)
    axes.margins(x=0.02)
    add_legend(axes)
    return axes


def plot_side_by_side(
    densities: Mapping[str, np.ndarray],
    edges: np.ndarray,
    xlabel: str,
    figure: Any = None,
) -> list:
    """Draw histograms of several sets beside each other, as Figs. 4 to 7 of the paper.

    Parameters
    ----------
    densities, edges, xlabel
        As in :func:`plot_histograms`.
    figure : matplotlib Figure or SubFigure, optional
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
    columns = len(densities) if len(densities) < 4 else (len(densities) + 1) // 2
    columns = min(columns, MOST_COLUMNS)
    rows = -(-len(densities) // columns)
    if figure is None:
        figure = new_figure(3.2 * columns, 2.8 * rows)
    panels = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
    for axes in panels[len(densities) :]:
        axes.remove()
    panels = panels[: len(densities)]
    for axes in panels[-columns:]:  # the last of each column
        axes.tick_params(labelbottom=True)
    for (name, density_b, own), axes in zip(sets, panels, strict=True):
        _draw_bars(axes, density_b, edges, own, name)
        axes.set_title(plain(name), fontsize='medium')
        axes.set_xlabel(symbol(xlabel))
        axes.set_ylim(bottom=0.0)
        axes.margins(x=0.02)
    for axes in panels[::columns]:
        axes.set_ylabel('density')
    return list(panels)


def plot_distances(
    distances: Mapping[str, np.ndarray],
    limits: tuple[float, float] | None = None,
    bins: int = 80,
    axes: Any = None,
) -> Any:
    """Draw distributions of distances to the nearest training environment, as Fig. 8.

    On a logarithmic axis, since they span decades; distances of zero are not drawn but
    said.

    Parameters
    ----------
    distances : dict of (s,) float arrays
        Distances, in deviations of the reference, by the names of the sets.
    limits : tuple of two float, optional
        Smallest and largest distance shown; by default those that leave out one in
        fifty, the smallest.
    bins : int
        Number of bins.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `distances`, or not by their names.
    """
    sets = styled('distances', distances)
    axes = new_axes(axes)
    low, high = distance_limits(distances.values()) if limits is None else limits
    edges = np.linspace(np.log10(low), np.log10(high), bins + 1)
    for name, distance_s, own in sets:
        distance_s = np.asarray(distance_s, float)
        positive_s = distance_s[distance_s > ZERO]
        zero = 1.0 - len(positive_s) / max(1, len(distance_s))
        label = plain(name) + (f' ({zero:.0%} at 0)' if zero >= 0.005 else '')
        counts_b = np.histogram(np.log10(positive_s), edges)[0]
        density_b = counts_b / (max(1, len(distance_s)) * np.diff(edges))
        axes.stairs(
            density_b, 10**edges, color=own.color, ls=own.line, lw=1.5, label=label
        )
    axes.set_xscale('log')
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel('distance to the nearest training environment (deviations)')
    axes.set_ylabel('density per decade')
    add_legend(axes, title='training → testing', fontsize='small', alignment='left')
    return axes


def distance_limits(distances: Iterable[np.ndarray]) -> tuple[float, float]:
    """Return distances between which almost all lie, zeros left out.

    Parameters
    ----------
    distances : iterable of (s,) float arrays
        Distances.

    Examples
    --------
    >>> low, high = distance_limits([np.array([0.0, 0.1, 10.0])])
    >>> round(low, 2), round(high, 2)
    (0.1, 10.5)
    """
    together = np.concatenate([np.ones(0), *distances])
    positive = together[together > ZERO]
    if len(positive) == 0:
        return 0.5, 2.0
    low = np.quantile(positive, 0.02, method='lower')
    return float(low) / 1.05, float(positive.max()) * 1.05


def plot_map(
    projections: Mapping[str, np.ndarray],
    share_x: Sequence[float],
    width: float = 2.0,
    axes: Any = None,
) -> Any:
    """Draw sets in the plane in which the reference varies most.

    Axes are linear up to `width` and logarithmic beyond, so that a wide set does not
    squeeze a narrow one into a dot. Wide sets lie below narrow ones.

    Parameters
    ----------
    projections : dict of (e, 2) float arrays
        As :func:`~ase_entropy.analysis.principal_map` returns, by the name of the set.
    share_x : sequence of two float
        Part of the variance of the reference along each direction.
    width : float
        Where axes cease to be linear (deviations).
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `projections`, or not by their names.
    """
    sets = styled('projections', projections)
    from matplotlib.ticker import FixedLocator, NullLocator

    axes = new_axes(axes)
    for name, x_ex, own in sets:
        shown = slice(None, None, step_of(len(x_ex), POINTS_OF_MAP))
        axes.plot(
            x_ex[shown, 0],
            x_ex[shown, 1],
            own.marker,
            ms=3,
            mew=0.5,
            mfc='none',
            color=own.color,
            alpha=0.5,
            label=plain(name),
            rasterized=True,
            zorder=2.0 - 1e-3 * np.log(1e-9 + x_ex.std()),
        )
    for direction, axis in enumerate((axes.xaxis, axes.yaxis)):
        reach = max(np.abs(x_ex[:, direction]).max() for x_ex in projections.values())
        if reach > 10 * width:
            axis._set_axes_scale('asinh', linear_width=width)
            shown = [tick for tick in TICKS if abs(tick) <= 1.5 * reach]
            axis.set_major_locator(FixedLocator(shown))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter('{x:g}')
    axes.set_xlabel(f'first direction (deviations), {share_x[0]:.0%} of the variance')
    axes.set_ylabel(f'second direction (deviations), {share_x[1]:.0%}')
    legend = add_legend(axes, markerscale=2.5)
    legend.set_frame_on(len(sets) <= INSIDE)
    for handle in legend.legend_handles:
        handle.set_alpha(1.0)
    return axes


def _draw_bars(axes: Any, density_b: np.ndarray, edges: np.ndarray, own, name) -> None:
    axes.stairs(density_b, edges, fill=True, color=own.color, alpha=0.15)
    axes.stairs(
        density_b,
        edges,
        color=own.color,
        ls=own.line,
        lw=1.5,
        hatch=own.hatch or None,
        label=plain(name),
    )
