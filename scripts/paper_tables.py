"""Tables I and II, Figs. 2 and 8 of the paper, and scans of what it leaves open.

Of the sets that scripts/reproduce_paper.py has made, which calls this at its end:

    python scripts/paper_tables.py -o reproduction --handcrafted w.extxyz
"""

import argparse
import csv
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk

from ase_entropy import Bispectrum, NearestNeighborEntropy
from ase_entropy.analysis import (
    entropies,
    nearest_distances,
    radial_distribution,
    surrogate_error,
)
from ase_entropy.pairs import find_pairs
from ase_entropy.plots import new_figure, plot_distances, plot_radial
from ase_entropy.report import Table
from ase_entropy.sets import read_dataset

PAPER = {  # mean, median and largest distance of Tables I and II
    ('U', 'U'): (0.2294, 0.1827, 5.9339),
    ('U', 'B'): (4.6949, 3.5311, 32.0983),
    ('B', 'U'): (0.9053, 0.9068, 2.3402),
    ('B', 'B'): (0.8541, 0.7846, 5.7246),
    ('H', 'H'): (0.2263, 0.1562, 7.6514),
    ('H', 'B'): (3.6680, 2.3153, 36.4918),
    ('B', 'H'): (0.9923, 1.0014, 7.9049),
}
RATIOS = [('U → B', 'U → U'), ('B → U', 'U → B'), ('H → B', 'H → H')]
RATIOS += [('B → H', 'H → B'), ('B → H', 'B → B'), ('B → U', 'B → B')]


EYE = Bispectrum(components=6)
CUTOFFS = (3.5, 3.93, 4.3, 4.734)  # Angstrom; the paper does not print its own
BCC = (2.8, 3.0, 3.165, 3.4)  # lattice constants of near crystals (Angstrom)
PARTS = 4  # of a set, for errors
COMPARED = {  # sets whose B is compared with the paper's, and their names in the report
    'literal-1000': 'literal',
    'default-1000': 'default',
    'default-100': 'default 100 eV',
}


def write_table(folder, name, title, header, rows):
    """Print a table, and write it as CSV and Markdown."""
    table = Table(name, title, header, rows)
    (folder / f'{name}.csv').write_text(table.csv(), encoding='utf-8')
    (folder / f'{name}.md').write_text(table.markdown(), encoding='utf-8')
    print(f'{title}\n\n{table.markdown()}', flush=True)


def tables_1_and_2(folder, sets):
    """Put the numbers of the report beside those of the paper."""
    with open(folder / 'report/tables/distances.csv', encoding='utf-8') as file:
        found = {(row['training'], row['testing']): row for row in csv.DictReader(file)}
    rows = []
    for pair, printed in PAPER.items():
        for statistic, value in zip(('mean', 'median', 'max'), printed, strict=True):
            row = [' → '.join(pair), statistic, value]
            for name in COMPARED.values():
                full = {'U': 'unbiased', 'H': 'handcrafted', 'B': name}
                own = found.get(tuple(full[letter] for letter in pair))
                row.append(float(own[statistic]) if own else None)
            rows.append(row)
    mean = {row[0]: row[2:] for row in rows if row[1] == 'mean'}
    for a, b in RATIOS:
        pairs = zip(mean[a], mean[b], strict=True)
        ratios = [x / y if x and y else None for x, y in pairs]
        rows.append([f'({a}) / ({b})', 'ratio of means', *ratios])
    entropy = {name: float(own.keys['entropy'].mean()) for name, own in sets.items()}
    rows.append(['S of U (nats)', 'mean', 3.2, *[entropy['unbiased']] * len(COMPARED)])
    rows.append(['S of B (nats)', 'mean', 4.4, *(entropy[name] for name in COMPARED)])
    header = ['training → testing', 'statistic', 'paper', *COMPARED.values()]
    write_table(folder, 'tables_1_and_2', 'Tables I and II', header, rows)


def distance(train_ek, test_ek, reference, decompositions):
    """Return the mean distance from test to training environments."""
    return surrogate_error(
        train_ek,
        None if test_ek is train_ek else test_ek,
        reference.q_ek,
        rng=np.random.default_rng(1),
        decompositions=decompositions,
    ).mean


def parts_of(dataset):
    """Return the environments of four parts of a set.

    No walker is in two of them if a quarter of the set is a number of whole chains.
    """
    size = len(dataset) // PARTS
    ends = [dataset.first_m[part * size] for part in range(PARTS + 1)]
    return [dataset.q_ek[a:b] for a, b in pairwise(ends)]


def over_parts(function, *sets):
    """Return mean and standard error of a number over the parts of sets.

    The error is that of independent sets, not of decompositions of one.
    """
    values = [function(*parts) for parts in zip(*map(parts_of, sets), strict=True)]
    return [float(np.mean(values)), float(np.std(values, ddof=1) / PARTS**0.5)]


def scan_k(folder, sets, h, few):
    """Tables I and II against K, for both protocols."""
    u = sets['unbiased']
    header = ['protocol', 'K (eV)', 'S (nats)', 'E_rep (eV)', 'shortest pair (Å)']
    header += ['T at end (K)', 'fmax (eV/Å)']
    pairs = {
        'U→B': lambda own, b: distance(own, b, u, few),
        'B→U': lambda own, b: distance(b, own, u, few),
        'B→B': lambda own, b: distance(b, b, u, few),
    }
    if h:
        pairs['H→B'] = lambda own, b: distance(h.q_ek, b, u, few)
        pairs['B→H'] = lambda own, b: distance(b, h.q_ek, u, few)
    for pair in pairs:
        header += [pair, f'error of {pair}']
    rows = []
    for name, b in sorted(sets.items(), key=lambda item: by_kind_and_k(item[0])):
        if name == 'unbiased':
            continue
        kind, k = name.split('-')
        keys = b.keys
        row = [kind, int(k), float(keys['entropy'].mean())]
        row += [float(keys['e_rep'].mean()), float(keys['min_distance'].min())]
        row += [float(keys[key].mean()) for key in ('final_temperature_k', 'max_force')]
        for function in pairs.values():
            row += over_parts(function, u, b)
        rows.append(row)
    write_table(folder, 'scan_k', 'Against K', header, rows)


def by_kind_and_k(name):
    """Return what sorts names such as literal-30."""
    kind, _, k = name.rpartition('-')
    return kind, float(k) if k.isdigit() else -1.0


def scan_cutoff(folder, handcrafted, few):
    """Look at the same configurations with other cutoffs, and drive with another."""
    header = ['driven with (Å)', 'looked at with (Å)', 'S of U', 'S of B']
    header += ['U→U', 'U→B', 'B→U', 'B→B', 'H→H', 'H→B', 'B→H']
    looks = [('literal-1000', EYE.cutoff, cutoff) for cutoff in CUTOFFS]
    for path in folder.glob('literal-cutoff-*.db'):
        other = float(path.stem.rpartition('-')[2])
        looks.append((path.stem, other, other))
    rows = []
    for name, driven, cutoff in looks:
        eye = Bispectrum(cutoff=cutoff, components=6)
        u, b = (read_dataset(folder / f'{n}.db', eye) for n in ('unbiased', name))
        pairs = [(u, u), (u, b), (b, u), (b, b)]
        if handcrafted:
            h = read_dataset(handcrafted, eye)
            pairs += [(h, h), (h, b), (b, h)]
        row = [driven, cutoff, mean_entropy(u), mean_entropy(b)]
        row += [distance(x.q_ek, y.q_ek, u, few) for x, y in pairs]
        rows.append(row + [None] * (len(header) - len(row)))
    write_table(folder, 'scan_cutoff', 'Against the cutoff', header, rows)


def mean_entropy(dataset):
    """Return the mean entropy of the configurations, by these descriptors."""
    entropy_m = entropies(dataset.q_ek, dataset.first_m, NearestNeighborEntropy())
    return float(entropy_m.mean())


def near_crystals(folder, sets, h):
    """Return how far perfect bcc is from each set, and its share of isolated atoms."""
    q_ek = np.concatenate([components(bulk('W', 'bcc', a=a)) for a in BCC])
    alone_k = components(Atoms('W'))[0]
    rows = []
    for own in [*(sets[name] for name in sorted(sets, key=by_kind_and_k)), h]:
        if own is None:
            continue
        found = nearest_distances(own.q_ek, q_ek, sets['unbiased'].q_ek)
        alone = np.mean(np.abs(own.q_ek - alone_k).max(axis=1) < 1e-9)
        rows.append([own.name, len(own.q_ek), *map(float, found), float(100 * alone)])
    header = ['set', 'environments', *(f'a = {a} Å' for a in BCC), 'isolated atoms (%)']
    write_table(folder, 'near_crystals', 'Distance of bcc', header, rows)


def components(atoms):
    """Return the descriptors of atoms."""
    return EYE.evaluate(find_pairs(atoms, EYE.cutoff))[0]


def figure_2(folder, sets):
    """Radial distribution functions of the literal protocol at several K."""
    radial = {
        f'literal, K = {k} eV': radial_distribution(sets[f'literal-{k}'].iter_atoms())
        for k in (0, 1000, 2000, 3000)
    }
    axes = plot_radial(radial)
    axes.figure.savefig(folder / 'figure_2.png', dpi=150)


def figure_8(folder, sets, crafted, few):
    """Distributions of distances between biased and hand-crafted sets, as the paper."""
    h, u = crafted.q_ek, sets['unbiased'].q_ek
    figure = new_figure(7, 8)
    panels = figure.subplots(len(COMPARED), 1, sharex=True)
    for name, axes in zip(COMPARED, panels, strict=True):
        b = sets[name].q_ek
        pairs = {'B → H': (b, h), 'B → B': (b, None)}
        pairs |= {'H → H': (h, None), 'H → B': (h, b)}
        found = {
            pair: surrogate_error(
                *both, u, rng=np.random.default_rng(1), decompositions=few
            ).distances
            for pair, both in pairs.items()
        }
        plot_distances(found, (1e-3, 1e2), axes=axes)
        axes.set_title(f'B: {name} eV'.replace('-', ', K = '), fontsize='medium')
        if axes is not panels[-1]:
            axes.set_xlabel('')
    figure.savefig(folder / 'figure_8.png', dpi=150)


def make_all(folder, handcrafted, decompositions):
    """Make all tables and figures."""
    names = [path.stem for path in sorted(folder.glob('*.db'))]
    names = [name for name in names if re.fullmatch(r'unbiased|\w+-\d+', name)]
    sets = {name: read_dataset(folder / f'{name}.db', EYE) for name in names}
    crafted = None
    if handcrafted:
        crafted = read_dataset(handcrafted, EYE, name='handcrafted')
    few = max(1, decompositions // 10)
    tables_1_and_2(folder, sets)
    scan_k(folder, sets, crafted, few)
    scan_cutoff(folder, handcrafted, few)
    near_crystals(folder, sets, crafted)
    figure_2(folder, sets)
    if crafted:
        figure_8(folder, sets, crafted, few)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('-o', '--output', default='reproduction', help='folder of sets')
    parser.add_argument('--handcrafted', help='file with the hand-crafted set')
    parser.add_argument('--decompositions', type=int, default=1000)
    args = parser.parse_args()
    make_all(Path(args.output), args.handcrafted, args.decompositions)
