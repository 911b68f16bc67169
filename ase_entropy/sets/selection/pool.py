"""A pool of configurations, read as ``ase-entropy select`` reads it."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ase_entropy.chemistry import Sizes
from ase_entropy.descriptors import Bispectrum
from ase_entropy.sets.dataset import Dataset, read_dataset
from ase_entropy.sets.reading import read_species
from ase_entropy.sets.selection.environments import Environments
from ase_entropy.sets.selection.filters import Filters

__all__ = ['FARTHER', 'TWOJMAX', 'read_pool', 'usual_descriptor']

TWOJMAX, FARTHER = 8, 1.2  # all 55 components, over 1.2 of the usual cutoff


def usual_descriptor(species: Iterable[str]) -> Bispectrum:
    """Return the descriptor by which configurations are compared by default.

    All 55 components of the bispectrum up to twojmax 8, over 1.2 times the usual
    cutoff. What a choice is worth was measured with it, see
    ``docs/explanation/selection.md``.

    Parameters
    ----------
    species : iterable of str
        The elements of the pool, and of the given set if there is one.

    Raises
    ------
    ValueError
        An element whose atoms have no known size.

    Examples
    --------
    >>> usual_descriptor(['W']).size
    55
    """
    usual = Bispectrum.of(Sizes(tuple(sorted(set(species)))), twojmax=TWOJMAX)
    return replace(usual, cutoff=FARTHER * usual.cutoff)


def read_pool(
    path: str | Path,
    descriptor: Any = None,
    *,
    filters: Filters | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Dataset:
    """Read a pool as ``ase-entropy select`` does: its descriptor, no bad frames.

    Parameters
    ----------
    path : str or Path
        Any set, as for :func:`~ase_entropy.sets.read_dataset`.
    descriptor : Descriptor, optional
        By default the :func:`usual_descriptor` of the pool.
    filters : Filters, optional
        What is left out, and counted there; by default ``Filters()``, configurations
        with pairs closer than half the distance of neighbors.
    executor, progress
        As in :func:`~ase_entropy.sets.read_dataset`.

    Raises
    ------
    ValueError
        A set that cannot be read; nothing that stays.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from ase.io import write
    >>> path, filters = tempfile.mkdtemp() + '/w.xyz', Filters()
    >>> write(path, [bulk('W', a=a) for a in (1.5, 3.1, 3.2)])
    >>> pool = read_pool(path, filters=filters)
    >>> len(pool), pool.q_ek.shape, round(pool.descriptor.cutoff, 3)
    (2, (2, 55), 4.716)
    >>> filters.lines()
    ['left out: 1 of 3 with a pair closer than 0.5 of the distance of neighbors']
    """
    filters = Filters() if filters is None else filters
    if descriptor is None:
        descriptor = usual_descriptor(read_species(path))
    options = {'executor': executor, 'progress': progress, 'keep': filters.keep}
    dataset = read_dataset(path, descriptor, **options)
    return _part(dataset, np.flatnonzero(filters.low_enough(len(dataset))))


def _part(dataset: Dataset, chosen_r: np.ndarray) -> Dataset:
    own = Environments.of(dataset).part(chosen_r)
    return replace(
        dataset,
        q_ek=own.q_ek,
        first_m=own.first_m,
        numbers_e=own.numbers_e,
        volume_m=dataset.volume_m[chosen_r],
        keys={name: column[chosen_r] for name, column in dataset.keys.items()},
        place_mx=dataset.place_mx[chosen_r],
    )
