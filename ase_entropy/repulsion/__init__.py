"""Excluded volume: the repulsion of pairs, E_rep, with its derivative."""

from ase_entropy.chemistry import Sizes
from ase_entropy.repulsion.clarke_smith import ClarkeSmith
from ase_entropy.repulsion.confinement import Confinement
from ase_entropy.repulsion.mixed_clarke_smith import MixedClarkeSmith
from ase_entropy.repulsion.zbl import ZieglerBiersackLittmark

__all__ = [
    'ClarkeSmith',
    'Confinement',
    'MixedClarkeSmith',
    'ZieglerBiersackLittmark',
    'registry',
    'repulsion_of',
]

registry = {
    cls.__name__: cls
    for cls in (ClarkeSmith, MixedClarkeSmith, ZieglerBiersackLittmark)
}


def repulsion_of(sizes: Sizes) -> ClarkeSmith | MixedClarkeSmith:
    """Return the Clarke-Smith repulsion of atoms of these sizes.

    Examples
    --------
    >>> repulsion_of(Sizes(('W',))) == ClarkeSmith()
    True
    """
    return (ClarkeSmith if len(sizes.species) == 1 else MixedClarkeSmith).of(sizes)
