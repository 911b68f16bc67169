"""What a set of configurations holds, in a few numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ase_entropy.chemistry import Sizes, has_size
from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.labels import labels_of
from ase_entropy.sets.sizes import REACH, nearest_of_pairs

__all__ = ['Summary', 'counted', 'spread', 'summarize']

SHOWN = 8  # groups


@dataclass
class Summary:
    """Numbers of a set.

    Attributes
    ----------
    sizes : list of int
        Atoms of each configuration.
    elements, groups, labels, periodic : Counter
        Atoms of each element; configurations of each group, with each label, and with
        so many periodic directions.
    volumes : list of float
        Volume per atom (Angstrom^3) of each fully periodic configuration.
    shortest : dict of float
        Shortest distance (Angstrom) of each pair of elements, up to 1.5 times the
        distance of neighbors; of those with a size.
    energies : list of float
        Labeled energies per atom (eV).
    largest_force : float
        Largest labeled force (eV/Angstrom).
    unclear : str
        Why the labels of a configuration are not clear, the first such.
    """

    sizes: list[int] = field(default_factory=list)
    elements: Counter = field(default_factory=Counter)
    groups: Counter = field(default_factory=Counter)
    labels: Counter = field(default_factory=Counter)
    periodic: Counter = field(default_factory=Counter)
    volumes: list[float] = field(default_factory=list)
    shortest: dict[str, float] = field(default_factory=dict)
    energies: list[float] = field(default_factory=list)
    largest_force: float = 0.0
    unclear: str = ''

    def add(self, configuration: Configuration) -> None:
        """Count one configuration."""
        atoms = configuration.atoms
        self.sizes.append(len(atoms))
        self.elements.update(atoms.symbols)
        kind = configuration.group or configuration.kind or configuration.file_group
        self.groups[kind] += 1
        self.periodic[int(atoms.pbc.sum())] += 1
        if atoms.pbc.all() and atoms.cell.rank == 3 and len(atoms):
            self.volumes.append(atoms.get_volume() / len(atoms))
        try:
            self._add_pairs(atoms)
        except ValueError as error:
            raise ValueError(f'{configuration.name}: {error}') from error
        try:
            labels = labels_of(configuration)
        except ValueError as error:
            self.labels['unclear'] += 1
            self.unclear = self.unclear or str(error)
            return
        self.labels.update(labels.keys())
        if 'energy' in labels:
            self.energies.append(labels['energy'] / max(1, len(atoms)))
        if 'forces' in labels:
            force = float(np.linalg.norm(labels['forces'], axis=1).max(initial=0.0))
            self.largest_force = max(self.largest_force, force)

    def _add_pairs(self, atoms) -> None:
        atoms = atoms[[has_size(symbol) for symbol in atoms.symbols]]
        if not len(atoms):
            return
        species = tuple(dict.fromkeys(atoms.symbols))
        sizes = Sizes(species)
        reach = REACH * max(sizes.pairs().values())
        for name, distances in nearest_of_pairs(atoms, species, reach).items():
            found = min(self.shortest.get(name, np.inf), distances.min())
            self.shortest[name] = float(found)

    def todict(self) -> dict[str, Any]:
        """Return the summary as numbers, by names that stay."""
        return {
            'kind': 'set',
            'configurations': len(self.sizes),
            'atoms': sum(self.sizes),
            'elements': dict(sorted(self.elements.items())),
            'size': _quantiles(self.sizes),
            'periodic_directions': dict(sorted(self.periodic.items())),
            'volume_per_atom': _quantiles(self.volumes),
            'shortest_pairs': dict(sorted(self.shortest.items())),
            'groups': dict(self.groups),
            'labels': dict(sorted(self.labels.items())),
            'energy_per_atom': _quantiles(self.energies),
            'largest_force': self.largest_force if self.labels['forces'] else None,
        }

    def lines(self) -> list[str]:
        """Return the summary as lines of text."""
        number = len(self.sizes)
        elements = ', '.join(
            f'{n} {symbol}' for symbol, n in sorted(self.elements.items())
        )
        lines = [
            f'{number} configurations, {sum(self.sizes)} atoms: {elements}',
            f'atoms of a configuration: {spread(self.sizes)}',
            'periodic directions: '
            + ', '.join(f'{d} in {n}' for d, n in sorted(self.periodic.items())),
        ]
        if self.volumes:
            lines.append(f'volume per atom (A^3): {spread(self.volumes)}')
        known = tuple(x for x in sorted(self.elements) if has_size(x))
        pairs = Sizes(known).pairs() if known else {}
        met = dict(sorted(self.shortest.items()))
        lines.append(
            'shortest pairs (A), and over the distance of neighbors: '
            + (
                ', '.join(f'{x} {d:.3f} ({d / pairs[x]:.2f})' for x, d in met.items())
                or '-'
            )
        )
        return [*lines, f'groups: {counted(self.groups)}', *self._labels(number)]

    def _labels(self, number: int) -> list[str]:
        counts = [f'{name} in {n}' for name, n in sorted(self.labels.items())]
        lines = [f'labels: {", ".join(counts) or "none"}, of {number}']
        if self.energies:
            lines.append(f'energy per atom (eV): {spread(self.energies)}')
        if self.labels['forces']:
            lines.append(f'largest force (eV/A): {self.largest_force:.4g}')
        if self.unclear:
            lines.append(f'unclear, for example {self.unclear}')
        return lines


def _quantiles(x: Sequence[float]) -> dict[str, float] | None:
    """Return the least, median and largest of some numbers; None of none."""
    if not len(x):
        return None
    names = ('min', 'median', 'max')
    return dict(zip(names, np.quantile(x, [0.0, 0.5, 1.0]).tolist(), strict=True))


def counted(kinds: Counter) -> str:
    """Return names and numbers of the most frequent kinds.

    Examples
    --------
    >>> counted(Counter('aab'))
    'a 2, b 1'
    """
    named = [f'{name} {n}' for name, n in kinds.most_common(SHOWN)]
    more = len(kinds) - SHOWN
    return ', '.join(named) + (f', {more} more' if more > 0 else '')


def spread(x: Sequence[float]) -> str:
    """Return the least, the largest and the median of some numbers.

    Examples
    --------
    >>> spread([2.0, 8.0, 3.0]), spread([5, 5])
    ('2 to 8, median 3', '5')
    """
    low, middle, high = (f'{value:.4g}' for value in _quantiles(x).values())
    return low if low == high else f'{low} to {high}, median {middle}'


def summarize(configurations: Iterable[Configuration]) -> Summary:
    r"""Return the numbers of a set, read one configuration after the other.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from ase.io import write
    >>> from ase_entropy.sets import read_configurations
    >>> path = tempfile.mkdtemp() + '/al.xyz'
    >>> write(path, [bulk('Al') * (n, 1, 1) for n in (1, 2)])
    >>> print(*summarize(read_configurations(path)).lines()[:2], sep='\n')
    2 configurations, 3 atoms: 3 Al
    atoms of a configuration: 1 to 2, median 1.5
    """
    summary = Summary()
    for configuration in configurations:
        summary.add(configuration)
    return summary
