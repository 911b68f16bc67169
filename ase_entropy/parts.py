"""Descriptors, estimators and repulsions as JSON-ready dictionaries, and back."""

import dataclasses
import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = [
    'INFINITE',
    'fields_of',
    'insert_arrays',
    'part_from_dict',
    'part_to_dict',
    'parts_from_dict',
    'take_arrays',
]

INFINITE = 'inf'  # JSON has no number for it
LARGE = 1000  # numbers of an array that a dictionary names instead of holding


def part_to_dict(part: Any) -> dict:
    """Return the class name and the fields of a dataclass instance, or its `todict`.

    Any other object is described by its name and its ``repr``: enough to read, not
    to rebuild it.

    Examples
    --------
    >>> from ase_entropy import AnnealSchedule
    >>> part_to_dict(AnnealSchedule(hot_K=900.0, k_entropy=5.0))
    {'name': 'AnnealSchedule', 'hot_K': 900.0, 'k_entropy': 5.0,
     'shuffle_steps': 2000, 'ramp_steps': 12000}
    """
    name = type(part).__name__
    if hasattr(part, 'todict'):
        return {'name': name, **part.todict()}
    if not dataclasses.is_dataclass(part):
        return {'name': name, 'repr': repr(part)}
    return {'name': name, **fields_of(part)}


def fields_of(part: Any) -> dict:
    """Return the fields of a dataclass instance, as JSON has them.

    A field that a class got later is left out where it has the value that its absence
    meant before (``field(metadata={'absent': value})``): what was written then, and its
    unique ids, stay what they are.
    """
    return {
        field.name: _plain(getattr(part, field.name))
        for field in dataclasses.fields(part)
        if not (
            'absent' in field.metadata
            and getattr(part, field.name) == field.metadata['absent']
        )
    }


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value):
        return part_to_dict(value)
    if isinstance(value, np.generic):
        value = value.item()
    return INFINITE if value == math.inf else value


def part_from_dict(dct: dict, registry: dict[str, type]) -> Any:
    """Rebuild what :func:`part_to_dict` described, from a registry of classes.

    Raises
    ------
    ValueError
        The registry does not know the name, or the class not a field; a field is
        missing, or its value bad.
    """
    fields = dict(dct)
    name = fields.pop('name', None)
    if name not in registry:
        raise ValueError(f'name={name!r}: expected one of {sorted(registry)}')
    for key, value in fields.items():
        if _is_name(value):
            raise ValueError(
                f'{key}={value}: names an array that stands once in the database, '
                'expected the array: see ase_entropy.store.restore'
            )
    try:
        return _built(registry[name], fields)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(
            f'{name} cannot be made of {sorted(fields)}: expected the fields of its '
            f'todict() ({type(error).__name__}: {error})'
        ) from error


def _built(kind: type, fields: dict) -> Any:
    if hasattr(kind, 'fromdict'):
        return kind.fromdict(fields)
    known = [field.name for field in dataclasses.fields(kind)]
    unknown = sorted(set(fields).difference(known))
    if unknown:
        raise ValueError(f'{kind.__name__} has no {unknown}: expected some of {known}')
    absent = {
        field.name: field.metadata['absent']
        for field in dataclasses.fields(kind)
        if 'absent' in field.metadata
    }
    fields = {k: math.inf if v == INFINITE else v for k, v in fields.items()}
    return kind(**{**absent, **fields})


def parts_from_dict(dct: dict, kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a dataclass from JSON, those that are parts rebuilt.

    Parameters
    ----------
    dct : dict
        Fields of the dataclass; parts are None, or dictionaries as
        :func:`part_to_dict` or :func:`fields_of` return them.
    kinds : mapping
        Class of a part, or registry of the classes that it may have, by field.

    Raises
    ------
    ValueError
        As raised by :func:`part_from_dict`.
    """
    parts = dict(dct)
    for name in set(dct) & set(kinds):
        value, registry = dct[name], kinds[name]
        if isinstance(registry, dict):
            parts[name] = part_from_dict(value or {}, registry)
        elif value is not None:
            named = {**value, 'name': registry.__name__}
            parts[name] = part_from_dict(named, {registry.__name__: registry})
    return parts


def take_arrays(dct: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return a dictionary with its large arrays named, and add them to `arrays`.

    A list of more than 1000 numbers, nested or not, becomes its SHA-256 and its shape;
    dictionaries within the dictionary, and in lists, are treated likewise.

    Parameters
    ----------
    dct : dict
        Such as :func:`part_to_dict` returns.
    arrays : dict of arrays
        Gets the arrays, by their SHA-256.

    Examples
    --------
    >>> arrays = {}
    >>> short = take_arrays({'scale_k': [1.0], 'reference_mk': [[0.5]] * 2000}, arrays)
    >>> short['scale_k'], short['reference_mk']['shape']
    ([1.0], [2000, 1])
    >>> insert_arrays(short, arrays)['reference_mk'] == [[0.5]] * 2000
    True
    """
    if isinstance(dct, dict):
        return {key: take_arrays(value, arrays) for key, value in dct.items()}
    if _holds_dictionaries(dct):
        return [take_arrays(value, arrays) for value in dct]
    array = _as_array(dct)
    if array is None or array.size <= LARGE:
        return dct
    name = hashlib.sha256(array.tobytes()).hexdigest()
    arrays[name] = array
    return {'sha256': name, 'shape': list(array.shape)}


def insert_arrays(dct: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """Return a dictionary with the arrays that it names, see :func:`take_arrays`."""
    if _is_name(dct):
        return arrays[dct['sha256']].reshape(dct['shape']).tolist()
    if isinstance(dct, dict):
        return {key: insert_arrays(value, arrays) for key, value in dct.items()}
    if _holds_dictionaries(dct):
        return [insert_arrays(value, arrays) for value in dct]
    return dct


def _holds_dictionaries(value: Any) -> bool:
    """Return whether a list holds dictionaries, such as those of several parts."""
    return isinstance(value, (list, tuple)) and any(isinstance(x, dict) for x in value)


def _is_name(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {'sha256', 'shape'}


def _as_array(value: Any) -> np.ndarray | None:
    """Return a list of floating-point numbers as an array, little-endian."""
    if not isinstance(value, (list, tuple)):
        return None
    try:
        array = np.array(value)
    except ValueError:  # ragged
        return None
    return array.astype('<f8') if array.dtype.kind == 'f' else None
