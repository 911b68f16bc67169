"""The paper from nothing: sets, tables and figures, by the paper's protocol and ours.

Harvests an unbiased set, biased ones by the protocol of the paper (literal) and by the
default recipe, both at several K, and writes the report of ``ase-entropy report`` and,
beside it, what the paper asks of K and what it leaves open:

    python scripts/reproduce_paper.py -o reproduction --workers 2

More than an hour on two cores. The same command continues. The hand-crafted set of
the paper (any file that ASE reads) is compared if it is given by --handcrafted.
"""

import argparse
import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

os.environ['OMP_NUM_THREADS'] = '1'

from paper_tables import COMPARED, make_all

from ase_entropy import AnnealSchedule, Bispectrum, RandomPacking, Recipe, campaign
from ase_entropy.campaign import RECIPES, Processes
from ase_entropy.cli import main

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
add = parser.add_argument
add('-o', '--output', default='reproduction', help='folder of sets and report')
add('--configurations', type=int, default=1000, help='of each set')
add('--chain', type=int, default=50, help='cycles of a walker of the literal protocol')
add('--decompositions', type=int, default=1000)
add('--workers', type=int, default=1)
add('--handcrafted', help='file with the hand-crafted set')
add('--divide', type=int, default=1, help='shorten shuffles and ramps, for a trial')
args = parser.parse_args()

FOLDER = Path(args.output)
K_PAPER = 1000  # eV
K = {  # eV, those of Fig. 2 and those between which the numbers of the paper lie
    'literal': (K_PAPER, 0, 30, 60, 100, 500, 2000, 3000),
    'default': (K_PAPER, 3, 10, 30, 100, 2000, 3000),
}
PAPER_CELL = Recipe(
    start=RandomPacking(), schedule=AnnealSchedule(ramp_steps=0), isolated='allow'
)
RECIPE = {'literal': RECIPES['anneal'], 'default': PAPER_CELL}
OTHER_CUTOFF = 4.3  # of a set that is driven by other descriptors, too


def path_of(name):
    """Return the database of a set."""
    return FOLDER / f'{name}.db'


def recipe_at(kind, k_entropy, cutoff=Bispectrum.cutoff):
    """Return one of the recipes at another K, or with another cutoff."""
    recipe = RECIPE[kind]
    schedule = replace(
        recipe.schedule,
        k_entropy=float(k_entropy),
        shuffle_steps=recipe.schedule.shuffle_steps // args.divide,
        ramp_steps=recipe.schedule.ramp_steps // args.divide,
    )
    descriptor = replace(recipe.descriptor, cutoff=cutoff)
    return replace(recipe, schedule=schedule, descriptor=descriptor)


def recipes():
    """Return the recipes of all sets, and the chains of their walkers, by name."""
    hot = AnnealSchedule(k_entropy=0.0, shuffle_steps=2000 // args.divide, ramp_steps=0)
    chains = {'literal': args.chain, 'default': 1}
    wanted = {'unbiased': (replace(PAPER_CELL, schedule=hot, ladder=None), 1)}
    for kind, several in K.items():
        for k in several:
            wanted[f'{kind}-{k}'] = recipe_at(kind, k), chains[kind]
    other = recipe_at('literal', K_PAPER, OTHER_CUTOFF), args.chain
    return {**wanted, f'literal-cutoff-{OTHER_CUTOFF}': other}


def harvest():
    """Fill all databases."""
    several = Processes(args.workers) if args.workers > 1 else nullcontext()
    with several as executor:
        for seed, (name, (recipe, chain)) in enumerate(recipes().items(), 1):
            campaign.run(
                recipe,
                args.configurations,
                path_of(name),
                seed=seed,  # with one for all, minima would stem from states of U
                chain=chain,
                executor=executor,
                show=print_some,
            )


def print_some(line, progress):
    """Print ten lines for a set."""
    if progress.done % max(1, progress.total // 10) == 0:
        print(f'  {progress}', flush=True)


def report():
    """Write the report on the sets that are compared with the paper's."""
    sources = [path_of(name) for name in COMPARED]
    names = [*COMPARED.values()]
    if args.handcrafted:
        sources.append(args.handcrafted)
        names.append('handcrafted')
    command = ['report', *map(str, sources), '--reference', str(path_of('unbiased'))]
    command += ['--names', ','.join([*names, 'unbiased']), '--seed', '1']
    command += ['--decompositions', str(args.decompositions)]
    main([*command, '-o', str(FOLDER / 'report')])


if __name__ == '__main__':  # worker processes import this file
    FOLDER.mkdir(exist_ok=True)
    harvest()
    report()
    make_all(FOLDER, args.handcrafted, args.decompositions)
