"""Fit a quadratic SNAP to a labeled set, and write it as LAMMPS reads it.

python scripts/fit_snap.py labeled.db -o al

writes al.snapcoeff and al.snapparam, and says how well energies and forces of the set
are met. SET is any set with energies and forces, such as "ase-entropy label" writes;
"@" and a query choose rows. The student is that of transfer_student.py.
"""

import argparse
import os
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(variable, '1')

import numpy as np
from transfer_labels import Potential
from transfer_student import Design, Student, errors, fit, triangle, write_snap

from ase_entropy.chemistry import Sizes
from ase_entropy.sets import labels_of, read_configurations

__all__ = ['design_of', 'student_of']


def student_of(species) -> Student:
    """Return the student for these elements, its cutoff by the shortest distance."""
    sizes = Sizes(tuple(species))
    neighbor = min(sizes.distance(x, y) for x in species for y in species)
    elements = dict.fromkeys(species, '')
    return Student(Potential(elements, '', '', 0.0, neighbor, 0.0))


def design_of(student: Student, configurations) -> Design:
    """Return the labels of configurations, and rows of the design matrix.

    Raises
    ------
    ValueError
        A configuration without energy or forces.
    """
    n_m, e_m, f_x, E_mk, F_xk = [], [], [], [], []
    for configuration in configurations:
        labels = labels_of(configuration)
        if not {'energy', 'forces'} <= set(labels):
            raise ValueError(f'{configuration.name}: expected energy and forces')
        E_k, F_nk = student.rows(configuration.atoms)
        n_m.append(len(configuration.atoms))
        e_m.append(labels['energy'] / n_m[-1])
        f_x.append(labels['forces'].ravel())
        E_mk.append(E_k)
        F_xk.append(F_nk)
    e_m = np.array(e_m)
    rows = np.concatenate(f_x), np.array(E_mk), np.concatenate(F_xk)
    return Design(np.array(n_m), e_m, e_m - e_m.min(), *rows)


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('set', metavar='SET')
    parser.add_argument('-o', '--output', default='fit', metavar='NAME')
    args = parser.parse_args()
    try:
        every = list(read_configurations(args.set))
        species = sorted({symbol for x in every for symbol in x.atoms.symbols})
        with student_of(species) as student:
            design = design_of(student, every)
            coefficients = fit(triangle(design))
            path = Path(args.output)
            write_snap(path, student.elements, student.cutoff, coefficients)
    except ValueError as error:
        parser.error(str(error))
    energy, force = errors(design, coefficients)
    print(
        f'{len(every)} configurations, {design.n_m.sum()} atoms: mean errors '
        f'{energy:.2f} meV/atom, {force:.3f} eV/A'
    )
    print(f'{args.output}.snapcoeff and {args.output}.snapparam, for pair_style snap')


if __name__ == '__main__':
    main()
