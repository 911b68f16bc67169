"""Rules by which few of many configurations are chosen, one after the other."""

from ase_entropy.sets.selection.rules.coverage import Coverage
from ase_entropy.sets.selection.rules.farthest_point import FarthestPoint
from ase_entropy.sets.selection.rules.greedy import Ranking
from ase_entropy.sets.selection.rules.kernel_density import KernelDensity
from ase_entropy.sets.selection.rules.log_det import LogDet
from ase_entropy.sets.selection.rules.random_choice import Random

__all__ = [
    'Coverage',
    'FarthestPoint',
    'KernelDensity',
    'LogDet',
    'Random',
    'Ranking',
]
