"""The paper's protocol to the letter: ramp T down and K up, keep where it ends."""

import numpy as np

from ase_entropy import CyclicLangevin, EntropyCalculator, Harvest, random_packing

rng = np.random.default_rng(1)
atoms = random_packing('W39', cell=(9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
atoms.calc = EntropyCalculator()
dyn = CyclicLangevin(atoms, rng=rng)
Harvest(dyn, 'paper.db').run(cycles=2)
