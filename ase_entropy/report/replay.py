"""A harvested cycle, run again to record its course."""

from typing import Any

import numpy as np
from ase import Atoms
from ase.md import thermalize_momenta

from ase_entropy.calculator import EntropyCalculator
from ase_entropy.campaign.cycle import perturb
from ase_entropy.dynamics.langevin import CyclicLangevin
from ase_entropy.dynamics.quench import Ladder, Quench
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import NearestNeighborEntropy
from ase_entropy.starts import Perturbation

__all__ = ['effort', 'replay']

LOOKS = 250  # during the dynamics
NAMES = ('time', 'bath_K', 'atoms_K', 'k_entropy', 'entropy', 'e_rep')


def effort(row: Any) -> int:
    """Return evaluations of V times atoms that a replay of a row takes.

    As its settings have it, or the row says, whatever is more.

    Raises
    ------
    KeyError, TypeError, ValueError
        Settings that are none.
    """
    said, settings = int(row.get('evaluations', 0)), 0
    if 'dynamics' in row.data:
        ladder = row.data['quench']
        orders = len(ladder['orders']) if ladder else 0
        settings = _cycle_steps(row) + _quench_steps(row) + orders
    return max(said, settings) * row.natoms


def _cycle_steps(row: Any) -> int:
    return AnnealSchedule(**row.data['dynamics']['schedule']).cycle_steps


def _quench_steps(row: Any) -> int:
    """Return the most steps of the quench: no more than the row says evaluations."""
    if row.data['quench'] is None:
        return 0
    said = int(row.get('evaluations', 0)) - _cycle_steps(row)
    most = Ladder(**row.data['quench']).steps
    return min(most, said) if said > 0 else most


def replay(row: Any, database: Any = None) -> tuple[dict[str, np.ndarray], Atoms]:
    """Run the cycle that led to a row of a harvest once more.

    Parameters
    ----------
    row : AtomsRow
        Row of a database that a harvest has written.
    database : ase.db.core.Database, str or Path, optional
        The database, see :meth:`EntropyCalculator.fromdict`.

    Returns
    -------
    trace : dict of (t,) float arrays
        `time`, in evaluations of V since the start; `bath_K` and `atoms_K` (K), nan in
        a quench; `k_entropy`, `e_rep` (eV); `entropy` (nats), by the exact estimator.
    atoms : Atoms
        The end of the cycle; on the machine that wrote the row, that of the row.

    Raises
    ------
    KeyError, ValueError
        The row does not hold all settings of its cycle, or parts that we do not know.
    """
    dyn, quench = _start(row, database), row.data['quench']
    atoms, calc = dyn.atoms, dyn.atoms.calc
    steps = dyn.schedule.cycle_steps
    exact, seen = NearestNeighborEntropy(), []

    def look(time: int, bath_K: float, atoms_K: float) -> None:
        atoms.get_potential_energy()
        entropy = exact.evaluate(calc.q_nk)[0]
        seen.append((time, bath_K, atoms_K, calc.k_entropy, entropy, calc.e_rep))

    def look_at_dynamics() -> None:
        look(dyn.nsteps, dyn.temperature_K, atoms.get_temperature())

    dyn.attach(look_at_dynamics, interval=max(1, steps // LOOKS))
    dyn.run_cycles(1)
    if quench is not None:
        calc.set(k_entropy=row.k_entropy)
        descent = Quench(atoms, quench['orders'], logfile=None)

        def look_at_quench() -> None:
            look(steps + descent.evaluations, np.nan, np.nan)

        descent.attach(look_at_quench)
        descent.run(quench['fmax'], _quench_steps(row))
    if 'perturbation' in row.data:
        perturb(atoms, Perturbation(**row.data['perturbation']), row.seed)
    return dict(
        zip(NAMES, np.reshape(np.array(seen, float), (-1, len(NAMES))).T, strict=True)
    ), atoms


def _start(row: Any, database: Any) -> CyclicLangevin:
    """Return the dynamics of a row as it was when its cycle began."""
    settings = row.data['dynamics']
    calculator = dict(row.data['calculator'], estimator=settings['estimator'])
    atoms = row.toatoms()
    atoms.calc = EntropyCalculator.fromdict(calculator, database)
    atoms.set_cell(row.data.get('start_cell', atoms.cell[:]))
    atoms.positions = row.data['start_positions']
    rng = np.random.default_rng(row.seed)
    thermalize_momenta(atoms, row.temperature_k, rng=rng)
    return CyclicLangevin(
        atoms,
        settings['timestep'],
        AnnealSchedule(**settings['schedule']),
        settings['friction'],
        shuffle_friction=settings['shuffle_friction'],
        rng=rng,
    )
