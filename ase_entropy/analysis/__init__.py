"""What a training set is worth: arrays in, numbers out."""

from ase_entropy.analysis.correlation import (
    Autocorrelation,
    autocorrelation,
    multiple_correlation,
    rank_correlation,
)
from ase_entropy.analysis.coverage import (
    NEAR,
    are_covered,
    coverage_distances,
    coverage_entropies,
    pooled_entropy,
)
from ase_entropy.analysis.decompositions import decomposition_sizes
from ase_entropy.analysis.distributions import (
    common_edges,
    entropies,
    histograms,
    principal_map,
)
from ase_entropy.analysis.growth import growth_of_entropy
from ase_entropy.analysis.kernel_density import log_kernel_densities
from ase_entropy.analysis.overlap import count_shared
from ase_entropy.analysis.parts import Estimate
from ase_entropy.analysis.radial import (
    RadialDistribution,
    radial_distribution,
    radial_mean,
    radial_terms,
)
from ase_entropy.analysis.scaling import ReferenceScale, in_deviations
from ase_entropy.analysis.set_entropy import SetEntropy, set_entropies
from ase_entropy.analysis.set_gain import SetGain, set_gains
from ase_entropy.analysis.surrogate import (
    SurrogateError,
    nearest_distances,
    surrogate_error,
)
from ase_entropy.analysis.variety import (
    ElementUnits,
    GroupNumbers,
    count_space_groups,
    describe_groups,
    kinds_of_starts,
    ranges_of_sizes,
)

__all__ = [
    'NEAR',
    'Autocorrelation',
    'ElementUnits',
    'Estimate',
    'GroupNumbers',
    'RadialDistribution',
    'ReferenceScale',
    'SetEntropy',
    'SetGain',
    'SurrogateError',
    'are_covered',
    'autocorrelation',
    'common_edges',
    'count_shared',
    'count_space_groups',
    'coverage_distances',
    'coverage_entropies',
    'decomposition_sizes',
    'describe_groups',
    'entropies',
    'growth_of_entropy',
    'histograms',
    'in_deviations',
    'kinds_of_starts',
    'log_kernel_densities',
    'multiple_correlation',
    'nearest_distances',
    'pooled_entropy',
    'principal_map',
    'radial_distribution',
    'radial_mean',
    'radial_terms',
    'ranges_of_sizes',
    'rank_correlation',
    'set_entropies',
    'set_gains',
    'surrogate_error',
]
