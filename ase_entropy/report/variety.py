"""How configurations of sets differ in size, density, composition and distances."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers

from ase_entropy.analysis import ElementUnits
from ase_entropy.chemistry import Sizes, has_size
from ase_entropy.pairs import find_pairs
from ase_entropy.sets.dataset import Dataset

__all__ = ['PairMeter', 'Variety', 'are_varied', 'differ']

REACH, BINS = 2.0, 80  # of the distance of neighbors; bins of pairs up to there
SAME = 1e-6  # relative


@dataclass
class Variety:
    """Numbers of each configuration of a set, and distances of its pairs.

    Attributes
    ----------
    atoms_m : (m,) int array
        Numbers of atoms.
    fraction_mx : (m, x) float array
        Fraction of each element of the report.
    density_m, closest_m : lists of m float
        Density, and distance of the closest pair, in units of the elements' own; see
        :class:`~ase_entropy.analysis.ElementUnits`.
    counts_kb : (k, b) int array
        Pairs of each kind, both ways, in bins of their distance over that of neighbors.
    shortest_k : (k,) float array
        Shortest pair of each kind (Angstrom), infinite if there is none.
    """

    atoms_m: np.ndarray
    fraction_mx: np.ndarray
    density_m: list[float] = field(default_factory=list)
    closest_m: list[float] = field(default_factory=list)
    counts_kb: Any = 0
    shortest_k: Any = np.inf

    @classmethod
    def of(cls, dataset: Dataset, elements: list[str]) -> 'Variety':
        """Return that of a set, without what its atoms add."""
        atoms_m = np.diff(dataset.first_m)
        own_ex = dataset.numbers_e[:, None] == [atomic_numbers[x] for x in elements]
        count_mx = np.add.reduceat(own_ex.astype(int), dataset.first_m[:-1], axis=0)
        return cls(atoms_m, count_mx / atoms_m[:, None])

    def add(self, measured: tuple) -> None:
        """Add what a :class:`PairMeter` says of one configuration."""
        density, closest, counts_kb, shortest_k = measured
        self.density_m.append(density)
        self.closest_m.append(closest)
        self.counts_kb = self.counts_kb + counts_kb
        self.shortest_k = np.minimum(self.shortest_k, shortest_k)


@dataclass(frozen=True)
class PairMeter:
    """Measures density and pairs of a configuration.

    Parameters
    ----------
    elements : tuple of str
        Those of all sets.
    """

    elements: tuple[str, ...]

    @cached_property
    def distances(self) -> dict[str, float]:
        """Distances of neighbors (Angstrom) by the names of pairs, of known sizes."""
        known = tuple(filter(has_size, self.elements))
        return Sizes(known).pairs() if known else {}

    @cached_property
    def own(self) -> ElementUnits:
        """Units of the elements."""
        return ElementUnits.of_elements([atomic_numbers[x] for x in self.elements])

    @cached_property
    def kind_zz(self) -> np.ndarray:
        """Place of each pair of elements among the kinds, by atomic numbers."""
        kind_zz = np.full(self.own.distance_zz.shape, -1)
        for kind, name in enumerate(self.distances):
            a, b = (atomic_numbers[x] for x in name.split('-'))
            kind_zz[a, b] = kind_zz[b, a] = kind
        return kind_zz

    @property
    def edges(self) -> np.ndarray:
        """Edges of the bins, over the distance of neighbors."""
        return np.linspace(0.0, REACH, BINS + 1)

    def measure(self, atoms: Atoms, shortest: float) -> tuple:
        """Return density, closest pair, counts and shortest pairs of each kind."""
        kinds = len(self.distances)
        shortest_k, counts_b = np.full(kinds, np.inf), np.zeros(kinds * BINS, int)
        density, closest = self.own.density(atoms), self.own.closest(atoms, shortest)
        if kinds:
            pairs = find_pairs(atoms, REACH * max(self.distances.values()))
            i_p, j_p = pairs.numbers_n[pairs.i_p], pairs.numbers_n[pairs.j_p]
            kind_p, relative_p = self.kind_zz[i_p, j_p], self.own.relative(pairs)
            near_p = relative_p < REACH  # no for elements without a size
            bin_p = (relative_p[near_p] * (BINS / REACH)).astype(int)
            counts_b += np.bincount(
                kind_p[near_p] * BINS + bin_p, minlength=kinds * BINS
            )
            np.minimum.at(shortest_k, kind_p[near_p], pairs.r_p[near_p])
        return density, closest, counts_b.reshape(kinds, BINS), shortest_k


def are_varied(sets: list[Dataset]) -> bool:
    """Return whether there is anything to tell: elements, sizes, volumes, or starts.

    Within sets, or between them.
    """
    return (
        len({x for dataset in sets for x in dataset.species}) > 1
        or any('start' in dataset.keys for dataset in sets)
        or differ(np.concatenate([np.diff(dataset.first_m) for dataset in sets]))
        or differ(np.concatenate([dataset.volume_m for dataset in sets]))
    )


def differ(x: Any) -> bool:
    """Return whether numbers differ by more than rounding; nan are left out.

    Examples
    --------
    >>> differ([1.0, 1.0 + 1e-12, np.nan]), differ([1.0, 1.1])
    (False, True)
    """
    x = np.asarray(x, float)[np.isfinite(x)]
    return bool(len(x)) and bool(np.ptp(x) > SAME * np.abs(x).max())
