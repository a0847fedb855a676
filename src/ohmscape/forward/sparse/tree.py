"""The elimination tree, and the columns that are eliminated together.

Column j of the Cholesky factor has the rows that its entries of the matrix and the columns below
it in the tree hand up to its first row, its parent. Columns with the same rows, one above the
other, are one *front*. Fronts that are small or nearly the same are joined, at the price of some
zeros that are stored: one large product is faster than two small ones.
"""

import numpy as np

from ohmscape.core.types import Integers
from ohmscape.forward.sparse.graph import NOBODY
from ohmscape.kernels import inner_kernel, kernel

SMALL = 12  #: fronts of together no more pivots are always joined
ZEROS = 0.12  #: part of a joined front's panel that may be zeros


@kernel
def grow(
    pointer: Integers, adjacent: Integers, order: Integers
) -> tuple[Integers, Integers, Integers]:
    """Grow the elimination tree and bring the order into that of a walk over it.

    Parameters
    ----------
    pointer, adjacent : arrays of int
        Neighbours of each unknown in compressed rows, each edge in both directions.
    order : array of int, shape (n,)
        Unknowns in the order of elimination; it is changed in place: children come right before
        their parents, and the fill stays the same.

    Returns
    -------
    position : array of int, shape (n,)
        Place of each unknown in the order.
    parent : array of int, shape (n,)
        Parent of each column, by position; `NOBODY` for roots.
    count : array of int, shape (n,)
        Rows of each column of the factor, the diagonal included.
    """
    n = len(order)
    position = np.empty(n, np.int64)
    for k in range(n):
        position[order[k]] = k
    parent = _parents(pointer, adjacent, order, position)
    walk = _walk(parent)
    old = order.copy()
    new_place = np.empty(n, np.int64)
    for k in range(n):
        order[k] = old[walk[k]]
        position[order[k]] = k
        new_place[walk[k]] = k
    lifted = np.full(n, NOBODY, np.int64)
    for k in range(n):
        if parent[walk[k]] != NOBODY:
            lifted[k] = new_place[parent[walk[k]]]
    return position, lifted, _counts(pointer, adjacent, order, position, lifted)


@inner_kernel
def _parents(
    pointer: Integers, adjacent: Integers, order: Integers, position: Integers
) -> Integers:
    n = len(order)
    parent, ancestor = np.full(n, NOBODY, np.int64), np.full(n, NOBODY, np.int64)
    for k in range(n):
        for t in range(pointer[order[k]], pointer[order[k] + 1]):
            i = position[adjacent[t]]
            while i != NOBODY and i < k:
                above = ancestor[i]
                ancestor[i] = k
                if above == NOBODY:
                    parent[i] = k
                i = above
    return parent


@inner_kernel
def _walk(parent: Integers) -> Integers:
    """Return the nodes of a forest, children before parents and one subtree after the other."""
    n = len(parent)
    size = np.ones(n, np.int64)
    for v in range(n):  # a parent comes after its children in any order of elimination
        if parent[v] != NOBODY:
            size[parent[v]] += size[v]
    walk, free = np.empty(n, np.int64), np.empty(n + 1, np.int64)
    free[n] = n  # where the subtrees of each node, filled from the end, go next
    for v in range(n - 1, -1, -1):
        above = parent[v] if parent[v] != NOBODY else n
        walk[free[above] - 1] = v
        free[v] = free[above] - 1
        free[above] -= size[v]
    return walk


@inner_kernel
def _counts(
    pointer: Integers, adjacent: Integers, order: Integers, position: Integers, parent: Integers
) -> Integers:
    """Count the rows of each column (Gilbert, Ng and Peyton, 1994), without finding them.

    Row i has entries in the columns of a subtree under i. Adding 1 at its leaves and taking 1
    away where two paths meet and above i, sums over subtrees give the counts.
    """
    n = len(order)
    first, change = np.full(n, NOBODY, np.int64), np.zeros(n, np.int64)
    for k in range(n):
        i = k
        change[k] = first[k] == NOBODY
        while i != NOBODY and first[i] == NOBODY:
            first[i] = k
            i = parent[i]
    last_leaf, deepest = np.full(n, NOBODY, np.int64), np.full(n, NOBODY, np.int64)
    group = np.arange(n)
    for j in range(n):
        if parent[j] != NOBODY:
            change[parent[j]] -= 1
        for t in range(pointer[order[j]], pointer[order[j] + 1]):
            i = position[adjacent[t]]
            if i <= j or first[j] <= deepest[i]:
                continue
            change[j] += 1
            deepest[i] = first[j]
            if last_leaf[i] != NOBODY:
                meet = last_leaf[i]
                while group[meet] != meet:
                    meet = group[meet]
                v = last_leaf[i]
                while group[v] != meet:
                    group[v], v = meet, group[v]
                change[meet] -= 1
            last_leaf[i] = j
        if parent[j] != NOBODY:
            group[j] = parent[j]
    for j in range(n):
        if parent[j] != NOBODY:
            change[parent[j]] += change[j]
    return change


@kernel
def join(parent: Integers, count: Integers) -> Integers:
    """Return where each front begins, and the number of columns as the last entry."""
    n = len(parent)
    begin, zeros = np.empty(n + 1, np.int64), np.zeros(n, np.int64)
    n_fronts = 0
    j = 0
    while j < n:
        k = j + 1
        while k < n and parent[k - 1] == k and count[k - 1] == count[k] + 1:
            k += 1
        begin[n_fronts], zeros[n_fronts] = j, 0
        begin[n_fronts + 1] = k
        n_fronts += 1
        while n_fronts > 1 and k > parent[begin[n_fronts - 1] - 1] >= begin[n_fronts - 1]:
            low, middle = begin[n_fronts - 2], begin[n_fronts - 1]
            wide = middle - low
            spent = zeros[n_fronts - 2] + zeros[n_fronts - 1]
            spent += wide * (k - middle + count[k - 1] - count[middle - 1])
            if k - low > SMALL and spent > ZEROS * (k - low) * (k - low + count[k - 1] - 1):
                break
            n_fronts -= 1
            zeros[n_fronts - 1] = spent
            begin[n_fronts] = k
        j = k
    return begin[: n_fronts + 1].copy()
