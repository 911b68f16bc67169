"""An EntropyCalculator in words: its parameters as JSON has them, and back."""

from pathlib import Path
from typing import Any

from ase.db.core import Database

from ase_entropy import checks, descriptors, repulsion
from ase_entropy import entropy as estimators
from ase_entropy.calculator.base import Base
from ase_entropy.parts import fields_of, part_from_dict, part_to_dict
from ase_entropy.repulsion.confinement import Confinement
from ase_entropy.store.arrays import restore

__all__ = ['PARTS', 'from_words', 'to_words', 'trusted_base']

REGISTRIES = {
    'descriptor': descriptors.registry,
    'estimator': estimators.registry,
    'repulsion': repulsion.registry,
}
PARTS = tuple(REGISTRIES)


def to_words(parameters: dict) -> dict:
    """Return the parameters of a calculator, JSON-ready."""
    dct = {name: part_to_dict(parameters[name]) for name in PARTS}
    dct['k_entropy'] = parameters['k_entropy']
    wall, base = parameters['confinement'], parameters['base']
    if wall is not None:
        dct['confinement'] = fields_of(wall)
    if isinstance(base, Base):
        dct['base'] = fields_of(base)
    elif base is not None:
        dct['base'] = {'made by hand': type(base).__name__}
    return dct


def from_words(
    dct: dict, database: Database | str | Path | None, allow_import: bool
) -> dict[str, Any]:
    """Return the parameters that :func:`to_words` describes.

    Raises
    ------
    ValueError
        As raised by :meth:`EntropyCalculator.fromdict`.
    """
    dct = restore(dct, database)
    if missing := [name for name in (*PARTS, 'k_entropy') if name not in dct]:
        raise ValueError(f'dct has no {missing}: expected what todict() returns')
    wall = dct.get('confinement')
    return {
        **{name: part_from_dict(dct[name], REGISTRIES[name]) for name in PARTS},
        'k_entropy': dct['k_entropy'],
        'confinement': None if wall is None else Confinement(**wall),
        'base': trusted_base(dct.get('base'), allow_import),
    }


def trusted_base(dct: dict | None, allow_import: bool) -> Base | None:
    """Return the base that words describe, if code may be imported for it.

    Raises
    ------
    ValueError
        It may not, or the base is not known in words.
    """
    if dct is None:
        return None
    checks.instance('base', dct, dict)
    if 'factory' not in dct:
        raise ValueError(
            f'the base was made by hand, {dct.get("made by hand")}: expected '
            'Base(...), from which it can be made again'
        )
    if not allow_import:
        raise ValueError(
            f'the base is made by {dct["factory"]}, which is code of others: expected '
            'allow_import=True, to run it'
        )
    return part_from_dict({**dct, 'name': 'Base'}, {'Base': Base})
