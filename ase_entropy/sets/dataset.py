"""Sets of configurations as arrays: rows of a database, or any file that ASE reads."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols

from ase_entropy import checks
from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.environments import BLOCK, DescriptorCollector
from ase_entropy.sets.formats.notebook import set_html
from ase_entropy.sets.keys import columns
from ase_entropy.sets.reading import nothing_in, open_source, read_chosen, read_source
from ase_entropy.sets.sources import (
    Source,
    file_of,
    is_rows,
    name_of,
    printable,
    sources_of,
)

__all__ = ['Dataset', 'read_dataset', 'read_descriptor']


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
        What it was read from: files, databases, see :mod:`ase_entropy.sets.sources`.
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
        (eV), `min_distance` (Angstrom), `k_entropy` (eV), `max_force` (eV/Angstrom),
        `final_temperature_k` (K), `campaign`, `walker`, `cycle`, `seed`, `stage`,
        `recipe`, `orders`, `version`; and `start` and `group` (or `config_type`), which
        files may say, too. Those that none has are left out; nan or '' are missing.
    sources : tuple of Source
        Its files and databases.
    place_mx : (m, 2) int array
        Which of the sources, and the id there in a database, or the place in a file.
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
    sources: tuple[Source, ...] = field(default=(), repr=False)
    place_mx: np.ndarray | None = field(default=None, repr=False)
    computed: int = 0

    _repr_html_ = set_html  # in notebooks

    def __len__(self) -> int:
        """Return the number of configurations."""
        return len(self.first_m) - 1

    @property
    def species(self) -> tuple[str, ...]:
        """Chemical symbols, in the order of the periodic table."""
        return tuple(chemical_symbols[z] for z in np.unique(self.numbers_e))

    @property
    def id_m(self) -> np.ndarray:
        """Ids of rows in their databases, or places of frames in their files."""
        return self.place_mx[:, 1]

    def iter_atoms(
        self, configurations: Sequence[int] | None = None
    ) -> Iterator[Atoms]:
        """Yield the Atoms of :meth:`iter_configurations`."""
        for configuration in self.iter_configurations(configurations):
            yield configuration.atoms

    def iter_configurations(
        self, configurations: Sequence[int] | None = None
    ) -> Iterator[Configuration]:
        """Read the files again, and yield some configurations, or all, in order.

        Parameters
        ----------
        configurations : sequence of int, optional
            Their numbers, from 0.
        """
        wanted_m = np.ones(len(self), bool)
        if configurations is not None:
            wanted_m[:] = False
            wanted_m[list(configurations)] = True
        for s, source in enumerate(self.sources):
            own_m = wanted_m & (self.place_mx[:, 0] == s)
            numbers = self.place_mx[own_m, 1].tolist()
            yield from read_chosen(source, numbers, include_data=False)

    def source(self, configuration: int) -> Source:
        """Return the file or database of a configuration."""
        return self.sources[self.place_mx[configuration, 0]]

    def row(self, configuration: int) -> Any:
        """Return the row of a configuration, as :mod:`ase.db` gives it.

        Raises
        ------
        ValueError
            The configuration was not read from a database.
        """
        source = self.source(configuration)
        if not is_rows(source):
            raise ValueError(
                f"path='{printable(self.path)}' has no rows: expected a database"
            )
        return open_source(source).get(id=int(self.id_m[configuration]))

    def label(self, configuration: int) -> str:
        """Return the name of a configuration: the id of its row, or its place."""
        source, name = self.source(configuration), self.name
        if len(self.sources) > 1:
            name = f'{name}, {file_of(source.path)}'
        return f'{name} {"id " if is_rows(source) else "#"}{self.id_m[configuration]}'

    def with_descriptor(
        self,
        descriptor: Any,
        *,
        executor: Executor | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> 'Dataset':
        """Return the same configurations with other descriptors, all computed.

        Parameters
        ----------
        descriptor : Descriptor
            The other descriptor.
        executor, progress
            As in :func:`read_dataset`.

        Raises
        ------
        ValueError
            Atoms that the descriptor does not know, or that are not there any more.
        """
        collector = DescriptorCollector(self.path, descriptor, BLOCK, executor)
        for number, atoms in enumerate(self.iter_atoms(), 1):
            collector.add_atoms(atoms)
            if progress is not None:
                progress(number)
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
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
    keep: Callable[[Configuration], bool] | None = None,
) -> Dataset:
    """Read a set of configurations, and compute the descriptors that are not stored.

    Descriptors are computed in blocks: those of the whole set are in memory, not atoms.

    Parameters
    ----------
    path : str or Path
        Database of :mod:`ase.db` (``.db``, ``.json``, ``.aselmdb``, ``postgresql://``),
        as a rule a harvest, any file that ASE reads, FitSNAP's JSON, a folder, a
        pattern, or several of them with ``+``: see :mod:`ase_entropy.sets.sources`.
    descriptor : Descriptor, optional
        By default that of the rows, or ``Bispectrum(components=6)`` where there are
        none. Rows with this descriptor bring its components along; for others they are
        computed.
    select : str, optional
        Query of :mod:`ase.db` that chooses rows, such as ``'entropy>5'``; the same as
        after ``@`` in the path.
    name : str, optional
        Name in tables and figures; by default that of the first file.
    block : int
        Environments whose descriptors are computed at once, at least.
    executor : concurrent.futures.Executor, optional
        Computes the blocks, such as a pool of processes; by default this process does.
        The numbers are the same.
    progress : callable, optional
        Called with the number of configurations read so far.
    keep : callable, optional
        Says of a configuration whether it is part of the set; by default all are.

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
    sources = _sources(path, select)
    collector = DescriptorCollector(printable(path), descriptor, block, executor)
    places = []
    try:
        for s, source in enumerate(sources):
            for configuration in filter(keep, read_source(source)):
                collector.add(configuration)
                places.append((s, configuration.number))
                if progress is not None:
                    progress(len(places))
    except ValueError:
        collector.finish()  # raises the error of a configuration before, if any
        raise
    if not places:
        raise nothing_in(path, ' that stay' if keep else '')
    return Dataset(
        name=name_of(path) if name is None else name,
        path=path,
        descriptor=collector.descriptor,
        q_ek=collector.finish(),
        first_m=np.cumsum([0, *collector.sizes]),
        numbers_e=np.concatenate(collector.numbers),
        volume_m=np.array(collector.volumes),
        keys=columns(collector.keys),
        sources=tuple(sources),
        place_mx=np.array(places),
        computed=collector.computed,
    )


def read_descriptor(path: Path | str, select: str | None = None) -> Any:
    """Return the descriptor of the first row of a set, or None; see `read_dataset`."""
    collector = DescriptorCollector(printable(path), None, BLOCK)
    for source in _sources(path, select)[:1]:
        for configuration in islice(read_source(source), 1):
            collector.add(configuration)
    stored = not (collector.waiting or collector.computed)
    return collector.descriptor if stored else None


def _sources(path: str | Path, select: str | None) -> list[Source]:
    sources = sources_of(path)
    if select is None:
        return sources
    for source in sources:
        if not is_rows(source) or source.choice is not None:
            raise ValueError(
                f"select={select!r} and path='{printable(source.path)}' is not a "
                'database without a query of its own'
            )
    return [source._replace(choice=select) for source in sources]
