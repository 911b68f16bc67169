"""What ``ase-entropy info`` says of a harvest."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ase.db.core import Database

from ase_entropy.campaign.set_recipe import alone_in
from ase_entropy.cli.groups import RowGroups
from ase_entropy.cli.settings import settings_in, settings_of, wrapped
from ase_entropy.starts.registry import as_start
from ase_entropy.store.database import open_database, without_password
from ase_entropy.store.ledger import Campaign, campaigns
from ase_entropy.store.rows import RowKeys, read_atoms, read_keys, rows_of

__all__ = ['HarvestSummary']

STATISTICS = {
    'entropy': 'S (nats)',
    'gain': 'gain (nats)',
    'e_base': 'E_base (eV)',
    'e_rep': 'E_rep (eV)',
    'effective_energy': 'V (eV)',
    'min_distance': 'shortest (A)',
    'max_force': 'max force (eV/A)',
    'final_temperature_k': 'T at end (K)',
}
COUNTS = ('converged', 'attempts')
PERTURBED = ('rattle', 'strain', 'stretch')  # keys of rows
NOTE_ON_V = '  V drives the cells, and is no energy of a material: it is never exported'
SETTINGS = {  # keys of rows, and how they are shown
    'recipe': 'recipe {}',
    'orders': 'orders {}',
    'k_entropy': 'K {} eV',
    'temperature_k': '{} K',
    'steps': '{} steps',
    'version': 'version {}',
}
SHOWN = 5  # of campaigns, and of settings within one; the others are counted
ONE_FORMULA = ('RandomPacking', 'Structure', None)  # starts; None if unknown


@dataclass
class RowStatistics:
    """What the keys of rows of one stage and campaign say."""

    values: dict = field(default_factory=lambda: defaultdict(list))
    rows: Counter = field(default_factory=Counter)  # by their keys that are settings
    first: dict = field(default_factory=dict)  # row of each of these, its id
    quenched: list = field(default_factory=list)  # whether these rows converged
    groups: RowGroups = field(default_factory=RowGroups)

    def add(self, row: RowKeys) -> None:
        """Add a row."""
        for key in (*STATISTICS, *COUNTS):
            if isinstance(value := row.keys.get(key), (int, float)):
                self.values[key].append(value)
        at_rest = row.keys.get('orders') != 'none' and 'converged' in row.keys
        if at_rest and not set(PERTURBED).intersection(row.keys):
            self.quenched.append(row.keys['converged'])
        settings = tuple(row.keys.get(key) for key in SETTINGS)
        self.rows[settings] += 1
        self.first.setdefault(settings, row.id)
        self.groups.add(row)

    def statistics(self) -> dict[str, dict[str, float]]:
        """Return mean, spread, least and largest value of the keys that rows have."""
        found = {}
        for key in STATISTICS:
            x = np.array(self.values[key], float)
            x = x[np.isfinite(x)]  # a single atom has no shortest pair
            if len(x):  # else rows not written by us
                spread = x.std(ddof=1) if len(x) > 1 else np.nan
                numbers = x.mean(), spread, x.min(), x.max()
                names = ('mean', 'spread', 'min', 'max')
                found[key] = dict(zip(names, numbers, strict=True))
        return found

    def todict(self) -> dict[str, Any]:
        """Return all numbers, by names that stay."""
        converged = self.values['converged']
        return {
            'rows': self.rows.total(),
            'statistics': self.statistics(),
            'converged': np.mean(converged) if converged else None,
            'repeated': self.repeated,
            **self.groups.todict(),
        }

    @property
    def repeated(self) -> int:
        """Failed and repeated cycles."""
        return sum(attempts - 1 for attempts in self.values['attempts'])

    def lines(self) -> list[str]:
        """Return the table of keys."""
        lines = [f'  {"":16} {"mean":>10} {"spread":>10} {"min":>10} {"max":>10}']
        for key, x in self.statistics().items():
            if key == 'final_temperature_k' and x['min'] == x['max'] == 0.0:
                continue  # quenched
            lines.append(
                f'  {STATISTICS[key]:16} {x["mean"]:10.4g} {x["spread"]:10.3g} '
                f'{x["min"]:10.4g} {x["max"]:10.4g}'
            )
        if self.values['effective_energy']:
            lines.append(NOTE_ON_V)
        if self.quenched:
            lines.append(
                f'  quenched, not perturbed afterwards: {len(self.quenched)} rows, of '
                f'which {sum(self.quenched)} converged'
            )
        return [*lines, f'  repeated cycles: {self.repeated}']


class HarvestSummary:
    """Rows of each stage and campaign of a database, and its ledger.

    Parameters
    ----------
    name : str
        The database.
    settings : bool
        Whether lines have all settings, not only some in short.

    Raises
    ------
    ValueError
        It cannot be read.
    """

    def __init__(self, name: str, settings: bool = False) -> None:
        self.name, self.settings = without_password(name), settings
        self.database = open_database(name, must_exist=True)
        self.found: dict[tuple, RowStatistics] = defaultdict(RowStatistics)
        self.number_of: Counter = Counter()
        for row in read_keys(self.database):
            number = row.keys.get('campaign')
            self.found[row.keys.get('stage'), number].add(row)
            self.number_of[number] += 1
        self.known = campaigns(self.database)
        self.wholes = sorted(self.found, key=_place)

    def todict(self) -> dict[str, Any]:
        """Return the numbers of all campaigns."""
        self._measure(self.wholes)
        return {
            'kind': 'harvest',
            'rows': self.number_of.total(),
            'campaigns': [
                {
                    'campaign': campaign.number,
                    'stage': campaign.stage,
                    'rows': self.number_of[campaign.number],
                    'cycles': campaign.cycles,
                    'seed': campaign.seed,
                    'chain': campaign.chain,
                    'lost_chains': campaign.failures,
                    'growth': campaign.growth,
                    'recipe': campaign.recipe,
                }
                for campaign in self.known
            ],
            'groups': [
                {
                    'stage': stage,
                    'campaign': number,
                    **self.found[stage, number].todict(),
                }
                for stage, number in self.wholes
            ],
        }

    def lines(self) -> list[str]:
        """Return lines on the last campaigns; the others are counted."""
        lines = [f'{self.name}: {self.number_of.total()} rows']
        lines += _rest(len(self.known), 'earlier campaigns')
        for campaign in self.known[-SHOWN:]:
            lines += _lines_of_campaign(campaign, self.number_of[campaign.number])
        if hidden := sum(self.found[x].rows.total() for x in self.wholes[:-SHOWN]):
            lines.append(f'rows of earlier campaigns that are not shown: {hidden}')
        shown = self.wholes[-SHOWN:]
        self._measure(shown)
        ledger = {
            (campaign.stage, campaign.number): campaign for campaign in self.known
        }
        for stage, number in shown:
            found = self.found[stage, number]
            of_campaign = '' if number is None else f', campaign {number}'
            lines += ['', f'{stage}{of_campaign}: {found.rows.total()} rows']
            lines += [*found.lines(), *found.groups.lines()]
            campaign = ledger.get((stage, number))
            if not self.settings:
                lines += _in_short(campaign, found)
            elif campaign is not None and _is_alike(campaign, found):
                (recipe, *_), *_ = found.rows
                settings = settings_of(campaign, recipe)
                lines.append(f'  settings of the campaign:\n    {settings}')
            else:
                lines += _settings(self.database, found)
        return lines

    def _measure(self, wholes: list[tuple]) -> None:
        """Measure the atoms of rows that name their start."""
        groups = [self.found[whole].groups for whole in wholes]
        if any(x.starts for x in groups):
            for i, atoms in read_atoms(self.database):
                for x in groups:
                    x.measure(i, atoms)


def _place(whole: tuple) -> tuple:
    stage, number = whole
    return number if isinstance(number, (int, float)) else -1, str(whole)


def _rest(total: int, what: str) -> list[str]:
    return [f'{what} that are not shown: {total - SHOWN}'] if total > SHOWN else []


def _lines_of_campaign(campaign: Campaign, rows: int) -> list[str]:
    lost = ', '.join(f'{n} x {kind}' for kind, n in campaign.failures.items())
    lines = [
        f'campaign {campaign.number} ({campaign.stage}): {rows} of {campaign.cycles} '
        f'rows, seed {campaign.seed}, chain {campaign.chain}, '
        f'lost chains: {lost or "none"}'
    ]
    if once := campaign.recipe.get('once'):
        alone = as_start('once', once['start'])
        words = alone_in(campaign.cycles, len(alone)).split('; ')
        lines += [f'  {alone.formula}: {words[0]}', *(f'    {x}' for x in words[1:])]
    if campaign.growth:
        (few, low), (many, high) = campaign.growth[0], campaign.growth[-1]
        lines.append(
            f'  S of the set: {high:.3f} nats after {many} cycles, {low:.3f} after '
            f'{few}'
        )
    return lines


def _in_short(campaign: Campaign | None, found: RowStatistics) -> list[str]:
    """Return the settings that the keys of rows hold, one after the other."""
    values = {
        key: sorted({x[i] for x in found.rows if x[i] is not None}, key=_number_first)
        for i, key in enumerate(SETTINGS)
    }
    words = [SETTINGS[key].format(_range(x)) for key, x in values.items() if x]
    lines = [f'settings: {", ".join(words) or "none stored"}']
    if campaign is not None and campaign.sizes:
        lines.append(f'sizes: {campaign.sizes}')
    return [f'  {wrapped(line)}' for line in lines] + ['  all settings: --settings']


def _number_first(value: Any) -> tuple:
    is_number = isinstance(value, (int, float))
    return not is_number, value if is_number else str(value)


def _range(values: list) -> str:
    """Return the ends of some numbers, or some words."""
    if len(values) > 1 and all(isinstance(x, (int, float)) for x in values):
        values = [f'{values[0]:g} to {values[-1]:g}']
    shown = [f'{x:g}' if isinstance(x, float) else str(x) for x in values[:SHOWN]]
    return ' and '.join(shown) + (' and others' if len(values) > SHOWN else '')


def _settings(database: Database, found: RowStatistics) -> list[str]:
    """Return settings as rows have them: one row for all with the same keys."""
    lines = []
    for settings, number in found.rows.most_common(SHOWN):
        (row,) = rows_of(database, [found.first[settings]])
        alike = '' if number == 1 else f' with the same keys, as row {row.id} has them'
        lines.append(f'  settings of {number} rows{alike}:\n    {settings_in(row)}')
    return lines + _rest(len(found.rows), '  other settings')


def _is_alike(campaign: Campaign, found: RowStatistics) -> bool:
    """Return whether the settings of a campaign say all of its rows.

    Those of starts that differ from walker to walker have other formulas, and other K.
    """
    start = campaign.recipe.get('start', {})
    several = len(found.rows) > 1 and 'parts' not in campaign.recipe
    return not several or start.get('name') not in ONE_FORMULA
