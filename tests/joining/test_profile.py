"""Taped and horizontal distances: inclined plane, arc of a circle, and back again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmscape.errors import SurveyError
from ohmscape.joining.profile import (
    Profile,
    height_at,
    profile_from_tape,
    profile_of,
    to_horizontal,
    to_tape,
)

TAPE = np.arange(0.0, 21.0)


@pytest.mark.parametrize("slope", [-40.0, 0.0, 15.0, 60.0])
def test_inclined_plane(slope):
    angle = np.radians(slope)
    plane = profile_of(np.array([0.0, 100.0]), 100.0 * np.tan(angle) * np.array([0.0, 1.0]))
    np.testing.assert_allclose(to_horizontal(plane, TAPE), TAPE * np.cos(angle))
    np.testing.assert_allclose(
        height_at(plane, to_horizontal(plane, TAPE)), TAPE * np.sin(angle), atol=1e-12
    )


def test_arc_of_a_circle_converges_with_the_square_of_the_step():
    radius, errors = 30.0, []
    for count in (20, 40, 80):
        phi = np.linspace(0.0, 1.2, count + 1)
        arc = profile_of(radius * np.sin(phi), radius * np.cos(phi))
        tape = np.linspace(0.0, 20.0, 4001)
        exact = radius * np.sin(tape / radius)
        errors.append(np.abs(to_horizontal(arc, tape) - exact).max())
    assert errors[0] < 0.02
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.1)
    assert np.log2(errors[1] / errors[2]) == pytest.approx(2.0, abs=0.1)


def test_electrodes_at_equal_tape_on_a_polygon_are_its_corners_exactly():
    turn = np.radians([0.0, 20.0, 40.0, -30.0, -60.0, 10.0])
    x = np.append(0.0, np.cumsum(5.0 * np.cos(turn)))
    z = np.append(7.0, 7.0 + np.cumsum(5.0 * np.sin(turn)))
    np.testing.assert_allclose(to_horizontal(profile_of(x, z), 5.0 * np.arange(7)), x, rtol=1e-14)
    back = profile_from_tape(5.0 * np.arange(7), z)
    np.testing.assert_allclose(back.distance, x, rtol=1e-14)


steps = st.lists(
    st.tuples(st.integers(1, 50), st.integers(-60, 60)), min_size=1, max_size=12
)  # decimetres ahead and up
places = st.lists(st.integers(-300, 900), min_size=1, max_size=8)


@given(steps, places, st.integers(-20, 20))
def test_there_and_back(ways, where, first):
    ahead, up = np.array(ways).T / 10.0
    ground = profile_of(first + np.append(0.0, np.cumsum(ahead)), np.append(0.0, np.cumsum(up)))
    x = np.array(where) / 10.0
    np.testing.assert_allclose(to_horizontal(ground, to_tape(ground, x)), x, atol=1e-9)
    tape = to_tape(ground, np.sort(x))
    assert (np.diff(tape) >= np.diff(np.sort(x)) - 1e-9).all(), "the ground is never shorter"
    assert to_tape(ground, np.zeros(1))[0] == pytest.approx(0.0, abs=1e-12)


def test_beyond_its_ends_the_ground_is_level():
    ground = Profile(np.array([10.0, 13.0]), np.array([0.0, 4.0]))
    np.testing.assert_allclose(to_tape(ground, np.array([0.0, 10, 13, 20])), [0, 10, 15, 22])
    np.testing.assert_allclose(to_horizontal(ground, np.array([5.0, 22.0])), [5, 20])


def test_impossible_grounds_are_refused():
    with pytest.raises(SurveyError, match=r"between 2 and 3 m: the ground rises by 1.5 m on 1 m"):
        profile_from_tape(np.array([0.0, 3.0, 2.0]), np.array([0.0, 2.0, 0.5]))
    with pytest.raises(SurveyError, match="two heights at 2 m"):
        profile_of(np.array([0.0, 2.0, 2.0]), np.array([0.0, 1.0, 2.0]))
    assert len(profile_of(np.array([0.0, 2.0, 2.0]), np.array([0.0, 1.0, 1.0])).z) == 2
