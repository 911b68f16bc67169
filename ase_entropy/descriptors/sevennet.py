"""Features of SevenNet as descriptors."""

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

__all__ = ['SevenNet']


@dataclass(frozen=True)
class SevenNet:
    """Features of atoms in SevenNet-0: the 128 scalars of a layer.

    The weights come with the package, ``pip install sevenn``: a NequIP trained on the
    Materials Project, 89 elements. Standardize the features by a set, see
    :class:`LinearDescriptor`.

    Parameters
    ----------
    layer : int
        After how many of the five layers.
    dtype, device : str
        As in :class:`CHGNet`.

    Raises
    ------
    ValueError
        A bad parameter, the package missing, elements that SevenNet does not know.

    References
    ----------
    .. [1] Y. Park et al., J. Chem. Theory Comput. 20, 4857 (2024).
    """

    layer: int = 5
    dtype: str = 'float64'
    device: str = 'cpu'
    size: ClassVar[int] = 128
    layers: ClassVar[int] = 5

    def __post_init__(self) -> None:
        checks.whole('layer', self.layer, least=1, most=self.layers)
        check_place(self.dtype, self.device)

    @property
    def cutoff(self) -> float:
        """Largest distance (Angstrom) of neighbors."""
        return float(_sevennet(self).cutoff)

    def check_species(self, numbers_n: np.ndarray) -> None:
        """Raise ValueError for elements that SevenNet does not know."""
        check_known('SevenNet', _sevennet(self).type_map, numbers_n)

    def evaluate_atoms(self, atoms: Atoms) -> tuple[np.ndarray, Callable]:
        """Return the features of all atoms, and what pulls forces and virial back."""
        return evaluate_network(self, _sevennet(self), _sevennet_features, atoms)


def _sevennet(descriptor: SevenNet) -> Any:
    return _load_sevennet(descriptor.dtype, descriptor.device)


@lru_cache(maxsize=4)
def _load_sevennet(dtype: str, device: str) -> Any:
    util = required('sevenn.util', 'sevenn')
    network, _ = util.model_from_checkpoint(util.pretrained_name_to_path('7net-0'))
    return ready(network, dtype, device)


def _sevennet_features(
    network: Any, atoms: Atoms, pairs: Pairs, r_pc: Any, layer: int
) -> Any:
    """Return the scalars after some of the layers; those that follow are not run."""
    index = indices(r_pc.device)
    kinds = [network.type_map[z] for z in atoms.numbers.tolist()]
    data = {
        'atomic_numbers': index(atoms.numbers),
        'x': index(kinds),
        'edge_index': index(np.stack([pairs.i_p, pairs.j_p])),
        'edge_vec': r_pc,
    }
    for name, module in network._modules.items():
        data = module(data)
        if name == 'onehot_idx_to_onehot':  # always single
            data |= {key: data[key].to(r_pc.dtype) for key in ('x', 'node_attr')}
        if name == f'{layer - 1}_equivariant_gate':
            break
    return data['x'][:, : SevenNet.size]
