"""Tables and figures of prove_transfer.py, made of its rows.

A row has the ``set``, the number of ``atoms`` asked for and ``drawn``, ``frames``, the
number of the ``draw``, the test ``family``, and the mean absolute errors ``energy``
(meV/atom) and ``force`` (eV/A).

python scripts/transfer_tables.py W transfer/W/snap

makes the tables and figures of a label again from the rows that a folder has.
"""

import csv
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm

__all__ = ['read_rows', 'summarize', 'write_figures', 'write_tables']

MARKERS = 'o^sDvP*X'
MANY = 8  # sets: energies above forces, not beside them
NEAR = ('rattles', 'defects', 'solid', 'slabs')  # families with forces
UNITS = {'energy': 'meV/atom', 'force': 'eV/Å'}


def summarize(rows, what: str, over) -> dict[tuple[str, int], tuple[float, float]]:
    """Return mean and standard error over draws, for each set and number of atoms.

    ``what`` is 'energy' or 'force'; ``over`` makes one number of those of all families.
    """
    draws = {}
    for row in rows:
        place = draws.setdefault((row['set'], row['atoms']), {})
        place.setdefault(row['draw'], []).append(row[what])
    found = {}
    for key, place in draws.items():
        values = np.array([over(errors) for errors in place.values()])
        spread = values.std(ddof=1) if len(values) > 1 else np.nan
        found[key] = values.mean(), spread / np.sqrt(len(values))
    return found


def worst_family(rows, what: str) -> dict[tuple[str, int], str]:
    """Return the family of the largest mean error, for each set and number of atoms."""
    found = {}
    for key, means in family_means(rows, what).items():
        found[key] = max(means, key=lambda family: np.nan_to_num(means[family]))
    return found


def family_means(rows, what: str) -> dict[tuple[str, int], dict[str, float]]:
    """Return the mean error over draws of each family, set and number of atoms."""
    found = {}
    for row in rows:
        means = found.setdefault((row['set'], row['atoms']), {})
        means.setdefault(row['family'], []).append(row[what])
    return {
        key: {family: float(np.mean(x)) for family, x in means.items()}
        for key, means in found.items()
    }


def write_tables(folder: Path, rows, label: str) -> None:
    """Write all numbers as table.csv, and the worst and median ones as table.md."""
    with open(folder / 'table.csv', 'w', newline='') as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    columns = [
        summarize(rows, what, over)
        for over in (np.nanmax, np.nanmedian)
        for what in UNITS
    ]
    worst = [worst_family(rows, what) for what in UNITS]
    text = [
        f'# Potentials trained on sets labeled by {label}\n',
        'Mean absolute errors; the worst of the test families, and their median; mean '
        'and standard error over the draws.\n',
        '| set | atoms | worst energy (meV/atom) | family | worst force (eV/Å) '
        '| family | median energy (meV/atom) | median force (eV/Å) |',
        '|---' * 8 + '|',
    ]
    for key in columns[0]:
        cells = [number(*column[key]) for column in columns]
        cells[1:1], cells[3:3] = [worst[0][key]], [worst[1][key]]
        text.append(f'| {key[0]} | {key[1]} | {" | ".join(cells)} |')
    text += near_the_crystal(rows)
    (folder / 'table.md').write_text('\n'.join(text) + '\n')
    print('\n'.join(text))


def near_the_crystal(rows) -> list[str]:
    """Return lines of a table: forces in families near the crystal, at most atoms."""
    most = shared_sizes(rows)
    means = family_means(rows, 'force')
    names = [x for x in NEAR if any(row['family'] == x for row in rows)]
    text = ['\nForces near the crystal, mean absolute error (eV/Å):\n']
    text += [f'| set | atoms | {" | ".join(names)} |', '|---' * (2 + len(names)) + '|']
    for name, atoms in most.items():
        cells = [number(means[name, atoms][family], np.nan) for family in names]
        text.append(f'| {name} | {atoms} | {" | ".join(cells)} |')
    return text


def shared_sizes(rows) -> dict[str, int]:
    """Return the most atoms that all sets have, for each; or else the most it has."""
    sets = list(dict.fromkeys(row['set'] for row in rows))
    sizes = {name: {r['atoms'] for r in rows if r['set'] == name} for name in sets}
    shared = set.intersection(*sizes.values())
    return {name: max(shared or sizes[name]) for name in sets}


def read_rows(path: Path) -> list[dict]:
    """Return the rows of a table.csv."""
    kinds = {'atoms': int, 'draw': int, 'frames': int, 'drawn': int}
    kinds |= dict.fromkeys(UNITS, float)
    with open(path, newline='') as file:
        return [
            {key: kinds.get(key, str)(value) for key, value in row.items()}
            for row in csv.DictReader(file)
        ]


def number(mean: float, error: float) -> str:
    """Return a mean with three digits, and its error where there is one."""
    digits = max(0, 2 - int(np.floor(np.log10(max(mean, 1e-9)))))
    text = f'{mean:.{digits}f}'
    return text if np.isnan(error) else f'{text} ± {error:.{digits}f}'


def write_figures(folder: Path, rows, label: str) -> None:
    """Draw errors of families and sets as a heat map, and against training atoms."""
    draw_map(folder / 'families.png', rows, label)
    draw_curves(folder / 'learning.png', rows, label)


def draw_map(path: Path, rows, label: str) -> None:
    """Draw the errors of each family and set, at the most atoms that all sets have."""
    most = shared_sizes(rows)
    sets = list(most)
    families = list(dict.fromkeys(row['family'] for row in rows))
    width, height = 3.0 + 1.5 * len(sets), 1.6 + 0.32 * len(families)
    across = len(sets) <= MANY
    figure, axes = plt.subplots(
        *((1, 2) if across else (2, 1)),
        figsize=(max(7.0, width), height) if across else (width / 2, 2 * height + 1),
        sharex=True,
        sharey=True,
        layout='constrained',
    )
    for ax, (what, unit) in zip(axes, UNITS.items(), strict=True):
        means = family_means(rows, what)
        table = np.array([[means[s, most[s]][f] for s in sets] for f in families])
        shown = np.where(table > 0.0, table, np.nan)
        scale = LogNorm(
            np.nanmin(shown), max(np.nanmax(shown), 1.01 * np.nanmin(shown))
        )
        image = ax.imshow(shown, norm=scale, cmap='cividis_r', aspect='auto')
        for y, x in np.argwhere(np.isfinite(table)):
            dark = scale(table[y, x]) > 0.55
            text = number(table[y, x], np.nan)
            ax.text(x, y, text, ha='center', va='center', size=8,
                    color='white' if dark else 'black')  # fmt: skip
        for y, x in np.argwhere(np.isnan(table)):
            ax.text(x, y, '–', ha='center', va='center', size=8)
        names = [f'{name}\n{most[name]} atoms' for name in sets]
        ax.set_xticks(range(len(sets)), names, size=8, rotation=0 if across else 90)
        ax.set_yticks(range(len(families)), families)
        ax.set_title(f'{what} ({unit})', size=10)
        figure.colorbar(image, ax=ax, label=f'mean absolute error ({unit})')
    figure.get_layout_engine().set(w_pad=0.1)
    figure.suptitle(f'test families, label {label}', size=10)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def draw_curves(path: Path, rows, label: str) -> None:
    """Draw the errors of the worst family against the number of training atoms."""
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout='constrained')
    sets = list(dict.fromkeys(row['set'] for row in rows))
    every = sorted({row['atoms'] for row in rows})
    for ax, (what, unit) in zip(axes, UNITS.items(), strict=True):
        found = summarize(rows, what, np.nanmax)
        for m, name in enumerate(sets):
            atoms = [n for n in every if (name, n) in found]
            means, spread = np.array([found[name, n] for n in atoms]).T
            ax.errorbar(
                atoms, means, yerr=np.nan_to_num(spread), capsize=3, label=name,
                marker=MARKERS[m % len(MARKERS)], color=f'C{m % 10}',
                linestyle='-' if m < 10 else '--',
            )  # fmt: skip
        ax.set(xscale='log', yscale='log', xlabel='training atoms')
        ax.set_ylabel(f'{what} MAE of the worst family ({unit})')
        ax.set_xticks(every, [str(n) for n in every])
        ax.minorticks_off() if len(every) > 1 else None
        ax.grid(color='0.9')
        ax.set_axisbelow(True)
    handles = axes[0].get_legend_handles_labels()
    place = 'outside right upper'
    figure.legend(*handles, loc=place, title=f'label {label}', fontsize=8)
    figure.savefig(path, dpi=130)
    plt.close(figure)


if __name__ == '__main__':
    folder = Path(sys.argv[2])
    rows = read_rows(folder / 'table.csv')
    write_tables(folder, rows, sys.argv[1])
    write_figures(folder, rows, sys.argv[1])
