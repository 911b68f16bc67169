"""Strain, rattle and stretch of a configuration."""

from dataclasses import dataclass, field

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.chemistry import Sizes
from ase_entropy.starts.amounts import check_range
from ase_entropy.starts.cells import closest_pair
from ase_entropy.starts.registry import as_sizes

__all__ = ['Perturbation']

MOST_STRAIN, MOST_STRETCH = 0.5, 5.0
WEAKER, TRIES = 0.7, 12
CLOSER = 0.95  # pairs that were too close before


@dataclass(frozen=True)
class Perturbation:
    r"""Random strain, rattle and stretch, after which atoms may not be too close.

    .. math::

        \mathbf r_i \to v^{1/3} e^{\boldsymbol\varepsilon}\, \mathbf r_i
                    + \sigma \boldsymbol\xi_i

    with a symmetric strain without trace, whose components are normal, and normal
    numbers xi. Where a pair comes too close, all is drawn again at 0.7 of its strength,
    until none is. Strain and stretch are for cells that are periodic along all
    directions; other configurations are rattled only.

    Parameters
    ----------
    strain : float
        Standard deviation of the components of the strain.
    rattle : tuple of float
        Range of sigma (Angstrom), uniform.
    stretch : tuple of float
        Range of the relative volume v, uniform.
    share : float
        Probability of a perturbation; all others stay what they are.
    closest : float
        Least distance of a pair over that of neighbors of its elements; or, where they
        were closer before, 0.95 of what it was.
    sizes : Sizes, optional
        Lengths of the atoms. By default those of the reference states.

    Raises
    ------
    ValueError
        A bad parameter.

    Examples
    --------
    >>> from ase.build import bulk
    >>> atoms = bulk('Al', cubic=True)
    >>> done = Perturbation(0.03, (0.1, 0.1)).apply(atoms, np.random.default_rng(1))
    >>> sorted(done), done['rattle']
    (['rattle', 'strain', 'stretch'], 0.1)
    """

    strain: float = 0.03
    rattle: tuple[float, float] = (0.0, 0.3)
    stretch: tuple[float, float] = (1.0, 1.0)
    share: float = 1.0
    closest: float = 0.75
    sizes: Sizes | None = field(default=None, metadata={'absent': None})

    def __post_init__(self) -> None:
        checks.real('strain', self.strain, least=0.0, most=MOST_STRAIN)
        limits = {'above': 0.0, 'most': MOST_STRETCH}
        checks.real('share', self.share, least=0.0, most=1.0)
        checks.real('closest', self.closest, least=0.0, most=1.0)
        fixed = {
            'rattle': check_range('rattle', self.rattle, least=0.0, most=10.0),
            'stretch': check_range('stretch', self.stretch, **limits),
            'sizes': self.sizes and as_sizes(self.sizes, ()),
        }
        for name, value in fixed.items():
            object.__setattr__(self, name, value)

    def apply(self, atoms: Atoms, rng: np.random.Generator) -> dict[str, float]:
        """Change atoms in place, and return what was done.

        Parameters
        ----------
        atoms : Atoms
            Positions and cell are changed, constraints are not heeded.
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        done : dict
            ``strain``, the root of the sum of its squared components; ``rattle``, sigma
            (Angstrom); ``stretch``, the relative volume. Empty where nothing was.
        """
        checks.instance('atoms', atoms, Atoms)
        if checks.generator('rng', rng).random() >= self.share:
            return {}
        sizes = as_sizes(self.sizes, tuple(dict.fromkeys(atoms.symbols)))
        least = closest_pair(atoms, sizes)
        least = self.closest if least >= self.closest else CLOSER * least
        before = atoms.get_positions(), atoms.cell[:].copy()
        for attempt in range(TRIES):
            done = self._apply(atoms, rng, WEAKER**attempt)
            if closest_pair(atoms, sizes) >= least:
                return done
            atoms.set_cell(before[1])
            atoms.set_positions(before[0], apply_constraint=False)
        return {}

    def _apply(
        self, atoms: Atoms, rng: np.random.Generator, strength: float
    ) -> dict[str, float]:
        """Draw and do once."""
        strain_cc = strength * self.strain * rng.standard_normal((3, 3))
        strain_cc = np.tril(strain_cc) + np.tril(strain_cc, -1).T
        strain_cc -= np.eye(3) * np.trace(strain_cc) / 3
        stretch = rng.uniform(*self.stretch) ** strength
        sigma = strength * rng.uniform(*self.rattle)
        noise_nc = sigma * rng.standard_normal((len(atoms), 3))
        done = {'rattle': float(sigma)}
        if atoms.pbc.all():
            values, axes = np.linalg.eigh(strain_cc)
            map_cc = stretch ** (1 / 3) * (axes * np.exp(values)) @ axes.T
            atoms.set_cell(atoms.cell[:] @ map_cc)
            noise_nc += atoms.positions @ map_cc - atoms.positions
            done |= {
                'strain': float(np.linalg.norm(strain_cc)),
                'stretch': float(stretch),
            }
        atoms.set_positions(atoms.positions + noise_nc, apply_constraint=False)
        return done
