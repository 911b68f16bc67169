"""Selection: which few of many configurations to compute, and how many are enough."""

from ase_entropy.sets.selection.bounds import Bounds
from ase_entropy.sets.selection.chosen import read_ranked
from ase_entropy.sets.selection.close_pairs import ClosestPair, closest_pair
from ase_entropy.sets.selection.duplicates import near_duplicates
from ase_entropy.sets.selection.enough import how_many, neighbor_distance
from ase_entropy.sets.selection.environments import PER, Environments
from ase_entropy.sets.selection.filters import Filters
from ase_entropy.sets.selection.isolated import (
    are_lonely,
    is_isolated,
    rank_around_isolated,
    redundant,
)
from ase_entropy.sets.selection.pool import read_pool, usual_descriptor
from ase_entropy.sets.selection.rules import (
    Coverage,
    FarthestPoint,
    KernelDensity,
    LogDet,
    Random,
    Ranking,
)

__all__ = [
    'PER',
    'Bounds',
    'ClosestPair',
    'Coverage',
    'Environments',
    'FarthestPoint',
    'Filters',
    'KernelDensity',
    'LogDet',
    'Random',
    'Ranking',
    'are_lonely',
    'closest_pair',
    'how_many',
    'is_isolated',
    'near_duplicates',
    'neighbor_distance',
    'rank_around_isolated',
    'read_pool',
    'read_ranked',
    'redundant',
    'usual_descriptor',
]
