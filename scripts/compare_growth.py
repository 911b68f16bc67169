"""Compare sets that grow with and without an entropy of the whole set.

python scripts/compare_growth.py --label W --scale unbiased.db --pool packings=p.db

Sets of equal numbers of atoms are chosen from a pool in different ways, and judged by
potentials trained on them, as in prove_transfer.py. Configurations of the pool come in
a random order, in rounds; all of a round see the same summary of what was accepted
before, and those with the highest gain dS/d ln N are accepted. The measures: errors of
potentials, S of the set (log-det of 55 components), mean distance from environments of
a hand-crafted set to the nearest one of the set (--handcrafted), and from crystals.

A pool is a file or database, or a mixture, as in prove_transfer.py. With --drive,
packings are made for this, in rounds, by an estimator that sees the set; they are
compared with packings that do not. What was computed is kept in the folder: the same
command goes on where it was stopped.
"""

import argparse
import itertools
import json
import os
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(variable, '1')

import numpy as np
from ase.build import bulk
from ase.io import read, write
from growth_drives import DRIVES, drive
from growth_rules import Scale, choose, rules
from prove_transfer import parse_set
from transfer_bench import Bench, frame_key, read_frames
from transfer_pools import Pool, train
from transfer_student import join
from transfer_tables import number, summarize

from ase_entropy.analysis import nearest_distances
from ase_entropy.chemistry import Sizes
from ase_entropy.entropy import GaussianSummary

AIMS = 'crystals', 'handcrafted'
UNITS = 'energy', 'force'
CRYSTALS = ('bcc', 'fcc', 'hcp', 'diamond')


class Source:
    """A pool of configurations, with descriptors; of several parts, a mixture.

    Parameters
    ----------
    bench : Bench
        Label and student.
    parts : list of (float, str)
        Shares of the atoms, and files.
    tests : set of str
        Keys of test frames.
    scale : Scale
        Describes environments.
    """

    def __init__(self, bench, parts, tests, scale) -> None:
        pools = [Pool(bench, file, tests) for _, file in parts]
        self.frames = [atoms for pool in pools for atoms in pool.frames]
        self.sizes_m = np.array([len(atoms) for atoms in self.frames])
        self.part_m = np.repeat(range(len(pools)), [len(x.frames) for x in pools])
        means = [pool.sizes_m.mean() for pool in pools]
        self.weights = np.array([share for share, _ in parts]) / means
        self.design = join([bench.design(pool.frames) for pool in pools])
        self.q_m = [scale.describe(atoms) for atoms in self.frames]

    def order(self, seed) -> np.ndarray:
        """Return a random order of the pool, with the same mixture from start to end.

        It ends where one of the parts does.
        """
        rng = np.random.default_rng(seed)
        places = [
            rng.permutation(np.flatnonzero(self.part_m == p)).tolist()
            for p in range(len(self.weights))
        ]
        order = []
        while all(places):
            p = rng.choice(len(places), p=self.weights / self.weights.sum())
            order.append(places[p].pop())
        return np.array(order)


class Measures:
    """What sets are judged by."""

    def __init__(self, bench, scale, handcrafted, quick) -> None:
        families = bench.families(quick, handcrafted)
        self.tests = {name: bench.design(f) for name, f in families.items()}
        self.seen = {frame_key(a) for frames in families.values() for a in frames}
        self.scale = scale
        self.columns = scale.columns(14)
        (element,) = bench.label.elements
        d = Sizes((element,)).distance(element)
        length = {'bcc': 2 / 3**0.5, 'fcc': 2**0.5, 'hcp': 1, 'diamond': 4 / 3**0.5}
        crystals = [bulk(element, name, a=d * length[name]) if name != 'hcp' else
                    bulk(element, 'hcp', a=d, c=d * (8 / 3) ** 0.5)
                    for name in CRYSTALS]  # fmt: skip
        self.aims = {'crystals': [scale.describe(atoms)[:1] for atoms in crystals]}
        if handcrafted:
            frames = read_frames(handcrafted, [element])[::5]
            self.aims['handcrafted'] = [scale.describe(atoms) for atoms in frames]

    def __call__(self, design, q_m) -> tuple[dict, list[dict]]:
        """Return diversity and coverage, and errors of each family, of a set."""
        frames, drawn, found = train([design], self.tests)
        q_ek, scale_k = np.concatenate(q_m), self.scale.scale_k
        measures = {'frames': frames, 'drawn': drawn}
        measures['S'] = GaussianSummary(scale_k, ridge=1e-6).add(q_ek).entropy
        for name, aim_m in self.aims.items():
            k = self.columns
            sets = [q[:, k] / scale_k[k] for q in (q_ek, np.concatenate(aim_m))]
            unit = np.array([-np.ones(len(k)), np.ones(len(k))])
            measures[name] = float(nearest_distances(*sets, unit).mean())
        errors = [
            {'family': family, 'energy': energy, 'force': force}
            for family, (energy, force) in found.items()
        ]
        return measures, errors


class Results:
    """Rows that were computed, in a file of one JSON object per line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = path.read_text() if path.exists() else ''
        whole = text[: text.rfind('\n') + 1]  # without a line that was cut
        self.rows = [json.loads(line) for line in whole.splitlines()]
        path.write_text(whole)

    def has(self, **keys) -> bool:
        """Return whether there is a row with these keys."""
        return any(all(row[k] == keys[k] for k in keys) for row in self.rows)

    def add(self, measured, errors, **keys) -> None:
        """Write a row, and print it."""
        row = {**keys, **measured, 'errors': errors}
        self.rows.append(row)
        with open(self.path, 'a') as file:
            file.write(json.dumps(row) + '\n')
        worst = [np.nanmax([error[what] for error in errors]) for what in UNITS]
        print(*keys.values(), measured, *worst, flush=True)


def compare_rules(name, source, measures, results, args) -> None:
    """Choose from a pool by all rules, and judge; more atoms without any."""
    more = [times * max(args.atoms) for times in (2, 4)]
    for draw in range(args.draws):
        order = source.order([args.seed, draw])
        every = rules()
        for rule in [every[r] for r in args.rules or range(len(every))]:
            sizes = args.atoms + ([] if rule.summary else more)
            keys = dict(set=name, rule=str(rule), draw=draw)
            missing = [n for n in sizes if not results.has(**keys, atoms=n)]
            found = choose(source, rule, measures.scale, order, missing)
            for atoms, (chosen, share) in found.items():
                q_m = [source.q_m[m] for m in chosen]
                measured, errors = measures(source.design.choose(chosen), q_m)
                measured = {'share': share, **measured}
                results.add(measured, errors, **keys, atoms=atoms)


def compare_drives(bench, measures, results, args) -> None:
    """Make packings in each way, and judge them."""
    (element,) = bench.label.elements
    for draw in range(args.draws):
        for kind in DRIVES:
            path = Path(args.output) / f'drive-{args.label}-{kind}-{draw}.extxyz'
            if not path.exists():
                most, each = max(args.atoms) + 40, 5 if args.quick else 25
                frames = drive(kind, element, most, args.seed + draw, each)
                write(path.with_suffix('.new'), frames, format='extxyz')
                path.with_suffix('.new').rename(path)
            frames = read(path, ':')
            frames = [frames[m] for m in bench.usable(frames)]
            total_m = np.cumsum([len(atoms) for atoms in frames])
            for atoms in args.atoms:
                keys = dict(set='driven', rule=kind, atoms=atoms, draw=draw)
                if not results.has(**keys):
                    part = frames[: 1 + np.argmin(np.abs(total_m - atoms))]
                    q_m = [measures.scale.describe(a) for a in part]
                    results.add(*measures(bench.design(part), q_m), **keys)


def table(rows) -> str:
    """Return the Markdown table of the rows of one set."""
    flat = [
        {**{k: row[k] for k in ('atoms', 'draw')}, 'set': row['rule'], **error}
        for row in rows
        for error in row['errors']
    ]
    columns = [
        summarize(flat, what, over) for over in (np.nanmax, np.nanmedian)
        for what in UNITS
    ]  # fmt: skip
    aims = [name for name in AIMS if name in rows[0]]
    text = [
        '| growth | atoms | made | worst energy | worst force | median energy '
        f'| median force | S | {" | ".join(aims)} |',
        '|---' * (8 + len(aims)) + '|',
    ]
    atoms_of = {row['atoms'] for row in rows}
    for atoms in sorted(atoms_of):
        for rule in dict.fromkeys(r['rule'] for r in rows if r['atoms'] == atoms):
            own = [r for r in rows if (r['rule'], r['atoms']) == (rule, atoms)]
            cells = [number(*column[rule, atoms]) for column in columns]
            made = np.mean([1.0 / row.get('share', 1.0) for row in own])
            for name in ('S', *aims):
                values = np.array([row[name] for row in own])
                error = values.std(ddof=1) / np.sqrt(len(own)) if len(own) > 1 else 0.0
                cells.append(f'{values.mean():.2f} ± {error:.2f}')
            text.append(f'| {rule} | {atoms} | {made:.1f} | {" | ".join(cells)} |')
    return '\n'.join(text)


def ratios(rows) -> str:
    """Return the Markdown table of errors over those of the first rule, by orders."""
    errors = {
        (row['rule'], row['atoms'], row['draw'], what, over): over(
            [error[what] for error in row['errors']]
        )
        for row in rows
        for what in UNITS
        for over in (np.nanmax, np.nanmedian)
    }
    first = rows[0]['rule']
    text = [
        f'| errors over those of "{first}" | atoms | orders | worst energy '
        '| worst force | median energy | median force |',
        '|---' * 7 + '|',
    ]
    sizes = sorted({row['atoms'] for row in rows if row['rule'] != first})
    for atoms in sizes:
        for rule in dict.fromkeys(row['rule'] for row in rows[1:]):
            draws = {d for r, n, d, *_ in errors if (r, n) == (rule, atoms)}
            if rule == first or not draws:
                continue
            cells = []
            for over, what in itertools.product((np.nanmax, np.nanmedian), UNITS):
                pairs = [
                    [errors[r, atoms, d, what, over] for r in (rule, first)]
                    for d in sorted(draws)
                ]
                log_d = np.log(pairs) @ [1.0, -1.0]
                mean = np.exp(log_d.mean())
                error = mean * log_d.std() / np.sqrt(max(len(log_d) - 1, 1))
                cells.append(f'{mean:.2f} ± {error:.2f}')
            text.append(f'| {rule} | {atoms} | {len(draws)} | {" | ".join(cells)} |')
    return '\n'.join(text)


def main() -> None:
    """Compare, and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('--label', default='W', help='potential of one element (W)')
    add('--scale', required=True, metavar='FILE', help='unbiased set, for the scale')
    add('--pool', action='append', default=[], metavar='NAME=FILE', dest='pools')
    add('--drive', action='store_true', help='make packings, too')
    add('--atoms', type=int, nargs='+', default=[1500, 3000], help='of sets')
    add('--draws', type=int, default=6, help='random orders of each pool (6)')
    add('--seed', type=int, default=1, help='of the orders (1)')
    add('--handcrafted', metavar='FILE', help='distances from these are measured, too')
    add('--rules', type=int, nargs='+', help='only these, from 0 for none (all)')
    add('--quick', action='store_true', help='few test families; a trial')
    add('-o', '--output', default='growth', metavar='FOLDER')
    args = parser.parse_args()
    with Bench(args.label, args.output) as bench:
        (element,) = bench.label.elements
        scale = Scale(element, args.scale)
        measures = Measures(bench, scale, args.handcrafted, args.quick)
        folder = Path(args.output)
        for name, parts in map(parse_set, args.pools):
            results = Results(folder / f'{args.label}-{name}.jsonl')
            source = Source(bench, parts, measures.seen, measures.scale)
            compare_rules(name, source, measures, results, args)
        if args.drive:
            results = Results(folder / f'{args.label}-driven.jsonl')
            compare_drives(bench, measures, results, args)
    for path in sorted(folder.glob('*.jsonl')):
        if rows := Results(path).rows:
            several = len({row['rule'] for row in rows}) > 1
            text = '\n\n'.join([ratios(rows)] * several + [table(rows)])
            path.with_suffix('.md').write_text(text + '\n')
            print(f'## {path.stem}\n\n{text}\n')


if __name__ == '__main__':
    main()
