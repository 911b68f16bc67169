"""Repulsion and wall at given positions.

Numbers of a repulsion stand in arrays (kinds, kinds), for each two kinds of atoms; what
they are for is a matter of their type, for which :func:`_bond` is compiled.
"""

from typing import NamedTuple

import numpy as np
from numba.extending import overload

from ase_entropy._kernels.jit import inner_kernel

__all__ = ['ClarkeSmithNumbers', 'ScreenedNumbers', 'WallNumbers', 'confine', 'repel']


class ClarkeSmithNumbers(NamedTuple):
    """Of ``scale ((r0/r)^n / n - (r0/r)^m / m)``, zero at the cutoff."""

    scale_kk: np.ndarray
    r0_kk: np.ndarray
    n: float
    m: float
    cutoff_kk: np.ndarray
    at_cutoff_kk: np.ndarray


class ScreenedNumbers(NamedTuple):
    """Of ``charge / r sum_s c[s] exp(-d[s] r / a)``, zero in value and slope."""

    charge_kk: np.ndarray
    a_kk: np.ndarray
    c_s: np.ndarray
    d_s: np.ndarray
    cutoff: float
    at_cutoff_kk: np.ndarray
    slope_kk: np.ndarray  # at the cutoff


class WallNumbers(NamedTuple):
    """Of a :class:`Confinement`."""

    center_c: np.ndarray
    projector_cc: np.ndarray
    radius: float
    width: float
    epsilon: float


def _clarke_smith(r2, numbers, a, b):
    """Return u of one direction of a bond, and du/dr over r of both."""
    scale, r0 = numbers.scale_kk[a, b], numbers.r0_kk[a, b]
    cutoff, at_cutoff = numbers.cutoff_kk[a, b], numbers.at_cutoff_kk[a, b]
    n, m = numbers.n, numbers.m
    if r2 >= cutoff * cutoff:
        return 0.0, 0.0
    ratio = r0 / np.sqrt(r2)
    steep, soft = ratio**n, ratio**m
    energy = scale * (steep / n - soft / m) - at_cutoff
    return energy, 2.0 * scale * (soft - steep) / r2


def _screened(r2, numbers, a, b):
    """Return u of one direction of a bond, and du/dr over r of both."""
    cutoff = numbers.cutoff
    if r2 >= cutoff * cutoff:
        return 0.0, 0.0
    r, length = np.sqrt(r2), numbers.a_kk[a, b]
    phi, slope = 0.0, 0.0
    for s in range(len(numbers.c_s)):
        part = numbers.c_s[s] * np.exp(-numbers.d_s[s] * r / length)
        phi += part
        slope -= numbers.d_s[s] / length * part
    charge, end = numbers.charge_kk[a, b], numbers.slope_kk[a, b]
    energy = charge * phi / r - numbers.at_cutoff_kk[a, b] - (r - cutoff) * end
    return energy, 2.0 * (charge * (slope - phi / r) / r - end) / r


_BONDS = {ClarkeSmithNumbers: _clarke_smith, ScreenedNumbers: _screened}


def _bond(r2, numbers, a, b):
    """Call what computes a bond of these numbers; compiled code knows it by type."""
    return _BONDS[type(numbers)](r2, numbers, a, b)


@overload(_bond)
def _typed_bond(r2, numbers, a, b):
    return _BONDS[numbers.instance_class]


@inner_kernel
def confine(pos_nc, wall, f_rep):
    """Add the forces of the wall, if there is one, and return its energy."""
    center_c, projector_cc, radius, width, epsilon = wall
    energy = 0.0
    if radius == np.inf:
        return energy
    for i in range(len(pos_nc)):
        u2 = 0.0
        for c in range(3):
            u = 0.0
            for d in range(3):
                u += projector_cc[c, d] * (pos_nc[i, d] - center_c[d])
            u2 += u * u
        if u2 <= radius * radius:
            continue
        distance = np.sqrt(u2)
        depth = (distance - radius) / width
        energy += epsilon * depth**3
        slope = 3.0 * epsilon * depth**2 / (width * distance)
        for c in range(3):
            for d in range(3):
                u = projector_cc[c, d] * (pos_nc[i, d] - center_c[d])
                f_rep[i, c] -= slope * u
    return energy


@inner_kernel
def repel(pos_nc, lists, some, repulsion, cutoff_kk, kind_n, f_rep, count_n):
    """Sum the repulsion over candidates, and find the pairs of the descriptor.

    Returns that part of E_rep which belongs to some atoms, from the first to before
    the last, and the square of their shortest distance.
    """
    first_n, j_p, shift_pc, near_p = lists[0], lists[1], lists[2], lists[7]
    energy, shortest2 = 0.0, np.inf
    for i in range(some[0], some[1]):
        f_x, f_y, f_z, count, a = 0.0, 0.0, 0.0, 0, kind_n[i]
        for p in range(first_n[i], first_n[i + 1]):
            x = pos_nc[j_p[p], 0] + shift_pc[p, 0] - pos_nc[i, 0]
            y = pos_nc[j_p[p], 1] + shift_pc[p, 1] - pos_nc[i, 1]
            z = pos_nc[j_p[p], 2] + shift_pc[p, 2] - pos_nc[i, 2]
            r2 = x * x + y * y + z * z
            b = kind_n[j_p[p]]
            near_p[first_n[i] + count] = p
            count += r2 < cutoff_kk[a, b] * cutoff_kk[a, b]
            shortest2 = min(shortest2, r2)
            u, slope = _bond(r2, repulsion, a, b)
            energy += u
            f_x += slope * x
            f_y += slope * y
            f_z += slope * z
        f_rep[i, 0], f_rep[i, 1], f_rep[i, 2] = f_x, f_y, f_z
        count_n[i] = count
    return energy, shortest2
