"""How atoms move: the schedule of a cycle, the Langevin dynamics, and the quench.

Between two observer calls the atoms advance in compiled segments, where all parts of
the energy have a compiled form.
"""

from ase_entropy.dynamics.anneal_log import AnnealLogger
from ase_entropy.dynamics.langevin import CyclicLangevin
from ase_entropy.dynamics.quench import Ladder, Quench
from ase_entropy.dynamics.schedule import AnnealSchedule

__all__ = ['AnnealLogger', 'AnnealSchedule', 'CyclicLangevin', 'Ladder', 'Quench']
