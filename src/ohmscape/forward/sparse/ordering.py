"""In which order to eliminate the unknowns of a symmetric matrix: nested dissection of its graph.

A small separator splits the graph; both sides are eliminated before it, each ordered in the same
way. What the elimination of one side fills in stays on that side and in the separators around it.
"""

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.forward.sparse.graph import NOBODY, extract
from ohmscape.forward.sparse.separator import BETWEEN, separate
from ohmscape.forward.threads import in_threads
from ohmscape.kernels import inner_kernel, kernel

LEAF = 16  #: so many unknowns are not dissected any more


def nested_dissection(
    pointer: Integers,
    adjacent: Integers,
    weight: Integers,
    coordinates: Floats,
    *,
    threads: int,
    leaf: int = LEAF,
) -> Integers:
    """Return the vertices in an order of elimination that fills in little.

    Parameters
    ----------
    pointer, adjacent : arrays of int
        Neighbours of each vertex in compressed rows, each edge in both directions.
    weight : array of int, shape (n_vertices,)
        Number of unknowns that each vertex stands for.
    coordinates : array, shape (n_vertices, n_axes)
        Where the vertices are. Cuts begin across the axes; what is far off costs only time.
    threads : int
        Number of threads to compute with; the order does not depend on it.
    leaf : int
        So many vertices are not dissected any more.

    Returns
    -------
    array of int, shape (n_vertices,)
    """
    nodes = np.arange(len(weight))
    pieces = [(0, len(nodes))]
    graph = (pointer, adjacent, weight, coordinates)
    while threads > 1 and len(pieces) < 2 * threads and pieces:
        ends = np.zeros((len(pieces), 2), np.int64)

        def cut(item: int, pieces: list[tuple[int, int]] = pieces, ends: Integers = ends) -> None:
            part = nodes[slice(*pieces[item])]
            if len(part) > leaf:
                _dissect(*graph, part, np.full(len(weight), NOBODY), leaf, 1, ends[item])

        in_threads(cut, len(pieces), threads)
        halves = []
        for (begin, _), (first, second) in zip(pieces, ends.tolist(), strict=True):
            halves += [(begin, begin + first), (begin + first, begin + second)]
        pieces = [(begin, end) for begin, end in halves if end > begin]

    def rest(item: int) -> None:
        part = nodes[slice(*pieces[item])]
        _dissect(*graph, part, np.full(len(weight), NOBODY), leaf, 0, np.zeros(2, np.int64))

    in_threads(rest, len(pieces), threads)
    return nodes


@kernel
def _dissect(
    pointer: Integers,
    adjacent: Integers,
    weight: Integers,
    coordinates: Floats,
    nodes: Integers,
    local: Integers,
    leaf: int,
    once: int,
    ends: Integers,
) -> None:
    """Put nodes in order, cutting again and again; or cut once and tell where both sides end."""
    waiting = np.empty((len(nodes) + 2, 2), np.int64)
    waiting[0, 0], waiting[0, 1] = 0, len(nodes)
    height = 1
    while height > 0:
        height -= 1
        begin, end = waiting[height, 0], waiting[height, 1]
        if end - begin <= leaf:
            continue
        first, second = _sort(pointer, adjacent, weight, coordinates, nodes[begin:end], local)
        if once:
            ends[0], ends[1] = first, second
            return
        waiting[height, 0], waiting[height, 1] = begin, begin + first
        waiting[height + 1, 0], waiting[height + 1, 1] = begin + first, begin + second
        height += 2


@inner_kernel
def _sort(
    pointer: Integers,
    adjacent: Integers,
    weight: Integers,
    coordinates: Floats,
    nodes: Integers,
    local: Integers,
) -> tuple[int, int]:
    """Sort nodes by the side of a separator; return where the first and the second side end.

    Where no separator leaves two sides, nothing is left to dissect: both ends are 0.
    """
    part = extract(pointer, adjacent, weight, coordinates, nodes, local)
    label = separate(part[0], part[1], part[2], part[3], part[4])
    count = np.zeros(3, np.int64)
    for v in range(len(nodes)):
        count[label[v]] += 1
    if count[0] == 0 or count[1] == 0:
        return 0, 0
    first, second = count[0], count[0] + count[1]
    count[BETWEEN], count[1], count[0] = second, first, 0
    old = nodes.copy()
    for v in range(len(nodes)):
        nodes[count[label[v]]] = old[v]
        count[label[v]] += 1
    return first, second
