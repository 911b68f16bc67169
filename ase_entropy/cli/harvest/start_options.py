"""Options for where walkers start: packings or a structure, densities, a wall."""

import argparse
import math
import re
from collections import deque
from typing import Any

from ase import Atoms

from ase_entropy.campaign.recipe import MARGIN
from ase_entropy.checks import real
from ase_entropy.chemistry import Sizes
from ase_entropy.cli import energy_options
from ase_entropy.cli.harvest.element_names import check_elements
from ase_entropy.cli.parser import CommandParser
from ase_entropy.sets.reading import read_configurations
from ase_entropy.sets.sources import printable
from ase_entropy.starts import RandomPacking, Structure, VariedPacking
from ase_entropy.starts.amounts import MOST_ATOMS, check_range
from ase_entropy.starts.packing import (
    DENSITY,
    MOST_DENSITY,
    paper_density,
    symbols_of,
    usual_density,
)

__all__ = ['add_arguments', 'margin', 'start']

MARGIN_IN_VAIN = '--margin is for a --structure that is not periodic: drop it'


def add_arguments(parser: CommandParser) -> None:
    """Add the options."""
    add, add_shape = (
        parser.groups[title].add_argument for title in ('what', 'size and shape')
    )
    add(
        '--elements',
        type=_words,
        metavar='X,Y',
        help='random packings of these elements that differ in size, density, shape '
        'and composition, another for each walker',
    )
    add_shape(
        '--atoms',
        type=_range,
        metavar='N-M',
        help='with --elements: numbers of atoms, or one number (default: '
        f'{"-".join(map(str, VariedPacking.size))})',
    )
    add(
        '--composition',
        type=_composition,
        metavar='F',
        help='with --elements: a formula whose units all keep, such as TiO2, or '
        'ranges of fractions, such as Al=0.2-0.5 (default: any)',
    )
    add(
        '--formula',
        metavar='F',
        help=f'atoms of one random packing (default: {RandomPacking.symbols})',
    )
    add_shape(
        '--cell',
        nargs=3,
        type=float,
        metavar=('A', 'B', 'C'),
        help='with --formula: its cell in Angstrom (default: 2:2:3, by the density)',
    )
    add_shape(
        '--density',
        type=_range,
        metavar='D',
        help='density, in units of that of the elements by themselves (default: '
        f'{DENSITY}, up to 1 for open crystals; {paper_density():.2f} with '
        '--paper); or with --elements a range of densities (default: '
        f'{"-".join(map(str, VariedPacking.density))})',
    )
    add(
        '--structure',
        metavar='FILE',
        help='start from this file instead: any that ASE reads',
    )
    add_shape(
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
    if args.elements is not None:
        return _varied(args)
    for name in ('atoms', 'composition'):
        if vars(args)[name] is not None:
            raise ValueError(f'--{name} is for --elements: drop it')
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
        if element is None and not args.paper:
            print(
                f'{formula}, tungsten as in the paper: --elements Al makes a set of '
                'another element'
            )
    try:
        symbols = symbols_of(formula)
    except ValueError as error:
        raise ValueError(f'--formula={formula}: {error}') from error
    elements = list(dict.fromkeys(symbols))
    if len(symbols) < 2:
        raise ValueError(f'--formula={formula} is 1 atom: expected two or more')
    sizes = energy_options.sizes(args, elements)
    return _packing(args, formula, sizes), elements, sizes


def _varied(args: argparse.Namespace) -> tuple[VariedPacking, list[str], Sizes]:
    """Return packings of many kinds, their elements and sizes."""
    for name in ('formula', 'structure', 'cell', 'margin'):
        if vars(args)[name] is not None:
            raise ValueError(f'--elements and --{name}: drop one of them')
    if args.paper:
        raise ValueError(
            '--paper, or --recipe anneal, is for one cell: drop it, or --elements'
        )
    if energy_options.element_of(args) is not None:
        raise ValueError(
            f'--scale {args.scale} and --elements: drop one, or give a number'
        )
    given = {}
    if args.atoms is not None:
        check_range('--atoms', args.atoms, least=1, most=MOST_ATOMS)
        if any(n != int(n) for n in args.atoms):
            raise ValueError(f'--atoms={args.atoms}: expected whole numbers')
        given['size'] = tuple(int(n) for n in args.atoms)
    if args.density is not None:
        given['density'] = _density(args)
    if args.composition is not None:
        given['composition'] = args.composition
    check_elements(args.elements)
    sizes = energy_options.sizes(args, args.elements)
    try:
        start = VariedPacking(args.elements, **given, sizes=sizes)
    except ValueError as error:  # all else is checked
        raise ValueError(f'--composition: {error}') from error
    return start, args.elements, sizes


def _density(args: argparse.Namespace) -> tuple[float, float]:
    """Return the densities, both ends of their range."""
    try:
        return check_range('--density', args.density, above=0.0, most=MOST_DENSITY)
    except ValueError as error:
        raise ValueError(
            f'{error}; it is relative to the density of the elements by themselves: '
            '1 is that of their crystals'
        ) from error


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(',')]


def _range(text: str) -> tuple[float, float]:
    """Return both ends of a range such as 2-40, or one number twice."""
    match = re.fullmatch(r'(.*\d)-(.*)', text)
    low, high = match.groups() if match else (text, text)
    try:
        return float(low), float(high)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'{text!r}: expected a number, or two such as 0.5-1.35'
        ) from None


def _composition(text: str) -> str | dict[str, tuple[float, float]]:
    """Return a formula, or ranges of fractions."""
    if '=' not in text:
        return text
    parts = [word.partition('=') for word in text.split(',')]
    ranges = {symbol.strip(): _range(numbers) for symbol, _, numbers in parts}
    if len(ranges) < len(parts):
        raise argparse.ArgumentTypeError(f'{text!r}: expected each element once')
    return ranges


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
    density = None
    if args.density is not None:
        density, high = _density(args)
        if density != high:
            raise ValueError(
                f'--density={density:g}-{high:g}: ranges are for --elements, expected '
                'one number'
            )
    if density is None and not args.paper:
        density = usual_density(symbols_of(formula))
    return RandomPacking.of(formula, sizes, density)
