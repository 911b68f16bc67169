"""Anneal and quench in compiled segments, from one observer call to the next."""

import numpy as np
from ase import Atoms, units
from ase.cell import Cell

from ase_entropy._kernels import bfgs, bispectrum, minimize, segment
from ase_entropy._kernels.entropy import entropy_work
from ase_entropy._kernels.evaluate import Buffers, Parts
from ase_entropy._kernels.lanes import LANES, PAIR, count_octets
from ase_entropy._kernels.packing import most_rows
from ase_entropy.dynamics.base_forces import base_forces
from ase_entropy.dynamics.numbers import (
    descriptor_numbers,
    estimator_numbers,
    free_atoms,
    pair_numbers,
    repulsion_numbers,
    wall_numbers,
)
from ase_entropy.pairs import find_pairs, search_cell

__all__ = ['CompiledSegments']

# Measured, see docs/explanation/performance.md.
SKIN = 0.6  # Angstrom: how far the list of candidates reaches beyond the cutoff
ALL_PAIRS = 256  # atoms; in larger cells vesin makes the list


class CompiledSegments:
    """Moves atoms by many steps in one call, with a neighbor list that lasts.

    A base, which is not compiled, is evaluated in Python, once for each step. What is
    not up to date any more (positions, cell, parameters that somebody changed between
    two calls) is noticed and computed again.

    Parameters
    ----------
    atoms : Atoms
        Atoms for which ``has_compiled_form`` is true.
    """

    def __init__(self, atoms: Atoms) -> None:
        self.atoms = atoms
        self.work: tuple = ()
        self.forces = tuple(np.zeros((len(atoms), 3)) for _ in range(3))
        self.forget()

    def forget(self) -> None:
        """Start from nothing known: the next call builds a neighbor list of its own."""
        self.known = None

    def advance(
        self,
        bath: tuple[np.ndarray, ...],
        dt: float,
        rng: np.random.Generator,
        guard: tuple[float, float, float],
    ) -> tuple[int, int, float | Exception]:
        """Advance the anneal by ``len(bath[0])`` steps.

        Returns the number of steps completed; where those are fewer, what the guard
        found (``TOO_FAR``, ``TOO_HOT``, ``TOO_CLOSE``), and the value; or ``ASK``, and
        what is wrong with the base.

        Parameters
        ----------
        bath : tuple of (steps,) arrays
            Temperature (K), K (eV) and decay of the momenta, exp(-friction dt).
        dt : float
            Time step (ASE units).
        rng : numpy.random.Generator
            Source of the noise.
        guard : tuple of float
            Longest move of an atom in a step (Angstrom), largest kinetic energy (eV),
            shortest distance (Angstrom).
        """
        atoms = self.atoms
        self._notice_changes()
        temperature_s, *others = bath
        bath = (units.kB * temperature_s, *others)
        *limits, floor = guard
        pos_nc, mom_nc = atoms.get_positions(), atoms.get_momenta()
        total, done = len(temperature_s), 0
        parts, base = self._parts_at(others[0].any()), base_forces(atoms)
        self.known = None  # until this ends as it should
        while True:
            steps, reason, value = segment.advance(
                total - done,
                tuple(x[done:] for x in bath),
                dt,
                rng,
                (pos_nc, mom_nc, atoms.get_masses()),
                (*limits, floor**2),
                self.lists,
                parts,
                base and base.numbers,
                self.work,
                self.forces,
                self.state,
            )
            done += steps
            if reason == segment.REBUILD:
                self._build_list(pos_nc)
            elif reason == segment.ASK:
                try:
                    base.ask(pos_nc)
                except FloatingPointError as error:
                    value = error
                    break
            else:
                break
        atoms.set_positions(pos_nc)
        atoms.set_momenta(mom_nc)
        self.known = self._description()
        return done, reason, value

    def minimize(
        self, steps: int, k_entropy: float, fmax: float, state: tuple
    ) -> tuple[int, int, int]:
        """Quench by so many steps, or until converged or stuck.

        Returns steps, evaluations, and why it ended (``DONE``, ``CONVERGED``,
        ``STUCK``).

        Parameters
        ----------
        k_entropy, fmax : float
            K (eV); largest force to be reached (eV/Angstrom).
        state : tuple
            State of :mod:`ase_entropy._kernels.bfgs`.
        """
        self._notice_changes()
        pos_nc = self.atoms.get_positions()
        done, evaluations = 0, 0
        parts, base = self._parts_at(k_entropy), base_forces(self.atoms)
        self.known = None  # until this ends as it should
        while True:
            moved, evaluated, reason = minimize.advance(
                steps - done,
                k_entropy,
                fmax,
                (pos_nc, pos_nc.reshape(-1)),
                self.lists,
                parts,
                base and base.numbers,
                self.work,
                (*self.forces, self.forces[2].reshape(-1)),
                state,
            )
            done += moved
            evaluations += evaluated
            if reason == minimize.REBUILD:
                self._build_list(pos_nc)
            elif reason == minimize.ASK:
                base.ask(pos_nc, or_nan=bfgs.is_searching(state))
            else:
                break
        self.atoms.set_positions(pos_nc)
        self.known = self._description()
        self.state[:] = False  # forces are those of the last trial
        return done, evaluations, reason

    def _description(self) -> tuple:
        atoms, calc = self.atoms, self.atoms.calc
        return (
            atoms.positions.tobytes(),
            atoms.cell[:].tobytes(),
            atoms.pbc.tobytes(),
            atoms.numbers.tobytes(),
            calc.descriptor,
            calc.repulsion,
            calc.confinement,
            free_atoms(atoms).tobytes(),
            calc.estimator,
        )

    def _notice_changes(self) -> None:
        known, now = self.known, self._description()
        if known == now:
            return
        atoms, calc = self.atoms, self.atoms.calc
        components, kinds = calc.descriptor.size, len(np.unique(atoms.numbers))
        estimator = estimator_numbers(calc.estimator, components, kinds)
        self.state = np.zeros(3, bool)
        if known is None or known[:-1] != now[:-1]:
            self._prepare()
        self.parts = self.parts._replace(estimator=estimator)
        self.work = (
            *self.work[:2],
            entropy_work(components, len(atoms), estimator, again=True),
        )
        self.known = now

    def _parts_at(self, k_entropy: float) -> Parts:
        """Return the parts of V; without those of the entropy, if K is zero."""
        if k_entropy:
            return self.parts
        return self.parts._replace(descriptor=None, estimator=None)

    def _prepare(self) -> None:
        """Prepare all but the estimator."""
        atoms, calc = self.atoms, self.atoms.calc
        calc.descriptor.check_species(atoms.numbers)
        number_k, kind_n = np.unique(atoms.numbers, return_inverse=True)
        cutoff_kk, weight_k = pair_numbers(calc.descriptor, number_k)
        self.parts = Parts(
            repulsion_numbers(calc.repulsion, number_k),
            wall_numbers(calc.confinement),
            (cutoff_kk, float(cutoff_kk.max()), weight_k),
            kind_n,
            descriptor_numbers(calc.descriptor, number_k),
            None,
            free_atoms(atoms),
        )
        self.rows = 0
        self._build_list(atoms.positions)

    def _build_list(self, pos_nc: np.ndarray) -> None:
        """List the candidates, or make room for the kernel to do it in a small cell."""
        atoms, calc = self.atoms, self.atoms.calc
        here = Atoms(
            numbers=atoms.numbers, positions=pos_nc, cell=atoms.cell, pbc=atoms.pbc
        )
        n, reach = len(atoms), calc.cutoff + SKIN
        pairs = find_pairs(here, reach)
        first_n = np.searchsorted(pairs.i_p, np.arange(n + 1))
        count_n = np.diff(first_n)
        most = 0
        if n <= ALL_PAIRS:
            most = int(count_n.max()) * 3 // 2 + 8  # room for lists to come
            candidates = (
                first_n,
                np.zeros(n * most + 1, np.intp),
                np.zeros((n * most + 1, 3)),
                np.full((n, 3), np.inf),  # too far from here: to be made before use
            )
            count_n = np.full(n, most)
        else:
            shift_pc = pairs.r_pc - (pos_nc[pairs.j_p] - pos_nc[pairs.i_p])
            candidates = (first_n, pairs.j_p, shift_pc, pos_nc.copy())
        reaches = (reach - calc.repulsion.cutoff, SKIN, reach)
        reaches = tuple(map(float, reaches))
        near_p = np.empty(len(candidates[1]) + 1, np.intp)
        self.lists = (*candidates, self._box(reach), reaches, most, near_p)
        self._make_room(count_n)

    def _box(self, reach: float) -> tuple:
        """Return cell, inverse, images to look at beyond the closest, and pbc."""
        periodic_c = self.atoms.pbc.astype(float)
        cell_cc, _ = search_cell(self.atoms, reach)
        cell_cc = Cell(cell_cc * periodic_c[:, None]).complete()[:]
        cell_cc = np.ascontiguousarray(cell_cc)  # else kernels are compiled again
        inverse_cc = np.linalg.inv(cell_cc)
        heights_c = 1.0 / np.linalg.norm(inverse_cc, axis=0)
        images_c = np.floor(reach / heights_c + 0.5) * periodic_c
        return (
            cell_cc,
            np.ascontiguousarray(inverse_cc),
            images_c.astype(int),
            periodic_c,
        )

    def _make_room(self, count_n: np.ndarray) -> None:
        """Allocate for the kernels, as if all candidates came close at once."""
        calc = self.atoms.calc
        n, components = len(self.atoms), calc.descriptor.size
        octets, densities = count_octets(n), calc.descriptor.densities
        rows = most_rows(count_n) * densities
        if rows <= self.rows:
            return
        self.rows = rows = rows + rows // 4
        tables = calc.descriptor.tables()
        density = bispectrum.new_density(octets * densities, tables)
        self.work = (
            Buffers(
                np.empty(n, int),
                np.empty(rows + 2 + LANES, int),  # no atom has more pairs than rows
                np.empty(n, int),
                np.empty(octets * densities * LANES),
                np.empty(rows * PAIR),
                np.empty(rows, int),
                np.empty(rows * LANES, int),
                density,
                bispectrum.new_density(densities, tables),
                np.empty(rows * 3 * LANES),
                np.empty((components, octets * LANES)),
                np.empty((components, octets * LANES)),
            ),
            bispectrum.workspace(tables),
            *self.work[2:],
        )
