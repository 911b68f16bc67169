"""How far a shuffle carries the atoms, and how soon it forgets: against friction.

Prints the second table of docs/explanation/defaults.md. Some two minutes.
"""

import argparse

import numpy as np
from ase import units

from ase_entropy import (
    AnnealSchedule,
    CyclicLangevin,
    EntropyCalculator,
    random_packing,
)

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('--steps', type=int, default=60_000, help='for each friction')
args = parser.parse_args()

EVERY, LAG = 50, 40  # steps between looks, looks in 1 ps
HOT = AnnealSchedule(k_entropy=0.0, shuffle_steps=1, ramp_steps=0)


def autocorrelation(x_m, lag):
    """Return the mean autocorrelation of time series along the first axis."""
    x_m = (x_m - x_m.mean(axis=0)) / x_m.std(axis=0)
    return (x_m[lag:] * x_m[:-lag]).mean()


print('| friction (1/fs) | displacement (A) | S with itself | B_000 with itself |')
print('|---|---|---|---|')
for friction_fs in (0.2, 0.05, 0.02, 0.01):
    rng = np.random.default_rng(1)
    atoms = random_packing('W39', (9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
    atoms.calc = EntropyCalculator()
    dyn = CyclicLangevin(
        atoms, schedule=HOT, shuffle_friction=friction_fs / units.fs, rng=rng
    )
    dyn.run(args.steps // 20)
    positions, entropies, first = [], [], []
    dyn.attach(lambda x=positions, a=atoms: x.append(a.get_positions()), EVERY)
    dyn.attach(lambda x=entropies, a=atoms: x.append(a.calc.entropy), EVERY)
    dyn.attach(lambda x=first, a=atoms: x.append(a.calc.q_nk[:, 0].copy()), EVERY)
    dyn.run(args.steps)
    r = np.array(positions)
    travel = np.sqrt(((r[LAG:] - r[:-LAG]) ** 2).sum(axis=-1).mean())
    s, b = (autocorrelation(np.array(x), LAG) for x in (entropies, first))
    print(f'| {friction_fs:g} | {travel:.2f} | {s:.2f} | {b:.2f} |', flush=True)
