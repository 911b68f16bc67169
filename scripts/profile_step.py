"""Where the time of one compiled step goes: python scripts/profile_step.py.

Each part is called many times over on the same configuration, inside compiled code.
"""

import argparse
import time

import numpy as np
from numba import njit

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    CyclicLangevin,
    EntropyCalculator,
    random_packing,
)
from ase_entropy import entropy as estimators
from ase_entropy._kernels import bfgs, bispectrum, evaluate, repel
from ase_entropy._kernels.entropy import entropy as compute_entropy
from ase_entropy._kernels.entropy import entropy_work
from ase_entropy._kernels.lanes import LANES
from ase_entropy.entropy import SmoothNearestNeighborEntropy

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--atoms', type=int, default=39)
parser.add_argument('--cutoff', type=float, default=3.93, help='Angstrom')
parser.add_argument('--twojmax', type=int, default=3)
parser.add_argument('--components', type=int, default=6)
parser.add_argument('--repeat', type=int, default=2000, help='calls of each part')
args = parser.parse_args()


@njit
def repulsion(times, *call):
    """Call the distances and the repulsion."""
    for _ in range(times):
        repel.repel(*call)


@njit
def find_pairs(times, *call):
    """Call the repulsion, and put pairs into lanes; return the number of rows."""
    rows = 0
    for _ in range(times):
        rows = evaluate._find_pairs(*call)[0]
    return rows


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
        compute_entropy(*call)


@njit
def turn(times, x, gradient, state):
    """Call the choice of a direction in the quench, with a full memory."""
    for _ in range(times):
        bfgs.turn(x, 0.0, gradient, state)


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
_, _, seen, kind_n, numbers, estimator, _ = compiled.parts
room, work, neighbors_work = compiled.work
repelling = (positions, compiled.lists, (0, args.atoms), compiled.parts.repulsion)
repelling += (seen[0], kind_n, forces, room.count_n)
finding = (positions, compiled.lists, compiled.parts, compiled.work, forces)
rows = find_pairs(1, *finding)
lanes = (room.xyzr, room.octet, rows)
tables, q_kn, dS_dq_kn = numbers.tables, room.q_kn, room.dS_dq_kn
entering = (room.self_v, tables, work, room.density, q_kn)
pulling = (dS_dq_kn, tables, work, room.density, room.density_bar, room.gradient)
of_points = (q_kn, args.atoms, estimator, neighbors_work, dS_dq_kn)
alone = measure(repulsion, *repelling)
parts = {
    'distances, repulsion': alone,
    'pairs into lanes': measure(find_pairs, *finding) - alone,
    'bispectrum': measure(forward, *lanes, *entering),
    'nearest neighbors, entropy': measure(entropy, *of_points),
    'adjoint of the bispectrum': measure(backward, *lanes, *pulling),
    'random numbers': measure(noise, rng, args.atoms),
}
rest = whole - sum(parts.values())
parts['rest: sum of forces, integrator, lists, Python'] = rest
pairs = int((room.j_s[: rows * LANES] >= 0).sum())
print(f'{args.atoms} atoms, {pairs} directed pairs in {rows * LANES} lanes')
for name, microseconds in parts.items():
    print(f'{microseconds:10.2f} us  {microseconds / whole:5.1%}  {name}')
print(f'{whole:10.2f} us          one step')

smooth = SmoothNearestNeighborEntropy(order=3).numbers(len(q_kn))
smooth_work = entropy_work(len(q_kn), args.atoms, smooth)
state, x = bfgs.new_state(3 * args.atoms), rng.random(3 * args.atoms)
for _ in range(2 * bfgs.MEMORY):  # a paraboloid
    bfgs.turn(x, 0.0, x * np.arange(1.0, 1.0 + len(x)), state)
quench = {
    'power mean, order 3, in place of nearest neighbors': measure(
        entropy, q_kn, args.atoms, smooth, smooth_work, dS_dq_kn
    ),
    'direction': measure(turn, x, x * np.arange(1.0, 1.0 + len(x)), state),
}
for name, cls in estimators.registry.items():
    if name != 'PerElement':
        start = time.perf_counter()
        for _ in range(args.repeat // 10):
            cls().evaluate(q_kn[:, : args.atoms].T)
        each = (time.perf_counter() - start) / (args.repeat // 10) * 1e6
        quench[f'{name}, from Python'] = each
print('in a quench')
for name, microseconds in quench.items():
    print(f'{microseconds:10.2f} us         {name}')
