"""Random packings: atoms at random places, none too close to another."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

import numpy as np
from ase import Atoms
from ase.cell import Cell
from ase.formula import Formula
from ase.symbols import Symbols

from ase_entropy import checks
from ase_entropy.chemistry import Sizes, pair_name, size
from ase_entropy.pairs import Pairs, find_pairs
from ase_entropy.starts.registry import register

__all__ = [
    'MOST_DENSITY',
    'RandomPacking',
    'paper_density',
    'random_packing',
    'symbols_of',
    'usual_density',
]

MOST_ATOMS = 1_000_000
SWEEPS = 5000
PAPER_ATOMS = 39
DENSITY = 0.65  # of that of the elements; measured, see docs/explanation/materials.md
MOST_DENSITY = 2.0  # of the bulk's
DENSEST = np.pi / np.sqrt(18)  # volume fraction of close-packed spheres


def random_packing(
    symbols: str | list[str],
    cell: np.ndarray,
    min_distance: float | dict[str, float],
    rng: np.random.Generator,
) -> Atoms:
    """Place atoms at random, no two closer than a minimum distance.

    Positions are uniform; of two atoms that are too close, the later one is drawn
    again until no such pair is left. Elements are in a random order.

    Parameters
    ----------
    symbols : str or list of str
        ``'W39'`` or ``['W'] * 39``.
    cell : array
        Three lengths or three vectors (Angstrom); periodic in all directions.
    min_distance : float or dict
        Excluded distance (Angstrom), over all images, an atom's own included; or that
        of each pair of elements, as ``{'Al-Al': 2.1, 'Al-Ni': 2.0, 'Ni-Ni': 1.8}``.
    rng : numpy.random.Generator
        Source of randomness.

    Raises
    ------
    ValueError
        Unknown symbols, a cell without volume, a pair without a distance, or a packing
        that is impossible.

    Examples
    --------
    >>> atoms = random_packing('W20', (9, 9, 9), 2.5, np.random.default_rng(1))
    >>> bool(find_pairs(atoms, 9.0).r_p.min() >= 2.5)
    True
    """
    checks.generator('rng', rng)
    symbols = symbols_of(symbols)
    excluded = _excluded(min_distance, symbols)
    if len(set(symbols)) > 1:
        symbols = rng.permutation(symbols).tolist()
    atoms = Atoms(symbols, cell=_cell(cell), pbc=True)
    fractions_nc = rng.random((len(atoms), 3))
    atoms.set_scaled_positions(fractions_nc)
    spheres = sum(np.pi / 6 * excluded[pair_name(x, x)] ** 3 for x in symbols)
    possible = spheres <= DENSEST * atoms.cell.volume
    for _ in range(SWEEPS if possible else 0):
        pairs = _too_close(atoms, excluded)
        if (pairs.i_p == pairs.j_p).any():
            break
        overlapping_n = np.unique(pairs.j_p[pairs.j_p > pairs.i_p])
        if len(overlapping_n) == 0:
            return atoms
        fractions_nc[overlapping_n] = rng.random((len(overlapping_n), 3))
        atoms.set_scaled_positions(fractions_nc)
    raise ValueError(
        f'min_distance={min_distance}: found no room for {len(atoms)} atoms in '
        f'{atoms.cell.volume:.4g} Angstrom^3; expected a shorter distance, fewer atoms '
        'or a larger cell'
    )


@register
@dataclass(frozen=True)
class RandomPacking:
    """A start at random, by default in the cell of the paper: see `random_packing`.

    Parameters
    ----------
    symbols : str
        Formula.
    cell : tuple
        Three lengths or three vectors (Angstrom).
    min_distance : float or dict
        Excluded distance (Angstrom), or that of each pair of elements.

    Examples
    --------
    >>> len(RandomPacking().atoms(np.random.default_rng(1)))
    39
    """

    symbols: str = 'W39'
    cell: tuple = (9.54, 9.54, 14.31)
    min_distance: float | dict[str, float] = 2.0

    def __post_init__(self) -> None:
        _excluded(self.min_distance, symbols_of(self.symbols))
        _cell(self.cell)
        if not isinstance(self.min_distance, dict):
            shortest = float(self.min_distance)
            object.__setattr__(self, 'min_distance', shortest)
        plain = np.array(self.cell, dtype=float).tolist()
        fixed = tuple(tuple(x) if isinstance(x, list) else x for x in plain)
        object.__setattr__(self, 'cell', fixed)

    @classmethod
    def of(
        cls,
        symbols: str,
        sizes: Sizes | None = None,
        density: float | None = None,
        cell: tuple | None = None,
    ) -> 'RandomPacking':
        """Return a packing of atoms of these sizes, by default as loose as the paper's.

        Parameters
        ----------
        symbols : str
            Formula.
        sizes : Sizes, optional
            By default those of the reference states.
        density : float, optional
            Density in units of that of the atoms' own volumes; by default that of the
            paper's cell, :func:`paper_density`. The cell has the shape of the paper's.
        cell : tuple, optional
            Three lengths or three vectors (Angstrom) instead.

        Examples
        --------
        >>> RandomPacking.of('W39') == RandomPacking()
        True
        >>> packing = RandomPacking.of('Ni16Al16', density=0.5)
        >>> packing.cell[0] == packing.cell[1] < packing.cell[2]
        True
        """
        listed = symbols_of(symbols)
        species = tuple(dict.fromkeys(listed))
        sizes = Sizes(species) if sizes is None else sizes
        if cell is not None and density is not None:
            raise ValueError(f'cell={cell} and density={density}: expected one of them')
        if cell is None:
            looser = 1.0
            if density is not None:
                checks.real('density', density, above=0.0, most=MOST_DENSITY)
                looser = paper_density() / density
            bigger = sizes.volume(listed) / (PAPER_ATOMS * size('W').volume)
            cell = tuple(length * (looser * bigger) ** (1 / 3) for length in cls.cell)
        pairs = {
            pair: cls.min_distance * sizes.scale(*pair.split('-'))
            for pair in sizes.pairs()
        }
        (own, *others) = pairs.values()
        return cls(symbols, cell, pairs if others else own)

    def chemical_symbols(self) -> list[str]:
        """Return the symbol of each atom."""
        return symbols_of(self.symbols)

    @property
    def formula(self) -> str:
        """Chemical formula."""
        return Atoms(self.chemical_symbols()).get_chemical_formula()

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return atoms, at other places for each state of the generator."""
        return random_packing(self.symbols, self.cell, self.min_distance, rng)


def paper_density() -> float:
    """Return the density of the paper's cell, in units of that of bulk tungsten.

    Examples
    --------
    >>> round(paper_density(), 3)
    0.472
    """
    return float(PAPER_ATOMS * size('W').volume / np.prod(RandomPacking.cell))


def usual_density(symbols: list[str]) -> float:
    """Return the density for diverse cells, in units of that of the atoms themselves.

    0.65, as measured for metals; where the atoms' own crystals are open, as diamond is,
    so much that atoms have as many neighbors, and at most 1.

    Examples
    --------
    >>> usual_density(['W']), usual_density(['Si'])
    (0.65, 1.0)
    """
    tungsten, sizes = size('W'), Sizes(tuple(dict.fromkeys(symbols)))
    close = tungsten.volume / tungsten.distance**3
    counts = Counter(symbols)
    packed = sum(n * (close * sizes.distance(x) ** 3) for x, n in counts.items())
    return float(np.clip(DENSITY * sizes.volume(symbols) / packed, DENSITY, 1.0))


def _excluded(
    min_distance: float | dict[str, float], symbols: list[str]
) -> dict[str, float]:
    """Return the excluded distance of each pair of elements."""
    species = sorted(set(symbols))
    pairs = [pair_name(a, b) for a, b in combinations_with_replacement(species, 2)]
    if not isinstance(min_distance, dict):
        checks.real('min_distance', min_distance, above=0.0)
        return dict.fromkeys(pairs, min_distance)
    given = {
        pair_name(*name.split('-')): d
        for name, d in min_distance.items()
        if str(name).count('-') == 1
    }
    if missing := [pair for pair in pairs if pair not in given]:
        raise ValueError(f'min_distance has no {missing}: expected all pairs {pairs}')
    return {pair: checks.real('min_distance', given[pair], above=0.0) for pair in pairs}


def _too_close(atoms: Atoms, excluded: dict[str, float]) -> Pairs:
    """Return the pairs that are closer than they may be."""
    pairs = find_pairs(atoms, max(excluded.values()))
    if len(excluded) == 1:
        return pairs
    names_n = np.array(atoms.get_chemical_symbols())
    both = zip(names_n[pairs.i_p], names_n[pairs.j_p], strict=True)
    excluded_p = np.array([excluded[pair_name(a, b)] for a, b in both])
    return pairs.select(pairs.r_p < excluded_p)


def _cell(cell: np.ndarray) -> Cell:
    try:
        complete = Cell.new(cell)
        lengths = np.asarray(cell, float).size != 3 or np.min(cell) > 0.0
        if np.isfinite(complete[:]).all() and complete.volume > 0 and lengths:
            return complete
    except (TypeError, ValueError):
        pass
    raise ValueError(
        f'cell={cell!r}: expected three lengths or vectors that span a volume'
    )


def symbols_of(symbols: str | list[str]) -> list[str]:
    """Return the symbol of each atom of a formula."""
    try:
        text = symbols if isinstance(symbols, str) else ''.join(symbols)
        chemical_symbols = _symbols_of(text)
    except (KeyError, ValueError, TypeError):
        chemical_symbols = ()
    if len(chemical_symbols) == 0 or 'X' in chemical_symbols:
        raise ValueError(
            f'symbols={symbols!r}: expected a formula of known elements, '
            f'{MOST_ATOMS} atoms at most, such as W39'
        )
    return list(chemical_symbols)


@lru_cache(maxsize=8)  # all walkers of a campaign have the same
def _symbols_of(text: str) -> tuple[str, ...]:
    several = sum(Formula(text).count().values()) <= MOST_ATOMS
    return tuple(Symbols.fromsymbols(text)) if several else ()
