"""Syscal-like tables: what is written comes back, and what cannot be is said."""

import numpy as np
from hypothesis import given, settings

from ohmscape import formats
from ohmscape.core import Data, Electrodes, Gates, Survey
from tests.formats.exchange import places, surveys

LINE = Survey(Electrodes([[0, 0], [1, 0], [2, 0], [3, 0]]), [[0, 3, 1, 2], [0, -1, 1, 2]])


@given(surveys())
@settings(max_examples=40, deadline=None)
def test_round_trip(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("syscal") / "line.csv"
    assert "no current" in formats.write(data, path, format="syscal-text")[0]
    back = formats.read(path)
    assert back.origin.format == "syscal-text"
    np.testing.assert_allclose(places(back), places(data), atol=1e-6)
    np.testing.assert_allclose(back.resistance, data.resistance, rtol=1e-12)
    if data.standard_deviation is not None:
        np.testing.assert_allclose(back.standard_deviation, data.standard_deviation, rtol=1e-9)
    for remark in back.report:
        assert remark.kind != "checked" or not remark.count, remark.what


def test_what_was_measured_comes_back(tmp_path):
    data = Data(
        LINE, np.array([2.0, 3.0]), current=np.array([0.05, 0.06]), voltage=np.array([0.1, 0.18]),
        chargeability=np.array([0.01, 0.02]), decay=np.array([[0.02, 0.01], [0.03, 0.02]]),
        gates=Gates(np.array([0.1, 0.3]), np.array([0.2, 0.4])), stacks=np.array([3.0, 4]),
        self_potential=np.array([-0.01, 0.02]), contact_resistance=np.array([1500.0, 900]),
        time=np.array([1.5e9, 1.5e9 + 9]), standard_deviation=np.array([0.1, np.nan]),
    )  # fmt: skip
    path = tmp_path / "line.csv"
    assert formats.write(data, path, format="syscal-text") == ()
    back = formats.read(path)
    for name in ("resistance", "current", "voltage", "chargeability", "decay", "stacks", "time",
                 "self_potential", "contact_resistance", "standard_deviation"):  # fmt: skip
        np.testing.assert_allclose(getattr(back, name), getattr(data, name), err_msg=name)
    np.testing.assert_allclose(back.gates.start, [0.1, 0.3])
    np.testing.assert_allclose(back.gates.width, [0.2, 0.4])
    np.testing.assert_allclose(back.apparent_resistivity, [4 * np.pi, 12 * np.pi])  # by hand


def test_what_is_lost_is_said(tmp_path):
    data = Data(
        LINE, np.array([2.0, 3.0]), current=np.array([0.05, 0.0]), voltage=np.array([0.2, 0.1]),
        decay=np.ones((2, 2)), gates=Gates(np.array([0.1, 0.9]), np.array([0.2, 0.4])),
        phase=np.ones(2), time=np.array([0.5, np.nan]),
    )  # fmt: skip
    said = " | ".join(formats.write(data, tmp_path / "a.csv", format="syscal-text"))
    for text in ("1 readings without a current", "voltages that are not R I", "phases",
                 "times of the gates", "parts of seconds"):  # fmt: skip
        assert text in said
    back = formats.read(tmp_path / "a.csv")
    np.testing.assert_allclose(back.resistance, [2, 3])
    assert back.gates is None
    np.testing.assert_allclose(back.decay, 1.0)
    long = Data(LINE, np.ones(2), decay=np.ones((2, 21)))
    assert any(
        "21 gates" in n for n in formats.write(long, tmp_path / "b.csv", format="syscal-text")
    )
