"""The effective energy V = E_base + E_rep - K S as an ASE calculator."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.db.core import Database
from ase.stress import full_3x3_to_voigt_6_stress

from ase_entropy import checks, descriptors
from ase_entropy.calculator.base import BaseEnergy
from ase_entropy.calculator.defaults import (
    COMPONENTS,
    default_parts,
    warn_of_lengths,
)
from ase_entropy.calculator.terms import Term, repulsion_term
from ase_entropy.calculator.words import PARTS, from_words, to_words
from ase_entropy.pairs import (
    Pairs,
    find_pairs,
    reach,
    vesin_neighbor_list,
)
from ase_entropy.repulsion.confinement import Confinement

__all__ = ['COMPONENTS', 'EntropyCalculator']

PARAMETERS = (*PARTS, 'k_entropy', 'confinement', 'base')
EVALUATE = 'evaluate', 'evaluate_atoms', 'evaluate_elements', 'evaluate_pairs'


def _parameter(name: str, doc: str) -> property:
    return property(lambda self: self.parameters[name], doc=doc)


class EntropyCalculator(Calculator):
    r"""Effective energy whose low minima are diverse configurations.

    .. math:: V = E_\mathrm{base} + E_\mathrm{rep} - K\,S(\{\mathbf q\})

    A drop-in ASE calculator: energy, forces and stress are exact derivatives of each
    other. ``set(k_entropy=...)`` between two steps of a dynamics costs no second
    evaluation. At K = 0 the descriptors are not computed until somebody asks for them.

    Parameters
    ----------
    descriptor : Descriptor, optional
        By default ``Bispectrum(components=6)``, the paper's, for atoms of about the
        size of tungsten's, and a warning for others. A local descriptor of
        dscribe, such as SOAP, is wrapped in a :class:`DscribeDescriptor`.
    estimator : EntropyEstimator, optional
        By default ``NearestNeighborEntropy()``.
    repulsion : Repulsion, optional
        By default ``ClarkeSmith()``, for atoms of that size, too;
        ``ClarkeSmith(epsilon=0.0)`` is none.
    k_entropy : float
        Entropy scaling coefficient K (eV).
    neighbor_list : callable
        ``neighbor_list(quantities, atoms, cutoff)`` as in :mod:`ase.neighborlist`.
    confinement : Confinement, optional
        A wall around a slab, wire or cluster; its energy is part of E_rep.
    base : ASE calculator or Base, optional
        Its energy is E_base, 0 by default. V has a stress if the base has one.

    Raises
    ------
    ValueError
        A part that is none, a K that is not a finite number, or atoms that have no
        energy: none at all, too few, coinciding, not finite, without volume.
    FloatingPointError
        A base that fails, or whose forces are not finite or too large.

    References
    ----------
    .. [1] M. Karabin, D. Perez, J. Chem. Phys. 153, 094110 (2020), Eq. (1).

    Examples
    --------
    >>> from ase import Atoms
    >>> atoms = Atoms('W3', [(0, 0, 0), (2.5, 0, 0), (0, 3, 0)])
    >>> atoms.calc = EntropyCalculator(k_entropy=2.0)
    >>> V = atoms.get_potential_energy()
    >>> V == atoms.calc.e_rep - 2.0 * atoms.calc.entropy
    True
    """

    implemented_properties = ['energy', 'free_energy', 'forces', 'stress']
    _unchosen: frozenset[str] = frozenset()  # parts that are still defaults
    nolabel = True

    descriptor = _parameter('descriptor', 'The descriptor.')
    estimator = _parameter('estimator', 'The entropy estimator.')
    repulsion = _parameter('repulsion', 'The repulsion.')
    k_entropy = _parameter('k_entropy', 'Entropy scaling coefficient K (eV).')
    confinement = _parameter('confinement', 'The wall around the atoms, or None.')
    base = _parameter('base', 'The base, or None.')

    def __init__(
        self,
        descriptor: Any = None,
        estimator: Any = None,
        repulsion: Any = None,
        k_entropy: float = 1000.0,
        neighbor_list: Callable = vesin_neighbor_list,
        confinement: Confinement | None = None,
        base: Any = None,
    ) -> None:
        super().__init__()
        self.neighbor_list = neighbor_list
        rest = {'k_entropy': k_entropy, 'confinement': confinement, 'base': base}
        given = dict(zip(PARTS, (descriptor, estimator, repulsion), strict=True))
        given = {name: part for name, part in given.items() if part is not None}
        self.set(**(default_parts() | given), **rest)
        self._unchosen = frozenset(PARTS) - set(given)

    def __repr__(self) -> str:
        parts = self.descriptor, self.estimator, self.repulsion
        names = ', '.join(type(part).__name__ for part in parts)
        return f'{type(self).__name__}({names}, k_entropy={self.k_entropy:g})'

    @property
    def cutoff(self) -> float:
        """Largest distance (Angstrom) at which two atoms feel each other."""
        return max(reach(self.descriptor), self.repulsion.cutoff)

    @property
    def entropy(self) -> float:
        """S (nats) of the last geometry."""
        return self._entropy_term().value

    @property
    def e_rep(self) -> float:
        """E_rep (eV) of the last geometry."""
        return self._repulsion_term().value

    @property
    def e_base(self) -> float:
        """E_base (eV) of the last geometry; 0 without a base."""
        self._repulsion_term()  # which raises where there is no geometry yet
        return 0.0 if self.base is None else self._base_term().value

    @property
    def q_nk(self) -> np.ndarray:
        """Descriptors of the last geometry, (n, k)."""
        self._entropy_term()
        return self._q_nk

    @property
    def pairs(self) -> Pairs:
        """Pairs of the last geometry."""
        if self._pairs is None:
            raise ValueError('no geometry yet: ask for an energy first')
        return self._pairs

    @property
    def shortest_distance(self) -> float:
        """Shortest pair (Angstrom) of the last geometry; inf beyond the cutoff."""
        return float(self.pairs.r_p.min(initial=np.inf))

    def set(self, **kwargs: Any) -> dict:
        """Change parameters; a new `k_entropy` keeps what belongs to the geometry.

        Raises
        ------
        ValueError
            A name or a value that is none.
        """
        if descriptors.is_dscribe(kwargs.get('descriptor')):
            kwargs['descriptor'] = descriptors.DscribeDescriptor(kwargs['descriptor'])
        for name, value in kwargs.items():
            if name not in PARAMETERS:
                raise ValueError(f'parameter {name!r}: expected one of {PARAMETERS}')
            if name in PARTS and not any(hasattr(value, x) for x in EVALUATE):
                raise ValueError(
                    f'{name}={value!r}: expected an object with evaluate()'
                )
        wall = kwargs.get('confinement')
        checks.instance('confinement', wall, (Confinement, type(None)))
        if 'k_entropy' in kwargs:
            kwargs['k_entropy'] = checks.real('k_entropy', kwargs['k_entropy'])
        changed = {
            name: value
            for name, value in kwargs.items()
            if name not in self.parameters or self.parameters[name] != value
        }
        if 'base' in changed:
            self._set_base(changed['base'])
        self.parameters.update(changed)
        self._unchosen -= set(kwargs)
        if set(changed) == {'k_entropy'}:
            self.results = {}
        elif changed:
            self.reset()
        return changed

    def _set_base(self, base: Any) -> None:
        self.base_energy = None if base is None else BaseEnergy(base)
        without = () if base is None or self.base_energy.has_stress else ('stress',)
        able = type(self).implemented_properties
        self.implemented_properties = [name for name in able if name not in without]

    def reset(self) -> None:
        """Forget the last geometry."""
        super().reset()
        self._pairs = None
        self._terms = {}

    def forget_base(self) -> None:
        """Let the base begin anew, as if it had never seen any atoms."""
        if self.base is not None:
            self.base_energy.reset()
            self._terms.pop('base', None)
            self.results = {}

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute V, its forces and its stress."""
        super().calculate(atoms, properties, system_changes)
        if self._unchosen:
            warn_of_lengths(sorted(self._unchosen), self.atoms.numbers)
            self._unchosen = frozenset()
        if system_changes or self._pairs is None:
            self._pairs, self._terms = None, {}
            self._pairs = find_pairs(self.atoms, self.cutoff, self.neighbor_list)
        term = self._repulsion_term()
        if self.base is not None:
            term = self._base_term().plus(term)
        if self.k_entropy:
            term = term.plus(self._entropy_term(), -self.k_entropy)  # Eq. (1)
        energy, forces_nc, virial_cc = term
        self.results = {'energy': energy, 'free_energy': energy, 'forces': forces_nc}
        if self.atoms.cell.rank == 3 and 'stress' in self.implemented_properties:
            stress_cc = virial_cc / self.atoms.get_volume()
            self.results['stress'] = full_3x3_to_voigt_6_stress(stress_cc)

    def _base_term(self) -> Term:
        if 'base' not in self._terms:
            self._terms['base'] = Term(*self.base_energy.evaluate_all(self.atoms))
        return self._terms['base']

    def _repulsion_term(self) -> Term:
        if 'repulsion' not in self._terms:
            self._terms['repulsion'] = repulsion_term(
                self.repulsion, self.confinement, self.atoms, self.pairs
            )
        return self._terms['repulsion']

    def _entropy_term(self) -> Term:
        if 'entropy' not in self._terms:
            self._q_nk, pullback = descriptors.describe(
                self.descriptor, self.atoms, self.pairs
            )
            if hasattr(self.estimator, 'evaluate_elements'):
                value, dS_dq_nk = self.estimator.evaluate_elements(
                    self._q_nk, self.pairs.numbers_n
                )
            else:
                value, dS_dq_nk = self.estimator.evaluate(self._q_nk)
            self._terms['entropy'] = Term(value, *pullback(dS_dq_nk))
        return self._terms['entropy']

    def todict(self, skip_default: bool = True) -> dict:
        """Return all parameters but the neighbor list; `skip_default` is ignored."""
        return to_words(self.parameters)

    @classmethod
    def fromdict(
        cls,
        dct: dict,
        database: Database | str | Path | None = None,
        *,
        allow_import: bool = False,
    ) -> 'EntropyCalculator':
        """Rebuild a calculator from :meth:`todict`, also after a trip through JSON.

        Parameters
        ----------
        dct : dict
            Such as ``row.data['calculator']``.
        database : ase.db.core.Database, str or Path, optional
            Where the row is from: a large `reference_mk`, say, stands there once, and
            rows name it.
        allow_import : bool
            Make the base, too, if there is one: this runs code that the row names.

        Raises
        ------
        ValueError
            A part is missing, or this package does not know it; an array that is only
            named, and not in the database; a base, and no `allow_import`.
        """
        return cls(**from_words(dct, database, allow_import))
