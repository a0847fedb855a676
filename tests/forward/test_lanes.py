"""A register as a value: each operation against NumPy, in both precisions."""

import numba
import numpy as np
import pytest

from ohmscape.forward.lanes import (
    REGISTER,
    aligned,
    all_above,
    fill_like,
    load,
    plain,
    spread,
    square_root,
    store,
    store_columns,
)

pytestmark = pytest.mark.kernel
precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@numba.njit
def _mix(numbers, to):
    """Use every arithmetic operation once; a wrong or swapped one changes the answer."""
    n = REGISTER // numbers.itemsize
    a, b, c = load(numbers, 0), load(numbers, n), spread(numbers, 1)
    store(to, 1, (a - b * c + fill_like(numbers, 0.5)) / square_root(b))


@numba.njit
def _are_above(numbers, floor):
    return all_above(load(numbers, 1), load(floor, 0))


@numba.njit
def _scatter(numbers, to, stride):
    n = REGISTER // numbers.itemsize
    a, b = load(numbers, 0), load(numbers, n)
    store_columns(to, 2, stride, a, b, load(numbers, 2 * n), load(numbers, 3 * n))


@precisions
def test_arithmetic_is_done_entry_by_entry(dtype):
    n = REGISTER // np.dtype(dtype).itemsize
    numbers = np.random.default_rng(1).uniform(1.0, 2.0, 2 * n).astype(dtype)
    to = np.full(n + 2, 7.0, dtype)
    _mix(numbers, to)
    a, b = numbers[:n], numbers[n:]
    np.testing.assert_allclose(to[1:-1], (a - b * a[1] + 0.5) / np.sqrt(b), rtol=0, atol=1e-6)
    assert to[0] == 7.0
    assert to[-1] == 7.0


@precisions
@pytest.mark.parametrize("bad", [1.0, -1.0, np.nan])
def test_one_entry_that_is_not_above_is_enough(dtype, bad):
    n = REGISTER // np.dtype(dtype).itemsize
    numbers, floor = np.full(n + 1, 2.0, dtype), np.ones(n, dtype)
    assert _are_above(numbers, floor)
    for i in range(1, n + 1):
        broken = numbers.copy()
        broken[i] = bad
        assert not _are_above(broken, floor)


@precisions
def test_columns_are_stored_lane_by_lane_in_the_precision_of_the_array(dtype):
    n = REGISTER // 8
    numbers = np.random.default_rng(2).normal(size=4 * n)
    stride = 5
    to = np.zeros(2 + n * stride, dtype)
    _scatter(numbers, to, stride)
    for lane in range(n):
        four = to[2 + lane * stride : 6 + lane * stride]
        np.testing.assert_array_equal(four, numbers.reshape(4, n)[:, lane].astype(dtype))
    assert np.all(to[6::stride] == 0.0)


def test_arrays_begin_at_a_register_and_are_plain():
    for shape in ((3,), (2, 5)):
        array = aligned(shape, np.float32)
        assert array.shape == shape
        assert array.ctypes.data % REGISTER == 0
        assert plain(array, np.float32) is array
    frozen = np.arange(6.0).reshape(2, 3).T
    frozen.flags.writeable = False
    thawed = plain(frozen, np.float64)
    assert thawed.flags.c_contiguous
    assert thawed.flags.writeable
    np.testing.assert_array_equal(thawed, frozen)
