"""The parts of a study, one after the other."""

from ase_entropy.report.stages.comparisons import (
    FIRST,
    autocorrelate,
    correlate_higher,
    measure_distances,
    project_sets,
    replay_cycle,
)
from ase_entropy.report.stages.configurations import measure_configurations
from ase_entropy.report.stages.coverage import (
    Covered,
    Halves,
    measure_coverage,
    measure_covered,
)
from ase_entropy.report.stages.labels import Labels
from ase_entropy.report.stages.redundancy import Redundancy, measure_redundancy

__all__ = [
    'FIRST',
    'Covered',
    'Halves',
    'Labels',
    'Redundancy',
    'autocorrelate',
    'correlate_higher',
    'measure_configurations',
    'measure_coverage',
    'measure_covered',
    'measure_distances',
    'measure_redundancy',
    'project_sets',
    'replay_cycle',
]
