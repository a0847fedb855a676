"""Res3DInv text: general and grid form, as its layout says (no public file is known)."""

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.core import REMOTE
from tests.formats.exchange import fails, places, words

TYPE = "Type of measurement (0=app. resistivity,1=resistance)"


def res3dinv(rows, code=("11", "0", TYPE, "1"), grid=("7", "4", "1.0", "2.0"), tail=("0", "0")):
    return "\n".join(["A grid", *grid, *code, str(len(rows)), *rows, *tail]) + "\n"


ROWS = ["4 0 0 3 0 1 0 2 0 12.5", "3 0 2 1 2 2 2 -2.5", "2 0 4,3 4 7"]


@pytest.mark.parametrize("grid", [("7", "4", "1.0", "2.0"), ("7 4", "1.0 2.0"), ("7,4", "1", "2")])
def test_general_arrays(written, grid):
    data = formats.read(written(res3dinv(ROWS, grid=grid)))
    assert data.origin.format == "res3dinv"
    assert data.resistance.tolist() == [12.5, -2.5, 7.0]
    np.testing.assert_allclose(places(data)[0, :, :2], [[0, 0], [3, 0], [1, 0], [2, 0]])
    np.testing.assert_allclose(places(data)[2, [0, 2], :2], [[0, 4], [3, 4]])
    assert (data.survey.abmn[1] == REMOTE).tolist() == [False, True, False, False]
    assert data.valid.all()
    assert "no real file" in words(data, "warning")
    assert "not on the grid" not in words(data, "warning")


@pytest.mark.parametrize(
    ("code", "row", "where", "k"),
    [
        ("2", "0 0 3 4 10", [[0, 0], None, [3, 4], None], 2 * np.pi * 5),
        ("6", "0 0 1 0 2 0 10", [[0, 0], None, [1, 0], [2, 0]], 2 * np.pi * 2),
        ("1", "0 0 3 0 1 0 2 0 10", [[0, 0], [3, 0], [1, 0], [2, 0]], 2 * np.pi),
    ],
)
def test_grid_form_has_apparent_resistivities(written, code, row, where, k):
    data = formats.read(written(res3dinv([row], (code,))))
    for i, place in enumerate(where):
        found = places(data)[0, i, :2]
        assert np.isnan(found).all() if place is None else found.tolist() == place
    np.testing.assert_allclose(data.resistance, 10 / k)


def test_a_second_value_is_not_guessed(written):
    data = formats.read(written(res3dinv([row + " 0.5" for row in ROWS])))
    assert data.standard_deviation is None
    assert "does not say what it is" in words(data, "warning")


def test_places_off_the_grid_are_said(written):
    data = formats.read(written(res3dinv(["4 0 0 3.5 0 1 0 20 0 12.5"])))
    assert "not on the grid" in words(data, "warning")
    assert "span 21 x 1" in words(data, "warning")


def test_impossible_readings_are_kept_with_a_reason(written):
    rows = [*ROWS, "4 0 0 3 0 0 0 2 0 5", "4 0 0 3 0 1 0 2 0 nan", ROWS[0], "4 0 0 3 0 1 0 2 0"]
    data = formats.read(written(res3dinv(rows)))
    assert data.valid.tolist() == [True, True, True, False, False, False, False]
    for reason, said in zip(data.reasons[3:], ("share a place", "no resistance", "the same as",
                                               "incomplete"), strict=True):  # fmt: skip
        assert said in reason


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (res3dinv(ROWS, grid=("x", "4", "1", "1")), "numbers of electrodes along x and y expected"),
        (res3dinv(ROWS, grid=("0", "4", "1", "1")), "grid of 0 x 4"),
        (res3dinv(ROWS, grid=("7", "4", "-1", "1")), "spacing is not positive"),
        (res3dinv(ROWS, ("14",)), "array code 14.*11"),
        (res3dinv(ROWS).replace("\n3\n4 0", "\n9\n4 0"), "9 readings announced"),
        (res3dinv(ROWS).replace("\n3\n4 0", "\n2\n4 0"), "more readings than the count"),
        (res3dinv(["5 0 0 3 0 1 0 2 0 9"]), "line 11: row begins with 5"),
        (res3dinv(["4 0 0 0 3 0 0 1 0 0 2 0 0 9"]), "line 11: row of 14 values.*z"),
        (res3dinv(["4 0 0 3 0 1 0 2 0 q"]), "line 11, column 10: 'q'"),
        (res3dinv(ROWS, tail=("Topography", "2", "0 0 1 1")), "topography is in no document.*0"),
        (res3dinv(["4 nan 0 3 0 1 0 2 0 9"]), "no row has its electrodes"),
    ],
)
def test_broken_files(written, text, message):
    fails(written(text), message, format="res3dinv")


def test_two_dimensional_files_are_not_claimed(field_data):
    for path in sorted((field_data / "res2dinv").iterdir()):
        assert formats.inspect(path)[0][0].name == "res2dinv"
