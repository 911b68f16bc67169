"""Features of CHGNet as descriptors."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.descriptors.networks import (
    check_known,
    evaluate_network,
    indices,
    ready,
)
from ase_entropy.descriptors.torch_descriptor import check_place, required
from ase_entropy.pairs import Pairs

__all__ = ['CHGNet']


@dataclass(frozen=True)
class CHGNet:
    """Features of atoms in CHGNet: 64 numbers that its energies are made of.

    The weights come with the package, ``pip install chgnet``: trained on 1.5 million
    configurations of the Materials Project, 89 elements. Features have very different
    spreads: standardize them by a set, see :class:`LinearDescriptor`.

    Parameters
    ----------
    layer : int
        After how many of the four layers; the third are those from which CHGNet takes
        magnetic moments.
    dtype : str
        'float64' or 'float32', which takes half of the time; V is then too rough for
        a quench to a small force. The weights are single.
    device : str
        'cpu', 'cuda' or another of torch's.
    weights : str
        '0.3.0', 'r2scan' or '0.2.0'.

    Raises
    ------
    ValueError
        A bad parameter, the package missing, elements that CHGNet does not know.

    References
    ----------
    .. [1] B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023).
    """

    layer: int = 3
    dtype: str = 'float64'
    device: str = 'cpu'
    weights: str = '0.3.0'
    size: ClassVar[int] = 64
    layers: ClassVar[int] = 4

    def __post_init__(self) -> None:
        checks.whole('layer', self.layer, least=1, most=self.layers)
        if self.weights not in ('0.3.0', 'r2scan', '0.2.0'):
            raise ValueError(
                f"weights={self.weights!r}: expected '0.3.0', 'r2scan' or '0.2.0'"
            )
        check_place(self.dtype, self.device)

    @property
    def cutoff(self) -> float:
        """Largest distance (Angstrom) of neighbors: that of a bond."""
        return float(_chgnet(self).graph_converter.atom_graph_cutoff)

    def check_species(self, numbers_n: np.ndarray) -> None:
        """Raise ValueError for elements that CHGNet does not know."""
        most = _chgnet(self).atom_embedding.embedding.num_embeddings
        check_known('CHGNet', range(1, most + 1), numbers_n)

    def evaluate_atoms(self, atoms: Atoms) -> tuple[np.ndarray, Callable]:
        """Return the features of all atoms, and what pulls forces and virial back."""
        return evaluate_network(self, _chgnet(self), _chgnet_features, atoms)


def _chgnet(descriptor: CHGNet) -> Any:
    return _load_chgnet(
        descriptor.weights, descriptor.layer, descriptor.dtype, descriptor.device
    )


@lru_cache(maxsize=4)
def _load_chgnet(weights: str, layer: int, dtype: str, device: str) -> Any:
    """Return CHGNet without the layers after that wanted."""
    model = required('chgnet.model.model')
    with contextlib.redirect_stdout(io.StringIO()):  # it prints
        network = model.CHGNet.load(model_name=weights, use_device=device)
    network.atom_conv_layers = network.atom_conv_layers[:layer]
    return ready(network, dtype, device)


def _chgnet_features(
    network: Any, atoms: Atoms, pairs: Pairs, r_pc: Any, layer: int
) -> Any:
    """Return what the last layer that is left gives out."""
    torch, model = required('torch'), required('chgnet.model.model')
    index = indices(r_pc.device)
    bond_p, first_b = _bonds(atoms, pairs)
    short = pairs.r_p < network.graph_converter.bond_graph_cutoff
    one_a, two_a = _angles(pairs.i_p, np.flatnonzero(short))
    bases_ag, bases_bg, direction_pc = network.bond_basis_expansion(
        center=-r_pc,
        neighbor=torch.zeros_like(r_pc),
        undirected2directed=index(first_b),
        image=torch.zeros_like(r_pc),
        lattice=torch.zeros(3, 3, dtype=r_pc.dtype, device=r_pc.device),
    )
    graph = model.BatchedGraph(
        atomic_numbers=index(atoms.numbers),
        bond_bases_ag=bases_ag,
        bond_bases_bg=bases_bg,
        angle_bases=network.angle_basis_expansion(
            direction_pc[index(one_a)], direction_pc[index(two_a)]
        ),
        batched_atom_graph=index(np.stack([pairs.i_p, pairs.j_p], axis=1)),
        batched_bond_graph=index(
            np.stack([pairs.i_p[one_a], bond_p[one_a], bond_p[two_a]], axis=1)
        ),
        atom_owners=index(np.zeros(len(atoms))),
        directed2undirected=index(bond_p),
        atom_positions=[],
        strains=[],
        volumes=[],
    )
    found = []
    last = network.atom_conv_layers[-1]
    hook = last.register_forward_hook(lambda module, given, out: found.append(out))
    try:
        network._compute(graph)
    finally:
        hook.remove()
    return found[0]


def _bonds(atoms: Atoms, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Return the bond that each directed pair belongs to, and the first pair of each.

    The two directions of a bond have the same atoms, and opposite images.
    """
    i_p, j_p = pairs.i_p, pairs.j_p
    shift_pc = pairs.r_pc - (atoms.positions[j_p] - atoms.positions[i_p])
    image_pc = np.rint(shift_pc @ np.linalg.inv(atoms.cell.complete()[:])).astype(int)
    there = np.column_stack([i_p, j_p, image_pc])
    back = np.column_stack([j_p, i_p, -image_pc])
    rows, first = np.arange(len(there)), np.argmax(there != back, axis=1)
    forward_p = there[rows, first] < back[rows, first]
    keys = np.where(forward_p[:, None], there, back)
    _, first_b, bond_p = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return bond_p.reshape(-1), first_b


def _angles(i_p: np.ndarray, short: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all ordered couples of different short pairs of the same atom."""
    order = short[np.argsort(i_p[short], kind='stable')]
    count = np.bincount(i_p[order], minlength=1)
    count_p = count[i_p[order]]
    first_p = (np.cumsum(count) - count)[i_p[order]]
    one = np.repeat(np.arange(len(order)), count_p)
    rank = np.arange(len(one)) - np.repeat(np.cumsum(count_p) - count_p, count_p)
    two = first_p[one] + rank
    different = one != two
    return order[one[different]], order[two[different]]
