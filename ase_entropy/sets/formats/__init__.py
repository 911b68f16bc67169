"""Formats of other programs, one file each."""

from ase_entropy.sets.formats.extxyz import export_extxyz
from ase_entropy.sets.formats.fitsnap import export_fitsnap
from ase_entropy.sets.formats.poscar import export_poscar

__all__ = ['export_extxyz', 'export_fitsnap', 'export_poscar']
