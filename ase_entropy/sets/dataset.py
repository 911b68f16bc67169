"""Sets of configurations as arrays: rows of a database, or any file that ASE reads."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import chemical_symbols
from ase.db import connect
from ase.io import iread

from ase_entropy import checks
from ase_entropy.sets.environments import BLOCK, NUMBERS, WORDS, DescriptorCollector
from ase_entropy.sets.sources import file_of
from ase_entropy.store.database import check_format, is_database, is_server, open_server
from ase_entropy.store.rows import ordered_ids, rows_of
from ase_entropy.store.servers import check_address

__all__ = ['Dataset', 'read_dataset', 'read_descriptor', 'read_species']


@dataclass(frozen=True)
class Dataset:
    """A set of configurations, as the descriptors of their atomic environments.

    Rows of a database are in the order of their stages, campaigns, walkers and cycles:
    the same one whoever has computed them.

    Attributes
    ----------
    name : str
        Name in tables and figures.
    path : Path or str
        File, or address of the server, that it was read from.
    descriptor : Descriptor
        What the components are.
    q_ek : (e, k) float array
        Components of all environments, one configuration after the other.
    first_m : (m + 1,) int array
        Configuration m holds the environments ``first_m[m]`` to ``first_m[m + 1]``.
    numbers_e : (e,) int array
        Atomic number of the central atom of each environment.
    volume_m : (m,) float array
        Volume of each cell (Angstrom^3), 0 for one that is none.
    keys : dict of (m,) arrays
        What rows of a harvest say of each configuration: `entropy` (nats), `e_rep`
        (eV), `min_distance` (Angstrom), `k_entropy` (eV), `fmax` (eV/Angstrom),
        `final_temperature_k` (K), `campaign`, `walker`, `cycle`, `seed`, `stage`,
        `recipe`, `orders`, `version`; and `group`, which files may say, too (both also
        as `config_type`). Those that none has are left out; nan or '' are missing.
    select : str, optional
        Query that chose the rows.
    id_m : (m,) int array, optional
        Their ids in the database.
    computed : int
        Configurations whose descriptors were computed; those of others were stored.
    """

    name: str
    path: Path | str = field(repr=False)  # may hold a password
    descriptor: Any
    q_ek: np.ndarray = field(repr=False)
    first_m: np.ndarray = field(repr=False)
    numbers_e: np.ndarray = field(repr=False)
    volume_m: np.ndarray = field(repr=False)
    keys: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    select: str | None = None
    id_m: np.ndarray | None = field(default=None, repr=False)
    computed: int = 0

    def __len__(self) -> int:
        """Return the number of configurations."""
        return len(self.first_m) - 1

    @property
    def species(self) -> tuple[str, ...]:
        """Chemical symbols, in the order of the periodic table."""
        return tuple(chemical_symbols[z] for z in np.unique(self.numbers_e))

    def iter_atoms(self, configurations: Sequence[int] | None = None) -> Iterator:
        """Read the file again, and yield the Atoms of some configurations, or of all.

        One at a time, in the order of the set.

        Parameters
        ----------
        configurations : sequence of int, optional
            Their numbers, from 0.
        """
        if configurations is None:
            configurations = range(len(self))
        wanted = sorted(set(configurations))
        if self.id_m is None:
            frames = enumerate(islice(_read(self.path), len(self)))
            chosen = set(wanted)
            yield from (atoms for m, atoms in frames if m in chosen)
        else:
            ids = [int(self.id_m[m]) for m in wanted]
            for row in rows_of(connect(self.path), ids, include_data=False):
                yield row.toatoms()

    def row(self, configuration: int) -> Any:
        """Return the row of a configuration, as :mod:`ase.db` gives it.

        Raises
        ------
        ValueError
            The set was not read from a database.
        """
        if self.id_m is None:
            raise ValueError(f"path='{self.path}' has no rows: expected a database")
        return connect(self.path).get(id=int(self.id_m[configuration]))

    def label(self, configuration: int) -> str:
        """Return the name of a configuration: the id of its row, or its place."""
        if self.id_m is None:
            return f'{self.name} #{configuration}'
        return f'{self.name} id {self.id_m[configuration]}'

    def with_descriptor(self, descriptor: Any) -> 'Dataset':
        """Return the same configurations with other descriptors, all computed.

        Raises
        ------
        ValueError
            Atoms that the descriptor does not know, or that are not there any more.
        """
        collector = DescriptorCollector(self.path, descriptor, BLOCK)
        for atoms in self.iter_atoms():
            collector.add(atoms, None)
        if collector.sizes != np.diff(self.first_m).tolist():
            raise ValueError(f'{self.name} has changed since it was read')
        return replace(
            self,
            descriptor=collector.descriptor,
            q_ek=collector.finish(),
            computed=len(self),
        )


def read_dataset(
    path: str | Path,
    descriptor: Any = None,
    select: str | None = None,
    *,
    name: str | None = None,
    block: int = BLOCK,
    progress: Callable[[int], None] | None = None,
) -> Dataset:
    """Read a set of configurations, and compute the descriptors that are not stored.

    Atoms are read one after the other, and their descriptors computed in blocks, so
    that only descriptors and keys of the whole set are in memory.

    Parameters
    ----------
    path : str or Path
        Database of :mod:`ase.db` (``.db``, ``.json``, ``postgresql://``), as a rule a
        harvest, or any file that ASE reads, all frames of it.
    descriptor : Descriptor, optional
        By default that of the rows, or ``Bispectrum(components=6)`` where there are
        none. Rows with this descriptor bring its components along; for others they are
        computed.
    select : str, optional
        Query of :mod:`ase.db` that chooses rows, such as ``'entropy>5'``.
    name : str, optional
        Name in tables and figures; by default that of the file.
    block : int
        Environments whose descriptors are computed at once, at least.
    progress : callable, optional
        Called with the number of configurations read so far.

    Raises
    ------
    ValueError
        A file that is missing or that ASE cannot read; no configuration in it; a query
        that is none, or for a file without rows; rows with different descriptors, if
        none is asked for; atoms that have no descriptors.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from ase.io import write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(folder + '/w.xyz', [bulk('W') * (n, 1, 1) for n in (1, 2, 3)])
    ...     dataset = read_dataset(folder + '/w.xyz')
    >>> dataset.first_m
    array([0, 1, 3, 6])
    >>> dataset.q_ek.shape, float(np.ptp(dataset.q_ek, axis=0).max().round(9))
    ((6, 6), 0.0)
    """
    checks.whole('block', block, least=1)
    path, source = _source(path, select)
    collector = DescriptorCollector(path, descriptor, block)
    ids = []
    for atoms, row in source:
        collector.add(atoms, row)
        if row is not None:
            ids.append(row.id)
        if progress is not None:
            progress(len(collector.sizes))
    if not collector.sizes:
        raise ValueError(f"path='{path}' holds no configurations: expected one or more")
    return Dataset(
        name=file_of(path).stem if name is None else name,
        path=path,
        descriptor=collector.descriptor,
        q_ek=collector.finish(),
        first_m=np.cumsum([0, *collector.sizes]),
        numbers_e=np.concatenate(collector.numbers),
        volume_m=np.array(collector.volumes),
        keys=_columns(collector.keys),
        select=select,
        id_m=np.array(ids) if ids else None,
        computed=collector.computed,
    )


def read_descriptor(path: Path | str, select: str | None = None) -> Any:
    """Return the descriptor of the first row of a set, or None.

    Parameters and errors are those of :func:`read_dataset`.
    """
    path, source = _source(path, select)
    collector = DescriptorCollector(path, None, BLOCK)
    for atoms, row in islice(source, 1):
        collector.add(atoms, row)
    return None if collector.waiting or collector.computed else collector.descriptor


def read_species(path: str | Path, select: str | None = None) -> list[str]:
    """Return the chemical symbols of a set, in the order of the periodic table.

    Parameters
    ----------
    path, select
        As in :func:`read_dataset`.

    Raises
    ------
    ValueError
        As :func:`read_dataset` does of files and queries.
    """
    _, source = _source(path, select)
    numbers = {z for atoms, _ in source for z in atoms.numbers.tolist()}
    return [chemical_symbols[z] for z in sorted(numbers)]


def _source(path: str | Path, select: str | None) -> tuple[Path | str, Iterator]:
    """Return the path, and an iterator over atoms and rows."""
    check_address(path)
    if is_server(path):
        return str(path), _database(str(path), select)
    path = Path(path).expanduser()
    if not path.is_file():
        reason = 'is a folder' if path.is_dir() else 'there is no such file'
        raise ValueError(f"path='{path}': {reason}")
    if is_database(path):
        return path, _database(path, select)
    if select is not None:
        raise ValueError(f"select={select!r} and path='{path}' is not a database")
    return path, _frames(path)


def _database(path: Path | str, select: str | None) -> Iterator:
    """Yield atoms and rows of a database that match a query, in the order of cycles."""
    if is_server(path):
        rows = open_server(path)
    else:
        check_format(path)
        rows = connect(path)
    for row in rows_of(rows, ordered_ids(rows, select)):
        yield row.toatoms(), row


def _read(path: Path | str) -> Iterator:
    """Yield the frames of a file; "@" in its name is part of that."""
    return iread(path, index=':', do_not_split_by_at_sign=True)


def _frames(path: Path) -> Iterator:
    try:
        for atoms in _read(path):
            yield atoms, None
    except Exception as error:  # ASE's readers raise errors of any kind
        reason = ' '.join(f'{type(error).__name__}: {error}'.split())
        raise ValueError(
            f"path='{path}': expected a file that ASE reads ({reason})"
        ) from error


def _columns(keys: list[dict]) -> dict[str, np.ndarray]:
    """Return the keys of all rows as arrays, less those that no row has."""
    columns = {}
    for names, kind, missing in ((NUMBERS, (int, float), np.nan), (WORDS, str, '')):
        for name in names:
            found = [row.get(name) for row in keys]
            known = [isinstance(x, kind) for x in found]
            if any(known):
                pairs = zip(found, known, strict=True)
                columns[name] = np.array([x if good else missing for x, good in pairs])
    return columns
