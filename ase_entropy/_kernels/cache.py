"""Whether the kernels were compiled before, on this machine."""

from numba import config

from ase_entropy._kernels import minimize, segment
from ase_entropy._kernels.jit import IS_CACHED

__all__ = ['COMPILING', 'is_compiled']

COMPILING = 'compiling the kernels: ' + (
    'once for this installation, up to a minute'
    if IS_CACHED
    else 'up to a minute, now and in every worker (to compile once only, set '
    'NUMBA_CACHE_DIR to a folder that can be written)'
)


def is_compiled() -> bool:
    """Return whether the largest kernels, which call all others, are in the cache.

    With the compiler switched off (``NUMBA_DISABLE_JIT``) nothing is left to compile.
    """
    if config.DISABLE_JIT:
        return True
    return IS_CACHED and all(
        kernel._cache.is_whole() for kernel in (segment.advance, minimize.advance)
    )
