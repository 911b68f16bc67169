"""Diverse training sets for interatomic potentials by entropy maximization."""

from ase_entropy import campaign
from ase_entropy.calculator import Base, EntropyCalculator
from ase_entropy.campaign import Harvest, Recipe
from ase_entropy.descriptors import (
    MACE,
    Bispectrum,
    CHGNet,
    DscribeDescriptor,
    LinearDescriptor,
    SevenNet,
    TorchDescriptor,
)
from ase_entropy.dynamics import AnnealSchedule, CyclicLangevin, Ladder, Quench
from ase_entropy.entropy import (
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LogDetEntropy,
    NearestNeighborEntropy,
    PerElement,
    SmoothNearestNeighborEntropy,
)
from ase_entropy.repulsion import (
    ClarkeSmith,
    MixedClarkeSmith,
    ZieglerBiersackLittmark,
)
from ase_entropy.starts import (
    Cut,
    Given,
    Mixture,
    Prototype,
    RandomCrystal,
    RandomPacking,
    Structure,
    VariedPacking,
    random_packing,
    rescale,
)

__version__ = '0.1.0'
__all__ = [
    'MACE',
    'AnnealSchedule',
    'Base',
    'Bispectrum',
    'CHGNet',
    'ClarkeSmith',
    'Cut',
    'CyclicLangevin',
    'DscribeDescriptor',
    'EntropyCalculator',
    'Given',
    'Harvest',
    'KernelEntropy',
    'KozachenkoLeonenkoEntropy',
    'Ladder',
    'LinearDescriptor',
    'LogDetEntropy',
    'MixedClarkeSmith',
    'Mixture',
    'NearestNeighborEntropy',
    'PerElement',
    'Prototype',
    'Quench',
    'RandomCrystal',
    'RandomPacking',
    'Recipe',
    'SevenNet',
    'SmoothNearestNeighborEntropy',
    'Structure',
    'TorchDescriptor',
    'VariedPacking',
    'ZieglerBiersackLittmark',
    'campaign',
    'random_packing',
    'rescale',
]
