"""From the places that each row names to a list of electrodes and indices into it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ohmscape.core import REMOTE, Booleans, Floats, Integers

Coordinates = NDArray[Any]  #: of float64 or float32
DECIMALS = 6  #: places that agree to a micrometre are one


def array_codes(abmn: Integers) -> Integers:
    """Return one number per row, the same where A, B, M, N are the same."""
    code = abmn[:, 0].copy()
    for column in abmn[:, 1:].T:
        if code.size and code.max() > 2**40:  # keep codes small, so that the next step fits
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
        code = code * (int(abmn.max(initial=0)) + 2) + column
    return code


def number_places(places: Coordinates, *, decimals: int = DECIMALS) -> tuple[Floats, Integers]:
    """Return electrodes sorted by x, y, z and the index of each place among them.

    Parameters
    ----------
    places : array of float64 or float32, shape (n_data, 4, 3)
        x, y, z in m of A, B, M, N; NaN where remote.
    decimals : int
        To which places are rounded, in m.

    Returns
    -------
    positions : array, shape (n_electrodes, 3)
    abmn : array of int, shape (n_data, 4)
    """
    axes = [np.ascontiguousarray(places[:, :, axis]).reshape(-1) for axis in range(3)]
    near = np.isfinite(axes[0]) & np.isfinite(axes[1]) & np.isfinite(axes[2])
    if not near.any():
        return np.zeros((0, 3)), np.full((len(places), 4), REMOTE, dtype=np.int64)
    if not near.all():
        axes = [axis[near] for axis in axes]
    code = np.zeros(len(axes[0]), dtype=np.int64)
    span = 1
    levels: list[Floats] = []
    for axis in axes:
        values, index = _levels(axis, decimals)
        if span > 2**31:  # keep codes small, so that three axes of any length fit
            break
        code = code * len(values) + index if len(values) > 1 else code
        span, levels = span * len(values), [*levels, values]
    if len(levels) < 3:
        return _number_slowly(np.column_stack(axes), near, decimals)
    used, index = _ranks(code, span)
    where = np.unravel_index(used, [len(values) for values in levels])
    positions = np.column_stack([values[i] for values, i in zip(levels, where, strict=True)])
    return positions, _scattered(index, near)


def _levels(values: Coordinates, decimals: int) -> tuple[Floats, Integers]:
    """Return the distinct values, rounded, and the index of each among them."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        return _rounded(values[:1], decimals), np.zeros(1, dtype=np.int64)
    found = _millimetres(values, low) if high - low < 1e-3 * len(values) else None
    exact, index = np.unique(values, return_inverse=True) if found is None else found
    rounded, merged = np.unique(_rounded(exact, decimals), return_inverse=True)
    return rounded, index if len(rounded) == len(exact) else merged[index]


def _millimetres(values: Coordinates, low: float) -> tuple[Coordinates, Integers] | None:
    """Return the distinct values and the index of each, None if two lie within a millimetre."""
    steps = np.rint((values - low) * 1e3).astype(np.int32)
    first = np.full(int(steps.max()) + 1, np.nan, dtype=values.dtype)
    first[steps] = values
    if not np.all(first[steps] == values):
        return None
    present = np.isfinite(first)
    return first[present], (np.cumsum(present) - 1)[steps]


def _rounded(values: Coordinates, decimals: int) -> Floats:
    out: Floats = values.astype(np.float64)
    np.round(out, decimals, out=out)
    out += 0.0  # no -0.0
    return out


def _ranks(code: Integers, span: int) -> tuple[Integers, Integers]:
    """Return the distinct codes below `span`, sorted, and the index of each among them."""
    if span > 4 * len(code) + 1000:
        used, index = np.unique(code, return_inverse=True)
        return used, index.astype(np.int64)
    present = np.zeros(span, dtype=np.bool_)
    present[code] = True
    return np.flatnonzero(present), (np.cumsum(present) - 1)[code]


def _number_slowly(here: Coordinates, near: Booleans, decimals: int) -> tuple[Floats, Integers]:
    """Return electrodes and indices of places of which each has its own x, y and z."""
    positions, index = np.unique(_rounded(here, decimals), axis=0, return_inverse=True)
    return positions, _scattered(index.reshape(-1).astype(np.int64), near)


def _scattered(index: Integers, near: Booleans) -> Integers:
    if near.all():
        return index.reshape(-1, 4)
    abmn = np.full(len(near), REMOTE, dtype=np.int64)
    abmn[near] = index
    return abmn.reshape(-1, 4)
