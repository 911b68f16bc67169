"""Entropy of a set as it grows, configuration by configuration."""

import numpy as np

from ase_entropy import checks
from ase_entropy.analysis.scaling import ReferenceScale, in_deviations
from ase_entropy.entropy import GaussianSummary, SetSummary

__all__ = ['growth_of_entropy']

LOOKS = 30


def growth_of_entropy(
    q_ek: np.ndarray,
    first_m: np.ndarray,
    numbers_e: np.ndarray,
    reference_ek: np.ndarray | ReferenceScale,
    looks: int = LOOKS,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the entropy of the first configurations of a set, more and more of them.

    .. math:: S = \sum_e \frac{N_e}{N} \Big[ \frac k2 \ln(2\pi e)
              + \frac12 \ln\det(\mathbf C_e + \lambda \mathbf 1) \Big]

    over all environments of each element; see
    :class:`~ase_entropy.entropy.SetSummary`. A set whose curve is flat gets more of
    what it has.

    Parameters
    ----------
    q_ek : (e, k) float array
        Descriptors of all environments.
    first_m : (m + 1,) int array
        Configuration m holds the environments ``first_m[m]`` to ``first_m[m + 1]``.
    numbers_e : (e,) int array
        Atomic numbers.
    reference_ek : (e, k) float array or ReferenceScale
        Components are counted in their deviations there, see :func:`in_deviations`.
    looks : int
        Most numbers of configurations, equally spaced in their logarithm.

    Returns
    -------
    counts_x : (x,) int array
        Numbers of configurations, the last of them all.
    entropy_x : (x,) float array
        S (nats).

    Raises
    ------
    ValueError
        Sets with different numbers of components, or empty ones.

    Examples
    --------
    >>> q_ek = np.array([[0.0], [0.0], [1.0], [-1.0]])
    >>> counts_x, entropy_x = growth_of_entropy(
    ...     q_ek, [0, 2, 4], [13, 13, 13, 13], [[-1.0], [1.0]]
    ... )
    >>> counts_x.tolist(), bool(entropy_x[1] > entropy_x[0])
    ([1, 2], True)
    """
    checks.whole('looks', looks, least=1)
    first_m, numbers_e = np.asarray(first_m), np.asarray(numbers_e)
    (q_ek,) = in_deviations(reference_ek, q_ek, names=('q_ek',))
    counts_x = np.unique(np.geomspace(1, len(first_m) - 1, looks).round().astype(int))
    summary, entropies, begin = SetSummary(GaussianSummary()), [], 0
    for end in first_m[counts_x]:
        summary = summary.add(q_ek[begin:end], numbers_e[begin:end])
        entropies.append(summary.entropy)
        begin = end
    return counts_x, np.array(entropies)
