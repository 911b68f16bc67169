"""Options for the parts of the energy: size of the atoms, base, descriptor."""

import argparse
import os
import sys

from ase.data import chemical_symbols

from ase_entropy.calculator import Base
from ase_entropy.checks import real
from ase_entropy.chemistry import Sizes, radius
from ase_entropy.cli import descriptor_options
from ase_entropy.cli.parser import CommandParser, json_dictionary
from ase_entropy.sets.sizes import sizes_from
from ase_entropy.sets.sources import printable

__all__ = ['add_arguments', 'base', 'element_of', 'sizes']

ODD = 2.0  # factor between usual distances of neighbors and odd ones


def add_arguments(parser: CommandParser) -> None:
    """Add the options."""
    add = parser.groups['size and shape'].add_argument
    add(
        '--lengths',
        type=descriptor_options.numbers_of_elements,
        metavar='Al=2.86,Ni-Al=2.5',
        help='distances of nearest neighbors in Angstrom, of elements or pairs; all '
        'lengths follow from them (default: those of the reference states)',
    )
    add(
        '--lengths-from',
        metavar='SET',
        help='take distances and volumes from this set: a database, file, folder, ...',
    )
    add(
        '--scale',
        metavar='S',
        help='factor for all lengths; or an element: its atoms instead of tungsten',
    )
    add = parser.groups['entropy and energy'].add_argument
    add(
        '--per-element',
        action='store_true',
        help='compare the atoms of each element among their own, not all together',
    )
    add(
        '--base',
        metavar='MODULE:FACTORY',
        help='class or function of an ASE calculator whose energy is added to V, such '
        'as ase.calculators.emt:EMT; modules may be in this folder',
    )
    add('--base-arguments', metavar='JSON', help='keyword arguments for --base')
    descriptor_options.add_arguments(parser.groups['descriptor'])


def base(args: argparse.Namespace) -> Base | None:
    """Return the base that the options name."""
    if args.base is None:
        if args.base_arguments is not None:
            raise ValueError('--base-arguments is for --base: drop it')
        return None
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # workers get it, too
    text = args.base_arguments or '{}'
    return Base(args.base, json_dictionary('--base-arguments', text))


def element_of(args: argparse.Namespace) -> str | None:
    """Return the element that --scale names, if it names one."""
    return args.scale if args.scale in chemical_symbols[1:] else None


def sizes(args: argparse.Namespace, elements: list[str]) -> Sizes:
    """Return the sizes of atoms: those of a set, of the options, or usual ones."""
    found = Sizes(tuple(elements))
    if args.lengths_from is not None:
        try:
            found = sizes_from(args.lengths_from, elements)
        except ValueError as error:
            name = printable(args.lengths_from)
            raise ValueError(f'--lengths-from {name}: {error}') from error
    factor = 1.0
    if args.scale is not None and element_of(args) is None:
        try:
            factor = float(args.scale)
        except ValueError:
            radius('element', args.scale)  # raises
        factor = real('--scale', factor, least=0.01, most=100.0)
    try:
        if args.lengths is not None or factor != 1.0:
            found = found.changed(args.lengths or {}, factor)
    except ValueError as error:
        raise ValueError(f'--lengths: {error}') from error
    _warn_of_odd_lengths(found)
    return found


def _warn_of_odd_lengths(sizes: Sizes) -> None:
    """Print which distances of neighbors are far from the usual ones."""
    usual = Sizes(sizes.species).pairs()
    odd = [
        f'{pair} {distance:.3g} A (usual: {usual[pair]:.3g} A)'
        for pair, distance in sizes.pairs().items()
        if not usual[pair] / ODD <= distance <= usual[pair] * ODD
    ]
    if odd:
        print(
            f'warning: odd distances of neighbors: {", ".join(odd)}; lengths are in '
            'Angstrom, all cells and cutoffs follow from them'
        )
