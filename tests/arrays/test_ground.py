"""Where the ground is and what is buried: each rule of `line_of`, and its refusals."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmscape.arrays import ground
from ohmscape.arrays.ground import ground_at, line_of, points
from ohmscape.core import Electrodes, Terrain
from ohmscape.errors import SurveyError


def level(n, z=0.0, spacing=1.0):
    return [[spacing * i, z] for i in range(n)]


def hole(x, *z):
    return [[x, zi] for zi in z]


def buried_of(xz, **options):
    line = line_of(Electrodes(xz), **options)
    below = ground_at(line, line.along) - line.elevation
    assert (below[line.buried] > 0.0).all()
    assert (below[~line.buried] == 0.0).all()
    assert (np.diff(line.surface[:, 0]) > 0.0).all()
    assert line.surface[0, 0] <= line.along.min()
    assert line.surface[-1, 0] >= line.along.max()
    return np.flatnonzero(line.buried).tolist()


def test_a_level_line_is_its_own_ground():
    line = line_of(Electrodes(level(5, z=3.0, spacing=2.0)))
    assert not line.buried.any()
    assert line.flat
    assert line.spacing == 2.0
    np.testing.assert_array_equal(line.surface, level(5, z=3.0, spacing=2.0))
    np.testing.assert_array_equal(line.along, [0, 2, 4, 6, 8])


def test_hills_are_ground_up_to_steep_slopes_and_walls():
    hill = [[0, 0], [1, 1.5], [2, 3], [3, 1.5], [4, 0], [5, -1.5], [6, 0], [7, 0]]  # 56 degrees
    assert buried_of(hill) == []
    assert not line_of(Electrodes(hill)).flat
    np.testing.assert_array_equal(line_of(Electrodes(hill)).surface, hill)
    bench = [[0, 10], [1, 10], [2, 10], [2.6, 0], [4, 0], [6, 0], [9, 0], [14, 0]]  # a quarry wall
    assert buried_of(bench) == []


@pytest.mark.parametrize(
    ("xz", "expected"),
    [
        pytest.param([*level(6), *hole(2.0, -1, -2)], [6, 7], id="under an electrode"),
        pytest.param([*level(6), *hole(2.015, -1)], [6], id="not quite under it"),
        pytest.param(
            [*level(6), [2.03, -1], [2.07, -2], [2.12, -3]], [6, 7, 8], id="a hole out of plumb"
        ),
        pytest.param([*level(6, spacing=5.0), [10.11, -2.5]], [6], id="out of plumb, alone"),
        pytest.param([*level(6), *hole(2.5, -1, -2, -3)], [6, 7, 8], id="between electrodes"),
        pytest.param(
            [*level(6), *hole(2.5, -0.5, -2, -3)], [6, 7, 8], id="a hole that begins shallow"
        ),
        pytest.param([*level(6), [2.5, -3]], [6], id="a single buried electrode"),
        pytest.param([*level(6), *hole(-0.5, -1, -2)], [6, 7], id="before the first"),
        pytest.param([*level(6), [-0.5, -3], [-0.9, -3]], [6, 7], id="two before the first"),
        pytest.param([*level(6), *hole(6, -1, -2)], [6, 7], id="beyond the last"),
        pytest.param(
            [*level(6, spacing=5.0), *([4 * i + 3.0, -20] for i in range(5))],
            [6, 7, 8, 9, 10],
            id="a gallery under the line",
        ),
        pytest.param(
            [[0, 100], [5, 101], [10, 102], *hole(10, 101, 100), [15, 103]], [3, 4], id="hillside"
        ),
    ],
)
def test_buried_electrodes_under_a_line(xz, expected):
    assert buried_of(xz) == expected


@pytest.mark.parametrize(
    ("xz", "expected", "top"),
    [
        pytest.param(level(5, z=-3.0), [0, 1, 2, 3, 4], 0.0, id="one level below 0"),
        pytest.param(
            [*hole(0, -1, -2, -3), *hole(5, -1.5, -2.5, -3.5)], list(range(6)), 0.0, id="cross-hole"
        ),
        pytest.param(
            [*hole(0, -1, -5), *hole(4, -1, -5), [2, -6]], list(range(5)), 0.0, id="one between"
        ),
        pytest.param([*hole(0, 0, -1, -2), *hole(5, 0, -1, -2)], [1, 2, 4, 5], 0.0, id="from 0"),
        pytest.param(hole(3, -2, -4, -6), [0, 1, 2], 0.0, id="a single hole below 0"),
        pytest.param(hole(3, 52, 50, 48), [1, 2], 52.0, id="a single hole at an elevation"),
        pytest.param([*hole(0, 52, 50), *hole(1, 40, 38)], [1, 2, 3], 52.0, id="deeper holes"),
        pytest.param([[2.0, -4.0]], [0], 0.0, id="a single electrode"),
    ],
)
def test_without_surface_electrodes_the_ground_is_flat(xz, expected, top):
    assert buried_of(xz) == expected
    line = line_of(Electrodes(xz))
    assert line.flat
    np.testing.assert_array_equal(line.surface[:, 1], top)
    assert np.ptp(line.surface[:, 0]) > 0.0


def test_holes_at_elevations_draw_the_ground_with_their_tops():
    line = line_of(Electrodes([*hole(0, 100, 99, 98), *hole(8, 101, 99, 97)]))
    assert line.buried.tolist() == [False, True, True] * 2
    np.testing.assert_array_equal(line.surface, [[0, 100], [8, 101]])


def test_marks_are_believed():
    v = [[0, 0], [1, -0.5], [2, 0]]
    assert buried_of(v) == []
    marked = line_of(Electrodes(v, buried=[False, True, False]))
    assert marked.buried.tolist() == [False, True, False]
    np.testing.assert_array_equal(marked.surface, [[0, 0], [2, 0]])
    cleft = line_of(Electrodes([[0, 0], [1, -5], [2, 0]], buried=[False] * 3))
    np.testing.assert_array_equal(cleft.surface, [[0, 0], [1, -5], [2, 0]])
    below = line_of(Electrodes([[0, -1], [1, -2]], buried=[True, True]))
    np.testing.assert_array_equal(below.surface, [[0, 0], [1, 0]])


def test_given_terrain_decides_what_is_buried():
    terrain = Terrain(np.array([[-5.0, 0, 1], [3, 0, 5], [10, 0, 5]]))
    line = line_of(Electrodes([[-1, 3], [3, 5], [5, 4.5], [7, 5], [9, 4.99]]), terrain)
    assert line.buried.tolist() == [False, False, True, False, False]
    np.testing.assert_allclose(
        line.surface, [[-5, 1], [-1, 3], [3, 5], [7, 5], [9, 4.99], [10, 4.99]]
    )


def test_terrain_yields_to_electrodes_that_disagree_with_it():
    s = np.arange(-4.0, 12.0, 0.5) + 0.04
    terrain = Terrain(np.column_stack([s, 0 * s, 0.1 * s**2 - 0.3]))
    electrodes = Electrodes(np.column_stack([np.arange(9.0), 0.1 * np.arange(9.0) ** 2]))
    line = line_of(electrodes, terrain)
    assert not line.buried.any()
    np.testing.assert_array_equal(line.elevation, electrodes.positions[:, 2])
    np.testing.assert_allclose(  # no sawtooth of 0.3 m: half-way points follow the hill
        ground_at(line, np.arange(0.54, 8)), 0.1 * np.arange(0.54, 8) ** 2, atol=0.02
    )
    assert len(line.surface) == 9 + 8 + 16 - 1  # electrodes, half-way, outside; 0.04 m dropped
    assert line.surface[0, 0] == pytest.approx(-3.96)


def test_buried_electrodes_beyond_the_ground_that_is_known():
    line = line_of(Electrodes([*level(3), *hole(5.0, -8)], buried=[False] * 3 + [True]))
    np.testing.assert_array_equal(line.surface, [[0, 0], [1, 0], [2, 0], [5, 0]])


@pytest.mark.parametrize(
    ("electrodes", "terrain", "words"),
    [
        (Electrodes([[0, 5], [1, 5]], buried=[True, True]), None, "give terrain"),
        (Electrodes([[0, 0], [1, 2], [2, 0]], buried=[False, True, False]), None, "electrodes 2:"),
        (Electrodes(level(3, z=9.0)), Terrain(np.array([[0.0, 0, 0], [3, 0, 0]])), "one datum"),
        (Electrodes([[i % 7, i // 7, 0] for i in range(35)]), None, "3-D survey"),
        (Electrodes([[i, 1.0 * (i % 2), 0] for i in range(100)]), None, "3-D survey"),
        (Electrodes([[i % 50, 0.5 * (i // 50), 0] for i in range(100)]), None, "3-D survey"),
    ],
)
def test_refusals_say_what_to_do(electrodes, terrain, words):
    with pytest.raises(SurveyError, match=words):
        line_of(electrodes, terrain)


def test_lines_along_the_axes_keep_their_coordinates():
    x = np.array([400.25, 401.5, 403.0])
    along_x = line_of(Electrodes(np.column_stack([x[::-1], 0 * x + 7.5, x])))
    np.testing.assert_array_equal(along_x.along, x[::-1])
    along_y = line_of(Electrodes(np.column_stack([0 * x - 2.0, x, 0 * x])))
    np.testing.assert_array_equal(along_y.along, x)
    np.testing.assert_array_equal(points(along_y, np.array([1.0]), np.array([-3.0])), [[-2, 1, -3]])


@given(st.floats(0.0, 6.28), st.booleans())
def test_any_direction_gives_the_same_section(angle, backward):
    s = np.cumsum(np.linspace(1.0, 2.0, 12))
    z = np.sin(s / 5.0)
    s, z = (s[::-1], z[::-1]) if backward else (s, z)
    positions = np.column_stack([4e5 + s * np.cos(angle), 5e6 + s * np.sin(angle), z])
    line = line_of(Electrodes(positions))
    np.testing.assert_allclose(np.abs(np.diff(line.along)), np.abs(np.diff(s)), rtol=2e-4)
    back = points(line, line.along, line.elevation)
    np.testing.assert_allclose(back, positions, atol=s.max() * 0.01)


@pytest.mark.parametrize("angle", [20, 70, 110, 160, 200, 250, 290, 340])
def test_an_oblique_line_begins_at_its_first_electrode_and_follows_the_cable(angle):
    s, a = np.array([14.0, 0.0, 5.0, 11.0, 18.0]), np.radians(angle)
    line = line_of(Electrodes(np.column_stack([s * np.cos(a), s * np.sin(a), 0 * s])))
    np.testing.assert_allclose(line.along, s, atol=1e-9)


def test_electrodes_in_one_place_share_one_point_of_the_ground():
    line = line_of(Electrodes([[0, 0], [1, 0.5], [1, 0.49], [2, 0], [2, 0]]))
    assert not line.buried.any()
    np.testing.assert_array_equal(line.surface, [[0, 0], [1, 0.5], [2, 0]])
    np.testing.assert_array_equal(line.elevation, [0, 0.5, 0.5, 0, 0])


def test_a_bent_line_is_measured_along_the_way():
    turn = np.linspace(0.0, 0.5, 41)  # an arc of 100 m, 29 degrees: 3 m beside its chord's middle
    positions = np.column_stack([200 * np.sin(turn), 200 * (1 - np.cos(turn)), 0 * turn])
    line = line_of(Electrodes(positions))
    np.testing.assert_allclose(np.diff(line.along), 2.5, rtol=1e-4)
    np.testing.assert_allclose(points(line, line.along, line.elevation), positions, atol=1e-9)
    assert 0.0 < line.course.distortion < 0.02
    half = points(line, np.array([-2.0]), np.array([1.0]))  # goes on beyond its ends
    np.testing.assert_allclose(half, [[-2.0, 0.0, 1.0]], atol=0.02)


def test_positions_that_scatter_are_one_straight_line_and_say_how_well():
    rng = np.random.default_rng(7)
    x = 5.0 * np.arange(40)
    line = line_of(Electrodes(np.column_stack([x, rng.uniform(-1.6, 1.6, 40), 0 * x])))
    assert 1.0 < line.course.deviation < 2.5
    assert 0.02 < line.course.distortion < 0.25
    np.testing.assert_allclose(line.along - line.along[0], x, atol=0.1)


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(ground).failed == 0
