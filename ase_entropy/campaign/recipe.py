"""The recipe of a campaign: all that its rows depend on, except for the seed."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from ase import Atoms
from ase.parallel import DummyMPI

from ase_entropy import checks, descriptors, entropy, repulsion
from ase_entropy.calculator import COMPONENTS, EntropyCalculator
from ase_entropy.campaign.cycle import check_start, recipe_name, stage_name
from ase_entropy.dynamics.constraints import check_constraints
from ase_entropy.dynamics.langevin import (
    FRICTION,
    SHUFFLE_FRICTION,
    TIMESTEP,
    CyclicLangevin,
    check_motion,
)
from ase_entropy.dynamics.quench import Ladder
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import SmoothNearestNeighborEntropy, at_order
from ase_entropy.parts import fields_of, part_from_dict, part_to_dict
from ase_entropy.starts import RandomPacking, Structure

__all__ = ['DEFAULT', 'LITERAL', 'RECIPES', 'Motion', 'Recipe']

STARTS = {cls.__name__: cls for cls in (RandomPacking, Structure)}


@dataclass(frozen=True)
class Motion:
    """Time step and frictions of the dynamics.

    Parameters
    ----------
    timestep : float
        Time step (ASE time units).
    friction, shuffle_friction : float
        Friction coefficients in ramp and shuffle (1/ASE time units).

    Raises
    ------
    ValueError
        A time step that is not positive, a negative friction.
    """

    timestep: float = TIMESTEP
    friction: float = FRICTION
    shuffle_friction: float = SHUFFLE_FRICTION

    def __post_init__(self) -> None:
        check_motion(self.timestep, self.friction, self.shuffle_friction)


@dataclass(frozen=True)
class Recipe:
    """How configurations are made: where a walker starts, V, and the way down.

    A recipe is JSON-ready (`todict`, `fromdict`), and holds all that the rows of a
    campaign depend on, except for the seed. By default: the cell of the paper and a
    quench straight from the shuffle.

    Parameters
    ----------
    start : RandomPacking or Structure
        Where a walker starts.
    schedule : AnnealSchedule
        Shuffle and ramp, and K.
    ladder : Ladder, optional
        Quench at the end.
    descriptor, estimator, repulsion
        Parts of the :class:`EntropyCalculator`; the estimator is that of the ramp.
    motion : Motion
        Time step and frictions.

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

    start: Any = RandomPacking()
    schedule: AnnealSchedule = AnnealSchedule(ramp_steps=0)
    ladder: Ladder | None = Ladder()
    descriptor: Any = descriptors.Bispectrum(components=COMPONENTS)
    estimator: Any = entropy.NearestNeighborEntropy()
    repulsion: Any = repulsion.ClarkeSmith()
    motion: Motion = Motion()

    def __post_init__(self) -> None:
        expected = {
            'start': (RandomPacking, Structure),
            'schedule': AnnealSchedule,
            'ladder': (Ladder, type(None)),
            'motion': Motion,
        }
        for name, kind in expected.items():
            checks.instance(name, getattr(self, name), kind)
        if descriptors.is_dscribe(self.descriptor):
            wrapped = descriptors.DscribeDescriptor(self.descriptor)
            object.__setattr__(self, 'descriptor', wrapped)
        self._calculator()
        for order in self.ladder.orders if self.ladder else ():
            at_order(self.estimator, order)

    @property
    def name(self) -> str:
        """'anneal', 'anneal+quench', 'quench' or 'shuffle'."""
        return recipe_name(self.schedule, self.ladder)

    @property
    def stage(self) -> str:
        """'biased', or 'unbiased' for a shuffle and nothing else."""
        return stage_name(self.schedule, self.ladder)

    def _calculator(self) -> EntropyCalculator:
        return EntropyCalculator(
            self.descriptor, self.estimator, self.repulsion, self.schedule.k_entropy
        )

    def atoms(self, rng: np.random.Generator) -> Atoms:
        """Return the atoms with which a walker starts, and their calculator."""
        atoms = self.start.atoms(rng)
        atoms.calc = self._calculator()
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

    def check(self, rng: np.random.Generator) -> None:
        """Check the recipe by making one walker, before anything is computed.

        Raises
        ------
        ValueError
            As raised by the parts: no room for the packing, an element that the
            descriptor does not know, masses, atoms that overlap, constraints under
            which nothing can be quenched, ...
        """
        atoms = self.dynamics(rng).atoms
        check_start(atoms)
        if self.ladder:
            check_constraints(atoms)
        atoms.calc.entropy  # noqa: B018 (not needed at K = 0, but for the row)

    def todict(self) -> dict:
        """Return all fields, JSON-ready."""
        return {
            'start': part_to_dict(self.start),
            'schedule': fields_of(self.schedule),
            'ladder': fields_of(self.ladder) if self.ladder else None,
            'descriptor': part_to_dict(self.descriptor),
            'estimator': part_to_dict(self.estimator),
            'repulsion': part_to_dict(self.repulsion),
            'motion': fields_of(self.motion),
        }

    @classmethod
    def fromdict(cls, dct: dict) -> 'Recipe':
        """Rebuild a recipe from :meth:`todict`, also after a trip through JSON.

        Raises
        ------
        ValueError
            A field that a recipe or one of its parts does not have, or a bad value.
        """
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(dct).difference(known))
        if unknown:
            raise ValueError(f'recipe has no {unknown}: expected some of {known}')
        registries = {
            'start': STARTS,
            'schedule': AnnealSchedule,
            'ladder': Ladder,
            'descriptor': descriptors.registry,
            'estimator': entropy.registry,
            'repulsion': repulsion.registry,
            'motion': Motion,
        }
        parts = {}
        for name, value in dct.items():
            checks.instance(f'recipe[{name!r}]', value, (dict, type(None)))
            registry = registries[name]
            if isinstance(registry, dict):
                parts[name] = part_from_dict(value or {}, registry)
            elif value is not None:
                named = {**value, 'name': registry.__name__}
                parts[name] = part_from_dict(named, {registry.__name__: registry})
            else:
                parts[name] = None
        return cls(**parts)


# Measured, see docs/howto/choose_recipe.md.
RECIPES = {
    'quench': Recipe(),
    'anneal+quench': Recipe(
        schedule=AnnealSchedule(ramp_steps=1000),
        estimator=SmoothNearestNeighborEntropy(2),
    ),
    'anneal': Recipe(schedule=AnnealSchedule(), ladder=None),
}
DEFAULT = 'quench'
LITERAL = 'anneal'  # the protocol of the paper
