"""``ase-entropy info``: a summary of a set, or the entropy of its environments."""

from ase_entropy.cli.info.command import CLICommand

__all__ = ['CLICommand']
