"""``ase-entropy harvest``: its command, and options that it shares with `unbiased`."""

from ase_entropy.cli.harvest.command import CLICommand

__all__ = ['CLICommand']
