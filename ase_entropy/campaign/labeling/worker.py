"""What a worker does: labels of one configuration after the other."""

import threading
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from ase import Atoms
from ase.calculators.calculator import PropertyNotImplementedError

from ase_entropy.calculator.factory import Factory
from ase_entropy.campaign.engines.units import (
    TaskResult,
    UnitResult,
    WorkUnit,
    run_tasks,
)

__all__ = ['Frame', 'Labels', 'label_atoms', 'label_unit']

_OWN = threading.local()  # calculator of a worker, and the factory it is from


class Frame(NamedTuple):
    """A configuration to be labeled: its place in the set, from 0, and its name."""

    number: int
    name: str

    singular, plural = 'configuration', 'configurations'
    made_by = 'calculator'

    def __str__(self) -> str:
        return self.name


@dataclass
class Labels:
    """Labels of a configuration, as its worker returns them.

    Parameters
    ----------
    number : int
        Place of the configuration in the set.
    results : dict
        energy, forces, and what else of free_energy and stress there is (eV, Angstrom).
    calculator : str
        What the calculator calls itself.
    """

    number: int
    results: dict[str, Any]
    calculator: str


def label_unit(factory: Factory, unit: WorkUnit) -> UnitResult:
    """Label the configurations of a unit, as many as its time allows, at least one.

    The calculator is made once for each worker, and again after it has raised.
    """

    def run_one(frame: Frame, atoms: Atoms) -> TaskResult:
        calculator = _calculator(factory)
        try:
            results = label_atoms(atoms, calculator)
        except BaseException:
            _OWN.made = None
            raise
        name = str(getattr(calculator, 'name', None) or type(calculator).__name__)
        return TaskResult([Labels(frame.number, results, name)], [], None)

    return run_tasks(run_one, unit)


def _calculator(factory: Factory) -> Any:
    made = getattr(_OWN, 'made', None)
    if made is None or made[0] != factory:
        _OWN.made = made = factory, factory.calculator()
    return made[1]


def label_atoms(atoms: Atoms, calculator: Any) -> dict[str, Any]:
    """Return energy, forces, and free_energy and stress where the calculator has them.

    Constraints do not change the forces. Cells without a volume have no stress.

    Parameters
    ----------
    atoms : Atoms
        Its calculator is replaced.
    calculator : ase.calculators.calculator.Calculator
        Whose labels they are; what it knows of other atoms is forgotten.

    Raises
    ------
    ValueError
        Numbers that are not finite.
    Exception
        Whatever the calculator raises.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from ase.calculators.emt import EMT
    >>> results = label_atoms(bulk('Cu'), EMT())
    >>> sorted(results)
    ['energy', 'forces', 'free_energy', 'stress']
    """
    if hasattr(calculator, 'reset'):
        calculator.reset()
    atoms.calc = calculator
    results = {
        'energy': float(atoms.get_potential_energy()),
        'forces': np.array(atoms.get_forces(apply_constraint=False), float),
    }
    if 'free_energy' in getattr(calculator, 'results', {}):
        results['free_energy'] = float(calculator.results['free_energy'])
    if atoms.cell.rank == 3 and 'stress' in calculator.implemented_properties:
        try:
            results['stress'] = np.array(
                atoms.get_stress(apply_constraint=False), float
            )
        except PropertyNotImplementedError:
            pass
    for name, value in results.items():
        if not np.isfinite(value).all():
            raise ValueError(f'{name} of the calculator: not finite')
    return results
