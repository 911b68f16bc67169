"""Where distances between descriptors are taken: a fixed scale, a fixed reference."""

from functools import cached_property
from typing import Any

import numpy as np

from ase_entropy._kernels.reference import Boxes, boxes
from ase_entropy.statistics import fixed

__all__ = ['NotFiniteError', 'Space', 'check_finite', 'fix_space']

LARGEST = 1e100  # its square, and a sum of many, is a number


class NotFiniteError(ValueError, FloatingPointError):
    """Descriptors that are not finite: bad input, or a dynamics that went astray."""


def check_finite(q_nk: np.ndarray, x_nx: np.ndarray | None = None) -> None:
    """Raise NotFiniteError for descriptors that have no distances.

    Examples
    --------
    >>> check_finite(np.array([[1.0, 2.0], [np.nan, 3.0]]))
    Traceback (most recent call last):
    ...
    ase_entropy.entropy.space.NotFiniteError: q_nk[1, 0]=nan: expected finite numbers,
    below 1e+100 after scale_k or whitening_kx
    """
    x_nx = q_nk if x_nx is None else x_nx
    if not np.abs(x_nx).max() < LARGEST:  # true for NaN
        good_nk = np.abs(q_nk) < LARGEST
        worst = good_nk.argmin() if not good_nk.all() else np.abs(q_nk).argmax()
        n, k = np.unravel_index(worst, q_nk.shape)
        raise NotFiniteError(
            f'q_nk[{n}, {k}]={q_nk[n, k]}: expected finite numbers, below {LARGEST:g} '
            'after scale_k or whitening_kx'
        )


class Space:
    """Descriptors as a distance sees them, x = q / scale or q W, beside a reference.

    Parameters
    ----------
    estimator : EntropyEstimator
        Its `reference_mk`, `scale_k` and `whitening_kx` are used.

    Attributes
    ----------
    weight_kx : (k, x) float array
        The linear map; (0, 0) where there is none.
    reference_mx : (m, x) float array
        The reference, mapped; (0, 0) where there is none.
    """

    def __init__(self, estimator: Any) -> None:
        self.weight_kx = np.empty((0, 0))
        if estimator.scale_k is not None:
            self.weight_kx = np.diag(1.0 / np.array(estimator.scale_k))
        elif estimator.whitening_kx is not None:
            self.weight_kx = np.array(estimator.whitening_kx)
        self.reference_mx = np.empty((0, 0))
        self.components = len(self.weight_kx) or None
        if estimator.reference_mk is not None:
            reference_mk = np.array(estimator.reference_mk)
            self.components = reference_mk.shape[1]
            self.reference_mx = self._map(reference_mk)

    def check(self, components: int) -> None:
        """Raise ValueError if descriptors have another number of components."""
        if self.components not in (None, components):
            raise ValueError(
                f'q_nk has {components} component(s): expected {self.components}, as '
                'in reference_mk, scale_k or whitening_kx'
            )

    def points(self, q_nk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the points of the cell, (n, x), and those with the reference below."""
        q_nk = np.asarray(q_nk, float)
        if q_nk.ndim != 2 or q_nk.size == 0:
            raise ValueError(
                f'q_nk has shape {q_nk.shape}: expected (n, k), one atom at least'
            )
        self.check(q_nk.shape[1])
        check_finite(q_nk)
        x_nx = self._map(q_nk)
        if self.weight_kx.size:
            check_finite(q_nk, x_nx)
        if len(self.reference_mx) == 0:
            return x_nx, x_nx
        return x_nx, np.concatenate([x_nx, self.reference_mx])

    def pull(self, dS_dx_nx: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to the descriptors, (n, k)."""
        return dS_dx_nx @ self.weight_kx.T if self.weight_kx.size else dS_dx_nx

    @property
    def linear_map(self) -> np.ndarray | None:
        """The linear map as kernels take it, (k, x); None if there is none."""
        return np.ascontiguousarray(self.weight_kx) if self.weight_kx.size else None

    @cached_property
    def reference_xm(self) -> np.ndarray | None:
        """The reference as kernels take it, (x, m); None if there is none."""
        if len(self.reference_mx) == 0:
            return None
        return np.ascontiguousarray(self.reference_mx.T)

    @cached_property
    def boxes(self) -> Boxes | None:
        """The reference in boxes, for the search of nearest neighbors; None if none."""
        return boxes(self.reference_mx) if len(self.reference_mx) else None

    def _map(self, q_nk: np.ndarray) -> np.ndarray:
        return q_nk @ self.weight_kx if self.weight_kx.size else q_nk


def fix_space(estimator: Any) -> None:
    """Check the fields of an estimator that make its space, and freeze their arrays."""
    fields = {
        'reference_mk': fixed('reference_mk', estimator.reference_mk, 2),
        'scale_k': fixed('scale_k', estimator.scale_k, 1),
        'whitening_kx': fixed('whitening_kx', estimator.whitening_kx, 2),
    }
    for name, value in fields.items():
        object.__setattr__(estimator, name, value)
    if estimator.scale_k is not None and min(estimator.scale_k) <= 0.0:
        raise ValueError(f'scale_k={estimator.scale_k}: expected numbers > 0')
    if estimator.scale_k is not None and estimator.whitening_kx is not None:
        raise ValueError('scale_k and whitening_kx are both given: expected one')
    sizes = {len(estimator.scale_k or ()), len(estimator.whitening_kx or ())}
    if estimator.reference_mk is not None:
        sizes.add(len(estimator.reference_mk[0]))
    if len(sizes - {0}) > 1:
        raise ValueError(
            'reference_mk, scale_k and whitening_kx are for '
            f'{sorted(sizes - {0})} components: expected one number'
        )
