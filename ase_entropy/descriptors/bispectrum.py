"""SNAP bispectrum components with exact derivatives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy import checks, chemistry
from ase_entropy._kernels.bispectrum import backward, forward, new_density, workspace
from ase_entropy._kernels.bispectrum3 import ELEMENTS
from ase_entropy._kernels.lanes import LANES, count_octets, pack
from ase_entropy.chemistry import Sizes
from ase_entropy.descriptors import elements, wigner
from ase_entropy.pairs import Pairs

__all__ = ['Bispectrum']


@dataclass(frozen=True)
class Bispectrum:
    r"""Bispectrum components of the neighbor density on the 3-sphere.

    .. math::

        B_{j_1 j_2 j} = \mathrm{Re} \sum_{m'm} (U^j_{m'm})^*
        \sum C^{jm}_{j_1 m_1 j_2 m_2} C^{jm'}_{j_1 m'_1 j_2 m'_2}
        U^{j_1}_{m'_1 m_1} U^{j_2}_{m'_2 m_2}, \qquad
        U^j = 1 + \sum_p w_p f_c(r_p)\, U^j(\theta_0(r_p), \hat{\mathbf r}_p)

    with :math:`\theta_0 = \mathtt{rfac0}\,\pi x`, :math:`f_c = (\cos \pi x + 1)/2` and
    :math:`x = (r - r_\mathrm{min0})/(r_c - r_\mathrm{min0})`. As LAMMPS' ``sna/atom``,
    in the same order: (0,0,0) (1,0,1) (1,1,2) (2,0,2) (2,1,3) (2,2,2) ..., doubled.

    Several elements differ by the weights w of neighbors and by their radii R, with
    :math:`r_c = \mathtt{cutoff}\,(R_i + R_j)`; with `chemflag` each element also has a
    density U of its own, and there are components for every choice of three of them.

    Parameters
    ----------
    cutoff : float
        r_c (Angstrom) for radii of 0.5. Not printed in the paper; 3.93 reproduces S
        and distances of its unbiased set.
    twojmax : int
        Largest doubled angular momentum, 0 to 8.
    components : int, optional
        How many of the components to keep, counted from the first. All by default.
    rfac0 : float
        Largest angle, as a fraction of pi.
    rmin0 : float
        Distance (Angstrom) where the angle is zero. Below it our angle is negative,
        where that of LAMMPS jumps by pi.
    species : sequence of str, optional
        The elements that the atoms may have. By default all, and they count alike.
    weights, radii : dict, optional
        Weight and radius of some of the `species`, by symbol; 1 and 0.5 for others.
    chemflag : bool
        A density for each of the `species`.
    bnormflag, wselfallflag, bzeroflag : bool
        As in LAMMPS: divide by j + 1; let an atom be part of the densities of all
        elements; subtract the value of a lone atom.

    Raises
    ------
    ValueError
        A parameter out of its range; atoms of an element other than `species`.

    References
    ----------
    .. [1] A. P. Bartok et al., Phys. Rev. Lett. 104, 136403 (2010).
    .. [2] A. P. Bartok, R. Kondor, G. Csanyi, Phys. Rev. B 87, 184115 (2013).
    .. [3] A. P. Thompson et al., J. Comput. Phys. 285, 316 (2015).

    Examples
    --------
    An isolated atom: U is the identity, so that B_{j 0 j} = j + 1.

    >>> Bispectrum(twojmax=2).create(Atoms('W')).round(12)
    array([[1., 2., 3., 3., 3.]])
    """

    cutoff: float = 3.93
    twojmax: int = 3
    components: int | None = None
    rfac0: float = 0.99363
    rmin0: float = 0.0
    species: Sequence[str] | None = None
    weights: dict[str, float] | None = None
    radii: dict[str, float] | None = None
    chemflag: bool = False
    bnormflag: bool = False
    wselfallflag: bool = False
    bzeroflag: bool = False

    def __post_init__(self) -> None:
        checks.real('cutoff', self.cutoff, above=0.0)
        checks.whole('twojmax', self.twojmax, least=0, most=8)
        if self.components is not None:
            most = len(wigner.triples(self.twojmax))
            checks.whole('components', self.components, least=1, most=most)
        checks.real('rfac0', self.rfac0, above=0.0, most=1.0)
        if self.species is not None:
            object.__setattr__(self, 'species', checks.symbols('species', self.species))
        for name in ('weights', 'radii'):
            elements.check_numbers(name, getattr(self, name), self.species)
        radius = elements.numbers(self.radii, 0.5, self.species).min()
        checks.real('rmin0', self.rmin0, least=0.0, below=2 * self.cutoff * radius)
        for name in ('chemflag', 'bnormflag', 'wselfallflag', 'bzeroflag'):
            checks.instance(name, getattr(self, name), bool)
        if self.chemflag and self.species is None:
            raise ValueError('chemflag=True: expected the elements, as species')

    @classmethod
    def of(cls, element: str | Sizes, **kwargs: Any) -> 'Bispectrum':
        """Return the bispectrum for atoms of these sizes.

        Cutoffs are to the distances of neighbors as 3.93 Angstrom to that in tungsten.
        Several elements have radii in proportion to their sizes.

        Parameters
        ----------
        element : str or Sizes
            An element, or the sizes of one or several.
        **kwargs
            Other parameters.

        Examples
        --------
        >>> round(Bispectrum.of('Al').cutoff, 3), Bispectrum.of('W') == Bispectrum()
        (4.113, True)
        >>> Bispectrum.of(Sizes(('Ni', 'Al')), components=6).radii
        {'Ni': 0.4345..., 'Al': 0.5}
        """
        cutoff, by_element = elements.lengths(Sizes.of(element), cls.cutoff)
        return cls(**{'cutoff': cutoff, **by_element, **kwargs})

    @property
    def densities(self) -> int:
        """Number of densities of each atom."""
        return len(self.species) if self.chemflag else 1

    @property
    def size(self) -> int:
        """Number of components of each atom."""
        kept = self.components or len(wigner.triples(self.twojmax))
        return kept * self.densities**3

    @property
    def reach(self) -> float:
        """Largest distance (Angstrom) at which a neighbor is seen."""
        return 2.0 * self.cutoff * elements.numbers(self.radii, 0.5, self.species).max()

    def cutoffs(self, pairs: Pairs) -> np.ndarray:
        """Return the distance (Angstrom) up to which each pair is seen, (p,)."""
        of = self.radii, 0.5, self.species
        radius_n = elements.of_atoms(*of, pairs.numbers_n)
        return self.cutoff * (radius_n[pairs.i_p] + radius_n[pairs.j_p])

    def evaluate(self, pairs: Pairs) -> tuple[np.ndarray, Callable]:
        """Return the components of all atoms and their pullback.

        Parameters
        ----------
        pairs : Pairs
            All pairs closer than the cutoff; farther ones are ignored.

        Returns
        -------
        q_nk : (n, k) float array
            Bispectrum components (dimensionless).
        pullback : callable
            Maps dE_dq_nk, (n, k), to pair gradients dE_dr_pc, (p, 3).
        """
        self.check_species(pairs.numbers_n)
        kind_n = elements.kinds(pairs.numbers_n, self.species)
        of = self.weights, 1.0, self.species
        weight_n = elements.of_atoms(*of, pairs.numbers_n)
        cutoff_p = self.cutoffs(pairs)
        near_p = pairs.r_p < cutoff_p
        near = pairs.select(near_p)
        atoms, tables = len(kind_n), self.tables()
        octets = count_octets(atoms)
        host_p = elements.hosts(near.i_p, kind_n[near.j_p], self.densities)
        xyzr, octet, row_p, lane_p = pack(
            host_p,
            near.r_p,
            near.r_pc,
            cutoff_p[near_p],
            weight_n[near.j_p],
            octets * self.densities * LANES,
        )
        rows = len(octet)
        neighbors = xyzr, octet, rows
        part = pairs.numbers_n > 0  # 0 marks a point in space
        self_v = elements.own_parts(part, kind_n, self.densities, self.wselfallflag)
        work, density = workspace(tables), new_density(octets * self.densities, tables)
        q_kn = np.empty((self.size, octets * LANES))
        forward(*neighbors, self_v, tables, work, density, q_kn)

        def pullback(dE_dq_nk: np.ndarray) -> np.ndarray:
            dE_dq_kn = np.zeros_like(q_kn)
            dE_dq_kn[:, :atoms] = np.transpose(dE_dq_nk)
            density_bar = new_density(self.densities, tables)
            gradient = np.empty(rows * 3 * LANES)
            arrays = work, density, density_bar, gradient
            backward(*neighbors, dE_dq_kn, tables, *arrays)
            dE_dr_pc = np.zeros_like(pairs.r_pc)
            dE_dr_pc[near_p] = gradient.reshape(rows, 3, LANES)[row_p, :, lane_p]
            return dE_dr_pc

        q_nk = q_kn[:, :atoms].T.copy()
        if self.bzeroflag:
            q_nk -= self.lone_atoms(pairs.numbers_n)
        return q_nk, pullback

    def lone_atoms(self, numbers_n: np.ndarray) -> np.ndarray:
        """Return the components of atoms without neighbors, (n, k)."""
        kept = wigner.triples(self.twojmax)[: self.size // self.densities**3]
        lone_k = [1.0 if self.bnormflag else j + 1.0 for *_, j in kept]
        of = numbers_n > 0, elements.kinds(numbers_n, self.species), lone_k
        return elements.lone_atoms(*of, self.densities, self.wselfallflag)

    def tables(self) -> tuple:
        """Return what the kernels need to know: the angle and the tables."""
        angle = float(self.rfac0), float(self.rmin0)
        kept, norm = self.size // self.densities**3, bool(self.bnormflag)
        contraction = wigner.contraction(self.twojmax, kept, self.densities, norm)
        recursion = wigner.recursion(self.twojmax)
        table = None if len(recursion.s0) == ELEMENTS else recursion
        return angle, recursion.diagonal, table, contraction

    def check_species(self, numbers_n: np.ndarray) -> None:
        """Raise ValueError where an atomic number is none of `species`."""
        if self.species is not None:
            chemistry.elements(numbers_n, self.species)

    def get_number_of_features(self) -> int:
        """Return the number of components, as dscribe calls it."""
        return self.size

    def create(
        self,
        system: Atoms | list[Atoms],
        centers: list | None = None,
        n_jobs: int = 1,
        only_physical_cores: bool = False,
        verbose: bool = False,
    ) -> np.ndarray | list[np.ndarray]:
        """Return the components of one or many systems, as dscribe's SOAP does.

        Parameters
        ----------
        system : Atoms or list of Atoms
            The structures. Their own ``pbc`` decides what is periodic.
        centers : list, optional
            Atom indices or Cartesian positions; one such list for each of several
            systems. All atoms by default.
        n_jobs, only_physical_cores, verbose
            As in dscribe.

        Returns
        -------
        array
            (centers, k), or (systems, centers, k), or a list where centers vary.
        """
        what = system, centers, n_jobs, only_physical_cores, verbose
        return self._dscribe().create(*what)

    def derivatives(
        self,
        system: Atoms | list[Atoms],
        centers: list | None = None,
        include: list | None = None,
        exclude: list | None = None,
        method: str = 'auto',
        return_descriptor: bool = True,
        attach: bool = False,
        n_jobs: int = 1,
        only_physical_cores: bool = False,
        verbose: bool = False,
    ) -> np.ndarray | list | tuple:
        """Return the derivatives with respect to the positions, as dscribe's SOAP does.

        Parameters are those of :meth:`create` and of dscribe; the method 'auto' is
        'analytical'.

        Returns
        -------
        array
            (centers, atoms, 3, k) in 1/Angstrom, with a leading axis for systems.
        """
        what = system, centers, include, exclude, method, return_descriptor, attach
        return self._dscribe().derivatives(*what, n_jobs, only_physical_cores, verbose)

    def _dscribe(self):
        from ase_entropy.descriptors.dscribe_face import DscribeFace

        return DscribeFace(self)
