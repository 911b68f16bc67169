"""Calls to kernels that have no entry from Python."""

from numba import njit


@njit
def call(kernel, *args):
    """Call a kernel that only other kernels call."""
    return kernel(*args)
