"""Diverse training sets for interatomic potentials by entropy maximization."""

from ase_entropy import campaign
from ase_entropy.calculator import EntropyCalculator
from ase_entropy.descriptors import Bispectrum, DscribeDescriptor, LinearDescriptor
from ase_entropy.dynamics import CyclicLangevin
from ase_entropy.entropy import (
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LogDetEntropy,
    NearestNeighborEntropy,
    PerElement,
    SmoothNearestNeighborEntropy,
)
from ase_entropy.harvest import Harvest
from ase_entropy.quench import Ladder, Quench
from ase_entropy.recipes import Recipe
from ase_entropy.repulsion import (
    ClarkeSmith,
    MixedClarkeSmith,
    ZieglerBiersackLittmark,
)
from ase_entropy.schedule import AnnealSchedule
from ase_entropy.structures import (
    RandomPacking,
    Structure,
    random_packing,
    rescale,
)

__version__ = '0.1.0'
__all__ = [
    'AnnealSchedule',
    'Bispectrum',
    'ClarkeSmith',
    'CyclicLangevin',
    'DscribeDescriptor',
    'EntropyCalculator',
    'Harvest',
    'KernelEntropy',
    'KozachenkoLeonenkoEntropy',
    'Ladder',
    'LinearDescriptor',
    'LogDetEntropy',
    'MixedClarkeSmith',
    'NearestNeighborEntropy',
    'PerElement',
    'Quench',
    'RandomPacking',
    'Recipe',
    'SmoothNearestNeighborEntropy',
    'Structure',
    'ZieglerBiersackLittmark',
    'campaign',
    'random_packing',
    'rescale',
]
