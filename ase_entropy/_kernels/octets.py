"""Octets: eight numbers that kernels take as one value, a vector of the processor.

``x = load(array, place)`` can be added, subtracted and multiplied, also by a float.
Compiled, that is one instruction (or two or four, where vectors are shorter), with the
same results.

Formulas without branches compile fastest as a function of Python that numba does not
look into, see :func:`straight`: it runs once while a kernel is compiled, and each of
its operations writes down its instruction.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.cgutils import get_or_insert_function
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model

__all__ = [
    'LANES',
    'any_less',
    'choose',
    'copies',
    'load',
    'repeat',
    'store',
    'straight',
]

LANES = 8
NUMBER = ir.DoubleType()
VECTOR = ir.VectorType(NUMBER, LANES)


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
    less = a < b
    return less.choose(x, y) if isinstance(less, _Value) else np.where(less, x, y)


def any_less(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether a < b anywhere in two octets."""
    return bool((a < b).any())


def _compile(function: Callable, kinds: tuple, result: types.Type, write: Callable):
    """Say what numba writes where a kernel calls a function with such arguments.

    Unlike ``numba.extending.overload``, this is no kernel to be compiled by itself.
    """

    @infer_global(function)
    class Typed(AbstractTemplate):
        def generic(self, args, kws):
            fits = len(args) == len(kinds) and not kws
            if fits and all(map(isinstance, args, kinds)):
                return signature(result, *map(types.unliteral, args))
            return None

    @lower_builtin(function, *kinds)
    def lower(context, builder, signature, values):
        arrays = [
            context.make_array(kind)(context, builder, value).data
            if isinstance(kind, types.Array)
            else value
            for kind, value in zip(signature.args, values, strict=True)
        ]
        written = write(builder, *arrays)
        return context.get_dummy_value() if written is None else written


def _fill(builder, number):
    octet, zero = ir.Constant(VECTOR, ir.Undefined), ir.IntType(32)(0)
    octet = builder.insert_element(octet, number, zero)
    return builder.shuffle_vector(octet, octet, ir.VectorType(zero.type, LANES)(None))


def _address(builder, data, place):
    return builder.bitcast(builder.gep(data, [place]), VECTOR.as_pointer())


def _load(builder, data, place):
    return builder.load(_address(builder, data, place), align=8)


def _store(builder, data, place, octet):
    builder.store(octet, _address(builder, data, place), align=8)


def _copies(builder, data, place):
    return _fill(builder, builder.load(builder.gep(data, [place])))


def _choose(builder, a, b, x, y):
    return builder.select(builder.fcmp_ordered('<', a, b), x, y)


def _any_less(builder, a, b):
    bits = builder.bitcast(builder.fcmp_ordered('<', a, b), ir.IntType(LANES))
    return builder.icmp_unsigned('!=', bits, bits.type(0))


_compile(load, (types.Array, types.Integer), OCTET, _load)
_compile(store, (types.Array, types.Integer, _Octet), types.void, _store)
_compile(repeat, (types.Float,), OCTET, _fill)
_compile(copies, (types.Array, types.Integer), OCTET, _copies)
_compile(choose, 4 * (_Octet,), OCTET, _choose)
_compile(any_less, 2 * (_Octet,), types.boolean, _any_less)


def _compile_operator(operation: Callable, instruction: str) -> None:
    """Say what is written for octets, and for an octet and a number."""

    def write(builder, *operands):
        a, b = (x if x.type == VECTOR else _fill(builder, x) for x in operands)
        return getattr(builder, instruction)(a, b)

    for kinds in (_Octet, _Octet), (_Octet, types.Float), (types.Float, _Octet):
        _compile(operation, kinds, OCTET, write)


_compile_operator(operator.add, 'fadd')
_compile_operator(operator.sub, 'fsub')
_compile_operator(operator.mul, 'fmul')


class _Value:
    """An octet while its kernel is compiled: operations write instructions."""

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        self.builder, self.value = builder, value

    def _write(self, instruction: str, *operands: Any) -> '_Value':
        values = [
            x.value
            if isinstance(x, _Value)
            else x
            if isinstance(x, str)
            else VECTOR(LANES * [NUMBER(x)])
            for x in operands
        ]
        return _Value(self.builder, getattr(self.builder, instruction)(*values))

    def __add__(self, other: Any) -> '_Value':
        return self._write('fadd', self, other)

    def __radd__(self, other: float) -> '_Value':
        return self._write('fadd', other, self)

    def __rsub__(self, other: float) -> '_Value':
        return self._write('fsub', other, self)

    def __sub__(self, other: Any) -> '_Value':
        return self._write('fsub', self, other)

    def __mul__(self, other: Any) -> '_Value':
        return self._write('fmul', self, other)

    def __rmul__(self, other: float) -> '_Value':
        return self._write('fmul', other, self)

    def __rtruediv__(self, other: float) -> '_Value':
        return self._write('fdiv', other, self)

    def __lt__(self, other: Any) -> '_Value':
        return self._write('fcmp_ordered', '<', self, other)

    def __gt__(self, other: Any) -> '_Value':
        return self._write('fcmp_ordered', '>', self, other)

    def choose(self, x: Any, y: Any) -> '_Value':
        """Of a comparison: take x where it is true."""
        return self._write('select', self, x, y)

    def __floor__(self) -> '_Value':  # for np.floor
        kind = ir.FunctionType(VECTOR, [VECTOR])
        floor = get_or_insert_function(self.builder.module, kind, 'llvm.floor.v8f64')
        return _Value(self.builder, self.builder.call(floor, [self.value]))

    def __neg__(self) -> '_Value':
        return _Value(self.builder, self.builder.fneg(self.value))

    def copy(self) -> '_Value':
        """As of an array; a value does not change."""
        return self


class _Array:
    """A flat array while its kernel is compiled, see :func:`load` and :func:`store`."""

    def __init__(self, builder: ir.IRBuilder, data: ir.Value) -> None:
        self.builder, self.data = builder, data

    def __getitem__(self, places: slice) -> _Value:
        place = ir.IntType(64)(places.start)
        return _Value(self.builder, _load(self.builder, self.data, place))

    def __setitem__(self, places: slice, octet: _Value) -> None:
        _store(self.builder, self.data, ir.IntType(64)(places.start), octet.value)


def straight(function: Callable, *kinds: type) -> None:
    """Let kernels call a function that only loads, combines and stores octets.

    Its arguments are of these kinds: flat arrays, or numbers. Places in arrays are
    plain numbers of Python, and loops are unrolled. There is no result.
    """

    def write(builder, *values):
        function(
            *(
                _Array(builder, x)
                if kind is types.Array
                else _Value(builder, _fill(builder, x))
                for kind, x in zip(kinds, values, strict=True)
            )
        )

    _compile(function, kinds, types.void, write)
