"""The effective energy V = E_base + E_rep - K S, as an ASE calculator.

E_base is the energy of any other ASE calculator; by default there is none.
"""

from ase_entropy.calculator.base import Base, BaseFailed
from ase_entropy.calculator.effective import COMPONENTS, EntropyCalculator

__all__ = ['COMPONENTS', 'Base', 'BaseFailed', 'EntropyCalculator']
