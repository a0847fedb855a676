"""The cell that holds a point: found by its own corners, and nowhere outside."""

import numpy as np

from ohmscape.mesh.box import box_mesh
from ohmscape.mesh.volume_cells import cells_at

MESH = box_mesh(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1.2, 1.1, 0], [0.4, 0.5, -0.7]]))
RNG = np.random.default_rng(3)


def test_points_inside_a_cell_find_it():
    share = RNG.dirichlet(np.ones(4), size=len(MESH))
    points = np.einsum("ci,cij->cj", share, MESH.corners())
    np.testing.assert_array_equal(cells_at(MESH, points), np.arange(len(MESH)))


def test_outside_there_is_none():
    above = np.array([[0.1, 0.2, 0.3], [0.0, 0.0, 1e4]])
    np.testing.assert_array_equal(cells_at(MESH, above), -1)


def test_no_point_no_cell():
    assert cells_at(MESH, np.empty((0, 3))).shape == (0,)
