"""Choose time step, friction and ramp: how cold, how diverse a cycle ends.

Prints the table of docs/explanation/defaults.md. Some five minutes.
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
from ase_entropy.pairs import shortest_distance

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('--cycles', type=int, default=50, help='cycles for each setting')
parser.add_argument('--divide', type=int, default=1, help='divide all lengths by this')
args = parser.parse_args()

SETTINGS = [  # time step (fs), friction (1/fs), ramp (steps)
    (1.0, 0.01, 12_000),
    (1.0, 0.1, 12_000),
    (0.5, 0.1, 12_000),
    (0.5, 0.2, 12_000),
    (0.5, 0.3, 8_000),
    (0.5, 0.3, 12_000),
    (0.5, 0.3, 16_000),
    (0.25, 0.2, 12_000),
]


def run_cycle(timestep_fs, friction_fs, ramp_steps, seed):
    """Return T at the end (K), S (nats), E_rep (eV) and shortest pair (A)."""
    rng = np.random.default_rng(seed)
    atoms = random_packing('W39', (9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
    atoms.calc = EntropyCalculator()
    dyn = CyclicLangevin(
        atoms,
        timestep_fs * units.fs,
        AnnealSchedule(
            shuffle_steps=2000 // args.divide, ramp_steps=ramp_steps // args.divide
        ),
        friction_fs / units.fs,
        rng=rng,
    )
    dyn.run_cycles(1)
    calc = atoms.calc
    return atoms.get_temperature(), calc.entropy, calc.e_rep, shortest_distance(atoms)


print(
    '| dt (fs) | friction (1/fs) | ramp (steps) | T at end, mean (K) | max (K) |',
    end='',
)
print(' S (nats) | E_rep (eV) | shortest pair (A) |')
print('|---' * 8 + '|')
for setting in SETTINGS:
    ends = np.array([run_cycle(*setting, seed) for seed in range(args.cycles)])
    heat, entropy, e_rep, _ = ends.mean(axis=0)
    print('|', ' | '.join(f'{x:g}' for x in setting), end=' | ')
    print(
        f'{heat:.0f} | {ends[:, 0].max():.0f} | {entropy:.2f} | {e_rep:.0f}', end=' | '
    )
    print(f'{ends[:, 3].min():.2f} |', flush=True)
