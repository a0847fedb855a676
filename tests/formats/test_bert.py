"""The BERT unified format: tokens, units, odd layouts, broken files."""

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.core import REMOTE
from ohmscape.errors import FormatError, OhmscapeError

POSITIONS = "6# Number of electrodes\n#x z\n0 0\n1 0\n2 0\n3 0\n4 0\n5 0\n"

#: the format's own example (resistivity.net, id=60): voltages, currents in mA, error in per cent
OFFICIAL = """6 # Number of electrodes
# x z
0     0
1     0
2     0 # loose ground
3     0
4     0
5     0
3 # Number of data
# a b m n U I/mA err/%
  1   2   3   4  -0.5305165 102.2 2.4
  2   3   4   5  -0.5305165 99.9  1.4
  1   2   4   5  -0.1326291 100.1 7.6
"""


def bert(rows, tokens="#a b m n r", positions=POSITIONS, tail=""):
    rows = [rows] if isinstance(rows, str) else rows
    return f"{positions}{len(rows)}\n{tokens}\n" + "\n".join(rows) + "\n" + tail


def words(data, kind):
    return " | ".join(r.what for r in data.report if r.kind == kind)


def test_official_example_with_units(written):
    data = formats.read(written(OFFICIAL))
    np.testing.assert_allclose(data.current, [0.1022, 0.0999, 0.1001])
    np.testing.assert_allclose(data.voltage, [-0.5305165, -0.5305165, -0.1326291])
    np.testing.assert_allclose(data.resistance, data.voltage / data.current)
    np.testing.assert_allclose(
        data.standard_deviation, np.abs(data.resistance) * [0.024, 0.014, 0.076]
    )
    assert data.valid.all()
    assert data.origin.rows.tolist() == [11, 12, 13]
    units = {c.name: (c.token, c.unit, c.index) for c in data.origin.columns}
    assert units["current"] == ("I/mA", "mA", 6)
    assert units["standard_deviation"] == ("err/%", "%", 7)


def test_remote_electrodes_are_zero_and_signs_of_integers_are_kept(written):
    data = formats.read(written(bert(["1 0 5 6 +5", "1 0 5 0 -3", "0 2 0 4 1D-3"])))
    expected = [[0, REMOTE, 4, 5], [0, REMOTE, 4, REMOTE], [REMOTE, 1, REMOTE, 3]]
    assert data.survey.abmn.tolist() == expected
    assert data.resistance.tolist() == [5.0, -3.0, 0.001]


def test_without_header_columns_are_abmn_rhoa_error(written):
    text = bert(["1 4 2 3 231.2 0.03", "1 2 3 4 231.2 0.04"], tokens="")
    data = formats.read(written(text))
    np.testing.assert_allclose(data.apparent_resistivity, 231.2)
    np.testing.assert_allclose(data.resistance, 231.2 / np.array([2, -6]) / np.pi)  # k by hand
    np.testing.assert_allclose(data.standard_deviation / np.abs(data.resistance), [0.03, 0.04])
    assert "default" in words(data, "warning")


@pytest.mark.parametrize(
    ("token", "cell", "field", "expected"),
    [
        ("R", "2.5", "resistance", 2.5),
        ("Z/mOhm", "2.5", "resistance", 0.0025),
        ("rho", "2.5", "resistance", 2.5),
        ("u/i", "2.5", "resistance", 2.5),
        ("rhoa", "12.566370614359172", "resistance", 2.0),
        ("Rho_a", "12.566370614359172", "resistance", 2.0),
        ("ra(Ohmm)", "12.566370614359172", "resistance", 2.0),
    ],
)
def test_value_tokens(written, token, cell, field, expected):
    data = formats.read(written(bert(f"1 4 2 3 {cell}", f"#C1 c2 P1 p2 {token}")))
    np.testing.assert_allclose(getattr(data, field), [expected])


@pytest.mark.parametrize(
    ("token", "cell", "field", "expected"),
    [
        ("err", "0.02", "standard_deviation", 0.08),
        ("Error/%", "2", "standard_deviation", 0.08),
        ("std/Ohm", "0.5", "standard_deviation", 0.5),
        ("ip", "3", "phase", 0.003),
        ("ip/mrad", "-3", "phase", -0.003),
        ("phi/rad", "0.01", "phase", 0.01),
        ("ip/\u00b0", "2", "phase", np.pi / 90),
        ("IP/deg", "2", "phase", np.pi / 90),
        ("ip/mV/V", "12", "chargeability", 0.012),
        ("ma", "12", "chargeability", 0.012),
        ("I/uA", "7", "current", 7e-6),
        ("i (mA)", "7", "current", 7e-3),
        ("U/mV", "7", "voltage", 7e-3),
        ("V/\u00b5V", "7", "voltage", 7e-6),
        ("sp/mV", "-7", "self_potential", -7e-3),
        ("k", "12.5", "geometric_factor", 12.5),
        ("stacks", "4", "stacks", 4.0),
    ],
)
def test_further_tokens(written, token, cell, field, expected):
    data = formats.read(written(bert(f"1 4 2 3 -4 {cell}", f"#a b m n R {token}")))
    np.testing.assert_allclose(getattr(data, field), [expected], rtol=1e-12)
    assert data.valid.all()


@pytest.mark.parametrize("token", ["ip/FE", "MF", "t", "ip/ms", "whatever"])
def test_columns_without_a_place_are_said_to_be_left(written, token):
    data = formats.read(written(bert("1 4 2 3 -4 9", f"#a b m n R {token}")))
    assert data.phase is None
    assert data.chargeability is None
    assert token in words(data, "warning")


def test_own_k_turns_rhoa_into_resistance_and_is_kept(written):
    data = formats.read(written(bert("1 4 2 3 30 15", "#a b m n rhoa k")))
    assert data.resistance.tolist() == [2.0]
    assert data.geometric_factor.tolist() == [15.0]
    assert "the file's k and that of flat ground agree in 0 of 1" in words(data, "checked")


def test_columns_of_zeros_are_not_measured(written):
    data = formats.read(written(bert("1 4 2 3 0 0 0 2", "#a b m n i u err r")))
    assert data.current is None
    assert data.standard_deviation is None
    assert data.valid.all()


def test_odd_layouts_give_the_same_data(written):
    plain = formats.read(written(OFFICIAL))
    crlf = OFFICIAL.replace("\n", "\r\n")
    tabs = OFFICIAL.replace("  ", "\t")
    spread = "\ufeff# made by hand\n\n" + OFFICIAL.replace("\n", "\n\n#  remark\n", 1)
    between = OFFICIAL.replace("  2   3   4   5", "# doubtful:\n\n  2   3   4   5")
    tailed = OFFICIAL + "0\n\n"
    for text in (crlf, tabs, spread, between, tailed):
        data = formats.read(written(text))
        np.testing.assert_array_equal(data.resistance, plain.resistance)
        np.testing.assert_array_equal(
            data.survey.electrodes.positions, plain.survey.electrodes.positions
        )


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("#x y z", "1 2 3", [1, 2, 3]),
        ("# x z", "1 3", [1, 0, 3]),
        ("#x/mm z/mm", "1000 -500", [1, 0, -0.5]),
        ("#x/cm y/m z/km", "100 2 0.003", [1, 2, 3]),
        ("", "1 2 3", [1, 2, 3]),
        ("", "1 3", [1, 0, 3]),
        ("#z is up", "1 3", [1, 0, 3]),
        ("#x", "1", [1, 0, 0]),
        ("#x label z", "1 7 3", [1, 0, 3]),
        ("#z y x", "1 2 3", [3, 2, 1]),
    ],
)
def test_position_headers(written, header, row, expected):
    other = " ".join("0" for _ in row.split())
    text = f"2# Number of sensors\n{header}\n{row}\n{other}\n1\n#a b m n r\n1 0 2 0 5\n"
    data = formats.read(written(text), format="bert")
    np.testing.assert_allclose(data.survey.electrodes.positions[0], expected)


def test_x_y_is_elevation_on_a_line_and_horizontal_on_a_ring(written):
    hill = "4\n#x y\n0 10\n1 10.5\n2 11\n3 10.6\n"
    data = formats.read(written(bert("1 4 2 3 5", positions=hill)))
    assert data.survey.electrodes.positions[:, 2].tolist() == [10, 10.5, 11, 10.6]
    assert "elevation" in words(data, "repaired")
    in_3d = hill.replace("#x y", "#x y z").replace("\n", " 0\n").replace("z 0", "z", 1)
    data = formats.read(written(bert("1 4 2 3 5", positions=in_3d[0] + in_3d[3:])))
    assert np.ptp(data.survey.electrodes.positions[:, 1]) == 1.0
    assert "name the columns x z" in words(data, "warning")
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ring = "12\n#x y\n" + "".join(f"{np.cos(t):.4f} {np.sin(t):.4f}\n" for t in angle)
    data = formats.read(written(bert("1 2 3 4 5", positions=ring)))
    assert np.ptp(data.survey.electrodes.positions[:, 2]) == 0.0
    assert np.ptp(data.survey.electrodes.positions[:, 1]) > 1.0
    assert "horizontal" in words(data, "warning")


def test_topography_after_the_readings_raises_electrodes_without_heights(written):
    text = bert("1 4 2 3 5", tail="3# topo\n#x z\n0 10\n2 14\n5 14\n")
    data = formats.read(written(text))
    assert data.survey.electrodes.positions[:, 2].tolist() == [10, 12, 14, 14, 14, 14]
    assert data.terrain.points[:, 2].tolist() == [10, 14, 14]


def test_flat_factor_uses_horizontal_distance_and_warns_on_topography(written):
    hill = POSITIONS.replace("2 0\n3 0", "2 3\n3 3")
    data = formats.read(written(bert("1 4 2 3 10", "#a b m n rhoa", hill)))
    np.testing.assert_allclose(data.resistance, 10 / (2 * np.pi))
    assert "not flat" in words(data, "warning")


def test_boreholes_use_true_distances_and_images(written):
    holes = "6\n#x z\n" + "".join(f"{x} {-z}\n" for x in (0, 3) for z in (1, 2, 3))
    data = formats.read(written(bert("1 4 2 5 10", "#a b m n rhoa", holes)))

    def g(p, q):
        (x, z), (u, w) = p, q
        return 1 / np.hypot(x - u, z - w) + 1 / np.hypot(x - u, z + w)

    a, b, m, n = (0, -1), (3, -1), (0, -2), (3, -2)
    k = 4 * np.pi / (g(a, m) - g(b, m) - g(a, n) + g(b, n))
    np.testing.assert_allclose(data.resistance, 10 / k)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1 2 3 4 0.1 0 0.5", "current is zero"),
        ("1 2 3 4 nan 1 0.5", "no resistance"),
        ("1 1 3 4 0.1 1 0.5", "A and B share a place"),
        ("1 2 3 3 0.1 1 0.5", "M and N share a place"),
        ("1 2 2 4 0.1 1 0.5", "B and M share a place"),
        ("0 0 3 4 0.1 1 0.5", "both current electrodes are remote"),
        ("1 4 3", "row"),
        ("1 2 3 4", "incomplete row"),
        ("1 2 3 4 0 1 0.5", "resistance is zero"),
        ("2 5 2 3 - 1 0.5", "share a place"),
        ("1 2 5 6 0.2 1 0.5", "the same as line 11 in every value"),
    ],
)
def test_impossible_rows_are_kept_with_a_reason(written, row, reason):
    text = bert(["1 2 5 6 0.2 1 0.5", row, "1 2 4 5 0.2 1 0.5"], "#a b m n r i err")
    data = formats.read(written(text))
    if row == "1 4 3":  # names no four electrodes: only in the report
        (refused,) = (r for r in data.report if r.kind == "refused")
        assert refused.rows == (12,)
        return
    assert data.valid.tolist() == [True, False, True]
    assert reason in data.reasons[1]
    assert "line 12" in data.reasons[1]


def test_array_without_signal_is_invalid(written):
    cross = "4\n#x y z\n-1 0 0\n1 0 0\n0 1 0\n0 -1 0\n"
    data = formats.read(written(bert(["1 2 3 4 5", "1 3 2 4 5"], positions=cross)))
    assert data.valid.tolist() == [False, True]
    assert "sees no signal" in data.reasons[0]


def test_rows_marked_as_not_valid_stay_so(written):
    text = bert(["1 2 3 4 5 1", "1 2 4 5 5 0"], "#a b m n r valid")
    data = formats.read(written(text))
    assert data.valid.tolist() == [True, False]
    assert "marked" in data.reasons[1]


def test_readings_measured_again_stay_valid(written):
    data = formats.read(written(bert(["1 2 3 4 5", "1 2 3 4 5.1", "1 2 3 4 5"])))
    assert data.valid.tolist() == [True, True, False]
    assert any("measured again" in r.what for r in data.report)


def test_a_scheme_without_values_is_read(written):
    data = formats.read(written(bert(["1 2 3 4", "1 2 4 5"], "#a b m n")))
    assert len(data) == 2
    assert not data.valid.any()


def test_cross_checks_name_the_exceptions(written):
    rows = ["1 4 2 3 1 0.5 2", "1 4 2 3 1 0.5 3"]
    data = formats.read(written(bert(rows, "#a b m n u i r")))
    (check,) = (r for r in data.report if r.kind == "checked")
    assert check.count == 1
    assert check.rows == (12,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (bert("1 2 3 9 5"), r"line 11, column 4: electrode 9 does not exist.*1 to 6"),
        (bert("1 2 3 -1 5"), r"line 11, column 4: electrode -1"),
        (bert("1 2 3 1.5 5"), r"line 11, column 4: electrode 1.5"),
        (bert("1 2 3 4 1,5"), r"line 11, column 5: '1,5' is not a number.*decimal comma"),
        (bert("1 2 3 4 5x"), r"line 11, column 5: '5x' is not a number"),
        (bert("1 2 3 4 1e400"), r"line 11, column 5: '1e400'"),
        (bert("1 2 3 4 1_0"), r"line 11, column 5: '1_0'"),
        (bert(["1 2 3 4 5", "1 2 3 4 5 6"]), r"line 12: row of 6 values, the header names 5"),
        (bert("1 2 3 4 5", "#a b m n r/furlong"), r"unit of column 'r/furlong'.*kohm"),
        (bert("1 2 3 4 5 5", "#a b m n r Z"), "names resistance twice"),
        (OFFICIAL.replace("3 # Num", "999999999 # Num"), r"line 9: 999999999 readings announced"),
        (OFFICIAL.replace("3 # Num", "4 # Num"), r"4 readings announced, the file holds 3: trunc"),
        (OFFICIAL.replace("3 # Num", "4 # Num") + "0\n", r"holds 3: truncated"),
        (OFFICIAL.replace("3 # Num", "2 # Num"), r"line 13: more readings than the count"),
        (OFFICIAL.replace("3 # Num", "-5 # Num"), r"line 9: -5 readings announced"),
        (OFFICIAL.replace("3 # Num", "1e400 # Num"), r"line 9: number of readings expected"),
        (OFFICIAL.replace("6 # Num", "5 # Num"), r"line 8: number of readings expected"),
        (OFFICIAL.replace("6 # Num", "7 # Num"), r"line 9: position of 1 values"),
        (OFFICIAL[:60], r"announced|ends before"),
        (OFFICIAL.replace("3     0", "3     nan"), r"line 6, column 2: position is no number"),
        (OFFICIAL.replace("3     0", "3     O"), r"line 6, column 2: 'O' is not a number"),
        (OFFICIAL.replace("# x z", "# x y z"), r"line 3: header names x y z, rows hold 2 values"),
        (OFFICIAL.replace("# x z", "# x/parsec z"), r"unit 'parsec' of x/parsec"),
        (POSITIONS, "ends before the number of readings"),
        (bert("nan nan nan nan 5"), "no row names its electrodes"),
        (OFFICIAL.replace("102.2", "10\x002.2"), "line 11: holds NUL|no format"),
    ],
)
def test_broken_files_say_where_and_how_to_mend(written, text, message):
    with pytest.raises(OhmscapeError, match=message) as caught:
        formats.read(written(text))
    assert isinstance(caught.value, FormatError)
    assert caught.value.mend


def test_every_row_that_contradicts_itself_is_listed(written):
    """2 pi a R is the rho_a of the file but in its first 40 rows: none of them is left out."""
    rows = [f"{i % 3 + 1} {i % 3 + 4} {i % 3 + 2} {i % 3 + 3} {i + 0.125} {k * (i + 0.125)}"
            for i, k in enumerate([7.0] * 40 + [2 * np.pi] * 60, 1)]  # fmt: skip
    data = formats.read(written(bert(rows, "#a b m n r rhoa")))
    (check,) = (r for r in data.report if r.kind == "checked")
    assert check.rows == tuple(data.origin.rows[:40].tolist())
    assert check.count == 40
