"""Fixed linear maps of a descriptor: standardized, whitened, principal, chosen."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.pairs import Pairs, reach
from ase_entropy.parts import part_from_dict, part_to_dict
from ase_entropy.statistics import standard_scale, whitening

__all__ = ['LinearDescriptor']


class LinearDescriptor:
    r"""Another descriptor, mapped: :math:`\mathbf x = (\mathbf q - \mathbf o)\,W`.

    Offset and matrix are fixed numbers, as a rule taken from an unbiased set by one of
    the methods below; the gradient goes back through W.

    Parameters
    ----------
    descriptor : Descriptor
        What is mapped.
    offset_k : (k,) array
        Origin.
    matrix_kx : (k, x) array
        The map.

    Raises
    ------
    ValueError
        Arrays that do not fit the descriptor, or that are not finite.

    Examples
    --------
    >>> from ase import Atoms
    >>> from ase_entropy import Bispectrum
    >>> from ase_entropy.pairs import find_pairs
    >>> second = LinearDescriptor.chosen(Bispectrum(twojmax=2), [1, 4])
    >>> second.evaluate(find_pairs(Atoms('W'), second.cutoff))[0].round(9)
    array([[2., 3.]])
    """

    def __init__(
        self, descriptor: Any, offset_k: np.ndarray, matrix_kx: np.ndarray
    ) -> None:
        self.descriptor = descriptor
        self.offset_k = np.array(offset_k, dtype=float)
        self.matrix_kx = np.array(matrix_kx, dtype=float)
        k = descriptor.size
        shapes = self.offset_k.shape, self.matrix_kx.shape[:1], self.matrix_kx.ndim
        if shapes != ((k,), (k,), 2) or self.matrix_kx.size == 0:
            raise ValueError(
                f'offset_k and matrix_kx have shapes {self.offset_k.shape} and '
                f'{self.matrix_kx.shape}: expected ({k},) and ({k}, x)'
            )
        for name in ('offset_k', 'matrix_kx'):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f'{name}: expected finite numbers')

    @classmethod
    def chosen(cls, descriptor: Any, components: Sequence[int]) -> 'LinearDescriptor':
        """Return some of the components, by their numbers from 0."""
        k = descriptor.size
        for component in components:
            checks.whole('components', component, least=0, most=k - 1)
        return cls(descriptor, np.zeros(k), np.eye(k)[:, list(components)])

    @classmethod
    def standardized(cls, descriptor: Any, q_mk: np.ndarray) -> 'LinearDescriptor':
        """Return components less their mean, over their deviation in a set."""
        return cls(descriptor, np.mean(q_mk, axis=0), np.diag(1 / standard_scale(q_mk)))

    @classmethod
    def whitened(cls, descriptor: Any, q_mk: np.ndarray) -> 'LinearDescriptor':
        """Return uncorrelated components of variance 1 in a set."""
        return cls(descriptor, np.mean(q_mk, axis=0), whitening(q_mk))

    @classmethod
    def principal(
        cls, descriptor: Any, q_mk: np.ndarray, components: int
    ) -> 'LinearDescriptor':
        """Return the first principal components of the standardized set."""
        scale_k = standard_scale(q_mk)
        checks.whole('components', components, least=1, most=len(scale_k))
        covariance_kk = np.atleast_2d(np.cov((np.asarray(q_mk) / scale_k).T))
        _, axis_kx = np.linalg.eigh(covariance_kk)
        first_kx = axis_kx[:, ::-1][:, :components]
        return cls(descriptor, np.mean(q_mk, axis=0), first_kx / scale_k[:, None])

    @property
    def cutoff(self) -> float:
        """Largest distance (Angstrom) at which an atom is seen."""
        return reach(self.descriptor)

    @property
    def size(self) -> int:
        """Number of components of each atom."""
        return self.matrix_kx.shape[1]

    def evaluate(self, pairs: Pairs) -> tuple[np.ndarray, Callable]:
        """Return the components of all atoms, (n, x), and their pullback."""
        return self._mapped(*self.descriptor.evaluate(pairs))

    @property
    def evaluate_atoms(self) -> Callable:
        """Evaluate whole atoms, where `descriptor` is one of whole atoms."""
        evaluate_atoms = self.descriptor.evaluate_atoms  # or AttributeError
        return lambda atoms: self._mapped(*evaluate_atoms(atoms))

    def _mapped(self, q_nk: np.ndarray, pullback: Callable) -> tuple:
        def pull_mapped(dE_dx_nx: np.ndarray) -> np.ndarray:
            return pullback(dE_dx_nx @ self.matrix_kx.T)

        return (q_nk - self.offset_k) @ self.matrix_kx, pull_mapped

    def todict(self) -> dict:
        """Return what :meth:`fromdict` makes the same descriptor of."""
        return {
            'descriptor': part_to_dict(self.descriptor),
            'offset_k': self.offset_k.tolist(),
            'matrix_kx': self.matrix_kx.tolist(),
        }

    @classmethod
    def fromdict(cls, dct: dict) -> 'LinearDescriptor':
        """Rebuild a descriptor, also after a trip through JSON."""
        from ase_entropy.descriptors import registry

        inner = part_from_dict(dct['descriptor'], registry)
        return cls(inner, dct['offset_k'], dct['matrix_kx'])
