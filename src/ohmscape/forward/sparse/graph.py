"""The graph of a symmetric matrix: who is coupled to whom, coarser versions of it, and parts.

A graph is a tuple of arrays: where the neighbours of each vertex begin, the neighbours (each edge
in both directions, none of a vertex to itself), the weights of these edges, the weights of the
vertices, and their coordinates. A coarser graph joins pairs of vertices; its weights say how many
vertices and edges of the finest one are in it.
"""

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.kernels import inner_kernel, kernel

NOBODY = -1
STEP = 0.6180339887498949  #: of a walk that visits the vertices in scattered order


@kernel
def neighbours(indptr: Integers, indices: Integers) -> tuple[Integers, Integers]:
    """Return who is coupled to whom by the entries below the diagonal, in both directions.

    Neighbours are in ascending order if the columns of each row are.
    """
    n = len(indptr) - 1
    pointer = np.zeros(n + 2, np.int64)
    for i in range(n):
        for t in range(indptr[i], indptr[i + 1]):
            if indices[t] < i:
                pointer[i + 2] += 1
                pointer[indices[t] + 2] += 1
    for i in range(n):
        pointer[i + 2] += pointer[i + 1]
    adjacent = np.empty(pointer[n + 1], np.int64)
    for i in range(n):  # lower neighbours come first: rows are visited in ascending order
        for t in range(indptr[i], indptr[i + 1]):
            if indices[t] < i:
                adjacent[pointer[i + 1]] = indices[t]
                pointer[i + 1] += 1
        for t in range(indptr[i], indptr[i + 1]):
            if indices[t] < i:
                j = indices[t]
                adjacent[pointer[j + 1]] = i
                pointer[j + 1] += 1
    return pointer[: n + 1].copy(), adjacent


@inner_kernel
def extract(
    pointer: Integers,
    adjacent: Integers,
    weight: Integers,
    coordinates: Floats,
    nodes: Integers,
    local: Integers,
) -> tuple[Integers, Integers, Integers, Integers, Floats]:
    """Return the graph of some nodes only; `local` is `NOBODY` everywhere, before and after."""
    n = len(nodes)
    edges = 0
    for i in range(n):
        local[nodes[i]] = i
    for i in range(n):
        for t in range(pointer[nodes[i]], pointer[nodes[i] + 1]):
            edges += local[adjacent[t]] != NOBODY
    begin, others = np.zeros(n + 1, np.int64), np.empty(edges, np.int64)
    size, place = np.empty(n, np.int64), np.empty((n, coordinates.shape[1]))
    edges = 0
    for i in range(n):
        for t in range(pointer[nodes[i]], pointer[nodes[i] + 1]):
            j = local[adjacent[t]]
            if j != NOBODY:
                others[edges] = j
                edges += 1
        begin[i + 1] = edges
        size[i] = weight[nodes[i]]
        for k in range(coordinates.shape[1]):
            place[i, k] = coordinates[nodes[i], k]
    for i in range(n):
        local[nodes[i]] = NOBODY
    return begin, others, np.ones(edges, np.int64), size, place


@inner_kernel
def match(
    pointer: Integers, adjacent: Integers, edges: Integers, size: Integers, limit: int
) -> tuple[Integers, int]:
    """Join each vertex with the free neighbour that it is tied to most for their sizes.

    Returns
    -------
    coarse : array of int, shape (n_vertices,)
        Vertex of the coarser graph of each vertex.
    n_coarse : int
        How many there are.
    """
    n = len(size)
    coarse = np.full(n, NOBODY, np.int64)
    stride = max(1, int(STEP * n))
    while _divisor(stride, n) > 1:
        stride += 1
    count, v = 0, 0
    for _ in range(n):
        v = (v + stride) % n
        if coarse[v] != NOBODY:
            continue
        best, rating = v, 0.0
        for t in range(pointer[v], pointer[v + 1]):
            u = adjacent[t]
            if coarse[u] == NOBODY and size[u] + size[v] <= limit:
                tie = edges[t] * edges[t] / (1.0 * size[u])
                if tie > rating:
                    best, rating = u, tie
        coarse[v] = count
        coarse[best] = count
        count += 1
    return coarse, count


@inner_kernel
def _divisor(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


@inner_kernel
def contract(
    pointer: Integers,
    adjacent: Integers,
    edges: Integers,
    size: Integers,
    place: Floats,
    coarse: Integers,
    n_coarse: int,
) -> tuple[Integers, Integers, Integers, Integers, Floats]:
    """Return the coarser graph in which joined vertices are one."""
    n = len(size)
    one, two = np.full(n_coarse, NOBODY, np.int64), np.full(n_coarse, NOBODY, np.int64)
    for v in range(n):
        if one[coarse[v]] == NOBODY:
            one[coarse[v]] = v
        else:
            two[coarse[v]] = v
    begin, seen = np.zeros(n_coarse + 1, np.int64), np.full(n_coarse, NOBODY, np.int64)
    others, ties = np.empty(len(adjacent), np.int64), np.empty(len(adjacent), np.int64)
    total, middle = np.zeros(n_coarse, np.int64), np.zeros((n_coarse, place.shape[1]))
    free = 0
    for c in range(n_coarse):
        start = free
        for v in (one[c], two[c]):
            if v == NOBODY:
                continue
            total[c] += size[v]
            for k in range(place.shape[1]):
                middle[c, k] += size[v] * place[v, k]
            for t in range(pointer[v], pointer[v + 1]):
                d = coarse[adjacent[t]]
                if d == c:
                    continue
                if seen[d] >= start:
                    ties[seen[d]] += edges[t]
                else:
                    seen[d] = free
                    others[free], ties[free] = d, edges[t]
                    free += 1
        begin[c + 1] = free
        for k in range(place.shape[1]):
            middle[c, k] /= total[c]
    return begin, others[:free].copy(), ties[:free].copy(), total, middle
