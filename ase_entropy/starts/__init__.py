"""Where a walker begins: random packings, given structures, and other elements."""

from ase_entropy.starts.packing import RandomPacking, random_packing
from ase_entropy.starts.rescaling import rescale, scale_of
from ase_entropy.starts.structure import Structure

__all__ = ['RandomPacking', 'Structure', 'random_packing', 'rescale', 'scale_of']
