"""How configurations of a set differ: in size, density, start and close pairs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols

from ase_entropy import checks
from ase_entropy.chemistry import Sizes, has_size
from ase_entropy.pairs import Pairs, find_pairs, shortest_distance
from ase_entropy.statistics import nanmean

__all__ = [
    'ElementUnits',
    'GroupNumbers',
    'count_space_groups',
    'describe_groups',
    'kinds_of_starts',
    'ranges_of_sizes',
]

RANGES = 5  # of numbers of atoms
SLACK = 1.0 + 1e-9  # for rounding
CRYSTAL = re.compile(r'\bcrystal (\d+)')


@dataclass(frozen=True)
class ElementUnits:
    r"""Densities and distances in units of those that the elements have by themselves.

    .. math:: \rho = \frac1V \sum_n v_n, \qquad x_p = \frac{r_p}{d_{ij}}

    v is the volume per atom, and d the distance of neighbors, that
    :class:`~ase_entropy.chemistry.Sizes` gives.

    Attributes
    ----------
    distance_zz : (z, z) float array
        Distances of neighbors (Angstrom) by atomic numbers; nan for other elements.
    volume_z : (z,) float array
        Volumes per atom (Angstrom^3).

    Examples
    --------
    >>> from ase.build import bulk
    >>> from ase_entropy.pairs import shortest_distance
    >>> own, atoms = ElementUnits.of(Sizes(('Al',))), bulk('Al', a=0.9 * 4.05)
    >>> round(own.density(atoms) * 0.9**3, 9)
    1.0
    >>> round(own.closest(atoms, shortest_distance(atoms)), 9)
    0.9
    """

    distance_zz: np.ndarray
    volume_z: np.ndarray

    @classmethod
    def of(cls, sizes: Sizes) -> 'ElementUnits':
        """Return the units that these sizes make."""
        distance_zz = np.full(2 * (len(chemical_symbols),), np.nan)
        volume_z = np.full(len(chemical_symbols), np.nan)
        for one in sizes.species:
            volume_z[atomic_numbers[one]] = sizes.volume([one])
            for other in sizes.species:
                place = atomic_numbers[one], atomic_numbers[other]
                distance_zz[place] = sizes.distance(one, other)
        return cls(distance_zz, volume_z)

    @classmethod
    def of_elements(cls, numbers: Sequence[int]) -> 'ElementUnits':
        """Return those of the reference states of elements, as far as they are known.

        Parameters
        ----------
        numbers : sequence of int
            Atomic numbers.
        """
        return _of_elements(tuple(np.unique(numbers).tolist()))

    def density(self, atoms: Atoms) -> float:
        """Return the density; nan if not periodic in three directions."""
        if not atoms.pbc.all() or atoms.cell.rank < 3:
            return float('nan')
        return float(self.volume_z[atoms.numbers].sum() / atoms.cell.volume)

    def relative(self, pairs: Pairs) -> np.ndarray:
        """Return the distance of each pair, (p,); nan for other elements."""
        numbers_n = pairs.numbers_n
        return pairs.r_p / self.distance_zz[numbers_n[pairs.i_p], numbers_n[pairs.j_p]]

    def closest(self, atoms: Atoms, shortest: float) -> float:
        """Return the least distance of a pair, given the shortest one in Angstrom.

        That of large atoms may be less than that of small ones, which are closer. Atoms
        without a size have no part in it; it is infinite if there is no pair.
        """
        known_n = np.isfinite(self.volume_z[atoms.numbers])
        if not known_n.all():
            atoms = atoms[known_n]
            shortest = shortest_distance(atoms) if len(atoms) else np.inf
        if not np.isfinite(shortest):
            return float('inf')
        present = np.unique(atoms.numbers)
        own_kk = self.distance_zz[np.ix_(present, present)]
        if len(present) == 1:
            return float(shortest / own_kk[0, 0])
        reach = SLACK * shortest * own_kk.max() / own_kk.min()
        return float(self.relative(find_pairs(atoms, reach)).min())


@cache
def _of_elements(numbers: tuple[int, ...]) -> ElementUnits:
    known = tuple(filter(has_size, (chemical_symbols[z] for z in numbers)))
    if known:
        return ElementUnits.of(Sizes(known))
    places = len(chemical_symbols)
    return ElementUnits(np.full((places, places), np.nan), np.full(places, np.nan))


@dataclass(frozen=True)
class GroupNumbers:
    """Numbers of some configurations of a set.

    Attributes
    ----------
    name : str
        Name of the group.
    configurations : int
        How many.
    atoms, density, closest : tuple of three float
        Least, median and largest number of atoms, density, and distance of the closest
        pair over that of neighbors; nan where none has one.
    entropy : float
        Mean entropy (nats); nan where none has one.
    """

    name: str
    configurations: int
    atoms: tuple[float, float, float]
    density: tuple[float, float, float]
    closest: tuple[float, float, float]
    entropy: float


def describe_groups(
    name_m: Sequence[str],
    atoms_m: Sequence[int],
    density_m: Sequence[float],
    closest_m: Sequence[float],
    entropy_m: Sequence[float],
) -> list[GroupNumbers]:
    """Return the numbers of groups of configurations, the largest group first.

    Parameters
    ----------
    name_m : (m,) sequence of str
        Group of each configuration; those without a name, '', are left out.
    atoms_m : (m,) sequence of int
        Numbers of atoms.
    density_m, closest_m : (m,) sequences of float
        See :class:`ElementUnits`; what is not finite is left out.
    entropy_m : (m,) sequence of float
        Entropies (nats); nan are left out.

    Raises
    ------
    ValueError
        Sequences of different lengths.

    Examples
    --------
    >>> names, density, one = ['packing', 'given', 'packing'], [1, np.nan, 0.5], [1] * 3
    >>> found, _ = describe_groups(names, [2, 4, 6], density, one, [1, 2, 5])
    >>> found.name, found.configurations, found.entropy
    ('packing', 2, 3.0)
    >>> found.atoms, found.density
    ((2.0, 4.0, 6.0), (0.5, 0.75, 1.0))
    """
    name_m = np.asarray(name_m, str)
    columns = {
        'atoms_m': atoms_m,
        'density_m': density_m,
        'closest_m': closest_m,
        'entropy_m': entropy_m,
    }
    for key, column in columns.items():
        columns[key] = checks.array(key, column)
        if columns[key].shape != name_m.shape:
            raise ValueError(
                f'name_m and {key} have shapes {name_m.shape} and '
                f'{columns[key].shape}: expected one number for each name'
            )
    names, counts = np.unique(name_m[name_m != ''], return_counts=True)
    found = []
    for g in np.argsort(-counts, kind='stable'):
        own = name_m == names[g]
        *ranges, entropy = (column[own] for column in columns.values())
        atoms, density, closest = map(_range, ranges)
        mean = float(nanmean(entropy))
        name, number = str(names[g]), int(counts[g])
        found.append(GroupNumbers(name, number, atoms, density, closest, mean))
    return found


def _range(x: np.ndarray) -> tuple[float, float, float]:
    x = x[np.isfinite(x)]
    if not len(x):
        return (np.nan,) * 3
    return tuple(np.quantile(x, [0.0, 0.5, 1.0]).tolist())


def kinds_of_starts(start_m: Sequence[str]) -> list[str]:
    """Return the kind of each start: its first word.

    Examples
    --------
    >>> kinds_of_starts(['packing', 'crystal 225', 'dimer Al-Ni', ''])
    ['packing', 'crystal', 'dimer', '']
    """
    return [start.partition(' ')[0] for start in start_m]


def count_space_groups(start_m: Sequence[str]) -> int:
    """Return how many different space groups crystals are named by.

    Examples
    --------
    >>> count_space_groups(['crystal 225', 'slab of crystal 2', 'crystal 225'])
    2
    """
    return len({found[1] for x in start_m if (found := CRYSTAL.search(x))})


def ranges_of_sizes(atoms_m: Sequence[int]) -> list[str]:
    """Return a range of numbers of atoms for each configuration.

    Each number by itself where there are few; otherwise ranges with about as many
    configurations each.

    Examples
    --------
    >>> ranges_of_sizes([2, 3, 2]), sorted(set(ranges_of_sizes(range(1, 11))))
    (['2', '3', '2'], ['1-2', '3-4', '5-6', '7-8', '9-10'])
    """
    atoms_m = np.asarray(atoms_m, int)
    several = np.unique(atoms_m)
    if len(several) <= RANGES:
        return [str(n) for n in atoms_m.tolist()]
    parts = np.linspace(0.0, 1.0, RANGES + 1)[1:-1]
    limits = np.unique(np.quantile(atoms_m, parts, method='lower'))
    range_s = np.searchsorted(limits, several)
    name_of = {}
    for chosen in np.unique(range_s):
        own = several[range_s == chosen].tolist()
        name = str(own[0]) if len(own) == 1 else f'{own[0]}-{own[-1]}'
        name_of |= dict.fromkeys(own, name)
    return [name_of[n] for n in atoms_m.tolist()]
