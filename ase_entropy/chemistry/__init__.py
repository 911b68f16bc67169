"""Elements: their symbols, and the sizes of their atoms, alone and in compounds."""

from ase_entropy.chemistry.reference import (
    Size,
    elements,
    has_size,
    pair_name,
    radius,
    size,
)
from ase_entropy.chemistry.sizes import Sizes

__all__ = [
    'Size',
    'Sizes',
    'elements',
    'has_size',
    'pair_name',
    'radius',
    'size',
]
