"""From a pair vector to the Cayley-Klein parameters (a, b) and the switch, and back.

Inlined into the loops over lanes: a call would keep the compiler from vectorizing them.
"""

from math import factorial

import numpy as np

from ase_entropy._kernels.jit import kernel

__all__ = ['rotate', 'rotate_back', 'sine_cosine']

# Taylor coefficients: exact to the last bit for |x| <= pi/2.
S3, S5, S7, S9, S11, S13, S15, S17, S19, S21 = (
    (-1) ** k / factorial(2 * k + 1) for k in range(1, 11)
)
C2, C4, C6, C8, C10, C12, C14, C16, C18, C20, C22 = (
    (-1) ** k / factorial(2 * k) for k in range(1, 12)
)


@kernel(inline='always')
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


@kernel(inline='always')
def rotate(x, y, z, r, cutoff, weight, switch):
    """Return a, b (real and imaginary), fc, and what their derivatives need.

    The switch fc includes the weight of the neighbor.

    With n = r/|r| and the angle theta(r): a = cos(theta) - i n_z sin(theta),
    b = sin(theta) (n_y - i n_x). sin(theta)/r is kept as a whole, for it has a limit
    at r = 0; so has its derivative over r, which is returned last.
    """
    rfac0, rmin0 = switch
    dphi = np.pi / (cutoff - rmin0)
    dtheta = rfac0 * dphi
    sine, cosine = sine_cosine(dtheta * (r - rmin0))
    sine_phi, cosine_phi = sine_cosine(dphi * (r - rmin0))
    inverse = 1.0 / r if r > 0.0 else 0.0
    sinc = sine * inverse if r > 0.0 else dtheta
    fc = 0.5 * weight * (1.0 + cosine_phi) if r > rmin0 else weight
    dfc = -0.5 * weight * dphi * sine_phi if r > rmin0 else 0.0
    dcosine = -sine * dtheta
    dsinc = (cosine * dtheta - sinc) * inverse
    return cosine, -sinc * z, sinc * y, -sinc * x, fc, dfc, dcosine, sinc, dsinc


@kernel(inline='always')
def rotate_back(x, y, z, r, rotation, bars):
    """Turn adjoints of a, b and fc into the gradient of the pair vector."""
    dfc, dcosine, sinc, dsinc = rotation[5:]
    a_re, a_im, b_re, b_im, fc = bars
    along = b_re * y - a_im * z - b_im * x
    inverse = 1.0 / r if r > 0.0 else 0.0
    radial = (a_re * dcosine + along * dsinc + fc * dfc) * inverse
    return radial * x - b_im * sinc, radial * y + b_re * sinc, radial * z - a_im * sinc
