"""Solutions for many right-hand sides of a factorised matrix.

Right-hand sides lie side by side in a row for each unknown, in panels of `PANEL`, a thread for
each panel: BLAS then works on whole rows. The forward sweep visits only fronts that hold or
inherit a load; for loads at electrodes that is a small part of them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import SimulationError
from ohmscape.forward.sparse.cholesky import Factor
from ohmscape.forward.sparse.graph import NOBODY
from ohmscape.forward.sparse.lapack import PLAIN, TRANSPOSED, addresses, divide, multiply
from ohmscape.forward.sparse.plan import FIRST, PANEL_AT, PARENT, PIVOTS, ROWS, ROWS_AT
from ohmscape.forward.threads import in_threads
from ohmscape.kernels import inner_kernel, kernel

PANEL = 96  #: right-hand sides in a panel, at most


@dataclass(frozen=True, eq=False)
class Refined:
    """Solutions after one step of refinement, and how good the first ones were."""

    values: Floats  #: (n, k)
    residual: float  #: largest residual of a first solution, relative to its right-hand side
    refined_residual: float  #: the same after the step


def solve(factor: Factor, right: NDArray[Any]) -> NDArray[Any]:
    """Return the solutions for right-hand sides.

    Parameters
    ----------
    factor : Factor
        From `factorise`.
    right : array, shape (n, k) or (n,)
        Right-hand sides. Where all of a panel are zero, work is saved.

    Returns
    -------
    array like `right`, in the precision of the factor

    Raises
    ------
    SimulationError
        `right` has another number of rows than the matrix.
    """
    right = np.asarray(right)
    plan = factor.plan
    if len(right) != plan.n:
        raise SimulationError(f"right-hand sides have {len(right)} rows, the matrix has {plan.n}")
    columns = right.reshape(plan.n, -1)
    out = np.empty(columns.shape, factor.dtype)

    def run(begin: int, end: int) -> None:
        x = np.ascontiguousarray(columns[plan.order, begin:end], dtype=factor.dtype)
        loaded = x.any(axis=1)
        _sweep(factor, x, _active(plan.fronts, plan.front_of[loaded]))
        out[plan.order, begin:end] = x

    _in_panels(run, columns.shape[1], plan.threads)
    return out.reshape(right.shape)


def unit_solutions(factor: Factor, nodes: Integers, dtype: Any = np.float32) -> NDArray[Any]:
    """Return the solutions for a load of one at each of some unknowns.

    Parameters
    ----------
    factor : Factor
        From `factorise`.
    nodes : array of int, shape (k,)
        Loaded unknowns.
    dtype : dtype
        Precision of the result; computed is in that of the factor.

    Returns
    -------
    array, shape (n, k)
    """
    plan = factor.plan
    nodes = np.asarray(nodes, np.int64)
    out = np.empty((plan.n, len(nodes)), dtype)
    # Neighbours in the order of elimination share most of the fronts that they load.
    sorted_nodes = np.argsort(plan.position[nodes], kind="stable")

    def run(begin: int, end: int) -> None:
        chosen = sorted_nodes[begin:end]
        at = plan.position[nodes[chosen]]
        x = np.zeros((plan.n, len(chosen)), factor.dtype)
        x[at, np.arange(len(chosen))] = 1.0
        _sweep(factor, x, _active(plan.fronts, plan.front_of[at]))
        _scatter(x, plan.order, chosen, out)

    _in_panels(run, len(nodes), plan.threads)
    return out


def refined(factor: Factor, right: NDArray[Any]) -> Refined:
    """Return solutions after one step of iterative refinement in float64.

    Parameters
    ----------
    factor : Factor
        From `factorise`; the guard that one in float32 asks for.
    right : array, shape (n, k)
        Right-hand sides.

    Returns
    -------
    Refined
    """
    right = np.asarray(right, np.float64)
    first = solve(factor, right).astype(np.float64)
    rest = right - product(factor, first)
    values = first + solve(factor, rest)
    scale = np.linalg.norm(right, axis=0)
    scale = np.where(scale > 0.0, scale, 1.0)
    after = right - product(factor, values)
    return Refined(
        values,
        float((np.linalg.norm(rest, axis=0) / scale).max(initial=0.0)),
        float((np.linalg.norm(after, axis=0) / scale).max(initial=0.0)),
    )


def product(factor: Factor, x: Floats) -> Floats:
    """Return the product of the matrix itself and columns, shape (n, k), in float64."""
    plan = factor.plan
    out = np.zeros(x.shape)

    def run(begin: int, end: int) -> None:
        part = np.ascontiguousarray(x[:, begin:end])
        result = np.zeros_like(part)
        _multiply_by_lower(plan.indptr, plan.indices, factor.values, part, result)
        out[:, begin:end] = result

    _in_panels(run, x.shape[1], plan.threads)
    return out


def _in_panels(run: Any, n_columns: int, threads: int) -> None:
    """Call ``run(begin, end)`` for panels of about equal width, a thread each."""
    n_panels = max(-(-n_columns // PANEL), min(threads, n_columns))
    n_panels = -(-n_panels // threads) * threads if n_columns > threads else n_panels
    ends = [n_columns * i // n_panels for i in range(n_panels + 1)] if n_panels else [0]
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        in_threads(lambda i: run(ends[i], ends[i + 1]), n_panels, threads)


def _active(fronts: Integers, loaded: Integers) -> Booleans:
    """Return which fronts hold a load or have it below them."""
    active = np.zeros(len(fronts), np.bool_)
    active[loaded] = True
    _pass_up(fronts, active)
    return active


@kernel
def _pass_up(fronts: Integers, active: Booleans) -> None:
    for s in range(len(fronts)):
        if active[s] and fronts[s, PARENT] != NOBODY:
            active[fronts[s, PARENT]] = True


def _sweep(factor: Factor, x: NDArray[Any], active: Booleans) -> None:
    """Solve in place for one panel of columns, rows in the order of elimination."""
    if x.shape[1] == 0:
        return
    plan = factor.plan
    routines = addresses(factor.dtype.name)
    work = np.empty((int(plan.fronts[:, ROWS].max()) + 1) * x.shape[1], factor.dtype)
    _both_ways(
        plan.fronts, plan.rows, routines, factor.panels, active, x.shape[1], x.reshape(-1), work
    )


@kernel
def _both_ways(
    fronts: Integers,
    rows: Integers,
    routines: Integers,
    panels: NDArray[Any],
    active: Booleans,
    width: int,
    x: NDArray[Any],
    work: NDArray[Any],
) -> None:
    """Compute ``x := L^-T L^-1 x``; forward through active fronts only."""
    for s in range(len(fronts)):
        if active[s]:
            wide, n, at = fronts[s, PIVOTS], fronts[s, ROWS], fronts[s, PANEL_AT]
            here, high = fronts[s, FIRST] * width, wide + n
            divide(routines, TRANSPOSED, panels, at, high, wide, x, here, width, width)
            if n > 0:
                multiply(
                    routines, TRANSPOSED, (width, n, wide), 1.0, x, here, width,
                    panels, at + wide, high, 0.0, work, 0, width,
                )  # fmt: skip
                _subtract_rows(rows, fronts[s, ROWS_AT], n, width, work, x)
    for s in range(len(fronts) - 1, -1, -1):
        wide, n, at = fronts[s, PIVOTS], fronts[s, ROWS], fronts[s, PANEL_AT]
        here, high = fronts[s, FIRST] * width, wide + n
        if n > 0:
            _gather_rows(rows, fronts[s, ROWS_AT], n, width, x, work)
            multiply(
                routines, PLAIN, (width, wide, n), -1.0, work, 0, width,
                panels, at + wide, high, 1.0, x, here, width,
            )  # fmt: skip
        divide(routines, PLAIN, panels, at, high, wide, x, here, width, width)


@inner_kernel
def _subtract_rows(
    rows: Integers, at: int, n: int, width: int, work: NDArray[Any], x: NDArray[Any]
) -> None:
    for r in range(n):
        to, source = rows[at + r] * width, r * width
        for q in range(width):
            x[to + q] -= work[source + q]


@inner_kernel
def _gather_rows(
    rows: Integers, at: int, n: int, width: int, x: NDArray[Any], work: NDArray[Any]
) -> None:
    for r in range(n):
        source, to = rows[at + r] * width, r * width
        for q in range(width):
            work[to + q] = x[source + q]


@kernel
def _scatter(x: NDArray[Any], order: Integers, columns: Integers, out: NDArray[Any]) -> None:
    """Copy rows and columns of a panel to their places."""
    for k in range(len(order)):
        for q in range(len(columns)):
            out[order[k], columns[q]] = x[k, q]


@kernel
def _multiply_by_lower(
    indptr: Integers, indices: Integers, values: Floats, x: Floats, out: Floats
) -> None:
    """Add the product of a symmetric matrix, of which the lower half is read, and columns."""
    width = x.shape[1]
    for i in range(len(indptr) - 1):
        for t in range(indptr[i], indptr[i + 1]):
            j = indices[t]
            if j <= i:
                for q in range(width):
                    out[i, q] += values[t] * x[j, q]
            if j < i:
                for q in range(width):
                    out[j, q] += values[t] * x[i, q]
