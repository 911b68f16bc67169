"""Draw the pictures of docs/gallery.md: python scripts/make_gallery.py -o docs/images.

Three sets of one metal that ASE's EMT knows: molecular dynamics of its crystal and its
liquid, common crystals strained and rattled, ``ase-entropy harvest --elements``; and
such a set of an alloy. A cycle is drawn by ``scripts/plot_cycle.py``.
"""

import argparse
import re
import tempfile
from pathlib import Path

import numpy as np
from ase import units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.db import connect
from ase.io import write
from ase.md.langevin import Langevin
from PIL import Image

from ase_entropy import (
    Bispectrum,
    NearestNeighborEntropy,
    Recipe,
    VariedPacking,
    analysis,
    campaign,
    plots,
    random_packing,
)
from ase_entropy.campaign import general
from ase_entropy.chemistry import Sizes
from ase_entropy.sets import read_dataset
from ase_entropy.starts import Perturbation, Prototype

DYNAMICS, OURS = 'molecular dynamics', 'ase_entropy'
CRYSTALS = 'strained crystals'
COLORS = {OURS: '#D55E00', DYNAMICS: '#0072B2', CRYSTALS: '#009E73'}  # from below
SOLID = (300, 1.0), (600, 1.02), (900, 1.05)  # K, volume over that of the crystal
LIQUID = (1500, 1.1), (2500, 1.2)  # from a random packing
KINDS = (
    'packing',
    'packing',
    'crystal',
    'prototype',
    'prototype',
    'slab',
    'sphere',
    'dimer',
)
FILLED = KINDS[0], KINDS[2], KINDS[3]  # periodic, without vacuum
MOST = 24  # atoms of a configuration that is drawn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('--element', default='Cu')
parser.add_argument('--alloy', nargs=2, default=['Ni', 'Al'])
parser.add_argument('--cycles', type=int, default=300)
parser.add_argument('--frames', type=int, default=24, help='of each temperature')
parser.add_argument('-o', '--output', type=Path, default=Path('.'))
args = parser.parse_args()


def dynamics(rng):
    """Return frames of a crystal and a liquid at several temperatures."""
    frames = []
    for temperature_K, volume in SOLID + LIQUID:
        atoms = bulk(args.element, cubic=True) * 2
        atoms.set_cell(atoms.cell * volume ** (1 / 3), scale_atoms=True)
        if (temperature_K, volume) in LIQUID:
            atoms = random_packing(str(atoms.symbols), atoms.cell, 2.0, rng)
        atoms.calc = EMT()
        dyn = Langevin(
            atoms,
            4 * units.fs,
            temperature_K=temperature_K,
            friction=0.02 / units.fs,
            fixcm=False,
            rng=rng,
        )
        dyn.run(4 * args.frames)
        for _ in range(args.frames):
            dyn.run(10)
            frames.append(atoms.copy())
            frames[-1].set_velocities(np.zeros((len(atoms), 3)))
    return frames


def crystals(rng):
    """Return fcc, bcc and hcp crystals, strained and rattled."""
    start = Prototype([args.element], ['fcc', 'bcc', 'hcp'], volume=(0.8, 1.3), most=16)
    perturbation = Perturbation(strain=0.03, rattle=(0.0, 0.3))
    made = [start.atoms(rng) for _ in range(args.cycles)]
    for atoms in made:
        perturbation.apply(atoms, rng)
    return made


def harvest(elements, cycles, db):
    """Make a set as ``ase-entropy harvest --elements`` does."""
    recipe = general(Recipe(VariedPacking(elements)))
    campaign.run(recipe, cycles, db, seed=1, report=lambda line: None)


def read_sets(folder):
    """Return the three sets, by their names, in the order of their colors."""
    rng = np.random.default_rng(1)
    write(folder / 'md.extxyz', dynamics(rng))
    write(folder / 'crystals.extxyz', crystals(rng))
    harvest([args.element], args.cycles, folder / 'ours.db')
    files = {DYNAMICS: 'md.extxyz', OURS: 'ours.db', CRYSTALS: 'crystals.extxyz'}
    descriptor = Bispectrum.of(args.element)
    return {
        name: read_dataset(folder / file, descriptor) for name, file in files.items()
    }


def project(sets):
    """Return as many environments of each in the plane in which all vary most."""
    rng = np.random.default_rng(2)
    least = min(len(own.q_ek) for own in sets.values())
    q_ek = [rng.permutation(own.q_ek)[:least] for own in sets.values()]
    found, _ = analysis.principal_map(q_ek, np.concatenate(q_ek))
    return dict(zip(sets, found, strict=True))


def choose(db, elements):
    """Return configurations of each kind, of high S, and titles."""
    rows = [row for row in connect(db).select() if row.natoms <= MOST]
    rows = [row for row in rows if set(row.symbols) == set(elements)]
    rows.sort(key=lambda row: -row.entropy)
    chosen = []
    for kind in KINDS:
        own = [row for row in rows if row.start.startswith(kind)]
        used = {row.start for row in chosen} if kind == 'prototype' else set()
        for row in [row for row in own if row.start not in used][:1]:
            rows.remove(row)
            chosen.append(row)
    names = [
        re.sub(r'prototype | of packing| \w+-\w+', '', row.start) for row in chosen
    ]
    titles = [f'{name}: {row.formula}' for name, row in zip(names, chosen, strict=True)]
    return [row.toatoms() for row in chosen], titles


def draw_diversity(sets, db):
    """Draw a map beside configurations."""
    figure = plots.new_figure(12, 4.4)
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.5))
    axes = left.add_subplot()
    found = project(sets)
    for name, color in COLORS.items():
        look = {'s': 9, 'alpha': 0.6, 'linewidths': 0, 'rasterized': True}
        axes.scatter(*found[name].T, color=color, label=name, **look)
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel('first principal component of descriptors')
    axes.set_ylabel('second')
    legend = axes.legend(loc='lower right', markerscale=2.5, fontsize='small')
    for handle in legend.legend_handles:
        handle.set_alpha(1.0)
    axes.set_title(f'atomic environments in {args.element}', fontsize='medium')
    atoms, titles = choose(db, [args.element])
    for part, half in zip(right.subfigures(2, 1), (slice(4), slice(4, 8)), strict=True):
        plots.plot_configurations(atoms[half], titles[half], part)
    return figure


def draw_alloy(db):
    """Draw configurations of an alloy beside each other."""
    atoms, titles = choose(db, args.alloy)
    figure = plots.new_figure(12, 2.4)
    plots.plot_configurations(atoms[:6], titles[:6], figure)
    return figure


def draw_sizes(sets):
    """Draw entropies against numbers of atoms, and volumes of atoms."""
    figure = plots.new_figure(10, 4)
    left, right = figure.subplots(1, 2)
    estimator = NearestNeighborEntropy(softening=0.01)
    atoms_m = {name: np.diff(own.first_m) for name, own in sets.items()}
    entropy_m = {
        name: analysis.entropies(own.q_ek, own.first_m, estimator)
        for name, own in sets.items()
    }
    plots.plot_sizes(atoms_m, entropy_m, axes=left)
    unit = Sizes((args.element,)).volume([args.element])
    volume_m = {name: own.volume_m / atoms_m[name] / unit for name, own in sets.items()}
    starts_m = sets[OURS].keys['start']
    filled = np.array([start.startswith(FILLED) for start in starts_m])
    volume_m[OURS] = volume_m[OURS][filled]
    edges = np.linspace(0.6, 2.1, 31)
    densities = analysis.histograms([*volume_m.values()], edges)
    label = 'volume of an atom over that in the crystal'
    plots.plot_histograms(
        dict(zip(sets, densities, strict=True)), edges, label, axes=right
    )
    return figure


def draw_coverage(sets):
    """Draw how far each set is from what the others hold, as they grow."""
    figure = plots.new_figure(12, 3.8)
    panels = figure.subplots(1, len(sets), sharey=True)
    rng = np.random.default_rng(3)
    parts = {name: split(own, rng) for name, own in sets.items()}
    reference_ek = np.concatenate([own.q_ek for own in sets.values()])
    for (test, (*_, test_ek)), axes in zip(parts.items(), panels, strict=True):
        environments, distances = {}, {}
        for name, (q_ek, first_m, _) in parts.items():
            counts = np.unique(np.geomspace(2, len(first_m) - 1, 10).astype(int))
            environments[name] = first_m[counts]
            distances[name] = analysis.coverage_distances(
                q_ek, first_m, test_ek, reference_ek, counts
            )
        plots.plot_coverage(environments, distances, axes=axes)
        axes.set_title(f'distance to environments of {test}', fontsize='medium')
        axes.set_yscale('log')
        axes.set_xlabel('training environments')
    for axes in panels[1:]:
        axes.set_ylabel('')
        axes.get_legend().remove()
    return figure


def split(own, rng):
    """Return a set in random order, and the environments of a fifth held back."""
    order_m = rng.permutation(len(own))
    parts = [own.q_ek[own.first_m[m] : own.first_m[m + 1]] for m in order_m]
    train = parts[len(parts) // 5 :]
    first_m = np.cumsum([0, *map(len, train)])
    return np.concatenate(train), first_m, np.concatenate(parts[: len(parts) // 5])


def save(figure, name):
    """Write a picture, with few colors, so that it is small."""
    file = args.output / f'{name}.png'
    figure.savefig(file, dpi=100)
    with Image.open(file) as picture:
        small = picture.convert('RGB').quantize(128, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


args.output.mkdir(exist_ok=True)
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    sets = read_sets(folder)
    save(draw_diversity(sets, folder / 'ours.db'), 'diversity')
    save(draw_sizes(sets), 'sizes')
    save(draw_coverage(sets), 'coverage')
    harvest(args.alloy, args.cycles // 2, folder / 'alloy.db')
    save(draw_alloy(folder / 'alloy.db'), 'alloy')
