"""In which order to eliminate the nodes of a mesh: geometric nested dissection by cells.

A set of cells is cut in two along one of the axes; the nodes that both halves share, its
*separator*, are eliminated after everything inside the halves. Doing so again and again gives a
binary tree of *fronts*, each with the nodes it eliminates. Fronts are numbered from the root, a
parent before its children; elimination runs from the last front to the first.
"""

import numpy as np

from ohmscape.core.types import Integers
from ohmscape.kernels import inner_kernel, kernel

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
    own : array of int, shape (n_fronts,)
        Number of nodes of each front.
    """
    n_cells = len(by_first)
    room = 2 * n_cells + 2
    parent, begin, end = (
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
    )
    waiting = np.zeros(3 * room, np.int64)  # begin, end and parent of sets that are still to cut
    seen, last = np.zeros(len(owner), np.int64), np.zeros(len(owner), np.int64)
    change = np.zeros(n_cells + 1, np.int64)
    left, spare = np.zeros(n_cells, np.int64), np.zeros(n_cells, np.int64)
    parent[ROOT] = NOBODY
    waiting[1] = n_cells
    height, n_fronts, stamp = 1, 1, 0
    while height > 0:
        height -= 1
        a, b = waiting[3 * height], waiting[3 * height + 1]
        me = n_fronts
        n_fronts += 1
        parent[me] = waiting[3 * height + 2]
        if b - a <= leaf:
            begin[me], end[me] = a, b
            for i in range(a, b):
                for k in range(cell_pointer[by_first[i]], cell_pointer[by_first[i] + 1]):
                    if owner[cell_nodes[k]] == NOBODY:
                        owner[cell_nodes[k]] = me
            continue
        along, across, cut, score = by_first, by_second, a, np.inf
        for axis in range(2):
            order = by_first if axis == 0 else by_second
            stamp += 1
            here, rating = _best_cut(
                cell_pointer, cell_nodes, order, a, b, owner, seen, last, change, stamp
            )
            if rating < score:
                cut, score = here, rating
                along, across = order, by_second if axis == 0 else by_first
        stamp += 1
        for i in range(a, b):
            c = along[i]
            left[c] = i < cut
            for k in range(cell_pointer[c], cell_pointer[c + 1]):
                v = cell_nodes[k]
                if i < cut:
                    seen[v] = stamp
                elif seen[v] == stamp and owner[v] == NOBODY:
                    owner[v] = me
        _split(across, a, b, left, spare)
        for half in range(2):
            waiting[3 * height] = a if half == 0 else cut
            waiting[3 * height + 1] = cut if half == 0 else b
            waiting[3 * height + 2] = me
            height += 1
    own = np.zeros(n_fronts, np.int64)
    for v in range(len(owner)):
        if owner[v] != NOBODY:
            own[owner[v]] += 1
    return parent[:n_fronts], begin[:n_fronts], end[:n_fronts], own


@inner_kernel
def _best_cut(
    cell_pointer: Integers,
    cell_nodes: Integers,
    order: Integers,
    begin: int,
    end: int,
    owner: Integers,
    seen: Integers,
    last: Integers,
    change: Integers,
    stamp: int,
) -> tuple[int, float]:
    """Return where to cut ``order[begin:end]`` in two, and how bad this best cut is.

    One sweep finds the separator of *every* cut: a node counts from its first cell to its last.
    Cuts in the middle half are rated by separator / (left * right), which weighs a small
    separator against equal halves.
    """
    for i in range(begin, end + 1):
        change[i] = 0
    for i in range(begin, end):
        for k in range(cell_pointer[order[i]], cell_pointer[order[i] + 1]):
            v = cell_nodes[k]
            if owner[v] == NOBODY:
                if seen[v] == stamp:
                    change[last[v] + 1] += 1
                    change[i + 1] -= 1
                seen[v] = stamp
                last[v] = i
    margin = (end - begin) // 4
    best, best_score = (begin + end) // 2, np.inf
    separator = 0
    for cut in range(begin + 1, end):
        separator += change[cut]
        if begin + margin <= cut <= end - margin:
            score = (separator + 1.0) / ((cut - begin) * (end - cut))
            if score < best_score:
                best, best_score = cut, score
    return best, best_score


@inner_kernel
def _split(order: Integers, begin: int, end: int, left: Integers, spare: Integers) -> None:
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
    for i in range(others):
        order[place + i] = spare[i]
