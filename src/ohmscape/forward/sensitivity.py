"""How readings between terminals change with the scale of groups of cells.

The inverse restricted to the terminals, F, changes with the scale of cell c by
``dF[i, j] = -u_i' S_c u_j``, where u_i is the field of terminal i at the nodes of the cell.
For all pairs of terminals this is one product of small dense matrices, summed over nodes and lanes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ohmscape.core.types import Floats, Integers
from ohmscape.forward.lanes import LANES, REGISTER, fill_like, load, plain, spread, store
from ohmscape.forward.multifrontal import CACHE_LINE, Fields
from ohmscape.forward.symbolic import BLOCK, Symbolic
from ohmscape.forward.threads import in_threads
from ohmscape.kernels import inner_kernel, kernel

SHARES = 8  #: per thread, so that a disturbed thread does not keep the others waiting


def sensitivities(
    symbolic: Symbolic,
    fields: Fields,
    matrices: Floats,
    offset: Integers,
    scale: Floats,
    lane_weights: Floats,
    group_pointer: Integers,
    group_cells: Integers,
    abmn: Integers,
    row_factor: Floats,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Return what groups of cells contribute to the energy between pairs of dipoles.

    ``value[g, d] = row_factor[d] * sum over c in g of scale[c] *
    (P_c[a, m] - P_c[a, n] - P_c[b, m] + P_c[b, n])`` with
    ``P_c[i, j] = sum over lanes of lane_weights * u_i' S_c u_j``.

    With weights w and F the inverse at the terminals, ``sum over lanes of w F`` changes by minus
    this when the logarithm of the scale of the group grows.

    Parameters
    ----------
    symbolic : Symbolic
        Plan of the factorisation.
    fields : Fields
        From `fields`, for the same `scale`.
    matrices, offset, scale
        As given to `factorise`.
    lane_weights : array, shape (LANES,)
        Weight of each lane in the sum.
    group_pointer : array of int, shape (n_groups + 1,)
        Where the cells of each group begin in `group_cells`; groups may be empty.
    group_cells : array of int, shape (group_pointer[-1],)
        Cells of the groups.
    abmn : array of int, shape (n_data, 4)
        Terminals a, b, m, n of each reading, or -1 for one at infinity.
    row_factor : array, shape (n_data,)
        Factor of each reading.
    out : array, shape (n_groups, n_data), optional
        C-ordered memory for the answer.

    Returns
    -------
    array, shape (n_groups, n_data)
        In the precision of the fields.
    """
    n_groups, n_data = len(group_pointer) - 1, len(abmn)
    if out is None:
        out = np.empty((n_groups, n_data), fields.values.dtype)
    values = fields.values
    padded = fields.padded
    x, factors = values.reshape(-1), plain(row_factor, values.dtype)
    given = (
        plain(matrices, np.float64),
        plain(offset, np.int64),
        plain(scale, np.float64),
        plain(lane_weights, np.float64),
        plain(group_pointer, np.int64),
        plain(group_cells, np.int64),
        _pair_places(np.asarray(abmn, np.int64), padded),
    )
    largest = int(np.diff(symbolic.cell_pointer).max())
    shares = SHARES * symbolic.threads if symbolic.threads > 1 else 1

    def work_on(share: int) -> None:
        begin, end = n_groups * share // shares, n_groups * (share + 1) // shares
        _sensitivities(
            begin,
            end,
            symbolic.cell_pointer,
            symbolic.cell_positions,
            x,
            *given,
            factors,
            largest,
            padded,
            out,
        )

    in_threads(work_on, shares, symbolic.threads)
    return out


def _pair_places(abmn: Integers, padded: int) -> NDArray[np.uint32]:
    """Return where am, an, bm, bn are in the lower half of P, shape (4, n_data).

    A remote one is just behind the end of P. Unsigned, as Numba looks for negative indices.
    """
    current, potential = abmn[:, [0, 0, 1, 1]].T, abmn[:, [2, 3, 2, 3]].T
    high, low = np.maximum(current, potential), np.minimum(current, potential)
    places = np.where(low < 0, padded * padded, high * padded + low)
    return np.ascontiguousarray(places, np.uint32)


@kernel
def _sensitivities(
    begin: int,
    end: int,
    cell_pointer: Integers,
    cell_positions: Integers,
    x: NDArray[Any],
    matrices: Floats,
    offset: Integers,
    scale: Floats,
    lane_weights: Floats,
    group_pointer: Integers,
    group_cells: Integers,
    places: NDArray[np.uint32],
    row_factor: NDArray[Any],
    largest: int,
    padded: int,
    out: NDArray[Any],
) -> None:
    """Fill rows `begin` to `end` of `out`; no cell has more nodes than `largest`."""
    # Blocks of four nodes read and write a little behind what belongs to the last lane.
    u = np.empty(LANES * largest * padded, x.dtype)
    v = np.zeros((LANES * largest + BLOCK) * padded, x.dtype)
    weights = np.zeros(LANES * largest * largest + BLOCK, x.dtype)
    pairs = np.empty(padded * padded + 1, x.dtype)
    pairs[padded * padded] = 0.0
    strip = 2 * REGISTER // x.itemsize
    for g in range(begin, end):
        _clear(pairs, 0, padded * padded)
        for k in range(group_pointer[g], group_pointer[g + 1]):
            c = group_cells[k]
            at, n = cell_pointer[c], cell_pointer[c + 1] - cell_pointer[c]
            for lane in range(LANES):
                _local_weights(
                    matrices, offset[c] + lane, scale[c] * lane_weights[lane], n, weights, lane
                )
            _local_fields(x, cell_positions, at, n, padded, u)
            for lane in range(LANES):
                start = lane * n * padded
                _clear(v, start, start + n * padded)  # and what the lane before wrote too much
                for i in range(0, n, BLOCK):
                    a = lane * n * n + i
                    for j in range(start, start + padded, strip):
                        _add_products(v, j + i * padded, padded, weights, a, n, u, j, padded, n)
            for j in range(0, padded, strip):
                for i in range(j, padded, BLOCK):
                    to = i * padded + j
                    _add_products(pairs, to, padded, u, i, padded, v, j, padded, LANES * n)
        for d in range(places.shape[1]):
            value = pairs[places[0, d]] - pairs[places[1, d]]
            value = value - pairs[places[2, d]] + pairs[places[3, d]]
            out[g, d] = row_factor[d] * value


@inner_kernel
def _clear(array: NDArray[Any], begin: int, end: int) -> None:
    """Set numbers to zero, as many as fill some registers."""
    zero = fill_like(array, 0.0)
    for i in range(begin, end, REGISTER // array.itemsize):
        store(array, i, zero)


@inner_kernel
def _local_weights(
    matrices: Floats,
    entry: int,
    factor: float,
    n: int,
    weights: NDArray[Any],
    lane: int,
) -> None:
    """Write the matrix of a cell for `_local_fields`: its first row and column become sums.

    In the values ``u[0], u[1] - u[0], ...`` the matrix has the sums of its rows, and of all of it,
    where its first row was. For fields that hardly vary over the cell these sums are what counts,
    and they would be lost in single precision.
    """
    start = lane * n * n
    total = 0.0
    for i in range(n):
        across = 0.0
        for j in range(n):
            value = factor * matrices[entry]
            entry += LANES
            across += value
            weights[start + i * n + j] = value
        weights[start + i * n] = across
        total += across
    for i in range(1, n):
        weights[start + i] = weights[start + i * n]
    weights[start] = total


@inner_kernel
def _local_fields(
    x: NDArray[Any], positions: Integers, at: int, n: int, padded: int, u: NDArray[Any]
) -> None:
    """Copy the fields at the nodes of a cell: those of its first node, then differences to it."""
    width = REGISTER // x.itemsize
    row_size = LANES * padded + CACHE_LINE // x.itemsize
    for k in range(n):
        place = positions[at + k] * row_size
        for lane in range(LANES):
            first = lane * n * padded
            for j in range(first, first + padded, width):
                value = load(x, place)
                store(u, j + k * padded, value if k == 0 else value - load(u, j))
                place += width


@inner_kernel
def _add_products(
    c: NDArray[Any],
    at: int,
    c_step: int,
    a: NDArray[Any],
    i: int,
    a_step: int,
    b: NDArray[Any],
    j: int,
    b_step: int,
    depth: int,
) -> None:
    """Add ``a' b``, `depth` long, to 4 rows of c, a strip wide."""
    half = REGISTER // c.itemsize
    p1, p2, p3 = at + c_step, at + 2 * c_step, at + 3 * c_step
    s00, s01 = load(c, at), load(c, at + half)
    s10, s11 = load(c, p1), load(c, p1 + half)
    s20, s21 = load(c, p2), load(c, p2 + half)
    s30, s31 = load(c, p3), load(c, p3 + half)
    for _ in range(depth):
        y0, y1 = load(b, j), load(b, j + half)
        x = spread(a, i)
        s00, s01 = s00 + x * y0, s01 + x * y1
        x = spread(a, i + 1)
        s10, s11 = s10 + x * y0, s11 + x * y1
        x = spread(a, i + 2)
        s20, s21 = s20 + x * y0, s21 + x * y1
        x = spread(a, i + 3)
        s30, s31 = s30 + x * y0, s31 + x * y1
        i += a_step
        j += b_step
    store(c, at, s00)
    store(c, at + half, s01)
    store(c, p1, s10)
    store(c, p1 + half, s11)
    store(c, p2, s20)
    store(c, p2 + half, s21)
    store(c, p3, s30)
    store(c, p3 + half, s31)


#: types of the arguments of the kernel, for `compiled_beside`
SIGNATURES = {
    _sensitivities: "i8, i8, i8[::1], i8[::1], f4[::1], f8[::1], i8[::1], f8[::1], f8[::1], "
    "i8[::1], i8[::1], u4[:,::1], f4[::1], i8, i8, f4[:,::1]",
}
