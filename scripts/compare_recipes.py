"""Compare the ways to a minimum: python scripts/compare_recipes.py -o recipes.

Harvests so many cycles of the paper's cell with each recipe, at two K, on descriptors
as they are and scaled, and writes a table (.md), the figures (.json) and a plot (.png).
All in one run, on one thread; with 60 cycles, some ten minutes.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

os.environ['OMP_NUM_THREADS'] = '1'

import matplotlib.pyplot as plt
import numpy as np

from ase_entropy import (
    AnnealSchedule,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    Ladder,
    NearestNeighborEntropy,
    random_packing,
)
from ase_entropy.analysis import rank_correlation
from ase_entropy.entropy import at_order, standard_scale

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--cycles', type=int, default=60, help='of each recipe')
parser.add_argument('--divide', type=int, default=1, help='shorten all ramps by this')
parser.add_argument('-o', '--output', default='recipes', help='without an extension')
args = parser.parse_args()

EXACT = np.inf
SHUFFLE = 2000
FMAX = 0.05
# name: steps of the ramp, order in the ramp, orders of the quench
RECIPES = {
    'literal: ramp of 12000': (12_000, EXACT, None),
    'ramp of 3000': (3000, EXACT, None),
    'ramp of 1000': (1000, EXACT, None),
    'ramp of 12000, quench 2, 24': (12_000, EXACT, (2, 24)),
    'ramp of 3000, quench 2, 24': (3000, EXACT, (2, 24)),
    'ramp of 3000 at order 2, quench 2, 24': (3000, 2, (2, 24)),
    'ramp of 1000 at order 2, quench 2, 24': (1000, 2, (2, 24)),
    'quench inf': (0, EXACT, (EXACT,)),
    'quench 6': (0, EXACT, (6,)),
    'quench 3': (0, EXACT, (3,)),
    'quench 2': (0, EXACT, (2,)),
    'quench 3, 12': (0, EXACT, (3, 12)),
    'quench 3, 24, 96': (0, EXACT, (3, 24, 96)),
    'quench 2, 24': (0, EXACT, (2, 24)),
    'quench 2, 12, 48': (0, EXACT, (2, 12, 48)),
    'quench 1, 4, 24': (0, EXACT, (1, 4, 24)),
}


def make_dynamics(schedule, estimator, seed):
    """Return a dynamics of the paper's cell."""
    rng = np.random.default_rng(seed)
    atoms = random_packing('W39', (9.54, 9.54, 14.31), min_distance=2.0, rng=rng)
    atoms.calc = EntropyCalculator(estimator=estimator)
    return CyclicLangevin(atoms, schedule=schedule, rng=rng)


def harvest(folder, schedule, estimator, ladder, cycles):
    """Return the rows of a new harvest, and the seconds for each."""
    dyn = make_dynamics(schedule, estimator, seed=1)
    path = Path(folder) / 'harvest.db'
    path.unlink(missing_ok=True)
    result = Harvest(dyn, path, ladder=ladder, report=lambda line: None)
    started = time.perf_counter()
    result.run(cycles)
    return list(result.database.select()), (time.perf_counter() - started) / cycles


def summarize(rows, seconds, ramp_steps, exact):
    """Return the columns of the table."""
    entropies = np.array([row.entropy for row in rows])
    e_rep = np.array([row.e_rep for row in rows])
    driving = np.array([exact.evaluate(row.data['q_nk'])[0] for row in rows])
    quench = np.array([row.evaluations - row.steps for row in rows])
    return {
        'S': entropies.mean(),
        'S error': entropies.std(ddof=1) / np.sqrt(len(rows)),
        'V': (e_rep - rows[0].k_entropy * driving).mean(),
        'E_rep': e_rep.mean(),
        'shortest': min(row.min_distance for row in rows),
        'fmax': float(np.median([row.max_force for row in rows])),
        'converged': np.mean([row.max_force < FMAX for row in rows]),
        'T end': np.mean([row.final_temperature_k for row in rows]),
        'evaluations': ramp_steps + quench.mean(),
        'ms': seconds * 1e3,
        'correlation': rank_correlation([row.data['q_nk'] for row in rows]),
        'repeated': sum(row.attempts - 1 for row in rows),
    }


def table(results, k_entropy, metric):
    """Return the Markdown table of one setting."""
    text = [
        f'## K = {k_entropy:g} eV, {metric}\n',
        '| recipe | S (nats) | V (eV) | E_rep (eV) | shortest (Å) | fmax (eV/Å) '
        '| converged | T end (K) | evaluations | ms | correlation | repeated |',
        '|---' * 12 + '|',
    ]
    for name, x in results.items():
        text.append(
            f'| {name} | {x["S"]:.3f} ± {x["S error"]:.3f} | {x["V"]:.0f} '
            f'| {x["E_rep"]:.0f} | {x["shortest"]:.2f} | {x["fmax"]:.3g} '
            f'| {x["converged"]:.0%} | {x["T end"]:.0f} | {x["evaluations"]:.0f} '
            f'| {x["ms"]:.0f} | {x["correlation"]:.2f} | {x["repeated"]} |'
        )
    return '\n'.join(text) + '\n'


def plot(results, path):
    """Draw S and the time of a configuration, a line for each recipe."""
    names = list(results)[::-1]
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(8.5, 4.6), sharey=True, layout='constrained'
    )
    for y, name in enumerate(names):
        x = results[name]
        fill = '0.1' if x['converged'] > 0.5 else 'white'
        style = dict(color='0.1', markerfacecolor=fill, marker='o', linestyle='none')
        left.errorbar(x['S'], y, xerr=x['S error'], capsize=3, **style)
        right.plot(x['ms'], y, **style)
    left.set_yticks(range(len(names)), names)
    left.set_xlabel('exact S at the end (nats)')
    right.set_xlabel('time per configuration (ms, one core)')
    right.set_xscale('log')
    right.set_xticks([50, 100, 200, 400], ['50', '100', '200', '400'])
    right.minorticks_off()
    right.set_xlim(35, 700)
    for ax in (left, right):
        ax.grid(color='0.9')
        ax.set_axisbelow(True)
    right.plot([], [], 'o', color='0.1', label='converged')
    right.plot([], [], 'o', color='0.1', markerfacecolor='white', label='not converged')
    right.legend(fontsize=9)
    figure.savefig(path, dpi=130)


with tempfile.TemporaryDirectory() as folder:
    hot = AnnealSchedule(k_entropy=0.0, shuffle_steps=SHUFFLE, ramp_steps=0)
    exact = NearestNeighborEntropy()
    unbiased, _ = harvest(folder, hot, exact, None, 2 * args.cycles)
    scale_k = standard_scale(np.concatenate([row.data['q_nk'] for row in unbiased[1:]]))
    settings = [
        (k_entropy, metric, NearestNeighborEntropy(scale_k=scale))
        for metric, scale in (('descriptors as they are', None), ('scaled', scale_k))
        for k_entropy in (1000.0, 100.0)
    ]
    everything, text = {}, []
    for k_entropy, metric, exact in settings:
        results = everything[f'{k_entropy:g} eV, {metric}'] = {}
        for name, (ramp_steps, order, orders) in RECIPES.items():
            steps = max(2, ramp_steps // args.divide) if ramp_steps else 0
            schedule = AnnealSchedule(
                k_entropy=k_entropy, shuffle_steps=SHUFFLE, ramp_steps=steps
            )
            estimator = exact if order == EXACT else at_order(exact, order)
            ladder = None if orders is None else Ladder(orders, fmax=FMAX)
            rows, seconds = harvest(folder, schedule, estimator, ladder, args.cycles)
            results[name] = summarize(rows, seconds, steps, exact)
            print(f'K = {k_entropy:g}, {metric}: {name}: {results[name]}', flush=True)
        text.append(table(results, k_entropy, metric))

output = Path(args.output)
first = next(iter(everything.values()))
HEADER = f"""# Recipes compared

Written by `scripts/compare_recipes.py`, {args.cycles} cycles per recipe, 39 W atoms,
one thread. S is the exact estimator on descriptors as they are; V has the exact
estimator in the metric that drives. All recipes begin with {SHUFFLE} steps of shuffle;
they compute no descriptors and are not among the evaluations. Time includes everything,
the database too. Correlation: ranks of the descriptors of an atom in successive minima;
without any, 0 ± {1 / np.sqrt(39 * args.cycles):.2f}.

"""
output.with_suffix('.md').write_text(HEADER + '\n'.join(text))
output.with_suffix('.json').write_text(json.dumps(everything, indent=1, default=float))
plot(first, output.with_suffix('.png'))
print(HEADER + '\n'.join(text))
