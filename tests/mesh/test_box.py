"""The flat box of tetrahedra: it fills the box, conforms, is well shaped, meets electrodes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmscape.errors import MeshError
from ohmscape.mesh.box import BoxOptions, box_mesh
from ohmscape.mesh.volume import EDGES
from tests.support.volumes import areas, dihedral, face_counts, grid, layouts, on_ground, volumes

LAYOUTS = layouts()


def _sound(mesh, electrodes):
    """Assert all that holds of each mesh, whatever its electrodes are."""
    lift = mesh.nodes.mean(axis=0)
    low, high = mesh.nodes.min(axis=0), mesh.nodes.max(axis=0)
    _, count = face_counts(mesh)
    boundary = np.concatenate([mesh.surface_faces, mesh.outer_faces])
    area = areas(mesh, boundary)
    assert (volumes(mesh) > 0).all()
    total = volumes(mesh).sum()
    out = np.einsum("ij,ij->", mesh.nodes[boundary[:, :3]].mean(axis=1) - lift, area) / 3
    np.testing.assert_allclose(total, out, rtol=1e-9)  # the divergence theorem: faces look out
    assert set(count) == {1, 2}
    assert (count == 1).sum() == len(boundary)
    np.testing.assert_allclose(area.sum(axis=0), 0.0, atol=1e-9 * np.abs(area).sum())
    top = areas(mesh, mesh.surface_faces)
    np.testing.assert_allclose(total, top[:, 2].sum() * (high[2] - low[2]), rtol=1e-9)
    assert (mesh.nodes[mesh.surface_faces, 2] == 0.0).all()
    np.testing.assert_allclose(mesh.nodes[mesh.electrode_nodes], electrodes, rtol=0, atol=1e-9)
    assert (mesh.electrode_nodes < mesh.n_corners).all()
    assert np.array_equal(np.unique(mesh.cells), np.arange(len(mesh.nodes)))
    ends = mesh.nodes[mesh.cells[:, EDGES]]
    np.testing.assert_allclose(mesh.nodes[mesh.cells[:, 4:]], ends.mean(axis=2), rtol=1e-12)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_meshed_soundly(name):
    mesh = box_mesh(LAYOUTS[name])
    _sound(mesh, LAYOUTS[name])
    least, greatest = dihedral(mesh)
    assert least.min() > 8.0
    assert greatest.max() < 170.0
    assert np.percentile(least, 1) > 28.0


def test_regular_grids_are_met_without_drawing():
    mesh = box_mesh(LAYOUTS["grid"])
    least, greatest = dihedral(mesh)
    np.testing.assert_allclose([least.min(), greatest.max()], [30.0, 135.0], rtol=1e-6)


def test_cells_are_fine_at_electrodes_and_coarse_far_away():
    electrodes = on_ground(grid(6, 6, 2.0))
    mesh = box_mesh(electrodes)
    size = np.cbrt(volumes(mesh) * 12.0)  # of the cube, which has twelve cells
    away = np.linalg.norm(mesh.centres()[:, None] - electrodes, axis=2).min(axis=1)
    assert size[away < 0.6].max() <= 2.1
    assert size[away > 50.0].min() > 8.0
    reach = np.abs(mesh.nodes - electrodes.mean(axis=0)).max(axis=0)
    assert (reach > 6.0 * 10.0).all()


def test_outer_cells_are_those_of_the_outer_faces():
    mesh = box_mesh(LAYOUTS["two"])
    shared = (mesh.cells[mesh.outer_cells][:, None] == mesh.outer_faces[:, :, None]).any(axis=2)
    assert shared.all()


def test_the_same_mesh_again():
    one, other = box_mesh(LAYOUTS["random"]), box_mesh(LAYOUTS["random"].copy())
    assert np.array_equal(one.nodes, other.nodes)
    assert np.array_equal(one.cells, other.cells)


def test_electrodes_in_one_place_share_a_node():
    electrodes = np.concatenate([LAYOUTS["grid"], LAYOUTS["grid"][3:5]])
    nodes = box_mesh(electrodes).electrode_nodes
    assert np.array_equal(nodes[-2:], nodes[3:5])
    assert len(np.unique(nodes)) == len(LAYOUTS["grid"])


def test_finer_options_make_more_cells():
    sizes = [len(box_mesh(LAYOUTS["line"], None, BoxOptions(c, g)))
             for c, g in ((2, 0.7), (2, 0.4), (4, 0.4))]  # fmt: skip
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.8 * sizes[2]


@pytest.mark.parametrize(
    ("electrodes", "match"),
    [
        pytest.param(
            [[0, 0, 0], [1, 0, 0.5]], r"electrodes \[2\].*negative below", id="in the air"
        ),
        pytest.param([[0, 0, 0], [0, 0, 0]], "two places", id="one place"),
        pytest.param([[0, 0, 0], [1e6, 0, 0], [1e6 + 1, 0, 0]], "join electrodes", id="too uneven"),
    ],
)
def test_impossible_electrodes_are_refused(electrodes, match):
    with pytest.raises(MeshError, match=match):
        box_mesh(np.array(electrodes, dtype=float))


places = st.tuples(st.integers(-400, 400), st.integers(-400, 400), st.integers(0, 200))


@given(
    st.lists(places, min_size=2, max_size=25, unique=True),
    st.sampled_from([0.0, 1.0]),
    st.floats(0.01, 100.0),
)
@settings(max_examples=20, deadline=None)
def test_any_electrodes_are_meshed_soundly(points, share_buried, scale):
    electrodes = np.array(points, dtype=float) * [1.0, 1.0, -share_buried]
    electrodes = np.unique(electrodes, axis=0) * scale
    if len(electrodes) < 2:
        return
    mesh = box_mesh(electrodes)
    _sound(mesh, electrodes)
    least, _ = dihedral(mesh)
    assert least.min() > 3.0
