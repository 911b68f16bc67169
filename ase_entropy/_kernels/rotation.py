"""From a pair vector to the Cayley-Klein parameters (a, b) and the switch, and back.

All of it are operations with octets, of the pairs of a row (see ``octets.py``).
"""

from math import factorial

import numpy as np
from numba import types

from ase_entropy._kernels.lanes import aligned
from ase_entropy._kernels.octets import LANES, choose, load, store, straight

__all__ = [
    'new_angles',
    'rotate',
    'rotate_back',
    'rotate_row',
    'rotate_row_back',
    'sine_cosine',
]

# Places of octets in `angles`: what `rotate` returns, then the adjoints of the first.
A_RE, A_IM, B_RE, B_IM, FC, DFC, DCOSINE, SINC, DSINC = range(0, 9 * LANES, LANES)
A_RE_BAR, A_IM_BAR, B_RE_BAR, B_IM_BAR, FC_BAR = range(9 * LANES, 14 * LANES, LANES)

# Taylor coefficients: exact to the last bit for |x| <= pi/2.
S3, S5, S7, S9, S11, S13, S15, S17, S19, S21 = (
    (-1) ** k / factorial(2 * k + 1) for k in range(1, 11)
)
C2, C4, C6, C8, C10, C12, C14, C16, C18, C20, C22 = (
    (-1) ** k / factorial(2 * k) for k in range(1, 12)
)


def sine_cosine(x):
    """Return sin(x) and cos(x) by polynomials, for vector loops, |x| up to 1e6."""
    turns = np.floor(x * (1.0 / np.pi) + 0.5)
    y = (x - turns * np.pi) - turns * 1.2246467991473532e-16  # pi in two parts
    sign = 1.0 - 2.0 * (turns - 2.0 * np.floor(0.5 * turns))
    w = y * y
    s = S15 + w * (S17 + w * (S19 + w * S21))
    s = S3 + w * (S5 + w * (S7 + w * (S9 + w * (S11 + w * (S13 + w * s)))))
    c = C14 + w * (C16 + w * (C18 + w * (C20 + w * C22)))
    c = C2 + w * (C4 + w * (C6 + w * (C8 + w * (C10 + w * (C12 + w * c)))))
    return sign * (y + y * w * s), sign * (1.0 + w * c)


def rotate(pair, rfac0, rmin0):
    """Return a, b (real and imaginary), fc, and what their derivatives need.

    The switch fc includes the weight of the neighbor.

    With n = r/|r| and the angle theta(r): a = cos(theta) - i n_z sin(theta),
    b = sin(theta) (n_y - i n_x). sin(theta)/r is kept as a whole, for it has a limit
    at r = 0; so has its derivative over r, which is returned last.
    """
    x, y, z, r, cutoff, weight = (load(pair, n * LANES) for n in range(6))
    dphi = np.pi / (cutoff - rmin0)
    dtheta = rfac0 * dphi
    sine, cosine = sine_cosine(dtheta * (r - rmin0))
    sine_phi, cosine_phi = sine_cosine(dphi * (r - rmin0))
    inverse = choose(0.0, r, 1.0 / r, 0.0)
    sinc = choose(0.0, r, sine * inverse, dtheta)
    fc = choose(rmin0, r, 0.5 * weight * (1.0 + cosine_phi), weight)
    dfc = choose(rmin0, r, -0.5 * weight * dphi * sine_phi, 0.0)
    dcosine = -sine * dtheta
    dsinc = (cosine * dtheta - sinc) * inverse
    return cosine, -sinc * z, sinc * y, -sinc * x, fc, dfc, dcosine, sinc, dsinc


def rotate_back(pair, rotation, bars, gradient):
    """Turn adjoints of a, b and fc into the gradients of the pair vectors."""
    x, y, z, r = (load(pair, n * LANES) for n in range(4))
    dfc, dcosine, sinc, dsinc = rotation[5:]
    a_re, a_im, b_re, b_im, fc = bars
    along = b_re * y - a_im * z - b_im * x
    inverse = choose(0.0, r, 1.0 / r, 0.0)
    radial = (a_re * dcosine + along * dsinc + fc * dfc) * inverse
    store(gradient, 0, radial * x - b_im * sinc)
    store(gradient, LANES, radial * y + b_re * sinc)
    store(gradient, 2 * LANES, radial * z - a_im * sinc)


def new_angles() -> np.ndarray:
    """Return an array for what is known of the rotations of a row of pairs."""
    return aligned(14 * LANES)


def rotate_row(pair, rfac0, rmin0, angles):
    """Work out what is known of the rotations of a row of pairs."""
    rotation = rotate(pair, rfac0, rmin0)
    for number, octet in enumerate(rotation):
        store(angles, number * LANES, octet)


def rotate_row_back(pair, angles, gradient):
    """Turn the adjoints among the angles into the gradient of a row of pairs."""
    known = [load(angles, number * LANES) for number in range(14)]
    rotate_back(pair, known[:9], known[9:], gradient)


straight(rotate_row, types.Array, types.Float, types.Float, types.Array)
straight(rotate_row_back, types.Array, types.Array, types.Array)
