"""Many cycles into one database: the recipe, one cycle, chains of them, and who runs.

:func:`run` fills a database with the cycles of a :class:`Recipe`, on one core or on a
cluster, killed and resumed, always with the same rows; :class:`Harvest` does so for a
dynamics at hand. :func:`label` computes energies and forces of any set in the same way.
"""

from ase_entropy.campaign.cycle import run_cycle
from ase_entropy.campaign.engines import Cluster, InProcess, Processes, Progress
from ase_entropy.campaign.harvest import Harvest
from ase_entropy.campaign.labeling import Factory, label
from ase_entropy.campaign.recipe import Motion, Recipe
from ase_entropy.campaign.recipes import RECIPES, general
from ase_entropy.campaign.run import run
from ase_entropy.campaign.set_recipe import SetRecipe

__all__ = [
    'RECIPES',
    'Cluster',
    'Factory',
    'Harvest',
    'InProcess',
    'Motion',
    'Processes',
    'Progress',
    'Recipe',
    'SetRecipe',
    'general',
    'label',
    'run',
    'run_cycle',
]
