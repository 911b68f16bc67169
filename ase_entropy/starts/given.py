"""Given atoms as starts: one structure, or all configurations of a set."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from ase.io.jsonio import decode, encode

from ase_entropy import checks
from ase_entropy.pairs import native_arrays
from ase_entropy.sets.reading import read_configurations
from ase_entropy.starts.registry import register

__all__ = ['Given', 'Structure']

SHAPES = {
    'numbers_n': (-1,),
    'positions_nc': (-1, 3),
    'size_m': (-1,),
    'cell_mcc': (-1, 3, 3),
    'pbc_mc': (-1, 3),
}


@register
@dataclass(frozen=True)
class Structure:
    """A start from given atoms, the same for every walker.

    Parameters
    ----------
    text : str
        Atoms as JSON: what :meth:`of` makes.

    Raises
    ------
    ValueError
        Text that describes no atoms.

    Examples
    --------
    >>> start = Structure.of(Atoms('W2', [(0, 0, 0), (2.7, 0, 0)]))
    >>> start.atoms(np.random.default_rng(1)).positions[1]
    array([2.7, 0. , 0. ])
    """

    text: str

    def __post_init__(self) -> None:
        try:
            self.atoms()
        except Exception as error:  # whatever JSON and ASE raise
            raise ValueError(
                f'text={self.text!r}: expected what Structure.of(atoms) makes'
            ) from error

    @classmethod
    def of(cls, atoms: Atoms) -> 'Structure':
        """Return a start from a copy of these atoms, constraints included."""
        still = native_arrays(atoms.copy())
        still.info.clear()
        for name in set(still.arrays) - {'numbers', 'positions', 'tags', 'masses'}:
            del still.arrays[name]
        try:
            return cls(encode(still.todict()))
        except TypeError as error:  # a constraint, as a rule
            raise ValueError(
                f'atoms hold what JSON cannot ({error}): expected constraints of ASE'
            ) from error

    def chemical_symbols(self) -> list[str]:
        """Return the symbol of each atom."""
        return self.atoms().get_chemical_symbols()

    @property
    def formula(self) -> str:
        """Chemical formula."""
        return self.atoms().get_chemical_formula()

    def atoms(self, rng: np.random.Generator | None = None) -> Atoms:
        """Return the atoms, whatever the generator."""
        return Atoms.fromdict(decode(self.text))


@register
@dataclass(frozen=True, eq=False)
class Given:
    """Configurations of a set: each walker starts from one of them, drawn at random.

    All are equally probable, so that some serve several walkers before others have
    their turn. They keep atoms, cell and periodicity; constraints, momenta and results
    are left out. The arrays of a large set stand once in a database, in no row.

    Parameters
    ----------
    numbers_n : (n,) array
        Atomic numbers of all configurations, one after the other.
    positions_nc : (n, 3) array
        Positions (Angstrom).
    size_m : (m,) array
        Number of atoms of each configuration.
    cell_mcc : (m, 3, 3) array
        Cells (Angstrom).
    pbc_mc : (m, 3) array
        1 for periodic directions, 0 for others.

    Raises
    ------
    ValueError
        Arrays that do not fit together, configurations without atoms, numbers that are
        not finite.

    Examples
    --------
    >>> from ase.build import bulk
    >>> start = Given.of([bulk('W'), bulk('Al', cubic=True)])
    >>> len(start), sorted(start.chemical_symbols())
    (2, ['Al', 'W'])
    >>> start.atoms(np.random.default_rng(1)).info['start']
    'given 0'
    """

    numbers_n: Any
    positions_nc: Any
    size_m: Any
    cell_mcc: Any
    pbc_mc: Any

    def __post_init__(self) -> None:
        for name, shape in SHAPES.items():
            array = checks.array(name, getattr(self, name))
            try:
                array = array.reshape(shape)
            except ValueError:
                raise ValueError(
                    f'{name} has shape {array.shape}: expected {shape}'
                ) from None
            if not np.isfinite(array).all():
                raise ValueError(f'{name}: expected finite numbers')
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        atoms, known = len(self.numbers_n), np.arange(1, len(chemical_symbols))
        good = (
            len(self) == len(self.cell_mcc) == len(self.pbc_mc) > 0
            and self.size_m.min() >= 1
            and self.size_m.sum() == atoms == len(self.positions_nc)
            and np.isin(self.numbers_n, known).all()
        )
        if not good:
            raise ValueError(
                f'{len(self)} configurations of {atoms} atoms in all: expected one or '
                'more, with atoms of real elements, and arrays that fit together'
            )

    @classmethod
    def of(cls, configurations: Iterable[Atoms]) -> 'Given':
        """Return starts from copies of these configurations."""
        every = list(configurations)
        if not every:
            raise ValueError('configurations: expected one or more')
        return cls(
            np.concatenate([atoms.numbers for atoms in every]),
            np.concatenate([atoms.positions for atoms in every]),
            [len(atoms) for atoms in every],
            [atoms.cell[:] for atoms in every],
            [atoms.pbc for atoms in every],
        )

    @classmethod
    def read(cls, name: str | Path) -> 'Given':
        """Return starts from a set: any file or database, see `read_configurations`.

        Raises
        ------
        ValueError
            A set that is not there, cannot be read, or is empty.
        """
        return cls.of(found.atoms for found in read_configurations(name))

    def todict(self) -> dict:
        """Return all arrays as lists of floats, which a database can hold once."""
        return {name: getattr(self, name).tolist() for name in SHAPES}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Given) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in SHAPES
        )

    def __hash__(self) -> int:
        return hash(self.positions_nc.tobytes())

    def __len__(self) -> int:
        return len(self.size_m)

    def chemical_symbols(self) -> list[str]:
        """Return the elements that occur."""
        return [chemical_symbols[int(z)] for z in np.unique(self.numbers_n)]

    @property
    def formula(self) -> str:
        """What there is, in words."""
        return f'{len(self)} configurations of {", ".join(self.chemical_symbols())}'

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return one of the configurations, drawn at random."""
        number = int(checks.generator('rng', rng).integers(len(self)))
        first = int(self.size_m[:number].sum())
        own = slice(first, first + int(self.size_m[number]))
        return Atoms(
            self.numbers_n[own].astype(int),
            self.positions_nc[own],
            cell=self.cell_mcc[number],
            pbc=self.pbc_mc[number].astype(bool),
            info={'start': f'given {number}'},
        )
