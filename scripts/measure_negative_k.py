"""Measure whether quenches at negative K converge, where V favors equal environments.

python scripts/measure_negative_k.py --element W --cells 30 -o negative.md

For each estimator, K and size of cells: the share of cells where the largest force came
below 0.05 eV/A within 5000 steps; evaluations and time of a quench; the spread of the
descriptors (root of the mean square distance from their mean, over that before the
quench, median over the cells); the share of cells where it is less than 0.01; and the
shortest pair of all cells over the distance of neighbors.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from ase_entropy import (
    AnnealSchedule,
    KernelEntropy,
    Ladder,
    LogDetEntropy,
    NearestNeighborEntropy,
    Quench,
    Recipe,
    SmoothNearestNeighborEntropy,
    VariedPacking,
)
from ase_entropy.chemistry import Sizes
from ase_entropy.pairs import shortest_distance

ESTIMATORS = {
    'nearest neighbor': NearestNeighborEntropy(),
    'the same, softening 1e-4': NearestNeighborEntropy(softening=1e-4),
    'order 2': SmoothNearestNeighborEntropy(2),
    'order 2, softening 1': SmoothNearestNeighborEntropy(2, softening=1.0),
    'log-det': LogDetEntropy(),
    'log-det, ridge 1': LogDetEntropy(ridge=1.0),
    'kernel': KernelEntropy(),
    'kernel, bandwidth 1': KernelEntropy(bandwidth=1.0),
}
HEADER = 'atoms', 'K (eV/atom)', 'estimator', 'converged', 'evaluations', 'ms'
HEADER += 'spread', 'equal', 'shortest'


def spread(atoms) -> float:
    """Return how far descriptors are from their mean."""
    q_nk = atoms.calc.q_nk
    return float(np.sqrt(((q_nk - q_nk.mean(axis=0)) ** 2).sum(axis=1).mean()))


def measure(recipe: Recipe, cells: int) -> tuple:
    """Return what is measured, of so many quenches."""
    rng, found = np.random.default_rng(1), []
    for _ in range(cells):
        atoms = recipe.atoms(rng)
        atoms.get_forces()  # compiles
        before = spread(atoms)
        quench = Quench(atoms, recipe.ladder.orders, logfile=None)
        begin = time.perf_counter()
        converged = quench.run(recipe.ladder.fmax, recipe.ladder.steps)
        ms = 1e3 * (time.perf_counter() - begin)
        after = spread(atoms) / before
        shortest = shortest_distance(atoms) / recipe.sizes.distance(atoms.symbols[0])
        found.append((converged, quench.evaluations, ms, after, after < 0.01, shortest))
    found = np.array(found, float).T
    means = np.mean, np.median, np.median, np.median, np.mean, np.min
    return tuple(f(x) for f, x in zip(means, found, strict=True))


def main() -> None:
    """Measure all, and write a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--element', default='W')
    parser.add_argument('--cells', type=int, default=30)
    parser.add_argument('--k', type=float, nargs='+', default=[-2.0, -8.0])
    parser.add_argument('--most', type=int, nargs='+', default=[8, 16, 40])
    parser.add_argument('-o', '--output', type=Path, default=Path('negative.md'))
    args = parser.parse_args()
    lines = [HEADER, ['---'] * len(HEADER)]
    for most in args.most:
        for k in args.k:
            for name, estimator in ESTIMATORS.items():
                recipe = Recipe(
                    start=VariedPacking((args.element,), (max(2, most // 2), most)),
                    schedule=AnnealSchedule(k_per_atom=k, ramp_steps=0),
                    estimator=estimator,
                    ladder=Ladder(()),
                    sizes=Sizes((args.element,)),
                )
                good, steps, ms, ratio, equal, shortest = measure(recipe, args.cells)
                cells = [f'{max(2, most // 2)} to {most}', f'{k:g}', name]
                cells += [f'{100 * good:.0f}%', f'{steps:.0f}', f'{ms:.0f}']
                cells += [f'{ratio:.3f}', f'{100 * equal:.0f}%', f'{shortest:.2f}']
                lines.append(cells)
                print(*cells, sep=' | ', flush=True)
    text = ''.join(f'| {" | ".join(cells)} |\n' for cells in lines)
    args.output.write_text(text)


if __name__ == '__main__':
    main()
