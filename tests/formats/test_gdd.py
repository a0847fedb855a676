"""GDD receivers: what the layout says, and warnings for what it does not (no file is known)."""

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.core import REMOTE
from tests.formats.exchange import fails, places, words

NAMES = "Mem LineTx Tx1 Tx2 LineRx Rx1 Rx2 Array Vp(mV) Sp(mV) I(mA) Rho Stack M01 M02 M03 Strange"
ROWS = [
    "1 0 0 50 0 100 150 DP-DP -3.0 12 500 5.654867 10 8 4 2 9",
    "2 0 0 50 0 150 200 DP-DP -0.75 11 500 5.654867 10 9 5 3 9",
]


def gdd(rows, names=NAMES, config="Config: DP-DP 50 m", version="PPC 1.2 GRx8"):
    return "\n".join([version, "Project: pit", config, names, *rows]) + "\n"


def tabbed(text):
    head, rows = text.split("\nMem ", 1)
    return head + "\n" + ("Mem " + rows).replace(" ", "\t")


@pytest.mark.parametrize("how", [str, tabbed])
def test_dipole_dipole(written, how):
    data = formats.read(written(how(gdd(ROWS)), "line.gdd"))
    assert data.origin.format == "gdd"
    np.testing.assert_allclose(places(data)[0, :, 0], [0, 50, 100, 150])
    np.testing.assert_allclose(data.resistance, [-3 / 500, -0.75 / 500])
    np.testing.assert_allclose(data.self_potential, [0.012, 0.011])
    np.testing.assert_allclose(data.decay, [[8e-3, 4e-3, 2e-3], [9e-3, 5e-3, 3e-3]])
    assert data.gates is None
    assert data.stacks.tolist() == [10, 10]
    (check,) = (r for r in data.report if r.kind == "checked")  # k by hand: -pi 50 n (n+1) (n+2)
    assert check.count == 0
    assert "no real file" in words(data, "warning")
    assert "Rho in ohm*m, M01 in mv/v taken" in words(data, "warning")
    strange = next(c for c in data.origin.columns if c.token == "Strange")
    assert strange.name == ""


def test_poles_lines_and_directions(written):
    rows = [
        "1 L100N 0 * L200N 100W 150W P-DP -3 12 500 * 10 8 4 2 9",
        "2 L100S 0 * L200N 10E * P-P 3 12 500 * 10 8 4 2 9",
    ]
    data = formats.read(written(gdd(rows)))
    assert (data.survey.abmn == REMOTE).tolist() == [[False, True, False, False],
                                                     [False, True, False, True]]  # fmt: skip
    np.testing.assert_allclose(places(data)[0, [0, 2, 3], :2], [[0, 100], [-100, 200], [-150, 200]])
    np.testing.assert_allclose(places(data)[1, [0, 2], :2], [[0, -100], [10, 200]])
    whole = formats.read(written(gdd([ROWS[0].replace("DP-DP", "-").replace(" 50 ", " * ", 1)],
                                     config="P-DP 50 m")))  # fmt: skip
    assert whole.survey.abmn[0, 1] == REMOTE


def test_a_missing_station_is_no_pole_unless_the_array_says_so(written):
    rows = [ROWS[0], ROWS[1].replace(" 50 ", " * ", 1), ROWS[1].replace("500", "0")]
    data = formats.read(written(gdd(rows)))
    assert data.origin.rows.tolist() == [5, 7]
    assert "row without its electrodes" in words(data, "refused")
    assert "current is zero" in data.reasons[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (gdd([]), "no rows"),
        (gdd(ROWS, names=NAMES.replace("Tx1", "X")), "no line of channel names.*line 4"),
        (gdd(ROWS, names=NAMES.replace("(mA)", "(gallons)")), "column 11: unit of 'I.gallons"),
        (gdd([ROWS[0].replace("12", "q")]), "line 5, column 10: 'q' is not a number"),
        (gdd([ROWS[0].replace(" 100 ", " here ")]), "line 5, column 6: 'here' is no station"),
        (gdd([ROWS[0] + " 8 8"]), "line 5: row of 19 values, 17 channels"),
        (gdd([ROWS[0].replace(" 100 ", " * ")]), "no row has its electrodes"),
    ],
)
def test_broken_files(written, text, message):
    fails(written(text), message, format="gdd")
