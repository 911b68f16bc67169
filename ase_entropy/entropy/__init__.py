"""Entropy estimators: descriptors of a cell in, entropy and its gradient out."""

from ase_entropy.entropy.growth import SetSummary
from ase_entropy.entropy.kernel import KernelEntropy
from ase_entropy.entropy.kozachenko_leonenko import KozachenkoLeonenkoEntropy
from ase_entropy.entropy.log_det import LogDetEntropy
from ase_entropy.entropy.nearest_neighbor import (
    NearestNeighborEntropy,
    SmoothNearestNeighborEntropy,
    at_order,
)
from ase_entropy.entropy.per_element import PerElement
from ase_entropy.entropy.summaries import GaussianSummary, LandmarkSummary
from ase_entropy.statistics import standard_scale, whitening

__all__ = [
    'GaussianSummary',
    'KernelEntropy',
    'KozachenkoLeonenkoEntropy',
    'LandmarkSummary',
    'LogDetEntropy',
    'NearestNeighborEntropy',
    'PerElement',
    'SetSummary',
    'SmoothNearestNeighborEntropy',
    'at_order',
    'registry',
    'standard_scale',
    'whitening',
]

registry = {
    cls.__name__: cls
    for cls in (
        NearestNeighborEntropy,
        SmoothNearestNeighborEntropy,
        KernelEntropy,
        KozachenkoLeonenkoEntropy,
        LogDetEntropy,
        PerElement,
    )
}
