"""Each tetrahedron in eight: the same body, conforming, nodes and electrodes kept."""

import numpy as np
import pytest

from ohmscape.mesh.box import box_mesh
from ohmscape.mesh.curved import ground_mesh
from ohmscape.mesh.refine_volume import refine_volume
from ohmscape.mesh.volume import EDGES, determinants
from tests.support.volumes import areas, dihedral, face_counts, grid, layouts


def _hill(xy):
    return 3.0 * np.exp(-((xy[:, 0] - 1) ** 2 + (xy[:, 1] - 1) ** 2) / 8.0)


def _on_a_hill():
    xy = grid(3, 3)
    return ground_mesh(np.column_stack([xy, _hill(xy)]), np.zeros(9, dtype=bool), _hill)


@pytest.mark.parametrize("make", [lambda: box_mesh(layouts()["two"]), _on_a_hill])
def test_the_body_is_the_same(make):
    mesh = make()
    fine, parent = refine_volume(mesh)
    assert np.array_equal(parent, np.repeat(np.arange(len(mesh)), 8))
    np.testing.assert_allclose(
        np.bincount(parent, fine.volumes()), mesh.volumes(), rtol=1e-9, atol=0
    )
    assert np.array_equal(fine.nodes[: len(mesh.nodes)], mesh.nodes)
    assert fine.n_corners == len(mesh.nodes)
    assert np.array_equal(fine.electrode_nodes, mesh.electrode_nodes)
    assert (determinants(fine) > 0.0).all()
    rows, count = face_counts(fine)
    boundary = np.concatenate([fine.surface_faces, fine.outer_faces])
    assert set(count) == {1, 2}
    assert np.array_equal(rows[count == 1], np.unique(np.sort(boundary, axis=1), axis=0))
    owned = (fine.cells[fine.outer_cells][:, None] == fine.outer_faces[:, :, None]).any(axis=2)
    assert owned.all()
    np.testing.assert_allclose(
        areas(fine, fine.outer_faces).sum(axis=0), areas(mesh, mesh.outer_faces).sum(axis=0),
        atol=1e-9 * np.abs(areas(mesh, mesh.outer_faces)).sum(),
    )  # fmt: skip


def test_straight_cells_stay_straight_and_well_shaped():
    mesh = box_mesh(layouts()["shallow"])
    fine, _ = refine_volume(mesh)
    ends = fine.nodes[fine.cells[:, EDGES]].mean(axis=2)
    np.testing.assert_allclose(fine.nodes[fine.cells[:, 4:]], ends, atol=1e-9)
    assert dihedral(fine)[0].min() > 0.6 * dihedral(mesh)[0].min()


def test_new_nodes_lie_on_the_curved_surface():
    mesh = _on_a_hill()
    fine, _ = refine_volume(mesh)
    new = np.unique(fine.surface_faces[:, 3:])
    off = np.abs(fine.nodes[new, 2] - _hill(fine.nodes[new, :2]))
    straight = np.abs(
        fine.nodes[fine.surface_faces[:, [0, 1, 2]]].mean(axis=1)[:, 2]
        - _hill(fine.nodes[fine.surface_faces[:, [0, 1, 2]]].mean(axis=1)[:, :2])
    )
    near = np.linalg.norm(fine.nodes[new, :2] - 1.0, axis=1) < 3.0
    assert off[near].max() < 0.5 * straight.max()
