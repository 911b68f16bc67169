"""V and its forces at given positions.

``lists`` are those of :mod:`ase_entropy._kernels.candidates`, up to date. Force arrays
are (n, 3), of all atoms; those of the entropy are of S as an energy. Code is compiled
for the parts that there are: what stands as None among them costs nothing, neither
then nor later.
"""

from typing import NamedTuple

import numpy as np

from ase_entropy._kernels.bispectrum import backward, forward
from ase_entropy._kernels.entropy import entropy_of
from ase_entropy._kernels.jit import inner_kernel, kernel
from ase_entropy._kernels.lanes import LANES
from ase_entropy._kernels.packing import IN_ORDER, pack_atoms, pack_pairs, sort_atoms
from ase_entropy._kernels.repel import confine, repel

__all__ = [
    'BaseNumbers',
    'Buffers',
    'DescriptorNumbers',
    'Parts',
    'evaluate',
    'repel_only',
]


class DescriptorNumbers(NamedTuple):
    """Tables of the bispectrum, and the densities of kinds of atoms."""

    tables: tuple
    density_k: np.ndarray  # in which a neighbor counts
    own_kd: np.ndarray  # part of the atom itself in its densities
    zero_kq: np.ndarray | None  # components of a lone atom, to be subtracted


class Buffers(NamedTuple):
    """What pairs, densities and components are worked out in, see ``lanes.py``."""

    count_n: np.ndarray  # pairs of each atom
    begin: np.ndarray
    order_n: np.ndarray  # atoms in lanes
    self_v: np.ndarray
    xyzr: np.ndarray
    octet: np.ndarray
    j_s: np.ndarray  # the neighbor in each place, or -1
    density: np.ndarray
    density_bar: np.ndarray
    gradient: np.ndarray
    q_kn: np.ndarray
    dS_dq_kn: np.ndarray


class Parts(NamedTuple):
    """The numbers of all parts of V, and the kind of each atom.

    ``seen`` is (cutoff of each two kinds, the largest, weight of each kind).
    Descriptor and estimator are None where only the repulsion is wanted.
    """

    repulsion: tuple
    wall: tuple
    seen: tuple
    kind_n: np.ndarray
    descriptor: DescriptorNumbers | None
    estimator: tuple | None
    free_n: np.ndarray  # 1 or 0 for atoms that are free or fixed


class BaseNumbers(NamedTuple):
    """Energy and forces of a base, which Python fills in where they are not known."""

    forces_nc: np.ndarray
    energy: np.ndarray  # (1,)
    known: np.ndarray  # (1,), whether they are those of the present positions


@inner_kernel
def _subtract(zero_kq, kind_n, order_n, q_kn):
    """Subtract the components of lone atoms, if that is wanted."""
    if zero_kq is None:
        return
    for q in range(len(q_kn)):
        for n in range(len(order_n)):
            q_kn[q, n] -= zero_kq[kind_n[order_n[n]], q]


@inner_kernel
def _scatter(gradient, octet, j_s, rows, densities, order_n, f_ent):
    """Sum the gradients of pairs into forces."""
    for i in range(len(f_ent)):
        for c in range(3):
            f_ent[i, c] = 0.0
    for row in range(rows):
        for lane in range(LANES):
            j = j_s[row * LANES + lane]
            if j >= 0:
                i = order_n[octet[row] // densities * LANES + lane]
                for c in range(3):
                    g = gradient[(row * 3 + c) * LANES + lane]
                    f_ent[i, c] += g
                    f_ent[j, c] -= g


@inner_kernel
def _find_pairs(pos_nc, lists, parts, work, f_rep):
    """Sum the repulsion, and put the pairs of the descriptor into lanes.

    Some hundred atoms at a time, whose candidates are in the second cache meanwhile.
    Returns the number of rows, E_rep, and the square of the shortest distance.
    """
    repulsion, wall, seen, kind_n, descriptor, _, _ = parts
    buffers, atoms = work[0], len(pos_nc)
    count_n, begin, order_n = buffers.count_n, buffers.begin, buffers.order_n
    xyzr, octet, j_s = buffers.xyzr, buffers.octet, buffers.j_s
    kinds = kind_n, descriptor.density_k, descriptor.own_kd.shape[1]
    rows, e_rep, shortest2 = np.int64(0), 0.0, np.inf
    for first in range(0, atoms, IN_ORDER):
        some = first, min(first + IN_ORDER, atoms)
        own_energy, own_shortest2 = repel(
            pos_nc, lists, some, repulsion, seen[0], kind_n, f_rep, count_n
        )
        e_rep += own_energy
        shortest2 = min(shortest2, own_shortest2)
        sort_atoms(count_n, some, begin, order_n)
        place = some, rows, seen, kinds, count_n, order_n, begin
        rows = pack_pairs(pos_nc, lists, place, xyzr, octet, j_s)
    return rows, e_rep + confine(pos_nc, wall, f_rep), shortest2


@inner_kernel
def _evaluate(descriptor, estimator, pos_nc, lists, parts, work, f_rep, f_ent):
    """As :func:`evaluate`; compiled without what there is not."""
    if descriptor is None:
        e_rep, shortest2 = repel_only(pos_nc, lists, parts, f_rep, work)
        return e_rep, 0.0, shortest2
    buffers, tables, kind_n = work[0], descriptor.tables, parts.kind_n
    order_n, self_v, own_kd = buffers.order_n, buffers.self_v, descriptor.own_kd
    xyzr, octet, j_s = buffers.xyzr, buffers.octet, buffers.j_s
    density, bar, gradient = buffers.density, buffers.density_bar, buffers.gradient
    q_kn, slope_kn = buffers.q_kn, buffers.dS_dq_kn
    rows, e_rep, shortest2 = _find_pairs(pos_nc, lists, parts, work, f_rep)
    pack_atoms(kind_n, order_n, own_kd, self_v)
    forward(xyzr, octet, rows, self_v, tables, work[1], density, q_kn)
    _subtract(descriptor.zero_kq, kind_n, order_n, q_kn)
    entropy = entropy_of(
        q_kn, len(pos_nc), order_n, kind_n, estimator, work[2], slope_kn
    )
    backward(xyzr, octet, rows, slope_kn, tables, work[1], density, bar, gradient)
    _scatter(gradient, octet, j_s, rows, own_kd.shape[1], order_n, f_ent)
    return e_rep, entropy, shortest2


@kernel(inline='always')
def repel_only(pos_nc, lists, parts, f_rep, work):
    """Compute the forces at K = 0; return E_rep, and the shortest distance squared."""
    repulsion, wall, seen, kind_n, _, _, _ = parts
    everything = 0, len(pos_nc)
    e_rep, shortest2 = repel(
        pos_nc, lists, everything, repulsion, seen[0], kind_n, f_rep, work[0].count_n
    )
    return e_rep + confine(pos_nc, wall, f_rep), shortest2


@kernel(inline='always')
def evaluate(pos_nc, lists, parts, work, f_rep, f_ent):
    """Compute the forces; return E_rep, S, and the square of the shortest distance."""
    return _evaluate(
        parts.descriptor, parts.estimator, pos_nc, lists, parts, work, f_rep, f_ent
    )
