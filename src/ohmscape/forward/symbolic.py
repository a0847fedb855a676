"""What a factorisation needs to know before it sees a number: once per mesh, all integers.

Nodes get *positions* in the order of elimination, with padding so that the pivots of each front
fill blocks of `BLOCK`. The terminals come last. A front has its pivots first and then its *rows*,
the nodes that its elimination couples; these are pivots of fronts above it.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SimulationError
from ohmscape.forward.lanes import GROUPS, WIDTH, plain
from ohmscape.forward.ordering import NOBODY, ROOT, dissect
from ohmscape.kernels import inner_kernel, kernel

BLOCK = 4  #: pivots and rows are padded to multiples of this
LEAF = 10  #: cells of a front that is not cut any more

# Columns of the table of fronts.
FIRST = 0  # position of the first pivot
PIVOTS = 1  # number of pivots
WIDE = 2  # the same, padded
ROWS = 3  # number of rows
ROWS_AT = 4  # where they begin in `rows` and in `local_rows`
SPLIT = 5  # how many of them are pivots of the parent
PARENT = 6
CHILD = 7  # one child and, in the next column, the other
CELLS_AT = 9  # cells of a leaf: from here in `cell_order`
CELLS_END = 10
PANEL_AT = 11  # workspace of the pivot columns, in doubles
UPDATE_AT = 12  # workspace of what the front leaves for its parent, in doubles
STORE_AT = 13  # where its part of the factor begins, in numbers of one lane
COLUMNS = 14


@dataclass(frozen=True, eq=False)
class Symbolic:
    """The elimination tree of a mesh, for any number of matrices of this pattern."""

    n_nodes: int
    n_terminals: int
    threads: int  #: threads to compute with
    cell_pointer: Integers  #: (n_cells + 1,) where each cell begins in the next three
    cell_positions: Integers  #: positions of the nodes of each cell
    cell_local: Integers  #: their places in the front of the cell, ascending within each cell
    cell_sorted: Integers  #: which node of the cell has this place
    cell_order: Integers  #: (n_cells,) cells, leaf after leaf
    position: Integers  #: (n_nodes,) place of each node in the order of elimination
    n_positions: int  #: number of positions, padding included
    fronts: Integers  #: (n_fronts, COLUMNS) the table of fronts; see the names of its columns
    rows: Integers  #: positions of the rows of all fronts
    local_rows: Integers  #: their places in the front of the parent
    tasks: Integers  #: fronts in the order of work: the subtrees of each thread, then the top
    task_pointer: Integers  #: (n_subtree_tasks + 2,) where each task begins; the last is the top
    n_tasks: int  #: number of tasks, the top included
    work_size: int  #: doubles of workspace for `WIDTH` lanes
    store_size: int  #: numbers of the factor for one lane


def analyse(
    n_nodes: int,
    cell_pointer: Integers,
    cell_nodes: Integers,
    centres: Floats,
    terminals: Integers,
    *,
    threads: int,
    leaf: int = LEAF,
) -> Symbolic:
    """Plan the factorisation of all matrices that are sums over these cells.

    Parameters
    ----------
    n_nodes : int
        Number of unknowns.
    cell_pointer : array of int, shape (n_cells + 1,)
        Where the nodes of each cell begin in `cell_nodes`.
    cell_nodes : array of int, shape (cell_pointer[-1],)
        Nodes of each cell, any number of them, all different.
    centres : array, shape (n_cells, 2)
        Centre of each cell; only the order along the two axes matters.
    terminals : array of int, shape (n_terminals,)
        At least one node, all different; they are eliminated last.
    threads : int
        Number of threads to compute with, at least 1.
    leaf : int
        Number of cells up to which nodes are eliminated together.

    Returns
    -------
    Symbolic

    Raises
    ------
    SimulationError
        Some node belongs to no cell, so that every matrix is singular.
    """
    cell_pointer, cell_nodes = plain(cell_pointer, np.int64), plain(cell_nodes, np.int64)
    terminals = np.asarray(terminals, np.int64)
    owner = np.full(n_nodes, NOBODY, np.int64)
    owner[terminals] = ROOT
    order = np.argsort(centres[:, 0], kind="stable")
    parent, begin, end, own = dissect(
        cell_pointer, cell_nodes, order, np.argsort(centres[:, 1], kind="stable"), owner, leaf
    )
    lost = np.flatnonzero(owner == NOBODY)
    if len(lost):
        raise SimulationError(
            "nodes belong to no cell", where=f"nodes {lost[:5]}", mend="drop them from the mesh"
        )
    fronts = np.zeros((len(parent), COLUMNS), np.int64)
    fronts[:, CHILD : CHILD + 2] = NOBODY
    fronts[:, PIVOTS] = own
    fronts[:, WIDE] = -(-own // BLOCK) * BLOCK
    fronts[:, PARENT] = parent
    fronts[:, CELLS_AT] = begin
    fronts[:, CELLS_END] = end
    # The last front is eliminated first.
    after = np.cumsum(fronts[::-1, WIDE])[::-1]
    fronts[:, FIRST] = after - fronts[:, WIDE]
    position = np.empty(n_nodes, np.int64)
    by_owner = np.argsort(owner, kind="stable")
    ahead = np.cumsum(own) - own
    position[by_owner] = np.arange(n_nodes) + np.repeat(fronts[:, FIRST] - ahead, own)
    position[terminals] = fronts[ROOT, FIRST] + np.arange(len(terminals))

    positions = position[cell_nodes]
    rows, local_rows, cell_local, cell_sorted = _couple(fronts, cell_pointer, positions, order)
    fronts[:, STORE_AT] = np.cumsum(fronts[:, ROWS] * fronts[:, WIDE])
    store_size = int(fronts[-1, STORE_AT])
    fronts[:, STORE_AT] -= fronts[:, ROWS] * fronts[:, WIDE]
    n_subtree_tasks = max(1, -(-threads // GROUPS))
    task_of = _share_out(fronts, n_subtree_tasks)
    work_size = _lay_out(fronts, task_of, n_subtree_tasks + 1)
    tasks = np.lexsort((-np.arange(len(fronts)), task_of))
    return Symbolic(
        n_nodes=n_nodes,
        n_terminals=len(terminals),
        threads=threads,
        cell_pointer=cell_pointer,
        cell_positions=positions,
        cell_local=cell_local,
        cell_sorted=cell_sorted,
        cell_order=order,
        position=position,
        n_positions=int(after[0]),
        fronts=fronts,
        rows=rows,
        local_rows=local_rows,
        tasks=tasks,
        task_pointer=np.searchsorted(task_of[tasks], np.arange(n_subtree_tasks + 2)),
        n_tasks=n_subtree_tasks + 1,
        work_size=work_size,
        store_size=store_size,
    )


@kernel
def _couple(
    fronts: Integers, cell_pointer: Integers, positions: Integers, order: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """Find the rows of each front from its cells or its children, and who is where in whom."""
    n_fronts = len(fronts)
    n_positions = fronts[0, FIRST] + fronts[0, WIDE]
    seen = np.full(n_positions, NOBODY, np.int64)
    local = np.empty(n_positions, np.int64)
    cell_local = np.empty(len(positions), np.int64)
    cell_sorted = np.empty(len(positions), np.int64)
    rows = np.empty(8 * n_positions, np.int64)
    local_rows = np.empty(8 * n_positions, np.int64)
    free = n_fronts - n_fronts  # a literal 0 would compile `_merge` twice
    for s in range(n_fronts - 1, -1, -1):
        own_end = fronts[s, FIRST] + fronts[s, WIDE]
        at = free
        if len(rows) < free + n_positions:
            rows, local_rows = _doubled(rows), _doubled(local_rows)
        for i in range(fronts[s, CELLS_AT], fronts[s, CELLS_END]):
            for j in range(cell_pointer[order[i]], cell_pointer[order[i] + 1]):
                p = positions[j]
                if p >= own_end and seen[p] != s:
                    seen[p] = s
                    k = free
                    while k > at and rows[k - 1] > p:
                        rows[k] = rows[k - 1]
                        k -= 1
                    rows[k] = p
                    free += 1
        free = _merge(fronts, s, rows, free)
        fronts[s, ROWS] = free - at
        fronts[s, ROWS_AT] = at
        for i in range(fronts[s, PIVOTS]):
            local[fronts[s, FIRST] + i] = i
        for k in range(at, free):
            local[rows[k]] = fronts[s, WIDE] + k - at
        for j in range(fronts[s, CELLS_AT], fronts[s, CELLS_END]):
            c = order[j]
            for i in range(cell_pointer[c], cell_pointer[c + 1]):
                here = local[positions[i]]
                k = i
                while k > cell_pointer[c] and cell_local[k - 1] > here:
                    cell_local[k] = cell_local[k - 1]
                    cell_sorted[k] = cell_sorted[k - 1]
                    k -= 1
                cell_local[k] = here
                cell_sorted[k] = i - cell_pointer[c]
        for which in range(2):
            child = fronts[s, CHILD + which]
            if child == NOBODY:
                continue
            for k in range(fronts[child, ROWS_AT], fronts[child, ROWS_AT] + fronts[child, ROWS]):
                local_rows[k] = local[rows[k]]
                fronts[child, SPLIT] += rows[k] < own_end
        if s > 0:
            parent = fronts[s, PARENT]
            free_column = CHILD if fronts[parent, CHILD] == NOBODY else CHILD + 1
            fronts[parent, free_column] = s
    return rows[:free], local_rows[:free], cell_local, cell_sorted


@inner_kernel
def _doubled(array: Integers) -> Integers:
    larger = np.empty(2 * len(array), np.int64)
    for i in range(len(array)):
        larger[i] = array[i]
    return larger


@inner_kernel
def _merge(fronts: Integers, s: int, rows: Integers, free: int) -> int:
    """Append the union of the children's rows without the front's own pivots to `rows`."""
    one, two = fronts[s, CHILD], fronts[s, CHILD + 1]
    if one == NOBODY:
        return free
    i, i_end = fronts[one, ROWS_AT], fronts[one, ROWS_AT] + fronts[one, ROWS]
    j, j_end = 0, 0
    if two != NOBODY:
        j, j_end = fronts[two, ROWS_AT], fronts[two, ROWS_AT] + fronts[two, ROWS]
    own_end = fronts[s, FIRST] + fronts[s, WIDE]
    while i < i_end or j < j_end:
        if j >= j_end or (i < i_end and rows[i] <= rows[j]):
            p = rows[i]
            i += 1
            j += j < j_end and rows[j] == p
        else:
            p = rows[j]
            j += 1
        if p >= own_end:
            rows[free] = p
            free += 1
    return free


def _share_out(fronts: Integers, n_tasks: int) -> Integers:
    """Give each subtree to a task so that the tasks have about equal work; the rest is the top."""
    task_of = np.zeros(len(fronts), np.int64)
    task_of[ROOT] = n_tasks
    if n_tasks == 1:
        return task_of
    height = fronts[:, WIDE] + fronts[:, ROWS]
    work: list[int] = (2000 + fronts[:, WIDE] * height**2).tolist()
    parent: list[int] = fronts[:, PARENT].tolist()
    for s in range(len(fronts) - 1, 0, -1):
        work[parent[s]] += work[s]
    ready = [(-work[1], 1)] if len(fronts) > 1 else []
    top = {ROOT}
    while ready and len(ready) < 6 * n_tasks:
        _, s = heapq.heappop(ready)
        top.add(s)
        for child in fronts[s, CHILD : CHILD + 2].tolist():
            if child != NOBODY:
                heapq.heappush(ready, (-work[child], child))
    load = [0] * n_tasks
    given = dict.fromkeys(top, n_tasks)
    for negative, s in sorted(ready):
        given[s] = load.index(min(load))
        load[given[s]] -= negative
    for s in range(len(fronts)):
        task_of[s] = given.setdefault(s, given[parent[s]] if s else n_tasks)
    return task_of


def _lay_out(fronts: Integers, task_of: Integers, n_tasks: int) -> int:
    """Place panels and updates in the workspace and return its size in doubles.

    Each task has room for one panel, and behind it for the updates that wait for its fronts. The
    updates of siblings lie side by side, those of their children behind them: what a front leaves
    is read once and its place is free again for the next branch of the tree. Updates for the top
    are all waiting at once, and none shares its place.
    """
    rows = -(-fronts[:, ROWS] // BLOCK) * BLOCK
    # The root gets rows of an identity, and its update will be its negative inverse.
    rows[ROOT] = fronts[ROOT, WIDE]
    panel = np.zeros(n_tasks, np.int64)
    np.maximum.at(panel, task_of, fronts[:, WIDE] * (fronts[:, WIDE] + rows))
    size: list[int] = (rows**2).tolist()
    task: list[int] = task_of.tolist()
    children: list[list[int]] = fronts[:, CHILD : CHILD + 2].tolist()
    waiting = [0] * n_tasks
    at, below, region = [0] * len(fronts), [0] * len(fronts), list(task)
    for s, (one, other) in enumerate(children):
        here = task[s]
        start = waiting[here] if here == n_tasks - 1 else below[s]
        for child in (one, other):
            if child != NOBODY:
                region[child] = here
                at[child] = start
                start += size[child]
        for child in (one, other):
            if child != NOBODY and task[child] == here:
                below[child] = start
        if s == ROOT:
            at[s] = start
            start += size[s]
        waiting[here] = max(waiting[here], start)
    room = panel + waiting
    base = np.cumsum(room) - room
    fronts[:, PANEL_AT] = WIDTH * base[task_of]
    fronts[:, UPDATE_AT] = WIDTH * (np.array(at) + (base + panel)[region])
    return WIDTH * int(room.sum())
