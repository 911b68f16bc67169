"""Draw one cycle as it was executed: T, K, S, E_rep, and the atoms at its end."""

import sys

import numpy as np
from ase import units

from ase_entropy import CyclicLangevin, EntropyCalculator, random_packing
from ase_entropy.plots import plot_cycle

rng = np.random.default_rng(1)
atoms = random_packing('W39', cell=(9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
atoms.calc = EntropyCalculator()
dyn = CyclicLangevin(atoms, rng=rng)
rows = []


def look():
    """Remember the state of the dynamics."""
    calc, heat = atoms.calc, atoms.get_temperature()
    rows.append((dyn.get_time(), dyn.temperature_K, heat, calc.k_entropy))
    rows[-1] += (calc.entropy, calc.e_rep)


dyn.attach(look, interval=50)
dyn.run_cycles(1)
names = ('time', 'bath_K', 'atoms_K', 'k_entropy', 'entropy', 'e_rep')
trace = dict(zip(names, np.array(rows[1:]).T, strict=True))
trace['time'] /= 1000 * units.fs  # ps
axes = plot_cycle(trace, atoms)
axes['T'].figure.savefig(sys.argv[1] if len(sys.argv) > 1 else 'cycle.png', dpi=120)
