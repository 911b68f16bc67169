"""Measure what a base does to a set: python scripts/measure_base.py -o base.md.

Cells of each formula are harvested by the default recipe, with and without EMT as the
base, at several K and temperatures of the shuffle. The table says how far energies per
atom are above those of the elements' crystals (median and largest, by EMT), S, the
shortest pair, how many cycles were repeated, and evaluations of V. Databases stay in a
folder beside the table: the same command goes on where it was stopped.

With ``--overhead`` instead: what a step of the paper's cell, at K > 0, takes beyond the
evaluations of bases that take 0 and 5 ms for nothing (processor time).
"""

import argparse
import time
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from ase.build import bulk
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT
from ase.db import connect

from ase_entropy import (
    AnnealSchedule,
    Base,
    CyclicLangevin,
    EntropyCalculator,
    Ladder,
    RandomPacking,
    Recipe,
    campaign,
)
from ase_entropy.starts.packing import DENSITY

BASE = Base('ase.calculators.emt:EMT')
HEADER = 'cell', 'base', 'K (eV/atom)', 'T (K)', 'median (eV/atom)', 'largest'
HEADER += 'S', 'shortest (A)', 'repeated', 'evaluations'


class Idle(Calculator):
    """Takes so many seconds for zero energy and forces, and times what is between."""

    implemented_properties = ['energy', 'forces']

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.end, self.between, self.times = 0.0, [], 1000
        begin = time.process_time()
        self.idle()
        self.times = int(1000 * seconds / (time.process_time() - begin))

    def idle(self) -> None:
        """Multiply arrays so many times."""
        numbers = np.ones(20_000)
        for _ in range(self.times):
            numbers = 1.0001 * numbers

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        """Return zeros."""
        self.between.append(time.process_time() - self.end)
        super().calculate(atoms, properties, system_changes)
        self.results = {'energy': 0.0, 'forces': np.zeros((len(atoms), 3))}
        self.idle()
        self.end = time.process_time()


def overhead(seconds: float, steps: int) -> str:
    """Return what steps take beyond the base, in words."""
    rng = np.random.default_rng(1)
    atoms, idle = RandomPacking().atoms(rng), Idle(seconds)
    atoms.calc = EntropyCalculator(base=idle)
    schedule = AnnealSchedule(shuffle_steps=0, ramp_steps=10**6)
    CyclicLangevin(atoms, schedule=schedule, rng=rng).run(steps)
    tenth, half = 1e6 * np.quantile(idle.between[3:], [0.1, 0.5])
    words = f'base of {1e3 * seconds:g} ms: {half:.0f} us (median), {tenth:.0f} us'
    return f'{words} (first tenth) of a step are not the base'


def energy(atoms) -> float:
    """Return the energy (eV) by EMT."""
    return EMT().get_potential_energy(atoms)


@cache
def ground(element: str) -> float:
    """Return the energy per atom (eV) of the crystal at its best volume."""
    usual = bulk(element, cubic=True)
    crystals = [usual.copy() for _ in range(81)]
    for scale, crystal in zip(np.linspace(0.96, 1.04, 81), crystals, strict=True):
        crystal.set_cell(scale * usual.cell, scale_atoms=True)
    return min(energy(crystal) for crystal in crystals) / len(usual)


def measure(db: Path) -> list[str]:
    """Return the cells of the table for one database."""
    rows = list(connect(db).select())
    above = []
    for row in rows:
        elements = np.mean([ground(x) for x in row.symbols])
        above.append(energy(row.toatoms()) / row.natoms - elements)
    return [
        f'{np.median(above):.2f}',
        f'{max(above):.2f}',
        f'{np.mean([row.entropy for row in rows]):.2f}',
        f'{min(row.min_distance for row in rows):.2f}',
        str(sum(row.attempts - 1 for row in rows)),
        f'{np.mean([row.evaluations for row in rows]):.0f}',
    ]


def main() -> None:
    """Measure all, and write a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--formulas', nargs='+', default=['Cu16', 'Al16', 'Ni8Al8'])
    parser.add_argument('--k', type=float, nargs='+', default=[2.0, 1.0, 0.5, 0.25])
    parser.add_argument('--temperatures', type=float, nargs='+', default=[2000.0])
    parser.add_argument('--density', type=float, default=DENSITY)
    parser.add_argument('--cycles', type=int, default=20)
    parser.add_argument('--shuffle-steps', type=int, default=1000)
    parser.add_argument('--steps', type=int, default=2000, help='of a quench, at most')
    parser.add_argument('-o', '--output', type=Path, default=Path('base.md'))
    parser.add_argument('--overhead', action='store_true')
    args = parser.parse_args()
    if args.overhead:
        for seconds, steps in ((0.0, 5000), (0.005, 500)):
            print(overhead(seconds, steps))
        return
    folder = args.output.with_suffix('')
    folder.mkdir(exist_ok=True)
    lines = [HEADER, ['---'] * len(HEADER)]
    for formula, k, hot_K, base in product(
        args.formulas, args.k, args.temperatures, (None, BASE)
    ):
        recipe = Recipe(
            RandomPacking.of(formula, density=args.density),
            AnnealSchedule(hot_K, None, args.shuffle_steps, 0, k),
            Ladder(steps=args.steps),
            base=base,
        )
        name = 'EMT' if base else 'none'
        db = folder / f'{formula}-{name}-{k:g}-{hot_K:g}.db'
        campaign.run(recipe, args.cycles, db, seed=1, report=lambda line: None)
        cells = [formula, name, f'{k:g}', f'{hot_K:g}', *measure(db)]
        lines.append(cells)
        print(*cells, sep=' | ', flush=True)
    args.output.write_text(''.join(f'| {" | ".join(cells)} |\n' for cells in lines))


if __name__ == '__main__':
    main()
