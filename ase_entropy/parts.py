"""Descriptors, estimators and repulsions as JSON-ready dictionaries, and back."""

import dataclasses
from typing import Any

import numpy as np

__all__ = ['fields_of', 'part_from_dict', 'part_to_dict']


def part_to_dict(part: Any) -> dict:
    """Return the class name and the fields of a dataclass instance.

    Any other object is described by its name and its ``repr``: enough to read, not
    to rebuild it.

    Examples
    --------
    >>> from ase_entropy import NearestNeighborEntropy
    >>> part_to_dict(NearestNeighborEntropy())
    {'name': 'NearestNeighborEntropy', 'softening': 0.01}
    """
    name = type(part).__name__
    if not dataclasses.is_dataclass(part):
        return {'name': name, 'repr': repr(part)}
    return {'name': name, **fields_of(part)}


def fields_of(part: Any) -> dict:
    """Return the fields of a dataclass instance, NumPy scalars as plain numbers."""
    fields = dataclasses.asdict(part)
    return {k: v.item() if isinstance(v, np.generic) else v for k, v in fields.items()}


def part_from_dict(dct: dict, registry: dict[str, type]) -> Any:
    """Rebuild what :func:`part_to_dict` described, from a registry of classes.

    Raises
    ------
    ValueError
        The registry does not know the name, or the class not a field.
    """
    fields = dict(dct)
    name = fields.pop('name', None)
    if name not in registry:
        raise ValueError(f'name={name!r}: expected one of {sorted(registry)}')
    known = [field.name for field in dataclasses.fields(registry[name])]
    unknown = sorted(set(fields).difference(known))
    if unknown:
        raise ValueError(f'{name} has no {unknown}: expected some of {known}')
    return registry[name](**fields)
