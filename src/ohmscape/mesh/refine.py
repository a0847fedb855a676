"""Cutting every cell into four."""

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.mesh.mesh import QUADRILATERAL, TRANSITION, TRIANGLE, Mesh

# Children by the parent's node slots. A pair stands for the middle of two slots; slot -1 is the
# parent's centre. The two upper children of a transition are transitions themselves.
_CHILDREN: dict[int, tuple[tuple[int, ...], ...]] = {
    TRIANGLE: ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5)),
    QUADRILATERAL: ((0, 4, -1, 7), (4, 1, 5, -1), (-1, 5, 2, 6), (7, -1, 6, 3)),
    TRANSITION: ((0, 4, -1, 9), (4, 1, 5, -1), (-1, 5, 2, 6, 7), (9, -1, 7, 8, 3)),
}


def refine(mesh: Mesh) -> tuple[Mesh, Integers]:
    """Return the mesh with each cell cut into four, and the parent of each new cell.

    The old nodes keep their numbers, so that electrodes stay where they are.
    """
    size = np.diff(mesh.cell_pointer)
    cornered = np.flatnonzero(size != TRIANGLE)
    low, high = _opposite_middles(mesh, cornered)
    nodes = np.concatenate([mesh.nodes, (mesh.nodes[low] + mesh.nodes[high]) / 2])
    centre = np.full(len(mesh), -1)
    centre[cornered] = len(mesh.nodes) + np.arange(len(cornered))
    blocks, parents = [], []
    for kind, children in _CHILDREN.items():
        cells = np.flatnonzero(size == kind)
        own = mesh.cell_nodes[mesh.cell_pointer[cells][:, None] + np.arange(kind)]
        own = np.concatenate([own, centre[cells][:, None]], axis=1)
        for child in children:
            blocks.append(_ring(own[:, child], len(nodes)))
            parents.append(cells)
    a, middle, b = mesh.outer_edges.T
    outer = np.concatenate(
        [
            np.stack([a, _code(a, middle, len(nodes)), middle], axis=1),
            np.stack([middle, _code(middle, b, len(nodes)), b], axis=1),
        ]
    )
    return _numbered(mesh, nodes, blocks, parents, outer)


def _opposite_middles(mesh: Mesh, cells: Integers) -> tuple[Integers, Integers]:
    """Return the middle nodes of bottom and top of quadrilaterals and transitions."""
    first = mesh.cell_pointer[cells]
    top = np.where(mesh.cell_pointer[cells + 1] - first == TRANSITION, 7, 6)
    return mesh.cell_nodes[first + 4], mesh.cell_nodes[first + top]


def _code(a: Integers, b: Integers, n: int) -> Integers:
    """Return a number above all n nodes that stands for the middle of a and b."""
    return n + np.minimum(a, b) * n + np.maximum(a, b)


def _ring(ring: Integers, n: int) -> Integers:
    """Return the nodes of children from those on their ring: corners, then middles.

    A ring of five has one node more between corners 2 and 3: the child is a transition.
    """
    middles = [_code(ring[:, i], ring[:, (i + 1) % ring.shape[1]], n) for i in range(ring.shape[1])]
    if ring.shape[1] < 5:
        return np.concatenate([ring, np.stack(middles, axis=1)], axis=1)
    corners = ring[:, [0, 1, 2, 4]]
    top = np.stack([middles[0], middles[1], middles[2], ring[:, 3], *middles[3:]], axis=1)
    return np.concatenate([corners, top], axis=1)


def _numbered(
    mesh: Mesh, nodes: Floats, blocks: list[Integers], parents: list[Integers], outer: Integers
) -> tuple[Mesh, Integers]:
    """Put the children in the order of their parents and number the new middles."""
    n = len(nodes)
    count = np.concatenate([np.full(len(block), block.shape[1]) for block in blocks])
    parent = np.concatenate(parents)
    order = np.argsort(parent, kind="stable")
    pointer = np.concatenate([[0], np.cumsum(count[order])])
    begin = np.empty(len(count), dtype=np.int64)
    begin[order] = pointer[:-1]
    flat = np.empty(pointer[-1], dtype=np.int64)
    done = 0
    for block in blocks:
        flat[begin[done : done + len(block), None] + np.arange(block.shape[1])] = block
        done += len(block)
    codes = np.unique(flat[flat >= n])
    low, high = np.divmod(codes - n, n)
    fine = Mesh(
        nodes=np.concatenate([nodes, (nodes[low] + nodes[high]) / 2]),
        cell_pointer=pointer,
        cell_nodes=np.where(flat < n, flat, n + np.searchsorted(codes, flat)),
        region=mesh.region[parent[order]],
        outer_edges=np.where(outer < n, outer, n + np.searchsorted(codes, outer)),
        electrode_nodes=mesh.electrode_nodes,
    )
    return fine, parent[order]
