"""The pair kernels for twojmax = 3, written out.

The recursion of ``descriptors/wigner.py`` line by line, with every element of U in a
variable: no tables, and no intermediate arrays. Same results as the kernels in
``bispectrum_any.py``, several times faster; a test holds the two together. What is
``straight`` is a list of instructions, in compiled code (see ``octets.py``).

`rows` is the first row, the one behind the last, and the octet that the density (or its
adjoint) begins with.

u7r and u7i are the real and the imaginary part of element 7, v7r and v7i its adjoint;
u1 = (a*, element 1) and u2 = (-b*, element 2) stand as (ar, nai) and (nbr, bi).
"""

from math import sqrt

from numba import types

from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.lanes import PAIR
from ase_entropy._kernels.octets import LANES, load, store, straight
from ase_entropy._kernels.rotation import rotate, rotate_back

__all__ = ['ELEMENTS', 'add_pairs', 'pull_pairs']

ELEMENTS = 17  # stored elements of U for twojmax = 3

R12, R13, R21 = sqrt(1 / 2), sqrt(1 / 3), sqrt(2)
R23, R32 = sqrt(2 / 3), sqrt(3 / 2)
STRIDE = 2 * LANES  # from one element to the next, in a flat density


def _wigner(ar, ai, br, bi):
    """Return real and imaginary parts of all elements but the first, which is 1."""
    nai, nbr = -ai, -br
    u3r = ar * ar - nai * nai
    u3i = ar * nai + nai * ar
    u4r = R12 * (ar * nbr - nai * bi) + R12 * (nbr * ar - bi * nai)
    u4i = R12 * (ar * bi + nai * nbr) + R12 * (nbr * nai + bi * ar)
    u5r = nbr * nbr - bi * bi
    u5i = nbr * bi + bi * nbr
    u6r = R21 * (br * ar - bi * nai)
    u6i = R21 * (br * nai + bi * ar)
    u7r = (br * nbr - bi * bi) + (ar * ar - ai * nai)
    u7i = (br * bi + bi * nbr) + (ar * nai + ai * ar)
    u8r = R21 * (ar * nbr - ai * bi)
    u8i = R21 * (ar * bi + ai * nbr)
    u9r = ar * u3r - nai * u3i
    u9i = ar * u3i + nai * u3r
    u10r = R23 * (ar * u4r - nai * u4i) + R13 * (nbr * u3r - bi * u3i)
    u10i = R23 * (ar * u4i + nai * u4r) + R13 * (nbr * u3i + bi * u3r)
    u11r = R13 * (ar * u5r - nai * u5i) + R23 * (nbr * u4r - bi * u4i)
    u11i = R13 * (ar * u5i + nai * u5r) + R23 * (nbr * u4i + bi * u4r)
    u12r = nbr * u5r - bi * u5i
    u12i = nbr * u5i + bi * u5r
    u13r = R32 * (ar * u6r - nai * u6i)
    u13i = R32 * (ar * u6i + nai * u6r)
    u14r = (ar * u7r - nai * u7i) + R12 * (nbr * u6r - bi * u6i)
    u14i = (ar * u7i + nai * u7r) + R12 * (nbr * u6i + bi * u6r)
    u15r = R12 * (ar * u8r - nai * u8i) + (nbr * u7r - bi * u7i)
    u15i = R12 * (ar * u8i + nai * u8r) + (nbr * u7i + bi * u7r)
    u16r = R32 * (nbr * u8r - bi * u8i)
    u16i = R32 * (nbr * u8i + bi * u8r)
    return [
        (ar, nai),
        (nbr, bi),
        (u3r, u3i),
        (u4r, u4i),
        (u5r, u5i),
        (u6r, u6i),
        (u7r, u7i),
        (u8r, u8i),
        (u9r, u9i),
        (u10r, u10i),
        (u11r, u11i),
        (u12r, u12i),
        (u13r, u13i),
        (u14r, u14i),
        (u15r, u15i),
        (u16r, u16i),
    ]


def _add_row(pair, rfac0, rmin0, density):
    """Add fc U of a row of pairs to the density."""
    ar, ai, br, bi, fc, *_ = rotate(pair, rfac0, rmin0)
    store(density, 0, load(density, 0) + fc)
    for n, u in enumerate(_wigner(ar, ai, br, bi), start=1):
        for place, part in zip((n * STRIDE, n * STRIDE + LANES), u, strict=True):
            store(density, place, load(density, place) + fc * part)


def _pull_row(pair, rfac0, rmin0, density_bar, gradient):
    """Turn the adjoint of the density into the gradients of a row of pairs."""
    rotation = rotate(pair, rfac0, rmin0)
    ar, ai, br, bi, fc = rotation[:5]
    u, v = _wigner(ar, ai, br, bi), []
    fc_bar = load(density_bar, 0)
    for n, (u_re, u_im) in enumerate(u, start=1):
        v_re = load(density_bar, n * STRIDE)
        v_im = load(density_bar, n * STRIDE + LANES)
        fc_bar = fc_bar + (u_re * v_re + u_im * v_im)
        v.append((v_re, v_im))
    bars = [fc * bar for bar in _wigner_back(ar, ai, br, bi, u, v)]
    rotate_back(pair, rotation, [*bars, fc_bar], gradient)


def _wigner_back(ar, ai, br, bi, u, v):
    """Return the adjoints of a and b, from those of all elements."""
    nai, nbr = -ai, -br
    _, _, (u3r, u3i), (u4r, u4i), (u5r, u5i), (u6r, u6i), (u7r, u7i), (u8r, u8i), *_ = u
    (
        (v1r, v1i),
        (v2r, v2i),
        (v3r, v3i),
        (v4r, v4i),
        (v5r, v5i),
        (v6r, v6i),
        (v7r, v7i),
        (v8r, v8i),
        (v9r, v9i),
        (v10r, v10i),
        (v11r, v11i),
        (v12r, v12i),
        (v13r, v13i),
        (v14r, v14i),
        (v15r, v15i),
        (v16r, v16i),
    ) = v
    ar_bar, ai_bar, br_bar, bi_bar = 0.0, 0.0, 0.0, 0.0
    sr, si = R32 * v16r, R32 * v16i
    br_bar -= u8r * sr + u8i * si
    bi_bar += u8r * si - u8i * sr
    v8r += nbr * sr + bi * si
    v8i += nbr * si - bi * sr
    sr, si = R12 * v15r, R12 * v15i
    ar_bar += u8r * sr + u8i * si
    ai_bar -= u8r * si - u8i * sr
    v8r += ar * sr + nai * si
    v8i += ar * si - nai * sr
    br_bar -= u7r * v15r + u7i * v15i
    bi_bar += u7r * v15i - u7i * v15r
    v7r += nbr * v15r + bi * v15i
    v7i += nbr * v15i - bi * v15r
    ar_bar += u7r * v14r + u7i * v14i
    ai_bar -= u7r * v14i - u7i * v14r
    v7r += ar * v14r + nai * v14i
    v7i += ar * v14i - nai * v14r
    sr, si = R12 * v14r, R12 * v14i
    br_bar -= u6r * sr + u6i * si
    bi_bar += u6r * si - u6i * sr
    v6r += nbr * sr + bi * si
    v6i += nbr * si - bi * sr
    sr, si = R32 * v13r, R32 * v13i
    ar_bar += u6r * sr + u6i * si
    ai_bar -= u6r * si - u6i * sr
    v6r += ar * sr + nai * si
    v6i += ar * si - nai * sr
    br_bar -= u5r * v12r + u5i * v12i
    bi_bar += u5r * v12i - u5i * v12r
    v5r += nbr * v12r + bi * v12i
    v5i += nbr * v12i - bi * v12r
    sr, si = R13 * v11r, R13 * v11i
    ar_bar += u5r * sr + u5i * si
    ai_bar -= u5r * si - u5i * sr
    v5r += ar * sr + nai * si
    v5i += ar * si - nai * sr
    sr, si = R23 * v11r, R23 * v11i
    br_bar -= u4r * sr + u4i * si
    bi_bar += u4r * si - u4i * sr
    v4r += nbr * sr + bi * si
    v4i += nbr * si - bi * sr
    sr, si = R23 * v10r, R23 * v10i
    ar_bar += u4r * sr + u4i * si
    ai_bar -= u4r * si - u4i * sr
    v4r += ar * sr + nai * si
    v4i += ar * si - nai * sr
    sr, si = R13 * v10r, R13 * v10i
    br_bar -= u3r * sr + u3i * si
    bi_bar += u3r * si - u3i * sr
    v3r += nbr * sr + bi * si
    v3i += nbr * si - bi * sr
    ar_bar += u3r * v9r + u3i * v9i
    ai_bar -= u3r * v9i - u3i * v9r
    v3r += ar * v9r + nai * v9i
    v3i += ar * v9i - nai * v9r
    sr, si = R21 * v8r, R21 * v8i
    ar_bar += nbr * sr + bi * si
    ai_bar += nbr * si - bi * sr
    v2r += ar * sr + ai * si
    v2i += ar * si - ai * sr
    br_bar += nbr * v7r + bi * v7i
    bi_bar += nbr * v7i - bi * v7r
    v2r += br * v7r + bi * v7i
    v2i += br * v7i - bi * v7r
    ar_bar += ar * v7r + nai * v7i
    ai_bar += ar * v7i - nai * v7r
    v1r += ar * v7r + ai * v7i
    v1i += ar * v7i - ai * v7r
    sr, si = R21 * v6r, R21 * v6i
    br_bar += ar * sr + nai * si
    bi_bar += ar * si - nai * sr
    v1r += br * sr + bi * si
    v1i += br * si - bi * sr
    br_bar -= nbr * v5r + bi * v5i
    bi_bar += nbr * v5i - bi * v5r
    v2r += nbr * v5r + bi * v5i
    v2i += nbr * v5i - bi * v5r
    sr, si = R12 * v4r, R12 * v4i
    ar_bar += nbr * sr + bi * si
    ai_bar -= nbr * si - bi * sr
    v2r += ar * sr + nai * si
    v2i += ar * si - nai * sr
    sr, si = R12 * v4r, R12 * v4i
    br_bar -= ar * sr + nai * si
    bi_bar += ar * si - nai * sr
    v1r += nbr * sr + bi * si
    v1i += nbr * si - bi * sr
    ar_bar += ar * v3r + nai * v3i
    ai_bar -= ar * v3i - nai * v3r
    v1r += ar * v3r + nai * v3i
    v1i += ar * v3i - nai * v3r
    br_bar -= v2r
    bi_bar += v2i
    ar_bar += v1r
    ai_bar -= v1i
    return ar_bar, ai_bar, br_bar, bi_bar


straight(_add_row, types.Array, types.Float, types.Float, types.Array)
straight(_pull_row, types.Array, types.Float, types.Float, types.Array, types.Array)


@inner_kernel
def add_pairs(xyzr, octet, rows, switch, density):
    """Add fc U of the packed pairs in some rows to the density."""
    begin, end, first = rows
    for row in range(begin, end):
        at = (octet[row] - first) * ELEMENTS * STRIDE
        _add_row(xyzr[row * PAIR :], switch[0], switch[1], density[at:])


@inner_kernel
def pull_pairs(xyzr, octet, rows, switch, density_bar, gradient):
    """Turn the adjoint of the density into the gradients of the packed pairs."""
    begin, end, first = rows
    for row in range(begin, end):
        pair, out = xyzr[row * PAIR :], gradient[row * 3 * LANES :]
        at = (octet[row] - first) * ELEMENTS * STRIDE
        _pull_row(pair, switch[0], switch[1], density_bar[at:], out)
