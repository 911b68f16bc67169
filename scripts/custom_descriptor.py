"""A radial descriptor of your own, checked, and used for a harvest."""

from dataclasses import dataclass

import numpy as np

from ase_entropy import (
    AnnealSchedule,
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    random_packing,
)
from ase_entropy.testing import check_descriptor


@dataclass(frozen=True)
class Radial:
    """Neighbors in Gaussian shells: q_ik = sum_j fc(r_ij) exp(-(r_ij - R_k)^2)."""

    cutoff: float = 4.0
    shells: tuple = (2.0, 2.5, 3.0, 3.5)

    @property
    def size(self):
        """Number of shells."""
        return len(self.shells)

    def evaluate(self, pairs):
        """Return q_nk and its pullback."""
        r_p1 = np.minimum(pairs.r_p, self.cutoff)[:, None]
        x_p1 = np.pi * r_p1 / self.cutoff
        fc_p1 = 0.5 * (1 + np.cos(x_p1))
        dfc_p1 = -0.5 * np.pi / self.cutoff * np.sin(x_p1)
        away_pk = r_p1 - np.array(self.shells)
        gauss_pk = np.exp(-(away_pk**2))
        q_nk = np.zeros((len(pairs.numbers_n), self.size))
        np.add.at(q_nk, pairs.i_p, fc_p1 * gauss_pk)
        dq_dr_pk = (dfc_p1 - 2 * away_pk * fc_p1) * gauss_pk

        def pullback(dE_dq_nk):
            slope_p = np.sum(dE_dq_nk[pairs.i_p] * dq_dr_pk, axis=1)
            return (slope_p / pairs.r_p)[:, None] * pairs.r_pc

        return q_nk, pullback


rng = np.random.default_rng(1)
atoms = random_packing('W12', (6, 6, 8), min_distance=2.0, rng=rng)
check_descriptor(Radial(), atoms)
print('Radial passes all checks')

atoms.calc = EntropyCalculator(Radial(), k_entropy=10.0)
quick = AnnealSchedule(k_entropy=10.0, shuffle_steps=50, ramp_steps=200)
dyn = CyclicLangevin(atoms, schedule=quick, rng=rng)
Harvest(dyn, 'radial.db').run(cycles=1)
