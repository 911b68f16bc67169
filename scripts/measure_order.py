"""Measure how order gets into a set: python scripts/measure_order.py --label W.

Packings of high entropy are disordered. Four fifths of the atoms of a set are theirs,
the rest one of several parts: random crystals, quenched in some way; prototypes; cells
of few atoms at K = 0 or at negative K, where V favors equal environments; cells whose
shape relaxes, too, at constant volume. All parts but packings are perturbed in the end.

What is measured, for sets of several sizes, several draws of each:

* distance from crystals to the nearest environment of the set (five times as many
  draws): 55 bispectrum components, in their deviations in the packings. Crystals are
  bcc, fcc, hcp, sc, diamond and A15 at their best volume, as they are and slightly
  perturbed (strain 0.01, rattle 0.04 of the distance of neighbors); and 1000
  environments of a set that was made by hand.
* near: share of the environments of a part that are closer to one of these crystals, at
  volumes of 0.75 to 1.6, than its slightly perturbed copies are on average.
* errors of potentials trained on the set, see prove_transfer.py.

What was made is kept in the folder: the same command goes on where it was stopped.
"""

import argparse
import json
from itertools import product
from pathlib import Path

import numpy as np
from ase import Atoms
from order_parts import PACKINGS, PARTS, SEED, describe, make, recipes, rng_of
from prove_transfer import judge_all
from transfer_bench import Bench, read_frames
from transfer_crystals import at_volume, elementary
from transfer_labels import Label
from transfer_pools import draw
from transfer_tables import number, summarize, worst_family

from ase_entropy import Bispectrum
from ase_entropy.analysis import ReferenceScale, nearest_distances
from ase_entropy.chemistry import Sizes
from ase_entropy.starts import Perturbation

SHARE = 0.2  # of the atoms
MORE = 5  # times as many draws, where nothing is trained
BY_HAND = 1000  # environments
VOLUMES = np.linspace(0.75, 1.6, 43)
SLIGHT, COPIES = (0.01, 0.04), 8  # strain, rattle
FAMILIES = 'rattles', 'strains', 'solid', 'prototypes'
BESIDE = 'T', 'Craw', 'C0', 'Ch', 'Ck', 'S0cell', 'N'  # prototypes
WHAT = {PACKINGS: 'packings, K > 0', **PARTS}


class Order:
    """Crystals, and how far a set is from them."""

    def __init__(self, label: Label, element: str, packings, handcrafted) -> None:
        sizes = Sizes((element,))
        self.descriptor = Bispectrum.of(sizes, twojmax=8)
        self.scale = ReferenceScale.of(self.describe(packings))
        strain, rattle = SLIGHT[0], SLIGHT[1] * sizes.distance(element)
        slight, rng = Perturbation(strain, (rattle, rattle)), rng_of(0)
        self.perfect, self.slight, self.clouds = {}, {}, {}
        for name, atoms in elementary(element).items():
            atoms = label.equilibrium(atoms)[0]
            copies = [atoms * (2, 2, 2) for _ in range(COPIES)]
            for copy in copies:
                slight.apply(copy, rng)
            self.perfect[name] = self.describe([atoms])
            self.slight[name] = self.describe(copies)
            volumes = self.describe([at_volume(atoms, volume) for volume in VOLUMES])
            radius = self.distances(self.perfect[name], self.slight[name]).mean()
            self.clouds[name] = volumes, radius
        self.handcrafted = None
        if handcrafted:
            known_ek = self.describe(handcrafted)
            self.handcrafted = rng.permutation(known_ek)[:BY_HAND]

    def describe(self, frames: list[Atoms]) -> np.ndarray:
        """Return the descriptors of all atoms."""
        return describe(frames, self.descriptor)

    def distances(self, set_ek: np.ndarray, test_ek: np.ndarray) -> np.ndarray:
        """Return the distance of each test environment from a set."""
        return nearest_distances(set_ek, test_ek, self.scale)

    def near(self, set_ek: np.ndarray) -> dict[str, float]:
        """Return the shares of the environments that are near crystals."""
        near = {
            name: self.distances(known, set_ek) < radius
            for name, (known, radius) in self.clouds.items()
        }
        near['any'] = np.any(list(near.values()), axis=0)
        return {name: float(near_e.mean()) for name, near_e in near.items()}

    def measure(self, set_ek: np.ndarray) -> dict[str, float]:
        """Return mean distances to all."""
        found = {x: self.distances(set_ek, q).mean() for x, q in self.perfect.items()}
        found['slight'] = np.mean(
            [self.distances(set_ek, q_ek).mean() for q_ek in self.slight.values()]
        )
        if self.handcrafted is not None:
            found['by hand'] = self.distances(set_ek, self.handcrafted).mean()
        return found


def sets_of(parts) -> dict[str, dict[str, float]]:
    """Return the sets: their parts, and shares of the atoms."""
    sets = {PACKINGS: {PACKINGS: 1.0}}
    others = [part for part in parts if part != PACKINGS]
    sets |= {part: {PACKINGS: 1 - SHARE, part: SHARE} for part in others}
    for part in others:
        if part in BESIDE and 'T' in others:
            shares = {PACKINGS: 1 - 2 * SHARE, 'T': SHARE}
            shares[part] = shares.get(part, 0.0) + SHARE
            sets[f'T+{part}'] = shares
    return sets


def measure_sets(args, files: dict[str, Path]) -> tuple[dict, list[dict]]:
    """Return shares near crystals of all parts, and distances from crystals.

    These are rows, one for each set, number of atoms and draw.
    """
    elements = (args.label,)
    frames = {part: read_frames(str(path), elements) for part, path in files.items()}
    by_hand = args.handcrafted and read_frames(args.handcrafted, elements)
    with Label(args.label) as label:
        order = Order(label, args.label, frames[PACKINGS], by_hand)
    described = {x: [order.describe([a]) for a in part] for x, part in frames.items()}
    near = {x: order.near(np.concatenate(part)) for x, part in described.items()}
    if by_hand:
        near['by hand'] = order.near(order.handcrafted)
    rows = []
    for name, shares in sets_of(files).items():
        for atoms, m in product(args.atoms, range(MORE * args.draws)):
            chosen = []
            for p, (part, share) in enumerate(shares.items()):
                sizes_m = [len(a) for a in frames[part]]
                drawn = draw(sizes_m, share * atoms, [SEED, m, p])
                chosen += [described[part][x] for x in drawn]
            rows.append({'set': name, 'atoms': atoms, 'draw': m})
            rows[-1] |= order.measure(np.concatenate(chosen))
        print(name, flush=True)
    return near, rows


def mean(rows, name: str, atoms: int, key: str) -> str:
    """Return mean and standard error over the draws."""
    values = [row[key] for row in rows if (row['set'], row['atoms']) == (name, atoms)]
    return number(np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values)))


def table(title: str, rows) -> list[str]:
    """Return the lines of a table."""
    rows = [rows[0], ['---'] * len(rows[0]), *rows[1:]]
    return [f'\n### {title}\n', *(f'| {" | ".join(cells)} |' for cells in rows)]


def tables(args, files, found) -> str:
    """Return the tables of one label."""
    near, orders, errors = found['near'], found['orders'], found['errors']
    crystals = list(near[PACKINGS])
    rows = [['part', '', 'ms', *crystals]]
    for name, shares in near.items():
        ms = f'{1e3 * found["times"][name]:.0f}' if name in found['times'] else ''
        percent = [f'{100 * share:.1f}' for share in shares.values()]
        rows.append([name, WHAT.get(name, ''), ms, *percent])
    lines = table(f'{args.label}: environments near crystals (%)', rows)
    keys = [key for key in orders[0] if key not in ('set', 'atoms', 'draw')]
    names = list(sets_of(files))
    for atoms in args.atoms:
        rows = [['set', *keys]]
        rows += [[x, *(mean(orders, x, atoms, key) for key in keys)] for x in names]
        lines += table(f'{args.label}, {atoms} atoms: distance from crystals', rows)
    worst = summarize(errors, 'energy', np.nanmax)
    family = worst_family(errors, 'energy')
    for atoms in args.atoms:
        rows = [['set', 'worst', 'family', *FAMILIES]]
        for x in names:
            rows.append([x, number(*worst[x, atoms]), family[x, atoms]])
            for one in FAMILIES:
                of_family = [row for row in errors if row['family'] == one]
                rows[-1].append(mean(of_family, x, atoms, 'energy'))
        lines += table(f'{args.label}, {atoms} atoms: energies (meV/atom)', rows)
    return '\n'.join(lines) + '\n'


def main() -> None:
    """Make the parts, measure the sets, and write order.json and order.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('--label', choices=('W', 'Al', 'Si'), default='W', help='element')
    add('--parts', nargs='+', choices=list(PARTS), default=list(PARTS), metavar='PART')
    add('--packings', type=int, default=1000, help='configurations (1000)')
    add('--number', type=int, default=300, help='configurations of other parts (300)')
    add('--atoms', type=int, nargs='+', default=[1500, 3000])
    add('--draws', type=int, default=4)
    add('--handcrafted', metavar='FILE', help='a set made by hand')
    add('--quick', action='store_true', help='few and small test families; a trial')
    add('-o', '--output', type=Path, default=Path('order'), metavar='FOLDER')
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    of_part, files = recipes(args.label), {}
    for name in (PACKINGS, *args.parts):
        count = args.packings if name == PACKINGS else args.number
        files[name] = make(name, of_part[name], args.output, count)
    found = dict(zip(('near', 'orders'), measure_sets(args, files), strict=True))
    sets = {
        name: [(share, str(files[part])) for part, share in shares.items()]
        for name, shares in sets_of(files).items()
    }
    args.seed = SEED
    with Bench(args.label, args.output) as bench:
        found['errors'] = judge_all(bench, sets, bench.families(args.quick), args)
    found['times'] = json.loads((args.output / 'times.json').read_text())
    (args.output / 'order.json').write_text(json.dumps(found, default=float))
    text = tables(args, files, found)
    (args.output / 'order.md').write_text(text)
    print(text)


if __name__ == '__main__':
    main()
