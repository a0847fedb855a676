"""Tetrahedra of an octree, and quadratic ones of linear ones.

Around the line that joins the middles of two neighbouring cubes lie tetrahedra, one for each
edge of the face that they share: the body-centred lattice of Labelle and Shewchuk (2007),
doi:10.1145/1276377.1276448. An edge that has a node in its middle counts as two, which is all
that a balanced octree asks for. On the boundary the middle of the face takes the place of the
second cube.
"""

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.mesh.octree import CORNERS, Octree, morton
from ohmscape.mesh.volume import EDGES, FACES

WAYS = np.array([[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]])
ROUND = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])  #: corners of a face, in turns


def lattice(tree: Octree) -> tuple[Integers, Integers]:
    """Return the tetrahedra that fill the cubes of an octree.

    Returns
    -------
    array of int, shape (n_nodes, 3)
        Places of the nodes: corners of cubes, then middles of cubes, then of faces.
    array of int, shape (n_tetrahedra, 4)
        Nodes of each, of positive volume.
    """
    corners = (tree.low[:, None] + CORNERS * tree.size[:, None, None]).reshape(-1, 3)
    corner_codes, first = np.unique(morton(corners), return_index=True)
    n_corners = len(corner_codes)
    middles = tree.middles()
    places, ends, edges, used = [corners[first], middles], [], [], n_corners + len(middles)
    for way in WAYS:
        step = np.where(
            way == 0, tree.size[:, None] // 2, np.where(way > 0, tree.size[:, None], -1)
        )
        other = tree.find(tree.low + step)
        same = (other >= 0) & (tree.size[other] == tree.size)
        mine = (other >= 0) & (tree.size[other] > tree.size) | same & (way.sum() > 0)
        wall = other < 0
        own = np.flatnonzero(mine | wall)
        far = n_corners + other[own]
        far[wall[own]] = used + np.arange(wall.sum())
        used += int(wall.sum())
        places.append(middles[wall] + way * (tree.size[wall] // 2)[:, None])
        face, round_it = _around(tree, own, way, corner_codes)
        ends.append(np.stack([n_corners + own[face], far[face]], axis=1))
        edges.append(round_it)
    nodes = np.concatenate(places)
    cells = np.concatenate([np.concatenate(ends), np.concatenate(edges)], axis=1)
    return nodes, turned(nodes.astype(np.float64), cells)


def _around(
    tree: Octree, own: Integers, way: Integers, corner_codes: Integers
) -> tuple[Integers, Integers]:
    """Return the edges around one face of cubes: which of the cubes, and the two nodes."""
    size = tree.size[own][:, None, None]
    axis = int(np.flatnonzero(way)[0])
    across = [i for i in range(3) if i != axis]
    unit = np.zeros((4, 3), dtype=np.int64)
    unit[:, across], unit[:, axis] = ROUND, int(way[axis] > 0)
    ring = tree.low[own][:, None] + unit * size  # (n, 4, 3)
    after = np.roll(ring, -1, axis=1)
    a, b, m = (morton(p.reshape(-1, 3)) for p in (ring, after, (ring + after) // 2))
    at = np.minimum(np.searchsorted(corner_codes, m), len(corner_codes) - 1)
    halved = corner_codes[at] == m
    a, b = np.searchsorted(corner_codes, a), np.searchsorted(corner_codes, b)
    pairs = np.concatenate(
        [np.stack([a, np.where(halved, at, b)], axis=1), np.stack([at, b], axis=1)]
    )
    there = np.concatenate([np.ones(len(a), dtype=np.bool_), halved])
    face = np.tile(np.repeat(np.arange(len(own)), 4), 2)
    return face[there], pairs[there]


def turned(nodes: Floats, cells: Integers) -> Integers:
    """Return tetrahedra with corners 1 and 2 exchanged where the volume was negative."""
    corners = nodes[cells]
    wrong = np.linalg.det(corners[:, 1:] - corners[:, :1]) < 0
    right = cells.copy()
    right[wrong, 1], right[wrong, 2] = cells[wrong, 2], cells[wrong, 1]
    return right


def quadratic(nodes: Floats, cells: Integers) -> tuple[Floats, Integers]:
    """Return nodes and cells of ten nodes with those in the middles of edges put behind.

    Parameters
    ----------
    nodes : array, shape (n_nodes, 3)
    cells : array of int, shape (n_cells, 4)
    """
    ends = np.sort(cells[:, EDGES], axis=2).reshape(-1, 2)
    n = len(nodes)
    _, first, edge = np.unique(ends[:, 0] * n + ends[:, 1], return_index=True, return_inverse=True)
    middles = nodes[ends[first]].mean(axis=1)
    return np.concatenate([nodes, middles]), np.hstack([cells, n + edge.reshape(-1, 6)])


def boundary(cells: Integers) -> tuple[Integers, Integers]:
    """Return the faces, shape (n_faces, 6), that only one cell has, and their cells."""
    faces = cells[:, FACES]  # (n_cells, 4, 6)
    corners = np.sort(faces[:, :, :3], axis=2).reshape(-1, 3)
    order = np.lexsort(corners.T)
    ordered = corners[order]
    equal = (ordered[1:] == ordered[:-1]).all(axis=1)
    alone = ~(np.append(equal, False) | np.insert(equal, 0, False))
    own = np.sort(order[alone])
    return faces.reshape(-1, 6)[own], own // 4
