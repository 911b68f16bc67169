"""What the numbers of a report mean: a verdict, one piece of advice, what sets lack."""

from ase_entropy.report.verdict.gaps import Absence, absences, absent_kinds
from ase_entropy.report.verdict.sentences import Verdict, verdict

__all__ = ['Absence', 'Verdict', 'absences', 'absent_kinds', 'verdict']
