"""What the compiled segments know: which parts of V, and which constraints."""

from typing import Any

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from ase_entropy.calculator import EntropyCalculator
from ase_entropy.descriptors import Bispectrum
from ase_entropy.entropy import (
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LogDetEntropy,
    NearestNeighborEntropy,
    PerElement,
    SmoothNearestNeighborEntropy,
)
from ase_entropy.pairs import vesin_neighbor_list
from ase_entropy.repulsion import (
    ClarkeSmith,
    MixedClarkeSmith,
    ZieglerBiersackLittmark,
)

__all__ = ['has_compiled_form']

REPULSIONS = ClarkeSmith, MixedClarkeSmith, ZieglerBiersackLittmark
ESTIMATORS = (
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LogDetEntropy,
    NearestNeighborEntropy,
    SmoothNearestNeighborEntropy,
)


def has_compiled_form(atoms: Atoms) -> bool:
    """Return whether every part of the energy of these atoms has a compiled form."""
    calc = atoms.calc
    return (
        isinstance(atoms, Atoms)
        and type(calc) is EntropyCalculator
        and type(calc.descriptor) is Bispectrum
        and _estimator_is_compiled(calc.estimator, atoms.numbers)
        and type(calc.repulsion) in REPULSIONS
        and calc.neighbor_list is vesin_neighbor_list
        and len(atoms) > 1
        and all(type(x) is FixAtoms for x in atoms.constraints)
    )


def _estimator_is_compiled(estimator: Any, numbers_n: np.ndarray) -> bool:
    """Return whether an estimator has a compiled form, in which it finds no pole."""
    if type(estimator) is PerElement:
        counts = np.unique(numbers_n, return_counts=True)[1]
        return all(
            _estimator_is_compiled(estimator.estimator, np.ones(count))
            for count in counts
        )
    if type(estimator) is KozachenkoLeonenkoEntropy:
        points = len(numbers_n) + len(estimator.space.reference_mx)
        if estimator.k > max(1, points - 1):
            return False
    regular = getattr(estimator, 'softening', getattr(estimator, 'ridge', 0.0)) > 0.0
    return type(estimator) in ESTIMATORS and regular
