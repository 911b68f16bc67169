"""Directed pairs in lanes: the layout that the bispectrum kernels work on.

Eight atoms (an octet) lie side by side, their neighbors one below the other: lane n of
every row of an octet belongs to its n-th atom. Neither the sum over the neighbors of an
atom nor its adjoint then needs a gather or a scatter. All arrays are flat, so that the
compiler sees constant strides:

=========  ============================  ============================================
array      as if of shape                content
=========  ============================  ============================================
xyzr       (rows, 6, 8)                  pair vectors, distances, cutoffs, weights
octet      (rows,)                       the octet that owns a row
density    (octets + 1, elements, 2, 8)  sum of fc U, real and imaginary parts
gradient   (rows, 3, 8)                  dE/d(pair vector)
=========  ============================  ============================================

Places left over hold a pair at its cutoff, of weight 0.

Kernels take the eight numbers of an octet as one value, ``x = load(array, place)``: it
can be added, subtracted and multiplied, also by a float. Compiled, that is a vector of
the processor (or two or four, if those are shorter), with the same results.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, overload, register_model

from ase_entropy._kernels.jit import inner_kernel, kernel

__all__ = [
    'LANES',
    'PAIR',
    'aligned',
    'any_less',
    'choose',
    'copies',
    'count_octets',
    'load',
    'pack',
    'repeat',
    'store',
]

LANES = 8
PAIR = 6 * LANES  # numbers in a row of xyzr
VECTOR = ir.VectorType(ir.DoubleType(), LANES)


class _Octet(types.Type):
    """Type of an octet in compiled code."""

    def __init__(self) -> None:
        super().__init__('octet')


OCTET = _Octet()


@register_model(_Octet)
class _OctetModel(models.PrimitiveModel):
    def __init__(self, manager: Any, octet: types.Type) -> None:
        super().__init__(manager, octet, VECTOR)


def load(array: np.ndarray, place: int) -> np.ndarray:
    """Return the octet that begins at a place of a flat array."""
    return array[place : place + LANES].copy()


def store(array: np.ndarray, place: int, octet: np.ndarray) -> None:
    """Write an octet into a flat array."""
    array[place : place + LANES] = octet


def repeat(number: float) -> np.ndarray:
    """Return an octet of equal numbers."""
    return np.full(LANES, number)


def copies(array: np.ndarray, place: int) -> np.ndarray:
    """Return an octet of copies of the number at a place of a flat array."""
    return np.full(LANES, array[place])


def choose(a: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the octet that is x where a < b, and y elsewhere."""
    return np.where(a < b, x, y)


def any_less(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether a < b anywhere in two octets."""
    return bool((a < b).any())


def _address(context, builder, array_type, array, place):
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [place]), VECTOR.as_pointer())


def _fill(builder, number):
    octet, zero = ir.Constant(VECTOR, ir.Undefined), ir.IntType(32)(0)
    octet = builder.insert_element(octet, number, zero)
    return builder.shuffle_vector(octet, octet, ir.VectorType(zero.type, LANES)(None))


@intrinsic
def _load(typing, array, place):
    def build(context, builder, signature, values):
        address = _address(context, builder, signature.args[0], *values)
        return builder.load(address, align=8)

    return OCTET(array, types.intp), build


@intrinsic
def _store(typing, array, place, octet):
    def build(context, builder, signature, values):
        address = _address(context, builder, signature.args[0], *values[:2])
        builder.store(values[2], address, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, OCTET), build


@intrinsic
def _repeat(typing, number):
    def build(context, builder, signature, values):
        return _fill(builder, values[0])

    return OCTET(types.float64), build


@intrinsic
def _copies(typing, array, place):
    def build(context, builder, signature, values):
        data = context.make_array(array)(context, builder, values[0]).data
        number = builder.load(builder.gep(data, [values[1]]))
        return _fill(builder, number)

    return OCTET(array, types.intp), build


@overload(copies)
def _copies_compiled(array, place):
    return lambda array, place: _copies(array, place)


@intrinsic
def _choose(typing, a, b, x, y):
    def build(context, builder, signature, values):
        less = builder.fcmp_ordered('<', *values[:2])
        return builder.select(less, *values[2:])

    return OCTET(OCTET, OCTET, OCTET, OCTET), build


@intrinsic
def _any_less(typing, a, b):
    def build(context, builder, signature, values):
        less = builder.fcmp_ordered('<', *values)
        bits = builder.bitcast(less, ir.IntType(LANES))
        return builder.icmp_unsigned('!=', bits, bits.type(0))

    return types.boolean(OCTET, OCTET), build


@overload(any_less)
def _any_less_compiled(a, b):
    return lambda a, b: _any_less(a, b)


@overload(load)
def _load_compiled(array, place):
    return lambda array, place: _load(array, place)


@overload(store)
def _store_compiled(array, place, octet):
    return lambda array, place, octet: _store(array, place, octet)


@overload(repeat)
def _repeat_compiled(number):
    return lambda number: _repeat(number)


@overload(choose)
def _choose_compiled(a, b, x, y):
    return lambda a, b, x, y: _choose(a, b, x, y)


def _define(operation: Callable, instruction: str) -> None:
    """Define an operation between octets, and between an octet and a number."""

    @intrinsic
    def combine(typing, a, b):
        def build(context, builder, signature, values):
            return getattr(builder, instruction)(*values)

        return OCTET(OCTET, OCTET), build

    @overload(operation)
    def compiled(a, b):
        if a is OCTET and b is OCTET:
            return lambda a, b: combine(a, b)
        if a is OCTET and isinstance(b, types.Float):
            return lambda a, b: combine(a, _repeat(b))
        if b is OCTET and isinstance(a, types.Float):
            return lambda a, b: combine(_repeat(a), b)
        return None


_define(operator.add, 'fadd')
_define(operator.sub, 'fsub')
_define(operator.mul, 'fmul')


def aligned(size: int) -> np.ndarray:
    """Return an array of zeros whose octets lie within lines of the cache."""
    array = np.zeros(size + LANES)
    skip = -(array.ctypes.data // 8) % LANES
    return array[skip : skip + size]


@kernel
def count_octets(atoms):
    """Return the number of octets that hold so many atoms."""
    return (atoms + LANES - 1) // LANES


@inner_kernel
def _clear(xyzr, rows):
    """Fill rows with pairs at a cutoff of 1, of weight 0."""
    for at in range(0, rows * PAIR, PAIR):
        for place, number in enumerate((1.0, 0.0, 0.0, 1.0, 1.0, 0.0)):
            store(xyzr, at + place * LANES, repeat(number))


@kernel
def pack(i_p, r_p, r_pc, cutoff_p, weight_p, atoms):
    """Sort pairs into lanes; return xyzr, octet, and the row and lane of each pair."""
    octets, pairs = count_octets(atoms), len(i_p)
    count_n = np.zeros(octets * LANES, np.int64)
    for p in range(pairs):
        count_n[i_p[p]] += 1
    first_row = np.zeros(octets + 1, np.int64)
    for o in range(octets):
        longest = count_n[o * LANES]
        for n in range(o * LANES, (o + 1) * LANES):
            longest = max(longest, count_n[n])
            count_n[n] = 0
        first_row[o + 1] = first_row[o] + longest
    rows = first_row[octets]
    octet, xyzr = np.empty(rows, np.int64), np.empty(rows * PAIR)
    for o in range(octets):
        for row in range(first_row[o], first_row[o + 1]):
            octet[row] = o
    _clear(xyzr, rows)
    row_p, lane_p = np.empty(pairs, np.int64), np.empty(pairs, np.int64)
    for p in range(pairs):
        i = i_p[p]
        row, lane = first_row[i // LANES] + count_n[i], i % LANES
        count_n[i] += 1
        at = row * PAIR + lane
        for c in range(3):
            xyzr[at + c * LANES] = r_pc[p, c]
        xyzr[at + 3 * LANES] = r_p[p]
        xyzr[at + 4 * LANES] = cutoff_p[p]
        xyzr[at + 5 * LANES] = weight_p[p]
        row_p[p], lane_p[p] = row, lane
    return xyzr, octet, row_p, lane_p
