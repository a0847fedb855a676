"""Line coordinates to the map and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmscape.errors import SurveyError
from ohmscape.joining.track import course_track, leave_one_out, to_line, to_map, track_of

EAST, NORTH = 564_000.0, 5_709_000.0
legs = st.lists(  # length in m, turn in degrees, stretch
    st.tuples(st.integers(20, 60), st.integers(-25, 25), st.integers(95, 105)),
    min_size=1, max_size=6,
)  # fmt: skip


def track(ways, first=0):
    length, turn, stretch = np.array(ways, dtype=float).T
    angle = np.radians(first + np.cumsum(turn))
    xy = np.cumsum(np.column_stack([np.cos(angle), np.sin(angle)]) * length[:, None], axis=0)
    along = np.append(0.0, np.cumsum(length * 100.0 / stretch))
    return track_of(along, np.vstack([[0.0, 0.0], xy]) + np.array([EAST, NORTH]))


@given(legs, st.integers(0, 359), st.integers(-30, 400), st.integers(-10, 10))
def test_map_and_back(ways, first, along, offset):
    line = track(ways, first)
    place = to_map(line, np.array([float(along)]), offset / 10.0)
    back, left = to_line(line, place)
    again = to_map(line, back, left)
    np.testing.assert_allclose(again, place, atol=1e-6)
    if offset == 0:
        np.testing.assert_allclose([back[0], left[0]], [along, 0.0], atol=1e-6)


def test_a_straight_line_goes_there_and_back_at_any_offset():
    line = track_of(np.array([100.0, 0.0]), np.array([[30.0, 140.0], [30.0, 40.0]]))  # northwards
    along, offset = np.array([-20.0, 0.0, 50.0, 130.0]), np.array([3.0, -4.0, 10.0, -1.0])
    xy = to_map(line, along, offset)
    np.testing.assert_allclose(xy, np.column_stack([30.0 - offset, 40.0 + along]))  # left is west
    np.testing.assert_allclose(to_line(line, xy), [along, offset], atol=1e-12)


def test_distances_between_control_points_are_stretched_and_those_beyond_are_not():
    line = track_of(np.array([0.0, 50.0, 100.0]), np.array([[0.0, 0], [55.0, 0], [100.0, 0]]))
    x = to_map(line, np.array([-10.0, 25.0, 75.0, 110.0]))[:, 0]
    np.testing.assert_allclose(x, [-10.0, 27.5, 77.5, 110.0])


def test_control_points_judge_each_other():
    line = track_of(np.array([0.0, 10.0, 20.0]), np.array([[0.0, 0], [10.0, 0.7], [20.0, 0]]))
    np.testing.assert_allclose(leave_one_out(line), [0.7])
    assert len(leave_one_out(track_of(np.array([0.0, 1]), np.array([[0.0, 0], [1, 0]])))) == 0


def test_course_of_electrodes_as_a_track():
    oblique = np.array([7.0, 8.0, 0.0]) + np.outer(np.arange(5.0), [3.0, 4.0, 0.0])
    along, offset = to_line(course_track(oblique), oblique[:, :2])
    np.testing.assert_allclose(along, 5.0 * np.arange(5), atol=1e-12)
    np.testing.assert_allclose(offset, 0.0, atol=1e-12)


@pytest.mark.parametrize(("along", "xy", "what"), [
    ([0.0], [[0.0, 0.0]], "at least two"),
    ([0.0, 0.0], [[0.0, 0.0], [1.0, 0.0]], "two control points at one place"),
    ([0.0, 1.0], [[2.0, 3.0], [2.0, 3.0]], "0 and 1 m along the line"),
])  # fmt: skip
def test_control_points_that_are_none(along, xy, what):
    with pytest.raises(SurveyError, match=what):
        track_of(np.array(along), np.array(xy))
