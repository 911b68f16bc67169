"""Names of starts, by which they are rebuilt from JSON, also within each other."""

from typing import Any

from ase_entropy import checks
from ase_entropy.chemistry import Sizes
from ase_entropy.parts import part_from_dict

__all__ = ['as_sizes', 'as_start', 'register', 'registry']

registry: dict[str, type] = {}


def register(cls: type) -> type:
    """Add a class of starts to the registry, and return it."""
    registry[cls.__name__] = cls
    return cls


def as_start(name: str, value: Any) -> Any:
    """Return a start, rebuilt if it is the dictionary of one.

    Raises
    ------
    ValueError
        Something else.
    """
    if isinstance(value, dict):
        value = part_from_dict(value, registry)
    return checks.instance(name, value, tuple(registry.values()))


def as_sizes(value: Any, species: tuple[str, ...]) -> Sizes:
    """Return sizes, rebuilt from their dictionary, by default of reference states.

    Raises
    ------
    ValueError
        Something else, or sizes that lack one of the elements.
    """
    if isinstance(value, dict):
        value = part_from_dict(value, {'Sizes': Sizes})
    sizes = Sizes(species) if value is None else checks.instance('sizes', value, Sizes)
    if missing := sorted(set(species) - set(sizes.species)):
        raise ValueError(
            f'sizes are those of {", ".join(sizes.species)}: expected {missing}, too'
        )
    return sizes
