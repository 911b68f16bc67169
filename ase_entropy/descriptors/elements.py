"""Elements in the bispectrum: their numbers, and a density for each of them.

Octets of atoms have ``densities`` octets of places behind each other, one for each
element, in which its neighbors are collected: see ``_kernels/lanes.py``.
"""

import numpy as np
from ase.data import atomic_numbers

from ase_entropy import checks
from ase_entropy._kernels.lanes import LANES, count_octets
from ase_entropy.chemistry import Sizes

__all__ = [
    'check_numbers',
    'hosts',
    'kinds',
    'lengths',
    'lone_atoms',
    'numbers',
    'of_atoms',
    'own_parts',
    'own_shares',
]


def check_numbers(name: str, given: dict | None, species: tuple | None) -> None:
    """Raise ValueError for numbers of other elements, or that are not positive."""
    unknown = sorted(set(given or {}) - set(species or ()))
    if unknown:
        raise ValueError(f'{name} names {unknown}: expected some of species={species}')
    for symbol, value in (given or {}).items():
        checks.real(f'{name}[{symbol!r}]', value, above=0.0)


def lengths(sizes: Sizes, of_tungsten: float) -> tuple[float, dict]:
    """Return the cutoff for atoms of these sizes, and what several elements need.

    Radii are in proportion to the sizes. Weights that tell neighbors apart made no
    wider sets: see ``docs/explanation/materials.md``.
    """
    largest = max(sizes.species, key=sizes.distance)
    cutoff = of_tungsten * sizes.scale(largest)
    if len(sizes.species) == 1:
        return cutoff, {}
    radii = {
        x: 0.5 * sizes.distance(x) / sizes.distance(largest) for x in sizes.species
    }
    return cutoff, {'species': sizes.species, 'radii': radii}


def numbers(given: dict | None, default: float, species: tuple | None) -> np.ndarray:
    """Return a number for each of the species, or one for all elements."""
    return np.array([(given or {}).get(symbol, default) for symbol in species or 'X'])


def of_atoms(
    given: dict | None, default: float, species: tuple | None, numbers_n: np.ndarray
) -> np.ndarray:
    """Return the number of each atom's element, by atomic numbers."""
    return numbers(given, default, species)[kinds(numbers_n, species)]


def kinds(numbers_n: np.ndarray, species: tuple | None) -> np.ndarray:
    """Return the place of each atom's element among the species."""
    known = {atomic_numbers[symbol]: k for k, symbol in enumerate(species or ())}
    return np.array([known.get(z, 0) for z in numbers_n.tolist()], np.intp)


def hosts(i_n: np.ndarray, kind_n: np.ndarray, densities: int) -> np.ndarray:
    """Return the places of the densities of elements at atoms."""
    octet_n = i_n // LANES * densities + (kind_n if densities > 1 else 0)
    return octet_n * LANES + i_n % LANES


def own_parts(
    part_n: np.ndarray, kind_n: np.ndarray, densities: int, in_all: bool
) -> np.ndarray:
    """Return the part of each atom itself in the densities, by places."""
    n = np.arange(len(kind_n))
    self_v = np.zeros(count_octets(len(n)) * densities * LANES)
    own_nd = own_shares(part_n, kind_n, densities, in_all)
    for e in range(densities):
        self_v[hosts(n, np.full_like(n, e), densities)] = own_nd[:, e]
    return self_v


def own_shares(
    part_n: np.ndarray, kind_n: np.ndarray, densities: int, in_all: bool
) -> np.ndarray:
    """Return 1 for the densities that an atom, or a kind, has part in, (n, d), or 0.

    `part_n` is false for points in space, which have none.
    """
    own_nd = np.equal.outer(kind_n, np.arange(densities)) | in_all | (densities == 1)
    return (own_nd & part_n[:, None]).astype(float)


def lone_atoms(
    part_n: np.ndarray,
    kind_n: np.ndarray,
    lone_k: list[float],
    densities: int,
    in_all: bool,
) -> np.ndarray:
    """Return the components, (n, k), of atoms without neighbors.

    They are `lone_k` for the choices of three elements that the atom has part in.
    """
    blocks_nb = np.full((len(kind_n), densities**3), float(in_all or densities == 1))
    own_n = kind_n * (densities**2 + densities + 1) if densities > 1 else 0
    blocks_nb[np.arange(len(kind_n)), own_n] = 1.0
    blocks_nb *= part_n[:, None]
    return (blocks_nb[:, :, None] * lone_k).reshape(len(kind_n), -1)
