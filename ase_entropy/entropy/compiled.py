"""Estimators that are evaluated by the compiled kernels also by themselves."""

from typing import Any

import numpy as np

from ase_entropy._kernels.entropy import entropy as compute_entropy
from ase_entropy._kernels.entropy import entropy_work

__all__ = ['evaluate_compiled']


def evaluate_compiled(estimator: Any, q_nk: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the entropy of descriptors and its gradient.

    Raises
    ------
    ValueError
        Descriptors that do not fit; equal ones, without softening.
    """
    estimator.space.points(q_nk)
    q_kn = np.array(np.transpose(q_nk), dtype=float, order='C')
    numbers = estimator.numbers(len(q_kn))
    work = entropy_work(*q_kn.shape, numbers)
    dS_dq_kn = np.empty_like(q_kn)
    entropy = compute_entropy(q_kn, len(q_nk), numbers, work, dS_dq_kn)
    d2_n = work[-1][0]
    if d2_n.min() == 0.0:
        raise ValueError(
            f'softening={estimator.softening!r} and atom {int(d2_n.argmin())} has the '
            'descriptors of another: the entropy is -inf, expected softening > 0'
        )
    return entropy, dS_dq_kn.T.copy()
