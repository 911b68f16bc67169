"""Sets by their names, made once into a folder: campaigns, dynamics, crystals.

    with Label('W') as label:
        file = Maker(label, 'transfer/W').file('general')

All are made for the elements of a label, with seed 1. Campaigns are databases and go on
where they were stopped; other sets are files that are written whole.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.io import write
from transfer_labels import Label

from ase_entropy import Bispectrum, Recipe, campaign
from ase_entropy.campaign import SetRecipe, general
from ase_entropy.chemistry import Sizes
from ase_entropy.dynamics.quench import Ladder
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import LogDetEntropy
from ase_entropy.pairs import find_pairs
from ase_entropy.starts import (
    Perturbation,
    RandomCrystal,
    RandomPacking,
    VariedPacking,
)
from ase_entropy.starts.packing import DENSITY, MOST_DENSITY

__all__ = ['SETS', 'Maker', 'dynamics']

CELL = 39  # atoms, as in the paper
CHAIN = 50  # cycles of a walker of the paper's protocol

RATIOS = (0.1, 0.3, 0.6, 0.9, 1.3, 1.7, 2.2)  # of temperatures, over that of melting
SCALES = (0.97, 1.0, 1.04)  # of lengths

CRYSTALS = 1, 16  # atoms
AROUND = (  # each relaxed crystal, in the way of ASSYST
    Perturbation(strain=0.01, rattle=(0.05, 0.25)),
    Perturbation(strain=0.05, rattle=(0.0, 0.05), stretch=(0.6, 1.6)),
    Perturbation(strain=0.10, rattle=(0.0, 0.05)),
)

SPHERES = 1.0, 3.5  # PotMill: volume of a cell over that of its atoms' spheres
GATE = 0.9  # PotMill: least distance over that of touching spheres
POTMILL_K = 0.05  # eV per atom: with it half of tungsten's cells pass the gate
RELAXED_CELLS = 100
COMPONENTS, TWOJMAX = 14, 4


def varied(elements, k: float, **start) -> Recipe:
    """Return the recipe of varied packings at a K per atom (eV)."""
    schedule = AnnealSchedule(k_per_atom=k, ramp_steps=0)
    return Recipe(VariedPacking(elements, **start), schedule)


def paper_cell(elements, density: float | None = None) -> RandomPacking:
    """Return the paper's 39 atoms, in equal shares, by default as loose as there."""
    rest = CELL - CELL // len(elements) * (len(elements) - 1)
    counts = [rest] + [CELL // len(elements)] * (len(elements) - 1)
    formula = ''.join(map('{}{}'.format, elements, counts))
    return RandomPacking.of(formula, density=density)


def literal(elements, **schedule) -> Recipe:
    """Return the protocol of the paper: a ramp of T and K, no quench."""
    return Recipe(
        paper_cell(elements),
        AnnealSchedule(**schedule),
        ladder=None,
        isolated='allow',
        margin=math.inf,
    )


def at_k(k: float, elements) -> SetRecipe:
    """Return the general recipe at another K per atom (eV)."""
    return general(varied(elements, k))


def without_crystals(elements) -> SetRecipe:
    """Return the general recipe without random crystals and prototypes."""
    return general(varied(elements, 2.0), crystals=0.0, prototypes=0.0)


def without_variety(elements) -> SetRecipe:
    """Return the general recipe with all of its packings in one cell."""
    recipe = at_k(2.0, elements)
    (share, packings), *others = recipe.parts
    one = replace(packings, start=paper_cell(elements, DENSITY))
    return replace(recipe, parts=[(share, one), *others])


def potmill(elements) -> Recipe:
    """Return cells of PotMill's kind: log-det of each, standardized by relaxed ones."""
    sizes = Sizes(elements)
    spheres = sum(np.pi / 6 * sizes.distance(x) ** 3 for x in elements)
    packed = sizes.volume(list(elements)) / spheres
    # in diamond spheres fill a third: cells of their volume cannot be packed
    loosest, densest = packed / SPHERES[1], min(packed / SPHERES[0], MOST_DENSITY)
    start = VariedPacking(elements, size=(2, 25), density=(loosest, densest))
    descriptor = Bispectrum.of(sizes, components=COMPONENTS, twojmax=TWOJMAX)
    rng = np.random.default_rng(0)
    relaxed = [start.atoms(rng) for _ in range(RELAXED_CELLS)]
    q_nk = np.concatenate(
        [descriptor.evaluate(find_pairs(a, descriptor.cutoff))[0] for a in relaxed]
    )
    return Recipe(
        start,
        AnnealSchedule(k_per_atom=POTMILL_K, ramp_steps=0),
        ladder=Ladder(orders=()),
        descriptor=descriptor,
        estimator=LogDetEntropy(ridge=1e-6, scale_k=q_nk.std(axis=0)),
    )


CAMPAIGNS: dict[str, Callable] = {
    'unbiased': partial(literal, k_entropy=0.0, ramp_steps=0),
    'paper': literal,
    'cell': lambda elements: Recipe(paper_cell(elements, DENSITY)),
    'general': partial(at_k, 2.0),
    'general-K0': partial(at_k, 0.0),
    'general-K0.8': partial(at_k, 0.8),
    'general-K2.6': partial(at_k, 2.6),
    'general-K8': partial(at_k, 8.0),
    'general-K26': partial(at_k, 26.0),
    'no-crystals': without_crystals,
    'no-variety': without_variety,
    'potmill': potmill,
}
SETS = (*CAMPAIGNS, 'dynamics', 'assyst')
MORE = {'paper': 0.32, 'potmill': 4.5, 'assyst': 2}  # over configurations of others


def dynamics(label: Label, number: int) -> list[Atoms]:
    """Return frames of dynamics, 50 fs apart, of crystals and liquids."""
    element, lattice = next(iter(label.potential.elements.items()))
    crystal, _ = label.equilibrium(bulk(element, lattice, a=4.0, cubic=True))
    times = max(2, round((64 / len(crystal)) ** (1 / 3)))
    each, frames = 1 + number // (len(RATIOS) * len(SCALES)), []
    for seed, (ratio, scale) in enumerate(itertools.product(RATIOS, SCALES), 101):
        atoms = crystal * (times, times, times)
        atoms.symbols = mixed(label.elements, len(atoms), seed)
        atoms.set_cell(atoms.cell * scale, scale_atoms=True)
        bath_K = ratio * label.potential.melting_K
        frames += label.dynamics(atoms, [bath_K] * each, 50, seed)
    order = np.random.default_rng(0).permutation(len(frames))[:number]
    return [frames[m] for m in sorted(order)]


def mixed(elements, count: int, seed: int) -> list[str]:
    """Return so many symbols in equal shares, in a random order."""
    symbols = [elements[n % len(elements)] for n in range(count)]
    return np.random.default_rng(seed).permutation(symbols).tolist()


def assyst(label: Label, number: int) -> list[Atoms]:
    """Return random crystals that the label has relaxed, as they are and perturbed."""
    start = RandomCrystal(label.elements, CRYSTALS, closest=0.8)
    rng, frames = np.random.default_rng(1), []
    while len(frames) < number:
        relaxed = relax_cell(label, start.atoms(rng))
        frames.append(relaxed)
        for perturbation in AROUND:
            frames.append(relaxed.copy())
            perturbation.apply(frames[-1], rng)
    return frames[:number]


def relax_cell(label: Label, atoms: Atoms, steps: int = 100) -> Atoms:
    """Return the atoms after so many steps at most of LAMMPS' minimizer, cell and all.

    Where a cell collapses or opens by more than a factor of two, it stays what it was.
    """
    Q_cc = label.load(atoms)
    label.lmp.command('fix cell all box/relax tri 0.0 vmax 0.005')
    label.lmp.command(f'minimize 0 1e-3 {steps} {10 * steps}')
    low_c, high_c, xy, yz, xz, *_ = label.lmp.extract_box()
    cell_cc = np.diag(np.subtract(high_c, low_c))
    cell_cc[1, 0], cell_cc[2, 0], cell_cc[2, 1] = xy, xz, yz
    x_nc = np.array(label.lmp.gather_atoms('x', 1, 3)).reshape(-1, 3) - low_c
    relaxed = atoms.copy()
    relaxed.set_cell(cell_cc @ Q_cc)
    relaxed.positions = x_nc @ Q_cc
    return relaxed if 0.5 < relaxed.get_volume() / atoms.get_volume() < 2.0 else atoms


class Maker:
    """Makes the sets of a label into a folder.

    Parameters
    ----------
    label : Label
        Its elements, and the potential of dynamics and relaxations.
    folder : str or Path
        Made if it is not there.
    configurations : int
        Of each set; fewer of a slow protocol, more of small cells.
    executor : concurrent.futures.Executor, optional
        Runs the campaigns.
    """

    def __init__(self, label: Label, folder, configurations=500, executor=None):
        self.label, self.folder = label, Path(folder)
        self.configurations, self.executor = configurations, executor
        self.folder.mkdir(parents=True, exist_ok=True)

    def file(self, name: str) -> str:
        """Make a set, or what is missing of it; return it as ``--set`` takes it.

        Raises
        ------
        ValueError
            No such set.
        """
        if name not in SETS:
            raise ValueError(f'{name}: expected a set of {", ".join(SETS)}')
        count = max(2, round(MORE.get(name, 1) * self.configurations))
        if name in CAMPAIGNS:
            return self._campaign(name, count)
        path = self.folder / f'{name}.extxyz'
        if not path.exists():
            make = {'dynamics': dynamics, 'assyst': assyst}[name]
            new = path.with_suffix('.new')
            write(new, make(self.label, count), format='extxyz')
            new.replace(path)
        return str(path)

    def _campaign(self, name: str, cycles: int) -> str:
        path = self.folder / f'{name}.db'
        campaign.run(
            CAMPAIGNS[name](self.label.elements),
            cycles,
            path,
            seed=1,
            chain=CHAIN if name == 'paper' else 1,
            executor=self.executor,
            report=lambda line: None,
        )
        if name != 'potmill':
            return str(path)
        sizes = Sizes(self.label.elements)
        least = GATE * min(sizes.pairs().values())
        return f'{path}@min_distance>{least:.3f}'
