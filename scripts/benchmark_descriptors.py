"""Time descriptors of others in our calculator, and two elements in the bispectrum.

Those of dscribe, and of the networks that are installed, on one thread.

Medians on the paper's cell, in one run: python scripts/benchmark_descriptors.py.
"""

import argparse
import time
from functools import partial
from importlib.util import find_spec

import numpy as np
from dscribe.descriptors import ACSF, SOAP

from ase_entropy import (
    Bispectrum,
    CHGNet,
    DscribeDescriptor,
    EntropyCalculator,
    SevenNet,
    random_packing,
)
from ase_entropy.pairs import find_pairs

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--repeat', type=int, default=7, help='evaluations of each')
args = parser.parse_args()

CUTOFF = 3.93
SMOOTH = {'function': 'poly', 'r0': CUTOFF, 'c': 1, 'm': 1}
DESCRIPTORS = {
    'SOAP(4, 3), polynomial weighting': SOAP(
        species=['W'], r_cut=CUTOFF, n_max=4, l_max=3, sigma=0.5, weighting=SMOOTH,
        periodic=True,
    ),
    'ACSF': ACSF(
        species=['W'], r_cut=CUTOFF, g2_params=[[1, 2], [1, 3], [0.5, 2.5]],
        g4_params=[[1, 1, 1], [1, 2, -1]], periodic=True,
    ),
}  # fmt: skip


def milliseconds(function, repeat):
    """Return the median processor time of a call: others may use the machine."""
    function()
    times = []
    for _ in range(repeat):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return np.median(times) * 1e3


def forces_and_stress(atoms, descriptor):
    """Return a function that evaluates anew."""
    atoms.calc = EntropyCalculator(descriptor)

    def evaluate():
        atoms.calc.reset()
        return atoms.get_forces(), atoms.get_stress()

    return evaluate


def values_and_pullback(atoms, descriptor):
    """Return a function that evaluates a descriptor and its adjoint."""
    pairs = find_pairs(atoms, CUTOFF)
    ones_nk = np.ones((len(atoms), descriptor.size))
    return lambda: descriptor.evaluate(pairs)[1](ones_nk)


rng = np.random.default_rng(1)
atoms = random_packing('W39', (9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
print("| descriptor | dscribe's derivatives (ms) | ours, with stress (ms) | ratio |")
print('|---|---|---|---|')
for name, descriptor in DESCRIPTORS.items():
    ours = milliseconds(
        forces_and_stress(atoms, DscribeDescriptor(descriptor)), args.repeat
    )
    theirs = milliseconds(
        lambda d=descriptor: d.derivatives(atoms, attach=True),
        min(args.repeat, 3),
    )
    print(f'| {name} | {theirs:.1f} | {ours:.1f} | {ours / theirs:.3f} |', flush=True)

mixed = atoms.copy()
mixed.symbols[::4] = 'Be'
one = values_and_pullback(atoms, Bispectrum(components=6))
weights = {'W': 1.0, 'Be': 0.96}
two = values_and_pullback(
    mixed, Bispectrum(components=6, species=['W', 'Be'], weights=weights)
)
rounds = [[milliseconds(x, 30 * args.repeat) for x in (one, two)] for _ in range(5)]
first, second = np.median(rounds, axis=0)
print(f'bispectrum of one element {first:.4f} ms, of two {second:.4f}: ', end='')
print(f'ratio {second / first:.2f}')

print('\n| network | float64 (ms) | float32 (ms) | list of pairs (ms) |')
print('|---|---|---|---|')
for network, package in ((CHGNet, 'chgnet'), (SevenNet, 'sevenn')):
    if find_spec(package) is None:
        print(f'{package} is not installed')
        continue
    double, single = (
        milliseconds(forces_and_stress(atoms, network(dtype=dtype)), args.repeat)
        for dtype in ('float64', 'float32')
    )
    reach = network().cutoff
    neighbors = milliseconds(partial(find_pairs, atoms, reach), args.repeat)
    name = network.__name__
    print(f'| {name} | {double:.0f} | {single:.0f} | {neighbors:.2f} |', flush=True)
