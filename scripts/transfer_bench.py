"""Sets of configurations as labels and design matrices, kept in a folder.

with Bench('W', 'transfer') as bench:
    design = bench.design(frames)
    coefficients = fit(triangle(design.choose(chosen)))
    for family, test in bench.families().items():
        print(family, errors(test, coefficients))
"""

import hashlib
import os
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read, write
from transfer_families import make_families
from transfer_labels import POTENTIALS, Label
from transfer_student import Design, Student

from ase_entropy.sets import read_configurations

__all__ = [
    'Bench',
    'frame_key',
    'key_of',
    'read_frames',
    'write_arrays',
    'write_whole',
]

HERE = Path(__file__).parent
ABSURD = 50.0  # eV per atom above the ground state
HANDCRAFTED = 300


def key_of(*parts: bytes | str) -> str:
    """Return a short name for contents."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b'|')
    return digest.hexdigest()[:16]


def frame_key(atoms: Atoms) -> str:
    """Return a short name for the atoms, their places and their cell."""
    lengths = np.round(np.concatenate([atoms.cell[:], atoms.positions]), 6) + 0.0
    return key_of(
        atoms.numbers.astype(int).tobytes(), lengths.tobytes(), str(atoms.pbc)
    )


def read_frames(name: str, elements) -> list[Atoms]:
    """Return the configurations of a set, without results.

    Raises
    ------
    ValueError
        A set that cannot be read, or that has other elements.
    """
    frames = []
    for atoms, *_ in read_configurations(name):
        if others := sorted(set(atoms.symbols) - set(elements)):
            raise ValueError(
                f'{name} has {", ".join(others)}: expected {", ".join(elements)}'
            )
        frames.append(
            Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
        )
    return frames


class Bench:
    """A label and a student, with a folder that keeps what they computed.

    The student is a SNAP potential, until another one is put into its place.

    Files there are named by their contents: what the frames are, and the source of the
    modules that made them. A folder serves any number of sets and runs.

    Parameters
    ----------
    name : str
        One of :data:`POTENTIALS`.
    folder : str or Path
        Made if it is not there.
    """

    def __init__(self, name: str, folder: str | Path) -> None:
        self.name, self.cache = name, Path(folder) / 'cache'
        self.cache.mkdir(parents=True, exist_ok=True)
        self.label = Label(name)
        self.student = Student(POTENTIALS[name])

    def __enter__(self) -> 'Bench':
        return self

    def __exit__(self, *exception) -> None:
        self.label.lmp.close()
        self.student.close()

    def labels(self, frames: list[Atoms]) -> dict[str, np.ndarray]:
        """Return ``e_m``, ``dE_m`` (eV per atom) and ``f_x`` (eV/A) of the frames."""
        return self._kept('labels', ('transfer_labels',), frames, self._label)

    def design(self, frames: list[Atoms]) -> Design:
        """Return labels and design matrix of the frames."""
        modules = ('transfer_labels', type(self.student).__module__)
        rows = self._kept('rows', modules, frames, self._rows, self.student.key)
        n_m = np.array([len(atoms) for atoms in frames], int)
        return Design(n_m=n_m, **self.labels(frames), **rows)

    def usable(self, frames: list[Atoms]) -> np.ndarray:
        """Return which frames have finite labels, below 50 eV per atom, as numbers."""
        labels = self.labels(frames)
        ends = np.cumsum([3 * len(atoms) for atoms in frames])[:-1]
        finite = [np.isfinite(f_x).all() for f_x in np.split(labels['f_x'], ends)]
        # not a number is not below anything
        return np.flatnonzero((labels['dE_m'] < ABSURD) & np.array(finite))

    def families(
        self, quick: bool = False, handcrafted: str | None = None
    ) -> dict[str, list[Atoms]]:
        """Return the test families, by name; with some of a set that is given."""
        modules = 'transfer_labels', 'transfer_crystals', 'transfer_families'
        key = self._key(modules, str(quick))
        path = self.cache / f'families-{key}.extxyz'
        if not path.exists():
            frames = []
            for name, members in make_families(self.label, quick).items():
                for atoms in members:
                    atoms.info = {'group': name}
                    frames.append(atoms)
            write_whole(path, lambda new: write(new, frames, format='extxyz'))
        families = {}
        for atoms in read(path, ':'):
            families.setdefault(atoms.info['group'], []).append(atoms)
        if handcrafted is not None:
            frames = read_frames(handcrafted, self.label.elements)
            rng = np.random.default_rng(0)
            few = rng.permutation(self.usable(frames))[: 12 if quick else HANDCRAFTED]
            families['handcrafted'] = [frames[m] for m in sorted(few)]
        return families

    def _label(self, frames: list[Atoms]) -> dict[str, np.ndarray]:
        e_m, dE_m, f_x = [], [], [np.empty(0)]
        for atoms in frames:
            energy, f_nc = self.label.evaluate(atoms)
            e_m.append(energy / len(atoms))
            dE_m.append(self.label.above_ground(atoms, e_m[-1]))
            f_x.append(f_nc.ravel())
        return dict(e_m=np.array(e_m), dE_m=np.array(dE_m), f_x=np.concatenate(f_x))

    def _rows(self, frames: list[Atoms]) -> dict[str, np.ndarray]:
        rows = [self.student.rows(atoms) for atoms in frames]
        E_mk, F_xk = zip(*rows, strict=True)
        return dict(E_mk=np.array(E_mk), F_xk=np.concatenate(F_xk))

    def _kept(self, kind, modules, frames, compute, *more: str) -> dict:
        key = self._key(modules, *map(frame_key, frames), *more)
        path = self.cache / f'{kind}-{key}.npz'
        if not path.exists():
            write_arrays(path, **compute(frames))
        with np.load(path) as arrays:
            return dict(arrays)

    def _key(self, modules, *parts: str) -> str:
        sources = [(HERE / f'{module}.py').read_bytes() for module in modules]
        return key_of(self.name, *sources, *parts)


def write_arrays(path: Path, **arrays) -> None:
    """Write arrays as a file of numpy, whole."""

    def save(new: Path) -> None:
        with open(new, 'wb') as file:
            np.savez(file, **arrays)

    write_whole(path, save)


def write_whole(path: Path, save) -> None:
    """Write a file under another name, then rename it."""
    new = path.with_name(f'{path.name}.{os.getpid()}')
    save(new)
    new.replace(path)
