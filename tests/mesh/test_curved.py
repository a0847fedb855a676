"""The box bent up to the ground: electrodes, depths, volumes and positive cells."""

import numpy as np
import pytest

from ohmscape.errors import MeshError
from ohmscape.mesh.curved import ground_mesh
from ohmscape.mesh.relief import relief
from ohmscape.mesh.volume import EDGES, determinants
from tests.support.volumes import areas, borehole, face_counts, grid


def _hill(xy, height=4.0, width=3.0):
    return height * np.exp(-((xy[:, 0] - 3) ** 2 + (xy[:, 1] - 3) ** 2) / (2 * width**2))


def _on(ground, xy):
    return np.column_stack([xy, ground(xy)])


def _ridge(xy):
    """Two slopes of 45 degrees that meet at x = 3."""
    return np.maximum(0.0, 6.0 - np.abs(xy[:, 0] - 3.0))


GROUNDS = {
    "flat": lambda xy: np.zeros(len(xy)),
    "hill": _hill,
    "ridge of 45 degrees": _ridge,
    "step": lambda xy: np.tanh((xy[:, 0] - 3.2) / 0.3),
}


@pytest.mark.parametrize("name", GROUNDS)
def test_cells_are_positive_and_fill_the_ground(name):
    xy = grid(7, 7)
    electrodes = _on(GROUNDS[name], xy)
    ground = relief(electrodes)
    mesh = ground_mesh(electrodes, np.zeros(len(xy), dtype=bool), ground)
    assert (determinants(mesh) > 0.0).all()
    np.testing.assert_allclose(mesh.nodes[mesh.electrode_nodes], electrodes, rtol=0, atol=1e-9)
    assert set(face_counts(mesh)[1]) == {1, 2}
    top = mesh.nodes[mesh.surface_faces]
    corner = top[:, :3].reshape(-1, 3)
    np.testing.assert_allclose(corner[:, 2], ground(corner[:, :2].copy()), atol=1e-8)
    depth = -mesh.nodes[:, 2].min()
    area = areas(mesh, mesh.surface_faces)[:, 2]  # seen from above, edges are straight
    middle = top[:, 3:, 2].mean(axis=1)  # exact for quadratic heights over a triangle
    np.testing.assert_allclose(mesh.volumes().sum(), area @ (middle + depth), rtol=1e-9)


def test_edges_are_bent_and_not_only_corners_moved():
    xy = grid(7, 7)
    electrodes = _on(_hill, xy)
    mesh = ground_mesh(electrodes, np.zeros(49, dtype=bool), _hill)
    middle = mesh.nodes[mesh.surface_faces[:, 3:]].reshape(-1, 3)
    np.testing.assert_allclose(middle[:, 2], _hill(middle[:, :2]), atol=1e-9)
    straight = mesh.nodes[mesh.cells[:, EDGES]].mean(axis=2)
    assert np.abs(mesh.nodes[mesh.cells[:, 4:]] - straight).max() > 0.02


def test_buried_electrodes_keep_their_places_and_the_deep_ground_is_flat():
    ground = _on(_hill, grid(5, 5, 1.5))
    hole = borehole(2.1, 3.3, np.arange(0.5, 8.0, 1.0))
    hole[:, 2] += _hill(hole[:1])[0]
    electrodes = np.concatenate([ground, hole])
    buried = np.arange(len(electrodes)) >= len(ground)
    mesh = ground_mesh(electrodes, buried, _hill)
    np.testing.assert_allclose(mesh.nodes[mesh.electrode_nodes], electrodes, rtol=0, atol=1e-9)
    assert not np.isin(mesh.electrode_nodes[buried], mesh.surface_faces).any()
    assert np.isin(mesh.electrode_nodes[~buried], mesh.surface_faces).all()
    low = mesh.nodes[mesh.outer_faces][..., 2].min()
    floor = mesh.outer_faces[(mesh.nodes[mesh.outer_faces, 2] < 0.999 * low).all(axis=1)]
    assert np.ptp(mesh.nodes[floor, 2]) < 1e-9 * abs(low)


def test_an_electrode_above_the_ground_is_refused():
    electrodes = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0.5]])
    with pytest.raises(MeshError, match=r"electrodes \[3\].*terrain"):
        ground_mesh(electrodes, np.array([False, False, True]), GROUNDS["flat"])


def test_ground_too_rough_for_its_cells_is_refused(monkeypatch):
    electrodes = _on(_hill, grid(4, 4))
    monkeypatch.setattr("ohmscape.mesh.curved.FLAT", 0.05)  # all of the height within little depth
    monkeypatch.setattr("ohmscape.mesh.curved.FLAT_EXTENT", 0.05)
    with pytest.raises(MeshError, match=r"inside out.*smooth the terrain"):
        ground_mesh(electrodes, np.zeros(16, dtype=bool), _hill)
