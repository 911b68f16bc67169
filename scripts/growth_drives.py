"""Packings made by estimators that see those before, in rounds."""

from dataclasses import replace

import numpy as np
from ase import Atoms

from ase_entropy import AnnealSchedule, LogDetEntropy, VariedPacking
from ase_entropy.campaign import Recipe
from ase_entropy.campaign.cycle import CycleFailed, run_cycle
from ase_entropy.campaign.measures import Ending
from ase_entropy.chemistry import Sizes
from ase_entropy.dynamics import Ladder
from ase_entropy.entropy import LandmarkSummary, NearestNeighborEntropy

__all__ = ['DRIVES', 'drive']

K_PER_ATOM = 2.0  # eV


DRIVES = ('none', 'landmarks', 'log-det')


def drive(kind: str, element: str, atoms: int, seed: int, each: int) -> list[Atoms]:
    """Return packings with so many atoms, made in rounds that see those before."""
    base = Recipe(
        start=VariedPacking((element,)),
        schedule=AnnealSchedule(k_per_atom=K_PER_ATOM, ramp_steps=0),
        sizes=Sizes((element,)),
    )
    frames, summary, rows, cycle = [], LandmarkSummary(), [], 0
    while sum(map(len, frames)) < atoms:
        recipe, new = base, []
        if kind == 'landmarks' and rows:
            estimator = NearestNeighborEntropy(reference_mk=summary.reference_mk)
            recipe = replace(base, estimator=estimator)
        for _ in range(each):
            cycle += 1
            if kind == 'log-det' and rows:
                n = len(base.start.atoms(np.random.default_rng([seed, cycle])))
                estimator = LogDetEntropy(reference_mk=np.concatenate(rows))
                k_entropy = K_PER_ATOM * (n + sum(map(len, rows)))  # of n g
                schedule = AnnealSchedule(k_entropy=k_entropy, ramp_steps=0)
                recipe = replace(
                    base, estimator=estimator, schedule=schedule, ladder=Ladder(())
                )
            try:
                end = run_cycle(
                    recipe.dynamics(np.random.default_rng([seed, cycle])),
                    Ending(recipe.ladder, 'refuse'),
                    np.random.SeedSequence(seed),
                    walker=cycle,
                    cycle=0,
                    report=lambda line: None,
                )
            except CycleFailed:
                continue
            new.append(end)
        for end in new:
            frames.append(end.row.toatoms())
            rows.append(end.data['q_nk'])
            summary = summary.add(end.data['q_nk'])
    return [Atoms(a.numbers, a.positions, cell=a.cell, pbc=a.pbc) for a in frames]
