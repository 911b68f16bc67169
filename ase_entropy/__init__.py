"""Diverse training sets for interatomic potentials by entropy maximization.

Everything is imported when it is first used, so that the command line answers at once.
"""

from importlib import import_module
from typing import Any

__version__ = '0.2.0'

NAMES = {
    'calculator': ['Base', 'EntropyCalculator'],
    'campaign': ['Harvest', 'Recipe'],
    'descriptors': [
        'MACE',
        'Bispectrum',
        'CHGNet',
        'DscribeDescriptor',
        'LinearDescriptor',
        'SevenNet',
        'TorchDescriptor',
    ],
    'dynamics': ['AnnealSchedule', 'CyclicLangevin', 'Ladder', 'Quench'],
    'entropy': [
        'KernelEntropy',
        'KozachenkoLeonenkoEntropy',
        'LogDetEntropy',
        'NearestNeighborEntropy',
        'PerElement',
        'SmoothNearestNeighborEntropy',
    ],
    'repulsion': ['ClarkeSmith', 'MixedClarkeSmith', 'ZieglerBiersackLittmark'],
    'starts': [
        'Cut',
        'Given',
        'Mixture',
        'Prototype',
        'RandomCrystal',
        'RandomPacking',
        'Structure',
        'VariedPacking',
        'random_packing',
        'rescale',
    ],
}
ROOM_OF = {name: room for room, names in NAMES.items() for name in names}
OTHER_ROOMS = [
    'analysis',
    'checks',
    'chemistry',
    'pairs',
    'parts',
    'sets',
    'statistics',
    'store',
]
__all__ = ['campaign', *ROOM_OF]


def __getattr__(name: str) -> Any:
    """Import a public name, or a room of the package."""
    if name in ROOM_OF:
        return getattr(import_module(f'ase_entropy.{ROOM_OF[name]}'), name)
    if name in NAMES or name in OTHER_ROOMS:
        return import_module(f'ase_entropy.{name}')
    raise AttributeError(f"module 'ase_entropy' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*globals(), *ROOM_OF, *NAMES]
