"""Density to bispectrum components and back: sums of products, atoms innermost.

The density and its adjoint are flat, as if of shape (octets, elements, 2, 8), see
``lanes.py``. Work goes block by block of atoms, so that the factors stay in the cache.
"""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.lanes import LANES

__all__ = ['contract', 'contract_backward', 'contract_scratch']

BLOCK = 5  # octets in one pass over the table


def contract_scratch(contraction: tuple) -> tuple:
    """Return the arrays that a block of atoms is worked out in."""
    size = BLOCK * LANES
    factors = np.empty(len(contraction.half) * 2 * size)
    adjoint = np.empty(len(contraction.own) * 2 * size)
    return factors, adjoint, np.empty(size), np.empty(size)


@inner_kernel
def _load(density, elements, first, octets, contraction, u):
    """Copy a block of octets, completing the stored elements by symmetry."""
    half, sign, conj = contraction.half, contraction.sign, contraction.conj
    for f in range(len(half)):
        s = sign[f]
        t = -s if conj[f] else s
        for o in range(octets):
            at = ((first + o) * elements + half[f]) * 2 * LANES
            for n in range(LANES):
                u[f, 0, o * LANES + n] = s * density[at + n]
                u[f, 1, o * LANES + n] = t * density[at + LANES + n]


@inner_kernel
def _sum_products(lines, line, u, z_re, z_im):
    """Sum the products of one line, two at a time, for all atoms of the block."""
    size = u.shape[2]
    t, end = lines.start[line], lines.start[line + 1]
    if (end - t) % 2:
        x, y, c = u[lines.f0[t]], u[lines.f1[t]], lines.c[t]
        for n in range(size):
            a, b = c * x[0, n], c * x[1, n]
            z_re[n] = a * y[0, n] - b * y[1, n]
            z_im[n] = a * y[1, n] + b * y[0, n]
        t += 1
    else:
        for n in range(size):
            z_re[n], z_im[n] = 0.0, 0.0
    while t < end:
        x, y, c = u[lines.f0[t]], u[lines.f1[t]], lines.c[t]
        v, w, d = u[lines.f0[t + 1]], u[lines.f1[t + 1]], lines.c[t + 1]
        for n in range(size):
            a, b, e, f = c * x[0, n], c * x[1, n], d * v[0, n], d * v[1, n]
            z_re[n] += a * y[0, n] - b * y[1, n] + e * w[0, n] - f * w[1, n]
            z_im[n] += a * y[1, n] + b * y[0, n] + e * w[1, n] + f * w[0, n]
        t += 2


@inner_kernel
def contract(density, elements, contraction, work, q_kn):
    """Fill q_kn, (components, atoms), from the density."""
    lines, (flat, _, z_re, z_im) = contraction.value, work
    q_kn[:] = 0.0
    for begin in range(0, q_kn.shape[1], BLOCK * LANES):
        size = min(BLOCK * LANES, q_kn.shape[1] - begin)
        u = flat[: len(contraction.half) * 2 * size].reshape((-1, 2, size))
        _load(density, elements, begin // LANES, size // LANES, contraction, u)
        for line in range(len(lines.k)):
            _sum_products(lines, line, u, z_re, z_im)
            own, q = u[contraction.own[lines.h[line]]], q_kn[lines.k[line], begin:]
            for n in range(size):
                q[n] += own[0, n] * z_re[n] + own[1, n] * z_im[n]


@inner_kernel
def contract_backward(density, elements, dE_dq_kn, contraction, work, density_bar):
    """Fill the adjoint of the density from dE/dq."""
    lines, (flat, flat_bar, z_re, z_im) = contraction.slope, work
    for begin in range(0, dE_dq_kn.shape[1], BLOCK * LANES):
        size = min(BLOCK * LANES, dE_dq_kn.shape[1] - begin)
        u = flat[: len(contraction.half) * 2 * size].reshape((-1, 2, size))
        bar = flat_bar[: elements * 2 * size].reshape((-1, 2, size))
        bar[:] = 0.0
        _load(density, elements, begin // LANES, size // LANES, contraction, u)
        for line in range(len(lines.k)):
            _sum_products(lines, line, u, z_re, z_im)
            q_bar, out = dE_dq_kn[lines.k[line], begin:], bar[lines.h[line]]
            for n in range(size):
                out[0, n] += q_bar[n] * z_re[n]
            for n in range(size):
                out[1, n] += q_bar[n] * z_im[n]
        for o in range(size // LANES):
            for h in range(elements):
                at = ((begin // LANES + o) * elements + h) * 2 * LANES
                for n in range(LANES):
                    density_bar[at + n] = bar[h, 0, o * LANES + n]
                    density_bar[at + LANES + n] = bar[h, 1, o * LANES + n]
    last = dE_dq_kn.shape[1] // LANES * elements * 2 * LANES
    density_bar[last:] = 0.0  # of the octet that nobody reads
