"""The bath temperature and K at every step of a cycle."""

from dataclasses import dataclass, field, replace

import numpy as np

from ase_entropy import checks

__all__ = ['AnnealSchedule']

MOST = 10**9  # steps
K_ENTROPY = 1000.0  # eV, in the paper


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
    k_entropy : float, optional
        K at the end of the ramp, and in a quench after it (eV); that of the paper, 1000
        eV, by default.
    shuffle_steps, ramp_steps : int
        Lengths. A ramp has at least two steps, or none. Without any steps a cycle is
        its quench, or the start itself.
    k_per_atom : float, optional
        K for each atom (eV), in the place of `k_entropy`: S is a mean over the atoms,
        E_rep a sum, so that only this drives cells of all sizes alike. In the paper's
        cell it is 25.6 eV.

    Raises
    ------
    ValueError
        Negative temperature or length, a ramp of one step; both K.

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
    k_entropy: float | None = None
    shuffle_steps: int = 2000
    ramp_steps: int = 12_000
    k_per_atom: float | None = field(default=None, metadata={'absent': None})

    def __post_init__(self) -> None:
        checks.real('hot_K', self.hot_K, least=0.0)
        if self.k_per_atom is not None:
            checks.real('k_per_atom', self.k_per_atom)
            if self.k_entropy is not None:
                raise ValueError(
                    f'k_entropy={self.k_entropy!r} and k_per_atom={self.k_per_atom!r}: '
                    'expected one of them'
                )
        elif self.k_entropy is None:
            object.__setattr__(self, 'k_entropy', K_ENTROPY)
        else:
            checks.real('k_entropy', self.k_entropy)
        checks.whole('shuffle_steps', self.shuffle_steps, least=0, most=MOST)
        checks.whole('ramp_steps', self.ramp_steps, least=0, most=MOST)
        if self.ramp_steps == 1:
            raise ValueError('ramp_steps=1: expected at least 2 (or 0 for no ramp)')

    def of(self, atoms: int) -> 'AnnealSchedule':
        """Return the schedule with the K of so many atoms.

        Examples
        --------
        >>> AnnealSchedule(k_per_atom=2.0).of(39).k_entropy
        78.0
        """
        checks.whole('atoms', atoms, least=1)
        if self.k_per_atom is None:
            return self
        return replace(self, k_entropy=self.k_per_atom * atoms, k_per_atom=None)

    @property
    def cycle_steps(self) -> int:
        """Number of steps of one cycle."""
        return self.shuffle_steps + self.ramp_steps

    def __call__(self, step: int | np.ndarray) -> tuple:
        """Return (temperature_K, k_entropy) of a step, counted from 0 in its cycle.

        Floats for one step, arrays for an array of steps.

        Raises
        ------
        ValueError
            K is one for each atom, and their number is not known: see `of`.
        """
        if self.k_entropy is None:
            raise ValueError(
                f'k_per_atom={self.k_per_atom!r}: expected a number of atoms first, as '
                'schedule.of(39)'
            )
        ramp_step = np.maximum(0, np.subtract(step, self.shuffle_steps))
        fraction = ramp_step / max(1, self.ramp_steps - 1)
        temperature_K, k_entropy = (
            self.hot_K * (1 - fraction),
            self.k_entropy * fraction,
        )
        if np.ndim(step) == 0:
            return float(temperature_K), float(k_entropy)
        return temperature_K, k_entropy
