"""Compare what potentials trained on sets make of a crystal with what their label does.

python scripts/prove_properties.py --label W --set general --set cell -o transfer

Sets are those of prove_transfer.py, and so are label and draws; quadratic SNAPs are
trained on so many atoms of each, and run in LAMMPS. Lattice constant, elastic
constants, vacancy, surfaces, energies of other crystals; and 10 ps of dynamics at 0.3,
0.7 and 1.5 of the melting temperature, 2 ps of them with a bath: does the potential
survive, without pairs below 0.7 of the distance of neighbors? What was computed is kept
in the folder: the same command goes on where it was stopped.
"""

import argparse
import json
import os
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(variable, '1')

import matplotlib.pyplot as plt
import numpy as np
from prove_transfer import parts_of
from transfer_bench import Bench, frame_key, write_whole
from transfer_labels import POTENTIALS, Label
from transfer_pools import Pool, draw
from transfer_properties import (
    VOLUMES,
    Trained,
    elastic_constants,
    lattice_constant,
    phases,
    surface_energy,
    survival,
    vacancy_energy,
)
from transfer_student import fit, join, triangle

FACETS = {'(100)': (1, 0, 0), '(110)': (1, 1, 0), '(111)': (1, 1, 1)}
RATIOS = 0.3, 0.7, 1.5  # of the melting temperature
LABELS = [name for name, x in POTENTIALS.items() if len(x.elements) == 1]


def coefficients(bench: Bench, parts, seen, args) -> np.ndarray:
    """Return the SNAP of the first draw of prove_transfer.py.

    Raises
    ------
    ValueError
        A set without so many atoms.
    """
    designs = []
    for p, (share, file) in enumerate(parts):
        pool = Pool(bench, file, seen)
        chosen = draw(pool.sizes_m, share * args.atoms, [args.seed, 0, p])
        if chosen is None:
            raise ValueError(f'{file}: too small for {args.atoms} atoms')
        pool.prepare([chosen])
        designs.append(pool.part(chosen))
    return fit(triangle(join(designs)))


def measure(potential: Label, crystals, ratios=RATIOS) -> dict:
    """Return all properties of a potential, JSON-ready."""
    found = {'lattice constant (Å)': lattice_constant(potential)}
    for name, value in elastic_constants(potential).items():
        found[f'{name} (GPa)'] = value
    found['vacancy (eV)'] = vacancy_energy(potential)
    for name, facet in FACETS.items():
        found[f'surface {name} (J/m²)'] = surface_energy(potential, facet)
    curves = {
        name: [potential.evaluate(atoms)[0] / len(atoms) for atoms in frames]
        for name, frames in crystals.items()
    }
    dynamics = {str(ratio): survival(potential, ratio) for ratio in ratios}
    return {'properties': found, 'phases': curves, 'dynamics': dynamics}


def run(args) -> dict[str, dict]:
    """Return what was measured, of the label and of each set."""
    found = {}
    with Bench(args.label, args.output) as bench:
        sets = parts_of(bench, args)
        families = bench.families(args.quick, args.handcrafted)
        seen = {frame_key(atoms) for frames in families.values() for atoms in frames}
        crystals = phases(bench.label)
        ratios = () if args.quick else RATIOS
        folder = Path(args.output) / args.label / 'properties'
        folder.mkdir(exist_ok=True)
        for name, parts in {'label': None, **sets}.items():
            path = folder / f'{name}-{args.atoms}.json'
            if not path.exists():
                if parts is None:
                    values = measure(bench.label, crystals, ratios)
                else:
                    trained = coefficients(bench, parts, seen, args)
                    with Trained(args.label, trained, path.with_suffix('')) as snap:
                        values = measure(snap, crystals, ratios)
                text = json.dumps(values, indent=1)
                write_whole(path, lambda new, text=text: new.write_text(text))
            found[name] = json.loads(path.read_text())
            print(f'{name}: {found[name]["properties"]}', flush=True)
    return found


def lowest(curves: dict[str, list[float]]) -> dict[str, float]:
    """Return the least energy of each crystal, above that of the first (eV/atom)."""
    energies = {name: min(curve) for name, curve in curves.items()}
    return {name: e - next(iter(energies.values())) for name, e in energies.items()}


def table(found: dict[str, dict], label: str) -> str:
    """Return all numbers as tables of Markdown."""
    head = f'| | {" | ".join(found)} |\n{"|---" * (len(found) + 1)}|'
    lines = [f'# Properties, label {label}\n', head]
    for key in found['label']['properties']:
        cells = [f'{x["properties"][key]:.4g}' for x in found.values()]
        lines.append(f'| {key} | {" | ".join(cells)} |')
    for name in found['label']['phases']:
        cells = [f'{1e3 * lowest(x["phases"])[name]:.0f}' for x in found.values()]
        lines.append(f'| {name} (meV/atom) | {" | ".join(cells)} |')
    exact = np.array(list(found['label']['phases'].values()))
    wrong = [
        np.abs(np.array(list(x['phases'].values())) - exact).mean()
        for x in found.values()
    ]
    cells = [f'{1e3 * x:.1f}' for x in wrong]
    lines.append(f'| all curves, MAE (meV/atom) | {" | ".join(cells)} |')
    for ratio in found['label']['dynamics']:
        every = [x['dynamics'][ratio] for x in found.values()]
        cells = [f'{x["ps"]:g}, {x["closest"]:.2f}, {x["drift"]:.2g}' for x in every]
        lines.append(
            f'| {ratio} T melting: ps, closest pair, drift (meV/atom/ps) '
            f'| {" | ".join(cells)} |'
        )
    return '\n'.join(lines) + '\n'


def draw_phases(path: Path, found: dict[str, dict], label: str) -> None:
    """Draw energies against volumes of all crystals, a panel for each."""
    names = list(found['label']['phases'])
    figure, axes = plt.subplots(
        2, 3, figsize=(9.0, 5.2), sharex=True, layout='constrained'
    )
    for ax, name in zip(axes.flat, names, strict=True):
        exact = np.array(found['label']['phases'][name])
        low = exact.min()
        ax.plot(VOLUMES, exact - low, color='black', lw=2, label='label')
        for m, (other, values) in enumerate(list(found.items())[1:]):
            curve = np.array(values['phases'][name]) - low
            ax.plot(VOLUMES, curve, 'os^Dv'[m % 5], ms=4, color=f'C{m}', label=other)
        top = exact.max() - low
        ax.set(title=name, ylim=(-0.4 * top, 1.3 * top))
        ax.title.set_size(10)
    for ax in axes[-1]:
        ax.set_xlabel('volume over that of the minimum')
    for ax in axes[:, 0]:
        ax.set_ylabel('energy (eV/atom)')
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc='outside right upper', fontsize=8, title=label)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def main() -> None:
    """Train, measure, and write the table and the figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('--label', choices=LABELS, default='W', help='potential')
    add('--set', action='append', required=True, dest='sets', metavar='NAME=FILE')
    add('--atoms', type=int, default=6000, help='of training (6000)')
    add('--configurations', type=int, default=500, help='of a set that is made (500)')
    add('--workers', type=int, default=1, help='processes that make sets (1)')
    add('--seed', type=int, default=1, help='of the draws (1)')
    add('--handcrafted', metavar='FILE', help='as for prove_transfer.py')
    add('--quick', action='store_true', help='small test families, no dynamics')
    add('-o', '--output', default='transfer', metavar='FOLDER')
    args = parser.parse_args()
    args.study = False
    try:
        found = run(args)
    except ValueError as error:
        parser.error(str(error))
    folder = Path(args.output) / args.label / 'properties'
    text = table(found, args.label)
    (folder / 'properties.md').write_text(text)
    print(text)
    draw_phases(folder / 'phases.png', found, args.label)


if __name__ == '__main__':
    main()
