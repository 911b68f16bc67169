"""How workers make a calculator."""

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ase_entropy.campaign.engines.units import reason_of

__all__ = ['EXAMPLE', 'Factory']

EXAMPLE = 'ase.calculators.emt:EMT'
LABELS = ('energy', 'forces')  # that a calculator must have


@dataclass(frozen=True)
class Factory:
    """What makes a calculator: a callable, and its arguments.

    Parameters
    ----------
    target : str or callable
        ``'module:name'``, or a function or class at the top of a module.
    arguments : dict
        Its keyword arguments, as JSON has them.
    folder : str
        Folder where modules are looked for last, in workers, too.

    Raises
    ------
    ValueError
        A name of another form, or arguments that JSON has not.

    Examples
    --------
    >>> factory = Factory('ase.calculators.emt:EMT', {'asap_cutoff': True})
    >>> factory.calculator().parameters.asap_cutoff
    True
    """

    target: str | Callable[..., Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    folder: str = ''

    def __post_init__(self) -> None:
        if isinstance(self.target, str):
            module, colon, name = self.target.partition(':')
            if not (
                colon
                and name.isidentifier()
                and module.replace('.', '_').isidentifier()
            ):
                raise ValueError(
                    f'calculator={self.target}: expected module:factory, such as '
                    f'{EXAMPLE}'
                )
        elif not callable(self.target):
            raise ValueError(
                f'calculator={self.target!r}: expected a callable that makes a '
                f'calculator, or its name, such as {EXAMPLE}'
            )
        try:
            json.dumps(self.arguments)
            good = isinstance(self.arguments, Mapping)
        except (TypeError, ValueError):
            good = False
        if not good:
            raise ValueError(
                f'arguments={self.arguments!r}: expected a dictionary of what JSON has'
            )

    @property
    def name(self) -> str:
        """``module:name`` of the callable."""
        if isinstance(self.target, str):
            return self.target
        kind = type(self.target)
        named = self.target if hasattr(self.target, '__qualname__') else kind
        return f'{named.__module__}:{named.__qualname__}'

    def calculator(self) -> Any:
        """Return a new calculator.

        Raises
        ------
        ValueError
            A module or name that is not there, no callable, one that raises, and one
            that makes something else than a calculator with energy and forces.
        """
        make = self._imported() if isinstance(self.target, str) else self.target
        if not callable(make):
            raise ValueError(
                f'calculator={self.name}: is a {type(make).__name__}, expected a '
                'callable that makes a calculator'
            )
        try:
            calculator = make(**self.arguments)
        except Exception as error:
            raise ValueError(
                f'calculator={self.name}: expected a callable that makes a calculator '
                f'of arguments={json.dumps(dict(self.arguments))}, it raises '
                f'{reason_of(error)}'
            ) from error
        known = getattr(calculator, 'implemented_properties', None)
        if known is None or not hasattr(calculator, 'get_property'):
            raise ValueError(
                f'calculator={self.name}: makes a {type(calculator).__name__}, '
                'expected a calculator of ASE'
            )
        if lacking := [name for name in LABELS if name not in known]:
            raise ValueError(
                f'calculator={self.name}: has no {" and no ".join(lacking)}, expected '
                'a calculator with both energy and forces'
            )
        return calculator

    def _imported(self) -> Any:
        module, _, name = self.target.partition(':')
        if self.folder and self.folder not in sys.path:
            sys.path.append(self.folder)
        try:
            return getattr(importlib.import_module(module), name)
        except Exception as error:  # whatever a module raises when it is imported
            raise ValueError(
                f'calculator={self.name}: expected the name of a callable in a module '
                f'that Python finds, as {EXAMPLE} is ({reason_of(error)})'
            ) from error
