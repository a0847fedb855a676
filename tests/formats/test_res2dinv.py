"""Res2DInv text: every array code, both topography flags, error columns, separators, signs."""

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.core import REMOTE
from ohmscape.errors import FormatError

GENERAL = ["11", "0", "Type of measurement (0=app. resistivity,1=resistance)"]
ERRORS = ["Error estimate for data present", "Type of error estimate (0=same unit as data)", "0"]


def res2dinv(rows, code, location=0, *, ip=(), head=(), tail=("0", "0", "0"), spacing="1.0"):
    lines = ["A line", spacing, *([code] if isinstance(code, str) else code), *head]
    lines += [str(len(rows)), str(location), "1" if ip else "0", *ip, *rows, *tail]
    return "\n".join(lines) + "\n"


def places(data, i=0):
    """x of A, B, M, N of one reading; None where remote."""
    x = data.survey.electrodes.positions[:, 0]
    return [None if e == REMOTE else float(x[e]) for e in data.survey.abmn[i]]


def words(data, kind):
    return " | ".join(r.what for r in data.report if r.kind == kind)


@pytest.mark.parametrize(
    ("code", "row", "expected", "k"),
    [
        pytest.param("1", "3 2 100", [3, 9, 5, 7], 2 * np.pi * 2, id="Wenner"),
        pytest.param("2", "3 2 100", [3, None, 5, None], 2 * np.pi * 2, id="pole-pole"),
        pytest.param("3", "3 2 4 100", [5, 3, 13, 15], np.pi * 4 * 5 * 6 * 2, id="dipole-dipole"),
        pytest.param("4", "3 2 100", [5, 3, 7, 9], 6 * np.pi * 2, id="Wenner beta"),
        pytest.param("5", "3 2 100", [3, 7, 5, 9], 3 * np.pi * 2, id="Wenner gamma"),
        pytest.param("6", "3 2 4 100", [3, None, 11, 13], 2 * np.pi * 4 * 5 * 2, id="pole-dipole"),
        pytest.param("6", "3 2 -4 100", [13, None, 5, 3], 2 * np.pi * 4 * 5 * 2, id="reverse"),
        pytest.param("7", "3 2 4 100", [3, 21, 11, 13], np.pi * 4 * 5 * 2, id="Schlumberger"),
        pytest.param("7", "3 2 1.5 100", [3, 11, 6, 8], np.pi * 1.5 * 2.5 * 2, id="n not whole"),
    ],
)  # fmt: skip
def test_index_arrays(written, code, row, expected, k):
    data = formats.read(written(res2dinv([row], code)))
    assert places(data) == expected
    np.testing.assert_allclose(data.resistance, 100 / k)
    np.testing.assert_allclose(data.apparent_resistivity, 100)
    assert data.valid.all()


def test_equatorial_dipole_dipole_has_its_breadth_before_the_count(written):
    data = formats.read(written(res2dinv(["3 4 100"], "8", head=["3.0"])))
    a, b, m, n = data.survey.electrodes.positions[data.survey.abmn[0]]
    assert [p.tolist() for p in (a, b, m, n)] == [[3, 0, 0], [3, 3, 0], [7, 0, 0], [7, 3, 0]]
    np.testing.assert_allclose(data.resistance, 100 / (np.pi / (1 / 4 - 1 / 5)))


@pytest.mark.parametrize(
    ("code", "row", "first"),
    [("1", "6 2 9", 3), ("2", "4 2 9", 3), ("3", "9 2 4 9", 3), ("7", "12 2 4 9", 3)],
)
def test_x_of_the_middle(written, code, row, first):
    data = formats.read(written(res2dinv([row], code, 1)))
    assert min(x for x in places(data) if x is not None) == first


@pytest.mark.parametrize("way", ["middle", "P1"])
def test_middle_of_pole_dipole_is_where_electrodes_stand_on_the_grid(written, way):
    rows = []
    for n in (1, 2, 3):
        for first in (0, 1, 2):
            x = first + 0.5 * (n + 1) if way == "middle" else first + n
            rows.append(f"{x} 1 {n} 50")
    rows = rows if way == "P1" else [*rows, "0.5 0.5 1 50"][:-1]
    data = formats.read(written(res2dinv(rows, "6", 1)))
    assert places(data, 0) == [0, None, 1, 2]
    assert "mid-point" in words(data, "warning")


def test_general_array_of_four_three_and_two_electrodes(written):
    rows = ["4 0 0 9 0 3 0 6 0 12.5", "3 0 0 3 0 6 0 -2.5", "2 0 0 3 0 7"]
    data = formats.read(written(res2dinv(rows, GENERAL, 1, head=["1"])))
    assert [places(data, i) for i in range(3)] == [
        [0, 9, 3, 6], [0, None, 3, 6], [0, None, 3, None],
    ]  # fmt: skip
    assert data.resistance.tolist() == [12.5, -2.5, 7.0]
    assert data.apparent_resistivity is None


def test_general_array_without_the_text_line_still_says_resistance(written):
    rows = ["4 0 0 9 0 3 0 6 0 12.5"]
    data = formats.read(written(res2dinv(rows, ["11", "0", "1"], 1)))
    assert data.resistance.tolist() == [12.5]


def test_separators_may_be_mixed_in_a_row_and_comments_begin_with_a_semicolon(written):
    text = res2dinv(["0,63,1,0.8277", "7\t42 , -1, 5.766", " 7 42\t1,+1e1 ; good"], "6")
    data = formats.read(written("; by hand\n" + text.replace("\n0\n0\n", "\n; x\n0\n\n0\n", 1)))
    assert data.apparent_resistivity.tolist() == [0.8277, 5.766, 10.0]
    assert (data.survey.abmn[:, 0] > data.survey.abmn[:, 2]).tolist() == [False, True, False]


def test_ip_columns(written):
    ip = ("Chargeability", "mV/V", "0.12,1.0")
    data = formats.read(written(res2dinv(["0 1 100 12.5"], "1", ip=ip)))
    np.testing.assert_allclose(data.chargeability, [0.0125])
    ip = ("Phase Angle", "mrad", "0,90")
    data = formats.read(written(res2dinv(["0 1 100 -12.5"], "1", ip=ip)))
    np.testing.assert_allclose(data.phase, [-0.0125])
    ip = ("Chargeability", "msec", "0.1,2.0")
    data = formats.read(written(res2dinv(["0 1 100 20"], "1", ip=ip)))
    np.testing.assert_allclose(data.chargeability, [0.010])  # 20 ms over 2 s
    ip = ("Metal Factor", "MF", "0,1")
    data = formats.read(written(res2dinv(["0 1 100 20"], "1", ip=ip)))
    assert data.chargeability is None
    assert "Metal Factor" in words(data, "warning")


def test_spectral_ip_gates(written):
    ip = ("Chargeability", "mV/V", "3 0.01 0.02 0.04 0.08 1 1")
    data = formats.read(written(res2dinv(["0 1 100 8 4 2"], "1", ip=ip)))
    np.testing.assert_allclose(data.decay, [[0.008, 0.004, 0.002]])
    np.testing.assert_allclose(data.gates.start, [0.01, 0.03, 0.07])
    np.testing.assert_allclose(data.gates.width, [0.02, 0.04, 0.08])
    np.testing.assert_allclose(data.chargeability, [(8 * 2 + 4 * 4 + 2 * 8) / 14e3])


def test_error_columns_in_the_unit_of_the_data(written):
    row = "\n0 1 -100 5"
    text = res2dinv(["0 1 -100 5"], "1").replace(row, "\n".join(["", *ERRORS]) + row)
    data = formats.read(written(text))
    np.testing.assert_allclose(data.standard_deviation / np.abs(data.resistance), [0.05])
    ip = ("Chargeability", "mV/V", "0.1,1.0", *ERRORS)
    row = "4 0 0 3 0 1 0 2 0 2.5 0.1 8 1"
    data = formats.read(written(res2dinv([row], GENERAL, 1, head=["1"], ip=ip)))
    np.testing.assert_allclose(data.standard_deviation, [0.1])
    np.testing.assert_allclose(data.chargeability, [0.008])


def test_remote_electrodes_that_are_stated_are_electrodes(written):
    def text(kind):
        head = ["Remote electrodes included", "C2 remote electrode X, Y and Z location",
                "-25.0,10.0,0.0", "P2 remote electrode X, Y and Z location", "60,0,0",
                kind]  # fmt: skip
        return res2dinv(["0 1 10.13", "1 1 10.18"], "2", head=head)

    exact = formats.read(written(text("Exact Geometric factor used")))
    assert len(exact.survey.electrodes) == 5
    assert (exact.survey.abmn >= 0).all()
    b, n = exact.survey.electrodes.positions[exact.survey.abmn[0, [1, 3]]]
    assert b.tolist() == [-25, 10, 0]
    assert n.tolist() == [60, 0, 0]
    far = 1 - 1 / np.hypot(26, 10) - 1 / 60 + 1 / np.hypot(85, 10)
    np.testing.assert_allclose(exact.resistance[0], 10.13 * far / (2 * np.pi))
    rough = formats.read(written(text("Approximate geometric factor used")))
    np.testing.assert_allclose(rough.resistance[0], 10.13 / (2 * np.pi))


@pytest.mark.parametrize("word", [(), ("Topography",), ("Topography in separate list",)])
def test_topography_at_true_horizontal_distances(written, word):
    tail = (*word, "1", "3", "0 10", "4,13", "6\t13", "1", "0", "0")
    data = formats.read(written(res2dinv(["0 2 100"], "1", tail=tail)))
    places = data.survey.electrodes.positions
    np.testing.assert_allclose(places[:, 0], [0, 2, 4, 6])
    np.testing.assert_allclose(places[:, 2], [10, 11.5, 13, 13])
    np.testing.assert_allclose(data.resistance, 100 / (2 * np.pi * 2))  # along the tape
    assert "not flat" in words(data, "warning")


def test_topography_at_distances_along_the_ground(written):
    tail = ("2", "3", "0 10", "5 13", "6 13", "1", "0")  # a slope of 3, 4, 5
    data = formats.read(written(res2dinv(["0 2 100", "1 2 90"], "1", tail=tail)))
    places = data.survey.electrodes.positions
    s = np.array([0, 1, 2, 3, 4, 5, 6, 7])
    np.testing.assert_allclose(places[:, 0], np.where(s <= 5, 0.8 * s, s - 1))
    np.testing.assert_allclose(places[:, 2], 10 + np.where(s <= 5, 0.6 * s, 3))
    np.testing.assert_allclose(data.terrain.points[:, 0], [0, 4, 5])
    assert "outside the topography" in words(data, "warning")


def test_heights_in_the_rows_of_a_general_array(written):
    rows = ["4 0 10 5 13 10 13 15 13 20"]
    along = formats.read(written(res2dinv(rows, GENERAL, 2, head=["1"])))
    np.testing.assert_allclose(along.survey.electrodes.positions[:, 0], [0, 4, 9, 14])
    true = formats.read(written(res2dinv(rows, GENERAL, 1, head=["1"])))
    np.testing.assert_allclose(true.survey.electrodes.positions[:, 0], [0, 5, 10, 15])
    np.testing.assert_allclose(true.survey.electrodes.positions[:, 2], [10, 13, 13, 13])


def test_incomplete_and_impossible_rows(written):
    rows = ["0 1 100", "1 1", "2", "3 0 50", "4 1 60", "4 1 60", "5 1 nan"]
    data = formats.read(written(res2dinv(rows, "1")))
    assert data.valid.tolist() == [True, False, False, True, False, False]
    assert "incomplete" in data.reasons[1]
    assert "share a place" in data.reasons[2]
    assert "the same as line 11" in data.reasons[4]
    assert data.origin.rows.tolist() == [7, 8, 10, 11, 12, 13]
    (refused,) = (r for r in data.report if r.kind == "refused")
    assert refused.rows == (9,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (res2dinv(["0 1 9"], "12"), r"line 7: cross-borehole data without lists.*general array"),
        (res2dinv(["0 1 9"], "15"), r"line 7: array code 15 \(gradient\).*no document.*general"),
        (res2dinv(["0 1 2 9"], "9"), r"array code 9 \(non-conventional\).*general array"),
        (res2dinv(["4 1 2 9"], "10"), r"array code 10 \(offset pole-dipole\).*general array"),
        (res2dinv(["0 1 9"], "14"), "array code 14 is not one of Res2DInv's"),
        (res2dinv(["0 1 9"], "1", spacing="3,0"), "several numbers.*comma"),
        (res2dinv(["0 1 9"], "1", spacing="-3"), "not positive"),
        (res2dinv(["0 1 9"], "1", 3), r"x-location cannot be '3'.*0, 1, 2"),
        (res2dinv(["0 1 9 8"], "1"), "row of 4 values where 3 belong.*IP flag"),
        (res2dinv(["0,00 1,00 9,50"], "1"), "row of 6 values.*decimal comma"),
        (res2dinv(["0 1 9", "0 1 q"], "1"), r"line 8, column 3: 'q' is not a number"),
        (res2dinv(["0 -1 9"], "1"), "line 7: negative spacing"),
        (res2dinv(["0 1 -2 9"], "3"), "line 7: negative.*only pole-dipole"),
        (res2dinv(["0 1 9"] * 3, "1").replace("\n3\n", "\n5\n"), "5 readings announced.*holds 3"),
        (res2dinv(["0 1 9"] * 3, "1").replace("\n3\n", "\n2\n"), "line 9: more readings than"),
        (res2dinv(["0 1 9"], "1").replace("1\n1\n0", "1\n999999999\n0"), "999999999 readings"),
        (res2dinv(["0 1 9"], "1").replace("1\n1\n0", "1\n-5\n0"), "-5 readings"),
        (res2dinv(["0 1 9"], "1").replace("1\n1\n0", "1\n1e400\n0"), "number of readings expected"),
        (res2dinv(["5 0 0 1 0 9"], GENERAL, head=["0"]), "begins with 5 instead of 2, 3 or 4"),
        (res2dinv(["0 1 9"], "1", tail=("2", "2", "0 0", "1 5")), "rises more.*flag to 1"),
        (res2dinv(["0 1 9"], "1", tail=("1", "3", "0 0", "1 5")), "3 topography points announced"),
        (res2dinv(["0 1 9"], "1", tail=("1", "1", "0 0", "1 5")), "unexpected row '1 5'"),
        (res2dinv(["0 1 9"], "1", tail=("7",)), "topography flag cannot be '7'"),
        (res2dinv(["0 1 9 2"], "1", ip=("M", "mV/V", "9 0.1 1 1")), "windows are not 'N delay"),
        (res2dinv(["0 1 9"], "1")[:14], "ends before"),
    ],
)
def test_broken_files_say_where_and_how_to_mend(written, text, message):
    with pytest.raises(FormatError, match=message) as caught:
        formats.read(written(text), format="res2dinv")
    assert caught.value.mend
