"""Features of a MACE as descriptors."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

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

__all__ = ['MACE']


@dataclass(frozen=True)
class MACE:
    """Features of atoms in a MACE of yours: the scalars of a layer.

    Needs ``pip install mace-torch``. A model file is a pickle, which may do anything
    when it is opened: take only those that you trust.

    Parameters
    ----------
    file : str
        The model, as MACE saves it.
    layer : int
        After how many layers.
    dtype, device : str
        As in :class:`CHGNet`.
    sha256 : str, optional
        Of the file, so that a row finds the same model again; by default what it is.

    Raises
    ------
    ValueError
        A bad parameter, the package missing, a file that holds no model, or another one
        than `sha256` says, elements that the model does not know.

    References
    ----------
    .. [1] I. Batatia et al., Adv. Neural Inf. Process. Syst. 35, 11423 (2022).
    """

    file: str
    layer: int = 1
    dtype: str = 'float64'
    device: str = 'cpu'
    sha256: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, 'file', str(Path(self.file).absolute()))
        check_place(self.dtype, self.device)
        try:
            found = hashlib.sha256(Path(self.file).read_bytes()).hexdigest()
        except OSError as error:
            raise ValueError(
                f"file='{self.file}': expected a model of MACE ({error.strerror})"
            ) from error
        if self.sha256 not in (None, found):
            raise ValueError(
                f"file='{self.file}' has changed: expected the model with sha256 "
                f'{self.sha256}'
            )
        object.__setattr__(self, 'sha256', found)
        checks.whole('layer', self.layer, least=1, most=len(_mace(self).products))

    @property
    def cutoff(self) -> float:
        """Largest distance (Angstrom) of neighbors."""
        return float(_mace(self).r_max)

    @property
    def size(self) -> int:
        """Number of scalars of the layer."""
        return _mace(self).products[self.layer - 1].linear.irreps_out.count('0e')

    def check_species(self, numbers_n: np.ndarray) -> None:
        """Raise ValueError for elements that the model does not know."""
        check_known('MACE', _mace(self).atomic_numbers.tolist(), numbers_n)

    def evaluate_atoms(self, atoms: Atoms) -> tuple[np.ndarray, Callable]:
        """Return the features of all atoms, and what pulls forces and virial back."""
        return evaluate_network(self, _mace(self), _mace_features, atoms)


def _mace(descriptor: MACE) -> Any:
    return _load_mace(
        descriptor.file, descriptor.sha256, descriptor.dtype, descriptor.device
    )


@lru_cache(maxsize=4)
def _load_mace(file: str, sha256: str, dtype: str, device: str) -> Any:
    required('mace.modules', 'mace-torch')
    try:
        network = required('torch').load(file, map_location='cpu', weights_only=False)
        network.r_max, network.products, network.atomic_numbers  # noqa: B018
    except Exception as error:  # whatever pickle raises
        raise ValueError(
            f"file='{file}' holds no model of MACE: expected one that MACE has saved "
            f'({type(error).__name__}: {str(error).splitlines()[0]})'
        ) from error
    return ready(network, dtype, device)


def _mace_features(
    network: Any, atoms: Atoms, pairs: Pairs, r_pc: Any, layer: int
) -> Any:
    """Return the scalars of a layer."""
    torch, index, n = required('torch'), indices(r_pc.device), len(atoms)
    known = network.atomic_numbers.tolist()
    attributes_ne = torch.zeros(n, len(known), dtype=r_pc.dtype, device=r_pc.device)
    kinds = [known.index(z) for z in atoms.numbers.tolist()]
    attributes_ne[range(n), kinds] = 1.0
    data = {
        'positions': torch.zeros(n, 3, dtype=r_pc.dtype, device=r_pc.device),
        'shifts': r_pc,  # from positions that are all zero
        'unit_shifts': torch.zeros_like(r_pc),
        'cell': torch.zeros(3, 3, dtype=r_pc.dtype, device=r_pc.device),
        'edge_index': index(np.stack([pairs.i_p, pairs.j_p])),
        'node_attrs': attributes_ne,
        'batch': index(np.zeros(n)),
        'ptr': index([0, n]),
        'head': index([0]),
    }
    irreps = [product.linear.irreps_out for product in network.products]
    first = sum(x.dim for x in irreps[: layer - 1])
    features_nk = network(data, compute_force=False)['node_feats']
    return features_nk[:, first : first + irreps[layer - 1].count('0e')]
