"""What is written as BERT comes back the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmscape import formats
from ohmscape.core import Data, Electrodes, Survey, Terrain
from ohmscape.errors import FormatError

finite = st.floats(-1e6, 1e6).filter(lambda v: abs(v) > 1e-6)
positive = st.floats(1e-6, 1e3)


@st.composite
def surveys(draw):
    n = draw(st.integers(4, 12))
    places = draw(st.lists(st.tuples(finite, finite, finite), min_size=n, max_size=n, unique=True))
    rows = draw(
        st.lists(
            st.permutations(range(-1, n)).map(lambda p: p[:4]).filter(lambda p: p.count(-1) < 2),
            min_size=1, max_size=20, unique_by=tuple,
        )
    )  # fmt: skip
    resistance = draw(st.lists(finite, min_size=len(rows), max_size=len(rows)))
    error = draw(st.lists(positive, min_size=len(rows), max_size=len(rows)))
    flat = draw(st.booleans())
    positions = np.array(places) * [1.0, 0.0 if flat else 1.0, 1.0]
    return Data(
        Survey(Electrodes(positions), np.array(rows)),
        np.array(resistance),
        standard_deviation=np.array(error),
        current=np.array(error) / 7.0,
        phase=np.array(resistance) * 1e-7,
    )


@given(surveys())
@settings(max_examples=60, deadline=None)
def test_round_trip(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bert") / "line.dat"
    formats.write_bert(data, path)
    back = formats.read(path)
    np.testing.assert_array_equal(
        back.survey.electrodes.positions, data.survey.electrodes.positions
    )
    np.testing.assert_array_equal(back.survey.abmn, data.survey.abmn)
    np.testing.assert_array_equal(back.resistance, data.resistance)
    np.testing.assert_allclose(back.standard_deviation, data.standard_deviation, rtol=1e-14)
    np.testing.assert_array_equal(back.current, data.current)
    np.testing.assert_allclose(back.phase, data.phase, rtol=1e-14)
    formats.write_bert(back, path)
    again = formats.read(path)
    np.testing.assert_array_equal(again.resistance, back.resistance)


def hill(**more):
    x = np.arange(5.0)
    positions = np.column_stack([x, 0 * x, 100 + 0.1 * x])
    survey = Survey(Electrodes(positions), [[0, 1, 2, 3], [1, 2, 3, 4]])
    return Data(survey, np.array([1.5, np.nan]), **more)


def test_missing_values_invalid_rows_and_terrain_come_back(tmp_path):
    points = np.array([[-5.0, 0.0, 99.0], [9.0, 0.0, 101.0]])
    data = hill(standard_deviation=np.array([0.1, np.nan]), terrain=Terrain(points))
    formats.write_bert(data, tmp_path / "hill.ohm")
    back = formats.read(tmp_path / "hill.ohm")
    assert back.valid.tolist() == [True, False]
    assert np.isnan(back.resistance[1])
    assert np.isnan(back.standard_deviation[1])
    np.testing.assert_array_equal(back.terrain.points, points)
    np.testing.assert_array_equal(
        back.survey.electrodes.positions, data.survey.electrodes.positions
    )


def test_writing_leaves_nothing_half_written(tmp_path):
    target = tmp_path / "line.dat"
    target.write_text("old")
    formats.write_bert(hill(), target)
    assert target.read_text().startswith("5# Number of electrodes")
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(FormatError, match="cannot be written"):
        formats.write_bert(hill(), tmp_path / "no" / "folder" / "line.dat")
