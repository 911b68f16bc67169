"""Fit a quadratic SNAP to a labeled set, and write it as LAMMPS reads it.

python scripts/fit_snap.py labeled.db -o al

writes al.snapcoeff and al.snapparam, and says how well energies and forces are met: of
the configurations that it was fitted to, and of a random tenth that it has not seen
(--test 0.1; --test 0 fits all). SET is any set with energies and forces, such as
"ase-entropy label" writes; "@" and a query choose rows. The student is that of
transfer_student.py.
"""

import argparse
import os
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(variable, '1')

import numpy as np
from transfer_labels import Potential
from transfer_student import Design, Student, errors, fit, triangle, write_snap

from ase_entropy import checks
from ase_entropy.chemistry import Sizes
from ase_entropy.sets import labels_of, read_configurations

__all__ = ['design_of', 'split', 'student_of']


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


def split(frames: int, test: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the frames to fit, and of a random fraction to test.

    Raises
    ------
    ValueError
        A fraction that leaves nothing to fit.
    """
    checks.real('--test', test, least=0.0, below=1.0)
    checks.whole('--seed', seed, least=0)
    tested = int(np.ceil(test * frames))
    if tested == frames:
        raise ValueError(f'--test {test} of {frames}: expected some to fit, too')
    order = np.random.default_rng(seed).permutation(frames)
    return np.sort(order[tested:]), np.sort(order[:tested])


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('set', metavar='SET')
    parser.add_argument('-o', '--output', default='fit', metavar='NAME')
    parser.add_argument('--test', type=float, default=0.1, metavar='FRACTION')
    parser.add_argument('--seed', type=int, default=0, help='of the random choice (0)')
    args = parser.parse_args()
    try:
        every = list(read_configurations(args.set))
        parts = split(len(every), args.test, args.seed)
        species = sorted({symbol for x in every for symbol in x.atoms.symbols})
        with student_of(species) as student:
            design = design_of(student, every)
            fitted, tested = map(design.choose, parts)
            coefficients = fit(triangle(fitted))
            path = Path(args.output)
            write_snap(path, student.elements, student.cutoff, coefficients)
    except ValueError as error:
        parser.error(str(error))
    for name, part in (('training', fitted), ('test', tested)):
        if len(part.n_m):
            energy, force = errors(part, coefficients)
            print(
                f'{name}: {len(part.n_m)} configurations, {part.n_m.sum()} atoms, '
                f'mean errors {energy:.2f} meV/atom, {force:.3f} eV/A'
            )
    print(f'{args.output}.snapcoeff and {args.output}.snapparam, for pair_style snap')


if __name__ == '__main__':
    main()
