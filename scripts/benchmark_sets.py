"""Time what is done with large sets: a report, descriptors, the kernel density entropy.

python scripts/benchmark_sets.py 20000 --workers 2
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from ase.build import bulk
from ase.io import write

from ase_entropy import descriptors
from ase_entropy.cli import main as command
from ase_entropy.entropy import KernelEntropy
from ase_entropy.sets import read_dataset

__all__ = ['describe_seconds', 'kernel_entropy_seconds', 'report_seconds']


def write_set(path, frames, seed=0):
    """Write crystals of 32 tungsten atoms, strained, and rattled by up to 0.5 A."""
    rng = np.random.default_rng(seed)
    crystal = bulk('W', cubic=True).repeat((4, 2, 2))
    with open(path, 'w') as file:
        for _ in range(frames):
            atoms = crystal.copy()
            strain = np.eye(3) + rng.normal(0.0, 0.03, (3, 3))
            atoms.set_cell(atoms.cell @ strain, scale_atoms=True)
            rattle = rng.normal(0.0, rng.uniform(0.02, 0.5), atoms.positions.shape)
            atoms.positions += rattle
            write(file, atoms, format='extxyz')


def report_seconds(frames, workers=1):
    """Return the time of ``ase-entropy report`` on so many frames of 32 atoms."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'w.extxyz'
        write_set(path, frames)
        output = str(Path(folder) / 'report')
        begin = time.perf_counter()
        options = ['--seed', '1', '--workers', str(workers)]
        command(['report', str(path), '-o', output, *options])
        return time.perf_counter() - begin


def describe_seconds(environments, components=6):
    """Return the time of reading and describing so many environments, on one core."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'w.extxyz'
        write_set(path, max(1, environments // 32))
        descriptor = _bispectrum(components)
        read_dataset(f'{path}@:2', descriptor)  # compiles
        begin = time.perf_counter()
        read_dataset(path, descriptor)
        return time.perf_counter() - begin


def kernel_entropy_seconds(environments, components=6, bandwidth='silverman'):
    """Return the time of an entropy with its gradient, of standardized environments."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'w.extxyz'
        write_set(path, max(1, environments // 32))
        q_ek = read_dataset(path, _bispectrum(components)).q_ek
    q_ek = q_ek / q_ek.std(axis=0)
    estimator = KernelEntropy(bandwidth)
    estimator.evaluate(q_ek[:4000])  # compiles
    begin = time.perf_counter()
    estimator.evaluate(q_ek)
    return time.perf_counter() - begin


def _bispectrum(components):
    twojmax = 3 if components <= 8 else 8
    return descriptors.Bispectrum(twojmax=twojmax, components=components)


def main():
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('frames', type=int)
    parser.add_argument('--workers', type=int, default=1)
    args = parser.parse_args()
    environments = 32 * args.frames
    seconds = report_seconds(args.frames, args.workers)
    print(f'report, {environments} environments: {seconds:.1f} s')
    several = min(environments, 100_000)
    print(f'descriptors of {several}: {describe_seconds(several):.1f} s')
    for components, bandwidth in ((6, 'silverman'), (6, 0.05), (30, 0.2)):
        seconds = kernel_entropy_seconds(several, components, bandwidth)
        print(
            f'kernel entropy of {several}, {components}, {bandwidth}: {seconds:.1f} s'
        )


if __name__ == '__main__':
    main()
