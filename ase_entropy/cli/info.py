"""``ase-entropy info``."""

import argparse
from collections import Counter, defaultdict
from typing import Any

import numpy as np
from ase import units

from ase_entropy.cli.errors import one_sentence
from ase_entropy.store.database import open_database, without_password
from ase_entropy.store.escaping import visible
from ase_entropy.store.ledger import Campaign, campaigns
from ase_entropy.store.rows import ordered_ids, rows_of

STATISTICS = {
    'entropy': 'S (nats)',
    'e_rep': 'E_rep (eV)',
    'min_distance': 'shortest (A)',
    'fmax': 'fmax (eV/A)',
    'final_temperature_k': 'T at end (K)',
}
COUNTS = ('converged', 'attempts')


class CLICommand:
    """Summarize a harvested database, also while a campaign writes it.

    Rows of each stage and campaign; mean and spread of S, E_rep and the shortest pair;
    failures; settings.
    """

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument('db', help='database that harvest or unbiased has written')

    @staticmethod
    @one_sentence
    def run(args: argparse.Namespace) -> None:
        """Print the summary."""
        database = open_database(args.db, must_exist=True)
        values: dict[tuple, dict[str, list]] = defaultdict(lambda: defaultdict(list))
        settings: dict[tuple, Counter] = defaultdict(Counter)
        number_of: Counter = Counter()
        ids = ordered_ids(database) if database.count() else []
        for row in rows_of(database, ids):
            for key in (*STATISTICS, *COUNTS):
                if isinstance(value := row.get(key), (int, float)):
                    values[row.stage, row.get('campaign')][key].append(value)
            settings[row.stage, row.get('campaign')][_settings(row)] += 1
            number_of[row.get('campaign')] += 1
        print(visible(f'{without_password(args.db)}: {number_of.total()} rows'))
        for campaign in campaigns(database):
            _print_campaign(campaign, number_of[campaign.number])
        for stage, number in sorted(settings, key=str):
            of_campaign = '' if number is None else f', campaign {number}'
            own = stage, number
            _print_rows(f'{stage}{of_campaign}', values[own], settings[own])


def _print_campaign(campaign: Campaign, rows: int) -> None:
    lost = ', '.join(f'{n} x {kind}' for kind, n in campaign.failures.items())
    line = (
        f'campaign {campaign.number} ({campaign.stage}): {rows} of {campaign.cycles} '
        f'rows, seed {campaign.seed}, chain {campaign.chain}, '
        f'lost chains: {lost or "none"}'
    )
    print(visible(line))


def _print_rows(whose: str, values: dict[str, list], settings: Counter) -> None:
    print(f'\n{visible(whose)}: {settings.total()} rows')
    print(f'  {"":16} {"mean":>10} {"spread":>10} {"min":>10} {"max":>10}')
    for key, label in STATISTICS.items():
        x = np.array(values[key])
        if len(x) == 0:
            continue  # rows not written by us
        spread = x.std(ddof=1) if len(x) > 1 else np.nan
        print(
            f'  {label:16} {x.mean():10.4g} {spread:10.3g} {x.min():10.4g} '
            f'{x.max():10.4g}'
        )
    if values['converged']:
        print(f'  converged: {np.mean(values["converged"]):.1%}')
    repeated = sum(attempts - 1 for attempts in values['attempts'])
    print(f'  failed and repeated cycles: {repeated}')
    for text, count in settings.items():
        print(f'  settings of {count} rows:\n    {text}')


def _settings(row: Any) -> str:
    """Return the settings that a row holds, or that there are none, on lines."""
    try:
        return _settings_stored(row)
    except (KeyError, TypeError, ValueError, AttributeError):  # not written by us
        return visible(f'{row.formula}, no settings stored')


def _settings_stored(row: Any) -> str:
    dynamics, calculator = row.data['dynamics'], row.data['calculator']
    estimator = dict(dynamics.get('estimator', calculator['estimator']))
    if estimator.get('reference_mk'):
        estimator['reference_mk'] = f'{len(estimator["reference_mk"])} atoms'
    lines = [
        f'{row.formula}, version {row.get("version", "unknown")}',
        f'recipe {row.get("recipe", "anneal")}',
        f'schedule {dynamics["schedule"]}',
        f'time step {dynamics["timestep"] / units.fs:.4g} fs, '
        f'friction {dynamics["friction"] * units.fs:.4g}/fs, '
        f'{dynamics["shuffle_friction"] * units.fs:.4g}/fs in the shuffle',
        f'quench {row.data.get("quench")}',
        f'descriptor {calculator["descriptor"]}',
        f'estimator {estimator}',
        f'repulsion {calculator["repulsion"]}',
    ]
    return '\n    '.join(map(visible, lines))
