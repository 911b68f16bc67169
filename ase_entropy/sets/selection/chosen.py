"""The chosen configurations, read again, in the order of their choice."""

from typing import Any

import numpy as np

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.dataset import Dataset
from ase_entropy.sets.reading import read_chosen
from ase_entropy.sets.selection.rules.greedy import Ranking

__all__ = ['read_ranked']


def read_ranked(dataset: Dataset, ranking: Ranking) -> list[Configuration]:
    """Return the configurations of a ranking, with keys that say so.

    Keys more are `rank` from 1, `gain` if the rule has it, and `source`: file and
    place, or database and id.

    Parameters
    ----------
    dataset : Dataset
        The pool.
    ranking : Ranking
        What was chosen of it.

    Raises
    ------
    ValueError
        Files that have changed since the pool was read.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from ase.io import write
    >>> from ase_entropy.sets import read_dataset
    >>> path = tempfile.mkdtemp() + '/w.xyz'
    >>> write(path, [bulk('W') * (n, 1, 1) for n in (1, 2, 3)])
    >>> ranking = Ranking(np.array([2, 0]), np.array([0.5, 0.25]))
    >>> first, second = read_ranked(read_dataset(path), ranking)
    >>> len(first.atoms), first.keys
    (3, {'rank': 1, 'gain': 0.5, 'source': 'w.xyz #2'})
    """
    found: dict[tuple[int, int], Configuration] = {}
    place_rx = dataset.place_mx[ranking.chosen_r]
    for s, source in enumerate(dataset.sources):
        numbers = sorted(place_rx[place_rx[:, 0] == s, 1].tolist())
        for configuration in read_chosen(source, numbers):
            found[s, configuration.number] = configuration
    return [
        _ranked(found[tuple(place)], rank, float(gain))
        for rank, (place, gain) in enumerate(
            zip(place_rx.tolist(), ranking.gain_r, strict=True), 1
        )
    ]


def _ranked(configuration: Configuration, rank: int, gain: float) -> Configuration:
    extra: dict[str, Any] = {'rank': rank}
    if np.isfinite(gain):
        extra['gain'] = gain
    extra['source'] = configuration.name
    return configuration._replace(exported=rank, extra=extra)
