"""Whether the kernels were compiled before, on this machine."""

from pathlib import Path

from numba import config

from ase_entropy._kernels import minimize, segment

__all__ = ['COMPILING', 'is_compiled']

COMPILING = 'compiling the kernels: once for this installation, up to a minute'


def is_compiled() -> bool:
    """Say whether the largest kernels, which call all others, are in the cache.

    With the compiler switched off (``NUMBA_DISABLE_JIT``) nothing is left to compile.
    """
    if config.DISABLE_JIT:
        return True
    return all(
        any(Path(kernel.stats.cache_path).glob(f'{name}.advance-*.nbi'))
        for name, kernel in (
            ('segment', segment.advance),
            ('minimize', minimize.advance),
        )
    )
