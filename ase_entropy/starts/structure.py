"""A given structure as a start."""

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.io.jsonio import decode, encode

from ase_entropy.pairs import native_arrays
from ase_entropy.starts.registry import register

__all__ = ['Structure']


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
