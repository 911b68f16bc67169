"""Train on one group of a labeled set, and test on the others.

python scripts/transfer_dft.py training.extxyz+test.extxyz -o groups.md

Groups are those that the set names ("group" or "config_type"); what comes after "_" in
a name is left out. A random fifth of each group is held back to test on. A quadratic
SNAP (transfer_student.py) is trained on so many atoms, drawn at random, of each group;
of all groups but the tested one; and of all. Labels are those of any calculation.

A rank correlation over all pairs of different groups says whether errors grow with the
distance in descriptor space: the mean over tested environments of that to the nearest
environment of training.
"""

import argparse
import os
from pathlib import Path
from typing import NamedTuple

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(variable, '1')

import numpy as np
from fit_snap import design_of, student_of
from scipy.stats import spearmanr
from transfer_pools import draw
from transfer_student import Design, errors, fit, triangle

from ase_entropy import Bispectrum
from ase_entropy.analysis import nearest_distances
from ase_entropy.chemistry import Sizes
from ase_entropy.sets import read_configurations, read_dataset

HELD_BACK = 5  # a fifth
UNITS = 'meV/atom', 'eV/Å'


class Labeled(NamedTuple):
    """A labeled set: its design, descriptors of each frame, and its groups."""

    design: Design
    q_mnk: list[np.ndarray]
    group_m: np.ndarray

    @classmethod
    def read(cls, name: str) -> 'Labeled':
        """Read a set, and compute its design and its descriptors.

        Raises
        ------
        ValueError
            A set without labels, or with less than two groups of two frames.
        """
        configurations = list(read_configurations(name))
        group_m = np.array([(x.group or '').split('_')[0] for x in configurations])
        groups, counts = np.unique(group_m, return_counts=True)
        if len(groups) < 2 or counts.min() < 2:
            raise ValueError(f'{name}: expected groups, each of two frames or more')
        elements = sorted({s for x in configurations for s in x.atoms.symbols})
        with student_of(elements) as student:
            design = design_of(student, configurations)
        descriptor = Bispectrum.of(Sizes(tuple(elements)), twojmax=8)
        dataset = read_dataset(name, descriptor)
        q_mnk = np.split(dataset.q_ek, dataset.first_m[1:-1])
        return cls(design, q_mnk, group_m)

    def split(self, rng) -> tuple[np.ndarray, np.ndarray]:
        """Return frames to train on, and those of each group to test on."""
        tests = []
        for group in np.unique(self.group_m):
            members = rng.permutation(np.flatnonzero(self.group_m == group))
            tests.append(members[: max(1, len(members) // HELD_BACK)])
        tests = np.concatenate(tests)
        return np.setdiff1d(np.arange(len(self.group_m)), tests), tests

    def distance(self, training, tests) -> float:
        """Return the mean distance of tested environments to the nearest of training.

        Components are measured in their standard deviations in the whole set.
        """
        every, near, far = (
            np.concatenate([self.q_mnk[m] for m in part])
            for part in (range(len(self.q_mnk)), training, tests)
        )
        return float(nearest_distances(near, far, every).mean())


def measure(labeled: Labeled, most: int, seed) -> list[tuple]:
    """Return trained and tested group, atoms, error of energy, of force, distance."""
    rng = np.random.default_rng(seed)
    training, tests = labeled.split(rng)
    sizes_m, own_m = labeled.design.n_m, labeled.group_m[training]
    groups = np.unique(labeled.group_m)
    pairs = [
        (name, group, training[own_m == name]) for name in groups for group in groups
    ]
    pairs += [('all others', group, training[own_m != group]) for group in groups]
    pairs += [('all', group, training) for group in groups]
    rows, fits = [], {}
    for name, group, pool in pairs:
        key = pool.tobytes()
        if key not in fits:
            part = draw(sizes_m[pool], min(most, sizes_m[pool].sum()), rng)
            fits[key] = pool[part], fit(triangle(labeled.design.choose(pool[part])))
        chosen, coefficients = fits[key]
        tested = tests[labeled.group_m[tests] == group]
        found = errors(labeled.design.choose(tested), coefficients)
        atoms = int(sizes_m[chosen].sum())
        distance = labeled.distance(chosen, tested)
        rows.append((name, group, atoms, *found, distance))
    return rows


def table(rows: list[tuple]) -> str:
    """Return means over draws as a table of Markdown, and the rank correlations."""
    names, groups = (list(dict.fromkeys(row[x] for row in rows)) for x in (0, 1))
    means = {
        (name, group): np.mean([row[2:] for row in rows if row[:2] == (name, group)], 0)
        for name in names
        for group in groups
    }
    lines = [
        f'Mean absolute errors, {" · ".join(UNITS)}:\n',
        f'| trained on | atoms | {" | ".join(groups)} | worst |',
        '|---' * (3 + len(groups)) + '|',
    ]
    for name in names:
        found_gx = np.array([means[name, group] for group in groups])
        pairs = [*found_gx[:, 1:3], np.nanmax(found_gx[:, 1:3], axis=0)]
        cells = [f'{found_gx[:, 0].mean():.0f}', *map(cell, pairs)]
        lines.append(f'| {name} | {" | ".join(cells)} |')
    lines.append('')
    several = np.array([means[x, y] for x in groups for y in groups if x != y])
    for which, unit in enumerate(UNITS, start=1):
        known = np.isfinite(several[:, which])
        rank = spearmanr(several[known, 3], several[known, which]).statistic
        lines.append(f'Rank correlation of distance and error ({unit}): {rank:.2f}.')
    return '\n'.join(lines) + '\n'


def cell(pair) -> str:
    """Return an error of energy and one of force, which is none by symmetry."""
    energy, force = pair
    energy = f'{energy:.0f}' if energy > 100 else f'{energy:.2g}'
    return energy if np.isnan(force) else f'{energy} · {force:.2g}'


def main() -> None:
    """Read, train, test, and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('set', metavar='SET', help='labeled, with groups; several with "+"')
    add('--atoms', type=int, default=1000, help='of training, at most (1000)')
    add('--draws', type=int, default=3, help='of tests and of training (3)')
    add('--seed', type=int, default=1, help='of the draws (1)')
    add('-o', '--output', default='groups.md', metavar='FILE')
    args = parser.parse_args()
    if args.atoms < 1 or args.draws < 1 or args.seed < 0:
        parser.error('expected --atoms and --draws of 1 or more, --seed of 0 or more')
    try:
        labeled = Labeled.read(args.set)
    except ValueError as error:
        parser.error(str(error))
    rows = []
    for number in range(args.draws):
        rows += measure(labeled, args.atoms, [args.seed, number])
    text = table(rows)
    Path(args.output).write_text(text)
    print(text)


if __name__ == '__main__':
    main()
