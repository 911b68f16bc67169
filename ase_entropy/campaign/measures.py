"""Quantities of a configuration that its row stores, and whether it is physical."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from ase_entropy import __version__
from ase_entropy.calculator import BaseFailed, EntropyCalculator
from ase_entropy.campaign.growth import Novelty
from ase_entropy.dynamics.quench import Ladder
from ase_entropy.dynamics.schedule import AnnealSchedule
from ase_entropy.entropy import NearestNeighborEntropy
from ase_entropy.pairs import reach, shortest_distance
from ase_entropy.starts import Perturbation

__all__ = [
    'REJECTIONS',
    'Ending',
    'IsolatedAtoms',
    'Rejected',
    'check_base',
    'check_calculator',
    'check_distances',
    'check_end',
    'check_gain',
    'check_isolated',
    'check_start',
    'effective_results',
    'isolated_atoms',
    'largest_force',
    'measure',
    'recipe_name',
    'stage_name',
]


class Rejected(FloatingPointError):
    """A cycle whose end is physical, and not wanted."""


class IsolatedAtoms(Rejected):
    """A cycle that ends with atoms which have no neighbor."""

    with_what = 'atoms that have no neighbor'
    advice = "a denser or another start, or isolated='allow', --isolated allow"


class SmallGain(Rejected):
    """A cycle that adds too little to the set."""

    with_what = 'too small a gain'
    advice = 'a smaller least_gain, --least-gain'

    def __init__(self, gain: float, least: float) -> None:
        super().__init__(f'the gain is {gain:.3g} nats, below {least:g}')
        self.gain = gain


REJECTIONS = IsolatedAtoms, SmallGain


@dataclass(frozen=True)
class Ending:
    """How a cycle ends, and what is accepted.

    Parameters
    ----------
    ladder : Ladder, optional
        How it is quenched.
    isolated : {'allow', 'refuse'}
        Whether it may end with an atom that has no neighbor within the cutoff of the
        descriptor.
    perturbation : Perturbation, optional
        What is done to the end.
    novelty : Novelty, optional
        What it shall add to a set.
    """

    ladder: Ladder | None = None
    isolated: str = 'allow'
    perturbation: Perturbation | None = None
    novelty: Novelty | None = None


def measure(atoms: Atoms, max_force: float, min_distance: float) -> dict:
    """Return the key-value pairs that follow from the atoms, and the version.

    `entropy` is that of the paper's estimator on the descriptors as they are, whatever
    estimator the calculator has; `entropy_model` is that of the calculator. `start`
    says what a walker started from, where starts differ.

    Parameters
    ----------
    atoms : Atoms
        Atoms with an EntropyCalculator, whose forces were asked for last.
    max_force, min_distance : float
        Largest force (eV/Angstrom) and shortest distance (Angstrom), as found then.
    """
    calc = atoms.calc
    energy = calc.results['energy']  # to ask the atoms is to compare them all again
    start = atoms.info.get('start')
    return ({'start': start} if isinstance(start, str) else {}) | {
        'effective_energy': float(energy),
        'max_force': max_force,
        'entropy': NearestNeighborEntropy().evaluate(calc.q_nk)[0],
        'entropy_model': calc.entropy,
        **({} if calc.base is None else {'e_base': calc.e_base}),
        'e_rep': calc.e_rep,
        'k_entropy': calc.k_entropy,
        'k_per_atom': calc.k_entropy / len(atoms),
        'min_distance': min_distance,
        'final_temperature_k': _temperature(atoms),
        'version': __version__,
    }


def effective_results(atoms: Atoms) -> dict:
    """Return forces and, in a cell with a volume, the stress of V, as a row has them.

    Forces are those before constraints, of atoms whose forces were asked for last.
    """
    results = atoms.calc.results
    return {
        f'effective_{name}': results[name].copy()
        for name in ('forces', 'stress')
        if name in results
    }


def check_calculator(atoms: Atoms) -> None:
    """Raise ValueError if a row could not describe the calculator of these atoms.

    A subclass of EntropyCalculator may have another energy than that of its parts.
    """
    kind = type(atoms.calc)
    if kind is not EntropyCalculator:
        raise ValueError(
            f'dyn.atoms.calc is {kind.__name__}: expected an EntropyCalculator itself, '
            'as a row can describe no other energy; EntropyCalculator(base=...) adds '
            'one'
        )


def check_start(atoms: Atoms) -> None:
    """Raise ValueError if a first cycle cannot start.

    Raises
    ------
    ValueError
        Atoms closer than the repulsion allows, or without an energy.
    """
    check_distances(atoms)
    check_base(atoms)
    with suppress(FloatingPointError):  # of a base: the first cycle will tell
        atoms.get_forces()


def check_base(atoms: Atoms) -> None:
    """Raise ValueError if a base cannot evaluate these atoms.

    Forces that are too large do not count: another start may have smaller ones.
    """
    if atoms.calc.base is None:
        return
    try:
        atoms.calc.base_energy.evaluate(atoms)
    except BaseFailed as error:
        raise ValueError(f'{error}: expected a base for {atoms.symbols}') from error
    except FloatingPointError:
        pass


def check_distances(atoms: Atoms) -> None:
    """Raise ValueError if atoms are closer than the repulsion allows."""
    shortest, floor = shortest_distance(atoms), _floor(atoms)
    if shortest < floor:
        raise ValueError(
            f'atoms {shortest:.3g} Angstrom apart at the start: expected '
            f'{floor:.3g} or more, for this repulsion'
        )


def check_end(atoms: Atoms, isolated: str) -> tuple[float, float]:
    """Return the largest force and the shortest distance, if the end is physical.

    Raises
    ------
    FloatingPointError
        Forces that are not finite, atoms closer than the repulsion allows; as
        IsolatedAtoms, atoms without a neighbor where these are refused.
    """
    largest = largest_force(atoms)
    if not np.isfinite(largest):  # its square may be too large
        raise FloatingPointError('forces are not finite at the end of the cycle')
    shortest, floor = atoms.calc.shortest_distance, _floor(atoms)
    if shortest == np.inf:  # beyond what V looks at
        shortest = shortest_distance(atoms)
    if not shortest >= floor:
        raise FloatingPointError(
            f'shortest pair {shortest:.3g} Angstrom, below {floor:.3g} Angstrom'
        )
    if isolated == 'refuse' and len(lonely := isolated_atoms(atoms)):
        raise IsolatedAtoms(
            f'{len(lonely)} of {len(atoms)} atoms have no neighbor within the cutoff'
        )
    return largest, shortest


def recipe_name(schedule: AnnealSchedule, ladder: Ladder | None) -> str:
    """Return 'anneal', 'anneal+quench', 'quench', 'shuffle', or 'start' as it is."""
    parts = {'anneal': schedule.ramp_steps, 'quench': ladder}
    otherwise = 'shuffle' if schedule.cycle_steps else 'start'
    return '+'.join(name for name in parts if parts[name]) or otherwise


def stage_name(schedule: AnnealSchedule, ladder: Ladder | None) -> str:
    """Return 'biased', or 'unbiased' for a shuffle and nothing else."""
    shuffle = recipe_name(schedule, ladder) == 'shuffle'
    return 'unbiased' if shuffle else 'biased'


def check_gain(atoms: Atoms, novelty: Novelty | None) -> dict[str, float]:
    """Return what atoms add to a set, as a key-value pair, if it is enough.

    Raises
    ------
    SmallGain
        It is not.
    """
    if novelty is None:
        return {}
    gain, least = novelty.gain(atoms), novelty.least_gain
    if least is not None and not gain >= least:
        raise SmallGain(gain, least)
    return {'gain': gain}


def check_isolated(isolated: str) -> str:
    """Return whether isolated atoms are refused, 'refuse' or 'allow'.

    Raises
    ------
    ValueError
        Something else.
    """
    if isolated not in ('refuse', 'allow'):
        raise ValueError(f"isolated={isolated!r}: expected 'refuse' or 'allow'")
    return isolated


def isolated_atoms(atoms: Atoms) -> np.ndarray:
    """Return the numbers of atoms without a neighbor that the descriptor sees."""
    calc = atoms.calc
    atoms.get_potential_energy()
    pairs, descriptor = calc.pairs, calc.descriptor
    if hasattr(descriptor, 'cutoffs'):
        seen_p = pairs.r_p < descriptor.cutoffs(pairs)
    else:
        seen_p = pairs.r_p < reach(descriptor)
    neighbors_n = np.bincount(pairs.i_p[seen_p], minlength=len(atoms))
    return np.flatnonzero(neighbors_n == 0)


def largest_force(atoms: Atoms) -> float:
    """Return the length of the largest force (eV/Angstrom)."""
    return float(np.linalg.norm(atoms.get_forces(), axis=1).max())


def _temperature(atoms: Atoms) -> float:
    """Return the kinetic temperature (K), 0 for atoms that are all fixed."""
    return atoms.get_temperature() if atoms.get_kinetic_energy() else 0.0


def _floor(atoms: Atoms) -> float:
    return getattr(atoms.calc.repulsion, 'floor', 0.0)
