r"""A kernel regression on SOAP: a student of another kind than SNAP.

.. math:: E = \sum_i \Big( c_{t(i)} + \sum_s \alpha_s\, \delta_{t(i) t(s)}
          (\hat{\mathbf q}_i \cdot \hat{\mathbf q}_s)^\zeta \Big), \qquad \zeta = 4,

with the normalized power spectra of dscribe's SOAP (n_max 6, l_max 4; cutoff and sigma
4.11 and 0.5 A for tungsten, scaled with its distance of nearest neighbors). The 300
environments s are chosen once for a label: 100 of each set at random, of which those
are taken that are farthest from each other. They are the same for all sets, and so are
the coefficients that are fitted, by the weights and the ridge of transfer_student.py.
All settings were fixed before the first comparison.
"""

from pathlib import Path

import numpy as np
from ase import Atoms
from transfer_bench import key_of, write_arrays
from transfer_labels import Potential

from ase_entropy.pairs import find_pairs

__all__ = ['KernelStudent', 'Soap', 'choose_environments']

N_MAX, L_MAX, ZETA = 6, 4, 4
CUTOFF, SIGMA = 1.5, 0.5 / 2.741  # over the distance of nearest neighbors
EACH, ENVIRONMENTS = 100, 300
APART = 0.1  # A: closer atoms are the same


class Soap:
    """Normalized power spectra of the atoms of any cell, and their derivatives.

    dscribe has analytic derivatives for systems without periodic boundaries only: atoms
    are described with copies of all images that they see.
    """

    def __init__(self, potential: Potential) -> None:
        from dscribe.descriptors import SOAP  # takes seconds

        self.soap = SOAP(
            species=list(potential.elements),
            r_cut=CUTOFF * potential.neighbor,
            n_max=N_MAX,
            l_max=L_MAX,
            sigma=SIGMA * potential.neighbor,
            periodic=False,
        )
        padding = self.soap.get_cutoff_padding()  # tails of Gaussians
        self.reach = CUTOFF * potential.neighbor + padding

    def with_images(self, atoms: Atoms) -> tuple[Atoms, np.ndarray]:
        """Return the atoms and images that they see, and of which atom each is one."""
        pairs = find_pairs(atoms, self.reach)
        places_pc = atoms.positions[pairs.i_p] + pairs.r_pc
        shifts_pc = places_pc - atoms.positions[pairs.j_p]
        far_p = np.abs(shifts_pc).max(axis=1) > APART
        rounded = np.column_stack([pairs.j_p, np.round(shifts_pc / APART)])[far_p]
        _, first = np.unique(rounded.astype(int), axis=0, return_index=True)
        own = np.concatenate([np.arange(len(atoms)), pairs.j_p[far_p][first]])
        places = np.concatenate([atoms.positions, places_pc[far_p][first]])
        return Atoms(atoms.numbers[own], places), own

    def create(self, atoms: Atoms) -> np.ndarray:
        """Return normalized power spectra, (n, k)."""
        every, _ = self.with_images(atoms)
        q_nk = self.soap.create(every, centers=list(range(len(atoms))))
        return q_nk / np.linalg.norm(q_nk, axis=1)[:, None]

    def derivatives(self, atoms: Atoms) -> tuple[np.ndarray, ...]:
        """Return normalized spectra, (n, k), their norms, and dq/dr, (3 n, n, k).

        The derivatives are those of the spectra before these are normalized.
        """
        n = len(atoms)
        every, own = self.with_images(atoms)
        D_njck, q_nk = self.soap.derivatives(
            every, centers=list(range(n)), attach=True, method='analytical'
        )
        order = np.argsort(own, kind='stable')
        starts = np.searchsorted(own[order], np.arange(n))
        summed = np.add.reduceat(D_njck[:, order], starts, axis=1)
        D_xnk = summed.transpose(1, 2, 0, 3).reshape(3 * n, *q_nk.shape)
        norm_n = np.linalg.norm(q_nk, axis=1)
        return q_nk / norm_n[:, None], norm_n, D_xnk


class KernelStudent:
    """Rows of the design matrix of a kernel regression on SOAP.

    Parameters
    ----------
    potential : Potential
        Its elements and lengths.
    q_sk : array
        Normalized spectra of the environments in the kernels.
    numbers_s : array
        Atomic numbers of their centers.
    """

    def __init__(self, potential: Potential, q_sk, numbers_s) -> None:
        self.elements = tuple(potential.elements)
        self.soap = Soap(potential)
        self.q_sk, self.numbers_s = np.asarray(q_sk), np.asarray(numbers_s)
        self.key = key_of(self.q_sk.tobytes(), self.numbers_s.astype(int).tobytes())

    def close(self) -> None:
        """Nothing is open."""

    def rows(self, atoms: Atoms) -> tuple[np.ndarray, np.ndarray]:
        """Return energies per atom, (k,), and forces, (3 n, k), of the coefficients."""
        n = len(atoms)
        q_nk, norm_n, D_xnk = self.soap.derivatives(atoms)
        same_ns = atoms.numbers[:, None] == self.numbers_s
        K_ns = same_ns * (q_nk @ self.q_sk.T)
        counts = [np.sum(atoms.symbols == element) for element in self.elements]
        E_k = np.concatenate([(K_ns**ZETA).sum(axis=0), counts]) / n
        slope_ns = ZETA * K_ns ** (ZETA - 1) * same_ns / norm_n[:, None]
        across_nks = self.q_sk.T - q_nk[:, :, None] * K_ns[:, None]  # of the norm
        dE_dq_nks = slope_ns[:, None] * across_nks
        F_xs = -D_xnk.reshape(3 * n, -1) @ dE_dq_nks.reshape(-1, len(self.q_sk))
        return E_k, np.hstack([F_xs, np.zeros((3 * n, len(counts)))])


def choose_environments(path: Path, potential: Potential, sets) -> tuple:
    """Return spectra and atomic numbers of environments of several sets of frames.

    They are kept in a file, and are those of this file once it is there.
    """
    if not path.exists():
        soap, rng = Soap(potential), np.random.default_rng(0)
        parts = [environments(soap, frames, rng) for frames in sets]
        q_mk, numbers_m = map(np.concatenate, zip(*parts, strict=True))
        chosen = farthest(q_mk, numbers_m, min(ENVIRONMENTS, len(q_mk)))
        write_arrays(path, q_sk=q_mk[chosen], numbers_s=numbers_m[chosen])
    with np.load(path) as kept:
        return kept['q_sk'], kept['numbers_s']


def environments(soap: Soap, frames, rng) -> tuple[np.ndarray, np.ndarray]:
    """Return spectra and atomic numbers of some environments of a set."""
    q_mk, numbers_m, count = [], [], 0
    for m in rng.permutation(len(frames)):
        q_mk.append(soap.create(frames[m]))
        numbers_m.append(frames[m].numbers)
        count += len(frames[m])
        if count >= EACH:
            break
    return np.concatenate(q_mk)[:EACH], np.concatenate(numbers_m)[:EACH]


def farthest(q_mk, numbers_m, count: int) -> np.ndarray:
    """Return points that are farthest from those before, beginning with the first."""
    chosen, nearest_m = [0], np.full(len(q_mk), np.inf)
    while len(chosen) < count:
        last = chosen[-1]
        similar_m = (q_mk @ q_mk[last]) * (numbers_m == numbers_m[last])
        nearest_m = np.minimum(nearest_m, 2.0 - 2.0 * similar_m)
        chosen.append(int(np.argmax(nearest_m)))
    return np.array(chosen)
