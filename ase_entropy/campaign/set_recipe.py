"""The recipe of a set: several recipes, of which each walker takes one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.db.core import Database

from ase_entropy import checks
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.chemistry import Sizes
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.starts import (
    Isolated,
    Perturbation,
    Prototype,
    RandomCrystal,
    VariedPacking,
)
from ase_entropy.store.arrays import restore

__all__ = ['CRYSTALS', 'PROTOTYPES', 'SetRecipe']

# Measured, see docs/explanation/sets.md.
CRYSTALS, PROTOTYPES = 0.2, 0.2  # shares of the configurations
CRYSTAL_ATOMS = 16
STRAIN, RATTLE = 0.03, 0.11  # rattle in distances of neighbors
EVERY = 5  # of so many walkers one makes an isolated atom or dimer, until all are there


@dataclass(frozen=True)
class SetRecipe:
    """How a training set is made: of parts, each by a recipe of its own.

    Each walker takes one of the parts, as probable as its weight, and draws its start
    by the same generator. Configurations that shall be there once, such as isolated
    atoms, are made by every fifth walker, until all are there. A cycle that fails is
    repeated from another start.

    Parameters
    ----------
    parts : sequence of (float, Recipe)
        Weights, in any unit, and recipes with the same descriptor.
    once : Recipe, optional
        Its start is :class:`~ase_entropy.starts.Isolated`.

    Raises
    ------
    ValueError
        No parts, weights that are negative or all zero, different descriptors.

    Examples
    --------
    >>> recipe = SetRecipe.general(Recipe(start=VariedPacking(('Ni', 'Al'))))
    >>> [part.start.formula for _, part in recipe.parts][:2]
    ['2 to 40 atoms of Ni, Al', '1 to 16 atoms of Ni, Al']
    >>> SetRecipe.fromdict(recipe.todict()) == recipe
    True
    """

    parts: Sequence[tuple[float, Recipe]]
    once: Recipe | None = None

    stage = 'biased'

    def __post_init__(self) -> None:
        parts = checks.sequence('parts', self.parts)
        if not parts or any(len(checks.sequence('parts', x)) != 2 for x in parts):
            raise ValueError(
                f'parts={self.parts!r}: expected pairs of a weight and a recipe'
            )
        pairs = tuple(
            (
                checks.real('weight', weight, least=0.0),
                checks.instance('recipe', recipe, Recipe),
            )
            for weight, recipe in parts
        )
        if sum(weight for weight, _ in pairs) == 0.0:
            raise ValueError('parts: all weights are 0, expected a larger one')
        object.__setattr__(self, 'parts', pairs)
        if self.once is not None:
            checks.instance('once', self.once, Recipe)
            checks.instance('once.start', self.once.start, Isolated)
        if any(x.descriptor != self.descriptor for x in self.recipes):
            raise ValueError(
                'parts: their recipes have different descriptors, expected the same, '
                'so that their environments compare'
            )

    @classmethod
    def general(
        cls,
        packings: Recipe,
        crystals: float = CRYSTALS,
        prototypes: float = PROTOTYPES,
        isolated_atoms: bool = True,
    ) -> 'SetRecipe':
        """Return the recipe of a set for potentials: packings, crystals, and atoms.

        Parameters
        ----------
        packings : Recipe
            How packings become configurations: its start is a
            :class:`~ase_entropy.starts.VariedPacking`, of which crystals take elements,
            composition and range of densities.
        crystals : float
            Share of random crystals, which are quenched without a shuffle, strained and
            rattled.
        prototypes : float
            Share of common crystals, strained, rattled and stretched.
        isolated_atoms : bool
            Whether there are single atoms and dimers, once each.

        Raises
        ------
        ValueError
            Shares that are negative, or more than 1 together.
        """
        start = checks.instance('packings.start', packings.start, VariedPacking)
        checks.real('crystals', crystals, least=0.0, most=1.0)
        checks.real('prototypes', prototypes, least=0.0, most=1.0)
        if crystals + prototypes > 1.0:
            raise ValueError(
                f'crystals={crystals} and prototypes={prototypes}: expected shares of '
                'all configurations, 1 or less together'
            )
        elements, sizes = start.elements, start.sizes
        known = sizes or Sizes(elements)
        rattle = RATTLE * min(known.distance(x) for x in elements)
        perturbation = Perturbation(STRAIN, (0.0, rattle), sizes=sizes)
        schedule = replace(packings.schedule, shuffle_steps=0, ramp_steps=0)
        crystal = replace(
            packings,
            start=RandomCrystal(
                elements,
                (min(1, start.size[0]), min(CRYSTAL_ATOMS, start.size[1])),
                start.density,
                start.composition,
                sizes=sizes,
            ),
            schedule=schedule,
            perturbation=perturbation,
        )
        as_it_is = {
            'schedule': AnnealSchedule(k_entropy=0.0, shuffle_steps=0, ramp_steps=0),
            'ladder': None,
            'isolated': 'allow',
        }
        low, high = start.density
        prototype = replace(
            packings,
            start=Prototype(
                elements, None, (1 / high, 1 / low), CRYSTAL_ATOMS, sizes=sizes
            ),
            perturbation=perturbation,
            **as_it_is,
        )
        parts = [
            (1.0 - crystals - prototypes, packings),
            (crystals, crystal),
            (prototypes, prototype),
        ]
        alone = replace(packings, start=Isolated(elements, sizes=sizes), **as_it_is)
        return cls(
            [(weight, part) for weight, part in parts if weight > 0.0],
            alone if isolated_atoms else None,
        )

    @property
    def recipes(self) -> list[Recipe]:
        """All recipes."""
        return [part for _, part in self.parts] + ([self.once] if self.once else [])

    @property
    def descriptor(self) -> Any:
        """That of all parts."""
        return self.parts[0][1].descriptor

    @property
    def sizes(self) -> Sizes | None:
        """Lengths of the first part: a note for readers."""
        return self.parts[0][1].sizes

    def of_walker(self, walker: int, rng: np.random.Generator) -> Recipe:
        """Return the recipe of a walker; `rng` draws it, and then the start."""
        number, rest = divmod(walker, EVERY)
        if self.once and rest == EVERY - 1 and number < len(self.once.start):
            return replace(self.once, start=replace(self.once.start, number=number))
        weights = np.array([weight for weight, _ in self.parts])
        return self.parts[rng.choice(len(weights), p=weights / weights.sum())][1]

    def check_atoms(self, rng: np.random.Generator) -> Atoms:
        """Check all parts as :meth:`Recipe.check_atoms`; return the largest atoms."""
        return max((part.check_atoms(rng) for part in self.recipes), key=len)

    def check(self, rng: np.random.Generator) -> Atoms:
        """Check all parts as :meth:`Recipe.check`; return the largest atoms."""
        return max((part.check(rng) for part in self.recipes), key=len)

    def todict(self) -> dict:
        """Return parts and weights, JSON-ready."""
        return {
            'parts': [
                {'weight': weight, 'recipe': part.todict()}
                for weight, part in self.parts
            ],
            'once': self.once and self.once.todict(),
        }

    @classmethod
    def fromdict(
        cls, dct: dict, database: Database | str | Path | None = None
    ) -> 'SetRecipe':
        """Rebuild a recipe from :meth:`todict`, as :meth:`Recipe.fromdict`."""
        dct = restore(dct, database)
        parts = [(x['weight'], Recipe.fromdict(x['recipe'])) for x in dct['parts']]
        return cls(parts, dct['once'] and Recipe.fromdict(dct['once']))
