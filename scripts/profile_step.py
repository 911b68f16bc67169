"""Where the time of one compiled step goes: python scripts/profile_step.py.

Each part is called many times over on the same configuration, inside compiled code.
"""

import argparse
import time

import numpy as np
from numba import njit

from ase_entropy import Bispectrum, CyclicLangevin, EntropyCalculator, random_packing
from ase_entropy._kernels import bispectrum, nearest, segment
from ase_entropy._kernels.lanes import LANES
from ase_entropy.schedule import AnnealSchedule

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--atoms', type=int, default=39)
parser.add_argument('--cutoff', type=float, default=3.93, help='Angstrom')
parser.add_argument('--twojmax', type=int, default=3)
parser.add_argument('--components', type=int, default=6)
parser.add_argument('--repeat', type=int, default=2000, help='calls of each part')
args = parser.parse_args()


@njit
def repel(times, *call):
    """Call the distances and the repulsion."""
    for _ in range(times):
        segment._repel(*call)


@njit
def pack(times, sorting, *call):
    """Call the packing of pairs into lanes."""
    for _ in range(times):
        segment._sort(*sorting)
        segment._pack(*call)


@njit
def forward(times, *call):
    """Call the bispectrum."""
    for _ in range(times):
        bispectrum.forward(*call)


@njit
def backward(times, *call):
    """Call its adjoint."""
    for _ in range(times):
        bispectrum.backward(*call)


@njit
def entropy(times, *call):
    """Call the estimator."""
    for _ in range(times):
        nearest.nearest_neighbor_entropy(*call)


@njit
def noise(times, rng, n):
    """Draw random numbers."""
    total = 0.0
    for _ in range(times * 3 * n):
        total += rng.standard_normal()
    return total


def measure(function, *call):
    """Return microseconds per call."""
    function(1, *call)
    start = time.perf_counter()
    function(args.repeat, *call)
    return (time.perf_counter() - start) / args.repeat * 1e6


rng = np.random.default_rng(1)
cell = np.array((9.54, 9.54, 14.31)) * (args.atoms / 39) ** (1 / 3)
atoms = random_packing(f'W{args.atoms}', cell, 2.0, rng)
descriptor = Bispectrum(args.cutoff, args.twojmax, args.components)
atoms.calc = EntropyCalculator(descriptor)
schedule = AnnealSchedule(shuffle_steps=100, ramp_steps=10 * args.repeat)
dyn = CyclicLangevin(atoms, schedule=schedule, rng=rng)
dyn.run(200)
start = time.perf_counter()
dyn.run(args.repeat)
whole = (time.perf_counter() - start) / args.repeat * 1e6

compiled = dyn.segments
positions, forces = atoms.get_positions(), np.zeros((args.atoms, 3))
_, (tables, self_n), softening = compiled.parts
buffers, work, neighbor_work = compiled.work
count, begin, order, xyzr, octet, targets, density, density_bar, *rest = buffers
gradient, q_kn, dS_dq_kn = rest
repelling = (positions, compiled.neighbors, compiled.parts, forces, count)
packing = (positions, compiled.neighbors, args.cutoff, count, *buffers[2:6])
segment._repel(*repelling)
segment._sort(count, begin, order)
rows = segment._pack(*packing)
lanes = (xyzr, octet, rows, LANES)
parts = {
    'distances, repulsion': measure(repel, *repelling),
    'pairs into lanes': measure(pack, (count, begin, order), *packing),
    'bispectrum': measure(forward, *lanes, self_n, tables, work, density, q_kn),
    'nearest neighbors, entropy': measure(
        entropy, q_kn, args.atoms, softening, neighbor_work, dS_dq_kn
    ),
    'adjoint of the bispectrum': measure(
        backward, *lanes, dS_dq_kn, tables, work, density, density_bar, gradient
    ),
    'random numbers': measure(noise, rng, args.atoms),
}
rest = whole - sum(parts.values())
parts['rest: sum of forces, integrator, lists, Python'] = rest
pairs = int((targets[: rows * LANES] >= 0).sum())
print(f'{args.atoms} atoms, {pairs} directed pairs in {rows * LANES} lanes')
for name, microseconds in parts.items():
    print(f'{microseconds:10.2f} us  {microseconds / whole:5.1%}  {name}')
print(f'{whole:10.2f} us          one step')
