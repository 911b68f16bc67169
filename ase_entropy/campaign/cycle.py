"""One cycle: shuffle, descent and quench, until it ends physically."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.db.core import now
from ase.db.row import AtomsRow
from ase.md import thermalize_momenta

from ase_entropy.campaign.growth import gains_in_words
from ase_entropy.campaign.measures import (
    REJECTIONS,
    Ending,
    Rejected,
    SmallGain,
    check_calculator,
    check_end,
    check_gain,
    effective_results,
    measure,
    recipe_name,
    stage_name,
)
from ase_entropy.campaign.seeds import cycle_seed
from ase_entropy.dynamics.quench import Ladder, Quench
from ase_entropy.parts import fields_of, part_to_dict, take_arrays
from ase_entropy.starts import Perturbation
from ase_entropy.store.prepared import PreparedRow
from ase_entropy.store.rows import geometry_hash

__all__ = [
    'CycleEnd',
    'CycleFailed',
    'perturb',
    'reported',
    'run_cycle',
]


class CycleFailed(RuntimeError):
    """A cycle that fails whatever the seed."""


REPORTED = (
    'cycle',
    'attempts',
    'entropy',
    'gain',
    'e_base',
    'e_rep',
    'min_distance',
    'max_force',
)
PERTURBED = 1  # tells the generator of a perturbation from that of the dynamics
MOST_FAILURES = {FloatingPointError: 5, **dict.fromkeys(REJECTIONS, 50)}


def reported(keys: dict) -> dict:
    """Return the keys of a row that lines of the log are made of."""
    return {key: keys[key] for key in REPORTED if key in keys}


@dataclass(frozen=True)
class CycleEnd:
    """A finished cycle, as a database row will hold it.

    Parameters
    ----------
    row : AtomsRow or PreparedRow
        Atoms at the end, without results of a calculator; or all of the row, prepared.
    keys : dict
        Key-value pairs; of a prepared row those that are reported.
    data : dict
        Descriptors, forces and stress of V, and what calculator and cycle can be
        rebuilt from. Empty where the row is prepared.
    arrays : dict of arrays
        Large arrays that `data` names, by their SHA-256.
    """

    row: AtomsRow | PreparedRow
    keys: dict
    data: dict
    arrays: dict[str, np.ndarray]

    @property
    def number(self) -> int:
        """Number of the cycle."""
        return self.keys['cycle']

    def __str__(self) -> str:
        """Return one line for the log."""
        keys = self.keys
        base = f'E_base {keys["e_base"]:.1f} eV  ' if 'e_base' in keys else ''
        gain = f'gain {keys["gain"]:.2f}  ' if 'gain' in keys else ''
        return (
            f'cycle {keys["cycle"]}  S {keys["entropy"]:.3f}  {gain}{base}'
            f'E_rep {keys["e_rep"]:.1f} eV  shortest pair {keys["min_distance"]:.3f} A '
            f' fmax {keys["max_force"]:.3g} eV/A'
        )


def run_cycle(
    dyn: Any,
    ending: Ending,
    sequence: np.random.SeedSequence,
    walker: int,
    cycle: int,
    report: Callable[[str], None],
    another: Callable[[Exception], tuple[Any, Ending]] | None = None,
) -> CycleEnd:
    """Run one cycle from where the atoms are, again if it fails.

    A cycle in which something unphysical happens is reported with its reason, and
    repeated from its start with half the time step and another seed; one whose end is
    rejected, with another seed. These are counted, and reported together. Where
    `another` is given, each repetition has another start.

    Parameters
    ----------
    dyn : CyclicLangevin
        The dynamics; its atoms have an EntropyCalculator.
    ending : Ending
        How it ends, and what is accepted.
    sequence : numpy.random.SeedSequence
        What all seeds follow from, together with the next two.
    walker, cycle : int
        Numbers of the walker and of the cycle.
    report : callable
        Receives one line of text for each failure.
    another : callable, optional
        Takes the failure, returns the dynamics of another start, and how it ends.

    Raises
    ------
    ValueError
        Another calculator than an EntropyCalculator.
    CycleFailed
        The cycle failed five times, or its end was rejected fifty times.
    """
    atoms = dyn.atoms
    check_calculator(atoms)
    start, start_nsteps = _Start(atoms), dyn.nsteps
    estimator, timestep = atoms.calc.estimator, dyn.dt
    failures, gains, reason = Counter(), [], ''
    try:
        while all(failures[kind] < most for kind, most in MOST_FAILURES.items()):
            attempt = failures.total()
            seed = cycle_seed(sequence, walker, cycle, attempt)
            dyn.dt = timestep / 2 ** failures[FloatingPointError]
            atoms.calc.forget_base()  # no row depends on what came before its cycle
            try:
                _anneal(dyn, seed)
                quench_evaluations = _quench(dyn, ending.ladder)
                done = perturb(atoms, ending.perturbation, seed)
                found = check_end(atoms, ending.isolated)
                done |= check_gain(atoms, ending.novelty)
            except FloatingPointError as error:
                failures[type(error)] += 1
                reason = f'step {dyn.nsteps - start_nsteps}: {error}'
                if isinstance(error, SmallGain):
                    gains.append(error.gain)
                if not isinstance(error, Rejected):
                    report(
                        f'cycle {cycle} failed, is repeated with half the time step '
                        f'and another seed: {reason}'
                    )
                if another is not None:
                    dyn, ending = another(error)
                    atoms, start = dyn.atoms, _Start(dyn.atoms)
                    continue
                dyn.nsteps = start_nsteps
                start.restore(atoms)
                atoms.calc.set(estimator=estimator)
            else:
                keys = {
                    'cycle': cycle,
                    'walker': walker,
                    'seed': seed,
                    'attempts': attempt + 1,
                    'evaluations': dyn.schedule.cycle_steps + quench_evaluations,
                }
                keys |= measure(atoms, *found) | done
                return _cycle_end(dyn, ending, keys, start, estimator)
    finally:
        dyn.dt = timestep
        atoms.calc.set(estimator=estimator)
        for kind in REJECTIONS:
            if failures[kind]:
                seen = f' ({gains_in_words(gains)})' if kind is SmallGain else ''
                report(
                    f'cycle {cycle} ended {failures[kind]} times with '
                    f'{kind.with_what}{seen}, and was repeated with another seed'
                )
    seen = f' ({gains_in_words(gains)})' if gains else ''
    raise CycleFailed(
        f'cycle {cycle} failed {failures.total()} times in a row{seen}, last at '
        f'{reason}; expected {_advice(failures)} (with this seed, it fails in '
        'the same way again)'
    )


def _advice(failures: Counter) -> str:
    kind, _ = failures.most_common(1)[0]
    otherwise = 'a smaller time step, a higher friction, a denser or another start'
    return getattr(kind, 'advice', otherwise)


class _Start:
    """Positions and cell with which a cycle began."""

    def __init__(self, atoms: Atoms) -> None:
        self.positions_nc, self.cell_cc = atoms.get_positions(), atoms.cell[:].copy()

    def restore(self, atoms: Atoms) -> None:
        """Put atoms back there."""
        atoms.set_cell(self.cell_cc)
        atoms.set_positions(self.positions_nc, apply_constraint=False)


def _anneal(dyn: Any, seed: int) -> None:
    if dyn.schedule.cycle_steps == 0:
        return
    rng = np.random.default_rng(seed)
    thermalize_momenta(
        dyn.atoms, temperature_K=dyn.schedule.hot_K, rng=rng, comm=dyn.comm
    )
    dyn.begin_cycle()
    dyn.rng, rng_before = rng, dyn.rng
    try:
        dyn.run_cycles(1)
    finally:
        dyn.rng = rng_before


def _quench(dyn: Any, ladder: Ladder | None) -> int:
    """Quench, if there is a ladder; return the number of evaluations."""
    if ladder is None:
        return 0
    atoms = dyn.atoms
    atoms.calc.set(k_entropy=dyn.schedule.k_entropy)
    quench = Quench(atoms, ladder.orders, logfile=None, comm=dyn.comm)
    quench.run(ladder.fmax, ladder.steps)
    if quench.rungs and atoms.calc.k_entropy:  # also where it ran out of steps
        atoms.calc.set(estimator=quench.rungs[-1])
    atoms.set_momenta(np.zeros((len(atoms), 3)), apply_constraint=False)
    return quench.evaluations


def perturb(atoms: Atoms, perturbation: Perturbation | None, seed: int) -> dict:
    """Perturb the end of a cycle with this seed, and return what was done."""
    if perturbation is None:
        return {}
    return perturbation.apply(atoms, np.random.default_rng((seed, PERTURBED)))


def _cycle_end(
    dyn: Any, ending: Ending, keys: dict, start: _Start, estimator: Any
) -> CycleEnd:
    """Return the finished cycle as a row: atoms, keys and data."""
    atoms, calc, ladder = dyn.atoms, dyn.atoms.calc, ending.ladder
    keys |= {
        'stage': stage_name(dyn.schedule, ladder),
        'recipe': recipe_name(dyn.schedule, ladder),
        'orders': ladder.name if ladder else 'none',
        'converged': keys['max_force'] < (ladder or Ladder(orders=())).fmax,
        'temperature_k': float(dyn.schedule.hot_K),
        'steps': dyn.schedule.cycle_steps,
    }
    settings = {
        'calculator': calc.todict(),
        'dynamics': dyn.todict() | {'estimator': part_to_dict(estimator)},
        'quench': fields_of(ladder) if ladder else None,
    }
    if ending.perturbation:
        settings['perturbation'] = fields_of(ending.perturbation)
        settings['start_cell'] = start.cell_cc
    arrays: dict[str, np.ndarray] = {}
    data = {
        'q_nk': calc.q_nk,
        'start_positions': start.positions_nc,
        **take_arrays(settings, arrays),
        **effective_results(atoms),
        'geometry': geometry_hash(atoms),
    }
    row = AtomsRow(atoms.copy())  # without the calculator; the atoms go on
    row.ctime, row.user = now(), os.getenv('USER')
    return CycleEnd(row, keys, data, arrays)
