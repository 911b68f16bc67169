r"""Index and coefficient tables of the SU(2) bispectrum.

A rotation with Cayley-Klein parameters (a, b) acts on the monomials

.. math:: e^J_m = \sqrt{\tbinom{J}{m}}\, x^{J-m} y^m, \qquad m = 0 \dots J,

by x -> a* x - b* y, y -> b x + a y, which defines :math:`U^J_{m'm}` (J is twice the
angular momentum). Splitting one factor x or y off gives the recursion over J

.. math::

    U^J_{m'm} &= \sqrt{\tfrac{J-m}{J-m'}}\, a^* U^{J-1}_{m',m}
               - \sqrt{\tfrac{m}{J-m'}}\, b^* U^{J-1}_{m',m-1} \\
    U^J_{m'm} &= \sqrt{\tfrac{J-m}{m'}}\, b\, U^{J-1}_{m'-1,m}
               + \sqrt{\tfrac{m}{m'}}\, a\, U^{J-1}_{m'-1,m-1}

The rows m' <= J/2 suffice, for
:math:`U^J_{J-m',J-m} = (-1)^{m'-m} (U^J_{m'm})^*`. The first line gives the rows
m' < J/2, the second the middle row m' = J/2; both need stored rows of J - 1 only.

References
----------
.. [1] A. P. Bartok et al., Phys. Rev. Lett. 104, 136403 (2010).
.. [2] A. P. Bartok, R. Kondor, G. Csanyi, Phys. Rev. B 87, 184115 (2013).
.. [3] A. P. Thompson et al., J. Comput. Phys. 285, 316 (2015).
"""

import itertools
from collections import defaultdict
from functools import lru_cache
from math import factorial, prod, sqrt
from typing import NamedTuple

import numpy as np

__all__ = [
    'Contraction',
    'Lines',
    'Recursion',
    'contraction',
    'recursion',
    'triples',
]


class Recursion(NamedTuple):
    """One line for each stored element h > 0 of U, in the order of evaluation.

    ``U[h] = c0[h] F U[s0[h]] + c1[h] G U[s1[h]]`` with (F, G) = (b, a) where `middle`
    is true and (a*, -b*) elsewhere. `diagonal` marks the elements with m' = m, the
    only ones that differ from zero for the identity rotation.
    """

    middle: np.ndarray
    s0: np.ndarray
    c0: np.ndarray
    s1: np.ndarray
    c1: np.ndarray
    diagonal: np.ndarray


class Lines(NamedTuple):
    r"""Sums of products of U: ``Z[z] = sum_t c[t] U[f0[t]] U[f1[t]]``.

    The sum runs over ``start[z] <= t < start[z + 1]``; f0 and f1 count full elements.
    Sum z serves components ``k[s]`` and stored elements ``h[s]``, for
    ``first[z] <= s < first[z + 1]``: one, or with densities of several elements a few.
    """

    start: np.ndarray
    f0: np.ndarray
    f1: np.ndarray
    c: np.ndarray
    first: np.ndarray
    k: np.ndarray
    h: np.ndarray


class Contraction(NamedTuple):
    r"""The bispectrum and its derivatives as sums of products of U.

    Full elements follow from stored ones: ``U[f] = sign[f] U[half[f]]``, complex
    conjugate where `conj` is true; `own` is the full element that a stored one is
    itself. With the lines of `value`, ``B[k] = sum_z Re(U[h]* Z)``, and with those of
    `slope`,
    ``dB[k]/d(re U[h]) + i dB[k]/d(im U[h]) = sum_z Z``.
    """

    half: np.ndarray
    sign: np.ndarray
    conj: np.ndarray
    own: np.ndarray
    value: Lines
    slope: Lines


def triples(twojmax: int) -> list[tuple[int, int, int]]:
    """Return (j1, j2, j), doubled, of all bispectrum components in their order.

    Examples
    --------
    >>> triples(3)[:6]  # the six of the paper
    [(0, 0, 0), (1, 0, 1), (1, 1, 2), (2, 0, 2), (2, 1, 3), (2, 2, 2)]
    """
    return [
        (j1, j2, j)
        for j1 in range(twojmax + 1)
        for j2 in range(j1 + 1)
        for j in range(j1 - j2, min(twojmax, j1 + j2) + 1, 2)
        if j >= j1
    ]


def _stored(twojmax: int) -> dict[tuple[int, int, int], int]:
    """Return the position of each stored element (J, m', m), m' <= J/2."""
    keys = [
        (J, row, m)
        for J in range(twojmax + 1)
        for row in range(J // 2 + 1)
        for m in range(J + 1)
    ]
    return {key: h for h, key in enumerate(keys)}


@lru_cache
def recursion(twojmax: int) -> Recursion:
    """Return the recursion table for all J up to `twojmax`."""
    index = _stored(twojmax)
    lines = []
    for J, row, m in index:
        middle = 2 * row == J
        previous = row - 1 if middle else row
        divisor = row if middle else J - row
        c0 = sqrt((J - m) / divisor) if J > m else 0.0
        c1 = sqrt(m / divisor) if m > 0 else 0.0
        s0 = index.get((J - 1, previous, m), 0)
        s1 = index.get((J - 1, previous, m - 1), 0)
        lines.append((middle, s0, c0, s1, c1, row == m))
    middle, s0, c0, s1, c1, diagonal = (np.array(x) for x in zip(*lines, strict=True))
    return Recursion(middle, s0, c0, s1, c1, diagonal)


@lru_cache
def contraction(
    twojmax: int, components: int, densities: int = 1, norm: bool = False
) -> Contraction:
    """Return the contraction table of the first `components` components.

    With a density for each of several chemical elements, these are repeated for each
    choice (e1, e2, e) of elements, the last of which varies fastest: U1 is that of e1.
    With `norm`, B_{j1 j2 j} is divided by j + 1.
    """
    stored = _stored(twojmax)
    full = [
        (J, row, m)
        for J in range(twojmax + 1)
        for row in range(J + 1)
        for m in range(J + 1)
    ]
    number = {key: f for f, key in enumerate(full)}
    mirror = [number[J, J - row, J - m] for J, row, m in full]
    parity = [(-1.0) ** (row - m) for _, row, m in full]
    conj = [(2 * row, 2 * m) > (J, J) for J, row, m in full]
    half = [stored[full[mirror[f] if conj[f] else f]] for f in range(len(full))]
    sign = [parity[f] if conj[f] else 1.0 for f in range(len(full))]
    blocks = range(densities)  # the same again for each density
    mirror = [e * len(full) + f for e in blocks for f in mirror]
    half = [e * len(stored) + h for e in blocks for h in half]
    parity, conj, sign = (densities * x for x in (parity, conj, sign))

    value: _Sums = defaultdict(lambda: defaultdict(float))
    slope: _Sums = defaultdict(lambda: defaultdict(float))

    def add_slope(k: int, f: int, u1: int, u2: int, c: float) -> None:
        """Let dB_k/dU_f have a term c U_u1 U_u2; only stored U_f are independent."""
        if conj[f]:
            c *= sign[f] * parity[u1] * parity[u2]
            u1, u2 = mirror[u1], mirror[u2]
        slope[k, half[f]][min(u1, u2), max(u1, u2)] += c

    chosen = itertools.product(range(densities), repeat=3)
    wanted = itertools.product(chosen, triples(twojmax)[:components])
    for k, ((e1, e2, e), (j1, j2, j)) in enumerate(wanted):
        coupling = _couplings(j1, j2, j)
        for row, m in [(row, m) for row in range(j + 1) for m in range(j + 1)]:
            f = e * len(full) + number[j, row, m]
            if conj[f]:
                continue
            weight = 1.0 if mirror[f] == f else 2.0  # stands for its mirror image too
            if norm:
                weight /= j + 1
            for row1, row2, c_row in coupling[row]:
                for m1, m2, c_m in coupling[m]:
                    u1 = e1 * len(full) + number[j1, row1, m1]
                    u2 = e2 * len(full) + number[j2, row2, m2]
                    c = weight * c_row * c_m
                    value[k, half[f]][min(u1, u2), max(u1, u2)] += c
                    add_slope(k, f, u1, u2, c)
                    add_slope(k, u1, f, mirror[u2], c * parity[u2])
                    add_slope(k, u2, f, mirror[u1], c * parity[u1])
    own = np.zeros(densities * len(stored), int)
    for f in range(len(half)):
        if not conj[f]:
            own[half[f]] = f
    return Contraction(
        np.array(half),
        np.array(sign),
        np.array(conj),
        own,
        _lines(value),
        _lines(slope),
    )


_Sums = dict[tuple[int, int], dict[tuple[int, int], float]]


def _lines(sums: _Sums) -> Lines:
    """Write sums of products as arrays, equal ones once, without what cancels."""
    served: dict[tuple, list[tuple[int, int]]] = defaultdict(list)
    for use, products in sums.items():
        left = [(*u, x) for u, x in products.items() if abs(x) > 1e-14]
        served[tuple(left)].append(use)
    start = np.cumsum([0, *map(len, served)])
    first = np.cumsum([0, *map(len, served.values())])
    f0, f1, c = map(np.array, zip(*itertools.chain(*served), strict=True))
    k, h = np.array(list(itertools.chain(*served.values()))).T.copy()
    return Lines(start, f0, f1, c, first, k, h)


def _couplings(j1: int, j2: int, j: int) -> list[list[tuple[int, int, float]]]:
    """Return for each m of j its (m1, m2, Clebsch-Gordan coefficient)."""
    shift = (j1 + j2 - j) // 2
    return [
        [
            (m1, m + shift - m1, clebsch_gordan(j1, m1, j2, m + shift - m1, j))
            for m1 in range(j1 + 1)
            if 0 <= m + shift - m1 <= j2
        ]
        for m in range(j + 1)
    ]


def clebsch_gordan(j1: int, m1: int, j2: int, m2: int, j: int) -> float:
    """Return the Clebsch-Gordan coefficient of j1 m1, j2 m2 in j (Racah's formula).

    All j are doubled; m counts from 0 to j, so that the projection is m - j/2.

    Examples
    --------
    >>> clebsch_gordan(1, 0, 1, 1, 0)**2  # the singlet of two spins one half
    0.5000000000000001
    """
    m = m1 + m2 - (j1 + j2 - j) // 2
    a, b, c = (j1 + j2 - j) // 2, (j1 - j2 + j) // 2, (-j1 + j2 + j) // 2
    total = sum(
        (-1) ** s
        / (
            factorial(s)
            * factorial(a - s)
            * factorial(j1 - m1 - s)
            * factorial(m2 - s)
            * factorial(b - (j1 - m1) + s)
            * factorial(c - m2 + s)
        )
        for s in range(max(0, j1 - m1 - b, m2 - c), min(a, j1 - m1, m2) + 1)
    )
    factorials = [factorial(x) for x in (a, b, c, m1, j1 - m1, m2, j2 - m2, m, j - m)]
    square = (j + 1) * prod(factorials) / factorial((j1 + j2 + j) // 2 + 1)
    return total * sqrt(square)
