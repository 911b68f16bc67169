"""The anneal in compiled segments, from one observer call to the next."""

import numpy as np
from ase import Atoms, units

from ase_entropy._kernels import bispectrum, nearest, segment
from ase_entropy._kernels.lanes import BLOCK_ROWS, LANES, count_octets
from ase_entropy.calculator import EntropyCalculator
from ase_entropy.descriptors import Bispectrum
from ase_entropy.entropy import NearestNeighborEntropy
from ase_entropy.pairs import find_pairs, vesin_neighbor_list
from ase_entropy.repulsion import ClarkeSmith

__all__ = ['CompiledSegments', 'has_compiled_form']

SKIN = 1.0  # Angstrom: how far beyond the cutoff the neighbor list reaches


def has_compiled_form(atoms: Atoms) -> bool:
    """Say whether every part of the energy of these atoms has a compiled form."""
    calc = atoms.calc
    return (
        type(calc) is EntropyCalculator
        and type(calc.descriptor) is Bispectrum
        and type(calc.estimator) is NearestNeighborEntropy
        and calc.estimator.softening > 0.0
        and type(calc.repulsion) is ClarkeSmith
        and calc.neighbor_list is vesin_neighbor_list
        and len(atoms) > 1
        and not atoms.constraints
    )


class CompiledSegments:
    """Advances atoms by many steps in one call, with a neighbor list that lasts.

    What is not up to date any more (positions, cell, parameters that somebody changed
    between two calls) is noticed and computed again.

    Parameters
    ----------
    atoms : Atoms
        Atoms for which :func:`has_compiled_form` is true.
    longest_move : float
        Move (Angstrom) of an atom in one step beyond which the dynamics has blown up.
    """

    def __init__(self, atoms: Atoms, longest_move: float) -> None:
        self.atoms = atoms
        self.longest_move = longest_move
        self.forces = tuple(np.zeros((len(atoms), 3)) for _ in range(3))
        self.forget()

    def forget(self) -> None:
        """Start from nothing known: the next call builds a neighbor list of its own."""
        self.known = None

    def advance(
        self, bath: tuple[np.ndarray, ...], dt: float, rng: np.random.Generator
    ) -> tuple[int, float]:
        """Advance by ``len(bath[0])`` steps; return steps completed and longest move.

        Fewer steps are completed only where an atom moved farther than it may.

        Parameters
        ----------
        bath : tuple of (steps,) arrays
            Temperature (K), K (eV) and decay of the momenta, exp(-friction dt).
        dt : float
            Time step (ASE units).
        rng : numpy.random.Generator
            Source of the noise.
        """
        atoms = self.atoms
        self._notice_changes()
        temperature_s, *others = bath
        bath = (units.kB * temperature_s, *others)
        pos_nc, mom_nc = atoms.get_positions(), atoms.get_momenta()
        total, done = len(temperature_s), 0
        while True:
            steps, reason, longest = segment.advance(
                total - done,
                tuple(x[done:] for x in bath),
                dt,
                rng,
                (
                    pos_nc,
                    mom_nc,
                    atoms.get_masses(),
                    self.list_pos_nc,
                    self.longest_move,
                ),
                self.neighbors,
                SKIN,
                self.parts,
                LANES,
                self.work,
                self.forces,
                self.state,
            )
            done += steps
            if reason != segment.REBUILD:
                break
            self._build_list(pos_nc)
        atoms.set_positions(pos_nc)
        atoms.set_momenta(mom_nc)
        self.known = self._description()
        return done, longest

    def _description(self) -> tuple:
        atoms, calc = self.atoms, self.atoms.calc
        return (
            atoms.positions.tobytes(),
            atoms.cell[:].tobytes(),
            atoms.pbc.tobytes(),
            atoms.numbers.tobytes(),
            calc.descriptor,
            calc.estimator,
            calc.repulsion,
        )

    def _notice_changes(self) -> None:
        if self.known == self._description():
            return
        calc, atoms = self.atoms.calc, self.atoms
        calc.descriptor.check_species(atoms.numbers)
        repulsion, numbers = calc.repulsion, (atoms.numbers > 0).astype(float)
        powers = [
            int(x) if x == int(x) else float(x) for x in (repulsion.n, repulsion.m)
        ]
        scale = (
            repulsion.epsilon * repulsion.n * repulsion.m / (repulsion.n - repulsion.m)
        )
        self.parts = (
            (scale, float(repulsion.r0), *powers, float(repulsion.cutoff)),
            (calc.descriptor.tables(), numbers),
            float(calc.estimator.softening),
        )
        self.state = np.zeros(3, bool)
        self.rows = 0
        self._build_list(atoms.positions)

    def _build_list(self, pos_nc: np.ndarray) -> None:
        atoms, calc = self.atoms, self.atoms.calc
        n, components = len(atoms), calc.descriptor.size
        here = Atoms(atoms.numbers, pos_nc, cell=atoms.cell, pbc=atoms.pbc)
        pairs = find_pairs(here, calc.cutoff + SKIN)
        shift_pc = pairs.r_pc - (pos_nc[pairs.j_p] - pos_nc[pairs.i_p])
        first_n = np.searchsorted(pairs.i_p, np.arange(n + 1))
        self.neighbors = first_n, pairs.j_p, shift_pc
        self.list_pos_nc = pos_nc.copy()
        octets = count_octets(n)
        most_n = np.sort(np.diff(first_n))  # as if all candidates came close at once
        rows = np.maximum.reduceat(most_n, np.arange(0, n, LANES)).sum() + BLOCK_ROWS
        if rows <= self.rows:
            return
        self.rows = rows = rows + rows // 4  # room for lists to come
        tables = calc.descriptor.tables()
        density = bispectrum.new_density(octets, tables)
        self.work = (
            (
                np.empty(n, int),
                np.empty(rows + 2, int),  # no atom has more pairs than there are rows
                np.empty(n, int),
                np.empty(rows * 4 * LANES),
                np.empty(rows, int),
                np.empty(rows * LANES, int),
                density,
                np.empty_like(density),
                np.empty(rows * 3 * LANES),
                np.empty((components, octets * LANES)),
                np.empty((components, octets * LANES)),
            ),
            bispectrum.workspace(tables),
            nearest.neighbor_work(components, n),
        )
