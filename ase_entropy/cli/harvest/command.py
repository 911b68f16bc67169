"""``ase-entropy harvest``."""

import argparse
import dataclasses
from typing import Any

import numpy as np
from ase import units

from ase_entropy.campaign.recipe import K_PER_ATOM
from ase_entropy.campaign.recipes import (
    DEFAULT,
    LITERAL,
    RECIPES,
    general,
)
from ase_entropy.checks import real, whole
from ase_entropy.cli.harvest import campaign_options, set_options
from ase_entropy.cli.parser import CommandParser
from ase_entropy.dynamics.motion import FRICTION, SHUFFLE_FRICTION
from ase_entropy.dynamics.quench import Ladder
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import NearestNeighborEntropy, at_order, standard_scale
from ase_entropy.sets.dataset import read_dataset
from ase_entropy.sets.sources import printable


class CLICommand:
    """Harvest configurations of high entropy into an ASE database.

    Every cycle shuffles the atoms hot, without entropy, goes down to a low minimum of
    V = E_rep - K S, and stores where it ended. With --elements, these are a part of a
    training set, beside crystals, surfaces, and atoms alone. --cycles counts the rows
    in all: the same command continues an interrupted harvest, and does nothing on a
    finished one. With --workers or --scheduler many cores share the work; the rows are
    the same.
    """

    usage = '[options]'
    examples = (
        '--elements Al --cycles 1000 --workers 4 --db al.db',
        '--formula W39 --cycles 100 --away-from md.extxyz --db w.db',
    )

    @staticmethod
    def add_arguments(parser: CommandParser) -> None:
        """Add the options."""
        add = parser.groups['entropy and energy'].add_argument
        add(
            '--k-per-atom',
            type=float,
            metavar='K',
            help='entropy scaling coefficient K at the end for each atom, in eV '
            f'(default: {K_PER_ATOM:g})',
        )
        add(
            '--k-entropy',
            type=float,
            metavar='K',
            help='the same for the whole cell, in eV (default: 1000 with --paper)',
        )
        campaign_options.add_arguments(
            parser,
            'harvest.db',
            FRICTION,
            rows=('--cycles', 10),
            shuffle=('--shuffle-steps', 'time steps of one shuffle'),
        )
        set_options.add_arguments(parser)
        add = parser.groups['entropy and energy'].add_argument
        add(
            '--scale-from',
            metavar='SET',
            help='divide descriptors by their spread in this database or file, as a '
            'rule one that "ase-entropy unbiased" has written, with a query '
            'after "@" to choose rows (default: as they are)',
        )
        add = parser.groups['cycle'].add_argument
        add(
            '--recipe',
            choices=list(RECIPES),
            help='quench: straight from the shuffle; anneal: ramp of T down and K up, '
            f'as in the paper; anneal+quench: both (default: {DEFAULT})',
        )
        add(
            '--orders',
            type=_orders,
            metavar='P,P,...',
            help='orders of the smooth entropy in the quench, "inf" for the exact one '
            f'(default: {",".join(map(str, Ladder.orders))})',
        )
        add(
            '--fmax',
            type=float,
            metavar='F',
            help='largest force at the end of a quench in eV/Angstrom '
            f'(default: {Ladder.fmax})',
        )
        add(
            '--steps',
            type=int,
            metavar='N',
            help='time steps of one ramp (default: that of the recipe, '
            f'{RECIPES[LITERAL].schedule.ramp_steps} for {LITERAL})',
        )
        add(
            '--shuffle-friction-fs',
            type=float,
            default=SHUFFLE_FRICTION * units.fs,
            metavar='G',
            help='friction during the shuffle in 1/fs (default: %(default)s)',
        )
        add(
            '--isolated',
            choices=['refuse', 'allow'],
            help='whether a cycle may end with an atom that has no neighbor (default: '
            'refuse, allow with --paper)',
        )

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        """Run the cycles that are missing."""
        whole('--cycles', args.rows, least=0)
        whole('--shuffle-steps', args.shuffle_steps, least=0)
        real('--temperature', args.temperature, least=0.0)
        for option in ('--k-entropy', '--k-per-atom'):
            value = vars(args)[option[2:].replace('-', '_')]
            if value is not None:
                real(option, value)
        real('--shuffle-friction-fs', args.shuffle_friction_fs, least=0.0)
        schedule, ladder, order = _way_down(args)

        def estimator_for(descriptor: Any) -> Any:
            estimator = NearestNeighborEntropy(scale_k=_scale(args, descriptor))
            return estimator if order == estimator.order else at_order(estimator, order)

        shares = set_options.shares(args)
        recipe = campaign_options.make_recipe(
            args,
            schedule,
            ladder,
            estimator_for,
            args.isolated or RECIPES[_name(args)].isolated,
            friction=args.friction_fs / units.fs,
            shuffle_friction=args.shuffle_friction_fs / units.fs,
        )
        if args.elements is not None:
            recipe = general(recipe, **shares)
        recipe = set_options.in_rounds(args, recipe)
        campaign_options.fill_database(args, recipe)


def _orders(text: str) -> tuple[float, ...]:
    try:
        return tuple(
            int(word) if word.strip().isdigit() else float(word)
            for word in text.split(',')
        )
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'{text!r}: expected numbers such as 2,24'
        ) from None


def _name(args: argparse.Namespace) -> str:
    """Return the name of the recipe, and let --recipe anneal be --paper."""
    if args.paper and args.recipe not in (None, LITERAL):
        raise ValueError(f'--paper is --recipe {LITERAL}: drop --recipe {args.recipe}')
    args.paper = args.paper or args.recipe == LITERAL
    return LITERAL if args.paper else args.recipe or DEFAULT


def _way_down(
    args: argparse.Namespace,
) -> tuple[AnnealSchedule, Ladder | None, float]:
    """Return schedule, ladder and order of the ramp, as the options name them."""
    name = _name(args)
    recipe = RECIPES[name]
    ramp_steps = recipe.schedule.ramp_steps
    if args.steps is not None:
        if not ramp_steps:
            raise ValueError(f'--steps is for a ramp: --recipe {name} has none')
        ramp_steps = whole('--steps', args.steps, least=2)
    if args.k_entropy is not None and args.k_per_atom is not None:
        raise ValueError('--k-entropy and --k-per-atom: expected one of them')
    k_entropy, k_per_atom = recipe.schedule.k_entropy, recipe.schedule.k_per_atom
    if args.k_entropy is not None or args.k_per_atom is not None:
        k_entropy, k_per_atom = args.k_entropy, args.k_per_atom
    schedule = AnnealSchedule(
        args.temperature, k_entropy, args.shuffle_steps, ramp_steps, k_per_atom
    )
    ladder = recipe.ladder
    for option, value in (('orders', args.orders), ('fmax', args.fmax)):
        if value is not None:
            if ladder is None:
                raise ValueError(
                    f'--{option} is for a quench: --recipe {name} has none'
                )
            ladder = dataclasses.replace(ladder, **{option: value})
    return schedule, ladder, recipe.estimator.order


def _scale(args: argparse.Namespace, descriptor: Any) -> np.ndarray | None:
    """Return the spread of these descriptors in a set."""
    if args.scale_from is None:
        return None
    campaign_options.check_outputs(args)  # before kernels are compiled for the set
    try:
        return standard_scale(read_dataset(args.scale_from, descriptor).q_ek)
    except ValueError as error:
        name = printable(args.scale_from)
        raise ValueError(f'--scale-from {name}: {error}') from error
