"""The recipe of a set: several recipes, of which each walker takes one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.db.core import Database

from ase_entropy import checks
from ase_entropy.campaign.growth import Growth
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.chemistry import Sizes
from ase_entropy.starts import Isolated
from ase_entropy.starts.mixture import drawn, weighted
from ase_entropy.store.arrays import restore

__all__ = ['SetRecipe', 'alone_in']

EVERY = 5  # of so many walkers one makes an isolated atom or dimer, until all are there


def alone_in(cycles: int, number: int) -> str:
    """Return how many of the configurations that come once are made, in words.

    Parameters
    ----------
    cycles : int
        Cycles in all.
    number : int
        Configurations that come once.

    Examples
    --------
    >>> alone_in(40, 26)
    '8 of 26, one every 5 cycles; the other 18 with more cycles, all with 130'
    >>> alone_in(60, 9)
    'all 9, one every 5 cycles'
    """
    made = min(cycles // EVERY, number)
    every = f'one every {EVERY} cycles'
    if made == number:
        return f'all {number}, {every}'
    return (
        f'{made} of {number}, {every}; the other {number - made} with more cycles, all '
        f'with {EVERY * number}'
    )


@dataclass(frozen=True)
class SetRecipe:
    """How a training set is made: of parts, each by a recipe of its own.

    Each walker takes one of the parts, as probable as its weight, and draws its start
    by the same generator. Configurations that shall be there once, such as isolated
    atoms, are made by every fifth walker, until all are there. A cycle that fails is
    repeated from another start of its part, which keeps the shares; after twenty
    failures, or where it adds too little to the set, from one of any part.

    Parameters
    ----------
    parts : sequence of (float, Recipe)
        Weights, in any unit, and recipes with the same descriptor.
    once : Recipe, optional
        Its start is :class:`~ase_entropy.starts.Isolated`.
    growth : Growth, optional
        How cycles look at the set that grows.

    Raises
    ------
    ValueError
        No parts, weights that are negative or all zero, different descriptors.

    Examples
    --------
    >>> from ase_entropy.starts import Prototype, VariedPacking
    >>> quenched, shuffled = (
    ...     Recipe(start=VariedPacking(('Al',))),
    ...     Recipe(start=Prototype(('Al',), most=16), ladder=None),
    ... )
    >>> recipe = SetRecipe([(0.8, quenched), (0.2, shuffled)])
    >>> rng = np.random.default_rng(1)
    >>> sum(recipe.of_walker(n, rng) is quenched for n in range(100))
    77
    >>> SetRecipe.fromdict(recipe.todict()) == recipe
    True
    """

    parts: Sequence[tuple[float, Recipe]]
    once: Recipe | None = None
    growth: Growth | None = None

    stage = 'biased'

    def __post_init__(self) -> None:
        checked = partial(checks.instance, 'recipe', kind=Recipe)
        pairs = weighted(self.parts, 'recipe', checked)
        object.__setattr__(self, 'parts', pairs)
        checks.instance('growth', self.growth, (Growth, type(None)))
        if self.once is not None:
            checks.instance('once', self.once, Recipe)
            checks.instance('once.start', self.once.start, Isolated)
        if any(x.descriptor != self.descriptor for x in self.recipes):
            raise ValueError(
                'parts: their recipes have different descriptors, expected the same, '
                'so that their environments compare'
            )

    def __repr__(self) -> str:
        total = sum(weight for weight, _ in self.parts)
        shares = [f'{weight / total:.0%} {part!r}' for weight, part in self.parts]
        shares += [f'once {self.once!r}'] * (self.once is not None)
        return f'SetRecipe({", ".join(shares)})'

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

    def is_beside(self, walker: int) -> bool:
        """Return whether a walker makes one of the configurations that come once."""
        number, rest = divmod(walker, EVERY)
        return bool(self.once and rest == EVERY - 1 and number < len(self.once.start))

    def of_walker(self, walker: int, rng: np.random.Generator) -> Recipe:
        """Return the recipe of a walker; `rng` draws it, and then the start."""
        if self.is_beside(walker):
            alone = replace(self.once.start, number=walker // EVERY)
            return replace(self.once, start=alone)
        return drawn(self.parts, rng)

    def contents(self, cycles: int) -> list[str]:
        """Return what so many cycles make, in words: of each part, and what comes once.

        Repeated cycles that take another part change the numbers a little.
        """
        alone = len(self.once.start) if self.once else 0
        others = cycles - min(cycles // EVERY, alone)
        total = sum(weight for weight, _ in self.parts)
        words = [
            f'about {others * weight / total:.0f} ({weight / total:.0%}) '
            f'{part.start.formula}'
            for weight, part in self.parts
        ]
        if self.once:
            words.append(f'{self.once.start.formula}: {alone_in(cycles, alone)}')
        return words

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
            'growth': self.growth and self.growth.todict(),
        }

    @classmethod
    def fromdict(
        cls,
        dct: dict,
        database: Database | str | Path | None = None,
        *,
        allow_import: bool = False,
    ) -> 'SetRecipe':
        """Rebuild a recipe from :meth:`todict`, as :meth:`Recipe.fromdict`."""
        dct = restore(dct, database)
        made = partial(Recipe.fromdict, allow_import=allow_import)
        return cls(
            [(x['weight'], made(x['recipe'])) for x in dct['parts']],
            dct['once'] and made(dct['once']),
            dct['growth'] and Growth.fromdict(dct['growth']),
        )
