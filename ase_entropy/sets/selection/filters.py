"""Filters: configurations that nobody wants to compute."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.analysis import ElementUnits
from ase_entropy.pairs import find_pairs
from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.labels import LabelKey, labels_of
from ase_entropy.sets.selection.bounds import (
    FAR,
    UNKNOWN,
    Bounds,
    EnergyPerAtom,
    energy_per_atom,
)
from ase_entropy.sets.selection.close_pairs import closest_pair

__all__ = ['Filters']

CLOSEST = 0.5  # distances of neighbors: atoms of a sane configuration are not closer


@dataclass
class Filters:
    """Leave configurations out, and count them by the reason: the first that applies.

    Parameters
    ----------
    closest : float
        Least distance of a pair, over the distance of neighbors, see
        :func:`closest_pair`; 0 leaves none out.
    most_force : float, optional
        Largest force of a label (eV/Angstrom).
    most_energy : float, optional
        Largest labeled energy per atom (eV) above the lowest of the configurations with
        the same elements; known when all were read: see :meth:`low_enough`.
    elements : sequence of str, optional
        No other elements.
    no_isolated : bool
        No atom without another within twice the distance of neighbors.
    label_keys : dict of LabelKey, optional
        Names of the labels, as :func:`labels_of` takes them.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from ase_entropy.sets.sources import Source
    >>> filters = Filters(closest=0.7)
    >>> for a in (1.5, 3.2):
    ...     atoms = bulk('W', a=a)
    ...     print(filters.keep(Configuration(atoms, None, 0, Source('w.xyz'))))
    False
    True
    >>> filters.lines()
    ['left out: 1 of 2 with a pair closer than 0.7 of the distance of neighbors']
    """

    closest: float = CLOSEST
    most_force: float | None = None
    most_energy: float | None = None
    elements: Sequence[str] | None = None
    no_isolated: bool = False
    label_keys: Mapping[str, LabelKey] | None = None
    seen: int = field(default=0, init=False)
    left_out: Counter = field(default_factory=Counter, init=False)
    energies: list[EnergyPerAtom] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        checks.real('closest', self.closest, least=0.0)
        self.bounds = Bounds(self.most_force, self.most_energy)
        if self.elements is not None:
            checks.symbols('elements', self.elements)

    def keep(self, configuration: Configuration) -> bool:
        """Return whether a configuration stays.

        Raises
        ------
        ValueError
            No labels where a bound of theirs is set; atoms that cannot be.
        """
        try:
            reason = self._reason(configuration)
        except ValueError as error:
            raise ValueError(f'{configuration.name}: {error}') from error
        self.seen += 1
        if reason:
            self.left_out[reason] += 1
        return not reason

    def _reason(self, configuration: Configuration) -> str:
        atoms = configuration.atoms
        if self.elements and (others := set(atoms.symbols) - set(self.elements)):
            return f'with other elements ({", ".join(sorted(others))})'
        if self.closest and closest_pair(atoms, self.closest):
            return self.too_close
        if self.no_isolated and _has_isolated(atoms):
            return 'with an isolated atom'
        if self.most_force is not None:
            if self.bounds.is_strong(self._label(configuration, 'forces')):
                return f'with a force above {self.most_force:g} eV/A'
        if self.most_energy is not None:
            energy = self._label(configuration, 'energy')
            self.energies.append(energy_per_atom(atoms, energy))
        return ''

    @property
    def too_close(self) -> str:
        """The reason of those with close pairs."""
        return f'with a pair closer than {self.closest:g} of the distance of neighbors'

    def _label(self, configuration: Configuration, name: str) -> np.ndarray:
        labels = labels_of(configuration, self.label_keys)
        if name not in labels:
            raise ValueError(f'has no {name}: expected a label, to filter by it')
        return labels[name]

    def low_enough(self, configurations: int) -> np.ndarray:
        """Return which of the configurations that stayed have energies low enough."""
        if self.most_energy is None:
            return np.ones(configurations, bool)
        low_m = ~self.bounds.are_high(self.energies)
        if high := int((~low_m).sum()):
            bound = f'{self.most_energy:g} eV per atom above the lowest energy'
            self.left_out[f'more than {bound}'] = high
        return low_m

    def lines(self) -> list[str]:
        """Return a line for each reason."""
        every = self.left_out.items()
        return [f'left out: {n} of {self.seen} {reason}' for reason, n in every]


def _has_isolated(atoms: Atoms) -> bool:
    present = np.unique(atoms.numbers)
    distance_zz = ElementUnits.of_elements(present).distance_zz
    own_zz = np.nan_to_num(distance_zz[np.ix_(present, present)], nan=UNKNOWN)
    pairs = find_pairs(atoms, FAR * own_zz.max())
    own_p = FAR * np.nan_to_num(
        distance_zz[atoms.numbers[pairs.i_p], atoms.numbers[pairs.j_p]], nan=UNKNOWN
    )
    near_p = pairs.r_p < own_p
    return len(np.unique(pairs.i_p[near_p])) < len(atoms)
