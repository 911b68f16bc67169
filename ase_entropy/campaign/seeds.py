"""Seeds of walkers and of their cycles."""

import numpy as np

__all__ = ['cycle_seed', 'start_rng']


def start_rng(seed: int, walker: int) -> np.random.Generator:
    """Return the generator that a walker's start comes from."""
    sequence = np.random.SeedSequence(seed, spawn_key=(walker,))
    return np.random.default_rng(sequence)


def cycle_seed(
    sequence: np.random.SeedSequence, walker: int, cycle: int, attempt: int = 0
) -> int:
    """Return the seed of a cycle: 53 bits, so that every database keeps them.

    Examples
    --------
    >>> sequence = np.random.SeedSequence(1)
    >>> cycle_seed(sequence, walker=0, cycle=0) < 2**53
    True
    """
    child = np.random.SeedSequence(
        sequence.entropy, spawn_key=(*sequence.spawn_key, walker, cycle, attempt)
    )
    return int(child.generate_state(1, np.uint64)[0] >> np.uint64(11))
