"""Recipes by name, and that of a set for potentials."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ase_entropy import checks
from ase_entropy.campaign.recipe import K_PER_ATOM, Recipe
from ase_entropy.campaign.set_recipe import SetRecipe
from ase_entropy.chemistry import Sizes
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import SmoothNearestNeighborEntropy
from ase_entropy.starts import (
    Cut,
    Isolated,
    Perturbation,
    Prototype,
    RandomCrystal,
    RandomPacking,
    VariedPacking,
)
from ase_entropy.starts.amounts import Amounts
from ase_entropy.starts.packing import DENSITY, usual_density
from ase_entropy.starts.prototypes import LARGEST

__all__ = ['DEFAULT', 'LITERAL', 'RECIPES', 'SHARES', 'general']

# Measured, see docs/howto/choose_recipe.md.
RECIPES = {
    'quench': Recipe(),
    'anneal+quench': Recipe(
        schedule=AnnealSchedule(ramp_steps=1000, k_per_atom=K_PER_ATOM),
        estimator=SmoothNearestNeighborEntropy(2),
    ),
    'anneal': Recipe(
        start=RandomPacking(),
        schedule=AnnealSchedule(),
        ladder=None,
        isolated='allow',
        margin=math.inf,
    ),
}
DEFAULT = 'quench'
LITERAL = 'anneal'  # the protocol of the paper

# Measured, see docs/explanation/sets.md.
SHARES = {'crystals': 0.1, 'prototypes': 0.4, 'surfaces': 0.1}  # of configurations
RATTLED = 0.5  # of the packings
RATTLE = 0.11  # distances of neighbors
STRAIN = 0.03
CRYSTAL_ATOMS = 16
CLOSEST = 0.8  # pair of a crystal before it is perturbed, over neighbors
CUT_DENSITY = 0.7, 1.35  # of what surfaces are cut from
WITHOUT_STEPS = AnnealSchedule(k_entropy=0.0, shuffle_steps=0, ramp_steps=0)
ROUNDING = 1e-9


def general(
    packings: Recipe | Sequence[str],
    *,
    crystals: float | None = None,
    prototypes: float | None = None,
    surfaces: float | None = None,
    isolated_atoms: bool = True,
) -> SetRecipe:
    """Return the recipe of a set for potentials, with shares that were measured.

    Half of the packings are rattled after their quench. Random crystals are relaxed in
    their repulsion alone, which keeps their symmetry, then strained and rattled; common
    crystals are strained and rattled. Slabs and clusters are cut from packings, and
    treated as these are.

    Parameters
    ----------
    packings : Recipe or sequence of str
        Elements; or how packings become configurations: its start is a
        :class:`~ase_entropy.starts.VariedPacking`, of which the other parts take
        elements, composition, and ranges of size and density. Its perturbation, if it
        has one, is that of packings, slabs and clusters.
    crystals : float, optional
        Share of random crystals, of 16 atoms at most. By default 0.1, if so few atoms
        have such a composition.
    prototypes : float, optional
        Share of common crystals, of 16 atoms at most. By default 0.4, if any has such a
        composition.
    surfaces : float, optional
        Share of slabs and clusters, half of each, cut without heed of the composition.
        By default 0.1, or 0 where a composition is given.
    isolated_atoms : bool
        Whether there are single atoms and dimers, once each.

    Raises
    ------
    ValueError
        Shares that are negative, or more than 1 together; prototypes where none has
        such a composition.

    Examples
    --------
    >>> recipe = general(['Ni', 'Al'])
    >>> for share, part in recipe.parts[:3]:
    ...     print(f'{share:.2f} {part.start.formula}')
    0.40 packings of 2 to 40 atoms of Ni, Al
    0.10 random crystals of 1 to 16 atoms of Ni, Al
    0.40 22 prototypes of Ni, Al
    """
    if isinstance(packings, (list, tuple)):
        packings = Recipe(VariedPacking(tuple(packings)))
    checks.instance('packings', packings, (Recipe, list, tuple))
    checks.instance('isolated_atoms', isolated_atoms, bool)
    start = checks.instance('packings.start', packings.start, VariedPacking)
    made = {}
    for name, share in (
        ('crystals', crystals),
        ('prototypes', prototypes),
        ('surfaces', surfaces),
    ):
        if share is None:
            share = SHARES[name] if _fits(name, start) else 0.0
        made[name] = checks.real(name, share, least=0.0, most=1.0)
    rest = 1.0 - sum(made.values())
    if rest < -ROUNDING:
        shares = ', '.join(f'{name}={share:g}' for name, share in made.items())
        raise ValueError(
            f'{shares}: expected shares of all configurations, 1 or less together'
        )
    rattled = packings.perturbation or _perturbation(start, RATTLED)
    parts = [(rest, replace(packings, perturbation=rattled))]
    if made['crystals']:
        parts.append((made['crystals'], _crystals(packings, start)))
    if made['prototypes']:
        parts.append((made['prototypes'], _prototypes(packings, start)))
    if made['surfaces']:
        parts += [
            (made['surfaces'] / 2, _surfaces(packings, start, shape))
            for shape in ('slab', 'sphere')
        ]
    once = None
    if isolated_atoms:
        alone = Isolated(start.elements, sizes=start.sizes)
        once = replace(
            packings,
            start=alone,
            schedule=WITHOUT_STEPS,
            ladder=None,
            isolated='allow',
            perturbation=None,
        )
    return SetRecipe([part for part in parts if part[0] > ROUNDING], once)


def _fits(name: str, start: VariedPacking) -> bool:
    """Return whether there are such configurations of the composition of a start."""
    try:
        if name == 'prototypes':
            Prototype(start.elements, composition=start.composition)
        elif name == 'crystals':
            Amounts(start.elements, _crystal_size(start), start.composition)
    except ValueError:
        return False
    return name != 'surfaces' or start.composition == 'free'


def _crystal_size(start: VariedPacking) -> tuple[int, int]:
    """Return the numbers of atoms of crystals, which find no place for many."""
    return 1, min(start.size[1], CRYSTAL_ATOMS)


def _perturbation(
    start: VariedPacking, share: float, strain: float = 0.0
) -> Perturbation:
    sizes = start.sizes or Sizes(start.elements)
    rattle = RATTLE * min(sizes.distance(x) for x in start.elements)
    return Perturbation(strain, (0.0, rattle), share=share, sizes=start.sizes)


def _crystals(packings: Recipe, start: VariedPacking) -> Recipe:
    crystal = RandomCrystal(
        start.elements,
        _crystal_size(start),
        start.density,
        start.composition,
        closest=CLOSEST,
        sizes=start.sizes,
    )
    perturbation = _perturbation(start, 1.0, STRAIN)
    return replace(
        packings, start=crystal, schedule=WITHOUT_STEPS, perturbation=perturbation
    )


def _prototypes(packings: Recipe, start: VariedPacking) -> Recipe:
    low, high = start.density
    prototype = Prototype(
        start.elements,
        volume=(min(1 / high, LARGEST), min(1 / low, LARGEST)),
        most=_crystal_size(start)[1],
        composition=start.composition,
        closest=CLOSEST,
        sizes=start.sizes,
    )
    return replace(
        packings,
        start=prototype,
        schedule=WITHOUT_STEPS,
        ladder=None,
        perturbation=_perturbation(start, 1.0, STRAIN),
    )


def _surfaces(packings: Recipe, start: VariedPacking, shape: str) -> Recipe:
    denser = usual_density(list(start.elements)) / DENSITY  # where crystals are open
    low, high = np.clip(np.multiply(CUT_DENSITY, denser), *start.density).tolist()
    dense = replace(start, density=(low, high))
    return replace(packings, start=Cut(dense, shape, start.size))
