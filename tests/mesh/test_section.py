"""The default mesh: sane under any line, electrodes at their places, fine where it counts."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ohmscape.errors import MeshError
from ohmscape.mesh.mesh import TRANSITION
from ohmscape.mesh.section import SectionOptions, graded, section_mesh
from tests.support.meshes import FLAT, GRIDS, areas, assert_sane, edges, grid, line, surface_of

DEPTH = 3.0


@pytest.mark.parametrize("name", GRIDS)
def test_sane(name):
    surface, electrodes, _ = GRIDS[name]
    mesh = grid(name).mesh
    assert_sane(mesh, electrodes)
    top = surface_of(mesh)  # at each grid line the ground, level beyond its ends
    np.testing.assert_allclose(top[:, 1], np.interp(top[:, 0], *surface.T), atol=1e-9)
    (a, _, b) = mesh.nodes[mesh.outer_edges].transpose(1, 2, 0)
    upright, level = np.abs(a[0] - b[0]) < 1e-9, np.abs(a[1] - b[1]) < 1e-6
    assert (upright | level).all()  # the rest is a box
    assert np.ptp(a[1][level]) < 1e-6


@pytest.mark.parametrize("name", GRIDS)
def test_rows_and_columns_of_parameters(name):
    section = grid(name)
    mesh, row, column = section.mesh, section.row, section.column
    centre = mesh.centres()
    assert len(row) == len(column) == len(section.core) == len(mesh)
    core = section.core
    assert row.min() == 0
    assert set(row[core]) == set(range(row.max() + 1))
    for r in range(row.max() + 1):
        own = core & (row == r)
        order = np.argsort(centre[own, 0])
        assert (np.diff(column[own][order]) >= 0).all()
    x, depth = GRIDS[name][1].T[0], -centre[:, 1]
    assert centre[core, 0].min() > x.min() - 1e-9
    assert centre[core, 0].max() < x.max() + 1e-9
    assert depth[core].max() >= 0.8 * DEPTH - np.ptp(GRIDS[name][0][:, 1])
    assert not set(np.unique(row[~core])) - set(np.unique(row[core]))


@pytest.mark.parametrize("cells", [2, 4, 6])
def test_gaps_have_as_many_cells_as_asked_for(cells):
    section = section_mesh(FLAT, line(), np.zeros(12, bool), DEPTH, SectionOptions(cells))
    top = section.core & (section.row == 0)
    corners = section.mesh.corners()[top]
    widths = corners[:, 1, 0] - corners[:, 0, 0]
    assert top.sum() == 11 * cells
    np.testing.assert_allclose(widths, 1 / cells, rtol=1e-12)


def test_cells_grow_with_depth_and_stay_about_as_wide_as_high():
    section = grid("flat", 8.0)
    corners = section.mesh.corners()[section.core]
    width, height = corners[:, 1, 0] - corners[:, 0, 0], corners[:, 3, 1] - corners[:, 0, 1]
    deep = -corners[:, 0, 1]
    assert np.median(width[deep > 4]) >= 4 * np.median(width[deep < 1])
    assert (width / height).min() > 0.2
    assert (width / height).max() < 5.0
    size = np.diff(section.mesh.cell_pointer)
    assert (size == TRANSITION).any()
    assert (size[section.row == 0] != TRANSITION).all()


def test_padding_reaches_as_far_as_asked():
    for padding in (2.0, 6.0):
        section = section_mesh(
            FLAT, line(), np.zeros(12, bool), DEPTH, SectionOptions(padding=padding)
        )
        x, z = section.mesh.nodes.T
        assert -x.min() >= padding * 11
        assert x.max() - 11 >= padding * 11
        assert -x.min() < 3 * padding * 11
        assert -z.min() > padding * DEPTH


def test_a_lifted_and_moved_line_has_the_same_mesh():
    surface, electrodes, buried = GRIDS["borehole at an electrode of a hill"]
    shift = np.array([512.0, -64.0])
    here = section_mesh(surface, electrodes, buried, DEPTH).mesh
    there = section_mesh(surface + shift, electrodes + shift, buried, DEPTH).mesh
    assert np.array_equal(here.cell_nodes, there.cell_nodes)
    np.testing.assert_allclose(there.nodes - shift, here.nodes, atol=1e-10)


def test_order_of_electrodes_does_not_matter():
    surface, electrodes, buried = GRIDS["borehole"]
    order = np.random.default_rng(1).permutation(len(electrodes))
    here = section_mesh(surface, electrodes, buried, DEPTH).mesh
    there = section_mesh(surface, electrodes[order], buried[order], DEPTH).mesh
    assert np.array_equal(here.nodes, there.nodes)
    assert np.array_equal(here.electrode_nodes[order], there.electrode_nodes)


@pytest.mark.parametrize(
    ("electrodes", "what"),
    [
        (line(1), "at least two"),
        (np.vstack([line(3), line(1)]), "share a place"),
        (np.array([[0, 0], [1, 0], [2, 0], [2, -1e-9]]), "too close|share a place"),
    ],
)
def test_no_mesh_without_different_places(electrodes, what):
    buried = electrodes[:, 1] < 0
    with pytest.raises(MeshError, match=what):
        section_mesh(FLAT, electrodes, buried, DEPTH)


@settings(deadline=None)
@given(st.floats(-50, 50), st.floats(0.5, 10), st.floats(0.2, 5), st.floats(0.2, 5))
def test_graded_steps(a, length, size_a, size_b):
    growth = 0.3
    steps = graded(a, a + length, size_a, size_b, growth)
    assert steps[0] == a
    assert steps[-1] == a + length
    assert len(steps) % 2 == 1
    size, t = np.diff(steps), steps - a
    wanted = np.minimum(size_a + growth * t, size_b + growth * (length - t))
    assert (size <= 1.6 * np.maximum(wanted[:-1], wanted[1:])).all()
    assert len(size) == 2 or (size >= 0.3 * np.minimum(wanted[:-1], wanted[1:])).all()


@st.composite
def lines(draw):
    """A line over rough ground, with up to two boreholes. Returns surface, electrodes, buried."""
    n = draw(st.integers(2, 16))
    gaps = draw(st.lists(st.floats(0.2, 3.0), min_size=n - 1, max_size=n - 1))
    x = np.concatenate([[0.0], np.cumsum(gaps)])
    slopes = draw(st.lists(st.floats(-1.0, 1.0), min_size=n - 1, max_size=n - 1))
    z = np.concatenate([[0.0], np.cumsum(np.array(gaps) * slopes)])
    surface = np.column_stack([x, z])
    electrodes, buried = surface, np.zeros(n, bool)
    holes = draw(st.lists(st.integers(0, n - 1), max_size=2, unique=True))
    for hole in holes:
        step, count = draw(st.floats(0.3, 2.0)), draw(st.integers(1, 6))
        depths = step * np.arange(1, count + 1)
        deep = np.column_stack([np.full(count, x[hole]), z[hole] - depths])
        electrodes, buried = np.vstack([electrodes, deep]), np.append(buried, [True] * count)
    return surface, electrodes, buried


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))  # no shrinking
@given(lines(), st.floats(0.3, 20.0))
def test_any_line_has_a_sane_mesh_or_is_refused(given_line, depth):
    surface, electrodes, buried = given_line
    try:
        mesh = section_mesh(surface, electrodes, buried, depth).mesh
    except MeshError:
        assert buried.any()  # electrodes of different holes may come too close
        return
    assert_sane(mesh, electrodes)
    assert (areas(mesh) > 0).all()
    assert len(mesh) < 20_000
    assert edges(mesh)[0].max() == len(mesh.nodes) - 1
