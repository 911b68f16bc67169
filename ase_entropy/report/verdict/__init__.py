"""What the numbers of a report mean: what sets lack, and three sentences on it."""

from ase_entropy.report.verdict.gaps import (
    Absence,
    Growth,
    absences,
    covered,
    growth_of_set,
)
from ase_entropy.report.verdict.sentences import Verdict, verdict

__all__ = [
    'Absence',
    'Growth',
    'Verdict',
    'absences',
    'covered',
    'growth_of_set',
    'verdict',
]
