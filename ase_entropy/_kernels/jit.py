"""How kernels are compiled: once for an installation, where that can be kept."""

import contextlib
import pickle
from collections.abc import Callable
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import FunctionCache, IndexDataCacheFile

__all__ = ['IS_CACHED', 'UNCOUNTED', 'KernelCache', 'inner_kernel', 'kernel']


class _CheckedFiles(IndexDataCacheFile):
    """The files of numba's cache, with checksums: a damaged one counts as missing.

    Compiled code with a wrong byte in it would crash, or give other numbers. So would
    that for other types of arguments: two processes that compile a kernel at the same
    time may choose the same name for it.
    """

    def save(self, key: Any, data: Any) -> None:
        super().save(key, (key, data))

    def load(self, key: Any) -> Any:
        own_key, data = super().load(key) or (None, None)
        return data if own_key == key else None

    def _load_index(self) -> dict:
        try:
            return super()._load_index()
        except Exception:  # a damaged file raises errors of any kind
            return {}

    def _load_data(self, name: str) -> Any:
        with contextlib.suppress(Exception):
            digest, content = super()._load_data(name)
            if sha256(content).digest() == digest:
                return pickle.loads(content)
        return None

    def _save_data(self, name: str, data: Any) -> None:
        content = self._dump(data)
        super()._save_data(name, (sha256(content).digest(), content))


@cache
def _digest() -> str:
    """Return a digest of the sources of all kernels."""
    files = sorted(Path(__file__).parent.glob('*.py'))
    return sha256(b'\0'.join(file.read_bytes() for file in files)).hexdigest()


class KernelCache(FunctionCache):
    """Numba's cache; what it cannot read is compiled again, and replaced.

    A power failure, or a disk that is full, may leave empty or cut-off files in it.
    What was compiled from other sources is compiled again: numba looks at the file of a
    kernel, but its code holds that of the kernels that it calls, in other files.

    Parameters
    ----------
    function : callable
        What is compiled.

    Raises
    ------
    RuntimeError
        There is no folder for compiled code that can be written.
    """

    def __init__(self, function: Callable) -> None:
        super().__init__(function)
        self._cache_file = _CheckedFiles(
            self._cache_path,
            self._impl.filename_base,
            _digest(),
        )

    def save_overload(self, sig: Any, data: Any) -> None:
        """Save compiled code, if the disk takes it; it runs without that, too."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)


def _is_cached() -> bool:
    """Return whether numba finds a folder for compiled code that it can write."""

    def probe() -> None:
        pass

    try:
        KernelCache(probe)
    except RuntimeError:
        return False
    return True


IS_CACHED = _is_cached()
UNCOUNTED = {'_nrt': False}  # references to arrays, see below
COMMON = {'error_model': 'numpy', 'no_cfunc_wrapper': True}


def kernel(
    function: Callable | None = None, counts: bool = False, **options: Any
) -> Callable:
    """Compile a function with numba when it is called first; a decorator.

    No fastmath: the same seed gives the same rows everywhere (see CONTRIBUTING.md).

    Arrays belong to the caller, and kernels do not count references to them: the
    counters are atomic, and took a seventh of a step. One that makes arrays, or takes
    a random generator from Python, must count, or memory is never given back; and it
    must not be given an array by one that does not.
    """
    if function is None:
        return partial(kernel, counts=counts, **options)
    options = COMMON | ({} if counts else UNCOUNTED) | options
    compiled = njit(**options)(function)
    if IS_CACHED and not config.DISABLE_JIT:
        compiled._cache = KernelCache(function)
    return compiled


def inner_kernel(function: Callable) -> Callable:
    """As :func:`kernel`, for a function that only other kernels call.

    Numba then makes no entry from Python: unpacking arguments took a third of the time
    of compiling.
    """
    return kernel(function, no_cpython_wrapper=True)
