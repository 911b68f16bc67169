"""What each chosen configuration adds."""

from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.plots.style import add_legend, few_ticks, new_axes

__all__ = ['plot_gains']

FEW = 100.0  # from the lowest gain to the highest: ticks within a decade are few


def plot_gains(
    gain_r: np.ndarray,
    enough: int | None = None,
    label: str = 'gain',
    axes: Any = None,
    least: float | None = None,
) -> Any:
    """Draw gains against the number of chosen configurations, with a mark.

    Parameters
    ----------
    gain_r : (r,) float array
        What each added, in the order of the choice.
    enough : int, optional
        Number to mark, see :func:`~ase_entropy.sets.selection.how_many`.
    label : str
        Name and unit of the gain.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.
    least : float, optional
        A gain to mark: how far neighbors in the pool are from each other.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        Gains that are no numbers.
    """
    gain_r = checks.array('gain_r', gain_r)
    axes = new_axes(axes)
    axes.plot(np.arange(1, len(gain_r) + 1), gain_r, lw=1.2)
    if enough is not None:
        axes.axvline(enough, ls='--', color='0.4', label=f'enough: {enough}')
    if least is not None:
        axes.axhline(least, ls='-.', color='0.6', label=f'neighbors: {least:.3g}')
    axes.set_xscale('log')
    axes.xaxis.set_major_formatter('{x:g}')
    axes.set_yscale('log')
    bottom, top = axes.get_ylim()
    if top < FEW * bottom:
        few_ticks(axes)
    else:
        axes.yaxis.set_major_formatter('{x:g}')
    axes.set_xlabel('configurations')
    axes.set_ylabel(label)
    if axes.get_legend_handles_labels()[1]:
        add_legend(axes, loc='best')
    return axes
