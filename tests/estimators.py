"""Estimators that tests share: every class, with every option, in five components."""

import numpy as np

from ase_entropy import entropy as estimators
from ase_entropy.entropy import (
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LogDetEntropy,
    NearestNeighborEntropy,
    SmoothNearestNeighborEntropy,
)

COMPONENTS = 5
RNG = np.random.default_rng(11)
REFERENCE = RNG.standard_normal((9, COMPONENTS))
SCALE = (0.5, 2.0, 1.3, 0.7, 3.0)
WHITENING = RNG.standard_normal((COMPONENTS, COMPONENTS))

OPTIONS = {
    'as it is': {},
    'reference': {'reference_mk': REFERENCE},
    'scale': {'scale_k': SCALE},
    'whitening': {'whitening_kx': WHITENING},
    'reference, scale': {'reference_mk': REFERENCE, 'scale_k': SCALE},
    'fewer dimensions': {'whitening_kx': WHITENING[:, :3]},
}
KINDS = {
    'exact': (NearestNeighborEntropy, {}),
    'exact, soft': (NearestNeighborEntropy, {'softening': 0.3}),
    'order 1': (SmoothNearestNeighborEntropy, {'order': 1}),
    'order 6, soft': (SmoothNearestNeighborEntropy, {'order': 6, 'softening': 0.3}),
    'order 7.5': (SmoothNearestNeighborEntropy, {'order': 7.5}),
    'order 96': (SmoothNearestNeighborEntropy, {'order': 96}),
    'order inf': (SmoothNearestNeighborEntropy, {'order': np.inf}),
    'Silverman': (KernelEntropy, {}),
    'Silverman, soft': (KernelEntropy, {'softening': 0.3}),
    'bandwidth 0.4': (KernelEntropy, {'bandwidth': 0.4}),
    'first neighbor': (KozachenkoLeonenkoEntropy, {}),
    'third neighbor, soft': (KozachenkoLeonenkoEntropy, {'k': 3, 'softening': 0.3}),
    'first neighbor, order 6': (KozachenkoLeonenkoEntropy, {'order': 6}),
    'third neighbor, order 7.5': (KozachenkoLeonenkoEntropy, {'k': 3, 'order': 7.5}),
    'covariance': (LogDetEntropy, {'ridge': 0.0}),
    'covariance, ridge': (LogDetEntropy, {'ridge': 0.5}),
}
CASES = {
    f'{kind}, {option}': cls(**settings, **OPTIONS[option])
    for kind, (cls, settings) in KINDS.items()
    for option in OPTIONS
}
ALONE = {type(case).__name__: type(case) for case in CASES.values()}
assert {*ALONE, 'PerElement'} == set(estimators.registry)  # that is in test_elements


def points(n=30, seed=0):
    """Return n points in five components."""
    return np.random.default_rng(seed).standard_normal((n, COMPONENTS))
