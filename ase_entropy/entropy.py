"""Entropy estimators: descriptors of a cell in, entropy and its gradient out."""

from dataclasses import dataclass

import numpy as np

from ase_entropy import checks
from ase_entropy._kernels.nearest import nearest_neighbor_entropy, neighbor_work

__all__ = ['NearestNeighborEntropy', 'registry']


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
        q_kn = np.array(np.transpose(q_nk), dtype=float, order='C')
        work = neighbor_work(*q_kn.shape)
        dS_dq_kn = np.empty_like(q_kn)
        entropy = nearest_neighbor_entropy(
            q_kn, n, float(self.softening), work, dS_dq_kn
        )
        if entropy == -np.inf:
            j = int(np.argmin(work[1]))
            raise ValueError(
                f'softening={self.softening!r} and atoms {j} and {work[0][j]} have '
                'equal descriptors: the entropy is -inf, expected softening > 0'
            )
        return entropy, dS_dq_kn.T.copy()


registry = {'NearestNeighborEntropy': NearestNeighborEntropy}
