"""``ase-entropy info``."""

import argparse
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from ase.db.core import Database

from ase_entropy.cli.errors import one_sentence
from ase_entropy.cli.groups import RowGroups
from ase_entropy.cli.info.entropy import add_entropy, print_entropy, refuse_unused
from ase_entropy.cli.settings import settings_in, settings_of
from ase_entropy.sets.fitsnap_reader import is_fitsnap
from ase_entropy.sets.reading import nothing_in, open_source, read_configurations
from ase_entropy.sets.sources import Source, printable, sources_of
from ase_entropy.sets.summary import summarize
from ase_entropy.store.database import (
    check_metadata,
    is_database,
    is_server,
    open_database,
    without_password,
)
from ase_entropy.store.escaping import visible
from ase_entropy.store.ledger import Campaign, campaigns
from ase_entropy.store.rows import RowKeys, read_atoms, read_keys, rows_of

STATISTICS = {
    'entropy': 'S (nats)',
    'e_base': 'E_base (eV)',
    'e_rep': 'E_rep (eV)',
    'effective_energy': 'V (eV), no label',
    'min_distance': 'shortest (A)',
    'max_force': 'max force (eV/A)',
    'final_temperature_k': 'T at end (K)',
}
COUNTS = ('converged', 'attempts')
SETTINGS = ('recipe', 'orders', 'k_entropy', 'temperature_k', 'steps', 'version')
SHOWN = 5  # of campaigns, and of settings within one; the others are counted
ONE_FORMULA = ('RandomPacking', 'Structure', None)  # starts; None if unknown


@dataclass
class RowStatistics:
    """What the keys of rows of one stage and campaign say."""

    values: dict = field(default_factory=lambda: defaultdict(list))
    rows: Counter = field(default_factory=Counter)  # by their keys that are settings
    first: dict = field(default_factory=dict)  # row of each of these, its id
    groups: RowGroups = field(default_factory=RowGroups)

    def add(self, row: RowKeys) -> None:
        """Add a row."""
        for key in (*STATISTICS, *COUNTS):
            if isinstance(value := row.keys.get(key), (int, float)):
                self.values[key].append(value)
        settings = tuple(row.keys.get(key) for key in SETTINGS)
        self.rows[settings] += 1
        self.first.setdefault(settings, row.id)
        self.groups.add(row)


class CLICommand:
    """Summarize a harvested database, or any other set.

    Of a harvest, also while a campaign writes it: rows of each stage and campaign; mean
    and spread of S, E_rep, V and the shortest pair; failures; settings; of many
    campaigns, the last five; of varied starts, tables by start and size. Of other sets,
    and with --set: elements, sizes, volumes, shortest pairs, groups, labels. With
    --entropy: the entropy of a set, and --against another one what that would add.
    """

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options."""
        add = parser.add_argument
        add('set', metavar='SET', help='database, file, folder, ...')
        add('--set', dest='as_set', action='store_true', help='of a harvest, too')
        add_entropy(parser)

    @staticmethod
    @one_sentence
    def run(args: argparse.Namespace) -> None:
        """Print the summary, or the entropy."""
        refuse_unused(args)
        if args.entropy:
            print_entropy(args)
            return
        if args.as_set or not _is_harvest(args.set):
            summary = summarize(read_configurations(args.set))
            if not summary.sizes:
                raise nothing_in(args.set)
            _print('\n'.join([printable(args.set), *summary.lines()]))
            return
        database = open_database(args.set, must_exist=True)
        found: dict[tuple, RowStatistics] = defaultdict(RowStatistics)
        number_of: Counter = Counter()
        for row in read_keys(database):
            number = row.keys.get('campaign')
            found[row.keys.get('stage'), number].add(row)
            number_of[number] += 1
        known = campaigns(database)
        _print(f'{without_password(args.set)}: {number_of.total()} rows')
        _print_rest(len(known), 'earlier campaigns')
        for campaign in known[-SHOWN:]:
            _print_campaign(campaign, number_of[campaign.number])
        ledger = {(campaign.stage, campaign.number): campaign for campaign in known}
        wholes = sorted(found, key=_place)
        if hidden := sum(found[whole].rows.total() for whole in wholes[:-SHOWN]):
            _print(f'rows of earlier campaigns that are not shown: {hidden}')
        shown = {whole: found[whole].groups for whole in wholes[-SHOWN:]}
        if any(groups.starts for groups in shown.values()):
            for i, atoms in read_atoms(database):
                for groups in shown.values():
                    groups.measure(i, atoms)
        for whole, groups in shown.items():
            _print_rows(whole, found[whole])
            _print('\n'.join(groups.lines()))
            if whole in ledger and _is_alike(ledger[whole], found[whole]):
                (recipe, *_), *_ = found[whole].rows
                settings = settings_of(ledger[whole], recipe)
                _print(f'  settings of the campaign:\n    {settings}')
            else:
                _print_settings(database, found[whole])


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


def _place(whole: tuple) -> tuple:
    stage, number = whole
    return number if isinstance(number, (int, float)) else -1, str(whole)


def _print_rest(total: int, what: str) -> None:
    if total > SHOWN:
        _print(f'{what} that are not shown: {total - SHOWN}')


def _print_campaign(campaign: Campaign, rows: int) -> None:
    lost = ', '.join(f'{n} x {kind}' for kind, n in campaign.failures.items())
    line = (
        f'campaign {campaign.number} ({campaign.stage}): {rows} of {campaign.cycles} '
        f'rows, seed {campaign.seed}, chain {campaign.chain}, '
        f'lost chains: {lost or "none"}'
    )
    _print(line)
    if campaign.growth:
        (few, low), (many, high) = campaign.growth[0], campaign.growth[-1]
        _print(
            f'  S of the set: {high:.3f} nats after {many} cycles, {low:.3f} after '
            f'{few}'
        )


def _print_rows(whole: tuple, found: RowStatistics) -> None:
    stage, number = whole
    of_campaign = '' if number is None else f', campaign {number}'
    _print(f'\n{stage}{of_campaign}: {found.rows.total()} rows')
    _print(f'  {"":16} {"mean":>10} {"spread":>10} {"min":>10} {"max":>10}')
    for key, label in STATISTICS.items():
        x = np.array(found.values[key], float)
        x = x[np.isfinite(x)]  # a single atom has no shortest pair
        if len(x) == 0:
            continue  # rows not written by us
        spread = x.std(ddof=1) if len(x) > 1 else np.nan
        _print(
            f'  {label:16} {x.mean():10.4g} {spread:10.3g} {x.min():10.4g} '
            f'{x.max():10.4g}'
        )
    if found.values['converged']:
        _print(f'  converged: {np.mean(found.values["converged"]):.1%}')
    repeated = sum(attempts - 1 for attempts in found.values['attempts'])
    _print(f'  failed and repeated cycles: {repeated}')


def _print_settings(database: Database, found: RowStatistics) -> None:
    """Print settings as rows have them: one row for all with the same keys."""
    for settings, number in found.rows.most_common(SHOWN):
        (row,) = rows_of(database, [found.first[settings]])
        alike = '' if number == 1 else f' with the same keys, as row {row.id} has them'
        _print(f'  settings of {number} rows{alike}:\n    {settings_in(row)}')
    _print_rest(len(found.rows), '  other settings')


def _is_alike(campaign: Campaign, found: RowStatistics) -> bool:
    """Return whether the settings of a campaign say all of its rows.

    Those of starts that differ from walker to walker have other formulas, and other K.
    """
    start = campaign.recipe.get('start', {})
    several = len(found.rows) > 1 and 'parts' not in campaign.recipe
    return not several or start.get('name') not in ONE_FORMULA


def _print(text: str) -> None:
    """Print text from files without control characters."""
    print('\n'.join(map(visible, text.split('\n'))))
