"""A body of ground cut into quadratic tetrahedra. x, y, z right-handed, z up, in m."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.kernels import kernel

EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))  #: corners of the edge of nodes 4 to 9
FACES = ((1, 2, 3, 5, 9, 8), (0, 3, 2, 7, 9, 6), (0, 1, 3, 4, 8, 7), (0, 2, 1, 6, 5, 4))
"""Nodes of the face opposite to each corner: three corners, counter-clockwise when seen from
outside, then the middles of their edges 01 12 20."""


@dataclass(frozen=True, eq=False)
class VolumeMesh:
    """Tetrahedra of ten nodes; neighbours share all six nodes of a face.

    The nodes of a cell are in the order of VTK's quadratic tetrahedron: corners 0 1 2 3, then the
    middles of edges 01 12 02 03 13 23. Corner 3 lies on the side of face 0 1 2 from which its
    corners run counter-clockwise: the volume is positive. A cell may be curved: its
    places are those of its nodes, weighted by the quadratic shape functions.

    Corners come first in `nodes`, then the middles of edges. Faces are as in `FACES`: three
    corners, counter-clockwise when seen from outside, and the middles of 01 12 20. Each face of
    the boundary is in either `surface_faces` or `outer_faces`; a tank has no outer ones.
    """

    nodes: Floats  #: (n_nodes, 3) x, y, z in m, of corners and of edge nodes
    cells: Integers  #: (n_cells, 10) node numbers
    region: Integers  #: (n_cells,) number of the region a cell lies in
    electrode_nodes: Integers  #: (n_electrodes,) node, a corner, of each electrode
    surface_faces: Integers  #: (n_faces, 6) nodes of the faces through which no current flows
    outer_faces: Integers  #: (n_faces, 6) nodes of the faces beyond which the ground goes on
    outer_cells: Integers  #: (n_faces,) cell of each outer face

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def n_corners(self) -> int:
        """Number of nodes that are corners: they are the first ones."""
        return int(self.cells[:, :4].max()) + 1

    def corners(self) -> Floats:
        """Return the corners of each cell, shape (n_cells, 4, 3)."""
        corners: Floats = self.nodes[self.cells[:, :4]]
        return corners

    def centres(self) -> Floats:
        """Return the place in the middle of each cell, shape (n_cells, 3)."""
        corners = self.nodes[self.cells[:, :4]].sum(axis=1)
        middles = self.nodes[self.cells[:, 4:]].sum(axis=1)
        centres: Floats = middles / 4.0 - corners / 8.0  # shape functions where all lambda are 1/4
        return centres

    def corner_determinants(self) -> Floats:
        """Return six times the volume in m^3 of each cell with straight edges, (n_cells,)."""
        corners = self.corners()
        determinants: Floats = np.linalg.det(corners[:, 1:] - corners[:, :1])
        return determinants

    def volumes(self) -> Floats:
        """Return the volume in m^3 of each cell, curved as it is, shape (n_cells,)."""
        inside = np.full((5, 4), 1.0 / 6.0)
        inside[0] = 0.25
        inside[[1, 2, 3, 4], [0, 1, 2, 3]] = 0.5
        weight = np.array([-4.0 / 5.0, *[9.0 / 20.0] * 4]) / 6.0  # exact for cubic polynomials
        volumes: Floats = determinants(self, inside) @ weight
        return volumes


def shape_slopes(places: Floats) -> Floats:
    """Return the derivatives of the ten shape functions along the edges from corner 0.

    Parameters
    ----------
    places : array, shape (n, 4)
        Barycentric coordinates in a cell.

    Returns
    -------
    array, shape (n, 10, 3)
    """
    slope = np.array([[-1.0, -1.0, -1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    corner = (4.0 * places - 1.0)[:, :, None] * slope
    i, j = np.array(EDGES).T
    middle = 4.0 * (places[:, i, None] * slope[j] + places[:, j, None] * slope[i])
    return np.concatenate([corner, middle], axis=1)


def determinants(mesh: VolumeMesh, places: Floats | None = None) -> Floats:
    """Return six times the volume per volume of the straight unit cell, at places of each cell.

    Parameters
    ----------
    mesh : VolumeMesh
    places : array, shape (n, 4), optional
        Barycentric coordinates. By default the ten nodes, the middle and the four points of
        the usual quadrature.

    Returns
    -------
    array, shape (n_cells, n)
    """
    if places is None:
        i, j = np.array(EDGES).T
        gauss = np.full((4, 4), 0.1381966011250105) + 0.447213595499958 * np.eye(4)
        places = np.concatenate(
            [np.eye(4), (np.eye(4)[i] + np.eye(4)[j]) / 2, np.full((1, 4), 0.25), gauss]
        )
    found = np.empty((len(mesh), len(places)))
    nodes, cells = np.ascontiguousarray(mesh.nodes), np.ascontiguousarray(mesh.cells)
    set_determinants(nodes, cells, np.ascontiguousarray(shape_slopes(places)), found)
    return found


@kernel
def set_determinants(nodes: Floats, cells: Integers, slopes: Floats, found: Floats) -> None:
    """Set the determinant of each cell's mapping at each place that slopes are given for."""
    m = np.empty((3, 3))
    for c in range(len(cells)):
        for q in range(len(slopes)):
            m[:] = 0.0
            for n in range(10):
                for axis in range(3):
                    place = nodes[cells[c, n], axis] - nodes[cells[c, 0], axis]  # digits
                    for way in range(3):
                        m[axis, way] += place * slopes[q, n, way]
            found[c, q] = (
                m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1])
                - m[0, 1] * (m[1, 0] * m[2, 2] - m[1, 2] * m[2, 0])
                + m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0])
            )
