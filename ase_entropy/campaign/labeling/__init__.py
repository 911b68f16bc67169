"""Labels: energy, forces and stress of a set by any calculator, on any executor.

:func:`label` fills a database with the configurations of a set and their labels; each
is a task of its own.
"""

from ase_entropy.calculator.factory import Factory
from ase_entropy.campaign.labeling.label import label

__all__ = ['Factory', 'label']
