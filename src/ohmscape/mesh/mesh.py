"""A vertical section cut into quadratic cells. x to the right, z up, in m."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Floats, Integers

TRIANGLE = 6  #: corners 0 1 2 counter-clockwise, then the middles of edges 01 12 20
QUADRILATERAL = 8  #: corners 0 1 2 3 counter-clockwise from bottom left, middles of 01 12 23 30
TRANSITION = 10
"""A quadrilateral under two smaller ones: its top edge, corner 2 to corner 3, carries two
quadratic pieces. Corners 0 1 2 3, middles of 01 and 12, then the three nodes of the top edge on
the way from corner 2 to corner 3, then the middle of 30."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Cells with quadratic edges over a vertical section; neighbours share all nodes of an edge.

    The kind of a cell is the number of its nodes: `TRIANGLE`, `QUADRILATERAL` or `TRANSITION`.
    Edges are straight, except that the two pieces of a transition's top edge may form a kink.
    """

    nodes: Floats  #: (n_nodes, 2) x, z in m, of corners and edge nodes alike
    cell_pointer: Integers  #: (n_cells + 1,) where each cell begins in `cell_nodes`
    cell_nodes: Integers  #: (cell_pointer[-1],) node numbers, cell after cell
    region: Integers  #: (n_cells,) number of the region a cell lies in
    outer_edges: Integers  #: (n_edges, 3) end, middle, end of the edges that end the earth in depth
    electrode_nodes: Integers  #: (n_electrodes,) node of each electrode

    def __len__(self) -> int:
        return len(self.cell_pointer) - 1

    def corners(self) -> Floats:
        """Return the corners of each cell, shape (n_cells, 4, 2); triangles repeat their last."""
        size = np.diff(self.cell_pointer)
        pick = self.cell_pointer[:-1, None] + np.arange(4)
        pick[size == TRIANGLE, 3] -= 1
        corners: Floats = self.nodes[self.cell_nodes[pick]]
        return corners

    def outlines(self) -> Floats:
        """Return five points around each cell, shape (n_cells, 5, 2).

        Corners 0, 1, 2, the place where the top edge may have its kink, and corner 3; triangles
        repeat their last.
        """
        size = np.diff(self.cell_pointer)
        corners = self.corners()
        slot = np.select([size == TRIANGLE, size == QUADRILATERAL], [2, 6], 7)
        kink = self.nodes[self.cell_nodes[self.cell_pointer[:-1] + slot]]
        return np.concatenate([corners[:, :3], kink[:, None], corners[:, 3:]], axis=1)

    def centres(self) -> Floats:
        """Return the mean of the corners of each cell, shape (n_cells, 2)."""
        size = np.diff(self.cell_pointer)
        corners = self.corners()
        mean: Floats = corners.mean(axis=1)
        triangle = size == TRIANGLE
        mean[triangle] = corners[triangle, :3].mean(axis=1)
        return mean
