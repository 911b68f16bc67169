"""``ase-entropy info``."""

import argparse

import numpy as np
from ase import units

from ase_entropy.cli.errors import one_sentence
from ase_entropy.database import open_database


class CLICommand:
    """Summarize a harvested database.

    Rows of each stage; mean and spread of S, E_rep and the shortest pair; settings.
    """

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument('db', help='database that harvest or unbiased has written')

    @staticmethod
    @one_sentence
    def run(args: argparse.Namespace) -> None:
        """Print the summary."""
        rows = list(open_database(args.db, must_exist=True).select())
        print(f'{args.db}: {len(rows)} rows')
        for stage in sorted({row.stage for row in rows}):
            _print_stage(stage, [row for row in rows if row.stage == stage])


def _print_stage(stage: str, rows: list) -> None:
    print(f'\n{stage}: {len(rows)} rows')
    print(f'  {"":16} {"mean":>10} {"spread":>10} {"min":>10} {"max":>10}')
    for label, key in (
        ('S (nats)', 'entropy'),
        ('E_rep (eV)', 'e_rep'),
        ('shortest (A)', 'min_distance'),
        ('fmax (eV/A)', 'fmax'),
        ('T at end (K)', 'final_temperature_k'),
    ):
        x = np.array([row[key] for row in rows])
        spread = x.std(ddof=1) if len(x) > 1 else np.nan
        print(
            f'  {label:16} {x.mean():10.4g} {spread:10.3g} {x.min():10.4g} '
            f'{x.max():10.4g}'
        )
    converged = np.mean([row.converged for row in rows])
    print(f'  converged: {converged:.1%}')
    repeated = sum(row.attempts - 1 for row in rows)
    print(f'  failed and repeated cycles: {repeated}')
    settings: dict[str, int] = {}
    for row in rows:
        dynamics, calculator = row.data['dynamics'], row.data['calculator']
        quench = row.data.get('quench')
        estimator = dict(dynamics.get('estimator', calculator['estimator']))
        if estimator.get('reference_mk'):
            estimator['reference_mk'] = f'{len(estimator["reference_mk"])} atoms'
        lines = [
            f'{row.formula}, version {row.version}',
            f'recipe {row.get("recipe", "anneal")}',
            f'schedule {dynamics["schedule"]}',
            f'time step {dynamics["timestep"] / units.fs:.4g} fs, '
            f'friction {dynamics["friction"] * units.fs:.4g}/fs, '
            f'{dynamics["shuffle_friction"] * units.fs:.4g}/fs in the shuffle',
            f'quench {quench}',
            f'descriptor {calculator["descriptor"]}',
            f'estimator {estimator}',
            f'repulsion {calculator["repulsion"]}',
        ]
        text = '\n    '.join(lines)
        settings[text] = settings.get(text, 0) + 1
    for text, count in settings.items():
        print(f'  settings of {count} rows:\n    {text}')
