"""When somebody looks at an ASE dynamics, and for how long nobody does."""

from typing import Any

__all__ = ['observer_is_due', 'steps_to_next_observer']

INTERRUPTIBLE = 100_000  # steps times atoms between two chances to press Ctrl-C


def steps_to_next_observer(dyn: Any) -> int:
    """Return the number of steps until an observer of an ASE dynamics is due."""
    due = [
        interval - dyn.nsteps % interval
        for _, interval, _, _ in dyn.observers
        if interval > 0
    ]
    due += [
        -interval - dyn.nsteps
        for _, interval, _, _ in dyn.observers
        if interval <= 0 and -interval > dyn.nsteps
    ]
    due += [dyn.max_steps - dyn.nsteps, max(1, INTERRUPTIBLE // len(dyn.atoms))]
    return min(due)


def observer_is_due(dyn: Any) -> bool:
    """Return whether an observer of an ASE dynamics is due."""
    return any(
        dyn.nsteps % interval == 0 if interval > 0 else dyn.nsteps == -interval
        for _, interval, _, _ in dyn.observers
    )
