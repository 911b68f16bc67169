"""Descriptors of local atomic environments, with derivatives."""

from ase_entropy.descriptors.bispectrum import Bispectrum

__all__ = ['Bispectrum', 'registry']

registry = {'Bispectrum': Bispectrum}
