"""Cells for programs that know periodic ones only."""

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from ase_entropy import checks
from ase_entropy.pairs import shortest_distance

__all__ = ['VACUUM', 'fully_periodic', 'periodic_with_labels', 'right_handed']

VACUUM = 12.0  # Angstrom, beyond the reach of most potentials


def fully_periodic(atoms: Atoms, vacuum: float = VACUUM) -> Atoms:
    """Return the same atoms in a cell that is periodic in all directions.

    Along directions that are not periodic, the atoms and their images are apart by at
    least `vacuum`: a cell that has as much is kept, another one gets a new vector,
    perpendicular to the others. Atoms are centered there. So the shortest pair of the
    result, images included, is that of the atoms.

    Parameters
    ----------
    atoms : Atoms
        A crystal, slab, wire or cluster.
    vacuum : float
        Distance (Angstrom) between images along directions that are not periodic.

    Raises
    ------
    ValueError
        A vacuum so thin that images come closer than the shortest pair, or periodic
        directions that span no lattice.

    Examples
    --------
    >>> dimer = fully_periodic(Atoms('W2', [(0, 0, 0), (0, 0, 2.5)]), vacuum=10.0)
    >>> dimer.cell.lengths()
    array([10. , 10. , 12.5])
    """
    checks.real('vacuum', vacuum, above=0.0)
    if atoms.pbc.all():
        return atoms.copy()
    periodic = atoms.pbc.copy()
    checks.lattice(atoms)  # or an error
    new = atoms.copy()
    cell_cc = atoms.cell[:].copy()
    for c in np.flatnonzero(~periodic):
        cell_cc[c] = _long_enough(cell_cc, c, periodic, atoms.positions, vacuum)
        periodic[c] = True
    new.set_cell(cell_cc)
    for c in np.flatnonzero(~atoms.pbc):
        new.center(axis=int(c))
    new.pbc = True
    shortest = shortest_distance(atoms)
    if (
        shortest_distance(new) < min(shortest, vacuum) - 1e-6
        or vacuum < shortest < np.inf
    ):
        raise ValueError(
            f'vacuum={vacuum}: images would be closer than the shortest pair, '
            f'{shortest:.4g} Angstrom, expected more'
        )
    return new


def periodic_with_labels(atoms: Atoms, vacuum: float = VACUUM) -> Atoms:
    r"""Return the same atoms in a cell that is periodic, with their labels.

    Energy and forces are what they were, and so is the virial:

    .. math:: \sigma' = \frac{V}{V'} \sigma

    with the volumes V of the cell and V' of the one with vacuum.

    Parameters
    ----------
    atoms, vacuum
        As in :func:`fully_periodic`; results of a calculator are the labels.

    Raises
    ------
    ValueError
        As raised by :func:`fully_periodic`; a stress in a cell without volume.

    Examples
    --------
    >>> atoms = Atoms('W', cell=(4, 4, 4), pbc=(True, True, False))
    >>> atoms.calc = SinglePointCalculator(atoms, stress=np.full(6, 0.3))
    >>> periodic_with_labels(atoms, vacuum=12.0).get_stress()
    array([0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    """
    labels = dict(atoms.calc.results) if atoms.calc else {}
    if 'stress' in labels and atoms.cell.rank < 3:
        raise ValueError('it has a stress and a cell without volume')
    new = fully_periodic(atoms, vacuum)
    if 'stress' in labels:
        labels['stress'] = labels['stress'] * (atoms.cell.volume / new.cell.volume)
    new.calc = SinglePointCalculator(new, **labels) if labels else None
    return new


def _long_enough(
    cell_cc: np.ndarray,
    c: int,
    known: np.ndarray,
    positions_nc: np.ndarray,
    vacuum: float,
) -> np.ndarray:
    """Return a vector along direction c that leaves a vacuum between the images."""
    normal = _normal(cell_cc, c, known)
    extent = float(np.ptp(positions_nc @ normal))
    if abs(cell_cc[c] @ normal) >= extent + vacuum:
        return cell_cc[c]
    return normal * (extent + vacuum)


def _normal(cell_cc: np.ndarray, c: int, known: np.ndarray) -> np.ndarray:
    """Return a unit vector perpendicular to the known vectors, near vector c."""
    guesses = [cell_cc[c], *np.roll(np.eye(3), -c, axis=0)]
    span, _ = np.linalg.qr(cell_cc[known].T)
    for guess in guesses:
        rest = guess - span @ (span.T @ guess)
        length = np.linalg.norm(rest)
        if length > 1e-3 * max(1e-9, np.linalg.norm(guess)):
            return rest / length
    raise AssertionError('three unit vectors lie in no plane')


def right_handed(atoms: Atoms) -> np.ndarray:
    """Return three vectors that form a right-handed system and span the same lattice.

    FitSNAP and VASP refuse left-handed ones: these are turned around, all three.

    Raises
    ------
    ValueError
        A cell without volume.

    Examples
    --------
    >>> right_handed(Atoms('W', cell=[[0, 2, 0], [2, 0, 0], [0, 0, 2]])).tolist()
    [[-0.0, -2.0, -0.0], [-2.0, -0.0, -0.0], [-0.0, -0.0, -2.0]]
    """
    if np.linalg.matrix_rank(atoms.cell[:]) < 3:
        raise ValueError(
            f'cell={atoms.cell.tolist()}: expected three vectors that span a volume'
        )
    return atoms.cell.handedness * atoms.cell[:]
