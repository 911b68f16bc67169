"""The paper's protocol: anneal 39 tungsten atoms, keep where every cycle ends."""

import numpy as np

from ase_entropy import CyclicLangevin, EntropyCalculator, Harvest, random_packing

rng = np.random.default_rng(1)
atoms = random_packing('W39', cell=(9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
atoms.calc = EntropyCalculator()
dyn = CyclicLangevin(atoms, rng=rng)
Harvest(dyn, 'w.db').run(cycles=2)
