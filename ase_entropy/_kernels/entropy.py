"""Entropy of the descriptors of a cell, and its gradient, by any estimator.

An estimator is a NamedTuple of numbers; what they are for is a matter of their type,
for which :func:`entropy_of` is compiled. Those of all but :class:`PerKindNumbers` have
a ``weight_kx``, a linear map of the descriptors, and a ``reference`` to differ from as
well; None where there is none. Columns of arrays are atoms, in the order ``order_n``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba.extending import overload

from ase_entropy._kernels import (
    kernel_density,
    kozachenko_leonenko,
    log_det,
    nearest_entropy,
    power_mean,
    smooth_kth,
)
from ase_entropy._kernels.jit import UNCOUNTED, inner_kernel, kernel

__all__ = ['PerKindNumbers', 'entropy', 'entropy_of', 'entropy_work']


class PerKindNumbers(NamedTuple):
    """Of the atoms of each kind among their own, ``kinds`` of them."""

    estimator: tuple
    kinds: int


_IN_SPACE = {
    nearest_entropy.NearestNumbers: nearest_entropy,
    power_mean.PowerMeanNumbers: power_mean,
    kernel_density.KernelNumbers: kernel_density,
    kozachenko_leonenko.KozachenkoLeonenkoNumbers: kozachenko_leonenko,
    log_det.LogDetNumbers: log_det,
    smooth_kth.SmoothKthNumbers: smooth_kth,
}


def entropy_work(
    components: int, points: int, estimator: tuple, again: bool = False
) -> tuple:
    """Return the arrays that the entropy of so many points is worked out in.

    `again` says that the same points come again and again, a little moved each time.
    """
    if isinstance(estimator, PerKindNumbers):
        inner = entropy_work(components, points, estimator.estimator, again)
        q_kn, dS_dq_kn = np.empty((2, components, points))
        return q_kn, dS_dq_kn, *np.empty((2, points), np.int64), inner
    weight_kx = estimator.weight_kx
    own = _IN_SPACE[type(estimator)].work
    if weight_kx is None:
        return None, None, own(components, points, estimator, again)
    x = weight_kx.shape[1]
    return *np.empty((2, x, points)), own(x, points, estimator, again)


@inner_kernel
def _mapped(q_kn, points, weight_kx, x_kn):
    """Return the points as the distance sees them."""
    if weight_kx is None:
        return q_kn
    for x in range(weight_kx.shape[1]):
        for n in range(points):
            x_kn[x, n] = 0.0
        for k in range(weight_kx.shape[0]):
            for n in range(points):
                x_kn[x, n] += weight_kx[k, x] * q_kn[k, n]
    return x_kn


@inner_kernel
def _room(dS_dq_kn, weight_kx, dS_dx_kn):
    """Return where the gradient in the space of the distance goes."""
    if weight_kx is None:
        return dS_dq_kn
    return dS_dx_kn


@inner_kernel
def _pull(dS_dx_kn, points, weight_kx, dS_dq_kn):
    """Turn the gradient into one with respect to the descriptors."""
    if weight_kx is None:
        return
    for k in range(weight_kx.shape[0]):
        for n in range(points):
            dS_dq_kn[k, n] = 0.0
    for x in range(weight_kx.shape[1]):
        for k in range(weight_kx.shape[0]):
            for n in range(points):
                dS_dq_kn[k, n] += weight_kx[k, x] * dS_dx_kn[x, n]


def _in_space(in_space):
    """Return a function that compares all points with each other in their space."""

    def of_all(q_kn, points, order_n, kind_n, estimator, work, dS_dq_kn):
        x_kn = _mapped(q_kn, points, estimator.weight_kx, work[0])
        dS_dx_kn = _room(dS_dq_kn, estimator.weight_kx, work[1])
        for x in range(len(dS_dx_kn)):
            for n in range(dS_dx_kn.shape[1]):
                dS_dx_kn[x, n] = 0.0
        entropy = in_space(x_kn, points, order_n, estimator, work[2], dS_dx_kn)
        _pull(dS_dx_kn, points, estimator.weight_kx, dS_dq_kn)
        return entropy

    return of_all


def _per_kind(q_kn, points, order_n, kind_n, estimator, work, dS_dq_kn):
    """Compare the points of each kind with each other; a mean over all points."""
    own_q_kn, own_dS_dq_kn, column_n, atom_n, inner = work
    total = 0.0
    for kind in range(estimator.kinds):
        own = 0
        for n in range(points):
            if kind_n[order_n[n]] == kind:
                column_n[own], atom_n[own] = n, order_n[n]
                own += 1
        if own == 0:
            continue
        for k in range(len(q_kn)):
            for n in range(own):
                own_q_kn[k, n] = q_kn[k, column_n[n]]
        share = own / points
        total += share * entropy_of(
            own_q_kn, own, atom_n, kind_n, estimator.estimator, inner, own_dS_dq_kn
        )
        for k in range(len(q_kn)):
            for n in range(own):
                dS_dq_kn[k, column_n[n]] = share * own_dS_dq_kn[k, n]
    return total


def entropy_of(q_kn, points, order_n, kind_n, estimator, work, dS_dq_kn):
    """Return S of the first `points` columns of q_kn, and fill its gradient."""
    function = _function_for(type(estimator))
    return function(q_kn, points, order_n, kind_n, estimator, work, dS_dq_kn)


@overload(entropy_of, jit_options=UNCOUNTED)
def _typed_entropy_of(q_kn, points, order_n, kind_n, estimator, work, dS_dq_kn):
    return _function_for(estimator.instance_class)


def _function_for(numbers: type) -> Callable:
    """Return what computes the entropy of an estimator; to be compiled."""
    if numbers is PerKindNumbers:
        return _per_kind
    return _in_space(_IN_SPACE[numbers].entropy)


@inner_kernel
def _entropy(q_kn, points, order_n, estimator, work, dS_dq_kn):
    """As :func:`entropy_of`; compiled as in a step, and so for both at once."""
    return entropy_of(q_kn, points, order_n, order_n, estimator, work, dS_dq_kn)


@kernel(counts=True)
def entropy(q_kn, points, estimator, work, dS_dq_kn):
    """As :func:`entropy_of`, of atoms of one kind in their own order."""
    return _entropy(q_kn, points, np.arange(points), estimator, work, dS_dq_kn)
