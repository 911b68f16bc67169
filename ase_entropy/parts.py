"""Descriptors, estimators and repulsions as JSON-ready dictionaries, and back."""

import dataclasses
import math
from typing import Any

import numpy as np

__all__ = ['INFINITE', 'fields_of', 'part_from_dict', 'part_to_dict']

INFINITE = 'inf'  # JSON has no number for it


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
