"""Figure of energies and forces."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ase_entropy import plots
from ase_entropy.analysis import common_edges, histograms
from ase_entropy.report.figures.comparisons import Picture

__all__ = ['draw_labels']

MOST_KINDS = 12  # lines of the energies; the largest kinds
INSIDE = 0.995  # of the forces


def draw_labels(results: Any) -> Iterator[Picture]:
    """Draw energies per atom of each kind, and how forces are distributed."""
    several = results.labels  # those of sets without labels are None: see the colors
    energies = {name: _energies(name, own) or None for name, own in several.items()}
    forces = {name: own.forces() for name, own in several.items()}
    known = [force_n for force_n in forces.values() if len(force_n)]
    panels = any(energies.values()) + bool(known)
    if not panels:
        return
    kinds = {kind for found in energies.values() for kind in found or ()}
    figure = plots.new_figure(5.0 * panels, 3.2 + 0.2 * max(0, len(kinds) - 6))
    axes = figure.subplots(1, panels, squeeze=False)[0]
    if any(energies.values()):
        plots.plot_energies(energies, axes[0])
    if known:
        edges = common_edges(known, inside=INSIDE)
        found = iter(histograms(known, edges))
        densities = {n: next(found) if len(x) else None for n, x in forces.items()}
        plots.plot_histograms(densities, edges, '|F|', 'eV/Å', axes[-1])
        axes[-1].set_ylabel('density (Å/eV)')
    else:
        axes[0].legend(frameon=False, fontsize='small')
    yield Picture(
        'labels',
        'Energies per atom, and forces',
        'Labels of each set, as they stand in the file: energies per atom by group '
        '(config_type) or start, the largest ones; and how the lengths of forces are '
        f'distributed, the middle {INSIDE:.1%}. Energies of unlike compositions differ '
        'by those of their elements. A point far from the others of its kind may be a '
        'calculation that failed.',
        figure,
    )


def _energies(name: str, own: Any) -> dict[str, np.ndarray]:
    """Return the energies of the largest kinds of a set."""
    energy_m = np.asarray(own.energy_m)
    found = {}
    for kind in own.kinds[:MOST_KINDS]:
        chosen = energy_m[(own.kind_m == kind) & np.isfinite(energy_m)]
        if len(chosen):
            found[kind or name] = chosen
    return found
