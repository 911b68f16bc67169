"""The scale that a reference set makes."""

from collections.abc import Sequence

import numpy as np

from ase_entropy import checks
from ase_entropy.statistics import standard_scale

__all__ = ['in_deviations']


def in_deviations(
    reference_ek: np.ndarray, *sets: np.ndarray, names: Sequence[str] = ()
) -> list[np.ndarray]:
    r"""Return sets after the shift and scale of a reference.

    .. math:: \tilde q_k = (q_k - \langle q_k\rangle) / \sigma_k

    Parameters
    ----------
    reference_ek : (e, k) float array
        Environments whose mean and deviation are taken.
    *sets : (e, k) float arrays
        Environments to shift and scale.
    names : sequence of str
        What messages call the sets.

    Raises
    ------
    ValueError
        Sets with other components, empty ones, numbers that are not finite, or a
        component that does not vary in the reference.

    Examples
    --------
    >>> in_deviations([[1.0], [3.0]], [[0.0], [4.0]])
    [array([[-2.],
           [ 2.]])]
    """
    reference_ek = checks.matrix('reference_ek', reference_ek)
    scale_k = standard_scale(reference_ek)
    shift_k = reference_ek.mean(axis=0)
    scaled = []
    for q_ek, name in zip(sets, names or ['q_ek'] * len(sets), strict=True):
        q_ek = checks.matrix(name, q_ek)
        if q_ek.shape[1] != len(scale_k):
            raise ValueError(
                f'{name} has shape {q_ek.shape}: expected (e, {len(scale_k)}), with '
                'the components of the reference'
            )
        scaled.append((q_ek - shift_k) / scale_k)
    return scaled
