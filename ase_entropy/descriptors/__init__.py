"""Descriptors of local atomic environments, with derivatives."""

from ase_entropy.descriptors.bispectrum import Bispectrum
from ase_entropy.descriptors.chgnet import CHGNet
from ase_entropy.descriptors.dscribe import DscribeDescriptor, is_dscribe
from ase_entropy.descriptors.evaluation import describe, describe_several
from ase_entropy.descriptors.linear import LinearDescriptor
from ase_entropy.descriptors.mace import MACE
from ase_entropy.descriptors.sevennet import SevenNet
from ase_entropy.descriptors.torch_descriptor import TorchDescriptor

__all__ = [
    'MACE',
    'Bispectrum',
    'CHGNet',
    'DscribeDescriptor',
    'LinearDescriptor',
    'SevenNet',
    'TorchDescriptor',
    'describe',
    'describe_several',
    'is_dscribe',
    'registry',
]

registry = {
    cls.__name__: cls
    for cls in (
        Bispectrum,
        CHGNet,
        DscribeDescriptor,
        LinearDescriptor,
        MACE,
        SevenNet,
        TorchDescriptor,
    )
}
