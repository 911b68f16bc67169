"""Descriptors of pairs and of whole atoms, evaluated alike.

A descriptor says how its components follow from the pairs, `evaluate(pairs)`, or from
the atoms as a whole, `evaluate_atoms(atoms)`: networks in which what an atom knows of
its neighbors travels on are no functions of single pairs. Nothing but this module has
to know which of them a descriptor is.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy.pairs import Pairs, find_pairs, forces, reach, virial

__all__ = ['describe', 'describe_several']


def describe(
    descriptor: Any, atoms: Atoms, pairs: Pairs | None = None
) -> tuple[np.ndarray, Callable]:
    r"""Return the components of all atoms, and what pulls forces and virial back.

    .. math:: \mathbf F_n = -\sum_{mk} \frac{\partial E}{\partial q_{mk}}
              \frac{\partial q_{mk}}{\partial\mathbf r_n}, \qquad
              W = \sum_{mk} \frac{\partial E}{\partial q_{mk}}
              \frac{\partial q_{mk}}{\partial\varepsilon}

    Parameters
    ----------
    descriptor : Descriptor
        Of pairs or of whole atoms.
    atoms : Atoms
        The atoms.
    pairs : Pairs, optional
        Their pairs within the reach of the descriptor, if they are known.

    Returns
    -------
    q_nk : (n, k) float array
        Components.
    pullback : callable
        Maps dE_dq_nk, (n, k), to the forces -dE/dr (eV/Angstrom), (n, 3), and the
        virial dE/d strain (eV), (3, 3): the stress is the virial over the volume.

    Raises
    ------
    ValueError
        Atoms of an element that the descriptor does not know, or without pairs that can
        be found, see :func:`~ase_entropy.pairs.find_pairs`.

    Examples
    --------
    >>> from ase_entropy import Bispectrum
    >>> q_nk, pullback = describe(Bispectrum(), Atoms('W2', [(0, 0, 0), (2.5, 0, 0)]))
    >>> forces_nc, virial_cc = pullback(np.ones(q_nk.shape))
    >>> bool(np.isclose(virial_cc[0, 0], 2.5 * forces_nc[0, 0]))
    True
    """
    if pairs is None:
        pairs = _checked_pairs(descriptor, atoms)
    if hasattr(descriptor, 'evaluate_atoms'):
        return descriptor.evaluate_atoms(atoms)
    q_nk, pull_pairs = descriptor.evaluate(pairs)

    def pullback(dE_dq_nk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        dE_dr_pc = pull_pairs(dE_dq_nk)
        return forces(pairs, dE_dr_pc), virial(pairs, dE_dr_pc)

    return q_nk, pullback


def describe_several(descriptor: Any, several: list[Atoms], first: int) -> np.ndarray:
    """Return the components of several configurations, below each other.

    Raises
    ------
    ValueError
        As in :func:`describe`; the message counts configurations from `first`.
    """
    whole, found = hasattr(descriptor, 'evaluate_atoms'), []
    for number, atoms in enumerate(several, first):
        try:
            pairs = _checked_pairs(descriptor, atoms)
            found.append(descriptor.evaluate_atoms(atoms)[0] if whole else pairs)
        except ValueError as error:
            raise ValueError(f'configuration {number}: {error}') from error
    return np.concatenate(found) if whole else descriptor.evaluate(_joined(found))[0]


def _checked_pairs(descriptor: Any, atoms: Atoms) -> Pairs:
    if hasattr(descriptor, 'check_species'):
        descriptor.check_species(atoms.numbers)
    return find_pairs(atoms, reach(descriptor))


def _joined(several: list[Pairs]) -> Pairs:
    """Return the pairs of several configurations, atoms numbered on."""
    sizes = [len(pairs.numbers_n) for pairs in several]
    offset_p = np.repeat(np.cumsum(sizes) - sizes, [len(p.r_p) for p in several])
    return Pairs(
        np.concatenate([pairs.numbers_n for pairs in several]),
        np.concatenate([pairs.i_p for pairs in several]) + offset_p,
        np.concatenate([pairs.j_p for pairs in several]) + offset_p,
        np.concatenate([pairs.r_p for pairs in several]),
        np.concatenate([pairs.r_pc for pairs in several]),
    )
