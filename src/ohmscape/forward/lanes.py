"""One SIMD register full of numbers as a value that compiled kernels can hold, add and multiply.

Numba has arrays and scalars; what lies between, a register, is written here with its intrinsics.
A `Vector` fills `REGISTER` bytes: 4 doubles or 8 floats with AVX2 or NEON (as two registers), twice
as many with AVX-512. It knows ``+ - *`` and ``/``; a product that is added to something is fused.

With ``NUMBA_DISABLE_JIT=1`` the same names work on short NumPy arrays, so that kernels can be
stepped through in plain Python.
"""

import operator
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel.models import PrimitiveModel
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, register_model
from numpy.typing import NDArray

LANES = 8  #: matrices that are factorised at once
REGISTER = 64 if llvm.get_host_cpu_features().get("avx512f") else 32  #: bytes of a `Vector`
WIDTH = REGISTER // 8  #: doubles in a `Vector`, that is matrices that share one
GROUPS = LANES // WIDTH  #: vectors that the `LANES` fill

# Numba is typed in part only.
_config: Any = numba.config
_lower: Any = lower_builtin
_infer: Any = infer_global
_signature: Any = signature
_declare: Any = cgutils.get_or_insert_function


def plain(array: Any, dtype: Any) -> NDArray[Any]:
    """Return the array as kernels expect it; a copy only if it must be."""
    required: NDArray[Any] = np.require(array, dtype, ["C_CONTIGUOUS", "WRITEABLE"])
    return required


def aligned(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Return an uninitialised C-ordered array that begins at a multiple of `REGISTER` bytes."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.empty(size + REGISTER, np.uint8)
    skip = -memory.ctypes.data % REGISTER
    array: NDArray[Any] = memory[skip : skip + size].view(dtype).reshape(shape)
    return array


class Vector(types.Type):
    """The Numba type of a register of `count` numbers of one `dtype`."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.count = REGISTER * 8 // dtype.bitwidth
        super().__init__(name=f"Vector({dtype}x{self.count})")


def _llvm_type(vector: Vector) -> Any:
    scalar = ir.FloatType() if vector.dtype == types.float32 else ir.DoubleType()
    return ir.VectorType(scalar, vector.count)


@register_model(Vector)
class _VectorModel(PrimitiveModel):
    def __init__(self, manager: Any, vector: Vector) -> None:
        super().__init__(manager, vector, _llvm_type(vector))  # type: ignore[no-untyped-call]


def _define_operator(function: Any, instruction: str) -> None:
    """Teach Numba ``Vector op Vector``; "contract" lets LLVM fuse a product into a sum."""

    @_infer(function)
    class _Typing(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            if len(args) == 2 and isinstance(args[0], Vector) and args[0] == args[1]:
                return _signature(args[0], *args)
            return None

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args, flags=("contract",))

    _lower(function, Vector, Vector)(lower)


for _function, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _define_operator(_function, _instruction)


def _address(context: Any, builder: Any, array_type: Any, array: Any, index: Any, what: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), what.as_pointer())


def _fill(builder: Any, scalar: Any, count: int) -> Any:
    kind = ir.VectorType(scalar.type, count)
    empty = ir.Constant(kind, ir.Undefined)
    one = builder.insert_element(empty, scalar, ir.Constant(ir.IntType(32), 0))
    return _pick(builder, one, empty, [0] * count)


def _pick(builder: Any, a: Any, b: Any, places: list[int]) -> Any:
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), places)
    return builder.shuffle_vector(a, b, mask)


@intrinsic
def _load(typing: Any, array: Any, index: Any) -> Any:
    vector = Vector(array.dtype)

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = _address(context, builder, sig.args[0], args[0], args[1], _llvm_type(vector))
        return builder.load(place, align=array.dtype.bitwidth // 8)

    return vector(array, types.int64), lower


@intrinsic
def _spread(typing: Any, array: Any, index: Any) -> Any:
    vector = Vector(array.dtype)

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        scalar = _llvm_type(vector).element
        place = _address(context, builder, sig.args[0], args[0], args[1], scalar)
        return _fill(builder, builder.load(place), vector.count)

    return vector(array, types.int64), lower


@intrinsic
def _fill_like(typing: Any, array: Any, value: Any) -> Any:
    vector = Vector(array.dtype)

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        scalar = context.cast(builder, args[1], types.float64, array.dtype)
        return _fill(builder, scalar, vector.count)

    return vector(array, types.float64), lower


@intrinsic
def _store(typing: Any, array: Any, index: Any, value: Any) -> Any:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = _address(context, builder, sig.args[0], args[0], args[1], _llvm_type(value))
        builder.store(args[2], place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.int64, value), lower


@intrinsic
def _square_root(typing: Any, value: Any) -> Any:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(args[0].type, [args[0].type])
        name = f"llvm.sqrt.v{value.count}f{value.dtype.bitwidth}"
        return builder.call(_declare(builder.module, kind, name), args)

    return value(value), lower


@intrinsic
def _all_above(typing: Any, value: Any, floor: Any) -> Any:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        above = builder.fcmp_ordered(">", args[0], args[1])
        together = builder.bitcast(above, ir.IntType(value.count))
        return builder.icmp_unsigned("==", together, ir.Constant(together.type, -1))

    return types.boolean(value, floor), lower


@intrinsic
def _store_columns(
    typing: Any, array: Any, index: Any, stride: Any, a: Any, b: Any, c: Any, d: Any
) -> Any:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        count = a.count
        ab = _pick(builder, args[3], args[4], list(range(2 * count)))
        cd = _pick(builder, args[5], args[6], list(range(2 * count)))
        if array.dtype == types.float32:
            narrow = ir.VectorType(ir.FloatType(), 2 * count)
            ab, cd = builder.fptrunc(ab, narrow), builder.fptrunc(cd, narrow)
        four = ir.VectorType(ab.type.element, 4)
        place = args[1]
        for lane in range(count):
            column = _pick(builder, ab, cd, [lane + count * k for k in range(4)])
            target = _address(context, builder, sig.args[0], args[0], place, four)
            builder.store(column, target, align=array.dtype.bitwidth // 8)
            place = builder.add(place, args[2])
        return context.get_dummy_value()

    return types.void(array, types.int64, types.int64, a, b, c, d), lower


def _load_plain(array: Any, index: int) -> Any:
    return array[index : index + REGISTER // array.itemsize].copy()


def _spread_plain(array: Any, index: int) -> Any:
    return np.full(REGISTER // array.itemsize, array[index])


def _fill_like_plain(array: Any, value: float) -> Any:
    return np.full(REGISTER // array.itemsize, value, array.dtype)


def _store_plain(array: Any, index: int, value: Any) -> None:
    array[index : index + len(value)] = value


def _all_above_plain(value: Any, floor: Any) -> bool:
    return bool(np.all(value > floor))


def _store_columns_plain(array: Any, index: int, stride: int, *columns: Any) -> None:
    for lane, four in enumerate(np.array(columns).T):
        array[index + lane * stride : index + lane * stride + 4] = four


_PLAIN = bool(_config.DISABLE_JIT)

#: ``load(array, index)``: the vector that begins at ``array[index]``.
load: Any = _load_plain if _PLAIN else _load
#: ``spread(array, index)``: the vector whose every entry is ``array[index]``.
spread: Any = _spread_plain if _PLAIN else _spread
#: ``fill_like(array, value)``: the vector whose every entry is the scalar, in the array's dtype.
fill_like: Any = _fill_like_plain if _PLAIN else _fill_like
#: ``store(array, index, vector)``: write the vector from ``array[index]`` on.
store: Any = _store_plain if _PLAIN else _store
#: ``square_root(vector)``: entry by entry.
square_root: Any = np.sqrt if _PLAIN else _square_root
#: ``all_above(vector, floor)``: whether each entry is above that of `floor`; NaN never is.
all_above: Any = _all_above_plain if _PLAIN else _all_above
#: ``store_columns(array, index, stride, a, b, c, d)``: lane by lane, `stride` apart, write the
#: four entries that a, b, c, d hold for the lane, in the precision of the array.
store_columns: Any = _store_columns_plain if _PLAIN else _store_columns
