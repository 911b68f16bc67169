"""A native descriptor seen through dscribe's interface.

dscribe itself brings the handling of many systems, processes and index lists. This
module imports dscribe, which takes seconds: import it late.
"""

import numpy as np
from ase import Atoms
from dscribe.descriptors.descriptorlocal import DescriptorLocal

from ase_entropy.pairs import Pairs, find_pairs, reach, search_neighbors

__all__ = ['DscribeFace']


class DscribeFace(DescriptorLocal):
    """Dscribe's view of a descriptor that has ``cutoff``, ``size`` and ``evaluate``."""

    def __init__(self, descriptor, sparse=False) -> None:
        super().__init__(periodic=True, sparse=sparse)
        self.descriptor = descriptor
        self.reach = reach(descriptor)

    def create(
        self, system, centers=None, n_jobs=1, only_physical_cores=False, verbose=False
    ):
        """Return the descriptor of one or many systems."""
        if isinstance(system, Atoms):
            system, centers = [system], [centers]
        if centers is None:
            centers = [None] * len(system)
        if len(centers) != len(system):
            raise ValueError(
                f'centers holds {len(centers)} lists for {len(system)} systems: '
                'expected one list for each system'
            )
        jobs = list(zip(system, centers, strict=True))
        rows = {len(a) if c is None else len(c) for a, c in jobs}
        shape = [*rows, self.descriptor.size] if len(rows) == 1 else None
        return self.create_parallel(
            jobs,
            self.create_single,
            n_jobs,
            shape,
            only_physical_cores,
            verbose=verbose,
        )

    def create_single(
        self, system, centers=None, return_descriptor=True, return_derivatives=False
    ):
        """Return the descriptor of one system, (centers, k)."""
        if centers is None:
            return self.descriptor.evaluate(find_pairs(system, self.reach))[0]
        rows, (q_nk, _), _ = self._evaluate_at(system, centers, attach=True)
        return q_nk[rows]

    def get_number_of_features(self):
        """Return the number of components."""
        return self.descriptor.size

    @property
    def species(self):
        """Chemical symbols that the descriptor is made for, None for any."""
        return self.descriptor.species

    def validate_derivatives_method(self, method, attach):
        """Return 'analytical' for 'auto'."""
        methods = ('auto', 'analytical', 'numerical')
        if method not in methods:
            raise ValueError(f'method={method!r}: expected one of {methods}')
        return 'analytical' if method == 'auto' else method

    def derivatives_analytical(
        self, d, c, system, centers, indices, attach=False, return_descriptor=True
    ):
        """Fill `d`, (centers, atoms, 3, k), by one pullback for each component."""
        if centers is None:
            centers = range(len(system))
        rows, (q_nk, pullback), pairs = self._evaluate_at(system, centers, attach)
        if return_descriptor:
            c[:] = q_nk[rows]
        seeds_nk = np.zeros((len(pairs.numbers_n), self.descriptor.size))
        full = np.zeros((len(pairs.numbers_n), len(system), 3, self.descriptor.size))
        moves_p = pairs.i_p < len(system)
        for k in range(self.descriptor.size):
            seeds_nk[:] = 0.0
            seeds_nk[:, k] = 1.0
            dq_dr_pc = pullback(seeds_nk)
            np.add.at(full[..., k], (pairs.i_p, pairs.j_p), dq_dr_pc)
            i_p = pairs.i_p[moves_p]
            np.subtract.at(full[..., k], (i_p, i_p), dq_dr_pc[moves_p])
        d[:] = full[rows][:, indices]

    def _evaluate_at(self, system, centers, attach):
        """Evaluate at atoms that move along, or else at fixed points in space.

        Returns the rows of the centers, what ``descriptor.evaluate`` returns, and
        the pairs.
        """
        centers = np.asarray(centers)
        is_index = centers.ndim == 1 and np.issubdtype(centers.dtype, np.integer)
        if is_index and attach:
            pairs = find_pairs(system, self.reach)
            return centers, self.descriptor.evaluate(pairs), pairs
        points = system.positions[centers] if is_index else centers.reshape(-1, 3)
        pairs = _pairs_at_points(system, points, self.reach)
        rows = len(system) + np.arange(len(points))
        return rows, self.descriptor.evaluate(pairs), pairs


def _pairs_at_points(system: Atoms, points: np.ndarray, cutoff: float) -> Pairs:
    """Find the pairs from fixed points to the atoms, one on the point included.

    The points come behind the atoms, as element X.
    """
    n = len(system)
    find_pairs(system, cutoff)  # says what is wrong with the system, if anything
    both = Atoms(cell=system.cell, pbc=system.pbc)
    both.extend(Atoms(numbers=system.numbers, positions=system.positions))
    both.extend(Atoms('X' * len(points), positions=points))
    i_p, j_p, r_p, r_pc = search_neighbors(both, cutoff)
    i_p, j_p = i_p.astype(np.intp), j_p.astype(np.intp)
    seen_p = (i_p >= n) & (j_p < n)
    return Pairs(both.numbers, i_p[seen_p], j_p[seen_p], r_p[seen_p], r_pc[seen_p])
