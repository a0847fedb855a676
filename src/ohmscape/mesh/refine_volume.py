"""Cutting every tetrahedron into eight."""

from dataclasses import replace

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.mesh.volume import EDGES, VolumeMesh

# Children by the parent's nodes: four at its corners, four around the diagonal of the octahedron
# that is left. Which of the three diagonals is cut is told by its first node.
_CORNERED = ((0, 4, 6, 7), (4, 1, 5, 8), (6, 5, 2, 9), (7, 8, 9, 3))
_AROUND = {  # diagonal: four tetrahedra around it
    (4, 9): ((4, 9, 5, 6), (4, 9, 6, 7), (4, 9, 7, 8), (4, 9, 8, 5)),
    (5, 7): ((5, 7, 4, 6), (5, 7, 6, 9), (5, 7, 9, 8), (5, 7, 8, 4)),
    (6, 8): ((6, 8, 4, 5), (6, 8, 5, 9), (6, 8, 9, 7), (6, 8, 7, 4)),
}
_PLACES = np.vstack(
    [np.eye(4), (np.eye(4)[[i for i, _ in EDGES]] + np.eye(4)[[j for _, j in EDGES]]) / 2]
)
_FACE = ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))  #: children of a face by its nodes


def refine_volume(mesh: VolumeMesh) -> tuple[VolumeMesh, Integers]:
    """Return the mesh with each cell cut into eight, and the parent of each new cell.

    The old nodes keep their numbers, so that electrodes stay where they are, and become
    the corners. New nodes lie on the curved cells that they were cut from: the body is the same.
    The octahedron in the middle of a cell is cut along its shortest diagonal.
    """
    quarters = _children(mesh)
    parent = np.repeat(np.arange(len(mesh)), 8)
    ends = np.sort(quarters[:, EDGES], axis=2).reshape(-1, 2)
    n = len(mesh.nodes)
    codes, first, edge = np.unique(
        ends[:, 0] * n + ends[:, 1], return_index=True, return_inverse=True
    )
    middles = _on_parent(mesh, parent[first // 6], ends[first])
    fine = replace(
        mesh,
        nodes=np.concatenate([mesh.nodes, middles]),
        cells=np.hstack([quarters, n + edge.reshape(-1, 6)]),
        region=mesh.region[parent],
        surface_faces=_faces(mesh.surface_faces, n, codes),
        outer_faces=_faces(mesh.outer_faces, n, codes),
    )
    outer = np.repeat(mesh.outer_cells, 4)
    return replace(fine, outer_cells=_owners(fine, outer)), parent


def _children(mesh: VolumeMesh) -> Integers:
    """Return the corners of eight children of each cell, cell after cell, (8 n_cells, 4)."""
    diagonals = list(_AROUND)
    ends = mesh.nodes[mesh.cells[:, diagonals]]  # (n, 3, 2, 3)
    shortest = np.linalg.norm(ends[:, :, 1] - ends[:, :, 0], axis=2).round(12).argmin(axis=1)
    picks = np.array([[*_CORNERED, *_AROUND[d]] for d in diagonals])  # (3, 8, 4)
    pick = _turned(picks)[shortest].reshape(len(mesh), -1)
    return np.take_along_axis(mesh.cells, pick, axis=1).reshape(-1, 4)


def _turned(picks: Integers) -> Integers:
    """Return children, by nodes of the unit cell, with positive volumes."""
    corners = _PLACES[picks][..., 1:]
    wrong = np.linalg.det(corners[..., 1:, :] - corners[..., :1, :]) < 0
    return np.where(wrong[..., None], picks[..., [0, 2, 1, 3]], picks)


def _on_parent(mesh: VolumeMesh, parent: Integers, ends: Integers) -> Floats:
    """Return where the middle between two nodes of a cell lies on the curved cell, (n, 3)."""
    own = mesh.cells[parent]
    slots = (own[:, None] == ends[:, :, None]).argmax(axis=2)
    place = _PLACES[slots].mean(axis=1)  # barycentric, (n, 4)
    i, j = np.array(EDGES).T
    shape = np.hstack([place * (2.0 * place - 1.0), 4.0 * place[:, i] * place[:, j]])
    middles: Floats = np.einsum("ni,nia->na", shape, mesh.nodes[own])
    return middles


def _faces(faces: Integers, n: int, codes: Integers) -> Integers:
    """Return four children of each face, face after face."""
    corners = faces[:, _FACE].reshape(-1, 3)
    ends = np.sort(np.stack([corners, np.roll(corners, -1, axis=1)], axis=2), axis=2)
    middles = n + np.searchsorted(codes, ends[..., 0] * n + ends[..., 1])
    return np.hstack([corners, middles])


def _owners(fine: VolumeMesh, parent: Integers) -> Integers:
    """Return which child of its parent's cell has each outer face."""
    children = 8 * parent[:, None] + np.arange(8)
    corners = fine.cells[children][:, :, :4]  # (n, 8, 4)
    held = (corners[..., None] == fine.outer_faces[:, None, None, :3]).any(axis=2).all(axis=2)
    owners: Integers = children[np.arange(len(parent)), held.argmax(axis=1)]
    return owners
