"""Time step and frictions of the Langevin dynamics."""

from dataclasses import dataclass

from ase import units

from ase_entropy import checks

__all__ = ['FRICTION', 'SHUFFLE_FRICTION', 'TIMESTEP', 'Motion', 'check_motion']

# Measured, see docs/explanation/defaults.md.
TIMESTEP = 0.5 * units.fs
FRICTION = 0.3 / units.fs
SHUFFLE_FRICTION = 0.02 / units.fs


@dataclass(frozen=True)
class Motion:
    """Time step and frictions of the dynamics.

    Parameters
    ----------
    timestep : float
        Time step (ASE time units).
    friction, shuffle_friction : float
        Friction coefficients in ramp and shuffle (1/ASE time units).

    Raises
    ------
    ValueError
        A time step that is not positive, a negative friction.
    """

    timestep: float = TIMESTEP
    friction: float = FRICTION
    shuffle_friction: float = SHUFFLE_FRICTION

    def __post_init__(self) -> None:
        check_motion(self.timestep, self.friction, self.shuffle_friction)


def check_motion(
    timestep: float, friction: float, shuffle_friction: float
) -> tuple[float, float, float]:
    """Return time step and frictions as floats.

    Raises
    ------
    ValueError
        A time step that is not positive, a negative friction.
    """
    return (
        checks.real('timestep', timestep, above=0.0),
        checks.real('friction', friction, least=0.0),
        checks.real('shuffle_friction', shuffle_friction, least=0.0),
    )
