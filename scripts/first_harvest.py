"""From nothing to a database of diverse configurations of 39 tungsten atoms."""

import numpy as np

from ase_entropy import (
    AnnealSchedule,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    Ladder,
    random_packing,
)

rng = np.random.default_rng(1)
atoms = random_packing('W39', cell=(9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
atoms.calc = EntropyCalculator()
dyn = CyclicLangevin(atoms, schedule=AnnealSchedule(ramp_steps=0), rng=rng)
Harvest(dyn, 'w.db', ladder=Ladder()).run(cycles=3)
