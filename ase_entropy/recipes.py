"""Named ways through a cycle: shuffle, descent, harvest."""

import math
from dataclasses import dataclass

from ase_entropy.quench import Ladder
from ase_entropy.schedule import AnnealSchedule

__all__ = ['DEFAULT', 'LITERAL', 'RECIPES', 'Recipe']


@dataclass(frozen=True)
class Recipe:
    """How a cycle goes down from the hot shuffle.

    Parameters
    ----------
    schedule : AnnealSchedule
        Shuffle and ramp.
    ladder : Ladder, optional
        Quench at the end.
    order : float
        Order of the nearest-neighbor entropy during the ramp; inf is the exact one.
    """

    schedule: AnnealSchedule
    ladder: Ladder | None = None
    order: float = math.inf


# Measured, see docs/howto/choose_recipe.md.
RECIPES = {
    'quench': Recipe(AnnealSchedule(ramp_steps=0), Ladder()),
    'anneal+quench': Recipe(AnnealSchedule(ramp_steps=1000), Ladder(), order=2),
    'anneal': Recipe(AnnealSchedule()),
}
DEFAULT = 'quench'
LITERAL = 'anneal'  # the protocol of the paper
