"""Sets of configurations from anywhere: as arrays, with labels, for other programs."""

from ase_entropy.sets.configurations import bare_atoms, configurations, right_handed
from ase_entropy.sets.dataset import (
    Dataset,
    read_dataset,
    read_descriptor,
    read_species,
)
from ase_entropy.sets.extxyz import export_extxyz
from ase_entropy.sets.fitsnap import export_fitsnap
from ase_entropy.sets.labels import labels_from
from ase_entropy.sets.poscar import export_poscar

__all__ = [
    'Dataset',
    'bare_atoms',
    'configurations',
    'export_extxyz',
    'export_fitsnap',
    'export_poscar',
    'labels_from',
    'read_dataset',
    'read_descriptor',
    'read_species',
    'right_handed',
]
