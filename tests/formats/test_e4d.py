"""E4D survey files: positions and flags, readings with errors, remote electrodes."""

import numpy as np
import pytest
from hypothesis import given, settings

from ohmscape import formats
from ohmscape.core import REMOTE, Data, Electrodes, Survey
from tests.formats.exchange import fails, surveys, the_same, words

PLACES = ["1 0 0 0 1", "2 1 0 0 1", "3 2 0 0 1", "4 3 0 -2.5 0"]


def srv(rows, places=PLACES, *, blank=("",)):
    return "\n".join([str(len(places)), *places, *blank, str(len(rows)), *rows]) + "\n"


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "last"), [("baseline", 254.44), ("sig_2", 254.13),
                                            ("sig_5", 254.31)])  # fmt: skip
def test_public_samples(field_data, name, last):
    data = formats.read(field_data / f"e4d/{name}.sig.srv")
    assert (data.origin.format, len(data.survey.electrodes), len(data)) == ("e4d", 48, 2070)
    assert data.valid.all()
    assert data.survey.abmn[-1].tolist() == [30, 46, 31, 47]
    assert data.resistance[-1] == last
    assert data.origin.rows[[0, -1]].tolist() == [52, 2121]
    assert not data.survey.electrodes.buried.any()
    part = data.standard_deviation - 0.05 * np.abs(data.resistance)
    np.testing.assert_allclose(part, 0.01, atol=2e-3)  # 5 per cent and 10 mOhm


def test_places_flags_values_and_errors(written):
    data = formats.read(written(srv(["1 1 4 2 3 -1.5E1 0.25", "2 1 0 2 3 3 0"]), "a.srv"))
    assert data.origin.format == "e4d"
    assert data.survey.electrodes.buried.tolist() == [False, False, False, True]
    np.testing.assert_allclose(data.survey.electrodes.positions[3], [3, 0, -2.5])
    assert data.survey.abmn.tolist() == [[0, 3, 1, 2], [0, REMOTE, 1, 2]]
    assert data.resistance.tolist() == [-15, 3]
    np.testing.assert_array_equal(data.standard_deviation, [0.25, np.nan])
    names = {c.name: c.index for c in data.origin.columns}
    assert (names["a"], names["resistance"], names["standard_deviation"]) == (2, 6, 7)


def test_errors_may_be_missing_and_other_columns_are_not_used(written):
    data = formats.read(written(srv(["1 1 4 2 3 15"])))
    assert data.standard_deviation is None
    data = formats.read(written(srv(["1 1 4 2 3 15 0.1 -0.02 0.001"])))
    assert "2 values after the error" in words(data, "warning")


def test_impossible_readings_are_kept_with_a_reason(written):
    rows = ["1 1 4 2 3 15 1", "2 1 4 1 3 5 1", "3 2 4 1 3 nan 1", "4 1 4 2 3 15 1", "5 1 4 3 2 9"]
    data = formats.read(written(srv(rows)))
    assert data.valid.tolist() == [True, False, False, False, False]
    for reason, said in zip(data.reasons[1:], ("share a place", "no resistance", "the same as",
                                               "incomplete"), strict=True):  # fmt: skip
        assert said in reason


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (srv(["1 1 4 2 5 15 1"]), "line 8, column 5: electrode 5 does not exist.*1 to 4"),
        (srv(["1 1 4 2 -1 15 1"]), "electrode -1 does not exist"),
        (srv(["1 1 4 2 3 q 1"]), "line 8, column 6: 'q' is not a number"),
        (srv(["1 1 4 2 3 15 1"])[:30], "number of readings expected|announced"),
        (
            srv(["1 1 4 2 3 1 1"] * 2).replace("\n2\n1 1", "\n9\n1 1"),
            "9 readings announced, 2",
        ),
        (srv(["1 1 4 2 3 1 1"] * 3).replace("\n3\n1 1", "\n2\n1 1"), "line 10: unexpected '1 1 4"),
        (srv(["1 1 4 2 3 1 1"], PLACES[1:]), "not numbered"),
        (srv(["1 1 4 2 3 1 1"], [*PLACES[:3], "4 nan 0 0 1"]), "line 5: electrode without a place"),
        (srv(["1 1 4 2 3 1 1"], [*PLACES[:3], "4 0 0 1"]), "line 5: row of 4 values"),
        (srv(["1 nan 4 2 3 1 1"]), "no row names its electrodes"),
        ("4\n" + "1 0 0 0 1\n" * 3, "4 electrodes announced, 3 lines"),
    ],
)
def test_broken_files(written, text, message):
    fails(written(text), message, format="e4d")


@given(surveys())
@settings(max_examples=40, deadline=None)
def test_round_trip(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("e4d") / "line.srv"
    assert formats.write(data, path, format="e4d") == ()
    back = formats.read(path)
    assert back.origin.format == "e4d"
    the_same(back, data)
    np.testing.assert_array_equal(back.survey.abmn, data.survey.abmn)


def test_what_is_lost_is_said(tmp_path):
    electrodes = Electrodes(np.eye(4)[:, :3], labels="abcd", buried=[True, False, False, False])
    data = Data(Survey(electrodes, [[0, 1, 2, 3]]), np.ones(1), phase=np.ones(1), time=np.ones(1))
    said = formats.write(data, tmp_path / "a.srv", format="e4d")
    assert said == ("phases", "times of the readings", "labels of the electrodes")
    back = formats.read(tmp_path / "a.srv")
    assert back.survey.electrodes.buried.tolist() == [True, False, False, False]
    dead = data.without(np.ones(1, dtype=bool), "bad")
    with pytest.raises(Exception, match="no valid reading"):
        formats.write(dead, tmp_path / "b.srv", format="e4d")
