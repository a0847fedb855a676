"""The ground between points: exact at them, planes stay planes' heights, nothing swings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmscape.errors import MeshError
from ohmscape.mesh.relief import MOST_POINTS, Dem, relief
from tests.support.volumes import grid

RNG = np.random.default_rng(3)


def _points(xy, z):
    return np.column_stack([xy, np.broadcast_to(z, len(xy))])


def _around(points, n=3000):
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return RNG.uniform(low - (high - low), high + (high - low), (n, 2))


@given(st.integers(0, 10_000), st.integers(2, 40), st.sampled_from([1.0, 1e-2, 1e3]))
@settings(max_examples=20, deadline=None)
def test_electrodes_lie_on_the_ground(seed, n, scale):
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 50, (n, 3)) * [1.0, 1.0, 0.2] * scale
    points[n // 2 :, :2] = points[0, :2] + 0.02 * points[n // 2 :, :2]  # a cluster
    np.testing.assert_allclose(
        relief(points)(points[:, :2].copy()), points[:, 2], atol=1e-8 * scale
    )


def test_level_ground_is_level_everywhere():
    points = _points(RNG.uniform(0, 50, (30, 2)), 7.0)
    np.testing.assert_allclose(relief(points)(_around(points)), 7.0, atol=1e-9)


def test_a_cliff_swings_by_little():
    xy = grid(12, 12)
    points = _points(xy, np.where(xy[:, 0] > 5.5, 10.0, 0.0))
    height = relief(points)(_around(points, 20_000))
    assert height.min() > -1.5
    assert height.max() < 11.5


def test_a_slope_between_electrodes_is_a_slope_and_ends_outside():
    xy = grid(15, 15)
    ground = relief(_points(xy, 0.3 * xy[:, 0]))
    inner = RNG.uniform(3, 11, (500, 2))
    np.testing.assert_allclose(ground(inner), 0.3 * inner[:, 0], atol=0.02)
    far = ground(np.array([[1e5, 7.0], [-1e5, 7.0]]))
    assert (np.abs(far) < 12.0).all()  # and not 3e4


def test_the_ground_has_a_tangent_at_an_electrode():
    points = _points(grid(5, 5), 0.0)
    points[12, 2] = 1.0  # a hill on one electrode
    ground, top = relief(points), points[12, :2]
    steps = 0.01 * np.array([[1.0, 0.0], [-1.0, 0.0]])
    slope = (ground(top + steps) - 1.0) / 0.01
    assert np.abs(slope.sum()) < 0.1  # a cone would give about 3


def test_terrain_is_moved_to_the_electrodes():
    xy = grid(6, 6, 5.0)
    terrain = _points(RNG.uniform(-20, 45, (400, 2)), 0.0)
    terrain[:, 2] = 100.0 + np.sin(terrain[:, 0] / 8.0)
    electrodes = _points(xy, 98.0 + np.sin(xy[:, 0] / 8.0))  # another datum
    ground = relief(electrodes, terrain)
    np.testing.assert_allclose(ground(xy.copy()), electrodes[:, 2], atol=1e-8)
    between = RNG.uniform(0, 25, (200, 2))
    np.testing.assert_allclose(ground(between), 98.0 + np.sin(between[:, 0] / 8.0), atol=0.15)


def test_many_points_count_by_their_means():
    xy = RNG.uniform(0, 100, (20 * MOST_POINTS, 2))
    ground = relief(np.zeros((0, 3)), _points(xy, 0.1 * xy[:, 1]))
    inner = RNG.uniform(10, 90, (200, 2))
    np.testing.assert_allclose(ground(inner), 0.1 * inner[:, 1], atol=0.1)


def test_grid_of_heights():
    x, y = np.arange(0.0, 50.0, 2.0), np.arange(-10.0, 30.0, 2.0)
    plane = Dem(x, y, 5.0 + 0.2 * x + 0.4 * y[:, None])
    inner = RNG.uniform([4, -6], [44, 24], (300, 2))
    np.testing.assert_allclose(plane(inner), 5 + 0.2 * inner[:, 0] + 0.4 * inner[:, 1], rtol=1e-12)
    rough = Dem(x, y, RNG.uniform(0.0, 1.0, (len(y), len(x))))
    heights = rough(RNG.uniform([-50, -50], [90, 90], (5000, 2)))
    assert 0.0 <= heights.min() < heights.max() <= 1.0
    step = rough(np.array([[9.0 - 1e-7, 3.3], [9.0, 3.3], [9.0 + 1e-7, 3.3]]))
    assert abs(step[2] - 2 * step[1] + step[0]) < 1e-12  # smooth where pieces meet
    electrodes = _points(grid(3, 3, 4.0) + 10.0, 77.0)
    np.testing.assert_allclose(relief(electrodes, rough)(electrodes[:, :2].copy()), 77.0, atol=1e-9)


@pytest.mark.parametrize(
    ("electrodes", "terrain", "match"),
    [
        ([[0, 0, 0], [0, 0, -5], [9, 0, 0]], None, "two heights.*buried"),
        (np.zeros((0, 3)), None, "give terrain"),
        ([[0, 0, 0], [9, 0, 0]], [[0, 0]], "x, y, z"),
    ],
)
def test_impossible_ground_is_refused(electrodes, terrain, match):
    given_terrain = None if terrain is None else np.array(terrain, dtype=float)
    with pytest.raises(MeshError, match=match):
        relief(np.array(electrodes, dtype=float), given_terrain)
