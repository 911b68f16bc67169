"""Parts of sets that measure_order.py compares, and how they are made."""

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.constraints import FixSymmetry
from ase.db import connect
from ase.filters import FrechetCellFilter
from transfer_crystals import at_volume, elementary

from ase_entropy import (
    AnnealSchedule,
    KernelEntropy,
    Ladder,
    Prototype,
    Quench,
    Recipe,
    VariedPacking,
    campaign,
)
from ase_entropy.campaign import general
from ase_entropy.chemistry import Sizes
from ase_entropy.pairs import find_pairs

__all__ = ['PACKINGS', 'PARTS', 'SEED', 'describe', 'make', 'recipes', 'rng_of']

K, SEED = 2.0, 1  # K in eV per atom
FEW = 2, 16  # atoms
PACKINGS = 'P2'
PARTS = {
    'T': 'prototypes',
    'Craw': 'crystals, not quenched',
    'C0': 'crystals, K = 0',
    'Ch': 'crystals, K > 0, symmetry held',
    'Ck': 'crystals, K > 0',
    'C0cell': 'crystals, K = 0, cell too',
    'S0': 'few atoms, K = 0',
    'S0cell': 'few atoms, K = 0, cell too',
    'N': 'few atoms, K < 0',
    'N40': 'packings, K < 0',
    'Nref': 'few atoms, K < 0, to crystals',
}


def describe(frames: list[Atoms], descriptor) -> np.ndarray:
    """Return the descriptors of all atoms."""
    pairs = [find_pairs(atoms, descriptor.cutoff) for atoms in frames]
    return np.concatenate([descriptor.evaluate(p)[0] for p in pairs])


def recipes(element: str) -> dict[str, Recipe]:
    """Return the recipe of each part."""
    schedule = AnnealSchedule(k_per_atom=K, ramp_steps=0)
    packings = Recipe(
        start=VariedPacking((element,)), schedule=schedule, sizes=Sizes((element,))
    )
    parts = general(
        packings, crystals=0.3, prototypes=0.3, surfaces=0.0, isolated_atoms=False
    ).parts
    crystals, prototypes = [recipe for _, recipe in parts[1:]]
    driven = AnnealSchedule(k_per_atom=K, shuffle_steps=0, ramp_steps=0)
    zero = AnnealSchedule(k_entropy=0.0, shuffle_steps=0, ramp_steps=0)
    few = replace(
        packings,
        start=VariedPacking((element,), FEW),
        schedule=AnnealSchedule(k_entropy=0.0, ramp_steps=0),
        perturbation=crystals.perturbation,
    )
    ordering = replace(
        few,
        schedule=AnnealSchedule(k_per_atom=-K, ramp_steps=0),
        estimator=KernelEntropy(),
        ladder=Ladder(()),
    )
    perfect = [
        at_volume(atoms, volume)
        for name in elementary(element)
        for atoms in [Prototype((element,), [name], (1, 1)).atoms(rng_of(0))]
        for volume in np.linspace(0.75, 1.6, 8)
    ]
    known = describe(perfect, packings.descriptor)
    to_crystals = KernelEntropy(bandwidth=1.0, reference_mk=known)
    return {
        PACKINGS: packings,
        'T': prototypes,
        'Craw': replace(crystals, schedule=zero, ladder=None),
        'C0': replace(crystals, schedule=zero),
        'Ch': replace(crystals, schedule=driven),
        'Ck': replace(crystals, schedule=driven),
        'C0cell': replace(crystals, schedule=zero),
        'S0': few,
        'S0cell': few,
        'N': ordering,
        'N40': replace(ordering, start=packings.start),
        'Nref': replace(ordering, estimator=to_crystals),
    }


def rng_of(number: int) -> np.random.Generator:
    """Return the generator of a configuration."""
    return np.random.default_rng([SEED, number])


def configuration(recipe: Recipe, number: int, cell: bool) -> Atoms:
    """Return a configuration that a campaign does not make.

    Its cell relaxes with the atoms, at constant volume, or its symmetry is held.
    """
    rng = rng_of(number)
    atoms, ladder = recipe.atoms(rng), recipe.ladder
    if not cell:
        atoms.set_constraint(FixSymmetry(atoms, 1e-5, adjust_cell=False))
    moved = FrechetCellFilter(atoms, constant_volume=True) if cell else atoms
    orders = ladder.orders if not cell else ()
    Quench(moved, orders, logfile=None).run(ladder.fmax, ladder.steps)
    atoms.set_constraint()
    recipe.perturbation.apply(atoms, rng)
    return Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=True)


def make(name: str, recipe: Recipe, folder: Path, number: int) -> Path:
    """Return the database of a part, with so many configurations.

    The seconds that each took are kept in times.json.
    """
    path, times = folder / f'{name}.db', folder / 'times.json'
    known = json.loads(times.read_text()) if times.exists() else {}
    if name in known:
        return path
    begin = time.perf_counter()
    if name == 'Ch' or name.endswith('cell'):
        with connect(path) as database:
            before = database.count()
        for m in range(before, number):
            database.write(configuration(recipe, m, name != 'Ch'))
        made = number - before
    else:
        made = campaign.run(recipe, number, path, seed=SEED, report=lambda line: None)
    known[name] = (time.perf_counter() - begin) / made if made else None
    times.write_text(json.dumps(known))
    print(f'{name}: {known[name]} s', flush=True)
    return path
