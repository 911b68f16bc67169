"""Calculators that tests of labels need, made in workers."""

import os
import time
from pathlib import Path

from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT

number = 3  # not callable


def noted(folder):
    """Make EMT, and a file that says so."""
    (Path(folder) / f'made-{os.getpid()}-{time.monotonic_ns()}').touch()
    return EMT()


class Harmful(EMT):
    """EMT that is slow, and does harm once, or always, to five atoms."""

    def __init__(self, folder='', harm='', always=False, seconds=0.0):
        super().__init__()
        self.flag = Path(folder) / f'harm-{harm}'
        self.harm, self.always, self.seconds = harm, always, seconds

    def calculate(self, atoms, *args):
        """Compute, unless harm is done."""
        time.sleep(self.seconds)
        if self.harm and len(atoms) == 5 and (self.always or not self.flag.exists()):
            self.flag.touch()
            if self.harm == 'dies':
                os._exit(9)
            if self.harm == 'hangs':
                time.sleep(1000)
            if self.harm == 'raises':
                raise OSError('no coffee\nleft')
        super().calculate(atoms, *args)
        if self.harm == 'nan' and len(atoms) == 5:
            self.results['forces'] = self.results['forces'] * float('nan')


class Plain(Calculator):
    """A calculator without stress whose energy counts its calls since a reset."""

    implemented_properties = ('energy', 'forces')
    calls = 0

    def reset(self):
        """Forget what was computed."""
        super().reset()
        self.calls = 0

    def calculate(self, atoms=None, properties=(), system_changes=()):
        """Compute nothing of use."""
        super().calculate(atoms, properties, system_changes)
        self.calls += 1
        self.results = {'energy': self.calls, 'forces': 0.0 * atoms.positions}


class OnlyEnergy(Plain):
    """A calculator without forces."""

    implemented_properties = ('energy',)
