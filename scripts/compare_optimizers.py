"""Compare optimizers on the ladder: python scripts/compare_optimizers.py.

The same starts, orders and convergence for ours, ASE's and scipy's; prints a table of
docs/explanation/performance.md. A minute.
"""

import argparse
import time

import numpy as np
from ase.optimize import BFGSLineSearch, LBFGSLineSearch
from scipy.optimize import minimize

from ase_entropy import (
    AnnealSchedule,
    CyclicLangevin,
    EntropyCalculator,
    NearestNeighborEntropy,
    Quench,
    random_packing,
)
from ase_entropy.entropy import at_order

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--starts', type=int, default=8, help='hot configurations')
parser.add_argument('--fmax', type=float, default=0.05, help='eV/Angstrom')
args = parser.parse_args()

ORDERS = (2, 24)
STEPS = 5000


class Counting(EntropyCalculator):
    """Counts evaluations; it has no compiled form."""

    evaluations = 0

    def calculate(self, *arguments, **options):
        """Compute, and count."""
        self.evaluations += 1
        super().calculate(*arguments, **options)


def ours(atoms):
    """Run Quench."""
    quench = Quench(atoms, ORDERS, logfile=None)
    converged = quench.run(args.fmax, STEPS)
    return quench.evaluations, converged


def of_ase(optimizer):
    """Return a run of an ASE optimizer, rung by rung."""

    def run(atoms):
        for order in ORDERS:
            atoms.calc.set(estimator=at_order(NearestNeighborEntropy(), order))
            converged = optimizer(atoms, logfile=None).run(args.fmax, STEPS)
        return atoms.calc.evaluations, converged

    return run


def of_scipy(atoms):
    """Run L-BFGS-B, rung by rung."""

    def value(x):
        atoms.positions = x.reshape(-1, 3)
        return atoms.get_potential_energy(), -atoms.get_forces().ravel()

    options = dict(maxcor=100, maxiter=STEPS, maxfun=2 * STEPS, ftol=0, maxls=40)
    options['gtol'] = args.fmax / np.sqrt(3)  # of a component, not of a force
    for order in ORDERS:
        atoms.calc.set(estimator=at_order(NearestNeighborEntropy(), order))
        x = atoms.positions.ravel()
        minimize(value, x, jac=True, method='L-BFGS-B', options=options)
    largest = np.linalg.norm(atoms.get_forces(), axis=1).max()
    return atoms.calc.evaluations, largest < args.fmax


rng = np.random.default_rng(1)
atoms = random_packing('W39', (9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
atoms.calc = EntropyCalculator()
dyn = CyclicLangevin(atoms, schedule=AnnealSchedule(ramp_steps=0), rng=rng)
starts = []
for _ in range(args.starts):
    dyn.run_cycles(1)
    starts.append(atoms.get_positions())
atoms.calc.set(k_entropy=1000.0)
Quench(atoms, ORDERS, logfile=None).run(steps=2)  # compiles

print(
    '| optimizer | evaluations | ms | converged | exact V (eV) |\n|---|---|---|---|---|'
)
for name, run, calculator in (
    ('ours, compiled', ours, EntropyCalculator),
    ('ours, from Python', ours, Counting),
    ('ASE, BFGSLineSearch', of_ase(BFGSLineSearch), Counting),
    ('ASE, LBFGSLineSearch', of_ase(LBFGSLineSearch), Counting),
    ('scipy, L-BFGS-B', of_scipy, Counting),
):
    ends = []
    for start in starts:
        atoms.positions = start
        atoms.calc = calculator(k_entropy=1000.0)
        began = time.perf_counter()
        evaluations, converged = run(atoms)
        milliseconds = (time.perf_counter() - began) * 1e3
        exact = EntropyCalculator(k_entropy=1000.0).get_potential_energy(atoms)
        ends.append((evaluations, milliseconds, converged, exact))
    mean = np.mean(ends, axis=0)
    print(
        f'| {name} | {mean[0]:.0f} | {mean[1]:.0f} | {mean[2]:.0%} | {mean[3]:.0f} |',
        flush=True,
    )
