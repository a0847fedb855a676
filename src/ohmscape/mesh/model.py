"""A section of the ground: one resistivity per cell, and how to read it anywhere."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.mesh.mesh import TRIANGLE, Mesh

CANDIDATES = 12  #: cells near a point that are asked whether they hold it


@dataclass(frozen=True, eq=False)
class Model:
    """Resistivity in ohm m of each cell of a mesh."""

    mesh: Mesh
    resistivity: Floats  #: (n_cells,)

    def __call__(self, points: Floats) -> Floats:
        """Return the resistivity in ohm m at points of the section, shape (n,).

        Parameters
        ----------
        points : array, shape (n, 2) or (n, 3)
            x, z or x, y, z in m; x along the line. Outside the mesh the nearest cell counts.
        """
        places = np.asarray(points, dtype=np.float64)
        values: Floats = self.resistivity[locate(self.mesh, places[:, [0, -1]])]
        return values


def locate(mesh: Mesh, points: Floats) -> Integers:
    """Return the cell that holds each point, shape (n,), or the nearest one.

    Parameters
    ----------
    mesh : Mesh
    points : array, shape (n, 2)
        x, z in m.
    """
    from scipy.spatial import KDTree  # takes longer to import than a small inversion

    centres, around = mesh.centres(), mesh.outlines()
    scale = around.max(axis=1) - around.min(axis=1)
    stretch = np.median(scale[:, 0] / scale[:, 1])
    tree = KDTree(centres * [1.0, stretch])
    count = min(CANDIDATES, len(mesh))
    _, near = tree.query(points * [1.0, stretch], k=count)
    near = near.reshape(len(points), count)
    inside = np.stack([_holds(around[near[:, i]], points) for i in range(count)], axis=1)
    found: Integers = near[np.arange(len(points)), np.argmax(inside, axis=1)]
    lost = np.flatnonzero(~inside.any(axis=1))
    for p in lost:  # large flat cells of the padding hide behind small ones
        held = np.flatnonzero(_holds(around, np.broadcast_to(points[p], (len(mesh), 2))))
        found[p] = held[0] if len(held) else _distance(around, points[p]).argmin()
    return found


def _holds(around: Floats, points: Floats) -> Booleans:
    """Return whether each cell, outline (n, 5, 2), holds its point, shape (n, 2)."""
    edge = np.roll(around, -1, axis=1) - around
    ray = points[:, None] - around
    left = edge[..., 0] * ray[..., 1] - edge[..., 1] * ray[..., 0]
    behind = left >= -1e-9 * np.abs(edge).sum(axis=2) ** 2
    top = behind[:, 2] & behind[:, 3]
    dent = edge[:, 2, 0] * edge[:, 3, 1] - edge[:, 2, 1] * edge[:, 3, 0] < 0  # the kink points in
    top |= dent & (behind[:, 2] | behind[:, 3])
    held: Booleans = top & behind[:, [0, 1, 4]].all(axis=1)
    return held


def _distance(around: Floats, point: Floats) -> Floats:
    """Return the distance in m of a point from the outline of each cell."""
    edge = np.roll(around, -1, axis=1) - around
    ray = point - around
    square = np.maximum((edge**2).sum(axis=2), np.finfo(float).tiny)
    along = np.clip((ray * edge).sum(axis=2) / square, 0.0, 1.0)
    off = ray - along[..., None] * edge
    nearest: Floats = np.hypot(off[..., 0], off[..., 1]).min(axis=1)
    return nearest


def sample_points(mesh: Mesh) -> Floats:
    """Return four points inside each cell, shape (n_cells, 4, 2), that stand for equal parts."""
    size = np.diff(mesh.cell_pointer)
    corners = mesh.corners()
    middle = mesh.centres()[:, None]
    points = middle + (corners - middle) / 2
    triangle = size == TRIANGLE
    points[triangle, 3] = middle[triangle, 0]
    return points
