"""The effective energy V = E_rep - K S as an ASE calculator."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.db.core import Database
from ase.stress import full_3x3_to_voigt_6_stress

from ase_entropy import checks, descriptors
from ase_entropy import entropy as estimators
from ase_entropy import repulsion as repulsions
from ase_entropy.pairs import (
    Pairs,
    find_pairs,
    forces,
    reach,
    vesin_neighbor_list,
    virial,
)
from ase_entropy.parts import fields_of, part_from_dict, part_to_dict
from ase_entropy.repulsion.confinement import Confinement
from ase_entropy.store.arrays import restore

__all__ = ['COMPONENTS', 'EntropyCalculator']

COMPONENTS = 6  # of the bispectrum, in the paper
REGISTRIES = {
    'descriptor': descriptors.registry,
    'estimator': estimators.registry,
    'repulsion': repulsions.registry,
}
PARTS = tuple(REGISTRIES)
PARAMETERS = (*PARTS, 'k_entropy', 'confinement')


class _Term(NamedTuple):
    """E_rep (eV) or S (nats): value, -d/dr (n, 3) and d/d strain (3, 3)."""

    value: float
    minus_slope_nc: np.ndarray
    virial_cc: np.ndarray


def _parameter(name: str, doc: str) -> property:
    return property(lambda self: self.parameters[name], doc=doc)


class EntropyCalculator(Calculator):
    r"""Effective energy whose low minima are diverse configurations.

    .. math:: V = E_\mathrm{rep} - K\,S(\{\mathbf q\})

    A drop-in ASE calculator: energy, forces and stress are exact derivatives of each
    other. ``set(k_entropy=...)`` between two steps of a dynamics costs no second
    evaluation. At K = 0 the descriptors are not computed until somebody asks for them.

    Parameters
    ----------
    descriptor : Descriptor, optional
        By default ``Bispectrum(components=6)``, the paper's. A local descriptor of
        dscribe, such as SOAP, is wrapped in a :class:`DscribeDescriptor`.
    estimator : EntropyEstimator, optional
        By default ``NearestNeighborEntropy()``.
    repulsion : Repulsion, optional
        By default ``ClarkeSmith()``; ``ClarkeSmith(epsilon=0.0)`` is none.
    k_entropy : float
        Entropy scaling coefficient K (eV).
    neighbor_list : callable
        ``neighbor_list(quantities, atoms, cutoff)`` as in :mod:`ase.neighborlist`.
    confinement : Confinement, optional
        A wall around a slab, wire or cluster; its energy is part of E_rep.

    Raises
    ------
    ValueError
        A part that is none, a K that is not a finite number, or atoms that have no
        energy: none at all, too few, coinciding, not finite, without volume.

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
    nolabel = True

    descriptor = _parameter('descriptor', 'The descriptor.')
    estimator = _parameter('estimator', 'The entropy estimator.')
    repulsion = _parameter('repulsion', 'The repulsion.')
    k_entropy = _parameter('k_entropy', 'Entropy scaling coefficient K (eV).')
    confinement = _parameter('confinement', 'The wall around the atoms, or None.')

    def __init__(
        self,
        descriptor: Any = None,
        estimator: Any = None,
        repulsion: Any = None,
        k_entropy: float = 1000.0,
        neighbor_list: Callable = vesin_neighbor_list,
        confinement: Confinement | None = None,
    ) -> None:
        super().__init__()
        self.neighbor_list = neighbor_list
        if descriptor is None:
            descriptor = descriptors.Bispectrum(components=COMPONENTS)
        if estimator is None:
            estimator = estimators.NearestNeighborEntropy()
        if repulsion is None:
            repulsion = repulsions.ClarkeSmith()
        self.set(
            descriptor=descriptor,
            estimator=estimator,
            repulsion=repulsion,
            k_entropy=k_entropy,
            confinement=confinement,
        )

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
            if name in PARTS and not (
                hasattr(value, 'evaluate')
                or hasattr(value, 'evaluate_pairs')
                or hasattr(value, 'evaluate_elements')
            ):
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
        self.parameters.update(changed)
        if set(changed) == {'k_entropy'}:
            self.results = {}
        elif changed:
            self.reset()
        return changed

    def reset(self) -> None:
        """Forget the last geometry."""
        super().reset()
        self._pairs = None
        self._terms = {}

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute V, its forces and its stress."""
        super().calculate(atoms, properties, system_changes)
        if system_changes or self._pairs is None:
            self._pairs, self._terms = None, {}
            self._pairs = find_pairs(self.atoms, self.cutoff, self.neighbor_list)
        energy, forces_nc, virial_cc = self._repulsion_term()
        k = self.k_entropy
        if k:
            entropy = self._entropy_term()
            energy = energy - k * entropy.value  # Eq. (1)
            forces_nc = forces_nc - k * entropy.minus_slope_nc
            virial_cc = virial_cc - k * entropy.virial_cc
        self.results = {'energy': energy, 'free_energy': energy, 'forces': forces_nc}
        if self.atoms.cell.rank == 3:
            stress_cc = virial_cc / self.atoms.get_volume()
            self.results['stress'] = full_3x3_to_voigt_6_stress(stress_cc)

    def _repulsion_term(self) -> _Term:
        if 'repulsion' not in self._terms:
            pairs = self.pairs
            if hasattr(self.repulsion, 'evaluate_pairs'):  # knows the elements
                u_p, du_dr_p = self.repulsion.evaluate_pairs(pairs)
            else:
                u_p, du_dr_p = self.repulsion.evaluate(pairs.r_p)
            dE_dr_pc = (du_dr_p / pairs.r_p)[:, None] * pairs.r_pc
            term = _sum_pairs(pairs, float(u_p.sum()), dE_dr_pc)
            if self.confinement is not None:
                wall = self.confinement.evaluate(self.atoms.positions)
                term = _Term(*(x + y for x, y in zip(term, wall, strict=True)))
            self._terms['repulsion'] = term
        return self._terms['repulsion']

    def _entropy_term(self) -> _Term:
        if 'entropy' not in self._terms:
            self._q_nk, pullback = self.descriptor.evaluate(self.pairs)
            if hasattr(self.estimator, 'evaluate_elements'):
                value, dS_dq_nk = self.estimator.evaluate_elements(
                    self._q_nk, self.pairs.numbers_n
                )
            else:
                value, dS_dq_nk = self.estimator.evaluate(self._q_nk)
            dS_dr_pc = pullback(dS_dq_nk)
            self._terms['entropy'] = _sum_pairs(self.pairs, value, dS_dr_pc)
        return self._terms['entropy']

    def todict(self, skip_default: bool = True) -> dict:
        """Return all parameters but the neighbor list; `skip_default` is ignored."""
        dct = {name: part_to_dict(self.parameters[name]) for name in PARTS}
        dct['k_entropy'] = self.k_entropy
        if self.confinement is not None:
            dct['confinement'] = fields_of(self.confinement)
        return dct

    @classmethod
    def fromdict(
        cls, dct: dict, database: Database | str | Path | None = None
    ) -> 'EntropyCalculator':
        """Rebuild a calculator from :meth:`todict`, also after a trip through JSON.

        Parameters
        ----------
        dct : dict
            Such as ``row.data['calculator']``.
        database : ase.db.core.Database, str or Path, optional
            Where the row is from: a large `reference_mk`, say, stands there once, and
            rows name it.

        Raises
        ------
        ValueError
            A part is missing, or this package does not know it; an array that is only
            named, and not in the database.
        """
        dct = restore(dct, database)
        if missing := [name for name in (*PARTS, 'k_entropy') if name not in dct]:
            raise ValueError(f'dct has no {missing}: expected what todict() returns')
        wall = dct.get('confinement')
        return cls(
            **{name: part_from_dict(dct[name], REGISTRIES[name]) for name in PARTS},
            k_entropy=dct['k_entropy'],
            confinement=None if wall is None else Confinement(**wall),
        )


def _sum_pairs(pairs: Pairs, value: float, dX_dr_pc: np.ndarray) -> _Term:
    return _Term(value, forces(pairs, dX_dr_pc), virial(pairs, dX_dr_pc))
