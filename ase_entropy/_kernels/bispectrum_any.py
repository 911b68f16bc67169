"""Pairs to the density of each atom, and the adjoint of the density back to pairs.

For any twojmax, by the tables of ``descriptors/wigner.py``, in blocks of rows of lanes
(see ``lanes.py``). Every loop over lanes writes a single array row: with two, the
compiler would have to prove them apart, gives up, and runs lane by lane.
"""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.lanes import BLOCK_ROWS, LANES, PAIR
from ase_entropy._kernels.rotation import rotate, rotate_back

__all__ = ['add_pairs', 'pull_pairs', 'scratch']

SIZE = BLOCK_ROWS * LANES

A_RE, A_IM, B_RE, B_IM, FC, FC_BAR = range(6)  # rows of `rotation`


def scratch(recursion: tuple) -> tuple:
    """Return what a block is worked out in: rotation, U, its adjoint, bar."""
    elements = len(recursion.s0)
    return (
        np.zeros((6, SIZE)),
        np.zeros((elements, 2, SIZE)),
        np.zeros((elements, 2, SIZE)),
        np.zeros((2, 2, SIZE)),
    )


@inner_kernel
def _rotate_block(xyzr, first, switch, lanes, rotation):
    for row in range(BLOCK_ROWS):
        pair = xyzr[(first + row) * PAIR : (first + row + 1) * PAIR]
        out = rotation[:, row * LANES : (row + 1) * LANES]
        for n in range(lanes):
            x, y = pair[n], pair[LANES + n]
            z, r = pair[2 * LANES + n], pair[3 * LANES + n]
            cutoff, weight = pair[4 * LANES + n], pair[5 * LANES + n]
            a_re, a_im, b_re, b_im, fc, _, _, _, _ = rotate(
                x, y, z, r, cutoff, weight, switch
            )
            out[A_RE, n], out[A_IM, n], out[B_RE, n] = a_re, a_im, b_re
            out[B_IM, n], out[FC, n] = b_im, fc


@inner_kernel
def _wigner(rotation, recursion, u):
    """Evaluate the recursion over J for a block of pairs."""
    a_re, a_im = rotation[A_RE], rotation[A_IM]
    b_re, b_im = rotation[B_RE], rotation[B_IM]
    for p in range(SIZE):
        u[0, 0, p], u[0, 1, p] = 1.0, 0.0
    for h in range(1, len(recursion.s0)):
        x, y = u[recursion.s0[h]], u[recursion.s1[h]]
        re, im = u[h, 0], u[h, 1]
        c, d = recursion.c0[h], recursion.c1[h]
        if recursion.middle[h]:  # c b x + d a y
            for p in range(SIZE):
                re[p] = c * (b_re[p] * x[0, p] - b_im[p] * x[1, p]) + d * (
                    a_re[p] * y[0, p] - a_im[p] * y[1, p]
                )
            for p in range(SIZE):
                im[p] = c * (b_re[p] * x[1, p] + b_im[p] * x[0, p]) + d * (
                    a_re[p] * y[1, p] + a_im[p] * y[0, p]
                )
        else:  # c a* x - d b* y
            for p in range(SIZE):
                re[p] = c * (a_re[p] * x[0, p] + a_im[p] * x[1, p]) - d * (
                    b_re[p] * y[0, p] + b_im[p] * y[1, p]
                )
            for p in range(SIZE):
                im[p] = c * (a_re[p] * x[1, p] - a_im[p] * x[0, p]) - d * (
                    b_re[p] * y[1, p] - b_im[p] * y[0, p]
                )


@inner_kernel
def _pull_product(f, c, flip, x, g, f_bar, x_bar):
    """Pull the adjoint g of c f x, or of c f* x where `flip` is -1, back to f and x."""
    for p in range(SIZE):
        f_bar[0, p] += c * (x[0, p] * g[0, p] + x[1, p] * g[1, p])
    for p in range(SIZE):
        f_bar[1, p] += flip * c * (x[0, p] * g[1, p] - x[1, p] * g[0, p])
    for p in range(SIZE):
        x_bar[0, p] += c * (f[0, p] * g[0, p] + flip * f[1, p] * g[1, p])
    for p in range(SIZE):
        x_bar[1, p] += c * (f[0, p] * g[1, p] - flip * f[1, p] * g[0, p])


@inner_kernel
def _wigner_backward(rotation, recursion, u, v, bar):
    """Reverse the recursion: adjoints `v` of U become adjoints `bar` of a and b.

    `v` is used up: each line hands its adjoint on to the lines that it came from.
    """
    a, b = rotation[A_RE : A_IM + 1], rotation[B_RE : B_IM + 1]
    a_bar, b_bar = bar[0], bar[1]
    bar[:] = 0.0
    for h in range(len(recursion.s0) - 1, 0, -1):
        s0, s1, c, d = (
            recursion.s0[h],
            recursion.s1[h],
            recursion.c0[h],
            recursion.c1[h],
        )
        if recursion.middle[h]:  # c b x + d a y
            if c != 0.0:
                _pull_product(b, c, 1.0, u[s0], v[h], b_bar, v[s0])
            if d != 0.0:
                _pull_product(a, d, 1.0, u[s1], v[h], a_bar, v[s1])
        else:  # c a* x - d b* y
            if c != 0.0:
                _pull_product(a, c, -1.0, u[s0], v[h], a_bar, v[s0])
            if d != 0.0:
                _pull_product(b, -d, -1.0, u[s1], v[h], b_bar, v[s1])


@inner_kernel
def add_pairs(xyzr, octet, rows, switch, lanes, recursion, work, density):
    """Add fc U of the packed pairs in the first `rows` rows to the density."""
    rotation, u, _, _ = work
    stride = len(recursion.s0) * 2 * LANES
    for first in range(0, rows, BLOCK_ROWS):
        _rotate_block(xyzr, first, switch, lanes, rotation)
        _wigner(rotation, recursion, u)
        for row in range(BLOCK_ROWS):
            at = octet[first + row] * stride
            fc = rotation[FC, row * LANES : (row + 1) * LANES]
            for h in range(len(recursion.s0)):
                for part in range(2):
                    out = density[at + (2 * h + part) * LANES :]
                    add = u[h, part, row * LANES : (row + 1) * LANES]
                    for n in range(LANES):
                        out[n] += fc[n] * add[n]


@inner_kernel
def pull_pairs(
    xyzr, octet, rows, switch, lanes, recursion, work, density_bar, gradient
):
    """Turn the adjoint of the density into the gradients of the packed pairs."""
    rotation, u, v, bar = work
    stride = len(recursion.s0) * 2 * LANES
    for first in range(0, rows, BLOCK_ROWS):
        _rotate_block(xyzr, first, switch, lanes, rotation)
        _wigner(rotation, recursion, u)
        rotation[FC_BAR] = 0.0
        for row in range(BLOCK_ROWS):
            at = octet[first + row] * stride
            fc = rotation[FC, row * LANES : (row + 1) * LANES]
            fc_bar = rotation[FC_BAR, row * LANES : (row + 1) * LANES]
            for h in range(len(recursion.s0)):
                for part in range(2):
                    given = density_bar[at + (2 * h + part) * LANES :]
                    value = u[h, part, row * LANES : (row + 1) * LANES]
                    out = v[h, part, row * LANES : (row + 1) * LANES]
                    for n in range(LANES):
                        fc_bar[n] += value[n] * given[n]
                        out[n] = fc[n] * given[n]
        _wigner_backward(rotation, recursion, u, v, bar)
        bars = bar.reshape((4, SIZE))
        for row in range(BLOCK_ROWS):
            pair = xyzr[(first + row) * PAIR : (first + row + 1) * PAIR]
            out = gradient[(first + row) * 3 * LANES : (first + row + 1) * 3 * LANES]
            for n in range(lanes):
                p = row * LANES + n
                x, y = pair[n], pair[LANES + n]
                z, r = pair[2 * LANES + n], pair[3 * LANES + n]
                cutoff, weight = pair[4 * LANES + n], pair[5 * LANES + n]
                a_re, a_im, b_re, b_im = bars[0, p], bars[1, p], bars[2, p], bars[3, p]
                angles = rotate(x, y, z, r, cutoff, weight, switch)
                all_bars = (a_re, a_im, b_re, b_im, rotation[FC_BAR, p])
                g_x, g_y, g_z = rotate_back(x, y, z, r, angles, all_bars)
                out[n], out[LANES + n], out[2 * LANES + n] = g_x, g_y, g_z
