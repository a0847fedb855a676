"""Cutting cells into four: same ground, same electrodes, still conforming."""

import numpy as np
import pytest

from ohmscape.mesh.refine import refine
from ohmscape.mesh.triangles import conforming_mesh
from tests.support.meshes import GRIDS, areas, assert_sane, edges, grid, outline, polygon_area

LAYER = np.array([[-1e4, -1.3], [1e4, -1.3]])


def triangles(name):
    surface, electrodes, _ = GRIDS[name]
    return conforming_mesh(surface, electrodes, [LAYER], size_at_electrodes=0.3, margin=50.0)


@pytest.mark.parametrize("name", GRIDS)
def test_sections(name):
    check(grid(name).mesh, GRIDS[name][1])


def test_sections_twice():
    check(refine(grid("hill").mesh)[0], GRIDS["hill"][1])


@pytest.mark.parametrize("name", ["flat", "hill", "borehole"])
def test_triangles(name):
    check(triangles(name), GRIDS[name][1])


def check(mesh, electrodes):
    fine, parent = refine(mesh)
    assert_sane(fine, electrodes)
    assert np.array_equal(parent, np.repeat(np.arange(len(mesh)), 4))
    np.testing.assert_allclose(
        np.bincount(parent, areas(fine)), areas(mesh), rtol=1e-9, atol=1e-12 * areas(mesh).max()
    )
    assert np.array_equal(fine.nodes[: len(mesh.nodes)], mesh.nodes)
    assert np.array_equal(fine.electrode_nodes, mesh.electrode_nodes)
    assert np.array_equal(fine.region, mesh.region[parent])
    assert len(fine.outer_edges) == 2 * len(mesh.outer_edges)
    assert np.array_equal(np.unique(fine.outer_edges[:, [0, 2]]), np.unique(mesh.outer_edges))
    np.testing.assert_allclose(polygon_area(outline(fine)), polygon_area(outline(mesh)))
    old, new = edges(mesh)[0], edges(fine)[0]  # what was a middle is now a corner
    assert np.isin(old[:, 1], new[:, [0, 2]]).all()


def test_regions_go_to_the_children():
    mesh = triangles("flat")
    assert set(mesh.region) == {0, 1}
    fine, _ = refine(mesh)
    assert np.array_equal(fine.region == 0, fine.centres()[:, 1] > -1.3)
