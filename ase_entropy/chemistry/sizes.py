"""Lengths for the atoms of some elements: their distances and volumes."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

from ase.data import chemical_symbols
from ase.formula import Formula

from ase_entropy import checks
from ase_entropy.chemistry.anions import is_anion, partners
from ase_entropy.chemistry.reference import pair_name, size

__all__ = ['Sizes']

EXAMPLE = ('Na', 'Cl')
LONGEST = 100.0  # Angstrom, between neighbors
CONTACT = 2.0**0.5  # distance of anions over that from their cation, in rock salt
ROCK_SALT = 2.0  # volume of an anion and its cation over their cubed distance


@dataclass(frozen=True)
class Sizes:
    r"""Lengths for the atoms of some elements: their distances and volumes.

    .. math:: d_{ij} = \tfrac12 (d_i + d_j), \qquad s_{ij} = d_{ij} / d_\mathrm{W}

    d are distances of nearest neighbors in the reference states, so that two unlike
    atoms touch as spheres do: 2.85 Angstrom in NaCl (2.82 in the crystal), 1.95 in SiC
    (1.89), 2.68 in NiAl (2.54). All lengths of the package are those that are right for
    tungsten times s: r0 and cutoffs, excluded distances, cells.

    Anions among metals are not as close as in their molecules. They are as far from
    each other as around a cation in rock salt,

    .. math:: d_{AA} = \sqrt2 \, \min_C d_{AC},

    4.03 Angstrom for Cl-Cl in NaCl (3.99), 2.60 for O-O in quartz (2.62); two unlike
    anions have the mean of that. A compound takes the volume of its atoms, or that of
    rock salt, 2 d^3 for each anion, if that is more.

    Parameters
    ----------
    species : sequence of str
        The elements.
    distances : dict, optional
        Distances (Angstrom) of some elements or pairs, such as ``{'Al': 2.82,
        'Ni-Al': 2.5}``. That of an element is the size of its atoms, for all pairs;
        that of a pair, such as 'Cl-Cl', is for this pair only.
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
    >>> round(Sizes(('Na', 'Cl')).distance('Cl'), 2), Sizes(('Cl',)).distance('Cl')
    (4.03, 2.04)
    """

    species: tuple[str, ...]
    distances: dict[str, float] | None = None
    volumes: dict[str, float] | None = None
    source: str = 'given'

    def __post_init__(self) -> None:
        object.__setattr__(self, 'species', checks.symbols('species', self.species))
        names = self._names()
        given = [names[x] for x in self.distances or {} if x in names]
        if twice := [name for name, n in Counter(given).items() if n > 1]:
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

    @classmethod
    def of(cls, element: 'str | Sizes') -> 'Sizes':
        """Return the sizes of an element by its symbol, or sizes as they are.

        Raises
        ------
        ValueError
            Something else, such as a formula.

        Examples
        --------
        >>> Sizes.of('NaCl')
        Traceback (most recent call last):
        ...
        ValueError: element='NaCl': expected a chemical symbol, or sizes of several
        elements, Sizes(('Na', 'Cl'))
        """
        if isinstance(element, cls):
            return element
        if isinstance(element, str) and element in chemical_symbols[1:]:
            return cls((element,))
        try:
            several = tuple(Formula(''.join(element)).count())
        except (TypeError, ValueError):
            several = EXAMPLE
        if not set(several) <= set(chemical_symbols[1:]):
            several = EXAMPLE
        raise ValueError(
            f'element={element!r}: expected a chemical symbol, or sizes of several '
            f'elements, Sizes({several})'
        )

    def _names(self) -> dict[str, str]:
        """Return all names of elements and pairs, and what they are in one order."""
        names = {symbol: symbol for symbol in self.species}
        for a, b in combinations_with_replacement(self.species, 2):
            names |= {f'{a}-{b}': pair_name(a, b), f'{b}-{a}': pair_name(a, b)}
        return names

    @property
    def _given(self) -> dict[str, float]:
        """Given distances, by names in one order."""
        names = self._names()
        return {names[name]: float(d) for name, d in (self.distances or {}).items()}

    def _own(self, symbol: str) -> float:
        """Return the size of an element's atoms (Angstrom) beside those of others."""
        given = self._given
        if len(self.species) == 1:
            return next(iter(given.values()), size(symbol).distance)
        return given.get(symbol, size(symbol).distance)

    def distance(self, first: str, second: str | None = None) -> float:
        """Return the distance (Angstrom) of two neighbors, by default of one kind."""
        second = first if second is None else second
        given = self._given
        if (pair := pair_name(first, second)) in given:
            return given[pair]
        if first != second:
            of = self.distance if self._is_of_anions(pair) else self._own
            return 0.5 * (of(first) + of(second))
        around = [] if first in given else partners(first, self.species)
        nearest = min((self.distance(first, x) for x in around), default=0.0)
        return max(self._own(first), CONTACT * nearest)

    def scale(self, first: str, second: str | None = None) -> float:
        """Return the distance of two neighbors over that in tungsten."""
        return self.distance(first, second) / size('W').distance

    def volume(self, symbols: Sequence[str]) -> float:
        """Return the volume (Angstrom^3) of so many atoms at their own density."""
        counts = Counter(symbols)
        own = sum(n * self._volume(symbol) for symbol, n in counts.items())
        if self.volumes:
            return own
        return max(own, sum(n * self._ionic(x, counts) for x, n in counts.items()))

    def _ionic(self, symbol: str, species: Collection[str]) -> float:
        """Return the volume of an anion and its cation in rock salt; 0 for others."""
        around = [self.distance(symbol, x) for x in partners(symbol, species)]
        return ROCK_SALT * min(around, default=0.0) ** 3

    def _volume(self, symbol: str) -> float:
        given = (self.volumes or {}).get(symbol)
        if given is not None:
            return float(given)
        usual = size(symbol)
        return usual.volume * (self._own(symbol) / usual.distance) ** 3

    def changed(self, distances: dict[str, float], factor: float = 1.0) -> 'Sizes':
        """Return sizes with all lengths multiplied, and some distances replaced.

        Examples
        --------
        >>> round(Sizes(('Al', 'Ni')).changed({'Ni': 2.5}, 2.0).distance('Al', 'Ni'), 3)
        4.114
        """
        checks.real('factor', factor, above=0.0)
        given = self._given
        if factor != 1.0:
            every = {x: self._own(x) for x in self.species}
            every |= {x: d for x, d in self.pairs().items() if self._is_of_anions(x)}
            given = {x: factor * d for x, d in (every | given).items()}
        volumes = self.volumes and {x: factor**3 * v for x, v in self.volumes.items()}
        changed = Sizes(self.species, distances)._given  # or an error
        for symbol in changed:
            given.pop(pair_name(symbol, symbol), None)  # an element's size is for both
        source = 'given' if self.distances is None else f'{self.source}, or given'
        return Sizes(self.species, given | changed, volumes, source)

    def _is_of_anions(self, pair: str) -> bool:
        return all(is_anion(x, self.species) for x in pair.split('-'))

    def pairs(self) -> dict[str, float]:
        """Return the distances (Angstrom) of all pairs, by their names."""
        both = combinations_with_replacement(sorted(self.species), 2)
        return {pair_name(a, b): self.distance(a, b) for a, b in both}

    def __str__(self) -> str:
        """Return one line for the log: distances, volumes, and where they are from."""
        words = []
        for pair, distance in self.pairs().items():
            a, b = pair.split('-')
            where = size(a).source if a == b else ''
            if self._is_of_anions(pair):
                where = 'anions'
            if pair in self._given or (a == b and a in self._given):
                where = self.source
            words.append(f'{pair} {distance:.3g}' + (f' ({where})' if where else ''))
        volumes = ', '.join(self._volume_in_words(x) for x in self.species)
        return f'neighbors at {", ".join(words)} A; volumes {volumes} A^3'

    def _volume_in_words(self, symbol: str) -> str:
        ionic = 0.0 if self.volumes else self._ionic(symbol, self.species)
        words = f'{symbol} {self._volume(symbol):.3g}'
        return words + (f' (with its cation {ionic:.3g})' if ionic else '')
