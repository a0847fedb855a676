"""Cholesky factorisation of `LANES` sparse matrices of one pattern at once, front by front.

Each matrix is a sum over cells, ``A = sum_c scale[c] S_c``. A front gathers what cells and its
children contribute to its pivots (the *panel*) and to its rows (the *update*), eliminates the
pivots and hands the update to its parent. What is kept of it is the *extension*

    G = -A11^-1 A12,    u(pivots) = G u(rows),

which carries a solution from the rows to the pivots where no load acts. The root holds the
terminals; its inverse is the inverse of A restricted to them, and the extensions, from the root
down, give the solution everywhere. Rows of G are weights like those of an interpolation, so
that rounding them to float32 does no harm; the elimination itself is in float64.

Matrices lie side by side in the innermost index, `WIDTH` of them in a register.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SimulationError
from ohmscape.forward.blocks import (
    factorise_block,
    solve_right,
    solve_right_back,
    subtract_products,
)
from ohmscape.forward.lanes import (
    GROUPS,
    LANES,
    REGISTER,
    WIDTH,
    aligned,
    all_above,
    fill_like,
    load,
    plain,
    spread,
    store,
    store_columns,
)
from ohmscape.forward.ordering import NOBODY, ROOT
from ohmscape.forward.symbolic import (
    BLOCK,
    CELLS_AT,
    CELLS_END,
    CHILD,
    FIRST,
    PANEL_AT,
    PIVOTS,
    ROWS,
    ROWS_AT,
    SPLIT,
    STORE_AT,
    UPDATE_AT,
    WIDE,
    Symbolic,
)
from ohmscape.forward.threads import in_threads
from ohmscape.kernels import inner_kernel, kernel

CACHE_LINE = 64  #: bytes
ROUNDING = 1e-11  #: a smaller pivot, relative to its entry, has no more than five digits left


@dataclass(frozen=True, eq=False)
class Factor:
    """Factorised matrices; `factorise` says when its memory is used up."""

    symbolic: Symbolic
    extension: NDArray[Any]  #: (LANES * store_size,) G of every front, lane by lane, row by row
    work: Floats  #: (GROUPS, work_size) holds the negative inverse of the root


@dataclass(frozen=True, eq=False)
class Fields:
    """Solutions at all nodes for a unit load at each terminal.

    All that belongs to a node lies together: what reads it next takes node by node. Terminals are
    innermost, padded to a multiple of two registers. One cache line of padding at the end of a
    row keeps the rows of a front from competing for the same places of the cache.
    """

    symbolic: Symbolic
    values: NDArray[Any]  #: (n_positions, LANES * padded terminals + padding)

    @property
    def padded(self) -> int:
        """Number of terminals with padding."""
        row_size: int = self.values.shape[1]
        return (row_size - CACHE_LINE // self.values.itemsize) // LANES

    def at_nodes(self) -> Floats:
        """Return the solutions in order, float64, shape (n_nodes, n_terminals, LANES)."""
        symbolic = self.symbolic
        picked = self.values[symbolic.position, : LANES * self.padded].astype(np.float64)
        ordered = picked.reshape(symbolic.n_nodes, LANES, self.padded).transpose(0, 2, 1)
        return ordered[:, : symbolic.n_terminals]


def factorise(
    symbolic: Symbolic,
    matrices: Floats,
    offset: Integers,
    scale: Floats,
    factor: Factor | None = None,
    *,
    precision: Any = np.float32,
    inverse_only: bool = False,
) -> Factor:
    """Factorise ``sum_c scale[c] S_c`` for all lanes.

    Parameters
    ----------
    symbolic : Symbolic
        Plan from `analyse` for the same cells.
    matrices : array, shape (any,)
        Symmetric matrices of cells, lane innermost: entry i, j of cell c with n nodes is at
        ``matrices[offset[c] + (i * n + j) * LANES + lane]``.
    offset : array of int, shape (n_cells,)
        Where the matrix of each cell begins; cells may share one.
    scale : array, shape (n_cells,)
        Factor of each cell.
    factor : Factor, optional
        An old factor of the same plan whose memory is taken over. It is used up: only what this
        function returns may be used afterwards.
    precision : dtype
        float32 or float64, in which extensions (and `fields`) are kept.
    inverse_only : bool
        Keep no extensions, which saves most of the memory: good for `terminal_inverse` alone.

    Returns
    -------
    Factor

    Raises
    ------
    SimulationError
        Some matrix is not positive definite.
    """
    kept = 0 if inverse_only else LANES * symbolic.store_size
    if factor is None or factor.extension.dtype != precision or len(factor.extension) != kept:
        extension = aligned((kept,), precision)
        work = aligned((GROUPS, symbolic.work_size), np.float64)
        factor = Factor(symbolic, extension, work)
    given = plain(matrices, np.float64), plain(offset, np.int64), plain(scale, np.float64)

    def work_on(task: int, group: int) -> None:
        good = _factorise(
            task,
            group,
            symbolic.fronts,
            symbolic.local_rows,
            symbolic.tasks,
            symbolic.task_pointer,
            symbolic.cell_order,
            symbolic.cell_pointer,
            symbolic.cell_local,
            symbolic.cell_sorted,
            *given,
            factor.work[group],
            factor.extension,
        )
        if not good:
            raise SimulationError(
                "a matrix is not positive definite",
                mend="scales must be positive and finite, and the boundary must hold the solution",
            )

    top = symbolic.n_tasks - 1
    in_threads(lambda i: work_on(i // GROUPS, i % GROUPS), top * GROUPS, symbolic.threads)
    in_threads(lambda group: work_on(top, group), GROUPS, symbolic.threads)
    return factor


def terminal_inverse(factor: Factor) -> Floats:
    """Return the inverse at the terminals, shape (n_terminals, n_terminals, LANES), symmetric."""
    n = factor.symbolic.n_terminals
    root = factor.symbolic.fronts[ROOT]
    wide, at = root[WIDE], root[UPDATE_AT]
    block = factor.work[:, at : at + wide * wide * WIDTH].reshape(GROUPS, wide, wide, WIDTH)
    lower = block[:, :n, :n].transpose(1, 2, 0, 3).reshape(n, n, LANES)
    below = np.tri(n, dtype=np.bool_)[:, :, None]
    inverse: Floats = np.where(below, -lower, -lower.transpose(1, 0, 2))
    return inverse


def fields(factor: Factor, out: Fields | None = None) -> Fields:
    """Return the solutions at all nodes for a unit load at each terminal.

    Parameters
    ----------
    factor : Factor
        From `factorise`.
    out : Fields, optional
        Old fields of the same plan whose memory is taken over; they are used up.

    Returns
    -------
    Fields
        In the precision of the factor.
    """
    symbolic = factor.symbolic
    if len(factor.extension) == 0 and symbolic.store_size:
        raise SimulationError("the factor holds the inverse only", mend="factorise it anew")
    itemsize = factor.extension.itemsize
    strip = 2 * REGISTER // itemsize
    padded = -(-symbolic.n_terminals // strip) * strip
    if out is None or out.values.itemsize != itemsize:
        shape = (symbolic.n_positions, LANES * padded + CACHE_LINE // itemsize)
        out = Fields(symbolic, aligned(shape, factor.extension.dtype))
    values = out.values.reshape(-1)
    shares = min(LANES, 2 * symbolic.threads) if symbolic.threads > 1 else 1

    def work_on(share: int) -> None:
        _extend_down(
            LANES * share // shares,
            LANES * (share + 1) // shares,
            symbolic.fronts,
            symbolic.rows,
            factor.work,
            factor.extension,
            padded,
            values,
        )

    in_threads(work_on, shares, symbolic.threads)
    return out


@kernel
def _factorise(
    task: int,
    group: int,
    fronts: Integers,
    local_rows: Integers,
    tasks: Integers,
    task_pointer: Integers,
    cell_order: Integers,
    cell_pointer: Integers,
    cell_local: Integers,
    cell_sorted: Integers,
    matrices: Floats,
    offset: Integers,
    scale: Floats,
    w: Floats,
    extension: NDArray[Any],
) -> bool:
    """Work through the fronts of a task; return whether all pivots were positive."""
    for k in range(task_pointer[task], task_pointer[task + 1]):
        _assemble(tasks[k], group, fronts, local_rows, cell_order, cell_pointer, cell_local,
                  cell_sorted, matrices, offset, scale, w)  # fmt: skip
        if not _eliminate(tasks[k], group, fronts, w, extension):
            return False
    return True


@inner_kernel
def _assemble(
    s: int,
    group: int,
    fronts: Integers,
    local_rows: Integers,
    cell_order: Integers,
    cell_pointer: Integers,
    cell_local: Integers,
    cell_sorted: Integers,
    matrices: Floats,
    offset: Integers,
    scale: Floats,
    w: Floats,
) -> None:
    """Add up what the cells and the children of front s say about its pivots and rows."""
    wide = fronts[s, WIDE]
    rows = wide if s == ROOT else (fronts[s, ROWS] + BLOCK - 1) // BLOCK * BLOCK
    panel, stride = fronts[s, PANEL_AT], wide * WIDTH
    update, update_stride = fronts[s, UPDATE_AT], rows * WIDTH
    zero, one = fill_like(w, 0.0), fill_like(w, 1.0)
    for i in range(panel, panel + (wide + rows) * stride, WIDTH):
        store(w, i, zero)
    for i in range(0, rows, BLOCK):  # only blocks of the lower half are ever used
        for k in range(i, i + BLOCK):
            at = update + k * update_stride
            for j in range(at, at + (i + BLOCK) * WIDTH, WIDTH):
                store(w, j, zero)
    for i in range(fronts[s, PIVOTS], wide):
        store(w, panel + i * stride + i * WIDTH, one)
    if s == ROOT:
        for i in range(wide):
            store(w, panel + (wide + i) * stride + i * WIDTH, one)
    # An entry of a row is in the panel if its column is a pivot, and else in the update.
    update -= wide * (update_stride + WIDTH)
    for k in range(fronts[s, CELLS_AT], fronts[s, CELLS_END]):
        c = cell_order[k]
        at, n = cell_pointer[c], cell_pointer[c + 1] - cell_pointer[c]
        factor = fill_like(w, scale[c])
        for i in range(n):
            place = cell_local[at + i]
            source = offset[c] + cell_sorted[at + i] * n * LANES + group * WIDTH
            for j in range(i + 1):
                column = cell_local[at + j]
                to = panel + place * stride if column < wide else update + place * update_stride
                to += column * WIDTH
                entry = load(matrices, source + cell_sorted[at + j] * LANES)
                store(w, to, load(w, to) + factor * entry)
    for which in range(2):
        child = fronts[s, CHILD + which]
        if child == NOBODY:
            continue
        at, n, split = fronts[child, ROWS_AT], fronts[child, ROWS], fronts[child, SPLIT]
        source, source_stride = fronts[child, UPDATE_AT], (n + BLOCK - 1) // BLOCK * BLOCK * WIDTH
        for i in range(n):
            place = local_rows[at + i]
            for j in range(min(i + 1, split)):
                to = panel + place * stride + local_rows[at + j] * WIDTH
                store(w, to, load(w, to) + load(w, source + j * WIDTH))
            for j in range(split, i + 1):
                to = update + place * update_stride + local_rows[at + j] * WIDTH
                store(w, to, load(w, to) + load(w, source + j * WIDTH))
            source += source_stride


@inner_kernel
def _eliminate(s: int, group: int, fronts: Integers, w: Floats, extension: NDArray[Any]) -> bool:
    """Eliminate the pivots of an assembled front and keep its extension; False if it cannot be.

    Rows of an identity below the root become those of ``L^-T``, zero left of their diagonal, and
    the update becomes ``-L^-T L^-1``, the negative inverse.
    """
    wide = fronts[s, WIDE]
    rows = wide if s == ROOT else (fronts[s, ROWS] + BLOCK - 1) // BLOCK * BLOCK
    panel, stride = fronts[s, PANEL_AT], wide * WIDTH
    update, update_stride = fronts[s, UPDATE_AT], rows * WIDTH
    below = panel + wide * stride
    step = stride // max(wide, 1)  # WIDTH, but not as a literal, which would compile twice
    for j in range(0, wide, BLOCK):
        pivot = panel + j * (stride + WIDTH)
        end = wide + j + BLOCK if s == ROOT else wide + rows
        for i in range(j, end, BLOCK):
            first = max(i - wide, 0) if s == ROOT else 0
            at = panel + i * stride
            to, a, b = at + j * WIDTH, at + first * WIDTH, panel + j * stride + first * WIDTH
            subtract_products(w, to, stride, a, stride, b, stride, step, j - first)
            if i == j:
                if not factorise_block(w, pivot, stride):
                    return False
            else:
                solve_right(w, at + j * WIDTH, pivot, stride)
    for i in range(0, rows, BLOCK):
        first = i if s == ROOT else 0
        a = below + i * stride + first * WIDTH
        for j in range(0, i + BLOCK, BLOCK):
            to, b = update + i * update_stride + j * WIDTH, below + j * stride + first * WIDTH
            subtract_products(w, to, update_stride, a, stride, b, stride, step, wide - first)
    if s == ROOT:
        return _is_definite(w, panel, stride, wide)
    if len(extension):
        _extend_rows(s, group, fronts, w, extension)
    return True


@inner_kernel
def _is_definite(w: Floats, panel: int, stride: int, wide: int) -> bool:
    """Return whether more than rounding errors is left of the last pivots.

    A pivot is what remains of a diagonal entry when the squares of its row of L are taken away.
    Of a singular matrix, say with a solution up to a constant, nothing would remain in the root.
    """
    one, much = fill_like(w, 1.0), fill_like(w, 1.0 / ROUNDING)
    for i in range(wide):
        row = panel + i * stride
        reciprocal = load(w, row + i * WIDTH)
        taken = fill_like(w, 0.0)
        for at in range(row, row + i * WIDTH, WIDTH):
            taken = taken + load(w, at) * load(w, at)
        if not all_above(much, one + taken * reciprocal * reciprocal):
            return False
    return True


@inner_kernel
def _extend_rows(s: int, group: int, fronts: Integers, w: Floats, extension: NDArray[Any]) -> None:
    """Turn the rows ``L21`` of the panel into ``L21 L11^-1`` and store their negative by lanes."""
    wide, rows = fronts[s, WIDE], fronts[s, ROWS]
    panel, stride = fronts[s, PANEL_AT], wide * WIDTH
    size = rows * wide
    keep = LANES * fronts[s, STORE_AT] + group * WIDTH * size
    step = stride // max(wide, 1)
    zero = fill_like(w, 0.0)
    for i in range(0, rows, BLOCK):
        at = panel + (wide + i) * stride
        for j in range(wide - BLOCK, -1, -BLOCK):
            k = j + BLOCK
            to, a, b = at + j * WIDTH, at + k * WIDTH, panel + k * stride + j * WIDTH
            subtract_products(w, to, stride, a, stride, b, step, stride, wide - k)
            solve_right_back(w, to, panel + j * (stride + WIDTH), stride)
        for r in range(i, min(i + BLOCK, rows)):
            for j in range(0, wide, BLOCK):
                x = at + j * WIDTH
                store_columns(
                    extension,
                    keep + r * wide + j,
                    size,
                    zero - load(w, x),
                    zero - load(w, x + WIDTH),
                    zero - load(w, x + 2 * WIDTH),
                    zero - load(w, x + 3 * WIDTH),
                )
            at += stride


@kernel
def _extend_down(
    begin: int,
    end: int,
    fronts: Integers,
    rows: Integers,
    work: Floats,
    g: NDArray[Any],
    padded: int,
    x: NDArray[Any],
) -> None:
    """Fill lanes of x: at the terminals from the inverse, then front by front below."""
    for lane in range(begin, end):
        _copy_inverse(lane, fronts, work, padded, x)
    strip = 2 * REGISTER // x.itemsize
    for s in range(1, len(fronts)):
        size = fronts[s, ROWS] * fronts[s, WIDE]
        for lane in range(begin, end):
            weight = LANES * fronts[s, STORE_AT] + lane * size
            for column in range(lane * padded, (lane + 1) * padded, strip):
                _extend_front(s, fronts, rows, g, weight, padded, x, column)


@inner_kernel
def _copy_inverse(lane: int, fronts: Integers, work: Floats, padded: int, x: NDArray[Any]) -> None:
    """Copy the inverse of the root into the rows of the terminals."""
    row_size = LANES * padded + CACHE_LINE // x.itemsize
    wide, at = fronts[ROOT, WIDE], fronts[ROOT, UPDATE_AT]
    for i in range(wide):
        to = (fronts[ROOT, FIRST] + i) * row_size + lane * padded
        for j in range(padded):
            low, high = min(i, j), max(i, j)
            value = 0.0
            if high < fronts[ROOT, PIVOTS]:
                value = -work[lane // WIDTH, at + (high * wide + low) * WIDTH + lane % WIDTH]
            x[to + j] = value


@inner_kernel
def _extend_front(
    s: int,
    fronts: Integers,
    rows: Integers,
    g: NDArray[Any],
    weight: int,
    padded: int,
    x: NDArray[Any],
    column: int,
) -> None:
    """Compute a strip of terminals at the pivots of a front from that at its rows."""
    half = REGISTER // x.itemsize
    row_size = LANES * padded + CACHE_LINE // x.itemsize
    wide, at = fronts[s, WIDE], fronts[s, ROWS_AT]
    for i in range(0, wide, BLOCK):
        s00 = fill_like(x, 0.0)
        s01, s10, s11, s20, s21, s30, s31 = s00, s00, s00, s00, s00, s00, s00
        w = weight + i
        for k in range(at, at + fronts[s, ROWS]):
            place = rows[k] * row_size + column
            y0, y1 = load(x, place), load(x, place + half)
            a = spread(g, w)
            s00, s01 = s00 + a * y0, s01 + a * y1
            a = spread(g, w + 1)
            s10, s11 = s10 + a * y0, s11 + a * y1
            a = spread(g, w + 2)
            s20, s21 = s20 + a * y0, s21 + a * y1
            a = spread(g, w + 3)
            s30, s31 = s30 + a * y0, s31 + a * y1
            w += wide
        place = (fronts[s, FIRST] + i) * row_size + column
        store(x, place, s00)
        store(x, place + half, s01)
        place += row_size
        store(x, place, s10)
        store(x, place + half, s11)
        place += row_size
        store(x, place, s20)
        store(x, place + half, s21)
        place += row_size
        store(x, place, s30)
        store(x, place + half, s31)


#: types of the arguments of the kernels, for `compiled_beside`
SIGNATURES = {
    _factorise: "i8, i8, i8[:,::1], i8[::1], i8[::1], i8[::1], i8[::1], i8[::1], i8[::1], i8[::1], "
    "f8[::1], i8[::1], f8[::1], f8[::1], f4[::1]",
    _extend_down: "i8, i8, i8[:,::1], i8[::1], f8[:,::1], f4[::1], i8, f4[::1]",
}
