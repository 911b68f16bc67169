"""Options of the descriptor: which one, and its parameters."""

import argparse
import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from ase_entropy import Bispectrum
from ase_entropy.calculator import COMPONENTS
from ase_entropy.checks import real, whole
from ase_entropy.chemistry import Sizes
from ase_entropy.descriptors import MACE, CHGNet, DscribeDescriptor, SevenNet
from ase_entropy.sets.dataset import read_descriptor
from ase_entropy.sets.reading import read_species
from ase_entropy.sets.sources import is_rows, sources_of

__all__ = [
    'ROWS',
    'add_arguments',
    'descriptor',
    'descriptor_of_sets',
    'is_chosen',
    'numbers_of_elements',
    'updated_descriptor',
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


def add_arguments(
    parser: argparse.ArgumentParser, default: str | Mapping[str, str] = ''
) -> None:
    """Add the options of the descriptor.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Or a group of it.
    default : str or dict
        What none of the options means; or the default of each, if not the usual one.
    """
    if isinstance(default, str):
        default = dict.fromkeys(('descriptor', 'cutoff', *OWN), default)
    usual = {**DEFAULTS, 'cutoff': f'{Bispectrum.cutoff}, scaled'}
    usual |= {name: text for name, text in default.items() if text}
    add = parser.add_argument
    add(
        '--descriptor',
        choices=['bispectrum', 'soap', 'acsf', *NETWORKS],
        help='descriptor; soap and acsf are those of dscribe, chgnet, mace and '
        'sevennet features of these networks '
        f'(default: {usual["descriptor"]})',
    )
    add(
        '--cutoff',
        type=float,
        metavar='R',
        help=f'cutoff of the descriptor in Angstrom (default: {usual["cutoff"]})',
    )
    for name, what in (('weights', 'weights'), ('radii', 'radii')):
        add(
            f'--{name}',
            type=numbers_of_elements,
            metavar='W=1,Be=0.96',
            help=f'{what} of all elements in the bispectrum, as in LAMMPS',
        )
    for name, letter, what in (
        ('n_max', 'N', 'radial functions of soap'),
        ('l_max', 'L', 'largest degree of the harmonics of soap'),
        ('twojmax', 'J', 'order of the bispectrum, 0 to 8'),
        ('components', 'N', 'leading bispectrum components to use'),
    ):
        add(
            f'--{name.replace("_", "-")}',
            type=int,
            metavar=letter,
            help=f'{what} (default: {usual[name]})',
        )
    add('--model', metavar='FILE', help='model of mace, a file that you trust')
    add('--layer', type=int, metavar='N', help='layer of the network, from 1')
    add('--device', metavar='cuda', help='where the network runs (default: cpu)')


def is_chosen(args: argparse.Namespace) -> bool:
    """Return whether any option of the descriptor is set."""
    names = ('descriptor', *OWNERS)
    return any(getattr(args, name) is not None for name in names)


def numbers_of_elements(text: str) -> dict[str, float]:
    """Return numbers by element: ``W=1,Be=0.96``."""
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
