"""Boreholes: where they go in closed form, what their tables say, and what cannot be."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ohmscape.errors import FormatError
from ohmscape.joining.boreholes import Path3D, direction_of, read_boreholes, read_interfaces

COLLARS = "hole,x,y,z,azimuth,dip\nA,10,0,100,,\nB,20,5,101,90,60\n"
INTERVALS = "hole,from,to,lithology,resistivity\nA,0,3,sand,100\nA,3,5,clay,\nB,0,10,rock,300\n"


def write(tmp_path, collars=COLLARS, intervals=INTERVALS, survey=None):
    (tmp_path / "w.csv").write_text(collars)
    (tmp_path / "w.intervals.csv").write_text(intervals)
    if survey:
        (tmp_path / "w.survey.csv").write_text(survey)
    return tmp_path / "w.csv"


def test_an_arc_of_a_circle_between_two_stations_is_exact():
    radius = 50.0
    turn = np.array([0.0, 1.1])  # from straight down to nearly level, towards the east
    hole = Path3D(np.zeros(3), radius * turn, direction_of(np.full(2, np.pi / 2), np.pi / 2 - turn))
    angle = np.linspace(0.0, 1.1, 23)
    exact = np.column_stack([radius * (1.0 - np.cos(angle)), 0.0 * angle, -radius * np.sin(angle)])
    np.testing.assert_allclose(hole.at(radius * angle), exact, atol=1e-10)
    beyond = hole.at(np.array([radius * 1.1 + 7.0]))[0]
    np.testing.assert_allclose(
        beyond, exact[-1] + 7.0 * np.array([np.sin(1.1), 0.0, -np.cos(1.1)]), atol=1e-10
    )


angles = st.tuples(st.floats(0, 360), st.floats(20, 90))


@example([(0.0, 20.0), (0.0, 21.0)], [1.1e-308])  # once overflowed
@given(
    st.lists(angles, min_size=2, max_size=6), st.lists(st.floats(0, 120), min_size=1, max_size=9)
)
def test_depth_is_length_along_the_hole_whatever_its_way(stations, depths):
    azimuth, dip = np.radians(np.array(stations)).T
    hole = Path3D(np.ones(3), 10.0 * np.arange(len(dip)), direction_of(azimuth, dip))
    fine = np.linspace(0.0, max(depths), 4001)
    length = np.linalg.norm(np.diff(hole.at(fine), axis=0), axis=1).sum()
    assert length == pytest.approx(max(depths), rel=1e-4)
    assert np.linalg.norm(np.diff(hole.at(fine), axis=0), axis=1).max() <= 1.001 * fine[1] + 1e-9


def test_directions():
    np.testing.assert_allclose(
        direction_of(np.radians([0.0, 90.0, 90.0]), np.radians([90.0, 0.0, 60.0])),
        [[0, 0, -1], [1, 0, 0], [0.5, 0, -(0.75**0.5)]], atol=1e-12,
    )  # fmt: skip


def test_tables(tmp_path):
    a, b = read_boreholes(write(tmp_path))
    assert (a.name, b.name) == ("A", "B")
    assert [(i.top, i.base, i.lithology) for i in a.intervals] == [(0, 3, "sand"), (3, 5, "clay")]
    assert np.isnan(a.intervals[1].resistivity)
    np.testing.assert_allclose(a.path.at(np.array([4.0])), [[10, 0, 96]], atol=1e-12)
    np.testing.assert_allclose(b.path.at(np.array([10.0])), [[25, 5, 101 - 75**0.5]], atol=1e-12)
    survey = "hole,depth,azimuth,dip\nB,0,0,-90\nB,10,0,-90\n"
    a, b = read_boreholes(write(tmp_path, survey=survey))
    np.testing.assert_allclose(
        b.path.at(np.array([0.0, 10.0])), [[20, 5, 101], [20, 5, 91]], atol=1e-12
    )


@pytest.mark.parametrize(("change", "what"), [
    ({"intervals": INTERVALS + "C,0,1,clay,\n"}, "line 5: hole 'C' has no collar"),
    ({"intervals": INTERVALS + "A,6,5,clay,\n"}, "line 5: goes from 6 to 5 m"),
    ({"intervals": INTERVALS + "A,5,6,clay,-3\n"}, "line 5: resistivity is -3"),
    ({"collars": COLLARS + "C,1,1,1,0,95\n"}, "line 4: dip is 95"),
    ({"collars": "hole,x\nA,1\n"}, "name hole,x,z"),
    ({"survey": "hole,depth,azimuth,dip\nB,3,0,90\nB,3,0,80\n"}, "stations of B at one depth"),
])  # fmt: skip
def test_what_cannot_be(tmp_path, change, what):
    with pytest.raises(FormatError, match=what):
        read_boreholes(write(tmp_path, **change))


def test_interfaces(tmp_path):
    path = tmp_path / "top.csv"
    path.write_text("x;z;name\n0;-1,5;clay\n10;-2;clay\n0;-5;rock\n10;-6;rock\n")
    (clay, first), (rock, second) = read_interfaces(path)
    assert (clay, rock) == ("clay", "rock")
    np.testing.assert_array_equal(first[:, [0, 2]], [[0, -1.5], [10, -2]])
    np.testing.assert_array_equal(second[:, 2], [-5, -6])
    path.write_text("x,z,name\n0,1,a\n1,1,b\n2,2,b\n")
    with pytest.raises(FormatError, match="line 2: interface 'a' has one point"):
        read_interfaces(path)
