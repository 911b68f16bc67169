"""How far successive minima tell of each other: against the length of the shuffle.

Correlation of the ranks of an atom's descriptors in minima one, two and five cycles
apart, mean over the components: python scripts/measure_decorrelation.py. A minute.
"""

import argparse
import tempfile

import numpy as np

from ase_entropy import (
    AnnealSchedule,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    Ladder,
    random_packing,
)
from ase_entropy.analysis import rank_correlation

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--cycles', type=int, default=100, help='for each length')
args = parser.parse_args()

LAGS = (1, 2, 5)

print('| shuffle (steps) | S (nats) | lag 1 | lag 2 | lag 5 |\n|---|---|---|---|---|')
for shuffle_steps in (250, 500, 1000, 2000):
    rng = np.random.default_rng(1)
    atoms = random_packing('W39', (9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
    atoms.calc = EntropyCalculator()
    schedule = AnnealSchedule(shuffle_steps=shuffle_steps, ramp_steps=0)
    dyn = CyclicLangevin(atoms, schedule=schedule, rng=rng)
    with tempfile.TemporaryDirectory() as folder:
        harvest = Harvest(
            dyn, f'{folder}/w.db', ladder=Ladder(), report=lambda line: None
        )
        harvest.run(args.cycles)
        rows = list(harvest.database.select())
    q_mnk = np.array([row.data['q_nk'] for row in rows])
    correlations = [rank_correlation(q_mnk, lag) for lag in LAGS]
    entropy = np.mean([row.entropy for row in rows])
    cells = ' | '.join(f'{x:.3f}' for x in correlations)
    print(f'| {shuffle_steps} | {entropy:.3f} | {cells} |', flush=True)
print(f'Without correlation: 0 within {1 / np.sqrt(39 * args.cycles):.3f}.')
