"""Networks as descriptors: what those of several potentials have in common."""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols

from ase_entropy.descriptors.torch_descriptor import (
    differentiable,
    one_thread,
    pulled_back,
    required,
)
from ase_entropy.pairs import find_pairs, forces, virial

__all__ = ['check_known', 'evaluate_network', 'indices', 'ready']


def check_known(name: str, known: Collection, numbers_n: np.ndarray) -> None:
    """Raise ValueError for atoms of other elements than those known, by numbers."""
    if unknown := sorted(set(numbers_n.tolist()).difference(known)):
        symbols = ', '.join(chemical_symbols[z] for z in unknown)
        raise ValueError(f'{name} does not know {symbols}: expected its elements only')


def evaluate_network(
    descriptor: Any, network: Any, features: Callable, atoms: Atoms
) -> tuple[np.ndarray, Callable]:
    """Return features of a network, a function of all pair vectors, and the pullback.

    The list of pairs is made anew each time: it takes a hundredth of the time of the
    network, and pairs within a skin would have to go through the network, too.
    """
    descriptor.check_species(atoms.numbers)
    pairs = find_pairs(atoms, descriptor.cutoff)
    r_pc = differentiable(descriptor.dtype, descriptor.device)(pairs.r_pc)
    with one_thread():
        q_nk = features(network, atoms, pairs, r_pc, descriptor.layer)
    values_nk, gradients = pulled_back(q_nk, r_pc)

    def pullback(dE_dq_nk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        (dE_dr_pc,) = gradients(dE_dq_nk)
        return forces(pairs, dE_dr_pc), virial(pairs, dE_dr_pc)

    return values_nk, pullback


def ready(network: Any, dtype: str, device: str) -> Any:
    """Return a network for use, not for training."""
    network = network.to(getattr(required('torch'), dtype)).to(device).eval()
    return network.requires_grad_(False)


def indices(device: Any) -> Callable:
    """Return what makes tensors of whole numbers."""
    torch = required('torch')
    return lambda array: torch.tensor(
        np.asarray(array), dtype=torch.int64, device=device
    )
