"""What rows and files say of configurations, as columns of a set."""

from typing import Any

import numpy as np

from ase_entropy.sets.configuration import Configuration
from ase_entropy.store.rows import keys_of

__all__ = ['NUMBERS', 'WORDS', 'columns', 'keys_of_configuration']

NUMBERS = (
    'entropy',
    'e_base',
    'e_rep',
    'min_distance',
    'k_entropy',
    'max_force',
    'campaign',
    'walker',
    'cycle',
    'seed',
    'final_temperature_k',
)
WORDS = ('stage', 'recipe', 'orders', 'version', 'group', 'start')


def keys_of_configuration(configuration: Configuration) -> dict[str, Any]:
    """Return `NUMBERS` and `WORDS` of a configuration, as far as it has them."""
    row = configuration.row
    said = {} if row is None else keys_of(row)
    keys = {k: v for k, v in said.items() if k in (*NUMBERS, *WORDS)}
    start = configuration.keys.get('start')
    if isinstance(start, str):
        keys['start'] = start
    if configuration.group:
        keys['group'] = configuration.group
    return keys


def columns(keys: list[dict]) -> dict[str, np.ndarray]:
    """Return the keys of all rows as arrays, less those that no row has."""
    columns = {}
    for names, kind, missing in ((NUMBERS, (int, float), np.nan), (WORDS, str, '')):
        for name in names:
            found = [row.get(name) for row in keys]
            known = [isinstance(x, kind) for x in found]
            if any(known):
                pairs = zip(found, known, strict=True)
                columns[name] = np.array([x if good else missing for x, good in pairs])
    return columns
