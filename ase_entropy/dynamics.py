"""Cyclic Langevin anneal: T down, K up, harvest, and again."""

from typing import IO, Any

import numpy as np
from ase import Atoms, units
from ase.md.md import MolecularDynamics
from ase.utils import IOContext

from ase_entropy import checks
from ase_entropy.parts import fields_of
from ase_entropy.schedule import AnnealSchedule

__all__ = [
    'FRICTION',
    'SHUFFLE_FRICTION',
    'TIMESTEP',
    'AnnealLogger',
    'CyclicLangevin',
]

# Measured, see docs/explanation/defaults.md.
TIMESTEP = 0.5 * units.fs
FRICTION = 0.2 / units.fs
SHUFFLE_FRICTION = 0.02 / units.fs

LONGEST_MOVE = 1.0  # Angstrom in one step; beyond it the dynamics has blown up


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
        A step that moves an atom by more than 1 Angstrom, or to nowhere: the dynamics
        has blown up.

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
        checks.real('timestep', timestep, above=0.0)
        self.friction = checks.real('friction', friction, least=0.0)
        self.shuffle_friction = checks.real(
            'shuffle_friction', shuffle_friction, least=0.0
        )
        self.schedule = schedule
        self.rng = checks.generator('rng', rng)
        super().__init__(atoms, float(timestep), loginterval=loginterval, **kwargs)
        if not (self.masses > 0).all():
            masses = self.masses.ravel().tolist()
            raise ValueError(f'atoms.get_masses()={masses}: expected masses > 0')
        if schedule.k_entropy and not hasattr(atoms.calc, 'k_entropy'):
            raise ValueError(
                f'schedule.k_entropy={schedule.k_entropy!r} and atoms.calc is '
                f'{type(atoms.calc).__name__}, which has no k_entropy: expected an '
                'EntropyCalculator, or k_entropy=0'
            )
        self.begin_cycle()
        if logfile:
            logger = self.closelater(AnnealLogger(self, logfile, comm=self.comm))
            self.attach(logger, loginterval)

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
        return self.run(max(0, cycles * length - self._step_in_cycle()))

    def _step_in_cycle(self) -> int:
        return (self.nsteps - self._cycle_start) % self.schedule.cycle_steps

    def step(self) -> None:
        """Move by one time step."""
        step = self._step_in_cycle()
        self._set_bath(step)
        shuffling = step < self.schedule.shuffle_steps
        friction = self.shuffle_friction if shuffling else self.friction
        atoms, dt, masses_n1 = self.atoms, self.dt, self.masses
        decay = np.exp(-friction * dt)
        noise_nc = self.rng.standard_normal((len(atoms), 3))
        self.comm.broadcast(noise_nc, 0)
        thermal_n1 = np.sqrt((1 - decay**2) * masses_n1 * units.kB * self.temperature_K)

        p_nc = atoms.get_momenta() + 0.5 * dt * atoms.get_forces(md=True)  # B
        move_nc = 0.5 * dt * p_nc / masses_n1  # A
        p_nc = decay * p_nc + thermal_n1 * noise_nc  # O
        move_nc += 0.5 * dt * p_nc / masses_n1  # A
        if not np.abs(move_nc).max() < LONGEST_MOVE:
            raise FloatingPointError(
                f'an atom moves by {np.abs(move_nc).max():.3g} Angstrom in one step'
            )
        atoms.set_positions(atoms.positions + move_nc)
        p_nc += 0.5 * dt * atoms.get_forces(md=True)  # B
        atoms.set_momenta(p_nc)

    def _set_bath(self, step_in_cycle: int) -> None:
        self.temperature_K, self.k_entropy = self.schedule(step_in_cycle)
        if hasattr(self.atoms.calc, 'k_entropy'):
            self.atoms.calc.set(k_entropy=self.k_entropy)


class AnnealLogger(IOContext):
    """One line on the state of a :class:`CyclicLangevin`.

    Columns: step; temperature of the bath and of the atoms (K); K, E_rep (eV);
    S (nats); V (eV); largest force (eV/Angstrom).

    Parameters
    ----------
    dyn : CyclicLangevin
        The dynamics.
    logfile : file or str
        Opened file, file name, or ``'-'`` for the terminal.
    comm
        ASE communicator.
    """

    columns = (
        ('step', 10, 'd'),
        ('T_bath[K]', 10, '.1f'),
        ('T[K]', 10, '.1f'),
        ('K[eV]', 10, '.2f'),
        ('E_rep[eV]', 12, '.4f'),
        ('S[nats]', 9, '.4f'),
        ('V[eV]', 12, '.4f'),
        ('fmax[eV/A]', 11, '.4f'),
    )

    def __init__(self, dyn: CyclicLangevin, logfile: IO | str, comm: Any) -> None:
        self.dyn = dyn
        self.file = self.openfile(file=logfile, mode='a', comm=comm)
        self.file.write(' '.join(f'{n:>{w}}' for n, w, _ in self.columns) + '\n')

    def __call__(self) -> None:
        """Write the line."""
        atoms, calc = self.dyn.atoms, self.dyn.atoms.calc
        values = (
            self.dyn.nsteps,
            self.dyn.temperature_K,
            atoms.get_temperature(),
            self.dyn.k_entropy,
            getattr(calc, 'e_rep', np.nan),
            getattr(calc, 'entropy', np.nan),
            atoms.get_potential_energy(),
            np.linalg.norm(atoms.get_forces(), axis=1).max(),
        )
        line = ' '.join(
            f'{value:{width}{form}}'
            for value, (_, width, form) in zip(values, self.columns, strict=True)
        )
        self.file.write(line + '\n')
        self.file.flush()
