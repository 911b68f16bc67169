"""Pairs to the density of each atom, and the adjoint of the density back to pairs.

For any twojmax, by the tables of ``descriptors/wigner.py``, row by row of lanes (see
``lanes.py``): U of a row and its adjoint stay in the first cache, a and b in registers.
"""

from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.lanes import PAIR, aligned
from ase_entropy._kernels.octets import LANES, load, repeat, store
from ase_entropy._kernels.rotation import (
    A_IM,
    A_IM_BAR,
    A_RE,
    A_RE_BAR,
    B_IM,
    B_IM_BAR,
    B_RE,
    B_RE_BAR,
    FC,
    FC_BAR,
    new_angles,
    rotate_row,
    rotate_row_back,
)

__all__ = ['add_pairs', 'pull_pairs', 'scratch']


def scratch(recursion: tuple) -> tuple:
    """Return what a row is worked out in: angles, U, and the adjoint of U."""
    size = 2 * len(recursion.s0) * LANES
    return new_angles(), aligned(size), aligned(size)


@inner_kernel
def _wigner(angles, recursion, u):
    """Evaluate the recursion over J for a row of pairs."""
    a_re, a_im = load(angles, A_RE), load(angles, A_IM)
    b_re, b_im = load(angles, B_RE), load(angles, B_IM)
    store(u, 0, repeat(1.0))
    store(u, LANES, repeat(0.0))
    for h in range(1, len(recursion.s0)):
        s0, s1 = 2 * recursion.s0[h] * LANES, 2 * recursion.s1[h] * LANES
        x_re, x_im = load(u, s0), load(u, s0 + LANES)
        y_re, y_im = load(u, s1), load(u, s1 + LANES)
        c, d = recursion.c0[h], recursion.c1[h]
        if recursion.middle[h]:  # c b x + d a y
            re = c * (b_re * x_re - b_im * x_im) + d * (a_re * y_re - a_im * y_im)
            im = c * (b_re * x_im + b_im * x_re) + d * (a_re * y_im + a_im * y_re)
        else:  # c a* x - d b* y
            re = c * (a_re * x_re + a_im * x_im) - d * (b_re * y_re + b_im * y_im)
            im = c * (a_re * x_im - a_im * x_re) - d * (b_re * y_im - b_im * y_re)
        store(u, 2 * h * LANES, re)
        store(u, (2 * h + 1) * LANES, im)


@inner_kernel
def _pull_product(f_re, f_im, c, g_re, g_im, source, u, v):
    """Pull the adjoint g of c f U[source] back: onto v[source]; return that of f."""
    re, im = 2 * source * LANES, (2 * source + 1) * LANES
    x_re, x_im = load(u, re), load(u, im)
    store(v, re, load(v, re) + c * (f_re * g_re + f_im * g_im))
    store(v, im, load(v, im) + c * (f_re * g_im - f_im * g_re))
    return c * (x_re * g_re + x_im * g_im), c * (x_re * g_im - x_im * g_re)


@inner_kernel
def _wigner_back(angles, recursion, u, v):
    """Reverse the recursion: the adjoint v of U becomes adjoints of a and b.

    v is used up: each line hands its adjoint on to the lines that it came from.
    """
    a_re, a_im = load(angles, A_RE), load(angles, A_IM)
    b_re, b_im = load(angles, B_RE), load(angles, B_IM)
    zero = repeat(0.0)
    minus_a_im, minus_b_im = zero - a_im, zero - b_im
    a_re_bar, a_im_bar, b_re_bar, b_im_bar = zero, zero, zero, zero
    for h in range(len(recursion.s0) - 1, 0, -1):
        g_re, g_im = load(v, 2 * h * LANES), load(v, (2 * h + 1) * LANES)
        s0, s1 = recursion.s0[h], recursion.s1[h]
        c, d = recursion.c0[h], recursion.c1[h]
        if recursion.middle[h]:  # c b x + d a y
            if c != 0.0:
                re, im = _pull_product(b_re, b_im, c, g_re, g_im, s0, u, v)
                b_re_bar, b_im_bar = b_re_bar + re, b_im_bar + im
            if d != 0.0:
                re, im = _pull_product(a_re, a_im, d, g_re, g_im, s1, u, v)
                a_re_bar, a_im_bar = a_re_bar + re, a_im_bar + im
        else:  # c a* x - d b* y
            if c != 0.0:
                re, im = _pull_product(a_re, minus_a_im, c, g_re, g_im, s0, u, v)
                a_re_bar, a_im_bar = a_re_bar + re, a_im_bar - im
            if d != 0.0:
                re, im = _pull_product(b_re, minus_b_im, -d, g_re, g_im, s1, u, v)
                b_re_bar, b_im_bar = b_re_bar + re, b_im_bar - im
    store(angles, A_RE_BAR, a_re_bar)
    store(angles, A_IM_BAR, a_im_bar)
    store(angles, B_RE_BAR, b_re_bar)
    store(angles, B_IM_BAR, b_im_bar)


@inner_kernel
def add_pairs(xyzr, octet, rows, switch, recursion, work, density):
    """Add fc U of the packed pairs in some rows to the density."""
    begin, end, first = rows
    angles, u, _ = work
    size = 2 * len(recursion.s0) * LANES
    for row in range(begin, end):
        rotate_row(xyzr[row * PAIR :], switch[0], switch[1], angles)
        _wigner(angles, recursion, u)
        fc, sums = load(angles, FC), (octet[row] - first) * size
        for at in range(0, size, LANES):
            store(density, sums + at, load(density, sums + at) + fc * load(u, at))


@inner_kernel
def pull_pairs(xyzr, octet, rows, switch, recursion, work, density_bar, gradient):
    """Turn the adjoint of the density into the gradients of the packed pairs.

    `rows` is as in ``bispectrum3.py``.
    """
    begin, end, first = rows
    angles, u, v = work
    size = 2 * len(recursion.s0) * LANES
    for row in range(begin, end):
        pair = xyzr[row * PAIR :]
        rotate_row(pair, switch[0], switch[1], angles)
        _wigner(angles, recursion, u)
        fc, sums = load(angles, FC), (octet[row] - first) * size
        fc_bar = repeat(0.0)
        for at in range(0, size, LANES):
            given = load(density_bar, sums + at)
            fc_bar = fc_bar + load(u, at) * given
            store(v, at, fc * given)
        store(angles, FC_BAR, fc_bar)
        _wigner_back(angles, recursion, u, v)
        rotate_row_back(pair, angles, gradient[row * 3 * LANES :])
