"""How kernels are compiled: once for an installation, where that can be kept."""

from functools import partial

from numba import njit

__all__ = ['IS_CACHED', 'kernel']


def _is_cached() -> bool:
    """Return whether numba finds a folder for compiled code that it can write."""

    def probe() -> None:
        pass

    try:
        njit(cache=True)(probe)
    except RuntimeError:
        return False
    return True


IS_CACHED = _is_cached()

# No fastmath: the same seed gives the same rows everywhere (see CONTRIBUTING.md).
kernel = partial(njit, cache=IS_CACHED, error_model='numpy')
