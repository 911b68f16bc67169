"""Descriptors of local atomic environments, with derivatives."""

from ase_entropy.descriptors.bispectrum import Bispectrum
from ase_entropy.descriptors.dscribe import DscribeDescriptor, is_dscribe
from ase_entropy.descriptors.evaluation import describe, describe_several
from ase_entropy.descriptors.linear import LinearDescriptor

__all__ = [
    'Bispectrum',
    'DscribeDescriptor',
    'LinearDescriptor',
    'describe',
    'describe_several',
    'is_dscribe',
    'registry',
]

registry = {
    cls.__name__: cls for cls in (Bispectrum, DscribeDescriptor, LinearDescriptor)
}
