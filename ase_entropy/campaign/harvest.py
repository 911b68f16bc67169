"""Run cycles, and store the end of each as a row of an ASE database."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy._kernels.cache import Announcement
from ase_entropy.campaign.cycle import (
    CycleEnd,
    run_cycle,
    stage_name,
)
from ase_entropy.campaign.engines.progress import Progress
from ase_entropy.campaign.measures import (
    Ending,
    check_calculator,
    check_distances,
    check_isolated,
    check_start,
)
from ase_entropy.campaign.seeds import cycle_seed
from ase_entropy.dynamics.constraints import check_constraints
from ase_entropy.dynamics.quench import Ladder
from ase_entropy.entropy import at_order
from ase_entropy.store.database import open_database, without_password
from ase_entropy.store.rows import read_keys
from ase_entropy.store.transactions import (
    describe_keys,
    is_rewritten,
    write_rows,
    writer_lock,
)

__all__ = ['Harvest']


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
    most; one that ends with isolated atoms, where these are refused, with another
    seed, 49 times at most. Nothing of it is written; `attempts` and the time step of
    the row tell.

    A row holds the configuration, key-value pairs, and, as data, descriptors, forces
    and stress of V, and what calculator and cycle can be rebuilt from: see
    ``docs/reference/database.md``. V is not in ASE's own columns: no converter takes
    it for the energy of a material. `entropy` is always that of the paper's estimator,
    :class:`NearestNeighborEntropy` on the descriptors as they are, whatever drove the
    atoms: rows of all recipes compare.

    Parameters
    ----------
    dyn : CyclicLangevin
        The dynamics; its atoms have an EntropyCalculator.
    db : str or Path
        Database file, ``.db`` (SQLite) or ``.json``. An existing one is continued.
        Several walkers may write one ``.db`` at the same time.
    walker : int
        Number that tells independent runs of one campaign apart.
    ladder : Ladder, optional
        How the end of each cycle is quenched before it is stored.
    isolated : {'allow', 'refuse'}
        Whether cycles may end with atoms that have no neighbor within the cutoff of the
        descriptor.
    report : callable
        Receives one line of text for each cycle, and one for each failure.

    Raises
    ------
    ValueError
        A calculator that is not an EntropyCalculator itself, a ladder that is none or
        that its estimator or the constraints of the atoms do not allow, a start with
        atoms on top of each other, a database that cannot take the rows, or a ``.json``
        that another one is writing.
    RuntimeError
        A cycle failed several times in a row, or another harvest has written it.

    Examples
    --------
    >>> import tempfile
    >>> from ase_entropy import CyclicLangevin, EntropyCalculator, random_packing
    >>> from ase_entropy.dynamics.schedule import AnnealSchedule
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
        isolated: str = 'allow',
        report: Callable[[str], None] = print,
    ) -> None:
        check_calculator(dyn.atoms)
        if not (ladder is None or isinstance(ladder, Ladder)):
            raise ValueError(f'ladder={ladder!r}: expected a Ladder, or None')
        for order in ladder.orders if ladder else ():
            at_order(dyn.atoms.calc.estimator, order)
        if ladder:
            check_constraints(dyn.atoms)
        self.seed_sequence = dyn.rng.bit_generator.seed_seq
        self.dyn = dyn
        self.walker = checks.whole('walker', walker, least=0)
        self.ladder, self.isolated = ladder, check_isolated(isolated)
        self.report = report
        with writer_lock(open_database(db)):
            self.database = open_database(db)
            describe_keys(self.database)

    def __repr__(self) -> str:
        name = without_password(self.database.filename)
        return f"Harvest('{name}', {self.stage}, walker {self.walker}, {self.dyn!r})"

    @property
    def stage(self) -> str:
        """'biased', or 'unbiased' for a shuffle and nothing else."""
        return stage_name(self.dyn.schedule, self.ladder)

    def next_cycle(self) -> int:
        """Return the number after that of the last cycle in the database."""
        own = self.stage, self.walker
        cycles = [
            row.keys.get('cycle', -1)
            for row in read_keys(self.database)
            if (row.keys.get('stage'), row.keys.get('walker')) == own
        ]
        return max(cycles, default=-1) + 1

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
        alone = writer_lock if is_rewritten(self.database) else nullcontext
        with alone(self.database), Announcement(self.report).watching():
            if cycles:  # what is wrong before is not a failed cycle
                check_distances(self.dyn.atoms)
                check_start(self.dyn.atoms)
            first, progress = self.next_cycle(), Progress(cycles)
            for cycle in range(first, first + cycles):
                end = self._run_cycle(cycle)
                progress.add(end.keys)
                self.report(f'{end}  ({progress})')
        return cycles

    def cycle_seed(self, cycle: int, attempt: int = 0) -> int:
        """Return the seed of a cycle."""
        return cycle_seed(self.seed_sequence, self.walker, cycle, attempt)

    def _run_cycle(self, cycle: int) -> CycleEnd:
        """Run and store one cycle."""
        end = run_cycle(
            self.dyn,
            Ending(self.ladder, self.isolated),
            self.seed_sequence,
            self.walker,
            cycle,
            self.report,
        )
        same = {key: end.keys[key] for key in ('stage', 'walker', 'cycle')}
        if self.database.count(**same):
            raise RuntimeError(
                f'cycle {cycle} is in the database already: another harvest writes it'
            )
        write_rows(self.database, [end])
        return end
