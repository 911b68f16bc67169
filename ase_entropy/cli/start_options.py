"""Options for where walkers start: a packing or a structure, its density, a wall."""

import argparse
import math
from collections import deque
from typing import Any

from ase import Atoms

from ase_entropy.campaign.recipe import MARGIN
from ase_entropy.checks import real
from ase_entropy.chemistry import Sizes
from ase_entropy.cli import energy_options
from ase_entropy.sets.reading import read_configurations
from ase_entropy.sets.sources import printable
from ase_entropy.starts import RandomPacking, Structure
from ase_entropy.starts.packing import (
    DENSITY,
    MOST_DENSITY,
    paper_density,
    symbols_of,
    usual_density,
)

__all__ = ['add_arguments', 'margin', 'start']

MARGIN_IN_VAIN = '--margin is for a --structure that is not periodic: drop it'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add(
        '--formula',
        metavar='F',
        help=f'atoms of a random packing (default: {RandomPacking.symbols})',
    )
    add(
        '--cell',
        nargs=3,
        type=float,
        metavar=('A', 'B', 'C'),
        help='its cell in Angstrom (default: 2:2:3, by the density)',
    )
    add(
        '--density',
        type=float,
        metavar='D',
        help='its density, in units of that of its elements by themselves (default: '
        f'{DENSITY}, up to 1 for open crystals; {paper_density():.2f} with '
        '--paper)',
    )
    add(
        '--structure',
        metavar='FILE',
        help='start from this file instead: any that ASE reads',
    )
    add(
        '--margin',
        type=float,
        metavar='R',
        help='for a slab, wire or cluster: distance in Angstrom from its atoms to a '
        f'wall that keeps it together; inf for none (default: {MARGIN:g})',
    )


def margin(args: argparse.Namespace) -> float:
    """Return the distance to the wall around starts that are not periodic."""
    if args.margin is None:
        return math.inf if args.paper else MARGIN
    if args.margin == math.inf:
        return args.margin
    return real('--margin', args.margin, above=0.0)


def start(args: argparse.Namespace) -> tuple[Any, list[str], Sizes]:
    """Return where walkers start, its elements, and the sizes of their atoms."""
    element = energy_options.element_of(args)
    for name in ('structure', 'formula'):
        if element is not None and vars(args)[name] is not None:
            raise ValueError(
                f'--scale {element} and --{name}: the elements are those of the '
                f'{name}, drop --scale, or give a number'
            )
    if args.structure is not None:
        if any(vars(args)[x] is not None for x in ('formula', 'cell', 'density')):
            raise ValueError(
                '--structure brings atoms and cell: drop --formula, --cell, --density'
            )
        atoms = _structure(args.structure)
        elements = list(dict.fromkeys(atoms.symbols))
        if len(atoms) < 2:
            raise ValueError(
                f'--structure {args.structure} holds {len(atoms)} atom(s): expected '
                'two or more'
            )
        if args.margin not in (None, math.inf) and atoms.pbc.all():
            raise ValueError(MARGIN_IN_VAIN)
        return Structure.of(atoms), elements, energy_options.sizes(args, elements)
    if args.margin not in (None, math.inf):
        raise ValueError(MARGIN_IN_VAIN)
    formula = args.formula
    if formula is None:
        usual = RandomPacking.symbols
        formula = usual.replace('W', element or 'W')
    try:
        symbols = symbols_of(formula)
    except ValueError as error:
        raise ValueError(f'--formula={formula}: {error}') from error
    elements = list(dict.fromkeys(symbols))
    if len(symbols) < 2:
        raise ValueError(f'--formula={formula} is 1 atom: expected two or more')
    sizes = energy_options.sizes(args, elements)
    return _packing(args, formula, sizes), elements, sizes


def _structure(name: str) -> Atoms:
    """Return the last configuration of a set, and print which, if it has several."""
    try:
        numbered = deque(enumerate(read_configurations(name), start=1), maxlen=1)
    except ValueError as error:
        raise ValueError(f'--structure {printable(name)}: {error}') from error
    if not numbered:
        raise ValueError(f'--structure {printable(name)} holds no configurations')
    ((number, last),) = numbered
    if number > 1:
        print(f'--structure {printable(name)}: the last of {number}, {last.name}')
    return last.atoms


def _packing(args: argparse.Namespace, formula: str, sizes: Sizes) -> RandomPacking:
    if args.cell is not None:
        if args.density is not None:
            raise ValueError('--cell and --density: expected one of them')
        return RandomPacking.of(formula, sizes, cell=tuple(args.cell))
    if args.density is not None:
        real('--density', args.density, above=0.0, most=MOST_DENSITY)
    density = args.density
    if density is None and not args.paper:
        density = usual_density(symbols_of(formula))
    return RandomPacking.of(formula, sizes, density)
