"""Curves: radial distributions, entropies of cycles, coverage, correlations."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ase_entropy.plots.style import (
    Style,
    add_legend,
    legend_above,
    new_axes,
    plain,
    step_of,
    styled,
    symbol,
)
from ase_entropy.statistics import nanmean

__all__ = [
    'POINTS_OF_CURVE',
    'plot_autocorrelation',
    'plot_correlations',
    'plot_coverage',
    'plot_entropies',
    'plot_radial',
]

POINTS_OF_CURVE = 4000
FEW_POINTS = 50  # that a line would hide
HIGHEST = 3.0  # peaks of g(r) above this many times the second highest set are cut


def plot_radial(distributions: Mapping[str, Any], axes: Any = None) -> Any:
    """Draw radial distribution functions, as Fig. 2 of the paper.

    A set of crystals does not squeeze the others: its peaks are cut where it is alone.

    Parameters
    ----------
    distributions : dict of RadialDistribution
        By the name of the set.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `distributions`, or not by their names.
    """
    sets = styled('distributions', distributions)
    axes = new_axes(axes)
    for name, found, own in sets:
        axes.plot(found.r_b, found.g_b, ls=own.line, color=own.color, label=plain(name))
    axes.axhline(1.0, color='0.6', lw=0.8, zorder=0)
    tops = sorted(found.g_b.max() for found in distributions.values())
    axes.set_ylim(0.0, 1.08 * min(tops[-1], max(HIGHEST * tops[-2:][0], HIGHEST)))
    axes.set_xlim(0.0, max(found.edges[-1] for found in distributions.values()))
    axes.set_xlabel('r (Å)')
    axes.set_ylabel('g(r)')
    add_legend(axes)
    return axes


def plot_entropies(
    entropies: Mapping[str, np.ndarray],
    cycles: Mapping[str, np.ndarray] | None = None,
    axes: Any = None,
) -> Any:
    """Draw the entropy of each configuration against its cycle.

    Parameters
    ----------
    entropies : dict of (m,) float arrays
        Entropies (nats) by the name of the set.
    cycles : dict of (m,) int arrays, optional
        Their cycles; the place in the set by default.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `entropies`, or not by their names.
    """
    sets = styled('entropies', entropies)
    axes = new_axes(axes)
    for name, entropy_m, own in sets:
        cycle_m = (cycles or {}).get(name, np.arange(len(entropy_m)))
        shown = slice(None, None, step_of(len(entropy_m), POINTS_OF_CURVE))
        mean = nanmean(entropy_m)
        axes.plot(
            cycle_m[shown],
            entropy_m[shown],
            own.marker,
            ms=3,
            mew=0.5,
            mfc='none',
            color=own.color,
            alpha=0.6,
            rasterized=len(entropy_m) > 500,
        )
        over = {'zorder': 2.1 if len(entropy_m) > FEW_POINTS else 1.0}
        axes.axhline(mean, color='w', lw=4, alpha=0.7, **over)
        axes.axhline(mean, color=own.color, ls=own.line, lw=2, **over)
        axes.plot(
            [],
            [],
            marker=own.marker,
            mfc='none',
            ls=own.line,
            color=own.color,
            label=f'{plain(name)}, mean {mean:.2f}',
        )
    axes.set_xlabel('cycle, or place in the set')
    axes.set_ylabel('S (nats)')
    legend_above(axes)
    return axes


def plot_coverage(
    counts: Mapping[str, Sequence[int]],
    values: Mapping[str, np.ndarray],
    ylabel: str = 'mean distance (deviations)',
    axes: Any = None,
) -> Any:
    """Draw a quantity against the number of configurations in a set.

    Parameters
    ----------
    counts : dict of sequences of int
        Numbers of configurations, by the name of the set.
    values : dict of (c,) float arrays
        The quantity: distances or entropies.
    ylabel : str
        Its name and unit.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `values`, or not by their names.
    """
    sets = styled('values', values)
    axes = new_axes(axes)
    for name, value_c, own in sets:
        axes.plot(
            counts[name],
            value_c,
            ls=own.line,
            marker=own.marker,
            ms=4,
            color=own.color,
            label=plain(name),
        )
    axes.set_xscale('log')
    axes.set_xlabel('training configurations')
    axes.set_ylabel(ylabel)
    add_legend(axes)
    return axes


def plot_correlations(
    correlations: Mapping[str, np.ndarray], components: Sequence[str], axes: Any = None
) -> Any:
    """Draw multiple correlation coefficients of components on the first ones.

    Parameters
    ----------
    correlations : dict of (k,) float arrays
        R of each component, by the name of the set.
    components : sequence of str
        Names of the components, such as ``'B(3,0,3)'``.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        No sets in `correlations`, or not by their names.
    """
    sets = styled('correlations', correlations)
    axes = new_axes(axes)
    place_k = np.arange(len(components))
    for name, r_k, own in sets:
        axes.plot(
            place_k,
            r_k,
            own.marker,
            ms=5,
            mfc='none',
            color=own.color,
            label=f'{plain(name)}, mean {nanmean(r_k):.2f}',
        )
    axes.set_xticks(place_k, [symbol(name) for name in components], rotation=90)
    axes.tick_params(axis='x', labelsize='x-small')
    axes.set_ylim(0.0, 1.02)
    axes.set_xlim(-0.7, len(components) - 0.3)
    axes.grid(axis='x', color='0.9')
    axes.set_xlabel('component')
    axes.set_ylabel('multiple correlation R')
    legend_above(axes)
    return axes


def plot_autocorrelation(
    found: Any, quantities: Sequence[str], axes: Any = None
) -> Any:
    """Draw the autocorrelation of successive minima, and the noise to expect.

    Parameters
    ----------
    found : Autocorrelation
        Of several quantities.
    quantities : sequence of str
        Their names.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
    """
    axes = new_axes(axes)
    later = slice(1, None)
    lag_l, noise_l = found.lag_l[later], 2.0 * found.noise_l[later]
    axes.fill_between(
        lag_l, -noise_l, noise_l, color='0.85', lw=0, label='2/√N, independent'
    )
    axes.axhline(0.0, color='0.5', lw=0.8)
    r_lx = found.r_l.reshape(len(found.lag_l), -1)[later]
    for s, name in enumerate(quantities):
        own = Style(s)
        axes.plot(
            lag_l,
            r_lx[:, s],
            ls=own.line,
            marker=own.marker,
            ms=4,
            color=own.color,
            label=symbol(name),
        )
    top = np.nanmax(np.abs(np.append(r_lx, noise_l)))
    axes.set_ylim(-min(1.0, 1.6 * top), min(1.05, 1.6 * top))
    axes.set_xticks(lag_l)
    axes.set_xlabel('lag (cycles)')
    axes.set_ylabel('autocorrelation')
    return axes
