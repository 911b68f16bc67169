"""Whether walkers should go on from the last minimum or start anew.

Harvests the same number of cycles with chains of several lengths, and compares S, the
correlation of the ranks of an atom's descriptors between a minimum and the next, and
what shuffles of several lengths leave of the random packing in an unbiased sample:
python scripts/measure_chains.py. Two minutes.
"""

import argparse
import tempfile
from dataclasses import replace

import numpy as np
from ase.db import connect

from ase_entropy import AnnealSchedule, RandomPacking, Recipe, campaign
from ase_entropy.analysis import rank_correlation

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--cycles', type=int, default=200, help='of each kind')
args = parser.parse_args()
QUENCH = Recipe(start=RandomPacking(), isolated='allow')  # in the cell of the paper


def harvest(recipe, chain):
    """Return entropies and descriptors."""
    with tempfile.TemporaryDirectory() as folder:
        path = f'{folder}/w.db'
        campaign.run(
            recipe, args.cycles, path, seed=1, chain=chain, report=lambda line: None
        )
        rows = list(connect(path).select(sort='cycle'))
    return (
        np.array([row.entropy for row in rows]),
        np.array([row.data['q_nk'] for row in rows]),
    )


print('| | chain | shuffle (steps) | S (nats) | correlation with the next |')
print('|---' * 5 + '|')
for name, recipe, chains, lengths in (
    ('quench', QUENCH, (1, 20, args.cycles), (2000,)),
    (
        'unbiased',
        replace(QUENCH, ladder=None),
        (1, args.cycles),
        (500, 1000, 2000, 8000),
    ),
):
    for steps in lengths:
        k_entropy = 1000.0 if name == 'quench' else 0.0
        schedule = AnnealSchedule(10_000.0, k_entropy, steps, 0)
        made = replace(recipe, schedule=schedule)
        for chain in chains:
            s_m, q_mnk = harvest(made, chain)
            error = s_m.std(ddof=1) / np.sqrt(len(s_m))
            print(
                f'| {name} | {chain} | {steps} | {s_m.mean():.3f} ± {error:.3f} '
                f'| {rank_correlation(q_mnk):.3f} |',
                flush=True,
            )
print(f'Without correlation: 0 within {1 / np.sqrt(39 * args.cycles):.3f}.')
