"""Options for sets: what they are made of, and what they shall add to others."""

import argparse
import dataclasses
from pathlib import Path

from ase_entropy.calculator import COMPONENTS
from ase_entropy.campaign.growth import Growth
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.campaign.recipes import SHARES
from ase_entropy.campaign.set_recipe import SetRecipe
from ase_entropy.checks import real, whole
from ase_entropy.cli.harvest import campaign_options
from ase_entropy.cli.parser import CommandParser
from ase_entropy.descriptors import Bispectrum
from ase_entropy.sets.reading import read_configurations
from ase_entropy.sets.selection.bounds import count_alone
from ase_entropy.sets.sources import printable, sources_of
from ase_entropy.store.servers import is_server

__all__ = ['add_arguments', 'in_rounds', 'shares']


def add_arguments(parser: CommandParser) -> None:
    """Add the options."""
    add = parser.groups['what'].add_argument
    for name, what in (
        ('crystals', 'random crystals of all space groups'),
        ('prototypes', 'common crystals such as fcc and NaCl'),
        ('surfaces', 'slabs and clusters'),
    ):
        add(
            f'--{name}',
            type=float,
            metavar='X',
            help=f'with --elements: share of {what} (default: {SHARES[name]:g})',
        )
    add(
        '--isolated-atoms',
        choices=['yes', 'no'],
        help='with --elements: whether there are single atoms and dimers, which '
        'trainers want (default: yes)',
    )
    add = parser.groups['entropy and energy'].add_argument
    add(
        '--away-from',
        metavar='SET',
        help='a set that is there already, which the new one shall add to: any file '
        'or database',
    )
    add(
        '--least-gain',
        type=float,
        metavar='G',
        help='repeat cycles that add less to the set so far, in nats: 0 is as '
        'much as the set itself would (default: accept all)',
    )
    add(
        '--round',
        type=int,
        metavar='N',
        help='cycles that see the same set so far, with --away-from or '
        f'--least-gain (default: {Growth.round_cycles})',
    )


def shares(args: argparse.Namespace) -> dict:
    """Return which crystals and atoms there shall be, as far as options say it."""
    shares = {}
    for name in (*SHARES, 'isolated_atoms'):
        value = vars(args)[name]
        if value is None:
            continue
        option = f'--{name.replace("_", "-")}'
        if args.elements is None:
            raise ValueError(f'{option} is for --elements: drop it')
        if name == 'isolated_atoms':
            shares[name] = value == 'yes'
        else:
            shares[name] = real(option, value, least=0.0, most=1.0)
    return shares


def _growth(args: argparse.Namespace, recipe: Recipe | SetRecipe) -> Growth | None:
    """Return how cycles look at the set so far, if they do."""
    if args.round is not None:
        whole('--round', args.round, least=1)
    if args.least_gain is not None:
        real('--least-gain', args.least_gain)
    if args.away_from is None and args.least_gain is None:
        if args.round is not None:
            raise ValueError('--round is for --away-from or --least-gain: drop it')
        return None
    for option, given in (('--chain', args.chain != 1), ('--paper', args.paper)):
        if given:
            raise ValueError(f'{option} and --least-gain or --away-from: drop {option}')
    sizes = recipe.sizes
    growth = Growth(
        Bispectrum.of(sizes, components=COMPONENTS), least_gain=args.least_gain
    )
    if args.round is not None:
        growth = dataclasses.replace(growth, round_cycles=args.round)
    return growth


def _away(args: argparse.Namespace, recipe: SetRecipe) -> SetRecipe:
    """Return the recipe that knows the set of --away-from."""
    sizes, name = recipe.sizes, printable(args.away_from)
    campaign_options.check_outputs(args)  # before kernels are compiled for the set
    try:
        _check_another(args)
        every = [found.atoms for found in read_configurations(args.away_from)]
        growth = recipe.growth.from_set(every, sizes.species)
    except ValueError as error:
        raise ValueError(f'--away-from {name}: {error}') from error
    other = sum(not set(atoms.symbols) <= set(sizes.species) for atoms in every)
    if other:
        print(
            f'--away-from {name}: {other} of {len(every)} configurations have other '
            'elements, and are left out'
        )
    alone = {str(atoms.symbols) for atoms in every if count_alone(atoms) == 1}
    known = [x for x in sizes.species if x in alone]
    if not (known and recipe.once):
        return dataclasses.replace(recipe, growth=growth)
    print(
        f'--away-from {name}: has isolated atoms of {", ".join(known)}, which are not '
        'made again'
    )
    start = dataclasses.replace(recipe.once.start, without=known)
    once = dataclasses.replace(recipe.once, start=start)
    return dataclasses.replace(recipe, growth=growth, once=once)


def _check_another(args: argparse.Namespace) -> None:
    """Raise ValueError if a set to be away from would grow by the rows."""

    def full(name: Path | str) -> Path | str:
        return name if is_server(name) else Path(name).expanduser().resolve()

    for source in sources_of(args.away_from):
        if source.choice is None and full(source.path) == full(args.db):
            raise ValueError(
                'is the database that is written: expected another one, or rows that '
                f'are there already, such as {printable(args.db)}@campaign=0'
            )


def in_rounds(
    args: argparse.Namespace, recipe: Recipe | SetRecipe
) -> Recipe | SetRecipe:
    """Return the recipe that sees the set so far, if options say so."""
    growth = _growth(args, recipe)
    if growth is None:
        return recipe
    if isinstance(recipe, Recipe):
        recipe = SetRecipe([(1.0, recipe)])
    recipe = dataclasses.replace(recipe, growth=growth)
    return recipe if args.away_from is None else _away(args, recipe)
