"""The pair kernels for twojmax = 3, written out.

The recursion of ``descriptors/wigner.py`` line by line, with every element of U in a
variable: one loop over the lanes, without tables and intermediate arrays. Same results
as the kernels in ``bispectrum_any.py``, several times faster; a test holds the two
together. `lanes` is 8: as a variable, for the compiler does not vectorize loops
that it knows to be that short.

`rows` is the first row, the one behind the last, and the octet that the density (or its
adjoint) begins with.

u7r and u7i are the real and the imaginary part of element 7, v7r and v7i its adjoint;
u1 = (a*, element 1) and u2 = (-b*, element 2) stand as (ar, nai) and (nbr, bi).
"""

from math import sqrt

from ase_entropy._kernels.jit import inner_kernel
from ase_entropy._kernels.lanes import LANES, PAIR
from ase_entropy._kernels.rotation import rotate, rotate_back

__all__ = ['ELEMENTS', 'add_pairs', 'pull_pairs']

ELEMENTS = 17  # stored elements of U for twojmax = 3

R12, R13, R21 = sqrt(1 / 2), sqrt(1 / 3), sqrt(2)
R23, R32 = sqrt(2 / 3), sqrt(3 / 2)
STRIDE = 2 * LANES  # from one element to the next, in a flat density


@inner_kernel
def add_pairs(xyzr, octet, rows, switch, lanes, density):
    """Add fc U of the packed pairs in some rows to the density."""
    begin, end, first = rows
    for row in range(begin, end):
        pair = xyzr[row * PAIR : (row + 1) * PAIR]
        at = (octet[row] - first) * ELEMENTS * STRIDE
        out = density[at : at + ELEMENTS * STRIDE]
        for n in range(lanes):
            x, y = pair[n], pair[LANES + n]
            z, r = pair[2 * LANES + n], pair[3 * LANES + n]
            cutoff, weight = pair[4 * LANES + n], pair[5 * LANES + n]
            ar, ai, br, bi, fc, _, _, _, _ = rotate(x, y, z, r, cutoff, weight, switch)
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
            out[n] += fc
            out[1 * STRIDE + n] += fc * ar
            out[1 * STRIDE + LANES + n] += fc * nai
            out[2 * STRIDE + n] += fc * nbr
            out[2 * STRIDE + LANES + n] += fc * bi
            out[3 * STRIDE + n] += fc * u3r
            out[3 * STRIDE + LANES + n] += fc * u3i
            out[4 * STRIDE + n] += fc * u4r
            out[4 * STRIDE + LANES + n] += fc * u4i
            out[5 * STRIDE + n] += fc * u5r
            out[5 * STRIDE + LANES + n] += fc * u5i
            out[6 * STRIDE + n] += fc * u6r
            out[6 * STRIDE + LANES + n] += fc * u6i
            out[7 * STRIDE + n] += fc * u7r
            out[7 * STRIDE + LANES + n] += fc * u7i
            out[8 * STRIDE + n] += fc * u8r
            out[8 * STRIDE + LANES + n] += fc * u8i
            out[9 * STRIDE + n] += fc * u9r
            out[9 * STRIDE + LANES + n] += fc * u9i
            out[10 * STRIDE + n] += fc * u10r
            out[10 * STRIDE + LANES + n] += fc * u10i
            out[11 * STRIDE + n] += fc * u11r
            out[11 * STRIDE + LANES + n] += fc * u11i
            out[12 * STRIDE + n] += fc * u12r
            out[12 * STRIDE + LANES + n] += fc * u12i
            out[13 * STRIDE + n] += fc * u13r
            out[13 * STRIDE + LANES + n] += fc * u13i
            out[14 * STRIDE + n] += fc * u14r
            out[14 * STRIDE + LANES + n] += fc * u14i
            out[15 * STRIDE + n] += fc * u15r
            out[15 * STRIDE + LANES + n] += fc * u15i
            out[16 * STRIDE + n] += fc * u16r
            out[16 * STRIDE + LANES + n] += fc * u16i


@inner_kernel
def pull_pairs(xyzr, octet, rows, switch, lanes, density_bar, gradient):
    """Turn the adjoint of the density into the gradients of the packed pairs."""
    begin, end, first = rows
    for row in range(begin, end):
        pair = xyzr[row * PAIR : (row + 1) * PAIR]
        at = (octet[row] - first) * ELEMENTS * STRIDE
        bar = density_bar[at : at + ELEMENTS * STRIDE]
        out = gradient[row * 3 * LANES : (row + 1) * 3 * LANES]
        for n in range(lanes):
            x, y = pair[n], pair[LANES + n]
            z, r = pair[2 * LANES + n], pair[3 * LANES + n]
            cutoff, weight = pair[4 * LANES + n], pair[5 * LANES + n]
            rotation = rotate(x, y, z, r, cutoff, weight, switch)
            ar, ai, br, bi, fc = rotation[:5]
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
            fc_bar = bar[n]
            v1r = bar[1 * STRIDE + n]
            v1i = bar[1 * STRIDE + LANES + n]
            fc_bar += ar * v1r + nai * v1i
            v2r = bar[2 * STRIDE + n]
            v2i = bar[2 * STRIDE + LANES + n]
            fc_bar += nbr * v2r + bi * v2i
            v3r = bar[3 * STRIDE + n]
            v3i = bar[3 * STRIDE + LANES + n]
            fc_bar += u3r * v3r + u3i * v3i
            v4r = bar[4 * STRIDE + n]
            v4i = bar[4 * STRIDE + LANES + n]
            fc_bar += u4r * v4r + u4i * v4i
            v5r = bar[5 * STRIDE + n]
            v5i = bar[5 * STRIDE + LANES + n]
            fc_bar += u5r * v5r + u5i * v5i
            v6r = bar[6 * STRIDE + n]
            v6i = bar[6 * STRIDE + LANES + n]
            fc_bar += u6r * v6r + u6i * v6i
            v7r = bar[7 * STRIDE + n]
            v7i = bar[7 * STRIDE + LANES + n]
            fc_bar += u7r * v7r + u7i * v7i
            v8r = bar[8 * STRIDE + n]
            v8i = bar[8 * STRIDE + LANES + n]
            fc_bar += u8r * v8r + u8i * v8i
            v9r = bar[9 * STRIDE + n]
            v9i = bar[9 * STRIDE + LANES + n]
            fc_bar += u9r * v9r + u9i * v9i
            v10r = bar[10 * STRIDE + n]
            v10i = bar[10 * STRIDE + LANES + n]
            fc_bar += u10r * v10r + u10i * v10i
            v11r = bar[11 * STRIDE + n]
            v11i = bar[11 * STRIDE + LANES + n]
            fc_bar += u11r * v11r + u11i * v11i
            v12r = bar[12 * STRIDE + n]
            v12i = bar[12 * STRIDE + LANES + n]
            fc_bar += u12r * v12r + u12i * v12i
            v13r = bar[13 * STRIDE + n]
            v13i = bar[13 * STRIDE + LANES + n]
            fc_bar += u13r * v13r + u13i * v13i
            v14r = bar[14 * STRIDE + n]
            v14i = bar[14 * STRIDE + LANES + n]
            fc_bar += u14r * v14r + u14i * v14i
            v15r = bar[15 * STRIDE + n]
            v15i = bar[15 * STRIDE + LANES + n]
            fc_bar += u15r * v15r + u15i * v15i
            v16r = bar[16 * STRIDE + n]
            v16i = bar[16 * STRIDE + LANES + n]
            fc_bar += u16r * v16r + u16i * v16i
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
            bars = (fc * ar_bar, fc * ai_bar, fc * br_bar, fc * bi_bar, fc_bar)
            g_x, g_y, g_z = rotate_back(x, y, z, r, rotation, bars)
            out[n], out[LANES + n], out[2 * LANES + n] = g_x, g_y, g_z
