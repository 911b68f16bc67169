"""Descriptors of many configurations: those that rows store, others in blocks."""

import json
from concurrent.futures import Executor
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy import checks, descriptors
from ase_entropy.calculator import COMPONENTS
from ase_entropy.descriptors.wigner import triples
from ase_entropy.pairs import native_arrays, shortest_distance
from ase_entropy.parts import part_from_dict, part_to_dict, take_arrays
from ase_entropy.sets.blocks import Ahead, Stack, without_results
from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.keys import keys_of_configuration
from ase_entropy.store.arrays import restore
from ase_entropy.store.rows import geometry_hash

__all__ = [
    'BLOCK',
    'DescriptorCollector',
    'component_names',
    'descriptor_text',
]

BLOCK = 4000  # environments whose descriptors are computed at once; measured


def descriptor_text(descriptor: Any) -> str:
    """Return a descriptor as JSON: the same text for equal descriptors."""
    return json.dumps(part_to_dict(descriptor), sort_keys=True, default=str)


def component_names(descriptor: Any) -> list[str]:
    """Return the names of components, those of the bispectrum with doubled indices.

    Examples
    --------
    >>> component_names(descriptors.Bispectrum(components=3))
    ['B(0,0,0)', 'B(1,0,1)', 'B(1,1,2)']
    """
    if isinstance(descriptor, descriptors.Bispectrum) and descriptor.densities == 1:
        kept = triples(descriptor.twojmax)[: descriptor.size]
        return [f'B({j1},{j2},{j})' for j1, j2, j in kept]
    return [f'q({k + 1})' for k in range(descriptor.size)]


class DescriptorCollector:
    """Collects the descriptors of configurations that are added one by one.

    Parameters
    ----------
    path : str
        Where they come from, for messages.
    descriptor : Descriptor or None
        That of the first row if none, or the paper's.
    block : int
        Environments whose descriptors are computed at once, at least.
    executor : concurrent.futures.Executor, optional
        Computes the blocks; by default this process does.

    Attributes
    ----------
    sizes : list of int
        Number of atoms of each configuration.
    numbers : list of (n,) int arrays
        Atomic numbers of each configuration.
    volumes : list of float
        Volume of each cell (Angstrom^3), 0 for one that is none.
    keys : list of dict
        `NUMBERS` and `WORDS` of each configuration, as far as it has them.
    computed : int
        Configurations whose descriptors were not stored.
    """

    def __init__(
        self,
        path: str,
        descriptor: Any,
        block: int,
        executor: Executor | None = None,
    ) -> None:
        if descriptors.is_dscribe(descriptor):
            descriptor = descriptors.DscribeDescriptor(descriptor)
        self.path, self.block = path, block
        self.database: Any = None  # that of the row that was added last
        self.asked, self.descriptor = descriptor is not None, descriptor
        self.same: dict[str, bool] = {}  # descriptors met: is it the one wanted?
        self.sizes: list[int] = []
        self.keys: list[dict] = []
        self.numbers: list[np.ndarray] = []
        self.volumes: list[float] = []
        self.computed = 0
        self.parts, self.ahead = Stack(), Ahead(executor)
        self.waiting: list[Atoms] = []

    def add(self, configuration: Configuration) -> None:
        """Add one configuration; a row may have its descriptors stored."""
        atoms, row = configuration.atoms, configuration.row
        self.database = configuration.source.path
        self.keys.append(keys_of_configuration(configuration))
        if row is not None and self._is_stored(row):
            self._compute()
            self._check_place(atoms, row)
            self._count(atoms)
            self.ahead.add(self._stored(row))
            self._keep()
        else:
            self.add_atoms(atoms)

    def add_atoms(self, atoms: Atoms) -> None:
        """Add one configuration whose descriptors are to be computed."""
        if self.descriptor is None:
            self.descriptor = descriptors.Bispectrum(components=COMPONENTS)
        self.waiting.append(without_results(atoms))
        self._count(atoms)
        if sum(map(len, self.waiting)) >= self.block:
            self._compute()

    def _count(self, atoms: Atoms) -> None:
        self.sizes.append(len(atoms))
        self.numbers.append(native_arrays(atoms).numbers.copy())
        self.volumes.append(float(atoms.cell.volume))

    def finish(self) -> np.ndarray:
        """Return the descriptors of all environments, (e, k)."""
        self._compute()
        for q_ek in self.ahead.rest():
            self.parts.add(q_ek)
        return self.parts.finish()

    def _is_stored(self, row: Any) -> bool:
        """Return whether a row holds the components of the descriptor wanted."""
        data = self._data(row)
        calculator = data.get('calculator')
        dct = calculator.get('descriptor') if isinstance(calculator, dict) else None
        if dct is None:
            return False
        text = json.dumps(dct, sort_keys=True, default=str)
        if text not in self.same:
            self.same[text] = self._is_wanted(dct, row.id)
        return self.same[text] and 'q_nk' in data

    def _data(self, row: Any) -> dict:
        try:
            return row.data
        except Exception as error:  # whatever ASE raises
            raise ValueError(
                f"path='{self.path}', row {row.id}: its data are damaged, expected "
                f'what ASE reads ({error})'
            ) from error

    def _stored(self, row: Any) -> np.ndarray:
        """Return the components that a row holds, all of them."""
        name = f"path='{self.path}', row {row.id}: its stored q_nk"
        q_nk = checks.matrix(name, self._data(row)['q_nk'])
        expected = row.natoms, self.descriptor.size
        if q_nk.shape != expected:
            raise ValueError(f'{name} has shape {q_nk.shape}: expected {expected}')
        return q_nk

    def _check_place(self, atoms: Atoms, row: Any) -> None:
        """Raise ValueError if the atoms of a row were moved since it was written."""
        said, written = row.get('min_distance'), self._data(row).get('geometry')
        if written is not None:
            if written == geometry_hash(row):
                return
            reason = "their hash is not its data['geometry']"
        elif 'stage' in row and row.get('energy') is None:  # version 0.1: ASE drops it
            reason = 'its energy is gone'
        elif isinstance(said, (int, float)) and not np.isclose(
            found := shortest_distance(atoms), said, rtol=1e-6
        ):
            reason = f'shortest pair {found:.6g} Angstrom, min_distance={said:.6g}'
        else:
            return
        raise ValueError(
            f"path='{self.path}', row {row.id}: its atoms have changed since it was "
            f'written ({reason}), expected those that its descriptors belong to; '
            'delete the row'
        )

    def _is_wanted(self, dct: dict, row_id: int) -> bool:
        if self.asked:
            wanted = json.loads(descriptor_text(self.descriptor))
            if take_arrays(dct, {}) == take_arrays(wanted, {}):
                return True
        try:  # rows of an older version may lack fields
            found = part_from_dict(restore(dct, self.database), descriptors.registry)
        except ValueError as error:
            if self.asked:
                return False
            raise ValueError(
                f"path='{self.path}', row {row_id}: cannot rebuild its descriptor, "
                f'expected descriptor=... ({error})'
            ) from error
        if self.descriptor is None:
            self.descriptor = found
        same = descriptor_text(found) == descriptor_text(self.descriptor)
        if not (same or self.asked):
            raise ValueError(
                f"path='{self.path}', row {row_id}: another descriptor than in rows "
                'before, expected one in all rows, or descriptor=... to compute it '
                f'({descriptor_text(found)}, before {descriptor_text(self.descriptor)})'
            )
        return same

    def _compute(self) -> None:
        if self.waiting:
            first = len(self.sizes) - len(self.waiting)
            self.computed += len(self.waiting)
            self.ahead.call(_describe, self.descriptor, self.waiting, self.path, first)
            self.waiting = []
            self._keep()

    def _keep(self) -> None:
        for q_ek in self.ahead.ready():
            self.parts.add(q_ek)


def _describe(
    descriptor: Any, several: list[Atoms], path: str, first: int
) -> np.ndarray:
    """Return the descriptors of configurations; messages count from `first`."""
    try:
        return descriptors.describe_several(descriptor, several, first)
    except ValueError as error:
        raise ValueError(f"path='{path}', {error}") from error
