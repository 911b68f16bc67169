"""``ase-entropy info``."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from ase_entropy.cli.info.entropy import EntropySummary, add_entropy, refuse_unused
from ase_entropy.cli.info.harvest import HarvestSummary
from ase_entropy.cli.parser import CommandParser
from ase_entropy.sets.fitsnap_reader import is_fitsnap
from ase_entropy.sets.reading import nothing_in, open_source, read_configurations
from ase_entropy.sets.sources import Source, printable, sources_of
from ase_entropy.sets.summary import Summary, summarize
from ase_entropy.store.database import check_metadata, is_database, is_server
from ase_entropy.store.escaping import visible


class CLICommand:
    """Summarize a harvested database, or any other set.

    Of a harvest, also while a campaign writes it: rows of each stage and campaign; mean
    and spread of S, E_rep, V and the shortest pair; failures; settings in short, with
    --settings all; of many campaigns, the last five; of varied starts, tables by start
    and size. Of other sets, and with --set: elements, sizes, volumes, shortest pairs,
    groups, labels. With --entropy: the entropy of a set, and --against another one what
    each would add to the other.
    """

    usage = 'SET [options]'
    examples = ('al.db', 'md.extxyz --entropy --against al.db --json')

    @staticmethod
    def add_arguments(parser: CommandParser) -> None:
        """Add the options."""
        add = parser.groups['what'].add_argument
        add('set', metavar='SET', help='database, file, folder, ...')
        add('--set', dest='as_set', action='store_true', help='of a harvest, too')
        parser.groups['output'].add_argument(
            '--settings',
            action='store_true',
            help='of a harvest: all settings of its campaigns and rows, on many lines',
        )
        parser.groups['output'].add_argument(
            '--json',
            action='store_true',
            help='print the same numbers as JSON, those of all campaigns',
        )
        add_entropy(parser)

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        """Print the summary, or the entropy."""
        refuse_unused(args)
        summary = _summary(args)
        if args.json:
            numbers = {'set': printable(args.set), **summary.todict()}
            print(json.dumps(_plain(numbers), indent=2))
            return
        lines = summary.lines()
        if isinstance(summary, Summary):
            lines = [printable(args.set), *lines]
        text = '\n'.join(lines)
        print('\n'.join(map(visible, text.split('\n'))))


def _summary(args: argparse.Namespace) -> Any:
    if args.settings and (args.entropy or args.as_set):
        raise ValueError('--settings is for a summary of a harvest: drop it')
    if args.entropy:
        return EntropySummary.of(args)
    if not args.as_set and _is_harvest(args.set):
        return HarvestSummary(args.set, args.settings)
    if args.settings:
        raise ValueError(f'--settings is for a harvest: {printable(args.set)} is none')
    summary = summarize(read_configurations(args.set))
    if not summary.sizes:
        raise nothing_in(args.set)
    return summary


def _plain(value: Any) -> Any:
    """Return what JSON has: no arrays, and null for a number that is none."""
    if isinstance(value, dict):
        return {str(key): _plain(x) for key, x in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(x) for x in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _is_harvest(name: str) -> bool:
    """Return whether a name is that of a database of ours, or of none that is there."""
    if not is_database(name) or '@' in Path(name).name:
        return False
    if not is_server(name) and is_fitsnap(name):
        return False
    if not is_server(name) and not Path(name).expanduser().is_file():
        return not _is_set(name)  # and open_database says what is wrong
    database = open_source(Source(name if is_server(name) else Path(name).expanduser()))
    check_metadata(database)
    return database.count() == 0 or database.count('stage') > 0


def _is_set(name: str) -> bool:
    """Return whether a name is that of several files or databases."""
    try:
        return bool(sources_of(name))
    except ValueError:
        return False
