"""Bispectrum loops: pair vectors to U, U to components, and both ways back.

Complex numbers are pairs of real arrays. The first index is the element, the last
runs over a block of pairs or of atoms, so that every inner loop is a vector loop
over contiguous rows. An adjoint `x_bar` is dE/d(re x) + i dE/d(im x).
"""

import numpy as np
from numba import njit

__all__ = ['backward_pairs', 'contract', 'contract_backward', 'forward_pairs']

BLOCK = 64


@njit(cache=True, error_model='numpy')
def _rotations(r_pc, r_p, begin, size, switch, par):
    """Fill `par` with a, b, and the switch and its derivatives, a column per pair.

    With n = r/|r| and the angle theta(r): a = cos(theta) - i n_z sin(theta),
    b = sin(theta) (n_y - i n_x). sin(theta)/r is kept as a whole, for it has a limit
    at r = 0.
    """
    cutoff, rfac0, rmin0 = switch
    dtheta = rfac0 * np.pi / (cutoff - rmin0)
    dphi = np.pi / (cutoff - rmin0)
    for p in range(size):
        r = r_p[begin + p]
        x, y, z = r_pc[begin + p, 0], r_pc[begin + p, 1], r_pc[begin + p, 2]
        theta = dtheta * (r - rmin0)
        sine, cosine = np.sin(theta), np.cos(theta)
        if r > 0.0:
            sinc, dsinc = sine / r, (cosine * dtheta - sine / r) / r
        else:
            sinc, dsinc = dtheta, 0.0
        phi = dphi * (r - rmin0)
        inside = r > rmin0
        par[0, p], par[1, p] = cosine, -sinc * z  # a
        par[2, p], par[3, p] = sinc * y, -sinc * x  # b
        par[4, p] = 0.5 * (1.0 + np.cos(phi)) if inside else 1.0
        par[5, p] = -0.5 * dphi * np.sin(phi) if inside else 0.0
        par[6, p], par[7, p] = -sine * dtheta, sinc
        par[8, p] = dsinc


@njit(cache=True, error_model='numpy')
def _wigner(par, recursion, u_re, u_im):
    """Evaluate the recursion over J for a block of pairs."""
    middle, s0, c0, s1, c1, _ = recursion
    size = u_re.shape[1]
    a_re, a_im, b_re, b_im = par[0], par[1], par[2], par[3]
    u_re[0, :] = 1.0
    u_im[0, :] = 0.0
    for h in range(1, len(s0)):
        x_re, x_im, y_re, y_im = u_re[s0[h]], u_im[s0[h]], u_re[s1[h]], u_im[s1[h]]
        out_re, out_im = u_re[h], u_im[h]
        c, d = c0[h], c1[h]
        if middle[h]:  # b x + a y
            for p in range(size):
                out_re[p] = c * (b_re[p] * x_re[p] - b_im[p] * x_im[p]) + d * (
                    a_re[p] * y_re[p] - a_im[p] * y_im[p]
                )
                out_im[p] = c * (b_re[p] * x_im[p] + b_im[p] * x_re[p]) + d * (
                    a_re[p] * y_im[p] + a_im[p] * y_re[p]
                )
        else:  # a* x - b* y
            for p in range(size):
                out_re[p] = c * (a_re[p] * x_re[p] + a_im[p] * x_im[p]) - d * (
                    b_re[p] * y_re[p] + b_im[p] * y_im[p]
                )
                out_im[p] = c * (a_re[p] * x_im[p] - a_im[p] * x_re[p]) - d * (
                    b_re[p] * y_im[p] - b_im[p] * y_re[p]
                )


@njit(cache=True, error_model='numpy')
def _wigner_backward(par, recursion, u_re, u_im, v_re, v_im, par_bar):
    """Reverse the recursion: adjoints `v` of U become adjoints of a and b.

    `v` is used up: each line hands its adjoint on to the lines that it came from.
    """
    middle, s0, c0, s1, c1, _ = recursion
    size = u_re.shape[1]
    a_re, a_im, b_re, b_im = par[0], par[1], par[2], par[3]
    p_re, p_im, q_re, q_im = par_bar[0], par_bar[1], par_bar[2], par_bar[3]
    par_bar[:, :] = 0.0
    for h in range(len(s0) - 1, 0, -1):
        x_re, x_im, y_re, y_im = u_re[s0[h]], u_im[s0[h]], u_re[s1[h]], u_im[s1[h]]
        e_re, e_im, f_re, f_im = v_re[s0[h]], v_im[s0[h]], v_re[s1[h]], v_im[s1[h]]
        g_re, g_im = v_re[h], v_im[h]
        c, d = c0[h], c1[h]
        # s0 and s1 share a row only where one coefficient is zero: at the ends
        # m = 0 and m = J, where the missing source is row 0 with coefficient zero.
        if middle[h]:  # out = c b x + d a y
            for p in range(size):
                s, t = c * g_re[p], c * g_im[p]
                q_re[p] += x_re[p] * s + x_im[p] * t
                q_im[p] += x_re[p] * t - x_im[p] * s
                e_re[p] += b_re[p] * s + b_im[p] * t
                e_im[p] += b_re[p] * t - b_im[p] * s
                s, t = d * g_re[p], d * g_im[p]
                p_re[p] += y_re[p] * s + y_im[p] * t
                p_im[p] += y_re[p] * t - y_im[p] * s
                f_re[p] += a_re[p] * s + a_im[p] * t
                f_im[p] += a_re[p] * t - a_im[p] * s
        else:  # out = c a* x - d b* y
            for p in range(size):
                s, t = c * g_re[p], c * g_im[p]
                p_re[p] += x_re[p] * s + x_im[p] * t
                p_im[p] += x_im[p] * s - x_re[p] * t
                e_re[p] += a_re[p] * s - a_im[p] * t
                e_im[p] += a_re[p] * t + a_im[p] * s
                s, t = -d * g_re[p], -d * g_im[p]
                q_re[p] += y_re[p] * s + y_im[p] * t
                q_im[p] += y_im[p] * s - y_re[p] * t
                f_re[p] += b_re[p] * s - b_im[p] * t
                f_im[p] += b_re[p] * t + b_im[p] * s


@njit(cache=True, error_model='numpy')
def forward_pairs(i_p, r_p, r_pc, self_n, switch, recursion):
    """Sum fc(r) U(r) over the pairs of each atom: the density, elements x atoms."""
    elements = len(recursion[0])
    diagonal = recursion[5]
    d_re = np.zeros((elements, len(self_n)))
    d_im = np.zeros((elements, len(self_n)))
    for h in range(elements):
        if diagonal[h]:
            d_re[h, :] = self_n
    par = np.empty((9, BLOCK))
    u_re, u_im = np.empty((elements, BLOCK)), np.empty((elements, BLOCK))
    for begin in range(0, len(i_p), BLOCK):
        size = min(BLOCK, len(i_p) - begin)
        _rotations(r_pc, r_p, begin, size, switch, par)
        _wigner(par[:, :size], recursion, u_re[:, :size], u_im[:, :size])
        for h in range(elements):
            for p in range(size):
                i = i_p[begin + p]
                d_re[h, i] += par[4, p] * u_re[h, p]
                d_im[h, i] += par[4, p] * u_im[h, p]
    return d_re, d_im


@njit(cache=True, error_model='numpy')
def backward_pairs(i_p, r_p, r_pc, y_re, y_im, switch, recursion):
    """Turn the adjoint `y` of the density into pair gradients dE_dr_pc."""
    elements = len(recursion[0])
    dE_dr_pc = np.empty((len(i_p), 3))
    par, par_bar = np.empty((9, BLOCK)), np.empty((4, BLOCK))
    u_re, u_im = np.empty((elements, BLOCK)), np.empty((elements, BLOCK))
    v_re, v_im = np.empty((elements, BLOCK)), np.empty((elements, BLOCK))
    fc_bar = np.empty(BLOCK)
    for begin in range(0, len(i_p), BLOCK):
        size = min(BLOCK, len(i_p) - begin)
        _rotations(r_pc, r_p, begin, size, switch, par)
        _wigner(par[:, :size], recursion, u_re[:, :size], u_im[:, :size])
        fc_bar[:] = 0.0
        for h in range(elements):
            for p in range(size):
                i = i_p[begin + p]
                fc_bar[p] += u_re[h, p] * y_re[h, i] + u_im[h, p] * y_im[h, i]
                v_re[h, p] = par[4, p] * y_re[h, i]
                v_im[h, p] = par[4, p] * y_im[h, i]
        _wigner_backward(
            par[:, :size],
            recursion,
            u_re[:, :size],
            u_im[:, :size],
            v_re[:, :size],
            v_im[:, :size],
            par_bar[:, :size],
        )
        for p in range(size):
            x, y, z = r_pc[begin + p, 0], r_pc[begin + p, 1], r_pc[begin + p, 2]
            sinc, dsinc = par[7, p], par[8, p]
            slope_z, slope_y, slope_x = -par_bar[1, p], par_bar[2, p], -par_bar[3, p]
            radial = (
                par_bar[0, p] * par[6, p]
                + dsinc * (slope_x * x + slope_y * y + slope_z * z)
                + fc_bar[p] * par[5, p]
            )
            r = r_p[begin + p]
            along = radial / r if r > 0.0 else 0.0
            dE_dr_pc[begin + p, 0] = slope_x * sinc + along * x
            dE_dr_pc[begin + p, 1] = slope_y * sinc + along * y
            dE_dr_pc[begin + p, 2] = slope_z * sinc + along * z
    return dE_dr_pc


@njit(cache=True, error_model='numpy')
def _load(d_re, d_im, begin, size, contraction, u_re, u_im):
    """Copy a block of atoms, completing the stored half of U by symmetry."""
    half, sign, conj = contraction[0], contraction[1], contraction[2]
    for f in range(len(half)):
        s = sign[f]
        t = -s if conj[f] else s
        from_re, from_im = d_re[half[f]], d_im[half[f]]
        to_re, to_im = u_re[f], u_im[f]
        for n in range(size):
            to_re[n] = s * from_re[begin + n]
            to_im[n] = t * from_im[begin + n]


@njit(cache=True, error_model='numpy')
def _couple(contraction, z, u_re, u_im, z_re, z_im):
    """Form line z: a sum of products of two U."""
    start, f0, f1, c = contraction[6], contraction[7], contraction[8], contraction[9]
    size = len(z_re)
    z_re[:] = 0.0
    z_im[:] = 0.0
    for t in range(start[z], start[z + 1]):
        x_re, x_im, y_re, y_im = u_re[f0[t]], u_im[f0[t]], u_re[f1[t]], u_im[f1[t]]
        ct = c[t]
        for n in range(size):
            z_re[n] += ct * (x_re[n] * y_re[n] - x_im[n] * y_im[n])
            z_im[n] += ct * (x_re[n] * y_im[n] + x_im[n] * y_re[n])


@njit(cache=True, error_model='numpy')
def contract(d_re, d_im, components, contraction):
    """Contract the density to bispectrum components, atoms x components."""
    half, k, h, weight = contraction[0], contraction[3], contraction[4], contraction[5]
    atoms = d_re.shape[1]
    q_nk = np.zeros((atoms, components))
    u_re, u_im = np.empty((len(half), BLOCK)), np.empty((len(half), BLOCK))
    z_re, z_im = np.empty(BLOCK), np.empty(BLOCK)
    for begin in range(0, atoms, BLOCK):
        size = min(BLOCK, atoms - begin)
        _load(d_re, d_im, begin, size, contraction, u_re, u_im)
        for z in range(len(k)):
            _couple(contraction, z, u_re, u_im, z_re[:size], z_im[:size])
            for n in range(size):
                q_nk[begin + n, k[z]] += weight[z] * (
                    d_re[h[z], begin + n] * z_re[n] + d_im[h[z], begin + n] * z_im[n]
                )
    return q_nk


@njit(cache=True, error_model='numpy')
def _add_product(v_re, v_im, c, u_re, u_im, g_re, g_im, size):
    """Add c conj(u) g to v."""
    for n in range(size):
        s, t = c * g_re[n], c * g_im[n]
        v_re[n] += u_re[n] * s + u_im[n] * t
        v_im[n] += u_re[n] * t - u_im[n] * s


@njit(cache=True, error_model='numpy')
def contract_backward(d_re, d_im, dE_dq_nk, contraction):
    """Turn dE/dq into the adjoint of the density, elements x atoms."""
    half, sign, conj, k, h, weight, start, f0, f1, c = contraction
    elements, atoms = d_re.shape
    y_re, y_im = np.zeros((elements, atoms)), np.zeros((elements, atoms))
    u_re, u_im = np.empty((len(half), BLOCK)), np.empty((len(half), BLOCK))
    v_re, v_im = np.empty((len(half), BLOCK)), np.empty((len(half), BLOCK))
    z_re, z_im = np.empty(BLOCK), np.empty(BLOCK)
    g_re, g_im = np.empty(BLOCK), np.empty(BLOCK)
    for begin in range(0, atoms, BLOCK):
        size = min(BLOCK, atoms - begin)
        _load(d_re, d_im, begin, size, contraction, u_re, u_im)
        v_re[:, :] = 0.0
        v_im[:, :] = 0.0
        for z in range(len(k)):
            _couple(contraction, z, u_re, u_im, z_re[:size], z_im[:size])
            for n in range(size):
                q_bar = weight[z] * dE_dq_nk[begin + n, k[z]]
                y_re[h[z], begin + n] += q_bar * z_re[n]
                y_im[h[z], begin + n] += q_bar * z_im[n]
                g_re[n] = q_bar * d_re[h[z], begin + n]
                g_im[n] = q_bar * d_im[h[z], begin + n]
            for t in range(start[z], start[z + 1]):
                x, y, ct = f0[t], f1[t], c[t]
                _add_product(v_re[x], v_im[x], ct, u_re[y], u_im[y], g_re, g_im, size)
                _add_product(v_re[y], v_im[y], ct, u_re[x], u_im[x], g_re, g_im, size)
        for f in range(len(half)):
            s = sign[f]
            w = -s if conj[f] else s
            for n in range(size):
                y_re[half[f], begin + n] += s * v_re[f, n]
                y_im[half[f], begin + n] += w * v_im[f, n]
    return y_re, y_im
