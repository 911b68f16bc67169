"""Options for the parts of the energy: descriptor, size of the atoms, repulsion."""

import argparse
import dataclasses
import json
import os
import sys
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from ase_entropy import Bispectrum
from ase_entropy.calculator import COMPONENTS, Base
from ase_entropy.checks import real, whole
from ase_entropy.chemistry import Sizes, radius
from ase_entropy.descriptors import MACE, CHGNet, DscribeDescriptor, SevenNet
from ase_entropy.sets.dataset import read_descriptor
from ase_entropy.sets.reading import read_species
from ase_entropy.sets.sizes import sizes_from
from ase_entropy.sets.sources import is_rows, printable, sources_of

__all__ = [
    'ROWS',
    'add_arguments',
    'add_descriptor',
    'base',
    'updated_descriptor',
    'descriptor',
    'descriptor_of_sets',
    'element_of',
    'is_chosen',
    'sizes',
]

ROWS = 'that of the rows, or the bispectrum for the elements'
DEFAULTS = {
    'descriptor': 'bispectrum',
    'n_max': 4,
    'l_max': 3,
    'twojmax': Bispectrum.twojmax,
    'components': COMPONENTS,
}
NETWORKS = {'chgnet': CHGNet, 'mace': MACE, 'sevennet': SevenNet}
OWN = ('twojmax', 'components', 'weights', 'radii')  # of the bispectrum
OWNERS = {  # descriptors that an option is for
    **dict.fromkeys(OWN, ['bispectrum']),
    **dict.fromkeys(('n_max', 'l_max'), ['soap']),
    'cutoff': ['bispectrum', 'soap', 'acsf'],
    'model': ['mace'],
    **dict.fromkeys(('layer', 'device'), list(NETWORKS)),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add(
        '--lengths',
        type=_numbers_of_elements,
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
    add_descriptor(parser)


def add_descriptor(parser: argparse.ArgumentParser, default: str = '') -> None:
    """Add the options of the descriptor; `default` says what none of them means."""
    add = parser.add_argument
    add(
        '--descriptor',
        choices=['bispectrum', 'soap', 'acsf', *NETWORKS],
        help='descriptor; soap and acsf are those of dscribe, chgnet, mace and '
        'sevennet features of these networks '
        f'(default: {default or DEFAULTS["descriptor"]})',
    )
    add(
        '--cutoff',
        type=float,
        metavar='R',
        help='cutoff of the descriptor in Angstrom (default: '
        f'{default or f"{Bispectrum.cutoff}, scaled"})',
    )
    for name, what in (('weights', 'weights'), ('radii', 'radii')):
        add(
            f'--{name}',
            type=_numbers_of_elements,
            metavar='W=1,Be=0.96',
            help=f'{what} of all elements in the bispectrum, as in LAMMPS',
        )
    for name, letter, what in (
        ('n_max', 'N', 'radial functions of soap'),
        ('l_max', 'L', 'largest degree of the harmonics of soap'),
        ('twojmax', 'J', 'order of the bispectrum, 0 to 8'),
        ('components', 'N', 'leading bispectrum components to use'),
    ):
        kept = default if name in OWN else ''
        add(
            f'--{name.replace("_", "-")}',
            type=int,
            metavar=letter,
            help=f'{what} (default: {kept or DEFAULTS[name]})',
        )
    add('--model', metavar='FILE', help='model of mace, a file that you trust')
    add('--layer', type=int, metavar='N', help='layer of the network, from 1')
    add('--device', metavar='cuda', help='where the network runs (default: cpu)')


def is_chosen(args: argparse.Namespace) -> bool:
    """Return whether any option of the descriptor is set."""
    names = ('descriptor', *OWNERS)
    return any(getattr(args, name) is not None for name in names)


def _numbers_of_elements(text: str) -> dict[str, float]:
    try:
        pairs = [word.split('=') for word in text.split(',')]
        numbers = {symbol.strip(): float(value) for symbol, value in pairs}
        if len(numbers) < len(pairs):
            raise ValueError('an element is there twice')
        return numbers
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'{text!r}: expected numbers of elements, such as W=1,Be=0.96'
        ) from None


def base(args: argparse.Namespace) -> Base | None:
    """Return the base that the options name."""
    if args.base is None:
        if args.base_arguments is not None:
            raise ValueError('--base-arguments is for --base: drop it')
        return None
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # workers get it, too
    try:
        return Base(args.base, json.loads(args.base_arguments or '{}'))
    except json.JSONDecodeError as error:
        raise ValueError(f'--base-arguments: expected JSON ({error})') from None


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
    if args.lengths is None and factor == 1.0:
        return found
    try:
        return found.changed(args.lengths or {}, factor)
    except ValueError as error:
        raise ValueError(f'--lengths: {error}') from error


def updated_descriptor(
    args: argparse.Namespace, known: Any, elements: list[str]
) -> Any:
    """Return the descriptor of rows with what the options say of it, all else kept."""
    if not isinstance(known, Bispectrum):
        raise ValueError(
            f'--descriptor is missing, and rows have a {type(known).__name__}: '
            'expected it with all other options of the descriptor'
        )
    _refuse_unused(args)
    if args.cutoff is not None:
        real('--cutoff', args.cutoff, above=0.0)
    names = ('cutoff', *OWN)
    given = {name: getattr(args, name) for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    if args.weights or args.radii:
        given['species'] = elements
    made = dataclasses.replace(known, **given)
    _check_named(args, elements)
    return made


def descriptor(
    args: argparse.Namespace, elements: list[str], sizes: Sizes | None = None
) -> Any:
    """Return the descriptor for atoms of these elements, of usual or given sizes."""
    args = argparse.Namespace(**vars(args))
    _refuse_unused(args)
    if args.descriptor in NETWORKS:
        return _network(args)
    for name, value in DEFAULTS.items():
        if getattr(args, name) is None:
            setattr(args, name, value)
    usual = Bispectrum.of(sizes or Sizes(tuple(elements)))
    if args.cutoff is None:
        args.cutoff = usual.cutoff
    real('--cutoff', args.cutoff, above=0.0)
    if args.descriptor == 'bispectrum':
        given = {'cutoff': args.cutoff, 'twojmax': args.twojmax}
        own = {'weights': args.weights, 'radii': args.radii}
        if any(own.values()):
            own['species'] = elements
        given |= {name: value for name, value in own.items() if value}
        _check_named(args, elements)
        return dataclasses.replace(usual, components=args.components, **given)
    if args.descriptor == 'acsf':
        from dscribe.descriptors import ACSF

        shells = np.linspace(0.5, 0.9, 5) * args.cutoff
        return DscribeDescriptor(
            ACSF(
                species=elements,
                r_cut=args.cutoff,
                g2_params=[[4.0, shell] for shell in shells],
                g4_params=[[0.05, 1, 1], [0.05, 1, -1]],
                periodic=True,
            )
        )
    from dscribe.descriptors import SOAP

    whole('--n-max', args.n_max, least=1, most=20)
    whole('--l-max', args.l_max, least=0, most=20)
    smooth = {'function': 'poly', 'r0': args.cutoff, 'c': 1, 'm': 1}
    return DscribeDescriptor(
        SOAP(
            species=elements,
            r_cut=args.cutoff,
            n_max=args.n_max,
            l_max=args.l_max,
            sigma=0.5,
            weighting=smooth,
            periodic=True,
        )
    )


def _network(args: argparse.Namespace) -> Any:
    if args.descriptor == 'mace' and args.model is None:
        raise ValueError('--descriptor mace needs --model: expected a file of MACE')
    given = {'file': args.model, 'layer': args.layer, 'device': args.device}
    given = {name: value for name, value in given.items() if value is not None}
    return NETWORKS[args.descriptor](**given)


def descriptor_of_sets(args: argparse.Namespace, sets: list[str]) -> Any:
    """Return the descriptor for all sets; None for that of their rows."""
    known = None if args.descriptor else _known_descriptor(sets)
    if known is not None and not is_chosen(args):
        return None
    elements: dict[str, None] = {}
    if known is None or args.weights or args.radii:
        for name in sets:
            elements |= dict.fromkeys(read_species(name))
    if known is not None:
        return updated_descriptor(args, known, list(elements))
    return descriptor(args, list(elements))


def _known_descriptor(sets: list[str]) -> Any:
    """Return the descriptor of the first database that has one."""
    found = (read_descriptor(s) for s in sets if is_rows(sources_of(s)[0]))
    return next((one for one in found if one is not None), None)


def _check_named(args: argparse.Namespace, elements: list[str]) -> None:
    """Raise ValueError if --weights or --radii leave out an element."""
    for name in ('weights', 'radii'):
        given = getattr(args, name)
        missing = [x for x in elements if x not in given] if given else []
        if missing:
            text = ','.join(f'{symbol}={x:g}' for symbol, x in given.items())
            raise ValueError(
                f'--{name}={text} leaves out {", ".join(missing)}: expected a number '
                f'for each of {", ".join(elements)}'
            )


def _refuse_unused(args: argparse.Namespace) -> None:
    """Raise ValueError for an option that would have no effect."""
    chosen = args.descriptor or DEFAULTS['descriptor']
    for name, owners in OWNERS.items():
        if chosen not in owners and getattr(args, name) is not None:
            option, names = name.replace('_', '-'), ' or '.join(owners)
            raise ValueError(f'--{option} is for --descriptor {names}: drop it')
