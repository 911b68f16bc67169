"""Distance to the nearest training environment, a surrogate for the error there."""

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from ase_entropy import checks
from ase_entropy.analysis.scaling import ReferenceScale, in_deviations

__all__ = [
    'SurrogateError',
    'decomposition_sizes',
    'nearest_distances',
    'surrogate_error',
]

TRAINING, TESTING = 6000, 3000  # environments, in the paper
BOTH = 'train_ek', 'test_ek'
MOST = 1_000_000  # decompositions
NEIGHBORS = 64  # looked up once for each test environment
POOLED = 300_000  # distances kept for histograms
FIRST = 8  # neighbors that are tried first, in most decompositions enough


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


def decomposition_sizes(
    environments: int, training: int = TRAINING, testing: int = TESTING
) -> tuple[int, int]:
    """Return how many environments to train and test on, of so many.

    The numbers asked for, or both scaled down in proportion.

    Raises
    ------
    ValueError
        Fewer than two environments, or a number asked for that is not positive.

    Examples
    --------
    >>> decomposition_sizes(10_000), decomposition_sizes(3900)
    ((6000, 3000), (2600, 1300))
    """
    checks.whole('training', training, least=1)
    checks.whole('testing', testing, least=1)
    checks.whole('environments', environments, least=2)
    wanted = training + testing
    if environments >= wanted:
        return training, testing
    tested = min(max(1, testing * environments // wanted), environments - 1)
    return min(max(1, training * environments // wanted), environments - tested), tested


def nearest_distances(
    train_ek: np.ndarray,
    test_ek: np.ndarray,
    reference_ek: np.ndarray | ReferenceScale,
) -> np.ndarray:
    """Return the distance of each test environment to the nearest training one.

    Components are measured in their standard deviations in the reference set.

    Parameters
    ----------
    train_ek, test_ek : (e, k) float arrays
        Descriptors.
    reference_ek : (e, k) float array or ReferenceScale
        Descriptors of the reference, or the scale it makes, see :func:`in_deviations`.

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
    return cKDTree(train_ek).query(test_ek)[0]


def surrogate_error(
    train_ek: np.ndarray,
    test_ek: np.ndarray | None,
    reference_ek: np.ndarray | ReferenceScale,
    *,
    rng: np.random.Generator,
    training: int = TRAINING,
    testing: int = TESTING,
    decompositions: int = 1000,
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
    counts = len(train_ek), None if same else len(test_ek)
    sizes = _sizes(*counts, training, testing)
    search = _Search(train_ek, test_ek)
    statistics_dx, pooled = np.empty((decompositions, 3)), []
    for d in range(decompositions):
        distance_s = search.nearest(*_draw(*counts, *sizes, rng))
        statistics_dx[d] = distance_s.mean(), np.median(distance_s), distance_s.max()
        if len(pooled) * sizes[1] < POOLED:
            pooled.append(distance_s)
    error_x = np.full(3, np.nan)
    if decompositions > 1:
        error_x = statistics_dx.std(axis=0, ddof=1) / np.sqrt(decompositions)
    return SurrogateError(
        *map(float, statistics_dx.mean(axis=0)),
        *map(float, error_x),
        *sizes,
        decompositions,
        sizes != (training, testing),
        np.concatenate(pooled),
    )


def _sizes(train: int, test: int | None, training: int, testing: int) -> tuple:
    """Return the sizes of the parts that are drawn; the same set if `test` is none."""
    if test is None:
        return decomposition_sizes(train, training, testing)
    checks.whole('training', training, least=1)
    checks.whole('testing', testing, least=1)
    if train * testing <= test * training:  # training environments are scarcer
        fewer = min(train, training)
        return fewer, max(1, fewer * testing // training)
    fewer = min(test, testing)
    return max(1, fewer * training // testing), fewer


def _draw(
    train: int, test: int | None, training: int, testing: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw training and test environments, disjoint ones if the set is the same."""
    if test is None:
        drawn = rng.choice(train, training + testing, replace=False)
        return drawn[:training], drawn[training:]
    return (
        rng.choice(train, training, replace=False),
        rng.choice(test, testing, replace=False),
    )


class _Search:
    """Nearest of a part of the training set, for parts of the test set.

    The nearest neighbors of every test environment in the whole training set are looked
    up once. The first of them that is in a part is the nearest in that part; only where
    none is, the part is searched.
    """

    def __init__(self, train_ek: np.ndarray, test_ek: np.ndarray) -> None:
        self.train_ek, self.test_ek = train_ek, test_ek
        neighbors = np.arange(1, min(NEIGHBORS, len(train_ek)) + 1)
        tree = cKDTree(train_ek)
        self.distance_ex = np.empty((len(test_ek), len(neighbors)))
        self.place_ex = np.empty((len(test_ek), len(neighbors)), np.int32)
        for begin in range(0, len(test_ek), 10_000):
            e = slice(begin, begin + 10_000)
            self.distance_ex[e], self.place_ex[e] = tree.query(test_ek[e], neighbors)

    def nearest(self, train: np.ndarray, test: np.ndarray) -> np.ndarray:
        """Return the distances of the test to the training environments drawn."""
        member_e = np.zeros(len(self.train_ek), bool)
        member_e[train] = True
        distance_s = np.empty(len(test))
        left = np.arange(len(test))  # those without a neighbor so far
        for columns in (slice(0, FIRST), slice(FIRST, None)):
            place_sx = self.place_ex[test[left], columns]
            if place_sx.size == 0:
                break
            member_sx = member_e[place_sx]
            first_s = member_sx.argmax(axis=1)
            found = member_sx[np.arange(len(left)), first_s]
            own = self.distance_ex[test[left], columns]
            distance_s[left[found]] = own[found, first_s[found]]
            left = left[~found]
        if len(left):
            tree = cKDTree(self.train_ek[train])
            distance_s[left] = tree.query(self.test_ek[test[left]])[0]
        return distance_s
