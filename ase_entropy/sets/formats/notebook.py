"""A set in a Jupyter notebook: a short table of what is in memory."""

from collections import Counter
from typing import Any

import numpy as np

from ase_entropy.sets.summary import counted, spread
from ase_entropy.store.escaping import html_table

__all__ = ['set_html']

SAID = {
    'min_distance': 'shortest pair (Å)',
    'entropy': 'S (nats)',
    'e_rep': 'E_rep (eV)',
    'e_base': 'E_base (eV)',
    'max_force': 'largest force of V (eV/Å)',
}
KINDS = {'start': 'starts', 'group': 'groups'}


def set_html(dataset: Any) -> str:
    """Return a set as a table in HTML; no file is read, and nothing computed anew.

    Parameters
    ----------
    dataset : Dataset
        The set.
    """
    return html_table(['set', dataset.name], _facts(dataset))


def _facts(dataset: Any) -> list[list[Any]]:
    """Return names and values, those of keys as far as the set has them."""
    size_m = np.diff(dataset.first_m)
    symbols = Counter({x: 0 for x in dataset.species})
    numbers = np.unique(dataset.numbers_e, return_counts=True)[1]
    symbols.update(dict(zip(dataset.species, numbers.tolist(), strict=True)))
    facts = [
        ['configurations', len(dataset)],
        ['atoms', f'{len(dataset.q_ek)}, {spread(size_m)} in each'],
        ['elements', counted(symbols)],
    ]
    filled_m = dataset.volume_m > 0.0
    if filled_m.any():
        volumes = dataset.volume_m[filled_m] / size_m[filled_m]
        facts.append(['volume of the cell per atom (Å³)', spread(volumes)])
    for key, name in SAID.items():
        x_m = dataset.keys.get(key, np.array([]))
        if np.isfinite(x_m).any():
            facts.append([name, spread(x_m[np.isfinite(x_m)])])
    for key, name in KINDS.items():
        if key in dataset.keys:
            kinds = Counter(str(kind) or '-' for kind in dataset.keys[key])
            facts.append([name, counted(kinds)])
    descriptor = type(dataset.descriptor).__name__
    components = dataset.q_ek.shape[1]
    return [*facts, ['descriptor', f'{descriptor}, {components} components']]
