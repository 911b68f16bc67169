"""The log of an anneal."""

from typing import IO, Any

import numpy as np
from ase.utils import IOContext

__all__ = ['AnnealLogger']


class AnnealLogger(IOContext):
    """One line on the state of a cyclic anneal.

    Columns: step; temperature of the bath and of the atoms (K); K, E_rep (eV);
    S (nats); V (eV); largest force (eV/Angstrom).

    Parameters
    ----------
    dyn : CyclicLangevin
        The dynamics.
    logfile : file or str
        Opened file, file name, or ``'-'`` for the terminal.
    comm
        ASE communicator.
    """

    columns = (
        ('step', 10, 'd'),
        ('T_bath[K]', 10, '.1f'),
        ('T[K]', 10, '.1f'),
        ('K[eV]', 10, '.2f'),
        ('E_rep[eV]', 12, '.4f'),
        ('S[nats]', 9, '.4f'),
        ('V[eV]', 12, '.4f'),
        ('fmax[eV/A]', 11, '.4f'),
    )

    def __init__(self, dyn: Any, logfile: IO | str, comm: Any) -> None:
        self.dyn = dyn
        self.file = self.openfile(file=logfile, mode='a', comm=comm)
        self.file.write(' '.join(f'{n:>{w}}' for n, w, _ in self.columns) + '\n')

    def __call__(self) -> None:
        """Write the line."""
        atoms, calc = self.dyn.atoms, self.dyn.atoms.calc
        values = (
            self.dyn.nsteps,
            self.dyn.temperature_K,
            atoms.get_temperature(),
            self.dyn.k_entropy,
            getattr(calc, 'e_rep', np.nan),
            getattr(calc, 'entropy', np.nan),
            atoms.get_potential_energy(),
            np.linalg.norm(atoms.get_forces(), axis=1).max(),
        )
        line = ' '.join(
            f'{value:{width}{form}}'
            for value, (_, width, form) in zip(values, self.columns, strict=True)
        )
        self.file.write(line + '\n')
        self.file.flush()
