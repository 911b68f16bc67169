"""Limited-memory BFGS, as a dialogue: the caller evaluates, this says where.

From a point with known energy and gradient, :func:`turn` chooses a direction and puts a
first trial into x; :func:`judge` says of each trial whether it ends the step, or puts
another one into x. The same code so minimizes compiled and Python functions.

A state is (s_mv, y_mv, scalars_m, line_v, line, counts): steps, changes of the
gradient, and their scalars; origin of the line, gradient there, direction; numbers
along the line; and counts.
"""

import numpy as np

from ase_entropy._kernels.jit import inner_kernel, kernel

__all__ = [
    'ACCEPTED',
    'STUCK',
    'is_known',
    'is_searching',
    'judge',
    'keep_curvature',
    'new_state',
    'turn',
]

ACCEPTED, SEARCHING, AGAIN, STUCK = range(4)

MEMORY = 100  # steps; measured, see docs/explanation/performance.md
LONGEST = 0.2  # largest component of a step
FIRST = 1.0 / 70.0  # step over gradient, before anything is known
DECREASE, CURVATURE = 1e-4, 0.9  # of the weak Wolfe conditions
FLATTEST = 1e-13  # product of step and change of gradient, over the square of that
MOST_TRIALS = 25
ROUNDING = 1e-13

STORED, NEWEST, TRIALS, BEGUN = range(4)  # places in `counts`
ENERGY, SLOPE, T, LAST_T, LOW, F_LOW, S_LOW, HIGH, F_HIGH, S_HIGH = range(10)


def new_state(size: int) -> tuple:
    """Return the memory of a minimization that has not begun."""
    counts = np.zeros(4, np.int64)
    counts[NEWEST], counts[TRIALS] = -1, -1
    return (
        np.zeros((MEMORY, size)),
        np.zeros((MEMORY, size)),
        np.zeros((2, MEMORY)),
        np.zeros((3, size)),
        np.zeros(10),
        counts,
    )


@inner_kernel
def _forget(state):
    """Let the next direction be that of steepest descent."""
    counts = state[5]
    counts[STORED], counts[NEWEST] = 0, -1
    keep_curvature(state)


@kernel
def keep_curvature(state):
    """Begin with another function, whose curvature is about that of the last one."""
    state[5][TRIALS], state[5][BEGUN] = -1, 0


@kernel
def is_searching(state):
    """Return whether x is a trial, for :func:`judge`, and not the end of a step."""
    return state[5][TRIALS] >= 0


@kernel
def is_known(state):
    """Return whether x is the end of a step, and was evaluated before."""
    return state[5][BEGUN] == 1 and not is_searching(state)


@inner_kernel
def _dot(a, b):
    """Multiply in four chains, which do not wait for each other."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    fours = len(a) - len(a) % 4
    for n in range(0, fours, 4):
        s0 += a[n] * b[n]
        s1 += a[n + 1] * b[n + 1]
        s2 += a[n + 2] * b[n + 2]
        s3 += a[n + 3] * b[n + 3]
    for n in range(fours, len(a)):
        s0 += a[n] * b[n]
    return (s0 + s1) + (s2 + s3)


@inner_kernel
def _add(factor, a, result):
    """Add a multiple of a vector."""
    for n in range(len(a)):
        result[n] += factor * a[n]


@inner_kernel
def _cubic(low, f_low, s_low, high, f_high, s_high):
    """Return the minimum of the cubic through two values and slopes."""
    d1 = s_low + s_high - 3.0 * (f_low - f_high) / (low - high)
    d2 = np.sqrt(d1 * d1 - s_low * s_high)
    return high - (high - low) * (s_high + d2 - d1) / (s_high - s_low + 2.0 * d2)


@inner_kernel
def _next_t(line):
    """Return where on the line to look next."""
    low, high = line[LOW], line[HIGH]
    if high == np.inf:
        return min(line[LAST_T], 4.0 * line[T])
    t = _cubic(low, line[F_LOW], line[S_LOW], high, line[F_HIGH], line[S_HIGH])
    if not np.isfinite(t):
        return 0.5 * (low + high)
    margin = 0.1 * (high - low)
    return min(max(t, low + margin), high - margin)


@inner_kernel
def _move(x, state):
    """Put x where T says."""
    origin, direction, line = state[3][0], state[3][2], state[4]
    for n in range(len(x)):
        x[n] = origin[n] + line[T] * direction[n]


@kernel
def judge(x, energy, gradient, state):
    """Judge the point that was tried.

    Returns ACCEPTED where it ends the step, by the weak Wolfe conditions; SEARCHING
    with the next point in x; AGAIN with the origin of the line in x, after which
    :func:`turn` starts from nothing known; or STUCK, with the origin in x, where even
    the direction of steepest descent leads nowhere.
    """
    direction, line, counts = state[3][2], state[4], state[5]
    t, slope = line[T], _dot(gradient, direction)
    limit = line[ENERGY] + DECREASE * t * line[SLOPE] + ROUNDING * abs(line[ENERGY])
    lower = energy <= limit and np.isfinite(slope)
    if lower and (slope >= CURVATURE * line[SLOPE] or t >= line[LAST_T]):
        counts[TRIALS] = -1
        return ACCEPTED
    counts[TRIALS] += 1
    if counts[TRIALS] > MOST_TRIALS:
        line[T] = 0.0
        _move(x, state)
        hopeless = counts[STORED] == 0
        _forget(state)
        return STUCK if hopeless else AGAIN
    if lower:
        line[LOW], line[F_LOW], line[S_LOW] = t, energy, slope
    else:
        line[HIGH], line[F_HIGH], line[S_HIGH] = t, energy, slope
    line[T] = _next_t(line)
    _move(x, state)
    return SEARCHING


@inner_kernel
def _remember(x, gradient, state):
    """Store the last step, if the function curves upwards along it."""
    origin, origin_gradient, counts = state[3][0], state[3][1], state[5]
    place = (counts[NEWEST] + 1) % MEMORY
    s, y = state[0][place], state[1][place]
    for n in range(len(x)):
        s[n] = x[n] - origin[n]
        y[n] = gradient[n] - origin_gradient[n]
    counts[STORED] = min(counts[STORED], MEMORY - 1)  # this was the place of the oldest
    sy = _dot(s, y)
    if sy > FLATTEST * _dot(y, y):
        state[2][0, place] = 1.0 / sy
        counts[NEWEST] = place
        counts[STORED] += 1


@inner_kernel
def _set_direction(gradient, state):
    """Apply the inverse Hessian to minus the gradient, by two loops."""
    s_mv, y_mv, rho, alpha = state[0], state[1], state[2][0], state[2][1]
    direction, counts = state[3][2], state[5]
    direction[:] = 0.0
    if counts[STORED] == 0:
        _add(-FIRST, gradient, direction)
        return
    _add(-1.0, gradient, direction)
    for back in range(counts[STORED]):
        place = (counts[NEWEST] - back) % MEMORY
        alpha[place] = rho[place] * _dot(s_mv[place], direction)
        _add(-alpha[place], y_mv[place], direction)
    newest = y_mv[counts[NEWEST]]
    scale = 1.0 / (rho[counts[NEWEST]] * _dot(newest, newest))
    for n in range(len(direction)):
        direction[n] *= scale
    for back in range(counts[STORED] - 1, -1, -1):
        place = (counts[NEWEST] - back) % MEMORY
        beta = rho[place] * _dot(y_mv[place], direction)
        _add(alpha[place] - beta, s_mv[place], direction)


@kernel
def turn(x, energy, gradient, state):
    """Choose a direction at a point that is known, and put the first trial into x."""
    origin, origin_gradient, direction = state[3][0], state[3][1], state[3][2]
    line, counts = state[4], state[5]
    if counts[BEGUN]:
        _remember(x, gradient, state)
    counts[BEGUN] = 1
    line[ENERGY] = energy
    for n in range(len(x)):
        origin[n], origin_gradient[n] = x[n], gradient[n]
    _set_direction(gradient, state)
    line[SLOPE] = _dot(gradient, direction)
    if not line[SLOPE] < 0.0:
        counts[STORED] = 0
        _set_direction(gradient, state)
        line[SLOPE] = _dot(gradient, direction)
    longest = 0.0
    for n in range(len(x)):
        longest = max(longest, abs(direction[n]))
    line[LAST_T] = LONGEST / longest if longest > 0.0 else 1.0
    line[T] = min(1.0, line[LAST_T])
    line[LOW], line[F_LOW], line[S_LOW] = 0.0, line[ENERGY], line[SLOPE]
    line[HIGH] = np.inf
    counts[TRIALS] = 0
    _move(x, state)
