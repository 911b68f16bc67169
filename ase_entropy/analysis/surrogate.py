"""Distance to the nearest training environment, a surrogate for the error there."""

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from ase_entropy import checks
from ase_entropy.analysis.decompositions import (
    TESTING,
    TRAINING,
    Search,
    draw_parts,
    sizes_of_parts,
)
from ase_entropy.analysis.scaling import (
    APART,
    ReferenceScale,
    apart,
    check_numbers,
    in_deviations,
)

__all__ = [
    'SurrogateError',
    'nearest_distances',
    'surrogate_error',
]

BOTH = 'train_ek', 'test_ek'
NUMBERS = 'train_numbers_e and test_numbers_e'
MOST = 1_000_000  # decompositions
POOLED = 300_000  # distances kept for histograms


@dataclass(frozen=True)
class SurrogateError:
    """Distances from test to training environments, over random decompositions.

    Attributes
    ----------
    mean, median, largest : float
        Mean, median and largest distance of a decomposition, each averaged over the
        decompositions.
    mean_error, median_error, largest_error : float
        Their standard errors over the decompositions; nan for a single one. They tell
        how well the average is known for these sets, not how sets vary.
    training, testing : int
        Environments of a decomposition.
    decompositions : int
        How many.
    scaled_down : bool
        Whether the sets were too small for the numbers asked for.
    distances : (s,) float array
        Distances of the first decompositions, pooled, for a histogram.
    alone : float
        Share of the test environments whose element none of the training environments
        drawn has. They are left out.
    by_element : dict
        By the atomic number: mean distance of the test environments of an element, and
        its standard error. Empty where elements are not told apart.
    """

    mean: float
    median: float
    largest: float
    mean_error: float
    median_error: float
    largest_error: float
    training: int
    testing: int
    decompositions: int
    scaled_down: bool
    distances: np.ndarray = field(repr=False)
    alone: float = 0.0
    by_element: dict[int, tuple[float, float]] = field(default_factory=dict, repr=False)


def nearest_distances(
    train_ek: np.ndarray,
    test_ek: np.ndarray,
    reference_ek: np.ndarray | ReferenceScale,
    *,
    train_numbers_e: np.ndarray | None = None,
    test_numbers_e: np.ndarray | None = None,
    workers: int = 1,
) -> np.ndarray:
    """Return the distance of each test environment to the nearest training one.

    Components are measured in their standard deviations in the reference set.

    Parameters
    ----------
    train_ek, test_ek : (e, k) float arrays
        Descriptors.
    reference_ek : (e, k) float array or ReferenceScale
        Descriptors of the reference, or the scale it makes, see :func:`in_deviations`.
    train_numbers_e, test_numbers_e : (e,) int arrays, optional
        Elements of the central atoms. With them, environments are compared with those
        of the same element; the distance is inf where the training set has none.
    workers : int
        Threads that look for neighbors; the numbers are the same.

    Raises
    ------
    ValueError
        Sets with different numbers of components, or empty ones.

    Examples
    --------
    >>> reference_ek = [[-1.0], [1.0]]  # deviation 1
    >>> nearest_distances([[0.0], [4.0]], [[1.0], [7.0]], reference_ek)
    array([1., 3.])
    """
    train_ek, test_ek = in_deviations(reference_ek, train_ek, test_ek, names=BOTH)
    numbers = train_numbers_e, test_numbers_e
    numbers = check_numbers((train_ek, test_ek), numbers, NUMBERS)
    train_ek, test_ek = map(apart, (train_ek, test_ek), numbers)
    distance_e = cKDTree(train_ek).query(test_ek, workers=workers)[0]
    return np.where(distance_e < APART / 2, distance_e, np.inf)


def surrogate_error(
    train_ek: np.ndarray,
    test_ek: np.ndarray | None,
    reference_ek: np.ndarray | ReferenceScale,
    *,
    rng: np.random.Generator,
    training: int = TRAINING,
    testing: int = TESTING,
    decompositions: int = 1000,
    train_numbers_e: np.ndarray | None = None,
    test_numbers_e: np.ndarray | None = None,
    workers: int = 1,
) -> SurrogateError:
    r"""Average the distance to the nearest training environment, as Tables I and II.

    .. math:: d_t = \min_{l \in \mathrm{training}}
              |\tilde{\mathbf q}_t - \tilde{\mathbf q}_l|, \qquad
              \tilde q_k = (q_k - \langle q_k\rangle) / \sigma_k

    with mean and deviation of the reference set, which is the unbiased one in the
    paper. Training and test environments are drawn at random, without replacement,
    again for each decomposition. Exact: equal to a search in each decomposition.

    Parameters
    ----------
    train_ek : (e, k) float array
        Environments to train on.
    test_ek : (e, k) float array or None
        Environments to test on. None, or the array to train on: that set is divided
        into disjoint parts: no environment is compared with itself, but equal ones are.
    reference_ek : (e, k) float array or ReferenceScale
        Environments whose mean and deviation make the scale, or these.
    rng : numpy.random.Generator
        Draws the decompositions.
    training, testing : int
        Environments in each decomposition; both are scaled down in proportion if there
        are too few.
    decompositions : int
        Random decompositions to average over.
    train_numbers_e, test_numbers_e : (e,) int arrays, optional
        Elements of the central atoms. With them, environments are compared with those
        of the same element.
    workers : int
        Threads that look for neighbors; the numbers are the same.

    Raises
    ------
    ValueError
        Sets with different numbers of components, or too small ones.

    References
    ----------
    .. [1] M. Karabin, D. Perez, J. Chem. Phys. 153, 094110 (2020), Sec. III.2.

    Examples
    --------
    Points of a lattice of spacing 1, and points in the middle of its edges:

    >>> lattice_ek = np.stack(np.meshgrid(range(9), range(9)), axis=-1).reshape(-1, 2)
    >>> unit_ek = [[-1.0, -1.0], [1.0, 1.0]]
    >>> rng = np.random.default_rng(0)
    >>> error = surrogate_error(
    ...     lattice_ek, lattice_ek + [0.5, 0], unit_ek, rng=rng, training=81, testing=9
    ... )
    >>> error.mean, error.largest
    (0.5, 0.5)
    """
    checks.generator('rng', rng)
    checks.whole('decompositions', decompositions, least=1, most=MOST)
    same = test_ek is None or test_ek is train_ek
    train_ek, test_ek = in_deviations(
        reference_ek, train_ek, train_ek if same else test_ek, names=BOTH
    )
    numbers = train_numbers_e, train_numbers_e if same else test_numbers_e
    numbers = check_numbers((train_ek, test_ek), numbers, NUMBERS)
    train_ek, test_ek = map(apart, (train_ek, test_ek), numbers)
    counts = len(train_ek), None if same else len(test_ek)
    sizes = sizes_of_parts(*counts, training, testing)
    search = Search(train_ek, test_ek, decompositions * sizes[1], workers)
    elements = [] if numbers[1] is None else np.unique(numbers[1]).tolist()
    statistics_dx, pooled = np.full((decompositions, 4 + len(elements)), np.nan), []
    for d in range(decompositions):
        train, test = draw_parts(*counts, *sizes, rng)
        distance_s = search.nearest(train, test)
        known_s = distance_s < APART / 2
        known = distance_s[known_s]
        statistics_dx[d, 3] = 1.0 - known_s.mean()
        if len(known):
            statistics_dx[d, :3] = known.mean(), np.median(known), known.max()
        for x, element in enumerate(elements, 4):
            own = distance_s[known_s & (numbers[1][test] == element)]
            statistics_dx[d, x] = own.mean() if len(own) else np.nan
        if len(pooled) * sizes[1] < POOLED:
            pooled.append(known)
    mean_x, error_x = _means(statistics_dx)
    return SurrogateError(
        *mean_x[:3],
        *error_x[:3],
        *sizes,
        decompositions,
        sizes != (training, testing),
        np.concatenate(pooled),
        mean_x[3],
        dict(zip(elements, zip(mean_x[4:], error_x[4:], strict=True), strict=True)),
    )


def _means(statistics_dx: np.ndarray) -> tuple[list[float], list[float]]:
    """Return means over the decompositions, and their errors; nan if there is none."""
    means, errors = [], []
    for statistic_d in statistics_dx.T:
        finite = statistic_d[np.isfinite(statistic_d)]
        several = len(finite) > 1
        means.append(float(finite.mean()) if len(finite) else float('nan'))
        error = finite.std(ddof=1) / np.sqrt(len(finite)) if several else np.nan
        errors.append(float(error))
    return means, errors
