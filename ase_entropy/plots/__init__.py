"""Figures of the paper and of the report: numbers in, matplotlib Axes out."""

from ase_entropy.plots.configurations import plot_configurations, plot_cycle
from ase_entropy.plots.curves import (
    POINTS_OF_CURVE,
    plot_autocorrelation,
    plot_correlations,
    plot_coverage,
    plot_entropies,
    plot_radial,
)
from ase_entropy.plots.distributions import (
    POINTS_OF_MAP,
    distance_limits,
    plot_distances,
    plot_histograms,
    plot_map,
    plot_side_by_side,
)
from ase_entropy.plots.gains import plot_gains
from ase_entropy.plots.style import (
    COLORS,
    INSIDE,
    ROWS,
    STYLES,
    column_width,
    few_ticks,
    legend_below,
    new_figure,
    plain,
    step_of,
)
from ase_entropy.plots.variety import (
    POINTS_OF_SIZES,
    plot_energies,
    plot_growth,
    plot_pairs,
    plot_sizes,
)

__all__ = [
    'COLORS',
    'INSIDE',
    'POINTS_OF_CURVE',
    'POINTS_OF_MAP',
    'POINTS_OF_SIZES',
    'ROWS',
    'STYLES',
    'column_width',
    'distance_limits',
    'few_ticks',
    'legend_below',
    'new_figure',
    'plain',
    'plot_autocorrelation',
    'plot_configurations',
    'plot_correlations',
    'plot_coverage',
    'plot_cycle',
    'plot_distances',
    'plot_energies',
    'plot_entropies',
    'plot_gains',
    'plot_growth',
    'plot_histograms',
    'plot_map',
    'plot_pairs',
    'plot_radial',
    'plot_side_by_side',
    'plot_sizes',
    'step_of',
]
