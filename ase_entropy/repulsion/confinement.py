"""A wall that keeps slabs, wires and clusters together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.statistics import fixed

__all__ = ['Confinement']

WIDTH = 0.3  # Angstrom


@dataclass(frozen=True)
class Confinement:
    r"""Smooth wall around atoms, along the directions that are not periodic.

    .. math::

        E = \epsilon \sum_i \Big(\frac{u_i - R}{w}\Big)^3
            \Theta(u_i - R), \qquad
        u_i = |\mathbf P (\mathbf r_i - \mathbf c)|

    P projects on the directions that are not periodic: the wall is two planes for a
    slab, a cylinder for a wire, a sphere for a cluster. Without it, the entropy drives
    atoms apart until none has a neighbor. The wall stands still where a cell is
    strained; forces are those of a field, and do not add up to zero.

    Parameters
    ----------
    center : sequence of float
        Point c (Angstrom) in the middle.
    normals_xc : sequence of vectors
        Orthonormal directions that are not periodic, one to three.
    radius : float
        Distance R (Angstrom) at which the wall begins.
    width : float
        Depth w (Angstrom) at which an atom in the wall has the energy epsilon.
    epsilon : float
        Energy (eV).

    Raises
    ------
    ValueError
        Numbers that are not finite, directions that are not orthonormal, a radius,
        width or energy that is not positive.

    Examples
    --------
    >>> wall = Confinement.around(Atoms('W2', [(0, 0, 0), (0, 0, 2.5)]), margin=1.0)
    >>> wall.radius, len(wall.normals_xc)
    (2.25, 3)
    >>> energy, forces_nc, _ = wall.evaluate(np.array([[0, 0, 1.25], [0, 0, 3.8]]))
    >>> round(energy, 9), forces_nc[1].round(9).tolist()
    (1.0, [-0.0, -0.0, -10.0])
    """

    center: Sequence[float]
    normals_xc: Sequence[Sequence[float]]
    radius: float
    width: float = WIDTH
    epsilon: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, 'center', fixed('center', self.center, 1))
        object.__setattr__(self, 'normals_xc', fixed('normals_xc', self.normals_xc, 2))
        normals_xc = np.array(self.normals_xc)
        good = len(self.center) == 3 and normals_xc.shape[1] == 3
        if not (
            good and np.allclose(normals_xc @ normals_xc.T, np.eye(len(normals_xc)))
        ):
            raise ValueError(
                f'center={self.center}, normals_xc={self.normals_xc}: expected a point '
                'and one to three orthonormal vectors'
            )
        for name in ('radius', 'width', 'epsilon'):
            checks.real(name, getattr(self, name), above=0.0)

    @classmethod
    def around(cls, atoms: Atoms, margin: float = 1.0) -> 'Confinement | None':
        """Return the wall at a margin around atoms; None if they are all periodic.

        Parameters
        ----------
        atoms : Atoms
            A slab, wire or cluster.
        margin : float
            Distance (Angstrom) from the outermost atom to the wall; no wall if inf.

        Raises
        ------
        ValueError
            A margin that is not positive.
        """
        if atoms.pbc.all() or margin == np.inf:
            return None
        checks.real('margin', margin, above=0.0)
        if not len(atoms):
            raise ValueError('atoms holds none: expected some')
        if not np.isfinite(atoms.positions).all():
            raise ValueError('atoms.positions: expected finite numbers')
        normals_xc = _normals(atoms)
        x_nx = atoms.positions @ normals_xc.T
        middle_x = 0.5 * (x_nx.min(axis=0) + x_nx.max(axis=0))
        radius = np.linalg.norm(x_nx - middle_x, axis=1).max() + margin
        return cls(middle_x @ normals_xc, normals_xc, float(radius))

    def evaluate(
        self, positions_nc: np.ndarray
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Return energy (eV), forces (eV/Angstrom) and derivative by strain (eV).

        Parameters
        ----------
        positions_nc : (n, 3) float array
            Positions (Angstrom).

        Returns
        -------
        energy : float
        forces_nc : (n, 3) float array
        virial_cc : (3, 3) float array
            For the symmetric part of a strain that moves the atoms and not the wall.
        """
        normals_xc = np.array(self.normals_xc)
        u_nc = (positions_nc - self.center) @ normals_xc.T @ normals_xc
        u_n = np.linalg.norm(u_nc, axis=1)
        depth_n = np.maximum(0.0, u_n - self.radius) / self.width
        slope_n = 3.0 * self.epsilon * depth_n**2 / self.width
        forces_nc = -u_nc * (slope_n / np.maximum(u_n, self.radius))[:, None]
        virial_cc = -positions_nc.T @ forces_nc
        energy = float(self.epsilon * np.sum(depth_n**3))
        return energy, forces_nc, 0.5 * (virial_cc + virial_cc.T)


def _normals(atoms: Atoms) -> np.ndarray:
    """Return orthonormal directions perpendicular to all periodic vectors."""
    vectors_xc = checks.lattice(atoms)
    span, _ = np.linalg.qr(np.column_stack([vectors_xc.T, np.eye(3)]))
    return span[:, len(vectors_xc) :].T
