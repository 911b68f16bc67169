"""Run cycles, and store the end of each as a row of an ASE database."""

import time
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.md import thermalize_momenta

from ase_entropy import checks
from ase_entropy._kernels.cache import is_compiled
from ase_entropy.database import open_database
from ase_entropy.pairs import shortest_distance

__all__ = ['Harvest']

MAX_ATTEMPTS = 5
MOST_KINETIC = 10.0  # times what bath and entropy can give, in a cell that is sane
FLOOR = 0.4  # of the cutoff of the repulsion: no pair of a physical cell is closer


class Harvest:
    """Run a cyclic dynamics and write one database row per finished cycle.

    Each cycle starts where the atoms are, at first as given and then at the end of the
    last cycle, with fresh momenta and a random generator of its own. The seed of a
    cycle depends only on the seed of ``dyn.rng`` and on the numbers of walker and
    cycle: a harvest that was interrupted goes on as if it had not been, if
    :meth:`continue_from` its last row comes first.

    A row holds the configuration with V, forces and stress; the key-value pairs
    `stage` ('biased', or 'unbiased' for a schedule without a ramp), `cycle`, `walker`,
    `seed`, `attempts`, `entropy`, `e_rep`, `k_entropy`, `converged`, `min_distance`,
    `temperature_k`, `final_temperature_k`, `steps`, `version`; and, as data, `q_nk`,
    `start_positions`, and the dictionaries `calculator`, `dynamics` and `quench`, from
    which calculator and cycle can be rebuilt.

    Parameters
    ----------
    dyn : CyclicLangevin
        The dynamics; its atoms have an EntropyCalculator.
    db : str or Path
        Database file, ``.db`` (SQLite) or ``.json``. An existing one is continued.
    walker : int
        Number that tells independent runs of one campaign apart.
    optimizer : class, optional
        ASE optimizer that quenches the end of each cycle before it is stored.
    fmax : float
        Force (eV/Angstrom) below which a row counts as converged.
    quench_steps : int
        Most steps of the optimizer.
    report : callable
        Receives one line of text for each cycle, and one for each failure.

    Raises
    ------
    ValueError
        A calculator without entropy, an optimizer that is none, or a database that
        cannot take the rows.
    RuntimeError
        A cycle failed several times in a row, or another harvest has written it.

    Examples
    --------
    >>> import tempfile
    >>> from ase_entropy import CyclicLangevin, EntropyCalculator, random_packing
    >>> from ase_entropy.schedule import AnnealSchedule
    >>> rng = np.random.default_rng(1)
    >>> atoms = random_packing('W8', (6, 6, 6), min_distance=2.0, rng=rng)
    >>> atoms.calc = EntropyCalculator()
    >>> schedule = AnnealSchedule(shuffle_steps=5, ramp_steps=15)
    >>> dyn = CyclicLangevin(atoms, schedule=schedule, rng=rng)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     harvest = Harvest(dyn, folder + '/w.db', report=lambda line: None)
    ...     harvest.run(2)
    ...     [row.cycle for row in harvest.database.select()]
    2
    [0, 1]
    """

    def __init__(
        self,
        dyn: Any,
        db: str | Path,
        *,
        walker: int = 0,
        optimizer: type | None = None,
        fmax: float = 0.05,
        quench_steps: int = 500,
        report: Callable[[str], None] = print,
    ) -> None:
        if not hasattr(type(dyn.atoms.calc), 'entropy'):
            raise ValueError(
                f'dyn.atoms.calc is {type(dyn.atoms.calc).__name__}: expected an '
                'EntropyCalculator'
            )
        if not (optimizer is None or callable(optimizer)):
            raise ValueError(f'optimizer={optimizer!r}: expected a class, such as FIRE')
        self.seed_sequence = dyn.rng.bit_generator.seed_seq
        self.dyn = dyn
        self.walker = checks.whole('walker', walker, least=0)
        self.optimizer = optimizer
        self.fmax = checks.real('fmax', fmax, above=0.0)
        self.quench_steps = checks.whole('quench_steps', quench_steps, least=0)
        self.report = report
        self.database = open_database(db)

    @property
    def stage(self) -> str:
        """'biased', or 'unbiased' for a schedule without a ramp."""
        return 'biased' if self.dyn.schedule.ramp_steps else 'unbiased'

    def next_cycle(self) -> int:
        """Return the number after that of the last cycle in the database."""
        rows = self.database.select(
            stage=self.stage, walker=self.walker, columns=['key_value_pairs']
        )
        return max((row.cycle + 1 for row in rows), default=0)

    def continue_from(self, row: Any) -> None:
        """Put the atoms where a row of the database ended.

        Raises
        ------
        ValueError
            The row holds other atoms or another cell.
        """
        atoms = self.dyn.atoms
        same = (
            np.array_equal(row.numbers, atoms.numbers)
            and np.array_equal(row.cell, atoms.cell[:])
            and np.array_equal(row.pbc, atoms.pbc)
        )
        if not same:
            raise ValueError(
                f'row {row.id} holds {row.formula} in another cell: expected the atoms '
                'of the dynamics'
            )
        atoms.set_positions(row.positions, apply_constraint=False)

    def run(self, cycles: int) -> int:
        """Run and store `cycles` more cycles; return how many were stored."""
        checks.whole('cycles', cycles, least=0)
        if not is_compiled():
            self.report('compiling the kernels: once on a machine, up to a minute')
        started = time.monotonic()
        first = self.next_cycle()
        for cycle in range(first, first + cycles):
            row_id = self._run_cycle(cycle)
            done = cycle + 1 - first
            elapsed = time.monotonic() - started
            left = timedelta(seconds=round(elapsed / done * (cycles - done)))
            row = self.database.get(row_id)
            self.report(
                f'cycle {cycle} ({done}/{cycles})  S {row.entropy:.3f}  '
                f'E_rep {row.e_rep:.1f} eV  shortest pair {row.min_distance:.3f} A  '
                f'fmax {row.fmax:.3g} eV/A  {elapsed / done:.1f} s/cycle  left {left}'
            )
        return cycles

    def cycle_seed(self, cycle: int, attempt: int = 0) -> int:
        """Return the seed of a cycle: 53 bits, so that every database keeps them."""
        sequence = np.random.SeedSequence(
            self.seed_sequence.entropy,
            spawn_key=(*self.seed_sequence.spawn_key, self.walker, cycle, attempt),
        )
        return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(11))

    def _run_cycle(self, cycle: int) -> int:
        """Run one cycle, again if it fails, and return the id of its row."""
        dyn, atoms = self.dyn, self.dyn.atoms
        start_nc, start_nsteps = atoms.get_positions(), dyn.nsteps
        atoms.get_forces()  # what is wrong before the start is not a failed cycle
        for attempt in range(MAX_ATTEMPTS):
            seed = self.cycle_seed(cycle, attempt)
            try:
                self._anneal(seed)
                self._check_physical()
            except FloatingPointError as error:
                reason = f'step {dyn.nsteps - start_nsteps}: {error}'
                self.report(
                    f'cycle {cycle} failed, is repeated with another seed: {reason}'
                )
                dyn.nsteps = start_nsteps
                atoms.set_positions(start_nc, apply_constraint=False)
            else:
                return self._write(cycle, seed, attempt + 1, start_nc)
        raise RuntimeError(
            f'cycle {cycle} failed {MAX_ATTEMPTS} times in a row, last at {reason}; '
            'a smaller time step or a higher friction may help'
        )

    def _anneal(self, seed: int) -> None:
        dyn, atoms, rng = self.dyn, self.dyn.atoms, np.random.default_rng(seed)
        thermalize_momenta(
            atoms, temperature_K=dyn.schedule.hot_K, rng=rng, comm=dyn.comm
        )
        dyn.begin_cycle()
        dyn.rng, rng_before = rng, dyn.rng
        try:
            dyn.run_cycles(1)
        finally:
            dyn.rng = rng_before
        if self.optimizer is not None:
            quench = self.optimizer(atoms, logfile=None)
            quench.run(fmax=self.fmax, steps=self.quench_steps)

    def _check_physical(self) -> None:
        atoms = self.dyn.atoms
        if not np.isfinite(atoms.get_forces()).all():
            raise FloatingPointError('forces are not finite at the end of the cycle')
        schedule, kinetic = self.dyn.schedule, atoms.get_kinetic_energy()
        thermal = 1.5 * len(atoms) * units.kB * schedule.hot_K
        most = MOST_KINETIC * (thermal + abs(schedule.k_entropy))
        if not kinetic <= most:
            raise FloatingPointError(
                f'kinetic energy {kinetic:.3g} eV, beyond {most:.3g} eV'
            )
        shortest, floor = shortest_distance(atoms), FLOOR * atoms.calc.repulsion.cutoff
        if not shortest >= floor:
            raise FloatingPointError(
                f'shortest pair {shortest:.3g} Angstrom, below {floor:.3g} Angstrom'
            )

    def _write(self, cycle: int, seed: int, attempts: int, start_nc: np.ndarray) -> int:
        dyn, atoms, calc = self.dyn, self.dyn.atoms, self.dyn.atoms.calc
        if self.database.count(stage=self.stage, walker=self.walker, cycle=cycle):
            raise RuntimeError(
                f'cycle {cycle} is in the database already: another harvest writes it'
            )
        forces_nc = atoms.get_forces()
        largest = float(np.linalg.norm(forces_nc, axis=1).max())
        return self.database.write(
            atoms,
            stage=self.stage,
            cycle=cycle,
            walker=self.walker,
            seed=seed,
            attempts=attempts,
            entropy=calc.entropy,
            e_rep=calc.e_rep,
            k_entropy=calc.k_entropy,
            converged=largest <= self.fmax,
            min_distance=shortest_distance(atoms),
            temperature_k=float(dyn.schedule.hot_K),
            final_temperature_k=_temperature(atoms),
            steps=dyn.schedule.cycle_steps,
            version=version('ase-entropy'),
            data={
                'q_nk': calc.q_nk,
                'start_positions': start_nc,
                'calculator': calc.todict(),
                'dynamics': dyn.todict(),
                'quench': {
                    'optimizer': getattr(self.optimizer, '__name__', None),
                    'fmax': self.fmax,
                    'steps': self.quench_steps,
                },
            },
        )


def _temperature(atoms: Atoms) -> float:
    """Return the kinetic temperature (K), 0 for atoms that are all fixed."""
    return atoms.get_temperature() if atoms.get_kinetic_energy() else 0.0
