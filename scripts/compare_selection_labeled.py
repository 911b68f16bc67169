"""Compare rules that choose few of a labeled set, by training on the choice.

python scripts/compare_selection_labeled.py training.extxyz --test test.extxyz

Each rule chooses a fifth of the atoms; a quadratic SNAP is trained on these (see
transfer_student.py) and on all, and judged by the test file. Random choices are drawn
several times. Labels are those of any calculation.
"""

import argparse
import os
import time
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(variable, '1')

import numpy as np
from fit_snap import design_of, student_of
from selection_rules import rules_of
from transfer_student import errors, fit, triangle

from ase_entropy.sets import read_configurations, read_dataset
from ase_entropy.sets.selection import Environments, usual_descriptor


def compare(args) -> list[tuple]:
    """Return name, frames, atoms, and errors of energies and forces of each choice."""
    training, test = (
        list(read_configurations(name)) for name in (args.training, args.test)
    )
    elements = {symbol for x in training for symbol in x.atoms.symbols}
    with student_of(sorted(elements)) as student:
        design, test = design_of(student, training), design_of(student, test)
    n_m = design.n_m
    pool = Environments.of(read_dataset(args.training, usual_descriptor(elements)))
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
