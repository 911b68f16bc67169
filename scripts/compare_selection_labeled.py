"""Compare rules that choose few of a labeled set, by training on the choice.

python scripts/compare_selection_labeled.py training.extxyz --test test.extxyz

Each rule chooses a fifth of the atoms; a quadratic SNAP is trained on these (see
transfer_student.py) and on all, and judged by the test file. Random choices are drawn
several times. The file has one element, with labels of any calculation.
"""

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(variable, '1')

import numpy as np
from selection_rules import rules_of
from transfer_labels import Potential
from transfer_student import Design, Student, errors, fit, triangle

from ase_entropy import Bispectrum
from ase_entropy.chemistry import Sizes
from ase_entropy.sets import labels_of, read_configurations, read_dataset
from ase_entropy.sets.selection import Environments

FARTHER = 1.2  # of the usual cutoff, as ase-entropy select compares


def read_labeled(name: str) -> tuple[list, np.ndarray, list[np.ndarray]]:
    """Return the frames of a set, their energies (eV) and forces (eV/A).

    Raises
    ------
    ValueError
        Frames without energy or forces, or more than one element.
    """
    frames, energies, forces = [], [], []
    for configuration in read_configurations(name):
        labels = labels_of(configuration)
        if 'energy' not in labels or 'forces' not in labels:
            raise ValueError(f'{configuration.name}: expected energy and forces')
        frames.append(configuration.atoms)
        energies.append(labels['energy'])
        forces.append(labels['forces'])
    found = {symbol for atoms in frames for symbol in atoms.symbols}
    if len(found) != 1:
        raise ValueError(f'{name} has {", ".join(sorted(found))}: expected one element')
    return frames, np.array(energies), forces


def design_of(name: str, student: Student, ground: float) -> Design:
    """Return labels and design matrix of a file; ground is in eV per atom."""
    frames, energies, forces = read_labeled(name)
    n_m = np.array([len(atoms) for atoms in frames], int)
    E_mk, F_xk = zip(*(student.rows(atoms) for atoms in frames), strict=True)
    e_m = energies / n_m
    f_x = np.concatenate(forces).ravel()
    return Design(n_m, e_m, e_m - ground, f_x, np.array(E_mk), np.concatenate(F_xk))


def compare(args) -> list[tuple]:
    """Return name, frames, atoms, and errors of energies and forces of each choice."""
    frames, energies, _ = read_labeled(args.training)
    (element,) = {symbol for atoms in frames for symbol in atoms.symbols}
    sizes = Sizes((element,))
    n_m = np.array([len(atoms) for atoms in frames], int)
    ground = float((energies / n_m).min())
    student = Student(
        Potential({element: None}, '', '', 0.0, sizes.distance(element), 0.0)
    )
    design, test = (
        design_of(name, student, ground) for name in (args.training, args.test)
    )
    usual = Bispectrum.of(sizes, twojmax=8)
    descriptor = replace(usual, cutoff=FARTHER * usual.cutoff)
    pool = Environments.of(read_dataset(args.training, descriptor))
    choices = {('all', 0): np.arange(len(pool))}
    for draw in range(args.draws):
        for name, rule in rules_of(args.seed + draw, args.libraries).items():
            if draw and name != 'random':
                continue
            begin = time.perf_counter()
            ranking = rule.rank(pool, atoms=round(args.share * n_m.sum()))
            choices[name, draw] = ranking.chosen_r
            print(f'{name}: {time.perf_counter() - begin:.2f} s', flush=True)
    rows = []
    for (name, _), chosen in choices.items():
        coefficients = fit(triangle(design.choose(chosen)))
        rows.append((name, len(chosen), n_m[chosen].sum(), *errors(test, coefficients)))
    return rows


def table(rows: list[tuple]) -> str:
    """Return mean and standard error of the draws as a table of Markdown."""
    lines = [
        '| rule | frames | atoms | meV/atom | over random | eV/Å | over random |',
        '|---|---|---|---|---|---|---|',
    ]
    names = list(dict.fromkeys(row[0] for row in rows))
    numbers = {
        name: np.array([row[1:] for row in rows if row[0] == name]).T for name in names
    }
    for name in names:
        frames, atoms, *errors = numbers[name]
        cells = []
        for x, base in zip(errors, numbers['random'][2:], strict=True):
            several = len(x) > 1
            spread = f' ± {x.std(ddof=1) / len(x) ** 0.5:.2g}' if several else ''
            cells += [f'{x.mean():.3g}{spread}', f'{x.mean() / base.mean():.2f}']
        lines.append(
            f'| {name} | {frames.mean():.0f} | {atoms.mean():.0f} '
            f'| {" | ".join(cells)} |'
        )
    return '\n'.join(lines) + '\n'


def main() -> None:
    """Choose, train, judge, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('training', help='labeled set to choose from')
    add('--test', required=True, metavar='SET', help='labeled set that judges')
    add('--share', type=float, default=0.2, help='of the atoms, to choose (0.2)')
    add('--draws', type=int, default=4, help='random choices (4)')
    add('--seed', type=int, default=1, help='of the random choices (1)')
    add('--libraries', action='store_true', help='rules of other libraries, too')
    add('-o', '--output', default='selection.md', metavar='FILE')
    args = parser.parse_args()
    try:
        text = table(compare(args))
    except ValueError as error:
        parser.error(str(error))
    Path(args.output).write_text(text)
    print(text)


if __name__ == '__main__':
    main()
