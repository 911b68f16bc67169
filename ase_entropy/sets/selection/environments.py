"""Environments of configurations, and the points that stand for them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ase_entropy import checks
from ase_entropy.statistics import ROUNDING

__all__ = ['PER', 'Environments', 'points_of']

PER = ('configuration', 'environment')


@dataclass(frozen=True)
class Environments:
    """Environments of configurations, one configuration after the other.

    A :class:`~ase_entropy.sets.Dataset` has the same attributes, and will do as well.

    Parameters
    ----------
    q_ek : (e, k) float array
        Their descriptors.
    first_m : (m + 1,) int array
        Configuration m holds the environments ``first_m[m]`` to ``first_m[m + 1]``.
    numbers_e : (e,) int array
        Atomic numbers of the central atoms.

    Raises
    ------
    ValueError
        No environments; numbers that are not finite; arrays that do not fit.

    Examples
    --------
    >>> pool = Environments([[0.0], [1.0], [5.0]], [0, 1, 3], [74, 74, 74])
    >>> len(pool), pool.part([1]).q_ek.tolist()
    (2, [[1.0], [5.0]])
    """

    q_ek: np.ndarray
    first_m: np.ndarray
    numbers_e: np.ndarray

    def __post_init__(self) -> None:
        q_ek = checks.matrix('q_ek', self.q_ek)
        first_m = checks.first_indices(self.first_m, len(q_ek))
        numbers_e = np.asarray(self.numbers_e)
        if numbers_e.shape != (len(q_ek),):
            raise ValueError(
                f'numbers_e has shape {numbers_e.shape}: expected ({len(q_ek)},)'
            )
        object.__setattr__(self, 'q_ek', q_ek)
        object.__setattr__(self, 'first_m', first_m)
        object.__setattr__(self, 'numbers_e', numbers_e)

    @classmethod
    def of(cls, data: Any) -> 'Environments':
        """Return the environments of a set, checked."""
        if isinstance(data, cls):
            return data
        return cls(data.q_ek, data.first_m, data.numbers_e)

    def __len__(self) -> int:
        """Return the number of configurations."""
        return len(self.first_m) - 1

    @classmethod
    def both(cls, pool: Any, given: Any) -> tuple['Environments', Any]:
        """Return pool and given set, checked to be of one descriptor."""
        pool = cls.of(pool)
        if given is None:
            return pool, None
        given = cls.of(given)
        if given.q_ek.shape[1] != pool.q_ek.shape[1]:
            raise ValueError(
                f'the given set has {given.q_ek.shape[1]} components, the pool '
                f'{pool.q_ek.shape[1]}: expected the same descriptor'
            )
        if not np.isin(given.numbers_e, pool.numbers_e).any():
            raise ValueError(
                'the given set has none of the elements of the pool: expected some'
            )
        return pool, given

    @property
    def sizes_m(self) -> np.ndarray:
        """Number of environments of each configuration."""
        return np.diff(self.first_m)

    def part(self, configurations: Any) -> 'Environments':
        """Return some of the configurations, by their numbers."""
        chosen = np.asarray(configurations, int)
        if np.array_equal(chosen, np.arange(len(self))):
            return self  # arrays may be large
        sizes_m = self.sizes_m[chosen]
        first_m = np.cumsum([0, *sizes_m])
        e = np.arange(first_m[-1]) + np.repeat(
            self.first_m[chosen] - first_m[:-1], sizes_m
        )
        return Environments(self.q_ek[e], first_m, self.numbers_e[e])


def points_of(
    pool: Environments, given: Environments | None, per: str
) -> tuple[Environments, Environments | None]:
    """Return pool and given set as points of a space where all axes weigh alike.

    Per environment, components are standardized by the mean and the standard deviation
    of the pool, for each element by itself. Per configuration there is one point: mean
    and spread of these numbers for each element, and the shares of the elements, all
    standardized again.

    Raises
    ------
    ValueError
        Another `per`.
    """
    if per not in PER:
        raise ValueError(f'per={per!r}: expected {" or ".join(PER)}')
    elements = np.unique(pool.numbers_e).tolist()
    spaces = {z: _space(_own(pool, z)) for z in elements}
    if per == 'environment':
        return _standardized(pool, spaces), given and _standardized(given, spaces)
    y_mx = _averages(pool, spaces)
    space = _space(y_mx)
    return _as_points(y_mx, space), given and _as_points(
        _averages(given, spaces), space
    )


def _own(data: Environments, z: int) -> np.ndarray:
    """Return the environments of an element, without a copy if there is no other."""
    own_e = data.numbers_e == z
    return data.q_ek if own_e.all() else data.q_ek[own_e]


def _space(x_nx: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return means and standard deviations; 1 for what does not vary."""
    numbers = [(x_n.mean(), x_n.std(), np.abs(x_n).max()) for x_n in x_nx.T]
    mean_x, scale_x, most_x = np.array(numbers).T  # one by one: less memory
    return mean_x, np.where(scale_x <= ROUNDING * most_x, 1.0, scale_x)


def _standardized(data: Environments, spaces: dict[int, tuple]) -> Environments:
    """Return environments in standard deviations of those of their elements.

    Environments of elements that the pool does not have stay as they are: nothing is
    compared with them.
    """
    x_ek = data.q_ek.copy()
    for z, (mean_k, scale_k) in spaces.items():
        own_e = data.numbers_e == z
        for x_e, mean, scale in zip(x_ek.T, mean_k, scale_k, strict=True):
            x_e[own_e] = (x_e[own_e] - mean) / scale  # one by one: less memory
    return Environments(x_ek, data.first_m, data.numbers_e)


def _averages(data: Environments, spaces: dict[int, tuple]) -> np.ndarray:
    """Return mean, spread and share of each element in each configuration, (m, x).

    Where an element is missing, its mean and spread are zero: those of the pool's mean.
    """
    columns = []
    for z, space in spaces.items():
        own_e = (data.numbers_e == z).astype(float)
        count_m = np.add.reduceat(own_e, data.first_m[:-1])
        some_m = np.maximum(count_m, 1.0)
        for q_e, mean, scale in zip(data.q_ek.T, *space, strict=True):
            x_e = (q_e - mean) / scale
            mean_m = np.add.reduceat(own_e * x_e, data.first_m[:-1]) / some_m
            deviation_e = own_e * (x_e - np.repeat(mean_m, data.sizes_m))
            square_m = np.add.reduceat(deviation_e**2, data.first_m[:-1]) / some_m
            columns += [mean_m, np.sqrt(square_m)]
        columns.append(count_m / data.sizes_m)
    return np.stack(columns, axis=1)


def _as_points(y_mx: np.ndarray, space: tuple) -> Environments:
    mean_x, scale_x = space
    points_mx = (y_mx - mean_x) / scale_x
    return Environments(points_mx, np.arange(len(y_mx) + 1), np.zeros(len(y_mx), int))
