"""What is wrong with configurations of a set: atoms that overlap."""

from typing import Any

import numpy as np

from ase_entropy.chemistry import Sizes, has_size
from ase_entropy.sets.dataset import Dataset

__all__ = ['CLOSE', 'are_overlapping']

CLOSE = 0.5  # of the distance of neighbors: nothing in condensed matter is closer


def are_overlapping(results: Any, dataset: Dataset) -> np.ndarray:
    """Return which configurations hold atoms far too close to each other, (m,) bool.

    Closer than half of the distance of neighbors of their elements; dimers in vacuum
    may be.
    """
    name = dataset.name
    if own := results.variety.get(name):
        dimer_m = (own.atoms_m == 2) & np.isnan(own.density_m)
        return (np.asarray(own.closest_m) < CLOSE) & ~dimer_m
    (symbol,) = dataset.species  # all alike: one element, cells of one size
    if not has_size(symbol):
        return np.zeros(len(dataset), bool)
    return results.shortest[name] < CLOSE * Sizes((symbol,)).distance(symbol)
