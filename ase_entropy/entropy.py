"""Entropy estimators: descriptors of a cell in, entropy and its gradient out."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from ase_entropy import checks

__all__ = ['NearestNeighborEntropy', 'registry']

TREE_ABOVE = 1000  # points; from here on a k-d tree beats the table of all distances


@dataclass(frozen=True)
class NearestNeighborEntropy:
    r"""Descriptor entropy from nearest-neighbor distances.

    .. math::

        S = \frac1n \sum_j \ln(n\,\Delta q_j), \qquad
        \Delta q_j = \min_{l \ne j} \sqrt{|\mathbf q_j - \mathbf q_l|^2 + \epsilon^2}

    Both ends of a nearest-neighbor link feel the gradient: atom j through its own
    term, and atom l through every j whose nearest neighbor it is. Where the nearest
    neighbor changes the gradient jumps, and maxima of S lie on such kinks: the
    dynamics visits them, a quench does not converge to a vanishing force.

    Parameters
    ----------
    softening : float
        Epsilon (descriptor units), added in quadrature to every distance. Keeps S
        and its gradient finite where two environments coincide; 0 is the literal
        formula of the paper, with a pole there.

    Raises
    ------
    ValueError
        Negative softening; fewer than two atoms; equal descriptors without softening.

    References
    ----------
    .. [1] M. Karabin, D. Perez, J. Chem. Phys. 153, 094110 (2020), Eqs. (2, 3).

    Examples
    --------
    Two atoms at distance d: S = ln(2 d).

    >>> q_nk = np.array([[0.0, 0.0], [0.3, 0.4]])
    >>> entropy, dS_dq_nk = NearestNeighborEntropy(softening=0.0).evaluate(q_nk)
    >>> float(np.exp(entropy))
    1.0
    >>> dS_dq_nk
    array([[-1.2, -1.6],
           [ 1.2,  1.6]])
    """

    softening: float = 0.01

    def __post_init__(self) -> None:
        checks.real('softening', self.softening, least=0.0)

    def evaluate(self, q_nk: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the entropy of a set of descriptors and its gradient.

        Parameters
        ----------
        q_nk : (n, k) float array
            Descriptors of the n atoms.

        Returns
        -------
        entropy : float
            S (nats).
        dS_dq_nk : (n, k) float array
            Gradient (nats per descriptor unit).
        """
        n = len(q_nk)
        if n < 2:
            raise ValueError(
                f'q_nk holds {n} atom(s): a nearest-neighbor entropy needs two or more'
            )
        nearest_n = _nearest(q_nk)
        link_nk = q_nk - q_nk[nearest_n]
        d2_n = np.einsum('nk,nk->n', link_nk, link_nk) + self.softening**2  # Eq. (3)
        if d2_n.min() == 0.0:
            j = int(np.argmin(d2_n))
            raise ValueError(
                f'softening={self.softening!r} and atoms {j} and {nearest_n[j]} have '
                'equal descriptors: the entropy is -inf, expected softening > 0'
            )
        entropy = float(np.mean(0.5 * np.log(n**2 * d2_n)))  # Eq. (2)
        pull_nk = link_nk / (n * d2_n[:, None])
        dS_dq_nk = pull_nk.copy()
        np.subtract.at(dS_dq_nk, nearest_n, pull_nk)
        return entropy, dS_dq_nk


def _nearest(q_nk: np.ndarray) -> np.ndarray:
    """Return for each point the index of the nearest other point."""
    n = len(q_nk)
    if n <= TREE_ABOVE:
        d2_nn = cdist(q_nk, q_nk, 'sqeuclidean')
        np.fill_diagonal(d2_nn, np.inf)
        return np.argmin(d2_nn, axis=1)
    _, two_n2 = cKDTree(q_nk).query(q_nk, k=2)
    # Among duplicates, a point need not be the first of its own neighbors.
    return np.where(two_n2[:, 0] == np.arange(n), two_n2[:, 1], two_n2[:, 0])


registry = {'NearestNeighborEntropy': NearestNeighborEntropy}
