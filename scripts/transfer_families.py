"""Test families: kinds of configurations that no training set is made from.

Crystals under pressure and strain, hot, with defects and surfaces; liquids; clusters.
Two elements have antisites, partial order, layers of each and solutions besides.
They follow from a label and a fixed seed, so that all sets are judged by the same ones.
"""

import zlib

import numpy as np
from ase import Atoms
from ase.build import surface
from transfer_crystals import at_volume, elementary, ordered, strained
from transfer_labels import Label

__all__ = ['make_families']

VOLUMES = (0.75, 1.4)  # of equations of state, over that of the minimum
LARGE = 54  # atoms of supercells, about
FACETS = ((1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 1, 0))


class Families:
    """Makers of the test families of a label, one method for each.

    Parameters
    ----------
    label : Label
        The potential.
    quick : bool
        Few and small ones.
    """

    def __init__(self, label: Label, quick: bool = False) -> None:
        self.label, self.quick = label, quick
        self.melting_K = label.potential.melting_K
        self.frames = 4 if quick else 24
        self.large = 16 if quick else LARGE
        self.steps = 100 if quick else 500  # of 1 fs
        elements = list(label.potential.elements)
        self.rng = np.random.default_rng(0)
        if len(elements) == 1:
            known = elementary(elements[0])
            grounds = [label.potential.elements[elements[0]]]
        else:
            known = ordered(*elements)
            for element, ground in label.potential.elements.items():
                known[f'{ground} {element}'] = elementary(element)[ground]
            grounds = ['B2', f'L1_2 {elements[1]}{elements[0]}3']
        known = {name: label.equilibrium(atoms)[0] for name, atoms in known.items()}
        self.crystals = [known.pop(name) for name in grounds]  # of the ground state
        self.others = known

    def make(self) -> dict[str, list[Atoms]]:
        """Return all families, by name."""
        families = {}
        makers = [self.eos, self.prototypes, self.strains, self.rattles, self.defects]
        makers += [self.slabs, self.solid, self.liquid, self.hot_dense, self.clusters]
        if len(self.label.potential.elements) > 1:
            makers += [self.antisites, self.ordering, self.layers, self.solutions]
        for maker in makers:
            name = maker.__name__
            self.rng = np.random.default_rng(zlib.crc32(name.encode()))
            families[name] = maker()
        return families

    def eos(self) -> list[Atoms]:
        """Return the ground state at many volumes."""
        count = max(2, 27 // len(self.crystals) // (6 if self.quick else 1))
        return [
            at_volume(atoms, volume)
            for atoms in self.crystals
            for volume in np.linspace(*VOLUMES, count)
        ]

    def prototypes(self) -> list[Atoms]:
        """Return other crystals at many volumes, each around its own minimum."""
        return [
            at_volume(atoms, volume)
            for atoms in self.others.values()
            for volume in np.linspace(*VOLUMES, 2 if self.quick else 10)
        ]

    def strains(self) -> list[Atoms]:
        """Return the ground state under random strains, of up to some 10 %."""
        found = []
        for atoms in self.several(self.crystals):
            strain = self.rng.normal(0.0, self.rng.uniform(0.01, 0.08), (3, 3))
            found.append(strained(atoms, (strain + strain.T) / 2))
        return found

    def rattles(self) -> list[Atoms]:
        """Return supercells displaced by 0.03 to 0.3 A (rms), at random or in waves."""
        found = []
        for m, atoms in enumerate(self.several(self.supercells())):
            size = self.rng.uniform(0.03, 0.3)
            shift_nc = self.rng.normal(0.0, 1.0, atoms.positions.shape)
            if m % 2:  # a frozen wave of the supercell
                wave = self.rng.integers(-2, 3, 3)
                phase_n = 2 * np.pi * atoms.get_scaled_positions() @ wave
                shift_nc = np.cos(phase_n + 1.0)[:, None] * self.rng.normal(0, 1, 3)
            length = np.sqrt((shift_nc**2).sum(axis=1).mean())
            atoms.positions += size * shift_nc / length
            found.append(atoms)
        return found

    def defects(self) -> list[Atoms]:
        """Return vacancies, pairs of them, and dumbbells, more or less relaxed."""
        found = []
        for m, atoms in enumerate(self.several(self.supercells())):
            if m % 4 < 2:
                order = np.argsort(atoms.get_distances(0, range(len(atoms)), mic=True))
                near = self.rng.choice(order[1:9])
                del atoms[[0] if m % 4 == 0 else [0, near]]
            else:
                axis = np.array([(0, 0, 1), (0, 1, 1), (1, 1, 1)][m // 4 % 3])
                half = 0.4 * self.label.potential.neighbor * axis / np.linalg.norm(axis)
                extra = Atoms([self.rng.choice(atoms.symbols)], [atoms.positions[0]])
                extra.positions += half
                atoms.positions[0] -= half
                atoms += extra
            found.append(self.settle(atoms, [2, 10, 50][m % 3]))
        return found

    def slabs(self) -> list[Atoms]:
        """Return surfaces (100), (110), (111) and (210), rattled."""
        found = []
        for m, atoms in enumerate(self.several(self.crystals, 1.5)):
            for layers in range(2, 9):
                slab = surface(atoms, FACETS[m % 4], layers, vacuum=5.0)
                if np.ptp(slab.positions[:, 2]) > 3.5 * self.label.potential.neighbor:
                    break
            while len(slab) < self.large / 3:
                slab *= (2, 1, 1) if slab.cell.lengths()[0] < 5 else (1, 2, 1)
            size = self.rng.uniform(0.0, 0.15)
            slab.positions += self.rng.normal(0.0, size, slab.positions.shape)
            slab.pbc = (True, True, False)
            found.append(slab)
        return found

    def solid(self) -> list[Atoms]:
        """Return crystals from 0.08 to 0.95 of the melting temperature."""
        found = []
        cells = self.several(self.supercells(), 1 / 4)
        fractions = np.linspace(0.08, 0.95, len(cells))
        for atoms, fraction in zip(cells, fractions, strict=True):
            atoms = at_volume(atoms, self.rng.uniform(0.97, 1.08))
            found += self.heat(atoms, [fraction] * 5)[1:]
        return found

    def liquid(self) -> list[Atoms]:
        """Return liquids of 0.85 to 1 of the density, at 1.1 to 1.8 of T melting."""
        found = []
        for atoms in self.several(self.supercells(), 1 / 4):
            atoms = at_volume(atoms, 1 / self.rng.uniform(0.85, 1.0))
            found += self.heat(atoms, [3.0, 3.0, *self.rng.uniform(1.1, 1.8, 4)])[2:]
        return found

    def hot_dense(self) -> list[Atoms]:
        """Return dense liquids, of W at 0.88 and 0.92 a; at 1.5 to 2.7 of T melting."""
        found = []
        for m, atoms in enumerate(self.several(self.supercells(), 1 / 4)):
            atoms = at_volume(atoms, self.label.potential.dense[m % 2] ** 3)
            hot = 2.7  # 10,000 K for tungsten
            found += self.heat(atoms, [hot, hot, 1.5, 2.0, hot, hot])[2:]
        return found

    def clusters(self) -> list[Atoms]:
        """Return balls of 4 to 40 atoms, some of them hot."""
        found = []
        for m, atoms in enumerate(self.several(self.crystals, 1.5)):
            block = atoms.repeat(5)
            center = block.cell.sum(axis=0) / 2 + self.rng.uniform(-2, 2, 3)
            order = np.argsort(np.linalg.norm(block.positions - center, axis=1))
            size = self.rng.integers(4, self.large * 3 // 4)
            ball = Atoms(block.symbols[order[:size]], block.positions[order[:size]])
            ball.positions += self.rng.normal(0.0, 0.1, ball.positions.shape)
            found += self.heat(ball, [0.5], 200) if m % 2 else [ball]
        return found

    def antisites(self) -> list[Atoms]:
        """Return crystals with one to three antisites, more or less relaxed."""
        found = []
        for m, atoms in enumerate(self.several(self.supercells())):
            wrong = self.rng.choice(len(atoms), 1 + m // 4 % 3, replace=False)
            if m % 4 < 2:  # an exchange keeps the composition
                unlike = atoms.numbers != atoms.numbers[wrong[0]]
                wrong = [wrong[0], self.rng.choice(np.flatnonzero(unlike))]
            first, second = self.label.elements
            for n in wrong:
                atoms.symbols[n] = second if atoms.symbols[n] == first else first
            found.append(self.settle(atoms, [2, 10, 50][m % 3]))
        return found

    def ordering(self) -> list[Atoms]:
        """Return crystals in which more and more atoms are exchanged."""
        found = []
        cells = self.several(self.supercells())
        for atoms, share in zip(cells, np.linspace(0.1, 1.0, len(cells)), strict=True):
            loose = self.rng.random(len(atoms)) < share
            atoms.symbols[loose] = self.rng.permutation(atoms.symbols[loose])
            atoms = at_volume(atoms, self.rng.uniform(0.9, 1.15))
            found.append(self.settle(atoms, 5))
        return found

    def layers(self) -> list[Atoms]:
        """Return one element beside the other on one lattice, more or less relaxed."""
        first, second = self.label.elements
        found = []
        for m, atoms in enumerate(self.several(self.supercells())):
            z_n = atoms.get_scaled_positions()[:, m // 2 % 3]
            border = self.rng.uniform(0.3, 0.7)
            atoms.symbols = np.where(z_n + 1e-6 < border, first, second)
            atoms = at_volume(atoms, self.rng.uniform(0.9, 1.15))
            found.append(self.settle(atoms, [2, 10, 50][m % 3]))
        return found

    def solutions(self) -> list[Atoms]:
        """Return random solutions on the lattices of the crystals, rattled."""
        found = []
        for atoms in self.several(self.supercells()):
            atoms = at_volume(atoms, self.rng.uniform(0.9, 1.15))
            share = self.rng.uniform(0.1, 0.9)
            atoms.symbols = self.rng.choice(
                self.label.elements, len(atoms), p=[share, 1 - share]
            )
            size = self.rng.uniform(0.02, 0.15)
            atoms.positions += self.rng.normal(0.0, size, atoms.positions.shape)
            found.append(atoms)
        return found

    def several(self, structures: list[Atoms], factor: float = 1.0) -> list[Atoms]:
        """Return copies of structures in turn, as many as a family has."""
        count = max(1, round(factor * self.frames))
        return [structures[m % len(structures)].copy() for m in range(count)]

    def supercells(self) -> list[Atoms]:
        """Return about cubic supercells of the ground state."""
        repeats = [
            round((self.large / len(atoms)) ** (1 / 3)) for atoms in self.crystals
        ]
        return [
            a.repeat(max(1, n)) for a, n in zip(self.crystals, repeats, strict=True)
        ]

    def settle(self, atoms: Atoms, steps: int) -> Atoms:
        """Return the atoms after some steps of relaxation, rattled by 0.04 A."""
        atoms = self.label.relax(atoms, steps)
        atoms.positions += self.rng.normal(0.0, 0.04, atoms.positions.shape)
        return atoms

    def heat(self, atoms: Atoms, fractions, steps: int | None = None) -> list[Atoms]:
        """Return the atoms after some time at each of the fractions of T melting."""
        temperatures_K = [fraction * self.melting_K for fraction in fractions]
        seed = int(self.rng.integers(1, 10**8))
        return self.label.dynamics(atoms, temperatures_K, steps or self.steps, seed)


def make_families(label: Label, quick: bool = False) -> dict[str, list[Atoms]]:
    """Return the test families of a label, by name."""
    return Families(label, quick).make()
