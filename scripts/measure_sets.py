"""What a set should be made of: python scripts/measure_sets.py --label W -o sets.

Makes the parts that a set may have, as databases of one element each, then sets of them
by shares of the atoms, and `general` as ``ase-entropy harvest --elements`` makes it;
trains potentials on all, and judges them by the worst family of prove_transfer.py. The
measure was fixed before the first comparison: energy and force of the worst family at
3000 and 6000 atoms, mean of six draws. Weights were chosen with W and Al; Si was looked
at once, in the end. What was computed is kept: the same command goes on.
"""

import argparse
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from ase_entropy import Recipe, campaign
from ase_entropy.campaign import Processes, general
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.starts import RandomPacking, VariedPacking
from ase_entropy.starts.packing import DENSITY

ELEMENTS = {'W': 'W', 'Al': 'Al', 'Si': 'Si'}


def packings(element: str, k: float, **start) -> Recipe:
    """Return the recipe of varied packings at a K per atom."""
    schedule = AnnealSchedule(k_per_atom=k, ramp_steps=0)
    return Recipe(VariedPacking((element,), **start), schedule)


def part(base: Recipe, name: str):
    """Return one part of the general recipe by itself."""
    shares = dict.fromkeys(('crystals', 'prototypes', 'surfaces'), 0.0)
    shares |= {name: 1.0} if name in shares else {}
    return general(base, **shares, isolated_atoms=False)


def parts(element: str) -> dict:
    """Return recipes by their names."""
    base = packings(element, 2.0)
    cell = RandomPacking.of(f'{element}39', density=DENSITY)
    crystals = part(base, 'crystals')
    ((_, relaxed),) = crystals.parts
    driven = replace(
        relaxed,
        schedule=AnnealSchedule(k_per_atom=2.0, shuffle_steps=0, ramp_steps=0),
    )
    return {
        'cell': Recipe(cell),
        'P0': packings(element, 0.0),
        'P0.8': packings(element, 0.8),
        'P2': base,
        'P8': packings(element, 8.0),
        'dense': packings(element, 2.0, density=(0.5, 1.6)),
        'R0': part(packings(element, 0.0), 'packings'),
        'R': part(base, 'packings'),
        'C': crystals,
        'Ck': replace(crystals, parts=[(1.0, driven)]),
        'T': part(base, 'prototypes'),
        'S': part(base, 'surfaces'),
        'S0': part(packings(element, 0.0), 'surfaces'),
        'general': general(base),
        'general0': general(packings(element, 0.0)),
    }


SETS = {  # shares of the atoms
    'cell': {'cell': 1},
    'P0': {'P0': 1},
    'P0.8': {'P0.8': 1},
    'P2': {'P2': 1},
    'P8': {'P8': 1},
    'dense': {'dense': 1},
    'R': {'R': 1},
    'R+C': {'R': 0.8, 'C': 0.2},
    'R+Ck': {'R': 0.8, 'Ck': 0.2},
    'R+T': {'R': 0.8, 'T': 0.2},
    'R+T3': {'R': 0.7, 'T': 0.3},
    'R+S': {'R': 0.85, 'S': 0.15},
    'R+T3+S': {'R': 0.55, 'T': 0.3, 'S': 0.15},
    'P2+T3+S': {'P2': 0.55, 'T': 0.3, 'S': 0.15},
    'R+C+T3+S': {'R': 0.5, 'C': 0.05, 'T': 0.3, 'S': 0.15},
    'R0+C+T3+S0': {'R0': 0.5, 'C': 0.05, 'T': 0.3, 'S0': 0.15},
    'general': {'general': 1},
    'general0': {'general0': 1},
}


def main() -> None:
    """Make the parts that are missing, and judge the sets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--label', choices=list(ELEMENTS), required=True)
    add('--cycles', type=int, default=1000, help='of each part')
    add('--sets', nargs='+', choices=list(SETS), default=list(SETS))
    add('--workers', type=int, default=2)
    add('--atoms', nargs='+', default=['3000', '6000'])
    add('--draws', default='6')
    add('--handcrafted', help='as for prove_transfer.py; also a set of its own')
    add('-o', '--output', type=Path, default=Path('sets'))
    args, others = parser.parse_known_args()
    folder = args.output / args.label
    folder.mkdir(parents=True, exist_ok=True)
    needed = {name for chosen in args.sets for name in SETS[chosen]}
    with Processes(args.workers) as executor:
        for name, recipe in parts(ELEMENTS[args.label]).items():
            if name in needed:
                path = folder / f'{name}.db'
                campaign.run(
                    recipe,
                    args.cycles,
                    path,
                    seed=1,
                    executor=executor,
                    report=lambda line: None,
                )
                print(f'{path} is ready', flush=True)
    command = [
        sys.executable,
        str(Path(__file__).with_name('prove_transfer.py')),
        *('--label', args.label, '--atoms', *args.atoms, '--draws', args.draws),
        *('-o', str(folder / 'transfer'), *others),
    ]
    for chosen in args.sets:
        shares = SETS[chosen]
        files = [f'{share}*{folder / name}.db' for name, share in shares.items()]
        files = files if len(files) > 1 else [f'{folder / chosen}.db']
        command += ['--set', f'{chosen}={"+".join(files)}']
    if args.handcrafted:
        command += ['--handcrafted', args.handcrafted]
        command += ['--set', f'H={args.handcrafted}']
    raise SystemExit(subprocess.call(command))


if __name__ == '__main__':
    main()
