"""Random parts of sets to train and to test on, and a search in them."""

import numpy as np
from scipy.spatial import cKDTree

from ase_entropy import checks

__all__ = [
    'TESTING',
    'TRAINING',
    'Search',
    'decomposition_sizes',
    'draw_parts',
    'sizes_of_parts',
]

TRAINING, TESTING = 6000, 3000  # environments, in the paper
NEIGHBORS = 64  # looked up once for each test environment
FIRST = 8  # neighbors that are tried first, in most decompositions enough
LOOKED_UP = 8  # searches that a look-up of all neighbors takes as long as


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


def sizes_of_parts(train: int, test: int | None, training: int, testing: int) -> tuple:
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


def draw_parts(
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


class Search:
    """Nearest of a part of the training set, for parts of the test set.

    The nearest neighbors of every test environment in the whole training set are looked
    up once. The first of them that is in a part is the nearest in that part; only where
    none is, the part is searched. In sets so large that less is tested than would be
    looked up, each part is searched.

    Parameters
    ----------
    train_ek, test_ek : (e, k) float arrays
        The sets.
    queries : int
        Distances that will be asked for.
    workers : int
        Threads of a search.
    """

    def __init__(
        self, train_ek: np.ndarray, test_ek: np.ndarray, queries: int, workers: int
    ) -> None:
        self.train_ek, self.test_ek, self.workers = train_ek, test_ek, workers
        known = min(NEIGHBORS, len(train_ek))
        if queries < LOOKED_UP * len(test_ek):
            known = 0
        neighbors = np.arange(1, known + 1)
        self.distance_ex = np.empty((len(test_ek), known))
        self.place_ex = np.empty((len(test_ek), known), np.int32)
        if known == 0:
            return
        tree = cKDTree(train_ek)
        for begin in range(0, len(test_ek), 10_000):
            e = slice(begin, begin + 10_000)
            found = tree.query(test_ek[e], neighbors, workers=workers)
            self.distance_ex[e], self.place_ex[e] = found

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
            found = tree.query(self.test_ek[test[left]], workers=self.workers)
            distance_s[left] = found[0]
        return distance_s
