"""A descriptor of whole atoms that tests share: no function of an atom's own pairs."""

from dataclasses import dataclass

import numpy as np

from ase_entropy.pairs import find_pairs, forces, virial


@dataclass(frozen=True)
class TwoHops:
    """Neighbors, and theirs: q_i = (sum_j f_ij, sum_j f_ij sum_k f_jk)."""

    cutoff: float = 3.0
    sign: float = 1.0  # -1 is a mistake
    strained: float = 1.0  # 0 is another
    size = 2

    def evaluate_atoms(self, atoms):
        pairs = find_pairs(atoms, self.cutoff)
        n, x_p = len(atoms), np.pi * pairs.r_p / self.cutoff
        f_p = 0.5 * (1 + np.cos(x_p))
        df_dr_p = -0.5 * np.pi / self.cutoff * np.sin(x_p)
        i_p, j_p = pairs.i_p, pairs.j_p
        rho_n = np.bincount(i_p, f_p, n)
        q_nk = np.stack([rho_n, np.bincount(i_p, f_p * rho_n[j_p], n)], axis=1)

        def pullback(dE_dq_nk):
            direct_n, second_n = dE_dq_nk.T
            direct_n = direct_n + np.bincount(j_p, f_p * second_n[i_p], n)
            dE_df_p = direct_n[i_p] + second_n[i_p] * rho_n[j_p]
            dE_dr_pc = (dE_df_p * df_dr_p / pairs.r_p)[:, None] * pairs.r_pc
            virial_cc = self.strained * virial(pairs, dE_dr_pc)
            return self.sign * forces(pairs, dE_dr_pc), virial_cc

        return q_nk, pullback
