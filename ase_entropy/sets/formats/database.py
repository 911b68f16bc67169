"""Configurations as rows of a database, all that they had kept."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from ase.db.core import Database, check

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.labels import is_label, labels_of
from ase_entropy.store.arrays import StoredArrays, add_arrays
from ase_entropy.store.atomic_files import new_path
from ase_entropy.store.key_descriptions import with_key_descriptions

__all__ = ['arrays_of', 'export_database', 'keys_and_data']


def export_database(
    configurations: Iterable[Configuration],
    path: str | Path,
    *,
    overwrite: bool = False,
) -> int:
    """Write configurations as a new database of ASE.

    Rows keep their keys, results and data, also arrays that their database holds once
    for many. Of frames, labels become results, and what cannot be a key becomes data.

    Parameters
    ----------
    configurations : iterable of Configuration
        As :func:`~ase_entropy.sets.read_configurations` yields them.
    path : str or Path
        File name that ends in ``.db`` or ``.json``.
    overwrite : bool
        Replace a file that is not empty.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    ValueError
        Another name, a file that is there, a place that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from ase import Atoms
    >>> from ase_entropy.sets.sources import Source
    >>> path = tempfile.mkdtemp() + '/w.db'
    >>> atoms = Atoms('W', info={'group': 'atom', 'REF_energy': -3.0})
    >>> export_database([Configuration(atoms, None, 0, Source('w.xyz'))], path)
    1
    >>> row = connect(path).get(1)
    >>> row.group, row.energy
    ('atom', -3.0)
    """
    kind = Path(path).suffix.removeprefix('.')
    if kind not in ('db', 'json'):
        raise ValueError(f"path='{path}': expected a name that ends in .db or .json")
    number, arrays = 0, {}
    with new_path(path, overwrite=overwrite) as partial:
        database = connect(partial, type=kind, use_lock_file=False, serial=True)
        with database:
            for configuration in configurations:
                _write(database, configuration)
                arrays |= arrays_of(configuration)
                number += 1
        with database:
            metadata = with_key_descriptions({})
            database.metadata = add_arrays(database, arrays, metadata)
    return number


def _write(database: Database, configuration: Configuration) -> None:
    keys, data = keys_and_data(configuration)
    if configuration.row is not None:
        database.write(configuration.row, key_value_pairs=keys, data=data)
        return
    labels = labels_of(configuration)
    atoms = configuration.atoms.copy()
    atoms.calc = SinglePointCalculator(atoms, **labels) if labels else None
    database.write(atoms, key_value_pairs=keys, data=data)


def keys_and_data(configuration: Configuration) -> tuple[dict, dict]:
    """Return key-value pairs and data of a row, or what a frame has in their place.

    Labels of a frame are in neither; what cannot be a key is data.

    Examples
    --------
    >>> from ase import Atoms
    >>> from ase_entropy.sets.sources import Source
    >>> atoms = Atoms('W', info={'group': 'atom', 'spins': [1, 2], 'energy': -3.0})
    >>> keys_and_data(Configuration(atoms, None, 0, Source('w.xyz')))
    ({'group': 'atom'}, {'spins': [1, 2]})
    """
    if configuration.row is not None:
        return dict(configuration.keys), dict(configuration.row.data)
    keys, data = {}, {}
    for key, value in configuration.keys.items():
        if not is_label(key):
            plain = value.item() if isinstance(value, np.generic) else value
            (keys if _may_be_key(key, plain) else data)[key] = plain
    return keys, data


def _may_be_key(key: str, value: Any) -> bool:
    try:
        check({key: value})
    except ValueError:
        return False
    return True


def arrays_of(configuration: Configuration) -> dict[str, np.ndarray]:
    """Return the large arrays that a row names, by their SHA-256."""
    if configuration.row is None:
        return {}
    stored = StoredArrays(configuration.source.path)
    return {name: stored[name] for name in _names(configuration.row.data)}


def _names(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        if set(data) == {'sha256', 'shape'}:
            yield data['sha256']
        data = list(data.values())
    if isinstance(data, list):
        for value in data:
            yield from _names(value)
