"""Parts of V that nobody chose: those of the paper, with the lengths of tungsten."""

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from ase_entropy.chemistry import has_size, size
from ase_entropy.descriptors import Bispectrum
from ase_entropy.entropy import NearestNeighborEntropy
from ase_entropy.repulsion import ClarkeSmith

__all__ = ['COMPONENTS', 'default_parts', 'warn_of_lengths']

COMPONENTS = 6  # of the bispectrum, in the paper
MOST = 0.2  # by which the size of an element may differ from that of tungsten


def default_parts() -> dict[str, Any]:
    """Return descriptor, estimator and repulsion of the paper."""
    return {
        'descriptor': Bispectrum(components=COMPONENTS),
        'estimator': NearestNeighborEntropy(),
        'repulsion': ClarkeSmith(),
    }


def warn_of_lengths(names: Iterable[str], numbers_n: np.ndarray) -> None:
    """Warn where default parts are for atoms of quite another size.

    By more than a fifth: beryllium in tungsten, most metals and silicon are within.

    Parameters
    ----------
    names : iterable of str
        The parts that are defaults.
    numbers_n : (n,) int array
        Atomic numbers.
    """
    names = [name for name in names if name != 'estimator']
    present = [chemical_symbols[z] for z in np.unique(numbers_n) if z > 0]
    tungsten = size('W').distance
    far = [
        f'{x} ({size(x).distance:.2f})'
        for x in filter(has_size, present)
        if abs(size(x).distance / tungsten - 1.0) > MOST
    ]
    if names and far:
        sizes, kind = repr(present[0]), 'ClarkeSmith'
        if len(present) > 1:
            sizes, kind = f'Sizes({tuple(present)})', 'MixedClarkeSmith'
        right = {
            'descriptor': f'Bispectrum.of({sizes}, components={COMPONENTS})',
            'repulsion': f'{kind}.of({sizes})',
        }
        warnings.warn(
            f'defaults of EntropyCalculator ({", ".join(names)}) have the '
            f'lengths of tungsten, whose atoms are {tungsten:.2f} Angstrom apart, not '
            f'those of {", ".join(far)}: expected '
            + ', '.join(f'{name}={right[name]}' for name in names),
            UserWarning,
            stacklevel=2,
        )
