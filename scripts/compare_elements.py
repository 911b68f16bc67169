"""How several elements enter the entropy: python scripts/compare_elements.py -o DIR.

For each compound, minima of V from equal numbers of cycles, where environments

* have radii of their elements, and neighbors count alike,
* or neighbors differ by weights, evenly from 1 (the largest) down to 0.8 or 0.5,
* and are compared all together, or those of each element among their own.

They are measured with another descriptor, with a density for each element (chemflag),
in deviations of hot motion without entropy: the pooled entropy of the environments of
each element, their distance to crystals, and the shortest pairs over the distance of
neighbors, repulsion, and the part of atoms without neighbors.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    NearestNeighborEntropy,
    PerElement,
    RandomPacking,
    Recipe,
)
from ase_entropy.analysis import nearest_distances
from ase_entropy.analysis.coverage import pooled_entropy
from ase_entropy.campaign.chains import Chain, run_chain
from ase_entropy.chemistry import Sizes
from ase_entropy.pairs import find_pairs, reach
from ase_entropy.repulsion import repulsion_of

COMPOUNDS = ('Ni16Al16', 'W16Be16', 'Si16C16', 'Na16Cl16')
DENSITY = 0.65

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('--cycles', type=int, default=24)
parser.add_argument('--compounds', nargs='+', default=COMPOUNDS)
parser.add_argument('--k-per-atom', type=float, default=2.0)
parser.add_argument('-o', '--output', type=Path, default=Path('.'))
args = parser.parse_args()
args.output.mkdir(exist_ok=True)


def recipes(sizes: Sizes, start: RandomPacking) -> dict[str, Recipe]:
    """Return the ways to be compared, and hot motion without entropy."""
    k = args.k_per_atom * len(start.chemical_symbols())
    apart = Bispectrum.of(sizes, components=6)
    strong = replace(apart, weights=_weights(sizes, 0.5))
    mild = replace(apart, weights=_weights(sizes, 0.8))
    among_own = PerElement(NearestNeighborEntropy())
    base = Recipe(
        start=start,
        schedule=AnnealSchedule(k_entropy=k, ramp_steps=0),
        repulsion=repulsion_of(sizes),
        descriptor=apart,
    )
    return {
        'hot': replace(
            base, schedule=replace(base.schedule, k_entropy=0.0), ladder=None
        ),
        'alike': base,
        'alike, per element': replace(base, descriptor=apart, estimator=among_own),
        'weights to 0.8': replace(base, descriptor=mild),
        'weights to 0.8, per element': replace(
            base, descriptor=mild, estimator=among_own
        ),
        'weights to 0.5': replace(base, descriptor=strong),
        'weights to 0.5, per element': replace(
            base, descriptor=strong, estimator=among_own
        ),
    }


def _weights(sizes: Sizes, least: float) -> dict[str, float]:
    ordered = sorted(sizes.species, key=sizes.distance, reverse=True)
    numbers = np.linspace(1.0, least, len(ordered)).tolist()
    return dict(zip(ordered, numbers, strict=True))


def crystals(sizes: Sizes) -> list[Atoms]:
    """Return compounds of four structures at three densities."""
    a, b = sizes.species
    made = []
    for scale in (0.95, 1.0, 1.05):
        d = scale * sizes.distance(a, b)
        made += [
            bulk(a + b, 'rocksalt', a=2 * d),
            bulk(a + b, 'zincblende', a=4 * d / 3**0.5),
            bulk(a + b, 'cesiumchloride', a=2 * d / 3**0.5),
            Atoms(
                a + b,
                cell=[d, d, 2**0.5 * d],
                pbc=True,
                scaled_positions=[(0, 0, 0), (0.5, 0.5, 0.5)],
            ),
        ]
    return made


def described(frames: list[Atoms], measure: Bispectrum, element: str) -> np.ndarray:
    """Return the environments of an element."""
    parts = []
    for atoms in frames:
        q_nk = measure.evaluate(find_pairs(atoms, reach(measure)))[0]
        parts.append(q_nk[atoms.symbols == element])
    return np.concatenate(parts)


def look(frames: list[Atoms], sizes: Sizes, descriptor: Bispectrum) -> dict:
    """Return the shortest pairs over the distances of neighbors, and isolated atoms."""
    shortest, lonely, atoms_in_all = {}, 0, 0
    for atoms in frames:
        pairs = find_pairs(atoms, reach(descriptor))
        names = np.array(atoms.get_chemical_symbols())
        for pair, d in sizes.pairs().items():
            x, y = pair.split('-')
            own = pairs.r_p[(names[pairs.i_p] == x) & (names[pairs.j_p] == y)]
            shortest[pair] = min(
                shortest.get(pair, np.inf), own.min(initial=np.inf) / d
            )
        lonely += int((np.bincount(pairs.i_p, minlength=len(atoms)) == 0).sum())
        atoms_in_all += len(atoms)
    return {'shortest': shortest, 'isolated': lonely / atoms_in_all}


found = []
for formula in args.compounds:
    start = RandomPacking.of(formula, density=DENSITY)
    sizes = Sizes(tuple(dict.fromkeys(start.chemical_symbols())))
    measure = replace(
        Bispectrum.of(sizes), twojmax=2, weights=None, chemflag=True, components=None
    )
    sets, costs, repulsions = {}, {}, {}
    for name, recipe in recipes(sizes, start).items():
        begin = time.perf_counter()
        ends = [
            end
            for walker in range(args.cycles)
            for end in run_chain(recipe, 1, Chain(walker, walker, 1)).ends
        ]
        costs[name] = (time.perf_counter() - begin) / args.cycles
        sets[name] = [end.row.toatoms() for end in ends]
        repulsions[name] = np.mean([end.keys['e_rep'] for end in ends]) / 32
    for name, frames in sets.items():
        line = {'compound': formula, 'way': name, 's per cycle': costs[name]}
        for element in sizes.species:
            hot_ek = described(sets['hot'], measure, element)
            varies_k = hot_ek.std(axis=0) > 1e-9
            hot_ek = hot_ek[:, varies_k]
            q_ek = described(frames, measure, element)[:, varies_k]
            scaled_ek = (q_ek - hot_ek.mean(axis=0)) / hot_ek.std(axis=0)
            perfect_ek = described(crystals(sizes), measure, element)[:, varies_k]
            line[f'S {element}'] = pooled_entropy(scaled_ek)
            line[f'crystals {element}'] = float(
                nearest_distances(q_ek, perfect_ek, hot_ek).mean()
            )
        line |= {'E_rep per atom': repulsions[name], **look(frames, sizes, measure)}
        found.append(line)
        print(json.dumps(line, default=lambda x: round(float(x), 4)), flush=True)
(args.output / 'elements.json').write_text(json.dumps(found, indent=1, default=float))
