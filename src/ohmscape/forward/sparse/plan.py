"""What a sparse Cholesky factorisation needs to know before it sees a number.

Unknowns get positions in the order of elimination; consecutive ones form *fronts*. A front has
its pivots and its *rows*, the positions above that its elimination couples. Its panel (pivots and
rows down, pivots across, column after column) is its part of the factor; what it leaves for its
rows, the *update*, is added to its parent.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SimulationError
from ohmscape.forward.lanes import plain
from ohmscape.forward.sparse.graph import NOBODY, neighbours
from ohmscape.forward.sparse.ordering import nested_dissection
from ohmscape.forward.sparse.tree import grow, join
from ohmscape.kernels import kernel

SHARE = 4  #: subtrees per thread, so that whoever is early finds more to do
SINGLE = 4  #: bytes of a float32

# Columns of the table of fronts.
FIRST = 0  # position of the first pivot
PIVOTS = 1  # number of pivots
ROWS = 2  # number of rows
ROWS_AT = 3  # where they begin in `rows` and `local`
SPLIT = 4  # how many of them are pivots of the parent
PARENT = 5
CHILD = 6  # the first child
NEXT = 7  # the next child of the same parent
PANEL_AT = 8  # where the panel begins in the factor
UPDATE_AT = 9  # where the update begins in its workspace
SHARED = 10  # 1 if the update lies in the workspace of the top, which all threads see
ENTRIES_AT = 11  # where its entries of the matrix begin, and in the next column, where they end
ENTRIES_END = 12
COLUMNS = 13


@dataclass(frozen=True, eq=False)
class Plan:
    """The elimination of all matrices of one pattern."""

    n: int  #: number of unknowns
    threads: int  #: threads to compute with
    indptr: Integers  #: (n + 1,) the pattern as it was given
    indices: Integers
    order: Integers  #: (n,) unknowns in the order of elimination
    position: Integers  #: (n,) place of each unknown in it
    fronts: Integers  #: (n_fronts, COLUMNS) the table of fronts, children before parents
    front_of: Integers  #: (n,) front of each position
    rows: Integers  #: positions of the rows of all fronts, ascending in each
    local: Integers  #: their places in the front of the parent
    entries: Integers  #: which value of the pattern, front after front
    places: Integers  #: where in the factor it goes
    tasks: Integers  #: fronts, subtree after subtree, then the top
    task_pointer: Integers  #: (n_subtrees + 2,) where each subtree, and then the top, begins
    factor_size: int  #: numbers of the factor, stored zeros included
    subtree_size: int  #: numbers of workspace that each thread needs
    top_size: int  #: numbers of workspace that all threads share
    flops: float  #: operations of a factorisation

    @property
    def factor_bytes(self) -> int:
        """Memory of a factor in float32; one in float64 takes twice as much."""
        return SINGLE * self.factor_size

    @property
    def work_bytes(self) -> int:
        """Memory taken during a factorisation in float32, beside the factor."""
        return SINGLE * (self.threads * self.subtree_size + self.top_size)


def analyse(indptr: Integers, indices: Integers, coordinates: Floats, *, threads: int) -> Plan:
    """Plan the factorisation of all symmetric matrices of a pattern.

    Parameters
    ----------
    indptr, indices : arrays of int
        The pattern in compressed rows. Entries on and below the diagonal are the matrix; what is
        above is taken to mirror them and never read, so that the pattern of the lower triangle
        or that of the full matrix may be given.
    coordinates : array, shape (n, n_axes)
        Where the unknowns are: nodes of a mesh, centres of cells. It guides the first cuts; only
        the time and the fill depend on it.
    threads : int
        Number of threads to compute with, at least 1. The order does not depend on it.

    Returns
    -------
    Plan

    Raises
    ------
    SimulationError
        An unknown has no entry on the diagonal, so that no matrix is positive definite.
    """
    indptr, indices = plain(indptr, np.int64), plain(indices, np.int64)
    coordinates = plain(coordinates, np.float64)
    n = len(indptr) - 1
    row = np.repeat(np.arange(n), np.diff(indptr))
    bare = np.ones(n, np.bool_)
    bare[row[row == indices]] = False
    if bare.any():
        raise SimulationError(
            "the matrix has no entry on its diagonal",
            where=f"rows {np.flatnonzero(bare)[:5]}",
            mend="every unknown needs one",
        )
    pointer, adjacent = neighbours(indptr, indices)
    order = nested_dissection(pointer, adjacent, np.ones(n, np.int64), coordinates, threads=threads)
    position, parent, count = grow(pointer, adjacent, order)
    begin = join(parent, count)
    fronts, front_of = _table(begin, parent, count)
    rows, local = _couple(pointer, adjacent, order, position, fronts)
    below = np.flatnonzero(indices <= row)
    entries, places = _place(fronts, rows, front_of, position, row[below], indices[below], below)
    tasks, task_pointer = _share_out(fronts, threads)
    subtree_size, top_size = _lay_out(fronts, tasks, task_pointer)
    wide, high = fronts[:, PIVOTS].astype(float), fronts[:, ROWS].astype(float)
    return Plan(
        n=n,
        threads=threads,
        indptr=indptr,
        indices=indices,
        order=order,
        position=position,
        fronts=fronts,
        front_of=front_of,
        rows=rows,
        local=local,
        entries=entries,
        places=places,
        tasks=tasks,
        task_pointer=task_pointer,
        factor_size=int(((wide + high) * wide).sum()),
        subtree_size=subtree_size,
        top_size=top_size,
        flops=float((wide**3 / 3 + wide**2 * high + wide * high**2).sum()),
    )


def _table(begin: Integers, parent: Integers, count: Integers) -> tuple[Integers, Integers]:
    """Return the table of fronts, as far as the tree tells it, and the front of each position."""
    n_fronts = len(begin) - 1
    fronts = np.zeros((n_fronts, COLUMNS), np.int64)
    front_of = np.repeat(np.arange(n_fronts), np.diff(begin))
    last = begin[1:] - 1
    fronts[:, FIRST] = begin[:-1]
    fronts[:, PIVOTS] = np.diff(begin)
    fronts[:, ROWS] = count[last] - 1
    fronts[:, ROWS_AT] = np.cumsum(fronts[:, ROWS]) - fronts[:, ROWS]
    size = fronts[:, PIVOTS] * (fronts[:, PIVOTS] + fronts[:, ROWS])
    fronts[:, PANEL_AT] = np.cumsum(size) - size
    above = parent[last]
    fronts[:, PARENT] = np.where(above == NOBODY, NOBODY, front_of[above])
    fronts[:, CHILD] = fronts[:, NEXT] = NOBODY
    for s in range(n_fronts - 1, -1, -1):
        p = fronts[s, PARENT]
        if p != NOBODY:
            fronts[s, NEXT] = fronts[p, CHILD]
            fronts[p, CHILD] = s
    return fronts, front_of


@kernel
def _couple(
    pointer: Integers, adjacent: Integers, order: Integers, position: Integers, fronts: Integers
) -> tuple[Integers, Integers]:
    """Find the rows of each front from the matrix and its children, and who is where in whom."""
    n_fronts = len(fronts)
    total = fronts[n_fronts - 1, ROWS_AT] + fronts[n_fronts - 1, ROWS]
    rows, local = np.empty(total, np.int64), np.zeros(total, np.int64)
    seen, where = np.full(len(order), NOBODY, np.int64), np.empty(len(order), np.int64)
    for s in range(n_fronts):
        first, at = fronts[s, FIRST], fronts[s, ROWS_AT]
        end, free = first + fronts[s, PIVOTS], at
        for k in range(first, end):
            for t in range(pointer[order[k]], pointer[order[k] + 1]):
                p = position[adjacent[t]]
                if p >= end and seen[p] != s:
                    seen[p] = s
                    rows[free] = p
                    free += 1
        child = fronts[s, CHILD]
        while child != NOBODY:
            for t in range(fronts[child, ROWS_AT], fronts[child, ROWS_AT] + fronts[child, ROWS]):
                p = rows[t]
                if p >= end and seen[p] != s:
                    seen[p] = s
                    rows[free] = p
                    free += 1
            child = fronts[child, NEXT]
        rows[at:free] = np.sort(rows[at:free])
        for k in range(first, end):
            where[k] = k - first
        for t in range(at, free):
            where[rows[t]] = end - first + t - at
        child = fronts[s, CHILD]
        while child != NOBODY:
            for t in range(fronts[child, ROWS_AT], fronts[child, ROWS_AT] + fronts[child, ROWS]):
                local[t] = where[rows[t]]
                fronts[child, SPLIT] += rows[t] < end
            child = fronts[child, NEXT]
    return rows, local


def _place(
    fronts: Integers,
    rows: Integers,
    front_of: Integers,
    position: Integers,
    row: Integers,
    column: Integers,
    entries: Integers,
) -> tuple[Integers, Integers]:
    """Return the entries of the matrix sorted by front, and where in the factor each one goes."""
    low = np.minimum(position[row], position[column])
    high = np.maximum(position[row], position[column])
    front = front_of[low]
    by_front = np.argsort(front, kind="stable")
    front, low, high = front[by_front], low[by_front], high[by_front]
    fronts[:, ENTRIES_AT] = np.searchsorted(front, np.arange(len(fronts)))
    fronts[:, ENTRIES_END] = np.searchsorted(front, np.arange(len(fronts)), side="right")
    return entries[by_front], _find(fronts, rows, front, low, high)


@kernel
def _find(
    fronts: Integers, rows: Integers, front: Integers, low: Integers, high: Integers
) -> Integers:
    """Return the places of entries in the panels of their fronts, by bisection in the rows."""
    places = np.empty(len(front), np.int64)
    for t in range(len(front)):
        s = front[t]
        wide = fronts[s, PIVOTS]
        i = high[t] - fronts[s, FIRST]
        if i >= wide:
            begin, end = fronts[s, ROWS_AT], fronts[s, ROWS_AT] + fronts[s, ROWS]
            while end - begin > 1:
                middle = (begin + end) // 2
                if rows[middle] <= high[t]:
                    begin = middle
                else:
                    end = middle
            i = wide + begin - fronts[s, ROWS_AT]
        column = low[t] - fronts[s, FIRST]
        places[t] = fronts[s, PANEL_AT] + column * (wide + fronts[s, ROWS]) + i
    return places


def _share_out(fronts: Integers, threads: int) -> tuple[Integers, Integers]:
    """Return the fronts subtree by subtree, large subtrees first, then the top."""
    n_fronts = len(fronts)
    high = fronts[:, PIVOTS] + fronts[:, ROWS]
    work: list[int] = (1000 + fronts[:, PIVOTS] * high**2).tolist()
    parent: list[int] = fronts[:, PARENT].tolist()
    size = [1] * n_fronts
    for s in range(n_fronts):
        if parent[s] != NOBODY:
            work[parent[s]] += work[s]
            size[parent[s]] += size[s]
    ready = [(-work[s], s) for s in range(n_fronts) if parent[s] == NOBODY]
    heapq.heapify(ready)
    top = []
    while threads > 1 and ready and len(ready) < SHARE * threads:
        _, s = heapq.heappop(ready)
        top.append(s)
        child = fronts[s, CHILD]
        while child != NOBODY:
            heapq.heappush(ready, (-work[child], int(child)))
            child = fronts[child, NEXT]
    subtrees = [np.arange(s - size[s] + 1, s + 1) for _, s in sorted(ready)]
    parts = [*subtrees, np.array(sorted(top), np.int64)]
    return np.concatenate(parts), np.cumsum([0, *map(len, parts)])


@kernel
def _lay_out(fronts: Integers, tasks: Integers, task_pointer: Integers) -> tuple[int, int]:
    """Place the updates in the workspaces and return their sizes.

    Updates of even and of odd depth are on two stacks that grow from the two ends of a workspace:
    a front takes those of its children from the top of one and puts its own on the other. Updates
    that the top waits for are all there at once.
    """
    n_tasks = len(task_pointer) - 1
    depth = np.zeros(len(fronts), np.int64)
    for s in range(len(fronts) - 1, -1, -1):
        if fronts[s, PARENT] != NOBODY:
            depth[s] = 1 - depth[fronts[s, PARENT]]
    subtree_size, top_size = 0, 0
    peak = np.zeros(2, np.int64)
    height = np.zeros(2, np.int64)
    for task in range(n_tasks - 1):
        height[:], peak[:] = 0, 0
        for i in range(task_pointer[task], task_pointer[task + 1]):
            s = tasks[i]
            here, size = depth[s], fronts[s, ROWS] * fronts[s, ROWS]
            child = fronts[s, CHILD]
            while child != NOBODY:
                height[1 - here] -= fronts[child, ROWS] * fronts[child, ROWS]
                child = fronts[child, NEXT]
            if i + 1 == task_pointer[task + 1]:
                fronts[s, SHARED], fronts[s, UPDATE_AT] = 1, top_size
                top_size += size
                continue
            fronts[s, UPDATE_AT] = height[here] if here == 0 else -height[here] - size
            height[here] += size
            peak[here] = max(peak[here], height[here])
        subtree_size = max(subtree_size, peak[0] + peak[1])
    height[:], peak[:] = 0, 0
    for i in range(task_pointer[n_tasks - 1], task_pointer[n_tasks]):
        s = tasks[i]
        here, size = depth[s], fronts[s, ROWS] * fronts[s, ROWS]
        fronts[s, SHARED] = 1
        fronts[s, UPDATE_AT] = top_size
        top_size += size
    for s in range(len(fronts)):
        if fronts[s, UPDATE_AT] < 0:
            fronts[s, UPDATE_AT] += subtree_size
    return subtree_size, top_size
