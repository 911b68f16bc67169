"""Any local descriptor of dscribe, with exact bookkeeping of images and stress."""

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols

from ase_entropy import checks, chemistry
from ase_entropy.pairs import Pairs

__all__ = ['DscribeDescriptor', 'is_dscribe']

STEP = 1e-4  # Angstrom, of the central differences; that of dscribe
APART = 4.0  # cutoffs from island to island
BLOCK = 1000  # atoms on islands, handed to dscribe at once; measured


def is_dscribe(thing: Any) -> bool:
    """Return whether this is an object of dscribe, without importing it."""
    return type(thing).__module__.split('.')[0] == 'dscribe'


class DscribeDescriptor:
    r"""A local descriptor of dscribe (SOAP, ACSF, ...) for the entropy calculator.

    Each atom and its neighbors, images included, become an island of a system without
    periodic boundaries; dscribe computes the descriptor of its center. Derivatives are
    central differences with respect to each pair vector,

    .. math:: \frac{\partial q_i}{\partial r_{pc}} \approx
        \frac{q_i(r_{pc} + h) - q_i(r_{pc} - h)}{2h}, \qquad h = 10^{-4}

    on as many islands. So forces and stress follow from the same pair gradients as for
    our own descriptors, in any cell, also one smaller than the cutoff, to about 1e-7.

    dscribe's SOAP with the gto basis ends with a jump at its cutoff: give it
    ``weighting={'function': 'poly', ...}`` for forces that are worth the name.

    Parameters
    ----------
    descriptor : dscribe.descriptors.SOAP, ACSF or the like
        Local, dense, without averaging. Whether it is set to be periodic does not
        matter: all images count.
    cutoff : float, optional
        Distance (Angstrom) beyond which an atom is not seen. Known for SOAP and ACSF.

    Raises
    ------
    ValueError
        A descriptor that is not of that kind; atoms of an element it does not know.

    References
    ----------
    .. [1] L. Himanen et al., Comput. Phys. Commun. 247, 106949 (2020).

    Examples
    --------
    >>> from dscribe.descriptors import ACSF
    >>> from ase_entropy.pairs import find_pairs
    >>> acsf = ACSF(species=['W'], r_cut=4.0, g2_params=[[1.0, 2.5]])
    >>> descriptor = DscribeDescriptor(acsf)
    >>> atoms = Atoms('W2', [(0, 0, 0), (2.5, 0, 0)])
    >>> q_nk, pullback = descriptor.evaluate(find_pairs(atoms, descriptor.cutoff))
    >>> bool(np.allclose(q_nk, acsf.create(atoms)))
    True
    """

    def __init__(self, descriptor: Any, cutoff: float | None = None) -> None:
        self.descriptor = _checked(descriptor)
        cutoff = _infer_cutoff(descriptor) if cutoff is None else cutoff
        self.cutoff = checks.real('cutoff', cutoff, above=0.0)

    @cached_property
    def size(self) -> int:
        """Number of components of each atom."""
        return self.descriptor.get_number_of_features()

    def __repr__(self) -> str:
        return f'DscribeDescriptor({type(self.descriptor).__name__}, {self.cutoff:g})'

    def evaluate(self, pairs: Pairs) -> tuple[np.ndarray, Callable]:
        """Return the components of all atoms and their pullback.

        Parameters
        ----------
        pairs : Pairs
            All pairs closer than the cutoff; farther ones are ignored.

        Returns
        -------
        q_nk : (n, k) float array
            Components.
        pullback : callable
            Maps dE_dq_nk, (n, k), to pair gradients dE_dr_pc, (p, 3).
        """
        self.check_species(pairs.numbers_n)
        near_p = np.flatnonzero(pairs.r_p < self.cutoff)
        near_p = near_p[np.argsort(pairs.i_p[near_p], kind='stable')]
        i_p, j_p, r_pc = pairs.i_p[near_p], pairs.j_p[near_p], pairs.r_pc[near_p]
        n = len(pairs.numbers_n)
        first_n = np.searchsorted(i_p, np.arange(n + 1))
        around = pairs.numbers_n, pairs.numbers_n[j_p], r_pc, first_n
        nowhere_m = np.full(n, -1)
        q_nk = self._at_islands(around, np.arange(n), nowhere_m, np.zeros((n, 3)))

        def pullback(dE_dq_nk: np.ndarray) -> np.ndarray:
            dE_dr_pc = np.zeros_like(pairs.r_pc)
            moved_p = np.arange(len(near_p))
            for c in range(3):
                step_pc = np.zeros((len(near_p), 3))
                step_pc[:, c] = STEP
                ends = [
                    self._at_islands(around, i_p, moved_p, sign * step_pc)
                    for sign in (1, -1)
                ]
                dq_dr_pk = (ends[0] - ends[1]) / (2 * STEP)
                dE_dr_pc[near_p, c] = np.sum(dq_dr_pk * dE_dq_nk[i_p], axis=1)
            return dE_dr_pc

        return q_nk, pullback

    def _at_islands(self, around, center_m, moved_m, step_mc) -> np.ndarray:
        """Return the descriptor of so many atoms, each with one of its pairs moved.

        Island m is atom ``center_m[m]`` and its neighbors, of whom pair ``moved_m[m]``
        is moved by a step; -1 is none.
        """
        numbers_n, numbers_p, r_pc, first_n = around
        size_m = 1 + np.diff(first_n)[center_m]
        q_mk = np.empty((len(center_m), self.size))
        if len(center_m) == 0:
            return q_mk
        blocks = np.flatnonzero(np.diff(np.cumsum(size_m) // BLOCK, prepend=-1))
        for begin, end in zip(blocks, [*blocks[1:], len(center_m)], strict=True):
            m = slice(begin, end)
            center = np.cumsum(size_m[m]) - size_m[m]  # place of each center
            island = np.repeat(np.arange(end - begin), size_m[m])
            rank = np.arange(len(island)) - center[island] - 1
            p = first_n[center_m[m]][island] + rank
            neighbor = rank >= 0
            positions = np.zeros((len(island), 3))
            positions[neighbor] = r_pc[p[neighbor]]
            moved = neighbor & (p == moved_m[m][island])
            positions[moved] += step_mc[m][island[moved]]
            numbers = numbers_n[center_m[m]][island]
            numbers[neighbor] = numbers_p[p[neighbor]]
            side = int(np.ceil((end - begin) ** (1 / 3)))
            grid = np.stack(np.unravel_index(island, (side, side, side)), axis=1)
            sea = APART * self.cutoff
            archipelago = Atoms(numbers, positions + sea * grid, cell=3 * [sea * side])
            q_mk[m] = self.descriptor.create(archipelago, centers=center.tolist())
        return q_mk

    def check_species(self, numbers_n: np.ndarray) -> None:
        """Raise ValueError where dscribe's descriptor does not know an element."""
        species = [
            x if isinstance(x, str) else chemical_symbols[x]
            for x in self.descriptor.species
        ]
        chemistry.elements(numbers_n, species)

    def todict(self) -> dict:
        """Return what :meth:`fromdict` makes the same descriptor of."""
        parameters = {}
        for name in inspect.signature(type(self.descriptor)).parameters:
            value = getattr(self.descriptor, name, None)
            value = getattr(self.descriptor, f'_{name}', value)
            parameters[name] = value.tolist() if hasattr(value, 'tolist') else value
        return {
            'kind': type(self.descriptor).__name__,
            'parameters': parameters,
            'cutoff': self.cutoff,
        }

    @classmethod
    def fromdict(cls, dct: dict) -> 'DscribeDescriptor':
        """Rebuild a descriptor, also after a trip through JSON."""
        import dscribe.descriptors

        kind = getattr(dscribe.descriptors, dct['kind'])
        given = dct['parameters'].items()  # what ACSF was not given is [], and refused
        parameters = {name: value for name, value in given if value != []}
        return cls(kind(**parameters), dct['cutoff'])


def _checked(descriptor: Any) -> Any:
    name = type(descriptor).__name__
    if not is_dscribe(descriptor):
        raise ValueError(f'descriptor={name}: expected one of dscribe, such as SOAP')
    from dscribe.descriptors.descriptorlocal import DescriptorLocal

    if not isinstance(descriptor, DescriptorLocal):
        raise ValueError(
            f'descriptor={name} describes the whole system: expected a local one, such '
            'as SOAP or ACSF'
        )
    if descriptor.sparse:
        raise ValueError(f'descriptor={name} has sparse=True: expected sparse=False')
    if getattr(descriptor, 'average', 'off') != 'off':
        raise ValueError(
            f'descriptor={name} has average={descriptor.average!r}: expected '
            "average='off', for a row for each atom"
        )
    return descriptor


def _infer_cutoff(descriptor: Any) -> float:
    """Return where dscribe stops to look."""
    if hasattr(descriptor, 'get_cutoff_padding'):
        reach = descriptor._r_cut + descriptor.get_cutoff_padding()
        weighting = descriptor._weighting or {}
        if weighting.get('function') == 'poly':  # zero from r0 on
            reach = min(reach, weighting['r0'])
        return float(reach)
    if hasattr(descriptor, 'r_cut'):
        return float(descriptor.r_cut)
    raise ValueError(
        f'cutoff=None and descriptor={type(descriptor).__name__} does not say its own: '
        'expected a distance in Angstrom'
    )
