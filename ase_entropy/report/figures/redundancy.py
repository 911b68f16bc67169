"""Figure of what could be left out."""

from collections.abc import Iterator
from typing import Any

from ase_entropy import plots
from ase_entropy.report.figures.comparisons import ABREAST, Picture

__all__ = ['draw_redundancy']


def draw_redundancy(results: Any) -> Iterator[Picture]:
    """Draw what each chosen configuration adds, for each set."""
    several = results.redundancy
    if not several:
        return
    columns = min(len(several), ABREAST)
    rows = -(-len(several) // columns)
    figure = plots.new_figure(1.5 + 4.0 * columns, 3.6 * rows)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axes in panels[len(several) :]:
        axes.remove()
    for (name, own), axes in zip(several.items(), panels, strict=False):
        of = own.gain_r, own.enough, 'distance (standard deviations)'
        plots.plot_gains(*of, axes, own.neighbors)
        axes.set_title(plots.plain(name), fontsize='medium')
    yield Picture(
        'redundancy',
        'What could be left out',
        'How far each configuration is from all that were chosen before, where always '
        'the farthest one comes next: mean and spread of its environments, in standard '
        'deviations of its set. From the dashed line on, all others are nearer to one '
        'of these than configurations of the set usually are to each other. '
        'ase-entropy select writes the first of them.',
        figure,
    )
