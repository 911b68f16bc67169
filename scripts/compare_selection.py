"""Compare rules that choose few of many configurations, by training on the choice.

python scripts/compare_selection.py --label W --pool 'a.db+b.db' -o selection

With --dynamics N the pool has N frames of dynamics with the label's potential besides:
crystals and liquids at several temperatures and densities. With --given SET so many
atoms are added to a set that is there already: rules see it, and the student is trained
on both. With --libraries rules of scikit-matter and QUESTS are compared, too (see
selection_rules.py).

Each draw takes a random part of the pool; every rule chooses so many atoms of it. A
potential of LAMMPS labels them, a quadratic SNAP is trained, and judged by families
that nothing in the pool was made from (see prove_transfer.py). What counts is the worst
family.
"""

import argparse
import os
import time
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(variable, '1')

import numpy as np
from ase.io import write
from selection_rules import rules_of
from transfer_bench import Bench, frame_key
from transfer_labels import POTENTIALS
from transfer_pools import Pool, train
from transfer_sets import dynamics

from ase_entropy import Bispectrum
from ase_entropy.sets import read_dataset
from ase_entropy.sets.selection import Environments

TWOJMAX = {6: 3, 30: 6, 55: 8}  # by the number of components


def choices_of(pool: Pool, given: Pool | None, args) -> dict[tuple, np.ndarray]:
    """Return the frames that each rule chooses, by components, rule and draw."""
    pools = {'pool': pool} if given is None else {'pool': pool, 'given': given}
    files = {name: Path(args.output) / f'{name}.extxyz' for name in pools}
    for name, file in files.items():
        write(file, pools[name].frames, format='extxyz')
    chosen = {}
    for components in args.components:
        descriptor = Bispectrum(
            cutoff=args.cutoff, twojmax=TWOJMAX[components], components=components
        )
        sets = {
            name: Environments.of(read_dataset(file, descriptor))
            for name, file in files.items()
        }
        every = sets['pool']
        for draw in range(args.draws):
            order_m = np.random.default_rng([args.seed, draw]).permutation(len(every))
            part_m = np.sort(order_m[: args.frames])
            part = every.part(part_m)
            for name, rule in rules_of(args.seed + draw, args.libraries).items():
                begin = time.perf_counter()
                ranking = rule.rank(part, atoms=args.atoms, given=sets.get('given'))
                chosen[components, name, draw] = part_m[ranking.chosen_r]
                print(
                    f'{components} components, {name}, draw {draw + 1}: '
                    f'{len(ranking)} of {len(part)} frames, '
                    f'{time.perf_counter() - begin:.1f} s',
                    flush=True,
                )
    return chosen


def judge(bench: Bench, args) -> dict[tuple, list[tuple]]:
    """Return frames and the worst errors of each draw, by components and rule."""
    families = bench.families(args.quick)
    tests = {name: bench.design(frames) for name, frames in families.items()}
    seen = {frame_key(atoms) for frames in families.values() for atoms in frames}
    files = [args.pool] if args.pool else []
    if args.dynamics:
        path = Path(args.output) / f'dynamics-{args.dynamics}.extxyz'
        if not path.exists():
            write(path, dynamics(bench.label, args.dynamics), format='extxyz')
        files.append(str(path))
    pool = Pool(bench, '+'.join(files), seen)
    given = Pool(bench, args.given, seen) if args.given else None
    chosen = choices_of(pool, given, args)
    pool.prepare(chosen.values())
    there = []
    if given is not None:
        given.prepare([range(len(given.frames))])
        there = [given.design]
        number, atoms, errors = train(there, tests)
        print(f'{number} given frames, {atoms} atoms, alone: {errors}', flush=True)
    found: dict[tuple, list[tuple]] = {}
    for (components, name, _), frames in chosen.items():
        _, _, errors = train([*there, pool.part(frames)], tests)
        energies = {x: np.nan_to_num(energy) for x, (energy, _) in errors.items()}
        worst = max(energies, key=energies.get)
        force = max(np.nan_to_num(force) for _, force in errors.values())
        median = float(np.median(list(energies.values())))
        row = len(frames), energies[worst], median, force
        found.setdefault((components, name), []).append(row)
        print(f'{components} components, {name}: worst {worst}, {row}', flush=True)
    return found


def table(found: dict[tuple, list[tuple]]) -> str:
    """Return mean and standard error of the draws as a table of Markdown."""
    lines = [
        '| components | rule | frames | worst family, meV/atom | over random '
        '| median, meV/atom | worst, eV/Å |',
        '|---|---|---|---|---|---|---|',
    ]
    for (components, name), rows in found.items():
        frames, *columns = np.array(rows).T
        base = np.mean([row[1] for row in found[components, 'random']])
        cells = [
            f'{x.mean():.3g} ± {x.std(ddof=min(1, len(x) - 1)) / len(x) ** 0.5:.2g}'
            for x in columns
        ]
        cells.insert(1, f'{columns[0].mean() / base:.2f}')
        lines.append(
            f'| {components} | {name} | {frames.mean():.0f} | {" | ".join(cells)} |'
        )
    return '\n'.join(lines) + '\n'


def main() -> None:
    """Choose, label, train, judge, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('--label', choices=list(POTENTIALS), default='W', help='potential')
    add('--pool', metavar='SET', help='what is chosen from')
    add('--given', metavar='SET', help='what is there already')
    add('--libraries', action='store_true', help='rules of other libraries, too')
    add('--dynamics', type=int, default=0, metavar='N', help='frames of dynamics, too')
    add('--frames', type=int, default=2500, help='of the pool in each draw (2500)')
    add('--atoms', type=int, default=1500, help='to choose (1500)')
    add('--draws', type=int, default=4, help='parts of the pool (4)')
    add('--components', type=int, nargs='+', choices=list(TWOJMAX), default=[6, 30, 55])
    add('--cutoff', type=float, default=4.73, help='of the descriptor, A (4.73)')
    add('--seed', type=int, default=1, help='of the draws (1)')
    add('--quick', action='store_true', help='few and small test families; a trial')
    add('-o', '--output', default='selection', metavar='FOLDER')
    args = parser.parse_args()
    if not (args.pool or args.dynamics):
        parser.error('expected --pool or --dynamics, what is to be chosen from')
    if args.given and args.libraries:
        parser.error('expected --given or --libraries: those know no given set')
    try:
        with Bench(args.label, args.output) as bench:
            text = table(judge(bench, args))
    except ValueError as error:
        parser.error(str(error))
    (Path(args.output) / 'selection.md').write_text(text)
    print(text)


if __name__ == '__main__':
    main()
