r"""Labels: energy, forces and stress of a real calculation, whatever they are called.

======== ================================================ ==========================
label    names                                            unit and sign
======== ================================================ ==========================
energy   ``energy``, ``REF_energy``, ``dft_energy``, ...  eV
forces   ``forces``, ``REF_forces``, ``dft_force``, ...   eV/Angstrom
stress   ``stress``, ``REF_stress``, ...                  eV/Angstrom^3, + is tension
virial   ``virial``, ``REF_virial``, ``dft_virial``, ...  eV, + is compression
======== ================================================ ==========================

:math:`\sigma = \frac1V \frac{\partial E}{\partial\varepsilon} = -W/V`, with W the
virial as GAP and NEP have it.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from ase import Atoms, units
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db.row import AtomsRow
from ase.stress import full_3x3_to_voigt_6_stress

from ase_entropy.sets.configuration import Configuration

__all__ = [
    'LABELS',
    'LabelKey',
    'is_label',
    'is_of_v',
    'labels_of',
    'named_labels',
    'parse_label_keys',
    'relabeled',
]

LABELS = ('energy', 'forces', 'stress')
WORDS = {'energy': 'energy', 'force': 'forces', 'forces': 'forces'}
WORDS |= {'stress': 'stress', 'virial': 'virial', 'virials': 'virial'}
PREFIXES = ('', 'ref', 'dft', 'qm', 'vasp', 'castep', 'qe', 'pbe', 'r2scan')
NAME = re.compile(
    rf'(?:({"|".join(PREFIXES[1:])})_)?({"|".join(WORDS)})', re.IGNORECASE
)

VOIGT = 'xx yy zz yz xz xy'
STRESSES = {  # factor to ASE's unit and sign, order of six numbers
    'eV/A^3': (1.0, VOIGT),
    'GPa': (units.GPa, VOIGT),
    'kB': (-0.1 * units.GPa, 'xx yy zz xy yz xz'),  # VASP
    'bar': (-units.bar, 'xx yy zz xy xz yz'),  # LAMMPS
}
ORDERS = {'voigt': VOIGT, 'vasp': STRESSES['kB'][1], 'lammps': STRESSES['bar'][1]}


ADVICE = (
    'expected which to take, such as label_keys energy=REF_energy,forces=REF_forces'
)


class LabelKey(NamedTuple):
    """Name of a label in a file, its unit, and the order of six numbers."""

    name: str
    unit: str = 'eV/A^3'
    order: str = ''


def parse_label_keys(text: str) -> dict[str, LabelKey]:
    """Return what ``energy=E,forces=F,stress=S:kB:voigt`` says.

    Raises
    ------
    ValueError
        A label, unit or order that is not known.

    Examples
    --------
    >>> parse_label_keys('energy=E0,stress=S:GPa')['stress']
    LabelKey(name='S', unit='GPa', order='')
    """
    keys = {}
    for word in text.split(','):
        label, equals, value = word.strip().partition('=')
        name, *options = value.split(':')
        if not (equals and name and label in (*LABELS, 'virial')):
            raise ValueError(
                f'label_keys={text!r}: expected names of energy, forces, stress or '
                "virial, such as 'energy=E0,forces=F0,stress=S0:kB'"
            )
        key = LabelKey(name, *options[:2])
        if (
            len(options) > 2
            or options
            and label != 'stress'
            or key.unit not in STRESSES
        ):
            raise ValueError(
                f'label_keys={text!r}: {word!r} expected a unit for stress only, one '
                f'of {", ".join(STRESSES)}'
            )
        if key.order and key.order not in ORDERS:
            raise ValueError(
                f'label_keys={text!r}: {word!r} expected an order of '
                f'{", ".join(ORDERS)}'
            )
        keys[label] = key
    return keys


def labels_of(
    configuration: Configuration, label_keys: Mapping[str, LabelKey] | None = None
) -> dict[str, Any]:
    """Return energy (eV), forces (eV/Angstrom) and stress (eV/Angstrom^3) it has.

    Results of V in rows of earlier versions are no labels, and left out.

    Parameters
    ----------
    configuration : Configuration
        Of a file or of a database.
    label_keys : dict of LabelKey, optional
        Names to take instead of the known ones.

    Raises
    ------
    ValueError
        A name that is not there, several sets of labels to choose from, numbers that
        are not finite or of the wrong shape, a virial without a volume.
    """
    atoms, row = configuration.atoms, configuration.row
    if row is not None and is_of_v(row):
        return {}
    try:
        named = _named(atoms, configuration.keys)
        if label_keys:
            found = {label: _look_up(named, key) for label, key in label_keys.items()}
        else:
            named = named if row is None else _named(atoms, {})
            found, label_keys = _known(named), {}
        return _in_units(atoms, found, label_keys)
    except ValueError as error:
        raise ValueError(f'{configuration.name}: {error}') from error


def relabeled(
    configuration: Configuration, label_keys: Mapping[str, LabelKey]
) -> Configuration:
    """Return a configuration whose calculator has the labels named, and no others."""
    labels = labels_of(configuration, label_keys)
    atoms = configuration.atoms.copy()
    names = {key.name for key in label_keys.values()}
    for mapping in (atoms.info, atoms.arrays):
        for name in [name for name in mapping if is_label(name) or name in names]:
            del mapping[name]
    atoms.calc = SinglePointCalculator(atoms, **labels)
    return configuration._replace(atoms=atoms)


def named_labels(configuration: Configuration) -> dict[str, Any]:
    """Return all labels that it has, by the names and with the units that these have.

    Examples
    --------
    >>> from ase_entropy.sets.sources import Source
    >>> atoms = Atoms('W', info={'REF_energy': -3.0, 'dft_energy': -3.1, 'a': 1})
    >>> named_labels(Configuration(atoms, None, 0, Source('w.xyz')))
    {'REF_energy': -3.0, 'dft_energy': -3.1}
    """
    named = _named(configuration.atoms, {})
    return {k: x for k, x in named.items() if is_label(k) and x is not None}


def is_label(name: str) -> bool:
    """Return whether a label is known by this name.

    Examples
    --------
    >>> is_label('REF_energy'), is_label('formation_energy')
    (True, False)
    """
    return NAME.fullmatch(name) is not None


def is_of_v(row: AtomsRow) -> bool:
    """Return whether the results of a row are those of V: rows of version 0.1."""
    return 'stage' in row and 'effective_energy' not in row and 'labeled_by' not in row


def _named(atoms: Atoms, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that may be a label, by its name."""
    results = {} if atoms.calc is None else atoms.calc.results
    return {**keys, **atoms.info, **atoms.arrays, **results}


def _look_up(named: Mapping[str, Any], key: LabelKey) -> Any:
    if key.name not in named:
        others = sorted(set(named) - {'numbers', 'positions'})
        raise ValueError(
            f'label_keys name {key.name!r}, which is not there: expected one of '
            f'{", ".join(others) or "none"}'
        )
    return named[key.name]


def _known(named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the labels, which must have the same prefix."""
    by_prefix: dict[str, dict[str, tuple[str, Any]]] = {}
    for name, value in named.items():
        match = NAME.fullmatch(name)
        if match and value is not None and not isinstance(value, str):
            prefix, word = (match[1] or '').lower(), WORDS[match[2].lower()]
            own = by_prefix.setdefault(prefix, {})
            if word in own:
                raise ValueError(f'it has {own[word][0]!r} and {name!r}: {ADVICE}')
            own[word] = name, value
    if len(by_prefix) > 1:
        firsts = [repr(next(iter(own.values()))[0]) for own in by_prefix.values()]
        raise ValueError(f'it has {" and ".join(firsts)}: {ADVICE}')
    return {
        word: value for own in by_prefix.values() for word, (_, value) in own.items()
    }


def _in_units(
    atoms: Atoms, found: Mapping[str, Any], keys: Mapping[str, LabelKey]
) -> dict[str, Any]:
    labels: dict[str, Any] = {}
    if 'energy' in found:
        labels['energy'] = float(_finite('energy', found['energy'], ()))
    if 'forces' in found:
        labels['forces'] = _finite('forces', found['forces'], (len(atoms), 3))
    if 'stress' in found:
        key = keys.get('stress', LabelKey('stress'))
        factor, order = STRESSES[key.unit]
        order = ORDERS[key.order] if key.order else order
        labels['stress'] = factor * _voigt('stress', found['stress'], order)
    elif 'virial' in found:
        if atoms.cell.rank < 3:
            raise ValueError('it has a virial and a cell without volume')
        labels['stress'] = -_voigt('virial', found['virial'], VOIGT) / atoms.cell.volume
    return labels


def _voigt(name: str, value: Any, order: str) -> np.ndarray:
    """Return a tensor as ASE's six numbers, from six, nine or a matrix."""
    array = _finite(name, value, None)
    if array.size == 9:
        return full_3x3_to_voigt_6_stress(array.reshape(3, 3))
    if array.shape != (6,):
        raise ValueError(
            f'{name} has shape {array.shape}: expected (3, 3), (9,) or (6,)'
        )
    return array[[order.split().index(pair) for pair in VOIGT.split()]]


def _finite(name: str, value: Any, shape: tuple | None) -> np.ndarray:
    try:
        array = np.array(value, float)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    if not np.isfinite(array).all() or shape is not None and array.shape != shape:
        raise ValueError(
            f'{name}={" ".join(str(value).split())[:40]}: expected finite numbers'
            + (f' of shape {shape}' if shape else '')
        )
    return array
