"""Entropy of each element among its own."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from ase_entropy import checks
from ase_entropy._kernels.entropy import PerKindNumbers
from ase_entropy.entropy.space import check_finite
from ase_entropy.parts import part_from_dict, part_to_dict

__all__ = ['PerElement']


@dataclass(frozen=True)
class PerElement:
    r"""Entropy of the atoms of each element among their own, averaged over all atoms.

    .. math:: S = \sum_e \frac{n_e}{n} S_e(\{\mathbf q_j : j \in e\})

    Without it, all atoms are compared with each other: an estimator then counts two
    elements in like surroundings as a repetition, which suits descriptors that know the
    central element (``chemflag``, SOAP of several species) or models that do not. With
    it, each element gets environments of its own that differ: right for potentials with
    separate parameters for each element, as SNAP's.

    Parameters
    ----------
    estimator : EntropyEstimator
        Estimator for one element.

    Examples
    --------
    Two elements in the same two places: as diverse as one of them.

    >>> from ase_entropy import NearestNeighborEntropy
    >>> q_nk = np.array([[0.0], [1.0], [0.0], [1.0]])
    >>> estimator = NearestNeighborEntropy(softening=0.0)
    >>> numbers_n = np.array([4, 4, 74, 74])
    >>> value, _ = PerElement(estimator).evaluate_elements(q_nk, numbers_n)
    >>> bool(value == estimator.evaluate(q_nk[:2])[0])
    True
    """

    estimator: Any

    def evaluate_elements(
        self, q_nk: np.ndarray, numbers_n: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Return the entropy (nats) and its gradient, (n, k).

        Parameters
        ----------
        q_nk : (n, k) float array
            Descriptors of the n atoms.
        numbers_n : (n,) int array
            Their atomic numbers.

        Raises
        ------
        ValueError
            Descriptors that are not finite; what the estimator raises, with the element
            before it.
        """
        q_nk = checks.array('q_nk', q_nk)
        if q_nk.size:
            check_finite(q_nk)
        entropy, dS_dq_nk = 0.0, np.zeros(q_nk.shape)
        for number in np.unique(numbers_n):
            own_n = numbers_n == number
            share = own_n.mean()
            try:
                value, slope_nk = self.estimator.evaluate(q_nk[own_n])
            except ValueError as error:
                raise ValueError(
                    f'{chemical_symbols[number]}, {own_n.sum()} atom(s): {error}'
                ) from error
            entropy += share * value
            dS_dq_nk[own_n] = share * slope_nk
        return float(entropy), dS_dq_nk

    def numbers(self, components: int, kinds: int) -> PerKindNumbers:
        """Return what the compiled kernels take, for so many elements."""
        return PerKindNumbers(self.estimator.numbers(components), kinds)

    def todict(self) -> dict:
        """Return what :meth:`fromdict` makes the same estimator of."""
        return {'estimator': part_to_dict(self.estimator)}

    @classmethod
    def fromdict(cls, dct: dict) -> 'PerElement':
        """Rebuild an estimator, also after a trip through JSON."""
        from ase_entropy.entropy import registry

        return cls(part_from_dict(dct['estimator'], registry))

    @property
    def order(self) -> float:
        """Order of the estimator, for those that have one."""
        return self.estimator.order
