"""Cholesky factorisation of a sparse matrix, front by front, with the dense work left to BLAS.

A front gathers its entries of the matrix and the updates of its children in its panel, factorises
the square of its pivots, divides its rows by it, and leaves minus their product, to which the rest
of the children's updates are added, for its parent.

Subtrees are worked on side by side, one thread of BLAS each; then the top, where fronts are few
and large, one after the other with all threads of BLAS.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SimulationError
from ohmscape.forward.lanes import plain
from ohmscape.forward.sparse.graph import NOBODY
from ohmscape.forward.sparse.lapack import (
    TRANSPOSED,
    addresses,
    cholesky,
    divide,
    negative_square,
)
from ohmscape.forward.sparse.plan import (
    CHILD,
    ENTRIES_AT,
    ENTRIES_END,
    FIRST,
    NEXT,
    PANEL_AT,
    PIVOTS,
    ROWS,
    ROWS_AT,
    SHARED,
    SPLIT,
    UPDATE_AT,
    Plan,
)
from ohmscape.forward.threads import in_threads
from ohmscape.kernels import inner_kernel, kernel

ROUNDING = 8  #: a pivot of fewer roundings of its entry of the matrix has no digit left


@dataclass(frozen=True, eq=False)
class Factor:
    """A factorised matrix."""

    plan: Plan
    panels: NDArray[Any]  #: (plan.factor_size,) panels of the fronts, columns contiguous
    values: Floats  #: the matrix, for residuals

    @property
    def dtype(self) -> Any:
        """Precision of the factor."""
        return self.panels.dtype


def factorise(plan: Plan, values: Floats, *, precision: Any = np.float32) -> Factor:
    """Factorise the symmetric positive definite matrix of these values.

    Parameters
    ----------
    plan : Plan
        From `analyse` for the pattern.
    values : array, shape (n_entries,)
        Values of the pattern that was analysed; those above the diagonal are not read.
    precision : dtype
        float32 or float64, in which to compute and to keep the factor.

    Returns
    -------
    Factor

    Raises
    ------
    SimulationError
        The matrix is not positive definite, or not by a margin that this precision can tell.
    """
    values = plain(values, np.float64)
    dtype = np.dtype(precision)
    panels = np.empty(plan.factor_size, dtype)
    top = np.empty(plan.top_size, dtype)
    works = [np.empty(plan.subtree_size, dtype) for _ in range(plan.threads)]
    subtrees = len(plan.task_pointer) - 2
    routines = addresses(dtype.name)

    def run(task: int) -> None:
        work = works.pop()  # as many as threads, so that each finds one
        failed = _eliminate(
            plan.task_pointer[task],
            plan.task_pointer[task + 1],
            plan.fronts,
            plan.tasks,
            plan.local,
            plan.entries,
            plan.places,
            routines,
            ROUNDING * float(np.finfo(dtype).eps),
            values,
            panels,
            work,
            top,
        )
        works.append(work)
        if failed != NOBODY:
            raise SimulationError(
                "the matrix is not positive definite",
                where=f"unknown {plan.order[failed]}",
                mend="check its values, or factorise in float64",
            )

    with ThreadpoolController().limit(limits=1, user_api="blas"):
        in_threads(run, subtrees, plan.threads)
    with ThreadpoolController().limit(limits=plan.threads, user_api="blas"):
        run(subtrees)
    return Factor(plan, panels, values)


@kernel
def _eliminate(
    begin: int,
    end: int,
    fronts: Integers,
    tasks: Integers,
    local: Integers,
    entries: Integers,
    places: Integers,
    routines: Integers,
    rounding: float,
    values: Floats,
    panels: NDArray[Any],
    work: NDArray[Any],
    top: NDArray[Any],
) -> int:
    """Factorise some fronts; return the position of a pivot that is not positive, or `NOBODY`."""
    info = np.zeros(1, np.int64)
    for i in range(begin, end):
        s = tasks[i]
        wide, n_rows, at = fronts[s, PIVOTS], fronts[s, ROWS], fronts[s, PANEL_AT]
        high = wide + n_rows
        for t in range(at, at + wide * high):
            panels[t] = 0.0
        for t in range(fronts[s, ENTRIES_AT], fronts[s, ENTRIES_END]):
            panels[places[t]] += values[entries[t]]
        least = np.empty(wide)
        for k in range(wide):
            least[k] = rounding * panels[at + k * (high + 1)]
        child = fronts[s, CHILD]
        while child != NOBODY:
            update = top if fronts[child, SHARED] else work
            _add_to_panel(child, fronts, local, update, panels, at, high)
            child = fronts[child, NEXT]
        failed: int = cholesky(routines, panels, at, high, wide, info) - 1
        for k in range(wide if failed < 0 else 0):
            pivot = panels[at + k * (high + 1)]
            if not pivot * pivot > least[k]:
                failed = k
        if failed >= 0:
            failed += fronts[s, FIRST]
            return failed
        if n_rows == 0:
            continue
        below = at + wide
        divide(routines, TRANSPOSED, panels, at, high, wide, panels, below, high, n_rows)
        target = top if fronts[s, SHARED] else work
        here = fronts[s, UPDATE_AT]
        negative_square(routines, panels, below, high, n_rows, wide, target, here)
        child = fronts[s, CHILD]
        while child != NOBODY:
            update = top if fronts[child, SHARED] else work
            _add_to_update(child, fronts, local, update, target, here, wide, n_rows)
            child = fronts[child, NEXT]
    return NOBODY


@inner_kernel
def _add_to_panel(
    child: int,
    fronts: Integers,
    local: Integers,
    update: NDArray[Any],
    panels: NDArray[Any],
    at: int,
    high: int,
) -> None:
    """Add the columns of a child's update that are pivots of its parent."""
    n, rows_at = fronts[child, ROWS], fronts[child, ROWS_AT]
    for j in range(fronts[child, SPLIT]):
        column = at + local[rows_at + j] * high
        source = fronts[child, UPDATE_AT] + j * n
        for i in range(j, n):
            panels[column + local[rows_at + i]] += update[source + i]


@inner_kernel
def _add_to_update(
    child: int,
    fronts: Integers,
    local: Integers,
    update: NDArray[Any],
    target: NDArray[Any],
    here: int,
    wide: int,
    n_rows: int,
) -> None:
    """Add the columns of a child's update that are rows of its parent."""
    n, rows_at = fronts[child, ROWS], fronts[child, ROWS_AT]
    for j in range(fronts[child, SPLIT], n):
        column = here + (local[rows_at + j] - wide) * n_rows - wide
        source = fronts[child, UPDATE_AT] + j * n
        for i in range(j, n):
            target[column + local[rows_at + i]] += update[source + i]
