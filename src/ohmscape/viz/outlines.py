"""Cells of a section as polygons. Nothing here plots."""

import numpy as np

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.mesh.mesh import TRANSITION, TRIANGLE, Mesh

KINK = 7  #: slot of a transition's node in the middle of its top edge
MOST = 5  #: corners of a polygon at most


def polygons(mesh: Mesh, cells: Booleans | None = None) -> tuple[Integers, Integers]:
    """Return the node numbers of the corners of cells, counter-clockwise.

    Parameters
    ----------
    mesh : Mesh
    cells : array of bool, shape (n_cells,), optional
        Those that are wanted; all if left out.

    Returns
    -------
    corners : array of int, shape (n, 5)
        Node numbers; a cell with fewer corners repeats its last one.
    count : array of int, shape (n,)
        Corners: 3, 4, or 5 for a transition with its kink.
    """
    size = np.diff(mesh.cell_pointer)
    start = mesh.cell_pointer[:-1]
    if cells is not None:
        size, start = size[cells], start[cells]
    slots = np.broadcast_to([0, 1, 2, 3, 3], (len(size), MOST)).copy()
    slots[size == TRIANGLE] = [0, 1, 2, 2, 2]
    slots[size == TRANSITION] = [0, 1, 2, KINK, 3]
    corners: Integers = mesh.cell_nodes[start[:, None] + slots]
    count = np.where(size == TRIANGLE, 3, np.where(size == TRANSITION, 5, 4))
    return corners, count


def areas(outline: Floats) -> Floats:
    """Return the area of polygons, shape (n, k, 2), positive if counter-clockwise."""
    x, z = outline[..., 0], outline[..., 1]
    after_x, after_z = np.roll(x, -1, axis=1), np.roll(z, -1, axis=1)
    area: Floats = 0.5 * (x * after_z - after_x * z).sum(axis=1)
    return area
