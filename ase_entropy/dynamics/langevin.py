"""Cyclic Langevin anneal: T down, K up, harvest, and again."""

from math import exp
from typing import IO, Any

import numpy as np
from ase import Atoms, units
from ase.md.md import MolecularDynamics

from ase_entropy import checks
from ase_entropy._kernels import segment
from ase_entropy.dynamics.anneal_log import AnnealLogger
from ase_entropy.dynamics.compiled import CompiledSegments
from ase_entropy.dynamics.compiled_form import has_compiled_form
from ase_entropy.dynamics.motion import (
    FRICTION,
    SHUFFLE_FRICTION,
    TIMESTEP,
    check_motion,
)
from ase_entropy.dynamics.observers import observer_is_due, steps_to_next_observer
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.pairs import native_arrays
from ase_entropy.parts import fields_of

__all__ = ['CyclicLangevin']

# Beyond these the dynamics has blown up.
LONGEST_MOVE = 1.0  # Angstrom in one step
HOTTEST = 10.0  # times the hot bath, beyond what K may give
HOTTEST_K = 1e5  # or this, for a cold bath
COMPLAINTS = {
    segment.TOO_FAR: 'an atom moves by {:.3g} Angstrom in one step',
    segment.TOO_HOT: 'the kinetic energy is {:.3g} eV',
    segment.TOO_CLOSE: 'two atoms are {:.3g} Angstrom apart',
    segment.ASK: '{}',  # what a base says
}


class CyclicLangevin(MolecularDynamics):
    r"""Langevin dynamics whose bath temperature and K follow a cyclic schedule.

    One step is BAOAB, with the forces of V at the K of that step:

    ====  ==================================================================
    B     p += dt/2 F
    A     r += dt/2 p/m
    O     p := c p + sqrt((1 - c^2) m k_B T) xi,   c = exp(-friction dt)
    A     r += dt/2 p/m
    B     p += dt/2 F
    ====  ==================================================================

    Works as every ASE molecular dynamics does. A calculator without `k_entropy` can
    be annealed too, by a schedule whose K is 0.

    Parameters
    ----------
    atoms : Atoms
        Atoms with an :class:`EntropyCalculator`.
    timestep : float
        Time step (ASE time units).
    schedule : AnnealSchedule
        Bath temperature and K at each step of a cycle.
    friction : float
        Friction coefficient during the ramp (1/ASE time units).
    rng : numpy.random.Generator
        Source of the noise.
    shuffle_friction : float
        Friction coefficient during the shuffle. Weak, so that the atoms travel far.
    logfile : file or str, optional
        Receives a line every `loginterval` steps, see :class:`AnnealLogger`.
    loginterval : int
        As in ASE, for `logfile` and `trajectory`.
    **kwargs
        Passed on to ASE's ``MolecularDynamics`` (`trajectory`, `comm`, ...).

    Raises
    ------
    ValueError
        A time step or a mass that is not positive; a negative friction; no generator;
        a K that the calculator does not have.
    FloatingPointError
        An unphysical step: an atom moves by more than 1 Angstrom, or to nowhere; the
        kinetic energy exceeds K and that of 100,000 K, or of ten times the hot bath; a
        pair is closer than the `floor` of the repulsion.

    Notes
    -----
    Forces jump where the nearest neighbor in descriptor space changes, and pump heat
    into the system; the bath has to take it out. The default time step and friction
    were chosen so that a ramp to 0 K ends cold: see ``docs/explanation/defaults.md``.

    References
    ----------
    .. [1] M. Karabin, D. Perez, J. Chem. Phys. 153, 094110 (2020).
    .. [2] B. Leimkuhler, C. Matthews, Appl. Math. Res. Express 2013, 34 (2013).

    Examples
    --------
    >>> from ase_entropy import EntropyCalculator, random_packing
    >>> rng = np.random.default_rng(1)
    >>> atoms = random_packing('W8', (6, 6, 6), min_distance=2.0, rng=rng)
    >>> atoms.calc = EntropyCalculator()
    >>> schedule = AnnealSchedule(shuffle_steps=5, ramp_steps=15)
    >>> dyn = CyclicLangevin(atoms, schedule=schedule, rng=rng)
    >>> dyn.run_cycles(1)
    True
    >>> dyn.get_number_of_steps(), dyn.temperature_K, dyn.k_entropy
    (20, 0.0, 1000.0)
    """

    def __init__(
        self,
        atoms: Atoms,
        timestep: float = TIMESTEP,
        schedule: AnnealSchedule = AnnealSchedule(),  # noqa: B008 (frozen)
        friction: float = FRICTION,
        *,
        rng: np.random.Generator,
        shuffle_friction: float = SHUFFLE_FRICTION,
        logfile: IO | str | None = None,
        loginterval: int = 1,
        **kwargs: Any,
    ) -> None:
        timestep, self.friction, self.shuffle_friction = check_motion(
            timestep, friction, shuffle_friction
        )
        self.schedule = schedule = schedule.of(len(atoms))
        self.rng = checks.generator('rng', rng)
        atoms = native_arrays(atoms)
        super().__init__(atoms, timestep, loginterval=loginterval, **kwargs)
        if not (self.masses > 0).all():
            masses = self.masses.ravel().tolist()
            raise ValueError(f'atoms.get_masses()={masses}: expected masses > 0')
        if schedule.k_entropy and not hasattr(atoms.calc, 'k_entropy'):
            raise ValueError(
                f'schedule.k_entropy={schedule.k_entropy!r} and atoms.calc is '
                f'{type(atoms.calc).__name__}, which has no k_entropy: expected an '
                'EntropyCalculator, with base=... for a sum, or k_entropy=0'
            )
        alone = getattr(self.comm, 'size', 1) == 1
        self.segments = CompiledSegments(atoms) if alone else None
        self.begin_cycle()
        if logfile:
            logger = self.closelater(AnnealLogger(self, logfile, comm=self.comm))
            self.attach(logger, loginterval)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}({self.atoms.symbols}, step {self.nsteps}, '
            f'{self.temperature_K:.4g} K, K = {self.k_entropy:.4g} eV)'
        )

    def todict(self) -> dict:
        """Return what ASE stores in a trajectory, the schedule included."""
        return super().todict() | {
            'friction': self.friction,
            'shuffle_friction': self.shuffle_friction,
            'schedule': fields_of(self.schedule),
        }

    def begin_cycle(self) -> None:
        """Let the next step be the first of a cycle, wherever the dynamics was."""
        self._cycle_start = self.nsteps
        self._set_bath(0)

    def run_cycles(self, cycles: int) -> bool:
        """Run until `cycles` cycles have ended, that under way included."""
        checks.whole('cycles', cycles, least=0)
        length = self.schedule.cycle_steps
        if length == 0:
            return True
        return self.run(max(0, cycles * length - self._step_in_cycle()))

    def run(self, steps: int = 50) -> bool:
        """Run so many steps; in compiled segments where the parts have such a form.

        Between two calls of observers nobody looks at the atoms: they advance in one
        compiled call. ``irun`` yields after every step and takes the plain path; both
        give the same trajectory.
        """
        if self.segments is None or not has_compiled_form(self.atoms):
            return super().run(steps)
        self.max_steps = self.nsteps + steps
        if self.nsteps == 0 and self.observers:  # else nobody looks at the start
            self._refresh_properties()
            self.call_observers()
        while self.nsteps < self.max_steps:
            self._run_segment(steps_to_next_observer(self))
            if observer_is_due(self):
                self._refresh_properties()
                self.call_observers()
        self._refresh_properties()
        return True

    def _run_segment(self, steps: int) -> None:
        """Advance by so many steps, at most to the end of the cycle."""
        first = self._step_in_cycle()
        if first == 0:
            self.segments.forget()  # a cycle depends on nothing that came before it
        last = min(first + steps, self.schedule.cycle_steps)
        steps_s = np.arange(first, last)
        bath = (*self.schedule(steps_s), self._decay(steps_s))
        done, reason, value = self.segments.advance(
            bath, self.dt, self.rng, self._guard()
        )
        self.nsteps += done
        self._set_bath(first + min(done, last - first - 1))
        if done < last - first:
            raise FloatingPointError(COMPLAINTS[reason].format(value))

    def _step_in_cycle(self) -> int:
        if self.schedule.cycle_steps == 0:
            raise ValueError('schedule has no steps: expected some, to run')
        return (self.nsteps - self._cycle_start) % self.schedule.cycle_steps

    def step(self) -> None:
        """Move by one time step."""
        step = self._step_in_cycle()
        self._set_bath(step)
        atoms, dt, masses_n1 = self.atoms, self.dt, self.masses
        decay = self._decay(step)
        noise_nc = self.rng.standard_normal((len(atoms), 3))
        self.comm.broadcast(noise_nc, 0)
        thermal_n1 = np.sqrt((1 - decay**2) * masses_n1 * units.kB * self.temperature_K)

        p_nc = atoms.get_momenta() + 0.5 * dt * atoms.get_forces(md=True)  # B
        move_nc = 0.5 * dt * p_nc / masses_n1  # A
        p_nc = decay * p_nc + thermal_n1 * noise_nc  # O
        move_nc += 0.5 * dt * p_nc / masses_n1  # A
        longest, most_kinetic, floor = self._guard()
        self._check(segment.TOO_FAR, np.abs(move_nc).max(), most=longest)
        atoms.set_positions(atoms.positions + move_nc)
        forces_nc = atoms.get_forces(md=True)
        if floor > 0.0:
            self._check(segment.TOO_CLOSE, atoms.calc.shortest_distance, least=floor)
        p_nc += 0.5 * dt * forces_nc  # B
        atoms.set_momenta(p_nc)
        self._check(segment.TOO_HOT, atoms.get_kinetic_energy(), most=most_kinetic)

    def _guard(self) -> tuple[float, float, float]:
        """Return the longest move, the largest kinetic energy, the shortest distance.

        The repulsion holds atoms apart down to a floor; where there is none, 0.
        """
        schedule, n = self.schedule, len(self.atoms)
        hottest_K = max(HOTTEST * schedule.hot_K, HOTTEST_K)
        most_kinetic = 1.5 * n * units.kB * hottest_K + abs(schedule.k_entropy)
        repulsion = getattr(self.atoms.calc, 'repulsion', None)
        floor = getattr(repulsion, 'floor', 0.0)
        return LONGEST_MOVE, most_kinetic, floor

    def _check(self, what: int, value: float, least=-np.inf, most=np.inf) -> None:
        if not least <= value <= most:
            raise FloatingPointError(COMPLAINTS[what].format(value))

    def _decay(self, step_in_cycle: int | np.ndarray) -> np.ndarray:
        """Return by how much the bath damps the momenta in a step, or in several."""
        shuffling = step_in_cycle < self.schedule.shuffle_steps
        decays = exp(-self.shuffle_friction * self.dt), exp(-self.friction * self.dt)
        return np.where(shuffling, *decays)

    def _set_bath(self, step_in_cycle: int) -> None:
        self.temperature_K, self.k_entropy = self.schedule(step_in_cycle)
        if hasattr(self.atoms.calc, 'k_entropy'):
            self.atoms.calc.set(k_entropy=self.k_entropy)
