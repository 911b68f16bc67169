"""The entry of the ledger of labels, and rows of labeled configurations."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db.core import now
from ase.db.row import AtomsRow

from ase_entropy.campaign.labeling.worker import Frame, Labels
from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.formats.database import arrays_of, keys_and_data
from ase_entropy.sets.labels import is_of_v, named_labels
from ase_entropy.store.differences import as_json, differences, shown
from ase_entropy.store.ledger import NAMESPACE
from ase_entropy.store.prepared import PreparedRow, prepare_row
from ase_entropy.store.rows import geometry_hash, keys_of

__all__ = ['LabeledRow', 'Labeling']

OLD = 'previous_labels'  # key of the data


@dataclass(frozen=True)
class LabeledRow:
    """A labeled configuration, as a row of the database."""

    number: int
    row: PreparedRow
    line: str
    arrays: dict[str, np.ndarray]
    keys: ClassVar[dict] = {}  # that progress counts

    def __str__(self) -> str:
        return self.line


@dataclass
class Labeling:
    """All that shall be labeled, and what became of it.

    Parameters
    ----------
    calculator : str
        Name of the factory.
    arguments : dict
        Its arguments.
    configurations : sequence of Configuration
        The set.
    version : str
        Version of ase_entropy that began it.
    failures : dict
        How often configurations failed, by the kind of failure.
    given_up : dict
        Reasons of those that failed for good the last time, by their ids.
    """

    calculator: str
    arguments: dict
    configurations: Sequence[Configuration] = field(repr=False)
    version: str
    failures: dict[str, int] = field(default_factory=dict)
    given_up: dict[str, str] = field(default_factory=dict)

    ledger: ClassVar[str] = 'labelings'
    number: ClassVar[int] = 0

    @cached_property
    def hashes(self) -> list[str]:
        """SHA-256 of each geometry."""
        return [geometry_hash(x.atoms) for x in self.configurations]

    @cached_property
    def whole_digest(self) -> str:
        """SHA-256 of the set."""
        return self.digest(len(self.configurations))

    def digest(self, configurations: int) -> str:
        """Return the SHA-256 of the first configurations of the set."""
        text = ''.join(self.hashes[:configurations])
        return hashlib.sha256(text.encode()).hexdigest()

    def entry(self) -> dict:
        """Return the entry of the ledger, as JSON has it."""
        names = {x.name for x in fields(self)} - {'configurations'}
        entry = {name: as_json(getattr(self, name)) for name in sorted(names)}
        known = {'number': self.number, 'set': self.whole_digest}
        return {**known, 'configurations': len(self.configurations), **entry}

    def resume(self, entry: dict) -> None:
        """Continue what an entry of the ledger has counted."""
        for name in ('version', 'failures', 'given_up'):
            setattr(self, name, entry[name])

    def difference(self, entry: dict) -> str:
        """Return in what an entry of the ledger is of another job, or an empty text.

        A set may go on after the configurations that were there.
        """
        other = Labeling(entry['calculator'], entry['arguments'], (), '')
        if found := shown(differences(other, self, ('calculator', 'arguments'))):
            return found
        total, have = len(self.configurations), entry['configurations']
        if total < have:
            return f'{have} configurations (now {total})'
        begin = self.whole_digest if have == total else self.digest(have)
        return '' if begin == entry['set'] else 'other configurations'

    def is_in(self, entries: list[dict]) -> bool:
        """Return whether one of these entries of a ledger is of this job."""
        return any(not self.difference(entry) for entry in entries)

    def count_failure(self, kind: str) -> None:
        """Count a failed configuration."""
        self.failures[kind] = self.failures.get(kind, 0) + 1

    def give_up(self, reasons: Mapping[Frame, str]) -> None:
        """Note which configurations have no labels now, and why."""
        self.given_up = {
            str(frame.number + 1): f'{frame}: {why}' for frame, why in reasons.items()
        }

    def frame(self, number: int) -> Frame:
        """Return the task of a configuration."""
        return Frame(number, self.configurations[number].name)

    def inputs_of(self, frame: Frame) -> Atoms:
        """Return the atoms of a configuration, without results."""
        atoms = self.configurations[frame.number].atoms.copy()
        atoms.info = {}
        return atoms

    def unique_id(self, number: int) -> str:
        """Return the unique id of a row, the same in every database."""
        decides = [self.calculator, self.arguments, number, self.hashes[number]]
        return uuid.uuid5(NAMESPACE, json.dumps(decides, sort_keys=True)).hex

    def row_of(self, labels: Labels) -> LabeledRow:
        """Return the row of a labeled configuration: all that it had, and its labels.

        Its id is its place in the set, from 1. Labels that it had before are in its
        data.
        """
        configuration = self.configurations[labels.number]
        atoms = configuration.atoms.copy()
        atoms.calc = SinglePointCalculator(atoms, **labels.results)
        atoms.calc.name = labels.calculator
        keys, data = keys_and_data(configuration)
        old = configuration.row
        if old is not None and is_of_v(old) and 'energy' in old:  # of version 0.1
            keys = {**keys_of(old), 'effective_energy': old.energy}
        elif before := named_labels(configuration):
            data[OLD] = before
        keys['labeled_by'] = self.calculator
        row = AtomsRow(atoms)
        row.unique_id = self.unique_id(labels.number)
        row.ctime, row.user = now(), getattr(old, 'user', None)
        prepared = prepare_row(row, keys, data).with_id(labels.number + 1)
        line = f'{configuration.name}  {_in_words(atoms)}'
        return LabeledRow(labels.number, prepared, line, arrays_of(configuration))


def _in_words(atoms: Atoms) -> str:
    energy = atoms.get_potential_energy() / len(atoms)
    force = np.linalg.norm(atoms.get_forces(apply_constraint=False), axis=1).max()
    return f'{atoms.symbols}  {energy:.4f} eV/atom  largest force {force:.3g} eV/A'
