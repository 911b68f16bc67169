"""Cycles and first runs of what is not one element and one estimator, as ratios."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from benchmark_steps import lammps_snap, make_atoms, ours, rounds

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LogDetEntropy,
    MixedClarkeSmith,
    NearestNeighborEntropy,
    RandomPacking,
    Recipe,
)
from ase_entropy.campaign.chains import Chain, run_chain
from ase_entropy.chemistry import Sizes
from ase_entropy.dynamics import Ladder

ELEMENTS = ('W', 'Be', 'C')
REFERENCE = 10_000  # environments
README = ['harvest', '--cycles', '1', '--seed', '1', '--db', 'w.db']


def cycles(recipes, repeats):
    """Run cycles of recipes in turns; return the median time of each (s)."""
    times = {name: [] for name in recipes}
    for walker in range(repeats + 1):
        for name, recipe in recipes.items():
            start = time.perf_counter()
            run_chain(recipe, 1, Chain(walker, walker, 1))
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(x[1:]) for name, x in times.items()}


def mixed_cycles(repeats):
    """Return how much longer a cycle of two elements takes, at equal pairs."""
    sizes = Sizes(('W', 'Be'), {'Be': Sizes(('W',)).distance('W')})
    one = Recipe()
    two = Recipe(
        start=RandomPacking('W30Be9', one.start.cell, one.start.min_distance),
        descriptor=Bispectrum(
            components=6,
            species=('W', 'Be'),
            weights={'W': 1.0, 'Be': 0.96},
            radii={'W': 0.5, 'Be': 0.5},
        ),
        repulsion=MixedClarkeSmith.of(sizes),
    )
    found = cycles({'W39': one, 'W30Be9': two}, repeats)
    return {'W30Be9 cycle / W39 cycle': found['W30Be9'] / found['W39']}


def estimators(repeats):
    """Return how much longer cycles with other estimators take."""
    schedule = AnnealSchedule(shuffle_steps=1000, ramp_steps=1000)
    kinds = {
        'nearest neighbor': NearestNeighborEntropy(),
        'log-det': LogDetEntropy(),
        'Kozachenko-Leonenko': KozachenkoLeonenkoEntropy(),
        'kernel': KernelEntropy(),
    }
    anneals = {
        name: Recipe(schedule=schedule, ladder=None, estimator=kind)
        for name, kind in kinds.items()
    }
    found = cycles(anneals, repeats)
    of = found['nearest neighbor']
    result = {f'anneal, {x} / nearest': found[x] / of for x in list(kinds)[1:]}
    quenches = {'nearest neighbor': Recipe()}
    for name in list(kinds)[1:]:
        ladder = Ladder() if hasattr(kinds[name], 'order') else Ladder(orders=())
        quenches[name] = Recipe(estimator=kinds[name], ladder=ladder)
    found = cycles(quenches, repeats)
    of = found['nearest neighbor']
    return result | {f'quench, {x} / nearest': found[x] / of for x in list(kinds)[1:]}


def reference(seconds, repeats):
    """Return how much longer a step beside a large reference takes."""
    descriptor = Bispectrum(components=6)
    cells = [make_atoms(39 + n % 5) for n in range(5)]
    rng, rows = np.random.default_rng(1), []
    while sum(map(len, rows)) < REFERENCE:
        atoms = cells[len(rows) % 5].copy()
        atoms.rattle(0.3, rng=rng)
        rows.append(descriptor.create(atoms))
    q_mk = np.concatenate(rows)[:REFERENCE]
    what, functions = (make_atoms(39), 3.93, 3, 6), {}
    for name, kind in (('exact', NearestNeighborEntropy), ('log-det', LogDetEntropy)):
        functions[name] = ours(*what, kind())
        functions[f'{name}, beside'] = ours(*what, kind(reference_mk=q_mk))
    found = rounds(functions, seconds, repeats)
    return {
        f'step, {x}: reference of {REFERENCE:,} points / none': found[f'{x}, beside']
        / found[x]
        for x in ('exact', 'log-det')
    }


def explicit_densities(seconds, repeats):
    """Return the time of a step with three densities over that of LAMMPS."""
    atoms = make_atoms(39, ELEMENTS)
    options = {'species': ELEMENTS, 'chemflag': True}
    functions = {
        'ours': ours(atoms, 3.93, 3, 6, **options),
        'LAMMPS': lammps_snap(atoms, 3.93, 3, ELEMENTS),
    }
    found = rounds(functions, seconds, repeats)
    return {'W13Be13C13, chemflag, ours / LAMMPS': found['ours'] / found['LAMMPS']}


def first_cycle(tree, python=sys.executable):
    """Return the time (s) of README's first command, with nothing compiled."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, 'NUMBA_CACHE_DIR': f'{folder}/cache'}
        start = time.perf_counter()
        subprocess.run(
            [python, '-m', 'ase_entropy', *README],
            check=True,
            cwd=folder,
            env={**environment, 'PYTHONPATH': str(tree)},
            capture_output=True,
        )
        return time.perf_counter() - start


def cold_start(tree, before):
    """Return the time of a first cycle over that of another version, in turns."""
    times = [(first_cycle(tree), first_cycle(before)) for _ in range(3)]
    return {
        'first cycle, nothing compiled (s)': statistics.median(x for x, _ in times),
        'the same / the version before': statistics.median(x / y for x, y in times),
    }
