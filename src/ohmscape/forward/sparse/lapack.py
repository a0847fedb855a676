"""BLAS and LAPACK of SciPy, called from inside compiled kernels.

Kernels get the *addresses* of the routines as integers and call what is there. A compiled kernel
therefore holds no address and may be kept on disk, where a later process finds it.

Scalars go by reference, each in eight bytes of its own. On the little-endian machines that Numba
compiles for, a library with 32-bit integers reads the lower half of them and one with 64-bit
integers reads all, so that it does not matter which one SciPy was built with.

With ``NUMBA_DISABLE_JIT=1`` the same routines are called by way of ctypes.
"""

import ctypes
from functools import cache
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from ohmscape.core.types import Integers
from ohmscape.kernels import inner_kernel

_config: Any = numba.config  # Numba is typed in part only
_slot: Any = cgutils.alloca_once_value
_pointer: Any = cgutils.voidptr_t

# Places in the table of addresses.
POTRF = 0
TRSM = 1
SYRK = 2
GEMM = 3

# What the routines read as characters.
LOWER = ord("L")
RIGHT = ord("R")
PLAIN = ord("N")
TRANSPOSED = ord("T")


@cache
def addresses(precision: str) -> Integers:
    """Return where potrf, trsm, syrk and gemm are, for ``"float32"`` or ``"float64"``."""
    from numba.extending import get_cython_function_address

    letter = {"float32": "s", "float64": "d"}[precision]
    homes = {"potrf": "lapack", "trsm": "blas", "syrk": "blas", "gemm": "blas"}
    find: Any = get_cython_function_address
    return np.array(
        [find(f"scipy.linalg.cython_{home}", letter + name) for name, home in homes.items()],
        np.int64,
    )


@intrinsic
def _call(typing: Any, address: Any, arguments: Any) -> Any:
    """Call what is at an address: integers, floats, and ``(array, index)`` by reference."""
    floats = next(kind.types[0].dtype for kind in arguments.types if isinstance(kind, types.Tuple))

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        passed = []
        for i, kind in enumerate(sig.args[1].types):
            value = builder.extract_value(args[1], i)
            if isinstance(kind, types.Tuple):
                array = builder.extract_value(value, 0)
                data = context.make_array(kind.types[0])(context, builder, array).data
                place = builder.gep(data, [builder.extract_value(value, 1)])
            elif isinstance(kind, types.Float):
                place = _slot(builder, context.cast(builder, value, kind, floats))
            else:
                place = _slot(builder, context.cast(builder, value, kind, types.int64))
            passed.append(builder.bitcast(place, _pointer))
        routine = ir.FunctionType(ir.VoidType(), [_pointer] * len(passed))
        builder.call(builder.inttoptr(args[0], routine.as_pointer()), passed)
        return context.get_dummy_value()

    return types.void(types.int64, arguments), lower


def _call_plain(address: int, arguments: tuple[Any, ...]) -> None:
    kept, passed = [], []
    floats = next(a[0].dtype for a in arguments if isinstance(a, tuple))
    for argument in arguments:
        if isinstance(argument, tuple):
            array, index = argument
            passed.append(array.ctypes.data + int(index) * array.itemsize)
        else:
            scalar = np.array([argument], floats if isinstance(argument, float) else np.int64)
            kept.append(scalar)
            passed.append(scalar.ctypes.data)
    routine = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(passed))(int(address))
    routine(*passed)


call: Any = _call_plain if _config.DISABLE_JIT else _call


@inner_kernel
def cholesky(
    routines: Integers, a: NDArray[Any], at: int, stride: int, n: int, info: Integers
) -> int:
    """Factorise the n x n block at ``a[at]``, columns `stride` apart, in its lower triangle."""
    info[0] = 0
    call(routines[POTRF], (LOWER, n, (a, at), stride, (info, 0)))
    failed: int = info[0]
    return failed


@inner_kernel
def divide(
    routines: Integers,
    how: int,
    a: NDArray[Any],
    at: int,
    stride: int,
    n: int,
    b: NDArray[Any],
    b_at: int,
    b_stride: int,
    m: int,
) -> None:
    """Compute ``B := B L^-1`` (`PLAIN`) or ``B L^-T`` (`TRANSPOSED`), B of m rows, n columns."""
    call(
        routines[TRSM],
        (RIGHT, LOWER, how, PLAIN, m, n, 1.0, (a, at), stride, (b, b_at), b_stride),
    )


@inner_kernel
def negative_square(
    routines: Integers,
    a: NDArray[Any],
    at: int,
    stride: int,
    n: int,
    k: int,
    c: NDArray[Any],
    c_at: int,
) -> None:
    """Compute the lower triangle of ``C := -A A^T`` for A of n rows and k columns."""
    call(
        routines[SYRK],
        (LOWER, PLAIN, n, k, -1.0, (a, at), stride, 0.0, (c, c_at), n),
    )


@inner_kernel
def multiply(
    routines: Integers,
    how: int,
    shape: tuple[int, int, int],
    alpha: float,
    a: NDArray[Any],
    a_at: int,
    a_stride: int,
    b: NDArray[Any],
    b_at: int,
    b_stride: int,
    beta: float,
    c: NDArray[Any],
    c_at: int,
    c_stride: int,
) -> None:
    """Compute ``C := alpha A B + beta C`` or with B^T; shape: rows of C, columns of C, inner."""
    call(
        routines[GEMM],
        (
            PLAIN,
            how,
            shape[0],
            shape[1],
            shape[2],
            alpha,
            (a, a_at),
            a_stride,
            (b, b_at),
            b_stride,
            beta,
            (c, c_at),
            c_stride,
        ),
    )
