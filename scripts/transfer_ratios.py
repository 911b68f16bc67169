"""Compare all sets with one of them, label by label.

python scripts/transfer_ratios.py general transfer/W/snap transfer/Al/snap --atoms 6000

prints the worst energy, the worst force and the median energy of each set over those of
the one that is named, from the tables of prove_transfer.py in these folders.
"""

import argparse
from pathlib import Path

import numpy as np
from transfer_tables import read_rows, summarize

MEASURES = (('energy', np.nanmax), ('force', np.nanmax), ('energy', np.nanmedian))


def ratios(rows: list[dict], base: str, atoms: int) -> dict[str, list[float]]:
    """Return mean errors of each set that has so many atoms, over those of the base.

    Raises
    ------
    ValueError
        A base without so many atoms.
    """
    measures = [summarize(rows, what, over) for what, over in MEASURES]
    if (base, atoms) not in measures[0]:
        raise ValueError(f'no errors of {base} with {atoms} atoms')
    return {
        name: [means[name, n][0] / means[base, n][0] for means in measures]
        for name, n in measures[0]
        if n == atoms
    }


def table(found: dict[str, dict[str, list[float]]], base: str) -> str:
    """Return the ratios of all labels as a table of Markdown."""
    sets = dict.fromkeys(name for part in found.values() for name in part)
    lines = [f'| set | {" | ".join(found)} |', '|---' * (1 + len(found)) + '|']
    for name in sets:
        if name == base:
            continue
        cells = [
            ' · '.join(map(number, part[name])) if name in part else '–'
            for part in found.values()
        ]
        lines.append(f'| {name} | {" | ".join(cells)} |')
    return '\n'.join(lines)


def number(ratio: float) -> str:
    """Return a ratio with two digits; all those before the point, where it is large."""
    return f'{ratio:.0f}' if ratio >= 10 else f'{ratio:.1f}'


def main() -> None:
    """Read the tables, and print one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('base', help='set to compare with')
    add('folders', nargs='+', metavar='FOLDER', help='of a label and a student')
    add('--atoms', type=int, default=6000, help='of training (6000)')
    args = parser.parse_args()
    found = {}
    try:
        for folder in map(Path, args.folders):
            rows = read_rows(folder / 'table.csv')
            label = folder.absolute().parent.name
            found[label] = ratios(rows, args.base, args.atoms)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print(table(found, args.base))


if __name__ == '__main__':
    main()
