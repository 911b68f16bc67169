"""Table of energies and forces."""

from typing import Any

import numpy as np

from ase_entropy.report.tables.table import Table, around

__all__ = ['labels']

OF_FORCES = ['mean |F| (eV/Å)', 'rms |F| (eV/Å)', 'largest |F| (eV/Å)']


def labels(results: Any) -> Table:
    """Return energies and forces of each set, of all and of each kind."""
    rows = []
    for name, own in results.labels.items():
        labeled_m = own.labeled_m
        if not labeled_m.any():
            continue
        rows.append([name, 'all', *_numbers(own, labeled_m, np.ones_like(labeled_m))])
        kinds = own.kinds
        for kind in kinds if len(kinds) > 1 else ():
            chosen_m = own.kind_m == kind
            rows.append([name, kind or 'none', *_numbers(own, labeled_m, chosen_m)])
    title = (
        'Energies and forces of the labels, of all configurations and by group '
        '(config_type) or start: energy per atom, as it stands in the file, and the '
        'lengths of the forces on atoms.'
    )
    header = ['set', 'kind', 'configurations', 'labeled', 'energy (eV/atom)']
    return Table('labels', title, [*header, *OF_FORCES], rows)


def _numbers(own: Any, labeled_m: np.ndarray, chosen_m: np.ndarray) -> list:
    energy_m = np.asarray(own.energy_m)[chosen_m]
    energy_m = energy_m[np.isfinite(energy_m)]
    quantiles = np.quantile(energy_m, [0, 0.5, 1]) if len(energy_m) else 3 * [np.nan]
    force_n = own.forces(chosen_m)
    forces = [None] * 3
    if len(force_n):
        rms = float(np.sqrt(np.mean(force_n**2)))
        forces = [float(force_n.mean()), rms, float(force_n.max())]
    numbers = int(chosen_m.sum()), int(labeled_m[chosen_m].sum())
    return [*numbers, around(tuple(quantiles), '.5g'), *forces]
