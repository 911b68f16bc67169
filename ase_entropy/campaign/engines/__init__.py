"""Who runs tasks, and who writes their results: executors, driver and logbook.

A task is a chain of cycles, or a configuration to be labeled; several short ones are a
work unit. Nothing here knows what is computed.
"""

from ase_entropy.campaign.engines.driver import Driver
from ase_entropy.campaign.engines.executors import Cluster, InProcess
from ase_entropy.campaign.engines.logbook import Logbook
from ase_entropy.campaign.engines.processes import Processes
from ase_entropy.campaign.engines.progress import Progress
from ase_entropy.campaign.engines.signals import Interrupts
from ase_entropy.campaign.engines.trial import Trial
from ase_entropy.campaign.engines.units import TaskResult, UnitResult, WorkUnit

__all__ = [
    'Cluster',
    'Driver',
    'InProcess',
    'Interrupts',
    'Logbook',
    'Processes',
    'Progress',
    'TaskResult',
    'Trial',
    'UnitResult',
    'WorkUnit',
]
