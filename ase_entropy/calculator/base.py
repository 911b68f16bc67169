"""The base: an ASE calculator whose energy is a part of V."""

import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import BaseCalculator
from ase.stress import voigt_6_to_full_3x3_stress

from ase_entropy import checks
from ase_entropy.calculator.factory import Factory, checked

__all__ = ['MOST_FORCE', 'Base', 'BaseEnergy', 'BaseFailed']

MOST_FORCE = 1000.0  # eV/Angstrom
_made = threading.local()  # calculators of this thread; they serve one caller at a time


class BaseFailed(FloatingPointError):
    """A base that cannot evaluate these atoms."""


@dataclass(frozen=True)
class Base:
    """A base in words: how its calculator is made, wherever it is needed.

    A :class:`~ase_entropy.Recipe` and its rows hold the words; every worker makes the
    calculator once, and uses it for all of its cycles.

    Parameters
    ----------
    factory : str
        ``module:name`` of a class or function that returns an ASE calculator with
        energy and forces.
    arguments : mapping
        Keyword arguments of the factory, JSON-ready.
    most_force : float
        Largest force (eV/Angstrom) on an atom that is believed; a cycle with a larger
        one fails, and is repeated.

    Raises
    ------
    ValueError
        Words of another form, arguments that JSON does not have, a bound that is not
        positive.

    Examples
    --------
    >>> base = Base('ase.calculators.lj:LennardJones', {'sigma': 2.5})
    >>> base.calculator().parameters['sigma']
    2.5
    >>> again = Base('ase.calculators.lj:LennardJones', {'sigma': 2.5})
    >>> again == base, again.calculator() is base.calculator()
    (True, True)
    """

    factory: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    most_force: float = MOST_FORCE

    def __post_init__(self) -> None:
        if not isinstance(self.factory, str):
            raise ValueError(
                f'base={self.factory!r}: expected the words module:factory'
            )
        plain = json.loads(json.dumps(dict(self._made_by().arguments)))
        object.__setattr__(self, 'arguments', plain)
        checks.real('most_force', self.most_force, above=0.0)

    def __hash__(self) -> int:
        return hash(self._words())

    def _made_by(self) -> Factory:
        return Factory(self.factory, self.arguments, role='base')

    def _words(self) -> tuple[str, str]:
        return self.factory, json.dumps(self.arguments, sort_keys=True)

    def calculator(self) -> Any:
        """Return the calculator, made at the first call.

        Raises
        ------
        ValueError
            No such module, no such name in it, a factory that raises, or that makes
            something else than a calculator with energy and forces.
        """
        known = _made.__dict__.setdefault('calculators', {})
        if self._words() not in known:
            known[self._words()] = self._made_by().calculator()
        return known[self._words()]


class BaseEnergy:
    """Energy, forces and stress of a base, or a sentence that says what is wrong.

    Parameters
    ----------
    base : Base or ASE calculator
        With energy and forces; a calculator has the usual bound on its forces.

    Raises
    ------
    ValueError
        Something else.
    """

    def __init__(self, base: Any) -> None:
        words = base if isinstance(base, Base) else None
        self.calculator = calc = words.calculator() if words else base
        self.name = words.factory if words else type(calc).__name__
        self.most_force = words.most_force if words else MOST_FORCE
        able = checked(calc, f'base={self.name}').implemented_properties
        self.energy = 'free_energy' if 'free_energy' in able else 'energy'
        self.has_stress = 'stress' in able

    def reset(self) -> None:
        """Forget all atoms, so that nothing depends on what was evaluated before."""
        if hasattr(self.calculator, 'reset'):
            self.calculator.reset()

    def evaluate(self, atoms: Atoms) -> tuple[float, np.ndarray]:
        """Return energy (eV) and forces, (n, 3) (eV/Angstrom), constraints aside.

        Raises
        ------
        BaseFailed
            The calculator raises, or returns something else than these.
        FloatingPointError
            Numbers that are not finite, a force beyond the bound.
        """
        energy, forces_nc = self._ask(atoms, self.energy, 'forces')
        return self._checked(energy, forces_nc, len(atoms))

    def evaluate_all(self, atoms: Atoms) -> tuple[float, np.ndarray, np.ndarray]:
        """As `evaluate`, and the strain derivative (eV), zero without a stress."""
        energy, forces_nc = self.evaluate(atoms)
        virial_cc = np.zeros((3, 3))
        if self.has_stress and atoms.cell.rank == 3:
            (stress,) = self._ask(atoms, 'stress')
            virial_cc = voigt_6_to_full_3x3_stress(stress) * atoms.get_volume()
        return energy, forces_nc, virial_cc

    def along(self, atoms: Atoms) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
        """Return `evaluate` as a function of the positions of these atoms.

        While it is in use, nobody else may use the calculator: ASE, which compares all
        atoms with the last ones at each question, is not asked.
        """
        here, calc = atoms.copy(), self.calculator
        here.set_constraint()
        names = [self.energy, 'forces']
        plain = getattr(type(calc), 'get_property', None) is BaseCalculator.get_property
        first = True

        def evaluate(pos_nc: np.ndarray) -> tuple[float, np.ndarray]:
            nonlocal first
            here.positions[:] = pos_nc
            if first or not plain:
                first = False
                return self.evaluate(here)
            calc.atoms, calc.results = here, {}
            try:
                calc.calculate(here, names, ['positions'])
                energy, forces_nc = (calc.results[name] for name in names)
            except Exception as error:  # of other people's code
                raise self._failure(error) from error
            return self._checked(energy, forces_nc, len(here))

        return evaluate

    def _ask(self, atoms: Atoms, *names: str) -> list:
        try:
            return [self.calculator.get_property(name, atoms) for name in names]
        except Exception as error:  # of other people's code
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> BaseFailed:
        self.reset()  # it may have stopped halfway
        reason = checks.reason_of(error)
        return BaseFailed(f'base {self.name} fails on these atoms, {reason}')

    def _checked(self, energy: Any, forces_nc: Any, n: int) -> tuple[float, np.ndarray]:
        try:
            energy, forces_nc = float(energy), np.asarray(forces_nc, float)
        except (TypeError, ValueError) as error:
            raise self._failure(error) from error
        if forces_nc.shape != (n, 3):
            raise BaseFailed(
                f'base {self.name} returns forces of shape {forces_nc.shape}: '
                f'expected ({n}, 3)'
            )
        together = math.sqrt(np.vdot(forces_nc, forces_nc))  # as fast as it gets
        if not (math.isfinite(energy) and together <= self.most_force):
            self._check_each(energy, forces_nc)
        return energy, forces_nc

    def _check_each(self, energy: float, forces_nc: np.ndarray) -> None:
        largest = np.linalg.norm(forces_nc, axis=1).max()
        if not (math.isfinite(energy) and largest <= self.most_force):
            raise FloatingPointError(
                f'base {self.name} has energy {energy:.6g} eV and a force of '
                f'{largest:.3g} eV/Angstrom, most_force is {self.most_force:g}'
            )
