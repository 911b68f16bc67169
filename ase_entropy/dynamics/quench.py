"""From a hot configuration to a converged minimum of V."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from ase import Atoms
from ase.optimize.optimize import DEFAULT_MAX_STEPS, Optimizer

from ase_entropy import checks
from ase_entropy._kernels import bfgs, minimize
from ase_entropy.dynamics.compiled import CompiledSegments
from ase_entropy.dynamics.compiled_form import has_compiled_form
from ase_entropy.dynamics.constraints import check_constraints
from ase_entropy.dynamics.observers import observer_is_due, steps_to_next_observer
from ase_entropy.entropy import at_order
from ase_entropy.pairs import native_arrays
from ase_entropy.parts import INFINITE

__all__ = ['Ladder', 'Quench']


@dataclass(frozen=True)
class Ladder:
    """How the end of a cycle is quenched: see :class:`Quench`.

    Parameters
    ----------
    orders : tuple of float
        Orders of the smooth nearest-neighbor entropy, one after the other; empty for
        the estimator of the calculator as it is.
    fmax : float
        Largest force (eV/Angstrom) that counts as converged.
    steps : int
        Most steps, over all orders.

    Raises
    ------
    ValueError
        An order below 1; a force or a number of steps that is not positive.

    Examples
    --------
    >>> Ladder(orders=[3, 24]).name
    'p3-p24'
    """

    orders: Sequence[float] = (2, 24)
    fmax: float = 0.05
    steps: int = 5000

    def __post_init__(self) -> None:
        object.__setattr__(self, 'orders', _checked(self.orders))
        checks.real('fmax', self.fmax, above=0.0)
        checks.whole('steps', self.steps, least=1, most=10**9)

    @property
    def name(self) -> str:
        """The orders as one word, for the database."""
        return '-'.join(f'p{order:g}' for order in self.orders) or 'as-it-is'


class Quench(Optimizer):
    r"""Minimize V on a ladder of ever sharper entropies.

    The exact nearest-neighbor entropy has kinks, and its maxima lie on them: no quench
    converges there. The power mean :class:`SmoothNearestNeighborEntropy` of a low order
    is smooth and looks beyond the nearest neighbor. Its minimum of V is the start for
    the next order, and so on; that of the last is converged, and, for an order of 24 or
    more, practically a minimum of the exact V, lower than those that the exact
    estimator leads to by itself.

    Each rung of the ladder ends when the largest force is below `fmax`, or where no
    step leads down any more. In the end the calculator has the estimator of the rung
    that was reached. At K = 0 there are no rungs, and descriptors are not computed.

    A run goes on where the one before it ended, also to a smaller `fmax`; on atoms that
    were moved since, the ladder begins anew.

    An ASE optimizer like any other: ``run(fmax, steps)``, ``irun``, ``attach``,
    `logfile` and `trajectory` work, on any atoms. Limited-memory BFGS with a line
    search for the weak Wolfe conditions; what one rung has learned of the curvature
    serves the next. Parts that have a compiled form are minimized in compiled segments.

    Parameters
    ----------
    atoms : Atoms
        Atoms with any calculator.
    orders : sequence of float, optional
        The ladder; empty for V as it is. By default that of :class:`Ladder` for an
        EntropyCalculator with a nearest-neighbor entropy, and empty for all others.
    logfile, trajectory, **kwargs
        As for ASE's optimizers.

    Attributes
    ----------
    evaluations : int
        How often energy and forces were evaluated.
    stuck : bool
        Whether the search ended without convergence, where no step leads down.

    Raises
    ------
    ValueError
        Orders for an estimator that has none, or below 1; a sum with an entropy in it;
        when run, constraints under which V has no minimum that it could find.

    References
    ----------
    .. [1] J. Nocedal, S. J. Wright, Numerical Optimization (Springer, 2006), Ch. 7.2.
    .. [2] A. S. Lewis, M. L. Overton, Math. Program. 141, 135 (2013): the line search.

    Examples
    --------
    >>> import numpy as np
    >>> from ase_entropy import EntropyCalculator, random_packing
    >>> rng = np.random.default_rng(1)
    >>> atoms = random_packing('W8', (6, 6, 6), min_distance=2.0, rng=rng)
    >>> atoms.calc = EntropyCalculator(k_entropy=100.0)
    >>> quench = Quench(atoms, orders=(3, 24), logfile=None)
    >>> quench.run(fmax=0.05)
    True
    >>> atoms.calc.estimator.order
    24
    """

    def __init__(
        self,
        atoms: Atoms,
        orders: Sequence[float] | None = None,
        logfile: IO | str | Path | None = '-',
        trajectory: str | Path | None = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(atoms, Atoms):
            native_arrays(atoms)
        super().__init__(atoms, logfile=logfile, trajectory=trajectory, **kwargs)
        estimator = getattr(atoms.calc, 'estimator', None)
        if orders is None:
            _check_no_entropy_within(atoms.calc)
            orders = Ladder.orders if hasattr(estimator, 'order') else ()
        self.orders = _checked(orders)
        self.rungs = [at_order(estimator, order) for order in self.orders]
        self.rung = 0
        self.evaluations = 0
        self.stuck = False
        self._state = bfgs.new_state(self.optimizable.ndofs())
        self._end_x: np.ndarray | None = None  # where the last run ended
        self._step_by_step = logfile is not None  # a line each
        self._alone = getattr(self.comm, 'size', 1) == 1
        self._segments: CompiledSegments | None = None

    def todict(self) -> dict:
        """Return what ASE stores in a trajectory, the orders included."""
        return super().todict() | {'orders': list(self.orders)}

    def __repr__(self) -> str:
        return f'Quench(order {self.rung + 1} of {self.orders}, step {self.nsteps})'

    @property
    def on_last_rung(self) -> bool:
        """Whether there is no sharper order to come."""
        at_zero_K = not getattr(self.atoms.calc, 'k_entropy', 1.0)
        return at_zero_K or self.rung + 1 >= len(self.rungs)

    def gradient_converged(self, gradient: np.ndarray) -> bool:
        """Return whether the forces are converged, on the last rung."""
        return self.on_last_rung and bool(super().gradient_converged(gradient))

    def run(self, fmax: float = 0.05, steps: int = DEFAULT_MAX_STEPS) -> bool:
        """Run until converged or stuck, or so many steps; return whether converged."""
        self._begin(fmax)
        if self._segments is None or self._step_by_step:
            return super().run(fmax, steps)
        self.max_steps = self.nsteps + steps
        if self.nsteps == 0:
            self.call_observers()
        while self.nsteps < self.max_steps:
            done, reason = self._descend(steps_to_next_observer(self))
            self.nsteps += done
            if done and observer_is_due(self):
                self.call_observers()
            if reason != minimize.DONE and not self._sharpen(reason):
                break
        return self.converged()

    def irun(
        self, fmax: float = 0.05, steps: int = DEFAULT_MAX_STEPS
    ) -> Iterator[bool]:
        """Run as a generator, which yields after each step."""
        self._begin(fmax)
        return super().irun(fmax, steps)

    def _begin(self, fmax: float) -> None:
        """See what has changed since the last run."""
        atoms = getattr(self.atoms, 'atoms', self.atoms)  # those of a cell filter
        if isinstance(atoms, Atoms):
            check_constraints(atoms)
        self.fmax, self.stuck = fmax, False
        compiled = self._alone and has_compiled_form(self.atoms)
        if not compiled or self._segments is None:
            self._segments = CompiledSegments(self.atoms) if compiled else None
        x = self.optimizable.get_x()
        if self._end_x is not None and not np.array_equal(x, self._end_x):
            self.rung = 0
            self._state = bfgs.new_state(self.optimizable.ndofs())
        self._set_rung()

    def step(self) -> None:
        """Take one step, on the next rung if this one has come to its end."""
        done, reason = self._descend(1)
        while not done and self._sharpen(reason):
            done, reason = self._descend(1)
        if self.stuck:
            self.max_steps = self.nsteps  # where ASE's loop ends

    def _sharpen(self, reason: int) -> bool:
        """Go to the next rung, if there is one; else note why this one has ended."""
        if self.on_last_rung:
            self.stuck = reason == minimize.STUCK
            return False
        self.rung += 1
        self._set_rung()
        bfgs.keep_curvature(self._state)
        return True

    def _set_rung(self) -> None:
        if self.rungs and self.atoms.calc.k_entropy:
            self.atoms.calc.set(estimator=self.rungs[self.rung])

    def _descend(self, steps: int) -> tuple[int, int]:
        """Take so many steps, or fewer if the rung ends; return how many, and why."""
        if self._segments is None:
            done, reason = self._descend_plainly(steps)
        else:
            done, evaluations, reason = self._segments.minimize(
                steps, self.atoms.calc.k_entropy, self.fmax, self._state
            )
            self.evaluations += evaluations
        self._end_x = np.array(self.optimizable.get_x())
        return done, reason

    def _descend_plainly(self, steps: int) -> tuple[int, int]:
        """As :func:`ase_entropy._kernels.minimize.advance`, for any calculator."""
        state, done = self._state, 0
        x = np.array(self.optimizable.get_x(), dtype=float)
        while True:
            self.evaluations += not bfgs.is_known(state)
            energy, gradient = self._look_at(x)
            if bfgs.is_searching(state):
                verdict = bfgs.judge(x, energy, gradient, state)
                if verdict == bfgs.STUCK:
                    self.optimizable.set_x(x)
                    return done, minimize.STUCK
                if verdict != bfgs.ACCEPTED:
                    continue
                done += 1
            if self.optimizable.gradient_norm(gradient) < self.fmax:
                return done, minimize.CONVERGED
            if done == steps:
                return done, minimize.DONE
            bfgs.turn(x, energy, gradient, state)

    def _look_at(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return energy and gradient, nan beyond where V ends; constraints change x."""
        self.optimizable.set_x(x)
        x[:] = self.optimizable.get_x()
        try:
            gradient = np.array(self.optimizable.get_gradient(), dtype=float)
            return float(self.optimizable.get_value()), gradient
        except FloatingPointError:
            if not bfgs.is_searching(self._state):
                raise
            return np.nan, np.full_like(x, np.nan)


def _check_no_entropy_within(calc: Any) -> None:
    calcs = getattr(getattr(calc, 'mixer', None), 'calcs', ())  # of a sum
    if any(hasattr(one, 'estimator') for one in calcs):
        raise ValueError(
            f'atoms.calc is {type(calc).__name__}, and orders cannot be set within it: '
            'expected EntropyCalculator(base=...), or orders=()'
        )


def _checked(orders: Sequence[float]) -> tuple[float, ...]:
    """Return orders that make sense, also those that have been through JSON."""
    try:
        orders = tuple(math.inf if p == INFINITE else p for p in orders)
    except TypeError:
        raise ValueError(
            f'orders={orders!r}: expected a sequence, such as (2, 24)'
        ) from None
    for order in orders:
        if order != math.inf:
            checks.real('orders', order, least=1.0)
    return orders
