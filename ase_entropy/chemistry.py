"""Elements: their symbols, and the sizes of their atoms."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from ase.data import (
    atomic_numbers,
    chemical_symbols,
    covalent_radii,
    reference_states,
)

from ase_entropy import checks

__all__ = [
    'Size',
    'Sizes',
    'elements',
    'has_size',
    'pair_name',
    'radius',
    'size',
]

CRYSTALS = ('bcc', 'fcc', 'hcp', 'diamond', 'sc', 'bct', 'rhombohedral')
CLOSE_PACKED = 2.0**-0.5  # volume of an atom over its cubed nearest-neighbor distance
COVALENT = 'covalent radius'
LONGEST = 100.0  # Angstrom, between neighbors
LAST = atomic_numbers['Cm']  # of the elements with a covalent radius


def elements(numbers_n: np.ndarray, species: Sequence[str]) -> None:
    """Raise ValueError if atoms are of none of the species; 0 marks a point in space.

    Raises
    ------
    ValueError
        An atomic number of another element.

    Examples
    --------
    >>> elements(np.array([74, 4]), ('W',))
    Traceback (most recent call last):
    ...
    ValueError: species=('W',) and the atoms hold ['Be']: expected these elements only
    """
    known = {0, *(atomic_numbers[symbol] for symbol in species)}
    others = [chemical_symbols[z] for z in sorted(set(numbers_n.tolist()) - known)]
    if others:
        raise ValueError(
            f'species={species!r} and the atoms hold {others}: expected these elements '
            'only'
        )


def radius(name: str, value: str) -> float:
    """Return the covalent radius (Angstrom) of an element.

    Raises
    ------
    ValueError
        Not a chemical symbol, or an element of which ASE knows no radius.

    Examples
    --------
    >>> radius('element', 'Bk')
    Traceback (most recent call last):
    ...
    ValueError: element='Bk': expected an element with a covalent radius in ASE, such as
    Cu
    """
    if not has_size(value):
        raise ValueError(
            f'{name}={value!r}: expected an element with a covalent radius in ASE, '
            'such as Cu'
        )
    return float(covalent_radii[atomic_numbers[value]])


class Size(NamedTuple):
    """Size of the atoms of an element.

    Parameters
    ----------
    distance : float
        Distance of nearest neighbors (Angstrom).
    volume : float
        Volume per atom (Angstrom^3).
    source : str
        Crystal that they are taken from, or 'covalent radius'.
    """

    distance: float
    volume: float
    source: str


@cache
def size(symbol: str) -> Size:
    """Return the size of an element's atoms, in its reference state in ASE.

    For molecules, and elements of which ASE has no complete crystal: twice the covalent
    radius, and the volume of a close packing with that distance.

    Raises
    ------
    ValueError
        Not a chemical symbol, or an element of which ASE knows no radius either.

    Examples
    --------
    >>> round(size('Al').distance, 3), size('Al').source
    (2.864, 'fcc')
    >>> size('O').distance, size('O').source
    (1.32, 'covalent radius')
    """
    twice = 2.0 * radius('element', symbol)
    state = reference_states[atomic_numbers[symbol]]
    if state is None or state['symmetry'] not in CRYSTALS:
        return Size(twice, CLOSE_PACKED * twice**3, COVALENT)
    from ase.build import bulk
    from ase.neighborlist import neighbor_list

    try:
        crystal = bulk(symbol)
    except (ValueError, KeyError, RuntimeError):  # its basis is not known
        return Size(twice, CLOSE_PACKED * twice**3, COVALENT)
    distance = neighbor_list('d', crystal, 3.0 * twice).min()
    volume = float(crystal.cell.volume) / len(crystal)
    return Size(float(distance), volume, state['symmetry'])


def has_size(symbol: str) -> bool:
    """Return whether the size of an element's atoms is known.

    Examples
    --------
    >>> has_size('Cm'), has_size('Bk'), has_size('X')
    (True, False, False)
    """
    return symbol in chemical_symbols[1 : LAST + 1]


def pair_name(first: str, second: str) -> str:
    """Return the name of a pair of elements, in the order of the alphabet.

    Examples
    --------
    >>> pair_name('Ni', 'Al'), pair_name('W', 'W')
    ('Al-Ni', 'W-W')
    """
    return '-'.join(sorted((first, second)))


@dataclass(frozen=True)
class Sizes:
    r"""Lengths for the atoms of some elements: their distances and volumes.

    .. math:: d_{ij} = \tfrac12 (d_i + d_j), \qquad s_{ij} = d_{ij} / d_\mathrm{W}

    d are distances of nearest neighbors in the reference states, so that two unlike
    atoms touch as spheres do: 2.85 Angstrom in NaCl (2.82 in the crystal), 1.95 in SiC
    (1.89), 2.68 in NiAl (2.54). All lengths of the package are those that are right for
    tungsten times s: r0 and cutoffs, excluded distances, cells.

    Parameters
    ----------
    species : sequence of str
        The elements.
    distances : dict, optional
        Distances (Angstrom) of some elements or pairs, such as ``{'Al': 2.82,
        'Ni-Al': 2.5}``.
    volumes : dict, optional
        Volumes per atom (Angstrom^3) of some elements. By default that of the reference
        state, scaled with the distance if that is given.
    source : str
        Where the given numbers are from, for the log.

    Raises
    ------
    ValueError
        Unknown elements, numbers for others than `species`, or that are not positive.

    Examples
    --------
    >>> sizes = Sizes(('Ni', 'Al'), {'Ni-Al': 2.5})
    >>> round(sizes.distance('Al'), 3), sizes.distance('Al', 'Ni')
    (2.864, 2.5)
    >>> Sizes(('W',)).scale('W')
    1.0
    """

    species: tuple[str, ...]
    distances: dict[str, float] | None = None
    volumes: dict[str, float] | None = None
    source: str = 'given'

    def __post_init__(self) -> None:
        object.__setattr__(self, 'species', checks.symbols('species', self.species))
        names = self._names()
        given = [names[x] for x in self.distances or {} if x in names]
        if twice := [pair for pair, n in Counter(given).items() if n > 1]:
            raise ValueError(
                f'distances={self.distances} has {twice[0]} twice: expected one name '
                'of each pair'
            )
        for name, most in (('distances', LONGEST), ('volumes', LONGEST**3)):
            checks.instance(name, getattr(self, name), (dict, type(None)))
            known = names if name == 'distances' else dict.fromkeys(self.species)
            for key, value in (getattr(self, name) or {}).items():
                if key not in known:
                    raise ValueError(
                        f'{name} names {key!r}: expected one of {", ".join(known)}'
                    )
                checks.real(f'{name}[{key!r}]', value, above=0.0, most=most)
        for symbol in self.species:
            size(symbol)

    def _names(self) -> dict[str, str]:
        """Return all names of elements and pairs, and what they are in one order."""
        names = {symbol: pair_name(symbol, symbol) for symbol in self.species}
        for a, b in combinations_with_replacement(self.species, 2):
            names |= {f'{a}-{b}': pair_name(a, b), f'{b}-{a}': pair_name(a, b)}
        return names

    def distance(self, first: str, second: str | None = None) -> float:
        """Return the distance (Angstrom) of two neighbors, by default of one kind."""
        pair = pair_name(first, second or first)
        names = self._names()
        for key, value in (self.distances or {}).items():
            if names[key] == pair:
                return float(value)
        if second is None or first == second:
            return size(first).distance
        return 0.5 * (self.distance(first) + self.distance(second))

    def scale(self, first: str, second: str | None = None) -> float:
        """Return the distance of two neighbors over that in tungsten."""
        return self.distance(first, second) / size('W').distance

    def volume(self, symbols: Sequence[str]) -> float:
        """Return the volume (Angstrom^3) of so many atoms at their own density."""
        return sum(n * self._volume(s) for s, n in Counter(symbols).items())

    def _volume(self, symbol: str) -> float:
        given = (self.volumes or {}).get(symbol)
        if given is not None:
            return float(given)
        own = size(symbol)
        return own.volume * (self.distance(symbol) / own.distance) ** 3

    def changed(self, distances: dict[str, float], factor: float = 1.0) -> 'Sizes':
        """Return sizes with all lengths multiplied, and some distances replaced.

        Examples
        --------
        >>> round(Sizes(('Al', 'Ni')).changed({'Ni': 2.5}, 2.0).distance('Al', 'Ni'), 3)
        4.114
        """
        checks.real('factor', factor, above=0.0)
        names, given = self._names(), self.distances or {}
        own = {names[name]: factor * value for name, value in given.items()}
        if factor != 1.0:
            own = {names[x]: factor * self.distance(x) for x in self.species} | own
        volumes = self.volumes and {x: factor**3 * v for x, v in self.volumes.items()}
        changed = Sizes(self.species, distances)  # or an error
        own |= {names[name]: value for name, value in (changed.distances or {}).items()}
        source = 'given' if given == {} else f'{self.source}, or given'
        return Sizes(self.species, own, volumes, source)

    def pairs(self) -> dict[str, float]:
        """Return the distances (Angstrom) of all pairs, by their names."""
        both = combinations_with_replacement(sorted(self.species), 2)
        return {pair_name(a, b): self.distance(a, b) for a, b in both}

    def __str__(self) -> str:
        """Return one line for the log: distances, volumes, and where they are from."""
        known = {self._names()[key] for key in self.distances or {}}
        words = []
        for pair, distance in self.pairs().items():
            a, b = pair.split('-')
            where = self.source if pair in known else size(a).source if a == b else ''
            words.append(f'{pair} {distance:.3g}' + (f' ({where})' if where else ''))
        volumes = ', '.join(f'{s} {self._volume(s):.3g}' for s in self.species)
        return f'neighbors at {", ".join(words)} A; volumes {volumes} A^3'
