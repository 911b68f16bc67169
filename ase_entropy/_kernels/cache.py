"""Whether the kernels were compiled before, on this machine."""

from pathlib import Path

from ase_entropy._kernels import segment

__all__ = ['is_compiled']


def is_compiled() -> bool:
    """Say whether the largest kernel, which calls all others, is in the cache."""
    folder = segment.advance.stats.cache_path
    return any(Path(folder).glob('segment.advance-*.nbi'))
