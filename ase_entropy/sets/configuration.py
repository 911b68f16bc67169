"""A configuration of a set: its atoms, and where they come from."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ase import Atoms
from ase.db.row import AtomsRow

from ase_entropy.sets.sources import Source, file_of

__all__ = ['GROUPS', 'Configuration']

OF_V = ('effective_energy', 'max_force')  # keys of harvested rows
GROUPS = ('group', 'config_type')  # what training sets call the kind of a configuration


class Configuration(NamedTuple):
    """A configuration of a set.

    Parameters
    ----------
    atoms : Atoms
        The atoms; a calculator holds the results that the file or row has.
    row : AtomsRow or None
        Row of a database.
    number : int
        Its id in the database, or its place in the file, from 0.
    source : Source
        Where it was read from.
    exported : int, optional
        Its number in a set of several files or databases, where numbers come twice.
    extra : dict
        More keys, which go before those of the row or frame.

    Examples
    --------
    >>> atoms = Atoms('W', info={'group': 'bcc'})
    >>> frame = Configuration(atoms, None, 7, Source('w.xyz'))
    >>> frame.name, frame.group
    ('w.xyz #7', 'bcc')
    """

    atoms: Atoms
    row: AtomsRow | None
    number: int
    source: Source
    exported: int | None = None
    extra: Mapping[str, Any] = {}

    @property
    def keys(self) -> Mapping[str, Any]:
        """Key-value pairs of the row, or the ``info`` of a frame."""
        own = self.atoms.info if self.row is None else self.row.key_value_pairs
        return {**own, **self.extra} if self.extra else own

    @property
    def exported_keys(self) -> dict[str, Any]:
        """Keys for other programs: not what a row has of V.

        Programs that make training sets may take any key that ends in "energy" for one.
        """
        return {key: x for key, x in self.keys.items() if key not in OF_V}

    @property
    def name(self) -> str:
        """File and place: ``w.db id 3``, ``md.xyz #7``; ``row 3`` of any database."""
        if not str(self.source.path):
            return f'row {self.number}'
        mark = '#' if self.row is None else 'id '
        return f'{file_of(self.source.path)} {mark}{self.number}'

    @property
    def file_number(self) -> int:
        """Number that its own files have, with other programs.

        Raises
        ------
        ValueError
            A row that was never written to a database.
        """
        number = self.number if self.exported is None else self.exported
        if number is None:
            raise ValueError('a row has no id: expected rows of a database')
        return number

    @property
    def group(self) -> str:
        """Kind of the configuration, as its keys or its folder name it; or ''."""
        for key in GROUPS:
            if key in self.keys:
                return str(self.keys[key])
        return self.source.group

    @property
    def kind(self) -> str:
        """Kind of its start, as ``config_type`` in extended xyz has it; or ''.

        That of `isolated W` is IsolatedAtom, by which MACE knows it.
        """
        start = '' if self.row is None else self.keys.get('start')
        kind = start.partition(' ')[0] if isinstance(start, str) else ''
        return 'IsolatedAtom' if kind == 'isolated' else kind

    @property
    def file_group(self) -> str:
        """Name of a folder: its kind, or stage and recipe, or its group, or 'rows'."""
        names = [str(self.keys[key]) for key in ('stage', 'recipe') if key in self.keys]
        name = self.kind or '_'.join(names) or self.group or 'rows'
        return re.sub(r'[^\w-]', '_', name)
