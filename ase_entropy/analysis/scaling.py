"""The scale that a reference set makes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ase_entropy import checks
from ase_entropy.statistics import ROUNDING

__all__ = ['ReferenceScale', 'apart', 'check_numbers', 'in_deviations']

APART = 1e9  # deviations between elements, more than any distance


@dataclass(frozen=True)
class ReferenceScale:
    r"""Shift and scale of components: mean and deviation of a reference.

    .. math:: \tilde q_k = (q_k - \langle q_k\rangle) / \sigma_k

    A component that is the same in the whole reference has no deviation there: those of
    an element that the reference does not hold, or all of them, where the reference
    holds isolated atoms or one perfect crystal. To leave it out would hide just what is
    new in the other sets, and any small number in place of the deviation would let it
    outweigh all others. Its scale is its deviation in all sets together, which makes
    it weigh about as much as a component of the reference: a difference of one is one
    between sets, not one that the reference knows. It therefore depends on which sets
    are compared, and readers have to be told. Only what varies nowhere drops out.

    Parameters
    ----------
    shift_k, scale_k : (k,) float arrays
        Mean and deviation; the deviation is infinite where nothing varies.
    pooled_k : (k,) bool array
        Components that the reference does not vary, but some other set does.

    Examples
    --------
    >>> reference_ek = [[1.0, 5.0, 7.0], [3.0, 5.0, 7.0]]
    >>> scale = ReferenceScale.of(reference_ek, [[2.0, 9.0, 7.0], [2.0, 9.0, 7.0]])
    >>> scale.scale_k, scale.pooled_k
    (array([ 1.,  2., inf]), array([False,  True, False]))
    """

    shift_k: np.ndarray
    scale_k: np.ndarray
    pooled_k: np.ndarray

    @classmethod
    def of(cls, reference_ek: np.ndarray, *sets: np.ndarray) -> 'ReferenceScale':
        """Return the scale of a reference, for these sets.

        Raises
        ------
        ValueError
            Sets with other components, empty ones, numbers that are not finite.
        """
        reference_ek = checks.matrix('reference_ek', reference_ek)
        k = reference_ek.shape[1]
        several = [reference_ek, *(_checked('q_ek', q_ek, k) for q_ek in sets)]
        scale_k, pooled_k = reference_ek.std(axis=0), np.zeros(k, bool)
        still = np.flatnonzero(scale_k <= ROUNDING * np.abs(reference_ek).max())
        if len(still):
            rounding = ROUNDING * max(np.abs(q_ek).max() for q_ek in several)
            own_k = np.concatenate([q_ek[:, still] for q_ek in several]).std(axis=0)
            pooled_k[still] = own_k > rounding
            scale_k[still] = np.where(own_k > rounding, own_k, np.inf)
        return cls(reference_ek.mean(axis=0), scale_k, pooled_k)

    @property
    def varying(self) -> int:
        """Number of components that vary in the reference itself."""
        return int(np.sum(np.isfinite(self.scale_k) & ~self.pooled_k))

    def apply(self, q_ek: np.ndarray, name: str = 'q_ek') -> np.ndarray:
        """Return a set in deviations; messages call it by its name."""
        q_ek = _checked(name, q_ek, len(self.scale_k))
        return (q_ek - self.shift_k) / self.scale_k


def _checked(name: str, q_ek: np.ndarray, components: int) -> np.ndarray:
    q_ek = checks.matrix(name, q_ek)
    if q_ek.shape[1] != components:
        raise ValueError(
            f'{name} has shape {q_ek.shape}: expected (e, {components}), with the '
            'components of the reference'
        )
    return q_ek


def in_deviations(
    reference: np.ndarray | ReferenceScale,
    *sets: np.ndarray,
    names: Sequence[str] = (),
) -> list[np.ndarray]:
    r"""Return sets after the shift and scale of a reference.

    .. math:: \tilde q_k = (q_k - \langle q_k\rangle) / \sigma_k

    Parameters
    ----------
    reference : (e, k) float array or ReferenceScale
        Environments whose mean and deviation are taken, or these. Of an array,
        components that vary in the sets only are measured in their deviation in the
        reference and these sets together, see :class:`ReferenceScale`.
    *sets : (e, k) float arrays
        Environments to shift and scale.
    names : sequence of str
        What messages call the sets.

    Raises
    ------
    ValueError
        Sets with other components, empty ones, or numbers that are not finite.

    Examples
    --------
    >>> in_deviations([[1.0], [3.0]], [[0.0], [4.0]])
    [array([[-2.],
           [ 2.]])]
    """
    names = names or ['q_ek'] * len(sets)
    scale = reference
    if not isinstance(reference, ReferenceScale):
        reference_ek = checks.matrix('reference_ek', reference)
        k = reference_ek.shape[1]
        sets = [_checked(name, q, k) for q, name in zip(sets, names, strict=True)]
        scale = ReferenceScale.of(reference_ek, *sets)
    return [scale.apply(q_ek, name) for q_ek, name in zip(sets, names, strict=True)]


def apart(scaled_ek: np.ndarray, numbers_e: np.ndarray | None) -> np.ndarray:
    """Return environments with their elements as a component that keeps these apart.

    Nearest neighbors are then of the same element, at their own distance, wherever the
    element occurs, and farther than ``APART / 2`` elsewhere.
    """
    if numbers_e is None:
        return scaled_ek
    return np.column_stack([scaled_ek, APART * numbers_e])


def check_numbers(
    sets: Sequence[np.ndarray], numbers: Sequence[np.ndarray | None], names: str
) -> list[np.ndarray | None]:
    """Return the atomic numbers of sets as arrays, None if they are not asked for.

    Raises
    ------
    ValueError
        Numbers for some sets only, or not one for each environment.
    """
    if all(numbers_e is None for numbers_e in numbers):
        return list(numbers)
    checked = [np.array([]) if x is None else np.asarray(x) for x in numbers]
    wanted, shapes = [(len(q_ek),) for q_ek in sets], [x.shape for x in checked]
    if wanted != shapes:
        raise ValueError(
            f'{names} have shapes {shapes}: expected {wanted}, an atomic number for '
            'each environment'
        )
    return checked
