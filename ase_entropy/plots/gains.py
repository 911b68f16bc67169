"""What each chosen configuration adds."""

from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.plots.style import add_legend, new_axes

__all__ = ['plot_gains']


def plot_gains(
    gain_r: np.ndarray,
    knee: int | None = None,
    small: int | None = None,
    label: str = 'gain',
    axes: Any = None,
) -> Any:
    """Draw gains against the number of chosen configurations, with marks.

    Parameters
    ----------
    gain_r : (r,) float array
        What each added, in the order of the choice.
    knee, small : int, optional
        Numbers to mark, see :func:`~ase_entropy.sets.selection.how_many`.
    label : str
        Name and unit of the gain.
    axes : matplotlib Axes, optional
        Where to draw; a new figure by default.

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
    for number, name, line in ((knee, 'knee', '--'), (small, 'small gains', ':')):
        if number is not None:
            axes.axvline(number, ls=line, color='0.4', label=f'{name}: {number}')
    axes.set_xscale('log')
    axes.set_yscale('log')
    axes.set_xlabel('configurations')
    axes.set_ylabel(label)
    if knee is not None or small is not None:
        add_legend(axes, loc='lower left')
    return axes
