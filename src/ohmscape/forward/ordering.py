"""In which order to eliminate the nodes of a mesh: geometric nested dissection by cells.

A set of cells is cut in two along one of the axes; the nodes that both halves share, its
*separator*, are eliminated after everything inside the halves. Doing so again and again gives a
binary tree of *fronts*, each with the nodes it eliminates. Fronts are numbered from the root, a
parent before its children; elimination runs from the last front to the first.
"""

import numpy as np
from numpy.typing import NDArray

from ohmscape.core.types import Integers
from ohmscape.forward.lanes import kernel

ROOT = 0  #: the front of the terminals
NOBODY = -1


@kernel
def dissect(
    cell_pointer: Integers,
    cell_nodes: Integers,
    by_first: Integers,
    by_second: Integers,
    owner: Integers,
    leaf: int,
) -> tuple[Integers, Integers, Integers, Integers]:
    """Share the nodes out to a binary tree of fronts.

    Parameters
    ----------
    cell_pointer, cell_nodes : arrays of int
        Nodes of the cells, in compressed rows.
    by_first, by_second : arrays of int, shape (n_cells,)
        All cells, sorted along the first and along the second axis. Both are reordered in place;
        afterwards the cells of each leaf are neighbours in `by_first`.
    owner : array of int, shape (n_nodes,)
        `ROOT` for terminals, `NOBODY` for other nodes; filled in place with each node's front.
    leaf : int
        A set of at most so many cells is not cut any more.

    Returns
    -------
    parent : array of int, shape (n_fronts,)
        Front above each front; `NOBODY` for the root.
    begin, end : arrays of int, shape (n_fronts,)
        The cells of a leaf are ``by_first[begin:end]``; empty for other fronts.
    own : array of int, shape (n_nodes,)
        Number of nodes of each front in its first ``n_fronts`` entries.
    """
    n_cells = len(by_first)
    room = 2 * n_cells + 2
    parent = np.full(room, NOBODY, np.int64)
    begin, end = np.zeros(room, np.int64), np.zeros(room, np.int64)
    stack = np.empty((room, 3), np.int64)
    seen = np.full(len(owner), NOBODY, np.int64)
    last = np.empty(len(owner), np.int64)
    change = np.empty(n_cells + 2, np.int64)
    left = np.zeros(n_cells, np.bool_)
    spare = np.empty(n_cells, np.int64)
    stack[0] = 0, n_cells, ROOT
    height, n_fronts, stamp = 1, 1, 0
    while height > 0:
        height -= 1
        a, b, above = stack[height]
        me = n_fronts
        n_fronts += 1
        parent[me] = above
        if b - a <= leaf:
            begin[me], end[me] = a, b
            for c in by_first[a:b]:
                for v in cell_nodes[cell_pointer[c] : cell_pointer[c + 1]]:
                    if owner[v] == NOBODY:
                        owner[v] = me
            continue
        cut_1, score_1 = _best_cut(
            cell_pointer, cell_nodes, by_first[a:b], owner, seen, last, change, stamp
        )
        cut_2, score_2 = _best_cut(
            cell_pointer, cell_nodes, by_second[a:b], owner, seen, last, change, stamp + 1
        )
        along, across, cut = by_first, by_second, cut_1
        if score_2 < score_1:
            along, across, cut = by_second, by_first, cut_2
        stamp += 3
        for i in range(a, b):
            c = along[i]
            left[c] = i - a < cut
            for v in cell_nodes[cell_pointer[c] : cell_pointer[c + 1]]:
                if left[c]:
                    seen[v] = stamp - 1
                elif seen[v] == stamp - 1 and owner[v] == NOBODY:
                    owner[v] = me
        _split(across, a, b, left, spare)
        stack[height] = a, a + cut, me
        stack[height + 1] = a + cut, b, me
        height += 2
    own = np.zeros(n_fronts, np.int64)
    for v in range(len(owner)):
        if owner[v] != NOBODY:
            own[owner[v]] += 1
    return parent[:n_fronts], begin[:n_fronts], end[:n_fronts], own


@kernel
def _best_cut(
    cell_pointer: Integers,
    cell_nodes: Integers,
    cells: Integers,
    owner: Integers,
    seen: Integers,
    last: Integers,
    change: Integers,
    stamp: int,
) -> tuple[int, float]:
    """Return where to cut sorted cells in two, and how bad the best cut is.

    One sweep finds the separator of *every* cut: a node counts from its first cell to its last.
    Cuts in the middle half are rated by separator / (left * right), which weighs a small
    separator against equal halves.
    """
    n = len(cells)
    change[: n + 1] = 0
    for i in range(n):
        for v in cell_nodes[cell_pointer[cells[i]] : cell_pointer[cells[i] + 1]]:
            if owner[v] == NOBODY:
                if seen[v] == stamp:
                    change[last[v] + 1] += 1
                    change[i + 1] -= 1
                seen[v] = stamp
                last[v] = i
    best, best_score = n // 2, np.inf
    separator = 0
    for cut in range(1, n):
        separator += change[cut]
        if 4 * cut >= n and 4 * cut <= 3 * n:
            score = (separator + 1.0) / (cut * (n - cut))
            if score < best_score:
                best, best_score = cut, score
    return best, best_score


@kernel
def _split(order: Integers, begin: int, end: int, left: NDArray[np.bool_], spare: Integers) -> None:
    """Move the cells of the left half to the front of ``order[begin:end]``, keeping their order."""
    place, others = begin, 0
    for i in range(begin, end):
        c = order[i]
        if left[c]:
            order[place] = c
            place += 1
        else:
            spare[others] = c
            others += 1
    order[place:end] = spare[:others]
