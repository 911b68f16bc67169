"""Cells of many materials from their formula: python scripts/measure_materials.py.

Runs ``ase-entropy harvest --formula F --cycles N`` for elements, alloys and compounds,
and writes, as materials.json and materials.md: the shortest pair of each kind over the
distance of neighbors, S, the attempts of a cycle, and, where ASE's EMT knows the
elements, the energy per atom above the ground states of the elements.
"""

import argparse
import contextlib
import io
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from ase.build import bulk
from ase.calculators.emt import EMT, parameters
from ase.db import connect

from ase_entropy.chemistry import Sizes
from ase_entropy.cli import main
from ase_entropy.pairs import find_pairs

FORMULAS = (
    *('Al39', 'Cu39', 'Ni39', 'Fe39', 'Mo39', 'Mg39', 'Ti39', 'Si39', 'C39', 'Na39'),
    *('Na16Cl16', 'Si10O20', 'Si16C16', 'Ni16Al16', 'Cu16Zr16', 'H26O13'),
)

METALS = set(parameters) - {'H', 'C', 'N', 'O'}

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('--cycles', type=int, default=10)
parser.add_argument('--formulas', nargs='+', default=FORMULAS)
parser.add_argument('--options', default='', help='more options of the harvest')
parser.add_argument('-o', '--output', type=Path, default=Path('.'))
args = parser.parse_args()


def above_ground(atoms):
    """Return the energy (eV/atom) above the ground states, by EMT; nan if unknown."""
    if not set(atoms.symbols) <= METALS:
        return np.nan
    atoms.calc = EMT()
    energy = atoms.get_potential_energy()
    for symbol in atoms.symbols:
        crystal = bulk(symbol)
        crystal.calc = EMT()
        energy -= crystal.get_potential_energy() / len(crystal)
    return energy / len(atoms)


def harvest(formula):
    """Return the rows of a harvest, and the seconds that a cycle took."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(io.StringIO()),
    ):
        command = f'harvest --formula {formula} --cycles {args.cycles} --seed 1'
        begin = time.perf_counter()
        main([*command.split(), *args.options.split(), '--db', f'{folder}/w.db'])
        seconds = (time.perf_counter() - begin) / args.cycles
        return list(connect(f'{folder}/w.db').select()), seconds


found = []
for formula in args.formulas:
    rows, seconds = harvest(formula)
    frames = [row.toatoms() for row in rows]
    species = tuple(dict.fromkeys(frames[0].symbols))
    sizes = Sizes(species)
    shortest = dict.fromkeys(sizes.pairs(), np.inf)
    for atoms in frames:
        names_n = np.array(atoms.get_chemical_symbols())
        for pair, d in sizes.pairs().items():
            first, second = pair.split('-')
            pairs = find_pairs(atoms, 1.5 * d)
            own_p = (names_n[pairs.i_p] == first) & (names_n[pairs.j_p] == second)
            nearest = pairs.r_p[own_p].min(initial=np.inf) / d
            shortest[pair] = min(shortest[pair], nearest)
    energies = [above_ground(atoms) for atoms in frames]
    line = {
        'formula': formula,
        'distances': sizes.pairs(),
        'shortest': shortest,
        'S': float(np.mean([row.entropy for row in rows])),
        'attempts': float(np.mean([row.attempts for row in rows])),
        'energy': float(np.median(energies)),
        'seconds': seconds,
    }
    found.append(line)
    print(json.dumps(line, default=float), flush=True)

header = ('formula', 'neighbors (A)', 'shortest / neighbors', 'S (nats)', 'attempts')
lines = [' | '.join([*header, 'EMT (eV/atom)']), '---|---|---|---|---|---']
for line in found:
    distances = ', '.join(f'{k} {d:.2f}' for k, d in line['distances'].items())
    ratios = ', '.join(f'{k} {r:.2f}' for k, r in line['shortest'].items())
    energy = '' if np.isnan(line['energy']) else f'{line["energy"]:.2f}'
    cells = [line['formula'], distances, ratios, f'{line["S"]:.2f}']
    lines.append(' | '.join([*cells, f'{line["attempts"]:.1f}', energy]))
table = ''.join(f'| {line} |\n' for line in lines)
(args.output / 'materials.json').write_text(json.dumps(found, indent=1, default=float))
(args.output / 'materials.md').write_text(table)
print(table)
