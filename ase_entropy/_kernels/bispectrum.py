"""Packed pairs to bispectrum components, and dE/dq back to pair gradients.

`tables` is (switch, diagonal_h, recursion, contraction): the numbers of the angle,
rfac0 and rmin0, the elements of U that an identity has, and the tables of
``descriptors/wigner.py``; no recursion for twojmax 3. The caller allocates `work` and
the arrays filled, once.

Work goes octet by octet of atoms: the density of one, or its adjoint, is still in the
first cache when the next part of the work needs it.
"""

import numpy as np

from ase_entropy._kernels import bispectrum3, bispectrum_any
from ase_entropy._kernels.contraction import (
    contract,
    contract_backward,
    contract_scratch,
)
from ase_entropy._kernels.jit import inner_kernel, kernel
from ase_entropy._kernels.lanes import aligned
from ase_entropy._kernels.octets import LANES, repeat, store

__all__ = ['backward', 'forward', 'new_density', 'workspace']


def workspace(tables: tuple) -> tuple:
    """Return the arrays that rows of pairs and octets of atoms are worked out in."""
    _, _, recursion, contraction = tables
    pair_work = None if recursion is None else bispectrum_any.scratch(recursion)
    return pair_work, contract_scratch(contraction)


def new_density(octets: int, tables: tuple) -> np.ndarray:
    """Return an array for the density of so many octets."""
    return aligned(octets * len(tables[1]) * 2 * LANES)


@inner_kernel
def _add_pairs(xyzr, octet, rows, switch, recursion, work, density):
    if recursion is None:
        bispectrum3.add_pairs(xyzr, octet, rows, switch, density)
    else:
        bispectrum_any.add_pairs(xyzr, octet, rows, switch, recursion, work, density)


@inner_kernel
def _pull_pairs(xyzr, octet, rows, switch, recursion, work, density_bar, gradient):
    if recursion is None:
        bispectrum3.pull_pairs(xyzr, octet, rows, switch, density_bar, gradient)
    else:
        bispectrum_any.pull_pairs(
            xyzr, octet, rows, switch, recursion, work, density_bar, gradient
        )


@inner_kernel
def _rows_of(octet, begin, rows, last):
    """Return the row behind those, from `begin` on, of octets up to `last`."""
    end = begin
    while end < rows and octet[end] <= last:
        end += 1
    return end


@inner_kernel
def _begin_density(self_n, diagonal_h, places, density):
    """Fill the density of some places with that of the atoms themselves."""
    begin, end = places
    elements = len(diagonal_h)
    for at in range(begin * elements * 2, end * elements * 2, LANES):
        store(density, at, repeat(0.0))
    for n in range(begin, min(end, len(self_n))):
        for h in range(elements):
            if diagonal_h[h]:
                place = (n // LANES * elements + h) * 2 * LANES + n % LANES
                density[place] = self_n[n]


@kernel
def forward(xyzr, octet, rows, self_n, tables, work, density, q_kn):
    """Fill the density, and q_kn, (components, atoms padded to octets).

    Where neighbors of each chemical element have a density of their own, octets of
    pairs are those of (octet of atoms, element), and so is `self_n`; the stored
    elements of U of an octet of atoms are those of all its densities.
    """
    switch, diagonal_h, recursion, contraction = tables
    densities = len(contraction.own) // len(diagonal_h)
    begin = np.int64(0)  # with the literal 0, all below is compiled for it first
    for o in range(q_kn.shape[1] // LANES):
        first = o * densities
        end = _rows_of(octet, begin, rows, first + densities - 1)
        places = first * LANES, (first + densities) * LANES
        _begin_density(self_n, diagonal_h, places, density)
        some = begin, end, 0
        _add_pairs(xyzr, octet, some, switch, recursion, work[0], density)
        contract(density, o, contraction, work[1], q_kn)
        begin = end


@kernel
def backward(xyzr, octet, rows, dE_dq_kn, tables, work, density, density_bar, gradient):
    """Fill the gradients of the packed pairs.

    `density_bar` is room for the adjoint of the densities of an octet of atoms.
    """
    switch, diagonal_h, recursion, contraction = tables
    densities = len(contraction.own) // len(diagonal_h)
    begin = np.int64(0)  # with the literal 0, all below is compiled for it first
    for o in range(dE_dq_kn.shape[1] // LANES):
        first = o * densities
        end = _rows_of(octet, begin, rows, first + densities - 1)
        contract_backward(density, o, dE_dq_kn, contraction, work[1], density_bar)
        some = begin, end, first
        _pull_pairs(
            xyzr, octet, some, switch, recursion, work[0], density_bar, gradient
        )
        begin = end
