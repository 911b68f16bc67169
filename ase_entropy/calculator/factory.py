"""A calculator in words: how it is made, wherever it is needed."""

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ase_entropy.checks import reason_of

__all__ = ['EXAMPLE', 'Factory', 'checked']

EXAMPLE = 'ase.calculators.emt:EMT'
NEEDED = ('energy', 'forces')


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
    role : str
        What messages call it.

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
    role: str = 'calculator'

    def __post_init__(self) -> None:
        if isinstance(self.target, str):
            module, colon, name = self.target.partition(':')
            if not (
                colon
                and name.isidentifier()
                and module.replace('.', '_').isidentifier()
            ):
                raise ValueError(
                    f'{self.role}={self.target}: expected module:factory, such as '
                    f'{EXAMPLE}'
                )
        elif not callable(self.target):
            raise ValueError(
                f'{self.role}={self.target!r}: expected a callable that makes a '
                f'calculator, or its name, such as {EXAMPLE}'
            )
        try:
            json.dumps(self.arguments)
            good = isinstance(self.arguments, Mapping)
        except (TypeError, ValueError):
            good = False
        if not good:
            raise ValueError(
                f'arguments={self.arguments!r} of {self.role}={self.name}: expected a '
                'dictionary of what JSON has'
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
                f'{self.role}={self.name}: is {_type_of(make)}, expected a callable '
                'that makes a calculator'
            )
        try:
            calculator = make(**self.arguments)
        except Exception as error:
            raise ValueError(
                f'{self.role}={self.name}: expected a callable that makes a calculator '
                f'of arguments={json.dumps(dict(self.arguments))}, it raises '
                f'{reason_of(error)}'
            ) from error
        return checked(calculator, f'{self.role}={self.name}')

    def _imported(self) -> Any:
        module, _, name = self.target.partition(':')
        if self.folder and self.folder not in sys.path:
            sys.path.append(self.folder)
        try:
            return getattr(importlib.import_module(module), name)
        except Exception as error:  # whatever a module raises when it is imported
            raise ValueError(
                f'{self.role}={self.name}: expected the name of a callable in a module '
                f'that Python finds, as {EXAMPLE} is ({reason_of(error)})'
            ) from error


def checked(calculator: Any, name: str) -> Any:
    """Return a calculator that has energy and forces.

    Raises
    ------
    ValueError
        Something else; `name` is how the message begins.
    """
    a_class = isinstance(calculator, type)
    known = getattr(calculator, 'implemented_properties', None)
    if a_class or known is None or not hasattr(calculator, 'get_property'):
        kind = f'the class {calculator.__name__}' if a_class else _type_of(calculator)
        raise ValueError(
            f'{name}: is {kind}, expected a calculator of ASE with energy and forces, '
            'such as EMT()'
        )
    if lacking := [needed for needed in NEEDED if needed not in known]:
        raise ValueError(
            f'{name}: has no {" and no ".join(lacking)}, expected a calculator with '
            'both energy and forces'
        )
    return calculator


def _type_of(value: Any) -> str:
    return f'of type {type(value).__name__}'
