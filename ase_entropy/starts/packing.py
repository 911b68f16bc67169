"""Random packings: atoms at random places, none too close to another."""

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.cell import Cell
from ase.formula import Formula
from ase.symbols import Symbols

from ase_entropy import checks
from ase_entropy.pairs import find_pairs

__all__ = ['RandomPacking', 'random_packing']

MOST_ATOMS = 1_000_000
SWEEPS = 5000
DENSEST = np.pi / np.sqrt(18)  # volume fraction of close-packed spheres


def random_packing(
    symbols: str | list[str],
    cell: np.ndarray,
    min_distance: float,
    rng: np.random.Generator,
) -> Atoms:
    """Place atoms at random, no two closer than a minimum distance.

    Positions are uniform; of two atoms that are too close, the later one is drawn
    again until no such pair is left.

    Parameters
    ----------
    symbols : str or list of str
        ``'W39'`` or ``['W'] * 39``.
    cell : array
        Three lengths or three vectors (Angstrom); periodic in all directions.
    min_distance : float
        Excluded distance (Angstrom), over all images, an atom's own included.
    rng : numpy.random.Generator
        Source of randomness.

    Raises
    ------
    ValueError
        Unknown symbols, a cell without volume, or a packing that is impossible.

    Examples
    --------
    >>> atoms = random_packing('W20', (9, 9, 9), 2.5, np.random.default_rng(1))
    >>> bool(find_pairs(atoms, 9.0).r_p.min() >= 2.5)
    True
    """
    checks.real('min_distance', min_distance, above=0.0)
    checks.generator('rng', rng)
    atoms = Atoms(_symbols(symbols), cell=_cell(cell), pbc=True)
    fractions_nc = rng.random((len(atoms), 3))
    atoms.set_scaled_positions(fractions_nc)
    spheres = len(atoms) * np.pi / 6 * min_distance**3
    possible = spheres <= DENSEST * atoms.cell.volume
    for _ in range(SWEEPS if possible else 0):
        pairs = find_pairs(atoms, min_distance)
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


@dataclass(frozen=True)
class RandomPacking:
    """A start at random, by default in the cell of the paper: see `random_packing`.

    Parameters
    ----------
    symbols : str
        Formula.
    cell : tuple
        Three lengths or three vectors (Angstrom).
    min_distance : float
        Excluded distance (Angstrom).

    Examples
    --------
    >>> len(RandomPacking().atoms(np.random.default_rng(1)))
    39
    """

    symbols: str = 'W39'
    cell: tuple = (9.54, 9.54, 14.31)
    min_distance: float = 2.0

    def __post_init__(self) -> None:
        _symbols(self.symbols)
        _cell(self.cell)
        shortest = checks.real('min_distance', self.min_distance, above=0.0)
        object.__setattr__(self, 'min_distance', shortest)
        plain = np.array(self.cell, dtype=float).tolist()
        fixed = tuple(tuple(x) if isinstance(x, list) else x for x in plain)
        object.__setattr__(self, 'cell', fixed)

    def chemical_symbols(self) -> list[str]:
        """Return the symbol of each atom."""
        return _symbols(self.symbols)

    @property
    def formula(self) -> str:
        """Chemical formula."""
        return Atoms(self.chemical_symbols()).get_chemical_formula()

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return atoms, at other places for each state of the generator."""
        return random_packing(self.symbols, self.cell, self.min_distance, rng)


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


def _symbols(symbols: str | list[str]) -> list[str]:
    try:
        text = symbols if isinstance(symbols, str) else ''.join(symbols)
        several = sum(Formula(text).count().values()) <= MOST_ATOMS
        chemical_symbols = Symbols.fromsymbols(text) if several else []
    except (KeyError, ValueError, TypeError):
        chemical_symbols = []
    if len(chemical_symbols) == 0 or 'X' in chemical_symbols:
        raise ValueError(
            f'symbols={symbols!r}: expected a formula of known elements, '
            f'{MOST_ATOMS} atoms at most, such as W39'
        )
    return list(chemical_symbols)
