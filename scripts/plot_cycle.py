"""Draw one cycle as it was executed: T, K, S, E_rep, and the atoms at its end."""

import sys

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
from ase import units
from ase.visualize.plot import plot_atoms

from ase_entropy import CyclicLangevin, EntropyCalculator, random_packing

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
time, bath, heat, k_entropy, entropy, e_rep = np.array(rows[1:]).T
time = time / (1000 * units.fs)  # ps

fig, axes = plt.subplot_mosaic(
    [['T', 'atoms'], ['K', 'atoms'], ['S', 'atoms'], ['E', 'atoms']],
    figsize=(9, 6),
    width_ratios=(2, 1),
    layout='constrained',
)
axes['T'].plot(time, heat / 1000, color='0.6', label='atoms')
axes['T'].plot(time, bath / 1000, color='k', label='bath')
axes['T'].legend(frameon=False)
axes['T'].set_ylabel('T (1000 K)')
axes['K'].plot(time, k_entropy, color='k')
axes['K'].set_ylabel('K (eV)')
axes['S'].plot(time, entropy, color='C0')
axes['S'].set_ylabel('S (nats)')
axes['E'].plot(time, e_rep, color='C3')
axes['E'].set_ylabel('$E_{rep}$ (eV)')
axes['E'].set_xlabel('time (ps)')
for name in 'TKS':
    axes[name].sharex(axes['E'])
    axes[name].tick_params(labelbottom=False)
atoms.wrap()
plot_atoms(atoms, axes['atoms'], rotation='-80x,20y', radii=0.8)
axes['atoms'].set_axis_off()
axes['atoms'].set_title(f'end of the cycle: S = {entropy[-1]:.2f} nats')
fig.savefig(sys.argv[1] if len(sys.argv) > 1 else 'cycle.png', dpi=120)
