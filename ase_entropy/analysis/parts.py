"""Statistical errors of numbers of a set, by parts of it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from ase.data import chemical_symbols

from ase_entropy import checks
from ase_entropy.analysis.scaling import ReferenceScale, check_numbers, in_deviations

__all__ = ['PARTS', 'Estimate', 'Parts']

PARTS = 8  # of a set


class Estimate(NamedTuple):
    """A number and its statistical error, nan where there is none."""

    value: float
    error: float = float('nan')


@dataclass(frozen=True)
class Parts:
    """Environments in deviations of a reference, and their parts of a set."""

    x_ek: np.ndarray
    numbers_e: np.ndarray
    part_e: np.ndarray

    @classmethod
    def of(
        cls, q_ek: Any, first_m: Any, numbers_e: Any, reference: Any, parts: int
    ) -> 'Parts':
        """Return the environments of a set, checked, without components that are still.

        Parts are consecutive configurations, as many in each.
        """
        if not isinstance(reference, ReferenceScale):
            reference = ReferenceScale.of(reference, q_ek)
        (x_ek,) = in_deviations(reference, q_ek)
        varying_k = np.isfinite(reference.scale_k)
        if not varying_k.any():
            raise ValueError('all environments are equal: expected some that differ')
        x_ek = x_ek if varying_k.all() else x_ek[:, varying_k]
        first_m = checks.first_indices(first_m, len(x_ek))
        (numbers_e,) = check_numbers([x_ek], [numbers_e], 'numbers_e')
        m = len(first_m) - 1
        several = min(m, checks.whole('parts', parts, least=2))
        part_e = np.repeat(np.arange(m) * several // m, np.diff(first_m))
        return cls(x_ek, numbers_e, part_e)

    @property
    def elements(self) -> list[int]:
        """Atomic numbers."""
        return np.unique(self.numbers_e).tolist()

    def kinds(self) -> list[tuple[str, np.ndarray]]:
        """Return 'all' and the symbols, and which environments these are."""
        own = [(chemical_symbols[z], self.numbers_e == z) for z in self.elements]
        return [('all', np.ones(len(self.numbers_e), bool)), *own]

    def nothing(self) -> np.ndarray:
        """Return nan for each environment, (e,)."""
        return np.full(len(self.numbers_e), np.nan)

    def estimate(self, values_e: np.ndarray) -> Estimate:
        """Return the mean of the numbers that are not nan, with its error."""
        known_e = np.isfinite(values_e)
        mean = float(values_e[known_e].mean()) if known_e.any() else float('nan')
        return Estimate(mean, self.error(values_e))

    def error(self, values_e: np.ndarray) -> float:
        """Return the error of the mean; nan if the numbers are all of one part."""
        known_e = np.isfinite(values_e)
        part_n, values_n = self.part_e[known_e], values_e[known_e]
        number_p = np.bincount(part_n)
        met_p = number_p > 0
        if met_p.sum() < 2:
            return float('nan')
        mean_p = np.bincount(part_n, values_n)[met_p] / number_p[met_p]
        return float(np.std(mean_p, ddof=1) / np.sqrt(len(mean_p)))
