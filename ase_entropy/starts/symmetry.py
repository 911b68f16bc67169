"""Space groups: their operations, lattices, orbits of points, and primitive cells."""

from functools import cache
from itertools import combinations, product
from types import ModuleType

import numpy as np
from ase import Atoms

__all__ = [
    'GROUPS',
    'crystal',
    'move_to_site',
    'operations',
    'orbit',
    'primitive_cell',
    'symmetric_cell',
]

GROUPS = 230
SAME = 1e-6  # of a period: images of a point that are one
ROUNDS = 6  # of averaging a point over the operations that leave it nearby


@cache
def operations(group: int) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the operations of a space group, :math:`x' = R x + t`.

    In fractional coordinates of the conventional cell, in the first of the settings of
    the International Tables, translations by centering included.

    Returns
    -------
    rotations : (o, 3, 3) int array
    translations : (o, 3) float array

    Examples
    --------
    >>> len(operations(225)[0])  # 48 rotations, face-centered
    192
    """
    symmetry = _spglib().get_symmetry_from_database(_hall_numbers()[group])
    return symmetry['rotations'], symmetry['translations']


@cache
def _hall_numbers() -> dict[int, int]:
    """Return the number of the first setting of each space group."""
    spglib, first = _spglib(), {}
    for hall in range(1, 531):
        first.setdefault(spglib.get_spacegroup_type(hall).number, hall)
    return first


def _spglib() -> ModuleType:
    try:
        import spglib
    except ImportError as error:
        raise ValueError(
            f'crystals need a package more: pip install spglib ({error})'
        ) from error
    return spglib


def symmetric_cell(group: int, cell_cc: np.ndarray) -> np.ndarray:
    r"""Return a cell that has the symmetry of a group, of the volume of another one.

    Its metric tensor is the average over the rotations,

    .. math:: G = \frac1o \sum_R R^T G_0 R.

    Examples
    --------
    >>> symmetric_cell(225, np.diag([1.0, 2.0, 4.0])).round(9)
    array([[2., 0., 0.],
           [0., 2., 0.],
           [0., 0., 2.]])
    """
    rotations = operations(group)[0].astype(float)
    metric = np.einsum('oba,bc,ocd->ad', rotations, cell_cc @ cell_cc.T, rotations)
    symmetric = np.linalg.cholesky(metric / len(rotations))
    scale = abs(np.linalg.det(cell_cc) / np.linalg.det(symmetric)) ** (1 / 3)
    return scale * symmetric


def orbit(group: int, point: np.ndarray) -> np.ndarray:
    """Return the different images of a point in the conventional cell, (m, 3).

    Examples
    --------
    >>> len(orbit(227, np.zeros(3))), len(orbit(227, np.array([0.1, 0.23, 0.37])))
    (8, 192)
    """
    rotations, translations = operations(group)
    return _different(rotations @ point + translations)


def _different(points_mc: np.ndarray) -> np.ndarray:
    """Return the points that are different modulo whole numbers, the first of each."""
    apart_mmc = points_mc[:, None] - points_mc
    apart_mmc -= np.round(apart_mmc)
    same_mm = (np.abs(apart_mmc) < SAME).all(axis=2)
    return points_mc[same_mm.argmax(axis=1) == np.arange(len(points_mc))]


def move_to_site(
    group: int, cell_cc: np.ndarray, point: np.ndarray, reach: float
) -> np.ndarray | None:
    """Return a point on which its images within reach fall together.

    The point is the average of these images, again and again until they are one.

    Parameters
    ----------
    group : int
        Number of the space group.
    cell_cc : (3, 3) float array
        Conventional cell (Angstrom).
    point : (3,) float array
        Fractional coordinates.
    reach : float
        Distance (Angstrom).

    Returns
    -------
    (3,) float array or None
        None if there is no such point nearby.

    Examples
    --------
    >>> near = np.array([0.02, -0.01, 0.03])
    >>> move_to_site(225, 4.0 * np.eye(3), near, reach=1.0).round(9) + 0.0
    array([0., 0., 0.])
    """
    rotations, translations = operations(group)
    for _ in range(ROUNDS):
        moves_oc = rotations @ point + translations - point
        moves_oc -= np.round(moves_oc)
        near_o = np.linalg.norm(moves_oc @ cell_cc, axis=1) < reach
        if np.abs(moves_oc[near_o]).max() < 0.01 * SAME:
            return point
        point = point + moves_oc[near_o].mean(axis=0)
    return None


@cache
def _centering(group: int) -> np.ndarray:
    """Return the translations of a group by less than a period, (t, 3)."""
    rotations, translations = operations(group)
    return translations[(rotations == np.eye(3, dtype=int)).all(axis=(1, 2))]


def primitive_cell(group: int, cell_cc: np.ndarray) -> np.ndarray:
    """Return the shortest vectors of the lattice of a group, (3, 3) (Angstrom).

    Examples
    --------
    >>> round(float(np.linalg.det(primitive_cell(225, 4.0 * np.eye(3)))), 9)
    16.0
    """
    shifts = np.array(list(product((-1, 0, 1), repeat=3)))
    vectors_xc = (_centering(group)[:, None] + shifts).reshape(-1, 3) @ cell_cc
    lengths_x = np.linalg.norm(vectors_xc, axis=1).round(9)
    shortest_xc = vectors_xc[np.argsort(lengths_x, kind='stable')][1:]  # without 0
    volume = np.linalg.det(cell_cc) / len(_centering(group))
    for three in combinations(range(len(shortest_xc)), 3):
        primitive_cc = shortest_xc[list(three)]
        found = np.linalg.det(primitive_cc)
        if abs(abs(found) - volume) < SAME * volume:
            return primitive_cc if found > 0 else -primitive_cc
    raise AssertionError('a lattice has a primitive cell')


def crystal(
    group: int, cell_cc: np.ndarray, sites: list[tuple[str, np.ndarray]]
) -> Atoms:
    """Return the primitive cell of a crystal.

    Parameters
    ----------
    group : int
        Number of the space group.
    cell_cc : (3, 3) float array
        Conventional cell (Angstrom).
    sites : list of (str, (3,) float array)
        Elements, and fractional coordinates of one atom of each orbit.

    Examples
    --------
    >>> salt = crystal(
    ...     225, 5.64 * np.eye(3), [('Na', np.zeros(3)), ('Cl', np.full(3, 0.5))]
    ... )
    >>> salt.get_chemical_formula(), salt.get_distance(0, 1, mic=True).round(9)
    ('ClNa', np.float64(2.82))
    """
    atoms = Atoms(cell=primitive_cell(group, cell_cc), pbc=True)
    for symbol, point in sites:
        images_mc = orbit(group, np.asarray(point, float)) @ cell_cc
        fractions_mc = _different(images_mc @ np.linalg.inv(atoms.cell[:]))
        fractions_mc -= np.floor(fractions_mc + SAME)
        atoms += Atoms([symbol] * len(fractions_mc), fractions_mc @ atoms.cell[:])
    return atoms
