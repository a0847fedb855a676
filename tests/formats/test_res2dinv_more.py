"""Res2DInv: boreholes, arrays 9, 10 and 15, errors of IP, gates, and what is written."""

import numpy as np
import pytest
from hypothesis import given, settings

from ohmscape import formats
from ohmscape.core import REMOTE, Data, Electrodes, Gates, Survey, Terrain
from tests.formats.exchange import fails, places, surveys, words
from tests.formats.test_res2dinv import ERRORS, GENERAL, res2dinv

HOLES = [
    "Surface Electrodes", "3", "0 0", "5,0", "10 0", "Number of boreholes", "2",
    "Borehole 1 electrodes", "3", "0 1", "0 2", "0 3", "Borehole 2 electrodes", "3", "10 1",
    "10 2", "10 3", "Measured data",
]  # fmt: skip
CROSSED = ["4 0 1 10 1 0 2 10 2 -0.5", "3 0 1 0 2 10 2 0.25", "2 0 3 10 3 0.125"]


def crosshole(rows=CROSSED, code="13", holes=HOLES):
    text = res2dinv(rows, code, 2).split("\n")
    at = text.index(rows[0])
    return "\n".join([*text[:at], *holes, *text[at:]])


def test_resistances_between_boreholes(written):
    data = formats.read(written(crosshole()))
    assert data.origin.format == "res2dinv"
    assert data.resistance.tolist() == [-0.5, 0.25, 0.125]
    np.testing.assert_allclose(places(data)[0, :, [0, 2]].T,
                               [[0, -1], [10, -1], [0, -2], [10, -2]])  # fmt: skip
    assert (data.survey.abmn[2] == REMOTE).tolist() == [False, True, False, True]
    assert "2 boreholes with 9 electrodes listed" in words(data, "kept")
    assert "positive z: taken as depths" in words(data, "repaired")


def test_apparent_resistivities_between_boreholes_have_images_in_the_surface(written):
    data = formats.read(written(crosshole(["2 0 3 10 3 100"], "12")))
    inverse = (1 / 10 + 1 / np.hypot(10, 6)) / (4 * np.pi)
    np.testing.assert_allclose(data.resistance, 100 * inverse)
    # few electrodes in the holes, many on the ground: still boreholes
    surface = ["Surface electrodes", "40", *[f"{0.25 * i} 0" for i in range(40)]]
    rows = [f"2 {0.25 * i} 0 {0.25 * (i + 1)} 0 50" for i in range(39)]
    text = crosshole([*rows, "2 0 3 10 3 100"], "12", [*surface, *HOLES[5:]])
    data = formats.read(written(text))
    np.testing.assert_allclose(data.resistance[-1], 100 * inverse)
    np.testing.assert_allclose(data.resistance[0], 50 / (2 * np.pi * 0.25))
    negative = crosshole(["2 0 -3 10 -3 100"], "12", [h.replace("0 3", "0 -3") for h in HOLES])
    np.testing.assert_allclose(formats.read(written(negative)).resistance, 100 * inverse)


@pytest.mark.parametrize(
    ("holes", "message"),
    [
        (HOLES[:-1], "Measured data"), (HOLES[:5] + HOLES[-1:], "without lists"),
        ([*HOLES[:6], "3", *HOLES[7:]], "3 boreholes announced, 2 listed"),
        ([*HOLES[:8], "4", *HOLES[9:]], "not x z.*correct the number"),
        ([*HOLES[:9], "0", *HOLES[10:]], "not x z"),
        ([*HOLES[:8], "1e9", *HOLES[9:]], "1000000000"),
        (["Electrodes anywhere", *HOLES], "line 7: 'Electrodes anywhere' is not a list"),
    ],
)  # fmt: skip
def test_broken_lists_of_boreholes(written, holes, message):
    fails(written(crosshole(holes=holes)), message, format="res2dinv")


def test_places_that_are_not_listed_are_said(written):
    data = formats.read(written(crosshole(["4 0 1 10 1 0 2 10 2.5 -0.5", *CROSSED[1:]])))
    (remark,) = (r for r in data.report if "not listed" in r.what)
    assert remark.rows == (25,)


@pytest.mark.parametrize("code", ["9", "10", "15"])
@pytest.mark.parametrize("typed", [True, False])
def test_other_arrays_whose_rows_hold_their_electrodes(written, code, typed):
    rows = ["4 0 0 9 0 3 0 6 0 12.5", "3 0 0 3 0 6 0 -2.5"]
    codes = [code, "0", GENERAL[2], "1"] if typed else code
    data = formats.read(written(res2dinv(rows, codes, 1)))
    assert data.survey.abmn.tolist() == [[0, 3, 1, 2], [0, REMOTE, 1, 2]]
    if typed:
        assert data.resistance.tolist() == [12.5, -2.5]
    else:
        np.testing.assert_allclose(data.resistance[0], 12.5 / (6 * np.pi))  # by hand: k = 2 pi 3


def test_errors_of_ip(written):
    ip = ("Chargeability", "mV/V", "2 0.1 0.2 0.4 1 1", *ERRORS)
    data = formats.read(written(res2dinv(["0 1 100 2 8 5 0.5 0.25"], "1", ip=ip)))
    np.testing.assert_allclose(data.decay, [[8e-3, 5e-3]])
    np.testing.assert_allclose(data.decay_deviation, [[0.5e-3, 0.25e-3]])
    np.testing.assert_allclose(data.gates.start, [0.1, 0.3])
    np.testing.assert_allclose(data.gates.width, [0.2, 0.4])
    np.testing.assert_allclose(data.chargeability, [(8 * 0.2 + 5 * 0.4) / 0.6 * 1e-3])
    np.testing.assert_allclose(data.standard_deviation / data.resistance, 0.02)
    names = [c.name for c in data.origin.columns]
    assert names[-4:] == ["decay", "decay", "decay_deviation", "decay_deviation"]
    ip = ("Phase", "mrad", "0 1", *ERRORS)
    data = formats.read(written(res2dinv(["0 1 100 2 -8 0.5"], "1", ip=ip)))
    np.testing.assert_allclose(data.phase_deviation, [0.5e-3])
    ip = ("Chargeability", "mV/V", "0.1 1", *ERRORS)
    data = formats.read(written(res2dinv(["0 1 100 2 8 0"], "1", ip=ip)))
    assert np.isnan(data.chargeability_deviation).all()


def as_written(data):
    """Return places and resistances as a general array holds them."""
    abmn, r = data.survey.abmn.copy(), data.resistance.copy()
    for i, j in ((0, 1), (2, 3)):
        swap = (abmn[:, i] == REMOTE) & (abmn[:, j] != REMOTE)
        abmn[swap, i], abmn[swap, j] = abmn[swap, j], REMOTE
        r[swap] *= -1.0
    pole = (abmn[:, 1] != REMOTE) & (abmn[:, 3] == REMOTE)
    abmn[pole] = abmn[pole][:, [2, 3, 0, 1]]
    return places(Data(Survey(data.survey.electrodes, abmn), r)), r


@given(surveys(spatial=False, phase=True))
@settings(max_examples=60, deadline=None)
def test_round_trip(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("res2dinv") / "line.dat"
    notes = formats.write(data, path, format="res2dinv")
    back = formats.read(path, format="res2dinv")
    where, r = as_written(data)
    shift = next((float(n.split(", ")[1].split(" m")[0]) for n in notes if "highest" in n), 0.0)
    np.testing.assert_allclose(places(back), where - [0, 0, shift], atol=1e-6)
    np.testing.assert_array_equal(back.resistance, r)
    np.testing.assert_allclose(back.phase, data.phase, rtol=1e-12)
    if data.standard_deviation is not None:
        np.testing.assert_allclose(back.standard_deviation, data.standard_deviation, rtol=1e-12)


def hill(**more):
    x = np.arange(4.0)
    survey = Survey(Electrodes(np.column_stack([x, 0 * x, 100 + 0.1 * x])), [[0, 3, 1, 2]] * 2)
    return Data(survey, np.array([2.0, 3.0]), **more)


def test_decays_terrain_and_errors_come_back(tmp_path):
    points = np.array([[-5.0, 0, 99], [9, 0, 101]])
    data = hill(
        decay=np.array([[0.01, 0.005], [0.02, 0.01]]), gates=Gates(np.array([0.1, 0.3]),
        np.array([0.2, 0.4])), decay_deviation=np.full((2, 2), 1e-3), terrain=Terrain(points),
        standard_deviation=np.array([0.1, np.nan]),
    )  # fmt: skip
    said = formats.write(data, tmp_path / "a.dat", format="res2dinv")
    assert said == ("on and off times",)
    back = formats.read(tmp_path / "a.dat")
    np.testing.assert_allclose(back.decay, data.decay)
    np.testing.assert_allclose(back.decay_deviation, data.decay_deviation)
    np.testing.assert_allclose(back.gates.start, data.gates.start)
    np.testing.assert_allclose(back.gates.width, data.gates.width)
    np.testing.assert_allclose(back.standard_deviation, [0.1, np.nan])
    np.testing.assert_allclose(back.terrain.points, points)
    np.testing.assert_allclose(places(back), places(data))


def test_what_is_lost_is_said(tmp_path):
    data = hill(decay=np.ones((2, 2)), chargeability=np.array([0.01, 0.02]), phase=np.ones(2),
                chargeability_deviation=np.ones(2), time=np.ones(2))  # fmt: skip
    said = " | ".join(formats.write(data, tmp_path / "a.dat", format="res2dinv"))
    for text in ("gates are not known", "phases", "decays", "times of the readings",
                 "errors of the chargeabilities"):  # fmt: skip
        assert text in said
    np.testing.assert_allclose(formats.read(tmp_path / "a.dat").chargeability, [0.01, 0.02])
    across = Data(Survey(Electrodes(np.eye(4)[:, :3]), [[0, 1, 2, 3]]), np.ones(1))
    with pytest.raises(Exception, match=r"y = 0.*e4d"):
        formats.write(across, tmp_path / "b.dat", format="res2dinv")


def test_boreholes_above_the_datum_are_let_down_and_it_is_said(tmp_path):
    z = np.array([50.0, 49, 48, 47])
    survey = Survey(Electrodes(np.column_stack([np.zeros(4), 0 * z, z])), [[0, 3, 1, 2]])
    said = formats.write(Data(survey, np.ones(1)), tmp_path / "a.dat", format="res2dinv")
    assert "highest electrode, 50 m" in said[0]
    back = formats.read(tmp_path / "a.dat")
    np.testing.assert_allclose(places(back)[0, :, 2], [0, -3, -1, -2])
