"""Run cycles, and store the end of each as a row of an ASE database."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.md import thermalize_momenta

from ase_entropy import checks
from ase_entropy._kernels.cache import is_compiled
from ase_entropy.database import open_database
from ase_entropy.entropy import at_order
from ase_entropy.measures import largest_force, measure
from ase_entropy.pairs import shortest_distance
from ase_entropy.parts import fields_of, part_to_dict
from ase_entropy.quench import Ladder, Quench

__all__ = ['Harvest']

MAX_ATTEMPTS = 5


class Harvest:
    """Run a cyclic dynamics and write one database row per finished cycle.

    A cycle is the dynamics' own, and a quench at its last K, if there is a ladder.
    Each cycle starts where the atoms are, at first as given and then at the end of the
    last cycle, with fresh momenta and a random generator of its own. The seed of a
    cycle depends only on the seed of ``dyn.rng`` and on the numbers of walker and
    cycle: a harvest that was interrupted goes on as if it had not been, if
    :meth:`continue_from` its last row comes first.

    A cycle in which something unphysical happens is logged with its reason, and
    repeated from its start with half the time step and another seed, four times at
    most. Nothing of it is written; `attempts` and the time step of the row tell.

    A row holds the configuration with V, forces and stress, key-value pairs, and, as
    data, descriptors and what calculator and cycle can be rebuilt from: see
    ``docs/reference/database.md``. `entropy` is always that of the paper's estimator,
    :class:`NearestNeighborEntropy` on the descriptors as they are, whatever drove the
    atoms: rows of all recipes compare.

    Parameters
    ----------
    dyn : CyclicLangevin
        The dynamics; its atoms have an EntropyCalculator.
    db : str or Path
        Database file, ``.db`` (SQLite) or ``.json``. An existing one is continued.
    walker : int
        Number that tells independent runs of one campaign apart.
    ladder : Ladder, optional
        How the end of each cycle is quenched before it is stored.
    report : callable
        Receives one line of text for each cycle, and one for each failure.

    Raises
    ------
    ValueError
        A calculator without entropy, a ladder that is none or that its estimator does
        not know, a start with atoms on top of each other, or a database that cannot
        take the rows.
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
        ladder: Ladder | None = None,
        report: Callable[[str], None] = print,
    ) -> None:
        if not hasattr(type(dyn.atoms.calc), 'entropy'):
            raise ValueError(
                f'dyn.atoms.calc is {type(dyn.atoms.calc).__name__}: expected an '
                'EntropyCalculator'
            )
        if not (ladder is None or isinstance(ladder, Ladder)):
            raise ValueError(f'ladder={ladder!r}: expected a Ladder, or None')
        for order in ladder.orders if ladder else ():
            at_order(dyn.atoms.calc.estimator, order)
        self.seed_sequence = dyn.rng.bit_generator.seed_seq
        self.dyn = dyn
        self.walker = checks.whole('walker', walker, least=0)
        self.ladder = ladder
        self.report = report
        self.database = open_database(db)

    @property
    def stage(self) -> str:
        """'biased', or 'unbiased' for a shuffle and nothing else."""
        return 'unbiased' if self.recipe == 'shuffle' else 'biased'

    @property
    def recipe(self) -> str:
        """'anneal', 'anneal+quench', 'quench' or 'shuffle'."""
        parts = {'anneal': self.dyn.schedule.ramp_steps, 'quench': self.ladder}
        return '+'.join(name for name in parts if parts[name]) or 'shuffle'

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
        if cycles:
            self._check_start()  # what is wrong before is not a failed cycle
        first = self.next_cycle()
        for cycle in range(first, first + cycles):
            row = self._run_cycle(cycle)
            done = cycle + 1 - first
            elapsed = time.monotonic() - started
            left = timedelta(seconds=round(elapsed / done * (cycles - done)))
            self.report(
                f'cycle {cycle} ({done}/{cycles})  S {row["entropy"]:.3f}  '
                f'E_rep {row["e_rep"]:.1f} eV  shortest pair {row["min_distance"]:.3f} '
                f'A  fmax {row["fmax"]:.3g} eV/A  {elapsed / done:.2f} s/cycle'
                f'  left {left}'
            )
        return cycles

    def cycle_seed(self, cycle: int, attempt: int = 0) -> int:
        """Return the seed of a cycle: 53 bits, so that every database keeps them."""
        sequence = np.random.SeedSequence(
            self.seed_sequence.entropy,
            spawn_key=(*self.seed_sequence.spawn_key, self.walker, cycle, attempt),
        )
        return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(11))

    def _run_cycle(self, cycle: int) -> dict:
        """Run one cycle, again if it fails, and return what its row says."""
        dyn, atoms = self.dyn, self.dyn.atoms
        start_nc, start_nsteps = atoms.get_positions(), dyn.nsteps
        estimator, timestep = atoms.calc.estimator, dyn.dt
        try:
            for attempt in range(MAX_ATTEMPTS):
                seed = self.cycle_seed(cycle, attempt)
                dyn.dt = timestep / 2**attempt
                try:
                    self._anneal(seed)
                    quench_evaluations = self._quench()
                    self._check_physical()
                except FloatingPointError as error:
                    reason = f'step {dyn.nsteps - start_nsteps}: {error}'
                    self.report(
                        f'cycle {cycle} failed, is repeated with half the time step '
                        f'and another seed: {reason}'
                    )
                    dyn.nsteps = start_nsteps
                    atoms.set_positions(start_nc, apply_constraint=False)
                    atoms.calc.set(estimator=estimator)
                else:
                    keys = {
                        'cycle': cycle,
                        'walker': self.walker,
                        'seed': seed,
                        'attempts': attempt + 1,
                        'evaluations': dyn.schedule.cycle_steps + quench_evaluations,
                    }
                    return self._write(keys, start_nc, estimator)
        finally:
            dyn.dt = timestep
            atoms.calc.set(estimator=estimator)
        raise RuntimeError(
            f'cycle {cycle} failed {MAX_ATTEMPTS} times in a row, last at {reason}; '
            'a smaller time step or a higher friction may help'
        )

    def _check_start(self) -> None:
        atoms = self.dyn.atoms
        atoms.get_forces()
        shortest, floor = shortest_distance(atoms), _floor(atoms)
        if shortest < floor:
            raise ValueError(
                f'atoms {shortest:.3g} Angstrom apart at the start: expected '
                f'{floor:.3g} or more, for this repulsion'
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

    def _quench(self) -> int:
        """Quench, if there is a ladder; return the number of evaluations."""
        if self.ladder is None:
            return 0
        atoms, ladder = self.dyn.atoms, self.ladder
        atoms.calc.set(k_entropy=self.dyn.schedule.k_entropy)
        quench = Quench(atoms, ladder.orders, logfile=None, comm=self.dyn.comm)
        quench.run(ladder.fmax, ladder.steps)
        if quench.rungs and atoms.calc.k_entropy:  # also where it ran out of steps
            atoms.calc.set(estimator=quench.rungs[-1])
        atoms.set_momenta(np.zeros((len(atoms), 3)), apply_constraint=False)
        return quench.evaluations

    def _check_physical(self) -> None:
        atoms = self.dyn.atoms
        if not np.isfinite(atoms.get_forces()).all():
            raise FloatingPointError('forces are not finite at the end of the cycle')
        shortest, floor = shortest_distance(atoms), _floor(atoms)
        if not shortest >= floor:
            raise FloatingPointError(
                f'shortest pair {shortest:.3g} Angstrom, below {floor:.3g} Angstrom'
            )

    def _write(self, keys: dict, start_nc: np.ndarray, estimator: Any) -> dict:
        """Write a row of what is known of the cycle, and of the atoms as they are."""
        dyn, atoms, calc = self.dyn, self.dyn.atoms, self.dyn.atoms.calc
        fmax = largest_force(atoms)
        ladder = self.ladder or Ladder(orders=())
        keys |= measure(atoms) | {
            'stage': self.stage,
            'recipe': self.recipe,
            'orders': self.ladder.name if self.ladder else 'none',
            'converged': fmax < ladder.fmax,
            'temperature_k': float(dyn.schedule.hot_K),
            'steps': dyn.schedule.cycle_steps,
        }
        data = {
            'q_nk': calc.q_nk,
            'start_positions': start_nc,
            'calculator': calc.todict(),
            'dynamics': dyn.todict() | {'estimator': part_to_dict(estimator)},
            'quench': fields_of(self.ladder) if self.ladder else None,
        }
        with self.database:  # one transaction
            same = {key: keys[key] for key in ('stage', 'walker', 'cycle')}
            if self.database.count(**same):
                raise RuntimeError(
                    f'cycle {keys["cycle"]} is in the database already: another '
                    'harvest writes it'
                )
            self.database.write(atoms, **keys, data=data)
        return {**keys, 'fmax': fmax}


def _floor(atoms: Atoms) -> float:
    return getattr(atoms.calc.repulsion, 'floor', 0.0)
