"""Geometric factors against closed forms, a limit, symmetries and bad input."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ohmscape.arrays import geometry
from ohmscape.arrays.geometry import geometric_factor, impossible
from ohmscape.core import REMOTE, Electrodes, Survey
from ohmscape.errors import SurveyError

WENNER, IN_ORDER = np.array([[0, 3, 1, 2]]), np.array([[0, 1, 2, 3]])
decimetres = st.integers(-500, -1).map(lambda i: i / 10)  # no two electrodes closer than 0.1 m
below_ground = arrays(float, (4, 3), elements=decimetres, unique=True)


def line(*x, z=0.0):
    return np.array([[xi, 0.0, z] for xi in x])


@pytest.mark.parametrize(
    ("x", "abmn", "expected"),
    [
        pytest.param((0, 2, 4, 6), [0, 3, 1, 2], 2 * np.pi * 2, id="wenner a=2"),
        pytest.param((0, 1, 4, 5), [1, 0, 2, 3], np.pi * 3 * 4 * 5, id="dipole-dipole n=3"),
        pytest.param((0, 1, 4, 5), [0, 1, 2, 3], -np.pi * 3 * 4 * 5, id="dipole-dipole, B first"),
        pytest.param((0, 2, 3), [0, REMOTE, 1, 2], 2 * np.pi * 2 * 3, id="pole-dipole n=2"),
        pytest.param((0, 2, 3), [REMOTE, 0, 2, 1], 2 * np.pi * 2 * 3, id="pole-dipole, A remote"),
        pytest.param((0, 5), [0, REMOTE, 1, REMOTE], 2 * np.pi * 5, id="pole-pole"),
        pytest.param((0, 0, 4, 4), [0, 1, 2, 3], np.inf, id="no signal"),
        pytest.param((-1, 1, 0), [0, 1, 2, REMOTE], np.inf, id="mid-point of AB"),
    ],
)
def test_closed_forms(x, abmn, expected):
    k = geometric_factor(line(*x), np.array([abmn]))
    np.testing.assert_allclose(k, [expected], rtol=1e-12)


def test_terms_that_cancel_but_for_rounding_are_no_signal():
    square = np.array([[0.1, 0.2, 0], [0.4, 0.2, 0], [0.1, 0.5, 0], [0.4, 0.5, 0]])
    k = geometric_factor(square, np.array([[0, 3, 1, 2], [0, 1, 2, 3]]))
    assert np.isinf(k[0])
    assert np.isfinite(k[1])


def test_a_buried_pole_counts_its_image():
    hole = np.array([[0.0, 0, -3], [0, 0, -5]])
    k = geometric_factor(hole, np.array([[0, REMOTE, 1, REMOTE]]))
    np.testing.assert_allclose(k, [4 * np.pi / (1 / 2 + 1 / 8)], rtol=1e-12)


def test_far_below_ground_it_is_the_whole_space_factor():
    k = geometric_factor(line(0, 2, 4, 6, z=-1e6), WENNER)
    np.testing.assert_allclose(k, [4 * np.pi * 2], rtol=1e-5)


@given(below_ground, st.floats(-500.0, 500.0))
def test_reciprocity_polarity_and_datum(positions, lift):
    inverse = 1 / geometric_factor(positions, IN_ORDER)  # 1/k: finite when k is not
    same = {
        "reciprocal": (positions, [2, 3, 0, 1], 1),
        "flipped": (positions, [0, 1, 3, 2], -1),
        "lifted": (positions + np.array([7, -3, lift]), [0, 1, 2, 3], 1),
    }
    for name, (where, order, sign) in same.items():
        k = geometric_factor(where, np.array([order]), surface=lift if name == "lifted" else 0.0)
        np.testing.assert_allclose(sign / k, inverse, atol=1e-9, err_msg=name)


@pytest.mark.parametrize(
    ("positions", "abmn", "mend"),
    [
        (line(0, 1, 2, 3), [0, 1, 2, 4], "count from 0"),
        (line(0, 1, 2, 3), [0, 1, 2, -2], "count from 0"),
        (line(0, 1, 2, 3, z=0.5), [0, 1, 2, 3], "set surface"),
        (line(0, 1, 0, 3), [0, 1, 2, 3], "drop row"),
    ],
)
def test_errors_say_where_and_how_to_mend(positions, abmn, mend):
    with pytest.raises(SurveyError, match=rf"rows \[\d+.*{mend}"):
        geometric_factor(positions, np.array([abmn]))


@pytest.mark.parametrize(
    ("abmn", "reason"),
    [
        ([0, 1, 2, 3], ""),
        ([0, REMOTE, 2, REMOTE], ""),
        ([REMOTE, 0, REMOTE, 2], ""),
        ([0, 0, 2, 3], "A and B share a place"),
        ([0, 4, 2, 3], "A and B share a place"),
        ([0, 1, 2, 2], "M and N share a place"),
        ([0, 1, 0, 3], "A and M share a place"),
        ([0, 1, 3, 4], "A and N share a place"),
        ([0, 1, 1, 2], "B and M share a place"),
        ([0, 1, 2, 1], "B and N share a place"),
        ([REMOTE, REMOTE, 1, 2], "both current electrodes are remote"),
        ([1, 2, REMOTE, REMOTE], "both potential electrodes are remote"),
        ([1, 1, REMOTE, REMOTE], "both potential electrodes are remote; A and B share a place"),
    ],
)
def test_impossible_readings_are_named(abmn, reason):
    twice = Electrodes(line(0, 1, 2, 3, 0))  # electrode 4 lies on electrode 0
    mask, reasons = impossible(Survey(twice, [[0, 1, 2, 3], abmn]))
    assert reasons == ("", reason)
    assert mask.tolist() == [False, bool(reason)]


@given(st.lists(st.lists(st.integers(-1, 4), min_size=4, max_size=4), min_size=1, max_size=20))
def test_what_is_possible_has_a_geometric_factor(rows):
    survey = Survey(Electrodes(line(0, 1, 2.5, 3, 0)), rows)
    mask, reasons = impossible(survey)
    assert [bool(r) for r in reasons] == mask.tolist()
    k = geometric_factor(survey.electrodes.positions, survey.abmn[~mask])  # does not raise
    assert not np.isnan(k).any()


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(geometry).failed == 0
