"""Common crystals of one, two and three elements."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import permutations, product
from typing import Any, NamedTuple

import numpy as np
from ase import Atoms
from ase.cell import Cell
from ase.data import chemical_symbols

from ase_entropy import checks
from ase_entropy.chemistry import Sizes
from ase_entropy.starts.amounts import (
    MOST_ATOMS,
    Amounts,
    check_range,
    fixed_composition,
)
from ase_entropy.starts.cells import closest_pair
from ase_entropy.starts.registry import as_sizes, register
from ase_entropy.starts.symmetry import crystal

__all__ = ['PROTOTYPES', 'Prototype']

LARGEST = 5.0  # relative volume
LONGEST = 4  # repeats along one vector


class _Crystal(NamedTuple):
    """A crystal structure: group, conventional cell over a, and one atom of each orbit.

    Elements are numbered; coordinates are those of the first setting of the group in
    the International Tables.
    """

    group: int
    sites: tuple
    cell: tuple = (1, 1, 1, 90, 90, 90)


def _hexagonal(ratio: float) -> tuple:
    return 1, 1, ratio, 90, 90, 120


def _tetragonal(ratio: float) -> tuple:
    return 1, 1, ratio, 90, 90, 90


CORNER, CENTER, FACE = (0, 0, 0), (1 / 2, 1 / 2, 1 / 2), (0, 1 / 2, 1 / 2)
QUARTER = (1 / 4, 1 / 4, 1 / 4)
IDEAL = math.sqrt(8 / 3)  # c/a of close-packed layers

# Strukturbericht names and prototypes; which element is which is drawn.
PROTOTYPES = {
    'bcc': _Crystal(229, ((0, CORNER),)),
    'fcc': _Crystal(225, ((0, CORNER),)),
    'hcp': _Crystal(194, ((0, (1 / 3, 2 / 3, 1 / 4)),), _hexagonal(IDEAL)),
    'dhcp': _Crystal(
        194, ((0, CORNER), (0, (1 / 3, 2 / 3, 1 / 4))), _hexagonal(2 * IDEAL)
    ),
    'sc': _Crystal(221, ((0, CORNER),)),
    'diamond': _Crystal(227, ((0, CORNER),)),
    'A15': _Crystal(223, ((0, CORNER), (0, (1 / 4, 0, 1 / 2)))),
    'beta-Sn': _Crystal(141, ((0, CORNER),), _tetragonal(0.5456)),
    'omega': _Crystal(
        191, ((0, CORNER), (0, (1 / 3, 2 / 3, 1 / 2))), _hexagonal(0.613)
    ),
    'B1': _Crystal(225, ((0, CORNER), (1, CENTER))),  # NaCl
    'B2': _Crystal(221, ((0, CORNER), (1, CENTER))),  # CsCl
    'B3': _Crystal(216, ((0, CORNER), (1, QUARTER))),  # zincblende
    'B4': _Crystal(  # wurtzite
        186, ((0, (1 / 3, 2 / 3, 0)), (1, (1 / 3, 2 / 3, 3 / 8))), _hexagonal(IDEAL)
    ),
    'B8_1': _Crystal(  # NiAs
        194, ((0, CORNER), (1, (1 / 3, 2 / 3, 1 / 4))), _hexagonal(IDEAL)
    ),
    'L1_0': _Crystal(123, ((0, CORNER), (1, CENTER)), _tetragonal(math.sqrt(2))),
    'L1_2': _Crystal(221, ((0, CORNER), (1, FACE))),  # Cu3Au
    'D0_3': _Crystal(225, ((0, CORNER), (1, CENTER), (1, QUARTER))),  # BiF3
    'A3B-A15': _Crystal(223, ((0, CORNER), (1, (1 / 4, 0, 1 / 2)))),  # Cr3Si
    'C1': _Crystal(225, ((0, CORNER), (1, QUARTER))),  # fluorite, or antifluorite
    'C4': _Crystal(136, ((0, CORNER), (1, (0.305, 0.305, 0))), _tetragonal(0.644)),
    'C15': _Crystal(227, ((0, CORNER), (1, (5 / 8, 5 / 8, 5 / 8)))),  # Laves phase
    'C32': _Crystal(  # AlB2
        191, ((0, CORNER), (1, (1 / 3, 2 / 3, 1 / 2))), _hexagonal(1.0)
    ),
    'perovskite': _Crystal(221, ((0, CORNER), (1, CENTER), (2, FACE))),
    'half-Heusler': _Crystal(216, ((0, CORNER), (1, CENTER), (2, QUARTER))),
    'full-Heusler': _Crystal(225, ((0, CORNER), (1, CENTER), (2, QUARTER))),
}


def _kinds(name: str) -> int:
    """Return the number of elements of a prototype."""
    return 1 + max(kind for kind, _ in PROTOTYPES[name].sites)


def _occupations(name: str, amounts: Amounts) -> list[tuple[str, ...]]:
    """Return which elements may take the places of a prototype, in their order."""
    kinds = _kinds_of_atoms(name)
    return [
        chosen
        for chosen in permutations(amounts.elements, _kinds(name))
        if amounts.allow([chosen[kind] for kind in kinds])
    ]


@cache
def _kinds_of_atoms(name: str) -> tuple[int, ...]:
    """Return which kind each atom of the primitive cell is."""
    group, sites, cell = PROTOTYPES[name]
    points = [(chemical_symbols[1 + kind], np.array(x)) for kind, x in sites]
    atoms = crystal(group, Cell.fromcellpar(cell)[:], points)
    return tuple((atoms.numbers - 1).tolist())


@register
@dataclass(frozen=True)
class Prototype:
    """Common crystals of the elements: bcc, fcc, NaCl, perovskite, ...

    One of the structures that need no more elements than there are is drawn, then
    which elements it has and where, as far as the composition allows, its volume, and
    how often the primitive cell is repeated: of all supercells with up to so many
    atoms, each is as probable as any other. Structures have ideal ratios c/a, or those
    of their namesakes.

    Parameters
    ----------
    elements : sequence of str
        The elements.
    names : sequence of str, optional
        Some of :data:`PROTOTYPES`, by default all that fit.
    volume : tuple of float
        Range of the volume, uniform, in units of that of the atoms by themselves.
    most : int
        Largest number of atoms of supercells; primitive cells may have more.
    composition : str or dict
        ``'free'``, a formula, or ranges of fractions: see
        :class:`~ase_entropy.starts.amounts.Amounts`.
    closest : float
        Least distance of a pair over that of neighbors of its elements; where the
        volume asks for less, as in open crystals, it is enlarged.
    sizes : Sizes, optional
        Lengths and volumes of the atoms. By default those of the reference states.

    Raises
    ------
    ValueError
        A bad parameter, or structures that need more elements.

    Examples
    --------
    >>> atoms = Prototype(('Ni', 'Al'), ['L1_2']).atoms(np.random.default_rng(2))
    >>> atoms.info['start'], len(atoms)
    ('prototype L1_2', 4)
    """

    elements: Sequence[str]
    names: Sequence[str] | None = None
    volume: tuple[float, float] = (0.75, 1.35)
    most: int = 1
    composition: Any = 'free'
    closest: float = 0.7
    sizes: Sizes | None = field(default=None, metadata={'absent': None})

    def __post_init__(self) -> None:
        elements = checks.symbols('elements', self.elements)
        fit = [name for name in PROTOTYPES if _kinds(name) <= len(elements)]
        amounts = Amounts(elements, (1, MOST_ATOMS), self.composition)
        composition = fixed_composition(self.composition)
        fit = [name for name in fit if _occupations(name, amounts)]
        if not fit:
            raise ValueError(
                f'composition={composition!r}: expected that of a prototype, no '
                f'crystal of {", ".join(elements)} has it'
            )
        names = fit if self.names is None else checks.sequence('names', self.names)
        if not names or not set(names) <= set(fit):
            raise ValueError(
                f'names={self.names!r}: expected some of {", ".join(fit)}, '
                f'which {", ".join(elements)} make with composition={composition!r}'
            )
        volume = check_range('volume', self.volume, above=0.0, most=LARGEST)
        checks.real('closest', self.closest, above=0.0, most=1.0)
        checks.whole('most', self.most, least=1, most=MOST_ATOMS)
        fixed = {
            'elements': elements,
            'names': tuple(names),
            'composition': composition,
            'volume': volume,
            'sizes': self.sizes and as_sizes(self.sizes, elements),
        }
        for name, value in fixed.items():
            object.__setattr__(self, name, value)

    def chemical_symbols(self) -> list[str]:
        """Return the elements that may occur."""
        return list(self.elements)

    @property
    def formula(self) -> str:
        """What there is, in words."""
        return f'{len(self.names)} prototypes of {", ".join(self.elements)}'

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return atoms, others for each state of the generator."""
        checks.generator('rng', rng)
        sizes = as_sizes(self.sizes, self.elements)
        name = str(rng.choice(self.names))
        group, sites, cell = PROTOTYPES[name]
        amounts = Amounts(self.elements, (1, MOST_ATOMS), self.composition)
        occupations = _occupations(name, amounts)
        chosen = occupations[rng.integers(len(occupations))]
        atoms = crystal(
            group,
            Cell.fromcellpar(cell)[:],
            [(chosen[k], np.array(x)) for k, x in sites],
        )
        volume = rng.uniform(*self.volume) * sizes.volume(list(atoms.symbols))
        _scale(atoms, (volume / atoms.cell.volume) ** (1 / 3))
        _scale(atoms, max(1.0, self.closest / closest_pair(atoms, sizes)))
        atoms = atoms.repeat(self._repeats(len(atoms), rng))
        atoms.info['start'] = f'prototype {name}'
        return atoms

    def _repeats(self, atoms: int, rng: np.random.Generator) -> list[int]:
        """Return how often a cell of so many atoms is repeated along each vector."""
        most = max(1, self.most // atoms)
        numbers = range(1, min(most, LONGEST) + 1)
        fit = [x for x in product(numbers, repeat=3) if math.prod(x) <= most]
        return list(fit[rng.integers(len(fit))])


def _scale(atoms: Atoms, factor: float) -> None:
    atoms.set_cell(factor * atoms.cell[:], scale_atoms=True)
