"""Tables of rows that differ in how they started, and in size."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy.analysis import (
    ElementUnits,
    GroupNumbers,
    count_space_groups,
    describe_groups,
    kinds_of_starts,
    ranges_of_sizes,
)
from ase_entropy.pairs import shortest_distance
from ase_entropy.store.rows import RowKeys

__all__ = ['RowGroups']

HEAD = f'{"atoms":>15}{"density":>18}{"closest pair":>20}{"S":>7}'
COLUMNS = f'{"rows":>8}   min med max{2 * "    min  med  max"}   mean'
NOTE = (
    "  density: in units of the elements' own; closest pair: its distance over that\n"
    '  of neighbors; S in nats'
)


@dataclass
class RowGroups:
    """What rows that name their start say, and what their atoms add to that."""

    starts: dict[int, str] = field(default_factory=dict)  # by the ids of rows
    entropy: dict[int, float] = field(default_factory=dict)  # nats
    shortest: dict[int, float] = field(default_factory=dict)  # Angstrom
    measured: dict[int, tuple] = field(default_factory=dict)

    def add(self, row: RowKeys) -> None:
        """Add a row, if it names its start."""
        if isinstance(start := row.keys.get('start'), str):
            self.starts[row.id] = start
            for key, of in (('entropy', self.entropy), ('min_distance', self.shortest)):
                if isinstance(value := row.keys.get(key), (int, float)):
                    of[row.id] = value

    def measure(self, i: int, atoms: Atoms) -> None:
        """Measure the atoms of a row, if it was added."""
        if i in self.starts and len(atoms):
            shortest = self.shortest.get(i)
            if shortest is None:
                shortest = shortest_distance(atoms)
            own = ElementUnits.of_elements(atoms.numbers)
            numbers = len(atoms), own.density(atoms), own.closest(atoms, shortest)
            self.measured[i] = numbers

    def tables(self) -> tuple[list[GroupNumbers], list[GroupNumbers]]:
        """Return the numbers by start, and by number of atoms."""
        ids = sorted(self.measured)
        if not ids:
            return [], []
        start_m = [self.starts[i] for i in ids]
        numbers = [*zip(*(self.measured[i] for i in ids), strict=True)]
        entropy_m = np.array([self.entropy.get(i, np.nan) for i in ids])
        entropy_m[np.array(numbers[0]) == 1] = np.nan  # one environment has none
        numbers.append(entropy_m)
        by_size = describe_groups(ranges_of_sizes(numbers[0]), *numbers)
        return (
            describe_groups(kinds_of_starts(start_m), *numbers),
            sorted(by_size, key=lambda group: group.atoms),
        )

    @property
    def space_groups(self) -> int:
        """Different space groups of crystals among the starts."""
        return count_space_groups([self.starts[i] for i in sorted(self.measured)])

    def todict(self) -> dict[str, Any]:
        """Return both tables, and the number of space groups; nothing if unmeasured."""
        if not self.measured:
            return {}
        by_start, by_size = self.tables()
        return {
            'by_start': [asdict(group) for group in by_start],
            'by_size': [asdict(group) for group in by_size],
            'space_groups': self.space_groups,
        }

    def lines(self) -> list[str]:
        """Return both tables, that by size if there is more than one group."""
        by_start, by_size = self.tables()
        if not by_start:
            return []
        lines = _table('start', by_start)
        if len(by_size) > 1:
            lines += _table('atoms', by_size)
        if self.space_groups:
            lines.append(f'  space groups of crystals: {self.space_groups} of 230')
        return [*lines, NOTE]


def _table(name: str, groups: list[GroupNumbers]) -> list[str]:
    width = max(8, *(len(group.name) for group in groups))
    lines = [f'  {"":{width}}{"":8}{HEAD}', f'  {name:{width}}{COLUMNS}']
    for group in groups:
        cells = ''.join(f'{n:4.0f}' for n in group.atoms)
        for numbers in (group.density, group.closest):
            cells += '  ' + ''.join(f'{x:5.2f}' for x in numbers)
        line = f'  {group.name:{width}}{group.configurations:8}  {cells}'
        lines.append(f'{line}{group.entropy:7.2f}'.replace('nan', '  -'))
    return lines
