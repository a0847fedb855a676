"""Boxes of tetrahedra on a grid of planes: interfaces on the planes are met exactly."""

import numpy as np

from ohmscape.mesh.tetrahedra import boundary, quadratic
from ohmscape.mesh.volume import VolumeMesh

WAYS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))  # Kuhn's six tetrahedra


def graded(core, reach, factor=1.6):
    """Return the planes `core`, and more on both sides at distances that grow by a factor."""
    core = np.asarray(core, dtype=float)
    steps = np.diff(core)[[0, -1]]
    left, right = [core[0]], [core[-1]]
    while core[0] - left[-1] < reach:
        steps[0] *= factor
        left.append(left[-1] - steps[0])
    while right[-1] - core[-1] < reach:
        steps[1] *= factor
        right.append(right[-1] + steps[1])
    return np.concatenate([left[:0:-1], core, right[1:]])


def below(core, reach, factor=1.6):
    """Return planes like `graded` that end at the upper end of `core`."""
    planes = graded(core, reach, factor)
    return planes[planes <= core[-1]]


def planes_box(x, y, z, electrodes, *, closed=False):
    """Return a mesh of the box between planes, electrodes on the nearest of its corners."""
    nodes = np.stack(np.meshgrid(x, y, z, indexing="ij"), axis=-1).reshape(-1, 3)
    shape = np.array([len(x), len(y), len(z)])
    stride = np.array([shape[1] * shape[2], shape[2], 1])
    first = np.stack(np.meshgrid(*(np.arange(n - 1) for n in shape), indexing="ij"), -1)
    first = first.reshape(-1, 3) @ stride
    cells = []
    for way in WAYS:
        steps = np.concatenate([[0], np.cumsum(stride[list(way)])])
        cells.append(first[:, None] + steps)
    corners = np.concatenate(cells)
    volume = np.linalg.det(nodes[corners[:, 1:]] - nodes[corners[:, :1]])
    corners[volume < 0] = corners[volume < 0][:, [0, 2, 1, 3]]
    at = np.array([np.linalg.norm(nodes - e, axis=1).argmin() for e in electrodes])
    all_nodes, all_cells = quadratic(nodes, corners)
    faces, owner = boundary(all_cells)
    surface = (
        np.ones(len(faces), dtype=bool) if closed else (all_nodes[faces, 2] == max(z)).all(axis=1)
    )
    return VolumeMesh(
        nodes=all_nodes,
        cells=all_cells,
        region=np.zeros(len(all_cells), dtype=np.int64),
        electrode_nodes=at,
        surface_faces=faces[surface],
        outer_faces=faces[~surface],
        outer_cells=owner[~surface],
    )
