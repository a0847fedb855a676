"""Triangular meshes: sane, graded, and edges exactly where surface and interfaces are."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmscape.errors import MeshError
from ohmscape.mesh.triangles import conforming_mesh

FLAT = np.array([[-50.0, 0.0], [100.0, 0.0]])
LINE = np.column_stack([np.arange(48.0), np.zeros(48)])
FAR = 1e4


def mesh_of(surface=FLAT, electrodes=LINE, interfaces=(), **options):
    given_or_default = {"size_at_electrodes": 0.25, "margin": 300.0} | options
    return conforming_mesh(surface, electrodes, interfaces, **given_or_default)


def layer(z):
    return np.array([[-FAR, z], [FAR, z]])


def contact(x):
    return np.array([[x, 5.0], [x, -FAR]])


def circle(x, z, radius, n=64):
    turn = np.linspace(0.0, 2 * np.pi, n + 1)
    ring = np.column_stack([x + radius * np.cos(turn), z + radius * np.sin(turn)])
    ring[-1] = ring[0]
    return ring


def doubled_areas(mesh):
    a, b, c = mesh.corners()[:, :3].transpose(1, 2, 0)
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def angles(mesh):
    """Return the angles of each triangle in degrees, shape (n, 3)."""
    corners = mesh.corners()[:, :3]
    after, before = np.roll(corners, -1, axis=1) - corners, np.roll(corners, 1, axis=1) - corners
    sine = after[..., 0] * before[..., 1] - after[..., 1] * before[..., 0]
    return np.degrees(np.arctan2(sine, (after * before).sum(axis=2)))


def edges_of(mesh):
    """Return each edge (end, end, middle) once and in how many triangles it is."""
    cells = mesh.cell_nodes.reshape(-1, 6)
    edges = np.concatenate([cells[:, [0, 1, 3]], cells[:, [1, 2, 4]], cells[:, [2, 0, 5]]])
    edges[:, :2] = np.sort(edges[:, :2], axis=1)
    return np.unique(edges, axis=0, return_counts=True)


def length_along(mesh, start, end, tolerance):
    """Return the length of the mesh edges that lie on the straight line from start to end."""
    start, way = np.asarray(start), np.subtract(end, start)
    length = np.hypot(*way)
    at = mesh.nodes - start
    off = np.abs(at @ np.array([-way[1], way[0]])) / length
    along = at @ way / length
    on = (off <= tolerance) & (along >= -tolerance) & (along <= length + tolerance)
    edges, _ = edges_of(mesh)
    inside = edges[on[edges[:, :2]].all(axis=1)]
    return np.abs(along[inside[:, 1]] - along[inside[:, 0]]).sum()


def domain_area(surface, electrodes, margin):
    centre = 0.5 * (electrodes[:, 0].min() + electrodes[:, 0].max())
    inner = surface[np.abs(surface[:, 0] - centre) < margin]
    x = np.concatenate([[centre - margin], inner[:, 0], [centre + margin]])
    z = np.interp(x, *surface.T)
    bottom = min(z.min(), electrodes[:, 1].min()) - margin
    return np.trapezoid(z - bottom, x)


def assert_sane(mesh, electrodes=LINE, area=None):
    assert (doubled_areas(mesh) > 0).all()
    if area is not None:
        np.testing.assert_allclose(0.5 * doubled_areas(mesh).sum(), area, rtol=1e-12)
    np.testing.assert_array_equal(mesh.nodes[mesh.electrode_nodes], electrodes)
    cells = mesh.cell_nodes.reshape(-1, 6)
    assert np.isin(mesh.electrode_nodes, cells[:, :3]).all()
    edges, times = edges_of(mesh)
    pairs = np.unique(edges[:, :2], axis=0)
    assert len(pairs) == len(edges)  # both sides of an edge know the same middle
    assert set(times) <= {1, 2}
    n_corners = len(np.unique(cells[:, :3]))
    assert n_corners - len(edges) + len(cells) == 1  # Euler: one piece, no hole
    assert len(mesh.nodes) == n_corners + len(edges)
    middles = mesh.nodes[edges[:, :2]].mean(axis=1)
    np.testing.assert_allclose(mesh.nodes[edges[:, 2]], middles, rtol=1e-12, atol=1e-12)
    rim = {tuple(sorted(e)) for e in edges[times == 1, :2].tolist()}
    assert {tuple(sorted(e)) for e in mesh.outer_edges[:, [0, 2]].tolist()} <= rim
    assert set(np.unique(mesh.region)) == set(range(mesh.region.max() + 1))


HILL = np.column_stack([np.linspace(-20, 70, 46), 3 * np.sin(np.linspace(-20, 70, 46) / 8)])
ON_HILL = np.column_stack([np.arange(48.0), np.interp(np.arange(48.0), *HILL.T)])
BED = np.column_stack([np.linspace(10, 40, 31), -2 * np.sin(np.pi * np.linspace(0, 1, 31))])
BED[[0, -1], 1] = 0.0
IN_LAKE = np.column_stack([np.arange(48.0), np.interp(np.arange(48.0), *BED.T, left=0, right=0)])
HOLES = np.vstack([np.column_stack([np.full(20, x), -0.5 * np.arange(20) - 0.25]) for x in (0, 8)])

CASES = {
    "flat": (FLAT, LINE, [], 1),
    "two layers": (FLAT, LINE, [layer(-2.0)], 2),
    "three layers": (FLAT, LINE, [layer(-2.0), layer(-5.0)], 3),
    "thin layer": (FLAT, LINE, [layer(-1.0), layer(-1.05)], 3),
    "thin layer on top": (FLAT, LINE, [layer(-0.05)], 2),
    "contact between electrodes": (FLAT, LINE, [contact(23.5)], 2),
    "contact at an electrode": (FLAT, LINE, [contact(23.0)], 2),
    "contact snapped to an electrode": (FLAT, LINE, [contact(23.0 + 1e-9)], 2),
    "contact near an electrode": (FLAT, LINE, [contact(23.1)], 2),
    "contact very near an electrode": (FLAT, LINE, [contact(23.0001)], 2),
    "dyke": (FLAT, LINE, [contact(20.2), contact(25.3)], 3),
    "crossing": (FLAT, LINE, [contact(23.5), layer(-3.0)], 4),
    "through and through": (FLAT, LINE, [[[-300, 50], [600, -100]], [[600, 90], [-FAR, -FAR]]], 3),
    "junction": (FLAT, LINE, [layer(-3.0), [[20.0, -3.0], [20.0, -FAR]]], 3),
    "coinciding": (FLAT, LINE, [layer(-3.0), [[10, 0], [10, -3], [30, -3], [30, 0]]], 4),
    "touching the surface": (FLAT, LINE, [[[10, -3], [20, 0], [30, -3], [10, -3]]], 2),
    "fault": (FLAT, LINE, [layer(-3.0), [[20, -1], [30, -10]], [[20, -5], [30, -3.01]]], 2),
    "cylinder": (FLAT, LINE, [circle(23.5, -3.0, 1.5)], 2),
    "deep cylinder": (FLAT, LINE, [circle(23.5, -20.0, 1.0)], 2),
    "hill, dip, cave": (HILL, ON_HILL, [[[10, 8], [FAR, -FAR]], circle(8, -3, 1.5, 24)], 3),
    "lake": (FLAT, IN_LAKE, [BED], 2),
    "boreholes": (FLAT, HOLES, [layer(-3.0), layer(-6.0)], 3),
    "one electrode": (FLAT, LINE[:1], [], 1),
}


@pytest.mark.parametrize("name", CASES)
def test_mesh_is_sane_and_has_its_regions(name):
    surface, electrodes, interfaces, regions = CASES[name]
    mesh = mesh_of(surface, electrodes, interfaces)
    assert_sane(mesh, electrodes, domain_area(surface, electrodes, 300.0))
    assert mesh.region.max() + 1 == regions
    shape = angles(mesh)
    assert shape.max() < 150.0
    assert np.median(shape.min(axis=1)) > 40.0
    assert (shape.min(axis=1) < 20.0).mean() < 0.2  # flat ones fill thin layers only


@pytest.mark.parametrize("name", ["flat", "contact between electrodes", "cylinder", "crossing"])
def test_where_nothing_is_thin_no_angle_is_small(name):
    surface, electrodes, interfaces, _ = CASES[name]
    if name == "crossing":
        interfaces = [contact(23.5), [[-FAR, -200.0], [FAR, -200.0]]]
    mesh = mesh_of(surface, electrodes, interfaces)
    assert angles(mesh).min() > 24.0
    assert angles(mesh).max() < 130.0


@pytest.mark.parametrize("name", CASES)
def test_interfaces_are_chains_of_edges(name):
    surface, electrodes, interfaces, _ = CASES[name]
    mesh = mesh_of(surface, electrodes, interfaces)
    snapped = 2e-9 if "snapped" in name else 1e-12
    centre = 0.5 * (electrodes[:, 0].min() + electrodes[:, 0].max())
    bottom = mesh.nodes[:, 1].min()
    for line in interfaces:
        for start, end in zip(np.array(line[:-1], float), np.array(line[1:], float), strict=True):
            share = np.linspace(0.0, 1.0, 200_001)
            x, z = start[:, None] + np.subtract(end, start)[:, None] * share
            below = (np.abs(x - centre) <= 300.0) & (z >= bottom)
            below &= z <= np.interp(x, *surface.T) + 1e-12
            expected = below.mean() * np.hypot(*np.subtract(end, start))
            step = np.hypot(*np.subtract(end, start)) * 2e-5
            found = length_along(mesh, start, end, 1e-12 * 300.0 + snapped)
            assert found == pytest.approx(expected, abs=step)


def test_interfaces_within_the_ground_are_followed_to_rounding():
    ring = circle(23.5, -3.0, 1.5)
    mesh = mesh_of(interfaces=[ring])
    for start, end in pairwise(ring):
        length = np.hypot(*(end - start))
        assert length_along(mesh, start, end, 1e-12) == pytest.approx(length, rel=1e-12)
    inside = np.hypot(*(mesh.centres() - [23.5, -3.0]).T) < 1.5
    np.testing.assert_array_equal(mesh.region == 1, inside)
    sector = 0.5 * 64 * 1.5**2 * np.sin(2 * np.pi / 64)
    assert 0.5 * doubled_areas(mesh)[inside].sum() == pytest.approx(sector, rel=1e-12)


def test_regions_are_numbered_from_the_top_left():
    mesh = mesh_of(interfaces=[contact(20.2), contact(25.3), layer(-4.0)])
    x, z = mesh.centres().T
    column = np.digitize(x, [20.2, 25.3])
    np.testing.assert_array_equal(mesh.region, np.where(z > -4.0, column, 3 + column))


def test_size_law():
    mesh = mesh_of()
    assert 1300 < len(mesh) < 4500
    corners = mesh.corners()[:, :3]
    edge = np.hypot(*(np.roll(corners, -1, axis=1) - corners).transpose(2, 0, 1))
    distance = np.hypot(*(mesh.centres()[:, None] - LINE).transpose(2, 0, 1)).min(axis=1)
    ratio = edge.mean(axis=1) / (0.25 + 0.35 * distance)
    assert 0.8 < np.median(ratio) < 1.0
    assert np.percentile(ratio, 99) < 1.25
    halved = mesh_of(size_at_electrodes=0.125, growth=0.175)
    assert len(halved) / len(mesh) == pytest.approx(4.0, rel=0.15)


@pytest.mark.parametrize("gap", [0.3, 0.1, 1e-2, 1e-4, 1e-6])
def test_small_triangles_where_a_contact_is_near_an_electrode(gap):
    mesh = mesh_of(interfaces=[contact(23.0 + gap)])
    assert_sane(mesh)
    at = (mesh.cell_nodes.reshape(-1, 6)[:, :3] == mesh.electrode_nodes[23]).any(axis=1)
    corners = mesh.corners()[at, :3]
    edge = np.hypot(*(np.roll(corners, -1, axis=1) - corners).transpose(2, 0, 1))
    assert edge.max() < 0.9 * gap
    assert angles(mesh).min() > 22.0
    assert len(mesh) < 1900 + 90 * np.log(1 / gap)


@pytest.mark.kernel
def test_a_small_mesh_that_plain_python_can_make_too():
    lines = [contact(1.5), [[-FAR, -1.0], [1.5, -1.0], [1.9, 0.0]]]
    mesh = mesh_of(FLAT, LINE[:3], lines, size_at_electrodes=0.4, margin=10.0)
    assert_sane(mesh, LINE[:3], 200.0)
    assert mesh.region.max() + 1 == 4
    assert 150 < len(mesh) < 600


def test_outer_edges_are_sides_and_bottom():
    mesh = mesh_of(HILL, ON_HILL, [layer(-6.0)], margin=200.0)
    ends, middle = mesh.nodes[mesh.outer_edges[:, [0, 2]]], mesh.nodes[mesh.outer_edges[:, 1]]
    np.testing.assert_allclose(middle, ends.mean(axis=1), rtol=1e-12, atol=1e-12)
    bottom = HILL[:, 1].min() - 200.0
    on = np.isclose(np.abs(middle[:, 0] - 23.5), 200.0) | np.isclose(middle[:, 1], bottom)
    assert on.all()
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum()
    sides = HILL[0, 1] + HILL[-1, 1] - 2 * bottom
    assert length == pytest.approx(400.0 + sides, rel=1e-12)


def test_same_input_gives_the_same_mesh():
    one, two = (mesh_of(HILL, ON_HILL, [circle(8, -3, 1.5)]) for _ in range(2))
    np.testing.assert_array_equal(one.nodes, two.nodes)
    np.testing.assert_array_equal(one.cell_nodes, two.cell_nodes)
    np.testing.assert_array_equal(one.region, two.region)


def test_far_from_the_origin_it_is_as_good():
    shift = np.array([500_000.0, 1_200.0])
    lines = [contact(23.5) + shift, circle(23.5, -3.0, 1.5) + shift]
    mesh = mesh_of(FLAT + shift, LINE + shift, lines)
    assert_sane(mesh, LINE + shift)
    assert mesh.region.max() == 3
    assert angles(mesh).min() > 20.0
    near = mesh_of(interfaces=[contact(23.5), circle(23.5, -3.0, 1.5)])
    assert len(mesh) == pytest.approx(len(near), rel=0.05)


def test_units_do_not_matter():
    small = mesh_of(
        FLAT / 1024,
        LINE / 1024,
        [circle(23.5, -3, 1.5) / 1024],
        size_at_electrodes=0.25 / 1024,
        margin=300 / 1024,
    )
    mesh = mesh_of(interfaces=[circle(23.5, -3, 1.5)])
    np.testing.assert_array_equal(small.nodes * 1024, mesh.nodes)


def test_what_lies_outside_or_above_is_cut_off():
    beyond = [layer(5.0), [[400.0, -1.0], [500.0, -2.0]], [[0.0, 1.0], [10.0, 2.0]]]
    mesh, plain = mesh_of(interfaces=beyond), mesh_of()
    np.testing.assert_array_equal(mesh.nodes, plain.nodes)
    assert mesh.region.max() == 0


def test_two_electrodes_in_one_place_share_a_node():
    mesh = mesh_of(electrodes=np.vstack([LINE, LINE[5]]))
    assert mesh.electrode_nodes[5] == mesh.electrode_nodes[48]
    assert len(np.unique(mesh.electrode_nodes)) == 48


@pytest.mark.parametrize(("change", "message"), [
    ({"interfaces": [[[0.0, -1.0]]]}, "interface 0.*at least 2"),
    ({"interfaces": [layer(-1), [[0.0, -1.0], [np.nan, -2.0]]]}, "interface 1, point 2.*finite"),
    ({"interfaces": [[1.0, 2.0, 3.0]]}, "interface 0.*give x, z"),
    ({"surface": [[0.0, 0.0], [50.0, 0.0], [40.0, 1.0]]}, "points 2 and 3.*increasing"),
    ({"electrodes": LINE + np.array([0.0, 0.1])}, r"electrodes \[1, 2.*lower"),
    ({"electrodes": np.full((48, 2), np.inf)}, "electrodes, point 1.*finite"),
    ({"margin": 20.0}, "margin.*5 to 10 times"),
    ({"margin": np.nan}, "margin is out of range"),
    ({"size_at_electrodes": 0.0}, "size at electrodes is out of range"),
    ({"size_at_electrodes": [1.0, 2.0]}, "for 48 electrodes"),
    ({"growth": -1.0}, "growth is out of range"),
])  # fmt: skip
def test_errors_say_where_and_how_to_mend(change, message):
    with pytest.raises(MeshError, match=message):
        mesh_of(**change)


tenths = st.integers(-40, 90).map(lambda i: i / 10)
depths = st.integers(-80, 10).map(lambda i: i / 10)
anywhere = st.floats(-5.0, 10.0, width=32)
grid_points = st.tuples(tenths, depths)
free_points = st.tuples(anywhere, st.floats(-9.0, 1.0, width=32))
polylines = st.one_of(
    st.lists(grid_points, min_size=2, max_size=6), st.lists(free_points, min_size=2, max_size=6)
)
polygons = polylines.map(lambda line: [*line, line[0]])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(polylines, polygons), max_size=4))
def test_any_lines_give_a_sane_mesh_or_an_error(lines):
    electrodes = np.column_stack([np.arange(6.0), np.zeros(6)])
    options = {"size_at_electrodes": 0.4, "margin": 12.0}
    try:
        mesh = mesh_of(FLAT, electrodes, lines, **options)
    except MeshError as error:
        assert error.where
        return
    area = domain_area(FLAT, electrodes, 12.0)
    assert_sane(mesh, electrodes, None)
    assert 0.5 * doubled_areas(mesh).sum() == pytest.approx(area, rel=1e-7)
    for line in lines:
        for start, end in pairwise(line):
            start, end = np.array(start, float), np.array(end, float)
            if start[1] > end[1]:
                start, end = end, start
            if start[1] >= 0.0 or np.hypot(*(end - start)) < 1e-6:
                continue
            if end[1] > 0.0:
                end = start + (end - start) * start[1] / (start[1] - end[1])
            expected = np.hypot(*(end - start))
            assert length_along(mesh, start, end, 2e-8) == pytest.approx(expected, abs=1e-6)
