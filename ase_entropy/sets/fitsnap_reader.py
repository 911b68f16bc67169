"""Read FitSNAP's JSON files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io.formats import open_with_compression
from ase.stress import full_3x3_to_voigt_6_stress

__all__ = ['is_fitsnap', 'read_fitsnap']

HEAD = 4096  # characters that tell FitSNAP's JSON from others
LENGTHS = {'angstrom': 1.0, 'bohr': units.Bohr}
ENERGIES = {'electronvolt': 1.0, 'ev': 1.0, 'hartree': units.Hartree}
FORCES = {'electronvoltperangstrom': 1.0, 'hartreeperbohr': units.Hartree / units.Bohr}
PRESSURES = {'bar': units.bar, 'kb': 1e3 * units.bar, 'kilobar': 1e3 * units.bar}
PRESSURES |= {'kbar': 1e3 * units.bar, 'gigapascal': units.GPa, 'gpa': units.GPa}
FRACTIONAL = ('fractional', 'direct', 'scaled')


def is_fitsnap(path: Path | str) -> bool:
    """Return whether a file is JSON as FitSNAP reads it, not a database."""
    if '.json' not in Path(path).suffixes:
        return False
    try:
        with open_with_compression(str(path), 'r') as file:
            return '"Dataset"' in file.read(HEAD)
    except (OSError, ValueError):
        return False


def read_fitsnap(path: Path | str) -> Iterator[Atoms]:
    r"""Yield the configurations of a file of FitSNAP, with their labels.

    .. math:: \sigma_\mathrm{ASE} = -\sigma_\mathrm{FitSNAP}

    Units are those that the file names (``StressStyle`` and the like), Angstrom, eV and
    bar by default. ``Scale`` multiplies lattice and Cartesian positions;
    ``Coordinates`` or ``PositionsStyle`` tell fractional ones.

    Parameters
    ----------
    path : str or Path
        A JSON file, with a comment as its first line or without.

    Raises
    ------
    ValueError
        An entry that is missing, of the wrong shape, or in units that are not known.
    """
    with open_with_compression(str(path), 'r') as file:
        lines = file.read()
    if not lines.lstrip().startswith('{'):
        lines = lines.partition('\n')[2]
    dataset = json.loads(lines)['Dataset']
    for entry in dataset['Data']:
        yield _atoms({**dataset, **entry})


def _atoms(entry: dict) -> Atoms:
    scale = float(entry.get('Scale', 1.0))
    length = scale * _unit(entry, 'LatticeStyle', LENGTHS)
    cell_cc = length * _array(entry, 'Lattice', (3, 3))
    symbols = _symbols(entry)
    x_nc = _array(entry, 'Positions', (len(symbols), 3))
    words = [str(entry.get(k, '')).lower() for k in ('Coordinates', 'PositionsStyle')]
    if any(word in FRACTIONAL for word in words):
        atoms = Atoms(symbols, scaled_positions=x_nc, cell=cell_cc, pbc=True)
    else:
        x_nc = x_nc * scale * _unit(entry, 'PositionsStyle', LENGTHS)
        atoms = Atoms(symbols, x_nc, cell=cell_cc, pbc=True)
    results: dict[str, Any] = {}
    if entry.get('Energy') is not None:
        results['energy'] = float(entry['Energy']) * _unit(
            entry, 'EnergyStyle', ENERGIES
        )
    if entry.get('Forces') is not None:
        forces_nc = _array(entry, 'Forces', (len(symbols), 3))
        results['forces'] = forces_nc * _unit(entry, 'ForcesStyle', FORCES)
    if entry.get('Stress') is not None:
        stress_cc = -_array(entry, 'Stress', (3, 3))
        stress_cc *= _unit(entry, 'StressStyle', PRESSURES)
        results['stress'] = full_3x3_to_voigt_6_stress(stress_cc)
    if results:
        atoms.calc = SinglePointCalculator(atoms, **results)
    return atoms


def _symbols(entry: dict) -> list[str]:
    types = entry.get('AtomTypes')
    if not isinstance(types, list) or not all(isinstance(x, str) for x in types):
        raise ValueError(f'AtomTypes={str(types)[:40]}: expected chemical symbols')
    number = entry.get('NumAtoms', len(types))
    if number != len(types):
        raise ValueError(
            f'NumAtoms={number} and {len(types)} AtomTypes: expected as many'
        )
    return types


def _array(entry: dict, name: str, shape: tuple[int, int]) -> np.ndarray:
    if name not in entry:
        raise ValueError(f'it has no {name!r}')
    array = np.array(entry[name], float)
    if array.shape != shape:
        raise ValueError(f'{name} has shape {array.shape}: expected {shape}')
    return array


def _unit(entry: dict, style: str, known: dict[str, float]) -> float:
    word = str(entry.get(style, next(iter(known)))).lower()
    if word not in known:
        raise ValueError(f'{style}={entry[style]!r}: expected one of {sorted(known)}')
    return known[word]
