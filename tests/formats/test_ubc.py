"""UBC-GIF observations: general, surface and simple format, poles, IPTYPE, three dimensions."""

import numpy as np
import pytest
from hypothesis import given, settings

from ohmscape import formats
from ohmscape.core import REMOTE, Data, Electrodes, Survey
from tests.formats.exchange import fails, places, surveys, the_same, words

GENERAL = """COMMON_CURRENT
! a line over a hill
2
0 10 3 10.5 2
1 10.1 2 10.2 1.5 0.05   ! near
4 10.3 5 10.4 -2.5e-1 0.01
0 10 0 10 1
1 10.1 1 10.1 3 0.2
"""
SURFACE = "COMMON_CURRENT\n0 3 2\n1 2 1.5\n4 5 -0.25\n0 0 1\n1 1 3\n"
SIMPLE = "! simple\n0 3 1 2 1.5\n0 3 4 5 -0.25\n0 0 1 1 3\n"
FLAT3D = "! surface\n0 0 3 0 2\n1 0 2 0 1.5 0.1\n4 0 5 0 -0.25 0.1\n0 0 0 0 1\n1 5 1 5 3 0.1\n"
SPACE = "0 0 -1 3 0 -1 2\n1 0 0 2 0 0 1.5\n4 0 0 5 0 -9 -0.25\n0 0 0 0 0 0 1\n1 5 0 1 5 0 3\n"


def test_general_format(written):
    data = formats.read(written(GENERAL))
    assert data.origin.format == "ubc-dcip2d"
    assert data.resistance.tolist() == [1.5, -0.25, 3.0]
    assert data.standard_deviation.tolist() == [0.05, 0.01, 0.2]
    np.testing.assert_allclose(places(data)[0], [[0, 0, 10], [3, 0, 10.5], [1, 0, 10.1],
                                                 [2, 0, 10.2]])  # fmt: skip
    assert (data.survey.abmn[2] == REMOTE).tolist() == [False, True, False, True]
    assert data.origin.rows.tolist() == [5, 6, 8]
    assert data.valid.all()
    assert "general format" in words(data, "kept")
    value = next(c for c in data.origin.columns if c.name == "resistance")
    assert (value.index, value.unit) == (5, "V/A")


@pytest.mark.parametrize("text", [SURFACE, SURFACE.replace("COMMON_CURRENT\n", ""), SIMPLE])
def test_formats_without_heights(written, text):
    data = formats.read(written(text))
    assert data.origin.format == "ubc-dcip2d"
    assert data.resistance.tolist() == [1.5, -0.25, 3.0]
    assert data.standard_deviation is None
    np.testing.assert_allclose(data.survey.electrodes.positions[:, 0], [0, 1, 2, 3, 4, 5])
    assert not data.survey.electrodes.positions[:, 1:].any()
    assert "heights are not in the file" in words(data, "warning")
    assert (data.survey.abmn[2] == REMOTE).tolist() == [False, True, False, True]


def test_three_dimensions(written):
    flat = formats.read(written(FLAT3D))
    assert flat.origin.format == "ubc-dcip3d"
    assert flat.resistance.tolist() == [1.5, -0.25, 3.0]
    np.testing.assert_allclose(places(flat)[2, 2], [1, 5, 0])
    assert flat.standard_deviation.tolist() == [0.1] * 3
    space = formats.read(written(SPACE))
    assert space.origin.format == "ubc-dcip3d"
    np.testing.assert_allclose(places(space)[1, 3], [5, 0, -9])
    assert (space.survey.abmn[2] == REMOTE).tolist() == [False, True, False, True]


def test_chargeabilities_and_secondary_potentials(written):
    data = formats.read(written(SIMPLE.replace("! simple", "IPTYPE=1")))
    np.testing.assert_allclose(data.chargeability, [1.5, -0.25, 3])
    assert not data.valid.any()
    assert "no resistance" in data.reasons[0]
    assert "DC file" in words(data, "warning")
    data = formats.read(written("iptype = 1\n" + SPACE.replace("4 0 0 5", "4 0 0 5")))
    np.testing.assert_allclose(data.chargeability, [1.5, -0.25, 3])
    mixed = SPACE.replace("0 0 0 0 0 0 1", "IPTYPE=2\n0 0 0 0 0 0 1")
    data = formats.read(written("IPTYPE=1\n" + mixed))
    np.testing.assert_array_equal(data.chargeability, [1.5, -0.25, np.nan])
    assert "secondary potentials" in words(data, "warning")
    fails(written("IPTYPE=2\n" + SPACE), "line 3: secondary potentials only.*IPTYPE=1")


def test_numbers_alone_do_not_make_a_simple_file(written):
    path = written(SIMPLE.replace("! simple\n", ""))
    fails(path, "no format fits")
    assert len(formats.read(path, format="ubc-dcip2d")) == 3


def test_impossible_readings_are_kept_with_a_reason(written):
    text = "COMMON_CURRENT\n0 3 5\n1 2 1.5\n0 2 3\n1 2 1.5\n4 5 nan\n6 5\n"
    data = formats.read(written(text))
    assert data.valid.tolist() == [True, False, False, False, False]
    for reason, said in zip(data.reasons[1:], ("share a place", "the same as", "no resistance",
                                               "incomplete"), strict=True):  # fmt: skip
        assert said in reason


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GENERAL.replace("2\n1 10.1", "3\n1 10.1"), "source line of 5|line 7: electrode|row of"),
        (GENERAL.replace("10 1\n", "10 7\n"), "line 7: 7 receivers announced, 1 rows"),
        (GENERAL.replace("1.5 0.05", "1.5 0.05 9"), "line 5: row of 7 values where 5 or 6"),
        (GENERAL.replace("1.5 0.05", "x 0.05"), "line 5, column 5: 'x' is not a number"),
        (GENERAL.replace("! a line", "a line"), "line 2: 'a line over a hill' is neither"),
        (GENERAL.replace("COMMON_CURRENT", "IPTYPE=7"), "line 1: 'IPTYPE=7'"),
        (GENERAL.replace("0 10 3", "0 nan 3"), "line 4: electrode without a place"),
        ("COMMON_CURRENT\n0 3 1\n1 2\n", "places only.*locations"),
        ("COMMON_CURRENT\n2\n", "no sources"),
        ("COMMON_CURRENT\n! nothing\n", "no rows"),
        ("COMMON_CURRENT\n1 2 3 4 5 6 7 8\n", "first row of 8 values"),
    ],
)
def test_broken_files(written, text, message):
    fails(written(text), message, format="ubc-dcip2d")


def test_places_that_are_on_no_map_are_refused(written):
    text = SPACE.replace("5 0 -9", "5 1e60 -9")
    fails(written(text), "line 3: electrode at 5, 1e\\+60, -9 m.*units of places")


def test_broken_files_of_three_dimensions(written):
    fails(written("1 2 3\n"), "source line of 3 values", format="ubc-dcip3d")
    fails(written(SPACE.replace("-1 2\n", "-1 9\n", 1)), "9 receivers", format="ubc-dcip3d")


def turned(data):
    """Return readings as UBC writes them: only B and N at infinity."""
    abmn, r = data.survey.abmn.copy(), data.resistance.copy()
    for i, j in ((0, 1), (2, 3)):
        swap = (abmn[:, i] == REMOTE) & (abmn[:, j] != REMOTE)
        abmn[swap, i], abmn[swap, j] = abmn[swap, j], REMOTE
        r[swap] *= -1.0
    return Data(Survey(data.survey.electrodes, abmn), r, data.standard_deviation)


@given(surveys(spatial=False))
@settings(max_examples=40, deadline=None)
def test_round_trip_in_a_plane(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("ubc") / "line.dat"
    notes = formats.write(data, path, format="ubc-dcip2d")
    back = formats.read(path)
    assert back.origin.format == "ubc-dcip2d"
    the_same(back, turned(data))
    said = [note for note in notes if "no reading uses" not in note]
    assert bool(said) == bool((data.survey.abmn[:, [0, 2]] == REMOTE).any())


@given(surveys())
@settings(max_examples=40, deadline=None)
def test_round_trip_in_space(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("ubc") / "line.dat"
    formats.write(data, path, format="ubc-dcip3d")
    back = formats.read(path)
    assert back.origin.format == "ubc-dcip3d"
    the_same(back, turned(data))


def test_what_is_lost_is_said(tmp_path):
    survey = Survey(Electrodes(np.eye(4)[:, :3]), [[0, 1, 2, 3], [-1, 1, 2, 3]])
    data = Data(survey, np.ones(2), standard_deviation=np.array([0.1, np.nan]), phase=np.ones(2))
    with pytest.raises(Exception, match=r"y = 0.*ubc-dcip3d"):
        formats.write(data, tmp_path / "a.dat", format="ubc-dcip2d")
    said = " | ".join(formats.write(data, tmp_path / "a.dat", format="ubc-dcip3d"))
    assert "some readings have none" in said
    assert "sign of R turned" in said
    assert "phases" in said
