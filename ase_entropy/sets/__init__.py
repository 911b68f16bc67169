"""Sets of configurations from anywhere: as arrays, with labels, for other programs."""

from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.dataset import Dataset, read_dataset, read_descriptor
from ase_entropy.sets.export import bare_atoms
from ase_entropy.sets.formats.database import export_database
from ase_entropy.sets.formats.extxyz import export_extxyz
from ase_entropy.sets.formats.fitsnap import export_fitsnap
from ase_entropy.sets.formats.poscar import export_poscar
from ase_entropy.sets.label_files import labels_from
from ase_entropy.sets.labels import labels_of
from ase_entropy.sets.periodic import fully_periodic
from ase_entropy.sets.reading import read_configurations, read_species
from ase_entropy.sets.sizes import sizes_from
from ase_entropy.sets.summary import Summary, summarize

__all__ = [
    'Configuration',
    'Dataset',
    'Summary',
    'bare_atoms',
    'export_database',
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
    'sizes_from',
    'summarize',
]
