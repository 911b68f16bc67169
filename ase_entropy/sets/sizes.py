"""Sizes of atoms as a set of configurations has them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase import Atoms
from scipy.optimize import nnls

from ase_entropy import checks
from ase_entropy.chemistry import Sizes, pair_name
from ase_entropy.pairs import find_pairs
from ase_entropy.sets.reading import read_configurations
from ase_entropy.sets.sources import name_of, printable

__all__ = ['REACH', 'nearest_of_pairs', 'sizes_from']

QUANTILE = 0.05  # of the distances to nearest neighbors
FEWEST = 20  # atoms with such a neighbor
REACH = 1.5  # times the sizes of the reference states
VACUUM = 2.0  # times the volume of the reference states


def sizes_from(name: str | Path, species: Sequence[str]) -> Sizes:
    """Return the sizes that atoms of some elements have in a set.

    The distance of two elements is a low quantile (5 %) of the distances from an atom
    of the one to the nearest of the other, so that cells driven by the entropy do not
    come much closer than the set does; a pair that hardly occurs (fewer than 20 atoms
    have it, and fewer than half of them) keeps the size of the reference states.
    Volumes are those that fit the periodic cells of the set best, but for cells with
    vacuum: those of more than twice the volume of the reference states.

    Parameters
    ----------
    name : str or Path
        A set, see :mod:`ase_entropy.sets.sources`.
    species : sequence of str
        The elements.

    Raises
    ------
    ValueError
        A set without one of the elements, or that cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from ase.io import write
    >>> path = tempfile.mkdtemp() + '/al.xyz'
    >>> write(path, [bulk('Al', a=a) * 3 for a in (3.9, 4.0, 4.1)])
    >>> sizes = sizes_from(path, ['Al'])
    >>> round(sizes.distance('Al'), 3), round(sizes.volume(['Al']), 2)
    (2.758, 16.02)
    """
    usual = Sizes(checks.symbols('species', species))
    reach = REACH * max(usual.pairs().values())
    nearest: dict[str, list[np.ndarray]] = defaultdict(list)
    counts, volumes, atoms_of = [], [], Counter()
    for configuration in read_configurations(name):
        atoms = configuration.atoms
        try:
            found = nearest_of_pairs(atoms, usual.species, reach)
        except ValueError as error:
            raise ValueError(f'{configuration.name}: {error}') from error
        for pair, distances in found.items():
            nearest[pair].append(distances)
        atoms_of.update(atoms.symbols)
        count = [int((atoms.symbols == x).sum()) for x in usual.species]
        if atoms.pbc.all() and sum(count) == len(atoms):
            counts.append(count)
            volumes.append(atoms.get_volume())
    met = {x for pair in nearest for x in pair.split('-')}
    if missing := [x for x in usual.species if x not in met]:
        raise ValueError(
            f'{printable(name)} has no neighbors of {", ".join(missing)} within '
            f'{reach:.3g} Angstrom: expected a set with atoms of '
            f'{", ".join(usual.species)}'
        )
    joined = {pair: np.concatenate(parts) for pair, parts in nearest.items()}
    distances = {}
    for pair, d in sorted(joined.items()):
        a, b = pair.split('-')
        half = (min(atoms_of[a], atoms_of[b]) + 1) // 2
        if len(d) >= min(FEWEST, half):
            distances[a if a == b else pair] = float(np.quantile(d, QUANTILE))
    return Sizes(
        usual.species, distances, _volumes(usual, counts, volumes), source=name_of(name)
    )


def nearest_of_pairs(
    atoms: Atoms, species: Sequence[str], reach: float
) -> dict[str, np.ndarray]:
    """Return the distances from atoms to the nearest of each element, by pairs."""
    pairs = find_pairs(atoms, reach)
    names_n = np.array(atoms.get_chemical_symbols())
    found: dict[str, list] = defaultdict(list)
    for x in species:
        to_x_p = names_n[pairs.j_p] == x
        nearest_n = np.full(len(atoms), np.inf)
        np.minimum.at(nearest_n, pairs.i_p[to_x_p], pairs.r_p[to_x_p])
        for own in species:
            distances = nearest_n[(names_n == own) & np.isfinite(nearest_n)]
            if len(distances):
                found[pair_name(own, x)].append(distances)
    return {pair: np.concatenate(parts) for pair, parts in found.items()}


def _volumes(sizes: Sizes, counts: list, volumes: list) -> dict[str, float]:
    """Return volumes per atom that add up to those of the cells.

    Of one composition, they are in the ratio of the reference states; without cells,
    they are those of the reference states.
    """
    own_x = np.array([sizes.volume([x]) for x in sizes.species])
    count_mx, volume_m = np.reshape(counts, (-1, len(own_x))), np.array(volumes)
    full_m = volume_m <= VACUUM * (count_mx @ own_x)
    count_mx, volume_m = count_mx[full_m], volume_m[full_m]
    if not len(volume_m):
        return dict(zip(sizes.species, own_x.tolist(), strict=True))
    weights_m = 1.0 / count_mx.sum(axis=1)  # small cells count as much as large ones
    count_mx, volume_m = count_mx * weights_m[:, None], volume_m * weights_m
    fitted_x, _ = nnls(count_mx, volume_m)
    several = np.linalg.matrix_rank(count_mx) == len(own_x)
    if not several or (fitted_x <= 0.0).any():
        fitted_x = own_x * volume_m.sum() / (count_mx @ own_x).sum()
    return dict(zip(sizes.species, fitted_x.tolist(), strict=True))
