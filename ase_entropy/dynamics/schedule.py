"""The bath temperature and K at every step of a cycle."""

from dataclasses import dataclass

import numpy as np

from ase_entropy import checks

__all__ = ['AnnealSchedule']

MOST = 10**9  # steps


@dataclass(frozen=True)
class AnnealSchedule:
    r"""Shuffle hot without entropy, then ramp T down and K up, both linearly.

    A cycle takes ``shuffle_steps`` at (hot_K, 0), then ``ramp_steps`` from (hot_K, 0),
    exactly, to (0, k_entropy), exactly. Without a ramp it is constant: the unbiased
    reference.

    Parameters
    ----------
    hot_K : float
        Temperature of the shuffle (K).
    k_entropy : float
        K at the end of the ramp, and in a quench after it (eV).
    shuffle_steps, ramp_steps : int
        Lengths. A ramp has at least two steps, or none.

    Raises
    ------
    ValueError
        Negative temperature or length, a ramp of one step, a cycle of no steps.

    References
    ----------
    .. [1] M. Karabin, D. Perez, J. Chem. Phys. 153, 094110 (2020), Fig. 1.

    Examples
    --------
    >>> schedule = AnnealSchedule(shuffle_steps=2, ramp_steps=3)
    >>> [schedule(step) for step in range(schedule.cycle_steps)][1:]
    [(10000.0, 0.0), (10000.0, 0.0), (5000.0, 500.0), (0.0, 1000.0)]
    """

    hot_K: float = 10_000.0
    k_entropy: float = 1000.0
    shuffle_steps: int = 2000
    ramp_steps: int = 12_000

    def __post_init__(self) -> None:
        checks.real('hot_K', self.hot_K, least=0.0)
        checks.real('k_entropy', self.k_entropy)
        checks.whole('shuffle_steps', self.shuffle_steps, least=0, most=MOST)
        checks.whole('ramp_steps', self.ramp_steps, least=0, most=MOST)
        if self.ramp_steps == 1:
            raise ValueError('ramp_steps=1: expected at least 2 (or 0 for no ramp)')
        if self.cycle_steps == 0:
            raise ValueError(
                'shuffle_steps=0 and ramp_steps=0: expected a cycle of some steps'
            )

    @property
    def cycle_steps(self) -> int:
        """Number of steps of one cycle."""
        return self.shuffle_steps + self.ramp_steps

    def __call__(self, step: int | np.ndarray) -> tuple:
        """Return (temperature_K, k_entropy) of a step, counted from 0 in its cycle.

        Floats for one step, arrays for an array of steps.
        """
        ramp_step = np.maximum(0, np.subtract(step, self.shuffle_steps))
        fraction = ramp_step / max(1, self.ramp_steps - 1)
        temperature_K, k_entropy = (
            self.hot_K * (1 - fraction),
            self.k_entropy * fraction,
        )
        if np.ndim(step) == 0:
            return float(temperature_K), float(k_entropy)
        return temperature_K, k_entropy
