"""Sets of configurations from anywhere: as arrays, with labels, for other programs."""

from ase_entropy.sets.configurations import bare_atoms, configurations, right_handed
from ase_entropy.sets.dataset import (
    Dataset,
    read_dataset,
    read_descriptor,
    read_species,
)
from ase_entropy.sets.export import export_extxyz, export_fitsnap, export_poscar
from ase_entropy.sets.labels import labels_from

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
