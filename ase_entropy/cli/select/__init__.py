"""``ase-entropy select``: its options, and what it does with them."""

from ase_entropy.cli.select.command import CLICommand

__all__ = ['CLICommand']
