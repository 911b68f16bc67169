"""What a trained potential makes of matter: crystals, defects, surfaces, dynamics.

    with Trained('W', coefficients, 'general') as potential:
        print(lattice_constant(potential), elastic_constants(potential))

All functions take labels as well: :class:`Trained` is one, by ``pair_style snap``.
"""

import re
from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.build import bulk, surface
from scipy.optimize import minimize_scalar
from transfer_crystals import at_volume, elementary, strained
from transfer_labels import POTENTIALS, Label, LammpsCell, shortest
from transfer_student import CUTOFF, write_snap

__all__ = [
    'Trained',
    'crystal_of',
    'elastic_constants',
    'lattice_constant',
    'phases',
    'surface_energy',
    'survival',
    'vacancy_energy',
]

STRAIN = 0.005
RANGE = 0.9, 1.1  # of lattice constants, over that of the distance of neighbors
VACANCY_ATOMS = 100  # at least
THICKNESS = 10.0  # A, of slabs
VOLUMES = np.linspace(0.8, 1.25, 10)
TIMESTEP, BATH_STEPS, STEPS, CHUNK = 0.002, 1000, 4000, 50  # ps
CLOSEST = 0.7  # of the distance of neighbors
RELAXATION = 200  # steps
LOST = re.compile('Lost atoms|Non-numeric')  # what LAMMPS says of those that blew up


class Trained(Label):
    """A quadratic SNAP in LAMMPS, in the place of the label that it was trained for."""

    def __init__(self, name: str, coefficients, stem: str | Path) -> None:
        self.potential = POTENTIALS[name]
        elements, reach = self.potential.elements, CUTOFF * self.potential.neighbor
        pair = write_snap(Path(stem).absolute(), elements, reach, coefficients)
        LammpsCell.__init__(self, elements, pair, reach)


def crystal_of(potential: Label) -> Atoms:
    """Return the ground state of the label, cubic, as the potential has it.

    The lattice constant is that of the least energy within a tenth of the label's.
    """
    (element, lattice), *others = potential.potential.elements.items()
    if others:
        raise ValueError('properties are those of a single element')
    atoms = bulk(element, lattice, a=4.0, cubic=True)
    cell = atoms.cell[:] * potential.potential.neighbor / shortest(atoms)

    def energy(scale: float) -> float:
        atoms.set_cell(scale * cell, scale_atoms=True)
        return potential.evaluate(atoms)[0]

    energy(minimize_scalar(energy, bounds=RANGE, method='bounded').x)
    return atoms


def lattice_constant(potential: Label) -> float:
    """Return the lattice constant of the ground state (A)."""
    return crystal_of(potential).cell.cellpar()[0]


def elastic_constants(potential: Label) -> dict[str, float]:
    r"""Return C11, C12 and C44 of the ground state, which is cubic (GPa).

    .. math:: C_{11} = \frac{1}{V} \frac{\partial^2 E}{\partial \epsilon_{xx}^2}

    and 2 (C11 - C12), C44 in the same way from xx = -yy, from yz. Atoms are relaxed.
    """
    crystal = crystal_of(potential)
    ways = np.zeros((3, 3, 3))
    ways[0, 0, 0] = 1.0
    ways[1, 0, 0], ways[1, 1, 1] = 1.0, -1.0
    ways[2, 1, 2] = ways[2, 2, 1] = 0.5
    curvatures = []
    for way in ways:
        energies = [
            potential.evaluate(
                potential.relax(strained(crystal, size * way), RELAXATION)
            )[0]
            for size in (-STRAIN, 0.0, STRAIN)
        ]
        curvatures.append(np.diff(energies, 2)[0] / STRAIN**2 / crystal.get_volume())
    c11, shear, c44 = np.array(curvatures) / units.GPa
    return {'C11': float(c11), 'C12': float(c11 - shear / 2), 'C44': float(c44)}


def vacancy_energy(potential: Label) -> float:
    """Return the formation energy of a vacancy, relaxed at constant volume (eV)."""
    crystal = crystal_of(potential)
    times = int(np.ceil((VACANCY_ATOMS / len(crystal)) ** (1 / 3)))
    atoms = crystal.repeat(times)
    perfect, _ = potential.evaluate(atoms)
    n = len(atoms)
    del atoms[0]
    relaxed = potential.relax(atoms, RELAXATION)
    return float(potential.evaluate(relaxed)[0] - perfect * (n - 1) / n)


def surface_energy(potential: Label, facet) -> float:
    """Return the energy of a relaxed surface (J/m^2)."""
    crystal = crystal_of(potential)
    per_atom = potential.evaluate(crystal)[0] / len(crystal)
    layers = 2
    while np.ptp(surface(crystal, facet, layers).positions[:, 2]) < THICKNESS:
        layers += 1
    slab = surface(crystal, facet, layers, vacuum=5.0)
    slab.pbc = (True, True, False)
    relaxed = potential.relax(slab, RELAXATION)
    excess = potential.evaluate(relaxed)[0] - len(slab) * per_atom
    area = np.linalg.norm(np.cross(*slab.cell[:2]))
    return float(excess / (2 * area) * 1e20 / units.kJ * 1e3)


def phases(label: Label) -> dict[str, list[Atoms]]:
    """Return crystals at ten volumes around the minima that the label has."""
    (element,) = label.potential.elements
    return {
        name: [at_volume(label.equilibrium(atoms)[0], v) for v in VOLUMES]
        for name, atoms in elementary(element).items()
    }


def survival(potential: Label, ratio: float, seed: int = 1) -> dict[str, float]:
    """Return how 10 ps of dynamics went: 2 ps with a bath, then 8 ps without.

    Parameters
    ----------
    potential : Label
        The potential.
    ratio : float
        Temperature of the bath over that of melting.
    seed : int
        Of velocities and bath.

    Returns
    -------
    found : dict
        ``ps`` survived, to the first pair below 0.7 of the distance of neighbors;
        ``closest`` pair over that distance; ``drift`` of the energy without the bath
        (meV/atom/ps), not a number if there was none.
    """
    crystal = crystal_of(potential)
    atoms = crystal.repeat(round((54 / len(crystal)) ** (1 / 3)))
    bath_K = ratio * potential.potential.melting_K
    potential.load(atoms)
    lmp = potential.lmp
    lmp.commands_list(
        [
            f'timestep {TIMESTEP}',
            f'velocity all create {2 * bath_K} {seed}',
            'fix move all nve',
            f'fix bath all langevin {bath_K} {bath_K} 0.1 {seed}',
        ]
    )
    closest, energies, done = np.inf, [], 0
    while done < BATH_STEPS + STEPS and closest >= CLOSEST:
        if done == BATH_STEPS:
            lmp.command('unfix bath')
            lmp.command('run 0 post no')
            energies.append(lmp.get_thermo('etotal'))
        closest = min(closest, closest_after(potential, atoms))
        done += CHUNK
    drift = np.nan
    if energies and closest >= CLOSEST:
        change = lmp.get_thermo('etotal') - energies[0]
        drift = 1e3 * change / len(atoms) / (STEPS * TIMESTEP)
    return {'ps': done * TIMESTEP, 'closest': float(closest), 'drift': float(drift)}


def closest_after(potential: Label, atoms: Atoms) -> float:
    """Return the closest pair after some more steps, 0 if LAMMPS has lost atoms.

    Over the distance of neighbors. The atoms are those of LAMMPS, in a cubic cell.
    """
    try:
        potential.lmp.command(f'run {CHUNK} post no')
    except Exception as error:  # LAMMPS raises no other
        if not LOST.search(str(error)):
            raise
        return 0.0
    x_nc = np.array(potential.lmp.gather_atoms('x', 1, 3)).reshape(-1, 3)
    if not np.isfinite(x_nc).all():
        return 0.0
    atoms.positions = x_nc
    atoms.wrap()
    return shortest(atoms) / potential.potential.neighbor
