"""Parts of sets, drawn at random, on which students are trained.

pool = Pool(bench, 'w.db', tests=set())
chosen = draw(pool.sizes_m, 3000, seed=1)
pool.prepare([chosen])
frames, atoms, found = train([pool.part(chosen)], tests)
"""

import numpy as np
from transfer_bench import Bench, frame_key, read_frames
from transfer_student import errors, fit, join, triangle

__all__ = ['Pool', 'draw', 'train']


def draw(sizes_m, atoms: float, seed) -> np.ndarray | None:
    """Return random frames with so many atoms, to half a frame; None if there are less.

    With the same seed, the choice of more atoms begins with that of less.
    """
    order_m = np.random.default_rng(seed).permutation(len(sizes_m))
    total_m = np.cumsum(np.asarray(sizes_m)[order_m])
    if not len(total_m) or total_m[-1] < atoms:
        return None
    return order_m[: 1 + np.argmin(np.abs(total_m - atoms))]


class Pool:
    """Frames of a file that may be trained on; design matrices of those that are.

    Parameters
    ----------
    bench : Bench
        Label, student, and folder.
    file : str
        A set.
    tests : set of str
        Keys of test frames, which are left out.
    """

    def __init__(self, bench: Bench, file: str, tests: set[str]) -> None:
        self.bench = bench
        every = read_frames(file, bench.label.elements)
        unseen = [atoms for atoms in every if frame_key(atoms) not in tests]
        self.frames = [unseen[m] for m in bench.usable(unseen)]
        self.sizes_m = np.array([len(atoms) for atoms in self.frames], int)
        self.design, self.place = None, {}
        print(
            f'{file}: {len(every)} frames; left out: {len(every) - len(unseen)} of the '
            f'tests, {len(unseen) - len(self.frames)} with absurd labels; '
            f'{self.sizes_m.sum()} atoms to choose from',
            flush=True,
        )

    def prepare(self, chosen) -> None:
        """Compute the design matrix of the frames that will be chosen, by number."""
        numbers = sorted({int(m) for frames in chosen for m in frames})
        self.place = {m: place for place, m in enumerate(numbers)}
        if numbers:
            self.design = self.bench.design([self.frames[m] for m in numbers])

    def part(self, chosen):
        """Return the design of some of the frames that were prepared."""
        return self.design.choose([self.place[int(m)] for m in chosen])


def train(designs, tests) -> tuple[int, int, dict[str, tuple[float, float]]]:
    """Return frames and atoms of the designs, and the errors of each test family."""
    design = join(designs)
    coefficients = fit(triangle(design))
    found = {name: errors(test, coefficients) for name, test in tests.items()}
    return len(design.n_m), int(design.n_m.sum()), found
