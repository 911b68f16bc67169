"""Descriptors of local atomic environments, with derivatives."""

from typing import Any

from ase_entropy.descriptors.bispectrum import Bispectrum
from ase_entropy.descriptors.dscribe import DscribeDescriptor, is_dscribe
from ase_entropy.descriptors.linear import LinearDescriptor

__all__ = [
    'Bispectrum',
    'DscribeDescriptor',
    'LinearDescriptor',
    'is_dscribe',
    'reach',
    'registry',
]

registry = {
    cls.__name__: cls for cls in (Bispectrum, DscribeDescriptor, LinearDescriptor)
}


def reach(descriptor: Any) -> float:
    """Return the largest distance (Angstrom) at which a descriptor sees an atom.

    Its `cutoff`, unless it says otherwise.
    """
    return getattr(descriptor, 'reach', descriptor.cutoff)
