"""Atoms, and the cycle that led to them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy.plots.style import new_figure, plain

__all__ = ['plot_configurations', 'plot_cycle']

ROTATION = '-80x,20y'


def plot_cycle(
    trace: Mapping[str, np.ndarray],
    atoms: Atoms | None = None,
    xlabel: str = 'time (ps)',
    figure: Any = None,
) -> dict:
    """Draw a cycle as it was executed, as Fig. 1 of the paper.

    Parameters
    ----------
    trace : dict of (t,) float arrays
        `time`, whatever `xlabel` says it is; `bath_K` and `atoms_K`, temperatures (K);
        `k_entropy` and `e_rep` (eV); `entropy` (nats). nan is not drawn.
    atoms : Atoms, optional
        The end of the cycle, drawn beside.
    xlabel : str
        What `time` is.
    figure : matplotlib Figure, optional
        Where to draw; a new one by default.

    Returns
    -------
    dict of matplotlib Axes
        `T`, `K`, `S`, `E`, and `atoms`.
    """
    figure = new_figure(9, 6) if figure is None else figure
    layout = [['T'], ['K'], ['S'], ['E']]
    ratios = (1,)
    if atoms is not None:
        layout, ratios = [[*row, 'atoms'] for row in layout], (2, 1)
    axes = figure.subplot_mosaic(layout, width_ratios=ratios)
    time = trace['time']
    axes['T'].plot(time, trace['atoms_K'] / 1000, color='0.6', label='atoms')
    axes['T'].plot(time, trace['bath_K'] / 1000, color='k', ls='--', label='bath')
    axes['T'].legend(frameon=False)
    axes['T'].set_ylabel('T (1000 K)')
    axes['K'].plot(time, trace['k_entropy'], color='k')
    axes['K'].set_ylabel('K (eV)')
    axes['S'].plot(time, trace['entropy'], color='C0')
    axes['S'].set_ylabel('S (nats)')
    axes['E'].plot(time, trace['e_rep'], color='C3')
    axes['E'].set_ylabel('$E_{rep}$ (eV)')
    axes['E'].set_xlabel(xlabel)
    for name in 'TKS':
        axes[name].sharex(axes['E'])
        axes[name].tick_params(labelbottom=False)
    figure.align_ylabels([axes[name] for name in 'TKSE'])
    if atoms is not None:
        entropy = trace['entropy'][np.isfinite(trace['entropy'])][-1]
        title = f'end of the cycle: S = {entropy:.2f} nats'
        _draw(atoms, axes['atoms'], title)
    return axes


def plot_configurations(
    configurations: Sequence[Atoms], titles: Sequence[str], figure: Any = None
) -> list:
    """Draw configurations beside each other, as Fig. 3 of the paper.

    Parameters
    ----------
    configurations : sequence of Atoms
        What to draw.
    titles : sequence of str
        A title for each.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw; a new one by default.

    Returns
    -------
    list of matplotlib Axes
    """
    if figure is None:
        figure = new_figure(2.8 * len(configurations), 3.6)
    panels = figure.subplots(1, len(configurations), squeeze=False)[0]
    for atoms, title, axes in zip(configurations, titles, panels, strict=True):
        _draw(atoms, axes, title)
    return list(panels)


def _draw(atoms: Atoms, axes: Any, title: str) -> None:
    from ase.visualize.plot import plot_atoms

    atoms = atoms.copy()
    atoms.calc = None
    if atoms.pbc.any():
        atoms.wrap()
    plot_atoms(atoms, axes, rotation=ROTATION, radii=0.8)
    axes.set_axis_off()
    axes.set_title(plain(title), fontsize='medium')
