"""Where a walker begins: packings, crystals, given structures, and mixtures of them."""

from ase_entropy.starts.crystals import RandomCrystal
from ase_entropy.starts.cut import Cut
from ase_entropy.starts.given import Given, Structure
from ase_entropy.starts.isolated import Isolated
from ase_entropy.starts.mixture import Mixture
from ase_entropy.starts.packing import RandomPacking, random_packing
from ase_entropy.starts.perturbation import Perturbation
from ase_entropy.starts.prototypes import Prototype
from ase_entropy.starts.registry import registry
from ase_entropy.starts.rescaling import rescale, scale_of
from ase_entropy.starts.varied import VariedPacking

__all__ = [
    'Cut',
    'Given',
    'Isolated',
    'Mixture',
    'Perturbation',
    'Prototype',
    'RandomCrystal',
    'RandomPacking',
    'Structure',
    'VariedPacking',
    'random_packing',
    'registry',
    'rescale',
    'scale_of',
]
