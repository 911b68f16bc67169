"""Density to bispectrum components and back: sums of products, for an octet of atoms.

The density is flat, as if of shape (octets, elements, 2, 8), see ``lanes.py``; its
adjoint is that of one octet. Factors stay in the first cache, sums in registers.
"""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.lanes import aligned
from ase_entropy._kernels.octets import LANES, load, repeat, store

__all__ = ['contract', 'contract_backward', 'contract_scratch']


def contract_scratch(contraction: tuple) -> np.ndarray:
    """Return the array of the factors of an octet."""
    return aligned(len(contraction.half) * 2 * LANES)


@inner_kernel
def _complete(density, at, contraction, u):
    """Copy the stored elements of an octet, and complete them by symmetry."""
    half, sign, conj = contraction.half, contraction.sign, contraction.conj
    for f in range(len(half)):
        stored, full = at + 2 * half[f] * LANES, 2 * f * LANES
        s = sign[f]
        t = -s if conj[f] else s
        store(u, full, s * load(density, stored))
        store(u, full + LANES, t * load(density, stored + LANES))


@inner_kernel
def _sum_products(lines, z, u):
    """Sum the products of one sum, two at a time."""
    t, end = lines.start[z], lines.start[z + 1]
    if (end - t) % 2:
        x, y, c = 2 * lines.f0[t] * LANES, 2 * lines.f1[t] * LANES, lines.c[t]
        x_re, x_im = c * load(u, x), c * load(u, x + LANES)
        y_re, y_im = load(u, y), load(u, y + LANES)
        z_re = x_re * y_re - x_im * y_im
        z_im = x_re * y_im + x_im * y_re
        t += 1
    else:
        z_re = z_im = repeat(0.0)
    while t < end:
        x, y, c = 2 * lines.f0[t] * LANES, 2 * lines.f1[t] * LANES, lines.c[t]
        x_re, x_im = c * load(u, x), c * load(u, x + LANES)
        y_re, y_im = load(u, y), load(u, y + LANES)
        t += 1
        v, w, d = 2 * lines.f0[t] * LANES, 2 * lines.f1[t] * LANES, lines.c[t]
        v_re, v_im = d * load(u, v), d * load(u, v + LANES)
        w_re, w_im = load(u, w), load(u, w + LANES)
        t += 1
        z_re = z_re + (x_re * y_re - x_im * y_im + v_re * w_re - v_im * w_im)
        z_im = z_im + (x_re * y_im + x_im * y_re + v_re * w_im + v_im * w_re)
    return z_re, z_im


@inner_kernel
def contract(density, octet, contraction, u, q_kn):
    """Fill the columns of an octet of atoms in q_kn from its density."""
    lines, own, n = contraction.value, contraction.own, octet * LANES
    _complete(density, 2 * len(own) * n, contraction, u)
    for q in q_kn:
        store(q, n, repeat(0.0))
    for z in range(len(lines.start) - 1):
        z_re, z_im = _sum_products(lines, z, u)
        for s in range(lines.first[z], lines.first[z + 1]):
            h, q = 2 * own[lines.h[s]] * LANES, q_kn[lines.k[s]]
            product = load(u, h) * z_re + load(u, h + LANES) * z_im
            store(q, n, load(q, n) + product)


@inner_kernel
def contract_backward(density, octet, dE_dq_kn, contraction, u, density_bar):
    """Fill the adjoint of the density of an octet of atoms from dE/dq."""
    lines, size, n = contraction.slope, 2 * len(contraction.own) * LANES, octet * LANES
    _complete(density, octet * size, contraction, u)
    for at in range(0, size, LANES):
        store(density_bar, at, repeat(0.0))
    for z in range(len(lines.start) - 1):
        z_re, z_im = _sum_products(lines, z, u)
        for s in range(lines.first[z], lines.first[z + 1]):
            q_bar, h = load(dE_dq_kn[lines.k[s]], n), 2 * lines.h[s] * LANES
            store(density_bar, h, load(density_bar, h) + q_bar * z_re)
            h += LANES
            store(density_bar, h, load(density_bar, h) + q_bar * z_im)
