"""``python -m ase_entropy`` is the command ``ase-entropy``."""

from ase_entropy.cli import main

main()
