"""Energy and forces of a base, for kernels that cannot compute them."""

import numpy as np
from ase import Atoms

from ase_entropy._kernels.evaluate import BaseNumbers

__all__ = ['BaseForces', 'base_forces']


class BaseForces:
    """What the base of some atoms says at positions that kernels have moved them to.

    Parameters
    ----------
    atoms : Atoms
        Atoms with an EntropyCalculator that has a base.

    Attributes
    ----------
    numbers : BaseNumbers
        For the kernels.
    """

    def __init__(self, atoms: Atoms) -> None:
        self._evaluate = atoms.calc.base_energy.along(atoms)
        self.numbers = BaseNumbers(
            np.zeros((len(atoms), 3)), np.zeros(1), np.zeros(1, bool)
        )

    def ask(self, pos_nc: np.ndarray, or_nan: bool = False) -> None:
        """Evaluate the base; where it fails, raise, or note that V ends here.

        Raises
        ------
        FloatingPointError
            As the base does.
        """
        forces_nc, energy, known = self.numbers
        try:
            energy[0], forces_nc[:] = self._evaluate(pos_nc)
        except FloatingPointError:
            if not or_nan:
                raise
            energy[0], forces_nc[:] = np.nan, np.nan
        known[0] = True


def base_forces(atoms: Atoms) -> BaseForces | None:
    """Return the forces of the base of these atoms, None without a base."""
    return None if atoms.calc.base is None else BaseForces(atoms)
