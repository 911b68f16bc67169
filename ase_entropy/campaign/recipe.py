"""The recipe of a campaign: all that its rows depend on, except for the seed."""

import math
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.db.core import Database
from ase.parallel import DummyMPI

from ase_entropy import checks, descriptors, entropy, repulsion, starts
from ase_entropy.calculator import COMPONENTS, Base, EntropyCalculator
from ase_entropy.calculator.words import trusted_base
from ase_entropy.campaign.measures import (
    check_base,
    check_distances,
    check_isolated,
    recipe_name,
    stage_name,
)
from ase_entropy.chemistry import Sizes
from ase_entropy.dynamics.constraints import check_constraints
from ase_entropy.dynamics.langevin import CyclicLangevin
from ase_entropy.dynamics.motion import Motion
from ase_entropy.dynamics.quench import Ladder
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import at_order
from ase_entropy.pairs import find_pairs
from ase_entropy.parts import fields_of, part_to_dict, parts_from_dict
from ase_entropy.repulsion.confinement import Confinement
from ase_entropy.starts import Perturbation, RandomPacking
from ase_entropy.starts.packing import DENSITY
from ase_entropy.store.arrays import restore

__all__ = ['K_PER_ATOM', 'MARGIN', 'Motion', 'Recipe']

# Measured, see docs/explanation/materials.md.
K_PER_ATOM = 2.0  # eV
MARGIN = 1.0  # Angstrom

PARTS = {  # of a recipe: their class, or the registry of their classes
    'start': starts.registry,
    'schedule': AnnealSchedule,
    'ladder': Ladder,
    'descriptor': descriptors.registry,
    'estimator': entropy.registry,
    'repulsion': repulsion.registry,
    'motion': Motion,
    'sizes': Sizes,
    'perturbation': Perturbation,
    'base': Base,
}


@dataclass(frozen=True)
class Recipe:
    """How configurations are made: where a walker starts, V, and the way down.

    A recipe is JSON-ready (`todict`, `fromdict`), and holds all that the rows of a
    campaign depend on, except for the seed. By default a quench straight from the
    shuffle of 39 tungsten atoms, with a K and in a cell that were measured to be good
    for training sets: see ``docs/explanation/materials.md``.

    Parameters
    ----------
    start : RandomPacking, VariedPacking, RandomCrystal, ..., optional
        Where a walker starts: one of :mod:`ase_entropy.starts`.
    schedule : AnnealSchedule
        Shuffle and ramp, and K.
    ladder : Ladder, optional
        Quench at the end.
    descriptor, estimator, repulsion
        Parts of the :class:`EntropyCalculator`; the estimator is that of the ramp. By
        default the paper's descriptor and repulsion, with lengths for the elements of
        the start.
    motion : Motion
        Time step and frictions.
    isolated : {'refuse', 'allow'}
        Whether cycles may end with atoms that have no neighbor.
    margin : float
        Distance (Angstrom) from a start that is not periodic to the wall around it, see
        :class:`~ase_entropy.repulsion.confinement.Confinement`; inf for none.
    perturbation : Perturbation, optional
        What is done to the end of each cycle.
    base : Base, optional
        An interatomic potential, say, whose energy is a part of V.
    sizes : Sizes, optional
        Lengths for descriptor and repulsion, if these are not given; else a note for
        readers, which changes nothing. By default those of the reference states.

    Raises
    ------
    ValueError
        A field that is not what it should be, orders for an estimator without any.

    Examples
    --------
    >>> recipe = Recipe(schedule=AnnealSchedule(k_entropy=100.0, ramp_steps=0))
    >>> recipe.name, recipe.stage
    ('quench', 'biased')
    >>> Recipe.fromdict(recipe.todict()) == recipe
    True
    """

    start: Any = None
    schedule: AnnealSchedule = AnnealSchedule(k_per_atom=K_PER_ATOM, ramp_steps=0)
    ladder: Ladder | None = Ladder()
    descriptor: Any = None
    estimator: Any = entropy.NearestNeighborEntropy()
    repulsion: Any = None
    motion: Motion = Motion()
    isolated: str = field(default='refuse', metadata={'absent': 'allow'})
    margin: float = field(default=MARGIN, metadata={'absent': math.inf})
    sizes: Sizes | None = field(default=None, metadata={'absent': None})
    perturbation: Perturbation | None = field(default=None, metadata={'absent': None})
    base: Base | None = field(default=None, metadata={'absent': None})

    growth = None  # rows do not depend on others

    def __post_init__(self) -> None:
        if self.start is None:
            start = RandomPacking.of(RandomPacking.symbols, density=DENSITY)
            object.__setattr__(self, 'start', start)
        checks.instance('start', self.start, tuple(starts.registry.values()))
        checks.instance('sizes', self.sizes, (Sizes, type(None)))
        self._choose_lengths()
        check_isolated(self.isolated)
        if self.margin != math.inf:
            checks.real('margin', self.margin, above=0.0)
        for name in ('schedule', 'motion'):
            checks.instance(name, getattr(self, name), PARTS[name])
        for name in ('ladder', 'perturbation', 'base'):
            checks.instance(name, getattr(self, name), (PARTS[name], type(None)))
        if descriptors.is_dscribe(self.descriptor):
            wrapped = descriptors.DscribeDescriptor(self.descriptor)
            object.__setattr__(self, 'descriptor', wrapped)
        self._calculator()
        for order in self.ladder.orders if self.ladder else ():
            at_order(self.estimator, order)

    def _choose_lengths(self) -> None:
        """Set parts that are missing to those for the elements of the start."""
        species = tuple(dict.fromkeys(self.start.chemical_symbols()))
        if self.sizes and not set(species) <= set(self.sizes.species):
            raise ValueError(
                f'sizes are those of {", ".join(self.sizes.species)}: expected the '
                f'elements of the start, {", ".join(species)}'
            )
        if self.descriptor is None:
            sizes = self.sizes or Sizes(species)
            chosen = descriptors.Bispectrum.of(sizes, components=COMPONENTS)
            object.__setattr__(self, 'descriptor', chosen)
        if self.repulsion is None:
            chosen = repulsion.repulsion_of(self.sizes or Sizes(species))
            object.__setattr__(self, 'repulsion', chosen)

    def __repr__(self) -> str:
        parts = self.start, self.descriptor, self.estimator, self.repulsion
        return f'Recipe({self.name}: {", ".join(type(x).__name__ for x in parts)})'

    @property
    def name(self) -> str:
        """'anneal', 'anneal+quench', 'quench', 'shuffle', or 'start' as it is."""
        return recipe_name(self.schedule, self.ladder)

    @property
    def stage(self) -> str:
        """'biased', or 'unbiased' for a shuffle and nothing else."""
        return stage_name(self.schedule, self.ladder)

    @property
    def recipes(self) -> list['Recipe']:
        """All recipes: this one."""
        return [self]

    def of_walker(self, walker: int, rng: np.random.Generator) -> 'Recipe':
        """Return the recipe of a walker: this one."""
        return self

    def is_beside(self, walker: int) -> bool:
        """Return whether a walker makes what stands beside the set: none does."""
        return False

    def _calculator(self) -> EntropyCalculator:
        parts = self.descriptor, self.estimator, self.repulsion
        return EntropyCalculator(*parts, base=self.base)

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return the atoms with which a walker starts, and their calculator."""
        atoms = self.start.atoms(rng)
        atoms.calc = self._calculator()
        atoms.calc.set(
            k_entropy=self.schedule.of(len(atoms)).k_entropy,
            confinement=Confinement.around(atoms, self.margin),
        )
        return atoms

    def dynamics(self, rng: np.random.Generator) -> CyclicLangevin:
        """Return the dynamics of a walker whose start is drawn from `rng`."""
        return CyclicLangevin(
            self.atoms(rng),
            self.motion.timestep,
            self.schedule,
            self.motion.friction,
            rng=rng,
            shuffle_friction=self.motion.shuffle_friction,
            comm=DummyMPI(),  # each walker is alone, also under mpi4py.futures
        )

    def check_atoms(self, rng: np.random.Generator) -> Atoms:
        """Check what needs no compiled kernel, and return the atoms of one walker.

        Raises
        ------
        ValueError
            As raised by the parts: no room for the packing, an element that the
            descriptor does not know, masses, atoms that overlap, a cutoff that reaches
            over too many periods, constraints under which nothing can be quenched, ...
        """
        atoms = self.dynamics(rng).atoms
        if hasattr(self.descriptor, 'check_species'):
            self.descriptor.check_species(atoms.numbers)
        find_pairs(atoms, atoms.calc.cutoff, atoms.calc.neighbor_list)
        check_distances(atoms)
        check_base(atoms)
        if not atoms.get_number_of_degrees_of_freedom():
            raise ValueError('start: its constraints leave no atom free, expected some')
        if self.ladder:
            check_constraints(atoms)
        return atoms

    def check(self, rng: np.random.Generator) -> Atoms:
        """Check the recipe by making one walker, and computing its V; return the atoms.

        Raises
        ------
        ValueError
            As in `check_atoms`, and atoms that have no energy or no entropy.
        """
        atoms = self.check_atoms(rng)
        with suppress(FloatingPointError):  # of a base: cycles have other starts
            atoms.get_forces()
        atoms.calc.entropy  # noqa: B018 (not needed at K = 0, but for the row)
        return atoms

    def todict(self) -> dict:
        """Return all fields, JSON-ready."""
        dct = fields_of(self)  # without those that mean what their absence does
        for name, registry in PARTS.items():
            part = getattr(self, name)
            if isinstance(registry, dict):
                dct[name] = part_to_dict(part)
            elif name in dct and part is not None:
                dct[name] = fields_of(part)
        return dct

    @classmethod
    def fromdict(
        cls,
        dct: dict,
        database: Database | str | Path | None = None,
        *,
        allow_import: bool = False,
    ) -> 'Recipe':
        """Rebuild a recipe from :meth:`todict`, also after a trip through JSON.

        Parameters
        ----------
        dct : dict
            Such as ``database.metadata['campaigns'][0]['recipe']``.
        database : ase.db.core.Database, str or Path, optional
            Where it is from, if it names large arrays that stand there.
        allow_import : bool
            Make the base, too, if there is one: this runs code that `dct` names.

        Raises
        ------
        ValueError
            A field that a recipe or one of its parts does not have, or a bad value; a
            base, and no `allow_import`.
        """
        dct = restore(dct, database)
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(dct).difference(known))
        if unknown:
            raise ValueError(f'recipe has no {unknown}: expected some of {known}')
        for name in set(dct) & set(PARTS):
            kinds = dict, type(None)
            checks.instance(f'recipe[{name!r}]', dct[name], kinds)
        trusted_base(dct.get('base'), allow_import)
        absent = {
            field.name: field.metadata['absent']
            for field in fields(cls)
            if 'absent' in field.metadata
        }
        return cls(**absent | parts_from_dict(dct, PARTS))
