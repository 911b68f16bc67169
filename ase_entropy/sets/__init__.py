"""Sets of configurations from anywhere: as arrays, with labels, for other programs."""

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.dataset import (
    Dataset,
    read_dataset,
    read_descriptor,
    read_species,
)
from ase_entropy.sets.export import bare_atoms
from ase_entropy.sets.extxyz import export_extxyz
from ase_entropy.sets.fitsnap import export_fitsnap
from ase_entropy.sets.label_files import labels_from
from ase_entropy.sets.labels import labels_of
from ase_entropy.sets.periodic import fully_periodic
from ase_entropy.sets.poscar import export_poscar
from ase_entropy.sets.reading import read_configurations

__all__ = [
    'Configuration',
    'Dataset',
    'bare_atoms',
    'export_extxyz',
    'export_fitsnap',
    'export_poscar',
    'fully_periodic',
    'labels_from',
    'labels_of',
    'read_configurations',
    'read_dataset',
    'read_descriptor',
    'read_species',
]
