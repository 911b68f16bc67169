"""Whether the kernels were compiled before, on this machine."""

from pathlib import Path

from numba import config

from ase_entropy._kernels import segment

__all__ = ['is_compiled']


def is_compiled() -> bool:
    """Say whether the largest kernel, which calls all others, is in the cache.

    With the compiler switched off (``NUMBA_DISABLE_JIT``) nothing is left to compile.
    """
    if config.DISABLE_JIT:
        return True
    folder = segment.advance.stats.cache_path
    return any(Path(folder).glob('segment.advance-*.nbi'))
