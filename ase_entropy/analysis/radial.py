"""Radial distribution of periodic cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from ase_entropy import checks
from ase_entropy.pairs import find_pairs

__all__ = [
    'RadialDistribution',
    'radial_distribution',
    'radial_mean',
    'radial_terms',
]

R_MAX, BINS = 8.0, 160  # Angstrom


@dataclass(frozen=True)
class RadialDistribution:
    """Radial distribution function of a set.

    Attributes
    ----------
    r_b : (b,) float array
        Middle of each bin (Angstrom).
    g_b : (b,) float array
        g(r), mean over the configurations.
    edges : (b + 1,) float array
        Edges of the bins (Angstrom).
    coordination_b : (b,) float array
        Mean number of neighbors of an atom up to the outer edge of each bin.
    configurations : int
        How many.
    """

    r_b: np.ndarray
    g_b: np.ndarray
    edges: np.ndarray
    coordination_b: np.ndarray
    configurations: int


def radial_distribution(
    configurations: Iterable[Atoms], r_max: float = R_MAX, bins: int = BINS
) -> RadialDistribution:
    r"""Return the radial distribution function of periodic configurations.

    .. math:: g(r) = \Big\langle \frac{V}{n^2}
              \frac{N_{\mathrm{pairs}}(r, r + \mathrm dr)}{4\pi r^2\,\mathrm dr}
              \Big\rangle

    over directed pairs of the n atoms of a cell, the mean being over configurations.
    All images count, own ones too, so that r may exceed the cell. g is 1 for atoms
    without order; in small cells, own images stand out.

    Parameters
    ----------
    configurations : iterable of Atoms
        Periodic in all directions; read one after the other.
    r_max : float
        Largest distance (Angstrom).
    bins : int
        Number of bins.

    Raises
    ------
    ValueError
        No configuration; one that is not periodic in three directions; `r_max`
        below 0.1, `bins` below 1.

    Examples
    --------
    bcc: 8 neighbors at a distance of sqrt(3)/2 lattice constants, then 6 at one.

    >>> from ase.build import bulk
    >>> found = radial_distribution([bulk('W', a=3.16)], r_max=4.0, bins=8)
    >>> found.coordination_b
    array([ 0.,  0.,  0.,  0.,  0.,  8., 14., 14.])
    """
    if isinstance(configurations, Atoms) or not np.iterable(configurations):
        kind = type(configurations).__name__
        raise ValueError(f'configurations={kind}: expected several, such as [atoms]')
    _edges(r_max, bins)
    return radial_mean(_terms_of_all(configurations, r_max, bins), r_max)


def _terms_of_all(
    configurations: Iterable[Atoms], r_max: float, bins: int
) -> Iterator[np.ndarray]:
    for count, atoms in enumerate(configurations):
        checks.instance(f'configurations[{count}]', atoms, Atoms)
        if not atoms.pbc.all():
            raise ValueError(
                f'configuration {count} has pbc={atoms.pbc.tolist()}: expected three '
                'periodic directions'
            )
        yield radial_terms(atoms, r_max, bins)


def _edges(r_max: float, bins: int) -> np.ndarray:
    checks.real('r_max', r_max, least=0.1)
    checks.whole('bins', bins, least=1)
    return np.linspace(0.0, r_max, bins + 1)


def radial_terms(atoms: Atoms, r_max: float = R_MAX, bins: int = BINS) -> np.ndarray:
    """Return g(r) and the coordination of one periodic configuration, (2, b).

    Parameters
    ----------
    atoms, r_max, bins
        As in :func:`radial_distribution`.
    """
    edges = _edges(r_max, bins)
    shell_b = 4.0 / 3.0 * np.pi * np.diff(edges**3)
    neighbors_b, _ = np.histogram(find_pairs(atoms, r_max).r_p, edges)
    neighbors_b = neighbors_b / len(atoms)
    g_b = neighbors_b * atoms.get_volume() / (len(atoms) * shell_b)
    return np.array([g_b, np.cumsum(neighbors_b)])


def radial_mean(
    terms: Iterable[np.ndarray], r_max: float = R_MAX
) -> RadialDistribution:
    """Return the radial distribution function of configurations from their terms.

    Parameters
    ----------
    terms : iterable of (2, b) float arrays
        What :func:`radial_terms` returns for each, with the same `r_max`.
    r_max : float
        Largest distance (Angstrom).

    Raises
    ------
    ValueError
        No configuration.
    """
    total, count = 0.0, 0
    for terms_xb in terms:
        total = total + terms_xb
        count += 1
    if count == 0:
        raise ValueError('configurations holds none: expected one or more')
    g_b, coordination_b = total / count
    edges = _edges(r_max, len(g_b))
    return RadialDistribution(
        0.5 * (edges[1:] + edges[:-1]), g_b, edges, coordination_b, count
    )
