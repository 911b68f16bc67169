"""The calculator in ASE's own tools: a relaxation, and dynamics at constant K."""

import numpy as np
from ase import units
from ase.md import Langevin, thermalize_momenta
from ase.optimize import FIRE

from ase_entropy import EntropyCalculator, random_packing

rng = np.random.default_rng(1)
atoms = random_packing('W39', cell=(9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
atoms.calc = EntropyCalculator(k_entropy=100.0)


def show(when):
    """Print V and its two terms."""
    energy, calc = atoms.get_potential_energy(), atoms.calc
    print(
        f'{when:10} V = {energy:9.2f} eV = {calc.e_rep:7.2f} eV - '
        f'{calc.k_entropy:g} eV * {calc.entropy:.3f} nats'
    )


show('packing')

# Minima lie on kinks of the nearest-neighbor entropy: FIRE gets low, not to fmax = 0.
FIRE(atoms, logfile=None).run(fmax=0.05, steps=300)
show('FIRE')

thermalize_momenta(atoms, temperature_K=2000, rng=rng)
with Langevin(
    atoms,
    0.5 * units.fs,
    temperature_K=2000,
    friction=0.1 / units.fs,
    fixcm=False,
    rng=rng,
) as dyn:
    dyn.run(500)
show('Langevin')

atoms.calc.set(k_entropy=0.0)  # costs no second evaluation
show('K = 0')
print('stress (eV/A^3):', atoms.get_stress().round(5))
